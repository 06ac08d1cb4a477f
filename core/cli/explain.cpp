// kdex explain: the axes of definitions back to source lines, config fields and deployment
// settings.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include <kdex/error.h>

#include "core/base/closest.h"
#include "core/base/files.h"
#include "core/cli/command.h"
#include "core/dataset/dataset.h"
#include "core/definition/json.h"
#include "core/definition/rules.h"
#include "core/pipeline/run.h"
#include "core/report/report.h"

namespace kdex::cli {
namespace {

namespace fs = std::filesystem;

std::string find_dataset(const po::variables_map& v) {
  if (v.count("dataset")) return dataset_of(v["dataset"].as<std::string>());
  std::error_code error;
  for (const char* guess : {".", "dataset", ".kdex/dataset"})
    if (fs::is_directory(fs::path(guess) / ".kdex" / "origins", error)) return guess;
  throw Error("no dataset that kdex wrote lies here", "kdex explain", "give --dataset DIR");
}

}  // namespace

int explain_command(const std::vector<std::string>& arguments) {
  po::options_description o("options");
  o.add_options()("dataset", po::value<std::string>(),
                  "the dataset folder (default: here, dataset, .kdex/dataset)");
  po::variables_map v;
  std::vector<std::string> names;
  const Command& self = command("explain");
  if (parse(self, arguments, o, v, names)) return done;
  if (names.empty())
    throw Error("the name of a definition is needed", "kdex explain",
                std::string("for example: ") + self.example);
  const std::string dataset = find_dataset(v);
  for (const auto& name : names) {
    std::error_code error;
    if (!is_safe_name(name) || !fs::exists(origins_file(dataset, name), error)) {
      std::vector<std::string> have;
      for (fs::directory_iterator it(fs::path(dataset) / ".kdex" / "origins", error), end;
           !error && it != end; it.increment(error))
        have.push_back(it->path().stem().string());
      std::string hint = did_you_mean(name, have);
      throw Error("has no origins of a definition '" + name + "'", dataset,
                  hint.empty() ? "run the pipeline that writes it" : hint);
    }
    const std::string file = origins_file(dataset, name);
    auto json = parse_json(read_file(file), file);
    std::printf("%s\n  from %s, %s: %s\n%s", name.c_str(), json.value("checkpoint", "?").c_str(),
                json.value("deployment", "?").c_str(), json.value("what", "").c_str(),
                explain_text(json).c_str());
  }
  return done;
}

}  // namespace kdex::cli
