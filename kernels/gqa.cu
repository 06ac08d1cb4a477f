// Grouped-query attention over a paged or ragged cache; output in 16 bits, lse in base 2 of scaled
// logits. An empty sequence gives 0 and -inf. The causal mask is aligned at the end of the keys.
// KERNEL picks one of five: 0 gqa_decode, gqa_merge: one query a sequence. A sequence's keys are
// cut into chunks; a block takes a chunk of
//   one kv head, its warps take tiles of 16 keys, each through a ring of its own that cp.async
//   fills. The query heads of a kv head are the rows of mma.sync. gqa_merge joins the chunks of a
//   sequence.
// 1 gqa_prefill: mma.sync; a warp holds 16 packed rows (query token x heads of one kv head) and
// walks the keys
//   straight from global memory. A sum over head_dim may be taken in any order, so both operands
//   permute it alike: a lane's K fragment is 16 contiguous bytes, and so is its V fragment; no
//   shared memory is needed.
// 2 gqa_prefill (sm_90a): 128 packed rows in two warpgroups of wgmma; a third finds a block's next
// rows and loads,
//   also the next rows' queries; with BOX whole tiles of keys by TMA. The next tile's QK runs while
//   the softmax of this one is taken, and PV of this one while the next softmax is; the warpgroups
//   issue their products in turn, so that one's softmax meets the other's.
// 3 gqa_attend (gqa_merge): any head_dim up to 512, decode and prefill alike. A block of eight
// warps holds 16 packed
//   rows and walks KEYS keys a turn through a ring that cp.async fills (rows of no multiple of 8:
//   ordinary loads). For the logits the warps share the keys and the width; every warp takes the
//   softmax of all; for the output they share the columns.
// 4 gqa_prefill (sm_90a): head_dim 384 and 512. 64 packed rows, 64 keys a turn. Two warpgroups of
// wgmma: for the logits
//   they share the keys, for the output the columns; largest logits and probabilities cross through
//   shared memory. A third loads: the next tile's keys while this one's values are used, its values
//   while its logits are made.
// 0 and 2 take any head_dim of 16 up to 256: a tile in shared memory is slabs of 64 columns, the
// last one in part unused. Constants: HQ, HKV, D (of q and k), DV (of v), PAGE (0: ragged k and v),
// LAST (kv_last_page_len given), KERNEL, WINDOW (keys a query sees before its own; -1: all), CAP
// (tanh cap of the logits; 0: none); 3 also PREFILL, KEYS, STAGES; 2 also BOX (tokens that come
// together by TMA, a part of a tile and of a page; 0 where not given: all come by cp.async).
#include "kdex_device.cuh"
using namespace kdex;

#ifndef WINDOW
#define WINDOW -1
#endif
#ifndef CAP
#define CAP 0
#endif
#if KERNEL >= 3
#if D > 512 || DV > 512
#error "gqa: head_dim must be at most 512"
#endif
#elif D % 16 != 0 || D > 256 || DV % 16 != 0 || DV > 256
#error "gqa: head_dim must be a multiple of 16 up to 256"
#elif KERNEL == 1 && (D % 64 != 0 || DV % 64 != 0)
#error "gqa: head_dim must be 64, 128, 192 or 256"
#endif
#if HQ % HKV != 0
#error "gqa: num_qo_heads must be a multiple of num_kv_heads"
#endif
constexpr int kRatio = HQ / HKV;
[[maybe_unused]] constexpr int kWidth = (D + 63) / 64 * 64,
                               kValueWidth = (DV + 63) / 64 * 64;  // in shared memory
constexpr float kCap = CAP;
constexpr bool kCapped = kCap > 0;

// Logits times log2(e), from the raw product.
struct Logit {
  float scale, inner;
  __device__ explicit Logit(float sm_scale)
      : scale(sm_scale * kLog2e), inner(kCapped ? sm_scale / kCap : 0.f) {}
  __device__ float operator()(float x) const {
    if constexpr (kCapped) return tanhf(x * inner) * (kCap * kLog2e);
    return x * scale;
  }
};
__device__ __forceinline__ int key_count(const int* indptr, const int* last, int sequence) {
  int pages = indptr[sequence + 1] - indptr[sequence];
#if PAGE > 1 && LAST
  return pages > 0 ? (pages - 1) * PAGE + last[sequence] : 0;
#elif PAGE > 1
  return pages * PAGE;
#else
  return pages;
#endif
}
// Token of the cache that holds a sequence's key.
__device__ __forceinline__ int token_of(const int* indices, int begin, int key) {
#if PAGE > 1
  return indices[begin + key / PAGE] * PAGE + key % PAGE;
#elif PAGE == 1
  return indices[begin + key];
#else
  return begin + key;
#endif
}
// Two neighbours of a row of an odd DV, which is aligned to an element; the second may be behind
// the row's end.
[[maybe_unused]] __device__ __forceinline__ void store_odd(T* to, bool two, float x, float y) {
  to[0] = from_float(x);
  if (two) to[1] = from_float(y);
}
[[maybe_unused]] __device__ __forceinline__ void store_odd(float* to, bool two, float x, float y) {
  to[0] = x;
  if (two) to[1] = y;
}
[[maybe_unused]] __device__ __forceinline__ float2 load_odd(const float* from, bool two) {
  return make_float2(from[0], two ? from[1] : 0.f);
}
// Decode: where a sequence's only query starts to see keys, and into how many parts its keys are
// cut.
__device__ __forceinline__ int first_key(int keys) {
  return WINDOW >= 0 ? max(0, keys - 1 - WINDOW) : 0;
}
__device__ __forceinline__ int parts_of(const int* indptr, const int* last, int sequence,
                                        int chunk) {
  int keys = key_count(indptr, last, sequence);
  return max(1, (keys - first_key(keys) + chunk - 1) / chunk);
}

#if KERNEL == 0
#ifndef WARPS
#define WARPS 4
#endif
constexpr int kWarps = WARPS;
constexpr int kKBytes = 16 * kWidth * 2, kTileBytes = kKBytes + 16 * kValueWidth * 2;
constexpr int kPitch = DV + 4;
static_assert(kWarps * 16 * kPitch * 4 + kWarps * 16 * 8 <= kWarps * STAGES * kTileBytes,
              "the sums reuse the ring");

