// C[M,N] = alpha * A B of NVFP4 weights on sm_90a, 16 bits out: swap-AB, B's columns take wgmma's
// M, from registers, where they are dequantized, A's rows its N. A tile is 256 columns times
// BLOCK_M rows. SPLIT_K 1: stream-K, every CTA takes as many k-blocks as the others, over tiles,
// and nvfp4_reduce.cu adds up the sums of tiles that CTAs shared. SPLIT_K 2, 4 or 8: a cluster a
// tile, whose CTAs share its k-blocks and reduce through distributed shared memory. A comes from
// nvfp4_dequantize_a.cu.
//
// Grid: CTAs.
//
// Constants: N, K, BLOCK_M, NUM_STAGES, SPLIT_K.
#include "../device/accumulators.cuh"
#include "../device/barrier.cuh"
#include "../device/copy.cuh"
#include "../device/launch.cuh"
#include "../device/nvfp4.cuh"
#include "../device/tma.cuh"
#include "../device/wgmma.cuh"
#include "nvfp4_stream_k.cuh"
using namespace kdex;

#if K % 16 != 0 || N % 16 != 0
#error "gemm_nvfp4: N and K must be multiples of 16"
#endif
constexpr int kNumKBlocks = (K + 127) / 128;
constexpr int kBlockK = 128;
constexpr unsigned
    kWeightBytes = 9216,
    kTokenOffset =
        2 * kWeightBytes;  // of a stage: values and scales of 128 columns, twice; rows of A
constexpr unsigned kStageBytes = kTokenOffset + BLOCK_M * 256;
constexpr int kGroup =
    BLOCK_M <= 16 ? 2 : 1;  // quarters of a k-block whose products are issued together

