// Implementation of core/dataset/coverage.h.
#include "core/dataset/coverage.h"

#include <algorithm>

namespace kdex {
namespace {

constexpr std::size_t kNamed = 3;  // definitions that a line names

std::size_t missing(const std::set<std::string>& all, const std::set<std::string>& covered) {
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [&](const std::string& uuid) { return !covered.contains(uuid); }));
}

std::string of(std::size_t a, std::size_t b) {
  return std::to_string(a) + "/" + std::to_string(b) + " workloads";
}

void add_descriptions(const Definition& d, std::vector<Warning>& out) {
  const auto missing_at = [&](const std::string& where, const std::string& description) {
    if (description.empty()) out.push_back({d.name, "definition", "missing description" + where});
  };
  missing_at("", d.description);
  for (const auto& a : d.axes) missing_at(": axes." + a.name, a.description);
  for (const auto& t : d.inputs) missing_at(": inputs." + t.name, t.description);
  for (const auto& t : d.outputs) missing_at(": outputs." + t.name, t.description);
}

void add_baseline(const std::string& name, const Coverage& c, std::vector<Warning>& out) {
  const auto add = [&](const std::string& text) { out.push_back({name, "baseline", text}); };
  if (c.baselines.empty()) add("no baseline solution");
  const auto traces = c.traces.find("baseline");
  if (traces == c.traces.end()) {
    if (!c.baselines.empty()) add("trace missing");
    return;
  }
  const AuthorTraces& t = traces->second;
  if (t.failed > 0) add("trace has " + std::to_string(t.failed) + " non-passing entries");
  if (missing(c.workloads, t.workloads) > 0)
    add("trace covers " + of(t.workloads.size(), c.workloads.size()));
}

}  // namespace

std::vector<Warning> warnings_of(const Definition& d, const Coverage& c) {
  std::vector<Warning> out;
  add_descriptions(d, out);
  if (!c.has_workload_file) out.push_back({d.name, "workload", "no workload file found"});
  for (const auto& [author, t] : c.traces)
    if (const auto n = missing(c.workloads, t.workloads); n > 0 && !t.workloads.empty())
      out.push_back({d.name, "trace", author + " missing " + of(n, c.workloads.size())});
  add_baseline(d.name, c, out);
  return out;
}

std::vector<std::string> warning_lines(const std::vector<Warning>& warnings) {
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  std::map<std::string, std::size_t> at;
  for (const auto& w : warnings) {
    const std::string text = w.check + ": " + w.message;
    const auto [it, fresh] = at.try_emplace(text, groups.size());
    if (fresh) groups.push_back({text, {}});
    groups[it->second].second.push_back(w.definition);
  }
  std::vector<std::string> out;
  for (const auto& [text, names] : groups) {
    std::string line = "warning: " + text + " (";
    for (std::size_t i = 0; i < names.size() && i < kNamed; ++i) line += (i ? ", " : "") + names[i];
    if (names.size() > kNamed)
      line += " and " + std::to_string(names.size() - kNamed) + " more definitions";
    out.push_back(line + ")");
  }
  return out;
}

}  // namespace kdex
