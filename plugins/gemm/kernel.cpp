// Launches of 16-bit and float32 matrix products (kernels/gemm): which runs at which M is
// choose.cpp's, here it is written down.
#include <algorithm>
#include <variant>

#include <kdex/kernel_authoring.h>

#include "choose.h"
#include "gemm.h"

namespace kdex_gemm {
namespace sdk = kdex::sdk;
using kdex::Expr;

namespace {

const Expr M = kdex::axis("M"), N = kdex::axis("N"), K = kdex::axis("K"), sms = kdex::device_sms();

/// Adds launches of one product to a plan.
class Planner {
 public:
  Planner(kdex::KernelPlan& plan, const Product& product, const kdex::Chip& chip)
      : plan_(plan), x_(product), chip_(chip), problem_{product.n, product.k, product.b_mn_major} {
    if (!single()) common_.emplace_back("KDEX_DTYPE", *sdk::dtype_constant(x_.dtype));
    common_.insert(common_.end(), {{"N", sdk::text(x_.n)},
                                   {"K", sdk::text(x_.k)},
                                   {"B_MN_MAJOR", x_.b_mn_major ? "1" : "0"}});
  }

  bool single() const { return x_.dtype == "float32"; }
  /// Rows that TMA takes: whole numbers of 16 bytes; C's are stored by TMA in tma() alone.
  bool tma_reads() const {
    return chip_.is_hopper() && x_.k % 8 == 0 && (x_.n % 8 == 0 || !x_.b_mn_major);
  }

  /// Few rows: B is read once by warps of one column each (float32 of up to 16 columns: by CTAs of
  /// all), or where it is [K, N] by CTAs of up to 32 columns.
  void gemv(std::int64_t block_m, const kdex::BoolExpr& when) {
    std::int64_t width = single() && x_.n <= 16 ? 16 : 8;
    sdk::Constants constants = {{"BLOCK_M", sdk::text(block_m)}, {"FLOAT32", single() ? "1" : "0"}};
    if (x_.b_mn_major) {
      for (width = 1; width < std::min<std::int64_t>(x_.n, 32);) width *= 2;
      constants.emplace_back("BLOCK_N", sdk::text(width));
    }
    auto& l = launch("gemm/gemv.cu", "gemm_gemv", constants, when);
    l.grid = {ceil_div(N, width), ceil_div(M, block_m), 1};
    l.block = 256;
    l.arguments = operands();
    l.arguments.push_back(sdk::int_argument(M));
  }

  /// mma.sync over a ring of asynchronous copies.
  void tiled(int block_m, int block_n, const kdex::BoolExpr& when) {
    const int stage = (block_m + block_n) * 128,
              stages = std::min(block_m + block_n == 256 ? 3 : 4, chip_.shared_limit / stage);
    sdk::Constants constants = {{"BLOCK_M", sdk::text(block_m)},
                                {"BLOCK_N", sdk::text(block_n)},
                                {"NUM_STAGES", sdk::text(stages)}};
    if (batched()) constants.emplace_back("BATCHED", "1");
    auto& l = launch("gemm/tiled.cu", "gemm_tiled", constants, when);
    l.grid = {ceil_div(M, block_m), ceil_div(N, block_n), planes()};
    l.block = 256;
    l.shared = stage * stages;
    l.arguments = operands();
    l.arguments.push_back(sdk::int_argument(M));
  }

