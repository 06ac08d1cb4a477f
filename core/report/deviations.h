// What of a run counts as a failure (`--fail-on`), alone or beside what a baseline expects. Knows
// reports as JSON only.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <vector>

#include "core/report/baseline.h"

namespace kdex {

/// What `--fail-on` asks for.
struct FailOn {
  std::set<std::string> kinds;
  Shares least;  ///< the least coverage, by "launches", "bytes" and "flops"

  bool empty() const { return kinds.empty(); }
};

/// "refusal", "conflict", "unmatched", "assumption", "new", "missing", "coverage".
const std::vector<std::string>& fail_on_kinds();

/// Reads parts of `--fail-on`: kinds, "coverage=0.95" for all measures, "coverage.bytes=0.95" for
/// one. Throws kdex::Error without a place for anything else.
FailOn parse_fail_on(const std::vector<std::string>& parts);

/// One way in which a run is not what it should be.
struct Deviation {
  std::string kind;   ///< of fail_on_kinds()
  std::string where;  ///< "checkpoint tp8", the name of a definition, a mode
  std::string what;
};

/// All of them, by kind and then in the report's order. Without a baseline each refusal, conflict,
/// unmatched module, assumption and new definition is one. With a baseline those are that it does
/// not expect: `new` are definitions beyond its counts and deployments that it does not have,
/// `missing` fewer definitions than it counts, `coverage` shares of a deployment that fell below
/// it. A `fail_on` without kinds stands for all that a baseline can tell.
std::vector<Deviation> deviations_of(const nlohmann::ordered_json& report, const FailOn& fail_on,
                                     const Baseline* baseline);

/// What is better than a baseline expects, one line each: it may be updated.
std::vector<std::string> improvements_of(const nlohmann::ordered_json& report,
                                         const Baseline& baseline);

/// [{"kind", "where", "what"}]
nlohmann::ordered_json deviations_json(const std::vector<Deviation>& deviations);

/// One line each, at most `most` of a kind; then how many more there are.
std::vector<std::string> deviation_lines(const std::vector<Deviation>& deviations,
                                         std::size_t most = 20);

}  // namespace kdex
