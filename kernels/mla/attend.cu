// Absorbed latent attention over a paged cache, decode and prefill, for every architecture, by
// mma.sync. A CTA holds 16 rows in registers and walks BLOCK_KV keys at a time through a ring that
// cp.async fills, so the latent is read once from memory and twice from shared memory. Eight warps:
// for the logits they share the keys (and, where BLOCK_KV is 32, the width); every warp takes the
// softmax of all; for the output they share the columns. The latent cache is read by all heads:
// HEAD_DIM_CKV columns are key and value, HEAD_DIM_KPE (rotary) key only. Output in 16 bits, lse in
// base 2 of scaled logits; an empty sequence gives 0 and -inf. A row is a (query token, head). A
// tile is slabs of 64 columns: the latent's, then the rotary part's with zeros behind HEAD_DIM_KPE.
// Decode cuts a sequence's keys into KV splits, which combine.cu joins. SCALED_CACHE: a key's
// latent has a factor for each of `groups` equal parts of its width, and there is one for all
// latents and one for all rotary parts. Up to 32 groups the logits' products are summed by 16 of
// the width, so that factors need no rounding; other groups are multiplied where they landed.
//
// Grid: (items, decode: blocks of 16 heads).
//
// Constants: NUM_QO_HEADS, HEAD_DIM_CKV, HEAD_DIM_KPE, PAGE_SIZE, HAS_LAST_PAGE_LEN, WINDOW_LEFT
// (keys that a query sees before its own; -1: all), LOGIT_CAP (0: none), PREFILL, BLOCK_KV,
// NUM_STAGES, SCALED_CACHE, KV_SCALES (factors of all keys and of all values).
#include "../device/copy.cuh"
#include "../device/launch.cuh"
#include "../device/mma.cuh"
#include "../device/softmax.cuh"
#include "latent_rows.cuh"
using namespace kdex;

#if HEAD_DIM_CKV % 64 != 0 || HEAD_DIM_CKV > 512 || HEAD_DIM_KPE % 16 != 0 || HEAD_DIM_KPE > 128
#error "mla: head_dim_ckv must be a multiple of 64 up to 512, head_dim_kpe of 16 up to 128"
#endif
constexpr float kCap = LOGIT_CAP;
constexpr bool kCapped = kCap > 0;
constexpr int kHeadDim = HEAD_DIM_CKV + HEAD_DIM_KPE, kSlabs = (kHeadDim + 63) / 64;
constexpr unsigned kTileBytes = BLOCK_KV * kSlabs * 128;
static_assert(BLOCK_KV == 64 || BLOCK_KV == 32, "a tile is 32 or 64 keys");
using Rows = LatentRows<16, NUM_QO_HEADS, PAGE_SIZE, HAS_LAST_PAGE_LEN, PREFILL, WINDOW_LEFT>;
using Logits = SharedLogits<BLOCK_KV>;
constexpr int kKeyWarps = Logits::kKeyWarps,
              kDimWarps = Logits::kDimWarps;  // warps on keys, warps on the width
constexpr int kPairs = (kHeadDim + 31) / 32;  // pairs of 16 columns
constexpr int kMyPairs = (kPairs + kDimWarps - 1) / kDimWarps;
constexpr int kWarpColumns =
    (HEAD_DIM_CKV + 127) / 128 *
    16;  // of the output, a warp's; the last warps' may be behind HEAD_DIM_CKV
#if SCALED_CACHE
constexpr int kSteps = HEAD_DIM_CKV / 16,
              kFactorPitch = kSteps + 1;  // most groups in a table of factors; floats of its row
#endif

