// Grouped-query attention with a causal mask (prefill) on sm_90a for head_dim 384 and 512, over a
// paged cache or ragged keys; 16-bit operands, lse in base 2 of scaled logits. 64 packed rows a
// CTA, 64 keys a tile. Two consumer warpgroups: for the logits they share the keys, for the output
// the columns; row maxima and probabilities cross through shared memory. The producer warpgroup
// loads by cp.async: the next tile's keys while this one's values are used, its values while its
// logits are computed.
//
// Grid: (blocks of rows, NUM_KV_HEADS).
//
// Constants: NUM_QO_HEADS, NUM_KV_HEADS, HEAD_DIM_QK, HEAD_DIM_VO, PAGE_SIZE (0: ragged),
// HAS_LAST_PAGE_LEN, WINDOW_LEFT, LOGIT_CAP, SINKS.
#include "../device/barrier.cuh"
#include "../device/copy.cuh"
#include "../device/launch.cuh"
#include "../device/logits.cuh"
#include "../device/tma.cuh"
#include "../device/wgmma.cuh"
#include "packed_rows.cuh"
#include "sinks.cuh"
using namespace kdex;

#if HEAD_DIM_QK % 128 != 0 || HEAD_DIM_QK > 512 || HEAD_DIM_VO % 128 != 0 || HEAD_DIM_VO > 512
#error "gqa: head_dim must be a multiple of 128 up to 512"
#endif
constexpr float kCap = LOGIT_CAP;
constexpr bool kCapped = kCap > 0;
#if !SINKS
constexpr const void* sinks = nullptr;
#endif
constexpr int kRows = 64;
using Rows =
    PackedRows<kRows, NUM_QO_HEADS, NUM_KV_HEADS, PAGE_SIZE, HAS_LAST_PAGE_LEN, WINDOW_LEFT>;
constexpr int kSlabs = HEAD_DIM_QK / 64;  // 64 columns each
constexpr int kSlabBytes = 64 * 128;      // of queries, keys, values or probabilities
// Slabs of the queries that stay in registers: wgmma reads A from shared memory once for every 32
// keys, more than its bandwidth gives.
constexpr int kRegisterSlabs = 3, kSharedSlabs = kSlabs - kRegisterSlabs;

// 64 rows of a cache by 128 threads, eight a row; tokens of rows r, r + 16, ...; zeros from row
// `live` on.
template <int width>
__device__ __forceinline__ void produce_tile(unsigned to, const T* cache, int kv_head,
                                             const int (&token)[4], int live) {
  int chunk = threadIdx.x % 8;
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    int r = threadIdx.x % 128 / 8 + 16 * i;
    const T* from =
        cache + (static_cast<size_t>(token[i]) * NUM_KV_HEADS + kv_head) * width + chunk * 8;
#pragma unroll
    for (int n = 0; n < width / 64; ++n)
      cp_async_16(to + n * kSlabBytes + swizzle_128b(r, chunk), from + n * 64, r < live);
  }
  cp_async_commit();
}

