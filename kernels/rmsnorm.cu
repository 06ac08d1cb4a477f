// output[row] = x * rsqrt(mean(x^2) + eps) * w, float32 inside, one rounding at the end.
// x is hidden_states, or with FUSED hidden_states + residual (unrounded); with GEMMA w is 1 +
// weight. A group of GROUP threads holds one row in registers, so each input is read once and the
// output written once, kWide elements at a time. Constants: HIDDEN, EPS, FUSED, GEMMA, RESIDUAL
// (the sum is an output too), GROUP: a power of two up to 32, or a multiple of 32.
#include "kdex_device.cuh"
using namespace kdex;

#ifndef RESIDUAL
#define RESIDUAL 0
#endif
#ifndef GROUP
#define GROUP 256
#endif
constexpr int kWide = HIDDEN % 8 == 0   ? 8
                      : HIDDEN % 4 == 0 ? 4
                      : HIDDEN % 2 == 0 ? 2
                                        : 1;  // as rows are aligned
constexpr int kVectors = HIDDEN / kWide;
// kWide elements, moved as one access.
template <int bytes>
struct Bits;
template <>
struct Bits<16> {
  using Type = uint4;
};
template <>
struct Bits<8> {
  using Type = uint2;
};
template <>
struct Bits<4> {
  using Type = unsigned;
};
template <>
struct Bits<2> {
  using Type = unsigned short;
};
using Raw = Bits<kWide * 2>::Type;
union Vec {
  Raw raw;
  T at[kWide];
  __device__ Vec() {}
};
__device__ __forceinline__ Raw load(const T* p) { return __ldg(reinterpret_cast<const Raw*>(p)); }
constexpr int kGroup = GROUP;                            // threads on one row
constexpr int kEach = (kVectors + kGroup - 1) / kGroup;  // vectors a thread holds
constexpr int kThreads = kGroup < 128 ? 128 : kGroup;
constexpr int kRows = kThreads / kGroup;

extern "C" __global__ void __launch_bounds__(kThreads)
    rmsnorm(const T* __restrict__ hidden, const T* __restrict__ residual,
            const T* __restrict__ weight, T* __restrict__ output,
#if RESIDUAL
            T* __restrict__ residual_output,
#endif
            int rows) {
  int row = blockIdx.x * kRows + threadIdx.x / kGroup;
  int lane = threadIdx.x % kGroup;
  bool live = row < rows;
  size_t base = static_cast<size_t>(live ? row : 0) * HIDDEN;
  // The weights are asked for with the row, so that they are here when the sum is; in large groups
  // with several vectors a thread the registers that takes would keep a block from the
  // multiprocessor.
  constexpr bool early = kGroup <= 256 || kEach == 1;
  previous_done();
  float x[kEach][kWide];
  Raw w_raw[early ? kEach : 1];
  float sum = 0.f;
#pragma unroll
  for (int i = 0; i < kEach; ++i) {
    int v = lane + i * kGroup;
    if (v >= kVectors || !live) continue;
    Vec a;
    a.raw = load(hidden + base + v * kWide);
    if constexpr (early) w_raw[i] = load(weight + v * kWide);
#if FUSED
    Vec b;
    b.raw = load(residual + base + v * kWide);
#endif
#pragma unroll
    for (int j = 0; j < kWide; ++j) {
      x[i][j] = to_float(a.at[j]);
#if FUSED
      x[i][j] += to_float(b.at[j]);
#endif
      sum += x[i][j] * x[i][j];
    }
#if RESIDUAL
    Vec r;
#pragma unroll
    for (int j = 0; j < kWide; ++j) r.at[j] = from_float(x[i][j]);
    *reinterpret_cast<Raw*>(residual_output + base + v * kWide) = r.raw;
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
    Vec w, y;
    if constexpr (early)
      w.raw = w_raw[i];
    else
      w.raw = load(weight + v * kWide);
#pragma unroll
    for (int j = 0; j < kWide; ++j)
      y.at[j] = from_float(x[i][j] * scale * (to_float(w.at[j]) + (GEMMA ? 1.f : 0.f)));
    *reinterpret_cast<Raw*>(output + base + v * kWide) = y.raw;
  }
}
