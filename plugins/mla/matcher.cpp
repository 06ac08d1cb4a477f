// Finds the attention cores of latent attention: an attention core whose block has a latent rank.
// The absorbed core is as wide as latent plus rotary part and has one KV head; the expanded one has
// a KV head for every query head.
#include <kdex/roles.h>

#include "mla.h"

namespace kdex_mla {
namespace sdk = kdex::sdk;
namespace role = kdex::role;

namespace {

/// The window and the cap of the logits, which have a form of their own.
void read_limits(Latent& l, const kdex::Module& m, sdk::Notes& notes) {
  if (auto w = sdk::dim(m.fact("window_left")); w && w->value > 0) {
    l.window_left = w->value;
    const std::string keys = std::to_string(w->value);
    notes.add(m, "sliding window: a query sees " + keys +
                     " keys before its own; the official form has no window, so the definition has "
                     "its own name (_sw" +
                     keys + ")");
  }
  if (auto cap = sdk::real(m.fact("logit_cap")); cap && *cap > 0) {
    l.logit_cap = *cap;
    const std::string at = sdk::python_float(*cap);
    notes.add(m, "soft cap of the logits at " + at +
                     "; the official form has none, so the definition has its own name (_cap" + at +
                     ")");
  }
}

/// The dtypes of cache and queries; else why no form covers them.
std::string read_cache(Latent& l, const kdex::Module& m, const std::string& dtype) {
  const std::string cache = sdk::text(m.fact("kv_cache_dtype"));
  if (cache.empty() || cache == "auto") return "";
  if ((cache == "bf16" || cache == "bfloat16") && (dtype.empty() || dtype == "bfloat16")) return "";
  if (cache != "fp8_e4m3")
    return "the KV cache is " + cache + ", for which there is no form; no definition was written";
  l.fp8_cache = true;
  l.fp8_decode_queries = sdk::text(m.fact("decode_query_dtype")) == "float8_e4m3fn";
  l.fp8_prefill_queries = sdk::text(m.fact("prefill_query_dtype")) == "float8_e4m3fn";
  return "";
}

}  // namespace

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
      if (m.fact("indexer") != nullptr) {
        out.notes.add(
            m,
            "sparse attention: an indexer beside it chooses the keys that a query sees; the "
            "official form of absorbed attention sees all, so none was written");
        continue;
      }
      Latent l{.module = i, .absorbed = true, .num_qo_heads = *heads, .ckv = *rank, .kpe = *rope};
      read_limits(l, m, out.notes);
      if (auto problem = read_cache(l, m, tree.dtype); !problem.empty()) {
        out.notes.add(m, problem);
        continue;
      }
      out.claimed.push_back(i);
      out.latents.push_back(l);
    } else if (kv->value == heads->value && value->value <= width->value) {
      out.claimed.push_back(i);
      Latent l{.module = i, .num_qo_heads = *heads, .qk = *width, .vo = *value};
      read_limits(l, m, out.notes);
      out.latents.push_back(l);
    } else {
      out.notes.add(
          m,
          "an attention core of a latent block that is neither its absorbed nor its expanded form; "
          "no definition was written");
    }
  }
  return out;
}

}  // namespace kdex_mla
