// h = act(gate) * up of the first expert product, where the first half of W1's rows is up and the
// second the gate: a tile is 128 rows of up with their 128 gates, so the activation needs no second
// pass; with FP8 its result is quantized again, one scale for 128 columns of a slot. h [slots,
// INTERMEDIATE_SIZE], h_scale [INTERMEDIATE_SIZE / 128 rounded up, slots]. scale: W1's of 128 x 128
// blocks [NUM_LOCAL_EXPERTS, 2 INTERMEDIATE_SIZE / 128, HIDDEN_SIZE / 128], or with WEIGHT_FORMAT 2
// to 4 of the up rows [NUM_LOCAL_EXPERTS] with gate_scale of the gates. alpha, beta, limit
// [NUM_LOCAL_EXPERTS] may be null. Where a size ends within a tile, what comes of the rows behind
// is not stored. For many tokens an expert on sm_90a: tiles of grouped_wgmma.cuh, tokens on wgmma's
// M, clusters of two CTAs. tile_row: see place.cu. GATHER: x is [tokens, HIDDEN_SIZE] and source
// [slots] the token of a slot; x_scale [HIDDEN_SIZE / 128, tokens] with WEIGHT_FORMAT 1. Persistent
// grid of clusters.
//
// Constants: NUM_LOCAL_EXPERTS, NUM_SHARED_EXPERTS, HIDDEN_SIZE, INTERMEDIATE_SIZE, NUM_STAGES,
// WEIGHT_FORMAT (0: 16-bit, 1: FP8 in blocks of 128 x 128, 2: FP8 with a scale an expert, 4: NVFP4
// dequantized first), WEIGHT_ON_INPUT, ACTIVATION (activation.cuh), GATHER.
#include "../device/grouped_wgmma.cuh"
#include "../device/launch.cuh"
#include "activation.cuh"
#include "sizes.cuh"
using namespace kdex;

using Sizes = ExpertSizes<WEIGHT_FORMAT, HIDDEN_SIZE, INTERMEDIATE_SIZE>;
constexpr bool kFp8 = Sizes::kFp8;
constexpr int kHiddenBlocks = Sizes::kHiddenBlocks,
              kIntermediateBlocks = Sizes::kIntermediateBlocks;
constexpr int kRoutedExperts = NUM_LOCAL_EXPERTS - NUM_SHARED_EXPERTS;
using ExpertGate = Gate<WEIGHT_FORMAT, ACTIVATION>;
using Tile = GroupedWgmma<kFp8, GATHER, NUM_STAGES>;
constexpr int kBlockK = Tile::kBlockK, kNumKBlocks = (HIDDEN_SIZE + kBlockK - 1) / kBlockK,
              kNumBlocksN = kIntermediateBlocks;

// Over 100 lines: producer and consumers are one kernel's roles over the same barriers and memory.
KDEX_KERNEL void KDEX_CLUSTER_DIMS(2, 1, 1) __launch_bounds__(Tile::kThreads, 1)
    moe_up(const __grid_constant__ TensorMap weights,
#if GATHER
           const Element* __restrict__ x, const int* __restrict__ count,
           const int* __restrict__ source, int tokens,
#else
           const __grid_constant__ TensorMap tokens,
#endif
           const float* __restrict__ x_scale, const float* __restrict__ scale,
           const float* __restrict__ gate_scale, const float* __restrict__ alpha,
           const float* __restrict__ beta, const float* __restrict__ limit,
           const float* __restrict__ slot_weight, const int* __restrict__ tile_row,
           const int* __restrict__, const __grid_constant__ TensorMap h_map, Element* __restrict__,
           float* __restrict__ h_scale, int slots) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  // Shared memory.
  extern __shared__ __align__(128) unsigned char shared_raw[];
  __shared__ __align__(8) unsigned long long barriers[2 * NUM_STAGES];
  __shared__ GroupedSchedule<NUM_LOCAL_EXPERTS> table;
  constexpr bool scaled = WEIGHT_FORMAT == 1;
  Tile tile;
  tile.init(shared_raw, barriers);
#if GATHER
  __shared__ int tokens_of[NUM_LOCAL_EXPERTS];
  for (int e = threadIdx.x; e < NUM_LOCAL_EXPERTS; e += Tile::kThreads) tokens_of[e] = count[e];
