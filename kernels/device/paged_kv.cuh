// Where a sequence's keys and values are: in pages of a cache, or ragged. Must not know any kernel.
#pragma once

namespace kdex {

// Keys of a sequence. kv_indptr [sequences + 1] counts pages (page size 0, ragged: keys);
// last_page_len [sequences]: keys in the last page, where they are given.
template <int kPageSize, bool kHasLastPageLen>
__device__ __forceinline__ int kv_len(const int* kv_indptr, const int* last_page_len,
                                      int sequence) {
  int pages = kv_indptr[sequence + 1] - kv_indptr[sequence];
  if constexpr (kPageSize > 1 && kHasLastPageLen)
    return pages > 0 ? (pages - 1) * kPageSize + last_page_len[sequence] : 0;
  else if constexpr (kPageSize > 1)
    return pages * kPageSize;
  else
    return pages;
}
// The row of the cache that holds key `key` of the sequence whose pages begin at `begin`.
template <int kPageSize>
__device__ __forceinline__ int kv_row(const int* kv_indices, int begin, int key) {
  if constexpr (kPageSize > 1)
    return kv_indices[begin + key / kPageSize] * kPageSize + key % kPageSize;
  else if constexpr (kPageSize == 1)
    return kv_indices[begin + key];
  else
    return begin + key;
}

}  // namespace kdex
