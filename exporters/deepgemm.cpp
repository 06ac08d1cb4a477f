// export-deepgemm: lists of shapes as DeepGEMM's tests have them, Python tuples: (N, K) of
// products, and groups with (N, K) of the experts' two products.
#include <algorithm>

#include "exporters/shared/table_stage.h"

namespace kdex::exporters {
namespace {

void add(std::vector<std::string>& tuples, const std::string& tuple) {
  if (std::find(tuples.begin(), tuples.end(), tuple) == tuples.end()) tuples.push_back(tuple);
}

std::string tuple_of(std::initializer_list<std::int64_t> numbers) {
  std::string out;
  for (const auto n : numbers) out += (out.empty() ? "(" : ", ") + std::to_string(n);
  return out + ")";
}

std::string list_of(const std::string& name, const std::vector<std::string>& tuples) {
  std::string out = name + " = [\n";
  for (const auto& t : tuples) out += "    " + t + ",\n";
  return out + "]\n";
}

class DeepGemm : public TableStage {
 protected:
  std::string form() const override { return "deepgemm"; }
  std::string summary() const override {
    return "write shape lists as DeepGEMM's tests have them: (N, K), (groups, N, K)";
  }
  void write(const StageContext&, const std::vector<Kernel>& kernels,
             StageResult& result) const override {
    std::vector<std::string> fp8, bf16, fp8_groups, bf16_groups;
    std::vector<Kernel> others;
    for (const auto& k : kernels) {
      const bool is_fp8 = k.values == "fp8_block", is_bf16 = k.values == "bfloat16";
      const bool is_product = k.kind == Kind::product, is_experts = k.kind == Kind::experts;
      if (!is_product && !is_experts) continue;
      if (!is_fp8 && !is_bf16) {
        others.push_back(k);
        continue;
      }
      if (is_product) {
        add(is_fp8 ? fp8 : bf16, tuple_of({k.size("N"), k.size("K")}));
        continue;
      }
      auto& groups = is_fp8 ? fp8_groups : bf16_groups;
      add(groups, tuple_of({k.size("E"), k.size("gate_up"), k.size("hidden")}));
      add(groups, tuple_of({k.size("E"), k.size("hidden"), k.size("intermediate")}));
    }
    if (!others.empty())
      result.notes.push_back(left_out(others, "of formats that DeepGEMM does not multiply"));
    result.files.push_back({"exports/deepgemm/shapes.py",
                            "# (n, k) of products; (num_groups, n, k) of grouped ones.\n" +
                                list_of("fp8_nk", fp8) + list_of("bf16_nk", bf16) +
                                list_of("fp8_m_grouped", fp8_groups) +
                                list_of("bf16_m_grouped", bf16_groups)});
  }
};

}  // namespace
}  // namespace kdex::exporters

KDEX_STAGE(kdex::exporters::DeepGemm)