  void add(const Configuration& c, const kdex::BoolExpr& when) {
    std::visit([&](const auto& x) { add(x, when); }, c);
  }
  void add(const SwapAb& s, const kdex::BoolExpr& when) {
    const bool stream_k = s.clusters > 0;
    const int width = 64 * s.warpgroups, stage = (width + s.block_m) * 128,
              sums = s.block_m * width * 4,
              own = stream_k ? s.warpgroups * 3072 + (s.split_k > 1 ? sums : 0) : 0;
    // (An item of a batch has few k-blocks: no stage that none fills, so that more CTAs find room.)
    const std::int64_t fill =
        batched() ? kdex::ceil_div(kdex::ceil_div(x_.k, std::int64_t{64}), std::int64_t{s.split_k})
                  : 24;
    const int stages =
        std::max(2, std::min({stream_k ? 24 : 12, static_cast<int>(fill),
                              (chip_.shared_limit / std::max(1, s.ctas) - 3072 - own) / stage}));
    sdk::Constants constants = {{"BLOCK_M", sdk::text(s.block_m)},
                                {"NUM_MATH_WARPGROUPS", sdk::text(s.warpgroups)},
                                {"SPLIT_K", sdk::text(s.split_k)},
                                {"NUM_STAGES", sdk::text(stages)},
                                {"ALPHA", x_.alpha.empty() ? "0" : "1"}};
    if (stream_k) constants.emplace_back("CLUSTER_MULTICAST", sdk::text(s.multicast));
    if (batched()) constants.emplace_back("BATCHED", "1");
    const std::string suffix = sdk::text(s.block_m) + "_" + sdk::text(width) + "_" +
                               sdk::text(s.split_k) + "_" + sdk::text(s.ctas) +
                               (s.multicast > 1 ? "_" + sdk::text(s.multicast) : "");
    const auto of_b = x_.b_mn_major ? map("B_" + suffix, x_.b, N, K, 64)
                                    : map("B_" + suffix, x_.b, K, N, width),
               of_a = map("A_" + suffix, x_.a, K, M, s.block_m / s.multicast);
    auto& l = stream_k ? launch("gemm/stream_k.cu", "gemm_stream_k", constants, when)
                       : launch("gemm/swap_ab_split_k.cu", "gemm_swap_ab_split_k", constants, when);
    l.grid = {
        stream_k ? Expr(s.clusters * s.split_k * s.multicast) : ceil_div(N, width) * s.split_k,
        ceil_div(M, s.block_m), planes()};
    l.block = 128 * s.warpgroups + 32;
    // Stream-K with one CTA an SM asks for half the shared memory, so that no second one fits.
    l.shared = stream_k
                   ? std::max(stages * stage + own + 1024, s.ctas == 1 ? chip_.shared_limit / 2 : 0)
                   : std::max(stages * stage, s.block_m * (width + 4) * 4) + 1024;
    // Of a batch no more than those many find room, so that no SM has more of them than another.
    if (batched() && s.ctas != 1) {
      const Expr ctas = s.ctas > 1
                            ? Expr(s.ctas)
                            : sdk::named_value(plan_, "even_" + suffix,
                                               ceil_div(l.grid[0] * l.grid[1] * l.grid[2], sms));
      l.shared = select(ctas <= 1, l.shared,
                        max(l.shared, (chip_.shared_limit + 1024) / max(1, ctas) - 1536));
    }
    l.arguments = {of_b, of_a, sdk::tensor_argument(x_.c), sdk::int_argument(M)};
    if (!x_.alpha.empty()) l.arguments.push_back(sdk::scalar_argument(x_.alpha));
  }
  void add(const Tma& t, const kdex::BoolExpr& when) {
    const int stage = (128 + t.block_n) * 128,
              stages = std::min(8, (chip_.shared_limit - 32768 - 2048) / stage);
    std::string suffix = "t" + sdk::text(t.block_n);
    if (t.multicast_a) suffix += "_across";
    if (t.split_k > 1) suffix += "_" + sdk::text(t.split_k);
    const auto of_a = map("A_" + suffix, x_.a, K, M, t.multicast_a ? 64 : 128),
               of_b = x_.b_mn_major ? map("B_" + suffix, x_.b, N, K, 32)
                                    : map("B_" + suffix, x_.b, K, N,
                                          t.multicast_a ? t.block_n : t.block_n / 2),
               of_c = map("C_" + suffix, x_.c, N, M, 64);
    sdk::Constants constants = {{"BLOCK_N", sdk::text(t.block_n)},
                                {"SPLIT_K", sdk::text(t.split_k)},
                                {"NUM_STAGES", sdk::text(stages)},
                                {"MULTICAST_A", t.multicast_a ? "1" : "0"},
                                {"ALPHA", x_.alpha.empty() ? "0" : "1"}};
    if (batched()) constants.emplace_back("BATCH_SIZE", sdk::text(x_.batch));
    auto& l = launch("gemm/tma.cu", "gemm_tma", constants, when);
    const Expr columns = ceil_div(N, t.block_n),
               tiles = t.multicast_a ? ceil_div(M, 128) * ceil_div(columns, 2)
                                     : ceil_div(M, 256) * columns,
               items = batched() ? tiles * planes() : tiles;
    l.grid[0] = 2 * t.split_k * (t.split_k > 1 ? items : min(sms / 2, items));
    l.block = 384;
    l.shared = stages * stage + 32768 + 1024;
    l.arguments = {of_a, of_b, of_c, sdk::tensor_argument(x_.c), sdk::int_argument(M)};
    if (!x_.alpha.empty()) l.arguments.push_back(sdk::scalar_argument(x_.alpha));
  }

