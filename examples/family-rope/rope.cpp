// A kernel family of its own: rotary position embedding.
#include <kdex/authoring.h>

#include "references.h"

namespace sdk = kdex::sdk;

namespace {

// [define]
kdex::Definition define(sdk::Dim q, sdk::Dim kv, sdk::Dim head, sdk::Dim rotary, bool neox,
                        const kdex::ModelView& view) {
  const std::string dtype = view.tree.dtype.empty() ? "bfloat16" : view.tree.dtype;
  kdex::Definition d;
  d.name = "rope_h" + std::to_string(q.value) + "_kv" + std::to_string(kv.value) + "_d" +
           std::to_string(head.value) + "_rd" + std::to_string(rotary.value) +
           (neox ? "_neox" : "_interleaved") + sdk::dtype_suffix(dtype);
  d.op_type = "rope";
  d.tags = {"status:unverified", sdk::model_tag(view.checkpoint),
            "tp:" + std::to_string(view.deployment.tp)};
  d.description = "Rotary position embedding of queries and keys, by a table of cosines and sines.";
  d.axes = {sdk::var_axis("num_tokens"),           sdk::const_axis("num_qo_heads", q),
            sdk::const_axis("num_kv_heads", kv),   sdk::const_axis("head_dim", head),
            sdk::const_axis("rotary_dim", rotary), sdk::var_axis("max_position")};
  d.inputs = {sdk::tensor("q", {"num_tokens", "num_qo_heads", "head_dim"}, dtype),
              sdk::tensor("k", {"num_tokens", "num_kv_heads", "head_dim"}, dtype),
              sdk::tensor("cos_sin_cache", {"max_position", "rotary_dim"}, "float32"),
              sdk::tensor("positions", {"num_tokens"}, "int64")};
  d.outputs = {sdk::tensor("q_out", {"num_tokens", "num_qo_heads", "head_dim"}, dtype),
               sdk::tensor("k_out", {"num_tokens", "num_kv_heads", "head_dim"}, dtype)};
  d.reference = sdk::fill_reference(kdex_reference::rope, {{"NEOX", neox ? "True" : "False"}});
  return d;
}
// [define]

// [family]
class RopeFamily : public kdex::Family {
 public:
  kdex::FamilyInfo info() const override {
    return {"rope", "0.1.0", "Rotary position embedding of queries and keys", {"rope"}};
  }

  kdex::FamilyResult match(const kdex::ModelView& view) const override {
    sdk::Matches matches;
    sdk::Notes notes;
    kdex::FamilyResult result;
    const auto children = sdk::children_of(view.tree);
    for (std::size_t i = 0; i < view.tree.modules.size(); ++i) {
      const auto& m = view.tree.modules[i];
      if (!m.is_a("RotaryEmbedding") || m.parent < 0) continue;
      auto head = sdk::size_dim(m, "head_size"), rotary = sdk::size_dim(m, "rotary_dim");
      bool found = false;
      for (auto c : children[static_cast<std::size_t>(m.parent)]) {
        const auto& attention = view.tree.modules[c];
        auto q = sdk::size_dim(attention, "tp_q_head_num"),
             kv = sdk::size_dim(attention, "tp_k_head_num");
        if (!attention.is_a("RadixAttention") || !q || !kv || !head || !rotary) continue;
        auto definition = define(*q, *kv, *head, *rotary, sdk::is_true(m, "is_neox_style"), view);
        matches.add({{i}, false, sdk::path_pattern(m.path), std::move(definition)});
        found = true;
        break;
      }
      if (found)
        result.claimed.push_back(i);
      else
        notes.add(m, "no attention with known head counts stands beside this rotary embedding");
    }
    result.matches = matches.take();
    result.notes = notes.take();
    return result;
  }
};
// [family]

}  // namespace

// [export]
KDEX_FAMILY(RopeFamily)
// [export]
