// The sizes in a kernel plan: integer expressions in C, worked out for given axes. Knows no kernel.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <kdex/kernel_plan.h>

namespace kdex::cuda {

using Names = std::map<std::string, std::int64_t>;

/// + - * / % comparisons && || ! ?: parentheses, min, max, ceil_div, whole numbers and `names`.
/// Throws kdex::Error for anything else, division by zero and a result beyond 63 bits.
std::int64_t evaluate(const std::string& expression, const Names& names);

/// `names` with the plan's values worked out and added.
Names with_values(const KernelPlan& plan, Names names);

}  // namespace kdex::cuda
