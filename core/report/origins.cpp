// The origins of a definition's axes: pruned and numbered for the file, and printed as trees.
#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <unordered_map>

#include <kdex/error.h>

#include "core/report/report.h"

namespace kdex {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t most_origins = 2000;  // of one definition
constexpr int most_depth = 60;

const char* kind_name(Origin::Kind k) {
  switch (k) {
    case Origin::Kind::config_field:
      return "config";
    case Origin::Kind::deployment:
      return "deployment";
    case Origin::Kind::literal:
      return "literal";
    case Origin::Kind::operation:
      return "operation";
    case Origin::Kind::platform:
      return "platform";
    default:
      return "unknown";
  }
}

/// The value of an operation on two integers, where it is one of Python's that are told by its
/// sign.
std::optional<std::int64_t> value_of(const std::string& op, std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  if (op == "+") return __builtin_add_overflow(a, b, &out) ? std::nullopt : std::optional(out);
  if (op == "-") return __builtin_sub_overflow(a, b, &out) ? std::nullopt : std::optional(out);
  if (op == "*") return __builtin_mul_overflow(a, b, &out) ? std::nullopt : std::optional(out);
  if (op == "//" && a >= 0 && b > 0) return a / b;
  if (op == "%" && a >= 0 && b > 0) return a % b;
  if (op == "max") return std::max(a, b);
  if (op == "min") return std::min(a, b);
  return std::nullopt;
}

}  // namespace

Json origins_to_json(const Definition& definition, const std::vector<Origin>& origins) {
  Json list = Json::array({Json({{"kind", "unknown"}})});
  std::unordered_map<OriginId, std::size_t> number;
  std::function<std::size_t(OriginId, int)> put = [&](OriginId id, int depth) -> std::size_t {
    if (id == 0 || id >= origins.size() || depth > most_depth || list.size() >= most_origins)
      return 0;
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
      if (!o.has_value && inputs.size() == 2) {
        const Json &a = list[inputs[0].get<std::size_t>()], &b = list[inputs[1].get<std::size_t>()];
        if (a.contains("value") && b.contains("value"))
          if (auto v =
                  value_of(o.text, a["value"].get<std::int64_t>(), b["value"].get<std::int64_t>()))
            list[at]["value"] = *v;
      }
      list[at]["inputs"] = std::move(inputs);
    }
    return at;
  };
  Json axes = Json::object();
  for (const auto& a : definition.axes) {
    if (!a.value) continue;
    std::size_t from = put(a.origin, 0);
    if (!a.setting.empty()) {
      list.push_back({{"kind", "deployment"}, {"text", a.setting}, {"value", *a.value}});
      from = list.size() - 1;
    }
    if (!a.rule.empty()) {
      list.push_back({{"kind", "form"}, {"text", a.rule}, {"value", *a.value}});
      if (from != 0) list.back()["inputs"] = {from};
      from = list.size() - 1;
    }
    axes[a.name] = {{"value", *a.value}, {"origin", from}};
  }
  return {{"axes", std::move(axes)}, {"origins", std::move(list)}};
}

std::string explain_text(const Json& j) {
  std::string out;
  try {
    const Json& origins = j.at("origins");
    for (const auto& [name, axis] : j.at("axes").items()) {
      out += "  " + name + " = " + std::to_string(axis.at("value").get<std::int64_t>()) + "\n";
      std::vector<bool> shown(origins.size(), false);
      std::function<void(std::size_t, const std::string&, bool, int)> print =
          [&](std::size_t id, const std::string& indent, bool last, int depth) {
            const Json& o = origins.at(id);
            std::string kind = o.at("kind").get<std::string>(), text = o.value("text", ""),
                        source = o.value("source", "");
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
            if (kind == "form") line += (o.contains("inputs") ? "" : "the form: ") + text;
            if (o.contains("value") &&
                !(kind == "literal" && text == std::to_string(o["value"].get<std::int64_t>())))
              line += " = " + std::to_string(o["value"].get<std::int64_t>());
            if (source.starts_with("/model/"))
              source.erase(0, 7);  // the folder of the checkpoint in the machine
            if (!source.empty()) line += "   " + source;
            bool again = shown.at(id) && o.contains("inputs");
            shown[id] = true;
            out += line + (again ? "   (as above)" : "") + "\n";
            if (again || depth > most_depth || !o.contains("inputs")) return;
            const Json& inputs = o["inputs"];
            for (std::size_t i = 0; i < inputs.size(); ++i)
              print(inputs[i].get<std::size_t>(), indent + (last ? "   " : "|  "),
                    i + 1 == inputs.size(), depth + 1);
          };
      print(axis.at("origin").get<std::size_t>(), "  ", true, 0);
    }
  } catch (const Json::exception&) {
    throw Error("the origins are not of the form that kdex writes", "", "run the pipeline again");
  }
  return out;
}

}  // namespace kdex
