// FlashInfer-Bench's rules for Definition, Solution, Workload and Trace, each finding with its
// field. Knows the JSON forms only; that a reference is Python is asked of core/source.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include <kdex/definition.h>

namespace kdex {

struct Problem {
  std::string where;  // "axes.num_qo_heads.value"; the caller puts the file before it
  std::string what;
};

/// Empty where the definition is one that FlashInfer-Bench loads.
std::vector<Problem> check_definition(const Definition& definition);

/// A Solution's JSON.
std::vector<Problem> check_solution(const nlohmann::ordered_json& solution);

/// One line of workloads/*.jsonl or traces/*.jsonl. With `definition` its axes and inputs are held
/// against it; `workload_only`: solution and evaluation must be unset.
std::vector<Problem> check_trace(const nlohmann::ordered_json& trace, const Definition* definition,
                                 bool workload_only);

/// A name that may become a file or folder: letters, digits, '_', '-', '.', '+', not starting with
/// '.', at most 200 bytes.
bool is_safe_name(const std::string& name);

}  // namespace kdex
