// Expressions of a kernel plan worked out for given sizes, printed as C, and checked against a
// definition. Knows no kernel.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <kdex/definition.h>
#include <kdex/kernel_plan.h>

namespace kdex::cuda {

using Names = std::map<std::string, std::int64_t>;

/// The value where axes, `sms` and named values are `names`. Throws kdex::Error for a name that is
/// not among them, division by zero and a result beyond 63 bits.
std::int64_t evaluate(const Expr& expression, const Names& names);
bool evaluate(const BoolExpr& condition, const Names& names);

/// C with int64_t operands, in parentheses where precedence wants them; min, max and ceil_div are
/// calls.
std::string c_text(const Expr& expression);
std::string c_text(const BoolExpr& condition);

/// `names` with the plan's values worked out and added.
Names with_values(const KernelPlan& plan, Names names);

/// One line where the plan is wrong whatever the sizes are, else "": a name that is no axis, value,
/// tensor, buffer or map; an entry or a unit that is not there.
std::string plan_fault(const KernelPlan& plan, const Definition& definition);

}  // namespace kdex::cuda
