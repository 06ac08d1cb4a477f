// C[M,N] = A[M,K] B[N,K]^T, 16-bit in and out, float32 sums. KERNEL picks one of four:
// 0 gemm_rows: up to ROWS rows of A, one warp a column of C, for the sizes where reading B once is all the work.
// 1 gemm_tiled: mma.sync on BM x BN tiles, A and B staged by cp.async, STAGES deep, 16-byte chunks swizzled so
//   that ldmatrix meets no bank conflict.
// 2 gemm_stream (sm_90a): few rows of A. B's rows take wgmma's M, A's rows its N (NT), so that nothing is padded
//   to 64; a block takes 64 * WGS rows of B, the SPLIT blocks of a cluster share K and add up through distributed shared memory.
// 3 gemm_tma (sm_90a): persistent 128 x BN tiles, two blocks of a cluster share each tile of B by multicast, one
//   warpgroup loads, two multiply, results leave by TMA while the next tile is multiplied.
// Constants: N, K, KERNEL and those named above.
#include "kdex_device.cuh"
using namespace kdex;

#if N % 8 != 0 || K % 8 != 0
#error "gemm: N and K must be multiples of 8 (16-byte accesses)"
#endif

#if KERNEL == 0
extern "C" __global__ void __launch_bounds__(256)
    gemm_rows(const T* __restrict__ A, const T* __restrict__ B, T* __restrict__ C, int M) {
  previous_done();
  int n = blockIdx.x * 8 + threadIdx.x / 32, lane = threadIdx.x % 32;
  int m0 = blockIdx.y * ROWS;
  if (n >= N) return;
  float acc[ROWS] = {};
#pragma unroll 4
  for (int k = lane * 8; k < K; k += 256) {
    Vec8 b;
    b.raw = load16(B + static_cast<size_t>(n) * K + k);
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
      if (m0 + r >= M) break;
      Vec8 a;
      a.raw = load16(A + static_cast<size_t>(m0 + r) * K + k);
#pragma unroll
      for (int j = 0; j < 8; ++j) acc[r] += to_float(a.at[j]) * to_float(b.at[j]);
    }
  }
#pragma unroll
  for (int r = 0; r < ROWS; ++r) {
    for (int step = 16; step > 0; step /= 2) acc[r] += __shfl_xor_sync(0xffffffffu, acc[r], step);
    if (lane == 0 && m0 + r < M) C[static_cast<size_t>(m0 + r) * N + n] = from_float(acc[r]);
  }
}

#elif KERNEL == 1
constexpr int kBK = 64;
constexpr int kWarpsM = BM >= 64 ? 2 : 1, kWarpsN = 8 / kWarpsM;
constexpr int kTilesM = BM / kWarpsM / 16, kTilesN = BN / kWarpsN / 8;
static_assert(kTilesM >= 1 && kTilesN >= 2 && kTilesN % 2 == 0, "a warp takes 16 x 16 at least");

