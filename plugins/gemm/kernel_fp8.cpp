// Launches of FP8 products (kernels/gemm/fp8_*.cu): scales in blocks of 128, or one factor `alpha`.
#include <algorithm>
#include <iterator>
#include <vector>

#include <kdex/kernel_authoring.h>

#include "gemm.h"
#include "plugins/shared/swap_ab_tiles.h"

namespace kdex_gemm {
namespace sdk = kdex::sdk;
using kdex::BoolExpr;
using kdex::Expr;

namespace {

const Expr M = kdex::axis("M"), N = kdex::axis("N"), K = kdex::axis("K"), sms = kdex::device_sms();

/// C[M, N] = A B by FP8 operands; tensors by name.
struct Fp8Product {
  std::int64_t n = 0, k = 0;
  bool blocks = false;  ///< scales in blocks, else one factor
  std::string dtype;    ///< of C
  std::string a, b, c;
};

class Planner {
 public:
  Planner(kdex::KernelPlan& plan, const Fp8Product& product, const kdex::Chip& chip)
      : plan_(plan),
        x_(product),
        chip_(chip),
        hopper_(chip.is_hopper()),
        columns_((product.n + 255) / 256) {}

  /// CTAs that share K where `tiles` leave SMs free.
  int split_k(std::int64_t tiles) const {
    for (int s : {8, 4, 2})
      if (hopper_ && tiles * s <= chip_.sms && x_.k / 128 / s >= 2) return s;
    return 1;
  }

  void by_rule() {
    // Above 64 rows two CTAs of a cluster share B's: the tiles of a cluster times their width, with
    // a small charge for narrow ones; 128 where CTAs share K. CTAs of up to 96 tokens add one
    // product up while the next is made.
    auto cost = [&](int rows) {
      return sdk::named_value(plan_, "cost_" + sdk::text(rows),
                              ceil_div(tiles_of(2 * rows), max(1, sms / 2)) *
                                  (Expr(rows) + (x_.blocks && rows == 128 ? 36 : 16)));
    };
    const Expr c128 = cost(128), c96 = cost(96), c64 = cost(64);
    const BoolExpr shares = tiles_of(128) * 2 <= (x_.k / 128 >= 4 ? chip_.sms : 0);
    const std::vector<Width> widths = has_wide() ? used_widths() : std::vector<Width>{};
    Expr wide = 0;
    if (has_wide()) {
      Expr least, best;
      for (const Width& w : widths) {
        const Expr time = sdk::named_value(
            plan_, "wide_" + sdk::text(w.columns),
            ceil_div(ceil_div(N, w.columns) * ceil_div(M, 256), max(1, sms / 2)) * w.time);
        best = &w == widths.data() ? Expr(w.columns) : select(time < least, w.columns, best);
        least = &w == widths.data() ? time : min(least, time);
      }
      // Beside these a tile of swap A and B takes 2.9 times its cost (without scales 1.8, or 1.6
      // where CTAs share K), and where CTAs share its K their part of that, and 6 us to add up (a
      // k-block of a unit of cost takes 2.1 ns).
      Expr split = 1;
      for (int s = 2; s <= split_k(columns_); s *= 2)
        split = select(tiles_of(128) * s <= chip_.sms, s, split);
      wide = sdk::named_value(
          plan_, "wide",
          select(M > 64 && least <= select(shares,
                                           Expr(x_.blocks ? 476 : 230) / split + 2880 * 128 / x_.k,
                                           min(c128, min(c96, c64)) * (x_.blocks ? 29 : 18) / 10),
                 best, 0));
    }
    const Expr many =
        select(shares || (c128 <= c96 && c128 <= c64), 128, select(c96 <= c64, 96, 64));
    rows_ = sdk::named_value(
        plan_, "nt",
        select(M <= 16, 16, select(M <= 32, 32, hopper_ ? select(M <= 64, 64, many) : Expr(64))));
    tiles_ = sdk::named_value(plan_, "tiles", tiles_of(rows_));
    maps();
    for (auto [from, to] : {std::pair{0, 16}, {16, 32}, {32, 64}})
      swap_ab(to, split_k(columns_), false, hopper_ || to < 64 ? M > from && M <= to : M > from);
    if (hopper_) many_rows(wide);
    if (has_wide())
      for (const Width& w : widths) block(w.columns, wide == w.columns);
  }

  bool set_by(const kdex::Tuning& t) {
    const auto kernel = t.word("KERNEL", {"fp8_swap_ab", "fp8_block", "fp8_tiled"});
    if (!kernel) return false;
    if (hopper_ == (*kernel == "fp8_tiled"))
      throw kdex::Error(*kernel + " does not compute this on " + chip_.arch, "KERNEL");
    auto number = [&](const char* name, std::int64_t own) {
      return static_cast<int>(std::clamp<std::int64_t>(t.number_or(name, own), 1, 4096));
    };
    if (*kernel == "fp8_block") {
      maps();
      block(number("BLOCK_N", 256), {});
      return true;
    }
    const int rows = number("BLOCK_M", 64), split = number("SPLIT_K", 1);
    rows_ = rows;
    tiles_ = sdk::named_value(plan_, "tiles", tiles_of(rows_));
    maps();
    if (hopper_ && split == 1) {
      swap_ab(rows, 1, false, M <= 64);
      swap_ab(rows, 1, true, M > 64);
    } else {
      swap_ab(rows, split, false, {});
    }
    return true;
  }

