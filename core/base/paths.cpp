// Implementation of core/paths.h.
#include "core/paths.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace kdex {
namespace fs = std::filesystem;

std::string home_folder() {
  if (const char* home = std::getenv("KDEX_HOME"); home != nullptr && *home != '\0') return home;
  std::error_code error;
  fs::path program = fs::read_symlink(this_program, error);
  if (error) return ".";
  // build/release/kdex, build/release/bin/some_test, <prefix>/bin/kdex
  for (fs::path folder = program.parent_path();; folder = folder.parent_path()) {
    if (fs::exists(folder / "share" / "kdex", error)) return folder.string();
    if (folder == folder.parent_path()) break;
  }
  return program.parent_path().string();
}

std::string data_folder() { return home_folder() + "/share/kdex"; }
std::string plugin_folder() { return home_folder() + "/lib/kdex/plugins"; }

std::string cache_folder() {
  if (const char* set = std::getenv("KDEX_CACHE"); set != nullptr && *set != '\0') return set;
  if (const char* xdg = std::getenv("XDG_CACHE_HOME"); xdg != nullptr && *xdg != '\0')
    return std::string(xdg) + "/kdex";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0')
    return std::string(home) + "/.cache/kdex";
  return "";
}

}  // namespace kdex
