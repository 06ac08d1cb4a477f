// h = act(gate) * up of the first expert product, where the first half of W1's rows is up and the
// second the gate: a tile is 128 rows of up with their 128 gates, so the activation needs no second
// pass; with FP8 its result is quantized again, one scale for 128 columns of a slot. h [slots,
// INTERMEDIATE_SIZE], h_scale [INTERMEDIATE_SIZE / 128 rounded up, slots]. scale: W1's of 128 x 128
// blocks [NUM_LOCAL_EXPERTS, 2 INTERMEDIATE_SIZE / 128, HIDDEN_SIZE / 128], or with WEIGHT_FORMAT 2
// to 4 of the up rows [NUM_LOCAL_EXPERTS] with gate_scale of the gates. Where a size ends within a
// tile, what comes of the rows behind is not stored. NVFP4 weights [NUM_LOCAL_EXPERTS, 2
// INTERMEDIATE_SIZE, HIDDEN_SIZE / 2] with block_scale [NUM_LOCAL_EXPERTS, 2 INTERMEDIATE_SIZE,
// HIDDEN_SIZE / 16], for every architecture, by mma.sync (swap_ab_nvfp4.cuh). h is permuted, as the
// second product takes it. Where there are few tiles, the SPLIT_K CTAs of a cluster share k and
// each ends a part of a tile's tokens, a warp each (sm_90a).
//
// Grid: (blocks of 128 of INTERMEDIATE_SIZE * SPLIT_K, tiles).
//
// Constants: NUM_LOCAL_EXPERTS, NUM_SHARED_EXPERTS, HIDDEN_SIZE, INTERMEDIATE_SIZE, BLOCK_M,
// NUM_STAGES, SPLIT_K, WEIGHT_FORMAT (3), WEIGHT_ON_INPUT, ACTIVATION (activation.cuh).
#include "../device/launch.cuh"
#include "../device/swap_ab_nvfp4.cuh"
#include "activation.cuh"
#include "share_sums.cuh"
#include "sizes.cuh"
#include "store_tile.cuh"
using namespace kdex;

static_assert(sizeof(ExpertSizes<WEIGHT_FORMAT, HIDDEN_SIZE, INTERMEDIATE_SIZE>) > 0,
              "sizes that the tile takes");
constexpr int kRoutedExperts = NUM_LOCAL_EXPERTS - NUM_SHARED_EXPERTS;
using ExpertGate = Gate<WEIGHT_FORMAT, ACTIVATION>;
using Tile = SwapAbNvfp4<false, BLOCK_M, NUM_STAGES>;

KDEX_KERNEL void
#if SPLIT_K > 1
KDEX_CLUSTER_DIMS(SPLIT_K, 1, 1)
#endif
    __launch_bounds__(Tile::kThreads, Tile::kCtasPerSm)
        moe_up(const Element* __restrict__ weights, const T* __restrict__ tokens,
               const Element* __restrict__ block_scale, const float* __restrict__ scale,
               const float* __restrict__ gate_scale, const float* __restrict__ slot_weight,
               const int* __restrict__ tile_row, const int* __restrict__ tile_count,
               T* __restrict__ h, float*, int) {
  extern __shared__ __align__(128) unsigned char shared_raw[];
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  if (static_cast<int>(blockIdx.y) >= *tile_count) return;
  int row = tile_row[blockIdx.y], slot0 = blockIdx.y * BLOCK_M, column = blockIdx.x / SPLIT_K,
      rank = blockIdx.x % SPLIT_K;
  constexpr int kNumKBlocks = (HIDDEN_SIZE + 127) / 128;
  int first = kNumKBlocks * rank / SPLIT_K, k_blocks = kNumKBlocks * (rank + 1) / SPLIT_K - first;
  float sum[2][BLOCK_M / 2];
  Tile().mainloop(
      sum, shared_raw, weights, block_scale, NUM_LOCAL_EXPERTS * 2 * INTERMEDIATE_SIZE, HIDDEN_SIZE,
      first, k_blocks,
      [&](int r) {
        return (row * 2 + r / 128) * INTERMEDIATE_SIZE +
               min(column * 128 + r % 128, INTERMEDIATE_SIZE - 1);
      },
      [&](int t) { return tokens + static_cast<size_t>(slot0 + t) * HIDDEN_SIZE; });
  ExpertGate gate(row, scale, gate_scale, nullptr, nullptr, nullptr);
#if SPLIT_K > 1
  share_sums<BLOCK_M>(sum, shared_raw);
  int lane = threadIdx.x % 32;
  for (int t = BLOCK_M * rank / SPLIT_K + threadIdx.x / 32; t < BLOCK_M * (rank + 1) / SPLIT_K;
       t += 8) {
    float4 up = shared_sum<SPLIT_K>(shared_raw, t, lane * 4),
           g = shared_sum<SPLIT_K>(shared_raw, t, 128 + lane * 4);
    float w = weight_on_input<WEIGHT_ON_INPUT, kRoutedExperts>(row, slot_weight, slot0 + t);
    float v[4] = {gate(up.x, g.x, w), gate(up.y, g.y, w), gate(up.z, g.z, w), gate(up.w, g.w, w)};
    T* to = h + static_cast<size_t>(slot0 + t) * INTERMEDIATE_SIZE + column * 128 + lane / 2 * 8 +
            lane % 2;  // permuted
    if (column * 128 + lane * 4 < INTERMEDIATE_SIZE)
#pragma unroll
      for (int i = 0; i < 4; ++i) to[i * 2] = from_float(v[i]);
  }
  cluster_sync();
#else
  gate_up<BLOCK_M, INTERMEDIATE_SIZE>(
      sum, gate,
      [&](int t) {
        return weight_on_input<WEIGHT_ON_INPUT, kRoutedExperts>(row, slot_weight, slot0 + t);
      },
      column);
  store_tile<BLOCK_M, true>(sum[0], 1.f, shared_raw,
                            h + static_cast<size_t>(slot0) * INTERMEDIATE_SIZE + column * 128,
                            INTERMEDIATE_SIZE * 2, (INTERMEDIATE_SIZE - column * 128) * 2);
#endif
}
