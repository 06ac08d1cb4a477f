// Finds the libraries of plugin folders and loads their families and stages; what cannot be loaded
// is named with the reason and the rest goes on. Knows shared libraries and the SDK, no family or
// stage by name.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <kdex/family.h>
#include <kdex/stage.h>

namespace kdex {

/// A family that was loaded; its library stays open to the end of the process.
struct LoadedFamily {
  std::shared_ptr<const Family> family;
  FamilyInfo info;
  std::string library;   // path of the file
  OptionValues options;  // what match() is given; the defaults until apply_settings()
  bool own = false;      // from kdex's own plugin folder: it is called directly
};

/// The author of the family's solutions: "kdex" for kdex's own.
inline std::string author_of(const LoadedFamily& family) {
  if (family.own) return "kdex";
  return family.info.author.empty() ? family.info.name : family.info.author;
}

/// A stage that was loaded; its library stays open to the end of the process.
struct LoadedStage {
  std::shared_ptr<const Stage> stage;
  StageInfo info;
  std::string library;  // path of the file
  bool own = false;     // from kdex's own plugin folder: it is called directly
};

/// A library (or folder) that was refused: one line that says why.
struct RefusedLibrary {
  std::string library;
  std::string reason;
};

struct LoadedPlugins {
  std::vector<LoadedFamily> families;  // sorted by name
  std::vector<LoadedStage> stages;     // sorted by name
  std::vector<RefusedLibrary> refused;

  const LoadedFamily* find(std::string_view name) const {
    for (const auto& f : families)
      if (f.info.name == name) return &f;
    return nullptr;
  }
};

/// Loads every *.so of the folders, in the order of the folders, then of the file names. A library
/// brings a family, a stage or both. Of two families or two stages of one name the first stays.
/// Each library is first opened in a child process, so that one that crashes or hangs (10 s) at
/// load is refused and harms nothing. Does not throw for a bad library; a folder that cannot be
/// read is in `refused`.
LoadedPlugins load_plugins(const std::vector<std::string>& folders);

/// Those of kdex's own folder, then those of further folders.
LoadedPlugins load_all_plugins(const std::vector<std::string>& plugins_path);

}  // namespace kdex
