// Synchronization on sm_90a: mbarriers in shared memory, named barriers of a CTA, clusters and
// their distributed shared memory, fences between proxies. Must not know any kernel.
#pragma once

#include "launch.cuh"

namespace kdex {

// mbarrier: a phase completes when its arrivals and its expected bytes are there. Stage s of a ring
// of kStages is used in phase i / kStages & 1 by iteration i = s, s + kStages, ...
__device__ __forceinline__ void mbarrier_init(unsigned bar, int arrivals) {
  KDEX_ASM_90A("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(bar), "r"(arrivals) : "memory");
}
// Makes the initialized barriers visible to the cluster and to TMA.
__device__ __forceinline__ void fence_mbarrier_init() {
  KDEX_ASM_90A("fence.mbarrier_init.release.cluster;" ::: "memory");
}
__device__ __forceinline__ void mbarrier_arrive_expect_tx(unsigned bar, int bytes) {
  KDEX_ASM_90A("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(bar), "r"(bytes)
               : "memory");
}
__device__ __forceinline__ void mbarrier_arrive(unsigned bar) {
  KDEX_ASM_90A("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(bar) : "memory");
}
__device__ __forceinline__ void mbarrier_arrive(unsigned bar, int count) {
  KDEX_ASM_90A("mbarrier.arrive.shared::cta.b64 _, [%0], %1;" ::"r"(bar), "r"(count) : "memory");
}
// On the barrier of CTA `rank` of the cluster. Only says that a tile was read, so it needs no wider
// order than the CTA's: release.cluster here costs a fence of the whole chip every time.
__device__ __forceinline__ void mbarrier_arrive_cluster(unsigned bar, int rank) {
  KDEX_ASM_90A(
      "{.reg .b32 r; mapa.shared::cluster.u32 r, %0, %1; mbarrier.arrive.shared::cluster.b64 _, "
      "[r];}" ::"r"(bar),
      "r"(rank)
      : "memory");
}
__device__ __forceinline__ void mbarrier_wait(unsigned bar, int phase) {
  KDEX_ASM_90A(
      "{\n.reg .pred p;\nkdex_wait:\nmbarrier.try_wait.parity.shared::cta.b64 p, [%0], %1;\n@p bra "
      "kdex_done;\nbra kdex_wait;\nkdex_done:\n}" ::"r"(bar),
      "r"(phase)
      : "memory");
}
// This thread's cp.async of so far arrive at a barrier when they have landed.
__device__ __forceinline__ void cp_async_mbarrier_arrive(unsigned bar) {
  KDEX_ASM_90A("cp.async.mbarrier.arrive.noinc.shared::cta.b64 [%0];" ::"r"(bar) : "memory");
}
// What ordinary stores wrote to shared memory becomes visible to TMA and wgmma.
__device__ __forceinline__ void fence_proxy_async() {
  KDEX_ASM_90A("fence.proxy.async.shared::cta;" ::: "memory");
}

// Named barrier `id` of `count` threads.
__device__ __forceinline__ void named_barrier_sync(int id, int count) {
  asm volatile("bar.sync %0, %1;" ::"r"(id), "r"(count) : "memory");
}
// Arrives without waiting.
__device__ __forceinline__ void named_barrier_arrive(int id, int count) {
  asm volatile("bar.arrive %0, %1;" ::"r"(id), "r"(count) : "memory");
}

__device__ __forceinline__ int cluster_ctarank() {
  int r;
  KDEX_ASM_90A("mov.u32 %0, %%cluster_ctarank;" : "=r"(r));
  return r;
}
__device__ __forceinline__ void cluster_sync() {
  KDEX_ASM_90A("barrier.cluster.arrive.release;\nbarrier.cluster.wait.acquire;" ::: "memory");
}
// Its two halves. Relaxed: those who waited do not thereby see what the thread wrote.
__device__ __forceinline__ void cluster_arrive_relaxed() {
  KDEX_ASM_90A("barrier.cluster.arrive.relaxed;" ::: "memory");
}
__device__ __forceinline__ void cluster_wait() {
  KDEX_ASM_90A("barrier.cluster.wait.acquire;" ::: "memory");
}
// Sixteen bytes of the shared memory of CTA `rank` of the cluster.
__device__ __forceinline__ float4 ld_shared_cluster(unsigned shared, int rank) {
  float4 x;
  KDEX_ASM_90A(
      "{.reg .b32 r; mapa.shared::cluster.u32 r, %4, %5; ld.shared::cluster.v4.f32 {%0,%1,%2,%3}, "
      "[r];}"
      : "=f"(x.x), "=f"(x.y), "=f"(x.z), "=f"(x.w)
      : "r"(shared), "r"(rank)
      : "memory");
  return x;
}
// The same sixteen bytes of all `count` CTAs of the cluster, added up.
template <int count>
__device__ __forceinline__ float4 cluster_reduce(unsigned shared) {
  float4 x = make_float4(0.f, 0.f, 0.f, 0.f);
#pragma unroll
  for (int r = 0; r < count; ++r) {
    float4 y = ld_shared_cluster(shared, r);
    x.x += y.x, x.y += y.y, x.z += y.z, x.w += y.w;
  }
  return x;
}

}  // namespace kdex
