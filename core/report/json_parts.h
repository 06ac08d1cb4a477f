// Values and what the engine said, as JSON: the parts that report.json and `kdex modules` share.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <kdex/kernel_calls.h>
#include <kdex/module_tree.h>

namespace kdex {

/// A value without its origins. `depth`: how deep in others it lies; 8 deep is the end.
nlohmann::ordered_json value_json(const Value& value, int depth = 0);
/// [{"level", "source": "file:line" or null, "text", "count"}]
nlohmann::ordered_json log_json(const std::vector<LogLine>& log);
/// [{"name", "asked", "resolved"}]
nlohmann::ordered_json changed_json(const std::vector<ChangedArgument>& changed);
/// {"condition", "holds", "value", "count", "where": "file:line"}
nlohmann::ordered_json regime_json(const Regime& regime);
/// "file:line"; empty where it is not known.
std::string place_text(const SourcePlace& place);
/// What is JSON as one line; bytes that are not UTF-8 are replaced.
std::string dump_line(const nlohmann::ordered_json& json);

}  // namespace kdex
