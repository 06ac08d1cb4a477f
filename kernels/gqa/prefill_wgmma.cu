// Grouped-query attention with a causal mask (prefill) on sm_90a, over a paged cache or ragged
// keys; head_dim of any 16 up to 256; 16-bit operands, lse in base 2 of scaled logits. 128 packed
// rows in two consumer warpgroups of wgmma; a producer warpgroup finds the CTA's next rows and
// loads, also the next rows' queries; with TMA_BOX_ROWS whole tiles of keys by TMA. The next tile's
// QK overlaps the softmax of this one, and PV of this one the next softmax; the warpgroups issue
// their products in turn, so that one's softmax overlaps the other's. Persistent: rows come from
// item_counter, how many items the grid has taken beyond one a CTA; 0 at the start.
//
// Grid: CTAs.
//
// Constants: NUM_QO_HEADS, NUM_KV_HEADS, HEAD_DIM_QK, HEAD_DIM_VO, PAGE_SIZE (0: ragged),
// HAS_LAST_PAGE_LEN, WINDOW_LEFT, LOGIT_CAP, SINKS, TMA_BOX_ROWS (tokens of a TMA box, a divisor of
// a tile and of a page; 0: all come by cp.async).
#include "../device/barrier.cuh"
#include "../device/copy.cuh"
#include "../device/launch.cuh"
#include "../device/logits.cuh"
#include "../device/tma.cuh"
#include "../device/wgmma.cuh"
#include "packed_rows.cuh"
#include "sinks.cuh"
using namespace kdex;

#if HEAD_DIM_QK % 16 != 0 || HEAD_DIM_QK > 256 || HEAD_DIM_VO % 16 != 0 || HEAD_DIM_VO > 256
#error "gqa: head_dim must be a multiple of 16 up to 256"
#endif
constexpr int kPaddedDimQk = (HEAD_DIM_QK + 63) / 64 * 64,
              kPaddedDimVo = (HEAD_DIM_VO + 63) / 64 * 64;  // in shared memory
constexpr float kCap = LOGIT_CAP;
constexpr bool kCapped = kCap > 0;
#if !SINKS
constexpr const void* sinks = nullptr;
#endif
constexpr int kRows = 128;
using Rows =
    PackedRows<kRows, NUM_QO_HEADS, NUM_KV_HEADS, PAGE_SIZE, HAS_LAST_PAGE_LEN, WINDOW_LEFT>;
static_assert(kPaddedDimVo <= kPaddedDimQk, "results leave through the queries' memory");
constexpr int kBlockKv = kPaddedDimQk > 192 || kPaddedDimVo > 128 ? 64 : 128;  // keys of a tile
constexpr unsigned kQBytes = kRows * kPaddedDimQk * 2, kKBytes = kBlockKv * kPaddedDimQk * 2,
                   kVBytes = kBlockKv * kPaddedDimVo * 2;
constexpr int kStages = 2;
constexpr int kQStages = kPaddedDimQk > 128 ? 1 : 2;  // as shared memory allows
constexpr int kProducerRegisters = kPaddedDimQk > 192 ? 56 : 72,
              kConsumerRegisters = kPaddedDimQk > 192 ? 224 : 216;

// kBlockKv rows of a cache by 128 threads. token(r): the place in the cache of row r; -1 (not where
// they are whole): zeros.
template <int width, bool whole, class Token>
__device__ __forceinline__ void produce_keys(unsigned to, const T* cache, int kv_head,
                                             Token token) {
  int c0 = threadIdx.x % 8, r0 = threadIdx.x % 128 / 8;
  const char* column = reinterpret_cast<const char*>(cache + kv_head * width + c0 * 8);
  to += swizzle_128b(r0, c0);  // 16 rows on: 2048 bytes on
  int tokens[kBlockKv / 16];
#pragma unroll
  for (int i = 0; i < kBlockKv / 16; ++i) tokens[i] = token(r0 + 16 * i);
#pragma unroll
  for (int i = 0; i < kBlockKv / 16; ++i) {
    int at = tokens[i];
    const T* from = reinterpret_cast<const T*>(
        column + static_cast<unsigned>(whole ? at : max(at, 0)) *
                     static_cast<size_t>(NUM_KV_HEADS * width * sizeof(T)));
#pragma unroll
    for (int c = 0; c < (width + 63) / 64; ++c)
      if (width % 64 == 0 || c * 64 + c0 * 8 < width) {
        if constexpr (whole)
          cp_async_16(to + c * (kBlockKv * 128) + i * 2048, from + c * 64);
        else
          cp_async_16(to + c * (kBlockKv * 128) + i * 2048, from + c * 64, at >= 0);
      }
  }
}

