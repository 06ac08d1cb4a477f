// Implementation of core/pipeline/run.h.
#include "core/pipeline/run.h"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <thread>

#include <kdex/error.h>

#include "core/base/closest.h"
#include "core/base/files.h"
#include "core/dataset/dataset.h"
#include "core/pipeline/stage.h"
#include "core/plugin/settings.h"

namespace kdex {
namespace {

namespace fs = std::filesystem;

void report_plugins(Context& c) {
  for (const auto& f : c.plugins.families)
    c.report.plugins.push_back({f.info.name, f.info.version, f.library, ""});
  for (const auto& s : c.plugins.stages)
    c.report.plugins.push_back({s.info.name, s.info.version, s.library, ""});
  for (const auto& r : c.plugins.refused) c.report.plugins.push_back({"", "", r.library, r.reason});
}

/// Gives the families their options and keeps those that the pipeline names.
void choose_families(Context& c) {
  auto& families = c.plugins.families;
  apply_settings(c.plugins, c.pipeline.family_settings);
  const auto& wanted = c.pipeline.families;
  if (wanted.empty()) return;
  std::vector<std::string> names;
  std::string list;
  for (const auto& f : families) {
    names.push_back(f.info.name);
    list += (list.empty() ? "" : ", ") + f.info.name;
  }
  for (const auto& name : wanted) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    const std::string hint = did_you_mean(name, names);
    const auto place = c.pipeline.places.find(name);
    throw Error("unknown family '" + name + "'",
                place == c.pipeline.places.end() ? "families" : place->second,
                (hint.empty() ? "" : hint + " ") + "the families are " + list);
  }
  std::erase_if(families, [&](const LoadedFamily& f) {
    return std::find(wanted.begin(), wanted.end(), f.info.name) == wanted.end();
  });
}

/// Jobs in the order to start them. A long configuration is mostly lists that every layer is held
/// against: those first, so that none is left for last.
std::vector<std::size_t> longest_first(const std::vector<ModelJob>& jobs) {
  std::vector<std::pair<std::uintmax_t, std::size_t>> sizes;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    std::error_code unreadable;
    const std::uintmax_t size =
        fs::file_size(fs::path(jobs[i].checkpoint.folder) / "config.json", unreadable);
    sizes.emplace_back(unreadable ? 0 : size, i);
  }
  std::stable_sort(sizes.begin(), sizes.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::size_t> order;
  for (const auto& [size, i] : sizes) order.push_back(i);
  return order;
}

std::string progress_line(const ModelJob& job) {
  const auto& m = job.model;
  return m.checkpoint + " " + m.deployment + ": " +
         (m.ok ? std::to_string(m.modules) + " modules, " + std::to_string(job.found.size()) +
                     " definitions"
               : std::string(m.status()) + " at " + m.stage + ": " + m.error_type);
}

using List = std::vector<RequestedStage>;

/// Keeps the models that are done, so that what was found in them is written.
void keep_finished(Context& c, const std::vector<char>& done) {
  const std::size_t all = c.jobs.size();
  std::vector<ModelJob> kept;
  for (std::size_t i = 0; i < all; ++i)
    if (done[i]) kept.push_back(std::move(c.jobs[i]));
  c.jobs = std::move(kept);
  c.report.interrupted = true;
  const bool nothing = c.jobs.empty() && c.earlier.is_null();
  c.errors.push_back("interrupted: " + std::to_string(c.jobs.size()) + " of " +
                     std::to_string(all) + " models are done; " +
                     (nothing ? "nothing was written" : "`--resume` goes on with the others"));
}

/// The stages from `first` to `end` on one model after the other. Trees are freed as soon as the
/// model is done, unless `keep`.
void run_on_models(Context& c, List::iterator first, List::iterator end, bool keep) {
  const auto order = longest_first(c.jobs);
  std::mutex mutex;
  RunProgress progress{0, order.size(), ""};
  std::vector<char> done(c.jobs.size(), 0);
  on_threads(order.size(), c.threads, [&](std::size_t turn) {
    if (c.cancelled()) return;
    ModelJob& job = c.jobs[order[turn]];
    for (auto s = first; s != end; ++s) s->stage.each(c, job);
    if (!keep) {
      job.tree.reset();
      job.tp1.reset();
      job.trees.reset();
      job.trees_at_tp1.reset();
      job.calls.reset();
    }
    const std::lock_guard lock(mutex);
    done[order[turn]] = 1;
    ++progress.finished;
    progress.line = progress_line(job);
    if (c.hooks.advance) c.hooks.advance(progress);
  });
  if (progress.finished < progress.all) keep_finished(c, done);
}

/// An interrupted run ends with what its models gave: the stages that finish and write that run,
/// those that work on a dataset do not.
bool is_left_out(Context& c, const PipelineStage& stage) {
  const bool has_models = !c.jobs.empty() || !c.earlier.is_null();
  if (!stage.on_dataset) return c.report.interrupted && !has_models && !stage.is_report;
  if (c.cancelled() && !c.report.interrupted) {
    c.report.interrupted = true;
    c.errors.push_back("interrupted before the stage '" + stage.info.name + "'");
  }
  return c.report.interrupted;
}

void run_stage(Context& c, RequestedStage& s) {
  if (is_left_out(c, s.stage)) return;
  c.options = s.options;
  if (!s.stage.is_report) c.lock.reset();
  if (s.stage.run) s.stage.run(c);
}

bool needs_models(const RequestedStage& s) {
  const auto& needs = s.stage.info.needs;
  return !s.stage.each && !s.stage.is_report &&
         std::find(needs.begin(), needs.end(), models_in_memory) != needs.end();
}

void prepare_stages(Context& c, List& list) {
  for (auto& s : list) {
    c.options = s.options;
    if (s.stage.prepare) s.stage.prepare(c);
  }
}

/// What a run would do.
std::string plan_text(const Context& c, const List& list) {
  std::string out;
  std::size_t width = 0;
  for (const auto& job : c.jobs) width = std::max(width, job.model.checkpoint.size());
  for (const auto& job : c.jobs)
    out += job.model.checkpoint + std::string(width + 2 - job.model.checkpoint.size(), ' ') +
           job.model.deployment + "\n";
  out += std::to_string(c.jobs.size()) + " models at a deployment\nstages:  ";
  for (const auto& s : list) out += (&s == &list[0] ? "" : ", ") + s.stage.info.name;
  out += "\nfamilies: ";
  for (const auto& f : c.plugins.families)
    out += (&f == &c.plugins.families[0] ? "" : ", ") + f.info.name;
  return out + "\ndataset: " + c.dataset + "\n";
}

void run_stages(Context& c, List& list) {
  for (auto s = list.begin(); s != list.end();) {
    auto end = s;
    while (end != list.end() && end->stage.each) ++end;
    if (end != s && !c.report.interrupted)
      run_on_models(c, s, end, std::any_of(end, list.end(), needs_models));
    end = std::max(end, s + 1);
    for (; s != end; ++s) run_stage(c, *s);
  }
}

}  // namespace

