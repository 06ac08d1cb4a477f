// h = act(gate) * up of the first expert product, where the first half of W1's rows is up and the
// second the gate: a tile is 128 rows of up with their 128 gates, so the activation needs no second
// pass; with FP8 its result is quantized again, one scale for 128 columns of a slot. h [slots,
// INTERMEDIATE_SIZE], h_scale [INTERMEDIATE_SIZE / 128 rounded up, slots]. scale: W1's of 128 x 128
// blocks [NUM_LOCAL_EXPERTS, 2 INTERMEDIATE_SIZE / 128, HIDDEN_SIZE / 128], or with WEIGHT_FORMAT 2
// to 4 of the up rows [NUM_LOCAL_EXPERTS] with gate_scale of the gates. alpha, beta, limit
// [NUM_LOCAL_EXPERTS] may be null. Where a size ends within a tile, what comes of the rows behind
// is not stored. On sm_90a: swap-AB tiles of 256 weight rows times BLOCK_M slots
// (swap_ab_wgmma.cuh), a persistent grid whose CTAs take tiles in turn; a tile's columns stand side
// by side. Where there are few tiles, the SPLIT_K CTAs of a cluster share k and each ends a part of
// a tile's tokens, a warp each.
//
// Constants: NUM_LOCAL_EXPERTS, NUM_SHARED_EXPERTS, HIDDEN_SIZE, INTERMEDIATE_SIZE, BLOCK_M,
// NUM_STAGES, SPLIT_K, WEIGHT_FORMAT (0: 16-bit, 1: FP8 in blocks of 128 x 128, 2: FP8 with a scale
// an expert), WEIGHT_ON_INPUT, ACTIVATION (activation.cuh).
#include "../device/fp8.cuh"
#include "../device/launch.cuh"
#include "../device/swap_ab_wgmma.cuh"
#include "../device/warp.cuh"
#include "activation.cuh"
#include "sizes.cuh"
using namespace kdex;

using Sizes = ExpertSizes<WEIGHT_FORMAT, HIDDEN_SIZE, INTERMEDIATE_SIZE>;
constexpr bool kFp8 = Sizes::kFp8;
constexpr int kBytes = Sizes::kBytes, kHiddenBlocks = Sizes::kHiddenBlocks,
              kIntermediateBlocks = Sizes::kIntermediateBlocks;
constexpr int kRoutedExperts = NUM_LOCAL_EXPERTS - NUM_SHARED_EXPERTS;
using ExpertGate = Gate<WEIGHT_FORMAT, ACTIVATION>;
using Tile = SwapAbWgmma<kFp8, BLOCK_M, NUM_STAGES, false>;
constexpr int kBlockK = Tile::kBlockK, kNumKBlocks = (HIDDEN_SIZE + kBlockK - 1) / kBlockK,
              kNumBlocksN = kIntermediateBlocks;

