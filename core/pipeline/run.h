// Runs a pipeline: resolves its stages, checks what they need, runs them in order. Knows no stage
// by name; those are in core/pipeline/stages.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "core/pipeline/pipeline.h"
#include "core/report/report.h"

namespace kdex {

/// How far a run's models are, told as each is done.
struct RunProgress {
  std::size_t finished = 0, all = 0;
  std::string line;  ///< of the one that was done just now
};

/// What a run tells while it runs, each from one thread at a time.
struct RunHooks {
  std::function<void(const std::string&)> progress;  ///< one line, for people who wait
  std::function<void(const RunProgress&)> advance;   ///< a model was done
  std::function<void(const std::string&)> print;     ///< a part of the result, with its newlines
  bool detail = false;  ///< stages print tables of all that they did, not a line alone
  const std::atomic<bool>* cancelled = nullptr;  ///< set by a signal: no further model
};

struct RunResult {
  Report report;
  std::vector<std::string> errors;  ///< of stages, one line each; those of models: in `report`
  bool failed = false;              ///< exit status 1: the report or `errors` say why
};

/// Every run's report stays beside those before it: <dataset>/.kdex/runs/<run>.json. Throws
/// kdex::Error where it cannot be written.
void keep_report(const std::string& dataset, const std::string& run, const std::string& json);

/// The whole run. What engine, families and rules refuse is in the report; throws kdex::Error for
/// bad input (no sources, an unknown stage, family or model name) and for a dataset that cannot be
/// written.
RunResult run_pipeline(const Pipeline& pipeline, const RunHooks& hooks);

/// Calls `work(i)` for 0 <= i < count on `jobs` threads with deep stacks, in order of i. The first
/// exception is thrown again after all threads have ended.
void on_threads(std::size_t count, int jobs, const std::function<void(std::size_t)>& work);

/// "tp8 ep8", "tp1", "tp8 dpa8 b200": how a deployment is written in reports.
std::string deployment_text(const Deployment& deployment);

}  // namespace kdex
