// Absorbed latent attention over a paged cache: all heads read one latent (CKV wide, key and value) and one rotary
// part (KPE wide, key only). Output in 16 bits, lse in base 2 of scaled logits; an empty sequence gives 0 and -inf.
// A row is a (query token, head). Decode cuts a sequence's keys into chunks that mla_merge joins. Two mla_attend:
// ROWS 16: a block holds 16 rows in registers and walks KEYS keys a turn through a ring that cp.async fills, so
//   the latent is read once from memory and twice from shared memory. Eight warps: for the logits they share the
//   keys (and, where KEYS is 32, the width); every warp takes the softmax of all; for the output they share the columns.
// ROWS 64 (sm_90a): 64 rows, 64 keys a turn. Two warpgroups of wgmma: for the logits they share the keys, for the
//   output the columns; largest logits and probabilities cross through shared memory. A third warpgroup loads.
// SCALED (ROWS 16): a key's latent has a factor for each of `groups` equal parts of its width, and there is one for all
//   latents and one for all rotary parts. Up to 32 groups the logits' products are summed by 16 of the width, so that
//   factors need no rounding; other groups are multiplied where they landed.
// A tile is slabs of 64 columns: the latent's, then the rotary part's with zeros behind KPE.
// Constants: HEADS, CKV, KPE, PAGE, LAST (kv_last_page_len given), PREFILL (qo_indptr given), ROWS, KEYS, STAGES, SCALED.
#include "kdex_device.cuh"
using namespace kdex;

#if CKV % 64 != 0 || CKV > 512 || KPE % 16 != 0 || KPE > 128
#error "mla: head_dim_ckv must be a multiple of 64 up to 512, head_dim_kpe of 16 up to 128"
#endif
constexpr float kLog2e = 1.4426950408889634f;
constexpr float kNone = -1e30f;
[[maybe_unused]] constexpr float kSlack = 8.f;
__device__ __forceinline__ float negative_infinity() { return __int_as_float(0xff800000); }
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
__device__ __forceinline__ int parts_of(const int* indptr, const int* last, int sequence, int chunk) {
  return max(1, (key_count(indptr, last, sequence) + chunk - 1) / chunk);
}

