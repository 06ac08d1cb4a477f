// What a run found, as report.json (docs/report.schema.json), as a terminal table, and the origins
// of each definition's axes. Data only: filled by core/pipeline.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include <kdex/definition.h>
#include <kdex/report.h>

#include "core/dataset/differences.h"
#include "core/report/run_record.h"

namespace kdex {

struct Report {
  RunRecord run;
  std::string dataset;
  std::vector<ReportDefinition> definitions;
  /// Definitions of several checkpoints, of this run and those before.
  std::map<std::string, std::vector<std::string>> shared;
  /// What all runs did to the dataset, this one last.
  struct Kept {
    std::string written_by;           // the run; "" where somebody else wrote it
    std::vector<std::string> models;  // "checkpoint tp8 ep1"
  };
  std::map<std::string, Kept> kept;
  std::vector<std::string> runs;
  std::vector<ReportModel> models;
  struct Plugin {
    std::string name, version, library, refused;  // refused: the reason, "" where it was loaded
  };
  std::vector<Plugin> plugins;
  std::vector<std::string> errors, warnings, suggestions;
  double seconds = 0, save_seconds = 0;
  int jobs = 1;
  bool interrupted = false;

  /// True where something went wrong that the exit status must tell.
  bool has_errors() const;
};

/// As docs/report.schema.json says.
nlohmann::ordered_json report_json(const Report& report);
std::string report_to_json(const Report& report);
/// A report.json that a run wrote. Throws kdex::Error where it cannot be read or lacks a key, with
/// `hint` for what to do.
nlohmann::ordered_json read_report(const std::string& file, const std::vector<std::string>& keys,
                                   const std::string& hint = "");
std::string report_to_table(const Report& report);

/// Origins deeper below an axis are neither written nor printed: a chain may be as long as a loop.
inline constexpr int most_origin_depth = 300;

/// The origins that a definition's axes rest on: {"axes": {name: {"value", "origin"}}, "origins":
/// [...]}, only what is reached, in a fixed order; an origin is an index, 0 where none is known.
nlohmann::ordered_json origins_to_json(const Definition& definition,
                                       const std::vector<Origin>& origins);

/// `kdex explain`: the trees of one definition as text, from what origins_to_json wrote. `full`:
/// each step on a line of its own; else paddings are told as such, the operands of a sum stand
/// together and the names that a literal came through beside it. Throws kdex::Error where the JSON
/// is not of that form.
std::string explain_text(const nlohmann::ordered_json& origins, bool full);

}  // namespace kdex
