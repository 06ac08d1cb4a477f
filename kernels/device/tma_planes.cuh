// Boxes of tensor maps of two dimensions, or with kPlanes of three, whose third is the item of a
// batch: for kernels that take both. Must not know any kernel.
#pragma once

#include "tma.cuh"

namespace kdex {

template <bool kPlanes>
__device__ __forceinline__ void tma_load_plane(unsigned to, const TensorMap& map, int x, int y,
                                               int plane, unsigned bar) {
  if constexpr (kPlanes)
    tma_load(to, map, x, y, plane, bar);
  else
    tma_load(to, map, x, y, bar);
}
// To the same address in the CTAs of the cluster whose bit is set in `ctas`.
template <bool kPlanes>
__device__ __forceinline__ void tma_load_plane_multicast(unsigned to, const TensorMap& map, int x,
                                                         int y, int plane, unsigned bar,
                                                         unsigned short ctas) {
  if constexpr (kPlanes)
    KDEX_ASM_90A(
        "cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::"
        "cluster [%0], [%1, {%2, %3, %4}], [%5], %6;" ::"r"(to),
        "l"(&map), "r"(x), "r"(y), "r"(plane), "r"(bar), "h"(ctas)
        : "memory");
  else
    tma_load_multicast(to, map, x, y, bar, ctas);
}
template <bool kPlanes>
__device__ __forceinline__ void tma_store_plane(const TensorMap& map, int x, int y, int plane,
                                                unsigned from) {
  if constexpr (kPlanes)
    KDEX_ASM_90A(
        "cp.async.bulk.tensor.3d.global.shared::cta.bulk_group [%0, {%1, %2, %3}], [%4];" ::"l"(
            &map),
        "r"(x), "r"(y), "r"(plane), "r"(from)
        : "memory");
  else
    tma_store(map, x, y, from);
}

}  // namespace kdex
