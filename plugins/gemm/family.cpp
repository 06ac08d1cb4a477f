// The gemm family: joins matcher and definition, at TP=1 and per rank.
#include "gemm.h"

namespace kdex_gemm {

class GemmFamily : public kdex::Family {
 public:
  kdex::FamilyInfo info() const override {
    return {"gemm",
            "0.1.0",
            "Matrix products with the weights of linear layers, router gates and the vocabulary "
            "projection",
            {"gemm", "gemm_bf16", "gemm_fp16", "gemm_fp32", "gemm_fp8", "gemm_fp4"},
            {{"at_tp",
              "gemm-at-tp",
              {},
              kdex::Option::Type::boolean,
              "false",
              "GEMMs per rank beside the dataset's TP=1 convention"}}};
  }

  kdex::FamilyResult match(const kdex::ModelView& view) const override {
    if (!view.tree.ok) return {};
    const bool at_tp = view.options.boolean("at_tp");
    Found here = find_linears(view.tree, view.include_quantized);
    kdex::sdk::Matches matches;
    // The dataset's convention: sizes of the whole layer, as at TP=1.
    if (view.deployment.tp == 1) {
      add(here, view.tree, false, false, view, matches);
    } else if (view.tp1_tree != nullptr && view.tp1_tree->ok) {
      Found whole = find_linears(*view.tp1_tree, view.include_quantized);
      add(whole, *view.tp1_tree, true, false, view, matches);
    } else if (!here.linears.empty()) {
      here.notes.add(
          "", at_tp ? "the model could not be built at tp 1: GEMMs were written per rank only"
                    : "the model could not be built at tp 1, whose sizes the dataset's GEMMs have; "
                      "ask for gemm_at_tp to have those of one rank");
    }
    if (at_tp && view.deployment.tp != 1) add(here, view.tree, false, true, view, matches);
    return {matches.take(), here.notes.take(), std::move(here.claimed)};
  }

  kdex::KernelPlan kernel(const kdex::Definition& definition, const kdex::Chip& chip,
                          const kdex::Tuning& tuning) const override {
    return plan(definition, chip, tuning);
  }

 private:
  static void add(const Found& found, const kdex::ModuleTree& tree, bool from_tp1, bool per_rank,
                  const kdex::ModelView& view, kdex::sdk::Matches& matches) {
    for (const auto& l : found.linears) {
      auto what = kdex::sdk::path_pattern(tree.modules[l.module].path);
      if (!l.use.empty()) what += " (" + l.use + ")";
      matches.add({{l.module}, from_tp1, what, define(l, per_rank, view)});
    }
  }
};

}  // namespace kdex_gemm

KDEX_FAMILY(kdex_gemm::GemmFamily)
