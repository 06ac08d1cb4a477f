// kdex completion: the script that a shell completes kdex by, and the words that it asks for.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <set>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/base/options.h"
#include "core/base/text.h"
#include "core/cli/forms.h"
#include "core/cli/options.h"
#include "core/paths.h"
#include "core/pipeline/checkpoints.h"
#include "core/pipeline/stage.h"
#include "core/plugin/settings.h"

namespace kdex::cli {
namespace {

namespace fs = std::filesystem;

/// Names of the definitions in the datasets that `kdex explain` would look into.
std::set<std::string> definition_names(const std::string& dataset) {
  std::set<std::string> out;
  std::error_code error;
  for (const char* guess : {".", "dataset", ".kdex/dataset"}) {
    const fs::path root = fs::path(dataset.empty() ? guess : dataset) / "definitions";
    for (fs::recursive_directory_iterator it(root, error), end; !error && it != end;
         it.increment(error))
      if (it->path().extension() == ".json") out.insert(it->path().stem().string());
  }
  return out;
}

std::set<std::string> words_of(const std::string& kind, const std::string& dataset) {
  std::set<std::string> out;
  if (kind == "commands")
    for (const auto& c : commands()) out.insert(c.name);
  if (kind == "checkpoints")
    for (const auto& c : known_checkpoints()) out.insert(c.name);
  if (kind == "stages")
    for (const auto& s : own_stages())
      if (s.on_dataset) out.insert(s.info.name);
  if (kind == "forms")
    for (auto& name : form_names({})) out.insert(std::move(name));
  if (kind == "families")
    for (const auto& f : load_all_plugins({}).families) out.insert(f.info.name);
  if (kind == "definitions") return definition_names(dataset);
  return out;
}

}  // namespace

int completion_command(const std::vector<std::string>& arguments) {
  const Command& self = command("completion");
  const std::vector<std::string> shells = {"bash", "zsh", "fish"};
  const auto a = read_arguments(
      self, arguments,
      {{.key = "words",
        .flag = "words",
        .type = Option::Type::choice,
        .help = "print names, one a line, in place of a script",
        .choices = {"commands", "checkpoints", "definitions", "families", "forms", "stages"}},
       {.key = "dataset",
        .flag = "dataset",
        .type = Option::Type::path,
        .help = "the dataset whose definitions are named (default: here, dataset, "
                ".kdex/dataset)"}});
  if (!a) return done;
  if (a->has("words")) {
    expect_no_arguments(self, a->rest);
    for (const auto& word : words_of(a->values.text("words"), a->values.text("dataset")))
      std::printf("%s\n", printable(word).c_str());
    return done;
  }
  if (a->rest.size() != 1 || std::find(shells.begin(), shells.end(), a->rest[0]) == shells.end())
    throw Error("expected " + alternatives(shells), "kdex completion",
                std::string("for example: ") + self.example);
  const std::string folder = data_folder() + "/completions/";
  std::fputs(read_file(folder + "kdex." + a->rest[0]).c_str(), stdout);
  if (a->rest[0] == "zsh") std::fputs(read_file(folder + "kdex.bash").c_str(), stdout);
  return done;
}

}  // namespace kdex::cli