// Over 100 lines: the main loop lives in registers that its prologue fills and its epilogue reads.
KDEX_KERNEL void __launch_bounds__(256, 1)
    mla_attend(const T* __restrict__ q_nope, const T* __restrict__ q_pe, const T* __restrict__ ckv,
               const T* __restrict__ kpe, const int* __restrict__ qo_indptr,
               const int* __restrict__ kv_indptr, const int* __restrict__ kv_indices,
               const int* __restrict__ last_page_len, float sm_scale,
               float* __restrict__ partial_out, float* __restrict__ partial_lse,
               T* __restrict__ output, float* __restrict__ lse, int batch, int split_size
#if KV_SCALES
               ,
               float k_scale, float v_scale
#endif
#if SCALED_CACHE
               ,
               const float* __restrict__ group_scales, int groups, float latent_scale,
               float rope_scale
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
  extern __shared__ __align__(128) unsigned char shared_raw[];
  unsigned ring = shared_address(shared_raw);
  float* logits = reinterpret_cast<float*>(
      shared_raw + NUM_STAGES * kTileBytes);  // [kDimWarps][16][Logits::kPitch]
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, c = lane % 4;
  Rows work;
  if (!work.find(PREFILL ? gridDim.x - 1 - blockIdx.x : blockIdx.x, blockIdx.y, qo_indptr,
                 kv_indptr, last_page_len, batch, split_size))
    return;
  int rows = work.rows, begin = work.begin, end = work.end;
  size_t first_row = work.first_row;
  int see_first[2] = {work.first(g), work.first(g + 8)};  // by this lane's two rows
  int see[2] = {work.sees(g), work.sees(g + 8)};
  int tiles = (end - begin + BLOCK_KV - 1) / BLOCK_KV;

  int my_key = threadIdx.x / 8, my_chunk = threadIdx.x % 8;
  int next_token[BLOCK_KV / 32],
      later_token[BLOCK_KV / 32];  // of the tile to be fetched next and of the one behind it
#if SCALED_CACHE
  float* factors =
      logits + kDimWarps * 16 * Logits::kPitch;  // [NUM_STAGES][BLOCK_KV][kFactorPitch]
  bool narrow = kSteps % groups != 0;
  int tabled = narrow || !group_scales ? 0 : groups;
  bool many = tabled && HEAD_DIM_CKV / tabled % kWarpColumns !=
                            0;  // a warp's columns are of more than one group
#endif
  auto find_tokens = [&](int(&to)[BLOCK_KV / 32], int t) {
#pragma unroll
    for (int i = 0; i < BLOCK_KV / 32; ++i)
      to[i] = work.token(kv_indices, max(0, min(begin + t * BLOCK_KV + my_key + 32 * i, end - 1)));
  };
  if (tiles > 0) find_tokens(next_token, 0), find_tokens(later_token, 1);
  auto produce = [&](int t) {
    if (t < tiles) {
      unsigned to = ring + t % NUM_STAGES * kTileBytes;
#pragma unroll
      for (int i = 0; i < BLOCK_KV / 32; ++i) {
        int key = my_key + 32 * i;
        bool live = begin + t * BLOCK_KV + key < end;
        const T* latent = ckv + static_cast<size_t>(next_token[i]) * HEAD_DIM_CKV + my_chunk * 8;
        const T* rope = kpe + static_cast<size_t>(next_token[i]) * HEAD_DIM_KPE + my_chunk * 8;
#pragma unroll
        for (int s = 0; s < kSlabs; ++s)
          if (s < HEAD_DIM_CKV / 64 || HEAD_DIM_KPE % 64 == 0 || s * 64 + my_chunk * 8 < kHeadDim)
            cp_async_16(
                to + s * (BLOCK_KV * 128) + swizzle_128b(key, my_chunk),
                s < HEAD_DIM_CKV / 64 ? latent + s * 64 : rope + (s - HEAD_DIM_CKV / 64) * 64,
                live);
          else
            cp_async_16(to + s * (BLOCK_KV * 128) + swizzle_128b(key, my_chunk), kpe, false);
#if SCALED_CACHE
        unsigned row = shared_address(factors + (t % NUM_STAGES * BLOCK_KV + key) * kFactorPitch);
        for (int f = my_chunk; f < tabled; f += 8)
          cp_async_4(row + f * 4, group_scales + static_cast<size_t>(next_token[i]) * groups + f);
#endif
      }
#pragma unroll
      for (int i = 0; i < BLOCK_KV / 32; ++i) next_token[i] = later_token[i];
      if (t + 2 < tiles) find_tokens(later_token, t + 2);
    }
    cp_async_commit();
  };
#pragma unroll
  for (int s = 0; s < NUM_STAGES - 1; ++s) produce(s);

  int group = warp % kKeyWarps, share = warp / kKeyWarps;
  unsigned query[kMyPairs * 2][4];
#pragma unroll
  for (int s = 0; s < kMyPairs * 2; ++s) {
    int k = (share * kMyPairs * 2 + s) * 16;
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      int row = g + i % 2 * 8, at = k + i / 2 * 8 + c * 2;
      const T* from = k < HEAD_DIM_CKV
                          ? q_nope + (first_row + row) * HEAD_DIM_CKV + at
                          : q_pe + (first_row + row) * HEAD_DIM_KPE + at - HEAD_DIM_CKV;
      query[s][i] = row < rows && k < kHeadDim ? *reinterpret_cast<const unsigned*>(from) : 0u;
    }
  }
  float acc[kWarpColumns / 8][4] = {};
  float row_max[2] = {kMasked, kMasked}, row_sum[2] = {0.f, 0.f};
