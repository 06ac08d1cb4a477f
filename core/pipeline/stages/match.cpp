// The stage `match`: asks the families for the definitions of each model.
#include <map>
#include <set>

#include <kdex/authoring.h>

#include "core/pipeline/stage.h"
#include "core/plugin/guard.h"
#include "core/report/unmatched.h"

namespace kdex {
namespace {

/// Why families left modules: path → "family: reason", each once.
using Reasons = std::map<std::string, std::vector<std::string>>;

/// Modules without a definition: those with a role that no family claims, other leaves and owners
/// of parameters. Those of one path pattern that are alike are one line.
std::vector<UnmatchedModules> unmatched_of(const ModuleTree& tree,
                                           const std::set<std::size_t>& claimed,
                                           const Reasons& reasons) {
  std::vector<char> has_children(tree.modules.size(), 0);
  for (const auto& m : tree.modules)
    if (m.parent >= 0 && static_cast<std::size_t>(m.parent) < tree.modules.size())
      has_children[static_cast<std::size_t>(m.parent)] = 1;
  std::vector<UnmatchedModules> out;
  std::map<std::string, std::size_t> at;
  for (std::size_t i = 0; i < tree.modules.size(); ++i) {
    const Module& m = tree.modules[i];
    if (claimed.contains(i) || (has_children[i] && m.params.empty() && m.role.empty())) continue;
    UnmatchedModules u = unmatched_module(tree, m);
    if (const auto why = reasons.find(m.path); why != reasons.end()) u.reasons = why->second;
    auto [it, fresh] = at.try_emplace(likeness(u), out.size());
    if (fresh) out.push_back(std::move(u));
    ++out[it->second].count;
  }
  return out;
}

void each(Context& c, ModelJob& job) {
  const ModuleTree& tree = *job.tree;
  if (!tree.ok) return;
  const ModuleTree* base = job.tp1->ok ? job.tp1.get() : nullptr;
  const Pipeline& p = c.pipeline;
  ReportModel& r = job.model;
  const ModelView view{tree, job.checkpoint, job.deployment, p.include_quantized, base, p.dialect};
  std::set<std::size_t> claimed;
  Reasons reasons;
  for (const auto& family : c.plugins.families) {
    GuardedResult result = match_guarded(family, view);
    for (const auto& error : result.errors)
      job.errors.push_back("family " + family.info.name + " on " + r.checkpoint + " " +
                           r.deployment + ": " + error);
    claimed.insert(result.result.claimed.begin(), result.result.claimed.end());
    for (auto& n : result.result.notes) {
      for (const auto& path : n.paths) reasons[path].push_back(family.info.name + ": " + n.text);
      r.notes.push_back({family.info.name, n.module_path, n.text, n.place});
    }
    for (auto& m : result.result.matches) {
      if (!m.from_tp1) claimed.insert(m.modules.begin(), m.modules.end());
      const auto& origins = m.from_tp1 && base != nullptr ? base->origins : tree.origins;
      auto json = origins_to_json(m.definition, origins);
      job.found.push_back(
          {std::move(m.definition), family.info.name, std::move(m.what), std::move(json)});
    }
  }
  r.unmatched = unmatched_of(tree, claimed, reasons);
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
