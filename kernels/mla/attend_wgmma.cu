// Absorbed latent attention over a paged cache on sm_90a, decode and prefill: 64 rows a CTA, keys
// in two tiles of 64. Two consumer warpgroups of wgmma: each computes the logits and probabilities
// of the tile in its own place and half of the output's columns from both tiles, the other's
// probabilities coming through shared memory; so the softmax of one overlaps the products of the
// other. The producer warpgroup loads: whole tiles by TMA where pages have 16 tokens or more
// (TMA_BOX_ROWS tokens a box), others by cp.async. Prefill is persistent: CTAs take rows from
// item_counter (0 at the start). The latent cache is read by all heads: HEAD_DIM_CKV columns are
// key and value, HEAD_DIM_KPE (rotary) key only. Output in 16 bits, lse in base 2 of scaled logits;
// an empty sequence gives 0 and -inf. A row is a (query token, head). A tile is slabs of 64
// columns: the latent's, then the rotary part's with zeros behind HEAD_DIM_KPE. Decode cuts a
// sequence's keys into KV splits, which combine.cu joins.
//
// Grid: prefill: CTAs; decode: items * blocks of 64 heads.
//
// Constants: NUM_QO_HEADS, HEAD_DIM_CKV, HEAD_DIM_KPE, PAGE_SIZE, HAS_LAST_PAGE_LEN, WINDOW_LEFT
// (keys that a query sees before its own; -1: all), LOGIT_CAP (0: none), PREFILL, KV_SCALES
// (factors of all keys and of all values), TMA_BOX_ROWS (0: all by cp.async).
#include "../device/barrier.cuh"
#include "../device/copy.cuh"
#include "../device/launch.cuh"
#include "../device/logits.cuh"
#include "../device/tma.cuh"
#include "../device/wgmma.cuh"
#include "latent_rows.cuh"
using namespace kdex;

#if HEAD_DIM_CKV % 64 != 0 || HEAD_DIM_CKV > 512 || HEAD_DIM_KPE % 16 != 0 || HEAD_DIM_KPE > 128
#error "mla: head_dim_ckv must be a multiple of 64 up to 512, head_dim_kpe of 16 up to 128"
#endif
constexpr float kCap = LOGIT_CAP;
constexpr bool kCapped = kCap > 0;
constexpr int kHeadDim = HEAD_DIM_CKV + HEAD_DIM_KPE, kSlabs = (kHeadDim + 63) / 64;
constexpr unsigned kTileBytes = 64 * kSlabs * 128;
using Rows = LatentRows<64, NUM_QO_HEADS, PAGE_SIZE, HAS_LAST_PAGE_LEN, PREFILL, WINDOW_LEFT>;
constexpr int kSlabBytes = 64 * 128;  // of queries, keys or probabilities
// Slabs of the queries that stay in registers, the last ones: what shared memory has no room for.
constexpr int kRegisterSlabs = kSlabs > 9 ? 4 : 1, kSharedSlabs = kSlabs - kRegisterSlabs;
constexpr int kRowBlocks = PREFILL ? 1 : (NUM_QO_HEADS + 63) / 64;
// Columns of the output that a warpgroup makes, is_only_split slabs. Where they end behind
// HEAD_DIM_CKV, the second one's last slab is of the rotary split, and what it makes of it is not
// written.
constexpr int kHalf = (HEAD_DIM_CKV + 127) / 128 * 64, kHalfSlabs = kHalf / 64;
constexpr int kTail = kSlabs - 2 * kHalfSlabs;  // slabs behind these, which only the logits want
// A tile lands in pieces: its tail, then each half by two slabs.
constexpr int kHalfPieces = (kHalfSlabs + 1) / 2, kPieces = 1 + 2 * kHalfPieces;

#if TMA_BOX_ROWS
static_assert(64 % TMA_BOX_ROWS == 0 && PAGE_SIZE % TMA_BOX_ROWS == 0,
              "boxes fill a tile and do not leave a page");
constexpr int kBoxes = 64 / TMA_BOX_ROWS;
#else
constexpr int kBoxes = 0;
#endif

struct Arguments {
#if TMA_BOX_ROWS
  const TensorMap &ckv_map, &kpe_map;
#endif
  const T *q_nope, *q_pe, *ckv, *kpe;
  const int *qo_indptr, *kv_indptr, *kv_indices, *last_page_len;
  float sm_scale, *partial_out, *partial_lse;
  T* output;
  float* lse;
  int *item_counter, batch, split_size, items;
  float v_scale;
};

