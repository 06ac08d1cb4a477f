// The gqa family: joins matcher and forms.
#include <kdex/launches.h>

#include "gqa.h"

namespace kdex_gqa {

namespace {

kdex::Params params_of(const Attention& a, const kdex::ModelView& view) {
  kdex::Params p{{"num_qo_heads", a.num_qo_heads},
                 {"num_kv_heads", a.num_kv_heads},
                 {"head_dim", a.head_dim},
                 {"window_left", a.window_left},
                 {"logit_cap", a.logit_cap},
                 {"dtype", view.tree.dtype.empty() ? "bfloat16" : view.tree.dtype},
                 {"model", kdex::sdk::model_name(view.checkpoint)},
                 {"tp", view.deployment.tp}};
  if (view.deployment.attention_dp > 1) p.set("attention_dp", view.deployment.attention_dp);
  if (!a.sinks_dtype.empty()) p.set("sinks_dtype", a.sinks_dtype);
  return p;
}

}  // namespace

class GqaFamily : public kdex::Family {
 public:
  kdex::FamilyInfo info() const override {
    return {"gqa",
            "0.1.0",
            "Grouped-query attention: paged decode, paged prefill, ragged prefill",
            {"gqa_paged", "gqa_ragged"}};
  }

  const std::vector<kdex::Form>& forms() const override { return kdex_gqa::forms(); }

  kdex::FamilyResult match(const kdex::ModelView& view) const override {
    if (!view.tree.ok) return {};
    Found found = find_attentions(view);
    std::vector<kdex::Match> matches;
    const kdex::sdk::Launches launches(view);
    const bool fi_trace = view.dialect == "fi_trace";
    for (const auto& a : found.attentions) {
      const auto pattern = kdex::sdk::path_pattern(view.tree.modules[a.module].path);
      if (fi_trace && (!a.sinks_dtype.empty() || a.fp8_cache)) {
        found.notes.add(view.tree.modules[a.module],
                        "FlashInfer's own definitions have no attention sinks and no FP8 cache; no "
                        "definition was written");
        std::erase(found.claimed, a.module);
        continue;
      }
      auto add = [&](Kind kind, kdex::Params params, const char* stage) {
        kind.fi_trace = fi_trace;
        kind.sinks = !a.sinks_dtype.empty();
        kind.fp8_cache = kind.paged && a.fp8_cache;
        kind.fp8_queries =
            kind.fp8_cache && (kind.prefill ? a.fp8_prefill_queries : a.fp8_decode_queries);
        matches.push_back(kdex::sdk::match({a.module}, pattern + " (" + stage + ")", form_of(kind),
                                           std::move(params)));
        matches.back().calls =
            launches.attention(view.tree.modules[a.module], kind.prefill, kind.paged);
      };
      const kdex::Params params = params_of(a, view);
      // Where requests have several drafts each, decode steps run a form of prompts.
      const auto& module = view.tree.modules[a.module];
      const bool verified = !launches.attention(module, true, true).empty();
      kdex::sdk::note_masked_attention(view, module, found.notes);
      for (auto page : view.deployment.page_sizes) {
        if (page <= 0) continue;
        kdex::Params paged = params;
        paged.set("page_size", page);
        const bool last = page > 1 && !fi_trace;
        if (view.deployment.decode) add({.paged = true, .last_page = last}, paged, "decode");
        if (view.deployment.prefill || verified)
          add({.paged = true, .prefill = true, .last_page = last}, paged, "paged prefill");
      }
      if (view.deployment.prefill) add({.prefill = true}, params, "ragged prefill");
    }
    if (!found.attentions.empty() && view.deployment.prefill && !launches.known())
      found.notes.add(
          "",
          "whether prefill runs over the paged cache or over packed keys is decided by forward, "
          "which was not run; both forms were written");
    return {std::move(matches), found.notes.take(), std::move(found.claimed)};
  }
};

}  // namespace kdex_gqa

KDEX_FAMILY(kdex_gqa::GqaFamily)
