// Finds the attention cores of latent attention: an attention core whose block has a latent rank.
// The absorbed core is as wide as latent plus rotary part and has one KV head; the expanded one has
// a KV head for every query head.
#include "mla.h"

namespace kdex_mla {
namespace sdk = kdex::sdk;

Found find_latents(const kdex::ModelView& view) {
  Found out;
  const auto& tree = view.tree;
  const auto children = sdk::children_of(tree);
  for (std::size_t i = 0; i < tree.modules.size(); ++i) {
    const auto& m = tree.modules[i];
    if (!m.is_a("RadixAttention") || m.parent < 0) continue;
    const auto& block = tree.modules[static_cast<std::size_t>(m.parent)];
    auto rank = sdk::size_dim(block, "kv_lora_rank");
    if (!rank) continue;
    auto heads = sdk::size_dim(m, "tp_q_head_num"), kv = sdk::size_dim(m, "tp_k_head_num");
    auto width = sdk::size_dim(m, "head_dim"), value = sdk::size_dim(m, "v_head_dim");
    auto rope = sdk::size_dim(block, "qk_rope_head_dim");
    if (!heads || !kv || !width || !value || !rope) {
      out.notes.add(m,
                    "the sizes of this latent attention are not known; no definition was written");
      continue;
    }
    if (kv->value == 1 && width->value == rank->value + rope->value &&
        value->value == rank->value) {
      bool sparse = false;
      for (auto c : children[static_cast<std::size_t>(m.parent)])
        if (sdk::last_part(tree.modules[c].class_name).ends_with("Indexer")) sparse = true;
      out.claimed.push_back(i);
      if (sparse) {
        out.notes.add(
            m,
            "sparse attention: an indexer beside it chooses the keys that a query sees; the "
            "official form of absorbed attention sees all, so none was written");
        continue;
      }
      out.latents.push_back({i, true, *heads, *rank, *rope, {}, {}});
    } else if (kv->value == heads->value && value->value <= width->value) {
      out.claimed.push_back(i);
      out.latents.push_back({i, false, *heads, {}, {}, *width, *value});
    } else {
      out.notes.add(
          m,
          "an attention core of a latent block that is neither its absorbed nor its expanded form; "
          "no definition was written");
    }
    if (auto cap = sdk::real(m.attr("logit_cap")); cap && *cap > 0)
      out.notes.add(m, "soft cap of the logits at " + sdk::python_float(*cap) +
                           "; the official form has none");
    if (auto w = sdk::dim(m, "sliding_window_size"); w && w->value > 0)
      out.notes.add(
          m, "sliding window of " + std::to_string(w->value) + " keys; the official form has none");
  }
  if (auto it = tree.resolved.find("kv_cache_dtype"); it != tree.resolved.end())
    if (auto t = sdk::text(&it->second); t.find("fp8") != std::string::npos && !out.latents.empty())
      out.notes.add("", "the KV cache is " + t + "; the official form has it in the model's dtype");
  return out;
}

}  // namespace kdex_mla
