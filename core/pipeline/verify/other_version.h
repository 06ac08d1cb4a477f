// Another kdex program's kernel for a workload, timed on the same tensors. It is asked for its
// launches by `kernels plan --json --build`; nothing of it is linked.
#pragma once

#include <nlohmann/json.hpp>

#include "core/pipeline/verify/runner.h"

namespace kdex::verify {

/// The peer's row, as others have: name, version, seconds, error (its outputs beside ours), or why
/// it was not timed.
nlohmann::json time_other_version(Session& session, const Definition& definition,
                                  const cuda::Workload& workload, Call& call);

/// What `kernels plan --json` answered, as a plan whose sizes are numbers; `cubins`: an image a
/// unit. Throws kdex::Error where the answer is none of a plan.
KernelPlan plan_from_answer(const nlohmann::json& answer, std::vector<std::string>& cubins);

}  // namespace kdex::verify
