// A layer of routed experts: y[t] = sum over the chosen experts held here of weight * W2 (act(gate) * up), where the
// first half of W1's rows is up and the second the gate. Six launches:
// moe_route: a warp a token chooses experts and weights. moe_plan: one block counts tokens of each expert, gives
// every (token, choice) a slot so that an expert's slots are contiguous and start at a multiple of NT, and lists
// the tiles of NT slots. moe_permute: copies tokens to their slots. moe_up, moe_down: tiles of 256 weight rows
// times NT slots; up takes 128 rows of up with their 128 gates, so the activation needs no second pass; with FP8
// its result is quantized again, one scale for 128 columns of a slot. moe_sum: adds up a token's slots.
// Constants: EXPERTS (of all ranks), ROWS (held here, shared ones last), SHARED, TOP_K, HIDDEN, INTER, N_GROUP,
// TOPK_GROUP, NT, STAGES; WEIGHTS 0: 16-bit, 1: FP8 in blocks of 128 x 128, 2: FP8 with a scale an expert;
// ROUTING 0: DeepSeek, 1: renormalize, 2: softmax over all, 3: sigmoid, 4: sigmoid renormalized, 5: given;
// WEIGHT_ON_INPUT; ACTIVATION 0: silu, 1: gelu, 2: gelu by tanh; LOGITS_FLOAT 1: float32 logits, 0: 16-bit.
#include "kdex_rows.cuh"
using namespace kdex;

#if HIDDEN % 128 != 0 || INTER % 128 != 0
#error "moe: hidden_size and intermediate_size must be multiples of 128"
#endif
#if NT % 16 != 0
#error "moe: NT must be a multiple of 16"
#endif
constexpr int kChoices = TOP_K + SHARED;
constexpr bool kFp8 = WEIGHTS > 0;
constexpr int kBytes = kFp8 ? 1 : 2;
[[maybe_unused]] constexpr int kPer = (EXPERTS + 31) / 32;
static_assert(TOP_K <= 32 && EXPERTS <= 1024, "a warp routes a token");
#if ROUTING == 0
constexpr int kInGroup = EXPERTS / N_GROUP;
static_assert(EXPERTS % N_GROUP == 0 && N_GROUP <= 32, "groups of one size, a lane each");
#endif
#if LOGITS_FLOAT
using Logits = float;
__device__ __forceinline__ float logit(Logits x) { return x; }
#else
using Logits = T;
__device__ __forceinline__ float logit(Logits x) { return to_float(x); }
#endif
using Element = unsigned char;  // tokens and weights are addressed in bytes

__device__ __forceinline__ float sigmoid(float x) { return 1.f / (1.f + expf(-x)); }
__device__ __forceinline__ float warp_sum(float x) {
  for (int step = 16; step > 0; step /= 2) x += __shfl_xor_sync(0xffffffffu, x, step);
  return x;
}
__device__ __forceinline__ float warp_max(float x) {
  for (int step = 16; step > 0; step /= 2) x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, step));
  return x;
}

