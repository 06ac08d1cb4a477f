// Combines the KV splits of attend.cu or attend_wgmma.cu: a CTA a (sequence, head) of more than one
// split, four columns a thread.
//
// Constants: NUM_QO_HEADS, HEAD_DIM_CKV, PAGE_SIZE, HAS_LAST_PAGE_LEN, WINDOW_LEFT.
#include "../device/launch.cuh"
#include "../device/softmax.cuh"
#include "latent_rows.cuh"
using namespace kdex;

constexpr int kThreads = (HEAD_DIM_CKV / 4 + 31) / 32 * 32;  // whole warps
constexpr int kPrefetched = 4;  // splits whose sums are prefetched at once, with their lse
KDEX_KERNEL void __launch_bounds__(kThreads)
    mla_combine(const float* __restrict__ partial_out, const float* __restrict__ partial_lse,
                const int* __restrict__ kv_indptr, const int* __restrict__ last_page_len,
                T* __restrict__ output, float* __restrict__ lse, int split_size) {
  int at = blockIdx.x, sequence = at / NUM_QO_HEADS, head = at % NUM_QO_HEADS;
  int splits = num_splits<PAGE_SIZE, HAS_LAST_PAGE_LEN, WINDOW_LEFT>(kv_indptr, last_page_len,
                                                                     sequence, split_size);
  size_t first =
      static_cast<size_t>(first_slot<PAGE_SIZE>(kv_indptr, sequence, split_size)) * NUM_QO_HEADS +
      head;
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  if (splits == 1) return;
  bool mine = HEAD_DIM_CKV / 4 == kThreads || threadIdx.x < HEAD_DIM_CKV / 4;
  auto sums = [&](int p) {
    return mine ? __ldcg(reinterpret_cast<const float4*>(
                      partial_out + (first + static_cast<size_t>(p) * NUM_QO_HEADS) * HEAD_DIM_CKV +
                      threadIdx.x * 4))
                : make_float4(0.f, 0.f, 0.f, 0.f);
  };
  auto lse_of = [&](int p) {
    return __ldcg(partial_lse + first + static_cast<size_t>(p) * NUM_QO_HEADS);
  };
  float4 prefetched[kPrefetched];
#pragma unroll
  for (int p = 0; p < kPrefetched; ++p)
    if (p < splits) prefetched[p] = sums(p);
  float tile_max = kMasked, whole = 0.f;
  for (int p = threadIdx.x % 32; p < splits; p += 32) tile_max = fmaxf(tile_max, lse_of(p));
  for (int offset = 16; offset > 0; offset /= 2)
    tile_max = fmaxf(tile_max, __shfl_xor_sync(0xffffffffu, tile_max, offset));
  float4 x = make_float4(0.f, 0.f, 0.f, 0.f);
  auto add = [&](int p, float4 v) {
    float factor = exp2f(lse_of(p) - tile_max);
    whole += factor;
    x.x += factor * v.x, x.y += factor * v.y, x.z += factor * v.z, x.w += factor * v.w;
  };
#pragma unroll
  for (int p = 0; p < kPrefetched; ++p)
    if (p < splits) add(p, prefetched[p]);
#pragma unroll 8
  for (int p = kPrefetched; p < splits; ++p) add(p, sums(p));
  if (mine)
    *reinterpret_cast<uint2*>(output + static_cast<size_t>(at) * HEAD_DIM_CKV + threadIdx.x * 4) =
        make_uint2(pack2(x.x / whole, x.y / whole), pack2(x.z / whole, x.w / whole));
  if (threadIdx.x == 0) lse[at] = tile_max + log2f(whole);
}
