// C[M,N] = A[M,K] B in 16 bits on sm_90a: persistent 128 x BLOCK_N tiles by TMA and wgmma, one
// producer warpgroup, two consumers. The two CTAs of a cluster stand on neighbouring rows and share
// each tile of B by multicast, or with MULTICAST_A side by side and share A. With SPLIT_K that many
// such pairs of a cluster share K of one tile and reduce through distributed shared memory; else
// results leave by TMA while the next tile is multiplied. B is [N,K] (K-major) or [K,N] (MN-major).
//
// Grid: 2 * SPLIT_K * clusters.
//
// Constants: N, K, BLOCK_N, NUM_STAGES, SPLIT_K, MULTICAST_A, B_MN_MAJOR, ALPHA (multiplies the
// sums by an argument); BATCH_SIZE (products, whose items are the third dimension of the maps) or
// none.
#include "../device/barrier.cuh"
#include "../device/copy.cuh"
#include "../device/launch.cuh"
#include "../device/tma_planes.cuh"
#include "../device/wgmma.cuh"
using namespace kdex;

#if K % 8 != 0 || N % 8 != 0
#error "gemm: TMA takes rows of multiples of 16 bytes"
#endif
#if B_MN_MAJOR && (BLOCK_N % 64 != 0 || MULTICAST_A)
#error "gemm: MN-major B comes in boxes of 64 columns, and its two CTAs share B"
#endif
#ifdef BATCH_SIZE
constexpr int kBatch = BATCH_SIZE;
constexpr bool kBatched = true;
static_assert(SPLIT_K == 1, "splits write C by its address, which knows no batch");
#else
constexpr int kBatch = 1;
constexpr bool kBatched = false;
#endif
constexpr int kBlockK = 64;
constexpr int kNumKBlocks = (K + kBlockK - 1) / kBlockK;
constexpr int kBlockM = 128;
constexpr unsigned kStageBytes = (kBlockM + BLOCK_N) * 128;
constexpr int kNumBlocksN = (N + BLOCK_N - 1) / BLOCK_N;
static_assert(kNumKBlocks >= SPLIT_K, "every CTA has a k-block");
static_assert(SPLIT_K == 1 || NUM_STAGES * kStageBytes >= kBlockM * BLOCK_N * 4,
              "the ring holds a tile's sums");

// The first of a cluster's pair of tile rows and of its tile columns.
__device__ __forceinline__ void tile_of(int item, int pairs, int& row, int& column) {
#if MULTICAST_A
  row = item % pairs, column = item / pairs * 2;
#else
  constexpr int kGroup = 8;  // pairs of tile rows that are swept together, for the L2
  int group = item / (kGroup * kNumBlocksN), inside = item % (kGroup * kNumBlocksN);
  int height = min(kGroup, pairs - group * kGroup);
  row = (group * kGroup + inside % height) * 2;
  column = inside / height;
#endif
}

// The first row of tile `row`. The last tile ends with the last row, as a box that reaches beyond
// it takes twice as long; rows of two tiles have the same bits in both.
__device__ __forceinline__ int first_row(int row, int M) {
  return min(row * kBlockM, max(0, M - kBlockM));
}

