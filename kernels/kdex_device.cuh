// Names for what the kernels say to the hardware: element types, 16-byte vectors, async copies,
// ldmatrix, the warp-wide matrix product; for sm_90a also TMA, barriers, clusters and the
// warpgroup-wide product. It must not know any kernel, tile size or definition.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#ifndef KDEX_DTYPE
#define KDEX_DTYPE 1  // 0: float16, 1: bfloat16
#endif

#ifndef KDEX_ARCH
#define KDEX_ARCH 80  // 80, 89, 90 (sm_90a), 100, 120: which path a kernel takes
#endif

namespace kdex {

#if KDEX_DTYPE == 0
using T = __half;
__device__ __forceinline__ float to_float(T x) { return __half2float(x); }
__device__ __forceinline__ T from_float(float x) { return __float2half_rn(x); }
__device__ __forceinline__ unsigned pack2(float lo, float hi) {
  __half2 v = __floats2half2_rn(lo, hi);
  return *reinterpret_cast<unsigned*>(&v);
}
#else
using T = __nv_bfloat16;
__device__ __forceinline__ float to_float(T x) { return __bfloat162float(x); }
__device__ __forceinline__ T from_float(float x) { return __float2bfloat16_rn(x); }
__device__ __forceinline__ unsigned pack2(float lo, float hi) {
  __nv_bfloat162 v = __floats2bfloat162_rn(lo, hi);
  return *reinterpret_cast<unsigned*>(&v);
}
#endif

// A number that is part of a type, for the argument of a lambda.
template <int n>
struct Number {
  static constexpr int value = n;
};
// Eight 16-bit elements, moved as one 16-byte access.
union Vec8 {
  uint4 raw;
  unsigned word[4];
  T at[8];
  __device__ Vec8() {}
};
__device__ __forceinline__ uint4 load16(const void* p) {
  return __ldg(reinterpret_cast<const uint4*>(p));
}

__device__ __forceinline__ unsigned shared_address(const void* p) {
  return static_cast<unsigned>(__cvta_generic_to_shared(p));
}
// 16 bytes from global to shared memory in the background; zeros where `valid` is false.
__device__ __forceinline__ void copy16_async(unsigned shared, const void* global, bool valid) {
  int bytes = valid ? 16 : 0;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared), "l"(global),
               "r"(bytes));
}
__device__ __forceinline__ void copy16_async(unsigned shared, const void* global) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(shared), "l"(global));
}
__device__ __forceinline__ void copy4_async(unsigned shared, const void* global) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"(shared), "l"(global));
}
__device__ __forceinline__ void copy4_async(unsigned shared, const void* global, bool valid) {
  int bytes = valid ? 4 : 0;
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(shared), "l"(global),
               "r"(bytes));
}
__device__ __forceinline__ void copy_commit() { asm volatile("cp.async.commit_group;"); }
template <int pending>
__device__ __forceinline__ void copy_wait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(pending) : "memory");
}
__device__ __forceinline__ uint4 load_shared16(unsigned shared) {
  uint4 x;
  asm volatile("ld.shared.v4.b32 {%0,%1,%2,%3}, [%4];"
               : "=r"(x.x), "=r"(x.y), "=r"(x.z), "=r"(x.w)
               : "r"(shared)
               : "memory");
  return x;
}
__device__ __forceinline__ void store_shared16(unsigned shared, float a, float b, float c,
                                               float d) {
  asm volatile("st.shared.v4.f32 [%0], {%1,%2,%3,%4};" ::"r"(shared), "f"(a), "f"(b), "f"(c), "f"(d)
               : "memory");
}
__device__ __forceinline__ void store_shared16(unsigned shared, uint4 x) {
  asm volatile("st.shared.v4.b32 [%0], {%1,%2,%3,%4};" ::"r"(shared), "r"(x.x), "r"(x.y), "r"(x.z),
               "r"(x.w)
               : "memory");
}
// Four 8x8 tiles of 16-bit elements; lane i gives the address of row i%8 of tile i/8.
__device__ __forceinline__ void load_tiles(unsigned (&r)[4], unsigned shared) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(shared)
               : "memory");
}
// acc[16x8] += a[16x16] b[16x8], float32 sums; the fragment layouts are PTX's mma.m16n8k16.
__device__ __forceinline__ void mma(float (&acc)[4], const unsigned (&a)[4], unsigned b0,
                                    unsigned b1) {
#if KDEX_DTYPE == 0
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
      "{%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};"
#else
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
      "{%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};"
#endif
      : "+f"(acc[0]), "+f"(acc[1]), "+f"(acc[2]), "+f"(acc[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// The same, each tile transposed.
__device__ __forceinline__ void load_tiles_transposed(unsigned (&r)[4], unsigned shared) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(shared)
               : "memory");
}
// Byte offset of 16-byte chunk c of row r in a tile of 128-byte rows: TMA's and wgmma's 128-byte
// swizzle.
__device__ __forceinline__ unsigned swizzled(int r, int c) {
  return r * 128 + ((c ^ (r & 7)) << 4);
}
__device__ __forceinline__ float infinity() {
  return __int_as_float(0x7f800000);
}  // NVRTC has no INFINITY
__device__ __forceinline__ float exp2_fast(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}
[[maybe_unused]] constexpr float kLog2e = 1.4426950408889634f;
__device__ __forceinline__ float negative_infinity() { return __int_as_float(0xff800000); }
// Over the four lanes that hold a row of an mma tile.
__device__ __forceinline__ float row_max(float x) {
  x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, 1));
  return fmaxf(x, __shfl_xor_sync(0xffffffffu, x, 2));
}
__device__ __forceinline__ float row_sum(float x) {
  x += __shfl_xor_sync(0xffffffffu, x, 1);
  return x + __shfl_xor_sync(0xffffffffu, x, 2);
}
// The logit (base 2) of a key that a query does not see.
[[maybe_unused]] constexpr float kNone = -1e30f;
// A step of an online softmax over rows g and g + 8 of an mma tile: logits p become 2^(p - top),
// are added to this lane's `sum`, and earlier sums and results are to be multiplied with `fade`.
// best: the largest logit so far of each row; top: the same with this lane's p. kHides: a row may
// see no key of the tile nor of those before.
template <bool kHides, int kTiles>
__device__ __forceinline__ void softmax_step(float (&p)[kTiles][4], float (&top)[2],
                                             float (&best)[2], float (&sum)[2], float (&fade)[2]) {
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    top[h] = row_max(top[h]);
    fade[h] = exp2_fast(best[h] - top[h]);
    best[h] = top[h];
    sum[h] *= fade[h];
  }
