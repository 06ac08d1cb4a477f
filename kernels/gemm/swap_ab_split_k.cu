// C[M,N] = A[M,K] B in 16 bits on sm_90a, for few rows of A: swap-AB, split-K in a cluster. B's
// columns take wgmma's M and A's rows its N, so that few rows are not padded to 64. A CTA takes
// BLOCK_N = 64 * NUM_MATH_WARPGROUPS columns and BLOCK_M rows; the SPLIT_K CTAs of a cluster share
// K and reduce through distributed shared memory. One warp is the producer, by TMA. B is [N,K]
// (K-major) or [K,N] (MN-major).
//
// Grid: (N tiles * SPLIT_K, M tiles); with BATCHED one product for each item of its third axis,
// which is the third dimension of the maps too.
//
// Constants: N, K, BLOCK_M, NUM_MATH_WARPGROUPS, SPLIT_K, NUM_STAGES, B_MN_MAJOR, ALPHA (multiplies
// the sums by an argument); BATCHED or none.
#include "../device/barrier.cuh"
#include "../device/copy.cuh"
#include "../device/launch.cuh"
#include "../device/tma_planes.cuh"
#include "../device/wgmma.cuh"
using namespace kdex;

#if K % 8 != 0 || (N % 8 != 0 && B_MN_MAJOR)
#error "gemm: TMA takes rows of multiples of 16 bytes"
#endif
constexpr int kBlockK = 64;
constexpr int kNumKBlocks = (K + kBlockK - 1) / kBlockK;
constexpr int kBlockN = 64 * NUM_MATH_WARPGROUPS;
constexpr int kThreads = 128 * NUM_MATH_WARPGROUPS + 32;
constexpr unsigned kStageBytes = (kBlockN + BLOCK_M) * 128;
static_assert(kNumKBlocks >= SPLIT_K, "every CTA has a k-block");
#ifdef BATCHED
constexpr bool kBatched = true;
#else
constexpr bool kBatched = false;
#endif

