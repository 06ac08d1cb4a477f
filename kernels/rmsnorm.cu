// output[row] = x * rsqrt(mean(x^2) + eps) * w, float32 inside, one rounding at the end.
// x is hidden_states, or with FUSED hidden_states + residual (unrounded); with GEMMA w is 1 + weight.
// A group of GROUP threads holds one row in registers, so each input is read once and the output written
// once. Constants: HIDDEN, EPS, FUSED, GEMMA, RESIDUAL (the sum is an output too), GROUP: a power of two up to 32, or
// a multiple of 32.
#include "kdex_device.cuh"
using namespace kdex;

#ifndef RESIDUAL
#define RESIDUAL 0
#endif
#ifndef GROUP
#define GROUP 256
#endif
#if HIDDEN % 8 != 0
#error "rmsnorm: hidden_size must be a multiple of 8 (16-byte accesses)"
#endif
constexpr int kVectors = HIDDEN / 8;
constexpr int kGroup = GROUP;                              // threads on one row
constexpr int kEach = (kVectors + kGroup - 1) / kGroup;    // vectors a thread holds
constexpr int kThreads = kGroup < 128 ? 128 : kGroup;
constexpr int kRows = kThreads / kGroup;

extern "C" __global__ void __launch_bounds__(kThreads)
    rmsnorm(const T* __restrict__ hidden, const T* __restrict__ residual, const T* __restrict__ weight,
            T* __restrict__ output,
#if RESIDUAL
            T* __restrict__ residual_output,
#endif
            int rows) {
  int row = blockIdx.x * kRows + threadIdx.x / kGroup;
  int lane = threadIdx.x % kGroup;
  bool live = row < rows;
  size_t base = static_cast<size_t>(live ? row : 0) * HIDDEN;
  // The weights are asked for with the row, so that they are here when the sum is; in large groups with several
  // vectors a thread the registers that takes would keep a block from the multiprocessor.
  constexpr bool early = kGroup <= 256 || kEach == 1;
  previous_done();
  float x[kEach][8];
  uint4 w_raw[early ? kEach : 1];
  float sum = 0.f;
#pragma unroll
  for (int i = 0; i < kEach; ++i) {
    int v = lane + i * kGroup;
    if (v >= kVectors || !live) continue;
    Vec8 a;
    a.raw = load16(hidden + base + v * 8);
    if constexpr (early) w_raw[i] = load16(weight + v * 8);
#if FUSED
    Vec8 b;
    b.raw = load16(residual + base + v * 8);
#endif
#pragma unroll
    for (int j = 0; j < 8; ++j) {
      x[i][j] = to_float(a.at[j]);
#if FUSED
      x[i][j] += to_float(b.at[j]);
#endif
      sum += x[i][j] * x[i][j];
    }
#if RESIDUAL
    Vec8 r;
#pragma unroll
    for (int j = 0; j < 8; ++j) r.at[j] = from_float(x[i][j]);
    *reinterpret_cast<uint4*>(residual_output + base + v * 8) = r.raw;
#endif
  }
#pragma unroll
  for (int step = (kGroup < 32 ? kGroup : 32) / 2; step > 0; step /= 2)
    sum += __shfl_xor_sync(0xffffffffu, sum, step);
  if constexpr (kGroup > 32) {
    __shared__ float part[kThreads / 32];
    part[threadIdx.x / 32] = sum;
    __syncthreads();
    constexpr int warps = kGroup / 32;
    int first = threadIdx.x / kGroup * warps;
    sum = 0.f;
#pragma unroll
    for (int w = 0; w < warps; ++w) sum += part[first + w];
  }
  float scale = rsqrtf(sum * (1.f / HIDDEN) + static_cast<float>(EPS));
#pragma unroll
  for (int i = 0; i < kEach; ++i) {
    int v = lane + i * kGroup;
    if (v >= kVectors || !live) continue;
    Vec8 w, y;
    if constexpr (early)
      w.raw = w_raw[i];
    else
      w.raw = load16(weight + v * 8);
#pragma unroll
    for (int j = 0; j < 8; ++j) y.at[j] = from_float(x[i][j] * scale * (to_float(w.at[j]) + (GEMMA ? 1.f : 0.f)));
    *reinterpret_cast<uint4*>(output + base + v * 8) = y.raw;
  }
}
