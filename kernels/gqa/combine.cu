// Combines the KV splits of decode.cu or any_head_dim.cu: WARPS_PER_HEAD warps a (sequence, head)
// of more than one split, each with every so manieth split, joined through shared memory.
//
// Grid: CTAs of four warps.
//
// Constants: NUM_QO_HEADS, HEAD_DIM_VO, PAGE_SIZE, HAS_LAST_PAGE_LEN, WINDOW_LEFT, SINKS,
// WARPS_PER_HEAD (1 or 4).
#include "../device/launch.cuh"
#include "kv_splits.cuh"
#include "odd_pairs.cuh"
using namespace kdex;

#if !SINKS
constexpr const void* sinks = nullptr;
#endif

constexpr int kEach = (HEAD_DIM_VO + 63) / 64;  // pairs of columns a lane holds
constexpr int kAtOnce = kEach > 2 ? 4 : 8;      // splits whose loads are in flight

// Adds up the warps' sums in the first one.
__device__ __forceinline__ void join_warps(float2 (&x)[kEach], float& whole) {
  __shared__ float2 sums[3][kEach][32];
  __shared__ float wholes[3];
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  if (warp > 0) {
#pragma unroll
    for (int i = 0; i < kEach; ++i) sums[warp - 1][i][lane] = x[i];
    if (lane == 0) wholes[warp - 1] = whole;
  }
  __syncthreads();
  if (warp > 0) return;
#pragma unroll
  for (int w = 0; w < 3; ++w) {
    whole += wholes[w];
#pragma unroll
    for (int i = 0; i < kEach; ++i) x[i].x += sums[w][i][lane].x, x[i].y += sums[w][i][lane].y;
  }
}

KDEX_KERNEL void __launch_bounds__(128)
    gqa_combine(const float* __restrict__ partial_out, const float* __restrict__ partial_lse,
                const int* __restrict__ first_item, const int* __restrict__ kv_indptr,
                const int* __restrict__ last_page_len,
#if SINKS
                const void* __restrict__ sinks,
#endif
                T* __restrict__ output, float* __restrict__ lse, int batch, int split_size) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  int at = (blockIdx.x * 4 + threadIdx.x / 32) / WARPS_PER_HEAD, lane = threadIdx.x % 32,
      part = threadIdx.x / 32 % WARPS_PER_HEAD;
  int sequence = at / NUM_QO_HEADS, head = at % NUM_QO_HEADS;
  if (sequence >= batch) return;
  int num_splits = num_kv_splits<PAGE_SIZE, HAS_LAST_PAGE_LEN, WINDOW_LEFT>(
      kv_indptr, last_page_len, sequence, split_size);
  if (num_splits == 1) return;
  size_t first = static_cast<size_t>(first_item[sequence]) * NUM_QO_HEADS + head;
  float tile_max = kMasked, whole = 0.f;
  for (int p = lane; p < num_splits; p += 32)
    tile_max = fmaxf(tile_max, partial_lse[first + static_cast<size_t>(p) * NUM_QO_HEADS]);
  for (int offset = 16; offset > 0; offset /= 2)
    tile_max = fmaxf(tile_max, __shfl_xor_sync(0xffffffffu, tile_max, offset));
  float2 x[kEach] = {};
  for (int p0 = part; p0 < num_splits; p0 += WARPS_PER_HEAD * kAtOnce) {
    float factors[kAtOnce];
    float2 v[kAtOnce][kEach];
#pragma unroll
    for (int j = 0; j < kAtOnce; ++j) {
      int p = p0 + j * WARPS_PER_HEAD;
      size_t from = first + static_cast<size_t>(min(p, num_splits - 1)) * NUM_QO_HEADS;
      factors[j] = p < num_splits ? partial_lse[from] : kMasked;
#pragma unroll
      for (int i = 0; i < kEach; ++i) {
        v[j][i] = make_float2(0.f, 0.f);
        if (HEAD_DIM_VO % 64 != 0 && i * 64 + lane * 2 >= HEAD_DIM_VO) break;
        const float* sums = partial_out + from * HEAD_DIM_VO + i * 64 + lane * 2;
        if constexpr (HEAD_DIM_VO % 2 == 0)
          v[j][i] = *reinterpret_cast<const float2*>(sums);
        else
          v[j][i] = load_odd(sums, i * 64 + lane * 2 + 1 < HEAD_DIM_VO);
      }
    }
#pragma unroll
    for (int j = 0; j < kAtOnce; ++j) {
      float factor = p0 + j * WARPS_PER_HEAD < num_splits ? exp2f(factors[j] - tile_max) : 0.f;
      whole += factor;
#pragma unroll
      for (int i = 0; i < kEach; ++i) x[i].x += factor * v[j][i].x, x[i].y += factor * v[j][i].y;
    }
  }
  if constexpr (WARPS_PER_HEAD > 1) {
    join_warps(x, whole);
    if (part > 0) return;
  }
  const float factor = join_sink<SINKS>(sinks, head, tile_max, whole);
#pragma unroll
  for (int i = 0; i < kEach; ++i) {
    if (HEAD_DIM_VO % 64 != 0 && i * 64 + lane * 2 >= HEAD_DIM_VO) break;
    x[i].x *= factor, x[i].y *= factor;
    if constexpr (HEAD_DIM_VO % 2 == 0)
      *reinterpret_cast<unsigned*>(output + static_cast<size_t>(at) * HEAD_DIM_VO + i * 64 +
                                   lane * 2) = pack2(x[i].x / whole, x[i].y / whole);
    else
      store_odd(output + static_cast<size_t>(at) * HEAD_DIM_VO + i * 64 + lane * 2,
                i * 64 + lane * 2 + 1 < HEAD_DIM_VO, x[i].x / whole, x[i].y / whole);
  }
  if (lane == 0) lse[at] = tile_max + log2f(whole);
}
