// Attention sinks: a logit of each query head that joins the softmax's sum and brings no value.
// Must not know any kernel.
#pragma once

#include "../device/softmax.cuh"

namespace kdex {

// Joins a head's sink to the sum of a row of logits in base 2; the sum is relative to row_max,
// which may rise. Returns the factor for what else is relative to it. kSinks: none, or the dtype of
// the sinks (1: float16, 2: bfloat16, 3: float32).
template <int kSinks>
__device__ __forceinline__ float join_sink(const void* sinks, int head, float& row_max,
                                           float& row_sum) {
  if constexpr (kSinks == 0) {
    return 1.f;
  } else {
    float sink;
    if constexpr (kSinks == 1)
      sink = __half2float(static_cast<const __half*>(sinks)[head]);
    else if constexpr (kSinks == 2)
      sink = __bfloat162float(static_cast<const __nv_bfloat16*>(sinks)[head]);
    else
      sink = static_cast<const float*>(sinks)[head];
    sink *= kLog2e;
    const float top = fmaxf(row_max, sink), factor = exp2f(row_max - top);
    row_max = top, row_sum = row_sum * factor + exp2f(sink - top);
    return factor;
  }
}

}  // namespace kdex
