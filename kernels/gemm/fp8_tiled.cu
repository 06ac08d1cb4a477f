// C[M,N] = A[M,K] B[N,K]^T of FP8 (e4m3), 16-bit out, for every architecture: swap-AB tiles of 256
// columns times BLOCK_M rows by mma.sync, FP8 converted to 16 bits (swap_ab_mma.cuh). Operands and
// scales as in fp8_swap_ab.cu.
//
// Grid: (N tiles, M tiles).
//
// Constants: N, K, BLOCK_SCALES, BLOCK_M.
#include "../device/launch.cuh"
#include "../device/swap_ab_mma.cuh"
using namespace kdex;

#if K % 128 != 0 || N % 8 != 0
#error "gemm_fp8: K must be a multiple of 128, N of 8"
#endif
constexpr int kNumKBlocks = K / 128;
using Tile = SwapAbMma<true, BLOCK_M>;

KDEX_KERNEL void __launch_bounds__(Tile::kThreads, 1)
    gemm_fp8_tiled(const unsigned char* __restrict__ B, const unsigned char* __restrict__ A,
                   const float* __restrict__ a_scale, const float* __restrict__ b_scale,
                   float alpha, T* __restrict__ C, int M) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  extern __shared__ __align__(128) unsigned char shared_raw[];
  int n0 = blockIdx.x * 256, m0 = blockIdx.y * BLOCK_M;
  Tile tile;
  float sum[2][BLOCK_M / 2];
  tile.init(shared_raw);
  tile.mainloop<BLOCK_SCALES>(
      sum, K,
      [&](int block, int r, int k) {
        size_t n = min(n0 + block * 128 + r, N - 1);
        return B +
               (BLOCK_SCALES ? n * K + k : (static_cast<size_t>(k / 128) * N + n) * 128 + k % 128);
      },
      [&](int t, int k) { return A + static_cast<size_t>(m0 + t) * K + k; },
      [&](int t) { return m0 + t < M; },
      [&](int block, int k_block) {
        return BLOCK_SCALES
                   ? __ldg(b_scale +
                           static_cast<size_t>(min(n0 / 128 + block, (N + 127) / 128 - 1)) *
                               kNumKBlocks +
                           k_block)
                   : 1.f;
      },
      [&](int t, int k_block) {
        return m0 + t < M ? a_scale[static_cast<size_t>(m0 + t) * kNumKBlocks + k_block] : 0.f;
      });
  float* sums = reinterpret_cast<float*>(shared_raw);
  store_accumulators(sums, sum);
  __syncthreads();
  for (int i = threadIdx.x; i < min(BLOCK_M, M - m0) * 64; i += 256) {
    int t = i / 64, n = i % 64 * 4;
    float4 x = *reinterpret_cast<float4*>(sums + t * kAccumulatorPitch + n);
    if (n0 + n < N)
      *reinterpret_cast<uint2*>(C + static_cast<size_t>(m0 + t) * N + n0 + n) =
          make_uint2(pack2(x.x * alpha, x.y * alpha), pack2(x.z * alpha, x.w * alpha));
  }
}
