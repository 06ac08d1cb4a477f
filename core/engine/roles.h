// The table of an engine's folder that gives modules their roles and facts (roles.json; its form is
// described in core/engine/README.md). Reads a ModuleTree and writes Module::role and
// Module::facts; must not know the evaluator, any engine's class, or any kernel family.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <kdex/module_tree.h>

namespace kdex::engine {

class RoleTable {
 public:
  /// Throws kdex::Error with `file` and the entry for anything that is not of the table's form.
  static RoleTable parse(const std::string& text, const std::string& file);
  /// parse() of a file's content.
  static RoleTable load(const std::string& file);

  /// Gives every module its role and facts; those that it has are replaced.
  void apply(ModuleTree& tree) const;

  RoleTable(RoleTable&&) noexcept;
  RoleTable& operator=(RoleTable&&) noexcept;
  ~RoleTable();

  struct Entry;

 private:
  RoleTable();
  std::unique_ptr<std::vector<Entry>> entries_;
};

}  // namespace kdex::engine
