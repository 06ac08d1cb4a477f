// The stages that kdex knows, and the list that a pipeline asks for. Each stage is one file of
// core/pipeline/stages.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <kdex/stage.h>

#include "core/pipeline/context.h"

namespace kdex {

/// One step of a run. A stage has `each`, or `run`, or both; functions that it has not are empty.
struct Stage {
  StageInfo info;
  /// Called for all stages before the first runs: throws kdex::Error for bad input.
  std::function<void(Context&)> prepare = {};
  /// The work on one model, on several threads at once. Neighbours in the list work on a model one
  /// after the other, so that its trees can be freed before the next.
  std::function<void(Context&, ModelJob&)> each = {};
  /// The work on all of them, or on the dataset.
  std::function<void(Context&)> run = {};
  bool is_report = false;  ///< runs although the user interrupted, and under the lock of `save`
};

Stage extract_stage();
Stage match_stage();
Stage deduplicate_stage();
Stage save_stage();
Stage report_stage();
Stage workloads_stage();
Stage build_stage();
Stage verify_stage();
Stage bench_stage();

/// kdex's own stages, in the order of the documentation.
const std::vector<Stage>& own_stages();

/// One of them. Throws kdex::Error for an unknown name, with `place` and the closest.
const Stage& stage_named(const std::string& name, const std::string& place = "stages");

/// What a run's models are called among a stage's needs: their module trees, kept in memory.
inline constexpr const char* models_in_memory = "models";

/// A stage of a run with the values of its options.
struct RequestedStage {
  Stage stage;
  OptionValues options;
};

/// The stages that a pipeline asks for. `extract` without `match` stands for extract, match,
/// deduplicate, save and, where it is not named, report; `kernels` is an older name of build.
/// Throws kdex::Error for an unknown name, one named twice, an option that a stage does not have,
/// and a stage whose needs no earlier stage and no folder of `dataset` meets.
std::vector<RequestedStage> resolve_stages(const Pipeline& pipeline, const std::string& dataset);

}  // namespace kdex
