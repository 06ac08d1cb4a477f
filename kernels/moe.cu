// A layer of routed experts: y[t] = sum over the chosen experts held here of weight * W2 (act(gate)
// * up), where the first half of W1's rows is up and the second the gate. Five launches: moe_route:
// a warp a token chooses experts and weights, and takes a place among the tokens of each expert.
// moe_place: gives every (token, choice) a slot so that an expert's slots are contiguous and start
// at a multiple of NT, lists the tiles of NT slots and copies tokens to their slots. moe_up,
// moe_down: tiles of 256 weight rows times NT slots; up takes 128 rows of up with their 128 gates,
// so the activation needs no second pass; with FP8 its result is quantized again, one scale for 128
// columns of a slot. moe_sum: adds up a token's slots. HIDDEN and INTER may end within a block of
// 128 (not with WEIGHTS 1): the last block's rows behind the end are others' or none, and what
// comes of them is not stored; behind the end of k both operands are zeros. Constants: EXPERTS (of
// all ranks), ROWS (held here, shared ones last), SHARED, TOP_K, HIDDEN, INTER, N_GROUP,
// TOPK_GROUP, NT, STAGES; WEIGHTS 0: 16-bit, 1: FP8 in blocks of 128 x 128, 2: FP8 with a scale an
// expert, 3: NVFP4 with a factor an expert (kdex_fp4.cuh; tokens are widened to 16 bits as they are
// copied, h stays in 16 bits), 4 (WIDE 2): the same with weights that moe_widen has written in 16
// bits; ROUTING 0: DeepSeek, 1: renormalize, 2: softmax over all, 3: sigmoid, 4: sigmoid
// renormalized, 5: given; WEIGHT_ON_INPUT; UP_SPLIT, DOWN_SPLIT (sm_90a); WIDE (sm_90a, NT 64):
// many tokens an expert, kdex_wide.cuh; 1: up takes them from their slots, 2: from where they are;
// ACTIVATION 0: silu, 1: gelu, 2: gelu by tanh; LOGITS 0: float16, 1: bfloat16, 2: float32.
#if WEIGHTS >= 3
#include "kdex_fp4.cuh"
#else
#include "kdex_rows.cuh"
#endif
#include "kdex_wide.cuh"
using namespace kdex;

#if WEIGHTS >= 3 && (HIDDEN % 64 != 0 || INTER % 64 != 0)
#error "moe: FP4 wants hidden_size and intermediate_size in multiples of 64"
#elif WEIGHTS == 1 && (HIDDEN % 128 != 0 || INTER % 128 != 0)
#error "moe: with scales in blocks hidden_size and intermediate_size must be multiples of 128"
#elif HIDDEN % (WEIGHTS ? 16 : 8) != 0 || INTER % (WEIGHTS ? 16 : 8) != 0
#error "moe: rows of hidden_size and of intermediate_size must be multiples of 16 bytes"
#endif
#if NT % 16 != 0
#error "moe: NT must be a multiple of 16"
#elif WIDE && (NT != 64 || KDEX_ARCH != 90 || WEIGHTS == 3)
#error "moe: WIDE is for sm_90a, groups of 64 tokens and weights that are not packed"
#elif WEIGHTS == 4 && WIDE != 2
#error "moe: weights are widened first for WIDE 2 alone"
#endif
constexpr int kChoices = TOP_K + SHARED;
constexpr bool kFp8 = WEIGHTS == 1 || WEIGHTS == 2;
constexpr int kBytes = kFp8 ? 1 : 2;
[[maybe_unused]] constexpr int kPer = (EXPERTS + 31) / 32;
static_assert(TOP_K <= 32 && EXPERTS <= 1024, "a warp routes a token");
#if ROUTING == 0
constexpr int kInGroup = EXPERTS / N_GROUP;
static_assert(EXPERTS % N_GROUP == 0 && N_GROUP <= 32, "groups of one size, a lane each");
#endif
#if LOGITS == 2
using Logits = float;
__device__ __forceinline__ float logit(Logits x) { return x; }
#elif LOGITS == 1
using Logits = __nv_bfloat16;
__device__ __forceinline__ float logit(Logits x) { return __bfloat162float(x); }
#else
using Logits = __half;
__device__ __forceinline__ float logit(Logits x) { return __half2float(x); }
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

// local [tokens, kChoices]: the row of the expert here, or -1; beside it its weight and its place
// among the tokens of the row. count [ROWS] starts at 0. Equal scores: the lower number.
extern "C" __global__ void __launch_bounds__(128)
    moe_route(const Logits* __restrict__ logits, const __nv_bfloat16* __restrict__ bias,
              const int* __restrict__ given_ids, const float* __restrict__ given_weights,
              int* __restrict__ local, int* __restrict__ place, int* __restrict__ count,
              float* __restrict__ weight, int tokens, int first_expert, float factor) {
  previous_done();
  int t = blockIdx.x * 4 + threadIdx.x / 32, lane = threadIdx.x % 32;
  if (t >= tokens) return;
  int my_id = -1;
  float my_weight = 0.f;
#if ROUTING == 5
  if (lane < TOP_K)
    my_id = given_ids[t * TOP_K + lane], my_weight = given_weights[t * TOP_K + lane];
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
      if (!(taken >> i & 1) && i * 32 + lane < EXPERTS && (value[i] > best || at == 1 << 20))
        best = value[i], at = i * 32 + lane;
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
  if (lane < kChoices) {
    int row = lane < TOP_K ? my_id - first_expert : ROWS - SHARED + lane - TOP_K,
        i = t * kChoices + lane;
    if (row < 0 || (lane < TOP_K && row >= ROWS - SHARED)) row = -1;
    local[i] = row;
    weight[i] = lane < TOP_K ? my_weight : 1.f;
    if (row >= 0) place[i] = atomicAdd(count + row, 1);
  }
}