// Over 100 lines: producer and consumers are one kernel's roles over the same barriers and memory.
KDEX_KERNEL void KDEX_CLUSTER_DIMS(SPLIT_K, 1, 1) __launch_bounds__(Tile::kThreads, 1)
    moe_up(const __grid_constant__ TensorMap weights, const __grid_constant__ TensorMap tokens,
           const float* __restrict__ x_scale, const float* __restrict__ scale,
           const float* __restrict__ gate_scale, const float* __restrict__ alpha,
           const float* __restrict__ beta, const float* __restrict__ limit,
           const float* __restrict__ slot_weight, const int* __restrict__ tile_row,
           const int* __restrict__ tile_count, const __grid_constant__ TensorMap h_map,
           Element* __restrict__ h, float* __restrict__ h_scale, int slots) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  // Shared memory.
  extern __shared__ __align__(128) unsigned char shared_raw[];
  __shared__ __align__(8) unsigned long long barriers[2 * NUM_STAGES];
  constexpr bool scaled = WEIGHT_FORMAT == 1;
  int rank = blockIdx.x % SPLIT_K, first = kNumKBlocks * rank / SPLIT_K,
      k_blocks = kNumKBlocks * (rank + 1) / SPLIT_K - first;
  int begin = blockIdx.x / SPLIT_K, stride = gridDim.x / SPLIT_K, items = *tile_count * kNumBlocksN;
  int row = tile_row[begin / kNumBlocksN];  // (behind the last tile: not used)
  Tile tile;
  tile.init(shared_raw, barriers, weights, tokens);
  if (threadIdx.x >= 256) {
    // Producer.
    setmaxnreg_dec<40>();
    if (threadIdx.x == 256)
      for (int item = begin; item < items; item += stride) {
        int column = item % kNumBlocksN;
        if (item > begin) row = tile_row[item / kNumBlocksN];
        tile.produce<scaled>(
            first, k_blocks, weights,
            [&](int block, int step, int& x, int& y) {
              x = step * kBlockK,
              y = row * 2 * INTERMEDIATE_SIZE + block * INTERMEDIATE_SIZE + column * 128;
            },
            tokens, item / kNumBlocksN * BLOCK_M, x_scale, slots);
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
  unsigned char* bytes = shared_raw + (tile.staging - shared_address(shared_raw));
  auto scale_of = [&](int item, int row, int block) {
    return scaled ? scale +
                        (static_cast<size_t>(row) * 2 * kIntermediateBlocks +
                         block * kIntermediateBlocks + item % kNumBlocksN) *
                            kHiddenBlocks +
                        first
                  : nullptr;
  };
  if (scaled && begin < items)
    tile.prefetch_scales(scale_of(begin, row, 0), scale_of(begin, row, 1));
  for (int item = begin, next, next_row; item < items; item = next, row = next_row) {
    next = item + stride, next_row = next < items ? tile_row[next / kNumBlocksN] : 0;
    int column = item % kNumBlocksN, slot0 = item / kNumBlocksN * BLOCK_M;
    float sum[2][BLOCK_M / 2];
    // Main loop, then epilogue.
    tile.mainloop<scaled>(sum, k_blocks, scale_of(item, row, 0), scale_of(item, row, 1),
                          scale_of(next, next_row, 0), scale_of(next, next_row, 1));
    ExpertGate gate(row, scale, gate_scale, alpha, beta, limit);
    if constexpr (SPLIT_K > 1) {
      tile.store_accumulators(sum);
      cluster_sync();
      int lane = threadIdx.x % 32;
      for (int t = BLOCK_M * rank / SPLIT_K + threadIdx.x / 32; t < BLOCK_M * (rank + 1) / SPLIT_K;
           t += 8) {
        float4 up = tile.cluster_sum<SPLIT_K>(t, lane * 4),
               g = tile.cluster_sum<SPLIT_K>(t, 128 + lane * 4);
        float w = weight_on_input<WEIGHT_ON_INPUT, kRoutedExperts>(row, slot_weight, slot0 + t);
        float v[4] = {gate(up.x, g.x, w), gate(up.y, g.y, w), gate(up.z, g.z, w),
                      gate(up.w, g.w, w)};
        bool live = INTERMEDIATE_SIZE % 128 == 0 || column * 128 + lane * 4 < INTERMEDIATE_SIZE;
        if (!live) v[0] = v[1] = v[2] = v[3] = 0.f;
        Element* to =
            h +
            (static_cast<size_t>(slot0 + t) * INTERMEDIATE_SIZE + column * 128 + lane * 4) * kBytes;
        if constexpr (kFp8) {
          float most = fmaxf(
              warp_max(fmaxf(fmaxf(fabsf(v[0]), fabsf(v[1])), fmaxf(fabsf(v[2]), fabsf(v[3])))),
              1e-30f);
          if (lane == 0)
            h_scale[static_cast<size_t>(column) * slots + slot0 + t] = most * (1.f / 448.f);
#pragma unroll
          for (int i = 0; i < 4; ++i)
            if (live) to[i] = float_to_fp8(v[i] * (448.f / most));
        } else if (live) {
          *reinterpret_cast<uint2*>(to) = make_uint2(pack2(v[0], v[1]), pack2(v[2], v[3]));
        }
      }
      cluster_sync();
    } else if constexpr (kFp8) {
      gate_up<BLOCK_M, INTERMEDIATE_SIZE>(
          sum, gate,
          [&](int t) {
            return weight_on_input<WEIGHT_ON_INPUT, kRoutedExperts>(row, slot_weight, slot0 + t);
          },
          column);
      if (threadIdx.x == 0) tile.wait_stores();
      // (The barrier inside stands between that and the bytes; the one at the end keeps `largest`
      // until it is read.)
      quantize<BLOCK_M>(
          sum[0], reinterpret_cast<float*>(bytes + BLOCK_M * 128),
          [&](int n, float s) { h_scale[static_cast<size_t>(column) * slots + slot0 + n] = s; },
          [&](int r, int n, unsigned char v) { bytes[swizzle_128b(n, r / 16) + r % 16] = v; });
      fence_proxy_async();
      consumer_sync();
      if (threadIdx.x == 0) {
        tma_store(h_map, column * 128, slot0, tile.staging);
        tma_store_commit();
      }
    } else {
      gate_up<BLOCK_M, INTERMEDIATE_SIZE>(
          sum, gate,
          [&](int t) {
            return weight_on_input<WEIGHT_ON_INPUT, kRoutedExperts>(row, slot_weight, slot0 + t);
          },
          column);
      tile.store(h_map, column * 128 + threadIdx.x / 128 * 64, slot0, sum[0]);
    }
  }
  tile.wait_stores();
}