// map_b [8 pairs of k][K / 16][N] of bytes and map_scale [K / 16][N], boxes of 128 columns; map_a:
// permuted. Two consumer warpgroups take 128 columns each (a lane four neighbours: two of each
// product of 64); the first lane behind them is the producer. Over 100 lines: dequantization and
// products share registers, so the main loop is one piece.
KDEX_KERNEL void
#if SPLIT_K > 1
KDEX_CLUSTER_DIMS(SPLIT_K, 1, 1)
#endif
    __launch_bounds__(384, 1)
        gemm_nvfp4_swap_ab(const __grid_constant__ TensorMap map_b,
                           const __grid_constant__ TensorMap map_scale,
                           const __grid_constant__ TensorMap map_a, float alpha, T* __restrict__ C,
                           float* __restrict__ partial, int M) {
  // Shared memory.
  extern __shared__ unsigned char shared_raw[];
  unsigned base = (shared_address(shared_raw) + 1023) & ~1023u;
  __shared__ __align__(8) unsigned long long barriers[2 * NUM_STAGES];
  unsigned full = shared_address(barriers), empty = full + 8 * NUM_STAGES;
  int warpgroup = warpgroup_index(), rank = SPLIT_K > 1 ? blockIdx.x % SPLIT_K : 0;
  StreamK<BLOCK_M, N, K> shares(M, gridDim.x);
  int at, end;
  if (SPLIT_K > 1) {
    int tile = blockIdx.x / SPLIT_K * kNumKBlocks;
    at = tile + kNumKBlocks * rank / SPLIT_K, end = tile + kNumKBlocks * (rank + 1) / SPLIT_K;
  } else {
    at = shares.begin(blockIdx.x), end = shares.begin(blockIdx.x + 1);
  }
  // Barriers.
  if (threadIdx.x == 0) {
    for (int s = 0; s < NUM_STAGES; ++s)
      mbarrier_init(full + 8 * s, 1), mbarrier_init(empty + 8 * s, 2);
    fence_mbarrier_init();
  }
  __syncthreads();
  float* sums = reinterpret_cast<float*>(shared_raw + (base - shared_address(shared_raw)));
  if (warpgroup == 2) {
    // Producer.
    setmaxnreg_dec<40>();
    if (threadIdx.x == 256) {
      int slot = 0, parity = 1;
      bool waits = true;
      auto load_tokens = [&](int k_block, int slot) {
        int tile = k_block / kNumKBlocks, k = k_block % kNumKBlocks;
#pragma unroll
        for (int h = 0; h < 2; ++h)
          tma_load(base + slot * kStageBytes + kTokenOffset + h * BLOCK_M * 128, map_a,
                   k * kBlockK + h * 64, tile % shares.rows * BLOCK_M, full + 8 * slot);
      };
      for (int k_block = at; k_block < end; ++k_block) {
        int k = k_block % kNumKBlocks, n0 = k_block / kNumKBlocks / shares.rows * 256;
        mbarrier_wait(empty + 8 * slot, parity);
        unsigned to = base + slot * kStageBytes, bar = full + 8 * slot;
        mbarrier_arrive_expect_tx(bar, kStageBytes);
#pragma unroll
        for (int w = 0; w < 2; ++w) {
          tma_load(to + w * kWeightBytes, map_b, n0 + w * 128, k * 8, 0, bar);
          tma_load(to + w * kWeightBytes + 8192, map_scale, n0 + w * 128, k * 8, bar);
        }
        if (waits && (k_block - at == NUM_STAGES - 1 ||
                      k_block + 1 ==
                          end)) {  // gemm_nvfp4_dequantize_a may run until here: weights come first
          griddepcontrol_launch_dependents();
          griddepcontrol_wait();
          waits = false;
          for (int i = 0; i < k_block - at; ++i) load_tokens(at + i, i);
        }
        if (!waits) load_tokens(k_block, slot);
        if (++slot == NUM_STAGES) slot = 0, parity ^= 1;
      }
    }
  } else {
    // Consumers.
    setmaxnreg_inc<232>();
    int warp = threadIdx.x / 32 % 4, lane = threadIdx.x % 32, g = lane / 4, c = lane % 4;
    unsigned offset_of[2];  // of this lane's four columns in a row of block 2 c + h
#pragma unroll
    for (int h = 0; h < 2; ++h)
      offset_of[h] =
          warpgroup * kWeightBytes + swizzle_128b(2 * c + h, warp * 2 + g / 4) + g % 4 * 4;
    int slot = 0, parity = 0, before = -1;  // before: the stage read last, not given back yet
    unsigned word[kGroup][4], of_rows, from = base;
    auto load_words = [&](int q0) {  // of quarters of a k-block: eight values of four columns
#pragma unroll
      for (int j = 0; j < kGroup; ++j) {
        int q = q0 + j;
#pragma unroll
        for (int i = 0; i < 4; ++i)
          word[j][i] = ld_shared_4(from + offset_of[q / 2] + (q % 2 * 4 + i) * 1024);
        if (q % 2 == 0) of_rows = ld_shared_4(from + offset_of[q / 2] + 8192);
      }
    };
    if (at < end) {
      mbarrier_wait(full, 0);
      load_words(0);
    }
    bool first = true;
    while (at < end) {
      int tile = at / kNumKBlocks, k_blocks = min(kNumKBlocks - at % kNumKBlocks, end - at);
      float acc[2][BLOCK_M / 2];
#pragma unroll
      for (int i = 0; i < BLOCK_M; ++i) acc[i / (BLOCK_M / 2)][i % (BLOCK_M / 2)] = 0.f;
      unsigned a[2][kGroup][2][2][4],
          scale[4];  // of two groups of quarters, alternating: a quarter's, a product's, a block's
      // Main loop.
      for (int k_block = 0; k_block < k_blocks; ++k_block) {
        unsigned long long tokens = k_major_descriptor(from + kTokenOffset);
#pragma unroll
        for (int q0 = 0; q0 < 4; q0 += kGroup) {
          auto& mine = a[q0 / kGroup % 2];
#pragma unroll
          for (int q = q0; q < q0 + kGroup; ++q) {
            if (q % 2 == 0) {
              unsigned low = fp4_scales(__byte_perm(of_rows, 0, 0x1100)),
                       high = fp4_scales(__byte_perm(of_rows, 0, 0x3322));
              scale[0] = low_twice(low), scale[1] = high_twice(low), scale[2] = low_twice(high),
              scale[3] = high_twice(high);
            }
#pragma unroll
            for (int i = 0; i < 4; ++i) {
              int p = i / 2, block = i % 2;
              unsigned pair[4];
              unpack8(pair,
                      __byte_perm(word[q - q0][p], word[q - q0][p + 2], block ? 0x7632 : 0x5410));
#pragma unroll
              for (int j = 0; j < 4; ++j)
                mine[q - q0][p][block][j % 2 * 2 + j / 2] = mul2(pair[j], scale[block * 2 + j / 2]);
            }
          }
          wgmma_fence();
#pragma unroll
          for (int i = 0; i < 4 * kGroup; ++i) {
            int q = q0 + i / 4, p = i % 4 / 2;
            wgmma_regs<0>(acc[i % 2], mine[i / 4][p][i % 2],
                          advance_descriptor(tokens, q / 2 * BLOCK_M * 128 + (q % 2 * 2 + p) * 32),
                          1);
          }
          wgmma_commit();
          // The next group's values come while these are multiplied.
          if (q0 + kGroup == 4) {
            before = slot;
            if (++slot == NUM_STAGES) slot = 0, parity ^= 1;
            if (at + k_block + 1 < end) {
              from = base + slot * kStageBytes;
              mbarrier_wait(full + 8 * slot, parity);
              load_words(0);
            }
          } else {
            load_words(q0 + kGroup);
          }
          wgmma_wait<1>();
          if (q0 == 0 && before >= 0 && threadIdx.x % 128 == 0) mbarrier_arrive(empty + 8 * before);
        }
      }
      wgmma_wait<0>();
      // Epilogue.
      int m0 = tile % shares.rows * BLOCK_M, n0 = tile / shares.rows * 256,
          r = warpgroup * 128 + warp * 32 + g * 4;
      if (SPLIT_K > 1) named_barrier_sync(1, 256);  // both have read the ring
      float by = SPLIT_K > 1 || k_blocks == kNumKBlocks ? alpha * kFp4Short : kFp4Short;
      float* mine = partial + (static_cast<size_t>(blockIdx.x) * 2 + !first) * BLOCK_M * 256;
#pragma unroll
      for (int i = 0; i < BLOCK_M / 2; i += 4)
#pragma unroll
        for (int e = 0; e < 2; ++e) {
          int t = i / 4 * 8 + c * 2 + e;
          float4 x = make_float4(acc[0][i + e] * by, acc[0][i + 2 + e] * by, acc[1][i + e] * by,
                                 acc[1][i + 2 + e] * by);
          if (SPLIT_K > 1) {
            *reinterpret_cast<float4*>(sums + t * kAccumulatorPitch + r) = x;
          } else if (m0 + t < M && n0 + r < N) {
            if (k_blocks < kNumKBlocks)
              *reinterpret_cast<float4*>(mine + t * 256 + r) = x;
            else
              *reinterpret_cast<uint2*>(C + static_cast<size_t>(m0 + t) * N + n0 + r) =
                  make_uint2(pack2(x.x, x.y), pack2(x.z, x.w));
          }
        }
      first = false;
      at += k_blocks;
    }
  }
  if constexpr (SPLIT_K > 1) {
    __syncwarp();
    cluster_sync();
    // Each CTA of the cluster reduces its share of the rows, four columns a thread.
    int tile = blockIdx.x / SPLIT_K, m0 = tile % shares.rows * BLOCK_M,
        n0 = tile / shares.rows * 256, live = min(BLOCK_M, M - m0);
    int begin = live * rank / SPLIT_K, rows = live * (rank + 1) / SPLIT_K - begin;
    for (int i = threadIdx.x; i < rows * 64; i += 384) {
      int t = begin + i / 64, n = i % 64 * 4;
      float4 x = cluster_reduce<SPLIT_K>(base + (t * kAccumulatorPitch + n) * 4);
      if (n0 + n < N)
        *reinterpret_cast<uint2*>(C + static_cast<size_t>(m0 + t) * N + n0 + n) =
            make_uint2(pack2(x.x, x.y), pack2(x.z, x.w));
    }
    cluster_sync();  // the others have read this CTA's sums
  }
}
