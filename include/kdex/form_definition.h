// A form's parameters as a Definition, and a Definition's parameters: `write` and `read` are
// inverse of each other. Knows forms and definitions, no family.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kdex/definition.h>
#include <kdex/error.h>
#include <kdex/form.h>

namespace kdex {

/// The parameters with the form's defaults added. Throws kdex::Error, naming form and parameter,
/// where one is missing, unknown, of another kind, or none of the choices.
Params complete(const Form& form, const Params& params);

/// The Definition of these parameters. Throws as `complete` does.
Definition write(const Form& form, const Params& params);

/// What a definition is as a form.
struct Reading {
  bool ok = false;
  Params params;    ///< complete; without origins
  std::string why;  ///< not ok: one line
  int fits = 0;     ///< not ok: how many of the form's axes and tensors the definition has
};

/// The parameters for which `write` gives this definition. One that somebody else wrote is read by
/// its axes, inputs, outputs and the constants of its reference; its description, constraints,
/// order and text may differ, and a parameter that it does not give takes the form's default.
Reading read(const Form& form, const Definition& definition);

/// The form among `forms` that reads the definition; of several the one that writes its name, tags
/// and constraints, else its name. None:
/// the reason of the nearest form; empty where none is of this op type.
struct FormReading {
  const Form* form = nullptr;
  Params params;
  std::string why;
};
FormReading find_form(const std::vector<Form>& forms, const Definition& definition);

namespace sdk {

/// Replaces the values of a reference's constants. A constant is a line
///   NAME = value  # kdex:constant
/// Every such line must get a value and every value must meet its line; else kdex::Error.
inline std::string fill_reference(std::string_view source,
                                  const std::map<std::string, std::string>& values) {
  static constexpr std::string_view marker = "# kdex:constant";
  std::string out;
  out.reserve(source.size());
  std::size_t used = 0, start = 0;
  while (start < source.size()) {
    auto end = source.find('\n', start);
    if (end == std::string_view::npos) end = source.size();
    auto line = source.substr(start, end - start);
    if (line.ends_with(marker)) {
      auto eq = line.find(" = ");
      std::string name(line.substr(0, eq == std::string_view::npos ? 0 : eq));
      auto found = values.find(name);
      if (found == values.end())
        throw Error("the reference's constant '" + name + "' got no value", "fill_reference");
      out += name + " = " + found->second;
      ++used;
    } else {
      out += line;
    }
    out += '\n';
    start = end + 1;
  }
  if (used != values.size())
    throw Error("a value was given for a constant that the reference does not have",
                "fill_reference");
  return out;
}

}  // namespace sdk

namespace form_detail {

inline bool holds(const Condition& when, const Params& p) { return !when || when(p); }

inline std::string joined(const std::vector<Part>& parts, const Params& p) {
  std::string out;
  for (const auto& part : parts)
    if (part.text.can_write(p) && holds(part.when, p)) out += part.text.write(p);
  return out;
}

inline Axis axis_of(const FormAxis& a, const Params& p) {
  Axis out;
  out.name = a.name, out.description = a.description;
  if (a.variable) return out;
  out.setting = a.setting;
  const ParamValue* v = a.param.empty() ? nullptr : p.find(a.param);
  out.value = a.value ? a.value(p) : p.integer(a.param);
  out.rule = a.value || v == nullptr ? a.rule : v->rule;
  out.origin = v ? v->origin : 0;
  return out;
}

/// True for a tag that says where the kernel was met: it holds a parameter that a definition may
/// lack.
inline bool says_where_met(const Form& form, const Part& tag) {
  const auto names = tag.text.params();
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    const Param* p = form.param(name);
    return p != nullptr && p->may_be_absent;
  });
}

/// Adds a tag behind those of its key ("model" of "model:x"), else at the end.
inline void add_tag(std::vector<std::string>& tags, const std::string& tag) {
  const auto key = tag.substr(0, tag.find(':') + 1);
  auto last = key.empty() ? tags.rend() : std::find_if(tags.rbegin(), tags.rend(), [&](auto& t) {
    return t.starts_with(key);
  });
  tags.insert(last == tags.rend() ? tags.end() : last.base(), tag);
}

