// Absorbed latent attention over a paged cache: all heads read one latent (CKV wide, key and value)
// and one rotary part (KPE wide, key only). Output in 16 bits, lse in base 2 of scaled logits; an
// empty sequence gives 0 and -inf. A row is a (query token, head). Decode cuts a sequence's keys
// into chunks that mla_merge joins. Two mla_attend: ROWS 16: a block holds 16 rows in registers and
// walks KEYS keys a turn through a ring that cp.async fills, so
//   the latent is read once from memory and twice from shared memory. Eight warps: for the logits
//   they share the keys (and, where KEYS is 32, the width); every warp takes the softmax of all;
//   for the output they share the columns.
// ROWS 64 (sm_90a): 64 rows, keys in two places of 64. Two warpgroups of wgmma: each makes the
// logits and probabilities of
//   the tile in its own place and half of the output's columns from both tiles, the other's
//   probabilities coming through shared memory; so the softmax of one runs beside the products of
//   the other. A third warpgroup loads: whole tiles by TMA where pages have 16 tokens or more (BOX
//   tokens a box), others by cp.async. Prefill's blocks take rows from a counter.
// SCALED (ROWS 16): a key's latent has a factor for each of `groups` equal parts of its width, and
// there is one for all
//   latents and one for all rotary parts. Up to 32 groups the logits' products are summed by 16 of
//   the width, so that factors need no rounding; other groups are multiplied where they landed.
// A tile is slabs of 64 columns: the latent's, then the rotary part's with zeros behind KPE.
// Constants: HEADS, CKV, KPE, PAGE, LAST (kv_last_page_len given), PREFILL (qo_indptr given), ROWS,
// KEYS, STAGES, SCALED, BOX.
#include "kdex_device.cuh"
using namespace kdex;

#if CKV % 64 != 0 || CKV > 512 || KPE % 16 != 0 || KPE > 128
#error "mla: head_dim_ckv must be a multiple of 64 up to 512, head_dim_kpe of 16 up to 128"
#endif
// mla_merge starts when the launches before mla_attend have ended, so that it reads lengths before
// it waits.
__device__ __forceinline__ void attend_may_start() {
#if PREFILL || KDEX_ARCH != 90
  previous_done();
#else
  previous_done_first();
#endif
}

[[maybe_unused]] constexpr float kSlack = 8.f;
constexpr int kWidth = CKV + KPE, kSlabs = (kWidth + 63) / 64;
constexpr unsigned kTileBytes = KEYS * kSlabs * 128;
static_assert(KEYS == 64 || (KEYS == 32 && ROWS == 16), "a tile is 64 keys, with 16 rows also 32");

__device__ __forceinline__ int key_count(const int* indptr, const int* last, int sequence) {
  int pages = indptr[sequence + 1] - indptr[sequence];
#if PAGE > 1 && LAST
  return pages > 0 ? (pages - 1) * PAGE + last[sequence] : 0;
#else
  return pages * PAGE;
#endif
}
__device__ __forceinline__ int parts_of(const int* indptr, const int* last, int sequence,
                                        int chunk) {
  return max(1, (key_count(indptr, last, sequence) + chunk - 1) / chunk);
}

// Where a sequence's parts leave their sums; up to ceil(tokens of all pages / chunk) + sequences,
// and no two the same: a sequence has at most one part more than whole chunks.
__device__ __forceinline__ int first_slot(const int* indptr, int sequence, int chunk) {
  return indptr[sequence] * PAGE / chunk + sequence;
}

// What a block works on: rows [row0, row0 + rows) of a sequence's nq * HEADS, keys [begin, end).
struct Work {
  int sequence, part, parts, nq, row0, rows, page_begin, keys, begin, end, tiles, slot;
  size_t
      first_row;  // of row0 in q_nope, q_pe, output and lse, which are in the order of packed rows
  __device__ bool find(int item, int row_block, const int* qo_indptr, const int* kv_indptr,
                       const int* last_page_len, int batch, int chunk) {
#if PREFILL
    Part p = find_part(item, batch, [&](int s) {
      return ((qo_indptr[s + 1] - qo_indptr[s]) * HEADS + ROWS - 1) / ROWS;
    });
    if (p.sequence < 0) return false;
    int q_begin = qo_indptr[p.sequence];
    nq = qo_indptr[p.sequence + 1] - q_begin, row0 = p.part * ROWS;
    part = 0, parts = 1;
#else
    Part p =
        find_part(item, batch, [&](int s) { return parts_of(kv_indptr, last_page_len, s, chunk); });
    if (p.sequence < 0) return false;
    int q_begin = p.sequence;
    nq = 1, row0 = row_block * ROWS;
    part = p.part, parts = p.parts;
#endif
    sequence = p.sequence, rows = min(ROWS, nq * HEADS - row0);
    first_row = static_cast<size_t>(q_begin) * HEADS + row0;
    page_begin = kv_indptr[sequence], keys = key_count(kv_indptr, last_page_len, sequence);
    slot = PREFILL ? 0 : first_slot(kv_indptr, sequence, chunk) + part;
    begin = part * chunk, end = PREFILL ? sees(rows - 1) : min(keys, begin + chunk);
    return true;
  }
  /// Keys that a row of the block sees.
  __device__ int sees(int row) const {
    return row < rows ? max(0, min(keys, (row0 + row) / HEADS + 1 + keys - nq)) : 0;
  }
  __device__ int token(const int* indices, int key) const {
#if PAGE > 1
    return indices[page_begin + key / PAGE] * PAGE + key % PAGE;
#else
    return indices[page_begin + key];
#endif
  }
};