// Partials of items [item, HQ]: part_out normalised, part_lse -1e30 where there was no key.
extern "C" __global__ void __launch_bounds__(32 * kWarps, 2)
    gqa_decode(const T* __restrict__ q, const T* __restrict__ k_cache,
               const T* __restrict__ v_cache, const int* __restrict__ kv_indptr,
               const int* __restrict__ kv_indices, const int* __restrict__ last_page_len,
               float sm_scale, float* __restrict__ part_out, float* __restrict__ part_lse,
               int* __restrict__ first_item, T* __restrict__ output, float* __restrict__ lse,
               int batch, int chunk) {
  previous_done();
  extern __shared__ __align__(128) unsigned char shared_raw[];
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, c = lane % 4;
  Part part = find_part(blockIdx.x, batch,
                        [&](int s) { return parts_of(kv_indptr, last_page_len, s, chunk); });
  if (part.sequence < 0) return;
  int sequence = part.sequence, kv_head = blockIdx.y, head0 = kv_head * kRatio + blockIdx.z * 16;
  int rows = min(16, kRatio - static_cast<int>(blockIdx.z) * 16);
  if (part.part == 0 && kv_head == 0 && blockIdx.z == 0 && threadIdx.x == 0)
    first_item[sequence] = part.first;
  int page_begin = kv_indptr[sequence], keys = key_count(kv_indptr, last_page_len, sequence);
  int begin = first_key(keys) + part.part * chunk, end = min(keys, begin + chunk);
  int tiles = (end - begin - warp * 16 + 16 * kWarps - 1) / (16 * kWarps);
  unsigned ring = shared_address(shared_raw) + warp * STAGES * kTileBytes;

  auto token_at = [&](int t) {  // lanes 0 to 15: the tokens of tile t
    int key = begin + (t * kWarps + warp) * 16 + lane % 16;
    return token_of(kv_indices, page_begin, max(0, min(key, end - 1)));
  };
  int next_token = tiles > 0 ? token_at(0) : 0;
  auto fetch = [&](int t) {
    if (t < tiles) {
      int token = next_token;
      if (t + 1 < tiles) next_token = token_at(t + 1);
      int live = end - (begin + (t * kWarps + warp) * 16);
      unsigned to = ring + t % STAGES * kTileBytes;
#pragma unroll
      for (int i = 0; i < D / 16; ++i) {
        int at = i * 32 + lane, key = at / (D / 8), ch = at % (D / 8);
        size_t row = static_cast<size_t>(__shfl_sync(0xffffffffu, token, key)) * HKV + kv_head;
        copy16_async(to + ch / 8 * 2048 + swizzled(key, ch % 8), k_cache + row * D + ch * 8,
                     key < live);
      }
#pragma unroll
      for (int i = 0; i < DV / 16; ++i) {
        int at = i * 32 + lane, key = at / (DV / 8), ch = at % (DV / 8);
        size_t row = static_cast<size_t>(__shfl_sync(0xffffffffu, token, key)) * HKV + kv_head;
        copy16_async(to + kKBytes + ch / 8 * 2048 + swizzled(key, ch % 8),
                     v_cache + row * DV + ch * 8, key < live);
      }
    }
    copy_commit();
  };
#pragma unroll
  for (int s = 0; s < STAGES - 1; ++s) fetch(s);

  unsigned query[D / 16][4];
  const T* q0 = q + (static_cast<size_t>(sequence) * HQ + head0) * D;
#pragma unroll
  for (int s = 0; s < D / 16; ++s)
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      int row = g + i % 2 * 8;
      query[s][i] =
          row < rows ? *reinterpret_cast<const unsigned*>(q0 + row * D + s * 16 + i / 2 * 8 + c * 2)
                     : 0u;
    }
  float acc[DV / 8][4] = {};
  float best[2] = {kNone, kNone}, sum[2] = {0.f, 0.f};
  Logit logit(sm_scale);
  for (int t = 0; t < tiles; ++t) {
    copy_wait<STAGES - 2>();
    __syncwarp();
    fetch(t + STAGES - 1);
    unsigned k_tile = ring + t % STAGES * kTileBytes, v_tile = k_tile + kKBytes;
    float s[2][4] = {};
#pragma unroll
    for (int i = 0; i < D / 16; ++i) {
      unsigned b[4];
      load_tiles(
          b, k_tile + i / 4 * 2048 + swizzled(lane / 16 * 8 + lane % 8, i % 4 * 2 + lane / 8 % 2));
      mma(s[0], query[i], b[0], b[1]);
      mma(s[1], query[i], b[2], b[3]);
    }
    int live = end - (begin + (t * kWarps + warp) * 16);
    float top[2] = {best[0], best[1]}, fade[2];
#pragma unroll
    for (int n = 0; n < 2; ++n)
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        s[n][i] = n * 8 + 2 * c + i % 2 < live ? logit(s[n][i]) : kNone;
        top[i / 2] = fmaxf(top[i / 2], s[n][i]);
      }
    softmax_step<false>(s, top, best, sum, fade);
    unsigned p[4] = {pack2(s[0][0], s[0][1]), pack2(s[0][2], s[0][3]), pack2(s[1][0], s[1][1]),
                     pack2(s[1][2], s[1][3])};
#pragma unroll
    for (int j = 0; j < DV / 16; ++j) {
      unsigned b[4];
      load_tiles_transposed(b, v_tile + j / 4 * 2048 + swizzled(lane % 16, j % 4 * 2 + lane / 16));
#pragma unroll
      for (int i = 0; i < 2; ++i) {
        float(&o)[4] = acc[2 * j + i];
        o[0] *= fade[0], o[1] *= fade[0], o[2] *= fade[1], o[3] *= fade[1];
        mma(o, p, b[2 * i], b[2 * i + 1]);
      }
    }
  }
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    sum[h] = row_sum(sum[h]);
  }
  copy_wait<0>();
  __syncthreads();
  float* sums = reinterpret_cast<float*>(shared_raw);
  float2* stats = reinterpret_cast<float2*>(sums + kWarps * 16 * kPitch);
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    if (g + 8 * h >= rows) continue;
    if (c == 0) stats[warp * 16 + g + 8 * h] = make_float2(best[h], sum[h]);
#pragma unroll
    for (int i = 0; i < DV / 8; ++i)
      *reinterpret_cast<float2*>(sums + (warp * 16 + g + 8 * h) * kPitch + i * 8 + 2 * c) =
          make_float2(acc[i][2 * h], acc[i][2 * h + 1]);
  }
  __syncthreads();
  for (int i = threadIdx.x; i < rows * (DV / 2); i += 32 * kWarps) {
    int row = i / (DV / 2), d = i % (DV / 2) * 2;
    float top = kNone, whole = 0.f, x = 0.f, y = 0.f;
#pragma unroll
    for (int w = 0; w < kWarps; ++w) top = fmaxf(top, stats[w * 16 + row].x);
#pragma unroll
    for (int w = 0; w < kWarps; ++w) {
      float factor = exp2_fast(stats[w * 16 + row].x - top);
      float2 v = *reinterpret_cast<float2*>(sums + (w * 16 + row) * kPitch + d);
      whole += stats[w * 16 + row].y * factor, x += v.x * factor, y += v.y * factor;
    }
    bool any = whole > 0.f;
    float inverse = any ? 1.f / whole : 0.f, l = any ? top + log2f(whole) : kNone;
    if (part.parts == 1) {
      size_t at = static_cast<size_t>(sequence) * HQ + head0 + row;
      *reinterpret_cast<unsigned*>(output + at * DV + d) = pack2(x * inverse, y * inverse);
      if (d == 0) lse[at] = any ? l : negative_infinity();
    } else {
      size_t at = static_cast<size_t>(blockIdx.x) * HQ + head0 + row;
      *reinterpret_cast<float2*>(part_out + at * DV + d) = make_float2(x * inverse, y * inverse);
      if (d == 0) part_lse[at] = l;
    }
  }
}

#else
constexpr int kRows = KERNEL == 3 ? 16 : KERNEL == 2 ? 128 : 64;

// What the prefill kernels know of their block: its sequence and its rows.
struct Rows {
  int sequence, kv_head, q_begin, nq, nk, page_begin, row0;
  __device__ bool find(int item, int head, const int* qo_indptr, const int* kv_indptr,
                       const int* last, int batch) {
    Part part = find_part(item, batch, [&](int s) {
      return ((qo_indptr[s + 1] - qo_indptr[s]) * kRatio + kRows - 1) / kRows;
    });
    if (part.sequence < 0) return false;
    sequence = part.sequence, kv_head = head, row0 = part.part * kRows;
    q_begin = qo_indptr[sequence], nq = qo_indptr[sequence + 1] - q_begin;
    page_begin = kv_indptr[sequence], nk = key_count(kv_indptr, last, sequence);
    return true;
  }
  __device__ bool live(int row) const { return row < nq * kRatio; }
  /// Index of a row's (token, head) in q, output and lse.
  __device__ size_t at(int row) const {
    return static_cast<size_t>(q_begin + row / kRatio) * HQ + kv_head * kRatio + row % kRatio;
  }
  /// Keys [first, end) that a row sees.
  __device__ int end(int row) const {
    return live(row) ? max(0, min(nk, row / kRatio + 1 + nk - nq)) : 0;
  }
  __device__ int first(int row) const {
    return WINDOW >= 0 ? max(0, row / kRatio + nk - nq - WINDOW) : 0;
  }
};

