// kdex kernels plan, for core/cli/kernels.cpp.
#pragma once

#include <string>
#include <vector>

namespace kdex::cli {

int kernels_plan(const std::vector<std::string>& arguments);

}  // namespace kdex::cli
