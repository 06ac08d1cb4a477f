// The CUDA kernels of NVFP4 products (kernels/gemm_fp4.cu): values are widened to 16 bits in registers, or for many rows
// on sm_90a beforehand, for the 16-bit product's kernels.
#include "core/plugin/kernel_authoring.h"
#include "gemm.h"

namespace kdex_gemm {
namespace sdk = kdex::sdk;

kdex::KernelPlan plan_fp4(const kdex::Definition& d, const std::string& arch) {
  using Shape = std::vector<std::string>;
  const auto *a = sdk::input(d, "A"), *b = sdk::input(d, "B"), *a_scale = sdk::input(d, "a_descale"), *b_scale = sdk::input(d, "b_descale"), *c = sdk::output(d, "C");
  auto n = sdk::const_value(d, "N"), k = sdk::const_value(d, "K");
  if (!a || !b || !a_scale || !b_scale || !sdk::input(d, "alpha") || !c || !n || !k) return sdk::no_kernel("gemm: tensors or axes of the FP4 form are missing");
  if (a->dtype != "int8" || b->dtype != "int8" || a_scale->dtype != "float8_e4m3fn" || b_scale->dtype != "float8_e4m3fn")
    return sdk::no_kernel("gemm: the FP4 operands must be int8 with float8_e4m3fn scales");
  auto dtype = sdk::dtype_constant(c->dtype);
  if (!dtype) return sdk::no_kernel("gemm: the output must be bfloat16 or float16");
  if (!b->shape || *b->shape != Shape{"K_packed", "N"} || !b_scale->shape || *b_scale->shape != Shape{"K_div_block_size", "N"})
    return sdk::no_kernel("gemm: B has another layout than the kernel's");
  if (sdk::const_value(d, "K_packed") != *k / 2 || sdk::const_value(d, "K_div_block_size") != *k / 16)
    return sdk::no_kernel("gemm: FP4 values must be two in a byte with a scale for 16");
  if (*n <= 0 || *n % 16 != 0) return sdk::no_kernel("gemm: N " + sdk::text(*n) + " is not a multiple of 16 (16-byte accesses)");
  if (*k <= 0 || *k % 16 != 0) return sdk::no_kernel("gemm: K " + sdk::text(*k) + " is not a multiple of 16 (the blocks of the scales)");

  kdex::KernelPlan p;
  p.available = true;
  p.early = sdk::is_hopper(arch);
  p.summary = "weights read packed and widened in registers, mma.sync on tiles of 256 columns, K shared by blocks";
  // Rows from which on both operands are widened first; B in 16 bits may be 4 GiB.
  const bool many = sdk::is_hopper(arch) && *n * *k <= std::int64_t{1} << 31;
  const std::int64_t top = 64;
  if (many) p.summary += "; above 64 rows both operands are widened first, for TMA and wgmma";
  const std::int64_t columns = (*n + 255) / 256, steps = (*k + 127) / 128;
  // Above 64 rows the width whose busiest multiprocessor has the least to do; weights are widened in the time of 32 rows.
  auto busiest = [&](const std::string& t) { return "ceil_div(" + sdk::text(columns) + " * ceil_div(M, " + t + "), sms) * (" + t + " + 32)"; };
  // Blocks that a multiprocessor holds.
  const std::string slots = "(nt == 16 ? " + sdk::text(sdk::rows4(arch, 16).blocks) + " : (nt == 32 ? " + sdk::text(sdk::rows4(arch, 32).blocks) + " : 1))";
  p.values = {{"nt", "M <= 16 ? 16 : (M <= 32 ? 32 : " + (many ? "64)" : "(M <= 64 || " + busiest("64") + " <= " + busiest("96") + " ? 64 : 96))")},
              {"tiles", sdk::text(columns) + " * ceil_div(M, nt)"},
              // Every block takes as many of the tiles' steps: two at least, where there are not more tiles.
              {"blocks", "min(" + slots + " * sms, max(tiles, tiles * " + sdk::text(steps) + " / 2))"}};
  p.buffers = {{"wide", "M * K * 2"}, {"partial", std::string(many ? "M <= 64 && " : "") + "tiles % blocks != 0 ? blocks * 2 * nt * 1024 : 0"}};
  if (many) p.buffers.push_back({"wide_b", "M > 64 ? K * N * 2 : 0"});
  for (int nt : {16, 32, 64, 96}) {
    if (many && nt > top) break;
    const sdk::Rows4 tile = sdk::rows4(arch, nt);
    p.units.push_back({"gemm_fp4.cu",
                       "",
                       {{"KDEX_DTYPE", *dtype},
                        {"KDEX_ARCH", sdk::arch_constant(arch)},
                        {"N", sdk::text(*n)},
                        {"K", sdk::text(*k)},
                        {"NT", sdk::text(nt)},
                        {"STAGES", sdk::text(tile.stages)}},
                       {"gemm_fp4_widen", "gemm_fp4", "gemm_fp4_sum"}});
    auto launch = [&](const char* entry, const std::string& grid, std::int64_t shared, std::vector<kdex::KernelArgument> arguments, const std::string& when) {
      kdex::KernelLaunch l;
      l.unit = p.units.size() - 1;
      l.entry = entry;
      l.when = when;
      l.grid[0] = grid;
      l.block = "256";
      l.shared = sdk::text(shared);
      l.arguments = std::move(arguments);
      p.launches.push_back(std::move(l));
    };
    auto t = [](const char* name) { return sdk::tensor_argument(name); };
    const auto alpha = sdk::scalar_argument("alpha"), m = sdk::int_argument("M");
    const std::string few = (many ? "M > 0 && M <= 64 && nt == " : "M > 0 && nt == ") + sdk::text(nt), blocks_a = "ceil_div(M * (K / 16), 256)";
    auto widen = [&](kdex::KernelArgument to, const std::string& blocks, const std::string& when) {
      launch("gemm_fp4_widen", blocks, 0, {t("A"), t("a_descale"), t("B"), t("b_descale"), t("wide"), std::move(to), m, sdk::int_argument(blocks_a)}, when);
    };
    widen(sdk::null_argument(), blocks_a, few);
    launch("gemm_fp4", "blocks", tile.shared, {t("B"), t("b_descale"), t("wide"), alpha, t("C"), t("partial"), m}, few);
    launch("gemm_fp4_sum", "ceil_div(M * N, 1024)", 0, {t("partial"), alpha, t("C"), m, sdk::int_argument("blocks")}, few + " && tiles % blocks != 0");
    if (many && nt == top) widen(t("wide_b"), blocks_a + " + ceil_div(K / 16 * (N / 8), 256)", "M > 64");
  }
  if (many) add_product(p, {*n, *k, c->dtype, "wide", "wide_b", "C", "alpha", top});
  return p;
}

}  // namespace kdex_gemm
