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

struct Arguments {
#if TMA_BOX_ROWS
  const TensorMap &k_map, &v_map;
#endif
  const T *q, *k_cache, *v_cache;
  const int *qo_indptr, *kv_indptr, *kv_indices, *last_page_len;
  float sm_scale;
  const void* sinks;
  T* output;
  float* lse;
  int *item_counter, batch, items;
};

// Places in shared memory. The barriers of a tile: its keys or values are there, or read; of work
// and its queries: the same.
struct Shared {
  unsigned q_tiles, k_tiles, v_tiles;
  unsigned k_full, k_empty, v_full, v_empty, q_full, q_empty;
  Work* works;  // kQStages
  __device__ __forceinline__ Shared(unsigned char* raw, const unsigned long long* barriers,
                                    Work* works_)
      : q_tiles((shared_address(raw) + 1023) & ~1023u),
        k_tiles(q_tiles + kQStages * kQBytes),
        v_tiles(k_tiles + kStages * kKBytes),
        k_full(shared_address(barriers)),
        k_empty(k_full + 8 * kStages),
        v_full(k_empty + 8 * kStages),
        v_empty(v_full + 8 * kStages),
        q_full(v_empty + 8 * kStages),
        q_empty(q_full + 8 * kQStages),
        works(works_) {}
  __device__ __forceinline__ void init_barriers() const {
    for (int s = 0; s < kStages; ++s) {
      mbarrier_init(k_full + 8 * s, 128), mbarrier_init(k_empty + 8 * s, 2);
      mbarrier_init(v_full + 8 * s, 128), mbarrier_init(v_empty + 8 * s, 2);
    }
    for (int s = 0; s < kQStages; ++s)
      mbarrier_init(q_full + 8 * s, 128), mbarrier_init(q_empty + 8 * s, 8);
    fence_mbarrier_init();
  }
};

using Tokens = int[PAGE_SIZE > 0 ? 4 : 1][kBlockKv];

__device__ __forceinline__ void load_queries(const T* q, const Rows& rows, unsigned q_tile,
                                             int thread) {
  for (int i = thread; i < kRows * (HEAD_DIM_QK / 8); i += 128) {
    int r = i / (HEAD_DIM_QK / 8), c = i % (HEAD_DIM_QK / 8), row = rows.row0 + r;
    bool live = rows.live(row);
    cp_async_16(q_tile + c / 8 * (kRows * 128) + swizzle_128b(r, c % 8),
                q + (live ? rows.at(row) * HEAD_DIM_QK + c * 8 : 0), live);
  }
}

// The keys and values of one work; `done`: tiles before. landed(bar): the copies so far are to
// arrive at `bar`.
template <class Landed>
__device__ __forceinline__ void load_tiles(const Arguments& a, const Shared& shared,
                                           const Work& work, Tokens& tokens, int done, int thread,
                                           Landed& landed) {
  const Rows& rows = work.rows;
  // A thread looks up one key of a tile, a tile ahead.
  auto find_token = [&](int i) {
    int key = (work.first_tile + work.tiles - 1 - i) * kBlockKv + thread;
    return thread < kBlockKv && i < work.tiles && key < work.end
               ? kv_row<PAGE_SIZE>(a.kv_indices, rows.page_begin, key)
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
  int copied = (work.first_tile + work.tiles) * kBlockKv > rows.nk ? 1 : 0, box = 0, last_box = 0;
  auto box_at = [&](int i) {
    return thread < kBoxes && i < work.tiles && i >= copied
               ? kv_row<PAGE_SIZE>(
                     a.kv_indices, rows.page_begin,
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
              produce_box<HEAD_DIM_QK>(shared.k_tiles + s * kKBytes + thread * (TMA_BOX_ROWS * 128),
                                       a.k_map, rows.kv_head, box, bar);
            },
            shared.k_full, shared.k_empty, kKBytes, done + i);
      } else {
        last_box = box;
      }
      if (thread < 32 && i > copied)
        boxes(
            [&](int s, unsigned bar) {
              produce_box<HEAD_DIM_VO>(shared.v_tiles + s * kVBytes + thread * (TMA_BOX_ROWS * 128),
                                       a.v_map, rows.kv_head, last_box, bar);
            },
            shared.v_full, shared.v_empty, kVBytes, done + i - 1);
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
      if (n >= kStages) mbarrier_wait(shared.k_empty + 8 * s, (n / kStages - 1) & 1);
      load(Number<HEAD_DIM_QK>{}, shared.k_tiles + s * kKBytes, a.k_cache, i);
      landed(shared.k_full + 8 * s);
    }
    if (i > 0) {
      int n = done + i - 1, s = n % kStages;
      if (n >= kStages) mbarrier_wait(shared.v_empty + 8 * s, (n / kStages - 1) & 1);
      load(Number<HEAD_DIM_VO>{}, shared.v_tiles + s * kVBytes, a.v_cache, i - 1);
      landed(shared.v_full + 8 * s);
    }
    if (TMA_BOX_ROWS && i == copied) landed(0);
  }
  if (!TMA_BOX_ROWS && work.tiles == 0) landed(0);
}