  /// sm_90a, every M above `above`.
  void hopper(std::int64_t above) {
    const std::int64_t few = few_rows(problem_, above, chip_);
    const bool many_rules = x_.b_mn_major || x_.n % 8 != 0;
    const std::int64_t last =
        many_rules ? few : std::max<std::int64_t>(few, narrow_rows(problem_, chip_));
    if (above == 0 && !x_.b_mn_major && x_.n >= 256 * chip_.sms && x_.k >= 1024) {
      gemv(1, M == 1);  // four rounds of CTAs: plain loads, 4.5 TB/s
      above = 1;
    }
    std::vector<std::pair<Configuration, kdex::BoolExpr>> all;  // each once
    auto choose = [&](const Configuration& c, const kdex::BoolExpr& when) {
      for (auto& [known, at] : all)
        if (known == c) {
          at = at || when;
          return;
        }
      all.emplace_back(c, when);
    };
    for (const Range& r : ranges(problem_, above, last, few, chip_))
      choose(r.configuration, M > r.above && M <= r.up_to);
    const kdex::BoolExpr many = M > last;
    if (x_.n % 8 != 0) {
      choose(SwapAb{128, x_.n <= 64 ? 1 : 2, 1, 2}, many);
    } else {
      // The busiest cluster's columns, with a small charge for narrow tiles.
      const Expr pairs = sdk::named_value(plan_, "pairs", ceil_div(M, 256));
      auto cost = [&](int bn) {
        return sdk::named_value(
            plan_, "cost_" + sdk::text(bn),
            ceil_div(pairs * ceil_div(N, bn), max(1, sms / 2)) * (Expr(bn) + 12));
      };
      const Expr c256 = cost(256), c192 = cost(192), c128 = cost(128);
      choose(Tma{256}, many && c256 <= c192 && c256 <= c128);
      choose(Tma{192}, many && c192 < c256 && c192 <= c128);
      choose(Tma{128}, many && c128 < c256 && c128 < c192);
    }
    for (const auto& [c, when] : all) add(c, when);
  }

  /// float32: tiles of block_m x block_n; `split` CTAs share K where tiles are few.
  void float32(int block_m, int block_n, const Expr& split, const kdex::BoolExpr& when) {
    auto& l = launch("gemm/float32.cu", "gemm_float32",
                     {{"BLOCK_M", sdk::text(block_m)}, {"BLOCK_N", sdk::text(block_n)}}, when);
    l.grid = {ceil_div(M, block_m), ceil_div(N, block_n), split};
    l.block = 256;
    l.arguments = operands();
    l.arguments.push_back(sdk::tensor_argument("partial"));
    l.arguments.push_back(sdk::int_argument(M));
    auto& sum = sdk::add_launch(plan_,
                                sdk::add_unit(plan_, "gemm/float32_reduce.cu",
                                              "gemm_float32_reduce", {{"N", sdk::text(x_.n)}}),
                                when && split > 1);
    sum.grid[0] = ceil_div(M * N, 256);
    sum.block = 256;
    sum.arguments = {sdk::tensor_argument("partial"), sdk::tensor_argument(x_.c),
                     sdk::int_argument(M), sdk::int_argument(split)};
  }
  /// Where float32() with this `split` adds up.
  void float32_buffer(const Expr& split) {
    plan_.buffers.push_back({"partial", select(split > 1, split * M * N * 4, 4)});
  }
  void float32() {
    // Up to 16 columns A is most of the bytes, whatever M is: gemv at every M that a grid takes.
    const std::int64_t top = x_.n <= 16 ? 8 * 65535 : 4;
    gemv(1, M == 1);
    gemv(2, M == 2);
    gemv(4, M > 2 && M <= 4);
    if (x_.n <= 16) gemv(8, M > 4 && M <= top);
    const kdex::BoolExpr above = M > top,
                         wide = M > 64 && ceil_div(M, 128) * ceil_div(N, 128) >= sms;
    const Expr tiles = sdk::named_value(
        plan_, "tiles", select(M <= 16, ceil_div(N, 256), ceil_div(M, 64) * ceil_div(N, 64)));
    const Expr split = sdk::named_value(
        plan_, "split",
        select(M <= top || wide, 1, max(1, min(2 * sms / tiles, (x_.k + 15) / 16 / 8))));
    float32_buffer(split);
    float32(16, 256, split, above && M <= 16);
    float32(64, 64, split, above && M > 16 && !wide);
    float32(128, 128, split, above && wide);
  }

