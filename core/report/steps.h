// What the report says of the steps of a model's forward: how much of what they launch has a
// definition.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/report/report.h"

namespace kdex {

/// Of each step {"mode", "sizes", "status", "why", "all", "whole", "part", "without": [...],
/// "unknown"}; sums are {"launches", "flops", "bytes"}; "why" only where it did not run.
nlohmann::ordered_json steps_json(const ReportModel& m);

/// Of each definition that no step launches {"name", "what"}.
nlohmann::ordered_json not_launched_json(const ReportModel& m);

/// A line a mode: which share of launches and bytes has a definition, over all models; then how
/// many definitions no step launches. "" where forward was not run.
std::string steps_summary(const Report& report);

}  // namespace kdex
