// The CUDA kernels of 16-bit matrix products (kernels/gemm.cu) and which of them runs at which M.
#include "core/plugin/kernel_authoring.h"
#include "gemm.h"

namespace kdex_gemm {
namespace sdk = kdex::sdk;

namespace {

struct Planner {
  kdex::KernelPlan plan;
  std::string dtype_name, arch;
  std::vector<std::pair<std::string, std::string>> common;
  std::int64_t n, k;

  std::size_t unit(int kernel, std::vector<std::pair<std::string, std::string>> more, const char* entry) {
    auto constants = common;
    constants.emplace_back("KERNEL", sdk::text(kernel));
    constants.insert(constants.end(), more.begin(), more.end());
    plan.units.push_back({"gemm.cu", "", std::move(constants), {entry}});
    return plan.units.size() - 1;
  }
  kdex::KernelLaunch& launch(std::size_t unit, std::string when) {
    kdex::KernelLaunch l;
    l.unit = unit;
    l.entry = plan.units[unit].entries[0];
    l.when = std::move(when);
    plan.launches.push_back(std::move(l));
    return plan.launches.back();
  }
  std::string map(const std::string& name, const std::string& tensor, const std::string& inner, const std::string& rows,
                  std::int64_t box_rows) {
    plan.maps.push_back({name, tensor, dtype_name, {inner, rows}, {inner + " * 2"}, {"64", sdk::text(box_rows)}});
    return name;
  }

