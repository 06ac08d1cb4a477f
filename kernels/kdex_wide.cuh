// The product of an expert's many tokens with its weights, FP8 or 16-bit, for expert layers on
// sm_90a. A cluster of two blocks takes an item: up to four groups of 64 tokens of an expert and a
// tile of 256 weight rows. With three or four groups a block takes two of them, and the blocks
// share the tile of weights; with one or two both blocks take the same tokens and neighbouring
// tiles of weights. Tokens take the M of the matrix units (with scales a thread meets two of
// theirs, not a quarter of a tile's), weight rows the N; one warpgroup loads, two multiply 64
// tokens each, or just keep step where there are none. With scales 128 of k is summed by itself and
// added times (token's scale x weight block's scale) in float32. Of a thread's sums, [64 b + 4j +
// 2h + i] is of token 16 warp + lane/4 + 8h and row 128 b + 8j + lane%4*2 + i. Constants: STAGES.
// It must not know outputs.
#pragma once
#include "kdex_device.cuh"

#if KDEX_ARCH == 90
namespace kdex {

constexpr int kWideGroup = 64;  // tokens

/// What a cluster does at a time, as a block of it sees it.
struct WideItem {
  int expert, slot, groups,
      column;  // slot: its first token's; groups: of 64 tokens, 1 or 2; column: its tile of weights
  bool own;    // weights of its own: the other block has the same tokens
};

// How many of an expert's items share a tile of weights, for each tile, and how many take two
// tiles.
__device__ __forceinline__ int wide_units(int groups) { return (groups + 1) / 4; }
__device__ __forceinline__ int narrow_units(int groups) {
  return groups % 4 == 1 || groups % 4 == 2;
}

template <int experts>
struct WideItems {
  int begin[experts + 1], group[experts + 1];  // the first item and the first group of each expert

  /// By all threads, then a barrier. first_group, units [experts + 1]: the groups and the wide (in
  /// the upper 16 bits) and narrow units before each expert. columns: tiles of weights.
  __device__ __forceinline__ void read(const int* __restrict__ first_group,
                                       const int* __restrict__ units, int columns) {
    for (int e = threadIdx.x; e <= experts; e += 384) {
      unsigned u = units[e];
      begin[e] = (u >> 16) * columns + (u & 0xffff) * ((columns + 1) / 2),
      group[e] = first_group[e];
    }
  }
  __device__ __forceinline__ int count() const { return begin[experts]; }
  /// Behind the last item: anything, but no harm.
  __device__ __forceinline__ WideItem at(int item, int columns, int rank) const {
    int e = 0;  // the last expert that begins here or before
#pragma unroll
    for (int step = 512; step > 0; step /= 2)
      if (step < experts && e + step < experts && begin[e + step] <= item) e += step;
    int groups = group[e + 1] - group[e], units = wide_units(groups), inside = item - begin[e],
        first;
    WideItem it;
    it.expert = e, it.own = inside >= units * columns;
    if (it.own) {
      first = units * 4, it.groups = groups - first,
      it.column = (inside - units * columns) * 2 + rank;
    } else {  // those of one tile of weights beside each other
      first = inside % units * 4 + rank * 2, it.groups = min(groups - first, 2),
      it.column = inside / units;
    }
    it.slot = (group[e] + first) * kWideGroup;
    return it;
  }
};

__device__ __forceinline__ float load_shared_float(unsigned shared) {
  float x = 0.f;
  asm volatile("ld.shared.f32 %0, [%1];" : "=f"(x) : "r"(shared) : "memory");
  return x;
}

/// gathered: tokens come in any order (gather(), by all threads of the loading warpgroup), else by
/// slot (load(), by its first).
template <bool fp8, bool gathered>
struct Wide {
  static constexpr int kThreads = 384, kStep = fp8 ? 128 : 64;  // of k: 128 bytes
  static constexpr unsigned kTokens = 2 * kWideGroup * 128, kStageBytes = kTokens + 256 * 128,
                            kBox = kWideGroup * 128;

  unsigned base, box, scales, full,
      empty;  // box: 64 rows of 128 bytes for what the warpgroup stores; scales: of a stage 128
  int warpgroup, rank, turn = 0;  // turn: steps behind this thread, over all items
  float ahead[2] = {1.f, 1.f};

