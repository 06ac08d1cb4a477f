// The moe family: joins matcher and definition.
#include "moe.h"

namespace kdex_moe {

class MoeFamily : public kdex::Family {
 public:
  kdex::FamilyInfo info() const override {
    return {"moe",
            "0.1.0",
            "Mixtures of experts: 16-bit, FP8 by blocks, FP8 by tensor, NVFP4; several routings",
            {"moe"}};
  }

  kdex::FamilyResult match(const kdex::ModelView& view) const override {
    if (!view.tree.ok) return {};
    Found found = find_experts(view);
    kdex::sdk::Matches matches;
    for (const auto& e : found.experts) {
      const auto& m = view.tree.modules[e.module];
      if (auto d = define(e, view)) {
        matches.add({{e.module}, false, kdex::sdk::path_pattern(m.path), std::move(*d)});
        if (e.routing == Routing::deepseek)
          found.notes.add(
              m,
              "the routing bias is float32 in the engine; the dataset's form has it in bfloat16");
      } else {
        found.notes.add(
            m, "no form joins this routing with this quantization; no definition was written");
      }
    }
    return {matches.take(), found.notes.take(), std::move(found.claimed)};
  }

  kdex::KernelPlan kernel(const kdex::Definition& definition, const kdex::Chip& chip,
                          const kdex::Tuning& tuning) const override {
    return plan(definition, chip, tuning);
  }
};

}  // namespace kdex_moe

KDEX_FAMILY(kdex_moe::MoeFamily)