#if KERNEL == 1
extern "C" __global__ void __launch_bounds__(128)
    gqa_prefill(const T* __restrict__ q, const T* __restrict__ k_cache,
                const T* __restrict__ v_cache, const int* __restrict__ qo_indptr,
                const int* __restrict__ kv_indptr, const int* __restrict__ kv_indices,
                const int* __restrict__ last_page_len, float sm_scale, T* __restrict__ output,
                float* __restrict__ lse, int batch) {
  previous_done();
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, c = lane % 4;
  Rows rows;
  if (!rows.find(gridDim.y - 1 - blockIdx.y, blockIdx.x, qo_indptr, kv_indptr, last_page_len,
                 batch))
    return;
  int row0 = rows.row0 + warp * 16;
  if (!rows.live(row0)) return;
  int row[2] = {row0 + g, row0 + g + 8};
  bool live[2] = {rows.live(row[0]), rows.live(row[1])};
  int last_row = min(row0 + 15, rows.nq * kRatio - 1);
  int begin = rows.first(row0), end = rows.end(last_row);
  int see_first[2] = {rows.first(row[0]), rows.first(row[1])},
      see_end[2] = {rows.end(row[0]), rows.end(row[1])};

  unsigned query[D / 16][4];
#pragma unroll
  for (int j = 0; j < D / 32; ++j) {
    Vec8 a, b;
    a.raw = live[0] ? load16(q + rows.at(row[0]) * D + j * 32 + c * 8) : make_uint4(0, 0, 0, 0);
    b.raw = live[1] ? load16(q + rows.at(row[1]) * D + j * 32 + c * 8) : make_uint4(0, 0, 0, 0);
#pragma unroll
    for (int s = 0; s < 2; ++s) {
      query[2 * j + s][0] = a.word[2 * s];
      query[2 * j + s][1] = b.word[2 * s];
      query[2 * j + s][2] = a.word[2 * s + 1];
      query[2 * j + s][3] = b.word[2 * s + 1];
    }
  }
  auto row_of = [&](int key) -> size_t {
    return static_cast<size_t>(token_of(kv_indices, rows.page_begin, min(key, end - 1))) * HKV +
           rows.kv_head;
  };
  float acc[DV / 8][4] = {};
  float best[2] = {kNone, kNone}, sum[2] = {0.f, 0.f};
  Logit logit(sm_scale);
  for (int key0 = begin; key0 < end; key0 += 16) {
    float s[2][4] = {};
    size_t k_row[2] = {row_of(key0 + g), row_of(key0 + 8 + g)};
    size_t v_row[4] = {row_of(key0 + 2 * c), row_of(key0 + 2 * c + 1), row_of(key0 + 2 * c + 8),
                       row_of(key0 + 2 * c + 9)};
    Vec8 k[2][D / 32];
#pragma unroll
    for (int j = 0; j < D / 32; ++j)
      for (int n = 0; n < 2; ++n) k[n][j].raw = load16(k_cache + k_row[n] * D + j * 32 + c * 8);
    Vec8 v[4];
#pragma unroll
    for (int t = 0; t < 4; ++t) v[t].raw = load16(v_cache + v_row[t] * DV + g * 8);
#pragma unroll
    for (int j = 0; j < D / 32; ++j)
      for (int n = 0; n < 2; ++n) {
        mma(s[n], query[2 * j], k[n][j].word[0], k[n][j].word[1]);
        mma(s[n], query[2 * j + 1], k[n][j].word[2], k[n][j].word[3]);
      }
    float top[2] = {best[0], best[1]}, fade[2];
#pragma unroll
    for (int n = 0; n < 2; ++n)
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        int key = key0 + n * 8 + 2 * c + i % 2;
        s[n][i] = key >= see_first[i / 2] && key < see_end[i / 2] ? logit(s[n][i]) : kNone;
        top[i / 2] = fmaxf(top[i / 2], s[n][i]);
      }
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      top[h] = row_max(top[h]);
      fade[h] = exp2f(best[h] - top[h]);
      best[h] = top[h];
      sum[h] *= fade[h];
    }
#pragma unroll
    for (int n = 0; n < 2; ++n)
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        s[n][i] = s[n][i] > 0.5f * kNone ? exp2f(s[n][i] - top[i / 2]) : 0.f;
        sum[i / 2] += s[n][i];
      }
    unsigned p[4] = {pack2(s[0][0], s[0][1]), pack2(s[0][2], s[0][3]), pack2(s[1][0], s[1][1]),
                     pack2(s[1][2], s[1][3])};
#pragma unroll
    for (int j = 0; j < DV / 64; ++j) {
      if (j > 0)
#pragma unroll
        for (int t = 0; t < 4; ++t) v[t].raw = load16(v_cache + v_row[t] * DV + j * 64 + g * 8);
#pragma unroll
      for (int i = 0; i < 8; ++i) {
        float(&o)[4] = acc[j * 8 + i];
        o[0] *= fade[0], o[1] *= fade[0], o[2] *= fade[1], o[3] *= fade[1];
        unsigned pick = i % 2 ? 0x7632 : 0x5410;
        mma(o, p, __byte_perm(v[0].word[i / 2], v[1].word[i / 2], pick),
            __byte_perm(v[2].word[i / 2], v[3].word[i / 2], pick));
      }
    }
  }
  // Element (row g + 8h, d) of acc[j*8+i] is d = j*64 + (2c or 2c+1)*8 + i.
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    sum[h] = row_sum(sum[h]);
    if (!live[h]) continue;
    bool any = sum[h] > 0.f;
    float inverse = any ? 1.f / sum[h] : 0.f;
    if (c == 0) lse[rows.at(row[h])] = any ? best[h] + log2f(sum[h]) : negative_infinity();
#pragma unroll
    for (int j = 0; j < DV / 64; ++j)
#pragma unroll
      for (int e = 0; e < 2; ++e) {
        Vec8 y;
#pragma unroll
        for (int i = 0; i < 8; ++i) y.at[i] = from_float(acc[j * 8 + i][2 * h + e] * inverse);
        *reinterpret_cast<uint4*>(output + rows.at(row[h]) * DV + j * 64 + (2 * c + e) * 8) = y.raw;
      }
  }
}

#elif KERNEL == 3
constexpr int kGroups = KEYS / 8, kShares = 8 / kGroups;  // warps on keys, warps on the width
static_assert(KEYS == 16 || KEYS == 32 || KEYS == 64, "a tile is 16, 32 or 64 keys");
constexpr int kPairs = (D + 31) / 32;  // pairs of 16-wide steps; behind D there are zeros
constexpr int kMyPairs = (kPairs + kShares - 1) / kShares;
constexpr int kBlocks = (DV + 15) / 16,
              kMyBlocks = (kBlocks + 7) / 8;  // of 16 columns of the output
constexpr int kPitch = KEYS + 8;
constexpr unsigned kSlab = KEYS * 128;  // 64 columns of a tile
constexpr unsigned kKBytes = (D + 63) / 64 * kSlab, kTileBytes = kKBytes + (DV + 63) / 64 * kSlab;

// Columns `at` (even) and the next of a row that is aligned to an element only; zeros behind the
// width.
template <int width>
__device__ __forceinline__ unsigned columns(const T* row, int at) {
  if constexpr (width % 2 == 0)
    return at < width ? __ldg(reinterpret_cast<const unsigned*>(row + at)) : 0u;
  const unsigned short* x = reinterpret_cast<const unsigned short*>(row) + at;
  return (at < width ? __ldg(x) : 0u) | (at + 1 < width ? __ldg(x + 1) : 0u) << 16;
}
constexpr int kThreads = 256 / KEYS;  // of a key
// A thread's share of its key's row; zeros behind the width.
template <int width>
__device__ __forceinline__ void load_row(unsigned to, const T* row, bool live) {
  constexpr int kChunks = (width + 63) / 64 * 8;
  int key = threadIdx.x / kThreads, c0 = threadIdx.x % kThreads;
#pragma unroll
  for (int i = 0; i < (kChunks + kThreads - 1) / kThreads; ++i) {
    int chunk = i * kThreads + c0;
    bool there = width % 64 == 0 || chunk * 8 < width;
    if (kChunks % kThreads == 0 || chunk < kChunks) {
      unsigned place = to + chunk / 8 * kSlab + swizzled(key, chunk % 8);
      if constexpr (width % 8 == 0) {
        copy16_async(place, row + (there ? chunk * 8 : 0), live && there);
      } else {
        Vec8 x;
#pragma unroll
        for (int j = 0; j < 4; ++j) x.word[j] = live ? columns<width>(row, chunk * 8 + 2 * j) : 0u;
        store_shared16(place, x.raw);
      }
    }
  }
}

