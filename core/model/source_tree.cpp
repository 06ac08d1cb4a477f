// Opening an engine and its sources: core/model/source_tree.h.
#include "core/model/source_tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/engine/declared.h"
#include "core/paths.h"

namespace kdex {

namespace fs = std::filesystem;

/// What the folders of engines share, below the data folder.
constexpr const char* common_of_engines = "/core/engine/common";

Tree::Tree(const engine::Engine& engine, const std::vector<std::string>& roots,
           const std::string& cache)
    : sources(
          [&] {
            std::vector<std::string> folders = py::overlay_folders(data_folder());
            folders.push_back(data_folder() + common_of_engines);
            folders.push_back(engine.folder);
            return folders;
          }(),
          roots, cache),
      roles(engine::RoleTable::load(engine.roles_file)),
      snapshots(sources, cache),
      engine_(engine) {
  sources.prepared = data_folder() + "/parsed";
  const auto packages = nlohmann::json::parse(read_file(engine.packages_file), nullptr, false);
  if (!packages.is_object()) throw Error("is not a JSON object", engine.packages_file);
  const auto modules = packages.value("modules", nlohmann::json::object()),
             known = packages.value("versions", nlohmann::json::object());
  for (const auto& [name, distribution] : modules.items()) sources.installed.insert(name);
  for (const auto& [name, version] : known.items()) versions[name] = version;
  auto stated =
      engine::read_packaging(roots, std::move(versions), engine.package, engine.serving_extras);
  versions = std::move(stated.versions);
  if (!stated.required.empty())
    for (const auto& name : packages.value("where_required", nlohmann::json::array())) {
      const std::string distribution = modules.value(name.get<std::string>(), "");
      if (stated.required.contains(distribution)) continue;
      sources.installed.erase(name.get<std::string>());
      versions.erase(distribution);
    }
  for (const auto& [name, distribution] : modules.items())
    if (const auto at =
            versions.find(distribution.is_string() ? distribution.get<std::string>() : "");
        at != versions.end() && at->second != "0")
      sources.versions[name] = at->second;
  for (const std::string& instead :
       {data_folder() + common_of_engines + "/instead", engine.instead}) {
    std::error_code error;
    if (instead.empty()) continue;
    for (const auto& e : fs::directory_iterator(instead, error))
      if (e.path().extension() == ".py")
        sources.instead[e.path().stem().string()] = e.path().string();
  }
  platforms = read_file(engine.platforms_file);
}

const std::vector<engine::Declared>& Tree::models() {
  models_read_.run([&] {
    std::string dotted = engine_.models;
    std::replace(dotted.begin(), dotted.end(), '/', '.');
    for (const auto& r : sources.roots) {
      models_ = engine_.registry.empty()
                    ? engine::assigned_models(r + "/" + engine_.models, dotted, engine_.assigned)
                    : engine::registered_models(r + "/" + engine_.registry, dotted);
      if (!models_.empty()) break;
    }
  });
  return models_;
}

std::shared_ptr<SourceTree> SourceTree::open(const SourceRoots& roots,
                                             const std::string& cache_folder) {
  return std::make_shared<Tree>(engine::choose(roots.folders, roots.engine), roots.folders,
                                cache_folder);
}

std::vector<ArchitectureEntry> list_architectures(SourceTree& source) {
  auto& tree = static_cast<Tree&>(source);
  std::vector<ArchitectureEntry> out;
  const std::string& assigned = tree.engine().assigned;
  for (const auto& d : tree.models()) {
    py::FoundModule m;
    if (!tree.sources.find(d.module, m)) continue;
    std::ifstream in(m.path, std::ios::binary);
    std::string line;
    int at = 0, found = 0;
    for (int n = 1; !found && std::getline(in, line); ++n) {
      if (!assigned.empty() && line.starts_with(assigned)) at = n;
      const std::string_view rest =
          line.starts_with("class ") ? std::string_view(line).substr(6) : std::string_view();
      const std::string& name = d.class_name;
      if (rest.starts_with(name) && rest.size() > name.size() &&
          (rest[name.size()] == '(' || rest[name.size()] == ':'))
        found = n;
    }
    out.push_back({d.architecture, d.module, {m.shown, found ? found : at}});
  }
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return a.architecture < b.architecture; });
  return out;
}

}  // namespace kdex
