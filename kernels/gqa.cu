// Grouped-query attention over a paged or ragged cache; output in 16 bits, lse in base 2 of scaled logits.
// One warp holds 16 packed rows (query token x heads of one kv head) in registers and walks 16 keys a turn
// straight from global memory. A sum over head_dim may be taken in any order, so both operands permute it
// alike: a lane's K fragment is 16 contiguous bytes, and so is its V fragment; no shared memory is needed.
// gqa_partial writes each split's output and log-sum, gqa_merge joins the splits.
// Decode is the case of one query a sequence; the causal mask is aligned at the end of the keys.
// Constants: HQ, HKV, D, PAGE (0: ragged k and v), PREFILL (qo_indptr given), LAST (kv_last_page_len given).
#include "kdex_device.cuh"
using namespace kdex;

#if D % 64 != 0 || D > 256
#error "gqa: head_dim must be 64, 128, 192 or 256"
#endif
#if HQ % HKV != 0
#error "gqa: num_qo_heads must be a multiple of num_kv_heads"
#endif
constexpr int kRatio = HQ / HKV;
constexpr int kWarps = 4;
#if PREFILL
constexpr int kRowsBlock = 16 * kWarps;  // warps take rows
#else
constexpr int kRowsBlock = 16;  // warps take keys
#endif
constexpr float kLog2e = 1.4426950408889634f;
constexpr float kNone = -1e30f;

