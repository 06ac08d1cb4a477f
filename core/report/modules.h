// The module tree as text: JSON (every module, parameters and attributes) and an indented tree.
#pragma once

#include <string>

#include <kdex/module_tree.h>

namespace kdex {

/// {"status": "ok", "architecture", "model_class", "modules": [{"path", "class", "module",
/// "params", "attrs"}]} in named_modules order, or {"status": "failed", "error_type", "error",
/// "where"}.
std::string modules_to_json(const ModuleTree& tree);
/// Layers that look alike are shown once with their count.
std::string modules_to_tree(const ModuleTree& tree);

}  // namespace kdex
