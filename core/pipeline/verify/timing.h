// How long one call of a kernel takes.
#pragma once

#include "core/pipeline/verify/runner.h"

namespace kdex::verify {

/// Seconds of one call. With `bench` the calls rotate over copies of all tensors that together
/// exceed twice the L2, so that no call finds its inputs there, and nobody else uses the GPU.
double time_call(Session& session, const Definition& definition, const KernelPlan& plan,
                 const cuda::Driver::Loaded& loaded, const Call& call);

}  // namespace kdex::verify
