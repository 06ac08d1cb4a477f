// Routing of a layer of experts: a warp a token chooses experts and weights, and takes a place
// among the tokens of each expert. local [tokens, kChoices]: the row of the expert held here, or
// -1; beside it its weight and its place among the tokens of the row. count [NUM_LOCAL_EXPERTS]
// starts at 0. Equal scores: the lower number.
//
// Grid: CTAs of four tokens.
//
// Constants: NUM_EXPERTS (of all ranks), NUM_LOCAL_EXPERTS (held here, shared ones last),
// NUM_SHARED_EXPERTS, TOP_K, N_GROUP, TOPK_GROUP; ROUTING 0: DeepSeek, 1: renormalize, 2: softmax
// over all, 3: sigmoid, 4: sigmoid renormalized, 5: given; LOGITS_DTYPE 0: float16, 1: bfloat16, 2:
// float32.
#include "../device/launch.cuh"
#include "../device/types.cuh"
#include "../device/warp.cuh"
using namespace kdex;

constexpr int kChoices = TOP_K + NUM_SHARED_EXPERTS;
[[maybe_unused]] constexpr int kPer = (NUM_EXPERTS + 31) / 32;
static_assert(TOP_K <= 32 && NUM_EXPERTS <= 1024, "a warp routes a token");
#if ROUTING == 0
constexpr int kInGroup = NUM_EXPERTS / N_GROUP;
static_assert(NUM_EXPERTS % N_GROUP == 0 && N_GROUP <= 32, "groups of one size, a lane each");
#endif
#if LOGITS_DTYPE == 2
using Logits = float;
__device__ __forceinline__ float logit(Logits x) { return x; }
#elif LOGITS_DTYPE == 1
using Logits = __nv_bfloat16;
__device__ __forceinline__ float logit(Logits x) { return __bfloat162float(x); }
#else
using Logits = __half;
__device__ __forceinline__ float logit(Logits x) { return __half2float(x); }
#endif
__device__ __forceinline__ float sigmoid(float x) { return 1.f / (1.f + expf(-x)); }

// Over 100 lines: the main loop lives in registers that its prologue fills and its epilogue reads.
KDEX_KERNEL void __launch_bounds__(128)
    moe_route(const Logits* __restrict__ logits, const __nv_bfloat16* __restrict__ bias,
              const int* __restrict__ given_ids, const float* __restrict__ given_weights,
              int* __restrict__ local, int* __restrict__ place, int* __restrict__ count,
              float* __restrict__ weight, int tokens, int first_expert, float factor) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
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
    value[i] =
        e < NUM_EXPERTS ? logit(logits[static_cast<size_t>(t) * NUM_EXPERTS + e]) : -infinity();
  }
#if ROUTING == 0
  __shared__ float scores[4][NUM_EXPERTS], biased[4][NUM_EXPERTS];
  float* score = scores[threadIdx.x / 32];
  float* ranked = biased[threadIdx.x / 32];
#pragma unroll
  for (int i = 0; i < kPer; ++i) {
    int e = i * 32 + lane;
    if (e < NUM_EXPERTS) {
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
      if (e < NUM_EXPERTS && !(open >> e / kInGroup & 1)) value[i] = -infinity();
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
      if (!(taken >> i & 1) && i * 32 + lane < NUM_EXPERTS && (value[i] > best || at == 1 << 20))
        best = value[i], at = i * 32 + lane;
#pragma unroll
    for (int offset = 16; offset > 0; offset /= 2) {
      float other = __shfl_xor_sync(0xffffffffu, best, offset);
      int from = __shfl_xor_sync(0xffffffffu, at, offset);
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
    int row = lane < TOP_K ? my_id - first_expert
                           : NUM_LOCAL_EXPERTS - NUM_SHARED_EXPERTS + lane - TOP_K,
        i = t * kChoices + lane;
    if (row < 0 || (lane < TOP_K && row >= NUM_LOCAL_EXPERTS - NUM_SHARED_EXPERTS)) row = -1;
    local[i] = row;
    weight[i] = lane < TOP_K ? my_weight : 1.f;
    if (row >= 0) place[i] = atomicAdd(count + row, 1);
  }
}
