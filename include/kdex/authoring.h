// What family authors share: reading attributes with their origins, building axes and tensors,
// filling a reference's constants, grouping modules. Header-only and part of the SDK; knows no
// kernel family and no engine.
#pragma once

#include <algorithm>
#include <cctype>
#include <charconv>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kdex/definition.h>
#include <kdex/error.h>
#include <kdex/family.h>
#include <kdex/form_definition.h>
#include <kdex/module_tree.h>
#include <kdex/params.h>

namespace kdex::sdk {

using kdex::Dim;

/// The integer in `v`; empty for anything else (absent, None, unknown, negative sizes stay as they
/// are).
inline std::optional<Dim> dim(const Value* v) {
  if (v == nullptr || !v->is_int()) return std::nullopt;
  return Dim{v->i, v->origin, ""};
}
inline std::optional<Dim> dim(const Module& m, std::string_view attr) { return dim(m.attr(attr)); }

/// As `dim`, and positive: what a constant axis needs.
inline std::optional<Dim> size_dim(const Value* v) {
  auto d = dim(v);
  return d && d->value > 0 ? d : std::nullopt;
}
inline std::optional<Dim> size_dim(const Module& m, std::string_view attr) {
  return size_dim(m.attr(attr));
}

inline std::optional<double> real(const Value* v) {
  if (v == nullptr) return std::nullopt;
  if (v->kind == Value::Kind::real) return v->f;
  if (v->is_int()) return static_cast<double>(v->i);
  return std::nullopt;
}

/// The first of `names` that holds a number.
inline std::optional<double> first_real(const Module& m, std::initializer_list<const char*> names) {
  for (const char* n : names)
    if (auto r = real(m.attr(n))) return r;
  return std::nullopt;
}

inline bool is_true(const Value* v) { return v != nullptr && v->is_true(); }
inline bool is_true(const Module& m, std::string_view attr) { return is_true(m.attr(attr)); }

/// Text of a string, enumeration, dtype, object or type value, "" for others.
inline std::string text(const Value* v) {
  if (v == nullptr) return "";
  switch (v->kind) {
    case Value::Kind::string:
    case Value::Kind::enumeration:
    case Value::Kind::dtype:
    case Value::Kind::object:
    case Value::Kind::function:
    case Value::Kind::type:
      return v->s;
    default:
      return "";
  }
}

/// The part after the last dot: "AttentionType.DECODER" -> "DECODER".
inline std::string last_part(std::string_view dotted) {
  auto at = dotted.rfind('.');
  return std::string(at == std::string_view::npos ? dotted : dotted.substr(at + 1));
}

/// "model.layers.3.mlp" -> "model.layers.*.mlp".
inline std::string path_pattern(std::string_view path) {
  std::string out;
  std::size_t start = 0;
  while (start <= path.size()) {
    auto end = path.find('.', start);
    if (end == std::string_view::npos) end = path.size();
    auto part = path.substr(start, end - start);
    bool number = !part.empty() && std::all_of(part.begin(), part.end(),
                                               [](unsigned char c) { return std::isdigit(c); });
    if (start > 0) out += '.';
    out += number ? std::string_view("*") : part;
    start = end + 1;
  }
  return out;
}

/// The direct children of each module, by index into `tree.modules`.
inline std::vector<std::vector<std::size_t>> children_of(const ModuleTree& tree) {
  std::vector<std::vector<std::size_t>> out(tree.modules.size());
  for (std::size_t i = 0; i < tree.modules.size(); ++i) {
    int p = tree.modules[i].parent;
    if (p >= 0 && static_cast<std::size_t>(p) < out.size())
      out[static_cast<std::size_t>(p)].push_back(i);
  }
  return out;
}

inline Axis var_axis(std::string name, std::string description = "") {
  return {std::move(name), std::nullopt, std::move(description), 0, "", ""};
}
inline Axis const_axis(std::string name, Dim d, std::string description = "") {
  return {std::move(name), d.value, std::move(description), d.origin, "", std::move(d.rule)};
}
/// A constant that is a setting of the deployment ("page_size") and held by no module.
inline Axis setting_axis(std::string name, std::int64_t value, std::string setting,
                         std::string description = "") {
  return {std::move(name), value, std::move(description), 0, std::move(setting), ""};
}
inline TensorSpec tensor(std::string name, std::vector<std::string> shape, std::string dtype,
                         std::string description = "") {
  return {std::move(name), std::move(shape), std::move(dtype), std::move(description)};
}
inline TensorSpec scalar(std::string name, std::string dtype, std::string description = "") {
  return {std::move(name), std::nullopt, std::move(dtype), std::move(description)};
}

/// The dataset's way to name a model in a tag: the last part of its name, in lower case.
inline std::string model_name(const Checkpoint& checkpoint) {
  std::string n = checkpoint.name;
  while (!n.empty() && n.back() == '/') n.pop_back();
  if (auto at = n.rfind('/'); at != std::string::npos) n.erase(0, at + 1);
  if (auto at = n.find("--"); at != std::string::npos && at + 2 < n.size()) n.erase(0, at + 2);
  for (char& c : n) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return n;
}
inline std::string model_tag(const Checkpoint& checkpoint) {
  return "model:" + model_name(checkpoint);
}

/// The form of this id; nullptr where there is none.
inline const Form* find_form(const std::vector<Form>& forms, std::string_view id) {
  for (const auto& f : forms)
    if (f.id == id) return &f;
  return nullptr;
}

/// A match of `form` with `params` that rests on `modules` of the view's tree. `what`: one line for
/// the report.
inline Match match(std::vector<std::size_t> modules, std::string what, const Form* form,
                   Params params) {
  Match m;
  m.modules = std::move(modules), m.what = std::move(what), m.form = form,
  m.params = std::move(params);
  return m;
}

inline std::string python_string(std::string_view s) {
  std::string out = "\"";
  for (char c : s) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

/// Adds the calls of an equal match (Match::calls): ascending, each once; unset where either is.
inline void join_calls(std::optional<std::vector<CallPlace>>& calls,
                       const std::optional<std::vector<CallPlace>>& more) {
  if (!calls || !more) {
    calls.reset();
    return;
  }
  calls->insert(calls->end(), more->begin(), more->end());
  std::sort(calls->begin(), calls->end());
  calls->erase(std::unique(calls->begin(), calls->end()), calls->end());
}

/// Collects definitions by name; modules that give an equal one are listed together.
class Matches {
 public:
  /// Adds a match; joins the modules, tags, calls and notes of an earlier one of this name and
  /// signature.
  void add(Match m) {
    for (auto& old : matches_) {
      if (old.definition.name != m.definition.name || old.from_tp1 != m.from_tp1 || !same(old, m))
        continue;
      for (auto i : m.modules)
        if (std::find(old.modules.begin(), old.modules.end(), i) == old.modules.end())
          old.modules.push_back(i);
      for (auto& tag : m.definition.tags)
        if (std::find(old.definition.tags.begin(), old.definition.tags.end(), tag) ==
            old.definition.tags.end())
          old.definition.tags.push_back(tag);
      join_calls(old.calls, m.calls);
      if ((", " + old.what + ",").find(", " + m.what + ",") == std::string::npos)
        old.what += ", " + m.what;
      return;
    }
    matches_.push_back(std::move(m));
  }
  std::vector<Match> take() { return std::move(matches_); }

 private:
  static bool same(const Match& a, const Match& b) {
    const auto &x = a.definition, &y = b.definition;
    auto axes = [](const Definition& d) {
      std::vector<std::pair<std::string, std::int64_t>> v;
      for (const auto& ax : d.axes) v.emplace_back(ax.name, ax.value.value_or(-1));
      return v;
    };
    auto tensors = [](const std::vector<TensorSpec>& ts) {
      std::vector<std::string> v;
      for (const auto& t : ts) {
        std::string s = t.name + ":" + t.dtype;
        if (t.shape)
          for (const auto& ax : *t.shape) s += "," + ax;
        v.push_back(std::move(s));
      }
      return v;
    };
    return x.op_type == y.op_type && axes(x) == axes(y) && tensors(x.inputs) == tensors(y.inputs) &&
           tensors(x.outputs) == tensors(y.outputs) && x.reference == y.reference;
  }
  std::vector<Match> matches_;
};

/// Collects notes; equal ones for the layers of one path pattern are given once.
class Notes {
 public:
  void add(const Module& m, std::string text) {
    std::string pattern = path_pattern(m.path);
    for (auto& n : notes_)
      if (n.module_path == pattern && n.text == text) {
        n.paths.push_back(m.path);
        return;
      }
    notes_.push_back({std::move(pattern), std::move(text), m.defined, {m.path}});
  }
  void add(std::string path, std::string text) {
    for (const auto& n : notes_)
      if (n.module_path == path && n.text == text) return;
    notes_.push_back({std::move(path), std::move(text), {}});
  }
  std::vector<Note> take() { return std::move(notes_); }

 private:
  std::vector<Note> notes_;
};

/// "bfloat16" -> "", others -> "_float16", ...: names of forms that the dataset has in bfloat16
/// only.
inline std::string dtype_suffix(std::string_view dtype) {
  return dtype == "bfloat16" ? "" : "_" + std::string(dtype);
}

}  // namespace kdex::sdk