// local [tokens, kChoices]: the row of the expert here, or -1; weight beside it. Equal scores: the lower number.
extern "C" __global__ void __launch_bounds__(128)
    moe_route(const Logits* __restrict__ logits, const __nv_bfloat16* __restrict__ bias,
              const int* __restrict__ given_ids, const float* __restrict__ given_weights, int* __restrict__ local,
              float* __restrict__ weight, int tokens, int first_expert, float factor) {
  int t = blockIdx.x * 4 + threadIdx.x / 32, lane = threadIdx.x % 32;
  if (t >= tokens) return;
  int my_id = -1;
  float my_weight = 0.f;
#if ROUTING == 5
  if (lane < TOP_K) my_id = given_ids[t * TOP_K + lane], my_weight = given_weights[t * TOP_K + lane];
#else
  float value[kPer];  // what is ranked
#pragma unroll
  for (int i = 0; i < kPer; ++i) {
    int e = i * 32 + lane;
    value[i] = e < EXPERTS ? logit(logits[static_cast<size_t>(t) * EXPERTS + e]) : -infinity();
  }
#if ROUTING == 0
  __shared__ float scores[4][EXPERTS], biased[4][EXPERTS];
  float* score = scores[threadIdx.x / 32];
  float* ranked = biased[threadIdx.x / 32];
#pragma unroll
  for (int i = 0; i < kPer; ++i) {
    int e = i * 32 + lane;
    if (e < EXPERTS) {
      score[e] = sigmoid(value[i]);
      ranked[e] = value[i] = score[e] + __bfloat162float(bias[e]);
    }
  }
  __syncwarp();
  if constexpr (N_GROUP > 1) {
    float a = -infinity(), b = -infinity();  // the two best of group `lane`
    if (lane < N_GROUP)
      for (int i = 0; i < kInGroup; ++i) {
        float x = ranked[lane * kInGroup + i];
        b = fmaxf(b, fminf(a, x)), a = fmaxf(a, x);
      }
    float mine = lane < N_GROUP ? a + b : -infinity();
    int better = 0;
    for (int g = 0; g < N_GROUP; ++g) {
      float other = __shfl_sync(0xffffffffu, mine, g);
      better += other > mine || (other == mine && g < lane);
    }
    unsigned open = __ballot_sync(0xffffffffu, lane < N_GROUP && better < TOPK_GROUP);
#pragma unroll
    for (int i = 0; i < kPer; ++i) {
      int e = i * 32 + lane;
      if (e < EXPERTS && !(open >> e / kInGroup & 1)) value[i] = -infinity();
    }
  }
#endif
#if ROUTING == 2
  float top = value[0], all = 0.f;
#pragma unroll
  for (int i = 1; i < kPer; ++i) top = fmaxf(top, value[i]);
  top = warp_max(top);
#pragma unroll
  for (int i = 0; i < kPer; ++i) all += expf(value[i] - top);
  all = warp_sum(all);
#endif
  unsigned taken = 0;
  [[maybe_unused]] float my_value = -infinity();
  for (int k = 0; k < TOP_K; ++k) {
    float best = -infinity();
    int at = 1 << 20;
#pragma unroll
    for (int i = 0; i < kPer; ++i)
      if (!(taken >> i & 1) && i * 32 + lane < EXPERTS && (value[i] > best || at == 1 << 20)) best = value[i], at = i * 32 + lane;
#pragma unroll
    for (int step = 16; step > 0; step /= 2) {
      float other = __shfl_xor_sync(0xffffffffu, best, step);
      int from = __shfl_xor_sync(0xffffffffu, at, step);
      if (other > best || (other == best && from < at)) best = other, at = from;
    }
    if (at % 32 == lane) taken |= 1u << at / 32;
    if (lane == k) my_id = at, my_value = best;
  }
  bool mine = lane < TOP_K;
#if ROUTING == 0
  float s = mine ? score[my_id] : 0.f;
  my_weight = s / (warp_sum(s) + 1e-20f) * factor;
#elif ROUTING == 1
  float top = __shfl_sync(0xffffffffu, my_value, 0), e = mine ? expf(my_value - top) : 0.f;
  my_weight = e / warp_sum(e);
#elif ROUTING == 2
  my_weight = mine ? expf(my_value - top) / all : 0.f;
#elif ROUTING == 3
  my_weight = mine ? sigmoid(my_value) : 0.f;
#else
  float s = mine ? sigmoid(my_value) : 0.f;
  my_weight = s / warp_sum(s);
#endif
#endif
  if (lane < TOP_K) {
    int row = my_id - first_expert;
    local[t * kChoices + lane] = row >= 0 && row < ROWS - SHARED ? row : -1;
    weight[t * kChoices + lane] = my_weight;
  } else if (lane < kChoices) {
    local[t * kChoices + lane] = ROWS - SHARED + lane - TOP_K;
    weight[t * kChoices + lane] = 1.f;
  }
}

