// core/pipeline/launched.h.
#include "core/pipeline/launched.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/text.h"
#include "core/model/cost.h"
#include "core/report/json_parts.h"

namespace kdex {
namespace {

enum Covered : char { none, part, whole };

std::string numbers(const std::vector<std::int64_t>& list) {
  std::vector<std::string> out;
  for (const auto n : list) out.push_back(std::to_string(n));
  return joined(out, ",");
}

/// "37 requests of 1009 tokens", "new tokens 101,139,171 after 613,613,613".
std::string sizes_text(const Step& s) {
  const std::string decoding = std::to_string(s.batch) +
                               (s.batch == 1 ? " request of " : " requests of ") +
                               std::to_string(s.seq_len) + " tokens";
  if (!s.is_prefill()) return decoding;
  return "new tokens " + numbers(s.extend_lens) +
         (s.prefix_lens.empty() ? "" : " after " + numbers(s.prefix_lens)) +
         (s.mode == "mixed" ? ", " + decoding : "");
}

/// What a step of this mode does, as tags say it.
std::string stage_of(const std::string& mode) {
  if (mode.starts_with("spec-prefill") || mode.starts_with("extend")) return "prefill";
  if (mode.starts_with("spec-")) return mode.substr(5);
  return mode.substr(0, mode.find('-'));
}

/// Modules by path pattern: one for all layers.
std::map<std::string, const Module*> by_pattern(const ModuleTree& tree) {
  std::map<std::string, const Module*> out;
  for (const auto& m : tree.modules) out.try_emplace(sdk::path_pattern(m.path), &m);
  return out;
}

/// The part of a model that a path lies in: the first module below the root.
std::string part_of(const std::string& path) { return path.substr(0, path.find('.')); }

}  // namespace

Launched::Launched(const ModelView& view) : view_(view), launches_(view) {
  if (view.steps == nullptr) return;
  for (const auto& s : *view.steps) {
    covered_.emplace_back(s.calls.size(), none);
    if (!s.ok && !s.refused) all_known_ = false;
    for (const auto& call : s.calls) {
      entered_.insert(part_of(call.path));
      for (const auto& o : call.operands) entered_.insert(part_of(o.owner));
    }
  }
}

const ModuleTree& Launched::tree_of(const Match& match) const {
  return match.from_tp1 && view_.tp1_tree != nullptr ? *view_.tp1_tree : view_.tree;
}

bool Launched::is_entered(const Match& match) const {
  return std::any_of(match.modules.begin(), match.modules.end(), [&](std::size_t i) {
    return entered_.contains(part_of(tree_of(match).modules[i].path));
  });
}

std::vector<CallPlace> Launched::calls_of(const Match& match) const {
  if (match.calls) return *match.calls;
  std::vector<std::string> patterns;
  for (const auto i : match.modules)
    patterns.push_back(sdk::path_pattern(tree_of(match).modules[i].path));
  return launches_.where([&](const Step&, const KernelCall& c) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& p) {
      return c.path == p || sdk::Launches::reads(c, p);
    });
  });
}

bool Launched::takes(const Match& match) {
  if (!launches_.known()) return true;
  const auto calls = calls_of(match);
  if (calls.empty()) return !all_known_ || !is_entered(match);
  std::set<std::pair<std::size_t, std::string>> paths;
  std::set<std::size_t> in_parts;  // steps in which one module launches several
  for (const auto& at : calls)
    if (!paths.emplace(at.step, launches_[at].path).second) in_parts.insert(at.step);
  for (const auto& at : calls) {
    char& c = covered_[at.step][at.call];
    c = std::max(c, static_cast<char>(in_parts.contains(at.step) ? part : whole));
  }
  return true;
}

std::vector<std::string> Launched::modes(const Match& match) const {
  std::vector<std::string> out;
  if (!launches_.known()) return out;
  for (const auto& at : calls_of(match))
    if (const auto& mode = (*view_.steps)[at.step].step.mode;
        std::find(out.begin(), out.end(), mode) == out.end())
      out.push_back(mode);
  return out;
}

nlohmann::ordered_json Launched::calls(const Match& match) const {
  using Json = nlohmann::ordered_json;
  Json out = Json::array();
  if (!launches_.known()) return out;
  std::map<std::string, std::size_t> alike;
  for (const auto& at : calls_of(match)) {
    const KernelCall& call = launches_[at];
    Json one = {{"fn", call.function}, {"path", call.path}, {"steps", Json::array()}};
    one["where"] = Json::array();
    for (const auto& place : call.where) one["where"].push_back(place_text(place));
    const auto [it, fresh] = alike.try_emplace(dump_line(one), out.size());
    if (fresh) out.push_back(std::move(one));
    const Step& step = (*view_.steps)[at.step].step;
    const Json in = {{"mode", step.mode}, {"sizes", sizes_text(step)}, {"launches", call.count}};
    Json& steps = out[it->second]["steps"];
    if (!steps.empty() && steps.back()["mode"] == step.mode && steps.back()["sizes"] == in["sizes"])
      steps.back()["launches"] = steps.back()["launches"].get<std::int64_t>() + call.count;
    else
      steps.push_back(in);
  }
  return out;
}

void Launched::set_stages(Definition& d, const std::vector<std::string>& modes) {
  const auto is_stage = [](const std::string& tag) { return tag.starts_with("stage:"); };
  const auto at = std::find_if(d.tags.begin(), d.tags.end(), is_stage);
  if (modes.empty() || at == d.tags.end()) return;
  std::set<std::string> stages;
  for (const auto& mode : modes) stages.insert("stage:" + stage_of(mode));
  const auto place = at - d.tags.begin();
  std::erase_if(d.tags, is_stage);
  d.tags.insert(d.tags.begin() + place, stages.begin(), stages.end());
  d.met.insert(d.met.end(), stages.begin(), stages.end());
}

std::vector<ReportStep> Launched::coverage() const {
  std::vector<ReportStep> out;
  if (view_.steps == nullptr) return out;
  const auto modules = by_pattern(view_.tree);
  for (std::size_t s = 0; s < view_.steps->size(); ++s) {
    const CallTrace& t = (*view_.steps)[s];
    ReportStep r{
        .mode = t.step.mode, .sizes = sizes_text(t.step), .ok = t.ok, .refused = t.refused};
    if (!t.ok) r.why = t.stage + ": " + t.error_type + ": " + t.error;
    std::map<std::string, std::size_t> at;
    for (std::size_t c = 0; c < t.calls.size(); ++c) {
      const KernelCall& call = t.calls[c];
      if (!sdk::Launches::is_launch(call) || call.elementwise) continue;
      const auto module = modules.find(call.path);
      const CallCost cost =
          cost_of(call, t.step, module == modules.end() ? nullptr : module->second);
      const auto n = static_cast<double>(call.count);
      const LaunchSums sums{call.count, cost.flops * n, cost.bytes * n};
      r.all += sums;
      if (covered_[s][c] == whole) r.whole += sums;
      if (covered_[s][c] == part) r.part += sums;
      if (covered_[s][c] != none) continue;
      auto [it, fresh] = at.try_emplace(call.function, r.without.size());
      if (fresh) r.without.push_back({call.function, call.role, {}});
      r.without[it->second].sums += sums;
    }
    for (const auto& u : t.unknown) r.unknown.push_back(u.function);
    r.regimes = t.regimes;
    out.push_back(std::move(r));
  }
  return out;
}

}  // namespace kdex
