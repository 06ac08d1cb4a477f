// Matches come in the order of modules; of equal definitions the first gives the origins.
#include "core/plugin/matches.h"

#include <algorithm>

#include <kdex/authoring.h>
#include <kdex/error.h>
#include <kdex/form_definition.h>

#include "core/definition/tags.h"

namespace kdex {

namespace {

bool same_tensors(const std::vector<TensorSpec>& a, const std::vector<TensorSpec>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const TensorSpec& x, const TensorSpec& y) {
                      return x.name == y.name && x.dtype == y.dtype && x.shape == y.shape;
                    });
}

/// Equal but for descriptions, tags and constraints.
bool same_definition(const Definition& a, const Definition& b) {
  return a.name == b.name && a.op_type == b.op_type &&
         std::equal(
             a.axes.begin(), a.axes.end(), b.axes.begin(), b.axes.end(),
             [](const Axis& x, const Axis& y) { return x.name == y.name && x.value == y.value; }) &&
         same_tensors(a.inputs, b.inputs) && same_tensors(a.outputs, b.outputs) &&
         a.reference == b.reference;
}

template <class T>
void add_missing(std::vector<T>& to, const std::vector<T>& from) {
  for (const auto& x : from)
    if (std::find(to.begin(), to.end(), x) == to.end()) to.push_back(x);
}

/// Joins `m` to `old`, which is of the same definition.
void join(Match& old, const Match& m) {
  add_missing(old.modules, m.modules);
  sdk::join_calls(old.calls, m.calls);
  if ((", " + old.what + ",").find(", " + m.what + ",") == std::string::npos)
    old.what += ", " + m.what;
}

/// Collects matches; the layers of one model mostly have few different parameters.
class Joined {
 public:
  explicit Joined(const std::vector<Form>& forms) : forms_(forms) {}

  void add(Match m) {
    if (m.form != nullptr) {
      for (const auto& s : seen_)
        if (s.form == m.form && s.from_tp1 == m.from_tp1 && s.params.values() == m.params.values())
          return join(matches_[s.match], m);
      if (std::none_of(forms_.begin(), forms_.end(), [&](const Form& f) { return &f == m.form; }))
        throw Error("a match names a form that is not the family's", m.what);
      m.definition = write(*m.form, m.params);
    }
    std::size_t at = 0;
    while (at < matches_.size() && (matches_[at].from_tp1 != m.from_tp1 ||
                                    !same_definition(matches_[at].definition, m.definition)))
      ++at;
    if (m.form != nullptr) seen_.push_back({m.form, m.from_tp1, m.params, at});
    if (at < matches_.size()) {
      join(matches_[at], m);
      join_tags(matches_[at].definition, m.definition);
    } else {
      matches_.push_back(std::move(m));
    }
  }
  std::vector<Match> take() { return std::move(matches_); }

 private:
  struct Seen {
    const Form* form;
    bool from_tp1;
    Params params;
    std::size_t match;
  };
  const std::vector<Form>& forms_;
  std::vector<Seen> seen_;
  std::vector<Match> matches_;
};

}  // namespace

void write_matches(const std::vector<Form>& forms, FamilyResult& result) {
  Joined joined(forms);
  for (auto& m : result.matches) joined.add(std::move(m));
  result.matches = joined.take();
  for (const auto& m : result.matches) {
    if (m.form == nullptr) continue;
    const Params p = complete(*m.form, m.params);
    for (const auto& r : m.form->remarks) {
      if (r.when && !r.when(p)) continue;
      const std::string text = r.text.write(p) + (r.names_it ? m.definition.name : "");
      const auto same = [&](const Note& n) { return n.module_path == m.what && n.text == text; };
      if (std::none_of(result.notes.begin(), result.notes.end(), same))
        result.notes.push_back({m.what, text, {}});
    }
  }
}

}  // namespace kdex
