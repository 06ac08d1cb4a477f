// Pairs of neighbours in rows of an odd length. Must not know any kernel.
#pragma once

#include "../device/types.cuh"

namespace kdex {

// Two neighbours of a row that is aligned to an element only; the second may be behind the row's
// end.
__device__ __forceinline__ void store_odd(T* to, bool two, float x, float y) {
  to[0] = from_float(x);
  if (two) to[1] = from_float(y);
}
__device__ __forceinline__ void store_odd(float* to, bool two, float x, float y) {
  to[0] = x;
  if (two) to[1] = y;
}
__device__ __forceinline__ float2 load_odd(const float* from, bool two) {
  return make_float2(from[0], two ? from[1] : 0.f);
}

}  // namespace kdex
