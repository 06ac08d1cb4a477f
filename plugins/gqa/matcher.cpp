// Finds grouped-query (and multi-head, multi-query) attention cores. Latent attention is not its
// own.
#include <kdex/roles.h>

#include "gqa.h"

namespace kdex_gqa {
namespace sdk = kdex::sdk;
namespace role = kdex::role;

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
    Attention a{i, *q, *kv, *width, -1, 0};
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
    if (const auto* sinks = m.fact("sinks"))
      for (const auto& p : sinks->items)
        out.notes.add(m, "its block has attention sinks (" + p.s +
                             "), which join the softmax's sum; the official form leaves them out");
    out.claimed.push_back(i);
    out.attentions.push_back(a);
  }
  if (!out.attentions.empty())
    if (auto t = sdk::text(tree.modules[out.attentions[0].module].fact("kv_cache_dtype"));
        t.find("fp8") != std::string::npos)
      out.notes.add("", "the KV cache is " + t + "; the official form has it in the model's dtype");
  return out;
}

}  // namespace kdex_gqa
