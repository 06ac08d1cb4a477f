// The KV splits of a decode step: how many a sequence has, and how a CTA's warps join what each
// found in its keys. Must not know any kernel.
#pragma once

#include "../device/copy.cuh"
#include "../device/logits.cuh"
#include "../device/paged_kv.cuh"
#include "sinks.cuh"

namespace kdex {

// Splits of split_size keys of those that the sequence's query sees; at least one.
template <int kPageSize, bool kHasLastPageLen, int kWindowLeft>
__device__ __forceinline__ int num_kv_splits(const int* kv_indptr, const int* last_page_len,
                                             int sequence, int split_size) {
  int keys = kv_len<kPageSize, kHasLastPageLen>(kv_indptr, last_page_len, sequence);
  return max(1, (keys - first_key<kWindowLeft>(keys) + split_size - 1) / split_size);
}

// What the warps of a CTA found for 16 rows, in shared memory: per warp and row kWidth sums, whose
// pitch is kPitch, and (largest logit, sum of powers of two).
template <int kNumWarps, int kWidth, int kPitch>
struct WarpResults {
  float* sums;
  float2* stats;
  __device__ __forceinline__ explicit WarpResults(unsigned char* shared)
      : sums(reinterpret_cast<float*>(shared)),
        stats(reinterpret_cast<float2*>(sums + kNumWarps * 16 * kPitch)) {}

  // Writes `rows` rows from query head `head0` on: to output and lse from row `at` on where they
  // are of the only split, else to the partial ones from row `partial_at` on. `factor`: of the
  // output.
  template <int kSinks>
  __device__ __forceinline__ void write(int rows, bool is_only_split, int head0, size_t at0,
                                        size_t partial_at0, float scale, const void* sinks,
                                        T* output, float* lse, float* partial_out,
                                        float* partial_lse) const {
    for (int i = threadIdx.x; i < rows * (kWidth / 2); i += 32 * kNumWarps) {
      int row = i / (kWidth / 2), d = i % (kWidth / 2) * 2;
      float tile_max = kMasked, whole = 0.f, x = 0.f, y = 0.f;
#pragma unroll
      for (int w = 0; w < kNumWarps; ++w) tile_max = fmaxf(tile_max, stats[w * 16 + row].x);
#pragma unroll
      for (int w = 0; w < kNumWarps; ++w) {
        float factor = exp2_approx(stats[w * 16 + row].x - tile_max);
        float2 v = *reinterpret_cast<float2*>(sums + (w * 16 + row) * kPitch + d);
        whole += stats[w * 16 + row].y * factor, x += v.x * factor, y += v.y * factor;
      }
      float factor = is_only_split ? join_sink<kSinks>(sinks, head0 + row, tile_max, whole) : 1.f;
      bool any = whole > 0.f;
      float inverse = any ? factor / whole * scale : 0.f,
            l = any ? tile_max + log2f(whole) : kMasked;
      if (is_only_split) {
        size_t at = at0 + row;
        *reinterpret_cast<unsigned*>(output + at * kWidth + d) = pack2(x * inverse, y * inverse);
        if (d == 0) lse[at] = any ? l : negative_infinity();
      } else {
        size_t at = partial_at0 + row;
        *reinterpret_cast<float2*>(partial_out + at * kWidth + d) =
            make_float2(x * inverse, y * inverse);
        if (d == 0) partial_lse[at] = l;
      }
    }
  }
};

}  // namespace kdex
