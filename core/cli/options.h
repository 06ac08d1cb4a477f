// What commands that run stages share: the options of models, a pipeline of them, the run itself.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "core/cli/arguments.h"
#include "core/cli/terminal.h"
#include "core/pipeline/options.h"

namespace kdex::cli {

/// --source, --checkpoint, --tp, ...: which models, how served, what is looked for in them.
std::vector<Option> model_options();
/// --fail-on, --resume, --dry-run, --quiet, ...: of commands that run stages on models.
std::vector<Option> run_options();
void set_run_options(Pipeline& pipeline, const Arguments& arguments);
Option plugins_path_option();
Option jobs_option();

/// The folders that --plugins-path gives, with ~ expanded.
std::vector<std::string> given_plugins_path(const Arguments& arguments);

/// The same, read before the other options are known.
std::vector<std::string> plugins_path_in(const std::vector<std::string>& arguments);
/// Options of a plugin's stage may name no flag: it is the key, then.
std::vector<Option> with_flags(std::vector<Option> options);

/// Replaces flags that `known` does not have and a family declares ("--NAME[=VALUE]") by
/// "--family-option FAMILY.OPTION=VALUE". Loads families only where there is such a flag.
void expand_family_flags(std::vector<std::string>& arguments, const std::vector<Option>& known);

/// Sets the options of the pipeline's table that were given.
void set_given(PipelineDraft& draft, const Arguments& arguments);
/// A pipeline of what was given; its checkpoints are resolved, model names are not yet. Throws
/// kdex::Error where neither is given.
Pipeline pipeline_from(const Arguments& arguments);

/// Throws kdex::Error for what a command takes no more of.
void expect_no_arguments(const Command& command, const std::vector<std::string>& rest);
/// The dataset that a command is given as its only argument. Throws kdex::Error where it is not
/// there.
std::string existing_dataset(const Command& command, const std::vector<std::string>& rest);

/// Set by SIGINT once watch_interrupt() has been called.
const std::atomic<bool>& interrupted();
void watch_interrupt();
/// Runs, prints progress and errors to stderr and results to stdout; the exit status: 128 + the
/// signal that ended it early, as shells have it. `detail`: as RunHooks'.
int run_and_print(const Pipeline& pipeline, Told told, bool detail = false);
/// The same, as --quiet and --verbose of run_options() say.
int run_and_print(const Pipeline& pipeline, const Arguments& arguments);
/// One stage over a dataset that is there: `arguments` are the dataset, the stage's options,
/// --plugins-path and --jobs. Throws kdex::Error for an unknown stage, and for one that works on
/// the models of a run.
int run_stage_command(const Command& command, const std::string& stage,
                      const std::vector<std::string>& arguments);

}  // namespace kdex::cli
