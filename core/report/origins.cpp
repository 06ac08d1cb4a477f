// The origins of a definition's axes: pruned and numbered for the file, and printed as trees.
#include <functional>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "core/error.h"
#include "core/report/report.h"

namespace kdex {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t most_origins = 2000;  // of one definition
constexpr int most_depth = 60;

const char* kind_name(Origin::Kind k) {
  switch (k) {
    case Origin::Kind::config_field: return "config";
    case Origin::Kind::deployment: return "deployment";
    case Origin::Kind::literal: return "literal";
    case Origin::Kind::operation: return "operation";
    case Origin::Kind::platform: return "platform";
    default: return "unknown";
  }
}

}  // namespace

Json origins_to_json(const Definition& definition, const std::vector<Origin>& origins) {
  Json list = Json::array({Json({{"kind", "unknown"}})});
  std::unordered_map<OriginId, std::size_t> number;
  std::function<std::size_t(OriginId, int)> put = [&](OriginId id, int depth) -> std::size_t {
    if (id == 0 || id >= origins.size() || depth > most_depth || list.size() >= most_origins) return 0;
    if (auto it = number.find(id); it != number.end()) return it->second;
    const Origin& o = origins[id];
    std::size_t at = list.size();
    number[id] = at;
    Json j = {{"kind", kind_name(o.kind)}, {"text", o.text}};
    if (!o.file.empty()) j["source"] = o.line > 0 ? o.file + ":" + std::to_string(o.line) : o.file;
    if (o.has_value) j["value"] = o.value;
    list.push_back(j);
    if (!o.inputs.empty()) {
      Json inputs = Json::array();
      for (OriginId input : o.inputs) inputs.push_back(put(input, depth + 1));
      list[at]["inputs"] = std::move(inputs);
    }
    return at;
  };
  Json axes = Json::object();
  for (const auto& a : definition.axes)
    if (a.value) axes[a.name] = {{"value", *a.value}, {"origin", put(a.origin, 0)}};
  return {{"axes", std::move(axes)}, {"origins", std::move(list)}};
}

std::string explain_text(const Json& j) {
  std::string out;
  try {
    const Json& origins = j.at("origins");
    for (const auto& [name, axis] : j.at("axes").items()) {
      out += "  " + name + " = " + std::to_string(axis.at("value").get<std::int64_t>()) + "\n";
      std::vector<bool> shown(origins.size(), false);
      std::function<void(std::size_t, const std::string&, bool, int)> print = [&](std::size_t id, const std::string& indent, bool last, int depth) {
        const Json& o = origins.at(id);
        std::string kind = o.at("kind").get<std::string>(), text = o.value("text", ""), source = o.value("source", "");
        std::string line = indent + (last ? "`- " : "|- ");
        if (id == 0) {
          out += line + "not known\n";
          return;
        }
        if (kind == "config") line += "config field " + text;
        if (kind == "deployment") line += "deployment setting " + text;
        if (kind == "literal") line += "written as " + text;
        if (kind == "operation") line += text;
        if (kind == "platform") line += "platform fact " + text;
        if (o.contains("value")) line += " = " + std::to_string(o["value"].get<std::int64_t>());
        if (!source.empty()) line += "   " + source;
        bool again = shown.at(id) && o.contains("inputs");
        shown[id] = true;
        out += line + (again ? "   (as above)" : "") + "\n";
        if (again || depth > most_depth || !o.contains("inputs")) return;
        const Json& inputs = o["inputs"];
        for (std::size_t i = 0; i < inputs.size(); ++i)
          print(inputs[i].get<std::size_t>(), indent + (last ? "   " : "|  "), i + 1 == inputs.size(), depth + 1);
      };
      print(axis.at("origin").get<std::size_t>(), "  ", true, 0);
    }
  } catch (const Json::exception&) {
    throw Error("the origins are not of the form that kdex writes", "", "run the pipeline again");
  }
  return out;
}

}  // namespace kdex
