// The gqa family: joins matcher and definition.
#include "gqa.h"

namespace kdex_gqa {

class GqaFamily : public kdex::Family {
 public:
  kdex::FamilyInfo info() const override {
    return {"gqa",
            "0.1.0",
            "Grouped-query attention: paged decode, paged prefill, ragged prefill",
            {"gqa_paged", "gqa_ragged"}};
  }

  kdex::FamilyResult match(const kdex::ModelView& view) const override {
    if (!view.tree.ok) return {};
    Found found = find_attentions(view);
    kdex::sdk::Matches matches;
    for (const auto& a : found.attentions) {
      const auto pattern = kdex::sdk::path_pattern(view.tree.modules[a.module].path);
      auto add = [&](Form form, std::int64_t page, const char* stage) {
        matches.add({{a.module}, false, pattern + " (" + stage + ")", define(a, form, page, view)});
      };
      for (auto page : view.deployment.page_sizes) {
        if (page <= 0) continue;
        if (view.deployment.decode) add(Form::paged_decode, page, "decode");
        if (view.deployment.prefill) add(Form::paged_prefill, page, "paged prefill");
      }
      if (view.deployment.prefill) add(Form::ragged_prefill, 1, "ragged prefill");
    }
    if (!found.attentions.empty() && view.deployment.prefill)
      found.notes.add(
          "",
          "whether prefill runs over the paged cache or over packed keys is decided by forward; "
          "both forms were written");
    return {matches.take(), found.notes.take(), std::move(found.claimed)};
  }

  kdex::KernelPlan kernel(const kdex::Definition& definition, const kdex::Chip& chip,
                          const kdex::Tuning& tuning) const override {
    return plan(definition, chip, tuning);
  }
};

}  // namespace kdex_gqa

KDEX_FAMILY(kdex_gqa::GqaFamily)
