// h = act(gate) * up of the first expert product, where the first half of W1's rows is up and the
// second the gate: a tile is 128 rows of up with their 128 gates, so the activation needs no second
// pass; with FP8 its result is quantized again, one scale for 128 columns of a slot. h [slots,
// INTERMEDIATE_SIZE], h_scale [INTERMEDIATE_SIZE / 128 rounded up, slots]. scale: W1's of 128 x 128
// blocks [NUM_LOCAL_EXPERTS, 2 INTERMEDIATE_SIZE / 128, HIDDEN_SIZE / 128], or with WEIGHT_FORMAT 2
// to 4 of the up rows [NUM_LOCAL_EXPERTS] with gate_scale of the gates. alpha, beta, limit
// [NUM_LOCAL_EXPERTS] may be null. Where a size ends within a tile, what comes of the rows behind
// is not stored. For every architecture: swap-AB tiles of 256 weight rows times BLOCK_M slots by
// mma.sync (swap_ab_mma.cuh).
//
// Grid: (blocks of 128 of INTERMEDIATE_SIZE, tiles).
//
// Constants: NUM_LOCAL_EXPERTS, NUM_SHARED_EXPERTS, HIDDEN_SIZE, INTERMEDIATE_SIZE, BLOCK_M,
// WEIGHT_FORMAT (0: 16-bit, 1: FP8 in blocks of 128 x 128, 2: FP8 with a scale an expert),
// WEIGHT_ON_INPUT, ACTIVATION (activation.cuh).
#include "../device/launch.cuh"
#include "../device/swap_ab_mma.cuh"
#include "activation.cuh"
#include "sizes.cuh"
#include "store_tile.cuh"
using namespace kdex;

using Sizes = ExpertSizes<WEIGHT_FORMAT, HIDDEN_SIZE, INTERMEDIATE_SIZE>;
constexpr bool kFp8 = Sizes::kFp8;
constexpr int kBytes = Sizes::kBytes, kHiddenBlocks = Sizes::kHiddenBlocks,
              kIntermediateBlocks = Sizes::kIntermediateBlocks;
constexpr int kRoutedExperts = NUM_LOCAL_EXPERTS - NUM_SHARED_EXPERTS;
using ExpertGate = Gate<WEIGHT_FORMAT, ACTIVATION>;
using Tile = SwapAbMma<kFp8, BLOCK_M>;

KDEX_KERNEL void __launch_bounds__(Tile::kThreads, 1)
    moe_up(const Element* __restrict__ weights, const Element* __restrict__ tokens,
           const float* __restrict__ x_scale, const float* __restrict__ scale,
           const float* __restrict__ gate_scale, const float* __restrict__ alpha,
           const float* __restrict__ beta, const float* __restrict__ limit,
           const float* __restrict__ slot_weight, const int* __restrict__ tile_row,
           const int* __restrict__ tile_count, Element* __restrict__ h, float* __restrict__ h_scale,
           int slots) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  extern __shared__ __align__(128) unsigned char shared_raw[];
  if (static_cast<int>(blockIdx.y) >= *tile_count) return;
  int row = tile_row[blockIdx.y], slot0 = blockIdx.y * BLOCK_M, column = blockIdx.x;
  Tile tile;
  float sum[2][BLOCK_M / 2];
  tile.init(shared_raw);
  tile.mainloop<WEIGHT_FORMAT == 1>(
      sum, HIDDEN_SIZE,
      [&](int block, int r, int k) {
        return weights + (((static_cast<size_t>(row) * 2 + block) * INTERMEDIATE_SIZE +
                           min(column * 128 + r, INTERMEDIATE_SIZE - 1)) *
                              HIDDEN_SIZE +
                          k) *
                             kBytes;
      },
      [&](int t, int k) {
        return tokens + (static_cast<size_t>(slot0 + t) * HIDDEN_SIZE + k) * kBytes;
      },
      [](int) { return true; },
      [&](int block, int step) {
        return __ldg(scale +
                     (static_cast<size_t>(row) * 2 * kIntermediateBlocks +
                      block * kIntermediateBlocks + column) *
                         kHiddenBlocks +
                     step);
      },
      [&](int t, int step) { return x_scale[static_cast<size_t>(step) * slots + slot0 + t]; });
  gate_up<BLOCK_M, INTERMEDIATE_SIZE>(
      sum, ExpertGate(row, scale, gate_scale, alpha, beta, limit),
      [&](int t) {
        return weight_on_input<WEIGHT_ON_INPUT, kRoutedExperts>(row, slot_weight, slot0 + t);
      },
      column);
  if constexpr (kFp8) {
    constexpr int kPitch = 128 + 16;
    unsigned char* bytes = shared_raw + 8 * BLOCK_M * 4;
    quantize<BLOCK_M>(
        sum[0], reinterpret_cast<float*>(shared_raw),
        [&](int n, float s) { h_scale[static_cast<size_t>(column) * slots + slot0 + n] = s; },
        [&](int r, int n, unsigned char v) { bytes[n * kPitch + r] = v; });
    consumer_sync();
    store_rows<BLOCK_M, 128>(bytes, kPitch,
                             h + static_cast<size_t>(slot0) * INTERMEDIATE_SIZE + column * 128,
                             INTERMEDIATE_SIZE, INTERMEDIATE_SIZE - column * 128);
  } else {
    store_tile<BLOCK_M>(
        sum[0], 1.f, shared_raw,
        reinterpret_cast<T*>(h) + static_cast<size_t>(slot0) * INTERMEDIATE_SIZE + column * 128,
        INTERMEDIATE_SIZE * 2, (INTERMEDIATE_SIZE - column * 128) * 2);
  }
}