  /// The portable path of 16 bits.
  void portable() {
    gemv(1, M == 1);
    gemv(2, M == 2);
    gemv(4, M > 2 && M <= 4);
    tiled(16, 128, M > 4 && M <= 16);
    if (x_.n < 8) {  // scores and gates: more CTAs, fewer idle columns
      tiled(64, 64, M > 16);
    } else {
      tiled(64, 64, M > 16 && M <= 64);
      tiled(128, 128, M > 64);
    }
  }

  /// sm_90a, a product for each item of a batch.
  void hopper_batched() {
    const auto all = batched_ranges(problem_, x_.batch, 8192, chip_);
    std::vector<std::pair<Configuration, kdex::BoolExpr>> each;  // each once
    for (const Range& r : all) {
      const kdex::BoolExpr when = &r == &all.back() ? M > r.above : M > r.above && M <= r.up_to;
      const auto known = std::find_if(each.begin(), each.end(),
                                      [&](const auto& x) { return x.first == r.configuration; });
      if (known == each.end())
        each.emplace_back(r.configuration, when);
      else
        known->second = known->second || when;
    }
    for (const auto& [c, when] : each) add(c, when);
  }

  /// A product for each item of a batch, by mma.sync.
  void portable_batched() {
    tiled(16, 128, M <= 16);
    tiled(64, 64, M > 16 && M <= 64);
    tiled(128, 128, M > 64);
  }

  /// The kernel that a tuning names, for every M. False: it names none.
  bool set_by(const kdex::Tuning& t) {
    const auto kernel =
        t.word("KERNEL", {"gemv", "tiled", "swap_ab_split_k", "stream_k", "tma", "float32"});
    if (!kernel) return false;
    auto number = [&](const char* name, std::int64_t own) {
      return static_cast<int>(std::clamp<std::int64_t>(t.number_or(name, own), 1, 1 << 30));
    };
    const bool wgmma = *kernel == "swap_ab_split_k" || *kernel == "stream_k" || *kernel == "tma";
    if (batched() && (*kernel == "gemv" || *kernel == "stream_k" || *kernel == "float32" ||
                      (*kernel == "tma" && t.number_or("SPLIT_K", 1) > 1)))
      throw kdex::Error(*kernel + " takes no batch", "KERNEL");
    if (single() != (*kernel == "float32") && *kernel != "gemv")
      throw kdex::Error(*kernel + " does not take " + x_.dtype, "KERNEL");
    if (wgmma && (!tma_reads() || (x_.n % 8 != 0 && *kernel == "tma")))
      throw kdex::Error(*kernel + " needs sm_90a and rows of whole 16 bytes", "KERNEL");
    if (*kernel == "gemv") gemv(number("BLOCK_M", 1), {});
    if (*kernel == "tiled") tiled(number("BLOCK_M", 64), number("BLOCK_N", 64), {});
    if (*kernel == "tma")
      add(Tma{number("BLOCK_N", 128), number("SPLIT_K", 1), t.number_or("MULTICAST_A", 0) != 0},
          {});
    if (*kernel == "float32") {
      const Expr split = number("SPLIT_K", 1);
      float32_buffer(split);
      float32(number("BLOCK_M", 64), number("BLOCK_N", 64), split, {});
    }
    if (*kernel == "swap_ab_split_k" || *kernel == "stream_k") {
      SwapAb s{number("BLOCK_M", 64), number("NUM_MATH_WARPGROUPS", 1), number("SPLIT_K", 1), 1};
      std::int64_t tiles = kdex::ceil_div(x_.n, std::int64_t{64} * s.warpgroups);
      if (*kernel == "stream_k") {
        s.multicast = number("CLUSTER_MULTICAST", 1);
        tiles = kdex::ceil_div(tiles, std::int64_t{s.multicast});
        const auto rooms = cluster_rooms(s.split_k * s.multicast, chip_);
        s.clusters = number("NUM_CLUSTERS", kdex::ceil_div(tiles, kdex::ceil_div(tiles, rooms)));
        s.ctas = number("CTAS_PER_SM", 1);
      } else {
        s.ctas = number("CTAS_PER_SM", batched() ? 1 : ctas_of(s, tiles * s.split_k, chip_));
      }
      add(s, {});
    }
    return true;
  }

