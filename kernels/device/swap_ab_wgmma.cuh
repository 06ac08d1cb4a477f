// A swap-AB tile on sm_90a: 256 weight rows (two blocks of 128) times kBlockM tokens, FP8 or
// 16-bit, for expert layers and FP8 GEMMs. Weight rows take wgmma's M and tokens its N, so that few
// tokens are not padded to 64. With scales each k-block of 128 is accumulated by itself and added
// times (token's scale x weight block's scale) in float32. One thread is the producer, by TMA; two
// warpgroups are the consumers, over as many tiles as a CTA is given: the next tile's loads overlap
// this one's epilogue. Warp w of the eight holds rows 16w + lane/4 (+8) of each block and tokens 8j
// + lane%4*2 (+1) in sum[block][4j ..]. Must not know experts or outputs.
#pragma once

#include "accumulators.cuh"
#include "copy.cuh"
#include "scales.cuh"
#include "tma.cuh"
#include "wgmma.cuh"

namespace kdex {

// kMulticast: the two CTAs of a cluster share the weights of each k-block; each loads one of their
// two blocks for both.
template <bool fp8, int kBlockM, int kNumStages, bool kMulticast>
struct SwapAbWgmma {
  static constexpr int kBlockK = fp8 ? 128 : 64;  // of k: 128 bytes
  static constexpr int kThreads = 384;            // the third warpgroup's first thread loads
  static constexpr unsigned kStageBytes = 32768 + kBlockM * 128;
  // Tokens of a TMA store of 16-bit results.
  static constexpr int kStoreRows = kBlockM % 64 == 0 ? 64 : kBlockM % 32 == 0 ? 32 : 16;
  // An FP8 tile with 8 kBlockM floats, or two boxes of 16-bit results.
  static constexpr unsigned kStagingBytes =
      kBlockM * 160 > 256 * kStoreRows ? kBlockM * 160 : 256 * kStoreRows;
  static constexpr unsigned kSharedBytes =
      kNumStages * (kStageBytes + kBlockM * 4) + kStagingBytes + 1024;

  static constexpr bool kAlternate =
      kBlockM >= 64;  // the consumers issue products in turns, with scales

  unsigned base, staging, full, empty;
  float* ring;
  const float* scales;
  int iter = 0;  // this thread's k-blocks so far, over all tiles: stage iter % kNumStages
  float next_scale[2] = {1.f, 1.f};

