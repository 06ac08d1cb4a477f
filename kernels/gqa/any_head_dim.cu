// Grouped-query attention of any head_dim up to 512, decode and prefill alike, for every
// architecture, by mma.sync; 16-bit operands, lse in base 2 of scaled logits. A CTA of eight warps
// holds 16 packed rows and walks BLOCK_KV keys at a time through a ring that cp.async fills (rows
// of no multiple of 8: ordinary loads). For the logits the warps share the keys and the width;
// every warp takes the softmax of all; for the output they share the columns. Decode: KV splits and
// partial results as in decode.cu. Prefill: one split.
//
// Grid: (items, NUM_KV_HEADS, decode: blocks of 16 query heads).
//
// Constants: NUM_QO_HEADS, NUM_KV_HEADS, HEAD_DIM_QK, HEAD_DIM_VO, PAGE_SIZE (0: ragged),
// HAS_LAST_PAGE_LEN, WINDOW_LEFT, LOGIT_CAP, SINKS, PREFILL, BLOCK_KV, NUM_STAGES.
#include "../device/copy.cuh"
#include "../device/launch.cuh"
#include "../device/mma.cuh"
#include "kv_splits.cuh"
#include "odd_pairs.cuh"
#include "packed_rows.cuh"
using namespace kdex;

#if HEAD_DIM_QK > 512 || HEAD_DIM_VO > 512
#error "gqa: head_dim must be at most 512"
#endif
constexpr int kGroupSize = NUM_QO_HEADS / NUM_KV_HEADS;
constexpr float kCap = LOGIT_CAP;
constexpr bool kCapped = kCap > 0;
#if !SINKS
constexpr const void* sinks = nullptr;
#endif
constexpr int kRows = 16;
using Rows =
    PackedRows<kRows, NUM_QO_HEADS, NUM_KV_HEADS, PAGE_SIZE, HAS_LAST_PAGE_LEN, WINDOW_LEFT>;
using Logits = SharedLogits<BLOCK_KV>;
constexpr int kKeyWarps = Logits::kKeyWarps,
              kDimWarps = Logits::kDimWarps;  // warps on keys, warps on the width
static_assert(BLOCK_KV == 16 || BLOCK_KV == 32 || BLOCK_KV == 64, "a tile is 16, 32 or 64 keys");
constexpr int kPairs =
    (HEAD_DIM_QK + 31) / 32;  // pairs of 16 columns; behind HEAD_DIM_QK there are zeros
constexpr int kMyPairs = (kPairs + kDimWarps - 1) / kDimWarps;
constexpr int kBlocks = (HEAD_DIM_VO + 15) / 16,
              kMyBlocks = (kBlocks + 7) / 8;  // of 16 columns of the output
constexpr unsigned kSlab = BLOCK_KV * 128;    // 64 columns of a tile
constexpr unsigned kKBytes = (HEAD_DIM_QK + 63) / 64 * kSlab,
                   kTileBytes = kKBytes + (HEAD_DIM_VO + 63) / 64 * kSlab;

// Columns `at` (even) and the next of a row that is aligned to an element only; zeros behind the
// width.
template <int width>
__device__ __forceinline__ unsigned load_pair(const T* row, int at) {
  if constexpr (width % 2 == 0)
    return at < width ? __ldg(reinterpret_cast<const unsigned*>(row + at)) : 0u;
  const unsigned short* x = reinterpret_cast<const unsigned short*>(row) + at;
  return (at < width ? __ldg(x) : 0u) | (at + 1 < width ? __ldg(x + 1) : 0u) << 16;
}
constexpr int kThreadsPerKey = 256 / BLOCK_KV;  // of a key
// A thread's share of its key's row; zeros behind the width.
template <int width>
__device__ __forceinline__ void produce_row(unsigned to, const T* row, bool live) {
  constexpr int kChunks = (width + 63) / 64 * 8;
  int key = threadIdx.x / kThreadsPerKey, c0 = threadIdx.x % kThreadsPerKey;
#pragma unroll
  for (int i = 0; i < (kChunks + kThreadsPerKey - 1) / kThreadsPerKey; ++i) {
    int chunk = i * kThreadsPerKey + c0;
    bool there = width % 64 == 0 || chunk * 8 < width;
    if (kChunks % kThreadsPerKey == 0 || chunk < kChunks) {
      unsigned place = to + chunk / 8 * kSlab + swizzle_128b(key, chunk % 8);
      if constexpr (width % 8 == 0) {
        cp_async_16(place, row + (there ? chunk * 8 : 0), live && there);
      } else {
        Vec8 x;
#pragma unroll
        for (int j = 0; j < 4; ++j)
          x.word[j] = live ? load_pair<width>(row, chunk * 8 + 2 * j) : 0u;
        st_shared_16(place, x.raw);
      }
    }
  }
}

