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
  /// Names the facts that tell each of a module's departures; those that change nothing of what
  /// the role computes are taken away.
  void tell(ModuleTree& tree) const;
  /// Optional arguments of constructors that facts tell wholly: no departure comes of them alone.
  const std::vector<std::string>& kept() const;

  RoleTable(RoleTable&&) noexcept;
  RoleTable& operator=(RoleTable&&) noexcept;
  ~RoleTable();

  /// Code that is handed a module and runs it: functions of the module `registry` that are
  /// registered under `names`.
  struct RunBy {
    std::string registry;
    std::vector<std::string> names;
  };
  /// That of a module of the tree; without a registry where its class runs itself.
  RunBy run_by(ModuleTree& tree, std::size_t module) const;

  struct Entry;
  struct Rules;

 private:
  RoleTable();
  std::unique_ptr<Rules> rules_;
};

}  // namespace kdex::engine
