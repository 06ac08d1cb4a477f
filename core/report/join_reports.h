// The report of a run that was interrupted and the report of the run that went on with it, as one.
// Knows reports as JSON only.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

namespace kdex {

/// "checkpoint", "tp8 ep1": a model of a report.
using ModelName = std::pair<std::string, std::string>;

/// `later` with what `earlier` found in models that it has not. `order`: the models of the whole
/// run. What was new in `earlier` is new in the whole. Run, history and plugins are the later's,
/// which names the earlier run under "resumes".
nlohmann::ordered_json join_reports(const nlohmann::ordered_json& earlier,
                                    nlohmann::ordered_json later,
                                    const std::vector<ModelName>& order);

}  // namespace kdex