// The warpgroup that finds rows and loads their queries and keys.
__device__ __forceinline__ void produce(const Arguments& a, const Shared& shared, int& next_item,
                                        Tokens& tokens, int thread) {
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
    if (thread == 0) next_item = gridDim.x + (a.item_counter ? atomicAdd(a.item_counter, 1) : item);
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
      if (item >= a.items * NUM_KV_HEADS) return;
      if (!rows.find(a.items - 1 - item / NUM_KV_HEADS, item % NUM_KV_HEADS, a.qo_indptr,
                     a.kv_indptr, a.last_page_len, a.batch))
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
    unsigned q_tile = shared.q_tiles + slot * kQBytes;
    if (work_iter >= kQStages) {
      landed(0);
      mbarrier_wait(shared.q_empty + 8 * slot, (work_iter / kQStages - 1) & 1);
    }
    if (thread == 0) shared.works[slot] = work;
    if (work.tiles < 0) {
      landed(0), landed(0);
      mbarrier_arrive(shared.q_full + 8 * slot);
      break;
    }
    load_queries(a.q, rows, q_tile, thread);
    landed(shared.q_full + 8 * slot);
    request_item();
    load_tiles(a, shared, work, tokens, done, thread, landed);
    done += work.tiles;
    receive_item();
  }
}

// Results leave through the queries' memory, each warp's through its sixteen rows.
__device__ __forceinline__ void write_results(const Arguments& a, const Rows& rows,
                                              const int (&row)[2],
                                              const float (&out)[kPaddedDimVo / 2],
                                              float (&base)[2], float (&row_sum)[2],
                                              unsigned q_tile, int warpgroup, int thread) {
  int warp = thread / 32, lane = thread % 32, c = lane % 4;
  named_barrier_sync(2 + warpgroup, 128);
  float inverse[2];
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    row_sum[h] = quad_sum(row_sum[h]);
    float factor = join_sink<SINKS>(a.sinks, rows.head(row[h]), base[h], row_sum[h]);
    bool any = row_sum[h] > 0.f;
    inverse[h] = any ? factor / row_sum[h] : 0.f;
    if (c == 0 && rows.live(row[h]))
      a.lse[rows.at(row[h])] = any ? base[h] + log2f(row_sum[h]) : negative_infinity();
  }
  int warp_row = warpgroup * 64 + warp * 16;
  auto place = [&](int r, int chunk) {
    return q_tile + chunk / 8 * (kRows * 128) + swizzle_128b(warp_row + r, chunk % 8);
  };
#pragma unroll
  for (int j = 0; j < HEAD_DIM_VO / 16; ++j) {
    const float* x = out + 8 * j;
    stmatrix_x4(place(lane % 16, 2 * j + lane / 16), pack2(x[0] * inverse[0], x[1] * inverse[0]),
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
      *reinterpret_cast<uint4*>(a.output + rows.at(rows.row0 + warp_row + r) * HEAD_DIM_VO +
                                chunk * 8) = x;
  }
}