  /// By all threads; then cluster_sync(). `shared` is dynamic, `barriers` static shared memory of 2
  /// * STAGES words.
  __device__ __forceinline__ void begin(unsigned char* shared, unsigned long long* barriers) {
    warpgroup = warpgroup_index(), rank = cluster_rank();
    base = (shared_address(shared) + 1023) & ~1023u,
    box = base + STAGES * kStageBytes + warpgroup * kBox,
    scales = base + STAGES * kStageBytes + 2 * kBox;
    full = shared_address(barriers), empty = full + 8 * STAGES;
    if (threadIdx.x == 0) {
      for (int s = 0; s < STAGES; ++s)
        barrier_init(full + 8 * s, gathered ? 129 : 1),
            barrier_init(empty + 8 * s, 16);  // eight warps of each block
      barrier_init_done();
    }
  }
  __device__ __forceinline__ void wait_empty() const {
    if (turn >= STAGES) barrier_wait(empty + 8 * (turn % STAGES), (turn / STAGES - 1) & 1);
  }
  // y0, y1: where the tile's halves of 128 weight rows lie in their map (boxes of 128 rows).
  __device__ __forceinline__ void load_weights(const WideItem& item, int step,
                                               const TensorMap& weights, int y0, int y1) const {
    unsigned to = base + turn % STAGES * kStageBytes + kTokens, bar = full + 8 * (turn % STAGES);
    if (item.own) {
      tma_load(to, weights, step * kStep, y0, bar);
      tma_load(to + 16384, weights, step * kStep, y1, bar);
    } else {
      tma_load_multicast(to + rank * 16384, weights, step * kStep, rank ? y1 : y0, bar, 3);
    }
  }
  /// An item, tokens by slot (boxes of 64 of them); those that both blocks take each loads half of
  /// for both.
  template <bool scaled>
  __device__ __forceinline__ void load(const WideItem& item, int steps, const TensorMap& weights,
                                       int y0, int y1, const TensorMap& tokens,
                                       const float* token_scale, size_t scale_stride) {
    for (int i = 0; i < steps; ++i, ++turn) {
      int s = turn % STAGES;
      unsigned to = base + s * kStageBytes, bar = full + 8 * s;
      wait_empty();
      barrier_expect(bar, 256 * 128 + item.groups * (kBox + (scaled ? 256 : 0)));
      load_weights(item, i, weights, y0, y1);
      if (!item.own) {
        for (int g = 0; g < item.groups; ++g)
          tma_load(to + g * kBox, tokens, i * kStep, item.slot + g * kWideGroup, bar);
      } else if (rank < item.groups) {
        tma_load_multicast(to + rank * kBox, tokens, i * kStep, item.slot + rank * kWideGroup, bar,
                           3);
      }
      if constexpr (scaled)
        bulk_load(scales + s * 512, token_scale + i * scale_stride + item.slot, item.groups * 256,
                  bar);
    }
  }
  /// An item; the token of slot s is row source[s] of `tokens` (rows of `pitch` bytes), up to the
  /// slot `last` of the expert's.
  template <bool scaled>
  __device__ __forceinline__ void gather(const WideItem& item, int steps, const TensorMap& weights,
                                         int y0, int y1, const unsigned char* __restrict__ tokens,
                                         unsigned pitch, const int* __restrict__ source, int last,
                                         const float* __restrict__ token_scale,
                                         size_t scale_stride) {
    int t = threadIdx.x % 128, chunk = t % 8, row[8], mine = source[min(item.slot + t, last)];
#pragma unroll
    for (int j = 0; j < 8; ++j) row[j] = source[min(item.slot + j * 16 + t / 8, last)];
    for (int i = 0; i < steps; ++i, ++turn) {
      int s = turn % STAGES;
      unsigned to = base + s * kStageBytes, bar = full + 8 * s, k = i * 128 + chunk * 16;
      wait_empty();
      if (t == 0) {
        barrier_expect(bar, 256 * 128);
        load_weights(item, i, weights, y0, y1);
      }
#pragma unroll
      for (int j = 0; j < 8; ++j)
        if (j < 4 || item.groups > 1)
          copy16_async(to + swizzled(j * 16 + t / 8, chunk),
                       tokens + static_cast<size_t>(row[j]) * pitch + k, k < pitch);
      if (scaled && t < item.groups * kWideGroup)
        copy4_async(scales + s * 512 + t * 4, token_scale + i * scale_stride + mine);
      copy_arrive(bar);
    }
  }
  __device__ __forceinline__ void wait_full() const {
    barrier_wait(full + 8 * (turn % STAGES), turn / STAGES & 1);
    if constexpr (gathered) fence_async();  // tokens were written by ordinary copies
  }
  /// A multiplying warpgroup that has tokens: an item. scaled 0: without scales, 1: the weights'
  /// from scale0 and scale1 on for the tile's halves, one a step (next0, next1: of the item after
  /// it, or any; ask() for the first one's), 2: the tokens' alone.
  template <int scaled>
  __device__ __forceinline__ void multiply(float (&sum)[128], int steps,
                                           const float* __restrict__ scale, int scale0, int scale1,
                                           int next0, int next1) {
    unsigned tokens = base + warpgroup * kBox;
    if constexpr (scaled) {
      int warp = threadIdx.x / 32 % 4, lane = threadIdx.x % 32;
      unsigned scale_from = scales + (warpgroup * kWideGroup + warp * 16 + lane / 4) * 4;
      asm(""
          : "+r"(scale0), "+r"(scale1), "+r"(next0), "+r"(next1),
            "+r"(scale_from));  // or they are worked out in every step
#pragma unroll
      for (int e = 0; e < 128; ++e) sum[e] = 0.f;
      for (int i = 0; i < steps; ++i, ++turn) {
        int s = turn % STAGES;
        unsigned long long a = tile_rows(tokens + s * kStageBytes),
                           b = tile_rows(base + s * kStageBytes + kTokens);
        float part[64], f[2][2];
        auto product = [&](int half) {
          wgmma_begin();
#pragma unroll
          for (int k = 0; k < 4; ++k)
            wgmma_fp8(part, advance(a, 32 * k), advance(b, half * 16384 + 32 * k), k > 0);
          wgmma_commit();
        };
        auto add = [&](int half) {
#pragma unroll
          for (int e = 0; e < 64; ++e) sum[half * 64 + e] += part[e] * f[half][e / 2 % 2];
        };
        wait_full();
        product(0);
        float token[2] = {load_shared_float(scale_from + s * 512),
                          load_shared_float(scale_from + s * 512 + 32)};
#pragma unroll
        for (int half = 0; half < 2; ++half)
          f[half][0] = token[0] * ahead[half], f[half][1] = token[1] * ahead[half];
        bool more = i + 1 < steps;
        if constexpr (scaled == 1)
          ask(scale, more ? scale0 + i + 1 : next0, more ? scale1 + i + 1 : next1);
        wgmma_wait<0>();
        add(0);
        product(1);
        wgmma_wait<0>();
        release(turn);
        add(1);
      }
    } else {
      for (int i = 0; i < steps; ++i, ++turn) {
        int s = turn % STAGES;
        unsigned long long a = tile_rows(tokens + s * kStageBytes),
                           b = tile_rows(base + s * kStageBytes + kTokens);
        wait_full();
        wgmma_begin();
#pragma unroll
        for (int k = 0; k < 4; ++k) {
          if constexpr (fp8)
            wgmma_fp8(sum, advance(a, 32 * k), advance(b, 32 * k), i > 0 || k > 0);
          else
            wgmma<0>(sum, advance(a, 32 * k), advance(b, 32 * k), i > 0 || k > 0);
        }
        wgmma_commit();
        wgmma_wait<1>();
        if (i > 0) release(turn - 1);
      }
      wgmma_wait<0>();
      release(turn - 1);
    }
  }
  /// One that has none.
  __device__ __forceinline__ void skip(int steps) {
    for (int i = 0; i < steps; ++i, ++turn) {
      barrier_wait(full + 8 * (turn % STAGES), turn / STAGES & 1);
      release(turn);
    }
  }
  /// A warp has read a step: both blocks may load over it.
  __device__ __forceinline__ void release(int turn) const {
    __syncwarp();
    if (threadIdx.x % 32 < 2) barrier_arrive_at(empty + 8 * (turn % STAGES), threadIdx.x % 32);
  }
  __device__ __forceinline__ void ask(const float* __restrict__ scale, int at0, int at1) {
    ahead[0] = __ldg(scale + at0), ahead[1] = __ldg(scale + at1);
  }

