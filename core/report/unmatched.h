// Layers without a definition, as data: role, sizes, dtypes, quantization, and why. Knows roles, no
// family.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/report/report.h"

namespace kdex {

/// What the report says of one module; without reasons, `count` is 0. `whole`: the same module at
/// tp 1; null where it is not known.
UnmatchedModules unmatched_module(const ModuleTree& tree, const Module& m,
                                  const Module* whole = nullptr);

/// Equal for modules that are one line of the report.
std::string likeness(const UnmatchedModules& u);

/// {"path", "class", "module", "count", "source", "deployment", "role", "reasons", "shape": {axis:
/// size}, "shape_at_tp1", "facts", "params": {name: {"dtype", "shape"}}, "origins"}; the last six
/// only where there are any.
nlohmann::ordered_json unmatched_json(const UnmatchedModules& u, const std::string& deployment);

/// One line: how many layers with a role and sizes have no definition; "" where all have.
std::string unmatched_summary(const Report& report);

}  // namespace kdex
