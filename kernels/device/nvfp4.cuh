// NVFP4: 4-bit e2m1 values, two in a byte, the earlier one in the low half, with an e4m3 scale for
// 16 of k. A value times its scale has at most six significant bits, so 16 bits hold it exactly.
// Must not know any kernel.
#pragma once

#include "types.cuh"

namespace kdex {

// The bits of an e2m1 value, put where T has sign, exponent and mantissa, stand for value * 2^-126
// (float16: 2^-14). Scales are multiplied with 2^118 (2^7) to fit in T, so that products are
// kFp4Short times too small, exactly.
#if KDEX_DTYPE == 0
constexpr float kFp4Lift = 128.f, kFp4Short = 128.f;
#else
constexpr float kFp4Lift = 3.3230699894622897e35f, kFp4Short = 256.f;  // 2^118
#endif

__device__ __forceinline__ unsigned mul2(unsigned x, unsigned y) {
#if KDEX_DTYPE == 0
  __half2 z = __hmul2(*reinterpret_cast<__half2*>(&x), *reinterpret_cast<__half2*>(&y));
#else
  __nv_bfloat162 z =
      __hmul2(*reinterpret_cast<__nv_bfloat162*>(&x), *reinterpret_cast<__nv_bfloat162*>(&y));
#endif
  return *reinterpret_cast<unsigned*>(&z);
}
// The factors of fp4_pair's for e4m3 scales in the upper byte of each half.
__device__ __forceinline__ unsigned fp4_scales(unsigned x) {
#if KDEX_DTYPE == 0
  return mul2((x & 0x80008000u) | (x >> 1 & 0x3f803f80u),
              pack2(32768.f, 32768.f));  // 2^8 for the bias, 2^7
#else
  x = (x & 0x80008000u) | (x >> 4 & 0x07f007f0u);
  return mul2(mul2(x, pack2(1.329227995784916e36f, 1.329227995784916e36f)),
              pack2(kFp4Lift, kFp4Lift));  // 2^120 for the bias
#endif
}
__device__ __forceinline__ unsigned low_twice(unsigned x) { return __byte_perm(x, 0, 0x1010); }
__device__ __forceinline__ unsigned high_twice(unsigned x) { return __byte_perm(x, 0, 0x3232); }
// Values in bits 12 to 15 and 28 to 31 as a pair of T.
__device__ __forceinline__ unsigned fp4_pair(unsigned x) {
#if KDEX_DTYPE == 0
  return (x & 0x80008000u) | (x >> 3 & 0x0e000e00u);
#else
  return (x & 0x80008000u) | (x >> 6 & 0x01c001c0u);
#endif
}
// Eight nibbles where they are: pair i is of nibbles i and i + 4. The shifts to the left leave the
// integer units, which dequantization keeps busiest, to the multipliers.
__device__ __forceinline__ void unpack8(unsigned (&pair)[4], unsigned x) {
#if KDEX_DTYPE == 0
  constexpr unsigned magnitude = 0x0e000e00u;
  pair[0] = (x << 12 & 0x80008000u) | (x << 9 & magnitude);
  pair[1] = (x << 8 & 0x80008000u) | (x << 5 & magnitude);
  pair[2] = (x << 4 & 0x80008000u) | (x << 1 & magnitude);
  pair[3] = (x & 0x80008000u) | (x >> 3 & magnitude);
#else
  constexpr unsigned magnitude = 0x01c001c0u;
  unsigned low = x >> 6;
  pair[0] = (x << 12 & 0x80008000u) | (x << 6 & magnitude);
  pair[1] = (x << 8 & 0x80008000u) | (x << 2 & magnitude);
  pair[2] = (x << 4 & 0x80008000u) | (low << 4 & magnitude);
  pair[3] = (x & 0x80008000u) | (low & magnitude);
#endif
}
// Unpacked pairs times their scale, exact.
__device__ __forceinline__ uint4 scale_pairs(const unsigned (&pair)[4], unsigned by) {
  unsigned whole = pack2(kFp4Short, kFp4Short);
  return make_uint4(mul2(mul2(pair[0], by), whole), mul2(mul2(pair[1], by), whole),
                    mul2(mul2(pair[2], by), whole), mul2(mul2(pair[3], by), whole));
}
// Eight values to 16 bits, in their order.
__device__ __forceinline__ void dequantize8_in_order(unsigned x, unsigned char scale, uint4& to) {
  unsigned low = x << 4, pair[4];
#pragma unroll
  for (int j = 0; j < 4; ++j)
    pair[j] = fp4_pair(
        __byte_perm(low, x, 0x4400 + 0x1111 * j));  // byte j's halves in bits 12 to 15 and 28 to 31
  to = scale_pairs(pair, low_twice(fp4_scales(scale << 8)));
}
// Sixteen values that share a scale, to 16 bits: 32 bytes. permuted: each eight in the order 0, 4,
// 1, 5, 2, 6, 3, 7, in which a word of eight nibbles is unpacked with the fewest instructions.
template <bool permuted>
__device__ __forceinline__ void dequantize16(uint2 bytes, unsigned char scale, uint4 (&to)[2]) {
#pragma unroll
  for (int i = 0; i < 2; ++i) {
    unsigned x = i ? bytes.y : bytes.x;
    if constexpr (permuted) {
      unsigned pair[4];
      unpack8(pair, x);
      to[i] = scale_pairs(pair, low_twice(fp4_scales(scale << 8)));
    } else {
      dequantize8_in_order(x, scale, to[i]);
    }
  }
}

}  // namespace kdex