// Decode: partials of items [item, NUM_QO_HEADS]; partial_out normalised, partial_lse -1e30 where
// there was no key. Prefill: one split.
// Over 100 lines: the main loop lives in registers that its prologue fills and its epilogue reads.
KDEX_KERNEL void __launch_bounds__(256, HEAD_DIM_QK > 256 || HEAD_DIM_VO > 256 ? 1 : 2)
    gqa_any_head_dim(const T* __restrict__ q, const T* __restrict__ k_cache,
                     const T* __restrict__ v_cache, const int* __restrict__ qo_indptr,
                     const int* __restrict__ kv_indptr, const int* __restrict__ kv_indices,
                     const int* __restrict__ last_page_len, float sm_scale,
#if SINKS
                     const void* __restrict__ sinks,
#endif
                     float* __restrict__ partial_out, float* __restrict__ partial_lse,
                     int* __restrict__ first_item, T* __restrict__ output, float* __restrict__ lse,
                     int batch, int split_size) {
  extern __shared__ __align__(128) unsigned char shared_raw[];
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  unsigned ring = shared_address(shared_raw);
  float* logits = reinterpret_cast<float*>(
      shared_raw + NUM_STAGES * kTileBytes);  // [kDimWarps][16][Logits::kPitch]
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, c = lane % 4;
#if PREFILL
  Rows work;
  if (!work.find(gridDim.x - 1 - blockIdx.x, blockIdx.y, qo_indptr, kv_indptr, last_page_len,
                 batch))
    return;
  int kv_head = work.kv_head, page_begin = work.page_begin,
      rows = min(16, work.nq * kGroupSize - work.row0);
  int begin = work.first(work.row0), end = work.end(work.row0 + rows - 1);
  int see_first[2] = {work.first(work.row0 + g),
                      work.first(work.row0 + g + 8)};  // keys that this lane's two rows see
  int see_end[2] = {work.end(work.row0 + g), work.end(work.row0 + g + 8)};
  constexpr bool is_only_split = true;
  auto row_at = [&](int row) { return work.at(work.row0 + row); };  // index in q, output and lse
  auto head_of = [&](int row) { return work.head(work.row0 + row); };
#else
  WorkItem split = find_work_item(blockIdx.x, batch, [&](int s) {
    return num_kv_splits<PAGE_SIZE, HAS_LAST_PAGE_LEN, WINDOW_LEFT>(kv_indptr, last_page_len, s,
                                                                    split_size);
  });
  if (split.sequence < 0) return;
  int kv_head = blockIdx.y, row0 = blockIdx.z * 16, rows = min(16, kGroupSize - row0);
  if (split.index == 0 && kv_head == 0 && row0 == 0 && threadIdx.x == 0)
    first_item[split.sequence] = split.first;
  int page_begin = kv_indptr[split.sequence],
      keys = kv_len<PAGE_SIZE, HAS_LAST_PAGE_LEN>(kv_indptr, last_page_len, split.sequence);
  int begin = first_key<WINDOW_LEFT>(keys) + split.index * split_size,
      end = min(keys, begin + split_size);
  int see_first[2] = {begin, begin}, see_end[2] = {end, end};
  bool is_only_split = split.count == 1;
  auto row_at = [&](int row) {
    return static_cast<size_t>(split.sequence) * NUM_QO_HEADS + kv_head * kGroupSize + row0 + row;
  };
  auto head_of = [&](int row) { return kv_head * kGroupSize + row0 + row; };
#endif
  int tiles = (end - begin + BLOCK_KV - 1) / BLOCK_KV;

  int my_key = threadIdx.x / kThreadsPerKey;
  auto row_of = [&](int t) {
    return kv_row<PAGE_SIZE>(kv_indices, page_begin, min(begin + t * BLOCK_KV + my_key, end - 1));
  };
  int next_token = tiles > 0 ? row_of(0) : 0;
  auto produce = [&](int t) {
    if (t < tiles) {
      size_t row = static_cast<size_t>(next_token) * NUM_KV_HEADS + kv_head;
      if (t + 1 < tiles) next_token = row_of(t + 1);
      bool live = begin + t * BLOCK_KV + my_key < end;
      unsigned to = ring + t % NUM_STAGES * kTileBytes;
      produce_row<HEAD_DIM_QK>(to, k_cache + row * HEAD_DIM_QK, live);
      produce_row<HEAD_DIM_VO>(to + kKBytes, v_cache + row * HEAD_DIM_VO, live);
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
      int row = g + i % 2 * 8;
      if constexpr (HEAD_DIM_QK % 16 == 0)
        query[s][i] = row < rows && k < HEAD_DIM_QK
                          ? *reinterpret_cast<const unsigned*>(q + row_at(row) * HEAD_DIM_QK + k +
                                                               i / 2 * 8 + c * 2)
                          : 0u;
      else
        query[s][i] = row < rows ? load_pair<HEAD_DIM_QK>(q + row_at(row) * HEAD_DIM_QK,
                                                          k + i / 2 * 8 + c * 2)
                                 : 0u;
    }
  }
  float acc[kMyBlocks * 2][4] = {};
  float row_max[2] = {kMasked, kMasked}, row_sum[2] = {0.f, 0.f};
  LogitTransform<kCapped> logit(sm_scale, kCap);
  // Main loop.
  for (int t = 0; t < tiles; ++t) {
    cp_async_wait<NUM_STAGES - 2>();
    __syncthreads();
    produce(t + NUM_STAGES - 1);
    unsigned k_tile = ring + t % NUM_STAGES * kTileBytes, v_tile = k_tile + kKBytes;
    float s[4][4] = {};  // four chains, so that a product need not wait for the one before
#pragma unroll
    for (int i = 0; i < kMyPairs; ++i) {
      int pair = share * kMyPairs + i;
      if (kPairs % kDimWarps == 0 || pair < kPairs) {
        unsigned b[4];
        ldmatrix_x4(b, k_tile + pair / 2 * kSlab +
                           swizzle_128b(group * 8 + lane % 8, pair % 2 * 4 + lane / 8));
        mma(s[2 * (i % 2)], query[2 * i], b[0], b[1]);
        mma(s[2 * (i % 2) + 1], query[2 * i + 1], b[2], b[3]);
      }
    }
    Logits::store(logits, s, group, share, g, c);
    __syncthreads();
    float p[BLOCK_KV / 8][4], tile_max[2] = {row_max[0], row_max[1]}, scores_scale[2];
#pragma unroll
    for (int n = 0; n < BLOCK_KV / 8; ++n)
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        float2 x = Logits::load(logits, n, h, g, c);
        int key = begin + t * BLOCK_KV + n * 8 + 2 * c;
        p[n][2 * h] = key >= see_first[h] && key < see_end[h] ? logit(x.x) : kMasked;
        p[n][2 * h + 1] = key + 1 >= see_first[h] && key + 1 < see_end[h] ? logit(x.y) : kMasked;
        tile_max[h] = fmaxf(tile_max[h], fmaxf(p[n][2 * h], p[n][2 * h + 1]));
      }
    softmax_step<true>(p, tile_max, row_max, row_sum, scores_scale);
    scale_rows(acc, scores_scale);
#pragma unroll
    for (int k = 0; k < BLOCK_KV / 16; ++k) {
      unsigned a[4];
      pack_probabilities(a, p, k);
#pragma unroll
      for (int j = 0; j < kMyBlocks; ++j) {
        int block = warp * kMyBlocks + j;
        if (kBlocks % 8 != 0 && block >= kBlocks) break;
        unsigned b[4];
        ldmatrix_x4_trans(b, v_tile + block / 4 * kSlab +
                                 swizzle_128b(k * 16 + lane % 16, block % 4 * 2 + lane / 16));
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
    float factor =
        is_only_split ? join_sink<SINKS>(sinks, head_of(row), row_max[h], row_sum[h]) : 1.f;
    bool any = row_sum[h] > 0.f;
    float inverse = any ? factor / row_sum[h] : 0.f,
          l = any ? row_max[h] + log2f(row_sum[h]) : kMasked;
    size_t at = row_at(row);
#if !PREFILL
    if (!is_only_split)
      at = static_cast<size_t>(blockIdx.x) * NUM_QO_HEADS + kv_head * kGroupSize + row0 + row;
#endif
    if (warp == 0 && c == 0)
      (is_only_split ? lse : partial_lse)[at] = is_only_split && !any ? negative_infinity() : l;
#pragma unroll
    for (int j = 0; j < kMyBlocks * 2; ++j) {
      int column = warp * kMyBlocks * 16 + j * 8 + 2 * c;
      if (HEAD_DIM_VO % 128 != 0 && column >= HEAD_DIM_VO) break;
      float x = acc[j][2 * h] * inverse, y = acc[j][2 * h + 1] * inverse;
      if constexpr (HEAD_DIM_VO % 2 != 0) {
        if (is_only_split)
          store_odd(output + at * HEAD_DIM_VO + column, column + 1 < HEAD_DIM_VO, x, y);
        else
          store_odd(partial_out + at * HEAD_DIM_VO + column, column + 1 < HEAD_DIM_VO, x, y);
      } else if (is_only_split) {
        *reinterpret_cast<unsigned*>(output + at * HEAD_DIM_VO + column) = pack2(x, y);
      } else {
        *reinterpret_cast<float2*>(partial_out + at * HEAD_DIM_VO + column) = make_float2(x, y);
      }
    }
  }
}
