// C[M,N] = A[M,K] B[N,K]^T of FP8 (e4m3) values, 16-bit out, on tiles of 256 columns times NT rows
// of C. sm_90a: a persistent grid, with PAIR of clusters of two blocks on neighbouring rows; or for
// few tiles the SPLIT blocks of a cluster share K and add up through distributed shared memory.
// BLOCKS 1: scales of A for 128 columns of a row, of B for 128 x 128; B is [N,K]; on sm_90a a
// second warp loads A's scales. BLOCKS 0: `alpha` multiplies the result; B comes in blocks of 128
// of k, [K/128, N, 128]. Constants: N, K, BLOCKS, NT, STAGES, SPLIT, PAIR; or with WIDE (192 or
// 256; 0 where not given) STAGES.
#ifndef WIDE
#define WIDE 0
#endif
#if WIDE
#include "kdex_device.cuh"
#else
#include "kdex_rows.cuh"
#endif
using namespace kdex;

#if K % 128 != 0 || N % 8 != 0
#error "gemm_fp8: K must be a multiple of 128, N of 8"
#endif
constexpr int kSteps = K / 128;
#if !WIDE
using Tile = Rows256<true>;
#endif

#if WIDE
#if KDEX_ARCH != 90 || !BLOCKS
#error "gemm_fp8: WIDE is for sm_90a and scales in blocks"
#endif
// Many rows: persistent tiles of 128 rows times WIDE columns of C. Rows of A take wgmma's M, so
// that a thread meets two of their scales, not NT / 4. The two blocks of a cluster share each tile
// of B by multicast; one warpgroup loads, two multiply, one adding a product up while the other's
// is made (taking turns by barriers is 3 to 5 % slower).
constexpr int kBM = 128;
constexpr unsigned kTileBytes = (kBM + WIDE) * 128;
constexpr int kColumns = (N + WIDE - 1) / WIDE, kScaleRows = (N + 127) / 128;
constexpr int kParts = WIDE > 192 ? 2 : 1, kPart = WIDE / kParts;  // columns of one product
constexpr int kWeights = WIDE > 192 ? 2 : 3,
              kEach = WIDE / kWeights;  // scales of B in a step, one for kEach columns
constexpr int kScales = kBM + 32;       // of a step: of the rows, then of B
constexpr int kGroup = 8;               // pairs of tile rows that are swept together, for the L2
static_assert(WIDE == 192 || WIDE == 256, "columns of a tile");

