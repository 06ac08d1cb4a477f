// core/report/page.h.
#include "core/report/page.h"

#include <map>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "core/report/page_files.h"
#include "core/report/source_lines.h"

namespace kdex {
namespace {

using Json = nlohmann::ordered_json;

/// Texts that are written once and named by number.
class TextTable {
 public:
  std::size_t put(const std::string& text) {
    const auto [it, fresh] = at_.try_emplace(text, list_.size());
    if (fresh) list_.push_back(text);
    return it->second;
  }
  Json take() { return std::move(list_); }

 private:
  std::unordered_map<std::string, std::size_t> at_;
  Json list_ = Json::array();
};

/// The nodes of all definitions' origins, each distinct tree once: {"k": kind, "t": text, "s":
/// source, "v": value, "i": [inputs]}; 0 is the unknown one.
class OriginTable {
 public:
  explicit OriginTable(SourceLines& sources) : sources_(sources) {
    list_.push_back({{"k", "unknown"}});
  }

  /// The number of each axis' origin.
  std::map<std::string, std::size_t> put(const Json& origins) {
    std::map<std::string, std::size_t> out;
    if (!origins.is_object() || !origins.contains("axes") || !origins.contains("origins"))
      return out;
    nodes_ = &origins["origins"];
    known_.assign(nodes_->size(), 0);
    for (const auto& [name, axis] : origins["axes"].items())
      out[name] = number_of(axis.value("origin", std::size_t{0}));
    return out;
  }

  Json take() { return std::move(list_); }
  Json take_lines() { return std::move(lines_); }

 private:
  std::size_t number_of(std::size_t id) {
    if (id == 0 || id >= nodes_->size()) return 0;
    if (known_[id] != 0) return known_[id] == kVisited ? 0 : known_[id];
    known_[id] = kVisited;
    const Json& o = (*nodes_)[id];
    Json node = {{"k", o.value("kind", "unknown")}};
    if (o.contains("way")) node["k"] = o["way"];
    if (o.contains("text")) node["t"] = o["text"];
    if (o.contains("source")) node["s"] = o["source"];
    if (o.contains("value")) node["v"] = o["value"];
    if (o.contains("inputs")) {
      node["i"] = Json::array();
      for (const auto& input : o["inputs"])
        node["i"].push_back(number_of(input.get<std::size_t>()));
    }
    const auto [it, fresh] = at_.try_emplace(node.dump(), list_.size());
    if (fresh) add_line(node);
    if (fresh) list_.push_back(std::move(node));
    return known_[id] = it->second;
  }

  void add_line(const Json& node) {
    if (!node.contains("s")) return;
    const std::string place = node["s"];
    if (lines_.contains(place)) return;
    if (std::string text = sources_.text(place); !text.empty()) lines_[place] = std::move(text);
  }

  static constexpr std::size_t kVisited = static_cast<std::size_t>(-1);

  SourceLines& sources_;
  const Json* nodes_ = nullptr;
  std::vector<std::size_t> known_;  // number of a node of the definition at hand
  std::unordered_map<std::string, std::size_t> at_;
  Json list_ = Json::array(), lines_ = Json::object();
};

Json tensors_json(const std::vector<TensorSpec>& tensors) {
  Json out = Json::array();
  for (const auto& t : tensors)
    out.push_back({t.name, t.shape ? Json(*t.shape) : Json(), t.dtype, t.description});
  return out;
}

/// The parts of a definition's file.
void add_content(Json& to, const Definition& d, const std::map<std::string, std::size_t>& origins,
                 TextTable& texts) {
  to["axes"] = Json::array();
  for (const auto& a : d.axes) {
    const auto origin = origins.find(a.name);
    to["axes"].push_back({a.name, a.value ? Json(*a.value) : Json(),
                          origin == origins.end() ? 0 : origin->second, a.description});
  }
  to["tags"] = d.tags;
  to["constraints"] = d.constraints;
  to["description"] = texts.put(d.description);
  to["reference"] = texts.put(d.reference);
  to["inputs"] = texts.put(tensors_json(d.inputs).dump());
  to["outputs"] = texts.put(tensors_json(d.outputs).dump());
}

std::string model_name(const Json& m) {
  return m.at("checkpoint").get<std::string>() + " " + m.at("deployment").get<std::string>();
}

/// A report's models without what the page does not show, their definitions by number.
Json models_json(const Json& report, const std::map<std::string, std::size_t>& numbers) {
  Json out = report.at("models");
  for (auto& m : out) {
    Json definitions = Json::array();
    for (const auto& name : m.at("definitions"))
      if (const auto it = numbers.find(name.get<std::string>()); it != numbers.end())
        definitions.push_back(it->second);
    m["definitions"] = std::move(definitions);
    for (auto& u : m.at("unmatched"))
      for (const char* key : {"origins", "params", "facts", "deployment", "module"}) u.erase(key);
  }
  return out;
}

void replace(std::string& page, const std::string& mark, const std::string& by) {
  const auto at = page.find(mark);
  if (at != std::string::npos) page.replace(at, mark.size(), by);
}

/// JSON within a script element: "<" would let "</script>" end it.
std::string script_text(const Json& json) {
  std::string out;
  for (const char c : json.dump(-1, ' ', false, Json::error_handler_t::replace))
    out += c == '<' ? std::string("\\u003c") : std::string(1, c);
  return out;
}

}  // namespace

Json page_data(const Json& report, const PageSources& sources) {
  std::map<std::string, std::size_t> definition_numbers, model_numbers;
  const Json& definitions = report.at("definitions");
  for (std::size_t i = 0; i < definitions.size(); ++i)
    definition_numbers[definitions[i].at("name").get<std::string>()] = i;
  const Json& models = report.at("models");
  for (std::size_t i = 0; i < models.size(); ++i)
    model_numbers.try_emplace(model_name(models[i]), i);
  TextTable texts;
  SourceLines lines(report.at("run"));
  OriginTable origins(lines);
  Json out = Json::object();
  for (const char* key : {"run", "dataset", "conflicts", "plugins", "errors", "warnings",
                          "suggestions", "deviations", "interrupted", "timings"})
    if (report.contains(key)) out[key] = report[key];
  if (out.contains("timings")) out["timings"].erase("models");
  out["models"] = models_json(report, definition_numbers);
  out["definitions"] = Json::array();
  for (const auto& d : definitions) {
    Json one = d;
    const std::string name = d.at("name");
    one["models"] = Json::array();
    one["earlier"] = Json::array();  // models of runs before
    for (const auto& m : d.at("models"))
      if (const auto it = model_numbers.find(m.get<std::string>()); it != model_numbers.end())
        one["models"].push_back(it->second);
      else
        one["earlier"].push_back(m);
    if (const Definition* content = sources.definition(name))
      add_content(one, *content, origins.put(sources.origins(name)), texts);
    out["definitions"].push_back(std::move(one));
  }
  out["texts"] = texts.take();
  out["origins"] = origins.take();
  out["lines"] = origins.take_lines();
  return out;
}

std::string page_html(const Json& report, const PageSources& sources) {
  std::string page = page_files::html;
  replace(page, "/*STYLE*/", page_files::style);
  replace(page, "/*SCRIPT*/", page_files::script);
  replace(page, "/*DATA*/", script_text(page_data(report, sources)));
  return page;
}

}  // namespace kdex
