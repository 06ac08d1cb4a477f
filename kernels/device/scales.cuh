// Scales of a ring's k-blocks, by a warp of their own (sm_90a). Must not know any kernel.
#pragma once

#include "barrier.cuh"

namespace kdex {

// Producer of scales, by a warp that loads no tiles: kRows floats a k-block into a ring of kStages.
// row(r) points at the scales of row r, one a k-block; null: zeros. Beside the bytes that TMA
// brings, a stage's `full` barrier waits for 32 arrivals from here. iter: k-blocks so far, over all
// tiles. Scales are prefetched kAhead k-blocks ahead.
template <int kRows, int kStages, int kAhead, class Row>
__device__ __forceinline__ void load_scales(float* ring, unsigned full, unsigned empty, int& iter,
                                            int k_blocks, Row row) {
  constexpr int kEach = (kRows + 31) / 32;
  int lane = threadIdx.x % 32;
  const float* from[kEach];
#pragma unroll
  for (int e = 0; e < kEach; ++e) from[e] = row(lane + 32 * e);
  float next[kAhead][kEach];
  auto prefetch = [&](float(&x)[kEach], int k_block) {
#pragma unroll
    for (int e = 0; e < kEach; ++e)
      x[e] = k_block < k_blocks && from[e] ? __ldg(from[e] + k_block) : 0.f;
  };
#pragma unroll
  for (int a = 0; a < kAhead; ++a) prefetch(next[a], a);
  for (int k_block = 0; k_block < k_blocks; k_block += kAhead)
#pragma unroll
    for (int a = 0; a < kAhead; ++a) {
      if (k_block + a >= k_blocks) break;
      int s = iter % kStages;
      if (iter >= kStages) mbarrier_wait(empty + 8 * s, (iter / kStages - 1) & 1);
#pragma unroll
      for (int e = 0; e < kEach; ++e)
        if (kRows % 32 == 0 || lane + 32 * e < kRows) ring[s * kRows + lane + 32 * e] = next[a][e];
      prefetch(next[a], k_block + a + kAhead);
      mbarrier_arrive(full + 8 * s);
      ++iter;
    }
}

}  // namespace kdex