Context::Context(const Pipeline& pipeline_, const RunHooks& hooks_)
    : pipeline(pipeline_), hooks(hooks_), dataset(dataset_of(pipeline_.output_dir)) {
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  threads = pipeline.jobs > 0 ? pipeline.jobs : static_cast<int>(cores);
  report.dataset = dataset;
  report.jobs = threads;
}

void keep_report(const std::string& dataset, const std::string& run, const std::string& json) {
  const std::string folder = dataset + "/.kdex/runs";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  write_file_atomically(folder + "/" + run + ".json", json, false);
}

std::string deployment_text(const Deployment& d) {
  std::string out = "tp" + std::to_string(d.tp);
  if (d.ep != 1) out += " ep" + std::to_string(d.ep);
  if (d.attention_dp != 1) out += " dpa" + std::to_string(d.attention_dp);
  if (d.page_size != 0) out += " ps" + std::to_string(d.page_size);
  if (d.platform != Deployment{}.platform) out += " " + d.platform;
  for (const auto& [k, v] : d.engine_args) out += " " + k + "=" + v;
  if (!d.draft_checkpoint.empty()) out += " draft_checkpoint=" + d.draft_checkpoint;
  if (d.draft) out += " draft";
  return out;
}

RunResult run_pipeline(const Pipeline& pipeline, const RunHooks& hooks) {
  Context c(pipeline, hooks);
  c.plugins = load_all_plugins(pipeline.plugins_path);
  List list = resolve_stages(pipeline, c.dataset, all_stages(c.plugins));
  report_plugins(c);
  choose_families(c);
  for (const auto& s : list) c.stages.push_back({s.stage.info.name, s.options.all()});
  prepare_stages(c, list);
  if (pipeline.dry_run)
    c.print(plan_text(c, list));
  else
    run_stages(c, list);
  RunResult result;
  if (!c.reported)
    for (const auto& e : c.report.errors) c.errors.push_back(e);
  const bool has_models = c.reported || (!c.jobs.empty() && !pipeline.dry_run);
  result.failed = c.failed || !c.errors.empty() || (has_models && c.report.has_errors());
  result.report = std::move(c.report);
  result.errors = std::move(c.errors);
  return result;
}

}  // namespace kdex
