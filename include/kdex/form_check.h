// Whether forms hold what a dataset needs of them: one name, one thing; what is written is read
// back; all is described. Tried on few values of each parameter. For a family's own tests, and
// `kdex plugins --check`.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <kdex/error.h>
#include <kdex/form_definition.h>

namespace kdex {

/// What is wrong with the forms of one family and one dialect, one line each:
///   - two definitions that differ in more than where they were met have one name;
///   - `read` refuses what `write` wrote, or gives parameters that write something else;
///   - a form, an axis or a tensor has no description.
std::vector<std::string> check_forms(const std::vector<const Form*>& forms);
/// The same of all dialects, one after the other.
std::vector<std::string> check_forms(const std::vector<Form>& forms);

namespace form_detail {

/// Few values of each kind, so that other parameters meet: sizes of public names among them.
inline std::vector<ParamValue> values_of_kind(const Param& p) {
  switch (p.kind) {
    case Param::Kind::size:
      return {32, 256, 7168, 1};
    case Param::Kind::integer:
      return {1, 64, 8};
    case Param::Kind::real:
      return {1e-6, 1e-5, 30.0};
    case Param::Kind::boolean:
      return {false, true};
    case Param::Kind::dtype:
      return {"bfloat16", "float16", "float32"};
    default:
      return {"a", "b"};
  }
}

/// Those that a parameter is tried with: its choices, else its default and a few of its kind.
inline std::vector<ParamValue> tried_values(const Param& p) {
  if (!p.choices.empty()) return {p.choices.begin(), p.choices.end()};
  std::vector<ParamValue> out = values_of_kind(p);
  if (p.otherwise && std::find(out.begin(), out.end(), *p.otherwise) == out.end())
    out.push_back(*p.otherwise);
  return out;
}

/// All of a definition but its name and what says where it was met, with a name for each part.
inline std::map<std::string, std::string> content_of(const Definition& d) {
  std::map<std::string, std::string> out = {
      {"op type", d.op_type}, {"description", d.description}, {"reference", d.reference}};
  for (const auto& t : d.tags)
    if (std::find(d.met.begin(), d.met.end(), t) == d.met.end()) out["tags"] += t + ";";
  for (const auto& c : d.constraints) out["constraints"] += c + ";";
  for (const auto& a : d.axes)
    out["axis " + a.name] = (a.value ? std::to_string(*a.value) : "var") + " " + a.description;
  const auto add = [&](const std::string& what, const std::vector<TensorSpec>& tensors) {
    for (const auto& t : tensors) {
      std::string& text = out[what + t.name] = t.dtype + " " + t.description;
      if (t.shape)
        for (const auto& axis : *t.shape) text += " " + axis;
      out[what + "s"] += t.name + ";";
    }
  };
  add("input ", d.inputs);
  add("output ", d.outputs);
  return out;
}

class FormChecks {
 public:
  void add(const Form& f) {
    describe(f);
    std::mt19937 random(11);
    for (int base = 0; base < 12; ++base) {
      Params p;
      for (const auto& param : f.params) {
        const auto values = tried_values(param);
        if (!values.empty()) p.set(param.name, values[random() % values.size()]);
      }
      for (const auto& param : f.params)
        for (const auto& value : tried_values(param)) {
          Params changed = p;
          changed.set(param.name, value);
          try_one(f, changed);
        }
    }
  }
  std::vector<std::string> take() { return std::move(problems_); }

 private:
  struct Seen {
    std::string form;
    std::map<std::string, std::string> content;
  };

  /// One line for a kind of problem: `key` tells the kinds apart.
  void problem(const std::string& key, std::string line) {
    if (told_.insert(key).second) problems_.push_back(std::move(line));
  }
  void describe(const Form& f) {
    const auto lacks = [&](const std::string& what, const std::string& description) {
      if (description.empty())
        problem(f.id + what, "form " + f.id + ": " + what + " has no description");
    };
    if (f.description.empty()) lacks("the form", "");
    for (const auto& a : f.axes) lacks("the axis " + a.name, a.description);
    for (const auto& t : f.inputs) lacks("the input " + t.name, t.description);
    for (const auto& t : f.outputs) lacks("the output " + t.name, t.description);
  }
  void try_one(const Form& f, const Params& p) {
    try {
      const Definition d = write(f, p);
      compare(f, d);
      read_back(f, d);
    } catch (const Error& e) {
      problem(f.id + "error", "form " + f.id + ": " + e.what());
    }
  }
  void compare(const Form& f, const Definition& d) {
    auto content = content_of(d);
    const auto [it, fresh] = seen_.try_emplace(d.name, Seen{f.id, content});
    if (fresh || it->second.content == content) return;
    std::string parts;
    auto& other = it->second.content;
    for (const auto& [part, text] : content)
      if (const auto at = other.find(part); at == other.end() || at->second != text)
        parts += (parts.empty() ? "" : ", ") + part;
    problem(f.id + it->second.form + parts,
            "the name " + d.name + " of form " + f.id +
                (f.id == it->second.form ? std::string(" stands for two definitions")
                                         : " is also form " + it->second.form + "'s") +
                "; they differ in " + parts);
  }
  void read_back(const Form& f, const Definition& d) {
    const Reading r = read(f, d);
    if (!r.ok)
      return problem(f.id + "read", "form " + f.id + ": " + d.name + " is not read: " + r.why);
    const Definition again = write(f, r.params);
    if (again.name != d.name || again.tags != d.tags || content_of(again) != content_of(d))
      problem(f.id + "again",
              "form " + f.id + ": " + d.name + " is read and written as " + again.name);
  }

  std::map<std::string, Seen> seen_;
  std::set<std::string> told_;
  std::vector<std::string> problems_;
};

}  // namespace form_detail

inline std::vector<std::string> check_forms(const std::vector<const Form*>& forms) {
  form_detail::FormChecks checks;
  for (const Form* f : forms) checks.add(*f);
  return checks.take();
}

inline std::vector<std::string> check_forms(const std::vector<Form>& forms) {
  std::set<std::string> dialects;
  for (const auto& f : forms) dialects.insert(f.dialect);
  if (dialects.size() > 1) dialects.erase("");
  std::vector<std::string> out;
  for (const auto& dialect : dialects) {
    std::vector<const Form*> list;
    for (const auto& f : forms)
      if (f.dialect.empty() || f.dialect == dialect) list.push_back(&f);
    for (auto& line : check_forms(list))
      if (std::find(out.begin(), out.end(), line) == out.end()) out.push_back(std::move(line));
  }
  return out;
}

}  // namespace kdex
