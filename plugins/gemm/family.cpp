// The gemm family: joins matcher and forms, at TP=1 and per rank.
#include <kdex/launches.h>

#include "gemm.h"

namespace kdex_gemm {

namespace {

/// `per_rank`: sizes of one rank at the deployment, not the dataset's TP=1 convention.
kdex::Params params_of(const Linear& l, const kdex::Form& form, bool per_rank,
                       const kdex::ModelView& view) {
  kdex::Params p{{"N", l.n},
                 {"K", l.k},
                 {"model", kdex::sdk::model_name(view.checkpoint)},
                 {"tp", per_rank ? view.deployment.tp : 1},
                 {"dtype", l.dtype},
                 {"bias", l.bias}};
  if (!l.output.empty()) p.set("output", l.output);
  if (l.weights == Weights::single && form.param("storage")) p.set("storage", "float32");
  return p;
}

}  // namespace

class GemmFamily : public kdex::Family {
 public:
  kdex::FamilyInfo info() const override {
    return {"gemm",
            "0.1.0",
            "Matrix products with the weights of linear layers, router gates, the vocabulary "
            "projection and absorbed latent attention",
            {"gemm", "gemm_bf16", "gemm_fp16", "gemm_fp32", "gemm_fp8", "gemm_fp4", "bmm"},
            "",
            {{"at_tp",
              "gemm-at-tp",
              {},
              kdex::Option::Type::boolean,
              "false",
              "GEMMs per rank beside the dataset's TP=1 convention"}}};
  }

  const std::vector<kdex::Form>& forms() const override { return kdex_gemm::forms(); }

  kdex::FamilyResult match(const kdex::ModelView& view) const override {
    if (!view.tree.ok) return {};
    const bool at_tp = view.options.boolean("at_tp");
    const bool fi_trace = view.dialect == "fi_trace";
    Found here = find_linears(view.tree, view.include_quantized, fi_trace);
    std::vector<kdex::Match> matches;
    // The dataset's convention: sizes of the whole layer, as at TP=1.
    if (view.deployment.tp == 1) {
      add(here, view.tree, false, false, view, matches);
    } else if (view.tp1_tree != nullptr && view.tp1_tree->ok) {
      Found whole = find_linears(*view.tp1_tree, view.include_quantized, fi_trace);
      add(whole, *view.tp1_tree, true, false, view, matches);
    } else if (!here.linears.empty()) {
      here.notes.add(
          "", at_tp ? "the model could not be built at tp 1: GEMMs were written per rank only"
                    : "the model could not be built at tp 1, whose sizes the dataset's GEMMs have; "
                      "ask for gemm_at_tp to have those of one rank");
    }
    if (at_tp && view.deployment.tp != 1) add(here, view.tree, false, true, view, matches);
    for (auto& m : find_batched(view, here.notes)) matches.push_back(std::move(m));
    return {std::move(matches), here.notes.take(), std::move(here.claimed)};
  }

 private:
  static void add(const Found& found, const kdex::ModuleTree& tree, bool from_tp1, bool per_rank,
                  const kdex::ModelView& view, std::vector<kdex::Match>& matches) {
    const kdex::sdk::Launches launches(view);
    for (const auto& l : found.linears) {
      auto what = kdex::sdk::path_pattern(tree.modules[l.module].path);
      if (!l.use.empty()) what += " (" + l.use + ")";
      const kdex::Form* form = form_of(l.weights, l.dtype, view.dialect == "fi_trace");
      matches.push_back(
          kdex::sdk::match({l.module}, what, form, params_of(l, *form, per_rank, view)));
      matches.back().from_tp1 = from_tp1;
      matches.back().calls = launches.products(tree.modules[l.module]);
    }
  }
};

}  // namespace kdex_gemm

KDEX_FAMILY(kdex_gemm::GemmFamily)