// The logits of a tile; not waited for.
__device__ __forceinline__ void multiply_qk(float (&s)[kBlockKv / 2], unsigned long long queries,
                                            unsigned long long keys) {
#pragma unroll
  for (int k = 0; k < HEAD_DIM_QK / 16; ++k)
    wgmma<0>(s, advance_descriptor(queries, k / 4 * (kRows * 128) + k % 4 * 32),
             advance_descriptor(keys, k / 4 * (kBlockKv * 128) + k % 4 * 32), k > 0);
  wgmma_commit();
}
// The output of a tile; not waited for.
__device__ __forceinline__ void multiply_pv(float (&out)[kPaddedDimVo / 2],
                                            const unsigned (&p)[kBlockKv / 16][4],
                                            unsigned long long values) {
#pragma unroll
  for (int k = 0; k < kBlockKv / 16; ++k)
    wgmma_regs<1>(out, p[k], advance_descriptor(values, k * 2048), 1);
  wgmma_commit();
}
__device__ __forceinline__ void pack(unsigned (&p)[kBlockKv / 16][4],
                                     const float (&s)[kBlockKv / 2]) {
#pragma unroll
  for (int k = 0; k < kBlockKv / 16; ++k)
#pragma unroll
    for (int i = 0; i < 4; ++i) p[k][i] = pack2(s[8 * k + 2 * i], s[8 * k + 2 * i + 1]);
}
// Logits of keys that a lane's two rows do not see become -inf; `key0`: the lane's first.
__device__ __forceinline__ void hide_keys(float (&s)[kBlockKv / 2], int key0,
                                          const int (&see_first)[2], const int (&see_end)[2]) {
#pragma unroll
  for (int e = 0; e < kBlockKv / 2; ++e) {
    int key = key0 + e / 4 * 8 + e % 2, h = e / 2 % 2;
    if (key < see_first[h] || key >= see_end[h]) s[e] = negative_infinity();
  }
}
// Logits of a tile become powers of two relative to a row's base, which they may move: then
// earlier sums are to be multiplied with scores_scale.
__device__ __forceinline__ void softmax_tile(float (&s)[kBlockKv / 2], float (&base)[2],
                                             float (&row_sum)[2], float (&scores_scale)[2],
                                             bool& rescale, float scale) {
  float most[4] = {s[0], s[1], s[2], s[3]}, more[4] = {};  // two chains of dependent steps a row
#pragma unroll
  for (int e = 4; e < kBlockKv / 2; ++e) most[e % 4] = fmaxf(most[e % 4], s[e]);
  float tile_max[2] = {fmaxf(most[0], most[1]), fmaxf(most[2], most[3])};
  rescale = false;
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    tile_max[h] = quad_max(tile_max[h]);
    // A larger logit moves the base only where powers of two would get out of hand (the first
    // one always does).
    scores_scale[h] = 1.f;
    if (tile_max[h] * scale > base[h] + kRescaleThreshold) {
      scores_scale[h] = exp2_approx(base[h] - tile_max[h] * scale), base[h] = tile_max[h] * scale,
      rescale = true;
      row_sum[h] *= scores_scale[h];
    }
  }
#pragma unroll
  for (int e = 0; e < kBlockKv / 2; ++e) {
    s[e] = exp2_approx(s[e] * scale - base[e / 2 % 2]);
    more[e % 4] += s[e];
  }
  row_sum[0] += more[0] + more[1], row_sum[1] += more[2] + more[3];
}

