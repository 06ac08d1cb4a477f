// A run described as data: sources, checkpoints with their deployments, families, where to write.
// Read from YAML (yaml.cpp) or filled by a command; run by run.h.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <kdex/module_tree.h>

#include "core/base/options.h"
#include "core/model/calls.h"
#include "core/model/extract.h"
#include "core/report/deviations.h"

namespace kdex {

struct CheckpointJobs {
  Checkpoint checkpoint;
  std::vector<Deployment> deployments;
};

/// A part of a run's models: every `count`-th, from the `index`-th on.
struct Shard {
  int index = 1, count = 1;
};

/// The defaults of these fields are those of the options (core/pipeline/options.cpp).
struct Pipeline {
  std::vector<std::string> sources;  // folders of the engine's and Transformers' packages
  std::string engine;                // its name; "" for the one whose package the sources hold
  std::vector<CheckpointJobs> checkpoints;
  std::vector<std::string> model_names;  // resolved against the sources when the run starts
  std::vector<Deployment> deployments;   // for model_names
  Limits limits;                         // on the extraction of one model
  std::string output_dir;
  std::vector<std::string> families;           // empty: all
  std::vector<OptionSetting> family_settings;  // values for options that families declare
  std::vector<std::string> plugins_path;       // folders beside kdex's own
  std::vector<std::string> stages;             // in the order that they run
  std::vector<OptionSetting> stage_settings;   // values for options that stages declare
  std::map<std::string, std::string> places;   // of names of families and stages, for messages
  std::string dialect;                         // "official" or "fi_trace"
  bool include_quantized = true;
  bool run_forward = true;  // definitions are of what forward launches
  StepSizes step_sizes;
  bool all_forms = false;  // also those that no step launches
  bool deduplicate = true;
  bool add_tags = true;    // definitions that are there gain the tags of where they were met
  FailOn fail_on;          // what of the result is a failure
  std::string baseline;    // the file of what is expected; "": none
  bool keep_going = true;  // a checkpoint or model name that is unknown does
  std::vector<std::string> unknown_checkpoints;  // not stop the others: one line each
  int jobs = 0;                                  // 0: as many as the machine has cores
  // Of one run, given on the command line alone.
  bool update_baseline = false;  // write what was found
  bool resume = false;           // go on with the run that was interrupted
  bool dry_run = false;          // say what would be done
  Shard shard;                   // of the models, those that this process does
};

/// Reads a pipeline file; `overrides` are "key=value" with the value in YAML. Relative paths are
/// relative to the file. Throws kdex::Error with file:line:column and the closest valid key.
Pipeline load_pipeline(const std::string& file, const std::vector<std::string>& overrides = {});

/// The source folders of FlashInfer-Bench's repos_config.json (the paths of its repositories
/// that are named after an engine).
std::vector<std::string> sources_of_repos_config(const std::string& file);
/// The dataset of that file (definitions_dir), "" where it names none.
std::string dataset_of_repos_config(const std::string& file);

}  // namespace kdex