#if TMA_BOX_ROWS
static_assert(kBlockKv % TMA_BOX_ROWS == 0 && (PAGE_SIZE == 0 || PAGE_SIZE % TMA_BOX_ROWS == 0),
              "boxes fill a tile and do not leave a page");
constexpr int kBoxes = kBlockKv / TMA_BOX_ROWS;
// The box of TMA_BOX_ROWS keys from row `token` of a cache, `slabs` of 64 columns each; completes
// at `bar`.
template <int width>
__device__ __forceinline__ void produce_box(unsigned to, const TensorMap& map, int kv_head,
                                            int token, unsigned bar) {
#pragma unroll
  for (int c = 0; c < (width + 63) / 64; ++c)
    tma_load(to + c * (kBlockKv * 128), map, kv_head * width + c * 64, token, bar);
}
#endif

// Rows and their keys, in tiles walked from the last one; tiles -1: no more work.
struct Work {
  Rows rows;
  int end, first_tile, tiles;
};

// Over 100 lines: producer and consumers are one kernel's roles over the same barriers and memory.
KDEX_KERNEL void __launch_bounds__(384, 1) gqa_prefill_wgmma(
#if TMA_BOX_ROWS
    const __grid_constant__ TensorMap k_map, const __grid_constant__ TensorMap v_map,
#endif
    const T* __restrict__ q, const T* __restrict__ k_cache, const T* __restrict__ v_cache,
    const int* __restrict__ qo_indptr, const int* __restrict__ kv_indptr,
    const int* __restrict__ kv_indices, const int* __restrict__ last_page_len, float sm_scale,
#if SINKS
    const void* __restrict__ sinks,
#endif
    T* __restrict__ output, float* __restrict__ lse, int* __restrict__ item_counter, int batch,
    int items) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  // Shared memory.
  extern __shared__ unsigned char shared_raw[];
  unsigned q_tiles = (shared_address(shared_raw) + 1023) & ~1023u;
  unsigned k_tiles = q_tiles + kQStages * kQBytes, v_tiles = k_tiles + kStages * kKBytes;
  __shared__ __align__(8) unsigned long long barriers[4 * kStages + 2 * kQStages];
  __shared__ Work works[kQStages];
  unsigned k_full = shared_address(barriers), k_empty = k_full + 8 * kStages,
           v_full = k_empty + 8 * kStages, v_empty = v_full + 8 * kStages,
           q_full = v_empty + 8 * kStages, q_empty = q_full + 8 * kQStages;
  // Barriers.
  if (threadIdx.x == 0) {
    for (int s = 0; s < kStages; ++s) {
      mbarrier_init(k_full + 8 * s, 128), mbarrier_init(k_empty + 8 * s, 2);
      mbarrier_init(v_full + 8 * s, 128), mbarrier_init(v_empty + 8 * s, 2);
    }
    for (int s = 0; s < kQStages; ++s)
      mbarrier_init(q_full + 8 * s, 128), mbarrier_init(q_empty + 8 * s, 8);
    fence_mbarrier_init();
  }
  __syncthreads();
  int warpgroup = warpgroup_index(), thread = threadIdx.x % 128;

  if (warpgroup == 2) {
    // Producer.
    setmaxnreg_dec<kProducerRegisters>();
    __shared__ int next_item, tokens[PAGE_SIZE > 0 ? 4 : 1][kBlockKv];
    // The barrier of a group of copies is arrived at one group later, when the group has landed.
    unsigned pending_barrier = 0;
    auto landed = [&](unsigned bar) {
      cp_async_commit();
      if (pending_barrier) {
        cp_async_wait<1>();
        fence_proxy_async();
        mbarrier_arrive(pending_barrier);
      }
      pending_barrier = bar;
    };
    // Long blocks of rows come first: the last of a sequence sees the most keys.
    int item = blockIdx.x;
    auto request_item = [&] {
      if (thread == 0) next_item = gridDim.x + (item_counter ? atomicAdd(item_counter, 1) : item);
    };
    auto receive_item = [&] {
      named_barrier_sync(1, 128);
      item = next_item;
      named_barrier_sync(1, 128);
    };
    Work work;
    auto find = [&] {
      Rows& rows = work.rows;
      for (;; request_item(), receive_item()) {
        work.tiles = -1;
        if (item >= items * NUM_KV_HEADS) return;
        if (!rows.find(items - 1 - item / NUM_KV_HEADS, item % NUM_KV_HEADS, qo_indptr, kv_indptr,
                       last_page_len, batch))
          continue;
        work.end = rows.end(min(rows.row0 + kRows - 1, rows.nq * Rows::kGroupSize - 1));
        work.first_tile = rows.first(rows.row0) / kBlockKv;
        work.tiles = max(0, (work.end + kBlockKv - 1) / kBlockKv - work.first_tile);
        return;
      }
    };
    int done = 0;  // tiles of earlier work
    for (int work_iter = 0;; ++work_iter) {
      find();
      const Rows& rows = work.rows;
      int slot = work_iter % kQStages;
      unsigned q_tile = q_tiles + slot * kQBytes;
      if (work_iter >= kQStages) {
        landed(0);
        mbarrier_wait(q_empty + 8 * slot, (work_iter / kQStages - 1) & 1);
      }
      if (thread == 0) works[slot] = work;
      if (work.tiles < 0) {
        landed(0), landed(0);
        mbarrier_arrive(q_full + 8 * slot);
        break;
      }
      for (int i = thread; i < kRows * (HEAD_DIM_QK / 8); i += 128) {
        int r = i / (HEAD_DIM_QK / 8), c = i % (HEAD_DIM_QK / 8), row = rows.row0 + r;
        bool live = rows.live(row);
        cp_async_16(q_tile + c / 8 * (kRows * 128) + swizzle_128b(r, c % 8),
                    q + (live ? rows.at(row) * HEAD_DIM_QK + c * 8 : 0), live);
      }
      landed(q_full + 8 * slot);
      request_item();
      // A thread looks up one key of a tile, a tile ahead.
      auto find_token = [&](int i) {
        int key = (work.first_tile + work.tiles - 1 - i) * kBlockKv + thread;
        return thread < kBlockKv && i < work.tiles && key < work.end
                   ? kv_row<PAGE_SIZE>(kv_indices, rows.page_begin, key)
                   : -1;
      };
      auto load = [&](auto width, unsigned to, const T* cache, int i) {
        int key0 = (work.first_tile + work.tiles - 1 - i) * kBlockKv;
        auto token = [&](int r) {
          return PAGE_SIZE > 0         ? tokens[i % 4][r]
                 : key0 + r < work.end ? rows.page_begin + key0 + r
                                       : -1;
        };
        if (TMA_BOX_ROWS == 0 && key0 + kBlockKv <= work.end)
          produce_keys<width.value, true>(to, cache, rows.kv_head, token);
        else
          produce_keys<width.value, false>(to, cache, rows.kv_head, token);
      };
#if TMA_BOX_ROWS
      // All tiles but one that the sequence ends in come by TMA: the first warp loads them, a box a
      // lane.
      int copied = (work.first_tile + work.tiles) * kBlockKv > rows.nk ? 1 : 0, box = 0,
          last_box = 0;
      auto box_at = [&](int i) {
        return thread < kBoxes && i < work.tiles && i >= copied
                   ? kv_row<PAGE_SIZE>(
                         kv_indices, rows.page_begin,
                         (work.first_tile + work.tiles - 1 - i) * kBlockKv + thread * TMA_BOX_ROWS)
                   : 0;
      };
      auto boxes = [&](auto load, unsigned full, unsigned empty, unsigned bytes, int n) {
        int s = n % kStages;
        if (n >= kStages) mbarrier_wait(empty + 8 * s, (n / kStages - 1) & 1);
        if (thread == 0) mbarrier_arrive_expect_tx(full + 8 * s, bytes);
        __syncwarp();
        if (thread < kBoxes) load(s, full + 8 * s);
        __syncwarp();
        if (thread == 0) mbarrier_arrive(full + 8 * s, 127);
      };
      int next_box = thread < 32 ? box_at(copied) : 0;
#else
      constexpr int copied = 1 << 30;
#endif
      int ahead = PAGE_SIZE > 0 ? find_token(0) : 0;
      for (int i = 0; i <= work.tiles; ++i) {  // K of tile i, then V of the tile before
#if TMA_BOX_ROWS
        if (i >= copied) {
          if (thread < 32 && i < work.tiles) {
            last_box = box, box = next_box, next_box = box_at(i + 1);
            boxes(
                [&](int s, unsigned bar) {
                  produce_box<HEAD_DIM_QK>(k_tiles + s * kKBytes + thread * (TMA_BOX_ROWS * 128),
                                           k_map, rows.kv_head, box, bar);
                },
                k_full, k_empty, kKBytes, done + i);
          } else {
            last_box = box;
          }
          if (thread < 32 && i > copied)
            boxes(
                [&](int s, unsigned bar) {
                  produce_box<HEAD_DIM_VO>(v_tiles + s * kVBytes + thread * (TMA_BOX_ROWS * 128),
                                           v_map, rows.kv_head, last_box, bar);
                },
                v_full, v_empty, kVBytes, done + i - 1);
          if (i > copied) continue;
        }
#endif
        if (i < work.tiles && i < copied) {
          int n = done + i, s = n % kStages;
          if constexpr (PAGE_SIZE > 0) {
            if (thread < kBlockKv) tokens[i % 4][thread] = ahead;
            ahead = find_token(i + 1);
            named_barrier_sync(1, 128);
          }
          if (n >= kStages) mbarrier_wait(k_empty + 8 * s, (n / kStages - 1) & 1);
          load(Number<HEAD_DIM_QK>{}, k_tiles + s * kKBytes, k_cache, i);
          landed(k_full + 8 * s);
        }
        if (i > 0) {
          int n = done + i - 1, s = n % kStages;
          if (n >= kStages) mbarrier_wait(v_empty + 8 * s, (n / kStages - 1) & 1);
          load(Number<HEAD_DIM_VO>{}, v_tiles + s * kVBytes, v_cache, i - 1);
          landed(v_full + 8 * s);
        }
        if (TMA_BOX_ROWS && i == copied) landed(0);
      }
      if (!TMA_BOX_ROWS && work.tiles == 0) landed(0);
      done += work.tiles;
      receive_item();
    }
  } else {
    // Consumers.
    setmaxnreg_inc<kConsumerRegisters>();
    int warp = thread / 32, lane = thread % 32, g = lane / 4, c = lane % 4;
    Rows rows;
    int first_tile = 0, tiles = 0, row[2], see_first[2], see_end[2], all_first = 0, all_end = 0;
    float out[kPaddedDimVo / 2],
        s[kBlockKv / 2];  // columns behind HEAD_DIM_VO hold what is left in shared memory; they are
                          // not written
    unsigned p[kBlockKv / 16][4];
    float base[2], row_sum[2],
        scores_scale[2];  // base: what logits (times log2 e) are item_counter relative to
    bool rescale;
    LogitTransform<kCapped> logit(sm_scale, kCap);

    int done = 0;
    unsigned q_tile = 0;
    auto qk = [&](int i) {
      unsigned long long a = k_major_descriptor(q_tile + warpgroup * 64 * 128),
                         b = k_major_descriptor(k_tiles + (done + i) % kStages * kKBytes);
#pragma unroll
      for (int k = 0; k < HEAD_DIM_QK / 16; ++k)
        wgmma<0>(s, advance_descriptor(a, k / 4 * (kRows * 128) + k % 4 * 32),
                 advance_descriptor(b, k / 4 * (kBlockKv * 128) + k % 4 * 32), k > 0);
      wgmma_commit();
    };
    auto softmax = [&](int i) {
      int key0 = (first_tile + tiles - 1 - i) * kBlockKv;
      if constexpr (kCapped)
#pragma unroll
        for (int e = 0; e < kBlockKv / 2; ++e) s[e] = logit(s[e]);
      if (key0 + kBlockKv > all_end || key0 < all_first) {
#pragma unroll
        for (int e = 0; e < kBlockKv / 2; ++e) {
          int key = key0 + e / 4 * 8 + 2 * c + e % 2, h = e / 2 % 2;
          if (key < see_first[h] || key >= see_end[h]) s[e] = negative_infinity();
        }
      }
      float most[4] = {s[0], s[1], s[2], s[3]},
            more[4] = {};  // two chains of dependent steps a row
#pragma unroll
      for (int e = 4; e < kBlockKv / 2; ++e) most[e % 4] = fmaxf(most[e % 4], s[e]);
      float tile_max[2] = {fmaxf(most[0], most[1]), fmaxf(most[2], most[3])};
      float scale = kCapped ? 1.f : logit.scale;
      rescale = false;
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        tile_max[h] = quad_max(tile_max[h]);
        // A larger logit moves the base only where powers of two would get out of hand (the first
        // one always does).
        scores_scale[h] = 1.f;
        if (tile_max[h] * scale > base[h] + kRescaleThreshold) {
          scores_scale[h] = exp2_approx(base[h] - tile_max[h] * scale),
          base[h] = tile_max[h] * scale, rescale = true;
          row_sum[h] *= scores_scale[h];
        }
      }
#pragma unroll
      for (int e = 0; e < kBlockKv / 2; ++e) {
        s[e] = exp2_approx(s[e] * scale - base[e / 2 % 2]);
        more[e % 4] += s[e];
      }
      row_sum[0] += more[0] + more[1], row_sum[1] += more[2] + more[3];
    };
    auto pack = [&] {
#pragma unroll
      for (int k = 0; k < kBlockKv / 16; ++k)
#pragma unroll
        for (int i = 0; i < 4; ++i) p[k][i] = pack2(s[8 * k + 2 * i], s[8 * k + 2 * i + 1]);
    };
    auto pv = [&](int i) {
      unsigned long long b =
          mn_major_descriptor(v_tiles + (done + i) % kStages * kVBytes, kBlockKv * 128);
#pragma unroll
      for (int k = 0; k < kBlockKv / 16; ++k)
        wgmma_regs<1>(out, p[k], advance_descriptor(b, k * 2048), 1);
      wgmma_commit();
    };
    // Products are issued by the warpgroups in work_iter; 4 + w: it is warpgroup w's.
    auto scheduler_barrier_sync = [&] { named_barrier_sync(4 + warpgroup, 256); };
    auto scheduler_barrier_arrive = [&] { named_barrier_arrive(5 - warpgroup, 256); };
    if (warpgroup == 1) scheduler_barrier_arrive();
    for (int work_iter = 0;; ++work_iter) {
      int slot = work_iter % kQStages;
      q_tile = q_tiles + slot * kQBytes;
      mbarrier_wait(q_full + 8 * slot, work_iter / kQStages & 1);
      if (works[slot].tiles < 0) break;
      rows = works[slot].rows, first_tile = works[slot].first_tile, tiles = works[slot].tiles;
      // Tiles inside [all_first, all_end) are seen whole by every row of this warpgroup.
      int group_row = rows.row0 + warpgroup * 64;
      all_first =
          WINDOW_LEFT >= 0 ? rows.first(min(group_row + 63, rows.nq * Rows::kGroupSize - 1)) : 0,
      all_end = rows.end(group_row);
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        row[h] = group_row + warp * 16 + g + 8 * h;
        see_first[h] = rows.first(row[h]), see_end[h] = rows.end(row[h]);
        base[h] = kMasked, row_sum[h] = 0.f;
      }
