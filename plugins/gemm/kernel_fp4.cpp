// Launches of NVFP4 products (kernels/gemm/nvfp4_*.cu): values are widened to 16 bits in registers
// (sm_90a: for wgmma), or for many rows on sm_90a beforehand, for the 16-bit product's kernels.
#include <algorithm>
#include <optional>

#include <kdex/kernel_authoring.h>

#include "gemm.h"
#include "plugins/shared/swap_ab_tiles.h"

namespace kdex_gemm {
namespace sdk = kdex::sdk;
using kdex::BoolExpr;
using kdex::Expr;

namespace {

const Expr M = kdex::axis("M"), N = kdex::axis("N"), K = kdex::axis("K"), sms = kdex::device_sms();

/// C[M, N] = alpha * A B, both packed with a scale for 16 values; `dtype` is C's.
struct Nvfp4Product {
  std::int64_t n = 0, k = 0;
  std::string dtype;
};

/// Rows of A from `above` (not included) to `up_to` (0: any).
struct Range {
  std::int64_t above, up_to;
  int block_m, split_k;
};

/// CTAs of a cluster that share a tile's steps; 1: even shares of all steps, and a kernel of its
/// own adds up, which takes as long as eight steps. Least is what the busiest CTA has to do.
int split_of(std::int64_t tiles, std::int64_t steps, const kdex::Chip& chip) {
  int best = 1;
  std::int64_t least =
      kdex::ceil_div(tiles * steps, std::int64_t{chip.sms}) + (tiles < chip.sms ? 8 : 0);
  for (int s : {2, 4, 8}) {
    const std::int64_t each = kdex::ceil_div(steps, std::int64_t{s});
    if (tiles * s <= (s == 2 ? chip.sms : 112) && steps / s >= 2 && each <= least)
      best = s, least = each;
  }
  return best;
}

/// What wgmma computes up to `top` rows, and above it where `many` are no other kernel's.
std::vector<Range> choose(std::int64_t columns, std::int64_t steps, std::int64_t top,
                          bool others_above, const kdex::Chip& chip) {
  const int first = split_of(columns, steps, chip);
  std::vector<Range> out = {
      {0, 16, 16, first}, {16, 32, 32, first}, {32, 64, 64, first}, {64, 128, 128, first}};
  auto more = [&](std::int64_t up_to, int split) {
    if (out.back().split_k == split)
      out.back().up_to = up_to;
    else
      out.push_back({out.back().up_to, up_to, 128, split});
  };
  more(top, split_of(columns * 2, steps, chip));
  if (!others_above) more(0, 1);
  return out;
}

class Planner {
 public:
  Planner(kdex::KernelPlan& plan, const Nvfp4Product& product, const kdex::Chip& chip)
      : plan_(plan),
        x_(product),
        chip_(chip),
        columns_((product.n + 255) / 256),
        steps_((product.k + 127) / 128) {}

  /// Rows above `top_` go to dequantized(); B in 16 bits may be 4 GiB.
  void by_rule() {
    const bool many = chip_.is_hopper() && x_.n * x_.k <= std::int64_t{1} << 31;
    const bool streams = chip_.is_hopper() && x_.k > 128;
    plan_.summary = std::string("weights read packed and widened in registers, ") +
                    (streams ? "wgmma" : "mma.sync") +
                    " on tiles of 256 columns, K shared by blocks";
    if (many)
      plan_.summary +=
          "; above " + sdk::text(top) + " rows both operands are widened first, for TMA and wgmma";
    if (streams)
      swap_ab(choose(columns_, steps_, top, many, chip_), many);
    else
      tiled(many ? M <= top : BoolExpr(), std::nullopt);
    if (many) dequantized(top);
  }

  bool set_by(const kdex::Tuning& t) {
    const auto kernel = t.word("KERNEL", {"nvfp4_swap_ab", "nvfp4_tiled", "dequantize"});
    if (!kernel) return false;
    if (*kernel != "nvfp4_tiled" && !chip_.is_hopper())
      throw kdex::Error(*kernel + " needs sm_90a", "KERNEL");
    plan_.summary = "the kernel that was set";
    if (*kernel == "nvfp4_swap_ab") {
      const auto rows = std::clamp<std::int64_t>(t.number_or("BLOCK_M", 64), 1, 4096),
                 split = std::clamp<std::int64_t>(t.number_or("SPLIT_K", 1), 1, 16);
      swap_ab({{0, 0, static_cast<int>(rows), static_cast<int>(split)}}, false);
    } else if (*kernel == "nvfp4_tiled") {
      tiled({}, t.number("BLOCK_M"));
    } else {
      plan_.buffers = {{"wide", M * K * 2}};
      dequantized(0);
    }
    return true;
  }

