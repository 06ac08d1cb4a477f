// The product of 256 weight rows in NVFP4 (4-bit e2m1 values, two in a byte, the earlier one in the
// low half; an e4m3 scale for 16 of k) with NT tokens in 16 bits, for expert layers and gemms. A
// value times its scale has at most six significant bits, so 16 bits hold it exactly: weights are
// widened in registers just before mma.sync, sums are float32. Every architecture takes the same
// path: a ring of STAGES steps of 128 of k is filled by cp.async. The order of k within a step is
// the kernel's own: lane c of four multiplies the 32 values 32 c, 32 c + 1, ... of a step, four a
// product, so that a row's 16 bytes go to one thread and nothing is shuffled. Tokens are kept with
// each eight values in the order 0, 4, 1, 5, 2, 6, 3, 7 ("turned"), in which a word of eight
// nibbles is widened the cheapest. Constants: NT, STAGES. It must not know experts or outputs.
#pragma once
#include "kdex_rows.cuh"

namespace kdex {

// The bits of an e2m1 value, put where T has sign, exponent and mantissa, stand for value * 2^-126
// (float16: 2^-14). Scales are multiplied with 2^118 (2^7) to fit in T, so that products are
// kFp4Short times too small, exactly.
#if KDEX_DTYPE == 0
constexpr float kFp4Lift = 128.f, kFp4Short = 128.f;
#else
constexpr float kFp4Lift = 3.3230699894622897e35f, kFp4Short = 256.f;  // 2^118
#endif

__device__ __forceinline__ unsigned times2(unsigned x, unsigned y) {
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
  return times2((x & 0x80008000u) | (x >> 1 & 0x3f803f80u),
                pack2(32768.f, 32768.f));  // 2^8 for the bias, 2^7
#else
  x = (x & 0x80008000u) | (x >> 4 & 0x07f007f0u);
  return times2(times2(x, pack2(1.329227995784916e36f, 1.329227995784916e36f)),
                pack2(kFp4Lift, kFp4Lift));  // 2^120 for the bias
#endif
}
__device__ __forceinline__ unsigned first_twice(unsigned x) { return __byte_perm(x, 0, 0x1010); }
__device__ __forceinline__ unsigned second_twice(unsigned x) { return __byte_perm(x, 0, 0x3232); }
// Values in bits 12 to 15 and 28 to 31 as a pair of T.
__device__ __forceinline__ unsigned fp4_pair(unsigned x) {
#if KDEX_DTYPE == 0
  return (x & 0x80008000u) | (x >> 3 & 0x0e000e00u);
#else
  return (x & 0x80008000u) | (x >> 6 & 0x01c001c0u);
#endif
}
// Eight nibbles where they are: pair i is of nibbles i and i + 4. The shifts to the left leave the
// integer units, which widening keeps busiest, to the multipliers.
__device__ __forceinline__ void widen8(unsigned (&pair)[4], unsigned x) {
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
// Pairs of a scale's values to what they stand for.
__device__ __forceinline__ uint4 scaled_pairs(const unsigned (&pair)[4], unsigned by) {
  unsigned whole = pack2(kFp4Short, kFp4Short);
  return make_uint4(times2(times2(pair[0], by), whole), times2(times2(pair[1], by), whole),
                    times2(times2(pair[2], by), whole), times2(times2(pair[3], by), whole));
}
// Eight values to 16 bits.
__device__ __forceinline__ void widen8_in_order(unsigned x, unsigned char scale, uint4& to) {
  unsigned low = x << 4, pair[4];
#pragma unroll
  for (int j = 0; j < 4; ++j)
    pair[j] = fp4_pair(
        __byte_perm(low, x, 0x4400 + 0x1111 * j));  // byte j's halves in bits 12 to 15 and 28 to 31
  to = scaled_pairs(pair, first_twice(fp4_scales(scale << 8)));
}
// Sixteen values that share a scale, to 16 bits: 32 bytes; see above for `turned`.
template <bool turned>
__device__ __forceinline__ void widen16(uint2 bytes, unsigned char scale, uint4 (&to)[2]) {
#pragma unroll
  for (int i = 0; i < 2; ++i) {
    unsigned x = i ? bytes.y : bytes.x;
    if constexpr (turned) {
      unsigned pair[4];
      widen8(pair, x);
      to[i] = scaled_pairs(pair, first_twice(fp4_scales(scale << 8)));
    } else {
      widen8_in_order(x, scale, to[i]);
    }
  }
}

__device__ __forceinline__ unsigned load_shared4(unsigned shared) {
  unsigned x;
  asm volatile("ld.shared.u32 %0, [%1];" : "=r"(x) : "r"(shared) : "memory");
  return x;
}
__device__ __forceinline__ uint2 load_shared8(unsigned shared) {
  uint2 x;
  asm volatile("ld.shared.v2.u32 {%0, %1}, [%2];" : "=r"(x.x), "=r"(x.y) : "r"(shared) : "memory");
  return x;
}
__device__ __forceinline__ unsigned load_shared2(unsigned shared) {
  unsigned short x;
  asm volatile("ld.shared.u16 %0, [%1];" : "=h"(x) : "r"(shared) : "memory");
  return x;
}

// columns false: values [rows, k / 2] and scales [rows, k / 16], k a multiple of 64. columns true:
// values [k / 2, rows] and scales [k / 16, rows], k and rows multiples of 16.
template <bool columns>
struct Rows4 {
  static constexpr int kStep = 128, kThreads = 256,
                       kBlocks = NT <= 16   ? 3
                                 : NT <= 32 ? 2
                                            : 1;  // blocks on a multiprocessor
  static constexpr unsigned kScales = 16384, kTokens = kScales + 2048,
                            kStageBytes = kTokens + NT * 256;
  static constexpr int kHalves = NT > 64 || (!columns && NT <= 16)
                                     ? 1
                                     : 2;  // of a step that are unrolled: registers
  static_assert(STAGES >= 2, "one step is read while another is filled");

  /// Which of the 256 rows sum[block][i] is; its token is i / 4 * 8 + lane % 4 * 2 + i % 2.
  __device__ static __forceinline__ int row_of(int block, int i) {
    int warp = threadIdx.x / 32, g = threadIdx.x % 32 / 4;
    return columns ? warp * 32 + g * 4 + block * 2 + i / 2 % 2
                   : block * 128 + warp * 16 + g + i / 2 % 2 * 8;
  }
  /// Steps first, first + 1, ... of k. at(r): which row of the tensor row r of the tile is
  /// (columns: at(16 r) + 15 are its neighbours, none from `rows` on). token(t): a token's `k`
  /// values in 16 bits, turned, or null.
  template <class At, class Token>
  __device__ __forceinline__ void multiply(float (&sum)[2][NT / 2], unsigned char* shared,
                                           const unsigned char* values, const unsigned char* scales,
                                           int rows, int k, int first, int steps, At at,
                                           Token token) {
    int id = threadIdx.x, warp = id / 32, lane = id % 32, g = lane / 4, c = lane % 4;
    unsigned base = shared_address(shared);
    unsigned row_values[4];  // in units of 16 bytes
    const unsigned char* row_scales = nullptr;
    int scale_row = lane / 16 * 128 + warp * 16 + lane % 16;
    if constexpr (!columns) {
#pragma unroll
      for (int r = 0; r < 4; ++r)
        row_values[r] =
            static_cast<unsigned>(at(r / 2 * 128 + warp * 16 + g + r % 2 * 8)) * (k / 32) + c;
      row_scales = scales + static_cast<size_t>(at(scale_row)) * (k / 16);
    }
    auto load = [&](int step) {
      unsigned to = base + step % STAGES * kStageBytes;
      int k0 = (first + step) * kStep;
      if constexpr (columns) {
        int n = at(id % 16 * 16);
#pragma unroll
        for (int i = 0; i < 4;
             ++i) {  // 64 rows of 256 bytes; which quarter a lane will read is in the swizzle
          int pair = i * 16 + id / 16;
          bool there = k0 + pair * 2 < k && n < rows;
          copy16_async(to + pair * 256 + (id % 16 ^ i * 2) * 16,
                       there ? values + static_cast<size_t>(k0 / 2 + pair) * rows + n : values,
                       there);
        }
        if (id < 128) {
          bool there = k0 + id / 16 * 16 < k && n < rows;
          copy16_async(to + kScales + id * 16,
                       there ? scales + static_cast<size_t>(k0 / 16 + id / 16) * rows + n : scales,
                       there);
        }
      } else {  // each thread what it will read itself
        bool there = k0 + c * 32 < k;
#pragma unroll
        for (int r = 0; r < 4; ++r)
          copy16_async(to + (r * 256 + id) * 16,
                       there ? values + static_cast<size_t>(row_values[r] + k0 / 32) * 16 : values,
                       there);
#pragma unroll
        for (int i = 0; i < 2; ++i) {
          bool live = k0 + i * 64 < k;
          copy4_async(to + kScales + scale_row * 8 + i * 4,
                      live ? row_scales + k0 / 16 + i * 4 : scales, live);
        }
      }
#pragma unroll
      for (int i = 0; i < NT / 16; ++i) {
        int t = i * 16 + id / 16, part = id % 16;
        const T* from = token(t);
        bool there = from != nullptr && k0 + part * 8 < k;
        copy16_async(to + kTokens + token_at(t, part / 4, part % 4),
                     there ? static_cast<const void*>(from + k0 + part * 8) : values, there);
      }
    };
    float acc[2][NT / 8][4];
#pragma unroll
    for (int i = 0; i < NT; ++i) acc[i / (NT / 2)][i % (NT / 2) / 4][i % 4] = 0.f;
    for (int s = 0; s < STAGES - 1; ++s) {
      if (s < steps) load(s);
      copy_commit();
    }
    for (int step = 0; step < steps; ++step) {
      copy_wait<STAGES - 2>();
      __syncthreads();
      if (step + STAGES - 1 < steps) load(step + STAGES - 1);
      copy_commit();
      unsigned from = base + step % STAGES * kStageBytes;
      unsigned
          scales_of[4];  // rows: of both halves of a row; columns: of two rows each, in [0] and [1]
      if constexpr (!columns) {
#pragma unroll
        for (int r = 0; r < 4; ++r)
          scales_of[r] = fp4_scales(__byte_perm(
              load_shared2(from + kScales + (r / 2 * 128 + warp * 16 + g + r % 2 * 8) * 8 + c * 2),
              0, 0x1100));
      }
#pragma unroll kHalves
      for (int half = 0; half < 2; ++half) {  // sixteen values of k a lane, with one scale a row
        unsigned scale[4];
        uint2 packed[4];
        if constexpr (columns) {
          unsigned of_rows =
              load_shared4(from + kScales + (c * 2 + half) * 256 + warp * 32 + g * 4);
          scales_of[0] = fp4_scales(__byte_perm(of_rows, 0, 0x1100)),
          scales_of[1] = fp4_scales(__byte_perm(of_rows, 0, 0x3322));
#pragma unroll
          for (int r = 0; r < 4; ++r)
            scale[r] = r % 2 ? second_twice(scales_of[r / 2]) : first_twice(scales_of[r / 2]);
        } else {
#pragma unroll
          for (int r = 0; r < 4; ++r) {
            packed[r] = load_shared8(from + (r * 256 + id) * 16 + half * 8);
            scale[r] = half ? second_twice(scales_of[r]) : first_twice(scales_of[r]);
          }
        }
#pragma unroll
        for (int eight = 0; eight < 2; ++eight) {  // eight values, two products
          int q = half * 2 + eight;
          unsigned a[2][2][4];  // of each product and block: rows g, g + 8 of its first two k, then
                                // of the others
          if constexpr (columns) {
            unsigned word[4];  // of values 2 i and 2 i + 1: four rows
#pragma unroll
            for (int i = 0; i < 4; ++i)
              word[i] = load_shared4(from + (c * 16 + q * 4 + i) * 256 +
                                     ((warp * 2 + g / 4) ^ c * 2) * 16 + g % 4 * 4);
#pragma unroll
            for (int i = 0; i < 4; ++i) {  // product i / 2, rows i % 2 * 2 and the next: values 2
                                           // p, 2 p + 1 and four behind them of each
              int p = i / 2, block = i % 2;
              unsigned pair[4];
              widen8(pair, __byte_perm(word[p], word[p + 2], block ? 0x7632 : 0x5410));
#pragma unroll
              for (int j = 0; j < 4; ++j)
                a[p][block][j % 2 * 2 + j / 2] = times2(pair[j], scale[block * 2 + j / 2]);
            }
          } else {
#pragma unroll
            for (int row = 0; row < 4; ++row) {  // in the word eight values
              unsigned pair[4];
              widen8(pair, eight ? packed[row].y : packed[row].x);
#pragma unroll
              for (int j = 0; j < 4; ++j)
                a[j / 2][row / 2][j % 2 * 2 + row % 2] = times2(pair[j], scale[row]);
            }
          }
#pragma unroll
          for (int j = 0; j < NT / 8; ++j) {
            uint4 b = load_shared16(from + kTokens + token_at(j * 8 + g, c, q));
#pragma unroll
            for (int block = 0; block < 2; ++block) {
              mma(acc[block][j], a[0][block], b.x, b.y);
              mma(acc[block][j], a[1][block], b.z, b.w);
            }
          }
        }
      }
    }
    copy_wait<0>();
    __syncthreads();  // the ring is free
#pragma unroll
    for (int i = 0; i < NT; ++i)
      sum[i / (NT / 2)][i % (NT / 2)] = acc[i / (NT / 2)][i % (NT / 2) / 4][i % 4] * kFp4Short;
  }
  /// Where a token's eight values 32 c + 8 q, ... of a step lie: those of one q and two
  /// neighbouring tokens in all banks.
  __device__ static __forceinline__ unsigned token_at(int t, int c, int q) {
    return t * 256 + ((q * 4 + c) ^ t % 2 * 4) * 16;
  }
};

}  // namespace kdex
