// The origins of a definition's axes: pruned and numbered for the file.
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <unordered_map>

#include "core/report/report.h"

namespace kdex {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t most_origins = 2000;  // of one definition

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
    case Origin::Kind::way:
      return "way";
    default:
      return "unknown";
  }
}

const char* way_name(Origin::Way w) {
  switch (w) {
    case Origin::Way::constant:
      return "constant";
    case Origin::Way::class_attribute:
      return "class attribute";
    case Origin::Way::default_value:
      return "default";
    case Origin::Way::attribute:
      return "attribute";
    case Origin::Way::entry:
      return "entry";
    default:
      return "";
  }
}

std::string source_of(const Origin& o) {
  std::string out = o.file;
  if (!out.empty() && o.line > 0) out += ":" + std::to_string(o.line);
  if (!out.empty() && o.column > 0) out += ":" + std::to_string(o.column);
  return out;
}

Json described(const Origin& o) {
  Json j = {{"kind", kind_name(o.kind)}};
  if (o.way != Origin::Way::none) j["way"] = way_name(o.way);
  if (!o.text.empty()) j["text"] = o.text;
  if (const std::string source = source_of(o); !source.empty()) j["source"] = source;
  if (o.has_value) j["value"] = o.value;
  if (o.has_real && std::isfinite(o.real)) j["value"] = o.real;
  return j;
}

}  // namespace

Json origins_to_json(const Definition& definition, const std::vector<Origin>& origins) {
  Json list = Json::array({Json({{"kind", "unknown"}})});
  std::unordered_map<OriginId, std::size_t> number;
  std::function<std::size_t(OriginId, int)> put = [&](OriginId id, int depth) -> std::size_t {
    if (id == 0 || id >= origins.size() || depth > most_origin_depth || list.size() >= most_origins)
      return 0;
    if (auto it = number.find(id); it != number.end()) return it->second;
    const Origin& o = origins[id];
    const std::size_t at = list.size();
    number[id] = at;
    list.push_back(described(o));
    Json inputs = Json::array();
    for (OriginId input : o.inputs) inputs.push_back(put(input, depth + 1));
    if (!inputs.empty()) list[at]["inputs"] = std::move(inputs);
    return at;
  };
  Json axes = Json::object();
  for (const auto& a : definition.axes) {
    if (!a.value) continue;
    std::size_t from = put(a.origin, 0);
    if (!a.setting.empty() && from == 0) {  // not told by the engine
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

}  // namespace kdex
