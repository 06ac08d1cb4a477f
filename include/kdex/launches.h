// What families ask of the kernels that a model's steps launch: which calls read a module's
// parameters, which run inside it. Part of the SDK; knows calls by role and operand, no function
// and no family by name.
#pragma once

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kdex/authoring.h>
#include <kdex/family.h>
#include <kdex/kernel_calls.h>

namespace kdex::sdk {

/// Whether the operand lies in a cache of keys and values, or is a copy of one in another type.
inline bool holds_cache(const Operand& o) {
  return o.in_cache() || (o.shape.size() > 2 && o.name.find("cache") != std::string::npos);
}

/// The module whose parameter (or tensor that is kept beside its parameters) `owner` is, as a
/// pattern: "model.layers.*.mlp.gate" of "model.layers.*.mlp.gate.weight".
inline std::string_view owning_module(std::string_view owner) {
  return owner.substr(0, std::min(owner.rfind('.'), owner.size()));
}

/// "bf16[37,4096]"
inline std::string shown(const Operand& o) {
  std::string text = o.dtype + "[";
  for (std::size_t i = 0; i < o.shape.size(); ++i)
    text += (i > 0 ? "," : "") + std::to_string(o.shape[i]);
  return text + "]";
}

/// The operand of this name; nullptr where the call has none.
inline const Operand* operand(const KernelCall& c, std::string_view name) {
  const auto at = std::find_if(c.operands.begin(), c.operands.end(),
                               [&](const Operand& o) { return o.name == name; });
  return at == c.operands.end() ? nullptr : &*at;
}

/// The text of the argument of this name, "" where the call has none.
inline std::string argument(const KernelCall& c, std::string_view name) {
  for (const auto& [key, value] : c.arguments)
    if (key == name) return value;
  return "";
}

/// What a call was given beside operands and arguments of these names: "operand bias f32[512]",
/// "argument eps = 0.01"; "" where nothing. A form states what it knows; the rest may change what
/// is computed.
inline std::string given_beside(const KernelCall& c,
                                std::initializer_list<std::string_view> known) {
  const auto is_known = [&](const std::string& name) {
    return std::find(known.begin(), known.end(), name) != known.end();
  };
  for (const Operand& o : c.operands)
    if (!is_known(o.name)) return "operand " + o.name + " " + shown(o);
  for (const auto& [name, value] : c.arguments)
    if (!is_known(name)) return "argument " + name + " = " + value;
  return "";
}

/// The dtype of a definition for an operand's: "bfloat16" for "bf16". One without a short name is
/// its own.
inline std::string long_dtype(std::string_view dtype) {
  static constexpr std::pair<std::string_view, std::string_view> names[] = {
      {"bf16", "bfloat16"}, {"f16", "float16"}, {"f32", "float32"}, {"fp8e4m3", "float8_e4m3fn"},
      {"i32", "int32"},     {"i64", "int64"},   {"i8", "int8"}};
  for (const auto& [shown, name] : names)
    if (shown == dtype) return std::string(name);
  return std::string(dtype);
}

/// What an origin leads back to: fields of the configuration, settings of the deployment, facts of
/// the platform; apart from these literals, by their place.
struct Sources {
  std::set<std::string> given, literals;

  Sources(const ModuleTree& tree, OriginId at) {
    std::set<OriginId> seen;
    add(tree, at, seen);
  }
  /// Whether both rest on the same: a literal tells two apart where nothing else is there.
  bool operator==(const Sources& other) const {
    return given == other.given && (!given.empty() || literals == other.literals);
  }

 private:
  void add(const ModuleTree& tree, OriginId at, std::set<OriginId>& seen) {
    if (!seen.insert(at).second) return;
    const Origin& o = tree.origins[at];
    const std::string place =
        o.file + ":" + std::to_string(o.line) + ":" + std::to_string(o.column);
    if (o.kind == Origin::Kind::config_field) given.insert("field " + o.file + ":" + o.text);
    if (o.kind == Origin::Kind::platform) given.insert("fact " + o.text);
    if (o.kind == Origin::Kind::literal) literals.insert(place);
    if (o.kind == Origin::Kind::deployment) {
      // Sizes of 1 divide nothing: a layer's whole width is then that of its part.
      if (!o.has_value || o.value != 1) given.insert("setting " + o.text);
      return;  // what it was made of is the setting's matter
    }
    for (const OriginId input : o.inputs) add(tree, input, seen);
  }
};

/// A size that was read off an operand, with an origin: that of a size of this number that `m` has
/// as a fact or an attribute, or else a module beside it, or the one above it. Where there is none,
/// or two of this number rest on different fields, settings or literals, its origin is the operand.
inline Dim sized_beside(const ModuleTree& tree, const Module& m, std::int64_t size) {
  const Dim unknown{size, 0, "the operands: a size of the call"};
  std::vector<OriginId> found;
  const auto look = [&](const Module& near) {
    for (const auto* values : {&near.facts, &near.attrs})
      for (const auto& [name, value] : *values)
        if (value.is_int() && value.i == size && value.origin != 0) found.push_back(value.origin);
  };
  look(m);
  if (found.empty() && m.parent >= 0)
    for (const auto& near : tree.modules)
      if (near.parent == m.parent) look(near);
  if (found.empty() && m.parent >= 0) look(tree.modules[static_cast<std::size_t>(m.parent)]);
  if (found.empty()) return unknown;
  const Sources first(tree, found.front());
  const bool agree = std::all_of(found.begin(), found.end(),
                                 [&](OriginId other) { return Sources(tree, other) == first; });
  return agree ? Dim{size, found.front()} : unknown;
}

/// The calls of all steps that ran through. Without steps, or where none ran, there are none, and
/// known() says so.
class Launches {
 public:
  /// A question for one call of a step.
  using Question = std::function<bool(const Step&, const KernelCall&)>;