// Places in shared memory. Barriers of a tile: its pieces are there; its left half, right half,
// tail are read. Of the queries the same; work is there; a warpgroup's probabilities are there.
struct Shared {
  unsigned ring, q_tile, p_tiles;
  unsigned full, empty, q_full, q_empty, work_full, p_full;
  float (&bases)[2][64];
  float (&sums)[2][2][64];  // a warpgroup's; of this work and, while they are read, the one before
  Rows (&works)[3];  // of this iteration, the next one and, while its results are written, the one
                     // before
  int& next_item;
  __device__ __forceinline__ Shared(unsigned char* raw, const unsigned long long* barriers,
                                    float (&bases_)[2][64], float (&sums_)[2][2][64],
                                    Rows (&works_)[3], int& next_item_)
      : ring((shared_address(raw) + 1023) & ~1023u),
        q_tile(ring + 2 * kTileBytes),
        p_tiles(q_tile + kSharedSlabs * kSlabBytes),
        full(shared_address(barriers)),
        empty(full + 2 * kPieces * 8),
        q_full(empty + 6 * 8),
        q_empty(q_full + 8),
        work_full(q_empty + 8),
        p_full(work_full + 8),
        bases(bases_),
        sums(sums_),
        works(works_),
        next_item(next_item_) {}
  __device__ __forceinline__ void init_barriers() const {
    for (int i = 0; i < 2 * kPieces; ++i) mbarrier_init(full + 8 * i, 128);
    for (int i = 0; i < 6; ++i) mbarrier_init(empty + 8 * i, 1);
    mbarrier_init(q_full, 128), mbarrier_init(q_empty, 256), mbarrier_init(work_full, 1);
    mbarrier_init(p_full, 128), mbarrier_init(p_full + 8, 128);
    fence_mbarrier_init();
  }
};