#pragma unroll
      for (int i = 0; i < kPaddedDimVo / 2; ++i) out[i] = 0.f;
      auto k_wait = [&](int i) {
        mbarrier_wait(k_full + 8 * ((done + i) % kStages), (done + i) / kStages & 1);
      };
      auto v_wait = [&](int i) {
        mbarrier_wait(v_full + 8 * ((done + i) % kStages), (done + i) / kStages & 1);
      };
      auto release = [&](unsigned bar, int i) {
        if (thread == 0) mbarrier_arrive(bar + 8 * ((done + i) % kStages));
      };
      // Main loop.
      if (tiles > 0) {
        k_wait(0);
        wgmma_fence();
        qk(0);
        wgmma_wait<0>();
        release(k_empty, 0);
        softmax(0);
        pack();
        for (int i = 0; i + 1 < tiles; ++i) {
          k_wait(i + 1);
          scheduler_barrier_sync();
          wgmma_fence();
          qk(i + 1);
          v_wait(i);
          wgmma_fence();
          pv(i);
          scheduler_barrier_arrive();
          wgmma_wait<1>();
          release(k_empty, i + 1);
          softmax(i + 1);
          wgmma_wait_after<0>(row_sum[0] + row_sum[1], q_tile);
          release(v_empty, i);
          if (__any_sync(0xffffffffu, rescale))
#pragma unroll
            for (int e = 0; e < kPaddedDimVo / 2; ++e) out[e] *= scores_scale[e / 2 % 2];
          pack();
        }
        v_wait(tiles - 1);
        wgmma_fence();
        pv(tiles - 1);
        wgmma_wait<0>();
        release(v_empty, tiles - 1);
      }
      done += tiles;
      // Epilogue: results leave through the queries' memory, each warp's through its sixteen rows.
      named_barrier_sync(2 + warpgroup, 128);
      float inverse[2];
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        row_sum[h] = quad_sum(row_sum[h]);
        float factor = join_sink<SINKS>(sinks, rows.head(row[h]), base[h], row_sum[h]);
        bool any = row_sum[h] > 0.f;
        inverse[h] = any ? factor / row_sum[h] : 0.f;
        if (c == 0 && rows.live(row[h]))
          lse[rows.at(row[h])] = any ? base[h] + log2f(row_sum[h]) : negative_infinity();
      }
      int warp_row = warpgroup * 64 + warp * 16;
      auto place = [&](int r, int chunk) {
        return q_tile + chunk / 8 * (kRows * 128) + swizzle_128b(warp_row + r, chunk % 8);
      };
#pragma unroll
      for (int j = 0; j < HEAD_DIM_VO / 16; ++j) {
        const float* x = out + 8 * j;
        stmatrix_x4(place(lane % 16, 2 * j + lane / 16),
                    pack2(x[0] * inverse[0], x[1] * inverse[0]),
                    pack2(x[2] * inverse[1], x[3] * inverse[1]),
                    pack2(x[4] * inverse[0], x[5] * inverse[0]),
                    pack2(x[6] * inverse[1], x[7] * inverse[1]));
      }
      __syncwarp();
#pragma unroll
      for (int i = 0; i < HEAD_DIM_VO / 16; ++i) {
        int r = (i * 32 + lane) / (HEAD_DIM_VO / 8), chunk = (i * 32 + lane) % (HEAD_DIM_VO / 8);
        uint4 x = ld_shared_16(place(r, chunk));
        if (rows.live(rows.row0 + warp_row + r))
          *reinterpret_cast<uint4*>(output + rows.at(rows.row0 + warp_row + r) * HEAD_DIM_VO +
                                    chunk * 8) = x;
      }
      __syncwarp();
      if (lane == 0) mbarrier_arrive(q_empty + 8 * slot);
    }
  }
}
