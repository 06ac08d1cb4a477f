// Finds family libraries in plugin folders and loads them; what cannot be loaded is named with the
// reason and the rest goes on. Knows shared libraries and the SDK, no family by name.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <kdex/family.h>

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

/// A library (or folder) that was refused: one line that says why.
struct RefusedLibrary {
  std::string library;
  std::string reason;
};

struct LoadedFamilies {
  std::vector<LoadedFamily> families;  // sorted by name
  std::vector<RefusedLibrary> refused;

  const LoadedFamily* find(std::string_view name) const {
    for (const auto& f : families)
      if (f.info.name == name) return &f;
    return nullptr;
  }
};

/// Loads every *.so of the folders, in the order of the folders, then of the file names. Of two
/// families of one name the first stays. Each library is first opened in a child process, so that
/// one that crashes or hangs (10 s) at load is refused and harms nothing. Does not throw for a bad
/// library; a folder that cannot be read is in `refused`.
LoadedFamilies load_families(const std::vector<std::string>& folders);

}  // namespace kdex
