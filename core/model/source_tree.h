// The sources that models are built from: the engine's, Transformers' and kdex's own Python files,
// with the versions that packages state. Private to core/model; must not know the module tree.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/once.h"
#include "core/engine/declared.h"
#include "core/engine/engine.h"
#include "core/engine/roles.h"
#include "core/model/extract.h"
#include "core/model/source_uses.h"
#include "core/python/snapshot.h"
#include "core/python/sources.h"

namespace kdex {

class Tree final : public SourceTree {
 public:
  Tree(const engine::Engine& engine, const std::vector<std::string>& roots,
       const std::string& cache);
  const engine::Engine& engine() const override { return engine_; }
  /// The model classes that the engine's files declare.
  const std::vector<engine::Declared>& models();

  py::Sources sources;
  std::map<std::string, std::string> versions;
  std::string platforms;  // the JSON text
  engine::RoleTable roles;
  SourceUses uses{sources};
  py::Snapshots snapshots;

 private:
  Once models_read_;
  const engine::Engine& engine_;
  std::vector<engine::Declared> models_;
};

}  // namespace kdex
