// Grouped-query attention with a causal mask (prefill), over a paged cache or ragged keys, by
// mma.sync, for every architecture; head_dim 64, 128, 192 or 256; 16-bit operands, lse in base 2 of
// scaled logits. A warp holds 16 packed rows (packed_rows.cuh) and walks the keys straight from
// global memory. A sum over head_dim may be taken in any order, so both operands permute it alike:
// a lane's K fragment is 16 contiguous bytes, and so is its V fragment; no shared memory is needed.
//
// Grid: (NUM_KV_HEADS, blocks of 64 rows).
//
// Constants: NUM_QO_HEADS, NUM_KV_HEADS, HEAD_DIM_QK, HEAD_DIM_VO, PAGE_SIZE (0: ragged),
// HAS_LAST_PAGE_LEN, WINDOW_LEFT, LOGIT_CAP, SINKS.
#include "../device/copy.cuh"
#include "../device/launch.cuh"
#include "../device/logits.cuh"
#include "../device/mma.cuh"
#include "packed_rows.cuh"
#include "sinks.cuh"
using namespace kdex;

#if HEAD_DIM_QK % 64 != 0 || HEAD_DIM_QK > 256 || HEAD_DIM_VO % 64 != 0 || HEAD_DIM_VO > 256
#error "gqa: head_dim must be 64, 128, 192 or 256"
#endif
constexpr float kCap = LOGIT_CAP;
constexpr bool kCapped = kCap > 0;
#if !SINKS
constexpr const void* sinks = nullptr;
#endif
constexpr int kRows = 64;
using Rows =
    PackedRows<kRows, NUM_QO_HEADS, NUM_KV_HEADS, PAGE_SIZE, HAS_LAST_PAGE_LEN, WINDOW_LEFT>;

// Over 100 lines: the main loop lives in registers that its prologue fills and its epilogue reads.
KDEX_KERNEL void __launch_bounds__(128)
    gqa_prefill(const T* __restrict__ q, const T* __restrict__ k_cache,
                const T* __restrict__ v_cache, const int* __restrict__ qo_indptr,
                const int* __restrict__ kv_indptr, const int* __restrict__ kv_indices,
                const int* __restrict__ last_page_len, float sm_scale,
#if SINKS
                const void* __restrict__ sinks,
#endif
                T* __restrict__ output, float* __restrict__ lse, int batch) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, c = lane % 4;
  Rows rows;
  if (!rows.find(gridDim.y - 1 - blockIdx.y, blockIdx.x, qo_indptr, kv_indptr, last_page_len,
                 batch))
    return;
  int row0 = rows.row0 + warp * 16;
  if (!rows.live(row0)) return;
  int row[2] = {row0 + g, row0 + g + 8};
  bool live[2] = {rows.live(row[0]), rows.live(row[1])};
  int last_row = min(row0 + 15, rows.nq * Rows::kGroupSize - 1);
  int begin = rows.first(row0), end = rows.end(last_row);
  int see_first[2] = {rows.first(row[0]), rows.first(row[1])},
      see_end[2] = {rows.end(row[0]), rows.end(row[1])};

  unsigned query[HEAD_DIM_QK / 16][4];
