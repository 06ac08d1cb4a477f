// Finds grouped-query (and multi-head, multi-query) attention cores. Latent attention is not its
// own.
#include "gqa.h"

namespace kdex_gqa {
namespace sdk = kdex::sdk;

Found find_attentions(const kdex::ModelView& view) {
  Found out;
  const auto& tree = view.tree;
  for (std::size_t i = 0; i < tree.modules.size(); ++i) {
    const auto& m = tree.modules[i];
    if (m.is_a("VisionAttention"))
      out.notes.add(m,
                    "attention of a vision encoder: not causal, without a KV cache; the dataset "
                    "has no form for it");
    if (!m.is_a("RadixAttention")) continue;
    const kdex::Module* parent =
        m.parent >= 0 ? &tree.modules[static_cast<std::size_t>(m.parent)] : nullptr;
    if (parent != nullptr && sdk::size_dim(*parent, "kv_lora_rank")) continue;  // latent attention
    auto q = sdk::size_dim(m, "tp_q_head_num"), kv = sdk::size_dim(m, "tp_k_head_num");
    auto width = sdk::size_dim(m, "head_dim");
    if (!q || !kv || !width) {
      out.notes.add(m,
                    "the head counts or the head width of this attention are not known; no "
                    "definition was written");
      continue;
    }
    if (auto v = sdk::dim(m, "v_head_dim"); v && v->value != width->value) {
      out.notes.add(m, "keys are " + std::to_string(width->value) + " wide and values " +
                           std::to_string(v->value) +
                           ": the official form has one head_dim; no definition was written");
      continue;
    }
    if (auto v = sdk::dim(m, "tp_v_head_num"); v && v->value != kv->value) {
      out.notes.add(
          m, "it has another number of value heads than of key heads; no definition was written");
      continue;
    }
    if (q->value % kv->value != 0) {
      out.notes.add(m,
                    "its query heads are no multiple of its KV heads; no definition was written");
      continue;
    }
    if (sdk::is_true(m, "is_cross_attention")) {
      out.notes.add(
          m,
          "cross attention: its keys come from another sequence and are not masked causally; the "
          "official form cannot express it");
      continue;
    }
    auto type = sdk::last_part(sdk::text(m.attr("attn_type")));
    std::string upper;
    for (char c : type) upper += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    if (upper == "DECODER_BIDIRECTIONAL") {
      // The decode form is the same; whether the prompt is masked causally is the backend's and its
      // settings'.
      out.notes.add(m, "attention of type " + type +
                           ": where backend and settings let a prompt be seen in both directions, "
                           "prefill is not the causal form that was written");
    } else if (!upper.empty() && upper != "DECODER") {
      out.notes.add(
          m, "attention of type " + type + " is not causal; the official form cannot express it");
      continue;
    }
    if (sdk::is_true(m, "use_irope")) {
      out.notes.add(
          m,
          "chunked local attention (use_irope): a query sees its own chunk only; the official form "
          "cannot express it and no definition was written");
      continue;
    }
    Attention a{i, *q, *kv, *width, -1, 0};
    if (auto w = sdk::dim(m, "sliding_window_size"); w && w->value > 0) {
      a.window_left = w->value;
      out.notes.add(
          m, "sliding window: a query sees " + std::to_string(w->value) +
                 " keys before its own; the official form has no window, so the definition has its "
                 "own name (_sw" +
                 std::to_string(w->value) + ")");
    }
    if (auto cap = sdk::real(m.attr("logit_cap")); cap && *cap > 0) {
      a.logit_cap = *cap;
      out.notes.add(m,
                    "soft cap of the logits at " + sdk::python_float(*cap) +
                        "; the official form has none, so the definition has its own name (_cap" +
                        sdk::python_float(*cap) + ")");
    }
    if (parent != nullptr)
      for (const auto& p : parent->params)
        if (p.name.find("sink") != std::string::npos)
          out.notes.add(m,
                        "its block has attention sinks (" + p.name +
                            "), which join the softmax's sum; the official form leaves them out");
    out.claimed.push_back(i);
    out.attentions.push_back(a);
  }
  if (auto it = tree.resolved.find("kv_cache_dtype"); it != tree.resolved.end())
    if (auto t = sdk::text(&it->second);
        t.find("fp8") != std::string::npos && !out.attentions.empty())
      out.notes.add("", "the KV cache is " + t + "; the official form has it in the model's dtype");
  return out;
}

}  // namespace kdex_gqa