 private:
  static constexpr std::int64_t top = 256;

  std::size_t unit(const std::string& file, const sdk::Constants& more = {}) {
    sdk::Constants all = {{"KDEX_DTYPE", *sdk::dtype_constant(x_.dtype)},
                          {"N", sdk::text(x_.n)},
                          {"K", sdk::text(x_.k)}};
    all.insert(all.end(), more.begin(), more.end());
    return sdk::add_unit(plan_, "gemm/" + file + ".cu", "gemm_" + file, std::move(all));
  }
  void launch(std::size_t unit, const Expr& grid, int block, std::int64_t shared,
              std::vector<kdex::KernelArgument> arguments, const BoolExpr& when) {
    auto& l = sdk::add_launch(plan_, unit, when);
    l.grid[0] = grid;
    l.block = block;
    l.shared = shared;
    l.arguments = std::move(arguments);
  }
  static kdex::KernelArgument t(const char* name) { return sdk::tensor_argument(name); }

  /// Tiles of all of C, and CTAs of which each takes as many of the tiles' steps: two at least,
  /// where there are not more tiles.
  void name_tiles(const Expr& rows) {
    tiles_ = sdk::named_value(plan_, "tiles", columns_ * ceil_div(M, rows));
  }
  void name_ctas(const Expr& most) {
    ctas_ = sdk::named_value(plan_, "blocks", min(most, max(tiles_, tiles_ * steps_ / 2)));
  }
  /// Adds up what CTAs with shares of one tile have left.
  void reduce(int block_m, const BoolExpr& when) {
    launch(unit("nvfp4_reduce", {{"BLOCK_M", sdk::text(block_m)}}), ceil_div(M * N, 1024), 256, 0,
           {t("partial"), sdk::scalar_argument("alpha"), t("C"), sdk::int_argument(M),
            sdk::int_argument(ctas_)},
           when && tiles_ % ctas_ != 0);
  }
  /// A, and with `to` B, in 16 bits.
  void dequantize(kdex::KernelArgument to, const Expr& more, const BoolExpr& when) {
    const Expr of_a = ceil_div(M * (K / 16), 256);
    launch(unit("nvfp4_dequantize"), of_a + more, 256, 0,
           {t("A"), t("a_descale"), t("B"), t("b_descale"), t("wide"), std::move(to),
            sdk::int_argument(M), sdk::int_argument(of_a)},
           when);
  }

  /// wgmma over packed weights that TMA loads.
  void swap_ab(const std::vector<Range>& ranges, bool others_above) {
    Expr rows = ranges.back().block_m, split = ranges.back().split_k;
    for (auto r = ranges.rbegin() + 1; r != ranges.rend(); ++r) {
      rows = select(M <= r->up_to, r->block_m, rows);
      split = select(M <= r->up_to, r->split_k, split);
    }
    rows = sdk::named_value(plan_, "nt", rows);
    name_tiles(rows);
    split = sdk::named_value(plan_, "split", split);
    name_ctas(sms);
    const Expr transposed = M * (steps_ * 256);
    BoolExpr shared_tiles = split == 1 && tiles_ % ctas_ != 0;
    if (others_above) shared_tiles = M <= top && shared_tiles;
    plan_.buffers = {{"wide", others_above ? select(M <= top, transposed, M * K * 2) : transposed},
                     {"partial", select(shared_tiles, ctas_ * 2 * rows * 1024, 0)}};
    plan_.maps = {{"m_b", "B", "int8", {N, K / 16, 8}, {8 * N, N}, {128, 8, 8}},
                  {"m_scale", "b_descale", "float8_e4m3fn", {N, K / 16}, {N}, {128, 8}},
                  {"m_a", "wide", x_.dtype, {steps_ * 128, M}, {steps_ * 256}, {64, rows}}};
    for (const Range& r : ranges) {
      const std::int64_t stage = 18432 + r.block_m * 256,
                         stages = std::min<std::int64_t>(8, (chip_.shared_limit - 2048) / stage);
      BoolExpr when = M > r.above;
      if (r.up_to) when = when && M <= r.up_to;
      launch(
          sdk::add_unit(plan_, "gemm/nvfp4_dequantize_a.cu", "gemm_nvfp4_dequantize_a",
                        {{"KDEX_DTYPE", *sdk::dtype_constant(x_.dtype)}, {"K", sdk::text(x_.k)}}),
          ceil_div(M * (steps_ * 4), 128), 128, 0,
          {t("A"), t("a_descale"), t("wide"), sdk::int_argument(M)}, when);
      launch(unit("nvfp4_swap_ab", {{"BLOCK_M", sdk::text(r.block_m)},
                                    {"NUM_STAGES", sdk::text(stages)},
                                    {"SPLIT_K", sdk::text(r.split_k)}}),
             r.split_k > 1 ? tiles_ * r.split_k : ctas_, 384, stages * stage + 1024,
             {sdk::map_argument("m_b"), sdk::map_argument("m_scale"), sdk::map_argument("m_a"),
              sdk::scalar_argument("alpha"), t("C"), t("partial"), sdk::int_argument(M)},
             when);
      if (r.split_k == 1) reduce(r.block_m, when);
    }
  }

