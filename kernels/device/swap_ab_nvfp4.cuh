// A swap-AB tile of NVFP4 weights for every architecture: 256 weight rows times kBlockM tokens in
// 16 bits, for expert layers and GEMMs. Weights are dequantized in registers just before mma.sync,
// accumulators are float32. A ring of kNumStages k-blocks of 128 is filled by cp.async. The order
// of k within a k-block is the kernel's own: lane c of four multiplies the 32 values 32 c, 32 c +
// 1, ... of a k-block, four a product, so that a row's 16 bytes go to one thread and nothing is
// shuffled. Tokens are permuted (nvfp4.cuh). Must not know experts or outputs.
#pragma once

#include "accumulators.cuh"
#include "copy.cuh"
#include "mma.cuh"
#include "nvfp4.cuh"

namespace kdex {

// mn_major false: values [rows, k / 2] and scales [rows, k / 16], k a multiple of 64. mn_major
// true: values [k / 2, rows] and scales [k / 16, rows], k and rows multiples of 16.
template <bool mn_major, int kBlockM, int kNumStages>
struct SwapAbNvfp4 {
  static constexpr int kBlockK = 128, kThreads = 256,
                       kCtasPerSm = kBlockM <= 16   ? 3
                                    : kBlockM <= 32 ? 2
                                                    : 1;  // CTAs an SM
  static constexpr unsigned kScaleOffset = 16384, kTokenOffset = kScaleOffset + 2048,
                            kStageBytes = kTokenOffset + kBlockM * 256;
  static constexpr int kUnrolledHalves = kBlockM > 64 || (!mn_major && kBlockM <= 16)
                                             ? 1
                                             : 2;  // of a k-block that are unrolled: registers
  static_assert(kNumStages >= 2, "one k-block is read while another is filled");