// What a block works on: rows [row0, row0 + rows) of a sequence's nq * HEADS, keys [begin, end).
struct Work {
  int sequence, part, parts, nq, row0, rows, page_begin, keys, begin, end;
  size_t first_row;  // of row0 in q_nope, q_pe, output and lse, which are in the order of packed rows
  __device__ bool find(int item, int row_block, const int* qo_indptr, const int* kv_indptr, const int* last_page_len,
                       int* first_item, int batch, int chunk) {
#if PREFILL
    Part p = find_part(item, batch, [&](int s) { return ((qo_indptr[s + 1] - qo_indptr[s]) * HEADS + ROWS - 1) / ROWS; });
    if (p.sequence < 0) return false;
    int q_begin = qo_indptr[p.sequence];
    nq = qo_indptr[p.sequence + 1] - q_begin, row0 = p.part * ROWS;
    part = 0, parts = 1;
#else
    Part p = find_part(item, batch, [&](int s) { return parts_of(kv_indptr, last_page_len, s, chunk); });
    if (p.sequence < 0) return false;
    if (p.part == 0 && row_block == 0 && threadIdx.x == 0) first_item[p.sequence] = p.first;
    int q_begin = p.sequence;
    nq = 1, row0 = row_block * ROWS;
    part = p.part, parts = p.parts;
#endif
    sequence = p.sequence, rows = min(ROWS, nq * HEADS - row0);
    first_row = static_cast<size_t>(q_begin) * HEADS + row0;
    page_begin = kv_indptr[sequence], keys = key_count(kv_indptr, last_page_len, sequence);
    begin = part * chunk, end = PREFILL ? sees(rows - 1) : min(keys, begin + chunk);
    return true;
  }
  /// Keys that a row of the block sees.
  __device__ int sees(int row) const { return row < rows ? max(0, min(keys, (row0 + row) / HEADS + 1 + keys - nq)) : 0; }
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
constexpr int kColumns = (CKV + 127) / 128 * 16;  // of the output, a warp's; the last warps' may be behind CKV
constexpr int kPitch = KEYS + 8;
#if SCALED
constexpr int kSteps = CKV / 16, kFactorPitch = kSteps + 1;  // most groups in a table of factors; floats of its row
#endif

extern "C" __global__ void __launch_bounds__(256, 1)
    mla_attend(const T* __restrict__ q_nope, const T* __restrict__ q_pe, const T* __restrict__ ckv,
               const T* __restrict__ kpe, const int* __restrict__ qo_indptr, const int* __restrict__ kv_indptr,
               const int* __restrict__ kv_indices, const int* __restrict__ last_page_len, float sm_scale,
               float* __restrict__ part_out, float* __restrict__ part_lse, int* __restrict__ first_item,
               T* __restrict__ output, float* __restrict__ lse, int batch, int chunk
#if SCALED
               ,
               const float* __restrict__ group_scales, int groups, float latent_scale, float rope_scale
#endif
) {
  previous_done();
  extern __shared__ __align__(128) unsigned char shared_raw[];
  unsigned ring = shared_address(shared_raw);
  float* logits = reinterpret_cast<float*>(shared_raw + STAGES * kTileBytes);  // [kShares][16][kPitch]
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, c = lane % 4;
  Work work;
  if (!work.find(PREFILL ? gridDim.x - 1 - blockIdx.x : blockIdx.x, blockIdx.y, qo_indptr, kv_indptr, last_page_len,
                 first_item, batch, chunk))
    return;
  int rows = work.rows, begin = work.begin, end = work.end;
  size_t first_row = work.first_row;
  int see[2] = {work.sees(g), work.sees(g + 8)};  // by this lane's two rows
  int tiles = (end - begin + KEYS - 1) / KEYS;

  int my_key = threadIdx.x / 8, my_chunk = threadIdx.x % 8;
  int next_token[KEYS / 32];
#if SCALED
  float* factors = logits + kShares * 16 * kPitch;  // [STAGES][KEYS][kFactorPitch]
  bool narrow = kSteps % groups != 0;
  int tabled = narrow || !group_scales ? 0 : groups;
  bool many = tabled && CKV / tabled % kColumns != 0;  // a warp's columns are of more than one group
#endif
  auto look_up = [&](int t) {
#pragma unroll
    for (int i = 0; i < KEYS / 32; ++i) {
      next_token[i] = work.token(kv_indices, max(0, min(begin + t * KEYS + my_key + 32 * i, end - 1)));
    }
  };
  if (tiles > 0) look_up(0);
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
      if (t + 1 < tiles) look_up(t + 1);
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
      const T* from = k < CKV ? q_nope + (first_row + row) * CKV + at : q_pe + (first_row + row) * KPE + at - CKV;
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
          T& x = reinterpret_cast<T*>(shared_raw + t % STAGES * kTileBytes + i / 8 * (KEYS * 128) + swizzled(key, my_chunk))[i % 8];
          x = from_float(to_float(x) * group_scales[static_cast<size_t>(token) * groups + column * groups / CKV]);
        }
      }
#endif
    __syncthreads();
    fetch(t + STAGES - 1);
#if SCALED
    // The factor of 16 columns of a key of this tile, but for the one of all latents.
    auto factor = [&](int key, int step) {
      return tabled ? factors[(t % STAGES * KEYS + key) * kFactorPitch + step * tabled / kSteps] : 1.f;
    };
#endif
    unsigned tile = ring + t % STAGES * kTileBytes;
    float s[4][4] = {};  // four chains, so that a product need not wait for the one before
#pragma unroll
    for (int i = 0; i < kMyPairs; ++i) {
      int pair = share * kMyPairs + i;
      if (kPairs % kShares == 0 || pair < kPairs) {
        unsigned b[4];
        load_tiles(b, tile + pair / 2 * (KEYS * 128) + swizzled(group * 8 + lane % 8, pair % 2 * 4 + lane / 8));
#if SCALED
        float part[2][4] = {};
        mma(part[0], query[2 * i], b[0], b[1]);
        mma(part[1], query[2 * i + 1], b[2], b[3]);
#pragma unroll
        for (int n = 0; n < 2; ++n)
#pragma unroll
          for (int e = 0; e < 2; ++e) {
            int step = 2 * pair + n;
            float f = step < kSteps ? latent_scale * factor(group * 8 + 2 * c + e, step) : rope_scale;
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
          float2 y = *reinterpret_cast<float2*>(logits + (w * 16 + g + 8 * h) * kPitch + n * 8 + 2 * c);
          x.x += y.x, x.y += y.y;
        }
        int key = key0 + n * 8 + 2 * c, limit = min(see[h], end);
        p[n][2 * h] = key < limit ? x.x * scale : kNone;
        p[n][2 * h + 1] = key + 1 < limit ? x.y * scale : kNone;
        top[h] = fmaxf(top[h], fmaxf(p[n][2 * h], p[n][2 * h + 1]));
      }
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      top[h] = fmaxf(top[h], __shfl_xor_sync(0xffffffffu, top[h], 1));
      top[h] = fmaxf(top[h], __shfl_xor_sync(0xffffffffu, top[h], 2));
      fade[h] = exp2_fast(best[h] - top[h]);
      best[h] = top[h];
      sum[h] *= fade[h];
    }
