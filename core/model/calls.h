// The one call that turns sources + checkpoint + deployment + execution mode into the kernels that
// the engine's own forward launches. Implemented on the abstract machine; callers see data only.
#pragma once

#include <string>
#include <vector>

#include <kdex/kernel_calls.h>

#include "core/model/extract.h"

namespace kdex {

/// The modes that kdex runs, as `--mode` takes them.
const std::vector<std::string>& step_modes();

/// Builds the model and runs one step of it. Never throws for what the engine or the checkpoint
/// does. Throws kdex::Error where the engine's driver runs no forward.
CallTrace trace_calls(SourceTree& source, const Checkpoint& checkpoint,
                      const Deployment& deployment, const Step& step, const Limits& limits = {});

}  // namespace kdex
