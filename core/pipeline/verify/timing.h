// How long one call of a kernel takes.
#pragma once

#include "core/pipeline/verify/runner.h"

namespace kdex::verify {

/// Replays of a graph, of which the median counts.
inline constexpr int kReplays = 7;
/// How many sets of tensors of that many bytes to rotate over: past the L2 twice, within a share of
/// the memory.
int copies_of(const Session& session, std::uint64_t bytes);
/// Calls of a graph over so many sets.
int timed_calls(const Session& session, std::uint64_t bytes);

/// Seconds of one call. With `bench` the calls rotate over copies of all tensors that together
/// exceed twice the L2, so that no call finds its inputs there, and nobody else uses the GPU.
double time_call(Session& session, const Definition& definition, const KernelPlan& plan,
                 const cuda::Driver::Loaded& loaded, const Call& call);

}  // namespace kdex::verify
