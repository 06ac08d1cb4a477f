// Which matches the steps of a model launch, and how much of what they launch has a definition.
// Knows no family and no engine.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <vector>

#include <kdex/family.h>
#include <kdex/launches.h>
#include <kdex/report.h>

namespace kdex {

/// Holds a model's matches against its calls.
class Launched {
 public:
  /// `view` with its steps; nothing is decided where it has none.
  explicit Launched(const ModelView& view);

  /// Whether a match is launched by a step, or nobody can tell: a step failed, or none enters the
  /// part of the model that it is of, such as a vision encoder, which steps of text alone leave
  /// out. The calls that it rests on count as covered.
  bool takes(const Match& match);
  /// The modes whose steps launch it, in their order; empty where nobody can tell.
  std::vector<std::string> modes(const Match& match) const;

  /// The calls that launch it, alike ones once, with the steps that make them: [{"fn", "path",
  /// "steps": [{"mode", "sizes", "launches"}], "where": ["file:line"]}]; empty where nobody can
  /// tell.
  nlohmann::ordered_json calls(const Match& match) const;

  /// Gives a definition whose tags name a stage those of the steps that launch it in place of the
  /// form's own; nothing where nobody can tell.
  static void set_stages(Definition& d, const std::vector<std::string>& modes);

  /// Of each step what it launches and how much of it has a definition.
  std::vector<ReportStep> coverage() const;

 private:
  std::vector<CallPlace> calls_of(const Match& match) const;
  bool is_entered(const Match& match) const;
  const ModuleTree& tree_of(const Match& match) const;

  const ModelView& view_;
  sdk::Launches launches_;
  bool all_known_ = true;                   // no step failed
  std::set<std::string> entered_;           // the model's parts that a step runs or reads
  std::vector<std::vector<char>> covered_;  // of each step's calls: 0, part or whole
};

}  // namespace kdex
