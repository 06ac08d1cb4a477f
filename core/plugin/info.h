// What families and stages say of themselves, checked when they are loaded. Knows the SDK, no
// library.
#pragma once

#include <string>
#include <vector>

#include <kdex/family.h>
#include <kdex/stage.h>

namespace kdex {

/// "" where the names and options can be used, else what is wrong: "info() returns an invalid name
/// …".
std::string family_fault(const FamilyInfo& info);

/// The same, and what a stage of a third party may need and write.
std::string stage_fault(const StageInfo& info);

/// What earlier stages of a run hold in memory and a third party's stage can need.
const std::vector<std::string>& needs_in_memory();

/// Whether a file or folder below the dataset is one that the stage says it writes.
bool is_written_by(const StageInfo& info, const std::string& path);

/// "" where a path leads to a file (or, with '/' at its end, a folder) below the folder that it is
/// relative to, else what is wrong with it.
std::string path_fault(const std::string& path);

}  // namespace kdex
