// Grouped-query attention, one query a sequence (decode), over a paged cache of e4m3, by mma.sync;
// head_dim of any 16 up to 256; queries of 16 bits or e4m3, output of 16 bits, lse in base 2 of
// scaled logits. Keys have one factor and values one. As decode.cu, with tiles of 32 keys (wide
// rows: 16) that stay e4m3 in shared memory and become 16 bits on their way into mma.sync's B
// operand (float16 where the queries are e4m3). A sum over head_dim and the columns of the output
// may be taken in any order, so a lane reads up to 16 neighbours of a row at once: of a key's 64
// columns lane c has 16 c to 16 c + 15, which are four products' share; of a value's 128 columns
// lane g has 16 g on, a column of each of 16 products.
//
// Grid: (items, NUM_KV_HEADS, blocks of 16 query heads).
//
// Constants: NUM_QO_HEADS, NUM_KV_HEADS, HEAD_DIM_QK, HEAD_DIM_VO, PAGE_SIZE, HAS_LAST_PAGE_LEN,
// WINDOW_LEFT, LOGIT_CAP, SINKS, FP8_QUERIES, NUM_WARPS, NUM_STAGES.
#include "../device/copy.cuh"
#include "../device/fp8_pairs.cuh"
#include "../device/launch.cuh"
#include "../device/work_item.cuh"
#include "kv_splits.cuh"
using namespace kdex;

#if HEAD_DIM_QK % 16 != 0 || HEAD_DIM_QK > 256 || HEAD_DIM_VO % 16 != 0 || HEAD_DIM_VO > 256
#error "gqa: head_dim must be a multiple of 16 up to 256"
#endif
constexpr int kGroupSize = NUM_QO_HEADS / NUM_KV_HEADS;
constexpr float kCap = LOGIT_CAP;
constexpr bool kCapped = kCap > 0;
#if !SINKS
constexpr const void* sinks = nullptr;
#endif
using Operand = Fp8Operand<FP8_QUERIES != 0>;
#if FP8_QUERIES
using Query = unsigned char;
#else
using Query = T;
#endif

constexpr int kNumWarps = NUM_WARPS,
              kBlockKv = HEAD_DIM_QK > 192 || HEAD_DIM_VO > 192 ? 16 : 32;  // as registers allow
constexpr int kSlabBytes = kBlockKv * 128;                                  // 128 columns of a tile
constexpr int kKBytes = (HEAD_DIM_QK + 127) / 128 * kSlabBytes,
              kTileBytes = kKBytes + (HEAD_DIM_VO + 127) / 128 * kSlabBytes;
constexpr int kPitch = HEAD_DIM_VO + 4;
using Results = WarpResults<kNumWarps, HEAD_DIM_VO, kPitch>;
static_assert(kNumWarps * 16 * kPitch * 4 + kNumWarps * 16 * 8 <=
                  kNumWarps * NUM_STAGES * kTileBytes,
              "the sums reuse the ring");

// Byte offset of 16 columns, number `chunk`, of a key's or value's row in a tile. Rows 2 i and 2 i
// + 1 have their chunks in different halves of the 128 bytes, which is where a warp reads them.
__device__ __forceinline__ unsigned place(int row, int chunk) {
  return chunk / 8 * kSlabBytes + row * 128 + ((chunk % 8 ^ (row & 1) << 2 ^ (row >> 1 & 3)) << 4);
}

// The first of a lane's four columns of 16 in step `step` of the products over head_dim.
__device__ __forceinline__ int query_column(int step, int c) {
  constexpr int kInBlocks = HEAD_DIM_QK / 64 * 4;  // steps of whole blocks of 64 columns
  return step < kInBlocks ? step / 4 * 64 + c * 16 + step % 4 * 4 : step * 16 + c * 4;
}

// Logits of 16 rows and 8 keys from key `row` on: products of the queries and a lane's key, g.
__device__ __forceinline__ void add_logits(float (&s)[4],
                                           const unsigned (&query)[HEAD_DIM_QK / 16][4],
                                           unsigned k_tile, int row, int c) {
#pragma unroll
  for (int b = 0; b < HEAD_DIM_QK / 64; ++b) {
    const uint4 x = ld_shared_16(k_tile + place(row, b * 4 + c));
    const unsigned words[4] = {x.x, x.y, x.z, x.w};
#pragma unroll
    for (int j = 0; j < 4; ++j)
      Operand::mma(s, query[b * 4 + j], Operand::pair<0, 1>(words[j], words[j]),
                   Operand::pair<2, 3>(words[j], words[j]));
  }
#pragma unroll
  for (int step = HEAD_DIM_QK / 64 * 4; step < HEAD_DIM_QK / 16; ++step) {
    const unsigned x = ld_shared_4(k_tile + place(row, step) + c * 4);
    Operand::mma(s, query[step], Operand::pair<0, 1>(x, x), Operand::pair<2, 3>(x, x));
  }
}