// Over 100 lines: producer and consumers are one kernel's roles over the same barriers and memory.
KDEX_KERNEL void __launch_bounds__(384, 1)
    gqa_prefill_wgmma_wide(const T* __restrict__ q, const T* __restrict__ k_cache,
                           const T* __restrict__ v_cache, const int* __restrict__ qo_indptr,
                           const int* __restrict__ kv_indptr, const int* __restrict__ kv_indices,
                           const int* __restrict__ last_page_len, float sm_scale,
#if SINKS
                           const void* __restrict__ sinks,
#endif
                           T* __restrict__ output, float* __restrict__ lse, int batch) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  // Shared memory.
  extern __shared__ unsigned char shared_raw[];
  __shared__ __align__(8) unsigned long long barriers[4];
  __shared__ float stats[2][64];  // of each warpgroup's keys
  unsigned q_tile = (shared_address(shared_raw) + 1023) & ~1023u,
           p_tile = q_tile + kSharedSlabs * kSlabBytes;
  unsigned k_tile = p_tile + kSlabBytes, v_tile = k_tile + kSlabs * kSlabBytes;
  unsigned k_full = shared_address(barriers), k_empty = k_full + 8, v_full = k_full + 16,
           v_empty = k_full + 24;
  int warpgroup = warpgroup_index(), thread = threadIdx.x % 128;
  Rows rows;  // long blocks of rows come first: the last of a sequence sees the most keys
  if (!rows.find(gridDim.x - 1 - blockIdx.x, blockIdx.y, qo_indptr, kv_indptr, last_page_len,
                 batch))
    return;
  int begin = rows.first(rows.row0),
      end = rows.end(min(rows.row0 + 63, rows.nq * Rows::kGroupSize - 1));
  int tiles = (end - begin + 63) / 64;
  // Barriers.
  if (threadIdx.x == 0) {
    mbarrier_init(k_full, 128), mbarrier_init(k_empty, 2);
    mbarrier_init(v_full, 128), mbarrier_init(v_empty, 2);
    fence_mbarrier_init();
  }
  __syncthreads();

  if (warpgroup == 2) {
    // Producer.
    setmaxnreg_dec<40>();
    int token[4];
    auto find_tokens = [&](int t) {
#pragma unroll
      for (int i = 0; i < 4; ++i)
        token[i] = kv_row<PAGE_SIZE>(kv_indices, rows.page_begin,
                                     min(begin + t * 64 + thread / 8 + 16 * i, end - 1));
    };
    auto arrive = [&](unsigned bar) {
      fence_proxy_async();
      mbarrier_arrive(bar);
    };
    if (tiles > 0) {
      find_tokens(0);
      produce_tile<HEAD_DIM_QK>(k_tile, k_cache, rows.kv_head, token, end - begin);
    }
    for (int t = 0; t < tiles; ++t) {
      if (t > 0) mbarrier_wait(v_empty, (t - 1) & 1);
      produce_tile<HEAD_DIM_VO>(v_tile, v_cache, rows.kv_head, token, end - begin - t * 64);
      if (t == 0) {
        cp_async_wait<1>();
        arrive(k_full);
      }
      if (t + 1 < tiles) {
        find_tokens(t + 1);
        mbarrier_wait(k_empty, t & 1);
        produce_tile<HEAD_DIM_QK>(k_tile, k_cache, rows.kv_head, token, end - begin - (t + 1) * 64);
        cp_async_wait<1>();
        arrive(v_full);
        cp_async_wait<0>();
        arrive(k_full);
      } else {
        cp_async_wait<0>();
        arrive(v_full);
      }
    }
  } else {
    // Consumers.
    setmaxnreg_inc<232>();
    int warp = thread / 32, lane = thread % 32, g = lane / 4, c = lane % 4;
    for (int i = threadIdx.x; i < 64 * kSharedSlabs * 8; i += 256) {
      int r = i / (kSharedSlabs * 8), chunk = i % (kSharedSlabs * 8), row = rows.row0 + r;
      bool live = rows.live(row);
      cp_async_16(q_tile + chunk / 8 * kSlabBytes + swizzle_128b(r, chunk % 8),
                  q + (live ? rows.at(row) * HEAD_DIM_QK + chunk * 8 : 0), live);
    }
    cp_async_commit();
    int row[2] = {warp * 16 + g, warp * 16 + g + 8};  // of the CTA's
    unsigned query[kRegisterSlabs * 4][4];
#pragma unroll
    for (int s = 0; s < kRegisterSlabs * 4; ++s)
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        int at = (kSharedSlabs * 4 + s) * 16 + i / 2 * 8 + c * 2, r = rows.row0 + row[i % 2];
        query[s][i] = rows.live(r)
                          ? *reinterpret_cast<const unsigned*>(q + rows.at(r) * HEAD_DIM_QK + at)
                          : 0u;
      }
    cp_async_wait<0>();
    fence_proxy_async();
    named_barrier_sync(1, 256);

    float out[HEAD_DIM_VO / 4];  // 64 rows x half of the columns
