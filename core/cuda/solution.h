// A FlashInfer-Bench Solution from kernel plans: the kernels' own texts, unedited, and a launcher
// written from the plan. Knows plans and the JSON form, no kernel and no family.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include <kdex/definition.h>
#include <kdex/kernel_plan.h>

#include "core/cuda/kernel_texts.h"

namespace kdex::cuda {

struct SolutionPlans {
  const KernelPlan* hopper = nullptr;    ///< compiled only for sm_90a and run there
  const KernelPlan* portable = nullptr;  ///< everything else
  std::string author = "kdex";
};

/// Name, author, one entry `kernel.cu::run` that takes inputs, then outputs. With both plans
/// the launcher asks its own binary whether it was compiled for sm_90a. At least one plan is
/// needed.
///
/// kernel.cu includes the headers of all units first, then each unit's text (as .inl, so that no
/// builder compiles it alone) in a namespace of its own, between the definitions of its constants
/// and their end. Headers therefore take no constant of a unit but KDEX_DTYPE, and kernel files
/// define no macro.
nlohmann::ordered_json make_solution(const Definition& definition, const SolutionPlans& plans,
                                     const KernelTexts& texts);

/// Whether one of the two plans is enough: the same units and launches, and no tensor maps.
bool same_plan(const KernelPlan& a, const KernelPlan& b);

/// "solutions/<author>/<op_type>/<definition>/<name>.json", the name "<author>_<definition>".
std::string solution_file(const Definition& definition, const std::string& author = "kdex");
std::string solution_name(const Definition& definition, const std::string& author = "kdex");

}  // namespace kdex::cuda