  explicit Launches(const ModelView& view) : steps_(view.steps), tree_(&view.tree) {}

  /// Whether a step ran, so that what is not launched can be told.
  bool known() const {
    return steps_ != nullptr &&
           std::any_of(steps_->begin(), steps_->end(), [](const auto& s) { return s.ok; });
  }
  const KernelCall& operator[](CallPlace at) const { return (*steps_)[at.step].calls[at.call]; }

  /// The calls for which the answer is yes, in order.
  std::vector<CallPlace> where(const Question& question) const {
    std::vector<CallPlace> out;
    if (steps_ == nullptr) return out;
    for (std::size_t s = 0; s < steps_->size(); ++s) {
      const CallTrace& step = (*steps_)[s];
      for (std::size_t c = 0; step.ok && c < step.calls.size(); ++c)
        if (is_launch(step.calls[c]) && question(step.step, step.calls[c])) out.push_back({s, c});
    }
    return out;
  }

  /// Calls with one of `roles` that read a parameter of `m`. A function whose role no table tells
  /// may have any, where it can be what `m` computes and no more: see may_be_plain.
  std::vector<CallPlace> reading(const Module& m,
                                 std::initializer_list<std::string_view> roles) const {
    const std::string pattern = path_pattern(m.path);
    return where([&](const Step&, const KernelCall& c) {
      return has_role(c, roles) ? reads(c, pattern) : c.role.empty() && may_be_plain(c, m);
    });
  }

  /// Products with a weight of `m`, one at a time or as a batch of one, or that `m` runs with a
  /// copy of its weight.
  std::vector<CallPlace> products(const Module& m) const {
    auto found = reading(m, {"product", "batched_product"});
    const auto own = inside(m, {"product"});
    found.insert(found.end(), own.begin(), own.end());
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    std::erase_if(found, [&](CallPlace at) {
      const auto& operands = (*this)[at].operands;
      return (*this)[at].role == "batched_product" &&
             std::any_of(operands.begin(), operands.end(),
                         [](const Operand& o) { return o.shape.size() == 3 && o.shape[0] != 1; });
    });
    return found;
  }

  /// Calls with one of `roles` that `m` itself runs, and for which `more` holds.
  std::vector<CallPlace> inside(const Module& m, std::initializer_list<std::string_view> roles,
                                const Question& more = {}) const {
    const std::string pattern = path_pattern(m.path);
    return where([&](const Step& s, const KernelCall& c) {
      return c.path == pattern && has_role(c, roles) && (!more || more(s, c));
    });
  }

  /// The attention that `m` runs over pages of a cache, or over keys of the step's own; causal over
  /// several queries of a request (`prefill`), or of one query a sequence. Drafts that are made or
  /// verified under a mask of their own are neither: see masked_attention.
  std::vector<CallPlace> attention(const Module& m, bool prefill, bool paged) const {
    return inside(m, {"attention"}, [&](const Step& step, const KernelCall& call) {
      return has_several_queries(step) == prefill && !is_masked(step, call) &&
             std::any_of(call.operands.begin(), call.operands.end(), holds_cache) == paged;
    });
  }

  /// The modules that run a call, as indices into the tree's: those at its path, in its layers.
  std::vector<std::size_t> modules_of(const KernelCall& c) const {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < tree_->modules.size(); ++i) {
      const std::string& path = tree_->modules[i].path;
      if (path_pattern(path) == c.path && is_in_layers(path, c.layers)) out.push_back(i);
    }
    return out;
  }

  /// The attention that `m` runs over drafts where the kernel is given a mask (a tree of drafts),
  /// or sees a prefix and the drafts one after the other.
  std::vector<CallPlace> masked_attention(const Module& m) const {
    return inside(m, {"attention"}, is_masked);
  }

