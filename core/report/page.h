// The report as one HTML page: its data, and the files of core/report/page that show it. No file
// beside it, no request to anywhere.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include <kdex/definition.h>

namespace kdex {

/// What a page says of the report's definitions beside the report itself.
struct PageSources {
  /// The definition of a name; null where the dataset has none.
  std::function<const Definition*(const std::string&)> definition;
  /// What origins_to_json wrote of it; null where there is none.
  std::function<nlohmann::ordered_json(const std::string&)> origins;
};

/// What the page's script reads: models and definitions by number; origins, references and tensors
/// that definitions share stand once.
nlohmann::ordered_json page_data(const nlohmann::ordered_json& report, const PageSources& sources);

/// The page.
std::string page_html(const nlohmann::ordered_json& report, const PageSources& sources);

}  // namespace kdex
