// Finds grouped-query (and multi-head, multi-query) attention cores. Latent attention is not its
// own.
#include <algorithm>

#include <kdex/roles.h>

#include "gqa.h"

namespace kdex_gqa {
namespace sdk = kdex::sdk;
namespace role = kdex::role;

namespace {

/// The block's sinks as a parameter of the form; else why no form covers them.
std::string read_sinks(Attention& a, const kdex::ModuleTree& tree, const kdex::Module& m) {
  const auto* names = m.fact("sinks");
  if (names == nullptr || names->items.empty()) return "";
  const std::string& name = names->items.front().s;
  const auto* sinks =
      m.parent < 0 ? nullptr : tree.modules[static_cast<std::size_t>(m.parent)].param(name);
  if (names->items.size() > 1 || sinks == nullptr)
    return "its block has attention sinks of an unknown form; no definition was written";
  if (sinks->shape.size() != 1 || sinks->shape[0].i != a.num_qo_heads.value)
    return "its block has attention sinks (" + name +
           ") that are not one for each of its query heads; no definition was written";
  a.sinks_dtype = sinks->dtype;
  return "";
}

/// The dtypes of cache and queries; else why no form covers them.
std::string read_cache(Attention& a, const kdex::Module& m, const std::string& dtype) {
  const std::string cache = sdk::text(m.fact("kv_cache_dtype"));
  if (cache.empty() || cache == "auto") return "";
  if ((cache == "bf16" || cache == "bfloat16") && (dtype.empty() || dtype == "bfloat16")) return "";
  if (cache != "fp8_e4m3")
    return "the KV cache is " + cache + ", for which there is no form; no definition was written";
  a.fp8_cache = true;
  a.fp8_decode_queries = sdk::text(m.fact("decode_query_dtype")) == "float8_e4m3fn";
  a.fp8_prefill_queries = sdk::text(m.fact("prefill_query_dtype")) == "float8_e4m3fn";
  return "";
}

/// What this core is called with that no form has; "" where there is none.
std::string other_argument(const kdex::Module& m) {
  static constexpr std::string_view known[] = {
      "q", "k", "v", "forward_batch", "save_kv_cache", "return_lse"};
  const bool sinks = m.fact("sinks") != nullptr;  // read_sinks() knows them
  if (const auto* names = m.fact("called_with"))
    for (const auto& name : names->items)
      if (std::find(std::begin(known), std::end(known), name.s) == std::end(known) &&
          !(sinks && name.s == "sinks"))
        return name.s;
  return "";
}

/// Why the kernel of this core is none of the forms', whatever its sizes; "" where it may be one.
std::string other_kernel(const kdex::Module& m) {
  const auto backend = sdk::text(m.fact("decode_backend"));
  if (!backend.empty() && !sdk::is_true(m.fact("dense")))
    return "its backend " + backend + " is not known to let a query see all keys" +
           (m.fact("indexer") != nullptr ? "; an indexer beside it chooses some" : "");
  if (m.fact("indexer") != nullptr)
    return "sparse attention: an indexer beside it chooses the keys that a query sees";
  if (const auto argument = other_argument(m); !argument.empty())
    return "its block calls it with " + argument + ", which no form has";
  return "";
}

}  // namespace

Found find_attentions(const kdex::ModelView& view) {
  Found out;
  const auto& tree = view.tree;
  for (std::size_t i = 0; i < tree.modules.size(); ++i) {
    const auto& m = tree.modules[i];
    if (m.role == role::encoder_attention)
      out.notes.add(m,
                    "attention of a vision encoder: not causal, without a KV cache; the dataset "
                    "has no form for it");
    if (m.role != role::attention) continue;
    auto q = sdk::size_dim(m.fact("num_q_heads")), kv = sdk::size_dim(m.fact("num_kv_heads"));
    auto width = sdk::size_dim(m.fact("head_dim"));
    if (!q || !kv || !width) {
      out.notes.add(m,
                    "the head counts or the head width of this attention are not known; no "
                    "definition was written");
      continue;
    }
    if (auto v = sdk::dim(m.fact("v_head_dim")); v && v->value != width->value) {
      out.notes.add(m, "keys are " + std::to_string(width->value) + " wide and values " +
                           std::to_string(v->value) +
                           ": the official form has one head_dim; no definition was written");
      continue;
    }
    if (auto v = sdk::dim(m.fact("num_v_heads")); v && v->value != kv->value) {
      out.notes.add(
          m, "it has another number of value heads than of key heads; no definition was written");
      continue;
    }
    if (q->value % kv->value != 0) {
      out.notes.add(m,
                    "its query heads are no multiple of its KV heads; no definition was written");
      continue;
    }
    if (const auto why = other_kernel(m); !why.empty()) {
      out.notes.add(m, why + "; no definition was written");
      continue;
    }
    if (sdk::is_true(m.fact("cross"))) {
      out.notes.add(
          m,
          "cross attention: its keys come from another sequence and are not masked causally; the "
          "official form cannot express it");
      continue;
    }
    const auto mask = sdk::text(m.fact("mask")), type = sdk::text(m.fact("mask_name"));
    if (mask == "causal_decode") {
      // The decode form is the same; whether the prompt is masked causally is the backend's and its
      // settings'.
      out.notes.add(m, "attention of type " + type +
                           ": where backend and settings let a prompt be seen in both directions, "
                           "prefill is not the causal form that was written");
    } else if (!mask.empty() && mask != "causal") {
      out.notes.add(
          m, "attention of type " + type + " is not causal; the official form cannot express it");
      continue;
    }
    if (sdk::is_true(m.fact("chunked"))) {
      out.notes.add(
          m,
          "chunked local attention (use_irope): a query sees its own chunk only; the official form "
          "cannot express it and no definition was written");
      continue;
    }
    Attention a{.module = i, .num_qo_heads = *q, .num_kv_heads = *kv, .head_dim = *width};
    if (auto w = sdk::dim(m.fact("window_left")); w && w->value > 0) {
      a.window_left = w->value;
      out.notes.add(
          m, "sliding window: a query sees " + std::to_string(w->value) +
                 " keys before its own; the official form has no window, so the definition has its "
                 "own name (_sw" +
                 std::to_string(w->value) + ")");
    }
    if (auto cap = sdk::real(m.fact("logit_cap")); cap && *cap > 0) {
      a.logit_cap = *cap;
      out.notes.add(m,
                    "soft cap of the logits at " + sdk::python_float(*cap) +
                        "; the official form has none, so the definition has its own name (_cap" +
                        sdk::python_float(*cap) + ")");
    }
    if (auto problem = read_sinks(a, tree, m); !problem.empty()) {
      out.notes.add(m, problem);
      continue;
    }
    if (auto problem = read_cache(a, m, tree.dtype); !problem.empty()) {
      out.notes.add(m, problem);
      continue;
    }
    out.claimed.push_back(i);
    out.attentions.push_back(a);
  }
  return out;
}

}  // namespace kdex_gqa