 private:
  kdex::KernelLaunch& launch(const char* file, const char* entry, const sdk::Constants& more,
                             const kdex::BoolExpr& when) {
    auto constants = common_;
    constants.insert(constants.end(), more.begin(), more.end());
    return sdk::add_launch(plan_, sdk::add_unit(plan_, file, entry, std::move(constants)), when);
  }
  /// A map of a row-major 16-bit tensor with boxes of 64 elements times `box_rows` rows.
  kdex::KernelArgument map(const std::string& name, const std::string& tensor, const Expr& inner,
                           const Expr& rows, std::int64_t box_rows) {
    if (batched())
      plan_.maps.push_back({name,
                            tensor,
                            x_.dtype,
                            {inner, rows, planes()},
                            {inner * 2, inner * rows * 2},
                            {64, box_rows, 1}});
    else
      plan_.maps.push_back({name, tensor, x_.dtype, {inner, rows}, {inner * 2}, {64, box_rows}});
    return sdk::map_argument(name);
  }
  bool batched() const { return x_.batch > 0; }
  /// Items of the batch, each a plane of a grid; 1 where there is none.
  std::int64_t planes() const { return std::max<std::int64_t>(1, x_.batch); }
  std::vector<kdex::KernelArgument> operands() const {
    return {sdk::tensor_argument(x_.a), sdk::tensor_argument(x_.b), sdk::tensor_argument(x_.c)};
  }

  kdex::KernelPlan& plan_;
  const Product& x_;
  const kdex::Chip& chip_;
  Problem problem_;
  sdk::Constants common_;
};

}  // namespace

void add_product(kdex::KernelPlan& plan, const Product& product, std::int64_t above,
                 const kdex::Chip& chip) {
  Planner(plan, product, chip).hopper(above);
}

kdex::KernelPlan plan_product(const Product& x, const kdex::Chip& chip,
                              const kdex::Tuning& tuning) {
  kdex::KernelPlan p;
  p.available = true;
  p.programmatic_launch = chip.is_hopper();
  Planner planner(p, x, chip);
  if (planner.set_by(tuning)) {
    p.summary = "the kernel that was set";
  } else if (x.batch > 0) {
    const bool hopper = planner.tma_reads();
    p.summary = hopper ? "TMA and wgmma: rows of A as wgmma's N for few rows, persistent 128-row "
                         "tiles in pairs of blocks above"
                       : "mma.sync tiles, an item of the batch a plane of the grid";
    if (hopper)
      planner.hopper_batched();
    else
      planner.portable_batched();
  } else if (planner.single()) {
    p.summary =
        "float32 products: one pass over B up to 4 rows, tiles of 16 x 256 to 128 x 128 above";
    planner.float32();
  } else if (planner.tma_reads()) {
    p.summary = x.n % 8 != 0 ? "TMA and wgmma: rows of A as wgmma's N"
                             : "TMA and wgmma: rows of A as wgmma's N for few rows, persistent "
                               "128-row tiles in pairs of blocks above";
    planner.hopper(0);
  } else {
    p.summary = "one pass over B up to 4 rows, mma.sync tiles above";
    planner.portable();
  }
  return p;
}

kdex::KernelPlan plan(const kdex::Params& params, bool columns, const kdex::Chip& chip,
                      const kdex::Tuning& tuning) {
  const std::int64_t n = params.integer("N"), k = params.integer("K");
  const std::string& dtype = params.text("storage");
  if (!sdk::dtype_constant(dtype) && dtype != "float32")
    return sdk::no_kernel("gemm: A, B and C must be all float16, all bfloat16 or all float32");
  if (n < 1 || k < 1)
    return sdk::no_kernel("gemm: N " + sdk::text(n) + " and K " + sdk::text(k) +
                          " must be at least 1");
  if (n > 64 * 65535)
    return sdk::no_kernel("gemm: N " + sdk::text(n) + " is over " + sdk::text(64 * 65535) +
                          " (a grid of tiles of 64)");
  if (k > 1 << 30)
    return sdk::no_kernel("gemm: K " + sdk::text(k) + " is over " + sdk::text(1 << 30));
  return plan_product({n, k, dtype, columns, "A", "B", "C", ""}, chip, tuning);
}

kdex::KernelPlan plan_batched(const kdex::Params& params, bool columns, const kdex::Chip& chip,
                              const kdex::Tuning& tuning) {
  const std::int64_t batch = params.integer("batch_size"), n = params.integer("N"),
                     k = params.integer("K");
  if (batch < 1 || batch > 65535)
    return sdk::no_kernel("gemm: batch_size " + sdk::text(batch) + " is not in 1 to 65535");
  if (n < 1 || k < 1 || n > 64 * 65535 || k > 1 << 30)
    return sdk::no_kernel("gemm: N and K must be at least 1, N at most " + sdk::text(64 * 65535) +
                          ", K at most " + sdk::text(1 << 30));
  return plan_product({n, k, params.text("dtype"), columns, "A", "B", "C", "", batch}, chip,
                      tuning);
}

}  // namespace kdex_gemm
