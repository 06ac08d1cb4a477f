// The packages that source folders hold, with what tells one copy from another: version, commit and
// a digest of their files. Knows no engine by name.
#pragma once

#include <string>
#include <vector>

#include "core/pipeline/checkpoints.h"
#include "core/report/run_record.h"

namespace kdex {

/// The packages of these folders in their order, of two with one name the first: what an import
/// finds. Of a folder with many (a site-packages) those of `wanted` alone. Digests are kept in
/// `cache` (a folder, "" for none) by the files' paths, sizes and times.
std::vector<SourcePackage> source_packages(const std::vector<SourceFolder>& folders,
                                           const std::vector<std::string>& wanted,
                                           const std::string& cache);

}  // namespace kdex