#pragma unroll
    for (int i = 0; i < HEAD_DIM_VO / 4; ++i) out[i] = 0.f;
    float base[2] = {kMasked, kMasked},
          row_sum[2] = {0.f, 0.f};  // base: what logits (times log2 e) are taken relative to
    int see_first[2] = {rows.first(rows.row0 + row[0]), rows.first(rows.row0 + row[1])};
    int see_end[2] = {rows.end(rows.row0 + row[0]), rows.end(rows.row0 + row[1])};
    // Tiles inside [all_first, all_end) are seen whole by every row.
    int all_first =
            WINDOW_LEFT >= 0 ? rows.first(min(rows.row0 + 63, rows.nq * Rows::kGroupSize - 1)) : 0,
        all_end = rows.end(rows.row0);
    LogitTransform<kCapped> logit(sm_scale, kCap);
    unsigned long long queries = k_major_descriptor(q_tile),
                       keys = k_major_descriptor(k_tile + warpgroup * 32 * 128),
                       probabilities = k_major_descriptor(p_tile),
                       values = mn_major_descriptor(
                           v_tile + warpgroup * (HEAD_DIM_VO / 128) * kSlabBytes, kSlabBytes);
    // Main loop.
    for (int t = 0; t < tiles; ++t) {
      int key0 = begin + t * 64;
      float s[16];
      mbarrier_wait(k_full, t & 1);
      wgmma_fence();
#pragma unroll
      for (int k = 0; k < kSharedSlabs * 4; ++k)
        wgmma<0>(s, advance_descriptor(queries, k / 4 * kSlabBytes + k % 4 * 32),
                 advance_descriptor(keys, k / 4 * kSlabBytes + k % 4 * 32), k > 0);
#pragma unroll
      for (int k = 0; k < kRegisterSlabs * 4; ++k)
        wgmma_regs<0>(s, query[k],
                      advance_descriptor(keys, (kSharedSlabs + k / 4) * kSlabBytes + k % 4 * 32),
                      1);
      wgmma_commit();
      wgmma_wait<0>();
      if (thread == 0) mbarrier_arrive(k_empty);
#pragma unroll
      for (int i = 0; i < 16; ++i) s[i] = logit(s[i]);
      if (key0 + 64 > all_end || key0 < all_first) {
#pragma unroll
        for (int i = 0; i < 16; ++i) {
          int key = key0 + warpgroup * 32 + i / 4 * 8 + 2 * c + i % 2, h = i / 2 % 2;
          if (key < see_first[h] || key >= see_end[h]) s[i] = negative_infinity();
        }
      }
      float tile_max[2] = {negative_infinity(), negative_infinity()}, scores_scale[2];
#pragma unroll
      for (int i = 0; i < 16; ++i) tile_max[i / 2 % 2] = fmaxf(tile_max[i / 2 % 2], s[i]);
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        tile_max[h] = quad_max(tile_max[h]);
        if (c == 0) stats[warpgroup][row[h]] = tile_max[h];
      }
      named_barrier_sync(1, 256);
      bool rescale = false;
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        tile_max[h] = fmaxf(tile_max[h], stats[1 - warpgroup][row[h]]);
        // A larger logit moves the base only where powers of two would get out of hand (the first
        // one always does).
        scores_scale[h] = 1.f;
        if (tile_max[h] > base[h] + kRescaleThreshold) {
          scores_scale[h] = exp2_approx(base[h] - tile_max[h]), base[h] = tile_max[h],
          rescale = true;
          row_sum[h] *= scores_scale[h];
        }
      }
#pragma unroll
      for (int i = 0; i < 16; ++i) {
        s[i] = exp2_approx(s[i] - base[i / 2 % 2]);
        row_sum[i / 2 % 2] += s[i];
      }
#pragma unroll
      for (int i = 0; i < 2; ++i) {
        const float* x = s + 8 * i;
        stmatrix_x4(p_tile + swizzle_128b(warp * 16 + lane % 16, warpgroup * 4 + 2 * i + lane / 16),
                    pack2(x[0], x[1]), pack2(x[2], x[3]), pack2(x[4], x[5]), pack2(x[6], x[7]));
      }
      fence_proxy_async();
      if (__any_sync(0xffffffffu, rescale))
#pragma unroll
        for (int i = 0; i < HEAD_DIM_VO / 4; ++i) out[i] *= scores_scale[i / 2 % 2];
      named_barrier_sync(1, 256);
      mbarrier_wait(v_full, t & 1);
      wgmma_fence();
#pragma unroll
      for (int k = 0; k < 4; ++k)
        wgmma<1>(out, advance_descriptor(probabilities, 32 * k),
                 advance_descriptor(values, 2048 * k), 1);
      wgmma_commit();
      wgmma_wait<0>();
      if (thread == 0) mbarrier_arrive(v_empty);
    }
    // Epilogue.
    named_barrier_sync(1, 256);
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      row_sum[h] = quad_sum(row_sum[h]);
      if (c == 0) stats[warpgroup][row[h]] = row_sum[h];
    }
    named_barrier_sync(1, 256);
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      float all = row_sum[h] + stats[1 - warpgroup][row[h]];
      if (!rows.live(rows.row0 + row[h])) continue;
      float factor = join_sink<SINKS>(sinks, rows.head(rows.row0 + row[h]), base[h], all);
      bool any = all > 0.f;
      float inverse = any ? factor / all : 0.f;
      size_t at = rows.at(rows.row0 + row[h]);
      if (warpgroup == 0 && c == 0) lse[at] = any ? base[h] + log2f(all) : negative_infinity();
#pragma unroll
      for (int j = 0; j < HEAD_DIM_VO / 16; ++j)
        *reinterpret_cast<unsigned*>(output + at * HEAD_DIM_VO + warpgroup * (HEAD_DIM_VO / 2) +
                                     j * 8 + 2 * c) =
            pack2(out[4 * j + 2 * h] * inverse, out[4 * j + 2 * h + 1] * inverse);
    }
  }
}
