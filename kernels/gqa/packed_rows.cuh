// The query rows of a prefill CTA. A packed row is a (query token, head of one kv head's group);
// kRows of them share the keys that they walk. The causal mask is aligned at the end of the keys.
// Must not know any kernel.
#pragma once

#include "../device/paged_kv.cuh"
#include "../device/work_item.cuh"

namespace kdex {

template <int kRows, int kNumQoHeads, int kNumKvHeads, int kPageSize, bool kHasLastPageLen,
          int kWindowLeft>
struct PackedRows {
  static constexpr int kGroupSize = kNumQoHeads / kNumKvHeads;
  static_assert(kNumQoHeads % kNumKvHeads == 0,
                "gqa: num_qo_heads must be a multiple of num_kv_heads");
  int sequence, kv_head, q_begin, nq, nk, page_begin, row0;
  __device__ __forceinline__ bool find(int item, int head, const int* qo_indptr,
                                       const int* kv_indptr, const int* last_page_len, int batch) {
    WorkItem block = find_work_item(item, batch, [&](int s) {
      return ((qo_indptr[s + 1] - qo_indptr[s]) * kGroupSize + kRows - 1) / kRows;
    });
    if (block.sequence < 0) return false;
    sequence = block.sequence, kv_head = head, row0 = block.index * kRows;
    q_begin = qo_indptr[sequence], nq = qo_indptr[sequence + 1] - q_begin;
    page_begin = kv_indptr[sequence],
    nk = kv_len<kPageSize, kHasLastPageLen>(kv_indptr, last_page_len, sequence);
    return true;
  }
  __device__ __forceinline__ bool live(int row) const { return row < nq * kGroupSize; }
  /// A row's query head.
  __device__ __forceinline__ int head(int row) const {
    return kv_head * kGroupSize + row % kGroupSize;
  }
  /// Index of a row's (token, head) in q, output and lse.
  __device__ __forceinline__ size_t at(int row) const {
    return static_cast<size_t>(q_begin + row / kGroupSize) * kNumQoHeads + kv_head * kGroupSize +
           row % kGroupSize;
  }
  /// Keys [first, end) that a row sees.
  __device__ __forceinline__ int end(int row) const {
    return live(row) ? max(0, min(nk, row / kGroupSize + 1 + nk - nq)) : 0;
  }
  __device__ __forceinline__ int first(int row) const {
    return kWindowLeft >= 0 ? max(0, row / kGroupSize + nk - nq - kWindowLeft) : 0;
  }
};

}  // namespace kdex