#pragma unroll
  for (int n = 0; n < kTiles; ++n)
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      p[n][i] = !kHides || p[n][i] > 0.5f * kNone ? exp2_fast(p[n][i] - top[i / 2]) : 0.f;
      sum[i / 2] += p[n][i];
    }
}

// Sums of a tile of 256 rows (two blocks of 128) by eight warps, in the fragments that
// kdex_rows.cuh and kdex_fp4.cuh say, to [tokens][kSumsPitch] in shared memory.
[[maybe_unused]] constexpr int kSumsPitch = 256 + 4;
template <int count>
__device__ __forceinline__ void put_sums(float* to, const float (&sum)[2][count]) {
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
#pragma unroll
  for (int block = 0; block < 2; ++block)
#pragma unroll
    for (int i = 0; i < count; ++i)
      to[(i / 4 * 8 + lane % 4 * 2 + i % 2) * kSumsPitch + block * 128 + warp * 16 + lane / 4 +
         i / 2 % 2 * 8] = sum[block][i];
}

// Sequences are cut into parts, count(sequence) each; which one is work item `item`? The same
// answer in every lane of a full warp. sequence is -1 behind the last part.
struct Part {
  int sequence, part, parts, first;  // first: the sequence's first item
};
template <class Count>
__device__ __forceinline__ Part find_part(int item, int sequences, Count count) {
  int lane = threadIdx.x % 32, before = 0;
  for (int s0 = 0; s0 < sequences; s0 += 32) {
    int mine = s0 + lane < sequences ? count(s0 + lane) : 0, upto = mine;
#pragma unroll
    for (int step = 1; step < 32; step *= 2) {
      int x = __shfl_up_sync(0xffffffffu, upto, step);
      if (lane >= step) upto += x;
    }
    unsigned past = __ballot_sync(0xffffffffu, before + upto > item);
    if (past) {
      int at = __ffs(past) - 1;
      int parts = __shfl_sync(0xffffffffu, mine, at),
          first = before + __shfl_sync(0xffffffffu, upto, at) - parts;
      return {s0 + at, item - first, parts, first};
    }
    before += __shfl_sync(0xffffffffu, upto, 31);
  }
  return {-1, 0, 0, 0};
}

