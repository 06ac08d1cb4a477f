// C[M,N] = A[M,K] B[N,K]^T of FP8 (e4m3), 16-bit out, on sm_90a, for many rows: persistent tiles of
// 128 rows times BLOCK_N columns. BLOCK_SCALES 1: scales of A for 128 columns of a row and of B for
// 128 x 128. BLOCK_SCALES 0: `alpha` multiplies the result; B comes in blocks of 128 of k,
// [K / 128, N, 128].
// Rows of A take wgmma's M, so that a thread meets two of their scales, not a quarter of a tile's.
// The two CTAs of a cluster share each tile of B by multicast. One warpgroup is the producer (a
// thread of tiles by TMA, a warp of scales), two are consumers: one adds a product up while the
// other's is computed (alternating by barriers is 3 to 5 % slower). a_scale [M, K / 128]; b_scale
// [N / 128 rounded up, K / 128].
//
// Grid: 2 * clusters.
//
// Constants: N, K, BLOCK_SCALES, BLOCK_N (64, 96, 128, 192 or 256), NUM_STAGES.
#include "../device/barrier.cuh"
#include "../device/copy.cuh"
#include "../device/launch.cuh"
#include "../device/scales.cuh"
#include "../device/tma.cuh"
#include "../device/wgmma.cuh"
using namespace kdex;

#if K % 128 != 0 || N % 8 != 0
#error "gemm_fp8: K must be a multiple of 128, N of 8"
#endif
constexpr int kNumKBlocks = K / 128;
constexpr int kBlockM = 128;
constexpr unsigned kTileBytes = (kBlockM + BLOCK_N) * 128;
constexpr int kNumBlocksN = (N + BLOCK_N - 1) / BLOCK_N, kScaleRows = (N + 127) / 128;
#if BLOCK_SCALES
constexpr int kParts = BLOCK_N > 192 ? 2 : 1, kPart = BLOCK_N / kParts;  // columns of one product
#endif
constexpr int kWeights = BLOCK_N == 256 ? 2
                         : BLOCK_N % 96 ? 1
                                        : 3,
              kEach = BLOCK_N / kWeights;  // scales of B in a k-block, one for kEach columns
constexpr int kScales = kBlockM + 32;      // of a k-block: of the rows, then of B
constexpr int kSwizzleGroup = 8;           // pairs of tile rows that are swept together, for the L2
static_assert(BLOCK_N == 64 || BLOCK_N == 96 || BLOCK_N == 128 || BLOCK_N == 192 || BLOCK_N == 256,
              "columns of a tile");