// Over 100 lines: producer and consumers are one kernel's roles over the same barriers and memory.
KDEX_KERNEL void KDEX_CLUSTER_DIMS(2 * SPLIT_K, 1, 1) __launch_bounds__(384, 1)
    gemm_tma(const __grid_constant__ TensorMap map_a, const __grid_constant__ TensorMap map_b,
             const __grid_constant__ TensorMap map_c, T* __restrict__ C, int M
#if ALPHA
             ,
             float alpha
#endif
    ) {
  // Shared memory.
  extern __shared__ unsigned char shared_raw[];
  unsigned base = (shared_address(shared_raw) + 1023) & ~1023u;
  __shared__ __align__(8) unsigned long long barriers[2 * NUM_STAGES];
  unsigned full = shared_address(barriers), empty = full + 8 * NUM_STAGES;
  int warpgroup = warpgroup_index(), peer = cluster_ctarank() % 2, k_split = cluster_ctarank() / 2;
  int pairs = MULTICAST_A ? (M + kBlockM - 1) / kBlockM : (M + 2 * kBlockM - 1) / (2 * kBlockM);
  int each = pairs * (MULTICAST_A ? (kNumBlocksN + 1) / 2 : kNumBlocksN), items = each * kBatch,
      num_clusters = gridDim.x / (2 * SPLIT_K);
  int begin = kNumKBlocks * k_split / SPLIT_K, end = kNumKBlocks * (k_split + 1) / SPLIT_K;
  unsigned short pair_mask = 3 << 2 * k_split;
  // Barriers.
  if (threadIdx.x == 0) {
    for (int s = 0; s < NUM_STAGES; ++s)
      mbarrier_init(full + 8 * s, 1), mbarrier_init(empty + 8 * s, 4);
    fence_mbarrier_init();
  }
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  cluster_sync();
  if (warpgroup == 2) {
    // Producer.
    setmaxnreg_dec<40>();
    if (threadIdx.x == 256) {
      int i = 0;
      for (int item = blockIdx.x / (2 * SPLIT_K); item < items; item += num_clusters) {
        int row, column, batch = kBatched ? item / each : 0;
        tile_of(item - batch * each, pairs, row, column);
        int m0 = first_row(MULTICAST_A ? row : row + peer, M),
            n0 = (MULTICAST_A ? column + peer : column) * BLOCK_N +
                 (B_MN_MAJOR || MULTICAST_A ? 0 : peer * (BLOCK_N / 2));
        for (int k_block = begin; k_block < end; ++k_block, ++i) {
          int s = i % NUM_STAGES;
          if (i >= NUM_STAGES) mbarrier_wait(empty + 8 * s, (i / NUM_STAGES - 1) & 1);
          unsigned at = base + s * kStageBytes;
          mbarrier_arrive_expect_tx(full + 8 * s, kStageBytes);
#if MULTICAST_A
          tma_load_plane_multicast<kBatched>(at + peer * 64 * 128, map_a, k_block * kBlockK,
                                             m0 + peer * 64, batch, full + 8 * s, pair_mask);
          tma_load_plane<kBatched>(at + kBlockM * 128, map_b, k_block * kBlockK, n0, batch,
                                   full + 8 * s);
#else
          tma_load_plane<kBatched>(at, map_a, k_block * kBlockK, m0, batch, full + 8 * s);
#if B_MN_MAJOR  // boxes of 64 columns and 64 rows of k, of which each CTA brings 32 to both
#pragma unroll
          for (int j = 0; j < BLOCK_N / 64; ++j)
            tma_load_plane_multicast<kBatched>(at + kBlockM * 128 + j * 8192 + peer * 4096, map_b,
                                               n0 + j * 64, k_block * kBlockK + peer * 32, batch,
                                               full + 8 * s, pair_mask);
#else
          tma_load_plane_multicast<kBatched>(at + kBlockM * 128 + peer * (BLOCK_N / 2) * 128, map_b,
                                             k_block * kBlockK, n0, batch, full + 8 * s, pair_mask);
#endif
#endif
        }
      }
    }
    __syncwarp();
    if (SPLIT_K > 1) cluster_sync();
  } else {
    // Consumers.
    setmaxnreg_inc<232>();
    int i = 0, lane = threadIdx.x % 32, warp = threadIdx.x / 32 % 4;
#if SPLIT_K == 1
    int boxes = 0;
    unsigned box =
        base + NUM_STAGES * kStageBytes + warpgroup * 2 * 64 * 128;  // two 64 x 64 boxes of C
#endif
    for (int item = blockIdx.x / (2 * SPLIT_K); item < items; item += num_clusters) {
      int row, column, batch = kBatched ? item / each : 0;
      tile_of(item - batch * each, pairs, row, column);
      float acc[BLOCK_N / 2];
      // Main loop.
      for (int k_block = begin; k_block < end; ++k_block, ++i) {
        int s = i % NUM_STAGES;
        mbarrier_wait(full + 8 * s, i / NUM_STAGES & 1);
        unsigned at = base + s * kStageBytes;
        unsigned long long a = k_major_descriptor(at + warpgroup * 64 * 128),
                           b = B_MN_MAJOR ? mn_major_descriptor(at + kBlockM * 128, 8192)
                                          : k_major_descriptor(at + kBlockM * 128);
        wgmma_fence();
#pragma unroll
        for (int k = 0; k < kBlockK / 16; ++k)
          wgmma<B_MN_MAJOR>(acc, advance_descriptor(a, 32 * k),
                            advance_descriptor(b, (B_MN_MAJOR ? 2048 : 32) * k),
                            k_block > begin || k > 0);
        wgmma_commit();
        wgmma_wait<1>();
        if (k_block > begin && threadIdx.x % 128 < 2)
          mbarrier_arrive_cluster(empty + 8 * ((i - 1) % NUM_STAGES),
                                  k_split * 2 + threadIdx.x % 128);
      }
      wgmma_wait<0>();
      if (threadIdx.x % 128 < 2)
        mbarrier_arrive_cluster(empty + 8 * ((i - 1) % NUM_STAGES),
                                k_split * 2 + threadIdx.x % 128);
      int m0 = first_row(MULTICAST_A ? row : row + peer, M) + warpgroup * 64,
          n0 = (MULTICAST_A ? column + peer : column) * BLOCK_N;
#if SPLIT_K > 1  // epilogue of one item a cluster: the sums go where the ring was, thread by
                 // thread, and a split reduces its share of the columns
      named_barrier_sync(3, 256);
#pragma unroll
      for (int j = 0; j < BLOCK_N / 8; ++j)
        st_shared_16(base + (j * 256 + threadIdx.x) * 16, acc[4 * j], acc[4 * j + 1],
                     acc[4 * j + 2], acc[4 * j + 3]);
      cluster_sync();
      int m = m0 + warp * 16 + lane / 4;
#pragma unroll 4
      for (int j = BLOCK_N / 8 * k_split / SPLIT_K; j < BLOCK_N / 8 * (k_split + 1) / SPLIT_K;
           ++j) {
        float4 x = make_float4(0.f, 0.f, 0.f, 0.f);
#pragma unroll
        for (int p = 0; p < SPLIT_K; ++p) {
          float4 y = ld_shared_cluster(base + (j * 256 + threadIdx.x) * 16, p * 2 + peer);
          x.x += y.x, x.y += y.y, x.z += y.z, x.w += y.w;
        }
#if ALPHA
        x.x *= alpha, x.y *= alpha, x.z *= alpha, x.w *= alpha;
#endif
        int n = n0 + j * 8 + lane % 4 * 2;
        T* to = C + static_cast<size_t>(m) * N + n;
        if (n < N && m < M) *reinterpret_cast<unsigned*>(to) = pack2(x.x, x.y);
        if (n < N && m + 8 < M) *reinterpret_cast<unsigned*>(to + 8 * N) = pack2(x.z, x.w);
      }
#else
#if ALPHA
#pragma unroll
      for (int x = 0; x < BLOCK_N / 2; ++x) acc[x] *= alpha;
#endif
#pragma unroll
      for (int j = 0; j < (BLOCK_N + 63) / 64; ++j, ++boxes) {
        constexpr int kLast = (BLOCK_N > 64 ? BLOCK_N - 64 : 0) / 8;
        int from = j * 8 < kLast ? j * 8 : kLast;  // in units of eight columns; where BLOCK_N ends
                                                   // within a box, the last two share columns
        unsigned to = box + (boxes & 1) * 64 * 128;
        if (threadIdx.x % 128 == 0) tma_store_wait_read<1>();
        named_barrier_sync(1 + warpgroup, 128);
#pragma unroll
        for (int c = 0; c < 8; c += 2) {
          float* x = acc + (from + c) * 4;
          stmatrix_x4(to + swizzle_128b(warp * 16 + lane % 16, c + lane / 16), pack2(x[0], x[1]),
                      pack2(x[2], x[3]), pack2(x[4], x[5]), pack2(x[6], x[7]));
        }
        fence_proxy_async();
        named_barrier_sync(1 + warpgroup, 128);
        if (threadIdx.x % 128 == 0) {
          tma_store_plane<kBatched>(map_c, n0 + from * 8, m0, batch, to);
          tma_store_commit();
        }
      }
#endif
    }
#if SPLIT_K == 1
    if (threadIdx.x % 128 == 0) tma_store_wait_read<0>();
#endif
  }
  cluster_sync();
}