// kBytes neighbours of a row, in words.
template <int kBytes>
__device__ __forceinline__ void load_values(unsigned (&words)[(kBytes + 3) / 4], unsigned at) {
  if constexpr (kBytes == 16) {
    const uint4 x = ld_shared_16(at);
    words[0] = x.x, words[1] = x.y, words[2] = x.z, words[3] = x.w;
  } else if constexpr (kBytes == 8) {
    const uint2 x = ld_shared_8(at);
    words[0] = x.x, words[1] = x.y;
  } else if constexpr (kBytes == 4) {
    words[0] = ld_shared_4(at);
  } else {
    words[0] = ld_shared_2(at);
  }
}
// Column kI of a lane's neighbours, of the four values.
template <int kI, int kWords>
__device__ __forceinline__ void add_column(float (&acc)[4], const unsigned (&p)[4],
                                           const unsigned (&v)[4][kWords]) {
  constexpr int kWord = kI / 4, kByte = kI % 4;
  Operand::mma(acc, p, Operand::pair<kByte, kByte>(v[0][kWord], v[1][kWord]),
               Operand::pair<kByte, kByte>(v[2][kWord], v[3][kWord]));
}
template <int kI, int kBytes>
__device__ __forceinline__ void add_columns(float (*acc)[4], const unsigned (&p)[4],
                                            const unsigned (&v)[4][(kBytes + 3) / 4]) {
  if constexpr (kI < kBytes) {
    add_column<kI>(acc[kI], p, v);
    add_columns<kI + 1, kBytes>(acc, p, v);
  }
}
// Neighbours that a lane takes of a block of columns: the widest of 128, 64, 32 and 16 that fits.
template <int kColumnsLeft>
constexpr int kNeighbours = kColumnsLeft >= 128  ? 16
                            : kColumnsLeft >= 64 ? 8
                            : kColumnsLeft >= 32 ? 4
                                                 : 2;
// Output columns from kColumn on: the probabilities p of 16 keys from key `row` on times their
// values.
template <int kColumn>
__device__ __forceinline__ void add_values(float (&acc)[HEAD_DIM_VO / 8][4], const unsigned (&p)[4],
                                           unsigned v_tile, int row, int g, int c) {
  if constexpr (kColumn < HEAD_DIM_VO) {
    constexpr int kBytes = kNeighbours<HEAD_DIM_VO - kColumn>;
    unsigned v[4][(kBytes + 3) / 4];
#pragma unroll
    for (int i = 0; i < 4; ++i)
      load_values<kBytes>(
          v[i], v_tile + place(row + 2 * c + i % 2 + i / 2 * 8, kColumn / 16 + g * kBytes / 16) +
                    g * kBytes % 16);
    add_columns<0, kBytes>(acc + kColumn / 8, p, v);
    add_values<kColumn + kBytes * 8>(acc, p, v_tile, row, g, c);
  }
}
// A lane's sums of a row (g, or g + 8: h is 1) from column kColumn on, in the columns' order.
template <int kColumn>
__device__ __forceinline__ void store_sums(float* row, const float (&acc)[HEAD_DIM_VO / 8][4],
                                           int h, int c) {
  if constexpr (kColumn < HEAD_DIM_VO) {
    constexpr int kBytes = kNeighbours<HEAD_DIM_VO - kColumn>;
#pragma unroll
    for (int e = 0; e < 2 * kBytes; e += 2) {
      const int tile = kColumn / 8 + e % kBytes, i = 2 * h + e / kBytes;
      *reinterpret_cast<float2*>(row + kColumn + 2 * c * kBytes + e) =
          make_float2(acc[tile][i], acc[tile + 1][i]);
    }
    store_sums<kColumn + kBytes * 8>(row, acc, h, c);
  }
}