#if WEIGHTS >= 3
// By a warp: a packed token to 16 bits.
__device__ __forceinline__ void widen_token(const Element* hidden, const float* hidden_scale, int t,
                                            Element* x) {
  uint4* into = reinterpret_cast<uint4*>(x);
  const Element* from = hidden + static_cast<size_t>(t) * (HIDDEN / 2);
  const Element* by =
      reinterpret_cast<const Element*>(hidden_scale) + static_cast<size_t>(t) * (HIDDEN / 16);
  for (int k = threadIdx.x % 32; k < HIDDEN / 16; k += 32) {
    uint4 wide[2];
    widen16<WEIGHTS == 3>(__ldg(reinterpret_cast<const uint2*>(from + k * 8)), __ldg(by + k), wide);
    into[k * 2] = wide[0], into[k * 2 + 1] = wide[1];
  }
}
#endif

// slot [tokens, kChoices] or -1; tile_row: expert row of each tile; tile_count. A warp a (token,
// choice) copies to x [slots, HIDDEN]; x_scale [HIDDEN / 128, slots] with WEIGHTS 1. hidden_scale:
// with WEIGHTS 3 and 4 bytes, [tokens, HIDDEN / 16]. Every block adds up the tiles of all rows for
// itself. WIDE: tile_row: WideItems' two tables. WIDE 2: tokens stay where they are, but for packed
// ones, widened to x [tokens, HIDDEN]; in x_scale's place [slots], the token of each.
extern "C" __global__ void __launch_bounds__(256)
    moe_place(const Element* __restrict__ hidden, const float* __restrict__ hidden_scale,
              const int* __restrict__ local, const int* __restrict__ place,
              const int* __restrict__ count, const float* __restrict__ weight,
              int* __restrict__ slot, int* __restrict__ tile_row, int* __restrict__ tile_count,
              Element* __restrict__ x, float* __restrict__ x_scale, float* __restrict__ slot_weight,
              int tokens, int slots) {
  previous_done();
#if WIDE
  using Count = unsigned long long;  // tiles; above them units, as WideItems wants
  auto count_of = [](int tiles) {
    return static_cast<Count>(wide_units(tiles) << 16 | narrow_units(tiles)) << 32 |
           static_cast<Count>(tiles);
  };
#else
  using Count = int;
  auto count_of = [](int tiles) { return tiles; };
#endif
  __shared__ int first_tile[ROWS];
  __shared__ Count in_warp[8];
  constexpr int kEach = (ROWS + 255) / 256;
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, tiles[kEach];
  Count upto = 0;
  int entries = tokens * kChoices;
#if WIDE != 2
  int begin = blockIdx.x * 8 + warp;
  int row0 = begin < entries ? local[begin] : -1,
      place0 = begin < entries ? place[begin] : 0;  // asked for early
#endif
#pragma unroll
  for (int i = 0; i < kEach; ++i) {
    int row = threadIdx.x * kEach + i;
    tiles[i] = row < ROWS ? (count[row] + NT - 1) / NT : 0;
    upto += count_of(tiles[i]);
  }
#pragma unroll
  for (int step = 1; step < 32; step *= 2) {
    Count other = __shfl_up_sync(0xffffffffu, upto, step);
    if (lane >= step) upto += other;
  }
  if (lane == 31) in_warp[warp] = upto;
  __syncthreads();
  for (int w = 0; w < warp; ++w) upto += in_warp[w];
  auto tell = [&](int row) {  // what lies before a row
#if WIDE
    if (blockIdx.x == 0)
      tile_row[row] = static_cast<int>(upto),
      tile_row[ROWS + 1 + row] = static_cast<int>(upto >> 32);
#endif
  };
  if (blockIdx.x == 0 && threadIdx.x == 255) *tile_count = static_cast<int>(upto), tell(ROWS);
#pragma unroll
  for (int i = kEach - 1; i >= 0; --i) {
    int row = threadIdx.x * kEach + i;
    upto -= count_of(tiles[i]);
    if (row < ROWS) first_tile[row] = static_cast<int>(upto), tell(row);
#if !WIDE
    if (blockIdx.x == 0)
      for (int n = 0; n < tiles[i]; ++n) tile_row[upto + n] = row;
#endif
  }
  __syncthreads();
#if WIDE == 2
  int* source = reinterpret_cast<int*>(x_scale);
  for (int i = blockIdx.x * 256 + threadIdx.x; i < entries; i += gridDim.x * 256) {
    int row = local[i], to = row >= 0 ? first_tile[row] * NT + place[i] : -1;
    slot[i] = to;
    if (to < 0) continue;
    source[to] = i / kChoices;
    if (WEIGHT_ON_INPUT) slot_weight[to] = weight[i];
  }
#if WEIGHTS == 4
  for (int t = blockIdx.x * 8 + warp; t < tokens; t += gridDim.x * 8)
    widen_token(hidden, hidden_scale, t, x + static_cast<size_t>(t) * HIDDEN * kBytes);
#endif
#else
  for (int i = begin; i < entries; i += gridDim.x * 8) {
    int row = i == begin ? row0 : local[i], t = i / kChoices;
    int to = row >= 0 ? first_tile[row] * NT + (i == begin ? place0 : place[i]) : -1;
    if (lane == 0) slot[i] = to;
    if (to < 0) continue;
#if WEIGHTS >= 3
    widen_token(hidden, hidden_scale, t, x + static_cast<size_t>(to) * HIDDEN * kBytes);
#else
    uint4* into = reinterpret_cast<uint4*>(x + static_cast<size_t>(to) * HIDDEN * kBytes);
    const Element* from = hidden + static_cast<size_t>(t) * HIDDEN * kBytes;
#pragma unroll 8
    for (int k = lane; k < HIDDEN * kBytes / 16; k += 32) into[k] = load16(from + k * 16);
#endif
#if WEIGHTS == 1
    for (int k = lane; k < HIDDEN / 128; k += 32)
      x_scale[static_cast<size_t>(k) * slots + to] =
          hidden_scale[static_cast<size_t>(k) * tokens + t];
#endif
    if (WEIGHT_ON_INPUT && lane == 0) slot_weight[to] = weight[i];
  }
#endif
}

