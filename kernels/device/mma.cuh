// The warp-wide matrix product mma.sync. Must not know any kernel.
#pragma once

#include "types.cuh"

namespace kdex {

// acc[16x8] += a[16x16] b[16x8], float32 accumulators; the fragment layouts are PTX's mma.m16n8k16.
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

}  // namespace kdex
