// C[M,N] = A[M,K] B[N,K]^T of FP8 (e4m3), 16-bit out, on sm_90a: swap-AB tiles of 256 columns times
// BLOCK_M rows (swap_ab_wgmma.cuh). SPLIT_K 1: a persistent grid, with CLUSTER_MULTICAST 2 of
// clusters of two CTAs on neighbouring rows that share B's tiles. SPLIT_K 2, 4 or 8: a cluster a
// tile, whose CTAs share K and reduce through distributed shared memory. BLOCK_SCALES 1: scales of
// A for 128 columns of a row [M, K / 128], of B for 128 x 128; B is [N, K]; a second producer warp
// loads A's scales. BLOCK_SCALES 0: `alpha` multiplies the result; B comes in blocks of 128 of k,
// [K / 128, N, 128].
//
// Constants: N, K, BLOCK_SCALES, BLOCK_M, NUM_STAGES, SPLIT_K, CLUSTER_MULTICAST.
#include "../device/barrier.cuh"
#include "../device/launch.cuh"
#include "../device/swap_ab_wgmma.cuh"
using namespace kdex;

#if K % 128 != 0 || N % 8 != 0
#error "gemm_fp8: K must be a multiple of 128, N of 8"
#endif
constexpr int kNumKBlocks = K / 128;
using Tile = SwapAbWgmma<true, BLOCK_M, NUM_STAGES, (CLUSTER_MULTICAST > 1)>;
constexpr int kNumBlocksN = (N + 255) / 256, kScaleRows = (N + 127) / 128;
constexpr int kSwizzleGroup =
    2048 / BLOCK_M;  // tiles of tokens that are swept together, for the L2
static_assert(SPLIT_K == 1 || SPLIT_K == 2 || SPLIT_K == 4 || SPLIT_K == 8, "blocks of a cluster");

