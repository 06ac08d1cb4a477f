// core/report/diff_side.h.
#include "core/report/diff_side.h"

#include <algorithm>
#include <filesystem>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/dataset/history.h"
#include "core/definition/json.h"
#include "core/report/report.h"

namespace kdex {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using Lines = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t kMostLines = 8;  // of one axis

std::string text_of(const Json& j, const char* key) {
  const auto it = j.find(key);
  return it != j.end() && it->is_string() ? it->get<std::string>() : "";
}

/// "package/file.py:12:3" -> "package/file.py"
std::string file_of(const std::string& place) { return place.substr(0, place.find(':')); }

/// Whether "a.*.x, a.*.y (decode)" names a path.
bool names(const std::string& what, const std::string& path) {
  for (std::size_t at = what.find(path); !path.empty() && at != std::string::npos;
       at = what.find(path, at + 1)) {
    const std::size_t end = at + path.size();
    if ((at == 0 || what[at - 1] == ' ') &&
        (end == what.size() || what[end] == ',' || what[end] == ' '))
      return true;
  }
  return false;
}

/// Collects the attribute that an origin begins with, and its leaves.
class Walk {
 public:
  Walk(const Json& list, SourceLines& sources) : list_(list), sources_(sources) {}

  Lines lines(std::size_t origin) {
    add(origin);
    visit(origin);
    return std::move(out_);
  }

 private:
  void visit(std::size_t id) {
    if (id >= list_.size() || !seen_.insert(id).second || out_.size() >= kMostLines) return;
    const Json& o = list_[id];
    const auto inputs = o.find("inputs");
    if (inputs == o.end()) return add(id);
    for (const auto& input : *inputs) visit(input.get<std::size_t>());
  }

  void add(std::size_t id) {
    if (id >= list_.size()) return;
    const Json& o = list_[id];
    std::string place = text_of(o, "source");
    if (place.starts_with("/model/")) place.erase(0, 7);  // the checkpoint's folder in the machine
    const std::string kind = text_of(o, "kind"), text = text_of(o, "text");
    std::string words = kind == "way" || kind == "operation" || kind == "form" ? text
                        : kind == "literal" || kind == "unknown"               ? ""
                                                                               : kind + " " + text;
    const auto value = o.find("value");
    if (value != o.end()) words += (words.empty() ? "" : " = ") + value->dump();
    const std::string key = file_of(place) + "|" + words;
    std::string line = place;
    const std::string code = sources_.text(place);
    if (!words.empty()) line += (line.empty() ? "" : "  ") + words;
    if (!code.empty()) line += "    " + code;
    if (line.empty()) return;
    for (const auto& [have, of] : out_)
      if (have == key) return;
    out_.emplace_back(key, line);
  }

  const Json& list_;
  SourceLines& sources_;
  std::set<std::size_t> seen_;
  Lines out_;
};

/// The reason that none of a model's steps ran; "" where one did, or none was tried.
std::string why_no_steps(const Json& model) {
  const auto steps = model.find("steps");
  if (steps == model.end() || !steps->is_array() || steps->empty()) return "";
  for (const auto& step : *steps)
    if (text_of(step, "status") != "failed") return "";
  return one_line(text_of(steps->front(), "why"));
}

}  // namespace

DiffSide::DiffSide(const std::string& path) : path_(path) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    path_ = dataset_of(path);
    is_dataset_ = true;
    index_ = read_index(path_);
    if (index_.by_name.empty())
      throw Error("has no definitions", path_, "give a dataset or a report.json");
    if (const std::string file = report_file(path_); fs::exists(file, error)) take_report(file);
    read_history();
  } else {
    take_report(path);
  }
  sources_.emplace(report_.is_object() ? report_["run"] : Json());
}

void DiffSide::take_report(const std::string& file) {
  report_ = kdex::read_report(file, {"kdex_report", "run", "models", "definitions"},
                              "give a dataset or a report.json");
  for (const auto& d : report_["definitions"])
    told_[text_of(d, "name")] = {text_of(d, "op_type"), text_of(d, "what")};
  for (const auto& m : report_["models"]) {
    const Key key{text_of(m, "checkpoint"), text_of(m, "deployment")};
    Model& model = models_[key];
    reported_[key] = &m;
    if (const std::string status = text_of(m, "status"); status != "ok")
      model.status =
          one_line(status + ": " + text_of(m, "error_type") + ": " + text_of(m, "error"));
    model.no_steps = why_no_steps(m);
    for (const auto& name : m["definitions"]) model.definitions.insert(name.get<std::string>());
  }
}

void DiffSide::read_history() {
  for (const auto& [name, entry] : kdex::read_history(path_).definitions) {
    if (!index_.by_name.contains(name)) continue;
    for (const auto& m : entry.models) {
      const auto space = m.find(' ');
      const Key key{m.substr(0, space), space == std::string::npos ? "" : m.substr(space + 1)};
      // The last run's report says what a model has; the history holds what it ever had.
      if (!reported_.contains(key)) models_[key].definitions.insert(name);
    }
  }
}

const Definition* DiffSide::definition(const std::string& name) const {
  const auto it = index_.by_name.find(name);
  return it == index_.by_name.end() ? nullptr : &it->second;
}

std::string DiffSide::op_type(const std::string& name) const {
  if (const Definition* d = definition(name)) return d->op_type;
  const auto it = told_.find(name);
  return it == told_.end() ? "" : it->second.first;
}

std::string DiffSide::what(const std::string& name) const {
  if (const auto it = told_.find(name); it != told_.end()) return it->second.second;
  return text_of(origins(name), "what");
}

const Json& DiffSide::origins(const std::string& name) const {
  const auto [it, fresh] = origins_.try_emplace(name, Json::object());
  std::error_code error;
  const std::string file = origins_file(path_, name);
  if (!fresh || !is_dataset_ || !fs::exists(file, error)) return it->second;
  try {
    Json j = parse_json(read_file(file), file);
    if (j.is_object() && j.contains("axes") && j.contains("origins") && j["origins"].is_array())
      it->second = std::move(j);
  } catch (const Error&) {  // no lines are told, then
  }
  return it->second;
}

Lines DiffSide::lines(const std::string& name, const std::string& axis) {
  const Json& o = origins(name);
  if (!o.contains("axes") || !o["axes"].contains(axis)) return {};
  return Walk(o["origins"], *sources_).lines(o["axes"][axis].value("origin", std::size_t{0}));
}

std::vector<std::string> DiffSide::axes(const std::string& name) const {
  std::vector<std::string> out;
  if (const Definition* d = definition(name))
    for (const auto& a : d->axes)
      if (a.value) out.push_back(a.name);
  return out;
}

std::vector<std::string> DiffSide::reasons(const Key& model, const std::string& name,
                                           const std::string& what) const {
  std::vector<std::string> out;
  const auto it = reported_.find(model);
  if (it == reported_.end()) return out;
  for (const auto& n : (*it->second)["not_launched"])
    if (text_of(n, "name") == name) out.emplace_back("no step launches it");
  for (const auto& u : (*it->second)["unmatched"]) {
    if (!names(what, text_of(u, "path"))) continue;
    for (const auto& reason : u["reasons"]) out.push_back(reason.get<std::string>());
    if (u["reasons"].empty()) out.push_back("no family knows " + text_of(u, "class"));
  }
  return out;
}

}  // namespace kdex
