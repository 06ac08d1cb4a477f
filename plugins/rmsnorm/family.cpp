// The rmsnorm family: joins matcher and definition.
#include "rmsnorm.h"

namespace kdex_rmsnorm {

class RmsNormFamily : public kdex::Family {
 public:
  kdex::FamilyInfo info() const override {
    return {"rmsnorm",
            "0.1.0",
            "RMS normalization, plain and fused with the residual add, Gemma's (1+w) apart",
            {"rmsnorm"}};
  }

  kdex::FamilyResult match(const kdex::ModelView& view) const override {
    if (!view.tree.ok) return {};
    Found found = find_norms(view);
    kdex::sdk::Matches matches;
    for (const auto& norm : found.norms) {
      const auto pattern = kdex::sdk::path_pattern(view.tree.modules[norm.module].path);
      matches.add({{norm.module}, false, pattern, define(norm, false, view)});
      if (norm.may_fuse) matches.add({{norm.module}, false, pattern, define(norm, true, view)});
    }
    auto all = matches.take();
    for (const auto& m : all)
      if (m.definition.name.find("_eps") != std::string::npos)
        found.notes.add(
            m.what,
            "its eps differs from that of the dataset's definition of this width: written as " +
                m.definition.name);
    return {std::move(all), found.notes.take(), std::move(found.claimed)};
  }

  kdex::KernelPlan kernel(const kdex::Definition& definition, const kdex::Chip& chip,
                          const kdex::Tuning& tuning) const override {
    return plan(definition, chip, tuning);
  }
};

}  // namespace kdex_rmsnorm

KDEX_FAMILY(kdex_rmsnorm::RmsNormFamily)
