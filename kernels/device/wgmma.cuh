// The warpgroup-wide matrix product of sm_90a: shared-memory descriptors, fences, register budgets;
// the products themselves are in wgmma_ops.cuh. Must not know any kernel.
#pragma once

#include "launch.cuh"
#include "types.cuh"
#include "wgmma_ops.cuh"

namespace kdex {

// Descriptors of tiles of 128-byte rows in the 128-byte swizzle. K-major: a row is one m or n with
// 64 elements of k (advance k by 32 bytes). MN-major: a row is one k with 64 elements of n;
// `stride` is the distance in bytes of the following 64 of n.
__device__ __forceinline__ unsigned long long k_major_descriptor(unsigned shared) {
  return (shared >> 4 & 0x3fff) | 1ull << 16 | 64ull << 32 | 1ull << 62;
}
__device__ __forceinline__ unsigned long long mn_major_descriptor(unsigned shared,
                                                                  unsigned stride) {
  return (shared >> 4 & 0x3fff) | static_cast<unsigned long long>(stride >> 4 & 0x3fff) << 16 |
         64ull << 32 | 1ull << 62;
}
// The same tile's descriptor `bytes` further on. Only the low word changes: an address has 14 bits
// of it.
__device__ __forceinline__ unsigned long long advance_descriptor(unsigned long long tile,
                                                                 unsigned bytes) {
  return (tile & 0xffffffff00000000ull) |
         static_cast<unsigned>(static_cast<unsigned>(tile) + (bytes >> 4));
}
// Which warpgroup of the CTA this is. From a shuffle, so that the compiler knows it to be uniform
// and computes descriptors in uniform registers, where wgmma takes them.
__device__ __forceinline__ int warpgroup_index() {
  return __shfl_sync(0xffffffffu, static_cast<int>(threadIdx.x / 128), 0);
}
__device__ __forceinline__ void wgmma_fence() {
  KDEX_ASM_90A("wgmma.fence.sync.aligned;" ::: "memory");
}
__device__ __forceinline__ void wgmma_commit() {
  KDEX_ASM_90A("wgmma.commit_group.sync.aligned;" ::: "memory");
}
template <int pending>
__device__ __forceinline__ void wgmma_wait() {
  KDEX_ASM_90A("wgmma.wait_group.sync.aligned %0;" ::"n"(pending) : "memory");
}
// The same, but not before x >= 0 is computed. The compiler moves a wait ahead of arithmetic that
// does not need it, which then no longer overlaps the products; a store (to anywhere) that depends
// on x and never happens holds the wait back.
template <int pending>
__device__ __forceinline__ void wgmma_wait_after(float x, unsigned shared) {
  KDEX_ASM_90A("{.reg .pred p; setp.lt.f32 p, %0, 0f00000000; @p st.shared.f32 [%1], %0;}" ::"f"(x),
               "r"(shared)
               : "memory");
  wgmma_wait<pending>();
}
template <int count>
__device__ __forceinline__ void setmaxnreg_inc() {
  KDEX_ASM_90A("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(count));
}
template <int count>
__device__ __forceinline__ void setmaxnreg_dec() {
  KDEX_ASM_90A("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(count));
}

}  // namespace kdex