__device__ __forceinline__ void load_queries(const Arguments& a, const Rows& work, unsigned q_tile,
                                             int thread) {
#pragma unroll 4
  for (int i = thread; i < 64 * kSharedSlabs * 8; i += 128) {
    int r = i / (kSharedSlabs * 8), at = i % (kSharedSlabs * 8) * 8;
    bool live = r < work.rows;
    size_t from = work.first_row + (live ? r : 0);
    cp_async_16(q_tile + at / 64 * kSlabBytes + swizzle_128b(r, at / 8 % 8),
                at < HEAD_DIM_CKV ? a.q_nope + from * HEAD_DIM_CKV + at
                                  : a.q_pe + from * HEAD_DIM_KPE + at - HEAD_DIM_CKV,
                live);
  }
}
// load_piece(first slab, end, barrier) for each piece of a tile in place W, when what it overwrites
// was read: tail, W's half, the other half.
template <int W, class LoadPiece>
__device__ __forceinline__ void load_pieces(const Shared& shared, int free_phase,
                                            LoadPiece load_piece) {
  if (kTail > 0) {
    mbarrier_wait(shared.empty + 8 * (3 * W + 2), free_phase);
    load_piece(2 * kHalfSlabs, kSlabs, shared.full + 8 * (W * kPieces));
  }
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    int h = half ^ W;
    mbarrier_wait(shared.empty + 8 * (3 * W + h), free_phase);
#pragma unroll
    for (int n = 0; n < kHalfPieces; ++n)
      load_piece(h * kHalfSlabs + 2 * n, h * kHalfSlabs + min(2 * n + 2, kHalfSlabs),
                 shared.full + 8 * (W * kPieces + 1 + h * kHalfPieces + n));
  }
}
#if TMA_BOX_ROWS
// Slabs [from, upto) of the TMA_BOX_ROWS keys from `token` on; `to`: their place in the first slab.
__device__ __forceinline__ void load_boxes(const Arguments& a, int from, int upto, unsigned to,
                                           int token, unsigned bar) {
#pragma unroll
  for (int n = from; n < upto; ++n)
    tma_load(to + n * kSlabBytes, n < HEAD_DIM_CKV / 64 ? a.ckv_map : a.kpe_map,
             (n < HEAD_DIM_CKV / 64 ? n : n - HEAD_DIM_CKV / 64) * 64, token, bar);
}
#endif
// Slabs [from, upto) of a tile whose keys lie at `token`; zeros from key `live` behind the thread's
// first on.
__device__ __forceinline__ void copy_slabs(const Arguments& a, int from, int upto, unsigned tile,
                                           const int (&token)[4], int live, int thread) {
  int key0 = thread / 8, my_chunk = thread % 8;
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const T* latent = a.ckv + static_cast<size_t>(token[i]) * HEAD_DIM_CKV + my_chunk * 8;
    const T* rope = a.kpe + static_cast<size_t>(token[i]) * HEAD_DIM_KPE + my_chunk * 8;
#pragma unroll
    for (int n = from; n < upto; ++n) {
      bool there =
          n < HEAD_DIM_CKV / 64 || HEAD_DIM_KPE % 64 == 0 || n * 64 + my_chunk * 8 < kHeadDim;
      cp_async_16(tile + n * kSlabBytes + swizzle_128b(key0, my_chunk) + i * (16 * 128),
                  !there                  ? a.kpe
                  : n < HEAD_DIM_CKV / 64 ? latent + n * 64
                                          : rope + (n - HEAD_DIM_CKV / 64) * 64,
                  there && 16 * i < live);
    }
  }
}
// The warpgroup that finds rows and loads their queries and tiles of latents.
__device__ __forceinline__ void produce(const Arguments& a, const Shared& shared, int thread) {
  int key0 = thread / 8;  // keys key0, key0 + 16, ... of a tile
  Rows work = {};
  int token[4], item = blockIdx.x;
  auto request_item = [&] {
    if (thread == 0)
      shared.next_item = gridDim.x + (a.item_counter ? atomicAdd(a.item_counter, 1) : item);
  };
  auto receive_item = [&] {
    named_barrier_sync(4, 128);
    item = shared.next_item;
    named_barrier_sync(4, 128);
  };
  // The work of `item`, or of the first later one that there is; its queries are prefetched.
  auto find = [&](int slot) {
    Rows next;
    for (;; request_item(), receive_item()) {
      next.tiles = -1, next.rows = 0;
      if (item >= a.items) break;
      // Long rows come first: the last of a sequence see the most keys. A decode's blocks of rows
      // stand side by side, so that one finds in the L2 what the other read.
      if (!next.find(PREFILL ? a.items - 1 - item : item / kRowBlocks, item % kRowBlocks,
                     a.qo_indptr, a.kv_indptr, a.last_page_len, a.batch, a.split_size))
        continue;
      next.tiles = (max(0, next.end - next.begin) + 63) / 64;
      break;
    }
    if (thread == 0) shared.works[slot] = next;
    if (thread < next.rows)
      prefetch_l2(a.q_nope + (next.first_row + thread) * HEAD_DIM_CKV, HEAD_DIM_CKV * 2);
    if (thread - 64 >= 0 && thread - 64 < next.rows)
      prefetch_l2(a.q_pe + (next.first_row + thread - 64) * HEAD_DIM_KPE, HEAD_DIM_KPE * 2);
    named_barrier_sync(4, 128);
  };
  // Tiles are walked from the last one. With boxes all but one that the sequence ends in come by
  // TMA: a warp asks for them, TMA_BOX_ROWS keys a lane.
  auto first_key = [&](int t) { return work.begin + (work.tiles - 1 - t) * 64; };
  auto by_tma = [&](int t) {
    return TMA_BOX_ROWS && (t > 0 || work.begin + work.tiles * 64 <= work.keys);
  };
  auto find_tokens = [&](int t) {
    if (by_tma(t)) {
      if (thread < kBoxes)
        token[0] = work.token(a.kv_indices, first_key(t) + thread * TMA_BOX_ROWS);
    } else {
#pragma unroll
      for (int i = 0; i < 4; ++i)
        token[i] = work.token(a.kv_indices, min(first_key(t) + key0 + 16 * i, work.end - 1));
    }
  };
  int uses[2] = {0, 0};  // of the two places of tiles
  // Tile t into the place of warpgroup W: tail, W's half, the other half; then the next one is
  // looked up.
  auto produce = [&](auto place, int t) {
    constexpr int W = decltype(place)::value;
    int free_phase = (uses[W]++ & 1) ^ 1;
    auto pieces = [&](auto load_piece) { load_pieces<W>(shared, free_phase, load_piece); };
#if TMA_BOX_ROWS
    if (W == 1 || by_tma(t)) {
      if (thread < 32)
        pieces([&](int from, int upto, unsigned bar) {
          if (thread == 0) mbarrier_arrive_expect_tx(bar, (upto - from) * kSlabBytes);
          __syncwarp();
          if (thread < kBoxes)
            load_boxes(a, from, upto, shared.ring + W * kTileBytes + thread * (TMA_BOX_ROWS * 128),
                       token[0], bar);
          __syncwarp();
          if (thread == 0) mbarrier_arrive(bar, 127);
        });
    } else
#endif
    {
      int live = work.end - first_key(t) - key0;
      pieces([&](int from, int upto, unsigned bar) {
        copy_slabs(a, from, upto, shared.ring + W * kTileBytes, token, live, thread);
        cp_async_mbarrier_arrive(bar);
      });
    }
    if (t + 1 < work.tiles) find_tokens(t + 1);
  };
  find(0);
  for (int work_iter = 0;; ++work_iter) {
    work = shared.works[work_iter % 3];
    if (work.tiles > 0) find_tokens(0);
    mbarrier_wait(shared.q_empty, (work_iter & 1) ^ 1);
    if (thread == 0) mbarrier_arrive(shared.work_full);
    if (work.tiles < 0) break;
    load_queries(a, work, shared.q_tile, thread);
    cp_async_mbarrier_arrive(shared.q_full);
    request_item();
    for (int t = 0; t == 0 || t < work.tiles; t += 2) {
      if (t < work.tiles) produce(Number<0>(), t);
      if (t + 1 < work.tiles) produce(Number<1>(), t + 1);
      if (t == 0) {
        receive_item();
        find((work_iter + 1) % 3);
      }
    }
  }
}

