// A tile of an expert's many tokens times its weights on sm_90a, FP8 or 16-bit. A cluster of two
// CTAs takes an item: up to four groups of 64 tokens of an expert and a tile of 256 weight rows.
// With three or four groups a CTA takes two of them, and the CTAs share the tile of weights by
// multicast; with one or two both CTAs take the same tokens and neighbouring tiles of weights.
// Tokens take wgmma's M (with scales a thread meets two of theirs, not a quarter of a tile's),
// weight rows its N. One warpgroup is the producer, two are consumers of 64 tokens each, or just
// release stages where there are none. With scales each k-block of 128 is accumulated by itself and
// added times (token's scale x weight block's scale) in float32. Of a thread's sums, [64 b + 4j
// + 2h + i] is of token 16 warp + lane/4 + 8h and row 128 b + 8j + lane%4*2 + i. Must not know
// outputs.
#pragma once

#include "barrier.cuh"
#include "copy.cuh"
#include "fp8.cuh"
#include "tma.cuh"
#include "wgmma.cuh"

namespace kdex {

constexpr int kGroupTokens = 64;  // tokens

/// A cluster's item, as one of its CTAs sees it.
struct GroupedItem {
  int expert;
  int slot;          // of its first token
  int groups;        // of 64 tokens, 1 or 2
  int column;        // its tile of weights
  bool own_weights;  // the other CTA has the same tokens and other weights
};

// How many of an expert's items, for each tile of weights, share that tile, and how many take two
// tiles.
__device__ __forceinline__ int shared_units(int groups) { return (groups + 1) / 4; }
__device__ __forceinline__ int own_units(int groups) { return groups % 4 == 1 || groups % 4 == 2; }

template <int experts>
struct GroupedSchedule {
  int item_begin[experts + 1],
      group_begin[experts + 1];  // the first item and the first group of each expert

  /// By all threads, then a barrier. first_group, units [experts + 1]: the groups, and the shared
  /// (in the upper 16 bits) and own units, before each expert. columns: tiles of weights.
  __device__ __forceinline__ void read(const int* __restrict__ first_group,
                                       const int* __restrict__ units, int columns) {
    for (int e = threadIdx.x; e <= experts; e += 384) {
      unsigned u = units[e];
      item_begin[e] = (u >> 16) * columns + (u & 0xffff) * ((columns + 1) / 2),
      group_begin[e] = first_group[e];
    }
  }
  __device__ __forceinline__ int count() const { return item_begin[experts]; }
  /// Behind the last item: anything, but no harm.
  __device__ __forceinline__ GroupedItem at(int item, int columns, int rank) const {
    int e = 0;  // the last expert that begins here or before
#pragma unroll
    for (int step = 512; step > 0; step /= 2)
      if (step < experts && e + step < experts && item_begin[e + step] <= item) e += step;
    int groups = group_begin[e + 1] - group_begin[e], units = shared_units(groups),
        inside = item - item_begin[e], first;
    GroupedItem it;
    it.expert = e, it.own_weights = inside >= units * columns;
    if (it.own_weights) {
      first = units * 4, it.groups = groups - first,
      it.column = (inside - units * columns) * 2 + rank;
    } else {  // those of one tile of weights beside each other
      first = inside % units * 4 + rank * 2, it.groups = min(groups - first, 2),
      it.column = inside / units;
    }
    it.slot = (group_begin[e] + first) * kGroupTokens;
    return it;
  }
};

/// gathered: tokens come in any order (gather(), by all threads of the producer warpgroup), else by
/// slot (produce(), by its first thread).
template <bool fp8, bool gathered, int kNumStages>
struct GroupedWgmma {
  static constexpr int kThreads = 384, kBlockK = fp8 ? 128 : 64;  // of k: 128 bytes
  static constexpr unsigned kTokenBytes = 2 * kGroupTokens * 128,
                            kStageBytes = kTokenBytes + 256 * 128, kBoxBytes = kGroupTokens * 128;