#if WEIGHTS == 4
// One tensor of the experts that have tokens, `eighths` of eight values each, to 16 bits. A thread
// takes four.
extern "C" __global__ void __launch_bounds__(256)
    moe_widen(const unsigned* __restrict__ values, const unsigned char* __restrict__ scale,
              const int* __restrict__ count, uint4* __restrict__ wide, int eighths) {
  previous_done();
  if (count[blockIdx.y] == 0) return;
  size_t row = static_cast<size_t>(blockIdx.y) * eighths;
#pragma unroll
  for (int j = 0; j < 4; ++j) {
    int i = (blockIdx.x * 4 + j) * 256 + threadIdx.x;
    if (i < eighths)
      widen8_in_order(__ldg(values + row + i), __ldg(scale + (row + i) / 2), wide[row + i]);
  }
}
#endif

__device__ __forceinline__ float activate(float gate) {
#if ACTIVATION == 1
  return 0.5f * gate * (1.f + erff(gate * 0.7071067811865476f));
#elif ACTIVATION == 2
  return 0.5f * gate * (1.f + tanhf(0.7978845608028654f * (gate + 0.044715f * gate * gate * gate)));
#else
  return __fdividef(gate, 1.f + __expf(-gate));
#endif
}

__device__ __forceinline__ void sync_multipliers() {
  asm volatile("bar.sync 1, 256;" ::: "memory");
}

// act(gate) * up of a row of experts. scale and gate_scale: with WEIGHTS 2 to 4 of the rows; alpha,
// beta, limit may be null.
struct Gate {
  float up_factor, gate_factor, steep, shift, most;
  bool given;
  __device__ Gate(int row, const float* scale, const float* gate_scale, const float* alpha,
                  const float* beta, const float* limit)
      : up_factor(WEIGHTS >= 2 ? scale[row] : 1.f),
        gate_factor(WEIGHTS >= 2 ? gate_scale[row] : 1.f),
        steep(alpha ? alpha[row] : 1.f),
        shift(beta ? beta[row] : 0.f),
        most(limit ? limit[row] : infinity()),
        given(alpha) {}
  __device__ float operator()(float up, float gate, float weight) const {
    up = fmaxf(fminf(up * (up_factor * weight), most), -most),
    gate = fminf(gate * (gate_factor * weight), most);
    return (given ? __fdividef(gate, 1.f + __expf(-steep * gate)) : activate(gate)) * (up + shift);
  }
};
__device__ __forceinline__ float weight_on_input(int row, const float* slot_weight, int slot) {
  return WEIGHT_ON_INPUT && row < ROWS - SHARED ? slot_weight[slot] : 1.f;
}
// Of a tile, into sum[0]; zeros behind INTER, which the largest magnitude of a quantized block must
// not see.
__device__ __forceinline__ void gate_up(float (&sum)[2][NT / 2], const Gate& gate, int row,
                                        const float* slot_weight, int slot0, int column) {
#pragma unroll
  for (int i = 0; i < NT / 2; ++i) {
    sum[0][i] =
        gate(sum[0][i], sum[1][i],
             weight_on_input(row, slot_weight, slot0 + i / 4 * 8 + threadIdx.x % 4 * 2 + i % 2));
    if (INTER % 128 != 0 && column * 128 + static_cast<int>(threadIdx.x) / 32 * 16 +
                                    static_cast<int>(threadIdx.x) % 32 / 4 + i / 2 % 2 * 8 >=
                                INTER)
      sum[0][i] = 0.f;
  }
}
// The largest magnitude of each token over a tile's 128 rows, through largest [8][NT] in shared
// memory; then put(row, token, value) of all, divided by scales that set_scale(token, scale) is
// told.
template <class SetScale, class Put>
__device__ __forceinline__ void quantize(const float (&v)[NT / 2], float* largest,
                                         SetScale set_scale, Put put) {
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, c = lane % 4;
#pragma unroll
  for (int j = 0; j < NT / 8; ++j)
#pragma unroll
    for (int e = 0; e < 2; ++e) {
      float a = fmaxf(fabsf(v[4 * j + e]), fabsf(v[4 * j + 2 + e]));
      for (int step = 4; step < 32; step *= 2) a = fmaxf(a, __shfl_xor_sync(0xffffffffu, a, step));
      if (g == 0) largest[warp * NT + 8 * j + 2 * c + e] = a;
    }
  sync_multipliers();
#pragma unroll
  for (int j = 0; j < NT / 8; ++j) {
    float2 a = make_float2(1e-30f, 1e-30f);
#pragma unroll
    for (int w = 0; w < 8; ++w) {
      float2 b = *reinterpret_cast<const float2*>(largest + w * NT + 8 * j + 2 * c);
      a.x = fmaxf(a.x, b.x), a.y = fmaxf(a.y, b.y);
    }
#pragma unroll
    for (int e = 0; e < 2; ++e) {
      int n = 8 * j + 2 * c + e;
      float most = e ? a.y : a.x, inverse = 448.f / most;
      if (warp == 0 && g == 0) set_scale(n, most * (1.f / 448.f));
      put(warp * 16 + g, n, float_to_fp8(v[4 * j + e] * inverse));
      put(warp * 16 + g + 8, n, float_to_fp8(v[4 * j + 2 + e] * inverse));
    }
  }
}

// h [slots, INTER], h_scale [kInterBlocks, slots]. scale: W1's of 128 x 128 blocks [ROWS, 2 INTER /
// 128, HIDDEN / 128], or with WEIGHTS 2 to 4 of the up rows [ROWS] with gate_scale of the gates.
// alpha, beta, limit [ROWS] may be null. down: y [slots, HIDDEN] in 16 bits; scale: W2's [ROWS,
// HIDDEN / 128, INTER / 128], or [ROWS].
[[maybe_unused]] constexpr int kHiddenBlocks = (HIDDEN + 127) / 128,
                               kInterBlocks = (INTER + 127) / 128;
#if WIDE
using UpTile = Wide<kFp8, WIDE == 2>;
using Tile = Wide<kFp8, false>;
constexpr int kStep = Tile::kStep, kUpSteps = (HIDDEN + kStep - 1) / kStep,
              kDownSteps = (INTER + kStep - 1) / kStep;
constexpr int kUpColumns = kInterBlocks, kDownColumns = (kHiddenBlocks + 1) / 2;