// a_scale [M, K / 128]; b_scale [N / 128 rounded up, K / 128].
extern "C" __global__ void __cluster_dims__(2, 1, 1) __launch_bounds__(384, 1)
    gemm_fp8_wide(const __grid_constant__ TensorMap map_b, const __grid_constant__ TensorMap map_a,
                  const __grid_constant__ TensorMap map_c, const float* __restrict__ a_scale,
                  const float* __restrict__ b_scale, int M) {
  extern __shared__ unsigned char shared_raw[];
  unsigned raw = shared_address(shared_raw), base = (raw + 1023) & ~1023u;
  unsigned staging = base + STAGES * kTileBytes,
           ring = staging + 2 * 64 * 128;  // a box of 64 x 64 of C a warpgroup; scales
  float* scales = reinterpret_cast<float*>(shared_raw + (ring - raw));
  __shared__ __align__(8) unsigned long long barriers[2 * STAGES];
  unsigned full = shared_address(barriers), empty = full + 8 * STAGES;
  int warpgroup = warpgroup_index(), rank = cluster_rank();
  int pairs = (M + 2 * kBM - 1) / (2 * kBM), items = pairs * kColumns;
  if (threadIdx.x == 0) {
    for (int s = 0; s < STAGES; ++s)
      barrier_init(full + 8 * s, 33), barrier_init(empty + 8 * s, 16);
    barrier_init_done();
  }
  previous_done();
  cluster_sync();
  auto place = [&](int item, int& n0, int& m0) {
    int group = item / (kGroup * kColumns), inside = item % (kGroup * kColumns),
        height = min(kGroup, pairs - group * kGroup);
    n0 = inside / height * WIDE, m0 = ((group * kGroup + inside % height) * 2 + rank) * kBM;
  };
  if (warpgroup == 2) {
    registers_fewer<40>();
    if (threadIdx.x == 256) {
      int i = 0;
      for (int item = blockIdx.x / 2; item < items; item += gridDim.x / 2) {
        int n0, m0;
        place(item, n0, m0);
        for (int step = 0; step < kSteps; ++step, ++i) {
          int s = i % STAGES;
          if (i >= STAGES) barrier_wait(empty + 8 * s, (i / STAGES - 1) & 1);
          unsigned at = base + s * kTileBytes, bar = full + 8 * s;
          barrier_expect(bar, kTileBytes);
          tma_load(at, map_a, step * 128, m0, bar);
          tma_load_multicast(at + kBM * 128 + rank * (WIDE / 2) * 128, map_b, step * 128,
                             n0 + rank * (WIDE / 2), bar, 3);
        }
      }
    } else if (threadIdx.x / 32 == 9) {
      int i = 0;
      for (int item = blockIdx.x / 2; item < items; item += gridDim.x / 2) {
        int n0, m0;
        place(item, n0, m0);
        load_scales<kScales, STAGES, 2>(scales, full, empty, i, kSteps, [&](int r) {
          int w = r - kBM;
          return w >= 0 ? w < kWeights ? b_scale + static_cast<size_t>(min((n0 + w * kEach) / 128,
                                                                           kScaleRows - 1)) *
                                                       kSteps
                                       : nullptr
                 : m0 + r < M ? a_scale + static_cast<size_t>(m0 + r) * kSteps
                              : nullptr;
        });
      }
    }
    __syncwarp();
  } else {
    registers_more<232>();
    int slot = 0, parity = 0, lane = threadIdx.x % 32, warp = threadIdx.x / 32 % 4,
        row = warpgroup * 64 + warp * 16 + lane / 4;
    unsigned box = staging + warpgroup * 64 * 128;
    unsigned long long rows = tile_rows(base + warpgroup * 64 * 128),
                       columns = tile_rows(base + kBM * 128);
    for (int item = blockIdx.x / 2; item < items; item += gridDim.x / 2) {
      float sum[WIDE / 2], part[kPart / 2];
#pragma unroll
      for (int e = 0; e < WIDE / 2; ++e) sum[e] = 0.f;
      for (int step = 0; step < kSteps; ++step) {
        barrier_wait(full + 8 * slot, parity);
        const float* scale = scales + slot * kScales;
        float factor[2] = {scale[row], scale[row + 8]}, weight[kWeights];
#pragma unroll
        for (int w = 0; w < kWeights; ++w) weight[w] = scale[kBM + w];
        unsigned long long a = advance(rows, slot * kTileBytes),
                           b = advance(columns, slot * kTileBytes);
#pragma unroll
        for (int p = 0; p < kParts; ++p) {
          wgmma_begin();
#pragma unroll
          for (int k = 0; k < 4; ++k)
            wgmma_fp8(part, advance(a, 32 * k), advance(b, p * kPart * 128 + 32 * k), k > 0);
          wgmma_commit();
          wgmma_wait<0>();
          if (p == kParts - 1 && lane < 2) barrier_arrive_at(empty + 8 * slot, lane);
#pragma unroll
          for (int w = 0; w < kPart / kEach; ++w) {
            float f[2] = {factor[0] * weight[p * (kPart / kEach) + w],
                          factor[1] * weight[p * (kPart / kEach) + w]};
#pragma unroll
            for (int e = w * (kEach / 2); e < (w + 1) * (kEach / 2); ++e)
              sum[p * (kPart / 2) + e] += part[e] * f[e / 2 % 2];
          }
        }
        if (++slot == STAGES) slot = 0, parity ^= 1;
      }
      int n0, m0;
      place(item, n0, m0);
#pragma unroll
      for (int j = 0; j < WIDE / 64; ++j) {
        if (threadIdx.x % 128 == 0) tma_store_wait_read<0>();
        sync_threads(1 + warpgroup, 128);
#pragma unroll
        for (int c = 0; c < 8; c += 2) {
          const float* x = sum + (j * 8 + c) * 4;
          store_tiles(box + swizzled(warp * 16 + lane % 16, c + lane / 16), pack2(x[0], x[1]),
                      pack2(x[2], x[3]), pack2(x[4], x[5]), pack2(x[6], x[7]));
        }
        fence_async();
        sync_threads(1 + warpgroup, 128);
        if (threadIdx.x % 128 == 0) {
          tma_store(map_c, n0 + j * 64, m0 + warpgroup * 64, box);
          tma_store_commit();
        }
      }
    }
    if (threadIdx.x % 128 == 0) tma_store_wait_read<0>();
  }
  cluster_sync();
}

#elif KDEX_ARCH == 90
constexpr int kColumns = (N + 255) / 256, kScaleRows = (N + 127) / 128;
constexpr int kGroup = 2048 / NT;  // tiles of tokens that are swept together, for the L2
static_assert(SPLIT == 1 || SPLIT == 2 || SPLIT == 4 || SPLIT == 8, "blocks of a cluster");