// Half W of rows from `first` on leaves through the place of the warpgroup's probabilities, so that
// a warp writes whole lines.
template <int W>
__device__ __forceinline__ void write_output(const Arguments& a, const Rows& work, size_t first,
                                             unsigned my_p, const float (&out)[kHalf / 2],
                                             const float (&inverse)[2], int warp, int lane) {
#pragma unroll
  for (int n = 0; n < kHalfSlabs; ++n) {
    if (HEAD_DIM_CKV % 128 != 0 && W * kHalf + n * 64 >= HEAD_DIM_CKV) break;
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      const float* x = out + 32 * n + 8 * k;
      stmatrix_x4(
          my_p + swizzle_128b(warp * 16 + lane % 16, 2 * k + lane / 16),
          pack2(x[0] * inverse[0], x[1] * inverse[0]), pack2(x[2] * inverse[1], x[3] * inverse[1]),
          pack2(x[4] * inverse[0], x[5] * inverse[0]), pack2(x[6] * inverse[1], x[7] * inverse[1]));
    }
    __syncwarp();
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      int r = warp * 16 + i * 4 + lane / 8;
      uint4 x = ld_shared_16(my_p + swizzle_128b(r, lane % 8));
      if (r < work.rows)
        *reinterpret_cast<uint4*>(a.output + (first + r) * HEAD_DIM_CKV + W * kHalf + n * 64 +
                                  lane % 8 * 8) = x;
    }
    __syncwarp();
  }
}
template <int W>
__device__ __forceinline__ void write_partial(const Arguments& a, const Rows& work, size_t first,
                                              const int (&row)[2], const float (&out)[kHalf / 2],
                                              const float (&inverse)[2], int c) {
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    if (row[h] >= work.rows) continue;
#pragma unroll
    for (int j = 0; j < kHalf / 8; ++j) {
      if (HEAD_DIM_CKV % 128 != 0 && W * kHalf + j * 8 >= HEAD_DIM_CKV) break;
      *reinterpret_cast<float2*>(a.partial_out + (first + row[h]) * HEAD_DIM_CKV + W * kHalf +
                                 j * 8 + 2 * c) =
          make_float2(out[4 * j + 2 * h] * inverse[h], out[4 * j + 2 * h + 1] * inverse[h]);
    }
  }
}

// The slabs of the queries that stay in registers, of a lane's rows.
__device__ __forceinline__ void load_query_registers(unsigned (&query)[kRegisterSlabs * 4][4],
                                                     const Arguments& a, const Rows& work,
                                                     const int (&row)[2], int c) {
#pragma unroll
  for (int k = 0; k < kRegisterSlabs * 4; ++k)
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      int r = row[i % 2], at = (kSharedSlabs * 4 + k) * 16 + i / 2 * 8 + c * 2;
      const T* from = at < HEAD_DIM_CKV
                          ? a.q_nope + (work.first_row + r) * HEAD_DIM_CKV + at
                          : a.q_pe + (work.first_row + r) * HEAD_DIM_KPE + at - HEAD_DIM_CKV;
      query[k][i] = r < work.rows && (kSharedSlabs * 4 + k) * 16 < kHeadDim
                        ? *reinterpret_cast<const unsigned*>(from)
                        : 0u;
    }
}