  unsigned base, full, empty;
  unsigned box;     // 64 rows of 128 bytes for what the warpgroup stores
  unsigned scales;  // 128 a stage
  int warpgroup, rank;
  int iter = 0;  // this thread's k-blocks so far, over all items: stage iter % kNumStages
  float next_scale[2] = {1.f, 1.f};

  /// By all threads; then cluster_sync(). `shared` is dynamic, `barriers` static shared memory of 2
  /// * kNumStages words.
  __device__ __forceinline__ void init(unsigned char* shared, unsigned long long* barriers) {
    warpgroup = warpgroup_index(), rank = cluster_ctarank();
    base = (shared_address(shared) + 1023) & ~1023u,
    box = base + kNumStages * kStageBytes + warpgroup * kBoxBytes,
    scales = base + kNumStages * kStageBytes + 2 * kBoxBytes;
    full = shared_address(barriers), empty = full + 8 * kNumStages;
    if (threadIdx.x == 0) {
      for (int s = 0; s < kNumStages; ++s)
        mbarrier_init(full + 8 * s, gathered ? 129 : 1),
            mbarrier_init(empty + 8 * s, 256 + 8);  // this CTA's consumers, the other's warps
      fence_mbarrier_init();
    }
  }
  __device__ __forceinline__ void wait_empty() const {
    if (iter >= kNumStages)
      mbarrier_wait(empty + 8 * (iter % kNumStages), (iter / kNumStages - 1) & 1);
  }
  // y0, y1: where the tile's halves of 128 weight rows lie in their map (boxes of 128 rows).
  __device__ __forceinline__ void load_weights(const GroupedItem& item, int k_block,
                                               const TensorMap& weights, int y0, int y1) const {
    unsigned to = base + iter % kNumStages * kStageBytes + kTokenBytes,
             bar = full + 8 * (iter % kNumStages);
    if (item.own_weights) {
      tma_load(to, weights, k_block * kBlockK, y0, bar);
      tma_load(to + 16384, weights, k_block * kBlockK, y1, bar);
    } else {
      tma_load_multicast(to + rank * 16384, weights, k_block * kBlockK, rank ? y1 : y0, bar, 3);
    }
  }
  /// The producer: an item, tokens by slot (boxes of 64 of them). Of tokens that both CTAs take
  /// each loads half for both.
  template <bool scaled>
  __device__ __forceinline__ void produce(const GroupedItem& item, int k_blocks,
                                          const TensorMap& weights, int y0, int y1,
                                          const TensorMap& tokens, const float* token_scale,
                                          size_t scale_stride) {
    for (int i = 0; i < k_blocks; ++i, ++iter) {
      int s = iter % kNumStages;
      unsigned to = base + s * kStageBytes, bar = full + 8 * s;
      wait_empty();
      mbarrier_arrive_expect_tx(bar, 256 * 128 + item.groups * (kBoxBytes + (scaled ? 256 : 0)));
      load_weights(item, i, weights, y0, y1);
      if (!item.own_weights) {
        for (int g = 0; g < item.groups; ++g)
          tma_load(to + g * kBoxBytes, tokens, i * kBlockK, item.slot + g * kGroupTokens, bar);
      } else if (rank < item.groups) {
        tma_load_multicast(to + rank * kBoxBytes, tokens, i * kBlockK,
                           item.slot + rank * kGroupTokens, bar, 3);
      }
      if constexpr (scaled)
        tma_load_1d(scales + s * 512, token_scale + i * scale_stride + item.slot, item.groups * 256,
                    bar);
    }
  }
  /// The producer: an item. The token of slot s is row source[s] of `tokens` (rows of `pitch`
  /// bytes), up to the expert's slot `last`.
  template <bool scaled>
  __device__ __forceinline__ void gather(const GroupedItem& item, int k_blocks,
                                         const TensorMap& weights, int y0, int y1,
                                         const unsigned char* __restrict__ tokens, unsigned pitch,
                                         const int* __restrict__ source, int last,
                                         const float* __restrict__ token_scale,
                                         size_t scale_stride) {
    int t = threadIdx.x % 128, chunk = t % 8, row[8], mine = source[min(item.slot + t, last)];
#pragma unroll
    for (int j = 0; j < 8; ++j) row[j] = source[min(item.slot + j * 16 + t / 8, last)];
    for (int i = 0; i < k_blocks; ++i, ++iter) {
      int s = iter % kNumStages;
      unsigned to = base + s * kStageBytes, bar = full + 8 * s, k = i * 128 + chunk * 16;
      wait_empty();
      if (t == 0) {
        mbarrier_arrive_expect_tx(bar, 256 * 128);
        load_weights(item, i, weights, y0, y1);
      }
#pragma unroll
      for (int j = 0; j < 8; ++j)
        if (j < 4 || item.groups > 1)
          cp_async_16(to + swizzle_128b(j * 16 + t / 8, chunk),
                      tokens + static_cast<size_t>(row[j]) * pitch + k, k < pitch);
      if (scaled && t < item.groups * kGroupTokens)
        cp_async_4(scales + s * 512 + t * 4, token_scale + i * scale_stride + mine);
      cp_async_mbarrier_arrive(bar);
    }
  }
  __device__ __forceinline__ void wait_full() const {
    mbarrier_wait(full + 8 * (iter % kNumStages), iter / kNumStages & 1);
    if constexpr (gathered) fence_proxy_async();  // cp.async wrote the tokens
  }
  /// A consumer's main loop over an item of which it has tokens. scaled 0: without scales; 1: the
  /// weights' from scale0 and scale1 on for the tile's halves, one a k-block (next0, next1: of the
  /// item after it, or any; prefetch_scales() for the first item's); 2: the tokens' alone.
  template <int scaled>
  __device__ __forceinline__ void mainloop(float (&sum)[128], int k_blocks,
                                           const float* __restrict__ scale, int scale0, int scale1,
                                           int next0, int next1) {
    unsigned tokens = base + warpgroup * kBoxBytes;
    if constexpr (scaled) {
      int warp = threadIdx.x / 32 % 4, lane = threadIdx.x % 32;
      unsigned scale_from = scales + (warpgroup * kGroupTokens + warp * 16 + lane / 4) * 4;
      asm(""
          : "+r"(scale0), "+r"(scale1), "+r"(next0), "+r"(next1),
            "+r"(scale_from));  // or they are computed in every k-block
#pragma unroll
      for (int e = 0; e < 128; ++e) sum[e] = 0.f;
      for (int i = 0; i < k_blocks; ++i, ++iter) {
        int s = iter % kNumStages;
        unsigned long long a = k_major_descriptor(tokens + s * kStageBytes),
                           b = k_major_descriptor(base + s * kStageBytes + kTokenBytes);
        float part[64], f[2][2];
        auto product = [&](int half) {
          wgmma_fence();
#pragma unroll
          for (int k = 0; k < 4; ++k)
            wgmma_fp8(part, advance_descriptor(a, 32 * k),
                      advance_descriptor(b, half * 16384 + 32 * k), k > 0);
          wgmma_commit();
        };
        auto add = [&](int half) {
#pragma unroll
          for (int e = 0; e < 64; ++e) sum[half * 64 + e] += part[e] * f[half][e / 2 % 2];
        };
        wait_full();
        product(0);
        float token[2] = {ld_shared_float(scale_from + s * 512),
                          ld_shared_float(scale_from + s * 512 + 32)};
#pragma unroll
        for (int half = 0; half < 2; ++half)
          f[half][0] = token[0] * next_scale[half], f[half][1] = token[1] * next_scale[half];
        bool more = i + 1 < k_blocks;
        if constexpr (scaled == 1)
          prefetch_scales(scale, more ? scale0 + i + 1 : next0, more ? scale1 + i + 1 : next1);
        wgmma_wait<0>();
        add(0);
        product(1);
        wgmma_wait<0>();
        release(iter);
        add(1);
      }
    } else {
      for (int i = 0; i < k_blocks; ++i, ++iter) {
        int s = iter % kNumStages;
        unsigned long long a = k_major_descriptor(tokens + s * kStageBytes),
                           b = k_major_descriptor(base + s * kStageBytes + kTokenBytes);
        wait_full();
        wgmma_fence();
#pragma unroll
        for (int k = 0; k < 4; ++k) {
          if constexpr (fp8)
            wgmma_fp8(sum, advance_descriptor(a, 32 * k), advance_descriptor(b, 32 * k),
                      i > 0 || k > 0);
          else
            wgmma<0>(sum, advance_descriptor(a, 32 * k), advance_descriptor(b, 32 * k),
                     i > 0 || k > 0);
        }
        wgmma_commit();
        wgmma_wait<1>();
        if (i > 0) release(iter - 1);
      }
      wgmma_wait<0>();
      release(iter - 1);
    }
  }
  /// A consumer that has no tokens of the item.
  __device__ __forceinline__ void skip(int k_blocks) {
    for (int i = 0; i < k_blocks; ++i, ++iter) {
      mbarrier_wait(full + 8 * (iter % kNumStages), iter / kNumStages & 1);
      release(iter);
    }
  }
  /// A warp has read a stage: both CTAs may load over it. In its own CTA, whose producer refills
  /// the scales, each lane that read arrives itself, which racecheck follows.
  __device__ __forceinline__ void release(int iter) const {
    unsigned bar = empty + 8 * (iter % kNumStages);
    mbarrier_arrive(bar);
    __syncwarp();
    if (threadIdx.x % 32 == 0) mbarrier_arrive_cluster(bar, rank ^ 1);
  }
  __device__ __forceinline__ void prefetch_scales(const float* __restrict__ scale, int at0,
                                                  int at1) {
    next_scale[0] = __ldg(scale + at0), next_scale[1] = __ldg(scale + at1);
  }