  /// By a multiplying warpgroup: the box is free for all of its threads; and: what they wrote there
  /// goes to (x, y) of a map.
  __device__ __forceinline__ void box_free() {
    if (threadIdx.x % 128 == 0) tma_store_wait_read<0>();
    sync_threads(1 + warpgroup, 128);
  }
  __device__ __forceinline__ void store_box(const TensorMap& map, int x, int y) {
    fence_async();
    sync_threads(1 + warpgroup, 128);
    if (threadIdx.x % 128 == 0) {
      tma_store(map, x, y, box);
      tma_store_commit();
    }
  }
  /// Two values at an even column of a token, to FP8 in the box.
  __device__ __forceinline__ void put_fp8(int token, int column, float a, float b) const {
    unsigned short two;
    asm("cvt.rn.satfinite.e4m3x2.f32 %0, %1, %2;" : "=h"(two) : "f"(b), "f"(a));
    asm volatile("st.shared.b16 [%0], %1;" ::"r"(box + swizzled(token, column / 16) + column % 16),
                 "h"(two)
                 : "memory");
  }
  /// Its 64 tokens x 64 columns in 16 bits.
  __device__ __forceinline__ void store(const TensorMap& map, int x, int y, const float* v) {
    int warp = threadIdx.x / 32 % 4, lane = threadIdx.x % 32;
    box_free();
#pragma unroll
    for (int c = 0; c < 8; c += 2) {
      const float* p = v + c * 4;
      store_tiles(box + swizzled(warp * 16 + lane % 16, c + lane / 16), pack2(p[0], p[1]),
                  pack2(p[2], p[3]), pack2(p[4], p[5]), pack2(p[6], p[7]));
    }
    store_box(map, x, y);
  }
  /// At the end: everything is stored, and the other block needs this one's memory no longer.
  __device__ __forceinline__ void end() {
    if (threadIdx.x < 256 && threadIdx.x % 128 == 0) tma_store_wait_read<0>();
    __syncwarp();
    cluster_sync();
  }
};

}  // namespace kdex
#endif