#if KDEX_ARCH == 90
// Every kernel says this before it touches memory or returns: the launch behind it may start now,
// and the launches before it, which may run until then, have ended.
__device__ __forceinline__ void previous_done() {
  asm volatile("griddepcontrol.launch_dependents;\ngriddepcontrol.wait;" ::: "memory");
}
// For the first of launches that belong together: the next one may start when those before this one
// have ended.
__device__ __forceinline__ void previous_done_first() {
  asm volatile("griddepcontrol.wait;\ngriddepcontrol.launch_dependents;" ::: "memory");
}
// A CUtensorMap, passed by value.
struct alignas(64) TensorMap {
  unsigned char opaque[128];
};

// Barriers in shared memory (mbarrier). A phase ends when its arrivals and its announced bytes are
// there.
__device__ __forceinline__ void barrier_init(unsigned bar, int arrivals) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(bar), "r"(arrivals) : "memory");
}
__device__ __forceinline__ void barrier_init_done() {
  asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
}
__device__ __forceinline__ void barrier_expect(unsigned bar, int bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(bar), "r"(bytes)
               : "memory");
}
__device__ __forceinline__ void barrier_arrive(unsigned bar) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(bar) : "memory");
}
__device__ __forceinline__ void barrier_arrive(unsigned bar, int count) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0], %1;" ::"r"(bar), "r"(count) : "memory");
}
// In another block of the cluster. Only says that a tile was read, so it needs no wider order than
// the block's: release.cluster here costs a fence of the whole chip every time.
__device__ __forceinline__ void barrier_arrive_at(unsigned bar, int rank) {
  asm volatile(
      "{.reg .b32 r; mapa.shared::cluster.u32 r, %0, %1; mbarrier.arrive.shared::cluster.b64 _, "
      "[r];}" ::"r"(bar),
      "r"(rank)
      : "memory");
}
__device__ __forceinline__ void barrier_wait(unsigned bar, int parity) {
  asm volatile(
      "{\n.reg .pred p;\nkdex_wait:\nmbarrier.try_wait.parity.shared::cta.b64 p, [%0], %1;\n@p bra "
      "kdex_done;\nbra kdex_wait;\nkdex_done:\n}" ::"r"(bar),
      "r"(parity)
      : "memory");
}
// What ordinary stores wrote to shared memory becomes visible to TMA and wgmma.
__device__ __forceinline__ void fence_async() {
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}
__device__ __forceinline__ void sync_threads(int id, int count) {
  asm volatile("bar.sync %0, %1;" ::"r"(id), "r"(count) : "memory");
}
// Of sync_threads(id, count) of others; does not wait.
__device__ __forceinline__ void arrive_threads(int id, int count) {
  asm volatile("bar.arrive %0, %1;" ::"r"(id), "r"(count) : "memory");
}
// This thread's copies of so far arrive at a barrier when they are there.
__device__ __forceinline__ void copy_arrive(unsigned bar) {
  asm volatile("cp.async.mbarrier.arrive.noinc.shared::cta.b64 [%0];" ::"r"(bar) : "memory");
}
__device__ __forceinline__ int cluster_rank() {
  int r;
  asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(r));
  return r;
}
__device__ __forceinline__ void cluster_sync() {
  asm volatile("barrier.cluster.arrive.release;\nbarrier.cluster.wait.acquire;" ::: "memory");
}
// Its two halves; relaxed: those who waited do not thereby see what the thread wrote.
__device__ __forceinline__ void cluster_arrive_relaxed() {
  asm volatile("barrier.cluster.arrive.relaxed;" ::: "memory");
}
__device__ __forceinline__ void cluster_wait() {
  asm volatile("barrier.cluster.wait.acquire;" ::: "memory");
}
// Sixteen bytes of another block's shared memory.
__device__ __forceinline__ float4 load_cluster(unsigned shared, int rank) {
  float4 x;
  asm volatile(
      "{.reg .b32 r; mapa.shared::cluster.u32 r, %4, %5; ld.shared::cluster.v4.f32 {%0,%1,%2,%3}, "
      "[r];}"
      : "=f"(x.x), "=f"(x.y), "=f"(x.z), "=f"(x.w)
      : "r"(shared), "r"(rank)
      : "memory");
  return x;
}

