// What a CTA of latent attention works on: rows (query token, head) of a sequence and keys of its
// latent cache. Must not know any kernel.
#pragma once

#include "../device/logits.cuh"
#include "../device/paged_kv.cuh"
#include "../device/work_item.cuh"

namespace kdex {

// Where a sequence's KV splits leave their results: up to ceil(tokens of all pages / split_size) +
// sequences, and no two the same, as a sequence has at most one split more than whole split sizes.
template <int kPageSize>
__device__ __forceinline__ int first_slot(const int* kv_indptr, int sequence, int split_size) {
  return kv_indptr[sequence] * kPageSize / split_size + sequence;
}
// The first key that a decode step loads: of the tile of 64 with the first one that it sees.
template <int kWindowLeft>
__device__ __forceinline__ int first_loaded(int keys) {
  return kWindowLeft >= 0 ? first_key<kWindowLeft>(keys) / 64 * 64 : 0;
}
template <int kPageSize, bool kHasLastPageLen, int kWindowLeft>
__device__ __forceinline__ int num_splits(const int* kv_indptr, const int* last_page_len,
                                          int sequence, int split_size) {
  const int keys = kv_len<kPageSize, kHasLastPageLen>(kv_indptr, last_page_len, sequence);
  return max(1, (keys - first_loaded<kWindowLeft>(keys) + split_size - 1) / split_size);
}

// Rows [row0, row0 + rows) of a sequence's nq * kNumHeads, keys [begin, end); begin is of a tile.
template <int kRows, int kNumHeads, int kPageSize, bool kHasLastPageLen, bool kPrefill,
          int kWindowLeft>
struct LatentRows {
  int sequence, split, num_splits, nq, row0, rows, page_begin, keys, begin, end, tiles, slot;
  size_t
      first_row;  // of row0 in q_nope, q_pe, output and lse, which are in the order of packed rows
  __device__ __forceinline__ bool find(int item, int row_block, const int* qo_indptr,
                                       const int* kv_indptr, const int* last_page_len, int batch,
                                       int split_size) {
    int q_begin;
    if constexpr (kPrefill) {
      WorkItem p = find_work_item(item, batch, [&](int s) {
        return ((qo_indptr[s + 1] - qo_indptr[s]) * kNumHeads + kRows - 1) / kRows;
      });
      if (p.sequence < 0) return false;
      q_begin = qo_indptr[p.sequence];
      nq = qo_indptr[p.sequence + 1] - q_begin, row0 = p.index * kRows;
      split = 0, num_splits = 1;
      sequence = p.sequence;
    } else {
      WorkItem p = find_work_item(item, batch, [&](int s) {
        return kdex::num_splits<kPageSize, kHasLastPageLen, kWindowLeft>(kv_indptr, last_page_len,
                                                                         s, split_size);
      });
      if (p.sequence < 0) return false;
      q_begin = p.sequence;
      nq = 1, row0 = row_block * kRows;
      split = p.index, num_splits = p.count;
      sequence = p.sequence;
    }
    rows = min(kRows, nq * kNumHeads - row0);
    first_row = static_cast<size_t>(q_begin) * kNumHeads + row0;
    page_begin = kv_indptr[sequence],
    keys = kv_len<kPageSize, kHasLastPageLen>(kv_indptr, last_page_len, sequence);
    slot = kPrefill ? 0 : first_slot<kPageSize>(kv_indptr, sequence, split_size) + split;
    begin = split * split_size;
    if constexpr (kWindowLeft >= 0)
      begin += kPrefill ? first(0) / 64 * 64 : first_loaded<kWindowLeft>(keys);
    end = kPrefill ? sees(rows - 1) : min(keys, begin + split_size);
    return true;
  }
  /// Keys that a row of the CTA sees.
  __device__ __forceinline__ int sees(int row) const {
    return row < rows ? max(0, min(keys, (row0 + row) / kNumHeads + 1 + keys - nq)) : 0;
  }
  /// The first key that a row sees.
  __device__ __forceinline__ int first(int row) const {
    return kWindowLeft >= 0 ? max(0, (row0 + row) / kNumHeads + keys - nq - kWindowLeft) : 0;
  }
  /// The row of the cache that holds a key.
  __device__ __forceinline__ int token(const int* kv_indices, int key) const {
    return kv_row<kPageSize>(kv_indices, page_begin, key);
  }
};

}  // namespace kdex