// Decode: partials of items [item, HQ]; part_out normalised, part_lse -1e30 where there was no key.
// Prefill: one part.
extern "C" __global__ void __launch_bounds__(256, D > 256 || DV > 256 ? 1 : 2)
    gqa_attend(const T* __restrict__ q, const T* __restrict__ k_cache,
               const T* __restrict__ v_cache, const int* __restrict__ qo_indptr,
               const int* __restrict__ kv_indptr, const int* __restrict__ kv_indices,
               const int* __restrict__ last_page_len, float sm_scale, float* __restrict__ part_out,
               float* __restrict__ part_lse, int* __restrict__ first_item, T* __restrict__ output,
               float* __restrict__ lse, int batch, int chunk) {
  extern __shared__ __align__(128) unsigned char shared_raw[];
  previous_done();
  unsigned ring = shared_address(shared_raw);
  float* logits =
      reinterpret_cast<float*>(shared_raw + STAGES * kTileBytes);  // [kShares][16][kPitch]
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, c = lane % 4;
#if PREFILL
  Rows work;
  if (!work.find(gridDim.x - 1 - blockIdx.x, blockIdx.y, qo_indptr, kv_indptr, last_page_len,
                 batch))
    return;
  int kv_head = work.kv_head, page_begin = work.page_begin,
      rows = min(16, work.nq * kRatio - work.row0);
  int begin = work.first(work.row0), end = work.end(work.row0 + rows - 1);
  int see_first[2] = {work.first(work.row0 + g),
                      work.first(work.row0 + g + 8)};  // keys that this lane's two rows see
  int see_end[2] = {work.end(work.row0 + g), work.end(work.row0 + g + 8)};
  constexpr bool whole = true;
  auto row_at = [&](int row) { return work.at(work.row0 + row); };  // index in q, output and lse
#else
  Part part = find_part(blockIdx.x, batch,
                        [&](int s) { return parts_of(kv_indptr, last_page_len, s, chunk); });
  if (part.sequence < 0) return;
  int kv_head = blockIdx.y, row0 = blockIdx.z * 16, rows = min(16, kRatio - row0);
  if (part.part == 0 && kv_head == 0 && row0 == 0 && threadIdx.x == 0)
    first_item[part.sequence] = part.first;
  int page_begin = kv_indptr[part.sequence],
      keys = key_count(kv_indptr, last_page_len, part.sequence);
  int begin = first_key(keys) + part.part * chunk, end = min(keys, begin + chunk);
  int see_first[2] = {begin, begin}, see_end[2] = {end, end};
  bool whole = part.parts == 1;
  auto row_at = [&](int row) {
    return static_cast<size_t>(part.sequence) * HQ + kv_head * kRatio + row0 + row;
  };
#endif
  int tiles = (end - begin + KEYS - 1) / KEYS;

  int my_key = threadIdx.x / kThreads;
  auto look_up = [&](int t) {
    return token_of(kv_indices, page_begin, min(begin + t * KEYS + my_key, end - 1));
  };
  int next_token = tiles > 0 ? look_up(0) : 0;
  auto fetch = [&](int t) {
    if (t < tiles) {
      size_t row = static_cast<size_t>(next_token) * HKV + kv_head;
      if (t + 1 < tiles) next_token = look_up(t + 1);
      bool live = begin + t * KEYS + my_key < end;
      unsigned to = ring + t % STAGES * kTileBytes;
      load_row<D>(to, k_cache + row * D, live);
      load_row<DV>(to + kKBytes, v_cache + row * DV, live);
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
      int row = g + i % 2 * 8;
      if constexpr (D % 16 == 0)
        query[s][i] =
            row < rows && k < D
                ? *reinterpret_cast<const unsigned*>(q + row_at(row) * D + k + i / 2 * 8 + c * 2)
                : 0u;
      else
        query[s][i] = row < rows ? columns<D>(q + row_at(row) * D, k + i / 2 * 8 + c * 2) : 0u;
    }
  }
  float acc[kMyBlocks * 2][4] = {};
  float best[2] = {kNone, kNone}, sum[2] = {0.f, 0.f};
  Logit logit(sm_scale);
  for (int t = 0; t < tiles; ++t) {
    copy_wait<STAGES - 2>();
    __syncthreads();
    fetch(t + STAGES - 1);
    unsigned k_tile = ring + t % STAGES * kTileBytes, v_tile = k_tile + kKBytes;
    float s[4][4] = {};  // four chains, so that a product need not wait for the one before
#pragma unroll
    for (int i = 0; i < kMyPairs; ++i) {
      int pair = share * kMyPairs + i;
      if (kPairs % kShares == 0 || pair < kPairs) {
        unsigned b[4];
        load_tiles(
            b, k_tile + pair / 2 * kSlab + swizzled(group * 8 + lane % 8, pair % 2 * 4 + lane / 8));
        mma(s[2 * (i % 2)], query[2 * i], b[0], b[1]);
        mma(s[2 * (i % 2) + 1], query[2 * i + 1], b[2], b[3]);
      }
    }
#pragma unroll
    for (int h = 0; h < 2; ++h)
      *reinterpret_cast<float2*>(logits + (share * 16 + g + 8 * h) * kPitch + group * 8 + 2 * c) =
          make_float2((s[0][2 * h] + s[1][2 * h]) + (s[2][2 * h] + s[3][2 * h]),
                      (s[0][2 * h + 1] + s[1][2 * h + 1]) + (s[2][2 * h + 1] + s[3][2 * h + 1]));
    __syncthreads();
    float p[KEYS / 8][4], top[2] = {best[0], best[1]}, fade[2];
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
        int key = begin + t * KEYS + n * 8 + 2 * c;
        p[n][2 * h] = key >= see_first[h] && key < see_end[h] ? logit(x.x) : kNone;
        p[n][2 * h + 1] = key + 1 >= see_first[h] && key + 1 < see_end[h] ? logit(x.y) : kNone;
        top[h] = fmaxf(top[h], fmaxf(p[n][2 * h], p[n][2 * h + 1]));
      }
    softmax_step<true>(p, top, best, sum, fade);
#pragma unroll
    for (int j = 0; j < kMyBlocks * 2; ++j)
      acc[j][0] *= fade[0], acc[j][1] *= fade[0], acc[j][2] *= fade[1], acc[j][3] *= fade[1];
#pragma unroll
    for (int k = 0; k < KEYS / 16; ++k) {
      unsigned a[4] = {pack2(p[2 * k][0], p[2 * k][1]), pack2(p[2 * k][2], p[2 * k][3]),
                       pack2(p[2 * k + 1][0], p[2 * k + 1][1]),
                       pack2(p[2 * k + 1][2], p[2 * k + 1][3])};
#pragma unroll
      for (int j = 0; j < kMyBlocks; ++j) {
        int block = warp * kMyBlocks + j;
        if (kBlocks % 8 != 0 && block >= kBlocks) break;
        unsigned b[4];
        load_tiles_transposed(b, v_tile + block / 4 * kSlab +
                                     swizzled(k * 16 + lane % 16, block % 4 * 2 + lane / 16));
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
    bool any = sum[h] > 0.f;
    float inverse = any ? 1.f / sum[h] : 0.f, l = any ? best[h] + log2f(sum[h]) : kNone;
    size_t at = row_at(row);
#if !PREFILL
    if (!whole) at = static_cast<size_t>(blockIdx.x) * HQ + kv_head * kRatio + row0 + row;
#endif
    if (warp == 0 && c == 0) (whole ? lse : part_lse)[at] = whole && !any ? negative_infinity() : l;
#pragma unroll
    for (int j = 0; j < kMyBlocks * 2; ++j) {
      int column = warp * kMyBlocks * 16 + j * 8 + 2 * c;
      if (DV % 128 != 0 && column >= DV) break;
      float x = acc[j][2 * h] * inverse, y = acc[j][2 * h + 1] * inverse;
      if constexpr (DV % 2 != 0) {
        if (whole)
          store_odd(output + at * DV + column, column + 1 < DV, x, y);
        else
          store_odd(part_out + at * DV + column, column + 1 < DV, x, y);
      } else if (whole) {
        *reinterpret_cast<unsigned*>(output + at * DV + column) = pack2(x, y);
      } else {
        *reinterpret_cast<float2*>(part_out + at * DV + column) = make_float2(x, y);
      }
    }
  }
}

#elif KERNEL == 4
#if KDEX_ARCH != 90 || D % 128 != 0 || DV % 128 != 0
#error "gqa: KERNEL 4 is for sm_90a and multiples of 128"
#endif
constexpr int kSlabs = D / 64;        // 64 columns each
constexpr int kSlabBytes = 64 * 128;  // of queries, keys, values or probabilities
// Slabs of the queries that stay in registers: wgmma reads A from shared memory once for every 32
// keys, more than its bandwidth gives.
constexpr int kHeld = 3, kShown = kSlabs - kHeld;
constexpr float kSlack = 8.f;

// 64 rows of a cache by 128 threads, eight a row; tokens of rows r, r + 16, ...; zeros from row
// `live` on.
template <int width>
__device__ __forceinline__ void load_tile(unsigned to, const T* cache, int kv_head,
                                          const int (&token)[4], int live) {
  int chunk = threadIdx.x % 8;
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    int r = threadIdx.x % 128 / 8 + 16 * i;
    const T* from = cache + (static_cast<size_t>(token[i]) * HKV + kv_head) * width + chunk * 8;
#pragma unroll
    for (int n = 0; n < width / 64; ++n)
      copy16_async(to + n * kSlabBytes + swizzled(r, chunk), from + n * 64, r < live);
  }
  copy_commit();
}

