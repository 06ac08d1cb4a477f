// Operands of kernel calls, as tests write them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <kdex/kernel_calls.h>

namespace kdex {

/// operand("b", "bf16", {8, 16}, "layers.*.up.weight")
inline Operand operand(const char* name, const char* dtype, std::vector<std::int64_t> shape,
                       const char* owner) {
  Operand o;
  o.name = name, o.dtype = dtype, o.shape = std::move(shape), o.owner = owner;
  return o;
}

}  // namespace kdex
