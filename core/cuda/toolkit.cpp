#include "core/cuda/toolkit.h"

#include <cstdlib>
#include <sstream>

namespace kdex::cuda {

std::string variable(const char* name) {
  const char* v = std::getenv(name);
  return v ? v : "";
}

std::vector<std::string> toolkit_homes(const std::string& named) {
  if (!named.empty()) return {named};
  if (const std::string own = variable("KDEX_CUDA_HOME"); !own.empty()) return {own};
  std::vector<std::string> out;
  for (const std::string& home : {variable("CUDA_HOME"), std::string("/usr/local/cuda")})
    if (!home.empty()) out.push_back(home);
  return out;
}

std::vector<std::string> path_folders() {
  std::vector<std::string> out;
  std::istringstream path(variable("PATH"));
  for (std::string folder; std::getline(path, folder, ':');) out.push_back(folder);
  return out;
}

}  // namespace kdex::cuda
