// The one call that turns sources + checkpoint + deployment + execution modes into the kernels that
// the engine's own forward launches. Implemented on the abstract machine; callers see data only.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <kdex/kernel_calls.h>

#include "core/model/extract.h"

namespace kdex {

/// The modes that kdex runs, as `--mode` takes them.
const std::vector<std::string>& step_modes();

/// Environment variables that the engine sees.
using Environment = std::vector<std::pair<std::string, std::string>>;

/// Builds the model once and runs `steps` of it, one after the other; a trace for each, in order.
/// Steps of speculative decoding come alone. Never throws for what the engine or the checkpoint
/// does. Throws kdex::Error where the engine's driver runs no forward: see runs_forward.
std::vector<CallTrace> trace_calls(SourceTree& source, const Checkpoint& checkpoint,
                                   const Deployment& deployment, const std::vector<Step>& steps,
                                   const Environment& environment = {}, const Limits& limits = {});

/// Whether the engine's driver runs forward at all.
bool runs_forward(SourceTree& source);

}  // namespace kdex
