// kdex diff: two datasets or reports, or one pipeline over the sources of two releases.
#include "core/report/diff.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/cli/options.h"
#include "core/definition/json.h"
#include "core/pipeline/checkpoints.h"

namespace kdex::cli {
namespace {

/// Runs the pipeline over one release; the dataset.
std::string run_over(Pipeline pipeline, const std::string& sources, const std::string& dataset) {
  pipeline.sources = {sources};
  pipeline.output_dir = dataset;
  pipeline.stages = {"extract"};
  pipeline.baseline.clear();
  pipeline.fail_on = {};
  watch_interrupt();
  Progress progress(Told::progress);
  RunHooks hooks;
  hooks.cancelled = &interrupted();
  hooks.progress = [&](const std::string& line) { progress.say(line); };
  hooks.advance = [&](const RunProgress& p) { progress.advance(p); };
  const RunResult result = run_pipeline(pipeline, hooks);
  if (result.report.interrupted) throw Error("interrupted", sources);
  for (const auto& e : result.report.errors) progress.error(sources + ": " + e);
  for (const auto& e : result.errors) progress.error(sources + ": " + e);
  return dataset;
}

}  // namespace

int diff_command(const std::vector<std::string>& arguments) {
  const Command& self = command("diff");
  const auto a = read_arguments(
      self, arguments,
      {{.key = "format",
        .flag = "format",
        .type = Option::Type::choice,
        .default_value = "text",
        .help = "text: for people; json",
        .choices = {"text", "json"}},
       {.key = "exit_code",
        .flag = "exit-code",
        .type = Option::Type::boolean,
        .help = "end with status 1 where they differ"},
       {.key = "pipeline",
        .flag = "pipeline",
        .type = Option::Type::path,
        .help = "A and B are source folders of two releases: run this pipeline over each, then "
                "compare"},
       {.key = "keep",
        .flag = "keep",
        .type = Option::Type::path,
        .help = "with --pipeline: keep the two datasets as PATH/a and PATH/b"}},
      2);
  if (!a) return done;
  if (a->rest.size() != 2)
    throw Error("expected two datasets or reports", "kdex diff",
                std::string("for example: ") + self.example);
  std::string left = expand_home(a->rest[0]), right = expand_home(a->rest[1]);
  if (a->has("keep") && !a->has("pipeline")) throw Error("needs --pipeline", "--keep");
  if (a->has("pipeline")) {
    const Pipeline pipeline = load_pipeline(expand_home(a->values.text("pipeline")));
    const std::string folder =
        a->has("keep") ? expand_home(a->values.text("keep")) : temporary_folder();
    left = run_over(pipeline, left, folder + "/a");
    right = run_over(pipeline, right, folder + "/b");
  }
  Diff diff = diff_datasets(left, right);
  diff.a = a->rest[0], diff.b = a->rest[1];
  const std::string text =
      a->values.text("format") == "json" ? dump_json(diff_json(diff)) : diff_text(diff);
  std::fputs(text.c_str(), stdout);
  return a->is_on("exit_code") && !diff.empty() ? done_with_errors : done;
}

}  // namespace kdex::cli