inline std::vector<TensorSpec> tensors_of(const std::vector<FormTensor>& tensors, const Params& p) {
  std::vector<TensorSpec> out;
  for (const auto& t : tensors)
    if (holds(t.when, p)) out.push_back({t.name, t.shape, t.dtype.write(p), t.description});
  return out;
}

/// The value of a line `NAME = value  # ...` at any indent of the reference; nothing where there
/// is none.
inline std::optional<std::string> constant_line(std::string_view text, std::string_view name) {
  for (std::size_t start = 0; start < text.size();) {
    auto end = text.find('\n', start);
    if (end == std::string_view::npos) end = text.size();
    auto line = text.substr(start, end - start);
    start = end + 1;
    auto first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos) continue;
    line.remove_prefix(first);
    if (!line.starts_with(name)) continue;
    line.remove_prefix(name.size());
    auto eq = line.find_first_not_of(' ');
    if (eq == std::string_view::npos || line[eq] != '=' ||
        (eq + 1 < line.size() && line[eq + 1] == '='))
      continue;
    line.remove_prefix(eq + 1);
    if (auto hash = line.find('#'); hash != std::string_view::npos) line = line.substr(0, hash);
    auto from = line.find_first_not_of(" \t"), to = line.find_last_not_of(" \t\r");
    if (from == std::string_view::npos) return std::nullopt;
    return std::string(line.substr(from, to - from + 1));
  }
  return std::nullopt;
}

/// One reading: values as they are found, the first of each stays.
class Reader {
 public:
  Reader(const Form& form, const Definition& d) : form_(form), d_(d) {}

  Reading run() {
    Reading out;
    if (form_.op_type != d_.op_type) {
      out.why = "the op type is " + d_.op_type;
      return out;
    }
    axes();
    tensors(form_.inputs, d_.inputs, "input");
    tensors(form_.outputs, d_.outputs, "output");
    for (const auto& c : form_.constants)
      if (c.value.is_readable())
        if (auto line = constant_line(d_.reference, c.name))
          bind(c.value, *line, "the reference's constant " + c.name);
    tags();
    for (const auto& p : form_.params)
      if (p.from && !found_.has(p.name))
        if (auto v = p.from(d_)) found_.set(p.name, *v);
    defaults();
    if (why_.empty()) check();
    out.ok = why_.empty(), out.why = why_, out.fits = fits_;
    out.params = std::move(found_);
    return out;
  }

