// Queries and keys turned by a row of a table of cosines and sines, 16 bits, float32 inside. A CTA
// takes one token: its threads the pairs of all heads, a vector of them at a time; elements that do
// not turn are copied.
//
// Grid: tokens.
//
// Constants: HEAD_SIZE, ROTARY_DIM, IS_NEOX (1: an element turns with the one half a rotary width
// away, 0: with its neighbour), THREADS.
#include "../device/launch.cuh"
#include "../device/types.cuh"
using namespace kdex;

constexpr int kHalf = ROTARY_DIM / 2;
// Elements of one access: whole vectors lie in each half, in the rest of a head, and in a head.
constexpr int kVector =
    IS_NEOX ? (kVectorOf<T, HEAD_SIZE> < kVectorOf<T, kHalf> ? kVectorOf<T, HEAD_SIZE>
                                                             : kVectorOf<T, kHalf>)
            : (kVectorOf<T, HEAD_SIZE> < kVectorOf<T, ROTARY_DIM> ? kVectorOf<T, HEAD_SIZE>
                                                                  : kVectorOf<T, ROTARY_DIM>);
static_assert(IS_NEOX || kVector >= 2, "a vector holds whole pairs of neighbours");
using Vec = Vector<T, kVector>;
// Vectors of a head that a thread starts at: the first half's (its other half goes with it) or all
// that turn, then those that do not.
constexpr int kTurning = (IS_NEOX ? kHalf : ROTARY_DIM) / kVector;
constexpr int kItems = kTurning + (HEAD_SIZE - ROTARY_DIM) / kVector;

__device__ __forceinline__ void store(T* to, const Vec& v) {
  *reinterpret_cast<Vec::Raw*>(to) = v.raw;
}

// Item `i` of a head.
__device__ __forceinline__ void turn(const T* from, T* to, const float* cosines, int i) {
  const float* sines = cosines + kHalf;
  Vec x;
  if (i >= kTurning) {
    const int at = ROTARY_DIM + (i - kTurning) * kVector;
    x.load(from + at);
    store(to + at, x);
    return;
  }
  const int at = i * kVector;
  x.load(from + at);
  Vec a;
  if constexpr (IS_NEOX) {
    Vec y, b;
    y.load(from + kHalf + at);
#pragma unroll
    for (int j = 0; j < kVector; ++j) {
      const float c = cosines[at + j], s = sines[at + j];
      a.at[j] = from_float(to_float(x.at[j]) * c - to_float(y.at[j]) * s);
      b.at[j] = from_float(to_float(x.at[j]) * s + to_float(y.at[j]) * c);
    }
    store(to + kHalf + at, b);
  } else {
#pragma unroll
    for (int j = 0; j + 1 < kVector; j += 2) {
      const float c = cosines[(at + j) / 2], s = sines[(at + j) / 2];
      a.at[j] = from_float(to_float(x.at[j]) * c - to_float(x.at[j + 1]) * s);
      a.at[j + 1] = from_float(to_float(x.at[j]) * s + to_float(x.at[j + 1]) * c);
    }
  }
  store(to + at, a);
}

KDEX_KERNEL void __launch_bounds__(THREADS)
    rope_with_cos_sin_cache(const T* __restrict__ q, const T* __restrict__ k,
                            const float* __restrict__ cos_sin_cache,
                            const long long* __restrict__ positions, T* __restrict__ q_out,
                            T* __restrict__ k_out, int num_qo_heads, int num_kv_heads) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  const size_t token = blockIdx.x;
  __shared__ float row[ROTARY_DIM];
  const float* from = cos_sin_cache + positions[token] * ROTARY_DIM;
  for (int i = threadIdx.x; i < ROTARY_DIM; i += THREADS) row[i] = from[i];
  __syncthreads();
  const int items = (num_qo_heads + num_kv_heads) * kItems;
  for (int i = threadIdx.x; i < items; i += THREADS) {
    const int head = i / kItems;
    const bool is_q = head < num_qo_heads;
    const size_t at =
        (is_q ? token * num_qo_heads + head : token * num_kv_heads + head - num_qo_heads) *
        HEAD_SIZE;
    turn((is_q ? q : k) + at, (is_q ? q_out : k_out) + at, row, i % kItems);
  }
}