  /// Few rows: B is read once by warps of one column each.
  void rows(std::int64_t rows_of_a, std::string when) {
    auto& l = launch(unit(0, {{"ROWS", sdk::text(rows_of_a)}}, "gemm_rows"), std::move(when));
    l.grid = {"ceil_div(N, 8)", "ceil_div(M, " + sdk::text(rows_of_a) + ")", "1"};
    l.block = "256";
    l.arguments = {sdk::tensor_argument("A"), sdk::tensor_argument("B"), sdk::tensor_argument("C"), sdk::int_argument("M")};
  }
  void tiled(int bm, int bn, int stages, std::string when) {
    auto& l = launch(unit(1, {{"BM", sdk::text(bm)}, {"BN", sdk::text(bn)}, {"STAGES", sdk::text(stages)}}, "gemm_tiled"),
                     std::move(when));
    l.grid = {"ceil_div(M, " + sdk::text(bm) + ")", "ceil_div(N, " + sdk::text(bn) + ")", "1"};
    l.block = "256";
    l.shared = sdk::text((bm + bn) * 128 * stages);
    l.arguments = {sdk::tensor_argument("A"), sdk::tensor_argument("B"), sdk::tensor_argument("C"), sdk::int_argument("M")};
  }
  /// sm_90a, few rows: B's rows are wgmma's M, `nt` rows of A its N; `split` blocks of a cluster share K.
  void stream(int nt, std::string when) {
    const std::int64_t columns = (n + 127) / 128, steps = (k + 63) / 64;
    int split = 1;
    while (split < 8 && columns * split * 2 <= 2 * 132 && steps / (split * 2) >= 4) split *= 2;
    const int stage = (128 + nt) * 128;
    const int stages = std::min(10, 200 * 1024 / stage);
    const std::string suffix = sdk::text(nt);
    auto u = unit(2, {{"NT", suffix}, {"SPLIT", sdk::text(split)}, {"STAGES", sdk::text(stages)}}, "gemm_stream");
    auto b = map("B_" + suffix, "B", "K", "N", 128), a = map("A_" + suffix, "A", "K", "M", nt);
    auto& l = launch(u, std::move(when));
    l.grid = {"ceil_div(N, 128) * " + sdk::text(split), "ceil_div(M, " + suffix + ")", "1"};
    l.block = "384";
    l.shared = sdk::text(stages * stage + 1024);
    l.arguments = {sdk::map_argument(b), sdk::map_argument(a), sdk::tensor_argument("C"), sdk::int_argument("M")};
  }
  /// sm_90a, many rows: persistent tiles of 128 x bn, two blocks of a cluster share B's.
  void tma(int bn, std::string when) {
    const int stage = (128 + bn) * 128, stages = bn == 256 ? 3 : 5;
    const std::string suffix = "t" + sdk::text(bn);
    auto u = unit(3, {{"BN", sdk::text(bn)}, {"STAGES", sdk::text(stages)}}, "gemm_tma");
    auto a = map("A_" + suffix, "A", "K", "M", 128), b = map("B_" + suffix, "B", "K", "N", bn / 2),
         c = map("C_" + suffix, "C", "N", "M", 64);
    auto& l = launch(u, std::move(when));
    l.grid = {"2 * min(sms / 2, ceil_div(M, 256) * ceil_div(N, " + sdk::text(bn) + "))", "1", "1"};
    l.block = "384";
    l.shared = sdk::text(stages * stage + 4 * 64 * 128 + 1024);
    l.arguments = {sdk::map_argument(a), sdk::map_argument(b), sdk::map_argument(c), sdk::int_argument("M")};
  }
};

}  // namespace

kdex::KernelPlan plan(const kdex::Definition& d, const std::string& arch) {
  if (!d.op_type.starts_with("gemm")) return {};
  const auto *a = sdk::input(d, "A"), *b = sdk::input(d, "B"), *c = sdk::output(d, "C");
  auto n = sdk::const_value(d, "N"), k = sdk::const_value(d, "K");
  const std::vector<std::string> by_rows = {"N", "K"};
  if (d.op_type == "gemm_fp8" || d.op_type == "gemm_fp4")
    return sdk::no_kernel("gemm: there is no kernel for " + d.op_type.substr(5) + " operands yet");
  if (a == nullptr || b == nullptr || c == nullptr || !n || !k)
    return sdk::no_kernel("gemm: the tensors A, B, C and the axes N, K are wanted");
  auto dtype = sdk::dtype_constant(a->dtype);
  if (!dtype || b->dtype != a->dtype || c->dtype != a->dtype)
    return sdk::no_kernel("gemm: A, B and C must be all float16 or all bfloat16");
  if (!b->shape || *b->shape != by_rows)
    return sdk::no_kernel("gemm: B must be [N, K], the weight as torch stores it");
  if (*n % 8 != 0) return sdk::no_kernel("gemm: N " + sdk::text(*n) + " is not a multiple of 8 (16-byte accesses)");
  if (*k % 8 != 0) return sdk::no_kernel("gemm: K " + sdk::text(*k) + " is not a multiple of 8 (16-byte accesses)");

  Planner p;
  p.n = *n, p.k = *k, p.dtype_name = a->dtype;
  p.common = {{"KDEX_DTYPE", *dtype}, {"KDEX_ARCH", sdk::arch_constant(arch)}, {"N", sdk::text(*n)}, {"K", sdk::text(*k)}};
  p.plan.available = true;
  if (sdk::is_hopper(arch)) {
    p.plan.summary = "rows of A as wgmma's N up to 64, TMA and wgmma tiles above";
    p.stream(8, "M <= 8");
    p.stream(16, "M > 8 && M <= 16");
    p.stream(32, "M > 16 && M <= 32");
    p.stream(64, "M > 32 && M <= 64");
    // The larger tile where its tiles fill the device.
    const std::string wide = "ceil_div(M, 256) * ceil_div(N, 256) * 2 >= sms";
    p.tma(128, "M > 64 && !(" + wide + ")");
    p.tma(256, "M > 64 && " + wide);
  } else {
    p.plan.summary = "one warp a column up to 4 rows, mma.sync tiles above";
    p.rows(1, "M == 1");
    p.rows(4, "M > 1 && M <= 4");
    p.tiled(16, 128, 4, "M > 4 && M <= 16");
    p.tiled(64, 64, 4, "M > 16 && M <= 64");
    p.tiled(128, 128, 3, "M > 64");
  }
  return std::move(p.plan);
}

}  // namespace kdex_gemm