 private:
  void refuse(std::string why) {
    if (why_.empty()) why_ = std::move(why);
  }
  void set(const Param& p, ParamValue v, const std::string& where) {
    if (const ParamValue* old = found_.find(p.name); old == nullptr)
      found_.set(p.name, std::move(v));
    else if (!(*old == v))
      refuse(where + " is " + v.python() + " where " + p.name + " is " + old->python());
  }
  void bind(const Text& text, const std::string& value, const std::string& where) {
    const Param* p = form_.param(text.param());
    if (p == nullptr) throw Error("there is no parameter '" + text.param() + "'", form_.id);
    auto inside = text.read(value);
    auto v = inside ? p->parse(*inside) : std::nullopt;
    if (!v)
      refuse(where + " is '" + value + "', which this form does not take");
    else
      set(*p, std::move(*v), where);
  }
  void axes() {
    for (const auto& a : form_.axes) {
      auto it = std::find_if(d_.axes.begin(), d_.axes.end(),
                             [&](const Axis& x) { return x.name == a.name; });
      if (it == d_.axes.end()) {
        if (!a.when) refuse("there is no axis " + a.name);
        continue;
      }
      ++fits_;
      if (a.variable == it->value.has_value())
        refuse("the axis " + a.name + " is not " + (a.variable ? "variable" : "constant"));
      else if (!a.variable && !a.value)
        if (const Param* p = form_.param(a.param)) set(*p, *it->value, "the axis " + a.name);
    }
    for (const auto& x : d_.axes)
      if (std::none_of(form_.axes.begin(), form_.axes.end(),
                       [&](const FormAxis& a) { return a.name == x.name; }))
        refuse("the axis " + x.name + " is unknown");
  }
  void tensors(const std::vector<FormTensor>& wanted, const std::vector<TensorSpec>& given,
               const std::string& what) {
    for (const auto& t : wanted) {
      auto it = std::find_if(given.begin(), given.end(),
                             [&](const TensorSpec& x) { return x.name == t.name; });
      if (it == given.end()) {
        if (!t.when) refuse("there is no " + what + " " + t.name);
        continue;
      }
      ++fits_;
      const std::string where = "the " + what + " " + t.name;
      if (it->shape != t.shape)
        refuse(where + " is " + shape_text(it->shape) + ", not " + shape_text(t.shape));
      else if (t.dtype.is_readable())
        bind(t.dtype, it->dtype, "the dtype of " + where);
      else if (t.dtype.is_literal() && t.dtype.literal() != it->dtype)
        refuse(where + " is " + it->dtype + ", not " + t.dtype.literal());
    }
    for (const auto& x : given)
      if (std::none_of(wanted.begin(), wanted.end(),
                       [&](const FormTensor& t) { return t.name == x.name; }))
        refuse("the " + what + " " + x.name + " is unknown");
  }
  void tags() {
    std::vector<char> used(d_.tags.size(), 0);
    for (const auto& part : form_.tags)
      for (std::size_t i = 0; i < d_.tags.size(); ++i) {
        if (used[i]) continue;
        if (part.text.is_literal() ? part.text.literal() != d_.tags[i] : !read_tag(part, i))
          continue;
        used[i] = 1;
        break;
      }
    for (std::size_t i = 0; i < d_.tags.size(); ++i)
      if (!used[i]) found_.further_tags.push_back(d_.tags[i]);
  }
  bool read_tag(const Part& part, std::size_t i) {
    if (!part.text.is_readable()) return false;
    const Param* p = form_.param(part.text.param());
    auto inside = part.text.read(d_.tags[i]);
    if (p == nullptr || !inside) return false;
    auto v = p->parse(*inside);
    const ParamValue* old = found_.find(p->name);
    if (!v || (old != nullptr && !(*old == *v))) return false;
    found_.set(p->name, *v);
    return true;
  }
  void defaults() {
    for (const auto& p : form_.params) {
      if (found_.has(p.name)) continue;
      if (p.otherwise) {
        found_.set(p.name, *p.otherwise);
      } else if (!p.may_be_absent) {
        for (const auto& c : form_.constants)
          if (c.value.is_readable() && c.value.param() == p.name)
            refuse("the reference has no line " + c.name + " = " +
                   (p.value_kind() == ParamValue::Kind::text ? "..." : "number"));
        refuse("nothing says what " + p.name + " is");
      }
    }
  }
  /// What depends on the values: which optional parts must be there, and derived axes.
  void check() {
    for (const auto& a : form_.axes) {
      auto it = std::find_if(d_.axes.begin(), d_.axes.end(),
                             [&](const Axis& x) { return x.name == a.name; });
      presence(a.when, it != d_.axes.end(), "axis " + a.name);
      if (it != d_.axes.end() && it->value && a.value && a.value(found_) != *it->value)
        refuse("the axis " + a.name + " is " + std::to_string(*it->value) + ", not " +
               std::to_string(a.value(found_)) + (a.rule.empty() ? "" : " (" + a.rule + ")"));
    }
    presences(form_.inputs, d_.inputs, "input ");
    presences(form_.outputs, d_.outputs, "output ");
  }
  void presences(const std::vector<FormTensor>& wanted, const std::vector<TensorSpec>& given,
                 const std::string& what) {
    for (const auto& t : wanted) {
      auto it = std::find_if(given.begin(), given.end(),
                             [&](const TensorSpec& x) { return x.name == t.name; });
      presence(t.when, it != given.end(), what + t.name);
      if (it != given.end() && !t.dtype.is_literal() && t.dtype.write(found_) != it->dtype)
        refuse("the " + what + t.name + " is " + it->dtype + ", not " + t.dtype.write(found_));
    }
  }
  void presence(const Condition& when, bool is_there, const std::string& what) {
    if (!when || when(found_) == is_there) return;
    refuse(is_there ? "the " + what + " does not belong to it" : "there is no " + what);
  }
  static std::string shape_text(const std::optional<std::vector<std::string>>& shape) {
    if (!shape) return "a scalar";
    std::string out;
    for (const auto& a : *shape) out += (out.empty() ? "" : ", ") + a;
    return "[" + out + "]";
  }

