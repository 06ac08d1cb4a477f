// The options that extract and modules share, and FlashInfer-Bench's names of them.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "core/cli/command.h"
#include "core/pipeline/pipeline.h"
#include "core/report/report.h"

namespace kdex::cli {

/// Adds --source, --checkpoint, --tp, ... to a description.
void add_model_options(po::options_description& options);
/// Replaces flags that `known` does not have and a family declares ("--NAME[=VALUE]") by
/// "--family-option FAMILY.OPTION=VALUE". Loads families only where there is such a flag.
void expand_family_flags(std::vector<std::string>& arguments, const po::options_description& known);
/// Reads them into a pipeline whose checkpoints are resolved (model names are not yet).
Pipeline pipeline_from(const po::variables_map& values);
/// "a,b" and repeated values to one list.
std::vector<std::string> split(const std::vector<std::string>& values);
/// Set by SIGINT once watch_interrupt() has been called.
const std::atomic<bool>& interrupted();
void watch_interrupt();
/// Runs, prints progress to stderr and the table to stdout; the exit status.
int run_and_print(const Pipeline& pipeline);

}  // namespace kdex::cli
