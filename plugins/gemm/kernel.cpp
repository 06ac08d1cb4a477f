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
  void tiled(int bm, int bn, std::string when) {
    const int stages = std::min(bm + bn == 256 ? 3 : 4, sdk::shared_limit(arch) / ((bm + bn) * 128));
    auto& l = launch(unit(1, {{"BM", sdk::text(bm)}, {"BN", sdk::text(bn)}, {"STAGES", sdk::text(stages)}}, "gemm_tiled"),
                     std::move(when));
    l.grid = {"ceil_div(M, " + sdk::text(bm) + ")", "ceil_div(N, " + sdk::text(bn) + ")", "1"};
    l.block = "256";
    l.shared = sdk::text((bm + bn) * 128 * stages);
    l.arguments = {sdk::tensor_argument("A"), sdk::tensor_argument("B"), sdk::tensor_argument("C"), sdk::int_argument("M")};
  }
  /// sm_90a, few rows: B's rows are wgmma's M, `nt` rows of A its N; `split` blocks of a cluster share K. Up to
  /// 64 rows two blocks live on a multiprocessor, each with half of its shared memory.
  void stream(int nt, int split, std::string when) {
    const int groups = 2, columns = 64 * groups, stage = (columns + nt) * 128;
    const int blocks = nt > 64 ? 1 : 2;
    const int stages = std::max(2, std::min(12, (sdk::shared_limit(arch) / blocks - 3072) / stage));
    const std::string rows = sdk::text(nt), suffix = rows + "_" + sdk::text(split);
    auto u = unit(2, {{"NT", rows}, {"SPLIT", sdk::text(split)}, {"STAGES", sdk::text(stages)}, {"WGS", sdk::text(groups)}},
                  "gemm_stream");
    auto b = map("B_" + suffix, "B", "K", "N", columns), a = map("A_" + suffix, "A", "K", "M", nt);
    auto& l = launch(u, std::move(when));
    l.grid = {"ceil_div(N, " + sdk::text(columns) + ") * " + sdk::text(split), "ceil_div(M, " + rows + ")", "1"};
    l.block = sdk::text(128 * groups + 32);
    l.shared = sdk::text(std::max(stages * stage, nt * (columns + 4) * 4) + 1024);
    l.arguments = {sdk::map_argument(b), sdk::map_argument(a), sdk::tensor_argument("C"), sdk::int_argument("M")};
  }
  /// The fewest blocks of a cluster that fill `sms` multiprocessors; each keeps at least eight steps of K.
  int split_for(std::int64_t tiles, std::int64_t sms) const {
    const std::int64_t steps = (k + 63) / 64;
    for (int s : {1, 2, 4})
      if (tiles * s >= sms || steps / (2 * s) < 8) return s;
    return 8;
  }
  /// sm_90a, many rows: persistent tiles of 128 x bn, two blocks of a cluster share B's.
  void tma(int bn, std::string when) {
    const int stage = (128 + bn) * 128, stages = bn == 128 ? 6 : 4;
    const std::string suffix = "t" + sdk::text(bn);
    auto u = unit(3, {{"BN", sdk::text(bn)}, {"STAGES", sdk::text(stages)}}, "gemm_tma");
    auto a = map("A_" + suffix, "A", "K", "M", 128), b = map("B_" + suffix, "B", "K", "N", bn / 2),
         c = map("C_" + suffix, "C", "N", "M", 64);
    auto& l = launch(u, std::move(when));
    l.grid = {"2 * min(sms / 2, pairs * ceil_div(N, " + sdk::text(bn) + "))", "1", "1"};
    l.block = "384";
    l.shared = sdk::text(stages * stage + 32768 + 1024);
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
  p.n = *n, p.k = *k, p.dtype_name = a->dtype, p.arch = arch;
  p.common = {{"KDEX_DTYPE", *dtype}, {"KDEX_ARCH", sdk::arch_constant(arch)}, {"N", sdk::text(*n)}, {"K", sdk::text(*k)}};
  p.plan.available = true;
  if (sdk::is_hopper(arch)) {
    p.plan.summary = "TMA and wgmma: rows of A as wgmma's N for few rows, persistent 128-row tiles in pairs of blocks above";
    const std::int64_t columns = (*n + 127) / 128;
    const std::int64_t sms = 132;  // H100 and H200; splits of K are constants of the kernel
    for (auto [from, to] : {std::pair{0, 8}, {8, 16}, {16, 32}, {32, 64}, {64, 128}})
      p.stream(to, p.split_for(columns, sms), "M > " + sdk::text(from) + " && M <= " + sdk::text(to));
    p.plan.values = {{"pairs", "ceil_div(M, 256)"},
                     {"few", "M > 128 && pairs * ceil_div(N, 128) < sms / 4"},
                     {"tiles", "ceil_div(N, 128) * ceil_div(M, 128)"}};
    // The busiest cluster's columns, with a small charge for narrow tiles.
    for (const char* bn : {"256", "192", "128"})
      p.plan.values.emplace_back(std::string("cost_") + bn,
                                 std::string("ceil_div(pairs * ceil_div(N, ") + bn + "), max(1, sms / 2)) * (" + bn + " + 12)");
    if (columns < sms / 4) {
      const int most = p.split_for(2 * columns, sms), least = std::min(most, 4);
      if (least < most) {
        p.stream(128, least, "few && tiles * 4 >= sms");
        p.stream(128, most, "few && tiles * 4 < sms");
      } else {
        p.stream(128, most, "few");
      }
    }
    const std::string many = columns < sms / 4 ? "M > 128 && !few && " : "M > 128 && ";
    p.tma(256, many + "cost_256 <= cost_192 && cost_256 <= cost_128");
    p.tma(192, many + "cost_192 < cost_256 && cost_192 <= cost_128");
    p.tma(128, many + "cost_128 < cost_256 && cost_128 < cost_192");
  } else {
    p.plan.summary = "one warp a column up to 4 rows, mma.sync tiles above";
    p.rows(1, "M == 1");
    p.rows(2, "M == 2");
    p.rows(4, "M > 2 && M <= 4");
    p.tiled(16, 128, "M > 4 && M <= 16");
    p.tiled(64, 64, "M > 16 && M <= 64");
    p.tiled(128, 128, "M > 64");
  }
  return std::move(p.plan);
}

}  // namespace kdex_gemm
