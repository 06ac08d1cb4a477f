// Logits of attention: scale, cap and the window of a decode step. Must not know any kernel.
#pragma once

#include "softmax.cuh"

namespace kdex {

// Logits times log2(e), from the raw product; with kCapped cap * tanh(logit / cap).
template <bool kCapped>
struct LogitTransform {
  float scale, inner, outer;
  __device__ __forceinline__ LogitTransform(float sm_scale, float cap)
      : scale(sm_scale * kLog2e), inner(kCapped ? sm_scale / cap : 0.f), outer(cap * kLog2e) {}
  __device__ __forceinline__ float operator()(float x) const {
    if constexpr (kCapped) return tanhf(x * inner) * outer;
    return x * scale;
  }
};
// The first key that a sequence's last query sees, with kWindowLeft keys before its own (-1: all).
template <int kWindowLeft>
__device__ __forceinline__ int first_key(int keys) {
  return kWindowLeft >= 0 ? max(0, keys - 1 - kWindowLeft) : 0;
}

}  // namespace kdex
