// What the stages of one run share: the pipeline, the families, the models with what was found in
// them, the report. Filled and read by core/pipeline/stages; knows no stage.
#pragma once

#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/base/once.h"
#include "core/dataset/history.h"
#include "core/dataset/lock.h"
#include "core/model/calls.h"
#include "core/model/extract.h"
#include "core/pipeline/checkpoints.h"
#include "core/pipeline/run.h"
#include "core/plugin/loader.h"
#include "core/report/join_reports.h"

namespace kdex {

/// The trees of one checkpoint at a deployment, one for each page size that is asked for: made
/// together, once, by the first job that wants one; freed with the last.
struct SharedTrees {
  Deployment deployment;
  Purpose purpose = Purpose::own;
  std::vector<int> page_sizes;
  Once once;
  std::map<int, std::shared_ptr<const ModuleTree>> trees;  ///< by page size
};

/// What the steps of one checkpoint at a deployment launch, whatever the page size that is asked
/// for: run once, by the first job that wants it.
struct SharedCalls {
  Once once;
  std::vector<CallTrace> steps;        ///< that run the model that is served
  std::vector<CallTrace> draft_steps;  ///< that run its draft
  std::string why_not;                 ///< the error that ended it; "": none
};

/// A definition that a family found in a model.
struct Found {
  Definition definition;
  std::string family, what;
  std::vector<std::string> modes;  ///< whose steps launch it; empty where that is not known
  nlohmann::ordered_json origins;
};

/// One checkpoint at one deployment, and what the stages made of it.
struct ModelJob {
  Checkpoint checkpoint;
  Deployment deployment;
  Checkpoint served = {};  ///< what the engine is asked to serve: another one for a draft
  std::shared_ptr<SharedTrees> trees_at_tp1 = nullptr, trees = nullptr;
  /// From `extract`, until no stage needs them.
  std::shared_ptr<const ModuleTree> tp1 = nullptr, tree = nullptr;
  std::shared_ptr<SharedCalls> calls = nullptr;  ///< filled by `calls`
  ReportModel model = {};
  std::vector<Found> found = {};         ///< from `match`
  std::vector<std::string> errors = {};  ///< of families
};

/// One definition of the run, met in one or more jobs.
struct Merged {
  Found found;
  std::vector<std::size_t> jobs;  ///< indices into Context::jobs, ascending
  /// From `save`: "new", "existing", "conflict" or "invalid"; its name in the dataset, and its file
  /// below it.
  std::string status = {}, saved_as = {}, file = {};
};

/// A stage of the run as its record says it.
struct ResolvedStage {
  std::string name;
  std::map<std::string, std::string> options;
};

struct Context {
  using Clock = std::chrono::steady_clock;

  Context(const Pipeline& pipeline_, const RunHooks& hooks_);

  Pipeline pipeline;
  RunHooks hooks;
  std::string dataset;
  int threads = 1;
  LoadedPlugins plugins;               ///< of the families, those that the pipeline chooses
  std::vector<ResolvedStage> stages;   ///< of the run
  std::shared_ptr<SourceTree> source;  ///< from `extract`
  bool runs_forward = false;           ///< the engine's driver can; from `calls`
  /// From `extract`: what its folders hold, looked at while the models are built.
  std::shared_future<std::vector<SourcePackage>> packages;
  std::vector<ModelJob> jobs;       ///< from `extract`, in the order of the pipeline
  std::vector<ModelName> order;     ///< of a resumed run: all models, with those that were done
  nlohmann::ordered_json earlier;   ///< of a resumed run: the report of the interrupted one
  std::vector<Merged> merged;       ///< from `deduplicate`, by op type and name
  OptionValues options;             ///< of the stage that runs
  std::optional<DatasetLock> lock;  ///< from `save` until `report` has written
  History history;                  ///< of the dataset, from `save`
  Report report;
  std::vector<std::string> errors;  ///< one line each; those of models and families: in `report`
  bool failed = false;              ///< something did not do what was asked, without an error line
  bool saved = false;               ///< definitions were written
  bool reported = false;            ///< the report was printed
  Clock::time_point start = Clock::now(), save_start = start;

  bool cancelled() const { return hooks.cancelled != nullptr && *hooks.cancelled; }
  /// One line of progress.
  void say(const std::string& line) const {
    if (hooks.progress) hooks.progress(line);
  }
  /// A part of the result, for standard output.
  void print(const std::string& text) const {
    if (hooks.print) hooks.print(text);
  }
};

/// Seconds since `start`.
inline double seconds_since(Context::Clock::time_point start) {
  return std::chrono::duration<double>(Context::Clock::now() - start).count();
}

}  // namespace kdex