#pragma unroll
    for (int n = 0; n < KEYS / 8; ++n)
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        p[n][i] = p[n][i] > 0.5f * kNone ? exp2_fast(p[n][i] - top[i / 2]) : 0.f;
        sum[i / 2] += p[n][i];
      }
#pragma unroll
    for (int j = 0; j < kColumns / 8; ++j)
      acc[j][0] *= fade[0], acc[j][1] *= fade[0], acc[j][2] *= fade[1], acc[j][3] *= fade[1];
#pragma unroll
    for (int k = 0; k < KEYS / 16; ++k) {
      unsigned a[4] = {pack2(p[2 * k][0], p[2 * k][1]), pack2(p[2 * k][2], p[2 * k][3]),
                       pack2(p[2 * k + 1][0], p[2 * k + 1][1]), pack2(p[2 * k + 1][2], p[2 * k + 1][3])};
#pragma unroll
      for (int j = 0; j < kColumns / 16; ++j) {
        int column = warp * kColumns + j * 16;
        if (CKV % 128 != 0 && column >= CKV) break;
#if SCALED
        if (tabled && (j == 0 || many)) {  // a new group
          float f[4];
#pragma unroll
          for (int e = 0; e < 4; ++e) f[e] = factor(k * 16 + e / 2 * 8 + 2 * c + e % 2, column / 16);
#pragma unroll
          for (int e = 0; e < 4; ++e)
            a[e] = pack2(p[2 * k + e / 2][e % 2 * 2] * f[e / 2 * 2], p[2 * k + e / 2][e % 2 * 2 + 1] * f[e / 2 * 2 + 1]);
        }
#endif
        unsigned b[4];
        load_tiles_transposed(
            b, tile + column / 64 * (KEYS * 128) + swizzled(k * 16 + lane % 16, column % 64 / 8 + lane / 16));
        mma(acc[2 * j], a, b[0], b[1]);
        mma(acc[2 * j + 1], a, b[2], b[3]);
      }
    }
  }
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    sum[h] += __shfl_xor_sync(0xffffffffu, sum[h], 1);
    sum[h] += __shfl_xor_sync(0xffffffffu, sum[h], 2);
    int row = g + 8 * h;
    if (row >= rows) continue;
    bool any = sum[h] > 0.f, whole = work.parts == 1;
    float inverse = any ? 1.f / sum[h] : 0.f, l = any ? best[h] + log2f(sum[h]) : kNone;
    size_t at = whole ? first_row + row : static_cast<size_t>(blockIdx.x) * HEADS + work.row0 + row;
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
// Slabs (64 of the width) of the queries that stay in registers: wgmma reads A from shared memory once for every
// 32 keys, more than its bandwidth gives.
constexpr int kHeld = kSlabs > 3 ? 3 : 1, kShown = kSlabs - kHeld;
constexpr int kRowBlocks = (HEADS + 63) / 64;  // decode
constexpr int kSlabBytes = 64 * 128;           // of queries, keys or probabilities
// Columns of the output that a warpgroup makes, whole slabs. Where they end behind CKV, the second one's last slab is
// of the rotary part, and what it makes of it is not written.
constexpr int kHalf = (CKV + 127) / 128 * 64;