  /// Which of the 256 rows sum[block][i] is; its token is i / 4 * 8 + lane % 4 * 2 + i % 2.
  __device__ static __forceinline__ int row_of(int block, int i) {
    int warp = threadIdx.x / 32, g = threadIdx.x % 32 / 4;
    return mn_major ? warp * 32 + g * 4 + block * 2 + i / 2 % 2
                    : block * 128 + warp * 16 + g + i / 2 % 2 * 8;
  }
  /// K-blocks first, first + 1, ... at(r): which row of the tensor row r of the tile is
  /// (mn_major: at(16 r) + 15 are its neighbours, none from `rows` on). token(t): a token's `k`
  /// values in 16 bits, permuted, or null.
  template <class At, class Token>
  __device__ __forceinline__ void mainloop(float (&sum)[2][kBlockM / 2], unsigned char* shared,
                                           const unsigned char* values, const unsigned char* scales,
                                           int rows, int k, int first, int k_blocks, At at,
                                           Token token) {
    int id = threadIdx.x, warp = id / 32, lane = id % 32, g = lane / 4, c = lane % 4;
    unsigned base = shared_address(shared);
    unsigned row_values[4];  // in units of 16 bytes
    const unsigned char* row_scales = nullptr;
    int scale_row = lane / 16 * 128 + warp * 16 + lane % 16;
    if constexpr (!mn_major) {
#pragma unroll
      for (int r = 0; r < 4; ++r)
        row_values[r] =
            static_cast<unsigned>(at(r / 2 * 128 + warp * 16 + g + r % 2 * 8)) * (k / 32) + c;
      row_scales = scales + static_cast<size_t>(at(scale_row)) * (k / 16);
    }
    auto produce = [&](int k_block) {
      unsigned to = base + k_block % kNumStages * kStageBytes;
      int k0 = (first + k_block) * kBlockK;
      if constexpr (mn_major) {
        int n = at(id % 16 * 16);
#pragma unroll
        for (int i = 0; i < 4;
             ++i) {  // 64 rows of 256 bytes; which quarter a lane will read is in the swizzle
          int pair = i * 16 + id / 16;
          bool there = k0 + pair * 2 < k && n < rows;
          cp_async_16(to + pair * 256 + (id % 16 ^ i * 2) * 16,
                      there ? values + static_cast<size_t>(k0 / 2 + pair) * rows + n : values,
                      there);
        }
        if (id < 128) {
          bool there = k0 + id / 16 * 16 < k && n < rows;
          cp_async_16(to + kScaleOffset + id * 16,
                      there ? scales + static_cast<size_t>(k0 / 16 + id / 16) * rows + n : scales,
                      there);
        }
      } else {  // each thread what it will read itself
        bool there = k0 + c * 32 < k;
#pragma unroll
        for (int r = 0; r < 4; ++r)
          cp_async_16(to + (r * 256 + id) * 16,
                      there ? values + static_cast<size_t>(row_values[r] + k0 / 32) * 16 : values,
                      there);
#pragma unroll
        for (int i = 0; i < 2; ++i) {
          bool live = k0 + i * 64 < k;
          cp_async_4(to + kScaleOffset + scale_row * 8 + i * 4,
                     live ? row_scales + k0 / 16 + i * 4 : scales, live);
        }
      }
#pragma unroll
      for (int i = 0; i < kBlockM / 16; ++i) {
        int t = i * 16 + id / 16, part = id % 16;
        const T* from = token(t);
        bool there = from != nullptr && k0 + part * 8 < k;
        cp_async_16(to + kTokenOffset + token_at(t, part / 4, part % 4),
                    there ? static_cast<const void*>(from + k0 + part * 8) : values, there);
      }
    };
    float acc[2][kBlockM / 8][4];
#pragma unroll
    for (int i = 0; i < kBlockM; ++i) acc[i / (kBlockM / 2)][i % (kBlockM / 2) / 4][i % 4] = 0.f;
    for (int s = 0; s < kNumStages - 1; ++s) {
      if (s < k_blocks) produce(s);
      cp_async_commit();
    }
    for (int k_block = 0; k_block < k_blocks; ++k_block) {
      cp_async_wait<kNumStages - 2>();
      __syncthreads();
      if (k_block + kNumStages - 1 < k_blocks) produce(k_block + kNumStages - 1);
      cp_async_commit();
      unsigned from = base + k_block % kNumStages * kStageBytes;
      unsigned scales_of[4];  // rows: of both halves of a row; mn_major: of two rows each, in [0]
                              // and [1]
      if constexpr (!mn_major) {
#pragma unroll
        for (int r = 0; r < 4; ++r)
          scales_of[r] = fp4_scales(
              __byte_perm(ld_shared_2(from + kScaleOffset +
                                      (r / 2 * 128 + warp * 16 + g + r % 2 * 8) * 8 + c * 2),
                          0, 0x1100));
      }
#pragma unroll kUnrolledHalves
      for (int half = 0; half < 2; ++half) {  // sixteen values of k a lane, with one scale a row
        unsigned scale[4];
        uint2 packed[4];
        if constexpr (mn_major) {
          unsigned of_rows =
              ld_shared_4(from + kScaleOffset + (c * 2 + half) * 256 + warp * 32 + g * 4);
          scales_of[0] = fp4_scales(__byte_perm(of_rows, 0, 0x1100)),
          scales_of[1] = fp4_scales(__byte_perm(of_rows, 0, 0x3322));
#pragma unroll
          for (int r = 0; r < 4; ++r)
            scale[r] = r % 2 ? high_twice(scales_of[r / 2]) : low_twice(scales_of[r / 2]);
        } else {
#pragma unroll
          for (int r = 0; r < 4; ++r) {
            packed[r] = ld_shared_8(from + (r * 256 + id) * 16 + half * 8);
            scale[r] = half ? high_twice(scales_of[r]) : low_twice(scales_of[r]);
          }
        }
#pragma unroll
        for (int eight = 0; eight < 2; ++eight) {  // eight values, two products
          int q = half * 2 + eight;
          unsigned a[2][2][4];  // of each product and block: rows g, g + 8 of its first two k, then
                                // of the others
          if constexpr (mn_major) {
            unsigned word[4];  // of values 2 i and 2 i + 1: four rows
#pragma unroll
            for (int i = 0; i < 4; ++i)
              word[i] = ld_shared_4(from + (c * 16 + q * 4 + i) * 256 +
                                    ((warp * 2 + g / 4) ^ c * 2) * 16 + g % 4 * 4);
#pragma unroll
            for (int i = 0; i < 4; ++i) {  // product i / 2, rows i % 2 * 2 and the next: values 2
                                           // p, 2 p + 1 and four behind them of each
              int p = i / 2, block = i % 2;
              unsigned pair[4];
              unpack8(pair, __byte_perm(word[p], word[p + 2], block ? 0x7632 : 0x5410));
#pragma unroll
              for (int j = 0; j < 4; ++j)
                a[p][block][j % 2 * 2 + j / 2] = mul2(pair[j], scale[block * 2 + j / 2]);
            }
          } else {
#pragma unroll
            for (int row = 0; row < 4; ++row) {  // in the word eight values
              unsigned pair[4];
              unpack8(pair, eight ? packed[row].y : packed[row].x);
#pragma unroll
              for (int j = 0; j < 4; ++j)
                a[j / 2][row / 2][j % 2 * 2 + row % 2] = mul2(pair[j], scale[row]);
            }
          }
#pragma unroll
          for (int j = 0; j < kBlockM / 8; ++j) {
            uint4 b = ld_shared_16(from + kTokenOffset + token_at(j * 8 + g, c, q));
#pragma unroll
            for (int block = 0; block < 2; ++block) {
              mma(acc[block][j], a[0][block], b.x, b.y);
              mma(acc[block][j], a[1][block], b.z, b.w);
            }
          }
        }
      }
    }
    cp_async_wait<0>();
    __syncthreads();  // the ring is free
#pragma unroll
    for (int i = 0; i < kBlockM; ++i)
      sum[i / (kBlockM / 2)][i % (kBlockM / 2)] =
          acc[i / (kBlockM / 2)][i % (kBlockM / 2) / 4][i % 4] * kFp4Short;
  }
  /// Where a token's eight values 32 c + 8 q, ... of a k-block lie: those of one q and two
  /// neighbouring tokens in all banks.
  __device__ static __forceinline__ unsigned token_at(int t, int c, int q) {
    return t * 256 + ((q * 4 + c) ^ t % 2 * 4) * 16;
  }
};

}  // namespace kdex
