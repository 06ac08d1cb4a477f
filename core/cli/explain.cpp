// kdex explain: the axes of definitions back to source lines, config fields and deployment
// settings.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include <kdex/error.h>

#include "core/base/closest.h"
#include "core/base/files.h"
#include "core/cli/arguments.h"
#include "core/dataset/dataset.h"
#include "core/definition/json.h"
#include "core/definition/rules.h"
#include "core/pipeline/checkpoints.h"
#include "core/pipeline/run.h"
#include "core/report/report.h"

namespace kdex::cli {
namespace {

namespace fs = std::filesystem;

std::string find_dataset(const Arguments& a) {
  if (a.has("dataset")) return dataset_of(expand_home(a.values.text("dataset")));
  std::error_code error;
  for (const char* guess : {".", "dataset", ".kdex/dataset"})
    if (fs::is_directory(fs::path(guess) / ".kdex" / "origins", error)) return guess;
  throw Error("no kdex dataset found here", "kdex explain", "give --dataset DIR");
}

/// The text under a key; "" where there is none.
std::string text_in(const nlohmann::ordered_json& json, const char* key) {
  const auto at = json.find(key);
  return at != json.end() && at->is_string() ? at->get<std::string>() : "";
}

}  // namespace

int explain_command(const std::vector<std::string>& arguments) {
  const Command& self = command("explain");
  const auto a =
      read_arguments(self, arguments,
                     {{.key = "dataset",
                       .flag = "dataset",
                       .type = Option::Type::path,
                       .help = "the dataset folder (default: here, dataset, .kdex/dataset)"},
                      {.key = "full",
                       .flag = "full",
                       .type = Option::Type::boolean,
                       .help = "each step on a line of its own, with every name on the way"}},
                     1);
  if (!a) return done;
  if (a->rest.empty())
    throw Error("expected the name of a definition", "kdex explain",
                std::string("for example: ") + self.example);
  const std::string dataset = find_dataset(*a);
  for (const auto& name : a->rest) {
    std::error_code error;
    if (!is_safe_name(name) || !fs::exists(origins_file(dataset, name), error)) {
      std::vector<std::string> have;
      for (fs::directory_iterator it(fs::path(dataset) / ".kdex" / "origins", error), end;
           !error && it != end; it.increment(error))
        have.push_back(it->path().stem().string());
      std::string hint = did_you_mean(name, have);
      throw Error("has no origins for a definition '" + name + "'", dataset,
                  hint.empty() ? "run the pipeline that writes it" : hint);
    }
    const std::string file = origins_file(dataset, name);
    auto json = parse_json(read_file(file), file);
    // Refuses what is of no such form.
    const std::string tree = explain_text(json, a->values.boolean("full"));
    const std::string by = text_in(json, "written_by"), run = text_in(json, "run");
    std::printf("%s\n  from %s, %s: %s\n", name.c_str(), text_in(json, "checkpoint").c_str(),
                text_in(json, "deployment").c_str(), text_in(json, "what").c_str());
    if (!by.empty())
      std::printf("  written by run %s%s\n", by.c_str(),
                  by == run ? "" : (", found again by run " + run).c_str());
    else if (!run.empty())
      std::printf("  not written by kdex; found by run %s\n", run.c_str());
    std::fputs(tree.c_str(), stdout);
  }
  return done;
}

}  // namespace kdex::cli
