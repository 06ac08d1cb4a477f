// The options of a run, each declared once: pipeline files, the command line and docs/pipeline.md
// are made from this table. Knows no parser.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <kdex/option.h>

#include "core/pipeline/pipeline.h"

namespace kdex {

/// Settings of deployments; lists stand for every combination of their values.
struct DeploymentSettings {
  std::vector<int> tp, ep, attention_dp;
  std::vector<int> page_sizes;  ///< none: the engine chooses
  std::vector<std::string> platforms;
  Deployment other;  ///< all other fields

  /// In the order of the lists, the first varying slowest.
  std::vector<Deployment> all() const;
};

/// A pipeline that is being read.
struct PipelineDraft {
  Pipeline pipeline;
  DeploymentSettings deployment;  ///< for checkpoints that name none
};

struct PipelineOption {
  Option option;
  const char* of = "";       ///< the stage that reads it, or "deployment", or "run": all of them
  const char* written = "";  ///< in a pipeline file, where that is more than a value or a list
  /// Takes parts that are of the option's type, paths ready for use.
  std::function<void(PipelineDraft&, const std::vector<std::string>& parts)> set = {};
};

/// All of them, in the order to set them.
const std::vector<PipelineOption>& pipeline_options();

/// The option of a key of a pipeline file: its own key, or a flag or alias with '_' for '-'. Null
/// where there is none.
const PipelineOption* pipeline_option(const std::string& key);

/// The declarations of some of them, for a command.
std::vector<Option> pipeline_flags(const std::vector<std::string>& keys);

/// A draft with every default set.
PipelineDraft default_draft();

}  // namespace kdex
