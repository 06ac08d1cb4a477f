// kdex models: the architectures of the source tree.
#include "core/pipeline/models.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include <kdex/error.h>

#include "core/base/closest.h"
#include "core/cli/arguments.h"
#include "core/model/extract.h"
#include "core/paths.h"
#include "core/pipeline/checkpoints.h"
#include "core/pipeline/options.h"
#include "core/pipeline/run.h"

namespace kdex::cli {

namespace {

using Strings = std::vector<std::string>;

/// The architectures that a model file, a class or a checkpoint stands for. Throws kdex::Error with
/// the closest names where there is none.
std::vector<ArchitectureEntry> find_architectures(const std::string& name,
                                                  const std::vector<ArchitectureEntry>& all) {
  auto found = match_architectures(name, all);
  if (!found.empty()) return found;
  try {
    for (const auto& a : architectures_of(find_checkpoint(name)))
      for (const auto& e : all)
        if (e.architecture == a) found.push_back(e);
  } catch (const Error&) {
  }
  if (!found.empty()) return found;
  Strings near;
  for (const auto& e : all) {
    near.push_back(e.architecture);
    near.push_back(e.module.substr(e.module.rfind('.') + 1));
  }
  for (const auto& c : known_checkpoints()) near.push_back(c.name);
  std::sort(near.begin(), near.end());
  near.erase(std::unique(near.begin(), near.end()), near.end());
  const std::string hint = did_you_mean(name, near);
  throw Error("unknown model file, class or checkpoint '" + name + "'", "kdex models",
              hint.empty() ? "`kdex models` lists all of them" : hint);
}

}  // namespace

int models_command(const Strings& arguments) {
  const auto a =
      read_arguments(command("models"), arguments, pipeline_flags({"engine", "sources"}));
  if (!a) return done;
  Strings given = a->parts("sources"), names = a->rest;
  const std::string engine = a->values.text("engine");
  // `kdex models --source DIR NAME`: what follows the first folder and is none is a name.
  std::error_code error;
  for (std::size_t i = given.size(); i-- > 1;)
    if (!std::filesystem::is_directory(expand_home(given[i]), error)) {
      names.push_back(given[i]);
      given.erase(given.begin() + static_cast<std::ptrdiff_t>(i));
    }
  auto source = SourceTree::open({resolve_sources(given, engine), engine},
                                 cache_folder().empty() ? "" : cache_folder() + "/parse");
  std::vector<ArchitectureEntry> all;
  on_threads(1, 1, [&](std::size_t) { all = list_architectures(*source); });
  auto print = [](const ArchitectureEntry& e) {
    std::printf("%-48s %s:%d\n", e.architecture.c_str(), e.place.file.c_str(), e.place.line);
  };
  if (names.empty())
    for (const auto& e : all) print(e);
  for (const auto& name : names)
    for (const auto& e : find_architectures(name, all)) print(e);
  return done;
}

}  // namespace kdex::cli