extern "C" __global__ void __launch_bounds__(384, 1)
    gqa_prefill(const T* __restrict__ q, const T* __restrict__ k_cache,
                const T* __restrict__ v_cache, const int* __restrict__ qo_indptr,
                const int* __restrict__ kv_indptr, const int* __restrict__ kv_indices,
                const int* __restrict__ last_page_len, float sm_scale, T* __restrict__ output,
                float* __restrict__ lse, int batch) {
  previous_done();
  extern __shared__ unsigned char shared_raw[];
  __shared__ __align__(8) unsigned long long barriers[4];
  __shared__ float stats[2][64];  // of each warpgroup's keys
  unsigned q_tile = (shared_address(shared_raw) + 1023) & ~1023u,
           p_tile = q_tile + kShown * kSlabBytes;
  unsigned k_tile = p_tile + kSlabBytes, v_tile = k_tile + kSlabs * kSlabBytes;
  unsigned k_full = shared_address(barriers), k_empty = k_full + 8, v_full = k_full + 16,
           v_empty = k_full + 24;
  int warpgroup = warpgroup_index(), thread = threadIdx.x % 128;
  Rows rows;  // long blocks of rows come first: the last of a sequence sees the most keys
  if (!rows.find(gridDim.x - 1 - blockIdx.x, blockIdx.y, qo_indptr, kv_indptr, last_page_len,
                 batch))
    return;
  int begin = rows.first(rows.row0), end = rows.end(min(rows.row0 + 63, rows.nq * kRatio - 1));
  int tiles = (end - begin + 63) / 64;
  if (threadIdx.x == 0) {
    barrier_init(k_full, 128), barrier_init(k_empty, 2);
    barrier_init(v_full, 128), barrier_init(v_empty, 2);
    barrier_init_done();
  }
  __syncthreads();

  if (warpgroup == 2) {
    registers_fewer<40>();
    int token[4];
    auto look_up = [&](int t) {
#pragma unroll
      for (int i = 0; i < 4; ++i)
        token[i] = token_of(kv_indices, rows.page_begin,
                            min(begin + t * 64 + thread / 8 + 16 * i, end - 1));
    };
    auto announce = [&](unsigned bar) {
      fence_async();
      barrier_arrive(bar);
    };
    if (tiles > 0) {
      look_up(0);
      load_tile<D>(k_tile, k_cache, rows.kv_head, token, end - begin);
    }
    for (int t = 0; t < tiles; ++t) {
      if (t > 0) barrier_wait(v_empty, (t - 1) & 1);
      load_tile<DV>(v_tile, v_cache, rows.kv_head, token, end - begin - t * 64);
      if (t == 0) {
        copy_wait<1>();
        announce(k_full);
      }
      if (t + 1 < tiles) {
        look_up(t + 1);
        barrier_wait(k_empty, t & 1);
        load_tile<D>(k_tile, k_cache, rows.kv_head, token, end - begin - (t + 1) * 64);
        copy_wait<1>();
        announce(v_full);
        copy_wait<0>();
        announce(k_full);
      } else {
        copy_wait<0>();
        announce(v_full);
      }
    }
  } else {
    registers_more<232>();
    int warp = thread / 32, lane = thread % 32, g = lane / 4, c = lane % 4;
    for (int i = threadIdx.x; i < 64 * kShown * 8; i += 256) {
      int r = i / (kShown * 8), chunk = i % (kShown * 8), row = rows.row0 + r;
      bool live = rows.live(row);
      copy16_async(q_tile + chunk / 8 * kSlabBytes + swizzled(r, chunk % 8),
                   q + (live ? rows.at(row) * D + chunk * 8 : 0), live);
    }
    copy_commit();
    int row[2] = {warp * 16 + g, warp * 16 + g + 8};  // of the block's
    unsigned query[kHeld * 4][4];
#pragma unroll
    for (int s = 0; s < kHeld * 4; ++s)
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        int at = (kShown * 4 + s) * 16 + i / 2 * 8 + c * 2, r = rows.row0 + row[i % 2];
        query[s][i] =
            rows.live(r) ? *reinterpret_cast<const unsigned*>(q + rows.at(r) * D + at) : 0u;
      }
    copy_wait<0>();
    fence_async();
    sync_threads(1, 256);

    float out[DV / 4];  // 64 rows x half of the columns
#pragma unroll
    for (int i = 0; i < DV / 4; ++i) out[i] = 0.f;
    float base[2] = {kNone, kNone},
          sum[2] = {0.f, 0.f};  // base: what logits (times log2 e) are taken relative to
    int see_first[2] = {rows.first(rows.row0 + row[0]), rows.first(rows.row0 + row[1])};
    int see_end[2] = {rows.end(rows.row0 + row[0]), rows.end(rows.row0 + row[1])};
    // Tiles inside [all_first, all_end) are seen whole by every row.
    int all_first = WINDOW >= 0 ? rows.first(min(rows.row0 + 63, rows.nq * kRatio - 1)) : 0,
        all_end = rows.end(rows.row0);
    Logit logit(sm_scale);
    unsigned long long queries = tile_rows(q_tile), keys = tile_rows(k_tile + warpgroup * 32 * 128),
                       probabilities = tile_rows(p_tile),
                       values =
                           tile_columns(v_tile + warpgroup * (DV / 128) * kSlabBytes, kSlabBytes);
    for (int t = 0; t < tiles; ++t) {
      int key0 = begin + t * 64;
      float s[16];
      barrier_wait(k_full, t & 1);
      wgmma_begin();
#pragma unroll
      for (int k = 0; k < kShown * 4; ++k)
        wgmma<0>(s, advance(queries, k / 4 * kSlabBytes + k % 4 * 32),
                 advance(keys, k / 4 * kSlabBytes + k % 4 * 32), k > 0);
#pragma unroll
      for (int k = 0; k < kHeld * 4; ++k)
        wgmma_regs<0>(s, query[k], advance(keys, (kShown + k / 4) * kSlabBytes + k % 4 * 32), 1);
      wgmma_commit();
      wgmma_wait<0>();
      if (thread == 0) barrier_arrive(k_empty);
#pragma unroll
      for (int i = 0; i < 16; ++i) s[i] = logit(s[i]);
      if (key0 + 64 > all_end || key0 < all_first) {
#pragma unroll
        for (int i = 0; i < 16; ++i) {
          int key = key0 + warpgroup * 32 + i / 4 * 8 + 2 * c + i % 2, h = i / 2 % 2;
          if (key < see_first[h] || key >= see_end[h]) s[i] = negative_infinity();
        }
      }
      float top[2] = {negative_infinity(), negative_infinity()}, fade[2];
#pragma unroll
      for (int i = 0; i < 16; ++i) top[i / 2 % 2] = fmaxf(top[i / 2 % 2], s[i]);
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        top[h] = row_max(top[h]);
        if (c == 0) stats[warpgroup][row[h]] = top[h];
      }
      sync_threads(1, 256);
      bool rescale = false;
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        top[h] = fmaxf(top[h], stats[1 - warpgroup][row[h]]);
        // A larger logit moves the base only where powers of two would get out of hand (the first
        // one always does).
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
        store_tiles(p_tile + swizzled(warp * 16 + lane % 16, warpgroup * 4 + 2 * i + lane / 16),
                    pack2(x[0], x[1]), pack2(x[2], x[3]), pack2(x[4], x[5]), pack2(x[6], x[7]));
      }
      fence_async();
      if (__any_sync(0xffffffffu, rescale))
