// output [tokens, HIDDEN_SIZE]: adds up a token's slots of y [slots, HIDDEN_SIZE], times their
// weights over kShrink. A CTA a token and 1024 columns. An infinite slot of float16 counts as its
// largest number: two of them may have different signs.
//
// Constants: NUM_SHARED_EXPERTS, TOP_K, HIDDEN_SIZE, WEIGHT_ON_INPUT.
#include "../device/copy.cuh"
#include "../device/launch.cuh"
#include "../device/types.cuh"
#include "activation.cuh"
using namespace kdex;

constexpr int kChoices = TOP_K + NUM_SHARED_EXPERTS;

KDEX_KERNEL void __launch_bounds__(128)
    moe_sum(const T* __restrict__ y, const int* __restrict__ slot, const float* __restrict__ weight,
            T* __restrict__ output) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  int d = (blockIdx.y * 128 + threadIdx.x) * 8;
  if (d >= HIDDEN_SIZE) return;
  float sum[8] = {};
#pragma unroll
  for (int k = 0; k < kChoices; ++k) {
    int from = slot[blockIdx.x * kChoices + k];
    if (from < 0) continue;
    float w = WEIGHT_ON_INPUT ? 1.f : weight[blockIdx.x * kChoices + k];
    Vec8 v;
    v.raw = load16(y + static_cast<size_t>(from) * HIDDEN_SIZE + d);
#pragma unroll
    for (int i = 0; i < 8; ++i) {
      float x = to_float(v.at[i]);
      if constexpr (KDEX_DTYPE == 0) x = x > kLargest ? kLargest : x < -kLargest ? -kLargest : x;
      sum[i] += w * x;
    }
  }
  Vec8 v;
#pragma unroll
  for (int i = 0; i < 8; ++i) v.at[i] = from_float(sum[i] * (1.f / kShrink));
  *reinterpret_cast<uint4*>(output + static_cast<size_t>(blockIdx.x) * HIDDEN_SIZE + d) = v.raw;
}
