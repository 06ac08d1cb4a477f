// The CUDA kernels of NVFP4 products (kernels/gemm/nvfp4_*.cu): values are widened to 16 bits in
// registers (sm_90a: for wgmma), or for many rows on sm_90a beforehand, for the 16-bit product's
// kernels.
#include <kdex/kernel_authoring.h>

#include "gemm.h"

namespace kdex_gemm {
namespace sdk = kdex::sdk;

kdex::KernelPlan plan_fp4(const kdex::Definition& d, const kdex::Chip& chip,
                          const kdex::Tuning& tuning) {
  (void)tuning;
  using Shape = std::vector<std::string>;
  const auto *a = sdk::input(d, "A"), *b = sdk::input(d, "B"),
             *a_scale = sdk::input(d, "a_descale"), *b_scale = sdk::input(d, "b_descale"),
             *c = sdk::output(d, "C");
  auto n = sdk::const_value(d, "N"), k = sdk::const_value(d, "K");
  if (!a || !b || !a_scale || !b_scale || !sdk::input(d, "alpha") || !c || !n || !k)
    return sdk::no_kernel("gemm: tensors or axes of the FP4 form are missing");
  if (a->dtype != "int8" || b->dtype != "int8" || a_scale->dtype != "float8_e4m3fn" ||
      b_scale->dtype != "float8_e4m3fn")
    return sdk::no_kernel("gemm: the FP4 operands must be int8 with float8_e4m3fn scales");
  auto dtype = sdk::dtype_constant(c->dtype);
  if (!dtype) return sdk::no_kernel("gemm: the output must be bfloat16 or float16");
  if (!b->shape || *b->shape != Shape{"K_packed", "N"} || !b_scale->shape ||
      *b_scale->shape != Shape{"K_div_block_size", "N"})
    return sdk::no_kernel("gemm: B has another layout than the kernel's");
  if (sdk::const_value(d, "K_packed") != *k / 2 ||
      sdk::const_value(d, "K_div_block_size") != *k / 16)
    return sdk::no_kernel("gemm: FP4 values must be two in a byte with a scale for 16");
  if (*n <= 0 || *n % 16 != 0)
    return sdk::no_kernel("gemm: N " + sdk::text(*n) +
                          " is not a multiple of 16 (16-byte accesses)");
  if (*k <= 0 || *k % 16 != 0)
    return sdk::no_kernel("gemm: K " + sdk::text(*k) +
                          " is not a multiple of 16 (the blocks of the scales)");

  kdex::KernelPlan p;
  p.available = true;
  const bool hopper = chip.is_hopper(), streams = hopper && *k > 128;
  p.early = hopper;
  // Rows from which on both operands are widened first; B in 16 bits may be 4 GiB.
  const bool many = hopper && *n * *k <= std::int64_t{1} << 31;
  const std::int64_t top = 256, columns = (*n + 255) / 256, steps = (*k + 127) / 128;
  const std::string up_to_top = many ? "M <= " + sdk::text(top) + " && " : "";
  p.summary = std::string("weights read packed and widened in registers, ") +
              (streams ? "wgmma" : "mma.sync") + " on tiles of 256 columns, K shared by blocks";
  if (many)
    p.summary +=
        "; above " + sdk::text(top) + " rows both operands are widened first, for TMA and wgmma";
  using Constants = std::vector<std::pair<std::string, std::string>>;
  // A unit of kernels/gemm; its entry is gemm_<file>.
  auto unit = [&](const std::string& file, const Constants& more = {}) {
    Constants all = {{"KDEX_DTYPE", *dtype}, {"N", sdk::text(*n)}, {"K", sdk::text(*k)}};
    all.insert(all.end(), more.begin(), more.end());
    return sdk::add_unit(p, "gemm/" + file + ".cu", "gemm_" + file, std::move(all));
  };
  auto launch = [&](std::size_t unit, const std::string& grid, const char* block,
                    std::int64_t shared, std::vector<kdex::KernelArgument> arguments,
                    const std::string& when) {
    kdex::KernelLaunch l;
    l.unit = unit;
    l.entry = p.units[unit].entries[0];
    l.when = when;
    l.grid[0] = grid;
    l.block = block;
    l.shared = sdk::text(shared);
    l.arguments = std::move(arguments);
    p.launches.push_back(std::move(l));
  };
  auto t = [](const char* name) { return sdk::tensor_argument(name); };
  const auto alpha = sdk::scalar_argument("alpha"), m = sdk::int_argument("M");
  const std::string blocks_a = "ceil_div(M * (K / 16), 256)";
  auto widen = [&](kdex::KernelArgument to, const std::string& blocks, const std::string& when) {
    launch(unit("nvfp4_dequantize"), blocks, "256", 0,
           {t("A"), t("a_descale"), t("B"), t("b_descale"), t("wide"), std::move(to), m,
            sdk::int_argument(blocks_a)},
           when);
  };
  auto sum = [&](int nt, const std::string& when) {
    launch(unit("nvfp4_reduce", {{"BLOCK_M", sdk::text(nt)}}), "ceil_div(M * N, 1024)", "256", 0,
           {t("partial"), alpha, t("C"), m, sdk::int_argument("blocks")},
           when + " && tiles % blocks != 0");
  };
  if (streams) {
    const std::int64_t sms = chip.sms;  // the split is a constant of the kernel
    // What the busiest block has to do; adding up by a kernel of its own takes as long as eight
    // steps.
    auto split_of = [&](std::int64_t tiles) {
      int best = 1;
      std::int64_t least = (tiles * steps + sms - 1) / sms + (tiles < sms ? 8 : 0);
      for (int s : {2, 4, 8}) {
        const std::int64_t each = (steps + s - 1) / s;
        if (tiles * s <= (s == 2 ? sms : 112) && steps / s >= 2 && each <= least)
          best = s, least = each;
      }
      return best;
    };
    struct Range {
      std::int64_t from, to;  // of M; to 0: any
      int nt, split;
    };
    std::vector<Range> ranges = {{0, 16, 16, split_of(columns)},
                                 {16, 32, 32, split_of(columns)},
                                 {32, 64, 64, split_of(columns)},
                                 {64, 128, 128, split_of(columns)}};
    auto more = [&](std::int64_t to, int split) {
      if (ranges.back().split == split)
        ranges.back().to = to;
      else
        ranges.push_back({ranges.back().to, to, 128, split});
    };
    more(top, split_of(columns * 2));
    if (!many) more(0, 1);
    std::string split = sdk::text(ranges.back().split);
    for (auto r = ranges.rbegin() + 1; r != ranges.rend(); ++r)
      split = "(M <= " + sdk::text(r->to) + " ? " + sdk::text(r->split) + " : " + split + ")";
    p.values = {{"nt", "M <= 16 ? 16 : (M <= 32 ? 32 : (M <= 64 ? 64 : 128))"},
                {"tiles", sdk::text(columns) + " * ceil_div(M, nt)"},
                {"split", split},
                {"blocks", "min(sms, max(tiles, tiles * " + sdk::text(steps) + " / 2))"}};
    const std::string turned = "M * " + sdk::text(steps * 256);
    p.buffers = {
        {"wide", many ? "M <= " + sdk::text(top) + " ? " + turned + " : M * K * 2" : turned},
        {"partial", up_to_top + "split == 1 && tiles % blocks != 0 ? blocks * 2 * nt * 1024 : 0"}};
    p.maps = {{"m_b", "B", b->dtype, {"N", "K / 16", "8"}, {"8 * N", "N"}, {"128", "8", "8"}},
              {"m_scale", "b_descale", b_scale->dtype, {"N", "K / 16"}, {"N"}, {"128", "8"}},
              {"m_a",
               "wide",
               c->dtype,
               {sdk::text(steps * 128), "M"},
               {sdk::text(steps * 256)},
               {"64", "nt"}}};
    for (const Range& r : ranges) {
      const std::int64_t stage = 18432 + r.nt * 256,
                         stages = std::min<std::int64_t>(8, (chip.shared_limit - 2048) / stage);
      const std::string when =
          "M > " + sdk::text(r.from) + (r.to ? " && M <= " + sdk::text(r.to) : "");
      launch(unit("nvfp4_dequantize_a"), "ceil_div(M * " + sdk::text(steps * 4) + ", 128)", "128",
             0, {t("A"), t("a_descale"), t("wide"), m}, when);
      launch(unit("nvfp4_swap_ab", {{"BLOCK_M", sdk::text(r.nt)},
                                    {"NUM_STAGES", sdk::text(stages)},
                                    {"SPLIT_K", sdk::text(r.split)}}),
             r.split > 1 ? "tiles * " + sdk::text(r.split) : "blocks", "384", stages * stage + 1024,
             {sdk::map_argument("m_b"), sdk::map_argument("m_scale"), sdk::map_argument("m_a"),
              alpha, t("C"), t("partial"), m},
             when);
      if (r.split == 1) sum(r.nt, when);
    }
  } else {
    // Above 64 rows the width whose busiest multiprocessor has the least to do; weights are widened
    // in the time of 32 rows.
    auto busiest = [&](const std::string& t) {
      return "ceil_div(" + sdk::text(columns) + " * ceil_div(M, " + t + "), sms) * (" + t +
             " + 32)";
    };
    // Blocks that a multiprocessor holds.
    const std::string slots = "(nt == 16 ? " + sdk::text(sdk::rows4(chip, 16).blocks) +
                              " : (nt == 32 ? " + sdk::text(sdk::rows4(chip, 32).blocks) + " : 1))";
    p.values = {
        {"nt", "M <= 16 ? 16 : (M <= 32 ? 32 : (M <= 64 || " + busiest("64") +
                   " <= " + busiest("96") + " ? 64 : 96))"},
        {"tiles", sdk::text(columns) + " * ceil_div(M, nt)"},
        // Every block takes as many of the tiles' steps: two at least, where there are not more
        // tiles.
        {"blocks", "min(" + slots + " * sms, max(tiles, tiles * " + sdk::text(steps) + " / 2))"}};
    p.buffers = {{"wide", "M * K * 2"},
                 {"partial", up_to_top + "tiles % blocks != 0 ? blocks * 2 * nt * 1024 : 0"}};
    for (int nt : {16, 32, 96, 64}) {
      const sdk::Rows4 tile = sdk::rows4(chip, nt);
      const std::string when = "M > 0 && " + up_to_top + "nt == " + sdk::text(nt);
      widen(sdk::null_argument(), blocks_a, when);
      launch(
          unit("nvfp4_tiled", {{"BLOCK_M", sdk::text(nt)}, {"NUM_STAGES", sdk::text(tile.stages)}}),
          "blocks", "256", tile.shared,
          {t("B"), t("b_descale"), t("wide"), alpha, t("C"), t("partial"), m}, when);
      sum(nt, when);
    }
  }
  if (many) {
    p.buffers.push_back({"wide_b", "M > " + sdk::text(top) + " ? K * N * 2 : 0"});
    widen(t("wide_b"), blocks_a + " + ceil_div(K / 16 * (N / 8), 256)", "M > " + sdk::text(top));
    add_product(p, {*n, *k, c->dtype, "wide", "wide_b", "C", "alpha", top}, chip);
  }
  return p;
}

}  // namespace kdex_gemm
