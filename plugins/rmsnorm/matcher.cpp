// Finds RMS normalization layers in a module tree, by role and facts.
#include <set>

#include <kdex/roles.h>

#include "rmsnorm.h"

namespace kdex_rmsnorm {
namespace sdk = kdex::sdk;
namespace role = kdex::role;

namespace {

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
    if (m.role != role::embedding && m.role != role::head) continue;
    if (const auto* w = m.fact("weight");
        w != nullptr && w->items.size() == 2 && w->items[1].is_int())
      widths.insert(w->items[1].i);
  }
  return widths;
}

/// True where a direct child is an attention core: the norm beside it works on q, k or a latent.
bool beside_attention(const kdex::ModuleTree& tree,
                      const std::vector<std::vector<std::size_t>>& children, int parent) {
  if (parent < 0) return false;
  for (auto i : children[static_cast<std::size_t>(parent)]) {
    const auto& r = tree.modules[i].role;
    if (r == role::attention || r == role::latent_attention || r == role::encoder_attention ||
        r == role::linear_attention)
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
    if (m.role != role::norm) {
      if (says_rms_norm(m) && m.param("weight") != nullptr)
        out.notes.add(m, "class " + m.class_name +
                             " is named an RMS normalization but its formula is not known here; no "
                             "definition was written");
      continue;
    }
    if (const auto* differs = m.fact("differs")) {
      out.notes.add(
          m, "class " + m.class_name + " is another kernel than rmsnorm: " + sdk::text(differs));
      continue;
    }
    if (sdk::is_true(m.fact("quantizes_output"))) {
      out.notes.add(m,
                    "it gives FP8 values for the product that follows; no definition was written");
      continue;
    }
    Norm norm;
    norm.module = i;
    if (const auto* weight = m.fact("weight"); weight != nullptr && weight->items.size() == 1) {
      if (auto d = sdk::dim(&weight->items[0])) norm.hidden_size = *d;
      norm.weight_dtype = weight->s;
    } else if (auto d = sdk::size_dim(m.fact("hidden_size"))) {
      norm.hidden_size = *d;
    }
    if (norm.hidden_size.value <= 0) {
      out.notes.add(m, "the width of this normalization is not known; no definition was written");
      continue;
    }
    auto eps = sdk::real(m.fact("eps"));
    if (!eps) {
      out.notes.add(m, "the eps of this normalization is not known; no definition was written");
      continue;
    }
    norm.eps = *eps;
    const double offset = sdk::real(m.fact("weight_offset")).value_or(0.0);
    if (offset != 0.0 && offset != 1.0) {
      out.notes.add(
          m, "it scales by weight + " + sdk::python_float(offset) + "; no definition was written");
      continue;
    }
    norm.gemma = offset == 1.0;
    if (auto part = sdk::size_dim(m.fact("variance_size"));
        part && part->value != norm.hidden_size.value) {
      out.notes.add(m, "its variance is taken over " + std::to_string(part->value) + " of " +
                           std::to_string(norm.hidden_size.value) +
                           " elements; no definition was written");
      continue;
    }
    const bool width_of_stream = widths.empty() || widths.contains(norm.hidden_size.value);
    norm.may_fuse = sdk::is_true(m.fact("residual")) && width_of_stream &&
                    !beside_attention(tree, children, m.parent);
    if (norm.may_fuse && view.steps == nullptr)
      out.notes.add(
          m,
          "whether this layer runs plain or fused with the residual add is decided by forward, "
          "which was not run; both forms were written");
    out.claimed.push_back(i);
    out.norms.push_back(std::move(norm));
  }
  return out;
}

}  // namespace kdex_rmsnorm
