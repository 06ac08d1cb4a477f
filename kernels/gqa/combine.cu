// Combines the KV splits of decode.cu or any_head_dim.cu: a warp a (sequence, head) of more than
// one split.
//
// Grid: CTAs of four of them.
//
// Constants: NUM_QO_HEADS, HEAD_DIM_VO, PAGE_SIZE, HAS_LAST_PAGE_LEN, WINDOW_LEFT, SINKS.
#include "../device/launch.cuh"
#include "kv_splits.cuh"
#include "odd_pairs.cuh"
using namespace kdex;

#if !SINKS
constexpr const void* sinks = nullptr;
#endif

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
  int at = blockIdx.x * 4 + threadIdx.x / 32, lane = threadIdx.x % 32;
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
  constexpr int kEach = (HEAD_DIM_VO + 63) / 64;
  float2 x[kEach] = {};
#pragma unroll 4
  for (int p = 0; p < num_splits; ++p) {
    size_t from = first + static_cast<size_t>(p) * NUM_QO_HEADS;
    float factor = exp2f(partial_lse[from] - tile_max);
    whole += factor;
#pragma unroll
    for (int i = 0; i < kEach; ++i) {
      if (HEAD_DIM_VO % 64 != 0 && i * 64 + lane * 2 >= HEAD_DIM_VO) break;
      float2 v;
      if constexpr (HEAD_DIM_VO % 2 == 0)
        v = *reinterpret_cast<const float2*>(partial_out + from * HEAD_DIM_VO + i * 64 + lane * 2);
      else
        v = load_odd(partial_out + from * HEAD_DIM_VO + i * 64 + lane * 2,
                     i * 64 + lane * 2 + 1 < HEAD_DIM_VO);
      x[i].x += factor * v.x, x[i].y += factor * v.y;
    }
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
