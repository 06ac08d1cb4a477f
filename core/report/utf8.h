// Text of the engine or of files for JSON. Private to core/report.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/report/json_parts.h"

namespace kdex {

/// What may not be UTF-8 becomes UTF-8.
inline std::string clean(const std::string& s) {
  using Json = nlohmann::ordered_json;
  try {
    return Json::parse(dump_line(Json(s))).get<std::string>();
  } catch (const Json::exception&) {
    return "";
  }
}

}  // namespace kdex
