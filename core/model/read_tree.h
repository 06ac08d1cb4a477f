// Reads the result of an engine's driver, live objects of the abstract machine, into plain data.
// Private to core/model; must not know any model, nor what an attribute means.
#pragma once

#include <string>
#include <vector>

#include <kdex/module_tree.h>

#include "core/python/interp.h"

namespace kdex {

/// "file:line function: source" of each entry of an exception's traceback, innermost last.
std::vector<std::string> where(py::Interp& in, py::V exc);

/// Fills `tree` from the dict that the driver's build() gave: what was built, or the refusal.
void read_result(py::Interp& in, py::V result, ModuleTree& tree);

}  // namespace kdex
