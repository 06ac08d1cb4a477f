// Finds the attention cores of latent attention: an attention core whose block has a latent rank.
// The absorbed core is as wide as latent plus rotary part and has one KV head; the expanded one has
// a KV head for every query head.
#include <kdex/roles.h>

#include "mla.h"

namespace kdex_mla {
namespace sdk = kdex::sdk;
namespace role = kdex::role;

Found find_latents(const kdex::ModelView& view) {
  Found out;
  const auto& tree = view.tree;
  for (std::size_t i = 0; i < tree.modules.size(); ++i) {
    const auto& m = tree.modules[i];
    if (m.role != role::latent_attention) continue;
    auto rank = sdk::size_dim(m.fact("latent_rank")), rope = sdk::size_dim(m.fact("rope_dim"));
    auto heads = sdk::size_dim(m.fact("num_q_heads")), kv = sdk::size_dim(m.fact("num_kv_heads"));
    auto width = sdk::size_dim(m.fact("head_dim")), value = sdk::size_dim(m.fact("v_head_dim"));
    if (!rank || !heads || !kv || !width || !value || !rope) {
      out.notes.add(m,
                    "the sizes of this latent attention are not known; no definition was written");
      continue;
    }
    if (kv->value == 1 && width->value == rank->value + rope->value &&
        value->value == rank->value) {
      out.claimed.push_back(i);
      if (m.fact("indexer") != nullptr) {
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
    if (auto cap = sdk::real(m.fact("logit_cap")); cap && *cap > 0)
      out.notes.add(m, "soft cap of the logits at " + sdk::python_float(*cap) +
                           "; the official form has none");
    if (auto w = sdk::dim(m.fact("window_left")); w && w->value > 0)
      out.notes.add(
          m, "sliding window of " + std::to_string(w->value) + " keys; the official form has none");
  }
  if (!out.latents.empty())
    if (auto t = sdk::text(tree.modules[out.latents[0].module].fact("kv_cache_dtype"));
        t.find("fp8") != std::string::npos)
      out.notes.add("", "the KV cache is " + t + "; the official form has it in the model's dtype");
  return out;
}

}  // namespace kdex_mla