// SPLIT 1: blocks (pairs of them) take tiles in turn, as many blocks as multiprocessors. Else a
// cluster a tile.
extern "C" __global__ void __cluster_dims__(PAIR ? 2 : SPLIT, 1, 1)
    __launch_bounds__(Tile::kThreads, 1)
        gemm_fp8(const __grid_constant__ TensorMap map_b, const __grid_constant__ TensorMap map_a,
                 const __grid_constant__ TensorMap map_c, const float* __restrict__ a_scale,
                 const float* __restrict__ b_scale, float alpha, T* __restrict__ C, int M) {
  extern __shared__ __align__(128) unsigned char shared_raw[];
  __shared__ __align__(8) unsigned long long barriers[2 * STAGES];
  Tile tile;
  tile.begin<BLOCKS>(shared_raw, barriers, map_b, map_a);
  previous_done();
  constexpr int kBlocks = PAIR ? 2 : 1;  // on neighbouring tiles of an item
  int rank = blockIdx.x % SPLIT, rows = (M + NT * kBlocks - 1) / (NT * kBlocks),
      items = kColumns * rows;
  int first = kSteps * rank / SPLIT, steps = kSteps * (rank + 1) / SPLIT - first;
  auto place = [&](int item, int& n0, int& m0) {
    int group = item / (kGroup * kColumns), inside = item % (kGroup * kColumns),
        height = min(kGroup, rows - group * kGroup);
    n0 = inside / height * 256,
    m0 = ((group * kGroup + inside % height) * kBlocks + blockIdx.x % kBlocks) * NT;
  };
  bool loads = threadIdx.x == 256 || (BLOCKS && threadIdx.x / 32 == 9);
  auto load = [&](int item) {
    int n0, m0;
    place(item, n0, m0);
    if (threadIdx.x != 256) {
      if (BLOCKS)
        tile.load_scales(a_scale + static_cast<size_t>(m0) * kSteps + first, kSteps, M - m0, steps);
      return;
    }
    tile.load<false>(
        first, steps, map_b,
        [&](int block, int step, int& x, int& y) {
          x = BLOCKS ? step * 128 : 0, y = (BLOCKS ? 0 : step * N) + n0 + block * 128;
        },
        map_a, m0);
  };
  auto scale_of = [&](int item, int block) {
    int n0, m0;
    place(item, n0, m0);
    return BLOCKS ? b_scale + static_cast<size_t>(min(n0 / 128 + block, kScaleRows - 1)) * kSteps +
                        first
                  : nullptr;
  };
  float sum[2][NT / 2];
  if constexpr (SPLIT == 1) {
    if (threadIdx.x >= 256) {
      registers_fewer<40>();
      if (loads)
        for (int item = blockIdx.x / kBlocks; item < items; item += gridDim.x / kBlocks) load(item);
      if constexpr (PAIR) {  // a block's barriers are there until the other has arrived at them for
                             // the last time
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
      tile.multiply<BLOCKS>(sum, steps, scale_of(item, 0), scale_of(item, 1), scale_of(then, 0),
                            scale_of(then, 1));
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
      if (loads) load(item);
      __syncwarp();
      cluster_sync();
    } else {
      registers_more<232>();
      if (BLOCKS) tile.ask(scale_of(item, 0), scale_of(item, 1));
      tile.multiply<BLOCKS>(sum, steps, scale_of(item, 0), scale_of(item, 1), scale_of(item, 0),
                            scale_of(item, 1));
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
    gemm_fp8(const unsigned char* __restrict__ B, const unsigned char* __restrict__ A,
             const float* __restrict__ a_scale, const float* __restrict__ b_scale, float alpha,
             T* __restrict__ C, int M) {
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
      [&](int t, int k) { return A + static_cast<size_t>(m0 + t) * K + k; },
      [&](int t) { return m0 + t < M; },
      [&](int block, int step) {
        return BLOCKS ? __ldg(b_scale +
                              static_cast<size_t>(min(n0 / 128 + block, (N + 127) / 128 - 1)) *
                                  kSteps +
                              step)
                      : 1.f;
      },
      [&](int t, int step) {
        return m0 + t < M ? a_scale[static_cast<size_t>(m0 + t) * kSteps + step] : 0.f;
      });
  float* sums = reinterpret_cast<float*>(shared_raw);
  put_sums(sums, sum);
  __syncthreads();
  for (int i = threadIdx.x; i < min(NT, M - m0) * 64; i += 256) {
    int t = i / 64, n = i % 64 * 4;
    float4 x = *reinterpret_cast<float4*>(sums + t * kSumsPitch + n);
    if (n0 + n < N)
      *reinterpret_cast<uint2*>(C + static_cast<size_t>(m0 + t) * N + n0 + n) =
          make_uint2(pack2(x.x * alpha, x.y * alpha), pack2(x.z * alpha, x.w * alpha));
  }
}
#endif