// Over 100 lines: producer and consumers are one kernel's roles over the same barriers and memory.
KDEX_KERNEL void KDEX_CLUSTER_DIMS(2, 1, 1) __launch_bounds__(384, 1)
    gemm_fp8_block(const __grid_constant__ TensorMap map_b, const __grid_constant__ TensorMap map_a,
                   const __grid_constant__ TensorMap map_c, const float* __restrict__ a_scale,
                   const float* __restrict__ b_scale, float alpha, T* __restrict__ C, int M) {
  // Shared memory.
  extern __shared__ unsigned char shared_raw[];
  unsigned raw = shared_address(shared_raw), base = (raw + 1023) & ~1023u;
  unsigned staging = base + NUM_STAGES * kTileBytes,
           ring = staging + 2 * 64 * 128;  // a box of 64 x 64 of C a warpgroup; scales
  float* scales = reinterpret_cast<float*>(shared_raw + (ring - raw));
  __shared__ __align__(8) unsigned long long barriers[2 * NUM_STAGES];
  unsigned full = shared_address(barriers), empty = full + 8 * NUM_STAGES;
  int warpgroup = warpgroup_index(), rank = cluster_ctarank();
  int pairs = (M + 2 * kBlockM - 1) / (2 * kBlockM), items = pairs * kNumBlocksN;
  // Barriers.
  if (threadIdx.x == 0) {
    for (int s = 0; s < NUM_STAGES; ++s)
      mbarrier_init(full + 8 * s, BLOCK_SCALES ? 33 : 1), mbarrier_init(empty + 8 * s, 256 + 8);
    fence_mbarrier_init();
  }
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  cluster_sync();
  auto tile_of = [&](int item, int& n0, int& m0) {
    int group = item / (kSwizzleGroup * kNumBlocksN), inside = item % (kSwizzleGroup * kNumBlocksN),
        height = min(kSwizzleGroup, pairs - group * kSwizzleGroup);
    // (The last tile ends with the last row: see tma.cu. One that has none asks for none.)
    n0 = inside / height * BLOCK_N,
    m0 = ((group * kSwizzleGroup + inside % height) * 2 + rank) * kBlockM;
    if (m0 < M) m0 = min(m0, max(0, M - kBlockM));
  };
  if (warpgroup == 2) {
    // Producer.
    setmaxnreg_dec<40>();
    if (threadIdx.x == 256) {
      int i = 0;
      for (int item = blockIdx.x / 2; item < items; item += gridDim.x / 2) {
        int n0, m0;
        tile_of(item, n0, m0);
        for (int k_block = 0; k_block < kNumKBlocks; ++k_block, ++i) {
          int s = i % NUM_STAGES;
          if (i >= NUM_STAGES) mbarrier_wait(empty + 8 * s, (i / NUM_STAGES - 1) & 1);
          unsigned at = base + s * kTileBytes, bar = full + 8 * s;
          // (A tile of rows that are all behind the last is not asked for.)
          const bool rows = m0 < M;
          mbarrier_arrive_expect_tx(bar, rows ? kTileBytes : kTileBytes - kBlockM * 128);
          if (rows) tma_load(at, map_a, k_block * 128, m0, bar);
          tma_load_multicast(at + kBlockM * 128 + rank * (BLOCK_N / 2) * 128, map_b,
                             BLOCK_SCALES ? k_block * 128 : 0,
                             (BLOCK_SCALES ? 0 : k_block * N) + n0 + rank * (BLOCK_N / 2), bar, 3);
        }
      }
    } else if (BLOCK_SCALES && threadIdx.x / 32 == 9) {
      int i = 0;
      for (int item = blockIdx.x / 2; item < items; item += gridDim.x / 2) {
        int n0, m0;
        tile_of(item, n0, m0);
        load_scales<kScales, NUM_STAGES, 2>(scales, full, empty, i, kNumKBlocks, [&](int r) {
          int w = r - kBlockM;
          return w >= 0 ? w < kWeights ? b_scale + static_cast<size_t>(min((n0 + w * kEach) / 128,
                                                                           kScaleRows - 1)) *
                                                       kNumKBlocks
                                       : nullptr
                 : m0 + r < M ? a_scale + static_cast<size_t>(m0 + r) * kNumKBlocks
                              : nullptr;
        });
      }
    }
    __syncwarp();
  } else {
    // Consumers.
    setmaxnreg_inc<232>();
    int slot = 0, parity = 0, lane = threadIdx.x % 32, warp = threadIdx.x / 32 % 4;
    unsigned box = staging + warpgroup * 64 * 128;
    unsigned long long rows = k_major_descriptor(base + warpgroup * 64 * 128),
                       columns = k_major_descriptor(base + kBlockM * 128);
    for (int item = blockIdx.x / 2; item < items; item += gridDim.x / 2) {
      float sum[BLOCK_N / 2];
      // Main loop.
      auto release = [&](int of) {  // each lane that has read scales arrives itself in its own CTA
        mbarrier_arrive(empty + 8 * of);
        __syncwarp();
        if (lane == 0) mbarrier_arrive_cluster(empty + 8 * of, rank ^ 1);
      };
#if BLOCK_SCALES
      int row = warpgroup * 64 + warp * 16 + lane / 4;
      float part[kPart / 2];
#pragma unroll
      for (int e = 0; e < BLOCK_N / 2; ++e) sum[e] = 0.f;
      for (int k_block = 0; k_block < kNumKBlocks; ++k_block) {
        mbarrier_wait(full + 8 * slot, parity);
        const float* scale = scales + slot * kScales;
        float factor[2] = {scale[row], scale[row + 8]}, weight[kWeights];
#pragma unroll
        for (int w = 0; w < kWeights; ++w) weight[w] = scale[kBlockM + w];
        unsigned long long a = advance_descriptor(rows, slot * kTileBytes),
                           b = advance_descriptor(columns, slot * kTileBytes);
#pragma unroll
        for (int p = 0; p < kParts; ++p) {
          wgmma_fence();
#pragma unroll
          for (int k = 0; k < 4; ++k)
            wgmma_fp8(part, advance_descriptor(a, 32 * k),
                      advance_descriptor(b, p * kPart * 128 + 32 * k), k > 0);
          wgmma_commit();
          wgmma_wait<0>();
          if (p == kParts - 1) release(slot);
#pragma unroll
          for (int w = 0; w < kPart / kEach; ++w) {
            float f[2] = {factor[0] * weight[p * (kPart / kEach) + w],
                          factor[1] * weight[p * (kPart / kEach) + w]};
#pragma unroll
            for (int e = w * (kEach / 2); e < (w + 1) * (kEach / 2); ++e)
              sum[p * (kPart / 2) + e] += part[e] * f[e / 2 % 2];
          }
        }
        if (++slot == NUM_STAGES) slot = 0, parity ^= 1;
      }
#else
      for (int k_block = 0, last = 0; k_block < kNumKBlocks; ++k_block) {
        mbarrier_wait(full + 8 * slot, parity);
        unsigned long long a = advance_descriptor(rows, slot * kTileBytes),
                           b = advance_descriptor(columns, slot * kTileBytes);
        wgmma_fence();
#pragma unroll
        for (int k = 0; k < 4; ++k)
          wgmma_fp8(sum, advance_descriptor(a, 32 * k), advance_descriptor(b, 32 * k),
                    k_block > 0 || k > 0);
        wgmma_commit();
        wgmma_wait<1>();
        if (k_block > 0) release(last);
        last = slot;
        if (++slot == NUM_STAGES) slot = 0, parity ^= 1;
      }
      wgmma_wait<0>();
      release(slot == 0 ? NUM_STAGES - 1 : slot - 1);
#pragma unroll
      for (int e = 0; e < BLOCK_N / 2; ++e) sum[e] *= alpha;
#endif
      // Epilogue.
      int n0, m0;
      tile_of(item, n0, m0);
#pragma unroll
      for (int j = 0; j < (BLOCK_N + 63) / 64; ++j) {
        constexpr int kRest = BLOCK_N % 64 / 8;  // of a box's eight matrices of 8 columns
        const bool rest = kRest && j == BLOCK_N / 64;
        if (threadIdx.x % 128 == 0) tma_store_wait_read<0>();
        named_barrier_sync(1 + warpgroup, 128);
#pragma unroll
        for (int c = 0; c < (rest ? kRest : 8); c += 2) {
          const float* x = sum + (j * 8 + c) * 4;
          stmatrix_x4(box + swizzle_128b(warp * 16 + lane % 16, c + lane / 16), pack2(x[0], x[1]),
                      pack2(x[2], x[3]), pack2(x[4], x[5]), pack2(x[6], x[7]));
        }
        fence_proxy_async();
        named_barrier_sync(1 + warpgroup, 128);
        if (rest) {  // half a box: TMA would store the whole
          for (int i = threadIdx.x % 128; i < 64 * kRest; i += 128) {
            int r = i / max(kRest, 1), y = m0 + warpgroup * 64 + r,
                x = n0 + j * 64 + i % max(kRest, 1) * 8;
            if (y < M && x < N)
              *reinterpret_cast<uint4*>(C + static_cast<size_t>(y) * N + x) =
                  ld_shared_16(box + swizzle_128b(r, i % max(kRest, 1)));
          }
        } else if (threadIdx.x % 128 == 0) {
          tma_store(map_c, n0 + j * 64, m0 + warpgroup * 64, box);
          tma_store_commit();
        }
      }
    }
    if (threadIdx.x % 128 == 0) tma_store_wait_read<0>();
  }
  cluster_sync();
}
