// Grouped-query attention, one query a sequence (decode), over a paged cache, by mma.sync; head_dim
// of any 16 up to 256; 16-bit operands, lse in base 2 of scaled logits. A sequence's keys are cut
// into KV splits of split_size keys; a CTA takes a split of one kv head and up to 16 of its query
// heads, which are the rows of mma.sync. Its warps take tiles of 16 keys, each through a ring of
// its own that cp.async fills. A tile in shared memory is slabs of 64 columns, the last one in part
// unused. Sequences of one split are written to output and lse, others to partial_out [items,
// NUM_QO_HEADS, HEAD_DIM_VO] (normalized) and partial_lse (-1e30 where there was no key), which
// combine.cu joins. An empty sequence gives 0 and -inf.
//
// Grid: (items, NUM_KV_HEADS, blocks of 16 query heads).
//
// Constants: NUM_QO_HEADS, NUM_KV_HEADS, HEAD_DIM_QK, HEAD_DIM_VO, PAGE_SIZE, HAS_LAST_PAGE_LEN,
// WINDOW_LEFT (keys that a query sees before its own; -1: all), LOGIT_CAP (0: none), SINKS (0:
// none; see sinks.cuh), NUM_WARPS, NUM_STAGES.
#include "../device/copy.cuh"
#include "../device/launch.cuh"
#include "../device/mma.cuh"
#include "../device/work_item.cuh"
#include "kv_splits.cuh"
using namespace kdex;

#if HEAD_DIM_QK % 16 != 0 || HEAD_DIM_QK > 256 || HEAD_DIM_VO % 16 != 0 || HEAD_DIM_VO > 256
#error "gqa: head_dim must be a multiple of 16 up to 256"
#endif
#if NUM_QO_HEADS % NUM_KV_HEADS != 0
#error "gqa: num_qo_heads must be a multiple of num_kv_heads"
#endif
constexpr int kGroupSize = NUM_QO_HEADS / NUM_KV_HEADS;
constexpr int kPaddedDimQk = (HEAD_DIM_QK + 63) / 64 * 64,
              kPaddedDimVo = (HEAD_DIM_VO + 63) / 64 * 64;  // in shared memory
constexpr float kCap = LOGIT_CAP;
constexpr bool kCapped = kCap > 0;
#if !SINKS
constexpr const void* sinks = nullptr;
#endif
constexpr int kNumWarps = NUM_WARPS;
constexpr int kKBytes = 16 * kPaddedDimQk * 2, kTileBytes = kKBytes + 16 * kPaddedDimVo * 2;
constexpr int kPitch = HEAD_DIM_VO + 4;
using Results = WarpResults<kNumWarps, HEAD_DIM_VO, kPitch>;
static_assert(kNumWarps * 16 * kPitch * 4 + kNumWarps * 16 * 8 <=
                  kNumWarps * NUM_STAGES * kTileBytes,
              "the sums reuse the ring");

// Over 100 lines: the main loop lives in registers that its prologue fills and its epilogue reads.
KDEX_KERNEL void __launch_bounds__(32 * kNumWarps, 2)
    gqa_decode(const T* __restrict__ q, const T* __restrict__ k_cache,
               const T* __restrict__ v_cache, const int* __restrict__ kv_indptr,
               const int* __restrict__ kv_indices, const int* __restrict__ last_page_len,
               float sm_scale,
#if SINKS
               const void* __restrict__ sinks,
#endif
               float* __restrict__ partial_out, float* __restrict__ partial_lse,
               int* __restrict__ first_item, T* __restrict__ output, float* __restrict__ lse,
               int batch, int split_size) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  extern __shared__ __align__(128) unsigned char shared_raw[];
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, c = lane % 4;
  WorkItem split = find_work_item(blockIdx.x, batch, [&](int s) {
    return num_kv_splits<PAGE_SIZE, HAS_LAST_PAGE_LEN, WINDOW_LEFT>(kv_indptr, last_page_len, s,
                                                                    split_size);
  });
  if (split.sequence < 0) return;
  int sequence = split.sequence, kv_head = blockIdx.y,
      head0 = kv_head * kGroupSize + blockIdx.z * 16;
  int rows = min(16, kGroupSize - static_cast<int>(blockIdx.z) * 16);
  if (split.index == 0 && kv_head == 0 && blockIdx.z == 0 && threadIdx.x == 0)
    first_item[sequence] = split.first;
  int page_begin = kv_indptr[sequence],
      keys = kv_len<PAGE_SIZE, HAS_LAST_PAGE_LEN>(kv_indptr, last_page_len, sequence);
  int begin = first_key<WINDOW_LEFT>(keys) + split.index * split_size,
      end = min(keys, begin + split_size);
  int tiles = (end - begin - warp * 16 + 16 * kNumWarps - 1) / (16 * kNumWarps);
  unsigned ring = shared_address(shared_raw) + warp * NUM_STAGES * kTileBytes;

  auto token_at = [&](int t) {  // lanes 0 to 15: the tokens of tile t
    int key = begin + (t * kNumWarps + warp) * 16 + lane % 16;
    return kv_row<PAGE_SIZE>(kv_indices, page_begin, max(0, min(key, end - 1)));
  };
  int next_token = tiles > 0 ? token_at(0) : 0;
  auto fetch = [&](int t) {
    if (t < tiles) {
      int token = next_token;
      if (t + 1 < tiles) next_token = token_at(t + 1);
      int live = end - (begin + (t * kNumWarps + warp) * 16);
      unsigned to = ring + t % NUM_STAGES * kTileBytes;
#pragma unroll
      for (int i = 0; i < HEAD_DIM_QK / 16; ++i) {
        int at = i * 32 + lane, key = at / (HEAD_DIM_QK / 8), ch = at % (HEAD_DIM_QK / 8);
        size_t row =
            static_cast<size_t>(__shfl_sync(0xffffffffu, token, key)) * NUM_KV_HEADS + kv_head;
        cp_async_16(to + ch / 8 * 2048 + swizzle_128b(key, ch % 8),
                    k_cache + row * HEAD_DIM_QK + ch * 8, key < live);
      }
#pragma unroll
      for (int i = 0; i < HEAD_DIM_VO / 16; ++i) {
        int at = i * 32 + lane, key = at / (HEAD_DIM_VO / 8), ch = at % (HEAD_DIM_VO / 8);
        size_t row =
            static_cast<size_t>(__shfl_sync(0xffffffffu, token, key)) * NUM_KV_HEADS + kv_head;
        cp_async_16(to + kKBytes + ch / 8 * 2048 + swizzle_128b(key, ch % 8),
                    v_cache + row * HEAD_DIM_VO + ch * 8, key < live);
      }
    }
    cp_async_commit();
  };
