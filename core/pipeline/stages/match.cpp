// The stage `match`: asks the families for the definitions of each model.
#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include <kdex/authoring.h>

#include "core/model/extract.h"
#include "core/pipeline/launched.h"
#include "core/pipeline/stage.h"
#include "core/plugin/guard.h"
#include "core/report/unmatched.h"

namespace kdex {
namespace {

/// Why families left modules: path → "family: reason", each once.
using Reasons = std::map<std::string, std::vector<std::string>>;

/// Modules without a definition: those with a role that no family claims, other leaves and owners
/// of parameters. Those of one path pattern that are alike are one line. `base`: the tree at tp 1,
/// whose sizes the dataset's products have; null where it could not be built.
std::vector<UnmatchedModules> unmatched_of(const ModuleTree& tree, const ModuleTree* base,
                                           const std::set<std::size_t>& claimed,
                                           const Reasons& reasons) {
  std::vector<char> has_children(tree.modules.size(), 0);
  for (const auto& m : tree.modules)
    if (m.parent >= 0 && static_cast<std::size_t>(m.parent) < tree.modules.size())
      has_children[static_cast<std::size_t>(m.parent)] = 1;
  std::map<std::string_view, const Module*> whole;
  if (base != nullptr && base != &tree)
    for (const Module& m : base->modules) whole.emplace(m.path, &m);
  std::vector<UnmatchedModules> out;
  std::map<std::string, std::size_t> at;
  for (std::size_t i = 0; i < tree.modules.size(); ++i) {
    const Module& m = tree.modules[i];
    if (claimed.contains(i) || (has_children[i] && m.params.empty() && m.role.empty())) continue;
    const auto at_tp1 = whole.find(m.path);
    UnmatchedModules u =
        unmatched_module(tree, m, at_tp1 == whole.end() ? nullptr : at_tp1->second);
    if (const auto why = reasons.find(m.path); why != reasons.end()) u.reasons = why->second;
    auto [it, fresh] = at.try_emplace(likeness(u), out.size());
    if (fresh) out.push_back(std::move(u));
    ++out[it->second].count;
  }
  return out;
}

/// An axis that is a server argument came the way that this came: what was asked for, what the
/// engine set itself, or its default.
void add_setting_origins(const SourceTree& source, const ModuleTree& tree, Definition& d) {
  for (Axis& a : d.axes)
    if (!a.setting.empty() && a.value && a.origin == 0)
      a.origin = origin_of_setting(source, tree, a.setting, *a.value);
}

void each(Context& c, ModelJob& job) {
  const ModuleTree& tree = *job.tree;
  if (!tree.ok) return;
  const ModuleTree* base = job.tp1->ok ? job.tp1.get() : nullptr;
  const Pipeline& p = c.pipeline;
  ReportModel& r = job.model;
  const std::vector<CallTrace>* steps = nullptr;
  if (job.calls) steps = job.deployment.draft ? &job.calls->draft_steps : &job.calls->steps;
  if (steps != nullptr && steps->empty()) steps = nullptr;
  const ModelView view{tree, job.checkpoint, job.deployment, p.include_quantized, base, p.dialect,
                       {},   steps};
  Launched launched(view);
  std::set<std::size_t> claimed;
  Reasons reasons;
  for (const auto& family : c.plugins.families) {
    GuardedResult result = match_guarded(family, view);
    for (const auto& error : result.errors)
      job.errors.push_back("family " + family.info.name + " on " + r.checkpoint + " " +
                           r.deployment + ": " + error);
    claimed.insert(result.result.claimed.begin(), result.result.claimed.end());
    for (auto& n : result.result.notes) {
      const std::string reason = family.info.name + ": " + n.text;
      for (const auto& path : n.paths)
        if (auto& of = reasons[path]; std::find(of.begin(), of.end(), reason) == of.end())
          of.push_back(reason);
      r.notes.push_back({family.info.name, n.module_path, n.text, n.place});
    }
    for (auto& m : result.result.matches) {
      if (!m.from_tp1) claimed.insert(m.modules.begin(), m.modules.end());
      if (!launched.takes(m) && !p.all_forms) {
        r.not_launched.emplace_back(m.definition.name, m.what);
        continue;
      }
      const ModuleTree& from = m.from_tp1 && base != nullptr ? *base : tree;
      add_setting_origins(*c.source, from, m.definition);
      auto json = origins_to_json(m.definition, from.origins);
      json["calls"] = launched.calls(m);
      auto modes = launched.modes(m);
      Launched::set_stages(m.definition, modes);
      job.found.push_back({std::move(m.definition), family.info.name, std::move(m.what),
                           std::move(modes), std::move(json)});
    }
  }
  r.steps = launched.coverage();
  r.unmatched = unmatched_of(tree, base, claimed, reasons);
}

void run(Context& c) {
  for (auto& job : c.jobs) {
    for (auto& e : job.errors) c.report.errors.push_back(std::move(e));
    job.errors.clear();
  }
}

}  // namespace

PipelineStage match_stage() {
  PipelineStage s;
  s.info.name = "match";
  s.info.summary = "ask the kernel families for the definitions of each model";
  s.info.needs = {models_in_memory};
  s.info.writes = {"matches"};
  s.each = each;
  s.run = run;
  return s;
}

}  // namespace kdex
