// act(gate) * up of the first expert product: on one value, on a swap-AB tile's accumulators, and
// its quantization to FP8. Must not know where results go.
#pragma once

#include "../device/barrier.cuh"
#include "../device/fp8.cuh"
#include "../device/types.cuh"

namespace kdex {

constexpr float kLargest = 65504.f;  // of float16

// kActivation 0: silu, 1: gelu, 2: gelu by tanh.
template <int kActivation>
__device__ __forceinline__ float activate(float gate) {
  if constexpr (kActivation == 1)
    return 0.5f * gate * (1.f + erff(gate * 0.7071067811865476f));
  else if constexpr (kActivation == 2)
    return 0.5f * gate *
           (1.f + tanhf(0.7978845608028654f * (gate + 0.044715f * gate * gate * gate)));
  else
    return __fdividef(gate, 1.f + __expf(-gate));
}

// Results of the first product are kept this much smaller, so that float16 holds what lies beyond
// its largest number until a token's are added up; moe_sum makes up for it. bfloat16 has the room.
constexpr float kShrink = KDEX_DTYPE == 0 ? 1.f / 16 : 1.f;

// kShrink * act(gate) * up of a row of experts. scale and gate_scale: with kWeightFormat 2 to 4 of
// the rows; alpha, beta, limit may be null.
template <int kWeightFormat, int kActivation>
struct Gate {
  float up_factor, gate_factor, steep, shift, most;
  bool given;
  __device__ Gate(int row, const float* scale, const float* gate_scale, const float* alpha,
                  const float* beta, const float* limit)
      : up_factor(kWeightFormat >= 2 ? scale[row] : 1.f),
        gate_factor(kWeightFormat >= 2 ? gate_scale[row] : 1.f),
        steep(alpha ? alpha[row] : 1.f),
        shift(beta ? beta[row] : 0.f),
        most(limit ? limit[row] : infinity()),
        given(alpha) {}
  __device__ float operator()(float up, float gate, float weight) const {
    up = fmaxf(fminf(up * (up_factor * weight), most), -most),
    gate = fminf(gate * (gate_factor * weight), most);
    float h =
        (given ? __fdividef(gate, 1.f + __expf(-steep * gate)) : activate<kActivation>(gate)) *
        (up + shift) * kShrink;
    if constexpr (KDEX_DTYPE == 0)  // an infinity times weights of both signs would be no number
      h = h > kLargest ? kLargest : h < -kLargest ? -kLargest : h;
    return h;
  }
};
// Of a tile, into sum[0]; zeros behind kIntermediateSize, which the largest magnitude of a
// quantized block must not see.
template <int kBlockM, int kIntermediateSize, class Gate, class Weight>
__device__ __forceinline__ void gate_up(float (&sum)[2][kBlockM / 2], const Gate& gate,
                                        Weight weight, int column) {
#pragma unroll
  for (int i = 0; i < kBlockM / 2; ++i) {
    sum[0][i] = gate(sum[0][i], sum[1][i], weight(i / 4 * 8 + threadIdx.x % 4 * 2 + i % 2));
    if (kIntermediateSize % 128 != 0 && column * 128 + static_cast<int>(threadIdx.x) / 32 * 16 +
                                                static_cast<int>(threadIdx.x) % 32 / 4 +
                                                i / 2 % 2 * 8 >=
                                            kIntermediateSize)
      sum[0][i] = 0.f;
  }
}
// The eight warps that multiply.
__device__ __forceinline__ void consumer_sync() { asm volatile("bar.sync 1, 256;" ::: "memory"); }
// The largest magnitude of each token over a tile's 128 rows, through largest [8][kBlockM] in
// shared memory; then put(row, token, value) of all, divided by scales that set_scale(token, scale)
// is told.
template <int kBlockM, class SetScale, class Put>
__device__ __forceinline__ void quantize(const float (&v)[kBlockM / 2], float* largest,
                                         SetScale set_scale, Put put) {
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, c = lane % 4;
#pragma unroll
  for (int j = 0; j < kBlockM / 8; ++j)
#pragma unroll
    for (int e = 0; e < 2; ++e) {
      float a = fmaxf(fabsf(v[4 * j + e]), fabsf(v[4 * j + 2 + e]));
      for (int offset = 4; offset < 32; offset *= 2)
        a = fmaxf(a, __shfl_xor_sync(0xffffffffu, a, offset));
      if (g == 0) largest[warp * kBlockM + 8 * j + 2 * c + e] = a;
    }
  consumer_sync();
#pragma unroll
  for (int j = 0; j < kBlockM / 8; ++j) {
    float2 a = make_float2(1e-30f, 1e-30f);
#pragma unroll
    for (int w = 0; w < 8; ++w) {
      float2 b = *reinterpret_cast<const float2*>(largest + w * kBlockM + 8 * j + 2 * c);
      a.x = fmaxf(a.x, b.x), a.y = fmaxf(a.y, b.y);
    }
#pragma unroll
    for (int e = 0; e < 2; ++e) {
      int n = 8 * j + 2 * c + e;
      float most = e ? a.y : a.x, inverse = 448.f / most;
      if (warp == 0 && g == 0) set_scale(n, most * (1.f / 448.f));
      put(warp * 16 + g, n, float_to_fp8(v[4 * j + e] * inverse));
      put(warp * 16 + g + 8, n, float_to_fp8(v[4 * j + 2 + e] * inverse));
    }
  }
}

}  // namespace kdex
