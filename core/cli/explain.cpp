// kdex explain: the axes of definitions back to source lines, config fields and deployment
// settings.
#include <fnmatch.h>

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

/// Whether a shell's pattern (*, ?, [...]) matches the whole text.
bool matches(const std::string& text, const std::string& pattern) {
  return fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

/// The text under a key; "" where there is none.
std::string text_in(const nlohmann::ordered_json& json, const char* key) {
  const auto at = json.find(key);
  return at != json.end() && at->is_string() ? at->get<std::string>() : "";
}

/// The definitions of a dataset that have origins, sorted.
std::vector<std::string> explained_names(const std::string& dataset) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(fs::path(dataset) / ".kdex" / "origins", error), end;
       !error && it != end; it.increment(error))
    if (it->path().extension() == ".json") names.push_back(it->path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

/// Whether the definition is of that op type: the type, a pattern of it, or what it begins with up
/// to a '_'.
bool is_of_op(const std::string& dataset, const std::string& name, const std::string& op) {
  std::error_code error;
  for (fs::directory_iterator it(fs::path(dataset) / "definitions", error), end;
       !error && it != end; it.increment(error)) {
    std::error_code inner;
    const std::string type = it->path().filename().string();
    if ((matches(type, op) || type.starts_with(op + "_")) &&
        fs::exists(it->path() / (name + ".json"), inner))
      return true;
  }
  return false;
}

/// The definitions that names and patterns ask for, in their order, each once; those of one op type
/// where `op` is given. Throws kdex::Error for a name or a pattern that nothing has.
std::vector<std::string> asked_names(const std::string& dataset, std::vector<std::string> asked,
                                     const std::string& op) {
  const auto have = explained_names(dataset);
  std::vector<std::string> names;
  if (asked.empty()) asked.emplace_back("*");
  for (const auto& one : asked) {
    const bool is_pattern = one.find_first_of("*?[") != std::string::npos;
    bool any = false;
    for (const auto& name : have) {
      if (is_pattern ? !matches(name, one) : name != one) continue;
      if (!op.empty() && !is_of_op(dataset, name, op)) continue;
      any = true;
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    if (any) continue;
    const std::string hint = is_pattern ? "" : did_you_mean(one, have);
    throw Error("has no origins for a definition '" + one + "'" +
                    (op.empty() ? "" : " of op type '" + op + "'"),
                dataset, hint.empty() ? "run the pipeline that writes it" : hint);
  }
  return names;
}

void print_explained(const std::string& dataset, const std::string& name, bool full) {
  const std::string file = origins_file(dataset, name);
  auto json = parse_json(read_file(file), file);
  // Refuses what is of no such form.
  const std::string tree = explain_text(json, full);
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

}  // namespace

int explain_command(const std::vector<std::string>& arguments) {
  const Command& self = command("explain");
  const auto a =
      read_arguments(self, arguments,
                     {{.key = "dataset",
                       .flag = "dataset",
                       .type = Option::Type::path,
                       .help = "the dataset folder (default: here, dataset, .kdex/dataset)"},
                      {.key = "op",
                       .flag = "op",
                       .help = "only definitions of this op type: the type, a pattern of it, or "
                               "what it begins with"},
                      {.key = "full",
                       .flag = "full",
                       .type = Option::Type::boolean,
                       .help = "each step on a line of its own, with every name on the way"}},
                     1);
  if (!a) return done;
  if (a->rest.empty() && !a->has("op"))
    throw Error("expected the name of a definition, a pattern of names or --op TYPE",
                "kdex explain", std::string("for example: ") + self.example);
  const std::string dataset = find_dataset(*a);
  for (const auto& name : asked_names(dataset, a->rest, a->values.text("op")))
    print_explained(dataset, name, a->values.boolean("full"));
  return done;
}

}  // namespace kdex::cli