#if KV_SCALES
  sm_scale *= k_scale;
#endif
  LogitTransform<kCapped> logit(sm_scale, kCap);
  // Main loop.
  for (int t = 0; t < tiles; ++t) {
    cp_async_wait<NUM_STAGES - 2>();
#if SCALED_CACHE
    if (narrow)
      for (int key = my_key; key < BLOCK_KV; key += 32) {
        int token = work.token(kv_indices, min(begin + t * BLOCK_KV + key, end - 1));
        for (int i = 0; i < HEAD_DIM_CKV / 8; ++i) {
          int column = i / 8 * 64 + my_chunk * 8 + i % 8;
          T& x =
              reinterpret_cast<T*>(shared_raw + t % NUM_STAGES * kTileBytes +
                                   i / 8 * (BLOCK_KV * 128) + swizzle_128b(key, my_chunk))[i % 8];
          x = from_float(
              to_float(x) *
              group_scales[static_cast<size_t>(token) * groups + column * groups / HEAD_DIM_CKV]);
        }
      }
#endif
    __syncthreads();
    produce(t + NUM_STAGES - 1);
#if SCALED_CACHE
    // The factor of 16 columns of a key of this tile, but for the one of all latents.
    auto factor = [&](int key, int step) {
      return tabled ? factors[(t % NUM_STAGES * BLOCK_KV + key) * kFactorPitch +
                              step * tabled / kSteps]
                    : 1.f;
    };
#endif
    unsigned tile = ring + t % NUM_STAGES * kTileBytes;
    float s[4][4] = {};  // four chains, so that a product need not wait for the one before
#pragma unroll
    for (int i = 0; i < kMyPairs; ++i) {
      int pair = share * kMyPairs + i;
      if (kPairs % kDimWarps == 0 || pair < kPairs) {
        unsigned b[4];
        ldmatrix_x4(b, tile + pair / 2 * (BLOCK_KV * 128) +
                           swizzle_128b(group * 8 + lane % 8, pair % 2 * 4 + lane / 8));
#if SCALED_CACHE
        float product[2][4] = {};
        mma(product[0], query[2 * i], b[0], b[1]);
        mma(product[1], query[2 * i + 1], b[2], b[3]);
#pragma unroll
        for (int n = 0; n < 2; ++n)
#pragma unroll
          for (int e = 0; e < 2; ++e) {
            int step = 2 * pair + n;
            float f =
                step < kSteps ? latent_scale * factor(group * 8 + 2 * c + e, step) : rope_scale;
            s[n][e] += f * product[n][e], s[n][2 + e] += f * product[n][2 + e];
          }
#else
        mma(s[2 * (i % 2)], query[2 * i], b[0], b[1]);
        mma(s[2 * (i % 2) + 1], query[2 * i + 1], b[2], b[3]);
#endif
      }
    }
    Logits::store(logits, s, group, share, g, c);
    __syncthreads();
    float p[BLOCK_KV / 8][4], tile_max[2] = {row_max[0], row_max[1]}, scores_scale[2];
    int key0 = begin + t * BLOCK_KV;
#pragma unroll
    for (int n = 0; n < BLOCK_KV / 8; ++n)
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        float2 x = Logits::load(logits, n, h, g, c);
        int key = key0 + n * 8 + 2 * c, limit = min(see[h], end);
        const bool hidden = WINDOW_LEFT >= 0 && key < see_first[h],
                   next_hidden = WINDOW_LEFT >= 0 && key + 1 < see_first[h];
        p[n][2 * h] = key < limit && !hidden ? logit(x.x) : kMasked;
        p[n][2 * h + 1] = key + 1 < limit && !next_hidden ? logit(x.y) : kMasked;
        tile_max[h] = fmaxf(tile_max[h], fmaxf(p[n][2 * h], p[n][2 * h + 1]));
      }
    softmax_step<true>(p, tile_max, row_max, row_sum, scores_scale);
    scale_rows(acc, scores_scale);