// slot [tokens, kChoices] or -1; tile_row, tile_slot: expert row and first slot of each tile; tile_count.
extern "C" __global__ void __launch_bounds__(1024)
    moe_plan(const int* __restrict__ local, int* __restrict__ slot, int* __restrict__ tile_row,
             int* __restrict__ tile_slot, int* __restrict__ tile_count, int tokens) {
  __shared__ int count[ROWS], start[ROWS];
  for (int i = threadIdx.x; i < ROWS; i += 1024) count[i] = 0;
  __syncthreads();
  int n = tokens * kChoices;
  for (int i = threadIdx.x; i < n; i += 1024)
    if (int row = local[i]; row >= 0) atomicAdd(&count[row], 1);
  __syncthreads();
  if (threadIdx.x < 32) {
    int before = 0;  // tiles
    for (int r0 = 0; r0 < ROWS; r0 += 32) {
      int row = r0 + threadIdx.x, mine = row < ROWS ? (count[row] + NT - 1) / NT : 0, upto = mine;
#pragma unroll
      for (int step = 1; step < 32; step *= 2) {
        int x = __shfl_up_sync(0xffffffffu, upto, step);
        if (static_cast<int>(threadIdx.x) >= step) upto += x;
      }
      int first = before + upto - mine;
      if (row < ROWS) start[row] = first * NT, count[row] = 0;
      for (int i = 0; i < mine; ++i) tile_row[first + i] = row, tile_slot[first + i] = (first + i) * NT;
      before += __shfl_sync(0xffffffffu, upto, 31);
    }
    if (threadIdx.x == 0) *tile_count = before;
  }
  __syncthreads();
  for (int i = threadIdx.x; i < n; i += 1024) {
    int row = local[i];
    slot[i] = row >= 0 ? start[row] + atomicAdd(&count[row], 1) : -1;
  }
}

// A block a (token, choice). x [slots, HIDDEN]; x_scale [HIDDEN / 128, slots] with WEIGHTS 1.
extern "C" __global__ void __launch_bounds__(128)
    moe_permute(const Element* __restrict__ hidden, const float* __restrict__ hidden_scale,
                const int* __restrict__ slot, const float* __restrict__ weight, Element* __restrict__ x,
                float* __restrict__ x_scale, float* __restrict__ slot_weight, int tokens, int slots) {
  int to = slot[blockIdx.x], t = blockIdx.x / kChoices;
  if (to < 0) return;
  for (int i = threadIdx.x; i < HIDDEN * kBytes / 16; i += 128)
    reinterpret_cast<uint4*>(x + static_cast<size_t>(to) * HIDDEN * kBytes)[i] =
        load16(hidden + static_cast<size_t>(t) * HIDDEN * kBytes + i * 16);
#if WEIGHTS == 1
  for (int i = threadIdx.x; i < HIDDEN / 128; i += 128)
    x_scale[static_cast<size_t>(i) * slots + to] = hidden_scale[static_cast<size_t>(i) * tokens + t];
#endif
  if (threadIdx.x == 0) slot_weight[to] = weight[blockIdx.x];
}

__device__ __forceinline__ float activate(float gate) {
#if ACTIVATION == 1
  return 0.5f * gate * (1.f + erff(gate * 0.7071067811865476f));
#elif ACTIVATION == 2
  return 0.5f * gate * (1.f + tanhf(0.7978845608028654f * (gate + 0.044715f * gate * gate * gate)));
#else
  return gate / (1.f + __expf(-gate));
#endif
}

// A tile from the accumulators through shared memory to rows of `pitch` bytes; `wide` bytes of each slot.
template <int wide>
__device__ __forceinline__ void write_tile(const unsigned char* tile, int tile_pitch, unsigned char* to, size_t pitch) {
  for (int i = threadIdx.x; i < NT * (wide / 16); i += 256) {
    int n = i / (wide / 16), c = i % (wide / 16) * 16;
    *reinterpret_cast<uint4*>(to + n * pitch + c) = *reinterpret_cast<const uint4*>(tile + n * tile_pitch + c);
  }
}
__device__ __forceinline__ void sync_multipliers() { asm volatile("bar.sync 1, 256;" ::: "memory"); }

