// C[M,N] = A[M,K] B[N,K]^T of FP8 (e4m3) values, 16-bit out, on tiles of 256 columns times NT rows of C. sm_90a: a
// persistent grid, with PAIR of clusters of two blocks on neighbouring rows; or for few tiles the SPLIT blocks of a
// cluster share K and add up through distributed shared memory.
// BLOCKS 1: scales of A for 128 columns of a row, of B for 128 x 128; B is [N,K]; gemm_fp8_scales turns A's scales
// first. BLOCKS 0: `alpha` multiplies the result; B comes in blocks of 128 of k, [K/128, N, 128].
// Constants: N, K, BLOCKS, NT, STAGES, SPLIT, PAIR.
#include "kdex_rows.cuh"
using namespace kdex;

#if K % 128 != 0 || N % 8 != 0
#error "gemm_fp8: K must be a multiple of 128, N of 8"
#endif
constexpr int kSteps = K / 128;
using Tile = Rows256<true>;

// [M, K / 128] to [K / 128, pitch].
extern "C" __global__ void __launch_bounds__(256)
    gemm_fp8_scales(const float* __restrict__ scale, float* __restrict__ turned, int M, int pitch) {
  previous_done();
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i < M * kSteps) turned[static_cast<size_t>(i % kSteps) * pitch + i / kSteps] = scale[i];
}

#if KDEX_ARCH == 90
constexpr int kColumns = (N + 255) / 256, kScaleRows = (N + 127) / 128;
constexpr int kGroup = 2048 / NT;  // tiles of tokens that are swept together, for the L2
static_assert(SPLIT == 1 || SPLIT == 2 || SPLIT == 4 || SPLIT == 8, "blocks of a cluster");

// SPLIT 1: blocks (pairs of them) take tiles in turn, as many blocks as multiprocessors. Else a cluster a tile.
extern "C" __global__ void __cluster_dims__(PAIR ? 2 : SPLIT, 1, 1) __launch_bounds__(Tile::kThreads, 1)
    gemm_fp8(const __grid_constant__ TensorMap map_b, const __grid_constant__ TensorMap map_a,
             const __grid_constant__ TensorMap map_c, const float* __restrict__ a_scale,
             const float* __restrict__ b_scale, float alpha, T* __restrict__ C, int M, int pitch) {
  extern __shared__ __align__(128) unsigned char shared_raw[];
  __shared__ __align__(8) unsigned long long barriers[2 * STAGES];
  Tile tile;
  tile.begin(shared_raw, barriers, map_b, map_a);
  previous_done();
  constexpr int kBlocks = PAIR ? 2 : 1;  // on neighbouring tiles of an item
  int rank = blockIdx.x % SPLIT, rows = (M + NT * kBlocks - 1) / (NT * kBlocks), items = kColumns * rows;
  int first = kSteps * rank / SPLIT, steps = kSteps * (rank + 1) / SPLIT - first;
  auto place = [&](int item, int& n0, int& m0) {
    int group = item / (kGroup * kColumns), inside = item % (kGroup * kColumns), height = min(kGroup, rows - group * kGroup);
    n0 = inside / height * 256, m0 = ((group * kGroup + inside % height) * kBlocks + blockIdx.x % kBlocks) * NT;
  };
  auto load = [&](int item) {
    int n0, m0;
    place(item, n0, m0);
    tile.load<BLOCKS>(
        first, steps, map_b,
        [&](int block, int step, int& x, int& y) {
          x = BLOCKS ? step * 128 : 0, y = (BLOCKS ? 0 : step * N) + n0 + block * 128;
        },
        map_a, m0, a_scale, pitch);
  };
  auto scale_of = [&](int item, int block) {
    int n0, m0;
    place(item, n0, m0);
    return BLOCKS ? b_scale + static_cast<size_t>(min(n0 / 128 + block, kScaleRows - 1)) * kSteps + first : nullptr;
  };
  float sum[2][NT / 2];
  if constexpr (SPLIT == 1) {
    if (threadIdx.x >= 256) {
      registers_fewer<40>();
      if (threadIdx.x == 256)
        for (int item = blockIdx.x / kBlocks; item < items; item += gridDim.x / kBlocks) load(item);
      if constexpr (PAIR) {  // a block's barriers are there until the other has arrived at them for the last time
        __syncwarp();
        cluster_sync();
      }
      return;
    }
    registers_more<232>();
    int begin = blockIdx.x / kBlocks;
    if (BLOCKS) tile.ask(scale_of(begin, 0), scale_of(begin, 1));
    for (int item = begin, next; item < items; item = next) {
      next = item + gridDim.x / kBlocks;
      int then = next < items ? next : item, n0, m0;
      tile.multiply<BLOCKS>(sum, steps, scale_of(item, 0), scale_of(item, 1), scale_of(then, 0), scale_of(then, 1));
      place(item, n0, m0);
#pragma unroll
      for (int block = 0; block < 2; ++block) {
#pragma unroll
        for (int i = 0; i < NT / 2; ++i) sum[block][i] *= alpha;
        tile.store(map_c, n0 + block * 128 + threadIdx.x / 128 * 64, m0, sum[block]);
      }
    }
    tile.stored();
    if constexpr (PAIR) cluster_sync();
  } else {
    int item = blockIdx.x / SPLIT, n0, m0;
    place(item, n0, m0);
    if (threadIdx.x >= 256) {
      registers_fewer<40>();
      if (threadIdx.x == 256) load(item);
      __syncwarp();
      cluster_sync();
    } else {
      registers_more<232>();
      if (BLOCKS) tile.ask(scale_of(item, 0), scale_of(item, 1));
      tile.multiply<BLOCKS>(sum, steps, scale_of(item, 0), scale_of(item, 1), scale_of(item, 0), scale_of(item, 1));
      tile.put_sums(sum);
      cluster_sync();
      int live = min(NT, M - m0), from = live * rank / SPLIT, to = live * (rank + 1) / SPLIT;
      for (int i = threadIdx.x; i < (to - from) * 64; i += 256) {
        int t = from + i / 64, n = i % 64 * 4;
        float4 x = tile.total<SPLIT>(t, n);
        if (n0 + n < N)
          *reinterpret_cast<uint2*>(C + static_cast<size_t>(m0 + t) * N + n0 + n) =
              make_uint2(pack2(x.x * alpha, x.y * alpha), pack2(x.z * alpha, x.w * alpha));
      }
    }
    cluster_sync();
  }
}

