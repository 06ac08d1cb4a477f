// kdex run: a pipeline file.
#include <kdex/error.h>

#include "core/cli/options.h"
#include "core/pipeline/options.h"

namespace kdex::cli {

int run_command(const std::vector<std::string>& given) {
  std::vector<Option> options =
      pipeline_flags({"families", "family_options", "stage_options", "max_seconds", "max_memory",
                      "max_steps", "plugins_path", "jobs"});
  for (auto& o : run_options()) options.push_back(std::move(o));
  options.push_back({.key = "set",
                     .flag = "set",
                     .type = Option::Type::texts,
                     .help = "replace a key of the file, KEY=VALUE with the value in YAML"});
  std::vector<std::string> arguments = given;
  expand_family_flags(arguments, options);
  const Command& self = command("run");
  const auto a = read_arguments(self, arguments, options, 1);
  if (!a) return done;
  if (a->rest.size() != 1)
    throw Error("expected one pipeline file", "kdex run",
                std::string("for example: ") + self.example);
  PipelineDraft draft;
  auto replaced = a->parts("set");
  for (const auto& word : a->parts("keep_going")) replaced.push_back("keep_going=" + word);
  draft.pipeline = load_pipeline(a->rest[0], replaced);
  const std::vector<std::string> in_file = draft.pipeline.plugins_path;
  set_given(draft, *a);
  auto& folders = draft.pipeline.plugins_path;  // those of the command line come after the file's
  if (a->has("plugins_path")) folders.insert(folders.begin(), in_file.begin(), in_file.end());
  set_run_options(draft.pipeline, *a);
  return run_and_print(draft.pipeline, *a);
}

}  // namespace kdex::cli
