// Reads the result of an engine's driver, live objects of the abstract machine, into plain data.
// Private to core/model; must not know any model, nor what an attribute means.
#pragma once

#include <kdex/module_tree.h>

#include "core/python/machine.h"

namespace kdex {

/// Fills `tree` from the dict that the driver's build() gave: what was built, or the refusal.
void read_result(py::Machine& machine, py::View result, ModuleTree& tree);

}  // namespace kdex
