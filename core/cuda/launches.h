// A kernel plan at given sizes: which launches are made, with every expression worked out. Knows no
// kernel, no family and no device.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <kdex/kernel_plan.h>

#include "core/cuda/expression.h"

namespace kdex::cuda {

struct BufferAt {
  std::string name;
  std::int64_t bytes = 0;
  bool zeroed = false;
};

struct TensorMapAt {
  std::string name, tensor, dtype;
  std::vector<std::int64_t> dims;     ///< elements, innermost first
  std::vector<std::int64_t> strides;  ///< bytes, of dimension 1 and up
  std::vector<std::int64_t> box;      ///< elements
};

struct ArgumentAt {
  KernelArgument::Kind kind;
  std::string text;          ///< a name, or a literal; empty for integer and null
  std::int64_t integer = 0;  ///< of kind integer
};

struct LaunchAt {
  std::size_t unit = 0;  ///< into the plan's units
  std::string entry;
  std::array<std::int64_t, 3> grid{};
  std::int64_t block = 0, shared = 0;
  std::vector<ArgumentAt> arguments;
};

/// What of a plan happens at those sizes; maps are those that a launch takes.
struct PlanAt {
  std::vector<BufferAt> buffers;
  std::vector<TensorMapAt> maps;
  std::vector<LaunchAt> launches;
};

/// `names`: axes and `sms`. Throws kdex::Error where an expression names another, or its value does
/// not fit.
PlanAt plan_at(const KernelPlan& plan, const Names& names);

}  // namespace kdex::cuda