#pragma unroll
  for (int s = 0; s < NUM_STAGES - 1; ++s) fetch(s);

  unsigned query[HEAD_DIM_QK / 16][4];
  const T* q0 = q + (static_cast<size_t>(sequence) * NUM_QO_HEADS + head0) * HEAD_DIM_QK;
#pragma unroll
  for (int s = 0; s < HEAD_DIM_QK / 16; ++s)
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      int row = g + i % 2 * 8;
      query[s][i] = row < rows ? *reinterpret_cast<const unsigned*>(q0 + row * HEAD_DIM_QK +
                                                                    s * 16 + i / 2 * 8 + c * 2)
                               : 0u;
    }
  float acc[HEAD_DIM_VO / 8][4] = {};
  float row_max[2] = {kMasked, kMasked}, row_sum[2] = {0.f, 0.f};
  LogitTransform<kCapped> logit(sm_scale, kCap);
  // Main loop.
  for (int t = 0; t < tiles; ++t) {
    cp_async_wait<NUM_STAGES - 2>();
    __syncwarp();
    fetch(t + NUM_STAGES - 1);
    unsigned k_tile = ring + t % NUM_STAGES * kTileBytes, v_tile = k_tile + kKBytes;
    float s[2][4] = {};
#pragma unroll
    for (int i = 0; i < HEAD_DIM_QK / 16; ++i) {
      unsigned b[4];
      ldmatrix_x4(b, k_tile + i / 4 * 2048 +
                         swizzle_128b(lane / 16 * 8 + lane % 8, i % 4 * 2 + lane / 8 % 2));
      mma(s[0], query[i], b[0], b[1]);
      mma(s[1], query[i], b[2], b[3]);
    }
    int live = end - (begin + (t * kNumWarps + warp) * 16);
    float tile_max[2] = {row_max[0], row_max[1]}, scores_scale[2];
#pragma unroll
    for (int n = 0; n < 2; ++n)
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        s[n][i] = n * 8 + 2 * c + i % 2 < live ? logit(s[n][i]) : kMasked;
        tile_max[i / 2] = fmaxf(tile_max[i / 2], s[n][i]);
      }
    softmax_step<false>(s, tile_max, row_max, row_sum, scores_scale);
    unsigned p[4] = {pack2(s[0][0], s[0][1]), pack2(s[0][2], s[0][3]), pack2(s[1][0], s[1][1]),
                     pack2(s[1][2], s[1][3])};
#pragma unroll
    for (int j = 0; j < HEAD_DIM_VO / 16; ++j) {
      unsigned b[4];
      ldmatrix_x4_trans(b, v_tile + j / 4 * 2048 + swizzle_128b(lane % 16, j % 4 * 2 + lane / 16));
#pragma unroll
      for (int i = 0; i < 2; ++i) {
        float(&o)[4] = acc[2 * j + i];
        o[0] *= scores_scale[0], o[1] *= scores_scale[0], o[2] *= scores_scale[1],
            o[3] *= scores_scale[1];
        mma(o, p, b[2 * i], b[2 * i + 1]);
      }
    }
  }
  // Epilogue: the warps' results through shared memory.
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    row_sum[h] = quad_sum(row_sum[h]);
  }
  cp_async_wait<0>();
  __syncthreads();
  Results results(shared_raw);
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    if (g + 8 * h >= rows) continue;
    if (c == 0) results.stats[warp * 16 + g + 8 * h] = make_float2(row_max[h], row_sum[h]);
#pragma unroll
    for (int i = 0; i < HEAD_DIM_VO / 8; ++i)
      *reinterpret_cast<float2*>(results.sums + (warp * 16 + g + 8 * h) * kPitch + i * 8 + 2 * c) =
          make_float2(acc[i][2 * h], acc[i][2 * h + 1]);
  }
  __syncthreads();
  results.write<SINKS>(rows, split.count == 1, head0,
                       static_cast<size_t>(sequence) * NUM_QO_HEADS + head0,
                       static_cast<size_t>(blockIdx.x) * NUM_QO_HEADS + head0, 1.f, sinks, output,
                       lse, partial_out, partial_lse);
}