// Over 100 lines: producer and consumers are one kernel's roles over the same barriers and memory.
KDEX_KERNEL void KDEX_CLUSTER_DIMS(SPLIT_K, 1, 1) __launch_bounds__(kThreads)
    gemm_swap_ab_split_k(const __grid_constant__ TensorMap map_b,
                         const __grid_constant__ TensorMap map_a, T* __restrict__ C, int M
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
  int warpgroup = warpgroup_index();
  int rank = SPLIT_K > 1 ? blockIdx.x % SPLIT_K : 0;
  // (The last tile of rows ends with the last row, as a box that reaches beyond it takes twice as
  // long; rows of two tiles have the same bits in both.)
  int n0 = blockIdx.x / SPLIT_K * kBlockN,
      m0 = min(static_cast<int>(blockIdx.y) * BLOCK_M, max(0, M - BLOCK_M));
  int begin = kNumKBlocks * rank / SPLIT_K, end = kNumKBlocks * (rank + 1) / SPLIT_K;
  // Barriers.
  if (threadIdx.x == 0) {
    for (int s = 0; s < NUM_STAGES; ++s)
      mbarrier_init(full + 8 * s, 1), mbarrier_init(empty + 8 * s, NUM_MATH_WARPGROUPS);
    fence_mbarrier_init();
  }
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  __syncthreads();
  float* accumulators = reinterpret_cast<float*>(shared_raw + (base - shared_address(shared_raw)));
  constexpr int kPitch = kBlockN + 4;
  // Producer, then consumers.
  if (warpgroup == NUM_MATH_WARPGROUPS) {
    if (threadIdx.x == 128 * NUM_MATH_WARPGROUPS) {
      for (int k_block = begin; k_block < end; ++k_block) {
        int i = k_block - begin, s = i % NUM_STAGES;
        if (i >= NUM_STAGES) mbarrier_wait(empty + 8 * s, (i / NUM_STAGES - 1) & 1);
        unsigned at = base + s * kStageBytes;
        mbarrier_arrive_expect_tx(full + 8 * s, kStageBytes);
#if B_MN_MAJOR  // 64 columns a box, one row a k
#pragma unroll
        for (int w = 0; w < NUM_MATH_WARPGROUPS; ++w)
          tma_load_plane<kBatched>(at + w * 8192, map_b, n0 + w * 64, k_block * kBlockK, blockIdx.z,
                                   full + 8 * s);
#else
        tma_load_plane<kBatched>(at, map_b, k_block * kBlockK, n0, blockIdx.z, full + 8 * s);
#endif
        tma_load_plane<kBatched>(at + kBlockN * 128, map_a, k_block * kBlockK, m0, blockIdx.z,
                                 full + 8 * s);
      }
    }
    __syncwarp();  // no lane waits at a barrier for the one that loads
    __syncthreads();
  } else {
    // Main loop.
    float acc[BLOCK_M / 2];
    for (int k_block = begin; k_block < end; ++k_block) {
      int i = k_block - begin, s = i % NUM_STAGES;
      mbarrier_wait(full + 8 * s, i / NUM_STAGES & 1);
      unsigned at = base + s * kStageBytes;
#if B_MN_MAJOR  // 16 rows of k are 2048 bytes; 64 columns are all of a box, so that the stride is
                // not used
      unsigned long long rows = mn_major_descriptor(at + warpgroup * 64 * 128, 8192),
                         columns = k_major_descriptor(at + kBlockN * 128);
      wgmma_fence();
#pragma unroll
      for (int k = 0; k < kBlockK / 16; ++k)
        wgmma<0, 1>(acc, advance_descriptor(rows, 2048 * k), advance_descriptor(columns, 32 * k),
                    i > 0 || k > 0);
#else
      unsigned long long rows = k_major_descriptor(at + warpgroup * 64 * 128),
                         columns = k_major_descriptor(at + kBlockN * 128);
      wgmma_fence();
#pragma unroll
      for (int k = 0; k < kBlockK / 16; ++k)
        wgmma<0>(acc, advance_descriptor(rows, 32 * k), advance_descriptor(columns, 32 * k),
                 i > 0 || k > 0);
#endif
      wgmma_commit();
      wgmma_wait<1>();
      if (i > 0 && threadIdx.x % 128 == 0) mbarrier_arrive(empty + 8 * ((i - 1) % NUM_STAGES));
    }
    wgmma_wait<0>();
    __syncthreads();
    int lane = threadIdx.x % 32, row = warpgroup * 64 + threadIdx.x / 32 % 4 * 16 + lane / 4;
#pragma unroll
    for (int j = 0; j < BLOCK_M / 8; ++j)
#pragma unroll
      for (int e = 0; e < 4; ++e)
        accumulators[(8 * j + lane % 4 * 2 + e % 2) * kPitch + row + e / 2 * 8] = acc[4 * j + e];
  }
  if constexpr (SPLIT_K > 1)
    cluster_sync();
  else
    __syncthreads();
  // Epilogue: each CTA of the cluster reduces its share of the rows of C, four columns a thread.
  if constexpr (kBatched) C += static_cast<size_t>(blockIdx.z) * M * N;
  int live = min(BLOCK_M, M - m0);
  int first = live * rank / SPLIT_K, last = live * (rank + 1) / SPLIT_K;
  for (int i = threadIdx.x; i < (last - first) * (kBlockN / 4); i += kThreads) {
    int t = first + i / (kBlockN / 4), n = i % (kBlockN / 4) * 4;
    float4 x = make_float4(0.f, 0.f, 0.f, 0.f);
    if constexpr (SPLIT_K > 1) {
#pragma unroll
      for (int r = 0; r < SPLIT_K; ++r) {
        float4 y = ld_shared_cluster(base + (t * kPitch + n) * 4, r);
        x.x += y.x, x.y += y.y, x.z += y.z, x.w += y.w;
      }
    } else {
      x = *reinterpret_cast<float4*>(accumulators + t * kPitch + n);
    }
#if ALPHA
    x.x *= alpha, x.y *= alpha, x.z *= alpha, x.w *= alpha;
#endif
    if constexpr (N % 4 == 0) {
      if (n0 + n < N)
        *reinterpret_cast<uint2*>(C + static_cast<size_t>(m0 + t) * N + n0 + n) =
            make_uint2(pack2(x.x, x.y), pack2(x.z, x.w));
    } else {
      T* to = C + static_cast<size_t>(m0 + t) * N + n0 + n;
      if (n0 + n < N) to[0] = from_float(x.x);
      if (n0 + n + 1 < N) to[1] = from_float(x.y);
      if (n0 + n + 2 < N) to[2] = from_float(x.z);
      if (n0 + n + 3 < N) to[3] = from_float(x.w);
    }
  }
  if constexpr (SPLIT_K > 1) cluster_sync();
}