  /// Whether requests have several queries each, one after the other: prompts, and drafts that are
  /// verified. A branch of drafts is made a query at a time.
  static bool has_several_queries(const Step& s) {
    return s.is_prefill() || (s.queries > 1 && s.mode != "spec-draft");
  }
  /// Whether attention in a step of drafts is not causal by itself.
  static bool is_masked(const Step& step, const KernelCall& call) {
    if (!step.is_speculative() || step.is_prefill()) return false;
    return std::find(call.arguments.begin(), call.arguments.end(),
                     std::pair<std::string, std::string>("causal", "False")) !=
               call.arguments.end() ||
           std::any_of(call.operands.begin(), call.operands.end(),
                       [](const Operand& o) { return o.dtype == "bool"; });
  }
  /// Whether a row is a kernel, and not the marker of a layer's attention.
  static bool is_launch(const KernelCall& c) { return c.kind != "attention"; }
  static bool has_role(const KernelCall& c, std::initializer_list<std::string_view> roles) {
    return std::find(roles.begin(), roles.end(), c.role) != roles.end();
  }
  /// Whether an operand is a parameter of the module with this path pattern.
  static bool reads(const KernelCall& c, std::string_view pattern) {
    return std::any_of(c.operands.begin(), c.operands.end(), [&](const Operand& o) {
      return !o.owner.empty() && owning_module(o.owner) == pattern;
    });
  }

  /// Whether a call can be a product with, or a normalization by, a weight of the module, and
  /// nothing is fused with it: it reads no other module's parameters; a weight [N, K] comes with
  /// operands of widths N and K, a weight [H] with up to three that are all of width H. Of stacks
  /// of weights, as experts have them, no more is asked.
  static bool may_be_plain(const KernelCall& c, const Module& m) {
    const std::string pattern = path_pattern(m.path);
    const Operand* weight = nullptr;
    std::vector<std::int64_t> widths;
    for (const Operand& o : c.operands) {
      if (o.owner.empty() && !o.shape.empty()) widths.push_back(o.shape.back());
      if (o.owner.empty()) continue;
      if (o.in_cache() || owning_module(o.owner) != pattern) return false;
      if (weight == nullptr || o.shape.size() > weight->shape.size()) weight = &o;
    }
    if (weight == nullptr) return false;
    const Parameter* parameter = m.param(last_part(weight->owner));
    if (parameter != nullptr && parameter->shape.size() != weight->shape.size()) return false;
    const std::size_t dims = weight->shape.size();
    const auto of_width = [&](std::size_t dim) {
      return std::count(widths.begin(), widths.end(), weight->shape[dim]);
    };
    if (dims == 1)
      return !widths.empty() && widths.size() <= 3 &&
             of_width(0) == static_cast<std::ptrdiff_t>(widths.size());
    if (dims == 2) {
      const std::ptrdiff_t wanted = weight->shape[0] == weight->shape[1] ? 2 : 1;
      return of_width(0) >= wanted && of_width(1) >= wanted;
    }
    return dims > 2;
  }

 private:
  static std::int64_t number(std::string_view text) {
    std::int64_t n = -1;
    std::from_chars(text.data(), text.data() + text.size(), n);
    return n;
  }
  /// What stands before `separator`, which it takes away with it.
  static std::string_view next_part(std::string_view& text, char separator) {
    const auto part = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    return part;
  }
  /// Whether the first number of a path is one of "0-31,40"; all are where there are no layers.
  static bool is_in_layers(std::string_view path, std::string_view layers) {
    std::int64_t layer = -1;
    while (layer < 0 && !path.empty()) layer = number(next_part(path, '.'));
    if (layers.empty() || layer < 0) return true;
    while (!layers.empty()) {
      std::string_view last = next_part(layers, ',');
      const std::int64_t first = number(next_part(last, '-'));
      if (layer >= first && layer <= (last.empty() ? first : number(last))) return true;
    }
    return false;
  }

  const std::vector<CallTrace>* steps_;
  const ModuleTree* tree_;
};

/// Remarks on the attention over drafts that `m` runs under a mask, one a mode and function, with
/// the shapes of the call: it has no form.
inline void note_masked_attention(const ModelView& view, const Module& m, Notes& notes) {
  std::vector<std::string> said;
  const Launches launches(view);
  for (const auto at : launches.masked_attention(m)) {
    const KernelCall& call = launches[at];
    const std::string head = (*view.steps)[at.step].step.mode + " launches " + call.function;
    if (std::find(said.begin(), said.end(), head) != said.end()) continue;
    said.push_back(head);
    std::string text = head + " on";
    for (const auto& o : call.operands)
      text += (text.ends_with(" on") ? " " : ", ") + o.name + " " + shown(o);
    notes.add(m, text +
                     ": drafts under a mask of their own, or after a prefix that is attended to "
                     "apart, have no form; no definition was written for it");
  }
}

}  // namespace kdex::sdk
