// e4m3 values. Must not know any kernel.
#pragma once

#include "launch.cuh"

namespace kdex {

__device__ __forceinline__ float fp8_to_float(unsigned char x) {
  return __int_as_float((x & 0x80) << 24 | (x & 0x7f) << 20) *
         1.329227995784916e36f;  // 2^120: e4m3's bias is 7
}
// A float in [-448, 448] to e4m3, rounded to nearest even.
__device__ __forceinline__ unsigned char float_to_fp8(float x) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 890
  unsigned short y;
  asm("cvt.rn.satfinite.e4m3x2.f32 %0, %1, %2;" : "=h"(y) : "f"(0.f), "f"(x));
  return static_cast<unsigned char>(y);
#else
  float a = fminf(fabsf(x), 448.f);
  int exponent = max(static_cast<int>(__float_as_uint(a) >> 23) - 127, -6);
  float unit = __int_as_float((exponent - 3 + 127) << 23);
  unsigned steps =
      __float2uint_rn(a / unit);  // up to 16: the carry runs into the exponent by itself
  unsigned bits = steps + (exponent > -6 || steps >= 8 ? (exponent + 6) << 3 : 0);
  return static_cast<unsigned char>((__float_as_uint(x) >> 31 << 7) | bits);
#endif
}
// Two of them (sm_90a), the first in the low byte.
__device__ __forceinline__ unsigned short float2_to_fp8x2(float a, float b) {
  unsigned short two = 0;
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 890
  asm("cvt.rn.satfinite.e4m3x2.f32 %0, %1, %2;" : "=h"(two) : "f"(b), "f"(a));
#else
  two = static_cast<unsigned short>(float_to_fp8(a) | float_to_fp8(b) << 8);
#endif
  return two;
}

}  // namespace kdex