  /// Epilogue, by a consumer warpgroup: the box is free for all of its threads; then what they
  /// wrote there goes to (x, y) of a map.
  __device__ __forceinline__ void box_free() {
    if (threadIdx.x % 128 == 0) tma_store_wait_read<0>();
    named_barrier_sync(1 + warpgroup, 128);
  }
  __device__ __forceinline__ void store_box(const TensorMap& map, int x, int y) {
    fence_proxy_async();
    named_barrier_sync(1 + warpgroup, 128);
    if (threadIdx.x % 128 == 0) {
      tma_store(map, x, y, box);
      tma_store_commit();
    }
  }
  /// Two values at an even column of a token, to FP8 in the box.
  __device__ __forceinline__ void put_fp8(int token, int column, float a, float b) const {
    st_shared_2(box + swizzle_128b(token, column / 16) + column % 16, float2_to_fp8x2(a, b));
  }
  /// Its 64 tokens x 64 columns in 16 bits.
  __device__ __forceinline__ void store(const TensorMap& map, int x, int y, const float* v) {
    int warp = threadIdx.x / 32 % 4, lane = threadIdx.x % 32;
    box_free();
#pragma unroll
    for (int c = 0; c < 8; c += 2) {
      const float* p = v + c * 4;
      stmatrix_x4(box + swizzle_128b(warp * 16 + lane % 16, c + lane / 16), pack2(p[0], p[1]),
                  pack2(p[2], p[3]), pack2(p[4], p[5]), pack2(p[6], p[7]));
    }
    store_box(map, x, y);
  }
  /// At the end: everything is stored, and the other CTA needs this one's memory no longer.
  __device__ __forceinline__ void end() {
    if (threadIdx.x < 256 && threadIdx.x % 128 == 0) tma_store_wait_read<0>();
    __syncwarp();
    cluster_sync();
  }
};

}  // namespace kdex