// tile_row: see moe_place. WIDE 2: x [tokens, HIDDEN], source [slots]: the token of a slot; x_scale
// [HIDDEN / 128, tokens] with WEIGHTS 1.
extern "C" __global__ void __cluster_dims__(2, 1, 1) __launch_bounds__(Tile::kThreads, 1)
    moe_up(const __grid_constant__ TensorMap weights,
#if WIDE == 2
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
  previous_done();
  extern __shared__ __align__(128) unsigned char shared_raw[];
  __shared__ __align__(8) unsigned long long barriers[2 * STAGES];
  __shared__ WideItems<ROWS> table;
  constexpr bool scaled = WEIGHTS == 1;
  UpTile tile;
  tile.begin(shared_raw, barriers);
#if WIDE == 2
  __shared__ int tokens_of[ROWS];
  for (int e = threadIdx.x; e < ROWS; e += UpTile::kThreads) tokens_of[e] = count[e];
#endif
  table.read(tile_row, tile_row + ROWS + 1, kUpColumns);
  cluster_sync();
  int begin = blockIdx.x / 2, turn = gridDim.x / 2, items = table.count();
  if (tile.warpgroup == 2) {
    registers_fewer<40>();
    if (WIDE == 2 || threadIdx.x == 256)
      for (int i = begin; i < items; i += turn) {
        WideItem item = table.at(i, kUpColumns, tile.rank);
        int y = item.expert * 2 * INTER + min(item.column, kUpColumns - 1) * 128;
#if WIDE == 2
        tile.gather<scaled>(item, kUpSteps, weights, y, y + INTER, x, HIDDEN * kBytes, source,
                            table.group[item.expert] * NT + tokens_of[item.expert] - 1, x_scale,
                            tokens);
#else
        tile.load<scaled>(item, kUpSteps, weights, y, y + INTER, tokens, x_scale, slots);
#endif
      }
  } else {
    registers_more<232>();
    int warp = threadIdx.x / 32 % 4, c = threadIdx.x % 4, token = warp * 16 + threadIdx.x % 32 / 4;
    auto scale_of = [&](const WideItem& item, int half) {
      return ((item.expert * 2 + half) * kInterBlocks + min(item.column, kUpColumns - 1)) *
             kHiddenBlocks;
    };
    WideItem item = table.at(begin, kUpColumns, tile.rank), next;
    if (scaled && begin < items) tile.ask(scale, scale_of(item, 0), scale_of(item, 1));
    for (int i = begin; i < items; i += turn, item = next) {
      next = i + turn < items ? table.at(i + turn, kUpColumns, tile.rank) : item;
      if (tile.warpgroup >= item.groups) {
        tile.skip(kUpSteps);
        if (scaled) tile.ask(scale, scale_of(next, 0), scale_of(next, 1));
        continue;
      }
      float sum[128];
      tile.multiply<scaled>(sum, kUpSteps, scale, scale_of(item, 0), scale_of(item, 1),
                            scale_of(next, 0), scale_of(next, 1));
      if (item.column >= kUpColumns) continue;
      int slot = item.slot + tile.warpgroup * 64, column = item.column * 128;
      Gate gate(item.expert, scale, gate_scale, alpha, beta, limit);
      float weight[2] = {weight_on_input(item.expert, slot_weight, slot + token),
                         weight_on_input(item.expert, slot_weight, slot + token + 8)};
#pragma unroll
      for (int e = 0; e < 64; ++e) {
        sum[e] = gate(sum[e], sum[64 + e], weight[e / 2 % 2]);
        if (INTER % 128 != 0 && column + e / 4 * 8 + c * 2 + e % 2 >= INTER)
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
          if (column + j * 64 < INTER) tile.store(h_map, column + j * 64, slot, sum + j * 32);
      }
    }
  }
  tile.end();
}

extern "C" __global__ void __cluster_dims__(2, 1, 1) __launch_bounds__(Tile::kThreads, 1)
    moe_down(const __grid_constant__ TensorMap weights, const __grid_constant__ TensorMap tokens,
             const float* __restrict__ h_scale, const float* __restrict__ scale,
             const int* __restrict__ tile_row, const int* __restrict__,
             const __grid_constant__ TensorMap y_map, T* __restrict__, int slots) {
  previous_done();
  extern __shared__ __align__(128) unsigned char shared_raw[];
  __shared__ __align__(8) unsigned long long barriers[2 * STAGES];
  __shared__ WideItems<ROWS> table;
  Tile tile;
  tile.begin(shared_raw, barriers);
  table.read(tile_row, tile_row + ROWS + 1, kDownColumns);
  cluster_sync();
  int begin = blockIdx.x / 2, turn = gridDim.x / 2, items = table.count();
  if (tile.warpgroup == 2) {
    registers_fewer<40>();
    if (threadIdx.x == 256)
      for (int i = begin; i < items; i += turn) {
        WideItem item = table.at(i, kDownColumns, tile.rank);
        int y = item.expert * HIDDEN, b = min(item.column, kDownColumns - 1) * 2;
        tile.load<kFp8>(item, kDownSteps, weights, y + b * 128,
                        y + min(b + 1, kHiddenBlocks - 1) * 128, tokens, h_scale, slots);
      }
  } else {
    registers_more<232>();
    constexpr int scaled = kFp8 ? WEIGHTS : 0;
    auto scale_of = [&](const WideItem& item, int half) {
      return (item.expert * kHiddenBlocks + min(item.column * 2 + half, kHiddenBlocks - 1)) *
             kInterBlocks;
    };
    WideItem item = table.at(begin, kDownColumns, tile.rank), next;
    if (scaled == 1 && begin < items) tile.ask(scale, scale_of(item, 0), scale_of(item, 1));
    for (int i = begin; i < items; i += turn, item = next) {
      next = i + turn < items ? table.at(i + turn, kDownColumns, tile.rank) : item;
      if (tile.warpgroup >= item.groups) {
        tile.skip(kDownSteps);
        if (scaled == 1) tile.ask(scale, scale_of(next, 0), scale_of(next, 1));
        continue;
      }
      float sum[128];
      tile.multiply<scaled>(sum, kDownSteps, scale, scale_of(item, 0), scale_of(item, 1),
                            scale_of(next, 0), scale_of(next, 1));
#if WEIGHTS == 2 || WEIGHTS == 4
      float factor = scale[item.expert];
#pragma unroll
      for (int e = 0; e < 128; ++e) sum[e] *= factor;
#endif
#pragma unroll
      for (int j = 0; j < 4; ++j)
        if (int column = item.column * 256 + j * 64; column < HIDDEN)
          tile.store(y_map, column, item.slot + tile.warpgroup * 64, sum + j * 32);
    }
  }
  tile.end();
}

