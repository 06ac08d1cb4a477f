// Which part of a batch of sequences of different lengths a CTA works on. Must not know any kernel.
#pragma once

namespace kdex {

// Each sequence is cut into `count` work items: blocks of query rows, or splits of its keys.
struct WorkItem {
  int sequence;  // -1: there are no more
  int index;     // of the sequence's items
  int count;     // of the sequence's items
  int first;     // number of the sequence's first item
};
// Item number `item` of the batch, where count(sequence) says how many a sequence has. Call by full
// warps; the same answer in every lane.
template <class Count>
__device__ __forceinline__ WorkItem find_work_item(int item, int sequences, Count count) {
  int lane = threadIdx.x % 32, before = 0;
  for (int s0 = 0; s0 < sequences; s0 += 32) {
    int mine = s0 + lane < sequences ? count(s0 + lane) : 0, prefix = mine;
#pragma unroll
    for (int step = 1; step < 32; step *= 2) {
      int x = __shfl_up_sync(0xffffffffu, prefix, step);
      if (lane >= step) prefix += x;
    }
    unsigned above = __ballot_sync(0xffffffffu, before + prefix > item);
    if (above) {
      int at = __ffs(above) - 1;
      int count = __shfl_sync(0xffffffffu, mine, at),
          first = before + __shfl_sync(0xffffffffu, prefix, at) - count;
      return {s0 + at, item - first, count, first};
    }
    before += __shfl_sync(0xffffffffu, prefix, 31);
  }
  return {-1, 0, 0, 0};
}

}  // namespace kdex