#endif
  table.read(tile_row, tile_row + NUM_LOCAL_EXPERTS + 1, kNumBlocksN);
  cluster_sync();
  int begin = blockIdx.x / 2, stride = gridDim.x / 2, items = table.count();
  if (tile.warpgroup == 2) {
    // Producer.
    setmaxnreg_dec<40>();
    if (GATHER || threadIdx.x == 256)
      for (int i = begin; i < items; i += stride) {
        GroupedItem item = table.at(i, kNumBlocksN, tile.rank);
        int y = item.expert * 2 * INTERMEDIATE_SIZE + min(item.column, kNumBlocksN - 1) * 128;
#if GATHER
        tile.gather<scaled>(
            item, kNumKBlocks, weights, y, y + INTERMEDIATE_SIZE, x, HIDDEN_SIZE * Sizes::kBytes,
            source, table.group_begin[item.expert] * kGroupTokens + tokens_of[item.expert] - 1,
            x_scale, tokens);
#else
        tile.produce<scaled>(item, kNumKBlocks, weights, y, y + INTERMEDIATE_SIZE, tokens, x_scale,
                             slots);
#endif
      }
  } else {
    // Consumers.
    setmaxnreg_inc<232>();
    int warp = threadIdx.x / 32 % 4, c = threadIdx.x % 4, token = warp * 16 + threadIdx.x % 32 / 4;
    auto scale_of = [&](const GroupedItem& item, int half) {
      return ((item.expert * 2 + half) * kIntermediateBlocks + min(item.column, kNumBlocksN - 1)) *
             kHiddenBlocks;
    };
    GroupedItem item = table.at(begin, kNumBlocksN, tile.rank), next;
    if (scaled && begin < items) tile.prefetch_scales(scale, scale_of(item, 0), scale_of(item, 1));
    for (int i = begin; i < items; i += stride, item = next) {
      next = i + stride < items ? table.at(i + stride, kNumBlocksN, tile.rank) : item;
      if (tile.warpgroup >= item.groups) {
        tile.skip(kNumKBlocks);
        if (scaled) tile.prefetch_scales(scale, scale_of(next, 0), scale_of(next, 1));
        continue;
      }
      float sum[128];
      // Main loop, then epilogue.
      tile.mainloop<scaled>(sum, kNumKBlocks, scale, scale_of(item, 0), scale_of(item, 1),
                            scale_of(next, 0), scale_of(next, 1));
      if (item.column >= kNumBlocksN) continue;
      int slot = item.slot + tile.warpgroup * 64, column = item.column * 128;
      ExpertGate gate(item.expert, scale, gate_scale, alpha, beta, limit);
      float weight[2] = {
          weight_on_input<WEIGHT_ON_INPUT, kRoutedExperts>(item.expert, slot_weight, slot + token),
          weight_on_input<WEIGHT_ON_INPUT, kRoutedExperts>(item.expert, slot_weight,
                                                           slot + token + 8)};
#pragma unroll
      for (int e = 0; e < 64; ++e) {
        sum[e] = gate(sum[e], sum[64 + e], weight[e / 2 % 2]);
        if (INTERMEDIATE_SIZE % 128 != 0 && column + e / 4 * 8 + c * 2 + e % 2 >= INTERMEDIATE_SIZE)
          sum[e] = 0.f;  // the largest magnitude must not see it
      }
      if constexpr (kFp8) {
        float most[2] = {1e-30f, 1e-30f};
#pragma unroll
        for (int e = 0; e < 64; ++e) most[e / 2 % 2] = fmaxf(most[e / 2 % 2], fabsf(sum[e]));
        tile.box_free();
#pragma unroll
        for (int half = 0; half < 2; ++half) {
          most[half] = fmaxf(most[half], __shfl_xor_sync(0xffffffffu, most[half], 1));
          most[half] = fmaxf(most[half], __shfl_xor_sync(0xffffffffu, most[half], 2));
          if (c == 0)
            h_scale[static_cast<size_t>(item.column) * slots + slot + token + 8 * half] =
                most[half] * (1.f / 448.f);
          float inverse = 448.f / most[half];
#pragma unroll
          for (int j = 0; j < 16; ++j)
            tile.put_fp8(token + 8 * half, 8 * j + 2 * c, sum[4 * j + 2 * half] * inverse,
                         sum[4 * j + 2 * half + 1] * inverse);
        }
        tile.store_box(h_map, column, slot);
      } else {
#pragma unroll
        for (int j = 0; j < 2; ++j)
          if (column + j * 64 < INTERMEDIATE_SIZE)
            tile.store(h_map, column + j * 64, slot, sum + j * 32);
      }
    }
  }
  tile.end();
}
