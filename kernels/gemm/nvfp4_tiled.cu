// C[M,N] = alpha * A B of NVFP4 weights B [K / 2, N] with scales [K / 16, N] and A [M, K] in 16
// bits, permuted (nvfp4_dequantize.cu); 16 bits out, for every architecture: swap-AB tiles of 256
// columns times BLOCK_M rows by mma.sync, weights dequantized in registers (swap_ab_nvfp4.cuh).
// Stream-K: every CTA takes as many k-blocks as the others, over tiles; nvfp4_reduce.cu adds up the
// sums of tiles that CTAs shared.
//
// Grid: CTAs.
//
// Constants: N, K, BLOCK_M, NUM_STAGES.
#include "../device/launch.cuh"
#include "../device/swap_ab_nvfp4.cuh"
#include "nvfp4_stream_k.cuh"
using namespace kdex;

#if K % 16 != 0 || N % 16 != 0
#error "gemm_nvfp4: N and K must be multiples of 16"
#endif
constexpr int kNumKBlocks = (K + 127) / 128;
using Tile = SwapAbNvfp4<true, BLOCK_M, NUM_STAGES>;

// partial [2 * CTAs][BLOCK_M][256]: the sums of a CTA's first tile and of its last, where they are
// not all of the tile's.
KDEX_KERNEL void __launch_bounds__(Tile::kThreads, Tile::kCtasPerSm)
    gemm_nvfp4_tiled(const unsigned char* __restrict__ B, const unsigned char* __restrict__ scale,
                     const T* __restrict__ A, float alpha, T* __restrict__ C,
                     float* __restrict__ partial, int M) {
  extern __shared__ __align__(128) unsigned char shared_raw[];
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  StreamK<BLOCK_M, N, K> shares(M, gridDim.x);
  int at = shares.begin(blockIdx.x), end = shares.begin(blockIdx.x + 1);
  float* mine = partial + static_cast<size_t>(blockIdx.x) * 2 * BLOCK_M * 256;
  while (at < end) {
    int tile = at / kNumKBlocks, first = at % kNumKBlocks,
        k_blocks = min(kNumKBlocks - first, end - at);
    int m0 = tile % shares.rows * BLOCK_M, n0 = tile / shares.rows * 256;
    float sum[2][BLOCK_M / 2];
    Tile().mainloop(
        sum, shared_raw, B, scale, N, K, first, k_blocks, [&](int r) { return n0 + r; },
        [&](int t) { return m0 + t < M ? A + static_cast<size_t>(m0 + t) * K : nullptr; });
    int r = Tile::row_of(0, 0);  // and the three behind it
#pragma unroll
    for (int i = 0; i < BLOCK_M / 2; i += 4)
#pragma unroll
      for (int e = 0; e < 2; ++e) {
        int t = i / 4 * 8 + static_cast<int>(threadIdx.x) % 4 * 2 + e;
        if (m0 + t >= M || n0 + r >= N) continue;
        float4 x = make_float4(sum[0][i + e], sum[0][i + 2 + e], sum[1][i + e], sum[1][i + 2 + e]);
        if (k_blocks < kNumKBlocks)
          *reinterpret_cast<float4*>(mine + t * 256 + r) = x;
        else
          *reinterpret_cast<uint2*>(C + static_cast<size_t>(m0 + t) * N + n0 + r) =
              make_uint2(pack2(x.x * alpha, x.y * alpha), pack2(x.z * alpha, x.w * alpha));
      }
    if (at == shares.begin(blockIdx.x)) mine += BLOCK_M * 256;
    at += k_blocks;
  }
}
