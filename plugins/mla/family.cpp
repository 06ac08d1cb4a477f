// The mla family: joins matcher and forms.
#include <algorithm>

#include <kdex/launches.h>

#include "mla.h"

namespace kdex_mla {

namespace {

kdex::Params params_of(const Latent& l, const kdex::ModelView& view) {
  kdex::Params p{{"num_qo_heads", l.num_qo_heads},
                 {"dtype", view.tree.dtype.empty() ? "bfloat16" : view.tree.dtype},
                 {"model", kdex::sdk::model_name(view.checkpoint)},
                 {"tp", view.deployment.tp}};
  if (view.deployment.attention_dp > 1) p.set("attention_dp", view.deployment.attention_dp);
  if (l.is_limited()) p.set("window_left", l.window_left).set("logit_cap", l.logit_cap);
  if (l.absorbed)
    p.set("head_dim_ckv", l.ckv).set("head_dim_kpe", l.kpe);
  else
    p.set("num_kv_heads", l.num_qo_heads).set("qk_dim", l.qk).set("vo_dim", l.vo);
  return p;
}

}  // namespace

class MlaFamily : public kdex::Family {
 public:
  kdex::FamilyInfo info() const override {
    return {
        "mla",
        "0.1.0",
        "Multi-head latent attention: absorbed paged decode and prefill, expanded ragged prefill",
        {"mla_paged", "mla_ragged"}};
  }

  const std::vector<kdex::Form>& forms() const override { return kdex_mla::forms(); }

  kdex::FamilyResult match(const kdex::ModelView& view) const override {
    if (!view.tree.ok) return {};
    Found found = find_latents(view);
    std::vector<kdex::Match> matches;
    const kdex::sdk::Launches launches(view);
    const bool fi_trace = view.dialect == "fi_trace";
    for (const auto& l : found.latents) {
      const auto pattern = kdex::sdk::path_pattern(view.tree.modules[l.module].path);
      if (fi_trace && (l.is_limited() || (l.absorbed && l.fp8_cache))) {
        found.notes.add(
            view.tree.modules[l.module],
            "FlashInfer's own definitions of latent attention have no window, no cap of "
            "the logits and no FP8 cache; no definition was written");
        std::erase(found.claimed, l.module);
        continue;
      }
      auto add = [&](Kind kind, kdex::Params params, const char* stage) {
        kind.fi_trace = fi_trace;
        kind.fp8_cache = kind.paged && l.fp8_cache;
        kind.fp8_queries =
            kind.fp8_cache && (kind.prefill ? l.fp8_prefill_queries : l.fp8_decode_queries);
        kind.limited = !kind.fp8_cache && l.is_limited();
        matches.push_back(kdex::sdk::match({l.module}, pattern + " (" + stage + ")", form_of(kind),
                                           std::move(params)));
        matches.back().calls =
            launches.attention(view.tree.modules[l.module], kind.prefill, kind.paged);
      };
      kdex::Params params = params_of(l, view);
      if (!l.absorbed) {
        if (view.deployment.prefill) add({.prefill = true}, params, "ragged prefill");
        continue;
      }
      // Where requests have several drafts each, decode steps run a form of prompts.
      const auto& module = view.tree.modules[l.module];
      const bool verified = !launches.attention(module, true, true).empty();
      kdex::sdk::note_masked_attention(view, module, found.notes);
      for (auto page : view.deployment.page_sizes) {
        if (page <= 0) continue;
        params.set("page_size", page);
        const bool last = page > 1 && !fi_trace;
        if (view.deployment.decode) add({.paged = true, .last_page = last}, params, "decode");
        if (view.deployment.prefill || verified)
          add({.paged = true, .prefill = true, .last_page = last}, params, "paged prefill");
      }
    }
    const auto absorbed = std::count_if(found.latents.begin(), found.latents.end(),
                                        [](const Latent& l) { return l.absorbed; });
    if (absorbed && static_cast<std::size_t>(absorbed) < found.latents.size() &&
        view.deployment.prefill && !launches.known())
      found.notes.add(
          "",
          "whether prefill runs absorbed or expanded is decided by forward (by the cached prefix "
          "and the graph mode), which was not run; both forms were written");
    return {std::move(matches), found.notes.take(), std::move(found.claimed)};
  }
};

}  // namespace kdex_mla

KDEX_FAMILY(kdex_mla::MlaFamily)
