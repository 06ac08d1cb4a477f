// Implementation of core/report/json_parts.h.
#include "core/report/json_parts.h"

#include <cmath>

namespace kdex {
namespace {

using Json = nlohmann::ordered_json;
using Kind = Value::Kind;

}  // namespace

nlohmann::ordered_json regime_json(const Regime& r) {
  return {{"condition", r.text()},
          {"holds", r.holds},
          {"value", r.value},
          {"count", r.count},
          {"where", place_text(r.where)}};
}

std::string place_text(const SourcePlace& p) {
  return p.file.empty() ? "" : p.file + ":" + std::to_string(p.line);
}

Json value_json(const Value& v, int depth) {
  switch (v.kind) {
    case Kind::none:
      return nullptr;
    case Kind::boolean:
      return v.i != 0;
    case Kind::integer:
      return v.i;
    case Kind::real:
      if (std::isnan(v.f)) return "nan";
      if (std::isinf(v.f)) return v.f > 0 ? "inf" : "-inf";
      return v.f;
    case Kind::list: {
      Json out = Json::array();
      if (depth < 8)
        for (const auto& item : v.items) out.push_back(value_json(item, depth + 1));
      return out;
    }
    case Kind::tensor: {
      std::string s = "Tensor[";
      for (std::size_t i = 0; i < v.items.size(); ++i)
        s += (i ? ", " : "") + std::to_string(v.items[i].i);
      return s + "]:" + v.s;
    }
    case Kind::object: {
      Json attrs = Json::object();
      if (depth < 8)
        for (const auto& [name, value] : v.attrs) attrs[name] = value_json(value, depth + 1);
      return {{"class", v.s}, {"attrs", std::move(attrs)}};
    }
    case Kind::unknown:
      return {{"class", "unknown"}, {"attrs", {{"reason", v.s}}}};
    default:
      return v.s;
  }
}

Json log_json(const std::vector<LogLine>& log) {
  Json out = Json::array();
  for (const auto& line : log) {
    const std::string place = place_text(line.place);
    out.push_back({{"level", line.level},
                   {"source", place.empty() ? Json(nullptr) : Json(place)},
                   {"text", line.text},
                   {"count", line.count}});
  }
  return out;
}

Json changed_json(const std::vector<ChangedArgument>& changed) {
  Json out = Json::array();
  for (const auto& c : changed)
    out.push_back({{"name", c.name}, {"asked", c.asked}, {"resolved", c.resolved}});
  return out;
}

std::string dump_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace kdex
