// The stage `extract`: finds sources and checkpoints, builds the module tree of each checkpoint at
// each deployment.
#include <algorithm>
#include <map>
#include <set>

#include <kdex/error.h>

#include "core/paths.h"
#include "core/pipeline/checkpoints.h"
#include "core/pipeline/models.h"
#include "core/pipeline/record.h"
#include "core/pipeline/resume.h"
#include "core/pipeline/stage.h"

namespace kdex {
namespace {

bool is_plain_tp1(const Deployment& d) { return d.tp == 1 && d.ep == 1 && d.attention_dp == 1; }

Deployment at_tp1(Deployment d) {
  d.tp = d.ep = d.attention_dp = 1;
  return d;
}

std::shared_ptr<const ModuleTree> failed(const std::string& why) {
  ModuleTree t;
  t.stage = "internal";
  t.error_type = "Error";
  t.error = why;
  return std::make_shared<ModuleTree>(std::move(t));
}

void build_trees(const Context& context, const Checkpoint& c, SharedTrees& shared) {
  std::string why;
  try {
    auto built = extract_modules(*context.source, c, shared.deployment, shared.page_sizes,
                                 context.pipeline.limits, shared.purpose);
    for (std::size_t i = 0; i < built.size(); ++i)
      shared.trees[shared.page_sizes[i]] = std::make_shared<ModuleTree>(std::move(built[i]));
    return;
  } catch (const std::bad_alloc&) {
    why = "out of memory; free some, raise the limits, or give fewer --jobs";
  } catch (const std::exception& e) {
    why = e.what();
  }
  for (const int size : shared.page_sizes) shared.trees[size] = failed(why);
}

std::shared_ptr<const ModuleTree> tree_of(const Context& context, const Checkpoint& c,
                                          SharedTrees& shared, const Deployment& d) {
  shared.once.run([&] { build_trees(context, c, shared); });
  return shared.trees.at(d.page_size);
}

/// Model names become checkpoints, with the pipeline's deployments.
void resolve_model_names(Context& c, const std::vector<std::string>& sources) {
  Pipeline& p = c.pipeline;
  if (p.model_names.empty()) return;
  std::vector<ArchitectureEntry> all;
  on_threads(1, 1, [&](std::size_t) { all = list_architectures(*c.source); });
  for (const auto& name : p.model_names) {
    std::vector<Checkpoint> of_name;
    try {
      of_name = checkpoints_for(name, all, sources, c.source->engine());
    } catch (const Error& e) {
      if (!p.keep_going || p.model_names.size() + p.checkpoints.size() == 1) throw;
      p.unknown_checkpoints.emplace_back(e.what());
    }
    for (auto& found : of_name) {
      if (std::any_of(p.checkpoints.begin(), p.checkpoints.end(),
                      [&](const CheckpointJobs& j) { return j.checkpoint.folder == found.folder; }))
        continue;
      c.say("model " + name + ": checkpoint " + found.name + " (" + found.folder + ")");
      p.checkpoints.push_back({found, p.deployments});
    }
  }
  if (p.checkpoints.empty() && !p.unknown_checkpoints.empty())
    throw Error(p.unknown_checkpoints[0]);
}

/// All that tells one job of a checkpoint from another.
std::string job_key(const Deployment& d) {
  return deployment_text(d) + (d.prefill ? "p" : "") + (d.decode ? "d" : "");
}

/// The trees of one checkpoint, by what they depend on but the page size.
class TreesToShare {
 public:
  std::shared_ptr<SharedTrees> of(Deployment d, Purpose purpose) {
    const int size = d.page_size;
    d.page_size = 0;
    auto& trees = trees_[{purpose, deployment_text(d)}];
    if (!trees) trees = std::make_shared<SharedTrees>();
    trees->deployment = std::move(d);
    trees->purpose = purpose;
    auto& sizes = trees->page_sizes;
    if (std::find(sizes.begin(), sizes.end(), size) == sizes.end()) sizes.push_back(size);
    return trees;
  }

