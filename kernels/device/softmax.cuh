// Online softmax in base 2 over rows of mma accumulators. Must not know any kernel.
#pragma once

#include "types.cuh"

namespace kdex {

[[maybe_unused]] constexpr float kLog2e = 1.4426950408889634f;
// The logit (base 2) of a key that a query does not see.
[[maybe_unused]] constexpr float kMasked = -1e30f;
// A row's maximum, once taken, is kept as the base of its powers of two until a logit exceeds it by
// this.
[[maybe_unused]] constexpr float kRescaleThreshold = 8.f;

__device__ __forceinline__ float negative_infinity() { return __int_as_float(0xff800000); }
__device__ __forceinline__ float exp2_approx(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

// Over the four lanes that hold a row of an mma accumulator.
__device__ __forceinline__ float quad_max(float x) {
  x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, 1));
  return fmaxf(x, __shfl_xor_sync(0xffffffffu, x, 2));
}
__device__ __forceinline__ float quad_sum(float x) {
  x += __shfl_xor_sync(0xffffffffu, x, 1);
  return x + __shfl_xor_sync(0xffffffffu, x, 2);
}

// Accumulators of rows g and g + 8 times a factor each.
template <int kTiles>
__device__ __forceinline__ void scale_rows(float (&acc)[kTiles][4], const float (&scale)[2]) {
#pragma unroll
  for (int j = 0; j < kTiles; ++j)
    acc[j][0] *= scale[0], acc[j][1] *= scale[0], acc[j][2] *= scale[1], acc[j][3] *= scale[1];
}
// Probabilities of 16 keys as the A operand of mma: those of tiles 2 k and 2 k + 1.
template <int kTiles>
__device__ __forceinline__ void pack_probabilities(unsigned (&a)[4], const float (&p)[kTiles][4],
                                                   int k) {
  a[0] = pack2(p[2 * k][0], p[2 * k][1]), a[1] = pack2(p[2 * k][2], p[2 * k][3]);
  a[2] = pack2(p[2 * k + 1][0], p[2 * k + 1][1]), a[3] = pack2(p[2 * k + 1][2], p[2 * k + 1][3]);
}

// One step for rows g and g + 8 of an mma tile: logits p become 2^(p - tile_max) and are added to
// this lane's row_sum; earlier sums and accumulators are to be multiplied with scores_scale.
// row_max: the largest logit so far of each row; tile_max: the same with this lane's p. kMasks: a
// row may see no key of the tile nor of those before.
template <bool kMasks, int kTiles>
__device__ __forceinline__ void softmax_step(float (&p)[kTiles][4], float (&tile_max)[2],
                                             float (&row_max)[2], float (&row_sum)[2],
                                             float (&scores_scale)[2]) {
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    tile_max[h] = quad_max(tile_max[h]);
    scores_scale[h] = exp2_approx(row_max[h] - tile_max[h]);
    row_max[h] = tile_max[h];
    row_sum[h] *= scores_scale[h];
  }
#pragma unroll
  for (int n = 0; n < kTiles; ++n)
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      p[n][i] = !kMasks || p[n][i] > 0.5f * kMasked ? exp2_approx(p[n][i] - tile_max[i / 2]) : 0.f;
      row_sum[i / 2] += p[n][i];
    }
}

// Logits of 16 rows and kBlockKv keys by eight warps of mma.sync: kKeyWarps of them share the keys,
// kDimWarps the width, whose sums meet in shared memory, logits [kDimWarps][16][kPitch].
template <int kBlockKv>
struct SharedLogits {
  static constexpr int kKeyWarps = kBlockKv / 8, kDimWarps = 8 / kKeyWarps, kPitch = kBlockKv + 8;
  /// This warp's eight keys and share of the width, in two pairs of chains.
  static __device__ __forceinline__ void store(float* logits, const float (&s)[4][4], int key_warp,
                                               int dim_warp, int g, int c) {
#pragma unroll
    for (int h = 0; h < 2; ++h)
      *reinterpret_cast<float2*>(logits + (dim_warp * 16 + g + 8 * h) * kPitch + key_warp * 8 +
                                 2 * c) =
          make_float2((s[0][2 * h] + s[1][2 * h]) + (s[2][2 * h] + s[3][2 * h]),
                      (s[0][2 * h + 1] + s[1][2 * h + 1]) + (s[2][2 * h + 1] + s[3][2 * h + 1]));
  }
  /// Of row g + 8 h and keys 8 n + 2 c and the next.
  static __device__ __forceinline__ float2 load(float* logits, int n, int h, int g, int c) {
    float2 x = *reinterpret_cast<float2*>(logits + (g + 8 * h) * kPitch + n * 8 + 2 * c);
#pragma unroll
    for (int w = 1; w < kDimWarps; ++w) {
      float2 y = *reinterpret_cast<float2*>(logits + (w * 16 + g + 8 * h) * kPitch + n * 8 + 2 * c);
      x.x += y.x, x.y += y.y;
    }
    return x;
  }
};

}  // namespace kdex