#if ROWS == 16
constexpr int kGroups = KEYS / 8, kShares = 8 / kGroups;  // warps on keys, warps on the width
constexpr int kPairs = (kWidth + 31) / 32;                // pairs of 16-wide steps
constexpr int kMyPairs = (kPairs + kShares - 1) / kShares;
constexpr int kColumns =
    (CKV + 127) / 128 * 16;  // of the output, a warp's; the last warps' may be behind CKV
constexpr int kPitch = KEYS + 8;
#if SCALED
constexpr int kSteps = CKV / 16,
              kFactorPitch = kSteps + 1;  // most groups in a table of factors; floats of its row
#endif

extern "C" __global__ void __launch_bounds__(256, 1)
    mla_attend(const T* __restrict__ q_nope, const T* __restrict__ q_pe, const T* __restrict__ ckv,
               const T* __restrict__ kpe, const int* __restrict__ qo_indptr,
               const int* __restrict__ kv_indptr, const int* __restrict__ kv_indices,
               const int* __restrict__ last_page_len, float sm_scale, float* __restrict__ part_out,
               float* __restrict__ part_lse, T* __restrict__ output, float* __restrict__ lse,
               int batch, int chunk
#if SCALED
               ,
               const float* __restrict__ group_scales, int groups, float latent_scale,
               float rope_scale
#endif
    ) {
  attend_may_start();
  extern __shared__ __align__(128) unsigned char shared_raw[];
  unsigned ring = shared_address(shared_raw);
  float* logits =
      reinterpret_cast<float*>(shared_raw + STAGES * kTileBytes);  // [kShares][16][kPitch]
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, c = lane % 4;
  Work work;
  if (!work.find(PREFILL ? gridDim.x - 1 - blockIdx.x : blockIdx.x, blockIdx.y, qo_indptr,
                 kv_indptr, last_page_len, batch, chunk))
    return;
  int rows = work.rows, begin = work.begin, end = work.end;
  size_t first_row = work.first_row;
  int see[2] = {work.sees(g), work.sees(g + 8)};  // by this lane's two rows
  int tiles = (end - begin + KEYS - 1) / KEYS;

  int my_key = threadIdx.x / 8, my_chunk = threadIdx.x % 8;
  int next_token[KEYS / 32],
      later_token[KEYS / 32];  // of the tile to be fetched next and of the one behind it
#if SCALED
  float* factors = logits + kShares * 16 * kPitch;  // [STAGES][KEYS][kFactorPitch]
  bool narrow = kSteps % groups != 0;
  int tabled = narrow || !group_scales ? 0 : groups;
  bool many =
      tabled && CKV / tabled % kColumns != 0;  // a warp's columns are of more than one group
#endif
  auto look_up = [&](int(&to)[KEYS / 32], int t) {
#pragma unroll
    for (int i = 0; i < KEYS / 32; ++i)
      to[i] = work.token(kv_indices, max(0, min(begin + t * KEYS + my_key + 32 * i, end - 1)));
  };
  if (tiles > 0) look_up(next_token, 0), look_up(later_token, 1);
  auto fetch = [&](int t) {
    if (t < tiles) {
      unsigned to = ring + t % STAGES * kTileBytes;
#pragma unroll
      for (int i = 0; i < KEYS / 32; ++i) {
        int key = my_key + 32 * i;
        bool live = begin + t * KEYS + key < end;
        const T* latent = ckv + static_cast<size_t>(next_token[i]) * CKV + my_chunk * 8;
        const T* rope = kpe + static_cast<size_t>(next_token[i]) * KPE + my_chunk * 8;
#pragma unroll
        for (int s = 0; s < kSlabs; ++s)
          if (s < CKV / 64 || KPE % 64 == 0 || s * 64 + my_chunk * 8 < kWidth)
            copy16_async(to + s * (KEYS * 128) + swizzled(key, my_chunk),
                         s < CKV / 64 ? latent + s * 64 : rope + (s - CKV / 64) * 64, live);
          else
            copy16_async(to + s * (KEYS * 128) + swizzled(key, my_chunk), kpe, false);
#if SCALED
        unsigned row = shared_address(factors + (t % STAGES * KEYS + key) * kFactorPitch);
        for (int f = my_chunk; f < tabled; f += 8)
          copy4_async(row + f * 4, group_scales + static_cast<size_t>(next_token[i]) * groups + f);
#endif
      }
#pragma unroll
      for (int i = 0; i < KEYS / 32; ++i) next_token[i] = later_token[i];
      if (t + 2 < tiles) look_up(later_token, t + 2);
    }
    copy_commit();
  };
#pragma unroll
  for (int s = 0; s < STAGES - 1; ++s) fetch(s);

  int group = warp % kGroups, share = warp / kGroups;
  unsigned query[kMyPairs * 2][4];
#pragma unroll
  for (int s = 0; s < kMyPairs * 2; ++s) {
    int k = (share * kMyPairs * 2 + s) * 16;
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      int row = g + i % 2 * 8, at = k + i / 2 * 8 + c * 2;
      const T* from = k < CKV ? q_nope + (first_row + row) * CKV + at
                              : q_pe + (first_row + row) * KPE + at - CKV;
      query[s][i] = row < rows && k < kWidth ? *reinterpret_cast<const unsigned*>(from) : 0u;
    }
  }
  float acc[kColumns / 8][4] = {};
  float best[2] = {kNone, kNone}, sum[2] = {0.f, 0.f};
  float scale = sm_scale * kLog2e;
  for (int t = 0; t < tiles; ++t) {
    copy_wait<STAGES - 2>();
#if SCALED
    if (narrow)
      for (int key = my_key; key < KEYS; key += 32) {
        int token = work.token(kv_indices, min(begin + t * KEYS + key, end - 1));
        for (int i = 0; i < CKV / 8; ++i) {
          int column = i / 8 * 64 + my_chunk * 8 + i % 8;
          T& x = reinterpret_cast<T*>(shared_raw + t % STAGES * kTileBytes + i / 8 * (KEYS * 128) +
                                      swizzled(key, my_chunk))[i % 8];
          x = from_float(to_float(x) *
                         group_scales[static_cast<size_t>(token) * groups + column * groups / CKV]);
        }
      }
#endif
    __syncthreads();
    fetch(t + STAGES - 1);
#if SCALED
    // The factor of 16 columns of a key of this tile, but for the one of all latents.
    auto factor = [&](int key, int step) {
      return tabled ? factors[(t % STAGES * KEYS + key) * kFactorPitch + step * tabled / kSteps]
                    : 1.f;
    };
#endif
    unsigned tile = ring + t % STAGES * kTileBytes;
    float s[4][4] = {};  // four chains, so that a product need not wait for the one before
#pragma unroll
    for (int i = 0; i < kMyPairs; ++i) {
      int pair = share * kMyPairs + i;
      if (kPairs % kShares == 0 || pair < kPairs) {
        unsigned b[4];
        load_tiles(b, tile + pair / 2 * (KEYS * 128) +
                          swizzled(group * 8 + lane % 8, pair % 2 * 4 + lane / 8));
#if SCALED
        float part[2][4] = {};
        mma(part[0], query[2 * i], b[0], b[1]);
        mma(part[1], query[2 * i + 1], b[2], b[3]);
#pragma unroll
        for (int n = 0; n < 2; ++n)
#pragma unroll
          for (int e = 0; e < 2; ++e) {
            int step = 2 * pair + n;
            float f =
                step < kSteps ? latent_scale * factor(group * 8 + 2 * c + e, step) : rope_scale;
            s[n][e] += f * part[n][e], s[n][2 + e] += f * part[n][2 + e];
          }
#else
        mma(s[2 * (i % 2)], query[2 * i], b[0], b[1]);
        mma(s[2 * (i % 2) + 1], query[2 * i + 1], b[2], b[3]);
#endif
      }
    }
#pragma unroll
    for (int h = 0; h < 2; ++h)
      *reinterpret_cast<float2*>(logits + (share * 16 + g + 8 * h) * kPitch + group * 8 + 2 * c) =
          make_float2((s[0][2 * h] + s[1][2 * h]) + (s[2][2 * h] + s[3][2 * h]),
                      (s[0][2 * h + 1] + s[1][2 * h + 1]) + (s[2][2 * h + 1] + s[3][2 * h + 1]));
    __syncthreads();
    float p[KEYS / 8][4], top[2] = {best[0], best[1]}, fade[2];
    int key0 = begin + t * KEYS;
#pragma unroll
    for (int n = 0; n < KEYS / 8; ++n)
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        float2 x = *reinterpret_cast<float2*>(logits + (g + 8 * h) * kPitch + n * 8 + 2 * c);
#pragma unroll
        for (int w = 1; w < kShares; ++w) {
          float2 y =
              *reinterpret_cast<float2*>(logits + (w * 16 + g + 8 * h) * kPitch + n * 8 + 2 * c);
          x.x += y.x, x.y += y.y;
        }
        int key = key0 + n * 8 + 2 * c, limit = min(see[h], end);
        p[n][2 * h] = key < limit ? x.x * scale : kNone;
        p[n][2 * h + 1] = key + 1 < limit ? x.y * scale : kNone;
        top[h] = fmaxf(top[h], fmaxf(p[n][2 * h], p[n][2 * h + 1]));
      }
    softmax_step<true>(p, top, best, sum, fade);
