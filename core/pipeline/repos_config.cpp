// FlashInfer-Bench's repos_config.json: where its checkouts and its dataset are.
#include <nlohmann/json.hpp>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/definition/json.h"
#include "core/engine/engine.h"
#include "core/pipeline/checkpoints.h"
#include "core/pipeline/pipeline.h"

namespace kdex {

namespace {
nlohmann::ordered_json repos_json(const std::string& file) {
  auto j = parse_json(read_file(file, 4u << 20), file);
  if (!j.is_object()) throw Error("must be a JSON object", file);
  return j;
}
}  // namespace

std::vector<std::string> sources_of_repos_config(const std::string& file) {
  auto j = repos_json(file);
  std::vector<std::string> out;
  for (const auto& e : engine::known_engines().engines) {
    const nlohmann::ordered_json::json_pointer at("/repositories/" + e.name + "/path");
    if (j.contains(at) && j[at].is_string()) out.push_back(expand_home(j[at].get<std::string>()));
  }
  if (out.empty())
    throw Error("has no repositories." + engine::package_names() + ".path", file,
                "give FlashInfer-Bench's repos_config.json");
  return out;
}

std::string dataset_of_repos_config(const std::string& file) {
  auto j = repos_json(file);
  if (j.contains("definitions_dir") && j["definitions_dir"].is_string())
    return expand_home(j["definitions_dir"].get<std::string>());
  return "";
}

}  // namespace kdex