extern "C" __global__ void __launch_bounds__(256)
    gemm_tiled(const T* __restrict__ A, const T* __restrict__ B, T* __restrict__ C, int M) {
  previous_done();
  extern __shared__ __align__(128) unsigned char shared[];
  constexpr unsigned stage_bytes = (BM + BN) * 128;
  unsigned base = shared_address(shared);
  int m0 = blockIdx.x * BM, n0 = blockIdx.y * BN;
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  int wm = warp % kWarpsM * (BM / kWarpsM), wn = warp / kWarpsM * (BN / kWarpsN);
  constexpr int steps = (K + kBK - 1) / kBK;

  auto fetch = [&](int step) {
    if (step < steps) {
      unsigned to = base + step % STAGES * stage_bytes;
      for (int i = threadIdx.x; i < (BM + BN) * 8; i += 256) {
        int r = i / 8, c = i % 8, k = step * kBK + c * 8;
        bool is_a = r < BM;
        int row = is_a ? m0 + r : n0 + r - BM;
        bool valid = k < K && row < (is_a ? M : N);
        const T* from = (is_a ? A : B) + (valid ? static_cast<size_t>(row) * K + k : 0);
        copy16_async(to + swizzled(r, c), from, valid);
      }
    }
    copy_commit();
  };
  float acc[kTilesM][kTilesN][4] = {};
  for (int s = 0; s < STAGES - 1; ++s) fetch(s);
  for (int step = 0; step < steps; ++step) {
    copy_wait<STAGES - 2>();
    __syncthreads();
    fetch(step + STAGES - 1);
    unsigned a_tile = base + step % STAGES * stage_bytes, b_tile = a_tile + BM * 128;
#pragma unroll
    for (int k = 0; k < kBK / 16; ++k) {
      unsigned a[kTilesM][4];
#pragma unroll
      for (int i = 0; i < kTilesM; ++i)
        load_tiles(a[i], a_tile + swizzled(wm + i * 16 + lane % 16, k * 2 + lane / 16));
#pragma unroll
      for (int j = 0; j < kTilesN; j += 2) {
        unsigned b[4];
        load_tiles(b, b_tile + swizzled(wn + j * 8 + lane / 16 * 8 + lane % 8, k * 2 + lane / 8 % 2));
#pragma unroll
        for (int i = 0; i < kTilesM; ++i) {
          mma(acc[i][j], a[i], b[0], b[1]);
          mma(acc[i][j + 1], a[i], b[2], b[3]);
        }
      }
    }
  }
#pragma unroll
  for (int i = 0; i < kTilesM; ++i)
#pragma unroll
    for (int j = 0; j < kTilesN; ++j)
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        int m = m0 + wm + i * 16 + half * 8 + lane / 4, n = n0 + wn + j * 8 + lane % 4 * 2;
        if (m < M && n < N)
          *reinterpret_cast<unsigned*>(C + static_cast<size_t>(m) * N + n) =
              pack2(acc[i][j][half * 2], acc[i][j][half * 2 + 1]);
      }
}


#elif KERNEL == 2
#if KDEX_ARCH != 90
#error "gemm: KERNEL 2 and 3 are for sm_90a"
#endif
constexpr int kBK = 64;
constexpr int kSteps = (K + kBK - 1) / kBK;
constexpr int kRows = 64 * WGS;
constexpr int kThreads = 128 * WGS + 32;
constexpr unsigned kStageBytes = (kRows + NT) * 128;

