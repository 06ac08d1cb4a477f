// The rows of an e4m3 cache that a batch uses, as 16 bits times a factor, page after page in the
// order of kv_indices; with it the pages' new numbers, 0 on (`order`, where it is not null). Before
// a kernel that takes 16 bits. PAGE_SIZE 0: rows that lie one after the other.
//
// Grid: any; its threads take ROW_CHUNK neighbours of a row in turn.
//
// Constants: ROW (elements of a token), ROW_CHUNK (16 or 1), PAGE_SIZE.
#include "../device/fp8.cuh"
#include "../device/launch.cuh"
#include "../device/types.cuh"
using namespace kdex;

static_assert(ROW % ROW_CHUNK == 0, "chunks fill a row");
constexpr int kChunks = ROW / ROW_CHUNK, kPageSize = PAGE_SIZE > 0 ? PAGE_SIZE : 1;

KDEX_KERNEL void __launch_bounds__(256)
    gqa_dequantize(const unsigned char* __restrict__ from, const int* __restrict__ kv_indices,
                   float scale, T* __restrict__ to, int* __restrict__ order, int rows) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  const long long step = static_cast<long long>(gridDim.x) * 256,
                  first = static_cast<long long>(blockIdx.x) * 256 + threadIdx.x;
  for (long long i = first; i < static_cast<long long>(rows) * kChunks; i += step) {
    const int row = static_cast<int>(i / kChunks), chunk = static_cast<int>(i % kChunks);
    size_t source = row;
    if constexpr (PAGE_SIZE > 0)
      source = static_cast<size_t>(kv_indices[row / kPageSize]) * kPageSize + row % kPageSize;
    const unsigned char* x = from + source * ROW + chunk * ROW_CHUNK;
    T* y = to + static_cast<size_t>(row) * ROW + chunk * ROW_CHUNK;
    if constexpr (ROW_CHUNK == 16) {
      const uint4 raw = __ldg(reinterpret_cast<const uint4*>(x));
      const unsigned words[4] = {raw.x, raw.y, raw.z, raw.w};
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        Vec8 out;
#pragma unroll
        for (int j = 0; j < 8; ++j)
          out.at[j] = from_float(
              fp8_to_float(static_cast<unsigned char>(words[2 * h + j / 4] >> j % 4 * 8)) * scale);
        reinterpret_cast<uint4*>(y)[h] = out.raw;
      }
    } else {
      *y = from_float(fp8_to_float(*x) * scale);
    }
  }
  if (PAGE_SIZE > 0 && order != nullptr)
    for (long long i = first; i * kPageSize < rows; i += step) order[i] = static_cast<int>(i);
}
