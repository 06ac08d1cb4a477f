// Text of the engine or of files for JSON. Private to core/report.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace kdex {

/// What may not be UTF-8 becomes UTF-8.
inline std::string clean(const std::string& s) {
  using Json = nlohmann::ordered_json;
  try {
    return Json::parse(Json(s).dump(-1, ' ', false, Json::error_handler_t::replace))
        .get<std::string>();
  } catch (const Json::exception&) {
    return "";
  }
}

}  // namespace kdex
