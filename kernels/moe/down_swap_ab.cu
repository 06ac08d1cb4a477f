// y = W2 h, the second expert product: y [slots, HIDDEN_SIZE] in 16 bits. scale: W2's of 128 x 128
// blocks [experts, HIDDEN_SIZE / 128, INTERMEDIATE_SIZE / 128], or with WEIGHT_FORMAT 2
// to 4 [experts]. Where a size ends within a tile, what comes of the rows behind is not
// stored. On sm_90a: swap-AB tiles of 256 weight rows times BLOCK_M slots (swap_ab_wgmma.cuh), a
// persistent grid whose CTAs take tiles in turn; a tile's columns stand side by side. Where there
// are few tiles, the SPLIT_K CTAs of a cluster share k and each ends a part of a tile's tokens, a
// warp each.
//
// Constants: HIDDEN_SIZE, INTERMEDIATE_SIZE, BLOCK_M, NUM_STAGES, SPLIT_K,
// WEIGHT_FORMAT (0: 16-bit, 1: FP8 in blocks of 128 x 128, 2: FP8 with a scale an expert).
#include "../device/launch.cuh"
#include "../device/swap_ab_wgmma.cuh"
#include "sizes.cuh"
using namespace kdex;

using Sizes = ExpertSizes<WEIGHT_FORMAT, HIDDEN_SIZE, INTERMEDIATE_SIZE>;
constexpr bool kFp8 = Sizes::kFp8;
constexpr int kHiddenBlocks = Sizes::kHiddenBlocks,
              kIntermediateBlocks = Sizes::kIntermediateBlocks;
using Tile = SwapAbWgmma<kFp8, BLOCK_M, NUM_STAGES, false>;
constexpr int kBlockK = Tile::kBlockK, kNumKBlocks = (INTERMEDIATE_SIZE + kBlockK - 1) / kBlockK,
              kNumBlocksN = (kHiddenBlocks + 1) / 2;

KDEX_KERNEL void KDEX_CLUSTER_DIMS(SPLIT_K, 1, 1) __launch_bounds__(Tile::kThreads, 1)
    moe_down(const __grid_constant__ TensorMap weights, const __grid_constant__ TensorMap tokens,
             const float* __restrict__ h_scale, const float* __restrict__ scale,
             const int* __restrict__ tile_row, const int* __restrict__ tile_count,
             const __grid_constant__ TensorMap y_map, T* __restrict__ y, int slots) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  // Shared memory.
  extern __shared__ __align__(128) unsigned char shared_raw[];
  __shared__ __align__(8) unsigned long long barriers[2 * NUM_STAGES];
  int rank = blockIdx.x % SPLIT_K, first = kNumKBlocks * rank / SPLIT_K,
      k_blocks = kNumKBlocks * (rank + 1) / SPLIT_K - first;
  int begin = blockIdx.x / SPLIT_K, stride = gridDim.x / SPLIT_K, items = *tile_count * kNumBlocksN;
  int row = tile_row[begin / kNumBlocksN];
  Tile tile;
  tile.init(shared_raw, barriers, weights, tokens);
  if (threadIdx.x >= 256) {
    // Producer.
    setmaxnreg_dec<40>();
    if (threadIdx.x == 256)
      for (int item = begin; item < items; item += stride) {
        int column = item % kNumBlocksN;
        if (item > begin) row = tile_row[item / kNumBlocksN];
        tile.produce<kFp8>(
            first, k_blocks, weights,
            [&](int block, int step, int& x, int& y) {
              x = step * kBlockK,
              y = row * HIDDEN_SIZE + min(column * 2 + block, kHiddenBlocks - 1) * 128;
            },
            tokens, item / kNumBlocksN * BLOCK_M, h_scale, slots);
      }
    if (SPLIT_K > 1 && begin < items) {
      __syncwarp();
      cluster_sync();
      cluster_sync();
    }
    return;
  }
  // Consumers.
  setmaxnreg_inc<232>();
  auto scale_of = [&](int item, int row, int block) {
    int b = min(item % kNumBlocksN * 2 + block, kHiddenBlocks - 1);
    return WEIGHT_FORMAT == 1
               ? scale + (static_cast<size_t>(row) * kHiddenBlocks + b) * kIntermediateBlocks +
                     first
               : nullptr;
  };
  if (WEIGHT_FORMAT == 1 && begin < items)
    tile.prefetch_scales(scale_of(begin, row, 0), scale_of(begin, row, 1));
  for (int item = begin, next, next_row; item < items; item = next, row = next_row) {
    next = item + stride, next_row = next < items ? tile_row[next / kNumBlocksN] : 0;
    int column = item % kNumBlocksN, slot0 = item / kNumBlocksN * BLOCK_M;
    float sum[2][BLOCK_M / 2];
    // Main loop, then epilogue.
    tile.mainloop<kFp8 ? WEIGHT_FORMAT : 0>(sum, k_blocks, scale_of(item, row, 0),
                                            scale_of(item, row, 1), scale_of(next, next_row, 0),
                                            scale_of(next, next_row, 1));
#if WEIGHT_FORMAT == 2
    float factor = scale[row];
#pragma unroll
    for (int i = 0; i < BLOCK_M / 2; ++i) sum[0][i] *= factor, sum[1][i] *= factor;
#endif
    if constexpr (SPLIT_K > 1) {
      tile.store_accumulators(sum);
      cluster_sync();
      int at = threadIdx.x % 32 * 8, live = min(HIDDEN_SIZE - column * 256, 256);
      for (int t = BLOCK_M * rank / SPLIT_K + threadIdx.x / 32; t < BLOCK_M * (rank + 1) / SPLIT_K;
           t += 8) {
        float4 a = tile.cluster_sum<SPLIT_K>(t, at), b = tile.cluster_sum<SPLIT_K>(t, at + 4);
        if (at < live)
          *reinterpret_cast<uint4*>(y + static_cast<size_t>(slot0 + t) * HIDDEN_SIZE +
                                    column * 256 + at) =
              make_uint4(pack2(a.x, a.y), pack2(a.z, a.w), pack2(b.x, b.y), pack2(b.z, b.w));
      }
      cluster_sync();
    } else {
#pragma unroll
      for (int block = 0; block < 2; ++block)
        if (column * 2 + block < kHiddenBlocks)
          tile.store(y_map, (column * 2 + block) * 128 + threadIdx.x / 128 * 64, slot0, sum[block]);
    }
  }
  tile.wait_stores();
}