extern "C" __global__ void __cluster_dims__(SPLIT, 1, 1) __launch_bounds__(kThreads)
    gemm_stream(const __grid_constant__ TensorMap map_b, const __grid_constant__ TensorMap map_a, T* __restrict__ C,
                int M) {
  extern __shared__ unsigned char shared_raw[];
  unsigned base = (shared_address(shared_raw) + 1023) & ~1023u;
  __shared__ __align__(8) unsigned long long barriers[2 * STAGES];
  unsigned full = shared_address(barriers), empty = full + 8 * STAGES;
  int warpgroup = warpgroup_index();
  int rank = SPLIT > 1 ? blockIdx.x % SPLIT : 0;
  int n0 = blockIdx.x / SPLIT * kRows, m0 = blockIdx.y * NT;
  int begin = kSteps * rank / SPLIT, end = kSteps * (rank + 1) / SPLIT;
  if (threadIdx.x == 0) {
    for (int s = 0; s < STAGES; ++s) barrier_init(full + 8 * s, 1), barrier_init(empty + 8 * s, WGS);
    barrier_init_done();
  }
  previous_done();
  __syncthreads();
  float* sums = reinterpret_cast<float*>(shared_raw + (base - shared_address(shared_raw)));
  constexpr int kPitch = kRows + 4;
  if (warpgroup == WGS) {
    if (threadIdx.x == 128 * WGS) {
      for (int step = begin; step < end; ++step) {
        int i = step - begin, s = i % STAGES;
        if (i >= STAGES) barrier_wait(empty + 8 * s, (i / STAGES - 1) & 1);
        unsigned at = base + s * kStageBytes;
        barrier_expect(full + 8 * s, kStageBytes);
        tma_load(at, map_b, step * kBK, n0, full + 8 * s);
        tma_load(at + kRows * 128, map_a, step * kBK, m0, full + 8 * s);
      }
    }
    __syncthreads();
  } else {
    float acc[NT / 2];
#pragma unroll
    for (int i = 0; i < NT / 2; ++i) acc[i] = 0.f;
    for (int step = begin; step < end; ++step) {
      int i = step - begin, s = i % STAGES;
      barrier_wait(full + 8 * s, i / STAGES & 1);
      unsigned at = base + s * kStageBytes;
      unsigned long long rows = tile_rows(at + warpgroup * 64 * 128), columns = tile_rows(at + kRows * 128);
      wgmma_begin();
#pragma unroll
      for (int k = 0; k < kBK / 16; ++k) wgmma<0>(acc, advance(rows, 32 * k), advance(columns, 32 * k), 1);
      wgmma_commit();
      wgmma_wait<1>();
      if (i > 0 && threadIdx.x % 128 == 0) barrier_arrive(empty + 8 * ((i - 1) % STAGES));
    }
    wgmma_wait<0>();
    __syncthreads();
    int lane = threadIdx.x % 32, row = warpgroup * 64 + threadIdx.x / 32 % 4 * 16 + lane / 4;
#pragma unroll
    for (int j = 0; j < NT / 8; ++j)
#pragma unroll
      for (int e = 0; e < 4; ++e)
        sums[(8 * j + lane % 4 * 2 + e % 2) * kPitch + row + e / 2 * 8] = acc[4 * j + e];
  }
  if constexpr (SPLIT > 1)
    cluster_sync();
  else
    __syncthreads();
  // Each rank adds up its share of the rows of C, four columns a thread.
  int live = min(NT, M - m0);
  int first = live * rank / SPLIT, last = live * (rank + 1) / SPLIT;
  for (int i = threadIdx.x; i < (last - first) * (kRows / 4); i += kThreads) {
    int t = first + i / (kRows / 4), n = i % (kRows / 4) * 4;
    float4 x = make_float4(0.f, 0.f, 0.f, 0.f);
    if constexpr (SPLIT > 1) {
#pragma unroll
      for (int r = 0; r < SPLIT; ++r) {
        float4 y = load_cluster(base + (t * kPitch + n) * 4, r);
        x.x += y.x, x.y += y.y, x.z += y.z, x.w += y.w;
      }
    } else {
      x = *reinterpret_cast<float4*>(sums + t * kPitch + n);
    }
    if (n0 + n < N)
      *reinterpret_cast<uint2*>(C + static_cast<size_t>(m0 + t) * N + n0 + n) = make_uint2(pack2(x.x, x.y), pack2(x.z, x.w));
  }
  if constexpr (SPLIT > 1) cluster_sync();
}

#else
#if KDEX_ARCH != 90
#error "gemm: KERNEL 2 and 3 are for sm_90a"
#endif
constexpr int kBK = 64;
constexpr int kSteps = (K + kBK - 1) / kBK;
constexpr int kBM = 128;
constexpr unsigned kStageBytes = (kBM + BN) * 128;
constexpr int kTilesN = (N + BN - 1) / BN;
constexpr int kGroup = 8;  // pairs of tile rows that are swept together, for the L2

// Pair of tile rows and tile column of a cluster's work item.
__device__ __forceinline__ void place(int item, int pairs, int& pair, int& column) {
  int group = item / (kGroup * kTilesN), inside = item % (kGroup * kTilesN);
  int height = min(kGroup, pairs - group * kGroup);
  pair = group * kGroup + inside % height;
  column = inside / height;
}