#pragma unroll
        for (int i = 0; i < DV / 4; ++i) out[i] *= fade[i / 2 % 2];
      sync_threads(1, 256);
      barrier_wait(v_full, t & 1);
      wgmma_begin();
#pragma unroll
      for (int k = 0; k < 4; ++k)
        wgmma<1>(out, advance(probabilities, 32 * k), advance(values, 2048 * k), 1);
      wgmma_commit();
      wgmma_wait<0>();
      if (thread == 0) barrier_arrive(v_empty);
    }
    sync_threads(1, 256);
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      sum[h] = row_sum(sum[h]);
      if (c == 0) stats[warpgroup][row[h]] = sum[h];
    }
    sync_threads(1, 256);
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      float all = sum[h] + stats[1 - warpgroup][row[h]];
      if (!rows.live(rows.row0 + row[h])) continue;
      bool any = all > 0.f;
      float inverse = any ? 1.f / all : 0.f;
      size_t at = rows.at(rows.row0 + row[h]);
      if (warpgroup == 0 && c == 0) lse[at] = any ? base[h] + log2f(all) : negative_infinity();
#pragma unroll
      for (int j = 0; j < DV / 16; ++j)
        *reinterpret_cast<unsigned*>(output + at * DV + warpgroup * (DV / 2) + j * 8 + 2 * c) =
            pack2(out[4 * j + 2 * h] * inverse, out[4 * j + 2 * h + 1] * inverse);
    }
  }
}

#else
#if KDEX_ARCH != 90
#error "gqa: KERNEL 2 is for sm_90a"
#endif
static_assert(kValueWidth <= kWidth, "results leave through the queries' place");
constexpr int kKeys = kWidth > 192 || kValueWidth > 128 ? 64 : 128;  // keys of a tile
constexpr unsigned kQBytes = kRows * kWidth * 2, kKBytes = kKeys * kWidth * 2,
                   kVBytes = kKeys * kValueWidth * 2;
constexpr int kStages = 2;
constexpr float kSlack = 8.f;
constexpr int kQStages = kWidth > 128 ? 1 : 2;  // as shared memory allows
constexpr int kLoaderRegisters = kWidth > 192 ? 56 : 72, kRegisters = kWidth > 192 ? 224 : 216;

// kKeys rows of a cache by 128 threads. token(r): the place in the cache of row r; -1 (not where
// they are whole): zeros.
template <int width, bool whole, class Token>
__device__ __forceinline__ void load_keys(unsigned to, const T* cache, int kv_head, Token token) {
  int c0 = threadIdx.x % 8, r0 = threadIdx.x % 128 / 8;
  const char* column = reinterpret_cast<const char*>(cache + kv_head * width + c0 * 8);
  to += swizzled(r0, c0);  // 16 rows on: 2048 bytes on
  int tokens[kKeys / 16];
#pragma unroll
  for (int i = 0; i < kKeys / 16; ++i) tokens[i] = token(r0 + 16 * i);
#pragma unroll
  for (int i = 0; i < kKeys / 16; ++i) {
    int at = tokens[i];
    const T* from =
        reinterpret_cast<const T*>(column + static_cast<unsigned>(whole ? at : max(at, 0)) *
                                                static_cast<size_t>(HKV * width * sizeof(T)));
#pragma unroll
    for (int c = 0; c < (width + 63) / 64; ++c)
      if (width % 64 == 0 || c * 64 + c0 * 8 < width) {
        if constexpr (whole)
          copy16_async(to + c * (kKeys * 128) + i * 2048, from + c * 64);
        else
          copy16_async(to + c * (kKeys * 128) + i * 2048, from + c * 64, at >= 0);
      }
  }
}

#ifndef BOX
#define BOX 0
#endif
#if BOX
static_assert(kKeys % BOX == 0 && (PAGE == 0 || PAGE % BOX == 0),
              "boxes fill a tile and do not leave a page");
constexpr int kBoxes = kKeys / BOX;
// The box of BOX keys from row `token` of a cache, `slabs` of 64 columns each; announced at `bar`.
template <int width>
__device__ __forceinline__ void load_box(unsigned to, const TensorMap& map, int kv_head, int token,
                                         unsigned bar) {
#pragma unroll
  for (int c = 0; c < (width + 63) / 64; ++c)
    tma_load(to + c * (kKeys * 128), map, kv_head * width + c * 64, token, bar);
}
#endif

// Rows and their keys, in tiles walked from the last one; tiles -1: no more work.
struct Work {
  Rows rows;
  int end, first_tile, tiles;
};

