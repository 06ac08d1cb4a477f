// What two datasets, or the reports of two runs, have other than each other: of each checkpoint and
// deployment the definitions that appear, vanish and change, with the source lines behind them.
// Reads files of datasets; knows neither plugins nor the command line.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include <kdex/report.h>

namespace kdex {

/// One change, in one or more deployments of a checkpoint.
struct Change {
  std::string kind;  ///< "appears", "vanishes", "changes", "status", "steps"
  /// Names of the definitions; of "status" what the engine did; of "steps" whether definitions are
  /// of what steps launch or, where none ran, of what is built.
  std::string a, b;
  std::string op_type;                       ///< of `b`, else of `a`
  std::string what;                          ///< the modules: "model.layers.*.mlp.gate"
  std::vector<Difference> differences = {};  ///< of `a` (as `dataset`) and `b` (as `found`)
  std::vector<std::string> lines_a = {}, lines_b = {};  ///< "N: file.py:12  text of the line"
  std::vector<std::string> reasons = {};                ///< why the other side has none
  std::vector<std::string> deployments = {};
};

struct CheckpointDiff {
  std::string checkpoint;
  std::vector<std::string> only_a, only_b;  ///< deployments that one side alone has
  std::vector<Change> changes;
};

struct Diff {
  std::string a, b;                         ///< the paths
  std::vector<CheckpointDiff> checkpoints;  ///< those that differ, by name
  std::size_t deployments = 0;              ///< that both sides have
  std::size_t differing = 0;                ///< of these

  bool empty() const { return checkpoints.empty(); }
};

/// `a`, `b`: folders of datasets, or report.json files; of a report alone, names are compared and
/// not contents. A definition that vanishes and one that appears for the same modules are one that
/// changes. Throws kdex::Error where a path is neither.
Diff diff_datasets(const std::string& a, const std::string& b);

std::string diff_text(const Diff& diff);
/// {"a", "b", "deployments", "differing", "checkpoints": [{"checkpoint", "only_a", "only_b",
/// "changes": [{"kind", "deployments", "a", "b", "op_type", "what", "differences", "lines_a",
/// "lines_b", "reasons"}]}]}
nlohmann::ordered_json diff_json(const Diff& diff);

}  // namespace kdex