extern "C" __global__ void __cluster_dims__(2, 1, 1) __launch_bounds__(384, 1)
    gemm_tma(const __grid_constant__ TensorMap map_a, const __grid_constant__ TensorMap map_b,
             const __grid_constant__ TensorMap map_c, int M) {
  extern __shared__ unsigned char shared_raw[];
  unsigned base = (shared_address(shared_raw) + 1023) & ~1023u;
  unsigned staging = base + STAGES * kStageBytes;  // two 64 x 64 boxes of C for each of the two warpgroups
  __shared__ __align__(8) unsigned long long barriers[2 * STAGES];
  unsigned full = shared_address(barriers), empty = full + 8 * STAGES;
  int warpgroup = warpgroup_index(), rank = cluster_rank();
  int pairs = (M + 2 * kBM - 1) / (2 * kBM);
  int items = pairs * kTilesN;
  if (threadIdx.x == 0) {
    for (int s = 0; s < STAGES; ++s) barrier_init(full + 8 * s, 1), barrier_init(empty + 8 * s, 4);
    barrier_init_done();
  }
  previous_done();
  cluster_sync();
  if (warpgroup == 2) {
    registers_fewer<40>();
    if (threadIdx.x == 256) {
      int i = 0;
      for (int item = blockIdx.x / 2; item < items; item += gridDim.x / 2) {
        int pair, column;
        place(item, pairs, pair, column);
        int m0 = (pair * 2 + rank) * kBM, n0 = column * BN + rank * (BN / 2);
        for (int step = 0; step < kSteps; ++step, ++i) {
          int s = i % STAGES;
          if (i >= STAGES) barrier_wait(empty + 8 * s, (i / STAGES - 1) & 1);
          unsigned at = base + s * kStageBytes;
          barrier_expect(full + 8 * s, kStageBytes);
          tma_load(at, map_a, step * kBK, m0, full + 8 * s);
          tma_load_multicast(at + kBM * 128 + rank * (BN / 2) * 128, map_b, step * kBK, n0, full + 8 * s, 3);
        }
      }
    }
  } else {
    registers_more<232>();
    int i = 0, lane = threadIdx.x % 32, warp = threadIdx.x / 32 % 4, boxes = 0;
    unsigned box = staging + warpgroup * 2 * 64 * 128;
    for (int item = blockIdx.x / 2; item < items; item += gridDim.x / 2) {
      int pair, column;
      place(item, pairs, pair, column);
      float acc[BN / 2];
      for (int step = 0; step < kSteps; ++step, ++i) {
        int s = i % STAGES;
        barrier_wait(full + 8 * s, i / STAGES & 1);
        unsigned at = base + s * kStageBytes;
        unsigned long long a = tile_rows(at + warpgroup * 64 * 128), b = tile_rows(at + kBM * 128);
        wgmma_begin();
#pragma unroll
        for (int k = 0; k < kBK / 16; ++k)
          wgmma<0>(acc, advance(a, 32 * k), advance(b, 32 * k), step > 0 || k > 0);
        wgmma_commit();
        wgmma_wait<1>();
        if (step > 0 && threadIdx.x % 128 < 2) barrier_arrive_at(empty + 8 * ((i - 1) % STAGES), threadIdx.x % 128);
      }
      wgmma_wait<0>();
      if (threadIdx.x % 128 < 2) barrier_arrive_at(empty + 8 * ((i - 1) % STAGES), threadIdx.x % 128);
      int m0 = (pair * 2 + rank) * kBM + warpgroup * 64;
#pragma unroll
      for (int j = 0; j < BN / 64; ++j, ++boxes) {
        unsigned to = box + (boxes & 1) * 64 * 128;
        if (threadIdx.x % 128 == 0) tma_store_wait_read<1>();
        sync_threads(1 + warpgroup, 128);
#pragma unroll
        for (int c = 0; c < 8; c += 2) {
          float* x = acc + (j * 8 + c) * 4;
          store_tiles(to + swizzled(warp * 16 + lane % 16, c + lane / 16), pack2(x[0], x[1]), pack2(x[2], x[3]),
                      pack2(x[4], x[5]), pack2(x[6], x[7]));
        }
        fence_async();
        sync_threads(1 + warpgroup, 128);
        if (threadIdx.x % 128 == 0) {
          tma_store(map_c, column * BN + j * 64, m0, to);
          tma_store_commit();
        }
      }
    }
    if (threadIdx.x % 128 == 0) tma_store_wait_read<0>();
  }
  cluster_sync();
}
#endif