  const Form& form_;
  const Definition& d_;
  Params found_;
  std::string why_;
  int fits_ = 0;
};

}  // namespace form_detail

inline Params complete(const Form& form, const Params& params) {
  Params out = params;
  for (const auto& [name, value] : params.values()) {
    const Param* p = form.param(name);
    if (p == nullptr) throw Error("there is no parameter '" + name + "'", "form " + form.id);
    if (p->value_kind() != value.kind)
      throw Error("the parameter '" + name + "' is of another kind", "form " + form.id);
    if (!p->choices.empty() &&
        std::find(p->choices.begin(), p->choices.end(), value.s) == p->choices.end())
      throw Error("'" + value.s + "' is not a choice of the parameter '" + name + "'",
                  "form " + form.id);
  }
  for (const auto& p : form.params) {
    if (out.has(p.name) || p.may_be_absent) continue;
    if (!p.otherwise) throw Error("the parameter '" + p.name + "' is missing", "form " + form.id);
    out.set(p.name, *p.otherwise);
  }
  return out;
}

inline Definition write(const Form& form, const Params& params) {
  using namespace form_detail;
  const Params p = complete(form, params);
  Definition d;
  d.op_type = form.op_type;
  d.name = joined(form.name, p);
  d.key_order = form.key_order;
  for (const auto& t : form.tags) {
    if (!t.text.can_write(p) || !holds(t.when, p)) continue;
    d.tags.push_back(t.text.write(p));
    if (says_where_met(form, t)) d.met.push_back(d.tags.back());
  }
  for (const auto& t : p.further_tags) add_tag(d.tags, t);
  d.description = joined(form.description, p);
  for (const auto& a : form.axes)
    if (holds(a.when, p)) d.axes.push_back(axis_of(a, p));
  for (const auto& c : form.constraints)
    if (holds(c.when, p)) d.constraints.push_back(c.text.write(p));
  d.inputs = tensors_of(form.inputs, p);
  d.outputs = tensors_of(form.outputs, p);
  std::map<std::string, std::string> values;
  for (const auto& c : form.constants) values[c.name] = c.value.write(p);
  d.reference = sdk::fill_reference(form.reference, values);
  return d;
}

inline Reading read(const Form& form, const Definition& definition) {
  return form_detail::Reader(form, definition).run();
}

inline FormReading find_form(const std::vector<Form>& forms, const Definition& definition) {
  FormReading out;
  int fits = -1, alike = -1;
  for (const auto& f : forms) {
    Reading r = read(f, definition);
    if (r.ok) {
      const Definition d = write(f, r.params);
      const int same = d.name != definition.name                                              ? 0
                       : d.tags != definition.tags || d.constraints != definition.constraints ? 1
                                                                                              : 2;
      if (same > alike) out = {&f, std::move(r.params), ""}, alike = same;
      if (same == 2) return out;
    } else if (out.form == nullptr && r.fits > fits) {
      fits = r.fits;
      if (r.fits > 0) out.why = std::move(r.why);
    }
  }
  return out;
}

}  // namespace kdex
