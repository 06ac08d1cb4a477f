// C[M,N] = A[M,K] B in 16 bits on sm_90a, for few rows of A and more tiles than SMs: swap-AB as in
// swap_ab_split_k.cu, stream-K in clusters. The SPLIT_K splits of a cluster cut the k-blocks of all
// of the cluster's tiles of B evenly, so that a split may end a tile that another began (and leaves
// its sums to that one) and begin one that others end. A split is CLUSTER_MULTICAST CTAs with tiles
// side by side, each of which loads a share of A's rows for all of them. C's rows are multiples of
// 16 bytes. B is [N,K] (K-major) or [K,N] (MN-major).
//
// Grid: (clusters * SPLIT_K * CLUSTER_MULTICAST, M tiles).
//
// Constants: N, K, BLOCK_M, NUM_MATH_WARPGROUPS, SPLIT_K, CLUSTER_MULTICAST, NUM_STAGES,
// B_MN_MAJOR, ALPHA (multiplies the sums by an argument).
#include "../device/barrier.cuh"
#include "../device/copy.cuh"
#include "../device/launch.cuh"
#include "../device/tma.cuh"
#include "../device/wgmma.cuh"
using namespace kdex;

#if K % 8 != 0 || N % 8 != 0
#error "gemm: TMA takes rows of multiples of 16 bytes"
#endif
constexpr int kBlockK = 64;
constexpr int kNumKBlocks = (K + kBlockK - 1) / kBlockK;
constexpr int kBlockN = 64 * NUM_MATH_WARPGROUPS;
constexpr int kCluster = SPLIT_K * CLUSTER_MULTICAST;
constexpr int kNumTiles =
    (N + CLUSTER_MULTICAST * kBlockN - 1) / (CLUSTER_MULTICAST * kBlockN);  // of a split
constexpr int kThreads = 128 * NUM_MATH_WARPGROUPS + 32;
constexpr unsigned kStageBytes = (kBlockN + BLOCK_M) * 128;
constexpr int kEpiloguePitch = 48;  // bytes of a row of 16 columns of C in `epilogue`: 32 used,
                                    // eight rows without a bank conflict
static_assert(kNumKBlocks >= SPLIT_K, "every split has a k-block");
static_assert(BLOCK_M % (8 * CLUSTER_MULTICAST) == 0, "shares of A are whole units of the swizzle");

// One warp's 16 columns of C, from `column` on, of the rows from m0 on: through 16 rows of shared
// memory, so that a lane stores 16 bytes.
__device__ __forceinline__ void store_columns(const float (&acc)[BLOCK_M / 2], unsigned epilogue,
                                              T* __restrict__ C, int m0, int M, int column) {
  int lane = threadIdx.x % 32;
  unsigned to = epilogue + (lane / 16 * 8 + lane % 8) * kEpiloguePitch + lane / 8 % 2 * 16,
           from = epilogue + lane / 2 * kEpiloguePitch + lane % 2 * 16;
  int m = m0 + lane / 2;
  T* c = C + static_cast<size_t>(m) * N + column + lane % 2 * 8;
  bool inside = column + lane % 2 * 8 < N;
#pragma unroll
  for (int j = 0; j < BLOCK_M / 8; j += 2, m += 16, c += static_cast<size_t>(16) * N) {
    if (m - lane / 2 >= M) break;
    const float *x = acc + 4 * j, *y = acc + (BLOCK_M > 8 ? 4 * j + 4 : 0);
    stmatrix_x4_trans(to, pack2(x[0], x[1]), pack2(x[2], x[3]), pack2(y[0], y[1]),
                      pack2(y[2], y[3]));
    __syncwarp();
    uint4 out = ld_shared_16(from);
    if (inside && m < M && lane / 2 < BLOCK_M) *reinterpret_cast<uint4*>(c) = out;
    __syncwarp();
  }
}

