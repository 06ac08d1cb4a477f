// y = W2 h, the second expert product: y [slots, HIDDEN_SIZE] in 16 bits. scale: W2's of 128 x 128
// blocks [experts, HIDDEN_SIZE / 128, INTERMEDIATE_SIZE / 128], or with WEIGHT_FORMAT 2
// to 4 [experts]. Where a size ends within a tile, what comes of the rows behind is not
// stored. For every architecture: swap-AB tiles of 256 weight rows times BLOCK_M slots by mma.sync
// (swap_ab_mma.cuh).
//
// Grid: (blocks of 256 of HIDDEN_SIZE, tiles).
//
// Constants: HIDDEN_SIZE, INTERMEDIATE_SIZE, BLOCK_M, WEIGHT_FORMAT (0: 16-bit,
// 1: FP8 in blocks of 128 x 128, 2: FP8 with a scale an expert).
#include "../device/launch.cuh"
#include "../device/swap_ab_mma.cuh"
#include "sizes.cuh"
#include "store_tile.cuh"
using namespace kdex;

using Sizes = ExpertSizes<WEIGHT_FORMAT, HIDDEN_SIZE, INTERMEDIATE_SIZE>;
constexpr bool kFp8 = Sizes::kFp8;
constexpr int kBytes = Sizes::kBytes, kHiddenBlocks = Sizes::kHiddenBlocks,
              kIntermediateBlocks = Sizes::kIntermediateBlocks;
using Tile = SwapAbMma<kFp8, BLOCK_M>;

KDEX_KERNEL void __launch_bounds__(Tile::kThreads, 1)
    moe_down(const Element* __restrict__ weights, const Element* __restrict__ tokens,
             const float* __restrict__ h_scale, const float* __restrict__ scale,
             const int* __restrict__ tile_row, const int* __restrict__ tile_count,
             T* __restrict__ y, int slots) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  extern __shared__ __align__(128) unsigned char shared_raw[];
  if (static_cast<int>(blockIdx.y) >= *tile_count) return;
  int row = tile_row[blockIdx.y], slot0 = blockIdx.y * BLOCK_M, column = blockIdx.x;
  Tile tile;
  float sum[2][BLOCK_M / 2];
  tile.init(shared_raw);
  tile.mainloop<kFp8>(
      sum, INTERMEDIATE_SIZE,
      [&](int block, int r, int k) {
        int at = min((column * 2 + block) * 128 + r, HIDDEN_SIZE - 1);
        return weights +
               ((static_cast<size_t>(row) * HIDDEN_SIZE + at) * INTERMEDIATE_SIZE + k) * kBytes;
      },
      [&](int t, int k) {
        return tokens + (static_cast<size_t>(slot0 + t) * INTERMEDIATE_SIZE + k) * kBytes;
      },
      [](int) { return true; },
      [&](int block, int step) {
        int b = min(column * 2 + block, kHiddenBlocks - 1);
        return WEIGHT_FORMAT == 1
                   ? __ldg(scale +
                           (static_cast<size_t>(row) * kHiddenBlocks + b) * kIntermediateBlocks +
                           step)
                   : 1.f;
      },
      [&](int t, int step) { return h_scale[static_cast<size_t>(step) * slots + slot0 + t]; });
  float factor = WEIGHT_FORMAT == 2 ? scale[row] : 1.f;
#pragma unroll
  for (int block = 0; block < 2; ++block)
    if (int at = (column * 2 + block) * 128; at < HIDDEN_SIZE)
      store_tile<BLOCK_M>(sum[block], factor, shared_raw,
                          y + static_cast<size_t>(slot0) * HIDDEN_SIZE + at, HIDDEN_SIZE * 2,
                          (HIDDEN_SIZE - at) * 2);
}
