// Runs a pipeline: extraction jobs on threads, families, deduplicated save, report.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "core/pipeline/pipeline.h"
#include "core/report/report.h"

namespace kdex {

struct RunHooks {
  std::function<void(const std::string&)> progress;  // one line each, from one thread at a time
  const std::atomic<bool>* cancelled =
      nullptr;  // set by SIGINT: no further job, nothing more is written
};

/// Where report.json goes: <dataset>/report.json.
std::string report_file(const std::string& dataset);
/// The same for people: <dataset>/report.html.
std::string report_page(const std::string& dataset);
/// Where the origins of one definition are: <dataset>/.kdex/origins/<name>.json.
std::string origins_file(const std::string& dataset, const std::string& name);

/// The whole run. What engine, families and rules refuse is in the report; throws kdex::Error for
/// bad input (no sources, unknown family or model name) and for a dataset that cannot be written.
Report run_pipeline(const Pipeline& pipeline, const RunHooks& hooks);

/// Calls `work(i)` for 0 <= i < count on `jobs` threads with deep stacks, in order of i. The first
/// exception is thrown again after all threads have ended.
void on_threads(std::size_t count, int jobs, const std::function<void(std::size_t)>& work);

/// "tp8 ep8", "tp1", "tp8 dpa8 b200": how a deployment is written in reports.
std::string deployment_text(const Deployment& deployment);

}  // namespace kdex
