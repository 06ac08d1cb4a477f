// What of a module is not as its class's own constructor leaves it: Module::departures.
// Private to core/model; must not know any engine, nor what an attribute means.
#pragma once

#include <kdex/module_tree.h>

#include "core/model/read_tree.h"
#include "core/model/source_uses.h"
#include "core/python/machine.h"

namespace kdex {
namespace engine {
class RoleTable;
}

/// Makes a twin of each module with a role, with the arguments that its constructor requires and
/// those of the optional ones that the table keeps, and notes every attribute in which the module
/// differs from it and that a fact tells or code reads where the model runs. Modules that are alike
/// but for their place share a twin. Wants ModuleTree::files and the roles.
void find_departures(py::Machine& machine, TreeReader& reader, const engine::RoleTable& roles,
                     SourceUses& uses, ModuleTree& tree);

}  // namespace kdex