// Over 100 lines: the main loop lives in registers that its prologue fills and its epilogue reads.
KDEX_KERNEL void __launch_bounds__(32 * kNumWarps, 2)
    gqa_decode_fp8(const Query* __restrict__ q, const unsigned char* __restrict__ k_cache,
                   const unsigned char* __restrict__ v_cache, const int* __restrict__ kv_indptr,
                   const int* __restrict__ kv_indices, const int* __restrict__ last_page_len,
                   float sm_scale, float k_scale, float v_scale,
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
  int tiles = (end - begin - warp * kBlockKv + kBlockKv * kNumWarps - 1) / (kBlockKv * kNumWarps);
  unsigned ring = shared_address(shared_raw) + warp * NUM_STAGES * kTileBytes;

  auto first_of = [&](int t) { return begin + (t * kNumWarps + warp) * kBlockKv; };
  auto token_at = [&](int t) {  // a lane's key of tile t
    return kv_row<PAGE_SIZE>(kv_indices, page_begin,
                             max(0, min(first_of(t) + lane % kBlockKv, end - 1)));
  };
  int next_token = tiles > 0 ? token_at(0) : 0;
  auto fetch_rows = [&](auto width, unsigned to, const unsigned char* cache, int token, int live) {
    constexpr int kChunks = decltype(width)::value / 16;
#pragma unroll
    for (int i = 0; i < (kChunks * kBlockKv + 31) / 32; ++i) {
      int at = i * 32 + lane, key = at / kChunks, chunk = at % kChunks;
      size_t row =
          static_cast<size_t>(__shfl_sync(0xffffffffu, token, key)) * NUM_KV_HEADS + kv_head;
      if (kChunks * kBlockKv % 32 == 0 || key < kBlockKv)
        cp_async_16(to + place(key, chunk), cache + row * decltype(width)::value + chunk * 16,
                    key < live);
    }
  };
  auto fetch = [&](int t) {
    if (t < tiles) {
      int token = next_token, live = end - first_of(t);
      if (t + 1 < tiles) next_token = token_at(t + 1);
      unsigned to = ring + t % NUM_STAGES * kTileBytes;
      fetch_rows(Number<HEAD_DIM_QK>(), to, k_cache, token, live);
      fetch_rows(Number<HEAD_DIM_VO>(), to + kKBytes, v_cache, token, live);
    }
    cp_async_commit();
  };
#pragma unroll
  for (int s = 0; s < NUM_STAGES - 1; ++s) fetch(s);

  unsigned query[HEAD_DIM_QK / 16][4];
  const Query* q0 = q + (static_cast<size_t>(sequence) * NUM_QO_HEADS + head0) * HEAD_DIM_QK;
#pragma unroll
  for (int step = 0; step < HEAD_DIM_QK / 16; ++step)
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      int row = g + 8 * h;
      const Query* from = q0 + row * HEAD_DIM_QK + query_column(step, c);
#if FP8_QUERIES
      unsigned x = row < rows ? *reinterpret_cast<const unsigned*>(from) : 0u;
      query[step][h] = Operand::pair<0, 1>(x, x), query[step][2 + h] = Operand::pair<2, 3>(x, x);
#else
      uint2 x = row < rows ? *reinterpret_cast<const uint2*>(from) : make_uint2(0, 0);
      query[step][h] = x.x, query[step][2 + h] = x.y;
#endif
    }
  float acc[HEAD_DIM_VO / 8][4] = {};
  float row_max[2] = {kMasked, kMasked}, row_sum[2] = {0.f, 0.f};
  LogitTransform<kCapped> logit(sm_scale * k_scale, kCap);
  // Main loop.
  for (int t = 0; t < tiles; ++t) {
    cp_async_wait<NUM_STAGES - 2>();
    __syncwarp();
    fetch(t + NUM_STAGES - 1);
    unsigned k_tile = ring + t % NUM_STAGES * kTileBytes, v_tile = k_tile + kKBytes;
    float s[kBlockKv / 8][4] = {};
    float tile_max[2] = {row_max[0], row_max[1]}, scores_scale[2];
    int live = end - first_of(t);
#pragma unroll
    for (int n = 0; n < kBlockKv / 8; ++n) {
      add_logits(s[n], query, k_tile, n * 8 + g, c);
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        s[n][i] = n * 8 + 2 * c + i % 2 < live ? logit(s[n][i]) : kMasked;
        tile_max[i / 2] = fmaxf(tile_max[i / 2], s[n][i]);
      }
    }
    softmax_step<false>(s, tile_max, row_max, row_sum, scores_scale);
    scale_rows(acc, scores_scale);
#pragma unroll
    for (int k = 0; k < kBlockKv / 16; ++k) {
      const float(&lo)[4] = s[2 * k], (&hi)[4] = s[2 * k + 1];
      unsigned p[4] = {Operand::pack(lo[0], lo[1]), Operand::pack(lo[2], lo[3]),
                       Operand::pack(hi[0], hi[1]), Operand::pack(hi[2], hi[3])};
      add_values<0>(acc, p, v_tile, k * 16, g, c);
    }
  }
  // Epilogue: the warps' results through shared memory.
#pragma unroll
  for (int h = 0; h < 2; ++h) row_sum[h] = quad_sum(row_sum[h]);
  cp_async_wait<0>();
  __syncthreads();
  Results results(shared_raw);
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    int row = warp * 16 + g + 8 * h;
    if (g + 8 * h >= rows) continue;
    if (c == 0) results.stats[row] = make_float2(row_max[h], row_sum[h]);
    store_sums<0>(results.sums + row * kPitch, acc, h, c);
  }
  __syncthreads();
  results.write<SINKS>(rows, split.count == 1, head0,
                       static_cast<size_t>(sequence) * NUM_QO_HEADS + head0,
                       static_cast<size_t>(blockIdx.x) * NUM_QO_HEADS + head0, v_scale, sinks,
                       output, lse, partial_out, partial_lse);
}
