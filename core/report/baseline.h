// What a run is expected to find: of each deployment whether the engine refuses it, else counts and
// which share of its steps' launches has a definition; the conflicts. A file that a project keeps
// beside its pipeline and compares line by line. Knows reports as JSON only.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <vector>

namespace kdex {

/// Shares of the launches, bytes and operations of steps that have a definition, from 0 to 1:
/// {"launches": 0.664, ...}; empty where no step ran.
using Shares = std::map<std::string, double>;

/// What shares are of: launches, bytes, flops.
const std::vector<std::string>& coverage_measures();

struct Baseline {
  struct Expected {
    std::string refused;  ///< "AssertionError: ..."; "": the engine builds it
    std::int64_t definitions = 0, unmatched = 0, assumptions = 0;
    Shares coverage;  ///< over all steps, to three digits
    bool operator==(const Expected&) const = default;
  };
  std::map<std::string, Expected> deployments;  ///< by "checkpoint tp8 ep1"
  std::set<std::string> conflicts;              ///< names as asked for
};

/// The shares of a report, by mode over all models; steps that did not run count nothing.
std::map<std::string, Shares> coverage_of(const nlohmann::ordered_json& report);

/// What a report holds. Deployments that failed in kdex are left out: nothing is known of them.
Baseline baseline_of(const nlohmann::ordered_json& report);

/// The baseline with what a new one says of the same deployments; the others stay.
Baseline updated(Baseline old, const Baseline& fresh);

/// The file's text: sorted, a line a deployment.
std::string baseline_text(const Baseline& baseline);

/// Reads what baseline_text wrote. Throws kdex::Error with the key that is not of that form.
Baseline baseline_from(const std::string& text, const std::string& where);

}  // namespace kdex