 private:
  /// Columns of a tile of fp8_block.cu, and the time of one in units of its cost (fitted on an
  /// H200): a column is one, and beside that a k-block costs 60 columns with scales, 14 without.
  struct Width {
    int columns, time;
  };
  /// Those that are the quickest for some number of rows; of equals the narrower.
  std::vector<Width> used_widths() const {
    static constexpr Width kScaled[] = {{64, 132}, {96, 164}, {128, 188}, {192, 252}, {256, 316}},
                           kPlain[] = {{64, 78}, {96, 110}, {128, 142}, {192, 206}, {256, 270}};
    const auto& all = x_.blocks ? kScaled : kPlain;
    std::vector<bool> used(std::size(all));
    for (std::int64_t pairs = 1; pairs <= 1024; ++pairs) {
      std::size_t best = 0;
      std::int64_t least = 0;
      for (std::size_t i = 0; i < std::size(all); ++i) {
        const std::int64_t tiles = kdex::ceil_div(x_.n, std::int64_t{all[i].columns}) * pairs,
                           time = kdex::ceil_div(tiles, std::int64_t{std::max(1, chip_.sms / 2)}) *
                                  all[i].time;
        if (i == 0 || time < least) best = i, least = time;
      }
      used[best] = true;
    }
    std::vector<Width> out;
    for (std::size_t i = 0; i < std::size(all); ++i)
      if (used[i]) out.push_back(all[i]);
    return out;
  }
  bool has_wide() const { return hopper_; }
  Expr tiles_of(const Expr& rows) const { return columns_ * ceil_div(M, rows); }

  /// Above 64 rows the split follows the number of tiles.
  void many_rows(const Expr& wide) {
    for (int s = split_k(columns_), largest = s; s >= 1; s /= 2) {
      BoolExpr when = M > 64;
      if (s < largest) when = when && tiles_ * (s * 2) > chip_.sms;
      if (has_wide()) when = when && wide == 0;
      if (s > 1) {
        swap_ab(128, s, false, when && tiles_ * s <= chip_.sms);
        continue;
      }
      for (int rows : {128, 96, 64}) swap_ab(rows, 1, true, when && rows_ == rows);
    }
  }

  void maps() {
    if (!hopper_) return;
    if (x_.blocks)
      add_map("m_b", x_.b, {K, N}, {K}, {128, 128});
    else
      add_map("m_b", x_.b, {128, N * K / 128}, {128}, {128, 128});
    add_map("m_a", x_.a, {K, M}, {K}, {128, rows_});
    if (has_wide()) {
      add_map("m_a128", x_.a, {K, M}, {K}, {128, 128});
      add_map("m_c64", x_.c, {N, M}, {N * 2}, {64, 64});
    }
    add_map("m_c", x_.c, {N, M}, {N * 2},
            {64, select(rows_ % 64 == 0, 64, select(rows_ % 32 == 0, 32, 16))});
  }
  void add_map(const std::string& name, const std::string& tensor, std::vector<Expr> dims,
               std::vector<Expr> strides, std::vector<Expr> box) {
    plan_.maps.push_back({name, tensor, tensor == x_.c ? x_.dtype : "float8_e4m3fn",
                          std::move(dims), std::move(strides), std::move(box)});
  }

