// The stages of a run, and the list that a pipeline asks for. Each of kdex's own is one file of
// core/pipeline/stages. Those that make a run's own data (models, matches, found definitions) see
// all of the run; those that work on a dataset have the interface that third parties have,
// <kdex/stage.h>.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <kdex/stage.h>

#include "core/pipeline/context.h"

namespace kdex {

/// One step of a run. A stage has `each`, or `run`, or both; functions that it has not are empty.
struct PipelineStage {
  StageInfo info;
  /// Called for all stages before the first runs: throws kdex::Error for bad input.
  std::function<void(Context&)> prepare = {};
  /// The work on one model, on several threads at once. Neighbours in the list work on a model one
  /// after the other, so that its trees can be freed before the next.
  std::function<void(Context&, ModelJob&)> each = {};
  /// The work on all of them, or on the dataset.
  std::function<void(Context&)> run = {};
  bool on_dataset = false;   ///< can run alone, over a dataset that is there
  bool is_report = false;    ///< runs although the user interrupted, and under the lock of `save`
  std::string library = {};  ///< of a third party: its file
};

/// A stage of the SDK's interface: what its check() and run() throw, give and write becomes that of
/// the run. One of a third party is called in a child process, and its failure is an error of the
/// run.
PipelineStage sdk_stage(LoadedStage stage);

/// The same for one of kdex's own.
template <class T>
PipelineStage own_sdk_stage(T stage) {
  auto object = std::make_shared<const T>(std::move(stage));
  StageInfo info = object->info();
  return sdk_stage({std::move(object), std::move(info), "", true});
}

PipelineStage extract_stage();
PipelineStage calls_stage();
PipelineStage match_stage();
PipelineStage deduplicate_stage();
PipelineStage save_stage();
PipelineStage report_stage();
PipelineStage workloads_stage();
PipelineStage build_stage();
PipelineStage verify_stage();
PipelineStage bench_stage();

/// kdex's own stages, in the order of the documentation.
const std::vector<PipelineStage>& own_stages();

/// kdex's own and those that were loaded. A loaded stage that has the name of one of kdex's own is
/// moved to `loaded.refused`.
std::vector<PipelineStage> all_stages(LoadedPlugins& loaded);

/// One of them. Throws kdex::Error for an unknown name, with `place`, the closest and all there
/// are.
const PipelineStage& stage_named(const std::vector<PipelineStage>& stages, const std::string& name,
                                 const std::string& place = "stages");

/// What a run's models are called among a stage's needs: their module trees, kept in memory.
inline constexpr const char* models_in_memory = "models";

/// A stage of a run with the values of its options.
struct RequestedStage {
  PipelineStage stage;
  OptionValues options;
};

/// Those of `stages` that a pipeline asks for. `extract` without `match` stands for extract, calls,
/// match, deduplicate, save and, where it is not named, report; `kernels` is an older name of
/// build. Throws kdex::Error for an unknown name, one named twice, an option that a stage does not
/// have or that belongs to a stage that is not asked for, and a stage whose needs neither an
/// earlier stage nor what is below `dataset` meets.
std::vector<RequestedStage> resolve_stages(const Pipeline& pipeline, const std::string& dataset,
                                           const std::vector<PipelineStage>& stages);

}  // namespace kdex
