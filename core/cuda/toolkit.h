// Where an installed CUDA toolkit may lie. Knows nothing of what is looked for there.
#pragma once

#include <string>
#include <vector>

namespace kdex::cuda {

/// The environment variable; "" where it is not set.
std::string variable(const char* name);

/// The folders that may be a toolkit, in order: the one that is named (by the argument, else by
/// KDEX_CUDA_HOME) alone, else that of CUDA_HOME and /usr/local/cuda.
std::vector<std::string> toolkit_homes(const std::string& named);

/// The folders of the PATH.
std::vector<std::string> path_folders();

}  // namespace kdex::cuda