// Logits of keys that a lane's two rows do not see become -inf; `key0`: the lane's first.
__device__ __forceinline__ void hide_keys(float (&s)[32], int key0, const int (&see_first)[2],
                                          const int (&see)[2]) {
#pragma unroll
  for (int i = 0; i < 32; ++i) {
    int key = key0 + i / 4 * 8 + i % 2, h = i / 2 % 2;
    if (key >= see[h] || (WINDOW_LEFT >= 0 && key < see_first[h])) s[i] = negative_infinity();
  }
}

// Probabilities of a tile, in registers or in shared memory, times its values. Not waited for.
__device__ __forceinline__ void multiply_own(float (&out)[kHalf / 2], const unsigned (&p)[4][4],
                                             unsigned long long values) {
  wgmma_fence();
#pragma unroll
  for (int k = 0; k < 4; ++k) wgmma_regs<1>(out, p[k], advance_descriptor(values, 2048 * k), 1);
  wgmma_commit();
}
__device__ __forceinline__ void multiply_other(float (&out)[kHalf / 2], unsigned long long p,
                                               unsigned long long values) {
  wgmma_fence();
#pragma unroll
  for (int k = 0; k < 4; ++k)
    wgmma<1>(out, advance_descriptor(p, 32 * k), advance_descriptor(values, 2048 * k), 1);
  wgmma_commit();
}

// `to`: what a row's logits are relative to from now on.
__device__ __forceinline__ void move_base(float& base, float& row_sum, float& scores_scale,
                                          float to) {
  scores_scale = exp2_approx(base - to), base = to;
  row_sum *= scores_scale;
}
// Logits of a tile become powers of two relative to the rows' bases, which go to `bases`; where
// these moved (rescale), the output is to be multiplied with scores_scale.
__device__ __forceinline__ void softmax_tile(float (&s)[32], float (&base)[2], float (&row_sum)[2],
                                             float (&scores_scale)[2], bool& rescale,
                                             float (&bases)[64], const int (&row)[2], float scale,
                                             int c) {
  float most[4] = {s[0], s[1], s[2], s[3]}, more[4] = {};  // two chains of dependent steps a row
#pragma unroll
  for (int i = 4; i < 32; ++i) most[i % 4] = fmaxf(most[i % 4], s[i]);
  float tile_max[2] = {fmaxf(most[0], most[1]), fmaxf(most[2], most[3])};
  scores_scale[0] = scores_scale[1] = 1.f, rescale = false;
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    tile_max[h] = quad_max(tile_max[h]);
    // A larger logit moves the base only where powers of two would get out of hand (the first
    // one always does).
    if (tile_max[h] * scale > base[h] + kRescaleThreshold)
      rescale = true, move_base(base[h], row_sum[h], scores_scale[h], tile_max[h] * scale);
    if (c == 0) bases[row[h]] = base[h];
  }
#pragma unroll
  for (int i = 0; i < 32; ++i) {
    s[i] = exp2_approx(s[i] * scale - base[i / 2 % 2]);
    more[i % 4] += s[i];
  }
  row_sum[0] += more[0] + more[1], row_sum[1] += more[2] + more[3];
}
// They become p, and go to shared memory for the other warpgroup.
__device__ __forceinline__ void store_probabilities(unsigned (&p)[4][4], const float (&s)[32],
                                                    unsigned my_p, int warp, int lane) {
#pragma unroll
  for (int k = 0; k < 4; ++k) {
#pragma unroll
    for (int i = 0; i < 4; ++i) p[k][i] = pack2(s[8 * k + 2 * i], s[8 * k + 2 * i + 1]);
    stmatrix_x4(my_p + swizzle_128b(warp * 16 + lane % 16, 2 * k + lane / 16), p[k][0], p[k][1],
                p[k][2], p[k][3]);
  }
}

// What a warpgroup does with a tile: its own logits, their softmax, the other's probabilities and
// base, the output.
template <class Logits, class Softmax, class TakeOther, class Rescale, class AddOwn, class AddOther,
          class Release, class ReleaseLogits>