// Partials: acc [splits, rows, D] normalised, lse2 [splits, rows] with rows = total_q * HQ; -1e30: no key.
extern "C" __global__ void __launch_bounds__(32 * kWarps)
    gqa_partial(const T* __restrict__ q, const T* __restrict__ k_cache, const T* __restrict__ v_cache,
                const int* __restrict__ qo_indptr, const int* __restrict__ kv_indptr,
                const int* __restrict__ kv_indices, const int* __restrict__ last_page_len, float sm_scale,
                float* __restrict__ part_out, float* __restrict__ part_lse, int total_q, int splits) {
  int sequence = blockIdx.y / HKV, kv_head = blockIdx.y % HKV, split = blockIdx.z;
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, c = lane % 4;
#if PREFILL
  int q_begin = qo_indptr[sequence], nq = qo_indptr[sequence + 1] - q_begin;
#else
  int q_begin = sequence, nq = 1;
#endif
  int row0 = blockIdx.x * kRowsBlock;
  if (row0 >= nq * kRatio) return;
  int page_begin = kv_indptr[sequence], pages = kv_indptr[sequence + 1] - page_begin;
#if PAGE > 1 && LAST
  int nk = pages > 0 ? (pages - 1) * PAGE + last_page_len[sequence] : 0;
#elif PAGE > 1
  int nk = pages * PAGE;
#else
  int nk = pages;
#endif
#if PREFILL
  row0 += warp * 16;
#endif
  int row[2] = {row0 + g, row0 + g + 8};
  bool live[2] = {row[0] < nq * kRatio, row[1] < nq * kRatio};
  // query index and visible keys of each of this lane's two rows
  size_t q_at[2];
  int visible[2];
  for (int i = 0; i < 2; ++i) {
    int token = live[i] ? row[i] / kRatio : 0, head = kv_head * kRatio + (live[i] ? row[i] % kRatio : 0);
    q_at[i] = static_cast<size_t>(q_begin + token) * HQ + head;
    visible[i] = !live[i] ? 0 : min(nk, token + 1 + nk - nq);
  }
  int last_token = min(nq - 1, (row0 + 15) / kRatio);
  int span = max(0, min(nk, last_token + 1 + nk - nq));
  int chunk = (span + splits - 1) / splits;
  chunk = (chunk + 63) / 64 * 64;
  int begin = split * chunk, end = min(span, begin + chunk);

  unsigned query[D / 16][4];
#pragma unroll
  for (int j = 0; j < D / 32; ++j) {
    Vec8 a, b;
    a.raw = live[0] ? load16(q + q_at[0] * D + j * 32 + c * 8) : make_uint4(0, 0, 0, 0);
    b.raw = live[1] ? load16(q + q_at[1] * D + j * 32 + c * 8) : make_uint4(0, 0, 0, 0);
#pragma unroll
    for (int s = 0; s < 2; ++s) {
      query[2 * j + s][0] = a.word[2 * s];
      query[2 * j + s][1] = b.word[2 * s];
      query[2 * j + s][2] = a.word[2 * s + 1];
      query[2 * j + s][3] = b.word[2 * s + 1];
    }
  }
  auto row_of = [&](int key) -> size_t {  // offset of a key's row in the cache, in elements
    key = min(key, end - 1);
#if PAGE > 1
    size_t at = static_cast<size_t>(kv_indices[page_begin + key / PAGE]) * PAGE + key % PAGE;
#elif PAGE == 1
    size_t at = kv_indices[page_begin + key];
#else
    size_t at = page_begin + key;
#endif
    return (at * HKV + kv_head) * D;
  };
  float acc[D / 8][4] = {};
  float best[2] = {kNone, kNone}, sum[2] = {0.f, 0.f};
  float scale = sm_scale * kLog2e;
#if PREFILL
  int first = begin, stride = 16;
#else
  int first = begin + warp * 16, stride = 16 * kWarps;
#endif
  for (int key0 = first; key0 < end; key0 += stride) {
    float s[2][4] = {};
    size_t k_row[2] = {row_of(key0 + g), row_of(key0 + 8 + g)};
    size_t v_row[4] = {row_of(key0 + 2 * c), row_of(key0 + 2 * c + 1), row_of(key0 + 2 * c + 8),
                       row_of(key0 + 2 * c + 9)};
    Vec8 k[2][D / 32];
#pragma unroll
    for (int j = 0; j < D / 32; ++j)
      for (int n = 0; n < 2; ++n) k[n][j].raw = load16(k_cache + k_row[n] + j * 32 + c * 8);
    Vec8 v[4];
#pragma unroll
    for (int t = 0; t < 4; ++t) v[t].raw = load16(v_cache + v_row[t] + g * 8);
#pragma unroll
    for (int j = 0; j < D / 32; ++j)
      for (int n = 0; n < 2; ++n) {
        mma(s[n], query[2 * j], k[n][j].word[0], k[n][j].word[1]);
        mma(s[n], query[2 * j + 1], k[n][j].word[2], k[n][j].word[3]);
      }
    float top[2] = {best[0], best[1]};
#pragma unroll
    for (int n = 0; n < 2; ++n)
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        int key = key0 + n * 8 + 2 * c + i % 2;
        s[n][i] = key < end && key < visible[i / 2] ? s[n][i] * scale : kNone;
        top[i / 2] = fmaxf(top[i / 2], s[n][i]);
      }
    float fade[2];
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      top[h] = fmaxf(top[h], __shfl_xor_sync(0xffffffffu, top[h], 1));
      top[h] = fmaxf(top[h], __shfl_xor_sync(0xffffffffu, top[h], 2));
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
    for (int j = 0; j < D / 64; ++j) {
      if (j > 0)
#pragma unroll
        for (int t = 0; t < 4; ++t) v[t].raw = load16(v_cache + v_row[t] + j * 64 + g * 8);
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
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    sum[h] += __shfl_xor_sync(0xffffffffu, sum[h], 1);
    sum[h] += __shfl_xor_sync(0xffffffffu, sum[h], 2);
  }
  // Element (row g + 8h, d) of acc[j*8+i] is d = j*64 + (2c or 2c+1)*8 + i.
#if !PREFILL
  __shared__ float all_best[kWarps][16], all_sum[kWarps][16], total[16][D];
  if (c == 0)
    for (int h = 0; h < 2; ++h) all_best[warp][g + 8 * h] = best[h], all_sum[warp][g + 8 * h] = sum[h];
  for (int i = threadIdx.x; i < 16 * D; i += 32 * kWarps) total[i / D][i % D] = 0.f;
  __syncthreads();
  for (int h = 0; h < 2; ++h) {
    float top = kNone, whole = 0.f;
    for (int w = 0; w < kWarps; ++w) top = fmaxf(top, all_best[w][g + 8 * h]);
    for (int w = 0; w < kWarps; ++w) whole += all_sum[w][g + 8 * h] * exp2f(all_best[w][g + 8 * h] - top);
    float factor = exp2f(best[h] - top);
#pragma unroll
    for (int i = 0; i < D / 8; ++i) acc[i][2 * h] *= factor, acc[i][2 * h + 1] *= factor;
    best[h] = top;
    sum[h] = whole;
  }
  for (int w = 0; w < kWarps; ++w) {
    if (w == warp)
#pragma unroll
      for (int i = 0; i < D / 8; ++i)
#pragma unroll
        for (int e = 0; e < 4; ++e)
          total[g + 8 * (e / 2)][i / 8 * 64 + (2 * c + e % 2) * 8 + i % 8] += acc[i][e];
    __syncthreads();
  }
  if (warp != 0) return;
#endif
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    if (!live[h]) continue;
    size_t out = static_cast<size_t>(split) * total_q * HQ + q_at[h];
    bool any = sum[h] > 0.f;
    float inverse = any ? 1.f / sum[h] : 0.f;
    if (c == 0) part_lse[out] = any ? best[h] + log2f(sum[h]) : kNone;
#pragma unroll
    for (int i = 0; i < D / 8; ++i)
#pragma unroll
      for (int e = 0; e < 2; ++e) {
        int d = i / 8 * 64 + (2 * c + e) * 8 + i % 8;
#if PREFILL
        part_out[out * D + d] = acc[i][2 * h + e] * inverse;
#else
        part_out[out * D + d] = total[g + 8 * h][d] * inverse;
#endif
      }
  }
}

// One block a (query, head); output 0 and lse -inf where no key was visible.
extern "C" __global__ void __launch_bounds__(64)
    gqa_merge(const float* __restrict__ part_out, const float* __restrict__ part_lse, T* __restrict__ output,
              float* __restrict__ lse, int rows, int splits) {
  size_t row = blockIdx.x;
  float top = kNone;
  for (int s = 0; s < splits; ++s) top = fmaxf(top, part_lse[static_cast<size_t>(s) * rows + row]);
  float sum = 0.f;
  if (top > 0.5f * kNone)
    for (int s = 0; s < splits; ++s) sum += exp2f(part_lse[static_cast<size_t>(s) * rows + row] - top);
  for (int d = threadIdx.x; d < D; d += 64) {
    float x = 0.f;
    if (sum > 0.f)
      for (int s = 0; s < splits; ++s) {
        size_t at = static_cast<size_t>(s) * rows + row;
        x += exp2f(part_lse[at] - top) * part_out[at * D + d];
      }
    output[row * D + d] = from_float(sum > 0.f ? x / sum : 0.f);
  }
  if (threadIdx.x == 0) lse[row] = sum > 0.f ? top + log2f(sum) : __int_as_float(0xff800000);
}