extern "C" __global__ void __launch_bounds__(384, 1)
    mla_attend(const T* __restrict__ q_nope, const T* __restrict__ q_pe, const T* __restrict__ ckv,
               const T* __restrict__ kpe, const int* __restrict__ qo_indptr, const int* __restrict__ kv_indptr,
               const int* __restrict__ kv_indices, const int* __restrict__ last_page_len, float sm_scale,
               float* __restrict__ part_out, float* __restrict__ part_lse, int* __restrict__ first_item,
               T* __restrict__ output, float* __restrict__ lse, int batch, int chunk) {
  previous_done();
  extern __shared__ unsigned char shared_raw[];
  __shared__ __align__(8) unsigned long long barriers[2 * STAGES];
  __shared__ float stats[2][64];  // of each warpgroup's keys
  unsigned ring = (shared_address(shared_raw) + 1023) & ~1023u;
  unsigned q_tile = ring + STAGES * kTileBytes, p_tile = q_tile + kShown * kSlabBytes;
  unsigned full = shared_address(barriers), empty = full + 8 * STAGES;
  int warpgroup = warpgroup_index(), thread = threadIdx.x % 128;
  // A decode's row blocks stand side by side, so that one finds in the L2 what the other read.
  int item = PREFILL ? gridDim.x - 1 - blockIdx.x : blockIdx.x / kRowBlocks;
  Work work;
  if (!work.find(item, blockIdx.x % kRowBlocks, qo_indptr, kv_indptr, last_page_len, first_item, batch, chunk)) return;
  int tiles = (work.end - work.begin + 63) / 64;
  if (threadIdx.x == 0) {
    for (int s = 0; s < STAGES; ++s) barrier_init(full + 8 * s, 128), barrier_init(empty + 8 * s, 2);
    barrier_init_done();
  }
  __syncthreads();

  if (warpgroup == 2) {
    registers_fewer<40>();
    int key0 = thread / 8, my_chunk = thread % 8;  // keys key0, key0 + 16, ... of a tile
    int next_token[4];
    auto look_up = [&](int t) {
#pragma unroll
      for (int i = 0; i < 4; ++i)
        next_token[i] = work.token(kv_indices, max(0, min(work.begin + t * 64 + key0 + 16 * i, work.end - 1)));
    };
    if (tiles > 0) look_up(0);
    // Before the loader waits for room, all is announced that the room depends on.
    int announced = 0;
    auto announce = [&](int upto) {
      fence_async();
      for (; announced < upto; ++announced) barrier_arrive(full + 8 * (announced % STAGES));
    };
    for (int t = 0; t < tiles; ++t) {
      int s = t % STAGES;
      if (t >= STAGES) barrier_wait(empty + 8 * s, (t / STAGES - 1) & 1);
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        int key = key0 + 16 * i;
        bool live = work.begin + t * 64 + key < work.end;
        unsigned to = ring + s * kTileBytes + swizzled(key, my_chunk);
        const T* latent = ckv + static_cast<size_t>(next_token[i]) * CKV + my_chunk * 8;
        const T* rope = kpe + static_cast<size_t>(next_token[i]) * KPE + my_chunk * 8;
#pragma unroll
        for (int n = 0; n < kSlabs; ++n)
          if (n < CKV / 64 || KPE % 64 == 0 || n * 64 + my_chunk * 8 < kWidth)
            copy16_async(to + n * kSlabBytes, n < CKV / 64 ? latent + n * 64 : rope + (n - CKV / 64) * 64, live);
          else
            copy16_async(to + n * kSlabBytes, kpe, false);
      }
      copy_commit();
      if (t + 1 < tiles) look_up(t + 1);
      if (t == STAGES - 1) {  // the first as soon as it is there
        copy_wait<STAGES - 1>();
        announce(1);
      }
      if (t >= STAGES - 1) {
        copy_wait<STAGES - 2>();
        announce(t - STAGES + 3);
      }
    }
    copy_wait<0>();
    announce(tiles);
  } else {
    registers_more<232>();
    int warp = thread / 32, lane = thread % 32, g = lane / 4, c = lane % 4;
    int row[2] = {warp * 16 + g, warp * 16 + g + 8}, see[2] = {work.sees(row[0]), work.sees(row[1])};
    for (int i = threadIdx.x; i < 64 * kShown * 8; i += 256) {
      int r = i / (kShown * 8), at = i % (kShown * 8) * 8;
      bool live = r < work.rows;
      size_t from = work.first_row + (live ? r : 0);
      copy16_async(q_tile + at / 64 * kSlabBytes + swizzled(r, at / 8 % 8),
                   at < CKV ? q_nope + from * CKV + at : q_pe + from * KPE + at - CKV, live);
    }
    copy_commit();
    unsigned query[kHeld * 4][4];
#pragma unroll
    for (int s = 0; s < kHeld * 4; ++s)
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        int r = row[i % 2], k = (kShown * 4 + s) * 16, at = k + i / 2 * 8 + c * 2;
        const T* from = k < CKV ? q_nope + (work.first_row + r) * CKV + at : q_pe + (work.first_row + r) * KPE + at - CKV;
        query[s][i] = r < work.rows && k < kWidth ? *reinterpret_cast<const unsigned*>(from) : 0u;
      }
    copy_wait<0>();
    fence_async();
    sync_threads(1, 256);

    float out[kHalf / 2];  // 64 rows x half of the columns