struct Steps {
  Logits& logits;
  Softmax& softmax;
  TakeOther& take_other;
  Rescale& rescale_output;
  AddOwn& add_own_pv;
  AddOther& add_other_pv;
  Release& release;
  ReleaseLogits& release_logits;
};
template <class... Each>
Steps(Each&...) -> Steps<Each...>;
// Of the first warpgroup, whose tiles are the even ones, and of the second. `empty`: the barriers
// of tiles that were read.
template <class Step>
__device__ __forceinline__ void first_main_loop(Step& step, int tiles, unsigned empty) {
  for (int t = 0; t < tiles; t += 2) {
    step.logits(t == 0);
    wgmma_wait<0>();
    step.release_logits(t + 2 >= tiles);
    step.softmax(t);
    step.rescale_output();
    step.add_own_pv();
    wgmma_wait<0>();
    step.release(empty);
    if (t + 1 == tiles) break;
    step.take_other();
    step.rescale_output();
    step.add_other_pv();
    wgmma_wait<0>();
    step.release(empty + 8 * 3);
  }
}
template <class Step>
__device__ __forceinline__ void second_main_loop(Step& step, int tiles, unsigned empty) {
  for (int t = 1; t < tiles; t += 2) {
    step.logits(t == 1);
    step.take_other();
    step.rescale_output();
    step.add_other_pv();
    wgmma_wait<1>();
    step.release_logits(t + 2 >= tiles);
    step.softmax(t);
    step.rescale_output();
    wgmma_wait<0>();
    step.release(empty + 8);
    step.add_own_pv();
    wgmma_wait<0>();
    step.release(empty + 8 * 4);
  }
  if (tiles % 2 == 1) {
    step.take_other();
    step.rescale_output();
    step.add_other_pv();
    wgmma_wait<0>();
    step.release(empty + 8);
  }
}

// Logits of slabs [from, upto) of a tile, added to s where `add` is. Not waited for.
__device__ __forceinline__ void multiply_queries(float (&s)[32],
                                                 const unsigned (&query)[kRegisterSlabs * 4][4],
                                                 unsigned long long queries,
                                                 unsigned long long keys, int from, int upto,
                                                 int add) {
#pragma unroll
  for (int k = from * 4; k < upto * 4; ++k) {
    if (k * 16 >= kHeadDim) break;
    unsigned long long b = advance_descriptor(keys, k / 4 * kSlabBytes + k % 4 * 32);
    if (k < kSharedSlabs * 4)
      wgmma<0>(s, advance_descriptor(queries, k / 4 * kSlabBytes + k % 4 * 32), b,
               add || k > from * 4);
    else
      wgmma_regs<0>(s, query[k - kSharedSlabs * 4], b, add || k > from * 4);
  }
}

// `other_sums`: of the other warpgroup's tiles.
template <int W>
__device__ __forceinline__ void write_results(const Arguments& a, const Rows& work,
                                              const int (&row)[2], const float (&out)[kHalf / 2],
                                              const float (&base)[2], const float (&row_sum)[2],
                                              const float (&other_sums)[64], unsigned my_p,
                                              int warp, int lane) {
  int c = lane % 4;
  bool is_only_split = work.num_splits == 1;
  size_t first =
      is_only_split ? work.first_row : static_cast<size_t>(work.slot) * NUM_QO_HEADS + work.row0;
  float inverse[2];
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    float all = row_sum[h] + other_sums[row[h]];
    bool any = all > 0.f;
    inverse[h] = any ? 1.f / all : 0.f;
#if KV_SCALES
    inverse[h] *= a.v_scale;
#endif
    if (W == 0 && c == 0 && row[h] < work.rows)
      (is_only_split ? a.lse : a.partial_lse)[first + row[h]] = any ? base[h] + log2f(all)
                                                                : is_only_split
                                                                    ? negative_infinity()
                                                                    : kMasked;
  }
  if (is_only_split)
    write_output<W>(a, work, first, my_p, out, inverse, warp, lane);
  else
    write_partial<W>(a, work, first, row, out, inverse, c);
}

// The rows' bases become those that the other warpgroup's probabilities are relative to.
__device__ __forceinline__ void take_bases(const float (&bases)[64], const int (&row)[2],
                                           float (&base)[2], float (&row_sum)[2],
                                           float (&scores_scale)[2], bool& rescale) {
  scores_scale[0] = scores_scale[1] = 1.f, rescale = false;
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    float to = bases[row[h]];
    if (to != base[h]) rescale = true, move_base(base[h], row_sum[h], scores_scale[h], to);
  }
}

