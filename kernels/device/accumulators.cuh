// Accumulators of a swap-AB tile (256 weight rows times tokens) by way of shared memory. Must not
// know any kernel.
#pragma once

namespace kdex {

// Accumulators of a tile of 256 weight rows (two blocks of 128) by eight warps, in the fragments of
// swap_ab_wgmma.cuh and swap_ab_mma.cuh, to [tokens][kAccumulatorPitch] in shared memory.
[[maybe_unused]] constexpr int kAccumulatorPitch = 256 + 4;
template <int count>
__device__ __forceinline__ void store_accumulators(float* to, const float (&sum)[2][count]) {
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
#pragma unroll
  for (int block = 0; block < 2; ++block)
#pragma unroll
    for (int i = 0; i < count; ++i)
      to[(i / 4 * 8 + lane % 4 * 2 + i % 2) * kAccumulatorPitch + block * 128 + warp * 16 +
         lane / 4 + i / 2 % 2 * 8] = sum[block][i];
}

}  // namespace kdex
