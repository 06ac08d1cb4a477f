// Where checkpoints and source trees lie: folders, files, the local Hugging Face cache, kdex's
// examples.
#pragma once

#include <string>
#include <vector>

#include <kdex/module_tree.h>

namespace kdex {

/// "~/x" -> "$HOME/x".
std::string expand_home(const std::string& path);

/// A folder with config.json (or Mistral's params.json alone), a config file, an HF id in the local
/// cache, or a name of examples/checkpoints. `base`: what relative paths are relative to ("" is the
/// working folder). Throws kdex::Error: not found (with close names), not JSON, not an object.
Checkpoint find_checkpoint(const std::string& what, const std::string& base = "");

/// All checkpoints of examples/checkpoints and of the local Hugging Face cache.
std::vector<Checkpoint> known_checkpoints();

/// The `architectures` of a checkpoint's config.json, empty where it names none.
std::vector<std::string> architectures_of(const Checkpoint& checkpoint);

/// A folder to read packages from.
struct SourceFolder {
  std::string folder;
  std::string given;  ///< as the user wrote it; "": one of the default places
};

/// The import name of the package with every engine's configuration classes.
inline constexpr const char* transformers_package = "transformers";

/// The folders to read packages from: a git checkout becomes its package folder; Transformers and
/// the engine are taken from the default places where `given` lacks one. `engine`: its name, "" for
/// any. Throws kdex::Error with what is missing.
std::vector<SourceFolder> resolve_source_folders(const std::vector<std::string>& given,
                                                 const std::string& engine = "");
/// Their paths.
std::vector<std::string> resolve_sources(const std::vector<std::string>& given,
                                         const std::string& engine = "");

}  // namespace kdex