 private:
  std::map<std::pair<Purpose, std::string>, std::shared_ptr<SharedTrees>> trees_;
};

/// The checkpoint of a deployment's draft: its own, or the target's where that has heads.
Checkpoint draft_of(const Context& c, const Checkpoint& target, const Deployment& d) {
  const std::string folder = draft_folder(*c.source, d);
  return folder.empty() ? target : find_checkpoint(folder);
}

/// A job for each checkpoint and deployment, and one for its draft where it speculates; what is
/// named twice is done once.
void make_jobs(Context& c) {
  std::map<std::pair<std::string, std::string>, std::set<std::string>> seen;
  for (const auto& item : c.pipeline.checkpoints) {
    TreesToShare shared;
    std::map<std::string, std::shared_ptr<SharedCalls>> calls;
    auto& keys = seen[{item.checkpoint.folder, item.checkpoint.name}];
    const auto add = [&](const Checkpoint& checkpoint, const Deployment& d,
                         const std::shared_ptr<SharedCalls>& steps) {
      ModelJob job{checkpoint, d, item.checkpoint, shared.of(at_tp1(d), Purpose::base)};
      if (!is_plain_tp1(d)) job.trees = shared.of(d, Purpose::own);
      job.calls = steps;
      job.model.checkpoint = checkpoint.name;
      job.model.deployment = deployment_text(d);
      c.jobs.push_back(std::move(job));
    };
    for (const auto& d : item.deployments) {
      if (!keys.insert(job_key(d)).second) continue;
      Deployment any_page = d;
      any_page.page_size = 0;
      auto& steps = calls[job_key(any_page)];
      if (!steps) steps = std::make_shared<SharedCalls>();
      add(item.checkpoint, d, steps);
      if (!speculates(*c.source, d)) continue;
      Deployment of_draft = d;
      of_draft.draft = true;
      add(draft_of(c, item.checkpoint, d), of_draft, steps);
    }
  }
}

/// Keeps the jobs of this process. A checkpoint's deployments are dealt out in turn; those that
/// differ in the page size alone share what is built, and a draft belongs to its target.
void keep_shard(Context& c) {
  const Shard& shard = c.pipeline.shard;
  std::map<std::string, int> turns;  // of each checkpoint and deployment
  std::erase_if(c.jobs, [&](const ModelJob& job) {
    Deployment d = job.deployment;
    d.page_size = 0;
    d.draft = false;
    const std::string key = job.served.folder + "\n" + job.served.name + "\n" + job_key(d);
    const int turn = turns.emplace(key, static_cast<int>(turns.size())).first->second;
    return turn % shard.count != shard.index - 1;
  });
}

/// Server arguments that the engine's parser refuses are bad input: said before anything is built.
void check_arguments(Context& c) {
  std::set<std::string> checked;
  on_threads(1, 1, [&](std::size_t) {
    for (const auto& job : c.jobs)
      if ((!job.deployment.engine_args.empty() || !job.deployment.draft_checkpoint.empty()) &&
          checked.insert(deployment_text(job.deployment)).second)
        check_server_arguments(*c.source, job.served, job.deployment, c.pipeline.limits);
  });
}

void prepare(Context& c) {
  const auto folders = resolve_source_folders(c.pipeline.sources, c.pipeline.engine);
  std::vector<std::string> sources;
  for (const auto& f : folders) sources.push_back(f.folder);
  const std::string cache = cache_folder();
  c.source = SourceTree::open({sources, c.pipeline.engine}, cache.empty() ? "" : cache + "/parse");
  resolve_model_names(c, sources);
  record_run(c, folders);
  make_jobs(c);
  if (c.pipeline.shard.count > 1) keep_shard(c);
  if (c.pipeline.resume) resume_run(c);
  check_arguments(c);
}

/// What a user must hear although the model was built.
void warn(const Checkpoint& checkpoint, const ReportModel& m, bool is_draft,
          std::vector<std::string>& warnings) {
  const auto say = [&](const std::string& line) {
    if (std::find(warnings.begin(), warnings.end(), line) == warnings.end())
      warnings.push_back(line);
  };
  if (const std::string text = warning_of_defaults(checkpoint); !text.empty()) say(text);
  for (const auto& remark : m.remarks) say(m.checkpoint + ": " + remark);
  if (is_draft) return;  // its target's are the same
  for (const auto& changed : m.changed)
    say(m.checkpoint + " " + m.deployment + ": " + changed.name + " " + changed.asked +
        " was asked for, the engine uses " + changed.resolved);
}

/// Errors and warnings of the models, in their order; what several say, once.
void run(Context& c) {
  finish_record(c);
  auto& errors = c.report.errors;
  for (const auto& e : c.pipeline.unknown_checkpoints) errors.push_back("left out: " + e);
  for (auto& job : c.jobs) {
    for (auto& e : job.errors)
      if (std::find(errors.begin(), errors.end(), e) == errors.end())
        errors.push_back(std::move(e));
    job.errors.clear();
    warn(job.checkpoint, job.model, job.deployment.draft, c.report.warnings);
  }
}

/// Every other page size begins with the trees of its own, so that two threads make both at once.
void take_trees(Context& c, ModelJob& job) {
  const auto tree = [&](const std::shared_ptr<SharedTrees>& trees) {
    return tree_of(c, job.served, *trees, job.deployment);
  };
  if (!job.trees) {
    job.tree = job.tp1 = tree(job.trees_at_tp1);
    return;
  }
  const auto& sizes = job.trees->page_sizes;
  const auto at = std::find(sizes.begin(), sizes.end(), job.deployment.page_size) - sizes.begin();
  if (at % 2 == 1) job.tree = tree(job.trees);
  job.tp1 = tree(job.trees_at_tp1);
  job.tree = tree(job.trees);
}

void each(Context& c, ModelJob& job) {
  take_trees(c, job);
  const ModuleTree& tree = *job.tree;
  ReportModel& r = job.model;
  r.ok = tree.ok;
  r.refused = tree.refused;
  r.resolved = tree.resolved;
  r.changed = tree.changed;
  r.log = tree.log;
  r.remarks = tree.remarks;
  for (const auto& file : tree.broken)
    job.errors.push_back("a source file that the engine cannot use: " + file);
  if (tree.ok) job.deployment = as_resolved(*c.source, tree, job.deployment);
  r.stage = tree.stage;
  r.error_type = tree.error_type;
  r.error = tree.error;
  r.where = tree.where;
  r.assumptions = tree.assumptions;
  r.unknowns = tree.unknowns;
  r.python_calls = tree.python_calls;
  r.parse_seconds = tree.parse_seconds;
  r.run_seconds = tree.run_seconds;
  if (!tree.ok) return;
  r.architecture = tree.architecture;
  r.model_class = tree.model_class;
  r.dtype = tree.dtype;
  r.quantization = tree.quant_config_class;
  r.modules = static_cast<std::size_t>(std::count_if(tree.modules.begin(), tree.modules.end(),
                                                     [](const Module& m) { return !m.held; }));
}

}  // namespace

PipelineStage extract_stage() {
  PipelineStage s;
  s.info.name = "extract";
  s.info.summary = "build the module tree of each checkpoint at each deployment";
  s.info.writes = {models_in_memory};
  s.prepare = prepare;
  s.each = each;
  s.run = run;
  return s;
}

}  // namespace kdex