#pragma unroll
    for (int j = 0; j < kColumns / 8; ++j)
      acc[j][0] *= fade[0], acc[j][1] *= fade[0], acc[j][2] *= fade[1], acc[j][3] *= fade[1];
#pragma unroll
    for (int k = 0; k < KEYS / 16; ++k) {
      unsigned a[4] = {pack2(p[2 * k][0], p[2 * k][1]), pack2(p[2 * k][2], p[2 * k][3]),
                       pack2(p[2 * k + 1][0], p[2 * k + 1][1]),
                       pack2(p[2 * k + 1][2], p[2 * k + 1][3])};
#pragma unroll
      for (int j = 0; j < kColumns / 16; ++j) {
        int column = warp * kColumns + j * 16;
        if (CKV % 128 != 0 && column >= CKV) break;
#if SCALED
        if (tabled && (j == 0 || many)) {  // a new group
          float f[4];
#pragma unroll
          for (int e = 0; e < 4; ++e)
            f[e] = factor(k * 16 + e / 2 * 8 + 2 * c + e % 2, column / 16);
#pragma unroll
          for (int e = 0; e < 4; ++e)
            a[e] = pack2(p[2 * k + e / 2][e % 2 * 2] * f[e / 2 * 2],
                         p[2 * k + e / 2][e % 2 * 2 + 1] * f[e / 2 * 2 + 1]);
        }
#endif
        unsigned b[4];
        load_tiles_transposed(b, tile + column / 64 * (KEYS * 128) +
                                     swizzled(k * 16 + lane % 16, column % 64 / 8 + lane / 16));
        mma(acc[2 * j], a, b[0], b[1]);
        mma(acc[2 * j + 1], a, b[2], b[3]);
      }
    }
  }
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    sum[h] = row_sum(sum[h]);
    int row = g + 8 * h;
    if (row >= rows) continue;
    bool any = sum[h] > 0.f, whole = work.parts == 1;
    float inverse = any ? 1.f / sum[h] : 0.f, l = any ? best[h] + log2f(sum[h]) : kNone;
    size_t at = whole ? first_row + row : static_cast<size_t>(work.slot) * HEADS + work.row0 + row;
