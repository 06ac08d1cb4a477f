// What a kernel call costs at least: operations and bytes, from its role and operands. An estimate
// for shares and rooflines; knows no function by name.
#pragma once

#include <cstdint>

#include <kdex/kernel_calls.h>
#include <kdex/module_tree.h>

namespace kdex {

/// Of one launch.
struct CallCost {
  double flops = 0;  ///< of products and attention; other functions count as none
  double bytes = 0;  ///< read and written: each operand once; of caches what the step's requests
                     ///< hold, of tables the rows that are looked up, of experts those that tokens
                     ///< reach where routing is balanced
  int bits = 16;     ///< of the activations that are multiplied
};

/// `module`: the one that runs the call; its facts tell windows and the experts of a token. Null
/// where none is known.
CallCost cost_of(const KernelCall& call, const Step& step, const Module* module);

/// Tokens that the step computes.
std::int64_t tokens_of(const Step& step);

}  // namespace kdex