// taken: how many items the grid has taken beyond one a block; 0 at the start.
extern "C" __global__ void __launch_bounds__(384, 1) gqa_prefill(
#if BOX
    const __grid_constant__ TensorMap k_map, const __grid_constant__ TensorMap v_map,
#endif
    const T* __restrict__ q, const T* __restrict__ k_cache, const T* __restrict__ v_cache,
    const int* __restrict__ qo_indptr, const int* __restrict__ kv_indptr,
    const int* __restrict__ kv_indices, const int* __restrict__ last_page_len, float sm_scale,
    T* __restrict__ output, float* __restrict__ lse, int* __restrict__ taken, int batch,
    int items) {
  previous_done();
  extern __shared__ unsigned char shared_raw[];
  unsigned q_tiles = (shared_address(shared_raw) + 1023) & ~1023u;
  unsigned k_tiles = q_tiles + kQStages * kQBytes, v_tiles = k_tiles + kStages * kKBytes;
  __shared__ __align__(8) unsigned long long barriers[4 * kStages + 2 * kQStages];
  __shared__ Work works[kQStages];
  unsigned k_full = shared_address(barriers), k_empty = k_full + 8 * kStages,
           v_full = k_empty + 8 * kStages, v_empty = v_full + 8 * kStages,
           q_full = v_empty + 8 * kStages, q_empty = q_full + 8 * kQStages;
  if (threadIdx.x == 0) {
    for (int s = 0; s < kStages; ++s) {
      barrier_init(k_full + 8 * s, 128), barrier_init(k_empty + 8 * s, 2);
      barrier_init(v_full + 8 * s, 128), barrier_init(v_empty + 8 * s, 2);
    }
    for (int s = 0; s < kQStages; ++s)
      barrier_init(q_full + 8 * s, 128), barrier_init(q_empty + 8 * s, 8);
    barrier_init_done();
  }
  __syncthreads();
  int warpgroup = warpgroup_index(), thread = threadIdx.x % 128;

  if (warpgroup == 2) {
    registers_fewer<kLoaderRegisters>();
    __shared__ int next_item, tokens[PAGE > 0 ? 4 : 1][kKeys];
    // Each group of copies is announced one group later, when it has landed.
    unsigned announce = 0;
    auto landed = [&](unsigned bar) {
      copy_commit();
      if (announce) {
        copy_wait<1>();
        fence_async();
        barrier_arrive(announce);
      }
      announce = bar;
    };
    // Long blocks of rows come first: the last of a sequence sees the most keys.
    int item = blockIdx.x;
    auto ask = [&] {
      if (thread == 0) next_item = gridDim.x + (taken ? atomicAdd(taken, 1) : item);
    };
    auto answer = [&] {
      sync_threads(1, 128);
      item = next_item;
      sync_threads(1, 128);
    };
    Work work;
    auto find = [&] {
      Rows& rows = work.rows;
      for (;; ask(), answer()) {
        work.tiles = -1;
        if (item >= items * HKV) return;
        if (!rows.find(items - 1 - item / HKV, item % HKV, qo_indptr, kv_indptr, last_page_len,
                       batch))
          continue;
        work.end = rows.end(min(rows.row0 + kRows - 1, rows.nq * kRatio - 1));
        work.first_tile = rows.first(rows.row0) / kKeys;
        work.tiles = max(0, (work.end + kKeys - 1) / kKeys - work.first_tile);
        return;
      }
    };
    int done = 0;  // tiles of earlier work
    for (int turn = 0;; ++turn) {
      find();
      const Rows& rows = work.rows;
      int slot = turn % kQStages;
      unsigned q_tile = q_tiles + slot * kQBytes;
      if (turn >= kQStages) {
        landed(0);
        barrier_wait(q_empty + 8 * slot, (turn / kQStages - 1) & 1);
      }
      if (thread == 0) works[slot] = work;
      if (work.tiles < 0) {
        landed(0), landed(0);
        barrier_arrive(q_full + 8 * slot);
        break;
      }
      for (int i = thread; i < kRows * (D / 8); i += 128) {
        int r = i / (D / 8), c = i % (D / 8), row = rows.row0 + r;
        bool live = rows.live(row);
        copy16_async(q_tile + c / 8 * (kRows * 128) + swizzled(r, c % 8),
                     q + (live ? rows.at(row) * D + c * 8 : 0), live);
      }
      landed(q_full + 8 * slot);
      ask();
      // A thread looks up one key of a tile, a tile ahead.
      auto look_up = [&](int i) {
        int key = (work.first_tile + work.tiles - 1 - i) * kKeys + thread;
        return thread < kKeys && i < work.tiles && key < work.end
                   ? token_of(kv_indices, rows.page_begin, key)
                   : -1;
      };
      auto load = [&](auto width, unsigned to, const T* cache, int i) {
        int key0 = (work.first_tile + work.tiles - 1 - i) * kKeys;
        auto token = [&](int r) {
          return PAGE > 0              ? tokens[i % 4][r]
                 : key0 + r < work.end ? rows.page_begin + key0 + r
                                       : -1;
        };
        if (BOX == 0 && key0 + kKeys <= work.end)
          load_keys<width.value, true>(to, cache, rows.kv_head, token);
        else
          load_keys<width.value, false>(to, cache, rows.kv_head, token);
      };
#if BOX
      // All tiles but one that the sequence ends in come by TMA: the first warp loads them, a box a
      // lane.
      int copied = (work.first_tile + work.tiles) * kKeys > rows.nk ? 1 : 0, box = 0, last_box = 0;
      auto box_at = [&](int i) {
        return thread < kBoxes && i < work.tiles && i >= copied
                   ? token_of(kv_indices, rows.page_begin,
                              (work.first_tile + work.tiles - 1 - i) * kKeys + thread * BOX)
                   : 0;
      };
      auto boxes = [&](auto load, unsigned full, unsigned empty, unsigned bytes, int n) {
        int s = n % kStages;
        if (n >= kStages) barrier_wait(empty + 8 * s, (n / kStages - 1) & 1);
        if (thread == 0) barrier_expect(full + 8 * s, bytes);
        __syncwarp();
        if (thread < kBoxes) load(s, full + 8 * s);
        __syncwarp();
        if (thread == 0) barrier_arrive(full + 8 * s, 127);
      };
      int next_box = thread < 32 ? box_at(copied) : 0;
#else
      constexpr int copied = 1 << 30;
#endif
      int ahead = PAGE > 0 ? look_up(0) : 0;
      for (int i = 0; i <= work.tiles; ++i) {  // K of tile i, then V of the tile before
#if BOX
        if (i >= copied) {
          if (thread < 32 && i < work.tiles) {
            last_box = box, box = next_box, next_box = box_at(i + 1);
            boxes(
                [&](int s, unsigned bar) {
                  load_box<D>(k_tiles + s * kKBytes + thread * (BOX * 128), k_map, rows.kv_head,
                              box, bar);
                },
                k_full, k_empty, kKBytes, done + i);
          } else {
            last_box = box;
          }
          if (thread < 32 && i > copied)
            boxes(
                [&](int s, unsigned bar) {
                  load_box<DV>(v_tiles + s * kVBytes + thread * (BOX * 128), v_map, rows.kv_head,
                               last_box, bar);
                },
                v_full, v_empty, kVBytes, done + i - 1);
          if (i > copied) continue;
        }
#endif
        if (i < work.tiles && i < copied) {
          int n = done + i, s = n % kStages;
          if constexpr (PAGE > 0) {
            if (thread < kKeys) tokens[i % 4][thread] = ahead;
            ahead = look_up(i + 1);
            sync_threads(1, 128);
          }
          if (n >= kStages) barrier_wait(k_empty + 8 * s, (n / kStages - 1) & 1);
          load(Number<D>{}, k_tiles + s * kKBytes, k_cache, i);
          landed(k_full + 8 * s);
        }
        if (i > 0) {
          int n = done + i - 1, s = n % kStages;
          if (n >= kStages) barrier_wait(v_empty + 8 * s, (n / kStages - 1) & 1);
          load(Number<DV>{}, v_tiles + s * kVBytes, v_cache, i - 1);
          landed(v_full + 8 * s);
        }
        if (BOX && i == copied) landed(0);
      }
      if (!BOX && work.tiles == 0) landed(0);
      done += work.tiles;
      answer();
    }
  } else {
    registers_more<kRegisters>();
    int warp = thread / 32, lane = thread % 32, g = lane / 4, c = lane % 4;
    Rows rows;
    int first_tile = 0, tiles = 0, row[2], see_first[2], see_end[2], all_first = 0, all_end = 0;
    float out[kValueWidth / 2],
        s[kKeys / 2];  // columns behind DV hold what is left in shared memory; they are not written
    unsigned p[kKeys / 16][4];
    float base[2], sum[2], fade[2];  // base: what logits (times log2 e) are taken relative to
    bool rescale;
    Logit logit(sm_scale);

    int done = 0;
    unsigned q_tile = 0;
    auto qk = [&](int i) {
      unsigned long long a = tile_rows(q_tile + warpgroup * 64 * 128),
                         b = tile_rows(k_tiles + (done + i) % kStages * kKBytes);
#pragma unroll
      for (int k = 0; k < D / 16; ++k)
        wgmma<0>(s, advance(a, k / 4 * (kRows * 128) + k % 4 * 32),
                 advance(b, k / 4 * (kKeys * 128) + k % 4 * 32), k > 0);
      wgmma_commit();
    };
    auto softmax = [&](int i) {
      int key0 = (first_tile + tiles - 1 - i) * kKeys;
      if constexpr (kCapped)
#pragma unroll
        for (int e = 0; e < kKeys / 2; ++e) s[e] = logit(s[e]);
      if (key0 + kKeys > all_end || key0 < all_first) {
#pragma unroll
        for (int e = 0; e < kKeys / 2; ++e) {
          int key = key0 + e / 4 * 8 + 2 * c + e % 2, h = e / 2 % 2;
          if (key < see_first[h] || key >= see_end[h]) s[e] = negative_infinity();
        }
      }
      float most[4] = {s[0], s[1], s[2], s[3]},
            more[4] = {};  // two chains of dependent steps a row
#pragma unroll
      for (int e = 4; e < kKeys / 2; ++e) most[e % 4] = fmaxf(most[e % 4], s[e]);
      float top[2] = {fmaxf(most[0], most[1]), fmaxf(most[2], most[3])};
      float scale = kCapped ? 1.f : logit.scale;
      rescale = false;
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        top[h] = row_max(top[h]);
        // A larger logit moves the base only where powers of two would get out of hand (the first
        // one always does).
        fade[h] = 1.f;
        if (top[h] * scale > base[h] + kSlack) {
          fade[h] = exp2_fast(base[h] - top[h] * scale), base[h] = top[h] * scale, rescale = true;
          sum[h] *= fade[h];
        }
      }
#pragma unroll
      for (int e = 0; e < kKeys / 2; ++e) {
        s[e] = exp2_fast(s[e] * scale - base[e / 2 % 2]);
        more[e % 4] += s[e];
      }
      sum[0] += more[0] + more[1], sum[1] += more[2] + more[3];
    };
    auto pack = [&] {
#pragma unroll
      for (int k = 0; k < kKeys / 16; ++k)
#pragma unroll
        for (int i = 0; i < 4; ++i) p[k][i] = pack2(s[8 * k + 2 * i], s[8 * k + 2 * i + 1]);
    };
    auto pv = [&](int i) {
      unsigned long long b = tile_columns(v_tiles + (done + i) % kStages * kVBytes, kKeys * 128);
#pragma unroll
      for (int k = 0; k < kKeys / 16; ++k) wgmma_regs<1>(out, p[k], advance(b, k * 2048), 1);
      wgmma_commit();
    };
    // Products are issued by the warpgroups in turn; 4 + w: it is warpgroup w's.
    auto take_turn = [&] { sync_threads(4 + warpgroup, 256); };
    auto pass_turn = [&] { arrive_threads(5 - warpgroup, 256); };
    if (warpgroup == 1) pass_turn();
    for (int turn = 0;; ++turn) {
      int slot = turn % kQStages;
      q_tile = q_tiles + slot * kQBytes;
      barrier_wait(q_full + 8 * slot, turn / kQStages & 1);
      if (works[slot].tiles < 0) break;
      rows = works[slot].rows, first_tile = works[slot].first_tile, tiles = works[slot].tiles;
      // Tiles inside [all_first, all_end) are seen whole by every row of this warpgroup.
      int group_row = rows.row0 + warpgroup * 64;
      all_first = WINDOW >= 0 ? rows.first(min(group_row + 63, rows.nq * kRatio - 1)) : 0,
      all_end = rows.end(group_row);
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        row[h] = group_row + warp * 16 + g + 8 * h;
        see_first[h] = rows.first(row[h]), see_end[h] = rows.end(row[h]);
        base[h] = kNone, sum[h] = 0.f;
      }
#pragma unroll
      for (int i = 0; i < kValueWidth / 2; ++i) out[i] = 0.f;
      auto k_wait = [&](int i) {
        barrier_wait(k_full + 8 * ((done + i) % kStages), (done + i) / kStages & 1);
      };
      auto v_wait = [&](int i) {
        barrier_wait(v_full + 8 * ((done + i) % kStages), (done + i) / kStages & 1);
      };
      auto free_tile = [&](unsigned bar, int i) {
        if (thread == 0) barrier_arrive(bar + 8 * ((done + i) % kStages));
      };
      if (tiles > 0) {
        k_wait(0);
        wgmma_begin();
        qk(0);
        wgmma_wait<0>();
        free_tile(k_empty, 0);
        softmax(0);
        pack();
        for (int i = 0; i + 1 < tiles; ++i) {
          k_wait(i + 1);
          take_turn();
          wgmma_begin();
          qk(i + 1);
          v_wait(i);
          wgmma_begin();
          pv(i);
          pass_turn();
          wgmma_wait<1>();
          free_tile(k_empty, i + 1);
          softmax(i + 1);
          wgmma_wait_behind<0>(sum[0] + sum[1], q_tile);
          free_tile(v_empty, i);
          if (__any_sync(0xffffffffu, rescale))
#pragma unroll
            for (int e = 0; e < kValueWidth / 2; ++e) out[e] *= fade[e / 2 % 2];
          pack();
        }
        v_wait(tiles - 1);
        wgmma_begin();
        pv(tiles - 1);
        wgmma_wait<0>();
        free_tile(v_empty, tiles - 1);
      }
      done += tiles;
      // Results leave through the queries' place, each warp's through its sixteen rows.
      sync_threads(2 + warpgroup, 128);
      float inverse[2];
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        sum[h] = row_sum(sum[h]);
        bool any = sum[h] > 0.f;
        inverse[h] = any ? 1.f / sum[h] : 0.f;
        if (c == 0 && rows.live(row[h]))
          lse[rows.at(row[h])] = any ? base[h] + log2f(sum[h]) : negative_infinity();
      }
      int warp_row = warpgroup * 64 + warp * 16;
      auto place = [&](int r, int chunk) {
        return q_tile + chunk / 8 * (kRows * 128) + swizzled(warp_row + r, chunk % 8);
      };
