// Kernel calls of one step, as tests of families make them by hand. Knows the SDK, no family.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <kdex/kernel_calls.h>

#include "tests/operand.h"

namespace kdex_test {

/// operand("q", "bf16", {37, 32, 128}), of the step's own
inline kdex::Operand own(const char* name, const char* dtype, std::vector<std::int64_t> shape) {
  return kdex::operand(name, dtype, std::move(shape), "");
}

/// A call of a function with this role in a module.
inline kdex::KernelCall call(const char* role, const char* path,
                             std::vector<kdex::Operand> operands,
                             std::vector<std::pair<std::string, std::string>> arguments = {}) {
  kdex::KernelCall c;
  c.function = "library.function", c.kind = "library", c.role = role, c.path = path, c.count = 1;
  c.operands = std::move(operands), c.arguments = std::move(arguments);
  return c;
}

/// One step of these calls.
inline std::vector<kdex::CallTrace> step_of(std::vector<kdex::KernelCall> calls) {
  kdex::CallTrace t;
  t.ok = true;
  t.calls = std::move(calls);
  return {std::move(t)};
}

}  // namespace kdex_test
