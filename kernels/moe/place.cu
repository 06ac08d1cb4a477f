// Gives every (token, choice) a slot so that an expert's slots are contiguous and start at a
// multiple of BLOCK_M, lists the tiles of BLOCK_M slots and copies tokens to their slots, a warp a
// (token, choice). slot [tokens, kChoices] or -1; tile_row: expert row of each tile; tile_count; x
// [slots, HIDDEN_SIZE]; x_scale [HIDDEN_SIZE / 128, slots] with WEIGHT_FORMAT 1. hidden_scale: with
// WEIGHT_FORMAT 3 and 4 bytes, [tokens, HIDDEN_SIZE / 16]; such tokens are dequantized to 16 bits
// as they are copied. Every CTA adds up the tiles of all rows for itself. GROUPED 1, 2: tile_row is
// GroupedSchedule's two tables. GROUPED 2: tokens stay where they are, but for packed ones,
// dequantized to x [tokens, HIDDEN_SIZE]; in x_scale's place [slots], the token of each.
//
// Constants: NUM_LOCAL_EXPERTS, NUM_SHARED_EXPERTS, TOP_K, HIDDEN_SIZE, BLOCK_M, WEIGHT_FORMAT (0:
// 16-bit, 1: FP8 in blocks of 128 x 128, 2: FP8 with a scale an expert, 3: NVFP4, 4: NVFP4 with
// weights dequantized first), WEIGHT_ON_INPUT, GROUPED.
#include "../device/copy.cuh"
#include "../device/grouped_wgmma.cuh"
#include "../device/launch.cuh"
#include "../device/nvfp4.cuh"
#include "sizes.cuh"
using namespace kdex;

constexpr int kChoices = TOP_K + NUM_SHARED_EXPERTS;
constexpr bool kFp8 = WEIGHT_FORMAT == 1 || WEIGHT_FORMAT == 2;
[[maybe_unused]] constexpr int kBytes = kFp8 ? 1 : 2;

#if WEIGHT_FORMAT >= 3
// By a warp: a packed token to 16 bits.
__device__ __forceinline__ void dequantize_token(const Element* hidden, const float* hidden_scale,
                                                 int t, Element* x) {
  uint4* into = reinterpret_cast<uint4*>(x);
  const Element* from = hidden + static_cast<size_t>(t) * (HIDDEN_SIZE / 2);
  const Element* by =
      reinterpret_cast<const Element*>(hidden_scale) + static_cast<size_t>(t) * (HIDDEN_SIZE / 16);
  for (int k = threadIdx.x % 32; k < HIDDEN_SIZE / 16; k += 32) {
    uint4 wide[2];
    dequantize16<WEIGHT_FORMAT == 3>(__ldg(reinterpret_cast<const uint2*>(from + k * 8)),
                                     __ldg(by + k), wide);
    into[k * 2] = wide[0], into[k * 2 + 1] = wide[1];
  }
}
#endif

KDEX_KERNEL void __launch_bounds__(256)
    moe_place(const Element* __restrict__ hidden, const float* __restrict__ hidden_scale,
              const int* __restrict__ local, const int* __restrict__ place,
              const int* __restrict__ count, const float* __restrict__ weight,
              int* __restrict__ slot, int* __restrict__ tile_row, int* __restrict__ tile_count,
              Element* __restrict__ x, float* __restrict__ x_scale, float* __restrict__ slot_weight,
              int tokens, int slots) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
#if GROUPED
  using Count = unsigned long long;  // tiles; above them units, as GroupedSchedule wants
  auto count_of = [](int tiles) {
    return static_cast<Count>(shared_units(tiles) << 16 | own_units(tiles)) << 32 |
           static_cast<Count>(tiles);
  };
#else
  using Count = int;
  auto count_of = [](int tiles) { return tiles; };
#endif
  __shared__ int first_tile[NUM_LOCAL_EXPERTS];
  __shared__ Count in_warp[8];
  constexpr int kEach = (NUM_LOCAL_EXPERTS + 255) / 256;
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, tiles[kEach];
  Count upto = 0;
  int entries = tokens * kChoices;
