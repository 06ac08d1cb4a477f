// What a step would launch on the other side of the bounds that its branches on sizes have. Runs
// steps; knows no engine.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/model/calls.h"

namespace kdex {

/// How often a function is launched in a module, in the step and on the other side.
struct OtherCount {
  std::string function, path;
  std::int64_t here = 0, there = 0;
};

/// The other side of one regime.
struct OtherSide {
  std::optional<Step> step;  ///< none: its size cannot be set alone
  std::int64_t value = 0;    ///< of the size in `step`
  bool ran = false;
  std::string why_not;              ///< the error of a step that did not run; or that too many were
                                    ///< asked for
  std::vector<OtherCount> changes;  ///< where the two launch unlike often
};

/// The step with the regime's size at the nearest value for which it goes the other way; none where
/// the size is no single one of a step, or has no such value.
std::optional<Step> step_beyond(const Step& step, const Regime& regime, std::int64_t& value);

/// Where two steps launch unlike often; torch's elementwise functions are left out.
std::vector<OtherCount> changes_of(const CallTrace& here, const CallTrace& there);

/// For each regime of `trace`, in order. At most `most` further steps are run.
std::vector<OtherSide> other_sides(SourceTree& source, const Checkpoint& checkpoint,
                                   const Deployment& deployment, const CallTrace& trace,
                                   const Environment& environment = {}, const Limits& limits = {},
                                   std::size_t most = 16);

}  // namespace kdex