// h [slots, INTER], h_scale [INTER / 128, slots]. scale: W1's of 128 x 128 blocks [ROWS, 2 INTER / 128, HIDDEN / 128], or
// with WEIGHTS 2 of the up rows [ROWS] with gate_scale of the gates. alpha, beta, limit [ROWS] may be null.
extern "C" __global__ void __launch_bounds__(Rows256<kFp8>::kThreads, 1)
#if KDEX_ARCH == 90
    moe_up(const __grid_constant__ TensorMap weights, const __grid_constant__ TensorMap tokens,
#else
    moe_up(const Element* __restrict__ weights, const Element* __restrict__ tokens,
#endif
           const float* __restrict__ x_scale, const float* __restrict__ scale, const float* __restrict__ gate_scale,
           const float* __restrict__ alpha, const float* __restrict__ beta, const float* __restrict__ limit,
           const float* __restrict__ slot_weight, const int* __restrict__ tile_row,
           const int* __restrict__ tile_slot, const int* __restrict__ tile_count, Element* __restrict__ h,
           float* __restrict__ h_scale, int slots) {
  extern __shared__ __align__(128) unsigned char shared_raw[];
  if (static_cast<int>(blockIdx.y) >= *tile_count) return;
  int row = tile_row[blockIdx.y], slot0 = tile_slot[blockIdx.y], column = blockIdx.x;  // 128 of INTER
  constexpr bool scaled = WEIGHTS == 1;
  constexpr int kBlocks = HIDDEN / 128, kInterBlocks = INTER / 128;
  Rows256<kFp8> tile;
  float sum[2][NT / 2];
  auto weight_scale = [&](int block, int step) {
    return __ldg(scale + (static_cast<size_t>(row) * 2 * kInterBlocks + block * kInterBlocks + column) * kBlocks + step);
  };
#if KDEX_ARCH == 90
  __shared__ __align__(8) unsigned long long barriers[2 * STAGES];
  tile.begin(shared_raw, barriers);
  constexpr int kSteps = HIDDEN / Rows256<kFp8>::kStep;
  if (threadIdx.x >= 256) {
    registers_fewer<40>();
    tile.load<scaled>(
        0, kSteps, weights,
        [&](int block, int step, int& x, int& y) {
          x = step * Rows256<kFp8>::kStep, y = row * 2 * INTER + block * INTER + column * 128;
        },
        tokens, slot0, x_scale, slots);
    return;
  }
  registers_more<232>();
  tile.multiply<scaled>(sum, 0, kSteps, weight_scale);
#else
  tile.begin(shared_raw);
  tile.multiply<scaled>(
      sum, HIDDEN,
      [&](int block, int r, int k) {
        return weights + ((static_cast<size_t>(row) * 2 + block) * INTER + column * 128 + r) * HIDDEN * kBytes + k * kBytes;
      },
      [&](int t, int k) { return tokens + (static_cast<size_t>(slot0 + t) * HIDDEN + k) * kBytes; },
      [](int) { return true; }, weight_scale,
      [&](int t, int step) { return x_scale[static_cast<size_t>(step) * slots + slot0 + t]; });
#endif
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, c = lane % 4;
  float up_factor = 1.f, gate_factor = 1.f;
#if WEIGHTS == 2
  up_factor = scale[row], gate_factor = gate_scale[row];
#endif
  float steep = alpha ? alpha[row] : 1.f, shift = beta ? beta[row] : 0.f, most = limit ? limit[row] : infinity();
#pragma unroll
  for (int i = 0; i < NT / 2; ++i) {
    float w = WEIGHT_ON_INPUT && row < ROWS - SHARED ? slot_weight[slot0 + i / 4 * 8 + 2 * c + i % 2] : 1.f;
    float up = fmaxf(fminf(sum[0][i] * (up_factor * w), most), -most), gate = fminf(sum[1][i] * (gate_factor * w), most);
    float a = alpha ? gate / (1.f + __expf(-steep * gate)) : activate(gate);
    sum[0][i] = a * (up + shift);
  }
#if KDEX_ARCH == 90
  unsigned char* free_shared = shared_raw + (tile.base - shared_address(shared_raw));
#else
  unsigned char* free_shared = shared_raw;
#endif
  sync_multipliers();
  if constexpr (kFp8) {
    float* largest = reinterpret_cast<float*>(free_shared);  // [8][NT]
    unsigned char* bytes = free_shared + 8 * NT * 4;
    constexpr int kPitch = 128 + 16;
#pragma unroll
    for (int j = 0; j < NT / 8; ++j)
#pragma unroll
      for (int e = 0; e < 2; ++e) {
        float a = fmaxf(fabsf(sum[0][4 * j + e]), fabsf(sum[0][4 * j + 2 + e]));
        for (int step = 4; step < 32; step *= 2) a = fmaxf(a, __shfl_xor_sync(0xffffffffu, a, step));
        if (g == 0) largest[warp * NT + 8 * j + 2 * c + e] = a;
      }
    sync_multipliers();
#pragma unroll
    for (int j = 0; j < NT / 8; ++j)
#pragma unroll
      for (int e = 0; e < 2; ++e) {
        int n = 8 * j + 2 * c + e;
        float a = 1e-30f;
#pragma unroll
        for (int w = 0; w < 8; ++w) a = fmaxf(a, largest[w * NT + n]);
        if (warp == 0 && g == 0) h_scale[static_cast<size_t>(column) * slots + slot0 + n] = a / 448.f;
        float inverse = 448.f / a;
        bytes[n * kPitch + warp * 16 + g] = float_to_fp8(sum[0][4 * j + e] * inverse);
        bytes[n * kPitch + warp * 16 + g + 8] = float_to_fp8(sum[0][4 * j + 2 + e] * inverse);
      }
    sync_multipliers();
    write_tile<128>(bytes, kPitch, h + static_cast<size_t>(slot0) * INTER + column * 128, INTER);
  } else {
    T* values = reinterpret_cast<T*>(free_shared);
    constexpr int kPitch = 128 + 8;
#pragma unroll
    for (int i = 0; i < NT / 2; ++i)
      values[(i / 4 * 8 + 2 * c + i % 2) * kPitch + warp * 16 + g + i / 2 % 2 * 8] = from_float(sum[0][i]);
    sync_multipliers();
    write_tile<256>(free_shared, kPitch * 2, h + (static_cast<size_t>(slot0) * INTER + column * 128) * 2, INTER * 2);
  }
}

// y [slots, HIDDEN] in 16 bits, times the slot's weight. scale: W2's [ROWS, HIDDEN / 128, INTER / 128], or [ROWS].
extern "C" __global__ void __launch_bounds__(Rows256<kFp8>::kThreads, 1)
#if KDEX_ARCH == 90
    moe_down(const __grid_constant__ TensorMap weights, const __grid_constant__ TensorMap tokens,
#else
    moe_down(const Element* __restrict__ weights, const Element* __restrict__ tokens,
#endif
             const float* __restrict__ h_scale, const float* __restrict__ scale, const float* __restrict__ slot_weight,
             const int* __restrict__ tile_row, const int* __restrict__ tile_slot, const int* __restrict__ tile_count,
             T* __restrict__ y, int slots) {
  extern __shared__ __align__(128) unsigned char shared_raw[];
  if (static_cast<int>(blockIdx.y) >= *tile_count) return;
  int row = tile_row[blockIdx.y], slot0 = tile_slot[blockIdx.y], column = blockIdx.x;  // 256 of HIDDEN
  constexpr int kBlocks = INTER / 128, kHiddenBlocks = HIDDEN / 128;
  Rows256<kFp8> tile;
  float sum[2][NT / 2];
  auto weight_scale = [&](int block, int step) {
    int b = min(column * 2 + block, kHiddenBlocks - 1);
    return WEIGHTS == 1 ? __ldg(scale + (static_cast<size_t>(row) * kHiddenBlocks + b) * kBlocks + step) : 1.f;
  };
#if KDEX_ARCH == 90
  __shared__ __align__(8) unsigned long long barriers[2 * STAGES];
  tile.begin(shared_raw, barriers);
  constexpr int kSteps = INTER / Rows256<kFp8>::kStep;
  if (threadIdx.x >= 256) {
    registers_fewer<40>();
    tile.load<kFp8>(
        0, kSteps, weights,
        [&](int block, int step, int& x, int& y) {
          x = step * Rows256<kFp8>::kStep, y = row * HIDDEN + min(column * 2 + block, kHiddenBlocks - 1) * 128;
        },
        tokens, slot0, h_scale, slots);
    return;
  }
  registers_more<232>();
  tile.multiply<kFp8>(sum, 0, kSteps, weight_scale);
#else
  tile.begin(shared_raw);
  tile.multiply<kFp8>(
      sum, INTER,
      [&](int block, int r, int k) {
        int at = min(column * 2 + block, kHiddenBlocks - 1) * 128 + r;
        return weights + ((static_cast<size_t>(row) * HIDDEN + at) * INTER + k) * kBytes;
      },
      [&](int t, int k) { return tokens + (static_cast<size_t>(slot0 + t) * INTER + k) * kBytes; },
      [](int) { return true; }, weight_scale,
      [&](int t, int step) { return h_scale[static_cast<size_t>(step) * slots + slot0 + t]; });
#endif
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, c = lane % 4;
  float factor = 1.f;
#if WEIGHTS == 2
  factor = scale[row];
#endif
#if KDEX_ARCH == 90
  unsigned char* free_shared = shared_raw + (tile.base - shared_address(shared_raw));
#else
  unsigned char* free_shared = shared_raw;
#endif
  T* values = reinterpret_cast<T*>(free_shared);
  constexpr int kPitch = 128 + 8;
#pragma unroll
  for (int block = 0; block < 2; ++block) {
    if (column * 2 + block >= kHiddenBlocks) break;
    sync_multipliers();
#pragma unroll
    for (int i = 0; i < NT / 2; ++i) {
      int n = i / 4 * 8 + 2 * c + i % 2;
      float w = WEIGHT_ON_INPUT ? factor : factor * slot_weight[slot0 + n];
      values[n * kPitch + warp * 16 + g + i / 2 % 2 * 8] = from_float(sum[block][i] * w);
    }
    sync_multipliers();
    write_tile<256>(free_shared, kPitch * 2, reinterpret_cast<unsigned char*>(y + static_cast<size_t>(slot0) * HIDDEN + (column * 2 + block) * 128),
                    HIDDEN * 2);
  }
}

// A block a token and 1024 columns.
extern "C" __global__ void __launch_bounds__(128)
    moe_sum(const T* __restrict__ y, const int* __restrict__ slot, T* __restrict__ output) {
  int d = (blockIdx.y * 128 + threadIdx.x) * 8;
  if (d >= HIDDEN) return;
  float sum[8] = {};
#pragma unroll
  for (int k = 0; k < kChoices; ++k) {
    int from = slot[blockIdx.x * kChoices + k];
    if (from < 0) continue;
    Vec8 v;
    v.raw = load16(y + static_cast<size_t>(from) * HIDDEN + d);
#pragma unroll
    for (int i = 0; i < 8; ++i) sum[i] += to_float(v.at[i]);
  }
  Vec8 v;
#pragma unroll
  for (int i = 0; i < 8; ++i) v.at[i] = from_float(sum[i]);
  *reinterpret_cast<uint4*>(output + static_cast<size_t>(blockIdx.x) * HIDDEN + d) = v.raw;
}