#if SCALED
    inverse *= latent_scale;
#endif
    if (warp == 0 && c == 0) (whole ? lse : part_lse)[at] = whole && !any ? negative_infinity() : l;
#pragma unroll
    for (int j = 0; j < kColumns / 8; ++j) {
      if (CKV % 128 != 0 && warp * kColumns + j * 8 >= CKV) break;
      size_t to = at * CKV + warp * kColumns + j * 8 + 2 * c;
      float x = acc[j][2 * h] * inverse, y = acc[j][2 * h + 1] * inverse;
      if (whole)
        *reinterpret_cast<unsigned*>(output + to) = pack2(x, y);
      else
        *reinterpret_cast<float2*>(part_out + to) = make_float2(x, y);
    }
  }
}

#else
#if KDEX_ARCH != 90
#error "mla: ROWS 64 is for sm_90a"
#endif
#if SCALED
#error "mla: scales of a cache are taken with 16 rows"
#endif
constexpr int kSlabBytes = 64 * 128;  // of queries, keys or probabilities
// Slabs of the queries that stay in registers, the last ones: what shared memory has no room for.
constexpr int kHeld = kSlabs > 9 ? 4 : 1, kShown = kSlabs - kHeld;
constexpr int kRowBlocks = PREFILL ? 1 : (HEADS + 63) / 64;
// Columns of the output that a warpgroup makes, whole slabs. Where they end behind CKV, the second
// one's last slab is of the rotary part, and what it makes of it is not written.
constexpr int kHalf = (CKV + 127) / 128 * 64, kHalfSlabs = kHalf / 64;
constexpr int kTail = kSlabs - 2 * kHalfSlabs;  // slabs behind these, which only the logits want
// A tile lands in pieces: its tail, then each half by two slabs.
constexpr int kHalfPieces = (kHalfSlabs + 1) / 2, kPieces = 1 + 2 * kHalfPieces;

