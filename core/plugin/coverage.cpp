// coverage.h.
#include "core/plugin/coverage.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include <kdex/authoring.h>
#include <kdex/form.h>

namespace kdex {
namespace {

using Kind = Value::Kind;

/// A value as a reader knows it from Python.
std::string shown(const Value& v) {
  char number[40];
  switch (v.kind) {
    case Kind::none:
      return "None";
    case Kind::boolean:
      return v.i != 0 ? "True" : "False";
    case Kind::integer:
      return std::to_string(v.i);
    case Kind::real:
      std::snprintf(number, sizeof number, "%.12g", v.f);
      return number;
    case Kind::string:
      return sdk::python_string(v.s);
    case Kind::unknown:
      return "not known (" + v.s + ")";
    case Kind::tensor:
    case Kind::list: {
      std::string items;
      for (const Value& item : v.items) items += (items.empty() ? "" : ", ") + shown(item);
      return v.kind == Kind::list ? "[" + items + "]" : "a tensor of " + v.s + " [" + items + "]";
    }
    default:
      return v.s;
  }
}

std::string reason(const Departure& d) {
  std::string text = "its " + d.attribute + " is " + shown(d.value);
  text += d.neutral.is_none() ? "" : ", its class's default is " + shown(d.neutral);
  if (!d.set.file.empty()) text += " (" + d.set.file + ":" + std::to_string(d.set.line) + ")";
  return text + "; no form covers that, so no definition was written";
}

/// The first departure that the form does not cover; null where it covers all.
const Departure* uncovered(const Module& m, const Form& form) {
  const auto covers = [&](const std::string& what) {
    return std::find(form.covers.begin(), form.covers.end(), what) != form.covers.end();
  };
  for (const Departure& d : m.departures)
    if (!covers(d.attribute) && std::none_of(d.facts.begin(), d.facts.end(), covers)) return &d;
  return nullptr;
}

void add_note(std::vector<Note>& notes, const Module& m, const std::string& text) {
  const std::string pattern = sdk::path_pattern(m.path);
  for (Note& n : notes)
    if (n.module_path == pattern && n.text == text) {
      if (std::find(n.paths.begin(), n.paths.end(), m.path) == n.paths.end())
        n.paths.push_back(m.path);
      return;
    }
  notes.push_back({pattern, text, m.defined, {m.path}});
}

/// Takes away what a family said of a definition that is not written.
void drop_notes(std::vector<Note>& notes, const std::set<std::string>& dropped) {
  std::erase_if(notes, [&](Note& n) {
    if (n.paths.empty()) return false;
    std::erase_if(n.paths, [&](const std::string& path) { return dropped.contains(path); });
    return n.paths.empty();
  });
}

}  // namespace

void drop_uncovered(const ModelView& view, FamilyResult& result) {
  std::set<std::string> dropped, kept;  // paths of modules
  std::vector<char> has_modules;        // a match may rest on its calls alone
  for (const Match& match : result.matches) has_modules.push_back(!match.modules.empty());
  std::vector<std::pair<const Module*, const Departure*>> reasons;
  for (Match& match : result.matches) {
    const ModuleTree* tree = match.from_tp1 ? view.tp1_tree : &view.tree;
    if (tree == nullptr) continue;
    std::erase_if(match.modules, [&](std::size_t i) {
      if (i >= tree->modules.size()) return false;  // refused with its field's name later
      const Module& m = tree->modules[i];
      const Departure* d = match.form == nullptr ? nullptr : uncovered(m, *match.form);
      (d == nullptr ? kept : dropped).insert(m.path);
      if (d == nullptr) return false;
      reasons.emplace_back(&m, d);
      return true;
    });
  }
  std::set<std::string> without;  // any definition
  std::set_difference(dropped.begin(), dropped.end(), kept.begin(), kept.end(),
                      std::inserter(without, without.end()));
  drop_notes(result.notes, without);
  for (const auto& [m, d] : reasons) add_note(result.notes, *m, reason(*d));
  if (dropped.empty()) return;
  std::size_t at = 0;
  std::erase_if(result.matches, [&](const Match& m) {
    return has_modules[at++] != 0 && m.form != nullptr && m.modules.empty();
  });
  std::erase_if(result.claimed, [&](std::size_t i) {
    return i < view.tree.modules.size() && without.contains(view.tree.modules[i].path);
  });
}

}  // namespace kdex
