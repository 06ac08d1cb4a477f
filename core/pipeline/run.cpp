// Implementation of core/pipeline/run.h.
#include "core/pipeline/run.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include <kdex/authoring.h>
#include <kdex/error.h>

#include "core/base/closest.h"
#include "core/base/files.h"
#include "core/dataset/dataset.h"
#include "core/definition/json.h"
#include "core/definition/rules.h"
#include "core/model/extract.h"
#include "core/paths.h"
#include "core/pipeline/checkpoints.h"
#include "core/pipeline/models.h"
#include "core/plugin/loader.h"

namespace kdex {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The tree at tp 1 of one checkpoint: made once, shared by its deployments, freed with the last.
struct SharedTree {
  std::once_flag once;
  std::shared_ptr<const ModuleTree> tree;
};

struct Found {
  Definition definition;
  std::string family, what;
  nlohmann::ordered_json origins;
};

struct JobResult {
  ReportModel model;
  std::vector<Found> found;
  std::vector<std::string> errors;
};

struct Job {
  Checkpoint checkpoint;
  Deployment deployment;
  std::shared_ptr<SharedTree> tp1;
  JobResult result;
  bool done = false;
};

bool is_plain_tp1(const Deployment& d) { return d.tp == 1 && d.ep == 1 && d.attention_dp == 1; }

Deployment at_tp1(Deployment d) {
  d.tp = d.ep = d.attention_dp = 1;
  return d;
}

/// Modules that no family speaks of: leaves and owners of parameters, joined by path pattern.
std::vector<UnmatchedModules> unmatched_of(const ModuleTree& tree,
                                           const std::set<std::size_t>& claimed) {
  std::vector<char> has_children(tree.modules.size(), 0);
  for (const auto& m : tree.modules)
    if (m.parent >= 0 && static_cast<std::size_t>(m.parent) < tree.modules.size())
      has_children[static_cast<std::size_t>(m.parent)] = 1;
  std::vector<UnmatchedModules> out;
  std::map<std::pair<std::string, std::string>, std::size_t> at;
  for (std::size_t i = 0; i < tree.modules.size(); ++i) {
    const Module& m = tree.modules[i];
    if (claimed.contains(i) || (has_children[i] && m.params.empty())) continue;
    auto [it, fresh] =
        at.try_emplace({sdk::path_pattern(m.path), m.module + "." + m.class_name}, out.size());
    if (fresh) out.push_back({it->first.first, m.class_name, m.module, 0, m.defined});
    ++out[it->second].count;
  }
  return out;
}

std::shared_ptr<const ModuleTree> failed(const std::string& why) {
  ModuleTree t;
  t.stage = "internal";
  t.error_type = "Error";
  t.error = why;
  return std::make_shared<ModuleTree>(std::move(t));
}

std::shared_ptr<const ModuleTree> extract(SourceTree& source, const Checkpoint& c,
                                          const Deployment& d) {
  try {
    return std::make_shared<ModuleTree>(extract_modules(source, c, d));
  } catch (const std::bad_alloc&) {
    return failed("out of memory; free some, raise the limits, or give fewer --jobs");
  } catch (const std::exception& e) {
    return failed(e.what());
  }
}

void run_job(Job& job, SourceTree& source, const Pipeline& p, const LoadedFamilies& families) {
  auto tp1 = [&]() -> const ModuleTree* {
    std::call_once(job.tp1->once, [&] {
      job.tp1->tree = extract(source, job.checkpoint, at_tp1(job.deployment));
    });
    return job.tp1->tree->ok ? job.tp1->tree.get() : nullptr;
  };
  const ModuleTree* base = tp1();
  std::shared_ptr<const ModuleTree> tree = is_plain_tp1(job.deployment)
                                               ? job.tp1->tree
                                               : extract(source, job.checkpoint, job.deployment);
  ReportModel& r = job.result.model;
  r.ok = tree->ok;
  r.stage = tree->stage;
  r.error_type = tree->error_type;
  r.error = tree->error;
  r.where = tree->where;
  r.assumptions = tree->assumptions;
  r.unknowns = tree->unknowns;
  r.python_calls = tree->python_calls;
  r.parse_seconds = tree->parse_seconds;
  r.run_seconds = tree->run_seconds;
  if (!tree->ok) return;
  r.architecture = tree->architecture;
  r.model_class = tree->model_class;
  r.dtype = tree->dtype;
  r.quantization = tree->quant_config_class;
  r.modules = static_cast<std::size_t>(std::count_if(tree->modules.begin(), tree->modules.end(),
                                                     [](const Module& m) { return !m.held; }));
  const ModelView view{*tree, job.checkpoint, job.deployment, p.include_quantized, base, p.dialect};
  std::set<std::size_t> claimed;
  for (const auto& family : families.families) {
    GuardedResult result = match_guarded(family, view);
    if (result.failed)
      job.result.errors.push_back("family " + family.info.name + " on " + r.checkpoint + " " +
                                  r.deployment + ": " + result.error);
    claimed.insert(result.result.claimed.begin(), result.result.claimed.end());
    for (auto& n : result.result.notes)
      r.notes.push_back({family.info.name, n.module_path, n.text, n.place});
    for (auto& m : result.result.matches) {
      if (!m.from_tp1) claimed.insert(m.modules.begin(), m.modules.end());
      const auto& origins = m.from_tp1 && base != nullptr ? base->origins : tree->origins;
      auto json = origins_to_json(m.definition, origins);
      job.result.found.push_back(
          {std::move(m.definition), family.info.name, std::move(m.what), std::move(json)});
    }
  }
  r.unmatched = unmatched_of(*tree, claimed);
}

LoadedFamilies choose_families(const Pipeline& p, Report& report) {
  std::vector<std::string> folders = {plugin_folder()};
  for (const auto& f : p.plugins_path) folders.push_back(f);
  LoadedFamilies loaded = load_families(folders);
  apply_settings(loaded, p.family_settings);
  for (const auto& f : loaded.families)
    report.plugins.push_back({f.info.name, f.info.version, f.library, ""});
  for (const auto& f : loaded.refused) report.plugins.push_back({"", "", f.library, f.reason});
  if (p.families.empty()) return loaded;
  std::vector<std::string> names;
  for (const auto& f : loaded.families) names.push_back(f.info.name);
  for (const auto& wanted : p.families)
    if (std::find(names.begin(), names.end(), wanted) == names.end()) {
      std::string list, hint = did_you_mean(wanted, names);
      for (const auto& n : names) list += " " + n;
      throw Error("there is no family '" + wanted + "'", "families",
                  (hint.empty() ? "" : hint + " ") + "the families are" + list);
    }
  std::erase_if(loaded.families, [&](const LoadedFamily& f) {
    return std::find(p.families.begin(), p.families.end(), f.info.name) == p.families.end();
  });
  return loaded;
}

/// One definition of the run, met in one or more jobs.
struct Merged {
  Found found;
  std::vector<std::size_t> jobs;
};

/// What could be done about the classes that most checkpoints have and no definition covers: why a
/// family left them, or that none knows them.
void suggest(Report& report) {
  struct Seen {
    std::set<std::string> checkpoints, reasons;
  };
  std::map<std::string, Seen> by_class;
  for (const auto& m : report.models)
    for (const auto& u : m.unmatched) {
      Seen& seen = by_class[u.class_name];
      seen.checkpoints.insert(m.checkpoint);
      for (const auto& n : m.notes)
        if (n.path == u.path) seen.reasons.insert(n.family + ": " + n.text);
    }
  std::vector<std::pair<std::string, const Seen*>> most;
  for (const auto& [name, seen] : by_class) most.emplace_back(name, &seen);
  std::stable_sort(most.begin(), most.end(), [](const auto& a, const auto& b) {
    return a.second->checkpoints.size() > b.second->checkpoints.size();
  });
  for (std::size_t i = 0; i < most.size() && i < 8; ++i) {
    const auto& [name, seen] = most[i];
    const std::string in =
        name + " (in " + std::to_string(seen->checkpoints.size()) + " checkpoints)";
    if (seen->reasons.empty()) {
      report.suggestions.push_back("no family knows " + in +
                                   "; a plugin could: kdex new-family NAME");
    } else {
      const std::size_t more = seen->reasons.size() - 1;
      report.suggestions.push_back(
          "no definition of " + in + "; " + *seen->reasons.begin() +
          (more ? " (and " + std::to_string(more) + " more reasons in the report)" : ""));
    }
  }
}

}  // namespace

