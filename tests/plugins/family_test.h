// What the family tests share: one run of the families over a module tree (a recorded one of
// fixtures/, or one that the test builds), and the rules that every definition keeps. Knows the
// loader and the SDK, no family.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <kdex/family.h>

#include "oracle_tree.h"

namespace kdex_test {

/// A module tree, and what the families found in it.
struct Run {
  ReadTree read;
  std::map<std::string, kdex::Definition> definitions;
  std::vector<kdex::Note> notes;
  std::set<std::size_t> claimed;
  bool failed = false;

  bool has(const std::string& name) const { return definitions.count(name) > 0; }
  /// True where a note contains `part`.
  bool noted(const std::string& part) const;
};

struct Settings {
  bool quantized = true, at_tp = false, prefill = true, decode = true;
  std::string dialect = "official";
  const kdex::ModuleTree* tp1 = nullptr;
  const std::vector<kdex::CallTrace>* steps = nullptr;
};

/// Matches all families against `r.read` and checks that none fails.
void run(Run& r, const Settings& s = {});
/// The same over fixtures/<name>.json.
Run run_fixture(const std::string& name, const Settings& s = {});
/// The module tree of fixtures/<name>.json.
ReadTree read_fixture(const std::string& name);

/// Rules of a definition that hold whatever the family.
void check_rules(const kdex::Definition& d);
/// check_rules for all that were found.
void check_rules(const Run& r);

/// The value of a constant axis; -1 for a variable one, -2 where there is none of that name.
std::int64_t axis(const kdex::Definition& d, const std::string& name);

kdex::Value integer(std::int64_t i, kdex::OriginId origin = 0);
kdex::Value text(std::string s);
kdex::Module module(std::string path, std::string cls, std::vector<std::string> mro, int parent);
/// An empty tree that the engine built, with its root module.
Run built_tree();

}  // namespace kdex_test
