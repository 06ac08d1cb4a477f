// NVFP4 operands to 16 bits, exactly: A [M, K / 2] with scales [M, K / 16] to dequantized [M, K],
// and B [K / 2, N] with scales [K / 16, N] to dequantized_b [K, N].
//
// Grid: CTAs of A, then of B.
//
// Constants: N, K.
#include "../device/copy.cuh"
#include "../device/launch.cuh"
#include "../device/nvfp4.cuh"
using namespace kdex;

#if K % 16 != 0 || N % 16 != 0
#error "gemm_nvfp4: N and K must be multiples of 16"
#endif
// A to dequantized [M, K], permuted, a thread sixteen values. Where dequantized_b is given, A in
// its own order and B to [K, N], a thread 16 rows of 8 columns: the first `ctas_a` CTAs take A, the
// others B.
KDEX_KERNEL void __launch_bounds__(256)
    gemm_nvfp4_dequantize(const unsigned char* __restrict__ A,
                          const unsigned char* __restrict__ a_scale,
                          const unsigned char* __restrict__ B,
                          const unsigned char* __restrict__ b_scale, T* __restrict__ dequantized,
                          T* __restrict__ dequantized_b, int M, int ctas_a) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  if (static_cast<int>(blockIdx.x) < ctas_a) {
    size_t i = static_cast<size_t>(blockIdx.x) * 256 + threadIdx.x;
    if (i >= static_cast<size_t>(M) * (K / 16)) return;
    uint4 x[2];
    uint2 bytes = __ldg(reinterpret_cast<const uint2*>(A + i * 8));
    if (dequantized_b)
      dequantize16<false>(bytes, __ldg(a_scale + i), x);
    else
      dequantize16<true>(bytes, __ldg(a_scale + i), x);
    uint4* to = reinterpret_cast<uint4*>(dequantized + i * 16);
    to[0] = x[0], to[1] = x[1];
    return;
  }
  int i = (blockIdx.x - ctas_a) * 256 + threadIdx.x, n = i % (N / 8) * 8, block = i / (N / 8);
  if (block >= K / 16) return;
  uint2 bytes[8],
      scales = __ldg(reinterpret_cast<const uint2*>(b_scale + static_cast<size_t>(block) * N + n));
#pragma unroll
  for (int p = 0; p < 8; ++p)
    bytes[p] =
        __ldg(reinterpret_cast<const uint2*>(B + (static_cast<size_t>(block) * 8 + p) * N + n));
  unsigned by[4], whole = pack2(kFp4Short, kFp4Short);  // of neighbouring columns
#pragma unroll
  for (int c = 0; c < 4; ++c) {
    unsigned two = (c < 2 ? scales.x : scales.y) >> c % 2 * 16;
    by[c] = fp4_scales(__byte_perm(two, 0, 0x1100));
  }
#pragma unroll
  for (int k = 0; k < 16; ++k) {
    unsigned x[4];
#pragma unroll
    for (int c = 0; c < 4; ++c) {
      unsigned four = c < 2 ? bytes[k / 2].x : bytes[k / 2].y;  // of k and the one beside it
      if (k % 2 == 0) four <<= 4;
      x[c] = mul2(mul2(fp4_pair(__byte_perm(four, 0, c % 2 ? 0x3322 : 0x1100)), by[c]), whole);
    }
    *reinterpret_cast<uint4*>(dequantized_b + (static_cast<size_t>(block) * 16 + k) * N + n) =
        make_uint4(x[0], x[1], x[2], x[3]);
  }
}