std::string report_file(const std::string& dataset) { return dataset + "/report.json"; }
std::string report_page(const std::string& dataset) { return dataset + "/report.html"; }
std::string origins_file(const std::string& dataset, const std::string& name) {
  return dataset + "/.kdex/origins/" + name + ".json";
}

std::string deployment_text(const Deployment& d) {
  std::string out = "tp" + std::to_string(d.tp);
  if (d.ep != 1) out += " ep" + std::to_string(d.ep);
  if (d.attention_dp != 1) out += " dpa" + std::to_string(d.attention_dp);
  if (d.platform != Deployment{}.platform) out += " " + d.platform;
  for (const auto& [k, v] : d.engine_args) out += " " + k + "=" + v;
  return out;
}

Report run_pipeline(const Pipeline& given, const RunHooks& hooks) {
  const auto start = Clock::now();
  Pipeline p = given;
  Report report;
  report.dataset = dataset_of(p.output_dir);
  auto say = [&](const std::string& line) {
    if (hooks.progress) hooks.progress(line);
  };
  auto stopped = [&] { return hooks.cancelled != nullptr && *hooks.cancelled; };
  LoadedFamilies families = choose_families(p, report);
  auto sources = resolve_sources(p.sources);
  std::string cache = cache_folder();
  auto source = SourceTree::open({sources}, cache.empty() ? "" : cache + "/parse");
  std::vector<std::string> chosen;
  if (!p.model_names.empty()) {
    std::vector<ArchitectureEntry> all;
    on_threads(1, 1, [&](std::size_t) { all = list_architectures(*source); });
    for (const auto& name : p.model_names)
      for (auto& c : checkpoints_for(name, all, sources, source->engine())) {
        if (std::any_of(p.checkpoints.begin(), p.checkpoints.end(),
                        [&](const CheckpointJobs& j) { return j.checkpoint.folder == c.folder; }))
          continue;
        chosen.push_back("model " + name + ": checkpoint " + c.name + " (" + c.folder + ")");
        p.checkpoints.push_back({c, p.deployments});
      }
  }

  check_writable(report.dataset);
  for (const auto& line : chosen) say(line);

  std::vector<Job> jobs;
  std::map<std::pair<std::string, std::string>, std::set<std::string>>
      done;  // the deployments of each checkpoint
  for (const auto& c : p.checkpoints) {
    std::map<std::string, std::shared_ptr<SharedTree>> shared;
    std::set<std::string>& seen = done[{c.checkpoint.folder, c.checkpoint.name}];
    for (const auto& d : c.deployments) {
      std::string text = deployment_text(d);
      std::string pages;
      for (int page : std::set<int>(d.page_sizes.begin(), d.page_sizes.end()))
        pages += " " + std::to_string(page);
      if (!seen.insert(text + pages + (d.prefill ? "p" : "") + (d.decode ? "d" : "")).second)
        continue;
      auto& tp1 = shared[deployment_text(at_tp1(d))];
      if (!tp1) tp1 = std::make_shared<SharedTree>();
      jobs.push_back({c.checkpoint, d, tp1, {}, false});
      jobs.back().result.model.checkpoint = c.checkpoint.name;
      jobs.back().result.model.deployment = text;
    }
  }
  int threads =
      p.jobs > 0 ? p.jobs : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  report.jobs = threads;
  std::mutex mutex;
  std::size_t finished = 0;
  // A long configuration is mostly lists that every layer is held against: those jobs first, so
  // that none is left for last.
  std::vector<std::pair<std::uintmax_t, std::size_t>> turns;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    std::error_code unreadable;
    const std::uintmax_t size =
        fs::file_size(fs::path(jobs[i].checkpoint.folder) / "config.json", unreadable);
    turns.emplace_back(unreadable ? 0 : size, i);
  }
  std::stable_sort(turns.begin(), turns.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  on_threads(jobs.size(), threads, [&](std::size_t turn) {
    if (stopped()) return;
    Job& job = jobs[turns[turn].second];
    run_job(job, *source, p, families);
    job.tp1.reset();
    job.done = true;
    std::lock_guard lock(mutex);
    const auto& m = job.result.model;
    say("[" + std::to_string(++finished) + "/" + std::to_string(jobs.size()) + "] " + m.checkpoint +
        " " + m.deployment + ": " +
        (m.ok ? std::to_string(m.modules) + " modules, " + std::to_string(job.result.found.size()) +
                    " definitions"
              : "refused at " + m.stage + ": " + m.error_type));
  });
  if (stopped()) {
    report.interrupted = true;
    report.errors.emplace_back("interrupted; nothing was written");
    report.seconds = since(start);
    return report;
  }

  // Joined in the order of the jobs, whatever thread ran them.
  std::vector<Merged> merged;
  std::multimap<std::string, std::size_t> by_name;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    auto& result = jobs[i].result;
    for (auto& e : result.errors) report.errors.push_back(std::move(e));
    for (auto& f : result.found) {
      std::size_t at = merged.size();
      for (auto [it, end] = by_name.equal_range(f.definition.name); it != end; ++it) {
        const Definition& other = merged[it->second].found.definition;
        if (differing_fields(other, f.definition).empty() &&
            other.reference == f.definition.reference)
          at = it->second;
      }
      if (at == merged.size()) {
        by_name.emplace(f.definition.name, at);
        merged.push_back({std::move(f), {}});
      } else {
        auto& tags = merged[at].found.definition.tags;
        for (auto& tag : f.definition.tags)
          if (std::find(tags.begin(), tags.end(), tag) == tags.end()) tags.push_back(tag);
      }
      if (merged[at].jobs.empty() || merged[at].jobs.back() != i) merged[at].jobs.push_back(i);
    }
  }
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < merged.size(); ++i) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const auto &x = merged[a].found.definition, &y = merged[b].found.definition;
    return std::tie(x.op_type, x.name) < std::tie(y.op_type, y.name);
  });

  const auto save_start = Clock::now();
  std::vector<Definition> good;
  std::vector<std::size_t> good_at;
  for (std::size_t i : order) {
    auto& m = merged[i];
    auto problems = check_definition(m.found.definition);
    if (!is_safe_name(m.found.definition.name))
      problems.push_back({"name", "cannot be a file name"});
    if (!is_safe_name(m.found.definition.op_type))
      problems.push_back({"op_type", "cannot be a folder name"});
    if (problems.empty()) {
      good.push_back(m.found.definition);
      good_at.push_back(i);
      continue;
    }
    ReportDefinition d;
    d.name = d.asked = m.found.definition.name;
    d.op_type = m.found.definition.op_type;
    d.status = "invalid";
    d.family = m.found.family;
    for (const auto& problem : problems)
      report.errors.push_back("definition " + d.name + " of family " + d.family +
                              " is not written: field '" + problem.where + "' " + problem.what);
    for (std::size_t j : m.jobs)
      d.models.push_back(jobs[j].checkpoint.name + " " + jobs[j].result.model.deployment);
    report.definitions.push_back(std::move(d));
  }
  const DatasetLock lock(
      report.dataset);  // until the report is written: other writers' files stay whole
  auto saved = save_definitions(lock, good, {p.deduplicate, p.add_tags}, hooks.cancelled);
  if (saved.size() < good.size()) report.interrupted = true;
  std::error_code error;
  fs::create_directories(report.dataset + "/.kdex/origins", error);
  for (std::size_t k = 0; k < saved.size(); ++k) {
    const Merged& m = merged[good_at[k]];
    ReportDefinition d;
    d.name = saved[k].name;
    d.asked = saved[k].asked;
    d.op_type = m.found.definition.op_type;
    d.status = saved[k].status == Saved::Status::added      ? "new"
               : saved[k].status == Saved::Status::existing ? "existing"
                                                            : "conflict";
    d.file = saved[k].file;
    d.fields = saved[k].fields;
    d.like = saved[k].like;
    d.family = m.found.family;
    d.what = m.found.what;
    for (std::size_t j : m.jobs) {
      d.models.push_back(jobs[j].checkpoint.name + " " + jobs[j].result.model.deployment);
      jobs[j].result.model.definitions.push_back(d.name);
    }
    nlohmann::ordered_json origins = {{"definition", d.name},
                                      {"checkpoint", jobs[m.jobs[0]].checkpoint.name},
                                      {"deployment", jobs[m.jobs[0]].result.model.deployment},
                                      {"what", d.what}};
    for (const auto& [key, value] : m.found.origins.items()) origins[key] = value;
    try {
      write_file_atomically(origins_file(report.dataset, d.name), dump_json(origins), false);
    } catch (const Error& e) {
      report.errors.push_back("origins of " + d.name + ": " + e.what());
    }
    report.definitions.push_back(std::move(d));
  }
  for (auto& job : jobs) report.models.push_back(std::move(job.result.model));
  auto index_errors = read_index(report.dataset).unreadable;
  for (auto& line : index_errors) report.warnings.push_back("not read: " + line);
  suggest(report);
  report.save_seconds = since(save_start);
  report.seconds = since(start);
  write_file_atomically(report_file(report.dataset), report_to_json(report));
  write_file_atomically(report_page(report.dataset), report_to_html(report), false);
  return report;
}

}  // namespace kdex