#if GROUPED != 2
  int begin = blockIdx.x * 8 + warp;
  int row0 = begin < entries ? local[begin] : -1,
      place0 = begin < entries ? place[begin] : 0;  // prefetched
#endif
#pragma unroll
  for (int i = 0; i < kEach; ++i) {
    int row = threadIdx.x * kEach + i;
    tiles[i] = row < NUM_LOCAL_EXPERTS ? (count[row] + BLOCK_M - 1) / BLOCK_M : 0;
    upto += count_of(tiles[i]);
  }
#pragma unroll
  for (int offset = 1; offset < 32; offset *= 2) {
    Count other = __shfl_up_sync(0xffffffffu, upto, offset);
    if (lane >= offset) upto += other;
  }
  if (lane == 31) in_warp[warp] = upto;
  __syncthreads();
  for (int w = 0; w < warp; ++w) upto += in_warp[w];
  auto tell = [&](int row) {  // what lies before a row
#if GROUPED
    if (blockIdx.x == 0)
      tile_row[row] = static_cast<int>(upto),
      tile_row[NUM_LOCAL_EXPERTS + 1 + row] = static_cast<int>(upto >> 32);
#endif
  };
  if (blockIdx.x == 0 && threadIdx.x == 255)
    *tile_count = static_cast<int>(upto), tell(NUM_LOCAL_EXPERTS);
#pragma unroll
  for (int i = kEach - 1; i >= 0; --i) {
    int row = threadIdx.x * kEach + i;
    upto -= count_of(tiles[i]);
    if (row < NUM_LOCAL_EXPERTS) first_tile[row] = static_cast<int>(upto), tell(row);
#if !GROUPED
    if (blockIdx.x == 0)
      for (int n = 0; n < tiles[i]; ++n) tile_row[upto + n] = row;
#endif
  }
  __syncthreads();
#if GROUPED == 2
  int* source = reinterpret_cast<int*>(x_scale);
  for (int i = blockIdx.x * 256 + threadIdx.x; i < entries; i += gridDim.x * 256) {
    int row = local[i], to = row >= 0 ? first_tile[row] * BLOCK_M + place[i] : -1;
    slot[i] = to;
    if (to < 0) continue;
    source[to] = i / kChoices;
    if (WEIGHT_ON_INPUT) slot_weight[to] = weight[i];
  }
#if WEIGHT_FORMAT == 4
  for (int t = blockIdx.x * 8 + warp; t < tokens; t += gridDim.x * 8)
    dequantize_token(hidden, hidden_scale, t, x + static_cast<size_t>(t) * HIDDEN_SIZE * kBytes);
#endif
#else
  for (int i = begin; i < entries; i += gridDim.x * 8) {
    int row = i == begin ? row0 : local[i], t = i / kChoices;
    int to = row >= 0 ? first_tile[row] * BLOCK_M + (i == begin ? place0 : place[i]) : -1;
    if (lane == 0) slot[i] = to;
    if (to < 0) continue;
#if WEIGHT_FORMAT >= 3
    dequantize_token(hidden, hidden_scale, t, x + static_cast<size_t>(to) * HIDDEN_SIZE * kBytes);
#else
    uint4* into = reinterpret_cast<uint4*>(x + static_cast<size_t>(to) * HIDDEN_SIZE * kBytes);
    const Element* from = hidden + static_cast<size_t>(t) * HIDDEN_SIZE * kBytes;
#pragma unroll 8
    for (int k = lane; k < HIDDEN_SIZE * kBytes / 16; k += 32) into[k] = load16(from + k * 16);
#endif
#if WEIGHT_FORMAT == 1
    for (int k = lane; k < HIDDEN_SIZE / 128; k += 32)
      x_scale[static_cast<size_t>(k) * slots + to] =
          hidden_scale[static_cast<size_t>(k) * tokens + t];
#endif
    if (WEIGHT_ON_INPUT && lane == 0) slot_weight[to] = weight[i];
  }
#endif
}
