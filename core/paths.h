// Where kdex finds its own files at run time, in the build tree and installed alike.
// Knows folders only. KDEX_HOME (a prefix with share/kdex and lib/kdex) overrides.
#pragma once

#include <string>

namespace kdex {

/// The program that runs, as a file to start again: the same one even if it was replaced on disk.
inline constexpr const char* this_program = "/proc/self/exe";
/// The prefix: KDEX_HOME, else the folder of the program where it has share/kdex, else the one
/// above.
std::string home_folder();
/// <prefix>/share/kdex; below it the layout is that of the source tree ("core/python/overlay",
/// "kernels", ...).
std::string data_folder();
/// <prefix>/lib/kdex/plugins: the families that come with kdex.
std::string plugin_folder();
/// $XDG_CACHE_HOME/kdex or ~/.cache/kdex; KDEX_CACHE overrides; "" where there is no home.
std::string cache_folder();

}  // namespace kdex