#pragma unroll
    for (int i = 0; i < kHalf / 2; ++i) out[i] = 0.f;
    float base[2] = {kNone, kNone}, sum[2] = {0.f, 0.f};  // base: what logits (times log2 e) are taken relative to
    float scale = sm_scale * kLog2e;
    see[0] = min(see[0], work.end), see[1] = min(see[1], work.end);
    int seen_by_all = min(work.sees(0), work.end);  // keys that every row sees; the first row sees the fewest
    unsigned long long queries = tile_rows(q_tile), probabilities = tile_rows(p_tile);
    for (int t = 0; t < tiles; ++t) {
      int stage = t % STAGES;
      unsigned tile = ring + stage * kTileBytes;
      unsigned long long keys = tile_rows(tile + warpgroup * 32 * 128),
                         values = tile_columns(tile + warpgroup * (kHalf / 64) * kSlabBytes, kSlabBytes);
      barrier_wait(full + 8 * stage, t / STAGES & 1);
      float s[16];
      wgmma_begin();
#pragma unroll
      for (int k = 0; k < kShown * 4; ++k)
        wgmma<0>(s, advance(queries, k / 4 * kSlabBytes + k % 4 * 32), advance(keys, k / 4 * kSlabBytes + k % 4 * 32), k > 0);
#pragma unroll
      for (int k = 0; k < kHeld * 4 && (kShown * 4 + k) * 16 < kWidth; ++k)
        wgmma_regs<0>(s, query[k], advance(keys, (kShown + k / 4) * kSlabBytes + k % 4 * 32), 1);
      wgmma_commit();
      wgmma_wait<0>();
      float top[2] = {negative_infinity(), negative_infinity()}, fade[2];
#pragma unroll
      for (int i = 0; i < 16; ++i) s[i] *= scale;
      if (work.begin + t * 64 + 64 > seen_by_all) {
        int key0 = work.begin + t * 64 + warpgroup * 32 + 2 * c;
#pragma unroll
        for (int i = 0; i < 16; ++i)
          if (key0 + i / 4 * 8 + i % 2 >= see[i / 2 % 2]) s[i] = negative_infinity();
      }
#pragma unroll
      for (int i = 0; i < 16; ++i) top[i / 2 % 2] = fmaxf(top[i / 2 % 2], s[i]);
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        top[h] = fmaxf(top[h], __shfl_xor_sync(0xffffffffu, top[h], 1));
        top[h] = fmaxf(top[h], __shfl_xor_sync(0xffffffffu, top[h], 2));
        if (c == 0) stats[warpgroup][row[h]] = top[h];
      }
      sync_threads(1, 256);
      bool rescale = false;
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        top[h] = fmaxf(top[h], stats[1 - warpgroup][row[h]]);
        // A larger logit moves the base only where powers of two would get out of hand (the first one always does).
        fade[h] = 1.f;
        if (top[h] > base[h] + kSlack) {
          fade[h] = exp2_fast(base[h] - top[h]), base[h] = top[h], rescale = true;
          sum[h] *= fade[h];
        }
      }
#pragma unroll
      for (int i = 0; i < 16; ++i) {
        s[i] = exp2_fast(s[i] - base[i / 2 % 2]);
        sum[i / 2 % 2] += s[i];
      }