// Asks for `bytes` (a multiple of 16) of memory to be in the L2.
__device__ __forceinline__ void prefetch(const void* from, int bytes) {
  asm volatile("cp.async.bulk.prefetch.L2.global [%0], %1;" ::"l"(from), "r"(bytes) : "memory");
}
#ifndef BOX
#define BOX 0
#endif
#if BOX
static_assert(64 % BOX == 0 && PAGE % BOX == 0, "boxes fill a tile and do not leave a page");
constexpr int kBoxes = 64 / BOX;
#else
constexpr int kBoxes = 0;
#endif
extern "C" __global__ void __launch_bounds__(384, 1) mla_attend(
#if BOX
    const __grid_constant__ TensorMap ckv_map, const __grid_constant__ TensorMap kpe_map,
#endif
    const T* __restrict__ q_nope, const T* __restrict__ q_pe, const T* __restrict__ ckv,
    const T* __restrict__ kpe, const int* __restrict__ qo_indptr, const int* __restrict__ kv_indptr,
    const int* __restrict__ kv_indices, const int* __restrict__ last_page_len, float sm_scale,
    float* __restrict__ part_out, float* __restrict__ part_lse, T* __restrict__ output,
    float* __restrict__ lse, int* __restrict__ taken, int batch, int chunk, int items) {
  attend_may_start();
  extern __shared__ unsigned char shared_raw[];
  __shared__ __align__(8) unsigned long long barriers[2 * kPieces + 6 + 5];
  __shared__ float bases[2][64],
      sums[2][2][64];  // a warpgroup's; sums of this turn and, while they are read, the one before
  __shared__ Work
      works[3];  // of this turn, the next one and, while its results are written, the one before
  __shared__ int next_item;
  unsigned ring = (shared_address(shared_raw) + 1023) & ~1023u;
  unsigned q_tile = ring + 2 * kTileBytes, p_tiles = q_tile + kShown * kSlabBytes;
  // Of a tile: its pieces are there; its left half, right half, tail are read. Of the queries the
  // same; work is posted; a warpgroup's probabilities are there.
  unsigned full = shared_address(barriers), empty = full + 2 * kPieces * 8, q_full = empty + 6 * 8,
           q_empty = q_full + 8, posted = q_empty + 8, p_full = posted + 8;
  if (threadIdx.x == 0) {
    for (int i = 0; i < 2 * kPieces; ++i) barrier_init(full + 8 * i, 128);
    for (int i = 0; i < 6; ++i) barrier_init(empty + 8 * i, 1);
    barrier_init(q_full, 128), barrier_init(q_empty, 256), barrier_init(posted, 1);
    barrier_init(p_full, 128), barrier_init(p_full + 8, 128);
    barrier_init_done();
  }
  __syncthreads();
  int warpgroup = warpgroup_index(), thread = threadIdx.x % 128;

  if (warpgroup == 2) {
    registers_fewer<56>();
    int key0 = thread / 8, my_chunk = thread % 8;  // keys key0, key0 + 16, ... of a tile
    Work work = {};
    int token[4], item = blockIdx.x;
    auto ask = [&] {
      if (thread == 0) next_item = gridDim.x + (taken ? atomicAdd(taken, 1) : item);
    };
    auto answer = [&] {
      sync_threads(4, 128);
      item = next_item;
      sync_threads(4, 128);
    };
    // The work of `item`, or of the first later one that there is; its queries are asked for.
    auto find = [&](int slot) {
      Work next;
      for (;; ask(), answer()) {
        next.tiles = -1, next.rows = 0;
        if (item >= items) break;
        // Long rows come first: the last of a sequence see the most keys. A decode's row blocks
        // stand side by side, so that one finds in the L2 what the other read.
        if (!next.find(PREFILL ? items - 1 - item : item / kRowBlocks, item % kRowBlocks, qo_indptr,
                       kv_indptr, last_page_len, batch, chunk))
          continue;
        next.tiles = (max(0, next.end - next.begin) + 63) / 64;
        break;
      }
      if (thread == 0) works[slot] = next;
      if (thread < next.rows) prefetch(q_nope + (next.first_row + thread) * CKV, CKV * 2);
      if (thread - 64 >= 0 && thread - 64 < next.rows)
        prefetch(q_pe + (next.first_row + thread - 64) * KPE, KPE * 2);
      sync_threads(4, 128);
    };
    // Tiles are walked from the last one. With boxes all but one that the sequence ends in come by
    // TMA: a warp asks for them, BOX keys a lane.
    auto first_key = [&](int t) { return work.begin + (work.tiles - 1 - t) * 64; };
    auto boxed = [&](int t) { return BOX && (t > 0 || work.begin + work.tiles * 64 <= work.keys); };
    auto look_up = [&](int t) {
      if (boxed(t)) {
        if (thread < kBoxes) token[0] = work.token(kv_indices, first_key(t) + thread * BOX);
      } else {
#pragma unroll
        for (int i = 0; i < 4; ++i)
          token[i] = work.token(kv_indices, min(first_key(t) + key0 + 16 * i, work.end - 1));
      }
    };
    int uses[2] = {0, 0};  // of the two places of tiles
    // Tile t into the place of warpgroup W: tail, W's half, the other half; then the next one is
    // looked up.
    auto load = [&](auto place, int t) {
      constexpr int W = decltype(place)::value;
      int free = (uses[W]++ & 1) ^ 1;
      auto pieces = [&](auto bring) {
        if (kTail > 0) {
          barrier_wait(empty + 8 * (3 * W + 2), free);
          bring(2 * kHalfSlabs, kSlabs, full + 8 * (W * kPieces));
        }
#pragma unroll
        for (int half = 0; half < 2; ++half) {
          int h = half ^ W;
          barrier_wait(empty + 8 * (3 * W + h), free);
#pragma unroll
          for (int n = 0; n < kHalfPieces; ++n)
            bring(h * kHalfSlabs + 2 * n, h * kHalfSlabs + min(2 * n + 2, kHalfSlabs),
                  full + 8 * (W * kPieces + 1 + h * kHalfPieces + n));
        }
      };
#if BOX
      if (W == 1 || boxed(t)) {
        if (thread < 32)
          pieces([&](int from, int upto, unsigned bar) {
            if (thread == 0) barrier_expect(bar, (upto - from) * kSlabBytes);
            __syncwarp();
            if (thread < kBoxes)
#pragma unroll
              for (int n = from; n < upto; ++n)
                tma_load(ring + W * kTileBytes + n * kSlabBytes + thread * (BOX * 128),
                         n < CKV / 64 ? ckv_map : kpe_map, (n < CKV / 64 ? n : n - CKV / 64) * 64,
                         token[0], bar);
            __syncwarp();
            if (thread == 0) barrier_arrive(bar, 127);
          });
      } else
#endif
      {
        int live = work.end - first_key(t) - key0;
        pieces([&](int from, int upto, unsigned bar) {
#pragma unroll
          for (int i = 0; i < 4; ++i) {
            const T* latent = ckv + static_cast<size_t>(token[i]) * CKV + my_chunk * 8;
            const T* rope = kpe + static_cast<size_t>(token[i]) * KPE + my_chunk * 8;
#pragma unroll
            for (int n = from; n < upto; ++n) {
              bool there = n < CKV / 64 || KPE % 64 == 0 || n * 64 + my_chunk * 8 < kWidth;
              copy16_async(ring + W * kTileBytes + n * kSlabBytes + swizzled(key0, my_chunk) +
                               i * (16 * 128),
                           !there ? kpe
                           : n < CKV / 64 ? latent + n * 64
                                          : rope + (n - CKV / 64) * 64,
                           there && 16 * i < live);
            }
          }
          copy_arrive(bar);
        });
      }
      if (t + 1 < work.tiles) look_up(t + 1);
    };
    find(0);
    for (int turn = 0;; ++turn) {
      work = works[turn % 3];
      if (work.tiles > 0) look_up(0);
      barrier_wait(q_empty, (turn & 1) ^ 1);
      if (thread == 0) barrier_arrive(posted);
      if (work.tiles < 0) break;
#pragma unroll 4
      for (int i = thread; i < 64 * kShown * 8; i += 128) {
        int r = i / (kShown * 8), at = i % (kShown * 8) * 8;
        bool live = r < work.rows;
        size_t from = work.first_row + (live ? r : 0);
        copy16_async(q_tile + at / 64 * kSlabBytes + swizzled(r, at / 8 % 8),
                     at < CKV ? q_nope + from * CKV + at : q_pe + from * KPE + at - CKV, live);
      }
      copy_arrive(q_full);
      ask();
      for (int t = 0; t == 0 || t < work.tiles; t += 2) {
        if (t < work.tiles) load(Number<0>(), t);
        if (t + 1 < work.tiles) load(Number<1>(), t + 1);
        if (t == 0) {
          answer();
          find((turn + 1) % 3);
        }
      }
    }
  } else {
    registers_more<224>();
    int warp = thread / 32, lane = thread % 32, g = lane / 4, c = lane % 4;
    int row[2] = {warp * 16 + g, warp * 16 + g + 8};
    float scale = sm_scale * kLog2e;
    auto multiply = [&](auto place) {
      constexpr int W = decltype(place)::value;
      unsigned my_p = p_tiles + W * kSlabBytes;
      unsigned long long queries = tile_rows(q_tile), keys = tile_rows(ring + W * kTileBytes),
                         other_p = tile_rows(p_tiles + (1 - W) * kSlabBytes),
                         my_values = tile_columns(
                             ring + W * kTileBytes + W * kHalfSlabs * kSlabBytes, kSlabBytes),
                         other_values = tile_columns(
                             ring + (1 - W) * kTileBytes + W * kHalfSlabs * kSlabBytes, kSlabBytes);
      unsigned query[kHeld * 4][4], p[4][4];
      float out[kHalf / 2], s[32];      // 64 rows x half of the columns, x the keys of a tile
      float base[2] = {}, sum[2] = {};  // base: what logits (times log2 e) are taken relative to
      int see[2], seen_by_all, begin, tiles, phase = 0, taken_phase = 0;
      auto hold = [&](const Work& work) {
#pragma unroll
        for (int k = 0; k < kHeld * 4; ++k)
#pragma unroll
          for (int i = 0; i < 4; ++i) {
            int r = row[i % 2], at = (kShown * 4 + k) * 16 + i / 2 * 8 + c * 2;
            const T* from = at < CKV ? q_nope + (work.first_row + r) * CKV + at
                                     : q_pe + (work.first_row + r) * KPE + at - CKV;
            query[k][i] = r < work.rows && (kShown * 4 + k) * 16 < kWidth
                              ? *reinterpret_cast<const unsigned*>(from)
                              : 0u;
          }
      };
      // The logits of my tile, piece by piece as it lands. Not waited for.
      auto logits = [&](bool first) {
        auto piece = [&](int from, int upto, int n, int add) {
          barrier_wait(full + 8 * (W * kPieces + n), phase);
          if (BOX == 0 || (W == 0 && first)) fence_async();  // TMA needs none
          wgmma_begin();
#pragma unroll
          for (int k = from * 4; k < upto * 4; ++k) {
            if (k * 16 >= kWidth) break;
            unsigned long long b = advance(keys, k / 4 * kSlabBytes + k % 4 * 32);
            if (k < kShown * 4)
              wgmma<0>(s, advance(queries, k / 4 * kSlabBytes + k % 4 * 32), b,
                       add || k > from * 4);
            else
              wgmma_regs<0>(s, query[k - kShown * 4], b, add || k > from * 4);
          }
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
      float fade[2];
      bool rescale;
      auto move_base = [&](int h, float to) {
        fade[h] = exp2_fast(base[h] - to), base[h] = to, rescale = true;
        sum[h] *= fade[h];
      };
      // Probabilities of my tile t: into p, and into shared memory for the other warpgroup.
      auto softmax = [&](int t) {
        int first_key = begin + (tiles - 1 - t) * 64;
        if (first_key + 64 > seen_by_all) {
#pragma unroll
          for (int i = 0; i < 32; ++i)
            if (first_key + 2 * c + i / 4 * 8 + i % 2 >= see[i / 2 % 2]) s[i] = negative_infinity();
        }
        float most[4] = {s[0], s[1], s[2], s[3]},
              more[4] = {};  // two chains of dependent steps a row
#pragma unroll
        for (int i = 4; i < 32; ++i) most[i % 4] = fmaxf(most[i % 4], s[i]);
        float top[2] = {fmaxf(most[0], most[1]), fmaxf(most[2], most[3])};
        fade[0] = fade[1] = 1.f, rescale = false;
#pragma unroll
        for (int h = 0; h < 2; ++h) {
          top[h] = row_max(top[h]);
          // A larger logit moves the base only where powers of two would get out of hand (the first
          // one always does).
          if (top[h] * scale > base[h] + kSlack) move_base(h, top[h] * scale);
          if (c == 0) bases[W][row[h]] = base[h];
        }
#pragma unroll
        for (int i = 0; i < 32; ++i) {
          s[i] = exp2_fast(s[i] * scale - base[i / 2 % 2]);
          more[i % 4] += s[i];
        }
        sum[0] += more[0] + more[1], sum[1] += more[2] + more[3];
#pragma unroll
        for (int k = 0; k < 4; ++k) {
#pragma unroll
          for (int i = 0; i < 4; ++i) p[k][i] = pack2(s[8 * k + 2 * i], s[8 * k + 2 * i + 1]);
          store_tiles(my_p + swizzled(warp * 16 + lane % 16, 2 * k + lane / 16), p[k][0], p[k][1],
                      p[k][2], p[k][3]);
        }
        fence_async();
        barrier_arrive(p_full + 8 * W);
      };
      // The other's probabilities are there, and the base that they are relative to.
      auto take = [&] {
        barrier_wait(p_full + 8 * (1 - W), taken_phase);
        taken_phase ^= 1;
        fade[0] = fade[1] = 1.f, rescale = false;
#pragma unroll
        for (int h = 0; h < 2; ++h) {
          float to = bases[1 - W][row[h]];
          if (to != base[h]) move_base(h, to);
        }
      };
      auto follow_base = [&] {
        if (!__any_sync(0xffffffffu, rescale)) return;
        wgmma_wait<0>();
#pragma unroll
        for (int i = 0; i < kHalf / 2; ++i) out[i] *= fade[i / 2 % 2];
      };
      auto add_mine = [&] {
        wgmma_begin();
#pragma unroll
        for (int k = 0; k < 4; ++k) wgmma_regs<1>(out, p[k], advance(my_values, 2048 * k), 1);
        wgmma_commit();
      };
      auto add_other = [&] {
        wgmma_begin();
#pragma unroll
        for (int k = 0; k < 4; ++k)
          wgmma<1>(out, advance(other_p, 32 * k), advance(other_values, 2048 * k), 1);
        wgmma_commit();
      };
      auto done = [&](unsigned bar) {
        if (thread == 0) barrier_arrive(bar);
      };
      auto logits_done = [&](bool last) {
        done(empty + 8 * (3 * W + 2));
        if (last)
          barrier_arrive(
              q_empty);  // by every thread: it has also done with the work of the turn before
      };

      barrier_wait(posted, 0);
      hold(works[0]);
      for (int turn = 0;; ++turn) {
        const Work& work = works[turn % 3];
        tiles = work.tiles;
        if (tiles < 0) break;
        begin = work.begin,
        seen_by_all = min(work.sees(0), work.end);  // the first row sees the fewest
#pragma unroll
        for (int h = 0; h < 2; ++h)
          see[h] = min(work.sees(row[h]), work.end), base[h] = kNone, sum[h] = 0.f;
#pragma unroll
        for (int i = 0; i < kHalf / 2; ++i) out[i] = 0.f;
        barrier_wait(q_full, turn & 1);
        fence_async();
        if (tiles <= W) barrier_arrive(q_empty);
        if constexpr (W == 0) {
          for (int t = 0; t < tiles; t += 2) {
            logits(t == 0);
            wgmma_wait<0>();
            logits_done(t + 2 >= tiles);
            softmax(t);
            follow_base();
            add_mine();
            wgmma_wait<0>();
            done(empty);
            if (t + 1 == tiles) break;
            take();
            follow_base();
            add_other();
            wgmma_wait<0>();
            done(empty + 8 * 3);
          }
        } else {
          for (int t = 1; t < tiles; t += 2) {
            logits(t == 1);
            take();
            follow_base();
            add_other();
            wgmma_wait<1>();
            logits_done(t + 2 >= tiles);
            softmax(t);
            follow_base();
            wgmma_wait<0>();
            done(empty + 8);
            add_mine();
            wgmma_wait<0>();
            done(empty + 8 * 4);
          }
          if (tiles % 2 == 1) {
            take();
            follow_base();
            add_other();
            wgmma_wait<0>();
            done(empty + 8);
          }
        }
#pragma unroll
        for (int h = 0; h < 2; ++h) {
          sum[h] = row_sum(sum[h]);
          if (c == 0) sums[turn % 2][W][row[h]] = sum[h];
        }
        int next = turn + 1;
        barrier_wait(posted, next & 1);
        hold(works[next % 3]);
        sync_threads(3, 256);
        bool whole = work.parts == 1;
        size_t first = whole ? work.first_row : static_cast<size_t>(work.slot) * HEADS + work.row0;
        float inverse[2];
#pragma unroll
        for (int h = 0; h < 2; ++h) {
          float all = sum[h] + sums[turn % 2][1 - W][row[h]];
          bool any = all > 0.f;
          inverse[h] = any ? 1.f / all : 0.f;
          if (W == 0 && c == 0 && row[h] < work.rows)
            (whole ? lse : part_lse)[first + row[h]] = any ? base[h] + log2f(all)
                                                       : whole ? negative_infinity()
                                                               : kNone;
        }
        if (whole) {  // through my probabilities' place, so that a warp writes whole lines
#pragma unroll
          for (int n = 0; n < kHalfSlabs; ++n) {
            if (CKV % 128 != 0 && W * kHalf + n * 64 >= CKV) break;
#pragma unroll
            for (int k = 0; k < 4; ++k) {
              const float* x = out + 32 * n + 8 * k;
              store_tiles(my_p + swizzled(warp * 16 + lane % 16, 2 * k + lane / 16),
                          pack2(x[0] * inverse[0], x[1] * inverse[0]),
                          pack2(x[2] * inverse[1], x[3] * inverse[1]),
                          pack2(x[4] * inverse[0], x[5] * inverse[0]),
                          pack2(x[6] * inverse[1], x[7] * inverse[1]));
            }
            __syncwarp();
#pragma unroll
            for (int i = 0; i < 4; ++i) {
              int r = warp * 16 + i * 4 + lane / 8;
              uint4 x = load_shared16(my_p + swizzled(r, lane % 8));
              if (r < work.rows)
                *reinterpret_cast<uint4*>(output + (first + r) * CKV + W * kHalf + n * 64 +
                                          lane % 8 * 8) = x;
            }
            __syncwarp();
          }
        } else {
#pragma unroll
          for (int h = 0; h < 2; ++h) {
            if (row[h] >= work.rows) continue;
#pragma unroll
            for (int j = 0; j < kHalf / 8; ++j) {
              if (CKV % 128 != 0 && W * kHalf + j * 8 >= CKV) break;
              *reinterpret_cast<float2*>(part_out + (first + row[h]) * CKV + W * kHalf + j * 8 +
                                         2 * c) =
                  make_float2(out[4 * j + 2 * h] * inverse[h], out[4 * j + 2 * h + 1] * inverse[h]);
            }
          }
        }
      }
    };
    if (warpgroup == 0)
      multiply(Number<0>());
    else
      multiply(Number<1>());
  }
}
#endif

// A block a (sequence, head) of more than one part, four columns a thread; decode only.
constexpr int kMergers = (CKV / 4 + 31) / 32 * 32;  // whole warps
constexpr int kFirst = 4;  // parts whose sums are asked for at once, with their lse
extern "C" __global__ void __launch_bounds__(kMergers)
    mla_merge(const float* __restrict__ part_out, const float* __restrict__ part_lse,
              const int* __restrict__ kv_indptr, const int* __restrict__ last_page_len,
              T* __restrict__ output, float* __restrict__ lse, int chunk) {
  int at = blockIdx.x, sequence = at / HEADS, head = at % HEADS;
  int parts = parts_of(kv_indptr, last_page_len, sequence, chunk);
  size_t first = static_cast<size_t>(first_slot(kv_indptr, sequence, chunk)) * HEADS + head;
  previous_done();
  if (parts == 1) return;
  bool mine = CKV / 4 == kMergers || threadIdx.x < CKV / 4;
  auto sums = [&](int p) {
    return mine ? __ldcg(reinterpret_cast<const float4*>(
                      part_out + (first + static_cast<size_t>(p) * HEADS) * CKV + threadIdx.x * 4))
                : make_float4(0.f, 0.f, 0.f, 0.f);
  };
  auto lse_of = [&](int p) { return __ldcg(part_lse + first + static_cast<size_t>(p) * HEADS); };
  float4 ahead[kFirst];
#pragma unroll
  for (int p = 0; p < kFirst; ++p)
    if (p < parts) ahead[p] = sums(p);
  float top = kNone, whole = 0.f;
  for (int p = threadIdx.x % 32; p < parts; p += 32) top = fmaxf(top, lse_of(p));
  for (int step = 16; step > 0; step /= 2)
    top = fmaxf(top, __shfl_xor_sync(0xffffffffu, top, step));
  float4 x = make_float4(0.f, 0.f, 0.f, 0.f);
  auto add = [&](int p, float4 v) {
    float factor = exp2f(lse_of(p) - top);
    whole += factor;
    x.x += factor * v.x, x.y += factor * v.y, x.z += factor * v.z, x.w += factor * v.w;
  };
#pragma unroll
  for (int p = 0; p < kFirst; ++p)
    if (p < parts) add(p, ahead[p]);
#pragma unroll 8
  for (int p = kFirst; p < parts; ++p) add(p, sums(p));
  if (mine)
    *reinterpret_cast<uint2*>(output + static_cast<size_t>(at) * CKV + threadIdx.x * 4) =
        make_uint2(pack2(x.x / whole, x.y / whole), pack2(x.z / whole, x.w / whole));
  if (threadIdx.x == 0) lse[at] = top + log2f(whole);
}
