// output[row] = x * rsqrt(mean(x^2) + eps) * w in 16 bits, float32 inside, one rounding at the end.
// x is hidden_states, or with FUSED_ADD hidden_states + residual (unrounded); with GEMMA w is 1 +
// weight. A group of THREADS_PER_ROW threads holds one row in registers, so each input is read once
// and the output written once, kVector elements at a time.
//
// Grid: CTAs of kRows rows.
//
// Constants: HIDDEN_SIZE, EPS, FUSED_ADD, GEMMA, RESIDUAL_OUTPUT (x is an output too),
// THREADS_PER_ROW (a power of two up to 32, or a multiple of 32); FLOAT_WEIGHT, where weight is
// float32.
#include "../device/launch.cuh"
#include "../device/types.cuh"
using namespace kdex;

constexpr int kVector = kVectorOf<T, HIDDEN_SIZE>;
constexpr int kVectors = HIDDEN_SIZE / kVector;
using Vec = Vector<T, kVector>;
constexpr int kThreadsPerRow = THREADS_PER_ROW;  // threads on one row
constexpr int kVectorsPerThread =
    (kVectors + kThreadsPerRow - 1) / kThreadsPerRow;  // vectors a thread holds
constexpr int kThreads = kThreadsPerRow < 128 ? 128 : kThreadsPerRow;
constexpr int kRows = kThreads / kThreadsPerRow;

#ifdef FLOAT_WEIGHT
using Weight = float;
// As many elements as a Vec, in accesses of up to 16 bytes.
struct WeightVec {
  static constexpr int kPart = kVector < 4 ? kVector : 4, kParts = kVector / kPart;
  Vector<float, kPart> part[kParts];
  __device__ __forceinline__ void load(const float* from) {
#pragma unroll
    for (int i = 0; i < kParts; ++i) part[i].load(from + i * kPart);
  }
  __device__ __forceinline__ float value(int j) const { return part[j / kPart].at[j % kPart]; }
};
#else
using Weight = T;
struct WeightVec {
  Vec vec;
  __device__ __forceinline__ void load(const T* from) { vec.load(from); }
  __device__ __forceinline__ float value(int j) const { return to_float(vec.at[j]); }
};
#endif

KDEX_KERNEL void __launch_bounds__(kThreads)
    rmsnorm(const T* __restrict__ hidden, const T* __restrict__ residual,
            const Weight* __restrict__ weight, T* __restrict__ output,
#if RESIDUAL_OUTPUT
            T* __restrict__ residual_output,
#endif
            int rows) {
  int row = blockIdx.x * kRows + threadIdx.x / kThreadsPerRow;
  int lane = threadIdx.x % kThreadsPerRow;
  bool live = row < rows;
  size_t base = static_cast<size_t>(live ? row : 0) * HIDDEN_SIZE;
  // The weights are prefetched with the row, so that they are here when the sum is. In large groups
  // with several vectors a thread the registers that takes would keep a CTA off the SM.
  constexpr bool prefetch_weight = kThreadsPerRow <= 256 || kVectorsPerThread == 1;
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  float x[kVectorsPerThread][kVector];
  WeightVec prefetched[prefetch_weight ? kVectorsPerThread : 1];
  float sum = 0.f;
#pragma unroll
  for (int i = 0; i < kVectorsPerThread; ++i) {
    int v = lane + i * kThreadsPerRow;
    if (v >= kVectors || !live) continue;
    Vec a;
    a.load(hidden + base + v * kVector);
    if constexpr (prefetch_weight) prefetched[i].load(weight + v * kVector);
#if FUSED_ADD
    Vec b;
    b.load(residual + base + v * kVector);
#endif
#pragma unroll
    for (int j = 0; j < kVector; ++j) {
      x[i][j] = to_float(a.at[j]);
#if FUSED_ADD
      x[i][j] += to_float(b.at[j]);
#endif
      sum += x[i][j] * x[i][j];
    }
#if RESIDUAL_OUTPUT
    Vec r;
#pragma unroll
    for (int j = 0; j < kVector; ++j) r.at[j] = from_float(x[i][j]);
    *reinterpret_cast<Vec::Raw*>(residual_output + base + v * kVector) = r.raw;
#endif
  }
#pragma unroll
  for (int offset = (kThreadsPerRow < 32 ? kThreadsPerRow : 32) / 2; offset > 0; offset /= 2)
    sum += __shfl_xor_sync(0xffffffffu, sum, offset);
  if constexpr (kThreadsPerRow > 32) {
    __shared__ float part[kThreads / 32];
    part[threadIdx.x / 32] = sum;
    __syncthreads();
    constexpr int warps = kThreadsPerRow / 32;
    int first = threadIdx.x / kThreadsPerRow * warps;
    sum = 0.f;
#pragma unroll
    for (int w = 0; w < warps; ++w) sum += part[first + w];
  }
  float scale = rsqrtf(sum * (1.f / HIDDEN_SIZE) + static_cast<float>(EPS));
#pragma unroll
  for (int i = 0; i < kVectorsPerThread; ++i) {
    int v = lane + i * kThreadsPerRow;
    if (v >= kVectors || !live) continue;
    WeightVec w;
    Vec y;
    if constexpr (prefetch_weight)
      w = prefetched[i];
    else
      w.load(weight + v * kVector);
#pragma unroll
    for (int j = 0; j < kVector; ++j)
      y.at[j] = from_float(x[i][j] * scale * (w.value(j) + (GEMMA ? 1.f : 0.f)));
    *reinterpret_cast<Vec::Raw*>(output + base + v * kVector) = y.raw;
  }
}