// A warpgroup that computes 64 of the rows.
__device__ __forceinline__ void consume(const Arguments& a, const Shared& shared, int warpgroup,
                                        int thread) {
  int warp = thread / 32, lane = thread % 32, g = lane / 4, c = lane % 4;
  Rows rows;
  int first_tile = 0, tiles = 0, row[2], see_first[2], see_end[2], all_first = 0, all_end = 0;
  // Columns of out behind HEAD_DIM_VO hold what is left in shared memory; they are not written.
  float out[kPaddedDimVo / 2], s[kBlockKv / 2];
  unsigned p[kBlockKv / 16][4];
  float base[2], row_sum[2], scores_scale[2];  // base: what logits in base 2 are relative to
  bool rescale;
  LogitTransform<kCapped> logit(a.sm_scale, kCap);
  int done = 0;  // tiles of earlier work
  unsigned q_tile = 0;
  auto qk = [&](int i) {
    unsigned long long a = k_major_descriptor(q_tile + warpgroup * 64 * 128),
                       b = k_major_descriptor(shared.k_tiles + (done + i) % kStages * kKBytes);
    multiply_qk(s, a, b);
  };
  auto softmax = [&](int i) {
    int key0 = (first_tile + tiles - 1 - i) * kBlockKv;
    if constexpr (kCapped)
#pragma unroll
      for (int e = 0; e < kBlockKv / 2; ++e) s[e] = logit(s[e]);
    if (key0 + kBlockKv > all_end || key0 < all_first)
      hide_keys(s, key0 + 2 * c, see_first, see_end);
    softmax_tile(s, base, row_sum, scores_scale, rescale, kCapped ? 1.f : logit.scale);
  };
  auto pv = [&](int i) {
    unsigned long long b =
        mn_major_descriptor(shared.v_tiles + (done + i) % kStages * kVBytes, kBlockKv * 128);
    multiply_pv(out, p, b);
  };
  // Products are issued by the warpgroups in turn; 4 + w: it is warpgroup w's.
  auto scheduler_barrier_sync = [&] { named_barrier_sync(4 + warpgroup, 256); };
  auto scheduler_barrier_arrive = [&] { named_barrier_arrive(5 - warpgroup, 256); };
  if (warpgroup == 1) scheduler_barrier_arrive();
  for (int work_iter = 0;; ++work_iter) {
    int slot = work_iter % kQStages;
    q_tile = shared.q_tiles + slot * kQBytes;
    mbarrier_wait(shared.q_full + 8 * slot, work_iter / kQStages & 1);
    const Work& work = shared.works[slot];
    if (work.tiles < 0) break;
    rows = work.rows, first_tile = work.first_tile, tiles = work.tiles;
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
    for (float& x : out) x = 0.f;
    auto wait = [&](unsigned bar, int i) {
      mbarrier_wait(bar + 8 * ((done + i) % kStages), (done + i) / kStages & 1);
    };
    auto release = [&](unsigned bar, int i) {
      if (thread == 0) mbarrier_arrive(bar + 8 * ((done + i) % kStages));
    };
    // Main loop.
    if (tiles > 0) {
      wait(shared.k_full, 0);
      wgmma_fence();
      qk(0);
      wgmma_wait<0>();
      release(shared.k_empty, 0);
      softmax(0);
      pack(p, s);
      for (int i = 0; i + 1 < tiles; ++i) {
        wait(shared.k_full, i + 1);
        scheduler_barrier_sync();
        wgmma_fence();
        qk(i + 1);
        wait(shared.v_full, i);
        wgmma_fence();
        pv(i);
        scheduler_barrier_arrive();
        wgmma_wait<1>();
        release(shared.k_empty, i + 1);
        softmax(i + 1);
        wgmma_wait_after<0>(row_sum[0] + row_sum[1], q_tile);
        release(shared.v_empty, i);
        if (__any_sync(0xffffffffu, rescale))
#pragma unroll
          for (int e = 0; e < kPaddedDimVo / 2; ++e) out[e] *= scores_scale[e / 2 % 2];
        pack(p, s);
      }
      wait(shared.v_full, tiles - 1);
      wgmma_fence();
      pv(tiles - 1);
      wgmma_wait<0>();
      release(shared.v_empty, tiles - 1);
    }
    done += tiles;
    write_results(a, rows, row, out, base, row_sum, q_tile, warpgroup, thread);
    __syncwarp();
    if (lane == 0) mbarrier_arrive(shared.q_empty + 8 * slot);
  }
}

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
  extern __shared__ unsigned char shared_raw[];
  __shared__ __align__(8) unsigned long long barriers[4 * kStages + 2 * kQStages];
  __shared__ Work works[kQStages];
  const Arguments arguments = {
#if TMA_BOX_ROWS
    k_map,
    v_map,
#endif
    q,
    k_cache,
    v_cache,
    qo_indptr,
    kv_indptr,
    kv_indices,
    last_page_len,
    sm_scale,
    sinks,
    output,
    lse,
    item_counter,
    batch,
    items
  };
  const Shared shared(shared_raw, barriers, works);
  if (threadIdx.x == 0) shared.init_barriers();
  __syncthreads();
  int warpgroup = warpgroup_index(), thread = threadIdx.x % 128;
  if (warpgroup == 2) {
    setmaxnreg_dec<kProducerRegisters>();
    __shared__ int next_item;
    __shared__ Tokens tokens;
    produce(arguments, shared, next_item, tokens, thread);
  } else {
    setmaxnreg_inc<kConsumerRegisters>();
    consume(arguments, shared, warpgroup, thread);
  }
}