#pragma unroll
      for (int i = 0; i < 2; ++i) {
        const float* x = s + 8 * i;
        store_tiles(p_tile + swizzled(warp * 16 + lane % 16, warpgroup * 4 + 2 * i + lane / 16), pack2(x[0], x[1]),
                    pack2(x[2], x[3]), pack2(x[4], x[5]), pack2(x[6], x[7]));
      }
      fence_async();
      if (__any_sync(0xffffffffu, rescale))
#pragma unroll
        for (int i = 0; i < kHalf / 2; ++i) out[i] *= fade[i / 2 % 2];
      sync_threads(1, 256);
      wgmma_begin();
#pragma unroll
      for (int k = 0; k < 4; ++k)
        wgmma<1>(out, advance(probabilities, 32 * k), advance(values, 2048 * k), 1);
      wgmma_commit();
      wgmma_wait<0>();
      if (thread == 0) barrier_arrive(empty + 8 * stage);
    }
    sync_threads(1, 256);
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      sum[h] += __shfl_xor_sync(0xffffffffu, sum[h], 1);
      sum[h] += __shfl_xor_sync(0xffffffffu, sum[h], 2);
      if (c == 0) stats[warpgroup][row[h]] = sum[h];
    }
    sync_threads(1, 256);
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      float all = sum[h] + stats[1 - warpgroup][row[h]];
      if (row[h] >= work.rows) continue;
      bool any = all > 0.f, whole = work.parts == 1;
      float inverse = any ? 1.f / all : 0.f, l = any ? base[h] + log2f(all) : kNone;
      size_t at = whole ? work.first_row + row[h] : static_cast<size_t>(item) * HEADS + work.row0 + row[h];
      if (warpgroup == 0 && c == 0) (whole ? lse : part_lse)[at] = whole && !any ? negative_infinity() : l;
#pragma unroll
      for (int j = 0; j < kHalf / 8; ++j) {
        if (CKV % 128 != 0 && warpgroup * kHalf + j * 8 >= CKV) break;
        size_t to = at * CKV + warpgroup * kHalf + j * 8 + 2 * c;
        float x = out[4 * j + 2 * h] * inverse, y = out[4 * j + 2 * h + 1] * inverse;
        if (whole)
          *reinterpret_cast<unsigned*>(output + to) = pack2(x, y);
        else
          *reinterpret_cast<float2*>(part_out + to) = make_float2(x, y);
      }
    }
  }
}
#endif

// A block a (sequence, head) of more than one part, four columns a thread; decode only.
constexpr int kMergers = (CKV / 4 + 31) / 32 * 32;  // whole warps
extern "C" __global__ void __launch_bounds__(kMergers)
    mla_merge(const float* __restrict__ part_out, const float* __restrict__ part_lse,
              const int* __restrict__ first_item, const int* __restrict__ kv_indptr,
              const int* __restrict__ last_page_len, T* __restrict__ output, float* __restrict__ lse, int chunk) {
  previous_done();
  int at = blockIdx.x, sequence = at / HEADS, head = at % HEADS;
  int parts = parts_of(kv_indptr, last_page_len, sequence, chunk);
  if (parts == 1) return;
  size_t first = static_cast<size_t>(first_item[sequence]) * HEADS + head;
  float top = kNone, whole = 0.f;
  for (int p = threadIdx.x % 32; p < parts; p += 32) top = fmaxf(top, part_lse[first + static_cast<size_t>(p) * HEADS]);
  for (int step = 16; step > 0; step /= 2) top = fmaxf(top, __shfl_xor_sync(0xffffffffu, top, step));
  if (CKV / 4 != kMergers && threadIdx.x >= CKV / 4) return;
  float4 x = make_float4(0.f, 0.f, 0.f, 0.f);
#pragma unroll 8
  for (int p = 0; p < parts; ++p) {
    size_t from = first + static_cast<size_t>(p) * HEADS;
    float factor = exp2f(part_lse[from] - top);
    float4 v = *reinterpret_cast<const float4*>(part_out + from * CKV + threadIdx.x * 4);
    whole += factor;
    x.x += factor * v.x, x.y += factor * v.y, x.z += factor * v.z, x.w += factor * v.w;
  }
  *reinterpret_cast<uint2*>(output + static_cast<size_t>(at) * CKV + threadIdx.x * 4) =
      make_uint2(pack2(x.x / whole, x.y / whole), pack2(x.z / whole, x.w / whole));
  if (threadIdx.x == 0) lse[at] = top + log2f(whole);
}
