// The rmsnorm family: joins matcher and forms.
#include <kdex/launches.h>

#include "rmsnorm.h"

namespace kdex_rmsnorm {

namespace {

/// The launches of a norm, with or without the residual: by its weight, or by the module where it
/// has none.
std::vector<kdex::CallPlace> launches_of(const kdex::Module& m, bool fused,
                                         const kdex::sdk::Launches& launches) {
  if (m.fact("weight") == nullptr)
    return fused ? launches.inside(m, {"norm_residual"}) : launches.inside(m, {"norm"});
  return fused ? launches.reading(m, {"norm_residual"}) : launches.reading(m, {"norm"});
}

/// The form in the view's dialect, plain or fused.
const kdex::Form* form_of(bool fused, std::string_view dialect) {
  const auto& all = forms();
  return &all[!fused ? 0 : dialect == "fi_trace" ? 2 : 1];
}

kdex::Params params_of(const Norm& norm, const kdex::ModelView& view) {
  const std::string dtype = view.tree.dtype.empty() ? "bfloat16" : view.tree.dtype;
  return {{"hidden_size", norm.hidden_size},
          {"eps", norm.eps},
          {"gemma", norm.gemma},
          {"dtype", dtype},
          {"weight_dtype", norm.weight_dtype.empty() ? dtype : norm.weight_dtype},
          {"model", kdex::sdk::model_name(view.checkpoint)}};
}

}  // namespace

class RmsNormFamily : public kdex::Family {
 public:
  kdex::FamilyInfo info() const override {
    return {"rmsnorm",
            "0.1.0",
            "RMS normalization, plain and fused with the residual add, Gemma's (1+w) apart",
            {"rmsnorm"}};
  }

  const std::vector<kdex::Form>& forms() const override { return kdex_rmsnorm::forms(); }

  kdex::FamilyResult match(const kdex::ModelView& view) const override {
    if (!view.tree.ok) return {};
    Found found = find_norms(view);
    std::vector<kdex::Match> matches;
    const kdex::sdk::Launches launches(view);
    for (const auto& norm : found.norms) {
      const auto pattern = kdex::sdk::path_pattern(view.tree.modules[norm.module].path);
      const kdex::Params params = params_of(norm, view);
      for (bool fused : {false, true})
        if (!fused || norm.may_fuse) {
          matches.push_back(
              kdex::sdk::match({norm.module}, pattern, form_of(fused, view.dialect), params));
          matches.back().calls = launches_of(view.tree.modules[norm.module], fused, launches);
        }
    }
    return {std::move(matches), found.notes.take(), std::move(found.claimed)};
  }
};

}  // namespace kdex_rmsnorm

KDEX_FAMILY(kdex_rmsnorm::RmsNormFamily)
