// The rules of a roles.json as they are read: what role_rules.cpp builds and roles.cpp evaluates.
// Private to core/engine.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kdex/module_tree.h>

#include "core/engine/roles.h"

namespace kdex::engine {

/// Where a value stands, "[PLACE/]NAME{.NAME}" or "[PLACE/]param:NAME".
struct Path {
  enum Base { self, parent, resolved, fact, place };
  Base base = self;
  std::size_t at = 0;  // of the entry's places, where base is `place`
  bool parameter = false;
  std::vector<std::string> names;
};

struct Condition {
  enum class Is { exists, absent, found, set, unset, yes, no, size, matches, lacks };
  Is is = Is::exists;
  Path path;
  std::vector<std::string> texts;  // of `matches` and `lacks`: patterns of the text's last part
};

/// One way to get a fact: a path, a constant, the names of parameters, or a collection of numbers.
struct Source {
  enum class From { path, constant, names, numbers };
  From from = From::path;
  Path path;
  Value constant;
  std::vector<std::string> patterns;  // of `names`
  std::vector<Path> collected;        // of `numbers`
  int rank = -1;                      // of a tensor; -1: any
  int dim = -1;                       // the size of this dimension instead of the tensor
  std::string not_dtype;              // a tensor of this dtype is none
  std::int64_t plus = 0;              // added to an integer
  std::vector<Condition> conditions;  // all must hold
};

struct Fact {
  enum class Type { size, integer, number, text, name, truth, tensor, names, module, any };
  std::string name;
  Type type = Type::any;
  std::vector<Source> sources;                           // the first that gives a value of the type
  std::vector<std::pair<std::string, std::string>> map;  // pattern of a text → what stands for it
};

/// A module or an object that facts are read from beside the module itself.
struct Place {
  struct Find {
    enum class Where { self, parent, sibling, child, child_named, attribute };
    Where where = Where::self;
    std::string what;  // pattern of a class, a child's or an attribute's name
    std::string with;  // of `self`: only where it has this attribute
  };
  std::string name;
  std::vector<Find> finds;  // the first that is there
  std::string inside;       // its attributes are looked for in this attribute of it first
};

struct ClassRule {
  std::string pattern;  // "Name", "package.module.Name" (its end suffices), "*End"
  std::vector<Fact> facts;
};

struct RoleTable::Entry {
  std::string role;  // "" adds facts only
  std::vector<ClassRule> classes;
  std::vector<Condition> when;
  std::vector<Place> places;
  std::vector<Fact> facts;
  /// Fact → attributes that it tells beside those that it is read from.
  std::vector<std::pair<std::string, std::vector<std::string>>> tells;
  /// Patterns of attributes that change nothing of what the role computes.
  std::vector<std::string> beside;
  RoleTable::RunBy run_by;
  std::vector<Path> run_by_names;
};

/// A whole roles.json.
struct RoleTable::Rules {
  std::vector<std::string> kept;
  std::vector<Entry> entries;
};

/// Throws kdex::Error naming `file` and the entry.
RoleTable::Rules read_role_rules(const std::string& text, const std::string& file);

/// True where `text` is `pattern`, which may begin or end with "*"; case matters not.
bool fits(std::string_view pattern, std::string_view text);

/// True where a qualified class name is, or ends at a dot with, the pattern of a ClassRule.
bool is_class(std::string_view pattern, std::string_view qualified);

}  // namespace kdex::engine
