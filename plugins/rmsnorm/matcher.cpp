// Finds RMS normalization layers in a module tree. Recognizes them by class and attributes only.
#include <set>

#include "classes.h"
#include "rmsnorm.h"

namespace kdex_rmsnorm {
namespace sdk = kdex::sdk;

namespace {

bool is_of(std::string_view qualified, const NormClass& c) {
  auto at = qualified.rfind('.');
  auto name = at == std::string_view::npos ? qualified : qualified.substr(at + 1);
  auto module = at == std::string_view::npos ? std::string_view() : qualified.substr(0, at);
  return name == c.name && module.ends_with(c.module);
}

/// The nearest class of the MRO that the table knows.
const NormClass* classify(const kdex::Module& m) {
  for (const auto& q : m.mro)
    for (const auto& c : norm_classes)
      if (is_of(q, c)) return &c;
  return nullptr;
}

/// True for a class of another name that says it is an RMS normalization.
bool says_rms_norm(const kdex::Module& m) {
  std::string lower;
  for (char c : m.class_name)
    lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower.find("rmsnorm") != std::string::npos || lower.find("rms_norm") != std::string::npos;
}

/// Widths of the residual stream: those of the token embeddings.
std::set<std::int64_t> embedding_widths(const kdex::ModuleTree& tree) {
  std::set<std::int64_t> widths;
  for (const auto& m : tree.modules) {
    if (!m.is_a("VocabParallelEmbedding") && !m.is_a("Embedding")) continue;
    if (const auto* w = m.param("weight");
        w != nullptr && w->shape.size() == 2 && w->shape[1].is_int())
      widths.insert(w->shape[1].i);
  }
  return widths;
}

/// True where a direct child is an attention core: the norm beside it works on q, k or a latent.
bool beside_attention(const kdex::ModuleTree& tree,
                      const std::vector<std::vector<std::size_t>>& children, int parent) {
  if (parent < 0) return false;
  for (auto i : children[static_cast<std::size_t>(parent)]) {
    const auto& m = tree.modules[i];
    if (m.is_a("RadixAttention") || m.is_a("VisionAttention") || m.is_a("RadixLinearAttention"))
      return true;
  }
  return false;
}

}  // namespace

Found find_norms(const kdex::ModelView& view) {
  Found out;
  const auto& tree = view.tree;
  const auto children = sdk::children_of(tree);
  const auto widths = embedding_widths(tree);
  for (std::size_t i = 0; i < tree.modules.size(); ++i) {
    const auto& m = tree.modules[i];
    const NormClass* c = classify(m);
    if (c == nullptr) {
      if (says_rms_norm(m) && m.param("weight") != nullptr)
        out.notes.add(m, "class " + m.class_name +
                             " is named an RMS normalization but its formula is not known here; no "
                             "definition was written");
      continue;
    }
    if (c->formula == Formula::other) {
      out.notes.add(m, "class " + m.class_name +
                           " is another kernel than rmsnorm: " + std::string(c->remark));
      continue;
    }
    Norm norm;
    norm.module = i;
    const auto* weight = m.param("weight");
    if (weight != nullptr && weight->shape.size() == 1) {
      if (auto d = sdk::dim(&weight->shape[0])) norm.hidden_size = *d;
      norm.weight_dtype = weight->dtype;
    } else if (const auto* w = m.attr("weight");
               w != nullptr && w->kind == kdex::Value::Kind::tensor && w->items.size() == 1) {
      if (auto d = sdk::dim(&w->items[0])) norm.hidden_size = *d;
      norm.weight_dtype = w->s;
    } else if (auto d = sdk::size_dim(m, "hidden_size")) {
      norm.hidden_size = *d;
    }
    if (norm.hidden_size.value <= 0) {
      out.notes.add(m, "the width of this normalization is not known; no definition was written");
      continue;
    }
    auto eps = sdk::first_real(m, {"variance_epsilon", "eps", "epsilon", "norm_eps"});
    if (!eps) {
      out.notes.add(m, "the eps of this normalization is not known; no definition was written");
      continue;
    }
    norm.eps = *eps;
    norm.gemma = c->formula == Formula::gemma;
    if (c->formula == Formula::scale_shift) {
      auto shift = sdk::real(m.attr("scale_shift")).value_or(0.0);
      if (shift != 0.0 && shift != 1.0) {
        out.notes.add(
            m, "it scales by weight + " + sdk::python_float(shift) + "; no definition was written");
        continue;
      }
      norm.gemma = shift == 1.0 && m.param("weight") != nullptr;
    }
    if (auto part = sdk::size_dim(m, "variance_size_override");
        part && part->value != norm.hidden_size.value) {
      out.notes.add(m, "its variance is taken over " + std::to_string(part->value) + " of " +
                           std::to_string(norm.hidden_size.value) +
                           " elements; no definition was written");
      continue;
    }
    if (sdk::is_true(m, "cast_x_before_out_mul"))
      out.notes.add(
          m,
          "it rounds to the model's dtype before it multiplies by the weight; the form rounds once "
          "at the end");
    if (sdk::is_true(m, "fp32_residual"))
      out.notes.add(m, "its residual is float32; the form's is the model's dtype");
    const bool width_of_stream = widths.empty() || widths.count(norm.hidden_size.value) > 0;
    norm.may_fuse = c->residual && width_of_stream && !beside_attention(tree, children, m.parent);
    if (norm.may_fuse)
      out.notes.add(
          m,
          "whether this layer runs plain or fused with the residual add is decided by forward; "
          "both forms were written");
    out.claimed.push_back(i);
    out.norms.push_back(std::move(norm));
  }
  return out;
}

}  // namespace kdex_rmsnorm
