// The sources that models are built from: the engine's, Transformers' and kdex's own Python files,
// with the versions that packages state. Private to core/model; must not know the module tree.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/roles.h"
#include "core/model/extract.h"
#include "core/python/sources.h"

namespace kdex {

constexpr const char* kEngine = "core/engine/sglang";

class Tree final : public SourceTree {
 public:
  Tree(const std::vector<std::string>& roots, const std::string& cache);
  /// Architecture → module, as the model files declare them.
  const std::vector<std::pair<std::string, std::string>>& models();

  py::Sources sources;
  std::map<std::string, std::string> versions;
  std::string platforms;  // the JSON text
  engine::RoleTable roles;

 private:
  std::once_flag models_read_;
  std::vector<std::pair<std::string, std::string>> models_;
};

}  // namespace kdex
