// The module tree as text: JSON (every module, parameters and attributes) and an indented tree.
#pragma once

#include <string>
#include <vector>

#include <kdex/module_tree.h>

namespace kdex {

/// {"status": "ok", "architecture", "model_class", "modules": [{"path", "class", "module",
/// "params", "attrs"}]} in named_modules order, or {"status": "refused" (by the engine) or "failed"
/// (kdex itself), "error_type", "error", "where"}; both with what the engine resolved and logged.
std::string modules_to_json(const ModuleTree& tree);
/// Layers that look alike are shown once with their count.
std::string modules_to_tree(const ModuleTree& tree);

/// What the families say of one module.
struct ModuleClaims {
  std::vector<std::string> families;     ///< those that account for it
  std::vector<std::string> definitions;  ///< "gqa: gqa_paged_decode_h32_kv8_d128_ps1"
  std::vector<std::string> notes;        ///< "gqa: why no definition was written"
};

/// `kdex modules --path --attrs --claims`.
struct ModulesSelection {
  std::string path;         ///< "model.layers.*.mlp", '*' for any text; empty: all modules
  bool attributes = false;  ///< MRO, places, parameters, attributes; config and arguments
  bool claims = false;      ///< which family accounts for a module, or why none does
  std::vector<ModuleClaims> claimed;  ///< with `claims`: one for each module of the tree
};

/// What a family author sees of the modules that fit. As text, modules of one path pattern that
/// look alike are shown once with their count; as JSON {"config", "resolved", "modules": [...]},
/// all.
std::string modules_details(const ModuleTree& tree, const ModulesSelection& selection);
std::string modules_details_json(const ModuleTree& tree, const ModulesSelection& selection);

}  // namespace kdex