// Warpgroup W: the logits of the tiles in place W, and half W of the output's columns.
// Over 100 lines: its steps are closures over the registers that they share.
template <int W>
__device__ __forceinline__ void consume(const Arguments& a, const Shared& shared, int thread,
                                        const LogitTransform<kCapped>& logit, float scale) {
  int warp = thread / 32, lane = thread % 32, g = lane / 4, c = lane % 4;
  int row[2] = {warp * 16 + g, warp * 16 + g + 8};
  unsigned my_p = shared.p_tiles + W * kSlabBytes;
  unsigned long long queries = k_major_descriptor(shared.q_tile),
                     keys = k_major_descriptor(shared.ring + W * kTileBytes),
                     other_p = k_major_descriptor(shared.p_tiles + (1 - W) * kSlabBytes),
                     my_values = mn_major_descriptor(
                         shared.ring + W * kTileBytes + W * kHalfSlabs * kSlabBytes, kSlabBytes),
                     other_values = mn_major_descriptor(
                         shared.ring + (1 - W) * kTileBytes + W * kHalfSlabs * kSlabBytes,
                         kSlabBytes);
  unsigned query[kRegisterSlabs * 4][4], p[4][4];
  float out[kHalf / 2], s[32];          // 64 rows x half of the columns, x the keys of a tile
  float base[2] = {}, row_sum[2] = {};  // base: what logits (times log2 e) are relative to
  int see_first[2], see[2], all_first = 0, seen_by_all, begin, tiles, phase = 0, other_phase = 0;
  // The logits of my tile, piece by piece as it lands. Not waited for.
  auto logits = [&](bool first) {
    auto piece = [&](int from, int upto, int n, int add) {
      mbarrier_wait(shared.full + 8 * (W * kPieces + n), phase);
      if (TMA_BOX_ROWS == 0 || (W == 0 && first)) fence_proxy_async();  // TMA needs none
      wgmma_fence();
      multiply_queries(s, query, queries, keys, from, upto, add);
    };
    if (kTail > 0) piece(2 * kHalfSlabs, kSlabs, 0, 0);
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      int h = half ^ W;
#pragma unroll
      for (int n = 0; n < kHalfPieces; ++n)
        piece(h * kHalfSlabs + 2 * n, h * kHalfSlabs + min(2 * n + 2, kHalfSlabs),
              1 + h * kHalfPieces + n, kTail > 0 || half + n > 0);
    }
    wgmma_commit();
    phase ^= 1;
  };
  float scores_scale[2];
  bool rescale;
  // Probabilities of my tile t: into p, and into shared memory for the other warpgroup.
  auto softmax = [&](int t) {
    int first_key = begin + (tiles - 1 - t) * 64;
    if constexpr (kCapped)
#pragma unroll
      for (int i = 0; i < 32; ++i) s[i] = logit(s[i]);
    if (first_key + 64 > seen_by_all || (WINDOW_LEFT >= 0 && first_key < all_first))
      hide_keys(s, first_key + 2 * c, see_first, see);
    softmax_tile(s, base, row_sum, scores_scale, rescale, shared.bases[W], row, scale, c);
    store_probabilities(p, s, my_p, warp, lane);
    fence_proxy_async();
    mbarrier_arrive(shared.p_full + 8 * W);
  };
  // The other's probabilities are there, and the base that they are relative to.
  auto take_other = [&] {
    mbarrier_wait(shared.p_full + 8 * (1 - W), other_phase);
    other_phase ^= 1;
    take_bases(shared.bases[1 - W], row, base, row_sum, scores_scale, rescale);
  };
  auto rescale_output = [&] {
    if (!__any_sync(0xffffffffu, rescale)) return;
    wgmma_wait<0>();
#pragma unroll
    for (int i = 0; i < kHalf / 2; ++i) out[i] *= scores_scale[i / 2 % 2];
  };
  auto add_own_pv = [&] { multiply_own(out, p, my_values); };
  auto add_other_pv = [&] { multiply_other(out, other_p, other_values); };
  auto release = [&](unsigned bar) {
    if (thread == 0) mbarrier_arrive(bar);
  };
  auto release_logits = [&](bool last) {
    release(shared.empty + 8 * (3 * W + 2));
    // By every thread: it has also done with the work of the iteration before.
    if (last) mbarrier_arrive(shared.q_empty);
  };

  mbarrier_wait(shared.work_full, 0);
  load_query_registers(query, a, shared.works[0], row, c);
  for (int work_iter = 0;; ++work_iter) {
    const Rows& work = shared.works[work_iter % 3];
    tiles = work.tiles;
    if (tiles < 0) break;
    begin = work.begin, all_first = work.first(max(0, work.rows - 1)),
    seen_by_all = min(work.sees(0), work.end);  // the first row sees the fewest
#pragma unroll
    for (int h = 0; h < 2; ++h)
      see_first[h] = work.first(row[h]), see[h] = min(work.sees(row[h]), work.end),
      base[h] = kMasked, row_sum[h] = 0.f;
    for (float& x : out) x = 0.f;
    mbarrier_wait(shared.q_full, work_iter & 1);
    fence_proxy_async();
    if (tiles <= W) mbarrier_arrive(shared.q_empty);
    Steps step{logits,     softmax,      take_other, rescale_output,
               add_own_pv, add_other_pv, release,    release_logits};
    if constexpr (W == 0)
      first_main_loop(step, tiles, shared.empty);
    else
      second_main_loop(step, tiles, shared.empty);
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      row_sum[h] = quad_sum(row_sum[h]);
      if (c == 0) shared.sums[work_iter % 2][W][row[h]] = row_sum[h];
    }
    int next = work_iter + 1;
    mbarrier_wait(shared.work_full, next & 1);
    load_query_registers(query, a, shared.works[next % 3], row, c);
    named_barrier_sync(3, 256);
    write_results<W>(a, work, row, out, base, row_sum, shared.sums[work_iter % 2][1 - W], my_p,
                     warp, lane);
  }
}

