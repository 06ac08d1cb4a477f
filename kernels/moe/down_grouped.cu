// y = W2 h, the second expert product: y [slots, HIDDEN_SIZE] in 16 bits. scale: W2's of 128 x 128
// blocks [NUM_LOCAL_EXPERTS, HIDDEN_SIZE / 128, INTERMEDIATE_SIZE / 128], or with WEIGHT_FORMAT 2
// to 4 [NUM_LOCAL_EXPERTS]. Where a size ends within a tile, what comes of the rows behind is not
// stored. For many tokens an expert on sm_90a: tiles of grouped_wgmma.cuh, tokens on wgmma's M,
// clusters of two CTAs. tile_row: see place.cu. Persistent grid of clusters.
//
// Constants: NUM_LOCAL_EXPERTS, HIDDEN_SIZE, INTERMEDIATE_SIZE, NUM_STAGES, WEIGHT_FORMAT (0:
// 16-bit, 1: FP8 in blocks of 128 x 128, 2: FP8 with a scale an expert, 4: NVFP4 dequantized
// first).
#include "../device/grouped_wgmma.cuh"
#include "../device/launch.cuh"
#include "sizes.cuh"
using namespace kdex;

using Sizes = ExpertSizes<WEIGHT_FORMAT, HIDDEN_SIZE, INTERMEDIATE_SIZE>;
constexpr bool kFp8 = Sizes::kFp8;
constexpr int kHiddenBlocks = Sizes::kHiddenBlocks,
              kIntermediateBlocks = Sizes::kIntermediateBlocks;
using Tile = GroupedWgmma<kFp8, false, NUM_STAGES>;
constexpr int kBlockK = Tile::kBlockK, kNumKBlocks = (INTERMEDIATE_SIZE + kBlockK - 1) / kBlockK,
              kNumBlocksN = (kHiddenBlocks + 1) / 2;

KDEX_KERNEL void KDEX_CLUSTER_DIMS(2, 1, 1) __launch_bounds__(Tile::kThreads, 1)
    moe_down(const __grid_constant__ TensorMap weights, const __grid_constant__ TensorMap tokens,
             const float* __restrict__ h_scale, const float* __restrict__ scale,
             const int* __restrict__ tile_row, const int* __restrict__,
             const __grid_constant__ TensorMap y_map, T* __restrict__, int slots) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  // Shared memory.
  extern __shared__ __align__(128) unsigned char shared_raw[];
  __shared__ __align__(8) unsigned long long barriers[2 * NUM_STAGES];
  __shared__ GroupedSchedule<NUM_LOCAL_EXPERTS> table;
  Tile tile;
  tile.init(shared_raw, barriers);
  table.read(tile_row, tile_row + NUM_LOCAL_EXPERTS + 1, kNumBlocksN);
  cluster_sync();
  int begin = blockIdx.x / 2, stride = gridDim.x / 2, items = table.count();
  if (tile.warpgroup == 2) {
    // Producer.
    setmaxnreg_dec<40>();
    if (threadIdx.x == 256)
      for (int i = begin; i < items; i += stride) {
        GroupedItem item = table.at(i, kNumBlocksN, tile.rank);
        int y = item.expert * HIDDEN_SIZE, b = min(item.column, kNumBlocksN - 1) * 2;
        tile.produce<kFp8>(item, kNumKBlocks, weights, y + b * 128,
                           y + min(b + 1, kHiddenBlocks - 1) * 128, tokens, h_scale, slots);
      }
  } else {
    // Consumers.
    setmaxnreg_inc<232>();
    constexpr int scaled = kFp8 ? WEIGHT_FORMAT : 0;
    auto scale_of = [&](const GroupedItem& item, int half) {
      return (item.expert * kHiddenBlocks + min(item.column * 2 + half, kHiddenBlocks - 1)) *
             kIntermediateBlocks;
    };
    GroupedItem item = table.at(begin, kNumBlocksN, tile.rank), next;
    if (scaled == 1 && begin < items)
      tile.prefetch_scales(scale, scale_of(item, 0), scale_of(item, 1));
    for (int i = begin; i < items; i += stride, item = next) {
      next = i + stride < items ? table.at(i + stride, kNumBlocksN, tile.rank) : item;
      if (tile.warpgroup >= item.groups) {
        tile.skip(kNumKBlocks);
        if (scaled == 1) tile.prefetch_scales(scale, scale_of(next, 0), scale_of(next, 1));
        continue;
      }
      float sum[128];
      // Main loop, then epilogue.
      tile.mainloop<scaled>(sum, kNumKBlocks, scale, scale_of(item, 0), scale_of(item, 1),
                            scale_of(next, 0), scale_of(next, 1));
#if WEIGHT_FORMAT == 2 || WEIGHT_FORMAT == 4
      float factor = scale[item.expert];
#pragma unroll
      for (int e = 0; e < 128; ++e) sum[e] *= factor;
#endif
#pragma unroll
      for (int j = 0; j < 4; ++j)
        if (int column = item.column * 256 + j * 64; column < HIDDEN_SIZE)
          tile.store(y_map, column, item.slot + tile.warpgroup * 64, sum + j * 32);
    }
  }
  tile.end();
}
