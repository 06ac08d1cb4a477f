// TMA (sm_90a): loads, multicast and stores of boxes of a tensor map, bulk copies. Must not know
// any kernel.
#pragma once

#include "launch.cuh"

namespace kdex {

// A CUtensorMap, passed by value.
struct alignas(64) TensorMap {
  unsigned char opaque[128];
};

// The box at (x, y) of a tensor map, x the innermost dimension; zeros outside the tensor.
__device__ __forceinline__ void tma_load(unsigned to, const TensorMap& map, int x, int y,
                                         unsigned bar) {
  KDEX_ASM_90A(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, "
      "%3}], [%4];" ::"r"(to),
      "l"(&map), "r"(x), "r"(y), "r"(bar)
      : "memory");
}
__device__ __forceinline__ void tma_load(unsigned to, const TensorMap& map, int x, int y, int z,
                                         unsigned bar) {
  KDEX_ASM_90A(
      "cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, "
      "%3, %4}], [%5];" ::"r"(to),
      "l"(&map), "r"(x), "r"(y), "r"(z), "r"(bar)
      : "memory");
}
// To the same address in the CTAs of the cluster whose bit is set in `ctas`.
__device__ __forceinline__ void tma_load_multicast(unsigned to, const TensorMap& map, int x, int y,
                                                   unsigned bar, unsigned short ctas) {
  KDEX_ASM_90A(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::"
      "cluster [%0], [%1, {%2, "
      "%3}], [%4], %5;" ::"r"(to),
      "l"(&map), "r"(x), "r"(y), "r"(bar), "h"(ctas)
      : "memory");
}
// `bytes` (a multiple of 16) of contiguous memory.
__device__ __forceinline__ void tma_load_1d(unsigned to, const void* from, int bytes,
                                            unsigned bar) {
  KDEX_ASM_90A(
      "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::
          "r"(to),
      "l"(from), "r"(bytes), "r"(bar)
      : "memory");
}
__device__ __forceinline__ void tma_store(const TensorMap& map, int x, int y, unsigned from) {
  KDEX_ASM_90A(
      "cp.async.bulk.tensor.2d.global.shared::cta.bulk_group [%0, {%1, %2}], [%3];" ::"l"(&map),
      "r"(x), "r"(y), "r"(from)
      : "memory");
}
__device__ __forceinline__ void tma_store_commit() {
  KDEX_ASM_90A("cp.async.bulk.commit_group;" ::: "memory");
}
// Until all but `pending` groups of stores have read shared memory.
template <int pending>
__device__ __forceinline__ void tma_store_wait_read() {
  KDEX_ASM_90A("cp.async.bulk.wait_group.read %0;" ::"n"(pending) : "memory");
}
__device__ __forceinline__ void prefetch_tensormap(const TensorMap& map) {
  KDEX_ASM_90A("prefetch.tensormap [%0];" ::"l"(&map) : "memory");
}
// Asks for `bytes` (a multiple of 16) of memory to be in the L2.
__device__ __forceinline__ void prefetch_l2(const void* from, int bytes) {
  KDEX_ASM_90A("cp.async.bulk.prefetch.L2.global [%0], %1;" ::"l"(from), "r"(bytes) : "memory");
}

}  // namespace kdex
