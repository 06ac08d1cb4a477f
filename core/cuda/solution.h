// A FlashInfer-Bench Solution from kernel plans: the kernels' own text and a launcher written from
// the plan. Knows plans and the JSON form, no kernel and no family.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include <kdex/definition.h>
#include <kdex/kernel_plan.h>

namespace kdex::cuda {

/// Texts of the files that units name and of the headers they include, by file name.
using KernelTexts = std::map<std::string, std::string>;

/// Every .cu and .cuh of `folder`, and the units' own texts under "<definition>.cu".
KernelTexts read_kernels(const std::string& folder);

struct SolutionPlans {
  const KernelPlan* hopper = nullptr;    ///< compiled only for sm_90a and run there
  const KernelPlan* portable = nullptr;  ///< everything else
};

/// Name, author "kdex", one entry `kernel.cu::run` that takes inputs, then outputs. With both plans
/// the launcher asks its own binary whether it was compiled for sm_90a. At least one plan is
/// wanted.
nlohmann::ordered_json make_solution(const Definition& definition, const SolutionPlans& plans,
                                     const KernelTexts& texts);

/// The same text with KDEX_ARCH aside: one of two such plans is enough.
bool same_plan(const KernelPlan& a, const KernelPlan& b, const KernelTexts& texts);

/// "solutions/kdex/<op_type>/<definition>/<name>.json".
std::string solution_file(const Definition& definition);
std::string solution_name(const Definition& definition);

}  // namespace kdex::cuda