  /// Call by all threads; `shared` is dynamic, `barriers` static shared memory of 2 * kNumStages
  /// words. by_warp: a second warp loads the scales, by load_scales.
  template <bool by_warp = false>
  __device__ __forceinline__ void init(unsigned char* shared, unsigned long long* barriers,
                                       const TensorMap& weights, const TensorMap& tokens) {
    if (kAlternate && threadIdx.x / 128 == 1) named_barrier_arrive(4, 256);
    unsigned raw = shared_address(shared);
    base = (raw + 1023) & ~1023u, staging = base + kNumStages * kStageBytes;
    ring = reinterpret_cast<float*>(shared + (base - raw));
    scales = reinterpret_cast<const float*>(shared + (staging - raw) + kStagingBytes);
    if (threadIdx.x == 0) prefetch_tensormap(weights), prefetch_tensormap(tokens);
    full = shared_address(barriers), empty = full + 8 * kNumStages;
    if (threadIdx.x == 0) {
      for (int s = 0; s < kNumStages; ++s)
        mbarrier_init(full + 8 * s, by_warp ? 33 : 1),
            mbarrier_init(empty + 8 * s, kMulticast ? 256 + 8 : 256);
      fence_mbarrier_init();
    }
    if constexpr (kMulticast)
      cluster_sync();
    else
      __syncthreads();
  }
  /// The producer: k-blocks first, first + 1, ... at(block, k_block, x, y): where a weight box lies
  /// in its map. scaled: also the tokens' scales, [k_blocks, scale_stride].
  template <bool scaled, class At>
  __device__ __forceinline__ void produce(int first, int k_blocks, const TensorMap& weights, At at,
                                          const TensorMap& tokens, int token0,
                                          const float* token_scale = nullptr,
                                          size_t scale_stride = 0) {
    for (int i = 0; i < k_blocks; ++i, ++iter) {
      int s = iter % kNumStages;
      if (iter >= kNumStages) mbarrier_wait(empty + 8 * s, (iter / kNumStages - 1) & 1);
      unsigned to = base + s * kStageBytes, bar = full + 8 * s;
      mbarrier_arrive_expect_tx(bar, kStageBytes + (scaled ? kBlockM * 4 : 0));
      int x, y;
      if constexpr (kMulticast) {
        int b = cluster_ctarank();
        at(b, first + i, x, y);
        tma_load_multicast(to + b * 16384, weights, x, y, bar, 3);
      } else {
#pragma unroll
        for (int b = 0; b < 2; ++b) {
          at(b, first + i, x, y);
          tma_load(to + b * 16384, weights, x, y, bar);
        }
      }
      tma_load(to + 32768, tokens, (first + i) * kBlockK, token0, bar);
      if constexpr (scaled)
        tma_load_1d(staging + kStagingBytes + s * kBlockM * 4,
                    token_scale + (first + i) * scale_stride + token0, kBlockM * 4, bar);
    }
  }
  /// The producer warp of scales: the tokens' [tokens, pitch], of which there are `rows`.
  __device__ __forceinline__ void load_scales(const float* token_scale, size_t pitch, int rows,
                                              int k_blocks) {
    kdex::load_scales<kBlockM, kNumStages, (kBlockM > 64 ? 2 : 4)>(
        const_cast<float*>(scales), full, empty, iter, k_blocks,
        [&](int r) { return r < rows ? token_scale + r * pitch : nullptr; });
  }
  /// The consumers' main loop. scale0, scale1: the two blocks' scales, one a k-block; next0, next1:
  /// those of the tile after it (any valid address behind the last). They are read one k-block
  /// ahead: prefetch_scales() for the first tile's. scaled 2: only the tokens have scales.
  template <int scaled>
  __device__ __forceinline__ void mainloop(float (&sum)[2][kBlockM / 2], int k_blocks,
                                           const float* scale0, const float* scale1,
                                           const float* next0, const float* next1) {
    int lane = threadIdx.x % 32;
    unsigned first_rows = base + warpgroup_index() * 8192;
    if constexpr (scaled) {
#pragma unroll
      for (int i = 0; i < kBlockM / 2; ++i) sum[0][i] = sum[1][i] = 0.f;
      // Two products in flight where the registers allow: one is added up while the other is
      // computed. In wide tiles the warpgroups alternate, so that one adds up while the other
      // multiplies; the other may issue shortly before a product ends.
      constexpr int kParts = kBlockM <= 96 ? 2 : 1;
      float part[kParts][kBlockM / 2];
      auto product = [&](int b, int from, int to) {
        unsigned at = iter % kNumStages * kStageBytes;
        unsigned long long rows = k_major_descriptor(first_rows + at),
                           tokens = k_major_descriptor(base + at + 32768);
#pragma unroll
        for (int k = from; k < to; ++k)
          wgmma_fp8(part[b % kParts], advance_descriptor(rows, b * 16384 + 32 * k),
                    advance_descriptor(tokens, 32 * k), k > 0);
        wgmma_commit();
      };
      auto add = [&](int b, float weight) {
        const float(&p)[kBlockM / 2] = part[b % kParts];
        const float* scale = scales + iter % kNumStages * kBlockM + lane % 4 * 2;
#pragma unroll
        for (int j = 0; j < kBlockM / 8; ++j) {
          float2 f = *reinterpret_cast<const float2*>(scale + 8 * j);
          f.x *= weight, f.y *= weight;
          sum[b][4 * j] += p[4 * j] * f.x;
          sum[b][4 * j + 1] += p[4 * j + 1] * f.y;
          sum[b][4 * j + 2] += p[4 * j + 2] * f.x;
          sum[b][4 * j + 3] += p[4 * j + 3] * f.y;
        }
      };
      for (int i = 0; i < k_blocks; ++i, ++iter) {
        float now[2] = {next_scale[0], next_scale[1]};
        bool more = i + 1 < k_blocks;
        if constexpr (scaled == 1)
          prefetch_scales(more ? scale0 + i + 1 : next0, more ? scale1 + i + 1 : next1);
        mbarrier_wait(full + 8 * (iter % kNumStages), iter / kNumStages & 1);
        if constexpr (kParts == 2) {
          if constexpr (kAlternate) scheduler_barrier_sync();
          wgmma_fence();
          product(0, 0, 4);
          product(1, 0, 3);
          product(1, 3, 4);
          wgmma_wait<2>();
          add(0, now[0]);
          if constexpr (kAlternate) {
            wgmma_wait<1>();
            scheduler_barrier_arrive();
          }
          wgmma_wait<0>();
          add(1, now[1]);
        } else {
#pragma unroll
          for (int b = 0; b < 2; ++b) {
            scheduler_barrier_sync();
            wgmma_fence();
            product(b, 0, 3);
            product(b, 3, 4);
            wgmma_wait<1>();
            scheduler_barrier_arrive();
            wgmma_wait<0>();
            add(b, now[b]);
          }
        }
        release(iter, lane);
      }
    } else {
      for (int i = 0; i < k_blocks; ++i, ++iter) {
        int s = iter % kNumStages;
        unsigned long long rows = k_major_descriptor(first_rows + s * kStageBytes),
                           tokens = k_major_descriptor(base + s * kStageBytes + 32768);
        mbarrier_wait(full + 8 * s, iter / kNumStages & 1);
        wgmma_fence();
#pragma unroll
        for (int b = 0; b < 2; ++b)
#pragma unroll
          for (int k = 0; k < 4; ++k) {
            if constexpr (fp8)
              wgmma_fp8(sum[b], advance_descriptor(rows, b * 16384 + 32 * k),
                        advance_descriptor(tokens, 32 * k), i > 0 || k > 0);
            else
              wgmma<0>(sum[b], advance_descriptor(rows, b * 16384 + 32 * k),
                       advance_descriptor(tokens, 32 * k), i > 0 || k > 0);
          }
        wgmma_commit();
        wgmma_wait<1>();
        if (i > 0) release(iter - 1, lane);
      }
      wgmma_wait<0>();
      release(iter - 1, lane);
    }
  }
  /// A warp has read a stage. In its own CTA, whose producer refills the scales, each lane that
  /// read arrives itself, which racecheck follows.
  __device__ __forceinline__ void release(int iter, int lane) const {
    unsigned bar = empty + 8 * (iter % kNumStages);
    mbarrier_arrive(bar);
    if constexpr (kMulticast) {
      __syncwarp();
      if (lane == 0) mbarrier_arrive_cluster(bar, cluster_ctarank() ^ 1);
    }
  }
  /// Whose turn it is to issue products; warpgroup 0 begins.
  __device__ __forceinline__ void scheduler_barrier_sync() {
    named_barrier_sync(4 + warpgroup_index(), 256);
  }
  __device__ __forceinline__ void scheduler_barrier_arrive() {
    named_barrier_arrive(5 - warpgroup_index(), 256);
  }
  __device__ __forceinline__ void prefetch_scales(const float* scale0, const float* scale1) {
    next_scale[0] = __ldg(scale0), next_scale[1] = __ldg(scale1);
  }
  /// The consumers' sums of this CTA's share of k, [kBlockM][kAccumulatorPitch] in the ring's
  /// memory.
  __device__ __forceinline__ void store_accumulators(const float (&sum)[2][kBlockM / 2]) {
    named_barrier_sync(1, 256);
    kdex::store_accumulators(ring, sum);
  }
  /// Four rows of a token, added up over the CTAs of the cluster.
  template <int split>
  __device__ __forceinline__ float4 cluster_sum(int token, int row) const {
    return cluster_reduce<split>(base + (token * kAccumulatorPitch + row) * 4);
  }
  /// Epilogue, by a warpgroup: its 64 rows x kBlockM tokens in 16 bits to columns x to x + 63 of
  /// rows y, y + 1, ... of a map with boxes of 64 x kStoreRows. Call wait_stores() at the end, and
  /// before other use of the staging memory.
  __device__ __forceinline__ void store(const TensorMap& map, int x, int y,
                                        const float (&v)[kBlockM / 2]) {
    int warpgroup = threadIdx.x / 128, warp = threadIdx.x / 32 % 4, lane = threadIdx.x % 32;
    unsigned to = staging + warpgroup * (kStoreRows * 128);
#pragma unroll
    for (int part = 0; part < kBlockM / kStoreRows; ++part) {
      wait_stores();
      named_barrier_sync(2 + warpgroup, 128);
#pragma unroll
      for (int j = 0; j < kStoreRows / 8; j += 2) {
        const float* p = v + (part * kStoreRows / 8 + j) * 4;
        stmatrix_x4_trans(
            to + swizzle_128b(8 * (j + lane / 16) + lane % 8, warp * 2 + lane / 8 % 2),
            pack2(p[0], p[1]), pack2(p[2], p[3]), pack2(p[4], p[5]), pack2(p[6], p[7]));
      }
      fence_proxy_async();
      named_barrier_sync(2 + warpgroup, 128);
      if (threadIdx.x % 128 == 0) {
        tma_store(map, x, y + part * kStoreRows, to);
        tma_store_commit();
      }
    }
  }
  __device__ __forceinline__ void wait_stores() {
    if (threadIdx.x % 128 == 0) tma_store_wait_read<0>();
  }
};

}  // namespace kdex
