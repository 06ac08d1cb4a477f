// Records of a run: what it says of one definition and of one model. Plain data, filled while the
// stages run; report.json (docs/report.schema.json) is written from it. Knows no file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <kdex/definition.h>
#include <kdex/kernel_calls.h>
#include <kdex/module_tree.h>

namespace kdex {

/// One difference of two definitions. A value that a definition does not have is unset.
struct Difference {
  std::string part;  ///< "op_type", "axes", "inputs", "outputs", "constraints", "reference"
  std::string name;  ///< of the axis or tensor; "order"; "line 12" of a reference; else ""
  std::optional<std::string> dataset, found;
};

struct ReportDefinition {
  std::string name, op_type, status;    // "new", "existing", "conflict", "invalid"
  std::string file;                     // relative to the dataset
  std::string asked;                    // the name before versioning
  std::vector<Difference> differences;  // from what the dataset has
  std::string like;                     // another definition of the same signature
  std::vector<std::string> models;      // "checkpoint tp8 ep1", of this run and those before
  std::string family, what;
  std::vector<std::string> modes;  // of this run's steps that launch it; empty where not known
};

/// Modules that are alike and have no definition.
struct UnmatchedModules {
  std::string path, class_name, module;  // pattern with *
  int count = 0;
  SourcePlace defined;
  std::string role = {};                  // <kdex/roles.h>; "" where the engine's folder gives none
  std::vector<std::string> reasons = {};  // "family: why it wrote no definition"
  std::vector<Axis> shape = {};           // sizes of this rank, with origins
  std::vector<Axis> whole = {};           // those at tp 1, where they are others
  std::vector<std::pair<std::string, Value>> facts = {};  // the role's facts that are no sizes
  std::vector<Parameter> params = {};
  std::string origins = {};  // of the sizes, as the JSON of a definition's origins; "": none
};

/// A remark of a family on modules.
struct ReportNote {
  std::string family, path, text;
  SourcePlace place;
};

/// Sums over kernel launches.
struct LaunchSums {
  std::int64_t launches = 0;
  double flops = 0, bytes = 0;  ///< estimates: products and attention; each operand once

  LaunchSums& operator+=(const LaunchSums& more) {
    launches += more.launches, flops += more.flops, bytes += more.bytes;
    return *this;
  }
};

/// A function that a step launches and that no definition of the run is or has a part in.
struct ReportFunction {
  std::string function, role;
  LaunchSums sums;
};

/// One step of a model's forward: what it launches, and how much of that has a definition.
struct ReportStep {
  std::string mode, sizes;  ///< "decode", "37 requests of 1009 tokens"
  bool ok = false, refused = false;
  std::string why = {};  ///< not ok: the stage and the error
  LaunchSums all = {};
  LaunchSums whole = {};  ///< launches that are one definition each
  LaunchSums part = {};   ///< launches that are one of several that a definition is made of
  std::vector<ReportFunction> without = {};
  std::vector<std::string> unknown = {};  ///< functions whose results no rule tells
  std::vector<Regime> regimes = {};       ///< branches on sizes
};

/// One checkpoint at one deployment.
struct ReportModel {
  std::string checkpoint, deployment;  // "tp8 ep1"
  bool ok = false;                     // false: see refused, stage, error_type, error and where
  bool refused = false;  // not ok by the engine's own word, a result; else by a fault or a bound of
                         // kdex's own, an error
  std::string architecture, model_class, dtype, quantization;
  std::string stage, error_type, error;
  std::vector<std::string> where;
  std::size_t modules = 0;               // how many there are
  std::vector<std::string> definitions;  // names in the dataset, from the stage `save` on
  std::vector<UnmatchedModules> unmatched;
  std::vector<ReportStep> steps;  // empty where forward was not run
  std::vector<std::pair<std::string, std::string>>
      not_launched;                       // definitions that no step launches, and what they are of
  std::map<std::string, Value> resolved;  // server arguments as the engine resolved them
  std::vector<ChangedArgument> changed;   // those that were asked for otherwise
  std::vector<LogLine> log;               // what the engine logged at warning or above
  std::vector<std::string> remarks;  // what the engine filled in where the checkpoint is silent
  std::vector<Assumption> assumptions;
  std::int64_t unknowns = 0, python_calls = 0;
  std::vector<ReportNote> notes;
  double parse_seconds = 0, run_seconds = 0;

  const char* status() const { return ok ? "ok" : refused ? "refused" : "failed"; }
};

}  // namespace kdex