// SPLIT_K 1: as many CTAs as SMs (pairs of them) take tiles in turn. Else a cluster a tile.
// Over 100 lines: producer and consumers are one kernel's roles over the same barriers and memory.
KDEX_KERNEL void KDEX_CLUSTER_DIMS(CLUSTER_MULTICAST* SPLIT_K, 1, 1)
    __launch_bounds__(Tile::kThreads, 1)
        gemm_fp8_swap_ab(const __grid_constant__ TensorMap map_b,
                         const __grid_constant__ TensorMap map_a,
                         const __grid_constant__ TensorMap map_c, const float* __restrict__ a_scale,
                         const float* __restrict__ b_scale, float alpha, T* __restrict__ C, int M) {
  // Shared memory.
  extern __shared__ __align__(128) unsigned char shared_raw[];
  __shared__ __align__(8) unsigned long long barriers[2 * NUM_STAGES];
  Tile tile;
  tile.init<BLOCK_SCALES>(shared_raw, barriers, map_b, map_a);
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  constexpr int kCtas = CLUSTER_MULTICAST;  // on neighbouring tiles of an item
  int rank = blockIdx.x % SPLIT_K, rows = (M + BLOCK_M * kCtas - 1) / (BLOCK_M * kCtas),
      items = kNumBlocksN * rows;
  int first = kNumKBlocks * rank / SPLIT_K, k_blocks = kNumKBlocks * (rank + 1) / SPLIT_K - first;
  auto tile_of = [&](int item, int& n0, int& m0) {
    int group = item / (kSwizzleGroup * kNumBlocksN), inside = item % (kSwizzleGroup * kNumBlocksN),
        height = min(kSwizzleGroup, rows - group * kSwizzleGroup);
    n0 = inside / height * 256,
    m0 = ((group * kSwizzleGroup + inside % height) * kCtas + blockIdx.x % kCtas) * BLOCK_M;
    // (The last tile ends with the last row: see tma.cu.)
    m0 = min(m0, max(0, M - BLOCK_M));
  };
  bool loads = threadIdx.x == 256 || (BLOCK_SCALES && threadIdx.x / 32 == 9);
  auto produce = [&](int item) {
    int n0, m0;
    tile_of(item, n0, m0);
    if (threadIdx.x != 256) {
      if (BLOCK_SCALES)
        tile.load_scales(a_scale + static_cast<size_t>(m0) * kNumKBlocks + first, kNumKBlocks,
                         M - m0, k_blocks);
      return;
    }
    tile.produce<false>(
        first, k_blocks, map_b,
        [&](int block, int k_block, int& x, int& y) {
          x = BLOCK_SCALES ? k_block * 128 : 0,
          y = (BLOCK_SCALES ? 0 : k_block * N) + n0 + block * 128;
        },
        map_a, m0);
  };
  auto scale_of = [&](int item, int block) {
    int n0, m0;
    tile_of(item, n0, m0);
    return BLOCK_SCALES
               ? b_scale +
                     static_cast<size_t>(min(n0 / 128 + block, kScaleRows - 1)) * kNumKBlocks +
                     first
               : nullptr;
  };
  float sum[2][BLOCK_M / 2];
  if constexpr (SPLIT_K == 1) {
    if (threadIdx.x >= 256) {
      // Producer.
      setmaxnreg_dec<40>();
      if (loads)
        for (int item = blockIdx.x / kCtas; item < items; item += gridDim.x / kCtas) produce(item);
      if constexpr (CLUSTER_MULTICAST > 1) {  // the other CTA still arrives at this one's barriers
        __syncwarp();
        cluster_sync();
      }
      return;
    }
    // Consumers.
    setmaxnreg_inc<232>();
    int begin = blockIdx.x / kCtas;
    if (BLOCK_SCALES) tile.prefetch_scales(scale_of(begin, 0), scale_of(begin, 1));
    for (int item = begin, next; item < items; item = next) {
      next = item + gridDim.x / kCtas;
      int then = next < items ? next : item, n0, m0;
      tile.mainloop<BLOCK_SCALES>(sum, k_blocks, scale_of(item, 0), scale_of(item, 1),
                                  scale_of(then, 0), scale_of(then, 1));
      tile_of(item, n0, m0);
#pragma unroll
      for (int block = 0; block < 2; ++block) {
#pragma unroll
        for (int i = 0; i < BLOCK_M / 2; ++i) sum[block][i] *= alpha;
        tile.store(map_c, n0 + block * 128 + threadIdx.x / 128 * 64, m0, sum[block]);
      }
    }
    tile.wait_stores();
    if constexpr (CLUSTER_MULTICAST > 1) cluster_sync();
  } else {
    int item = blockIdx.x / SPLIT_K, n0, m0;
    tile_of(item, n0, m0);
    if (threadIdx.x >= 256) {
      // Producer.
      setmaxnreg_dec<40>();
      if (loads) produce(item);
      __syncwarp();
      cluster_sync();
    } else {
      // Consumers.
      setmaxnreg_inc<232>();
      if (BLOCK_SCALES) tile.prefetch_scales(scale_of(item, 0), scale_of(item, 1));
      tile.mainloop<BLOCK_SCALES>(sum, k_blocks, scale_of(item, 0), scale_of(item, 1),
                                  scale_of(item, 0), scale_of(item, 1));
      tile.store_accumulators(sum);
      cluster_sync();
      int live = min(BLOCK_M, M - m0), from = live * rank / SPLIT_K,
          to = live * (rank + 1) / SPLIT_K;
      for (int i = threadIdx.x; i < (to - from) * 64; i += 256) {
        int t = from + i / 64, n = i % 64 * 4;
        float4 x = tile.cluster_sum<SPLIT_K>(t, n);
        if (n0 + n < N)
          *reinterpret_cast<uint2*>(C + static_cast<size_t>(m0 + t) * N + n0 + n) =
              make_uint2(pack2(x.x * alpha, x.y * alpha), pack2(x.z * alpha, x.w * alpha));
      }
    }
    cluster_sync();
  }
}
