// Pairs of e4m3 values as pairs of 16 bits, and the products of mma.sync that take them. Must not
// know any kernel.
#pragma once

#include "types.cuh"

namespace kdex {

// The element type of a product with operands that were e4m3. kHalf: float16, which holds every
// e4m3 value and on sm_89 and newer comes from one instruction; else T.
template <bool kHalf>
struct Fp8Operand {
  static constexpr bool kIsHalf = kHalf || KDEX_DTYPE == 0;

  // Byte kI of x and byte kJ of y.
  template <int kI, int kJ>
  static __device__ __forceinline__ unsigned pair(unsigned x, unsigned y) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 890
    if constexpr (kIsHalf) {
      unsigned z;
      asm("cvt.rn.f16x2.e4m3x2 %0, %1;"
          : "=r"(z)
          : "h"(static_cast<unsigned short>(__byte_perm(x, y, (kJ + 4) << 4 | kI))));
      return z;
    }
#endif
    // Sign, exponent and mantissa where the 16 bits have theirs; then the exponent's bias.
    const unsigned bits = __byte_perm(x, y, (kJ + 4) << 12 | kI << 4);
    if constexpr (kIsHalf) {
      const unsigned small = (bits & 0x80008000u) | (bits >> 1 & 0x3f803f80u);
      const __half2 z = __hmul2(*reinterpret_cast<const __half2*>(&small), __float2half2_rn(256.f));
      return *reinterpret_cast<const unsigned*>(&z);
    } else {
      const unsigned small = (bits & 0x80008000u) | (bits >> 4 & 0x07f007f0u);
      const __nv_bfloat162 z = __hmul2(*reinterpret_cast<const __nv_bfloat162*>(&small),
                                       __float2bfloat162_rn(1.329227995784916e36f));  // 2^120
      return *reinterpret_cast<const unsigned*>(&z);
    }
  }
  static __device__ __forceinline__ unsigned pack(float lo, float hi) {
    if constexpr (kIsHalf) {
      const __half2 z = __floats2half2_rn(lo, hi);
      return *reinterpret_cast<const unsigned*>(&z);
    } else {
      return pack2(lo, hi);
    }
  }
  // acc[16x8] += a[16x16] b[16x8], float32 accumulators.
  static __device__ __forceinline__ void mma(float (&acc)[4], const unsigned (&a)[4], unsigned b0,
                                             unsigned b1) {
    if constexpr (kIsHalf)
      asm volatile(
          "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
          "{%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};"
          : "+f"(acc[0]), "+f"(acc[1]), "+f"(acc[2]), "+f"(acc[3])
          : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
    else
      asm volatile(
          "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
          "{%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};"
          : "+f"(acc[0]), "+f"(acc[1]), "+f"(acc[2]), "+f"(acc[3])
          : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
  }
};

}  // namespace kdex