// The same sixteen bytes of a cluster's `count` blocks, added up.
template <int count>
__device__ __forceinline__ float4 cluster_sum(unsigned shared) {
  float4 x = make_float4(0.f, 0.f, 0.f, 0.f);
#pragma unroll
  for (int r = 0; r < count; ++r) {
    float4 y = load_cluster(shared, r);
    x.x += y.x, x.y += y.y, x.z += y.z, x.w += y.w;
  }
  return x;
}

// TMA: a box at (x, y) of a tensor map, x the innermost; zeros outside the tensor.
__device__ __forceinline__ void tma_load(unsigned to, const TensorMap& map, int x, int y,
                                         unsigned bar) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, "
      "%3}], [%4];" ::"r"(to),
      "l"(&map), "r"(x), "r"(y), "r"(bar)
      : "memory");
}
__device__ __forceinline__ void tma_load(unsigned to, const TensorMap& map, int x, int y, int z,
                                         unsigned bar) {
  asm volatile(
      "cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, "
      "%3, %4}], [%5];" ::"r"(to),
      "l"(&map), "r"(x), "r"(y), "r"(z), "r"(bar)
      : "memory");
}
__device__ __forceinline__ void tma_load_multicast(unsigned to, const TensorMap& map, int x, int y,
                                                   unsigned bar, unsigned short ranks) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::"
      "cluster [%0], [%1, {%2, "
      "%3}], [%4], %5;" ::"r"(to),
      "l"(&map), "r"(x), "r"(y), "r"(bar), "h"(ranks)
      : "memory");
}
// `bytes` (a multiple of 16) of contiguous memory.
__device__ __forceinline__ void bulk_load(unsigned to, const void* from, int bytes, unsigned bar) {
  asm volatile(
      "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::
          "r"(to),
      "l"(from), "r"(bytes), "r"(bar)
      : "memory");
}
__device__ __forceinline__ void tma_store(const TensorMap& map, int x, int y, unsigned from) {
  asm volatile(
      "cp.async.bulk.tensor.2d.global.shared::cta.bulk_group [%0, {%1, %2}], [%3];" ::"l"(&map),
      "r"(x), "r"(y), "r"(from)
      : "memory");
}
__device__ __forceinline__ void tma_store_commit() {
  asm volatile("cp.async.bulk.commit_group;" ::: "memory");
}
template <int pending>
__device__ __forceinline__ void tma_store_wait_read() {
  asm volatile("cp.async.bulk.wait_group.read %0;" ::"n"(pending) : "memory");
}
__device__ __forceinline__ void tma_prefetch(const TensorMap& map) {
  asm volatile("prefetch.tensormap [%0];" ::"l"(&map) : "memory");
}

// By a warp that loads no tiles: the scales of a ring's steps, kRows floats each; row(r) is where
// those of row r of all steps lie, null: zeros. Beside the bytes that TMA brings, a step's `full`
// barrier waits for 32 arrivals from here. turn: steps behind the ring. They are asked for kAhead
// steps ahead.
template <int kRows, int kStages, int kAhead, class Row>
__device__ __forceinline__ void load_scales(float* ring, unsigned full, unsigned empty, int& turn,
                                            int steps, Row row) {
  constexpr int kEach = (kRows + 31) / 32;
  int lane = threadIdx.x % 32;
  const float* from[kEach];
#pragma unroll
  for (int e = 0; e < kEach; ++e) from[e] = row(lane + 32 * e);
  float next[kAhead][kEach];
  auto ask = [&](float(&x)[kEach], int step) {
#pragma unroll
    for (int e = 0; e < kEach; ++e) x[e] = step < steps && from[e] ? __ldg(from[e] + step) : 0.f;
  };
#pragma unroll
  for (int a = 0; a < kAhead; ++a) ask(next[a], a);
  for (int step = 0; step < steps; step += kAhead)
#pragma unroll
    for (int a = 0; a < kAhead; ++a) {
      if (step + a >= steps) break;
      int s = turn % kStages;
      if (turn >= kStages) barrier_wait(empty + 8 * s, (turn / kStages - 1) & 1);
#pragma unroll
      for (int e = 0; e < kEach; ++e)
        if (kRows % 32 == 0 || lane + 32 * e < kRows) ring[s * kRows + lane + 32 * e] = next[a][e];
      ask(next[a], step + a + kAhead);
      barrier_arrive(full + 8 * s);
      ++turn;
    }
}

