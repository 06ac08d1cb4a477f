// The mla family: joins matcher and definition.
#include <algorithm>

#include "mla.h"

namespace kdex_mla {

class MlaFamily : public kdex::Family {
 public:
  kdex::FamilyInfo info() const override {
    return {
        "mla",
        "0.1.0",
        "Multi-head latent attention: absorbed paged decode and prefill, expanded ragged prefill",
        {"mla_paged", "mla_ragged"}};
  }

  kdex::FamilyResult match(const kdex::ModelView& view) const override {
    if (!view.tree.ok) return {};
    Found found = find_latents(view);
    kdex::sdk::Matches matches;
    for (const auto& l : found.latents) {
      const auto pattern = kdex::sdk::path_pattern(view.tree.modules[l.module].path);
      auto add = [&](Form form, std::int64_t page, const char* stage) {
        matches.add({{l.module}, false, pattern + " (" + stage + ")", define(l, form, page, view)});
      };
      if (!l.absorbed) {
        if (view.deployment.prefill) add(Form::ragged_prefill, 1, "ragged prefill");
        continue;
      }
      for (auto page : view.deployment.page_sizes) {
        if (page <= 0) continue;
        if (view.deployment.decode) add(Form::paged_decode, page, "decode");
        if (view.deployment.prefill) add(Form::paged_prefill, page, "paged prefill");
      }
    }
    const auto absorbed = std::count_if(found.latents.begin(), found.latents.end(),
                                        [](const Latent& l) { return l.absorbed; });
    if (absorbed && static_cast<std::size_t>(absorbed) < found.latents.size() &&
        view.deployment.prefill)
      found.notes.add(
          "",
          "whether prefill runs absorbed or expanded is decided by forward (by the cached prefix "
          "and the graph mode); both forms were written");
    return {matches.take(), found.notes.take(), std::move(found.claimed)};
  }

  kdex::KernelPlan kernel(const kdex::Definition& definition, const kdex::Chip& chip,
                          const kdex::Tuning& tuning) const override {
    return plan(definition, chip, tuning);
  }
};

}  // namespace kdex_mla

KDEX_FAMILY(kdex_mla::MlaFamily)
