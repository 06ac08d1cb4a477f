// Sums of a tile that the CTAs of a cluster share (split-K), through distributed shared memory.
// Must not know any kernel.
#pragma once

#include "../device/accumulators.cuh"
#include "../device/barrier.cuh"
#include "../device/copy.cuh"

namespace kdex {

// This CTA's sums to shared memory, for all of the cluster.
template <int kBlockM>
__device__ __forceinline__ void share_sums(const float (&sum)[2][kBlockM / 2],
                                           unsigned char* shared) {
  store_accumulators(reinterpret_cast<float*>(shared), sum);
  cluster_sync();
}
// Four rows of a token, added up over the cluster.
template <int split>
__device__ __forceinline__ float4 shared_sum(const unsigned char* shared, int token, int row) {
  return cluster_reduce<split>(shared_address(shared) + (token * kAccumulatorPitch + row) * 4);
}

}  // namespace kdex