  /// mma.sync; `rows`: of every tile, in place of the rule's.
  void tiled(const BoolExpr& where, std::optional<std::int64_t> rows) {
    // Above 64 rows the width whose busiest SM has the least to do; weights are widened in the time
    // of 32 rows.
    auto busiest = [&](int r) { return ceil_div(columns_ * ceil_div(M, r), sms) * (Expr(r) + 32); };
    const Expr rule = select(
        M <= 16, 16, select(M <= 32, 32, select(M <= 64 || busiest(64) <= busiest(96), 64, 96)));
    const Expr block_m = sdk::named_value(plan_, "nt", rows ? Expr(*rows) : rule);
    name_tiles(block_m);
    auto ctas = [&](int r) { return kdex_shared::swap_ab_nvfp4_tile(chip_, r).ctas; };
    name_ctas(select(block_m == 16, ctas(16), select(block_m == 32, ctas(32), 1)) * sms);
    plan_.buffers = {
        {"wide", M * K * 2},
        {"partial", select(where && tiles_ % ctas_ != 0, ctas_ * 2 * block_m * 1024, 0)}};
    const std::vector<int> sizes =
        rows ? std::vector<int>{static_cast<int>(*rows)} : std::vector<int>{16, 32, 96, 64};
    for (int r : sizes) {
      const auto tile = kdex_shared::swap_ab_nvfp4_tile(chip_, r);
      const BoolExpr when = M > 0 && where && block_m == r;
      dequantize(sdk::null_argument(), 0, when);
      launch(
          unit("nvfp4_tiled", {{"BLOCK_M", sdk::text(r)}, {"NUM_STAGES", sdk::text(tile.stages)}}),
          ctas_, 256, tile.shared,
          {t("B"), t("b_descale"), t("wide"), sdk::scalar_argument("alpha"), t("C"), t("partial"),
           sdk::int_argument(M)},
          when);
      reduce(r, when);
    }
  }

  /// Both operands in 16 bits first, for the kernels of sm_90a, above `above` rows.
  void dequantized(std::int64_t above) {
    plan_.buffers.push_back({"wide_b", select(M > above, K * N * 2, 0)});
    dequantize(t("wide_b"), ceil_div(K / 16 * (N / 8), 256), M > above);
    add_product(plan_, {x_.n, x_.k, x_.dtype, true, "wide", "wide_b", "C", "alpha"}, above, chip_);
  }

  kdex::KernelPlan& plan_;
  const Nvfp4Product& x_;
  const kdex::Chip& chip_;
  std::int64_t columns_, steps_;  ///< tiles of 256 weight rows; steps of 128 of K
  Expr tiles_, ctas_;
};

}  // namespace

kdex::KernelPlan plan_fp4(const kdex::Params& params, const kdex::Chip& chip,
                          const kdex::Tuning& tuning) {
  const std::int64_t n = params.integer("N"), k = params.integer("K");
  const std::string& dtype = params.text("dtype");
  if (!sdk::dtype_constant(dtype))
    return sdk::no_kernel("gemm: the output must be bfloat16 or float16");
  if (n <= 0 || n % 16 != 0)
    return sdk::no_kernel("gemm: N " + sdk::text(n) +
                          " is not a multiple of 16 (16-byte accesses)");
  if (k <= 0 || k % 16 != 0)
    return sdk::no_kernel("gemm: K " + sdk::text(k) +
                          " is not a multiple of 16 (the blocks of the scales)");
  kdex::KernelPlan p;
  p.available = true;
  p.programmatic_launch = chip.is_hopper();
  const Nvfp4Product product{n, k, dtype};
  Planner planner(p, product, chip);
  if (!planner.set_by(tuning)) planner.by_rule();
  return p;
}

}  // namespace kdex_gemm