#elif KDEX_ARCH == 90 && WEIGHTS != 3
// Blocks take tiles in turn, as many blocks as multiprocessors; a tile's columns stand side by
// side. Where there are few tiles, the UP_SPLIT or DOWN_SPLIT blocks of a cluster share k and each
// ends a part of a tile's tokens, a warp each.
constexpr int kStep = Rows256<kFp8>::kStep, kUpSteps = (HIDDEN + kStep - 1) / kStep,
              kDownSteps = (INTER + kStep - 1) / kStep;
constexpr int kUpColumns = kInterBlocks, kDownColumns = (kHiddenBlocks + 1) / 2;

extern "C" __global__ void __cluster_dims__(UP_SPLIT, 1, 1)
    __launch_bounds__(Rows256<kFp8>::kThreads, 1)
        moe_up(const __grid_constant__ TensorMap weights, const __grid_constant__ TensorMap tokens,
               const float* __restrict__ x_scale, const float* __restrict__ scale,
               const float* __restrict__ gate_scale, const float* __restrict__ alpha,
               const float* __restrict__ beta, const float* __restrict__ limit,
               const float* __restrict__ slot_weight, const int* __restrict__ tile_row,
               const int* __restrict__ tile_count, const __grid_constant__ TensorMap h_map,
               Element* __restrict__ h, float* __restrict__ h_scale, int slots) {
  previous_done();
  extern __shared__ __align__(128) unsigned char shared_raw[];
  __shared__ __align__(8) unsigned long long barriers[2 * STAGES];
  constexpr bool scaled = WEIGHTS == 1;
  int rank = blockIdx.x % UP_SPLIT, first = kUpSteps * rank / UP_SPLIT,
      steps = kUpSteps * (rank + 1) / UP_SPLIT - first;
  int begin = blockIdx.x / UP_SPLIT, turn = gridDim.x / UP_SPLIT, items = *tile_count * kUpColumns;
  int row = tile_row[begin / kUpColumns];  // (behind the last tile: not used)
  Rows256<kFp8> tile;
  tile.begin(shared_raw, barriers, weights, tokens);
  if (threadIdx.x >= 256) {
    registers_fewer<40>();
    if (threadIdx.x == 256)
      for (int item = begin; item < items; item += turn) {
        int column = item % kUpColumns;
        if (item > begin) row = tile_row[item / kUpColumns];
        tile.load<scaled>(
            first, steps, weights,
            [&](int block, int step, int& x, int& y) {
              x = step * kStep, y = row * 2 * INTER + block * INTER + column * 128;
            },
            tokens, item / kUpColumns * NT, x_scale, slots);
      }
    if (UP_SPLIT > 1 && begin < items) {
      __syncwarp();
      cluster_sync();
      cluster_sync();
    }
    return;
  }
  registers_more<232>();
  unsigned char* bytes = shared_raw + (tile.staging - shared_address(shared_raw));
  auto scale_of = [&](int item, int row, int block) {
    return scaled ? scale +
                        (static_cast<size_t>(row) * 2 * kInterBlocks + block * kInterBlocks +
                         item % kUpColumns) *
                            kHiddenBlocks +
                        first
                  : nullptr;
  };
  if (scaled && begin < items) tile.ask(scale_of(begin, row, 0), scale_of(begin, row, 1));
  for (int item = begin, next, next_row; item < items; item = next, row = next_row) {
    next = item + turn, next_row = next < items ? tile_row[next / kUpColumns] : 0;
    int column = item % kUpColumns, slot0 = item / kUpColumns * NT;
    float sum[2][NT / 2];
    tile.multiply<scaled>(sum, steps, scale_of(item, row, 0), scale_of(item, row, 1),
                          scale_of(next, next_row, 0), scale_of(next, next_row, 1));
    Gate gate(row, scale, gate_scale, alpha, beta, limit);
    if constexpr (UP_SPLIT > 1) {
      tile.put_sums(sum);
      cluster_sync();
      int lane = threadIdx.x % 32;
      for (int t = NT * rank / UP_SPLIT + threadIdx.x / 32; t < NT * (rank + 1) / UP_SPLIT;
           t += 8) {
        float4 up = tile.total<UP_SPLIT>(t, lane * 4), g = tile.total<UP_SPLIT>(t, 128 + lane * 4);
        float w = weight_on_input(row, slot_weight, slot0 + t);
        float v[4] = {gate(up.x, g.x, w), gate(up.y, g.y, w), gate(up.z, g.z, w),
                      gate(up.w, g.w, w)};
        bool live = INTER % 128 == 0 || column * 128 + lane * 4 < INTER;
        if (!live) v[0] = v[1] = v[2] = v[3] = 0.f;
        Element* to =
            h + (static_cast<size_t>(slot0 + t) * INTER + column * 128 + lane * 4) * kBytes;
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
      gate_up(sum, gate, row, slot_weight, slot0, column);
      if (threadIdx.x == 0) tile.stored();
      // (The barrier inside stands between that and the bytes; the one at the end keeps `largest`
      // until it is read.)
      quantize(
          sum[0], reinterpret_cast<float*>(bytes + NT * 128),
          [&](int n, float s) { h_scale[static_cast<size_t>(column) * slots + slot0 + n] = s; },
          [&](int r, int n, unsigned char v) { bytes[swizzled(n, r / 16) + r % 16] = v; });
      fence_async();
      sync_multipliers();
      if (threadIdx.x == 0) {
        tma_store(h_map, column * 128, slot0, tile.staging);
        tma_store_commit();
      }
    } else {
      gate_up(sum, gate, row, slot_weight, slot0, column);
      tile.store(h_map, column * 128 + threadIdx.x / 128 * 64, slot0, sum[0]);
    }
  }
  tile.stored();
}

extern "C" __global__ void __cluster_dims__(DOWN_SPLIT, 1,
                                            1) __launch_bounds__(Rows256<kFp8>::kThreads, 1)
    moe_down(const __grid_constant__ TensorMap weights, const __grid_constant__ TensorMap tokens,
             const float* __restrict__ h_scale, const float* __restrict__ scale,
             const int* __restrict__ tile_row, const int* __restrict__ tile_count,
             const __grid_constant__ TensorMap y_map, T* __restrict__ y, int slots) {
  previous_done();
  extern __shared__ __align__(128) unsigned char shared_raw[];
  __shared__ __align__(8) unsigned long long barriers[2 * STAGES];
  int rank = blockIdx.x % DOWN_SPLIT, first = kDownSteps * rank / DOWN_SPLIT,
      steps = kDownSteps * (rank + 1) / DOWN_SPLIT - first;
  int begin = blockIdx.x / DOWN_SPLIT, turn = gridDim.x / DOWN_SPLIT,
      items = *tile_count * kDownColumns;
  int row = tile_row[begin / kDownColumns];
  Rows256<kFp8> tile;
  tile.begin(shared_raw, barriers, weights, tokens);
  if (threadIdx.x >= 256) {
    registers_fewer<40>();
    if (threadIdx.x == 256)
      for (int item = begin; item < items; item += turn) {
        int column = item % kDownColumns;
        if (item > begin) row = tile_row[item / kDownColumns];
        tile.load<kFp8>(
            first, steps, weights,
            [&](int block, int step, int& x, int& y) {
              x = step * kStep, y = row * HIDDEN + min(column * 2 + block, kHiddenBlocks - 1) * 128;
            },
            tokens, item / kDownColumns * NT, h_scale, slots);
      }
    if (DOWN_SPLIT > 1 && begin < items) {
      __syncwarp();
      cluster_sync();
      cluster_sync();
    }
    return;
  }
  registers_more<232>();
  auto scale_of = [&](int item, int row, int block) {
    int b = min(item % kDownColumns * 2 + block, kHiddenBlocks - 1);
    return WEIGHTS == 1
               ? scale + (static_cast<size_t>(row) * kHiddenBlocks + b) * kInterBlocks + first
               : nullptr;
  };
  if (WEIGHTS == 1 && begin < items) tile.ask(scale_of(begin, row, 0), scale_of(begin, row, 1));
  for (int item = begin, next, next_row; item < items; item = next, row = next_row) {
    next = item + turn, next_row = next < items ? tile_row[next / kDownColumns] : 0;
    int column = item % kDownColumns, slot0 = item / kDownColumns * NT;
    float sum[2][NT / 2];
    tile.multiply<kFp8 ? WEIGHTS : 0>(sum, steps, scale_of(item, row, 0), scale_of(item, row, 1),
                                      scale_of(next, next_row, 0), scale_of(next, next_row, 1));
#if WEIGHTS == 2
    float factor = scale[row];
#pragma unroll
    for (int i = 0; i < NT / 2; ++i) sum[0][i] *= factor, sum[1][i] *= factor;
#endif
    if constexpr (DOWN_SPLIT > 1) {
      tile.put_sums(sum);
      cluster_sync();
      int at = threadIdx.x % 32 * 8, live = min(HIDDEN - column * 256, 256);
      for (int t = NT * rank / DOWN_SPLIT + threadIdx.x / 32; t < NT * (rank + 1) / DOWN_SPLIT;
           t += 8) {
        float4 a = tile.total<DOWN_SPLIT>(t, at), b = tile.total<DOWN_SPLIT>(t, at + 4);
        if (at < live)
          *reinterpret_cast<uint4*>(y + static_cast<size_t>(slot0 + t) * HIDDEN + column * 256 +
                                    at) =
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
  tile.stored();
}

#else
// A tile from the accumulators through shared memory to rows of `pitch` bytes; of each slot `wide`
// bytes, less those behind `live`.
template <int wide>
__device__ __forceinline__ void write_tile(const unsigned char* tile, int tile_pitch,
                                           unsigned char* to, size_t pitch, int live) {
  for (int i = threadIdx.x; i < NT * (wide / 16); i += 256) {
    int n = i / (wide / 16), c = i % (wide / 16) * 16;
    if (c < live)
      *reinterpret_cast<uint4*>(to + n * pitch + c) =
          *reinterpret_cast<const uint4*>(tile + n * tile_pitch + c);
  }
}

// A tile's 128 rows of `v` times factor in 16 bits, by way of shared memory, to rows of `pitch`
// bytes; see write_tile. turned: in the order that kdex_fp4.cuh wants.
template <bool turned = false>
__device__ __forceinline__ void write_values(const float (&v)[NT / 2], float factor,
                                             unsigned char* shared, T* to, size_t pitch, int live) {
  T* values = reinterpret_cast<T*>(shared);
  constexpr int kPitch = 128 + 8;
  int warp = threadIdx.x / 32, g = threadIdx.x % 32 / 4, c = threadIdx.x % 4;
  if (turned) g = g % 4 * 2 + g / 4;
  sync_multipliers();
#pragma unroll
  for (int i = 0; i < NT / 2; ++i)
    values[(i / 4 * 8 + 2 * c + i % 2) * kPitch + warp * 16 + g + i / 2 % 2 * 8] =
        from_float(v[i] * factor);
  sync_multipliers();
  write_tile<256>(shared, kPitch * 2, reinterpret_cast<unsigned char*>(to), pitch, live);
}

#if WEIGHTS == 3
using Tile = Rows4<false>;

// Where there are few tiles, the UP_SPLIT or DOWN_SPLIT blocks of a cluster share k and each ends a
// part of a tile's tokens, a warp each (sm_90a).
#undef UP_CLUSTER
#undef DOWN_CLUSTER
#if UP_SPLIT > 1
#define UP_CLUSTER __cluster_dims__(UP_SPLIT, 1, 1)
#else
#define UP_CLUSTER
#endif
#if DOWN_SPLIT > 1
#define DOWN_CLUSTER __cluster_dims__(DOWN_SPLIT, 1, 1)
#else
#define DOWN_CLUSTER
#endif
#if UP_SPLIT > 1 || DOWN_SPLIT > 1
// This block's sums to shared memory, for all of the cluster.
__device__ __forceinline__ void share_sums(const float (&sum)[2][NT / 2], unsigned char* shared) {
  put_sums(reinterpret_cast<float*>(shared), sum);
  cluster_sync();
}
// Four rows of a token, added up over the cluster.
template <int split>
__device__ __forceinline__ float4 shared_sum(const unsigned char* shared, int token, int row) {
  return cluster_sum<split>(shared_address(shared) + (token * kSumsPitch + row) * 4);
}
#endif

// A block a tile and 128 of INTER. weights [ROWS, 2 INTER, HIDDEN / 2] with block_scale [ROWS, 2
// INTER, HIDDEN / 16]; scale, gate_scale [ROWS].
extern "C" __global__ void UP_CLUSTER __launch_bounds__(Tile::kThreads, Tile::kBlocks)
    moe_up(const Element* __restrict__ weights, const T* __restrict__ tokens,
           const Element* __restrict__ block_scale, const float* __restrict__ scale,
           const float* __restrict__ gate_scale, const float* __restrict__ alpha,
           const float* __restrict__ beta, const float* __restrict__ limit,
           const float* __restrict__ slot_weight, const int* __restrict__ tile_row,
           const int* __restrict__ tile_count, T* __restrict__ h, float*, int) {
  extern __shared__ __align__(128) unsigned char shared_raw[];
  previous_done();
  if (static_cast<int>(blockIdx.y) >= *tile_count) return;
  int row = tile_row[blockIdx.y], slot0 = blockIdx.y * NT, column = blockIdx.x / UP_SPLIT,
      rank = blockIdx.x % UP_SPLIT;
  constexpr int kSteps = (HIDDEN + 127) / 128;
  int first = kSteps * rank / UP_SPLIT, steps = kSteps * (rank + 1) / UP_SPLIT - first;
  float sum[2][NT / 2];
  Tile().multiply(
      sum, shared_raw, weights, block_scale, ROWS * 2 * INTER, HIDDEN, first, steps,
      [&](int r) { return (row * 2 + r / 128) * INTER + min(column * 128 + r % 128, INTER - 1); },
      [&](int t) { return tokens + static_cast<size_t>(slot0 + t) * HIDDEN; });
  Gate gate(row, scale, gate_scale, alpha, beta, limit);
#if UP_SPLIT > 1
  share_sums(sum, shared_raw);
  int lane = threadIdx.x % 32;
  for (int t = NT * rank / UP_SPLIT + threadIdx.x / 32; t < NT * (rank + 1) / UP_SPLIT; t += 8) {
    float4 up = shared_sum<UP_SPLIT>(shared_raw, t, lane * 4),
           g = shared_sum<UP_SPLIT>(shared_raw, t, 128 + lane * 4);
    float w = weight_on_input(row, slot_weight, slot0 + t);
    float v[4] = {gate(up.x, g.x, w), gate(up.y, g.y, w), gate(up.z, g.z, w), gate(up.w, g.w, w)};
    T* to = h + static_cast<size_t>(slot0 + t) * INTER + column * 128 + lane / 2 * 8 +
            lane % 2;  // turned
    if (column * 128 + lane * 4 < INTER)
#pragma unroll
      for (int i = 0; i < 4; ++i) to[i * 2] = from_float(v[i]);
  }
  cluster_sync();
#else
  gate_up(sum, gate, row, slot_weight, slot0, column);
  write_values<true>(sum[0], 1.f, shared_raw, h + static_cast<size_t>(slot0) * INTER + column * 128,
                     INTER * 2, (INTER - column * 128) * 2);
#endif
}

// A block a tile and 256 of HIDDEN. weights [ROWS, HIDDEN, INTER / 2] with block_scale [ROWS,
// HIDDEN, INTER / 16].
extern "C" __global__ void DOWN_CLUSTER __launch_bounds__(Tile::kThreads, Tile::kBlocks)
    moe_down(const Element* __restrict__ weights, const T* __restrict__ tokens,
             const Element* __restrict__ block_scale, const float* __restrict__ scale,
             const int* __restrict__ tile_row, const int* __restrict__ tile_count,
             T* __restrict__ y, int) {
  extern __shared__ __align__(128) unsigned char shared_raw[];
  previous_done();
  if (static_cast<int>(blockIdx.y) >= *tile_count) return;
  int row = tile_row[blockIdx.y], slot0 = blockIdx.y * NT, column = blockIdx.x / DOWN_SPLIT,
      rank = blockIdx.x % DOWN_SPLIT;
  constexpr int kSteps = (INTER + 127) / 128;
  int first = kSteps * rank / DOWN_SPLIT, steps = kSteps * (rank + 1) / DOWN_SPLIT - first;
  float sum[2][NT / 2];
  Tile().multiply(
      sum, shared_raw, weights, block_scale, ROWS * HIDDEN, INTER, first, steps,
      [&](int r) { return row * HIDDEN + min(column * 256 + r, HIDDEN - 1); },
      [&](int t) { return tokens + static_cast<size_t>(slot0 + t) * INTER; });
#if DOWN_SPLIT > 1
  share_sums(sum, shared_raw);
  int at = threadIdx.x % 32 * 8;
  float by = scale[row];
  for (int t = NT * rank / DOWN_SPLIT + threadIdx.x / 32; t < NT * (rank + 1) / DOWN_SPLIT;
       t += 8) {
    float4 a = shared_sum<DOWN_SPLIT>(shared_raw, t, at),
           b = shared_sum<DOWN_SPLIT>(shared_raw, t, at + 4);
    if (column * 256 + at < HIDDEN)
      *reinterpret_cast<uint4*>(y + static_cast<size_t>(slot0 + t) * HIDDEN + column * 256 + at) =
          make_uint4(pack2(a.x * by, a.y * by), pack2(a.z * by, a.w * by),
                     pack2(b.x * by, b.y * by), pack2(b.z * by, b.w * by));
  }
  cluster_sync();
#else
#pragma unroll
  for (int block = 0; block < 2; ++block)
    if (int at = (column * 2 + block) * 128; at < HIDDEN)
      write_values(sum[block], scale[row], shared_raw, y + static_cast<size_t>(slot0) * HIDDEN + at,
                   HIDDEN * 2, (HIDDEN - at) * 2);
#endif
}
#else
// A block a tile and 128 of INTER.
extern "C" __global__ void __launch_bounds__(Rows256<kFp8>::kThreads, 1)
    moe_up(const Element* __restrict__ weights, const Element* __restrict__ tokens,
           const float* __restrict__ x_scale, const float* __restrict__ scale,
           const float* __restrict__ gate_scale, const float* __restrict__ alpha,
           const float* __restrict__ beta, const float* __restrict__ limit,
           const float* __restrict__ slot_weight, const int* __restrict__ tile_row,
           const int* __restrict__ tile_count, Element* __restrict__ h, float* __restrict__ h_scale,
           int slots) {
  previous_done();
  extern __shared__ __align__(128) unsigned char shared_raw[];
  if (static_cast<int>(blockIdx.y) >= *tile_count) return;
  int row = tile_row[blockIdx.y], slot0 = blockIdx.y * NT, column = blockIdx.x;
  Rows256<kFp8> tile;
  float sum[2][NT / 2];
  tile.begin(shared_raw);
  tile.multiply<WEIGHTS == 1>(
      sum, HIDDEN,
      [&](int block, int r, int k) {
        return weights + (((static_cast<size_t>(row) * 2 + block) * INTER +
                           min(column * 128 + r, INTER - 1)) *
                              HIDDEN +
                          k) *
                             kBytes;
      },
      [&](int t, int k) { return tokens + (static_cast<size_t>(slot0 + t) * HIDDEN + k) * kBytes; },
      [](int) { return true; },
      [&](int block, int step) {
        return __ldg(scale +
                     (static_cast<size_t>(row) * 2 * kInterBlocks + block * kInterBlocks + column) *
                         kHiddenBlocks +
                     step);
      },
      [&](int t, int step) { return x_scale[static_cast<size_t>(step) * slots + slot0 + t]; });
  gate_up(sum, Gate(row, scale, gate_scale, alpha, beta, limit), row, slot_weight, slot0, column);
  if constexpr (kFp8) {
    constexpr int kPitch = 128 + 16;
    unsigned char* bytes = shared_raw + 8 * NT * 4;
    quantize(
        sum[0], reinterpret_cast<float*>(shared_raw),
        [&](int n, float s) { h_scale[static_cast<size_t>(column) * slots + slot0 + n] = s; },
        [&](int r, int n, unsigned char v) { bytes[n * kPitch + r] = v; });
    sync_multipliers();
    write_tile<128>(bytes, kPitch, h + static_cast<size_t>(slot0) * INTER + column * 128, INTER,
                    INTER - column * 128);
  } else {
    write_values(sum[0], 1.f, shared_raw,
                 reinterpret_cast<T*>(h) + static_cast<size_t>(slot0) * INTER + column * 128,
                 INTER * 2, (INTER - column * 128) * 2);
  }
}

// A block a tile and 256 of HIDDEN.
extern "C" __global__ void __launch_bounds__(Rows256<kFp8>::kThreads, 1)
    moe_down(const Element* __restrict__ weights, const Element* __restrict__ tokens,
             const float* __restrict__ h_scale, const float* __restrict__ scale,
             const int* __restrict__ tile_row, const int* __restrict__ tile_count,
             T* __restrict__ y, int slots) {
  previous_done();
  extern __shared__ __align__(128) unsigned char shared_raw[];
  if (static_cast<int>(blockIdx.y) >= *tile_count) return;
  int row = tile_row[blockIdx.y], slot0 = blockIdx.y * NT, column = blockIdx.x;
  Rows256<kFp8> tile;
  float sum[2][NT / 2];
  tile.begin(shared_raw);
  tile.multiply<kFp8>(
      sum, INTER,
      [&](int block, int r, int k) {
        int at = min((column * 2 + block) * 128 + r, HIDDEN - 1);
        return weights + ((static_cast<size_t>(row) * HIDDEN + at) * INTER + k) * kBytes;
      },
      [&](int t, int k) { return tokens + (static_cast<size_t>(slot0 + t) * INTER + k) * kBytes; },
      [](int) { return true; },
      [&](int block, int step) {
        int b = min(column * 2 + block, kHiddenBlocks - 1);
        return WEIGHTS == 1
                   ? __ldg(scale + (static_cast<size_t>(row) * kHiddenBlocks + b) * kInterBlocks +
                           step)
                   : 1.f;
      },
      [&](int t, int step) { return h_scale[static_cast<size_t>(step) * slots + slot0 + t]; });
  float factor = WEIGHTS == 2 ? scale[row] : 1.f;
#pragma unroll
  for (int block = 0; block < 2; ++block)
    if (int at = (column * 2 + block) * 128; at < HIDDEN)
      write_values(sum[block], factor, shared_raw, y + static_cast<size_t>(slot0) * HIDDEN + at,
                   HIDDEN * 2, (HIDDEN - at) * 2);
}
#endif
#endif

// A block a token and 1024 columns.
extern "C" __global__ void __launch_bounds__(128)
    moe_sum(const T* __restrict__ y, const int* __restrict__ slot, const float* __restrict__ weight,
            T* __restrict__ output) {
  previous_done();
  int d = (blockIdx.y * 128 + threadIdx.x) * 8;
  if (d >= HIDDEN) return;
  float sum[8] = {};
#pragma unroll
  for (int k = 0; k < kChoices; ++k) {
    int from = slot[blockIdx.x * kChoices + k];
    if (from < 0) continue;
    float w = WEIGHT_ON_INPUT ? 1.f : weight[blockIdx.x * kChoices + k];
    Vec8 v;
    v.raw = load16(y + static_cast<size_t>(from) * HIDDEN + d);
#pragma unroll
    for (int i = 0; i < 8; ++i) sum[i] += w * to_float(v.at[i]);
  }
  Vec8 v;
#pragma unroll
  for (int i = 0; i < 8; ++i) v.at[i] = from_float(sum[i]);
  *reinterpret_cast<uint4*>(output + static_cast<size_t>(blockIdx.x) * HIDDEN + d) = v.raw;
}
