// Element types and 16-byte vectors. Must not know any kernel. Constant: KDEX_DTYPE (0: float16, 1:
// bfloat16), the same for all kernels of a solution.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#ifndef KDEX_DTYPE
#define KDEX_DTYPE 1
#endif

namespace kdex {

#if KDEX_DTYPE == 0
using T = __half;
__device__ __forceinline__ float to_float(T x) { return __half2float(x); }
__device__ __forceinline__ T from_float(float x) { return __float2half_rn(x); }
__device__ __forceinline__ unsigned pack2(float lo, float hi) {
  __half2 v = __floats2half2_rn(lo, hi);
  return *reinterpret_cast<unsigned*>(&v);
}
#else
using T = __nv_bfloat16;
__device__ __forceinline__ float to_float(T x) { return __bfloat162float(x); }
__device__ __forceinline__ T from_float(float x) { return __float2bfloat16_rn(x); }
__device__ __forceinline__ unsigned pack2(float lo, float hi) {
  __nv_bfloat162 v = __floats2bfloat162_rn(lo, hi);
  return *reinterpret_cast<unsigned*>(&v);
}
#endif

// A number as a type, for the argument of a lambda.
template <int n>
struct Number {
  static constexpr int value = n;
};

// Eight 16-bit elements, moved as one 16-byte access.
union Vec8 {
  uint4 raw;
  unsigned word[4];
  T at[8];
  __device__ Vec8() {}
};

// The type of one access of `bytes` bytes.
template <int bytes>
struct Word;
template <>
struct Word<16> {
  using Type = uint4;
};
template <>
struct Word<8> {
  using Type = uint2;
};
template <>
struct Word<4> {
  using Type = unsigned;
};
template <>
struct Word<2> {
  using Type = unsigned short;
};

// `count` elements E, moved as one access.
template <class E, int count>
union Vector {
  using Raw = typename Word<count* static_cast<int>(sizeof(E))>::Type;
  Raw raw;
  E at[count];
  __device__ Vector() {}
  __device__ __forceinline__ void load(const E* from) {
    raw = __ldg(reinterpret_cast<const Raw*>(from));
  }
};
// Elements of E that one access takes of rows of `length` elements: the most that every row is
// aligned to, up to 16 bytes.
template <class E, int length>
constexpr int kVectorOf = length % (16 / static_cast<int>(sizeof(E))) == 0
                              ? 16 / static_cast<int>(sizeof(E))
                          : length % 4 == 0 ? 4
                          : length % 2 == 0 ? 2
                                            : 1;

__device__ __forceinline__ float infinity() { return __int_as_float(0x7f800000); }

}  // namespace kdex
