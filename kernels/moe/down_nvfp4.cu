// y = W2 h, the second expert product: y [slots, HIDDEN_SIZE] in 16 bits. scale: W2's of 128 x 128
// blocks [NUM_LOCAL_EXPERTS, HIDDEN_SIZE / 128, INTERMEDIATE_SIZE / 128], or with WEIGHT_FORMAT 2
// to 4 [NUM_LOCAL_EXPERTS]. Where a size ends within a tile, what comes of the rows behind is not
// stored. NVFP4 weights [NUM_LOCAL_EXPERTS, HIDDEN_SIZE, INTERMEDIATE_SIZE / 2] with block_scale
// [NUM_LOCAL_EXPERTS, HIDDEN_SIZE, INTERMEDIATE_SIZE / 16], for every architecture, by mma.sync
// (swap_ab_nvfp4.cuh). Where there are few tiles, the SPLIT_K CTAs of a cluster share k and each
// ends a part of a tile's tokens, a warp each (sm_90a).
//
// Grid: (blocks of 256 of HIDDEN_SIZE * SPLIT_K, tiles).
//
// Constants: NUM_LOCAL_EXPERTS, HIDDEN_SIZE, INTERMEDIATE_SIZE, BLOCK_M, NUM_STAGES, SPLIT_K,
// WEIGHT_FORMAT (3).
#include "../device/launch.cuh"
#include "../device/swap_ab_nvfp4.cuh"
#include "share_sums.cuh"
#include "sizes.cuh"
#include "store_tile.cuh"
using namespace kdex;

static_assert(sizeof(ExpertSizes<WEIGHT_FORMAT, HIDDEN_SIZE, INTERMEDIATE_SIZE>) > 0,
              "sizes that the tile takes");
using Tile = SwapAbNvfp4<false, BLOCK_M, NUM_STAGES>;

KDEX_KERNEL void
#if SPLIT_K > 1
KDEX_CLUSTER_DIMS(SPLIT_K, 1, 1)
#endif
    __launch_bounds__(Tile::kThreads, Tile::kCtasPerSm)
        moe_down(const Element* __restrict__ weights, const T* __restrict__ tokens,
                 const Element* __restrict__ block_scale, const float* __restrict__ scale,
                 const int* __restrict__ tile_row, const int* __restrict__ tile_count,
                 T* __restrict__ y, int) {
  extern __shared__ __align__(128) unsigned char shared_raw[];
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  if (static_cast<int>(blockIdx.y) >= *tile_count) return;
  int row = tile_row[blockIdx.y], slot0 = blockIdx.y * BLOCK_M, column = blockIdx.x / SPLIT_K,
      rank = blockIdx.x % SPLIT_K;
  constexpr int kNumKBlocks = (INTERMEDIATE_SIZE + 127) / 128;
  int first = kNumKBlocks * rank / SPLIT_K, k_blocks = kNumKBlocks * (rank + 1) / SPLIT_K - first;
  float sum[2][BLOCK_M / 2];
  Tile().mainloop(
      sum, shared_raw, weights, block_scale, NUM_LOCAL_EXPERTS * HIDDEN_SIZE, INTERMEDIATE_SIZE,
      first, k_blocks,
      [&](int r) { return row * HIDDEN_SIZE + min(column * 256 + r, HIDDEN_SIZE - 1); },
      [&](int t) { return tokens + static_cast<size_t>(slot0 + t) * INTERMEDIATE_SIZE; });
#if SPLIT_K > 1
  share_sums<BLOCK_M>(sum, shared_raw);
  int at = threadIdx.x % 32 * 8;
  float by = scale[row];
  for (int t = BLOCK_M * rank / SPLIT_K + threadIdx.x / 32; t < BLOCK_M * (rank + 1) / SPLIT_K;
       t += 8) {
    float4 a = shared_sum<SPLIT_K>(shared_raw, t, at),
           b = shared_sum<SPLIT_K>(shared_raw, t, at + 4);
    if (column * 256 + at < HIDDEN_SIZE)
      *reinterpret_cast<uint4*>(y + static_cast<size_t>(slot0 + t) * HIDDEN_SIZE + column * 256 +
                                at) =
          make_uint4(pack2(a.x * by, a.y * by), pack2(a.z * by, a.w * by),
                     pack2(b.x * by, b.y * by), pack2(b.z * by, b.w * by));
  }
  cluster_sync();
#else
#pragma unroll
  for (int block = 0; block < 2; ++block)
    if (int at = (column * 2 + block) * 128; at < HIDDEN_SIZE)
      store_tile<BLOCK_M>(sum[block], scale[row], shared_raw,
                          y + static_cast<size_t>(slot0) * HIDDEN_SIZE + at, HIDDEN_SIZE * 2,
                          (HIDDEN_SIZE - at) * 2);
#endif
}