#pragma unroll
    for (int k = 0; k < BLOCK_KV / 16; ++k) {
      unsigned a[4];
      pack_probabilities(a, p, k);
#pragma unroll
      for (int j = 0; j < kWarpColumns / 16; ++j) {
        int column = warp * kWarpColumns + j * 16;
        if (HEAD_DIM_CKV % 128 != 0 && column >= HEAD_DIM_CKV) break;
#if SCALED_CACHE
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
        ldmatrix_x4_trans(b, tile + column / 64 * (BLOCK_KV * 128) +
                                 swizzle_128b(k * 16 + lane % 16, column % 64 / 8 + lane / 16));
        mma(acc[2 * j], a, b[0], b[1]);
        mma(acc[2 * j + 1], a, b[2], b[3]);
      }
    }
  }
  // Epilogue.
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    row_sum[h] = quad_sum(row_sum[h]);
    int row = g + 8 * h;
    if (row >= rows) continue;
    bool any = row_sum[h] > 0.f, is_only_split = work.num_splits == 1;
    float inverse = any ? 1.f / row_sum[h] : 0.f,
          l = any ? row_max[h] + log2f(row_sum[h]) : kMasked;
    size_t at = is_only_split ? first_row + row
                              : static_cast<size_t>(work.slot) * NUM_QO_HEADS + work.row0 + row;
#if SCALED_CACHE
    inverse *= latent_scale;
#endif
#if KV_SCALES
    inverse *= v_scale;
#endif
    if (warp == 0 && c == 0)
      (is_only_split ? lse : partial_lse)[at] = is_only_split && !any ? negative_infinity() : l;
#pragma unroll
    for (int j = 0; j < kWarpColumns / 8; ++j) {
      if (HEAD_DIM_CKV % 128 != 0 && warp * kWarpColumns + j * 8 >= HEAD_DIM_CKV) break;
      size_t to = at * HEAD_DIM_CKV + warp * kWarpColumns + j * 8 + 2 * c;
      float x = acc[j][2 * h] * inverse, y = acc[j][2 * h + 1] * inverse;
      if (is_only_split)
        *reinterpret_cast<unsigned*>(output + to) = pack2(x, y);
      else
        *reinterpret_cast<float2*>(partial_out + to) = make_float2(x, y);
    }
  }
}
