// Names for what the kernels say to the hardware: element types, 16-byte vectors, async copies, ldmatrix
// and the warp-wide matrix product. It must not know any kernel, tile size or definition.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#ifndef KDEX_DTYPE
#define KDEX_DTYPE 1  // 0: float16, 1: bfloat16
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

// Eight 16-bit elements, moved as one 16-byte access.
union Vec8 {
  uint4 raw;
  unsigned word[4];
  T at[8];
  __device__ Vec8() {}
};
__device__ __forceinline__ uint4 load16(const void* p) { return __ldg(reinterpret_cast<const uint4*>(p)); }

__device__ __forceinline__ unsigned shared_address(const void* p) {
  return static_cast<unsigned>(__cvta_generic_to_shared(p));
}
// 16 bytes from global to shared memory in the background; zeros where `valid` is false.
__device__ __forceinline__ void copy16_async(unsigned shared, const void* global, bool valid) {
  int bytes = valid ? 16 : 0;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared), "l"(global), "r"(bytes));
}
__device__ __forceinline__ void copy_commit() { asm volatile("cp.async.commit_group;"); }
template <int pending>
__device__ __forceinline__ void copy_wait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(pending) : "memory");
}
// Four 8x8 tiles of 16-bit elements; lane i gives the address of row i%8 of tile i/8.
__device__ __forceinline__ void load_tiles(unsigned (&r)[4], unsigned shared) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(shared)
               : "memory");
}
// acc[16x8] += a[16x16] b[16x8], float32 sums; the fragment layouts are PTX's mma.m16n8k16.
__device__ __forceinline__ void mma(float (&acc)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
#if KDEX_DTYPE == 0
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};"
#else
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};"
#endif
               : "+f"(acc[0]), "+f"(acc[1]), "+f"(acc[2]), "+f"(acc[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

}  // namespace kdex