KDEX_KERNEL void __launch_bounds__(384, 1) mla_attend_wgmma(
#if TMA_BOX_ROWS
    const __grid_constant__ TensorMap ckv_map, const __grid_constant__ TensorMap kpe_map,
#endif
    const T* __restrict__ q_nope, const T* __restrict__ q_pe, const T* __restrict__ ckv,
    const T* __restrict__ kpe, const int* __restrict__ qo_indptr, const int* __restrict__ kv_indptr,
    const int* __restrict__ kv_indices, const int* __restrict__ last_page_len, float sm_scale,
    float* __restrict__ partial_out, float* __restrict__ partial_lse, T* __restrict__ output,
    float* __restrict__ lse, int* __restrict__ item_counter, int batch, int split_size, int items
#if KV_SCALES
    ,
    float k_scale, float v_scale
#endif
) {
  // The decode's combine starts when the launches before this one have ended, so that it reads
  // lengths before it waits.
#if PREFILL
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
#else
  griddepcontrol_wait();
  griddepcontrol_launch_dependents();
#endif
#if !KV_SCALES
  constexpr float k_scale = 1.f, v_scale = 1.f;
#endif
  extern __shared__ unsigned char shared_raw[];
  __shared__ __align__(8) unsigned long long barriers[2 * kPieces + 6 + 5];
  __shared__ float bases[2][64], sums[2][2][64];
  __shared__ Rows works[3];
  __shared__ int next_item;
  const Arguments arguments = {
#if TMA_BOX_ROWS
    ckv_map,
    kpe_map,
#endif
    q_nope,
    q_pe,
    ckv,
    kpe,
    qo_indptr,
    kv_indptr,
    kv_indices,
    last_page_len,
    sm_scale * k_scale,
    partial_out,
    partial_lse,
    output,
    lse,
    item_counter,
    batch,
    split_size,
    items,
    v_scale
  };
  const Shared shared(shared_raw, barriers, bases, sums, works, next_item);
  if (threadIdx.x == 0) shared.init_barriers();
  __syncthreads();
  int warpgroup = warpgroup_index(), thread = threadIdx.x % 128;
  if (warpgroup == 2) {
    setmaxnreg_dec<56>();
    produce(arguments, shared, thread);
  } else {
    setmaxnreg_inc<224>();
    LogitTransform<kCapped> logit(arguments.sm_scale, kCap);
    float scale = kCapped ? 1.f : logit.scale;
    if (warpgroup == 0)
      consume<0>(arguments, shared, thread, logit, scale);
    else
      consume<1>(arguments, shared, thread, logit, scale);
  }
}