#pragma unroll
      for (int j = 0; j < DV / 16; ++j) {
        const float* x = out + 8 * j;
        store_tiles(place(lane % 16, 2 * j + lane / 16),
                    pack2(x[0] * inverse[0], x[1] * inverse[0]),
                    pack2(x[2] * inverse[1], x[3] * inverse[1]),
                    pack2(x[4] * inverse[0], x[5] * inverse[0]),
                    pack2(x[6] * inverse[1], x[7] * inverse[1]));
      }
      __syncwarp();
#pragma unroll
      for (int i = 0; i < DV / 16; ++i) {
        int r = (i * 32 + lane) / (DV / 8), chunk = (i * 32 + lane) % (DV / 8);
        uint4 x = load_shared16(place(r, chunk));
        if (rows.live(rows.row0 + warp_row + r))
          *reinterpret_cast<uint4*>(output + rows.at(rows.row0 + warp_row + r) * DV + chunk * 8) =
              x;
      }
      __syncwarp();
      if (lane == 0) barrier_arrive(q_empty + 8 * slot);
    }
  }
}
#endif
#endif

#if KERNEL == 0 || (KERNEL == 3 && !PREFILL)
// A warp a (sequence, head) of more than one part.
extern "C" __global__ void __launch_bounds__(128)
    gqa_merge(const float* __restrict__ part_out, const float* __restrict__ part_lse,
              const int* __restrict__ first_item, const int* __restrict__ kv_indptr,
              const int* __restrict__ last_page_len, T* __restrict__ output,
              float* __restrict__ lse, int batch, int chunk) {
  previous_done();
  int at = blockIdx.x * 4 + threadIdx.x / 32, lane = threadIdx.x % 32;
  int sequence = at / HQ, head = at % HQ;
  if (sequence >= batch) return;
  int parts = parts_of(kv_indptr, last_page_len, sequence, chunk);
  if (parts == 1) return;
  size_t first = static_cast<size_t>(first_item[sequence]) * HQ + head;
  float top = kNone, whole = 0.f;
  for (int p = lane; p < parts; p += 32)
    top = fmaxf(top, part_lse[first + static_cast<size_t>(p) * HQ]);
  for (int step = 16; step > 0; step /= 2)
    top = fmaxf(top, __shfl_xor_sync(0xffffffffu, top, step));
  constexpr int kEach = (DV + 63) / 64;
  float2 x[kEach] = {};
#pragma unroll 4
  for (int p = 0; p < parts; ++p) {
    size_t from = first + static_cast<size_t>(p) * HQ;
    float factor = exp2f(part_lse[from] - top);
    whole += factor;
#pragma unroll
    for (int i = 0; i < kEach; ++i) {
      if (DV % 64 != 0 && i * 64 + lane * 2 >= DV) break;
      float2 v;
      if constexpr (DV % 2 == 0)
        v = *reinterpret_cast<const float2*>(part_out + from * DV + i * 64 + lane * 2);
      else
        v = load_odd(part_out + from * DV + i * 64 + lane * 2, i * 64 + lane * 2 + 1 < DV);
      x[i].x += factor * v.x, x[i].y += factor * v.y;
    }
  }
#pragma unroll
  for (int i = 0; i < kEach; ++i) {
    if (DV % 64 != 0 && i * 64 + lane * 2 >= DV) break;
    if constexpr (DV % 2 == 0)
      *reinterpret_cast<unsigned*>(output + static_cast<size_t>(at) * DV + i * 64 + lane * 2) =
          pack2(x[i].x / whole, x[i].y / whole);
    else
      store_odd(output + static_cast<size_t>(at) * DV + i * 64 + lane * 2,
                i * 64 + lane * 2 + 1 < DV, x[i].x / whole, x[i].y / whole);
  }
  if (lane == 0) lse[at] = top + log2f(whole);
}
#endif