#else
extern "C" __global__ void __launch_bounds__(Tile::kThreads, 1)
    gemm_fp8(const unsigned char* __restrict__ B, const unsigned char* __restrict__ A, const float* __restrict__ a_scale,
             const float* __restrict__ b_scale, float alpha, T* __restrict__ C, int M, int pitch) {
  previous_done();
  extern __shared__ __align__(128) unsigned char shared_raw[];
  int n0 = blockIdx.x * 256, m0 = blockIdx.y * NT;
  Tile tile;
  float sum[2][NT / 2];
  tile.begin(shared_raw);
  tile.multiply<BLOCKS>(
      sum, K,
      [&](int block, int r, int k) {
        size_t n = min(n0 + block * 128 + r, N - 1);
        return B + (BLOCKS ? n * K + k : (static_cast<size_t>(k / 128) * N + n) * 128 + k % 128);
      },
      [&](int t, int k) { return A + static_cast<size_t>(m0 + t) * K + k; }, [&](int t) { return m0 + t < M; },
      [&](int block, int step) {
        return BLOCKS ? __ldg(b_scale + static_cast<size_t>(min(n0 / 128 + block, (N + 127) / 128 - 1)) * kSteps + step) : 1.f;
      },
      [&](int t, int step) { return m0 + t < M ? a_scale[static_cast<size_t>(step) * pitch + m0 + t] : 0.f; });
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  float* sums = reinterpret_cast<float*>(shared_raw);
  constexpr int kPitch = 256 + 4;
#pragma unroll
  for (int block = 0; block < 2; ++block)
#pragma unroll
    for (int i = 0; i < NT / 2; ++i)
      sums[(i / 4 * 8 + lane % 4 * 2 + i % 2) * kPitch + block * 128 + warp * 16 + lane / 4 + i / 2 % 2 * 8] = sum[block][i];
  __syncthreads();
  for (int i = threadIdx.x; i < min(NT, M - m0) * 64; i += 256) {
    int t = i / 64, n = i % 64 * 4;
    float4 x = *reinterpret_cast<float4*>(sums + t * kPitch + n);
    if (n0 + n < N)
      *reinterpret_cast<uint2*>(C + static_cast<size_t>(m0 + t) * N + n0 + n) =
          make_uint2(pack2(x.x * alpha, x.y * alpha), pack2(x.z * alpha, x.w * alpha));
  }
}
#endif
