// Rotary position embedding: a block takes one token, its threads the elements of all heads. An
// element that does not turn is copied. Constants: QO_HEADS, KV_HEADS, HEAD_DIM, ROTARY_DIM, NEOX
// (1: an element turns with the one half a rotary width away, 0: with its neighbour).
#include "device/launch.cuh"
#include "device/types.cuh"
using namespace kdex;

constexpr int kHalf = ROTARY_DIM / 2;

// Element `i` of a head, turned.
__device__ __forceinline__ T turned(const T* head, const float* cosines, int i) {
  if (i >= ROTARY_DIM) return head[i];
  const int pair = NEOX ? i % kHalf : i / 2;
  const bool second = NEOX ? i >= kHalf : i % 2 == 1;
  const int other = NEOX ? (second ? i - kHalf : i + kHalf) : (second ? i - 1 : i + 1);
  const float c = cosines[pair], s = cosines[kHalf + pair];
  return from_float(to_float(head[i]) * c + (second ? s : -s) * to_float(head[other]));
}

KDEX_KERNEL void __launch_bounds__(256)
    rope(const T* __restrict__ q, const T* __restrict__ k, const float* __restrict__ cos_sin_cache,
         const long long* __restrict__ positions, T* __restrict__ q_out, T* __restrict__ k_out) {
  const long long token = blockIdx.x;
  const float* row = cos_sin_cache + positions[token] * ROTARY_DIM;
  __shared__ float cosines[ROTARY_DIM];
  for (int i = threadIdx.x; i < ROTARY_DIM; i += blockDim.x) cosines[i] = row[i];
  __syncthreads();
  const T* from = q + token * QO_HEADS * HEAD_DIM;
  T* to = q_out + token * QO_HEADS * HEAD_DIM;
  for (int i = threadIdx.x; i < QO_HEADS * HEAD_DIM; i += blockDim.x)
    to[i] = turned(from + i / HEAD_DIM * HEAD_DIM, cosines, i % HEAD_DIM);
  from = k + token * KV_HEADS * HEAD_DIM;
  to = k_out + token * KV_HEADS * HEAD_DIM;
  for (int i = threadIdx.x; i < KV_HEADS * HEAD_DIM; i += blockDim.x)
    to[i] = turned(from + i / HEAD_DIM * HEAD_DIM, cosines, i % HEAD_DIM);
}