// Over 100 lines: producer and consumers are one kernel's roles over the same barriers and memory.
KDEX_KERNEL void KDEX_CLUSTER_DIMS(kCluster, 1, 1) __launch_bounds__(kThreads)
    gemm_stream_k(const __grid_constant__ TensorMap map_b, const __grid_constant__ TensorMap map_a,
                  T* __restrict__ C, int M
#if ALPHA
                  ,
                  float alpha
#endif
    ) {
  // Shared memory.
  extern __shared__ unsigned char shared_raw[];
  unsigned base = (shared_address(shared_raw) + 1023) & ~1023u;
  unsigned epilogue = base + NUM_STAGES * kStageBytes;  // of each warp
  unsigned fixup =
      epilogue +
      4 * NUM_MATH_WARPGROUPS * 16 *
          kEpiloguePitch;  // of the end of a tile that another split began: thread by thread
  __shared__ __align__(8) unsigned long long barriers[2 * NUM_STAGES];
  unsigned full = shared_address(barriers), empty = full + 8 * NUM_STAGES;
  int warpgroup = warpgroup_index();
  int k_split = blockIdx.x % kCluster / CLUSTER_MULTICAST, peer = blockIdx.x % CLUSTER_MULTICAST;
  int cluster = blockIdx.x / kCluster, num_clusters = gridDim.x / kCluster,
      m0 = min(static_cast<int>(blockIdx.y) * BLOCK_M,
               max(0, M - BLOCK_M));  // as in swap_ab_split_k.cu
  // The cluster's tiles, one behind another, are `total` k-blocks; this split takes those of
  // [begin, end).
  int first = kNumTiles * cluster / num_clusters,
      total = (kNumTiles * (cluster + 1) / num_clusters - first) * kNumKBlocks;
  auto split_begin = [&](int p) { return total * p / SPLIT_K; };
  int begin = split_begin(k_split), end = split_begin(k_split + 1);
  auto column = [&](int tile) { return ((first + tile) * CLUSTER_MULTICAST + peer) * kBlockN; };
  // Barriers.
  if (threadIdx.x == 0) {
    for (int s = 0; s < NUM_STAGES; ++s)
      mbarrier_init(full + 8 * s, 1),
          mbarrier_init(empty + 8 * s, NUM_MATH_WARPGROUPS * CLUSTER_MULTICAST);
    fence_mbarrier_init();
  }
  if (CLUSTER_MULTICAST > 1) cluster_arrive_relaxed();
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  if (CLUSTER_MULTICAST > 1)
    cluster_wait();  // for the barriers of all
  else
    __syncthreads();
  // The cluster synchronizes twice at the end: sums of other splits' tiles are there; they were
  // read. Producer, then consumers.
  if (warpgroup == NUM_MATH_WARPGROUPS) {
    if (threadIdx.x == 128 * NUM_MATH_WARPGROUPS) {
      int tile = begin / kNumKBlocks, k_block = begin % kNumKBlocks;
      for (int i = 0; i < end - begin; ++i) {
        int s = i % NUM_STAGES;
        if (i >= NUM_STAGES) mbarrier_wait(empty + 8 * s, (i / NUM_STAGES - 1) & 1);
        unsigned at = base + s * kStageBytes;
        mbarrier_arrive_expect_tx(full + 8 * s, kStageBytes);
#if B_MN_MAJOR  // 64 columns a box, one row a k
#pragma unroll
        for (int w = 0; w < NUM_MATH_WARPGROUPS; ++w)
          tma_load(at + w * 8192, map_b, column(tile) + w * 64, k_block * kBlockK, full + 8 * s);
#else
        tma_load(at, map_b, k_block * kBlockK, column(tile), full + 8 * s);
#endif
        constexpr int kShare = BLOCK_M / CLUSTER_MULTICAST;
        if constexpr (CLUSTER_MULTICAST > 1)
          tma_load_multicast(at + (kBlockN + peer * kShare) * 128, map_a, k_block * kBlockK,
                             m0 + peer * kShare, full + 8 * s,
                             ((1 << CLUSTER_MULTICAST) - 1) << (k_split * CLUSTER_MULTICAST));
        else
          tma_load(at + kBlockN * 128, map_a, k_block * kBlockK, m0, full + 8 * s);
        if (++k_block == kNumKBlocks) k_block = 0, ++tile;
      }
    }
    __syncwarp();  // else the lanes that wait for the cluster could keep the one that loads from it
    if (SPLIT_K > 1) cluster_sync();
  } else {
    int warp = threadIdx.x / 32;
    // K-block i was read: tells this CTA, or all that load shares of its A. None waits for the last
    // ones, so that no arrival reaches a CTA that has exited.
    auto release = [&](int i) {
      if (threadIdx.x % 128 >= CLUSTER_MULTICAST || i + NUM_STAGES >= end - begin) return;
      if constexpr (CLUSTER_MULTICAST > 1)
        mbarrier_arrive_cluster(empty + 8 * (i % NUM_STAGES),
                                k_split * CLUSTER_MULTICAST + threadIdx.x % 128);
      else
        mbarrier_arrive(empty + 8 * (i % NUM_STAGES));
    };
    // Main loop over the k-blocks of a tile, then its epilogue.
    for (int at = begin, i = 0; at < end;) {
      int tile = at / kNumKBlocks, stop = min(end, (tile + 1) * kNumKBlocks), count = stop - at;
      float acc[BLOCK_M / 2];
      for (int k_block = 0; k_block < count; ++k_block, ++i) {
        int s = i % NUM_STAGES;
        mbarrier_wait(full + 8 * s, i / NUM_STAGES & 1);
        unsigned from = base + s * kStageBytes;
#if B_MN_MAJOR  // 16 rows of k are 2048 bytes; 64 columns are all of a box, so that the stride is
                // not used
        unsigned long long rows = mn_major_descriptor(from + warpgroup * 64 * 128, 8192),
                           columns = k_major_descriptor(from + kBlockN * 128);
#else
        unsigned long long rows = k_major_descriptor(from + warpgroup * 64 * 128),
                           columns = k_major_descriptor(from + kBlockN * 128);
#endif
        wgmma_fence();
#pragma unroll
        for (int k = 0; k < kBlockK / 16; ++k)
          wgmma<0, B_MN_MAJOR>(acc, advance_descriptor(rows, (B_MN_MAJOR ? 2048 : 32) * k),
                               advance_descriptor(columns, 32 * k), k_block > 0 || k > 0);
        wgmma_commit();
        wgmma_wait<1>();
        if (k_block > 0) release(i - 1);
      }
      wgmma_wait<0>();
      release(i - 1);
      bool is_fixup = SPLIT_K > 1 && at % kNumKBlocks != 0;
      if (is_fixup) {  // for the split that began the tile
#pragma unroll
        for (int j = 0; j < BLOCK_M / 8 && m0 + j / 2 * 16 < M; ++j)
          st_shared_16(fixup + (j * 128 * NUM_MATH_WARPGROUPS + threadIdx.x) * 16, acc[4 * j],
                       acc[4 * j + 1], acc[4 * j + 2], acc[4 * j + 3]);
      }
      if (SPLIT_K > 1 && stop == end) cluster_sync();
      if (!is_fixup) {
        if (SPLIT_K > 1 &&
            stop < (tile + 1) * kNumKBlocks)  // add up what the splits behind have of it
          for (int p = k_split + 1; p < SPLIT_K && split_begin(p) < (tile + 1) * kNumKBlocks; ++p)
#pragma unroll
            for (int j = 0; j < BLOCK_M / 8 && m0 + j / 2 * 16 < M; ++j) {
              float4 x =
                  ld_shared_cluster(fixup + (j * 128 * NUM_MATH_WARPGROUPS + threadIdx.x) * 16,
                                    p * CLUSTER_MULTICAST + peer);
              acc[4 * j] += x.x, acc[4 * j + 1] += x.y, acc[4 * j + 2] += x.z,
                  acc[4 * j + 3] += x.w;
            }
#if ALPHA
#pragma unroll
        for (int x = 0; x < BLOCK_M / 2; ++x) acc[x] *= alpha;
#endif
        store_columns(acc, epilogue + warp * 16 * kEpiloguePitch, C, m0, M,
                      column(tile) + warp * 16);
      }
      at = stop;
    }
  }
  if (SPLIT_K > 1) cluster_sync();
}
