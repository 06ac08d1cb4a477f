// `kdex kernels plan`: what a family plans for a definition at given sizes, as JSON or text; builds
// the units on request. Needs no GPU and knows no kernel.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include <kdex/chip.h>

#include "core/cuda/build.h"
#include "core/cuda/launches.h"
#include "core/plugin/loader.h"

namespace kdex {

/// One question: a definition, sizes of its variable axes, a chip.
struct PlanRequest {
  Definition definition;
  std::map<std::string, std::int64_t> axes;
  Chip chip;
  std::string compile_for;                 ///< another architecture for the compiler; empty: chip's
  std::map<std::string, std::string> set;  ///< see Tuning
};

/// A unit that is launched, and where its cubin is.
struct PlannedUnit {
  KernelUnit unit;
  std::string arch;  ///< what it is compiled for
  std::string key;   ///< its name in the cubin cache; empty where no NVRTC is found
  std::optional<cuda::CachedCubin> cubin;
};

/// The answer; not available: `why_not`, and nothing is launched.
struct PlannedLaunches {
  std::string family, why_not, summary;
  bool programmatic_launch = false;
  cuda::PlanAt at;  ///< its launches' `unit` count in `units`
  std::vector<PlannedUnit> units;
};

class PlanAnswers {
 public:
  /// Loads the families; `build`: where its kernels, cache and NVRTC are.
  PlanAnswers(const std::vector<std::string>& plugins_path, cuda::BuildOptions build);
  ~PlanAnswers();

  /// Throws kdex::Error where an axis lacks a value or has one that it cannot have, and where
  /// `set` names a constant that the planner does not have. Plans of equal definitions are made
  /// once.
  PlannedLaunches answer(const PlanRequest& request);
  /// Compiles all units of all requests that the cache lacks; errors, one line each. Throws
  /// kdex::Error as answer() does.
  std::vector<std::string> build(const std::vector<PlanRequest>& requests);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Reads {definition, axes, arch, sms, compile_for, set}; a definition is an object, or a name for
/// `named` to find. Throws kdex::Error, naming `where`.
PlanRequest plan_request(const nlohmann::ordered_json& json, const std::string& where,
                         const std::function<Definition(const std::string&)>& named);

/// One object; docs/kernels.md tells its fields.
nlohmann::ordered_json plan_json(const PlanRequest& request, const PlannedLaunches& planned);
std::string plan_text(const PlanRequest& request, const PlannedLaunches& planned);

}  // namespace kdex