#pragma unroll
  for (int j = 0; j < HEAD_DIM_QK / 32; ++j) {
    Vec8 a, b;
    a.raw = live[0] ? load16(q + rows.at(row[0]) * HEAD_DIM_QK + j * 32 + c * 8)
                    : make_uint4(0, 0, 0, 0);
    b.raw = live[1] ? load16(q + rows.at(row[1]) * HEAD_DIM_QK + j * 32 + c * 8)
                    : make_uint4(0, 0, 0, 0);
#pragma unroll
    for (int s = 0; s < 2; ++s) {
      query[2 * j + s][0] = a.word[2 * s];
      query[2 * j + s][1] = b.word[2 * s];
      query[2 * j + s][2] = a.word[2 * s + 1];
      query[2 * j + s][3] = b.word[2 * s + 1];
    }
  }
  auto row_of = [&](int key) -> size_t {
    return static_cast<size_t>(kv_row<PAGE_SIZE>(kv_indices, rows.page_begin, min(key, end - 1))) *
               NUM_KV_HEADS +
           rows.kv_head;
  };
  float acc[HEAD_DIM_VO / 8][4] = {};
  float row_max[2] = {kMasked, kMasked}, row_sum[2] = {0.f, 0.f};
  LogitTransform<kCapped> logit(sm_scale, kCap);
  // Main loop.
  for (int key0 = begin; key0 < end; key0 += 16) {
    float s[2][4] = {};
    size_t k_row[2] = {row_of(key0 + g), row_of(key0 + 8 + g)};
    size_t v_row[4] = {row_of(key0 + 2 * c), row_of(key0 + 2 * c + 1), row_of(key0 + 2 * c + 8),
                       row_of(key0 + 2 * c + 9)};
    Vec8 k[2][HEAD_DIM_QK / 32];
#pragma unroll
    for (int j = 0; j < HEAD_DIM_QK / 32; ++j)
      for (int n = 0; n < 2; ++n)
        k[n][j].raw = load16(k_cache + k_row[n] * HEAD_DIM_QK + j * 32 + c * 8);
    Vec8 v[4];
#pragma unroll
    for (int t = 0; t < 4; ++t) v[t].raw = load16(v_cache + v_row[t] * HEAD_DIM_VO + g * 8);
#pragma unroll
    for (int j = 0; j < HEAD_DIM_QK / 32; ++j)
      for (int n = 0; n < 2; ++n) {
        mma(s[n], query[2 * j], k[n][j].word[0], k[n][j].word[1]);
        mma(s[n], query[2 * j + 1], k[n][j].word[2], k[n][j].word[3]);
      }
    float tile_max[2] = {row_max[0], row_max[1]}, scores_scale[2];
#pragma unroll
    for (int n = 0; n < 2; ++n)
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        int key = key0 + n * 8 + 2 * c + i % 2;
        s[n][i] = key >= see_first[i / 2] && key < see_end[i / 2] ? logit(s[n][i]) : kMasked;
        tile_max[i / 2] = fmaxf(tile_max[i / 2], s[n][i]);
      }
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      tile_max[h] = quad_max(tile_max[h]);
      scores_scale[h] = exp2f(row_max[h] - tile_max[h]);
      row_max[h] = tile_max[h];
      row_sum[h] *= scores_scale[h];
    }
#pragma unroll
    for (int n = 0; n < 2; ++n)
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        s[n][i] = s[n][i] > 0.5f * kMasked ? exp2f(s[n][i] - tile_max[i / 2]) : 0.f;
        row_sum[i / 2] += s[n][i];
      }
    unsigned p[4] = {pack2(s[0][0], s[0][1]), pack2(s[0][2], s[0][3]), pack2(s[1][0], s[1][1]),
                     pack2(s[1][2], s[1][3])};
#pragma unroll
    for (int j = 0; j < HEAD_DIM_VO / 64; ++j) {
      if (j > 0)
#pragma unroll
        for (int t = 0; t < 4; ++t)
          v[t].raw = load16(v_cache + v_row[t] * HEAD_DIM_VO + j * 64 + g * 8);
#pragma unroll
      for (int i = 0; i < 8; ++i) {
        float(&o)[4] = acc[j * 8 + i];
        o[0] *= scores_scale[0], o[1] *= scores_scale[0], o[2] *= scores_scale[1],
            o[3] *= scores_scale[1];
        unsigned pick = i % 2 ? 0x7632 : 0x5410;
        mma(o, p, __byte_perm(v[0].word[i / 2], v[1].word[i / 2], pick),
            __byte_perm(v[2].word[i / 2], v[3].word[i / 2], pick));
      }
    }
  }
  // Element (row g + 8h, d) of acc[j*8+i] is d = j*64 + (2c or 2c+1)*8 + i.
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    row_sum[h] = quad_sum(row_sum[h]);
    if (!live[h]) continue;
    float factor = join_sink<SINKS>(sinks, rows.head(row[h]), row_max[h], row_sum[h]);
    bool any = row_sum[h] > 0.f;
    float inverse = any ? factor / row_sum[h] : 0.f;
    if (c == 0) lse[rows.at(row[h])] = any ? row_max[h] + log2f(row_sum[h]) : negative_infinity();
#pragma unroll
    for (int j = 0; j < HEAD_DIM_VO / 64; ++j)
#pragma unroll
      for (int e = 0; e < 2; ++e) {
        Vec8 y;
#pragma unroll
        for (int i = 0; i < 8; ++i) y.at[i] = from_float(acc[j * 8 + i][2 * h + e] * inverse);
        *reinterpret_cast<uint4*>(output + rows.at(row[h]) * HEAD_DIM_VO + j * 64 +
                                  (2 * c + e) * 8) = y.raw;
      }
  }
}
