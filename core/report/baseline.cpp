// core/report/baseline.h.
#include "core/report/baseline.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include <kdex/error.h>

#include "core/definition/json.h"
#include "core/report/json_parts.h"

namespace kdex {
namespace {

using Json = nlohmann::ordered_json;

double to_three_digits(double share) { return std::round(share * 1000) / 1000; }

/// The engine's words; of an assertion without any, the line itself. Numbers of lines are left out:
/// they change with every release.
std::string refusal_of(const Json& model) {
  std::string text = model.at("error_type").get<std::string>() + ": ";
  const std::string error = model.at("error");
  const Json& where = model.at("where");
  if (!error.empty() || where.empty()) return text + error;
  const std::string last = where.back();
  const auto code = last.find(": ");  // "file.py:183 Class.__init__: assert ..."
  return text + (code == std::string::npos ? last : last.substr(code + 2));
}

Json expected_json(const Baseline::Expected& e) {
  if (!e.refused.empty()) return {{"refused", e.refused}};
  Json j = {
      {"definitions", e.definitions}, {"unmatched", e.unmatched}, {"assumptions", e.assumptions}};
  if (!e.coverage.empty()) j["coverage"] = e.coverage;
  return j;
}

struct Sums {
  double all = 0, covered = 0;
};
using SumsByMeasure = std::map<std::string, Sums>;

void add_step(SumsByMeasure& sums, const Json& step) {
  for (const auto& measure : coverage_measures()) {
    Sums& of = sums[measure];
    of.all += step.at("all").at(measure).get<double>();
    of.covered +=
        step.at("whole").at(measure).get<double>() + step.at("part").at(measure).get<double>();
  }
}

Shares shares_of(const SumsByMeasure& sums) {
  Shares out;
  for (const auto& [measure, of] : sums) out[measure] = of.all > 0 ? of.covered / of.all : 1;
  return out;
}

/// Lines of `"key": value` within braces.
std::string map_text(const std::vector<std::pair<std::string, Json>>& entries) {
  std::string out = "{";
  for (const auto& [key, value] : entries)
    out += (out.size() > 1 ? ",\n    " : "\n    ") + dump_line(Json(key)) + ": " + dump_line(value);
  return out + (out.size() > 1 ? "\n  }" : "}");
}

const Json& part(const Json& of, const char* key, Json::value_t type, const std::string& where) {
  const auto it = of.find(key);
  if (it == of.end() || it->type() != type)
    throw Error(std::string("'") + key + "' is missing or of another type", where,
                "`--update-baseline` writes the file anew");
  return *it;
}

std::int64_t count(const Json& of, const char* key, const std::string& where) {
  const auto it = of.find(key);
  if (it == of.end() || !it->is_number_integer())
    throw Error(std::string("'") + key + "' must be an integer", where);
  return it->get<std::int64_t>();
}

Baseline::Expected expected_from(const Json& j, const std::string& where) {
  Baseline::Expected e;
  if (!j.is_object()) throw Error("must be an object", where);
  if (const auto it = j.find("refused"); it != j.end()) {
    if (!it->is_string() || it->get<std::string>().empty())
      throw Error("'refused' must be a text", where);
    e.refused = it->get<std::string>();
    return e;
  }
  e.definitions = count(j, "definitions", where);
  e.unmatched = count(j, "unmatched", where);
  e.assumptions = count(j, "assumptions", where);
  if (!j.contains("coverage")) return e;
  for (const auto& measure : coverage_measures()) {
    const Json& shares = j["coverage"];
    if (!shares.is_object() || !shares.contains(measure) || !shares[measure].is_number())
      throw Error("'coverage' must hold numbers for launches, bytes and flops", where);
    e.coverage[measure] = shares[measure].get<double>();
  }
  return e;
}

}  // namespace

const std::vector<std::string>& coverage_measures() {
  static const std::vector<std::string> measures = {"launches", "bytes", "flops"};
  return measures;
}

std::map<std::string, Shares> coverage_of(const Json& report) {
  std::map<std::string, SumsByMeasure> sums;
  for (const auto& m : report.at("models"))
    for (const auto& s : m.at("steps"))
      if (s.at("status") == "ok") add_step(sums[s.at("mode")], s);
  std::map<std::string, Shares> out;
  for (const auto& [mode, of] : sums) out[mode] = shares_of(of);
  return out;
}

Baseline baseline_of(const Json& report) {
  Baseline out;
  for (const auto& m : report.at("models")) {
    if (m.at("status") == "failed") continue;
    Baseline::Expected e;
    if (m.at("status") == "refused") {
      e.refused = refusal_of(m);
    } else {
      e.definitions = static_cast<std::int64_t>(m.at("definitions").size());
      for (const auto& u : m.at("unmatched")) e.unmatched += u.at("count").get<std::int64_t>();
      e.assumptions = static_cast<std::int64_t>(m.at("assumptions").size());
      SumsByMeasure sums;
      for (const auto& s : m.at("steps"))
        if (s.at("status") == "ok") add_step(sums, s);
      e.coverage = shares_of(sums);
      for (auto& [measure, share] : e.coverage) share = to_three_digits(share);
    }
    // One deployment text may stand for several jobs, which differ in the modes that are served.
    std::string name =
        m.at("checkpoint").get<std::string>() + " " + m.at("deployment").get<std::string>();
    const std::string first = name;
    for (int n = 2; out.deployments.contains(name); ++n)
      name = first + " (" + std::to_string(n) + ")";
    out.deployments[name] = std::move(e);
  }
  for (const auto& c : report.at("conflicts")) out.conflicts.insert(c.at("name"));
  return out;
}

Baseline updated(Baseline old, const Baseline& fresh) {
  for (const auto& [name, expected] : fresh.deployments) old.deployments[name] = expected;
  old.conflicts.insert(fresh.conflicts.begin(), fresh.conflicts.end());
  return old;
}

std::string baseline_text(const Baseline& b) {
  std::vector<std::pair<std::string, Json>> deployments;
  for (const auto& [name, e] : b.deployments) deployments.emplace_back(name, expected_json(e));
  std::string conflicts;
  for (const auto& name : b.conflicts)
    conflicts += (conflicts.empty() ? "\n    " : ",\n    ") + dump_line(Json(name));
  if (!conflicts.empty()) conflicts += "\n  ";
  return "{\n  \"kdex_baseline\": 1,\n  \"deployments\": " + map_text(deployments) +
         ",\n  \"conflicts\": [" + conflicts + "]\n}\n";
}

Baseline baseline_from(const std::string& text, const std::string& where) {
  const Json j = parse_json(text, where);
  if (!j.is_object() || !j.contains("kdex_baseline") || j["kdex_baseline"] != 1)
    throw Error("is not a baseline: it has no \"kdex_baseline\": 1", where,
                "`--update-baseline` writes one");
  Baseline out;
  for (const auto& [name, e] : part(j, "deployments", Json::value_t::object, where).items())
    out.deployments[name] = expected_from(e, where + ": " + name);
  for (const auto& name : part(j, "conflicts", Json::value_t::array, where)) {
    if (!name.is_string()) throw Error("'conflicts' must be a list of names", where);
    out.conflicts.insert(name.get<std::string>());
  }
  return out;
}

}  // namespace kdex
