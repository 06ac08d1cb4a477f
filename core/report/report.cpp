// Implementation of core/report/report.h: JSON and table.
#include "core/report/report.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/definition/json.h"
#include "core/report/json_parts.h"
#include "core/report/steps.h"
#include "core/report/unmatched.h"
#include "core/report/utf8.h"

namespace kdex {
namespace {

using Json = nlohmann::ordered_json;

Json place_json(const SourcePlace& p) {
  return p.file.empty() ? Json(nullptr) : Json(p.file + ":" + std::to_string(p.line));
}
double rounded(double seconds) { return std::round(seconds * 1000) / 1000; }

Json model_json(const ReportModel& m) {
  Json j = {
      {"checkpoint", clean(m.checkpoint)}, {"deployment", m.deployment}, {"status", m.status()}};
  if (m.ok) {
    j["architecture"] = clean(m.architecture);
    j["model_class"] = clean(m.model_class);
    j["dtype"] = m.dtype;
    j["quantization"] = m.quantization;
    j["modules"] = m.modules;
  } else {
    j["stage"] = m.stage;
    j["error_type"] = clean(m.error_type);
    j["error"] = clean(m.error);
    Json where = Json::array();
    for (const auto& line : m.where) where.push_back(clean(line));
    j["where"] = where;
  }
  j["resolved"] = Json::object();
  for (const auto& [name, value] : m.resolved) j["resolved"][clean(name)] = value_json(value);
  j["changed"] = changed_json(m.changed);
  j["log"] = log_json(m.log);
  j["remarks"] = m.remarks;
  for (const char* key : {"resolved", "changed", "log", "remarks"})
    j[key] = Json::parse(dump_line(j[key]));
  j["definitions"] = m.definitions;
  j["unmatched"] = Json::array();
  for (const auto& u : m.unmatched) j["unmatched"].push_back(unmatched_json(u, m.deployment));
  j["steps"] = steps_json(m);
  j["not_launched"] = not_launched_json(m);
  j["assumptions"] = Json::array();
  for (const auto& a : m.assumptions)
    j["assumptions"].push_back({{"source", place_json(a.place)},
                                {"condition", clean(a.condition)},
                                {"reason", clean(a.reason)},
                                {"taken", a.taken}});
  j["unknowns"] = m.unknowns;
  j["notes"] = Json::array();
  for (const auto& n : m.notes)
    j["notes"].push_back({{"family", n.family},
                          {"path", clean(n.path)},
                          {"text", clean(n.text)},
                          {"source", place_json(n.place)}});
  return j;
}

Json differences_json(const std::vector<Difference>& differences) {
  const auto value = [](const std::optional<std::string>& v) {
    return v ? Json(clean(*v)) : Json(nullptr);
  };
  Json out = Json::array();
  for (const auto& d : differences)
    out.push_back({{"part", d.part},
                   {"name", clean(d.name)},
                   {"dataset", value(d.dataset)},
                   {"found", value(d.found)}});
  return out;
}

Json texts_json(const RunRecord::Texts& texts) {
  Json out = Json::object();
  for (const auto& [key, text] : texts) out[clean(key)] = Json::parse(text, nullptr, false);
  return out;
}

Json run_json(const RunRecord& r) {
  Json sources = Json::array();
  for (const auto& s : r.sources)
    sources.push_back({{"package", clean(s.name)},
                       {"version", clean(s.version)},
                       {"commit", clean(s.commit)},
                       {"folder", clean(s.folder)},
                       {"given", s.given.empty() ? Json(nullptr) : Json(clean(s.given))},
                       {"files", s.files},
                       {"sha256", s.sha256}});
  return {{"id", r.id},
          {"kdex", r.kdex},
          {"started", r.started},
          {"engine", r.engine},
          {"sources", std::move(sources)},
          {"pipeline", texts_json(r.settings)},
          {"platforms", texts_json(r.platforms)}};
}

Json history_json(const Report& r) {
  Json definitions = Json::object();
  for (const auto& [name, kept] : r.kept) {
    Json models = Json::array();
    for (const auto& m : kept.models) models.push_back(clean(m));
    definitions[name] = {
        {"written_by", kept.written_by.empty() ? Json(nullptr) : Json(kept.written_by)},
        {"models", std::move(models)}};
  }
  return {{"runs", r.runs}, {"definitions", std::move(definitions)}};
}

std::string cell(std::string s, std::size_t width) {
  if (s.size() > width) s = s.substr(0, width - 1) + "~";
  return s + std::string(width - s.size(), ' ');
}

}  // namespace

bool Report::has_errors() const {
  return interrupted || !errors.empty() ||
         std::any_of(models.begin(), models.end(),
                     [](const ReportModel& m) { return !m.ok && !m.refused; }) ||
         std::any_of(definitions.begin(), definitions.end(),
                     [](const ReportDefinition& d) { return d.status == "invalid"; }) ||
         std::any_of(plugins.begin(), plugins.end(),
                     [](const Plugin& p) { return !p.refused.empty(); });
}

Json report_json(const Report& r) {
  Json j = {{"kdex_report", 1}, {"run", run_json(r.run)}, {"dataset", clean(r.dataset)}};
  for (const char* key :
       {"new_definitions", "existing_definitions", "conflicts", "invalid_definitions"})
    j[key] = Json::array();
  j["shared_across_models"] = Json::object();
  for (const auto& d : r.definitions) {
    if (d.status == "new") j["new_definitions"].push_back(d.name);
    if (d.status == "existing") j["existing_definitions"].push_back(d.name);
    if (d.status == "invalid") j["invalid_definitions"].push_back(d.name);
    if (d.status == "conflict")
      j["conflicts"].push_back({{"name", d.asked},
                                {"saved_as", d.name},
                                {"fields", differing_parts(d.differences)},
                                {"differences", differences_json(d.differences)}});
  }
  for (const auto& [name, checkpoints] : r.shared) {
    Json list = Json::array();
    for (const auto& c : checkpoints) list.push_back(clean(c));
    j["shared_across_models"][name] = std::move(list);
  }
  j["history"] = history_json(r);
  j["definitions"] = Json::array();
  for (const auto& d : r.definitions) {
    Json one = {{"name", d.name}, {"op_type", d.op_type}, {"status", d.status},
                {"file", d.file}, {"family", d.family},   {"what", clean(d.what)}};
    one["models"] = Json::array();
    for (const auto& m : d.models) one["models"].push_back(clean(m));
    one["modes"] = d.modes;
    if (!d.like.empty()) one["same_signature_as"] = d.like;
    if (!d.differences.empty()) one["differences"] = differences_json(d.differences);
    j["definitions"].push_back(std::move(one));
  }
  j["models"] = Json::array();
  for (const auto& m : r.models) j["models"].push_back(model_json(m));
  j["plugins"] = Json::array();
  for (const auto& p : r.plugins) {
    Json one = {{"name", p.name}, {"version", p.version}, {"library", clean(p.library)}};
    if (!p.refused.empty()) one["refused"] = clean(p.refused);
    j["plugins"].push_back(std::move(one));
  }
  for (const auto& [key, list] :
       {std::pair{"errors", &r.errors}, std::pair{"warnings", &r.warnings},
        std::pair{"suggestions", &r.suggestions}}) {
    j[key] = Json::array();
    for (const auto& line : *list) j[key].push_back(clean(line));
  }
  j["deviations"] = Json::array();
  j["interrupted"] = r.interrupted;
  Json timings = {{"seconds", rounded(r.seconds)},
                  {"save_seconds", rounded(r.save_seconds)},
                  {"jobs", r.jobs},
                  {"models", Json::array()}};
  for (const auto& m : r.models)
    timings["models"].push_back({{"checkpoint", clean(m.checkpoint)},
                                 {"deployment", m.deployment},
                                 {"parse_seconds", rounded(m.parse_seconds)},
                                 {"run_seconds", rounded(m.run_seconds)},
                                 {"python_calls", m.python_calls}});
  j["timings"] = std::move(timings);
  return j;
}

std::string report_to_json(const Report& r) { return dump_json(report_json(r)); }

Json read_report(const std::string& file, const std::vector<std::string>& keys,
                 const std::string& hint) {
  Json report = parse_json(read_file(file), file);
  for (const auto& key : keys)
    if (!report.is_object() || !report.contains(key))
      throw Error("is not a report: it has no '" + key + "'", file, hint);
  return report;
}

std::string report_to_table(const Report& r) {
  std::string out = cell("checkpoint", 42) + cell("deployment", 16) + cell("definitions", 13) +
                    cell("unmatched", 11) + cell("assumed", 9) + cell("unknowns", 10) + "seconds\n";
  for (const auto& m : r.models) {
    out += cell(m.checkpoint, 41) + " " + cell(m.deployment, 15) + " ";
    if (!m.ok) {
      std::string why = m.error_type + ": " + m.error;
      if (m.error.empty() && !m.where.empty()) why += m.where.back();
      std::replace_if(
          why.begin(), why.end(), [](unsigned char c) { return c < ' '; }, ' ');
      out += std::string(m.refused ? "refused by the engine: " : "kdex failed: ") +
             (why.size() > 200 ? why.substr(0, 200) + "..." : why) + "\n";
      continue;
    }
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%.2f", m.run_seconds + m.parse_seconds);
    out += cell(std::to_string(m.definitions.size()), 13) +
           cell(std::to_string(m.unmatched.size()), 11) +
           cell(std::to_string(m.assumptions.size()), 9) + cell(std::to_string(m.unknowns), 10) +
           seconds + "\n";
  }
  std::map<std::string, std::map<std::string, int>> by_type;
  std::map<std::string, int> total;
  for (const auto& d : r.definitions) {
    ++by_type[d.op_type][d.status];
    ++total[d.status];
  }
  out += "\n" + cell("op type", 24) + cell("new", 7) + cell("existing", 10) + cell("conflict", 10) +
         "invalid\n";
  auto line = [&](const std::string& name, std::map<std::string, int>& n) {
    out += cell(name, 24) + cell(std::to_string(n["new"]), 7) +
           cell(std::to_string(n["existing"]), 10) + cell(std::to_string(n["conflict"]), 10) +
           std::to_string(n["invalid"]) + "\n";
  };
  for (auto& [type, n] : by_type) line(type, n);
  line("all", total);
  out += steps_summary(r);
  if (const std::string layers = unmatched_summary(r); !layers.empty()) out += layers + "\n";
  for (const auto& d : r.definitions)
    if (d.status == "conflict") {
      out += "conflict: " + d.asked + " is kept as " + d.name + "\n";
      for (const auto& one : d.differences) out += "  " + clean(difference_text(one)) + "\n";
    }
  for (const auto& p : r.plugins)
    if (!p.refused.empty()) out += "plugin refused: " + p.library + ": " + p.refused + "\n";
  for (const auto& w : r.warnings) out += "warning: " + w + "\n";
  for (const auto& e : r.errors) out += "error: " + e + "\n";
  for (const auto& s : r.suggestions) out += "hint: " + s + "\n";
  return out;
}

}  // namespace kdex