  /// Weight rows as wgmma's (or mma.sync's) M; `pair`: two CTAs of a cluster share them.
  void swap_ab(int rows, int split, bool pair, const BoolExpr& when) {
    const auto tile = kdex_shared::swap_ab_tile(hopper_, chip_, rows);
    sdk::Constants constants = {{"KDEX_DTYPE", *sdk::dtype_constant(x_.dtype)},
                                {"N", sdk::text(x_.n)},
                                {"K", sdk::text(x_.k)},
                                {"BLOCK_SCALES", x_.blocks ? "1" : "0"},
                                {"BLOCK_M", sdk::text(rows)}};
    if (hopper_)
      constants.insert(constants.end(), {{"NUM_STAGES", sdk::text(tile.stages)},
                                         {"SPLIT_K", sdk::text(split)},
                                         {"CLUSTER_MULTICAST", pair ? "2" : "1"}});
    auto& l = sdk::add_launch(
        plan_,
        sdk::add_unit(plan_, hopper_ ? "gemm/fp8_swap_ab.cu" : "gemm/fp8_tiled.cu",
                      hopper_ ? "gemm_fp8_swap_ab" : "gemm_fp8_tiled", std::move(constants)),
        when);
    if (!hopper_)
      l.grid = {columns_, ceil_div(M, rows), 1};
    else if (pair)
      l.grid[0] = 2 * min(max(1, sms / 2), tiles_of(rows * 2));
    else
      l.grid[0] = split > 1 ? tiles_ * split : min(sms, tiles_);
    l.block = hopper_ ? 384 : 256;
    l.shared = std::max<std::int64_t>(tile.shared, rows * 260 * 4 + 1024);
    l.arguments = {hopper_ ? sdk::map_argument("m_b") : sdk::tensor_argument(x_.b),
                   hopper_ ? sdk::map_argument("m_a") : sdk::tensor_argument(x_.a)};
    if (hopper_) l.arguments.push_back(sdk::map_argument("m_c"));
    l.arguments.insert(l.arguments.end(),
                       {x_.blocks ? sdk::tensor_argument("a_scale") : sdk::null_argument(),
                        x_.blocks ? sdk::tensor_argument("b_scale") : sdk::null_argument(),
                        x_.blocks ? sdk::real_argument("1.0f") : sdk::scalar_argument("alpha"),
                        sdk::tensor_argument(x_.c), sdk::int_argument(M)});
  }

  /// Many rows in blocks: tiles of 128 rows times `width` columns.
  void block(int width, const BoolExpr& when) {
    const int stage = (128 + width) * 128 + 640, rest = 2 * 64 * 128 + 1024,
              stages = std::min(8, (chip_.shared_limit - 1024 - rest) / stage);
    const std::string map_b = "m_b" + sdk::text(width);
    if (x_.blocks)
      add_map(map_b, x_.b, {K, N}, {K}, {128, width / 2});
    else
      add_map(map_b, x_.b, {128, N * K / 128}, {128}, {128, width / 2});
    auto& l = sdk::add_launch(plan_,
                              sdk::add_unit(plan_, "gemm/fp8_block.cu", "gemm_fp8_block",
                                            {{"KDEX_DTYPE", *sdk::dtype_constant(x_.dtype)},
                                             {"N", sdk::text(x_.n)},
                                             {"K", sdk::text(x_.k)},
                                             {"BLOCK_SCALES", x_.blocks ? "1" : "0"},
                                             {"BLOCK_N", sdk::text(width)},
                                             {"NUM_STAGES", sdk::text(stages)}}),
                              when);
    l.grid[0] = 2 * min(max(1, sms / 2), ceil_div(N, width) * ceil_div(M, 256));
    l.block = 384;
    l.shared = stages * stage + rest;
    l.arguments = {sdk::map_argument(map_b),
                   sdk::map_argument("m_a128"),
                   sdk::map_argument("m_c64"),
                   x_.blocks ? sdk::tensor_argument("a_scale") : sdk::null_argument(),
                   x_.blocks ? sdk::tensor_argument("b_scale") : sdk::null_argument(),
                   x_.blocks ? sdk::real_argument("1.0f") : sdk::scalar_argument("alpha"),
                   sdk::tensor_argument(x_.c),
                   sdk::int_argument(M)};
  }

  kdex::KernelPlan& plan_;
  const Fp8Product& x_;
  const kdex::Chip& chip_;
  bool hopper_;
  std::int64_t columns_;  ///< tiles of 256 weight rows
  Expr rows_ = 128, tiles_;
};

kdex::KernelPlan plan_product(const Fp8Product& x, const kdex::Chip& chip,
                              const kdex::Tuning& tuning) {
  kdex::KernelPlan p;
  p.available = true;
  p.programmatic_launch = chip.is_hopper();
  p.summary = std::string(chip.is_hopper() ? "TMA and wgmma" : "mma.sync") +
              " on tiles of 256 columns, K shared by the blocks of a cluster";
  Planner planner(p, x, chip);
  if (!planner.set_by(tuning)) planner.by_rule();
  return p;
}

}  // namespace

kdex::KernelPlan plan_fp8(const kdex::Params& params, bool blocks, const kdex::Chip& chip,
                          const kdex::Tuning& tuning) {
  const std::int64_t n = params.integer("N"), k = params.integer("K");
  const std::string& dtype = params.text("dtype");
  if (!sdk::dtype_constant(dtype))
    return sdk::no_kernel("gemm: the output must be bfloat16 or float16");
  if (n <= 0 || n % 8 != 0)
    return sdk::no_kernel("gemm: N " + sdk::text(n) + " is not a multiple of 8 (16-byte accesses)");
  if (k <= 0 || k % 128 != 0)
    return sdk::no_kernel("gemm: K " + sdk::text(k) +
                          " is not a multiple of 128 (the blocks of the scales)");
  const char *a = blocks ? "a" : "A", *b = blocks ? "b" : "B", *c = blocks ? "out" : "C";
  return plan_product({n, k, blocks, dtype, a, b, c}, chip, tuning);
}

}  // namespace kdex_gemm
