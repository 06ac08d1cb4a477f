// Opening an engine and its sources: core/model/source_tree.h.
#include "core/model/source_tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include <kdex/error.h>

#include "core/engine/sglang/declared.h"
#include "core/paths.h"

namespace kdex {

namespace fs = std::filesystem;

Tree::Tree(const std::vector<std::string>& roots, const std::string& cache)
    : sources({data_folder() + "/core/python/lib", data_folder() + "/" + kEngine}, roots, cache),
      roles(engine::RoleTable::load(data_folder() + "/" + kEngine + "/roles.json")) {
  std::ifstream in(data_folder() + "/" + kEngine + "/packages.json");
  sources.prepared = data_folder() + "/parsed";
  const auto packages = nlohmann::json::parse(in, nullptr, false);
  if (!packages.is_object())
    throw Error("is missing or not JSON", data_folder() + "/" + kEngine + "/packages.json",
                "install kdex again");
  const auto modules = packages.value("modules", nlohmann::json::object()),
             known = packages.value("versions", nlohmann::json::object());
  for (const auto& [name, distribution] : modules.items()) sources.installed.insert(name);
  for (const auto& [name, version] : known.items()) versions[name] = version;
  std::set<std::string> required;
  engine::state_versions(roots, versions, &required);
  if (!required.empty())
    for (const auto& name : packages.value("where_required", nlohmann::json::array())) {
      const std::string distribution = modules.value(name.get<std::string>(), "");
      if (required.count(distribution)) continue;
      sources.installed.erase(name.get<std::string>());
      versions.erase(distribution);
    }
  for (const auto& [name, distribution] : modules.items())
    if (const auto at =
            versions.find(distribution.is_string() ? distribution.get<std::string>() : "");
        at != versions.end() && at->second != "0")
      sources.versions[name] = at->second;
  std::ifstream platform_file(data_folder() + "/" + kEngine + "/platforms.json");
  std::error_code error;
  for (const auto& e : fs::directory_iterator(data_folder() + "/" + kEngine + "/instead", error))
    if (e.path().extension() == ".py")
      sources.instead[e.path().stem().string()] = e.path().string();
  platforms = std::string(std::istreambuf_iterator<char>(platform_file), {});
  if (!nlohmann::json::accept(platforms))
    throw Error("is missing or not JSON", data_folder() + "/" + kEngine + "/platforms.json",
                "install kdex again");
}

const std::vector<std::pair<std::string, std::string>>& Tree::models() {
  std::call_once(models_read_, [&] {
    for (const auto& r : sources.roots) {
      models_ = engine::declared_models(r + "/sglang/srt/models", "sglang.srt.models");
      if (!models_.empty()) break;
    }
  });
  return models_;
}

std::shared_ptr<SourceTree> SourceTree::open(const SourceRoots& roots,
                                             const std::string& cache_folder) {
  std::error_code error;
  for (const auto& r : roots.folders)
    if (fs::is_directory(fs::path(r) / "sglang", error))
      return std::make_shared<Tree>(roots.folders, cache_folder);
  throw Error("no source tree with the package sglang was found",
              roots.folders.empty() ? "" : roots.folders.front(),
              "give a site-packages folder, an unpacked wheel or a git checkout");
}

std::vector<ArchitectureEntry> list_architectures(SourceTree& source) {
  auto& tree = static_cast<Tree&>(source);
  std::vector<ArchitectureEntry> out;
  for (const auto& [architecture, module] : tree.models()) {
    py::FoundModule m;
    if (!tree.sources.find(module, m)) continue;
    std::ifstream in(m.path, std::ios::binary);
    std::string line;
    int at = 0, found = 0;
    for (int n = 1; !found && std::getline(in, line); ++n) {
      if (line.starts_with("EntryClass")) at = n;
      const std::string_view rest =
          line.starts_with("class ") ? std::string_view(line).substr(6) : std::string_view();
      if (rest.starts_with(architecture) && rest.size() > architecture.size() &&
          (rest[architecture.size()] == '(' || rest[architecture.size()] == ':'))
        found = n;
    }
    out.push_back({architecture, module, {m.shown, found ? found : at}});
  }
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return a.architecture < b.architecture; });
  return out;
}

}  // namespace kdex
