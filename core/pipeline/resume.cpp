// core/pipeline/resume.h.
#include "core/pipeline/resume.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include <kdex/error.h>

#include "core/dataset/dataset.h"
#include "core/report/report.h"

namespace kdex {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFlag = "--resume";

/// Settings that a run may change without what it finds becoming another.
bool may_differ(const std::string& key) {
  static const std::set<std::string> keys = {
      "checkpoints", "model_names", "jobs", "max_seconds", "max_memory", "max_steps", "output_dir"};
  return keys.contains(key);
}

Json last_report(const Context& c) {
  const std::string file = report_file(c.dataset);
  std::error_code error;
  if (!std::filesystem::exists(file, error))
    throw Error("no run wrote into it", c.dataset, std::string("leave out ") + kFlag);
  Json report = read_report(file, {"run", "models", "definitions", "interrupted", "timings"});
  if (report["interrupted"] != true)
    throw Error("the last run was not interrupted", c.dataset, std::string("leave out ") + kFlag);
  return report;
}

void check_same(const Context& c, const Json& run) {
  const std::string todo = std::string("leave out ") + kFlag + " to begin anew";
  const Json& before = run.at("pipeline");
  for (const auto& [key, text] : c.report.run.settings)
    if (!may_differ(key) && (!before.contains(key) || before[key] != Json::parse(text)))
      throw Error("the interrupted run had another '" + key + "'", c.dataset, todo);
  std::set<std::string> digests;
  for (const auto& s : run.at("sources")) digests.insert(s.at("sha256"));
  for (const auto& s : c.packages.get())
    if (!digests.contains(s.sha256))
      throw Error("the interrupted run read another package " + s.name, c.dataset, todo);
}

}  // namespace

void resume_run(Context& c) {
  Json report = last_report(c);
  check_same(c, report["run"]);
  std::multiset<ModelName> done;
  for (const auto& m : report["models"])
    if (m.at("status") != "failed") done.emplace(m.at("checkpoint"), m.at("deployment"));
  for (const auto& job : c.jobs) c.order.emplace_back(job.model.checkpoint, job.model.deployment);
  const std::size_t all = c.jobs.size();
  std::erase_if(c.jobs, [&](const ModelJob& job) {
    const auto it = done.find({job.model.checkpoint, job.model.deployment});
    if (it == done.end()) return false;
    done.erase(it);
    return true;
  });
  c.say("resuming run " + report["run"].at("id").get<std::string>() + ": " +
        std::to_string(all - c.jobs.size()) + " of " + std::to_string(all) + " models are done");
  c.earlier = std::move(report);
}

}  // namespace kdex
