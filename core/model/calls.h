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

/// The sizes of the steps that stand for all that a deployment serves.
struct StepSizes {
  std::vector<std::int64_t> decode_batches;  ///< requests of a decode step
  std::vector<std::int64_t> extend_tokens;   ///< new tokens of a prefill step
  std::vector<std::int64_t> prefix_tokens;   ///< cached tokens of each of its requests
};

/// What a deployment serves, as far as it decides which steps there are.
struct Served {
  bool prefill = true, decode = true;
  bool speculative = false;  ///< by drafts that are verified
  bool mixed = false;        ///< prompts and requests that decode share a step
};

/// The steps of a deployment: a decode step of each batch; a prefill step of each number of tokens
/// without cached ones; the first of these once more with each prefix, and under the flags of the
/// prefill graph; a mixed one of the first of both. With speculation each decode step is three
/// (drafts, their verification, the draft's catching up), each prefill step two (of the model and
/// of its draft).
std::vector<Step> representative_steps(const StepSizes& sizes, const Served& served);

/// Environment variables that the engine sees.
using Environment = std::vector<std::pair<std::string, std::string>>;

/// Builds the model once and runs `steps` of it, one after the other; a trace for each, in order.
/// Steps of speculative decoding are among themselves. Never throws for what the engine or the
/// checkpoint does. Throws kdex::Error where the engine's driver runs no forward: see runs_forward.
/// `model`, where it is given: the modules with their roles, as they are after the steps.
std::vector<CallTrace> trace_calls(SourceTree& source, const Checkpoint& checkpoint,
                                   const Deployment& deployment, const std::vector<Step>& steps,
                                   const Environment& environment = {}, const Limits& limits = {},
                                   ModuleTree* model = nullptr);

/// What the function step() of a Python file launches, with the border of the engine and of kernel
/// libraries: the file imports what it wants of torch, the libraries and the engine. Modules are
/// those that it keeps in variables. An exception of the file is a trace that failed. Throws
/// kdex::Error where the engine's driver runs no forward, or the file's name is not a module's.
CallTrace trace_program(const SourceRoots& roots, const std::string& file,
                        const std::string& platform, const Limits& limits = {});

/// Whether the engine's driver runs forward at all.
bool runs_forward(SourceTree& source);

}  // namespace kdex
