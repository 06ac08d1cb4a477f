// A swap-AB tile for every architecture: 256 weight rows (two blocks of 128) times kBlockM tokens,
// FP8 or 16-bit, by eight warps of mma.sync; FP8 is converted to 16 bits on its way to shared
// memory. Fragments and scales as in swap_ab_wgmma.cuh. Must not know experts or outputs.
#pragma once

#include "accumulators.cuh"
#include "copy.cuh"
#include "fp8.cuh"
#include "mma.cuh"

namespace kdex {

template <bool fp8, int kBlockM>
struct SwapAbMma {
  static constexpr int kThreads = 256;
  static constexpr int kBlockK = 64;  // 128 bytes in 16 bits
  static constexpr unsigned kSharedBytes = 32768 + kBlockM * 128;
  unsigned base;

  __device__ __forceinline__ void init(unsigned char* shared) { base = shared_address(shared); }
  /// Eight elements to 16 bits.
  __device__ static __forceinline__ uint4 dequantize8(const void* from, bool live) {
    if (!live) return make_uint4(0, 0, 0, 0);
    if constexpr (!fp8) return load16(from);
    union {
      uint2 raw;
      unsigned char at[8];
    } x;
    x.raw = __ldg(reinterpret_cast<const uint2*>(from));
    return make_uint4(pack2(fp8_to_float(x.at[0]), fp8_to_float(x.at[1])),
                      pack2(fp8_to_float(x.at[2]), fp8_to_float(x.at[3])),
                      pack2(fp8_to_float(x.at[4]), fp8_to_float(x.at[5])),
                      pack2(fp8_to_float(x.at[6]), fp8_to_float(x.at[7])));
  }
  /// row(block, r, k): address of eight weights; token(t, k): of eight of a token's, where live(t).
  template <bool scaled, class Row, class Token, class Live, class Scale, class TokenScale>
  __device__ __forceinline__ void mainloop(float (&sum)[2][kBlockM / 2], int k_total, Row row,
                                           Token token, Live live, Scale weight_scale,
                                           TokenScale token_scale) {
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
#pragma unroll
    for (int i = 0; i < kBlockM / 2; ++i) sum[0][i] = sum[1][i] = 0.f;
    for (int k0 = 0; k0 < k_total; k0 += kBlockK) {
      __syncthreads();
      for (int i = threadIdx.x; i < (256 + kBlockM) * 8; i += kThreads) {
        int r = i / 8, k = k0 + i % 8 * 8;
        bool there = k < k_total && (r < 256 || live(r - 256));
        const void* from = there ? r < 256 ? row(r / 128, r % 128, k) : token(r - 256, k) : nullptr;
        uint4 x = dequantize8(from, from != nullptr);
        unsigned to = base + swizzle_128b(r, i % 8);
        st_shared_16(to, x);
      }
      __syncthreads();
#pragma unroll
      for (int b = 0; b < 2; ++b) {
        float part[kBlockM / 8][4];
#pragma unroll
        for (int i = 0; i < kBlockM / 2; ++i) part[i / 4][i % 4] = scaled ? 0.f : sum[b][i];
#pragma unroll
        for (int k = 0; k < kBlockK / 16; ++k) {
          unsigned a[4];
          ldmatrix_x4(a, base + swizzle_128b(b * 128 + warp * 16 + lane % 16, k * 2 + lane / 16));
#pragma unroll
          for (int j = 0; j < kBlockM / 8; j += 2) {
            unsigned t[4];
            ldmatrix_x4(t, base + swizzle_128b(256 + j * 8 + lane / 16 * 8 + lane % 8,
                                               k * 2 + lane / 8 % 2));
            mma(part[j], a, t[0], t[1]);
            mma(part[j + 1], a, t[2], t[3]);
          }
        }
        float w = scaled ? weight_scale(b, k0 / 128) : 1.f;
#pragma unroll
        for (int i = 0; i < kBlockM / 2; ++i) {
          if constexpr (scaled)
            sum[b][i] +=
                part[i / 4][i % 4] * (w * token_scale(i / 4 * 8 + lane % 4 * 2 + i % 2, k0 / 128));
          else
            sum[b][i] = part[i / 4][i % 4];
        }
      }
    }
    __syncthreads();
  }
};

}  // namespace kdex