// wgmma descriptors of tiles of 128-byte rows in the 128-byte swizzle. tile_rows: one row an m or
// n, 64 elements of k inside it (advance k by 32 bytes). tile_columns: one row a k, 64 of n inside
// it; `next` is the distance in bytes of the following 64 of n.
__device__ __forceinline__ unsigned long long tile_rows(unsigned shared) {
  return (shared >> 4 & 0x3fff) | 1ull << 16 | 64ull << 32 | 1ull << 62;
}
__device__ __forceinline__ unsigned long long tile_columns(unsigned shared, unsigned next) {
  return (shared >> 4 & 0x3fff) | static_cast<unsigned long long>(next >> 4 & 0x3fff) << 16 |
         64ull << 32 | 1ull << 62;
}
// The same tile's descriptor `bytes` further on. (Only the low word changes: a place has 14 bits of
// it.)
__device__ __forceinline__ unsigned long long advance(unsigned long long tile, unsigned bytes) {
  return (tile & 0xffffffff00000000ull) |
         static_cast<unsigned>(static_cast<unsigned>(tile) + (bytes >> 4));
}
// Which warpgroup of the block this is; from a shuffle, so that the compiler knows it to be the
// same in all lanes and works descriptors out in uniform registers, where wgmma wants them.
__device__ __forceinline__ int warpgroup_index() {
  return __shfl_sync(0xffffffffu, static_cast<int>(threadIdx.x / 128), 0);
}
__device__ __forceinline__ void wgmma_begin() {
  asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
}
__device__ __forceinline__ void wgmma_commit() {
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}
template <int pending>
__device__ __forceinline__ void wgmma_wait() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(pending) : "memory");
}
// The same, but not before x >= 0 is worked out. The compiler moves a wait ahead of arithmetic that
// does not need it, which then no longer runs beside the products; a store (to anywhere) that
// depends on x and never happens holds the wait back.
template <int pending>
__device__ __forceinline__ void wgmma_wait_behind(float x, unsigned shared) {
  asm volatile("{.reg .pred p; setp.lt.f32 p, %0, 0f00000000; @p st.shared.f32 [%1], %0;}" ::"f"(x),
               "r"(shared)
               : "memory");
  wgmma_wait<pending>();
}
template <int count>
__device__ __forceinline__ void registers_more() {
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(count));
}
template <int count>
__device__ __forceinline__ void registers_fewer() {
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(count));
}
// Four 8x8 tiles of 16-bit elements to shared memory; addresses as in load_tiles.
__device__ __forceinline__ void store_tiles(unsigned shared, unsigned a, unsigned b, unsigned c,
                                            unsigned d) {
  asm volatile("stmatrix.sync.aligned.m8n8.x4.shared.b16 [%0], {%1,%2,%3,%4};" ::"r"(shared),
               "r"(a), "r"(b), "r"(c), "r"(d)
               : "memory");
}
// The same, each tile transposed.
__device__ __forceinline__ void store_tiles_transposed(unsigned shared, unsigned a, unsigned b,
                                                       unsigned c, unsigned d) {
  asm volatile("stmatrix.sync.aligned.m8n8.x4.trans.shared.b16 [%0], {%1,%2,%3,%4};" ::"r"(shared),
               "r"(a), "r"(b), "r"(c), "r"(d)
               : "memory");
}
#else
__device__ __forceinline__ void previous_done() {}
#endif

}  // namespace kdex

#if KDEX_ARCH == 90
#include "kdex_wgmma.cuh"
#endif
