// C[M,N] = A[M,K] B, with B stored as [N,K] or (B_KN) as [K,N]; 16-bit in and out or (FLOAT)
// float32, sums in float32. KERNEL picks one of six: 0 gemm_rows: up to ROWS rows of A, for the
// sizes where reading B once is all the work. One warp a column of C; of B as
//   [K,N] a block takes COLUMNS columns and its threads share K.
// 1 gemm_tiled: mma.sync on BM x BN tiles, A and B staged by cp.async, STAGES deep, 16-byte chunks
// swizzled so
//   that ldmatrix meets no bank conflict.
// 2 gemm_stream (sm_90a): few rows of A. B's columns take wgmma's M, A's rows its N (NT), so that
// nothing is padded
//   to 64; a block takes 64 * WGS columns of B, the SPLIT blocks of a cluster share K and add up
//   through distributed shared memory.
// 3 gemm_tma (sm_90a): persistent 128 x BN tiles, two blocks of a cluster share each tile of B by
// multicast (ACROSS: they stand
//   side by side and share A), one warpgroup loads, two multiply, results leave by TMA while the
//   next tile is multiplied. With SPLIT that many such pairs of a cluster share K of one tile and
//   add up through distributed shared memory.
// 4 gemm_float (FLOAT): exact float32 products on BM x BN tiles, 256 threads with squares of 4 x 4;
// gridDim.z blocks share
//   K and leave their sums to gemm_float_sum.
// 5 gemm_spread (sm_90a): as 2, but the SPLIT parts of a cluster cut all steps of the cluster's
// tiles of B evenly, so that a
//   part may end a tile that another began and begin one that others end. A part is SHARE blocks
//   with tiles side by side, each of which loads a share of A's rows for all of them. C's rows are
//   multiples of 16 bytes.
// Any N and K, but TMA (2, 3 and 5) wants rows of multiples of 16 bytes. With ALPHA those three
// multiply the sums by an argument. Constants: N, K, KERNEL and those named above.
#include "kdex_device.cuh"
using namespace kdex;

#ifndef B_KN
#define B_KN 0
#endif
#ifndef FLOAT
#define FLOAT 0
#endif
#ifndef ALPHA
#define ALPHA 0
#endif
#if ALPHA
#define ALPHA_ARGUMENT , float alpha
#else
#define ALPHA_ARGUMENT
#endif
#if N < 1 || K < 1
#error "gemm: N and K must be at least 1"
#endif
#if (KERNEL == 2 || KERNEL == 3 || KERNEL == 5) && \
    (K % 8 != 0 || (N % 8 != 0 && (B_KN || KERNEL != 2)))
#error "gemm: TMA takes rows of multiples of 16 bytes"
#endif

// Elements of A, B and C.
#if FLOAT
using E = float;
__device__ __forceinline__ float real(E x) { return x; }
__device__ __forceinline__ E rounded(float x) { return x; }
#else
using E = T;
__device__ __forceinline__ float real(E x) { return to_float(x); }
__device__ __forceinline__ E rounded(float x) { return from_float(x); }
#endif

// Elements that one access takes of a row of `length` of them, as every row's start is aligned.
constexpr int kMost = 16 / static_cast<int>(sizeof(E));
template <int length>
constexpr int kPieceOf = length % kMost == 0 ? kMost
                         : length % 4 == 0   ? 4
                         : length % 2 == 0   ? 2
                                             : 1;
template <int bytes>
struct Word;
template <>
struct Word<16> {
  using Type = uint4;
};
template <>
struct Word<8> {
  using Type = uint2;
};
template <>
struct Word<4> {
  using Type = unsigned;
};
template <>
struct Word<2> {
  using Type = unsigned short;
};
template <int count>
union Piece {
  using Raw = typename Word<count * sizeof(E)>::Type;
  Raw raw;
  E at[count];
  __device__ Piece() {}
  __device__ __forceinline__ void load(const E* from) {
    raw = __ldg(reinterpret_cast<const Raw*>(from));
  }
};

#if KERNEL == 0 && !B_KN && FLOAT && N <= 16
// All columns by one block, k shared by its threads: a column a warp would leave a long k to few of
// them.
extern "C" __global__ void __launch_bounds__(256)
    gemm_rows(const E* __restrict__ A, const E* __restrict__ B, E* __restrict__ C, int M) {
  previous_done();
  constexpr int kPiece = kPieceOf<K>;
  __shared__ float sums[8][ROWS * N];
  int m0 = blockIdx.y * ROWS, warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  float acc[ROWS][N] = {};
  for (int k = threadIdx.x * kPiece; k < K; k += 256 * kPiece) {
    Piece<kPiece> a[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; ++r) a[r].load(A + static_cast<size_t>(min(m0 + r, M - 1)) * K + k);
#pragma unroll
    for (int n = 0; n < N; ++n) {
      Piece<kPiece> b;
      b.load(B + static_cast<size_t>(n) * K + k);
#pragma unroll
      for (int r = 0; r < ROWS; ++r)
#pragma unroll
        for (int j = 0; j < kPiece; ++j) acc[r][n] += real(a[r].at[j]) * real(b.at[j]);
    }
  }
#pragma unroll
  for (int r = 0; r < ROWS; ++r)
#pragma unroll
    for (int n = 0; n < N; ++n) {
      for (int step = 16; step > 0; step /= 2)
        acc[r][n] += __shfl_xor_sync(0xffffffffu, acc[r][n], step);
      if (lane == 0) sums[warp][r * N + n] = acc[r][n];
    }
  __syncthreads();
  int at = threadIdx.x;
  if (at < ROWS * N && m0 + at / N < M) {
    float x = 0.f;
#pragma unroll
    for (int w = 0; w < 8; ++w) x += sums[w][at];
    C[static_cast<size_t>(m0) * N + at] = rounded(x);
  }
}

#elif KERNEL == 0 && !B_KN
extern "C" __global__ void __launch_bounds__(256)
    gemm_rows(const E* __restrict__ A, const E* __restrict__ B, E* __restrict__ C, int M) {
  previous_done();
  constexpr int kPiece = kPieceOf<K>;
  int n = blockIdx.x * 8 + threadIdx.x / 32, lane = threadIdx.x % 32;
  int m0 = blockIdx.y * ROWS;
  if (n >= N) return;
  float acc[ROWS] = {};
#pragma unroll 4
  for (int k = lane * kPiece; k < K; k += 32 * kPiece) {
    Piece<kPiece> b;
    b.load(B + static_cast<size_t>(n) * K + k);
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
      if (m0 + r >= M) break;
      Piece<kPiece> a;
      a.load(A + static_cast<size_t>(m0 + r) * K + k);
#pragma unroll
      for (int j = 0; j < kPiece; ++j) acc[r] += real(a.at[j]) * real(b.at[j]);
    }
  }
#pragma unroll
  for (int r = 0; r < ROWS; ++r) {
    for (int step = 16; step > 0; step /= 2) acc[r] += __shfl_xor_sync(0xffffffffu, acc[r], step);
    if (lane == 0 && m0 + r < M) C[static_cast<size_t>(m0 + r) * N + n] = rounded(acc[r]);
  }
}

#elif KERNEL == 0
extern "C" __global__ void __launch_bounds__(256)
    gemm_rows(const E* __restrict__ A, const E* __restrict__ B, E* __restrict__ C, int M) {
  previous_done();
  // kAcross threads take a row of B's COLUMNS columns, kDown such rows of k are read at once.
  constexpr int kPiece = kPieceOf<N>, kAcross = COLUMNS / kPiece, kDown = 256 / kAcross;
  static_assert(COLUMNS % kPiece == 0 && kAcross <= 32 && 32 % kAcross == 0,
                "a warp holds whole rows");
  __shared__ float sums[8][ROWS][COLUMNS];
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, column = threadIdx.x % kAcross * kPiece;
  int n0 = blockIdx.x * COLUMNS, m0 = blockIdx.y * ROWS;
  const E* a_row[ROWS];
#pragma unroll
  for (int r = 0; r < ROWS; ++r) a_row[r] = A + static_cast<size_t>(min(m0 + r, M - 1)) * K;
  float acc[ROWS][kPiece] = {};
  constexpr int kAhead = ROWS <= 2 ? 8 : 4;
  if (n0 + column < N) {
#pragma unroll kAhead
    for (int k = threadIdx.x / kAcross; k < K; k += kDown) {
      Piece<kPiece> b;
      b.load(B + static_cast<size_t>(k) * N + n0 + column);
#pragma unroll
      for (int r = 0; r < ROWS; ++r) {
        float a = real(a_row[r][k]);
#pragma unroll
        for (int j = 0; j < kPiece; ++j) acc[r][j] += a * real(b.at[j]);
      }
    }
  }
#pragma unroll
  for (int r = 0; r < ROWS; ++r)
#pragma unroll
    for (int j = 0; j < kPiece; ++j) {
#pragma unroll
      for (int step = kAcross; step < 32; step *= 2)
        acc[r][j] += __shfl_xor_sync(0xffffffffu, acc[r][j], step);
      if (lane < kAcross) sums[warp][r][column + j] = acc[r][j];
    }
  __syncthreads();
  for (int i = threadIdx.x; i < ROWS * COLUMNS; i += 256) {
    int r = i / COLUMNS, n = i % COLUMNS;
    float x = 0.f;
#pragma unroll
    for (int w = 0; w < 8; ++w) x += sums[w][r][n];
    if (m0 + r < M && n0 + n < N) C[static_cast<size_t>(m0 + r) * N + n0 + n] = rounded(x);
  }
}

#elif KERNEL == 1
constexpr int kBK = 64;
constexpr int kWarpsM = BM >= 64 ? 2 : 1, kWarpsN = 8 / kWarpsM;
constexpr int kTilesM = BM / kWarpsM / 16, kTilesN = BN / kWarpsN / 8;
static_assert(kTilesM >= 1 && kTilesN >= 2 && kTilesN % 2 == 0, "a warp takes 16 x 16 at least");

// The next eight elements of a row of kLength to a 16-byte chunk of shared memory, zeros from
// `left` on and where not `valid`.
template <int kLength>
__device__ __forceinline__ void fetch8(unsigned to, const T* from, bool valid, int left) {
  constexpr int kPiece = kPieceOf<kLength>;
  int count = valid ? left : 0;
  if constexpr (kPiece == 8) {
    copy16_async(to, from, valid);
  } else if constexpr (kPiece > 1) {
#pragma unroll
    for (int i = 0; i < 8; i += kPiece) {
      int bytes = i < count ? kPiece * 2 : 0;
      asm volatile("cp.async.ca.shared.global [%0], [%1], %2, %3;" ::"r"(to + i * 2),
                   "l"(i < count ? from + i : from), "n"(kPiece * 2), "r"(bytes));
    }
  } else {  // cp.async moves four bytes at least
    Vec8 x;
    x.raw = make_uint4(0, 0, 0, 0);
#pragma unroll
    for (int i = 0; i < 8; ++i)
      if (i < count) x.at[i] = from[i];
    asm volatile("st.shared.v4.b32 [%0], {%1,%2,%3,%4};" ::"r"(to), "r"(x.word[0]), "r"(x.word[1]),
                 "r"(x.word[2]), "r"(x.word[3])
                 : "memory");
  }
}

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
        if (B_KN && !is_a) {  // slabs of 64 columns, one row a k
          k = step * kBK + (r - BM) % 64;
          int n = n0 + (r - BM) / 64 * 64 + c * 8;
          bool valid = k < K && n < N;
          fetch8<N>(to + swizzled(r, c), B + (valid ? static_cast<size_t>(k) * N + n : 0), valid,
                    N - n);
        } else {
          int row = is_a ? m0 + r : n0 + r - BM;
          bool valid = k < K && row < (is_a ? M : N);
          const T* from = (is_a ? A : B) + (valid ? static_cast<size_t>(row) * K + k : 0);
          fetch8<K>(to + swizzled(r, c), from, valid, K - k);
        }
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
#if B_KN
        int n = wn + j * 8;
        load_tiles_transposed(
            b, b_tile + swizzled(n / 64 * 64 + k * 16 + lane % 16, n % 64 / 8 + lane / 16));
#else
        load_tiles(b,
                   b_tile + swizzled(wn + j * 8 + lane / 16 * 8 + lane % 8, k * 2 + lane / 8 % 2));
#endif
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
        T* to = C + static_cast<size_t>(m) * N + n;
        float x = acc[i][j][half * 2], y = acc[i][j][half * 2 + 1];
        if constexpr (N % 2 == 0) {
          if (m < M && n < N) *reinterpret_cast<unsigned*>(to) = pack2(x, y);
        } else if (m < M) {
          if (n < N) to[0] = from_float(x);
          if (n + 1 < N) to[1] = from_float(y);
        }
      }
}

#elif KERNEL == 2
#if KDEX_ARCH != 90
#error "gemm: KERNEL 2, 3 and 5 are for sm_90a"
#endif
constexpr int kBK = 64;
constexpr int kSteps = (K + kBK - 1) / kBK;
constexpr int kRows = 64 * WGS;
constexpr int kThreads = 128 * WGS + 32;
constexpr unsigned kStageBytes = (kRows + NT) * 128;
static_assert(kSteps >= SPLIT, "every block has a step");

extern "C" __global__ void __cluster_dims__(SPLIT, 1, 1) __launch_bounds__(kThreads)
    gemm_stream(const __grid_constant__ TensorMap map_b, const __grid_constant__ TensorMap map_a,
                T* __restrict__ C, int M ALPHA_ARGUMENT) {
  extern __shared__ unsigned char shared_raw[];
  unsigned base = (shared_address(shared_raw) + 1023) & ~1023u;
  __shared__ __align__(8) unsigned long long barriers[2 * STAGES];
  unsigned full = shared_address(barriers), empty = full + 8 * STAGES;
  int warpgroup = warpgroup_index();
  int rank = SPLIT > 1 ? blockIdx.x % SPLIT : 0;
  int n0 = blockIdx.x / SPLIT * kRows, m0 = blockIdx.y * NT;
  int begin = kSteps * rank / SPLIT, end = kSteps * (rank + 1) / SPLIT;
  if (threadIdx.x == 0) {
    for (int s = 0; s < STAGES; ++s)
      barrier_init(full + 8 * s, 1), barrier_init(empty + 8 * s, WGS);
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
#if B_KN  // 64 columns a box, one row a k
#pragma unroll
        for (int w = 0; w < WGS; ++w)
          tma_load(at + w * 8192, map_b, n0 + w * 64, step * kBK, full + 8 * s);
#else
        tma_load(at, map_b, step * kBK, n0, full + 8 * s);
#endif
        tma_load(at + kRows * 128, map_a, step * kBK, m0, full + 8 * s);
      }
    }
    __syncwarp();  // no lane waits at a barrier for the one that loads
    __syncthreads();
  } else {
    float acc[NT / 2];
    for (int step = begin; step < end; ++step) {
      int i = step - begin, s = i % STAGES;
      barrier_wait(full + 8 * s, i / STAGES & 1);
      unsigned at = base + s * kStageBytes;
#if B_KN  // 16 rows of k are 2048 bytes; 64 columns are all of a box, so that `next` is not used
      unsigned long long rows = tile_columns(at + warpgroup * 64 * 128, 8192),
                         columns = tile_rows(at + kRows * 128);
      wgmma_begin();
#pragma unroll
      for (int k = 0; k < kBK / 16; ++k)
        wgmma<0, 1>(acc, advance(rows, 2048 * k), advance(columns, 32 * k), i > 0 || k > 0);
#else
      unsigned long long rows = tile_rows(at + warpgroup * 64 * 128),
                         columns = tile_rows(at + kRows * 128);
      wgmma_begin();
#pragma unroll
      for (int k = 0; k < kBK / 16; ++k)
        wgmma<0>(acc, advance(rows, 32 * k), advance(columns, 32 * k), i > 0 || k > 0);
#endif
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
#if ALPHA
    x.x *= alpha, x.y *= alpha, x.z *= alpha, x.w *= alpha;
#endif
    if constexpr (N % 4 == 0) {
      if (n0 + n < N)
        *reinterpret_cast<uint2*>(C + static_cast<size_t>(m0 + t) * N + n0 + n) =
            make_uint2(pack2(x.x, x.y), pack2(x.z, x.w));
    } else {
      T* to = C + static_cast<size_t>(m0 + t) * N + n0 + n;
      if (n0 + n < N) to[0] = from_float(x.x);
      if (n0 + n + 1 < N) to[1] = from_float(x.y);
      if (n0 + n + 2 < N) to[2] = from_float(x.z);
      if (n0 + n + 3 < N) to[3] = from_float(x.w);
    }
  }
  if constexpr (SPLIT > 1) cluster_sync();
}

#elif KERNEL == 3
#if KDEX_ARCH != 90
#error "gemm: KERNEL 2, 3 and 5 are for sm_90a"
#endif
#ifndef SPLIT
#define SPLIT 1
#endif
#ifndef ACROSS
#define ACROSS 0
#endif
#if B_KN && (BN % 64 != 0 || ACROSS)
#error \
    "gemm: KERNEL 3 takes B as [K, N] in boxes of 64 columns, two blocks side by side only of B as [N, K]"
#endif
constexpr int kBK = 64;
constexpr int kSteps = (K + kBK - 1) / kBK;
constexpr int kBM = 128;
constexpr unsigned kStageBytes = (kBM + BN) * 128;
constexpr int kTilesN = (N + BN - 1) / BN;
static_assert(kSteps >= SPLIT, "every block has a step");
static_assert(SPLIT == 1 || STAGES * kStageBytes >= kBM * BN * 4, "the ring holds a tile's sums");

// The first of a cluster's pair of tile rows and of its tile columns.
__device__ __forceinline__ void place(int item, int pairs, int& row, int& column) {
#if ACROSS
  row = item % pairs, column = item / pairs * 2;
#else
  constexpr int kGroup = 8;  // pairs of tile rows that are swept together, for the L2
  int group = item / (kGroup * kTilesN), inside = item % (kGroup * kTilesN);
  int height = min(kGroup, pairs - group * kGroup);
  row = (group * kGroup + inside % height) * 2;
  column = inside / height;
#endif
}

extern "C" __global__ void __cluster_dims__(2 * SPLIT, 1, 1) __launch_bounds__(384, 1)
    gemm_tma(const __grid_constant__ TensorMap map_a, const __grid_constant__ TensorMap map_b,
             const __grid_constant__ TensorMap map_c, T* __restrict__ C, int M ALPHA_ARGUMENT) {
  extern __shared__ unsigned char shared_raw[];
  unsigned base = (shared_address(shared_raw) + 1023) & ~1023u;
  __shared__ __align__(8) unsigned long long barriers[2 * STAGES];
  unsigned full = shared_address(barriers), empty = full + 8 * STAGES;
  int warpgroup = warpgroup_index(), peer = cluster_rank() % 2, part = cluster_rank() / 2;
  int pairs = ACROSS ? (M + kBM - 1) / kBM : (M + 2 * kBM - 1) / (2 * kBM);
  int items = pairs * (ACROSS ? (kTilesN + 1) / 2 : kTilesN), clusters = gridDim.x / (2 * SPLIT);
  int begin = kSteps * part / SPLIT, end = kSteps * (part + 1) / SPLIT;
  unsigned short both = 3 << 2 * part;
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
      for (int item = blockIdx.x / (2 * SPLIT); item < items; item += clusters) {
        int row, column;
        place(item, pairs, row, column);
        int m0 = (ACROSS ? row : row + peer) * kBM,
            n0 = (ACROSS ? column + peer : column) * BN + (B_KN || ACROSS ? 0 : peer * (BN / 2));
        for (int step = begin; step < end; ++step, ++i) {
          int s = i % STAGES;
          if (i >= STAGES) barrier_wait(empty + 8 * s, (i / STAGES - 1) & 1);
          unsigned at = base + s * kStageBytes;
          barrier_expect(full + 8 * s, kStageBytes);
#if ACROSS
          tma_load_multicast(at + peer * 64 * 128, map_a, step * kBK, m0 + peer * 64, full + 8 * s,
                             both);
          tma_load(at + kBM * 128, map_b, step * kBK, n0, full + 8 * s);
#else
          tma_load(at, map_a, step * kBK, m0, full + 8 * s);
#if B_KN  // boxes of 64 columns and 64 rows of k, of which each block brings 32 to both
#pragma unroll
          for (int j = 0; j < BN / 64; ++j)
            tma_load_multicast(at + kBM * 128 + j * 8192 + peer * 4096, map_b, n0 + j * 64,
                               step * kBK + peer * 32, full + 8 * s, both);
#else
          tma_load_multicast(at + kBM * 128 + peer * (BN / 2) * 128, map_b, step * kBK, n0,
                             full + 8 * s, both);
#endif
#endif
        }
      }
    }
    __syncwarp();
    if (SPLIT > 1) cluster_sync();
  } else {
    registers_more<232>();
    int i = 0, lane = threadIdx.x % 32, warp = threadIdx.x / 32 % 4;
#if SPLIT == 1
    int boxes = 0;
    unsigned box =
        base + STAGES * kStageBytes + warpgroup * 2 * 64 * 128;  // two 64 x 64 boxes of C
#endif
    for (int item = blockIdx.x / (2 * SPLIT); item < items; item += clusters) {
      int row, column;
      place(item, pairs, row, column);
      float acc[BN / 2];
      for (int step = begin; step < end; ++step, ++i) {
        int s = i % STAGES;
        barrier_wait(full + 8 * s, i / STAGES & 1);
        unsigned at = base + s * kStageBytes;
        unsigned long long a = tile_rows(at + warpgroup * 64 * 128),
                           b = B_KN ? tile_columns(at + kBM * 128, 8192)
                                    : tile_rows(at + kBM * 128);
        wgmma_begin();
#pragma unroll
        for (int k = 0; k < kBK / 16; ++k)
          wgmma<B_KN>(acc, advance(a, 32 * k), advance(b, (B_KN ? 2048 : 32) * k),
                      step > begin || k > 0);
        wgmma_commit();
        wgmma_wait<1>();
        if (step > begin && threadIdx.x % 128 < 2)
          barrier_arrive_at(empty + 8 * ((i - 1) % STAGES), part * 2 + threadIdx.x % 128);
      }
      wgmma_wait<0>();
      if (threadIdx.x % 128 < 2)
        barrier_arrive_at(empty + 8 * ((i - 1) % STAGES), part * 2 + threadIdx.x % 128);
      int m0 = (ACROSS ? row : row + peer) * kBM + warpgroup * 64,
          n0 = (ACROSS ? column + peer : column) * BN;
#if SPLIT > 1  // one item a cluster: the sums go where the ring was, thread by thread, and a part
               // adds up its share of the columns
      sync_threads(3, 256);
#pragma unroll
      for (int j = 0; j < BN / 8; ++j)
        store_shared16(base + (j * 256 + threadIdx.x) * 16, acc[4 * j], acc[4 * j + 1],
                       acc[4 * j + 2], acc[4 * j + 3]);
      cluster_sync();
      int m = m0 + warp * 16 + lane / 4;
#pragma unroll 4
      for (int j = BN / 8 * part / SPLIT; j < BN / 8 * (part + 1) / SPLIT; ++j) {
        float4 x = make_float4(0.f, 0.f, 0.f, 0.f);
#pragma unroll
        for (int p = 0; p < SPLIT; ++p) {
          float4 y = load_cluster(base + (j * 256 + threadIdx.x) * 16, p * 2 + peer);
          x.x += y.x, x.y += y.y, x.z += y.z, x.w += y.w;
        }
#if ALPHA
        x.x *= alpha, x.y *= alpha, x.z *= alpha, x.w *= alpha;
#endif
        int n = n0 + j * 8 + lane % 4 * 2;
        T* to = C + static_cast<size_t>(m) * N + n;
        if (n < N && m < M) *reinterpret_cast<unsigned*>(to) = pack2(x.x, x.y);
        if (n < N && m + 8 < M) *reinterpret_cast<unsigned*>(to + 8 * N) = pack2(x.z, x.w);
      }
#else
#if ALPHA
#pragma unroll
      for (int x = 0; x < BN / 2; ++x) acc[x] *= alpha;
#endif
#pragma unroll
      for (int j = 0; j < (BN + 63) / 64; ++j, ++boxes) {
        constexpr int kLast = (BN > 64 ? BN - 64 : 0) / 8;
        int from = j * 8 < kLast ? j * 8 : kLast;  // in units of eight columns; where BN ends
                                                   // within a box, the last two share columns
        unsigned to = box + (boxes & 1) * 64 * 128;
        if (threadIdx.x % 128 == 0) tma_store_wait_read<1>();
        sync_threads(1 + warpgroup, 128);
#pragma unroll
        for (int c = 0; c < 8; c += 2) {
          float* x = acc + (from + c) * 4;
          store_tiles(to + swizzled(warp * 16 + lane % 16, c + lane / 16), pack2(x[0], x[1]),
                      pack2(x[2], x[3]), pack2(x[4], x[5]), pack2(x[6], x[7]));
        }
        fence_async();
        sync_threads(1 + warpgroup, 128);
        if (threadIdx.x % 128 == 0) {
          tma_store(map_c, n0 + from * 8, m0, to);
          tma_store_commit();
        }
      }
#endif
    }
#if SPLIT == 1
    if (threadIdx.x % 128 == 0) tma_store_wait_read<0>();
#endif
  }
  cluster_sync();
}

#elif KERNEL == 5
#if KDEX_ARCH != 90
#error "gemm: KERNEL 2, 3 and 5 are for sm_90a"
#endif
constexpr int kBK = 64;
constexpr int kSteps = (K + kBK - 1) / kBK;
constexpr int kRows = 64 * WGS;
constexpr int kCluster = SPLIT * SHARE;
constexpr int kTiles = (N + SHARE * kRows - 1) / (SHARE * kRows);  // of a part
constexpr int kThreads = 128 * WGS + 32;
constexpr unsigned kStageBytes = (kRows + NT) * 128;
constexpr int kTurnPitch = 48;  // bytes of a row of A's 16 columns of C in `turn`: 32 used, eight
                                // rows without a bank conflict
static_assert(kSteps >= SPLIT, "every block has a step");
static_assert(NT % (8 * SHARE) == 0, "shares of A are whole units of the swizzle");

// One warp's 16 columns of C, from `column` on, of the rows from m0 on: through 16 rows of shared
// memory, so that a lane stores 16 bytes.
__device__ __forceinline__ void store_columns(const float (&acc)[NT / 2], unsigned turn,
                                              T* __restrict__ C, int m0, int M, int column) {
  int lane = threadIdx.x % 32;
  unsigned to = turn + (lane / 16 * 8 + lane % 8) * kTurnPitch + lane / 8 % 2 * 16,
           from = turn + lane / 2 * kTurnPitch + lane % 2 * 16;
  int m = m0 + lane / 2;
  T* c = C + static_cast<size_t>(m) * N + column + lane % 2 * 8;
  bool inside = column + lane % 2 * 8 < N;
#pragma unroll
  for (int j = 0; j < NT / 8; j += 2, m += 16, c += static_cast<size_t>(16) * N) {
    if (m - lane / 2 >= M) break;
    const float *x = acc + 4 * j, *y = acc + (NT > 8 ? 4 * j + 4 : 0);
    store_tiles_transposed(to, pack2(x[0], x[1]), pack2(x[2], x[3]), pack2(y[0], y[1]),
                           pack2(y[2], y[3]));
    __syncwarp();
    uint4 out = load_shared16(from);
    if (inside && m < M && lane / 2 < NT) *reinterpret_cast<uint4*>(c) = out;
    __syncwarp();
  }
}

extern "C" __global__ void __cluster_dims__(kCluster, 1, 1) __launch_bounds__(kThreads)
    gemm_spread(const __grid_constant__ TensorMap map_b, const __grid_constant__ TensorMap map_a,
                T* __restrict__ C, int M ALPHA_ARGUMENT) {
  extern __shared__ unsigned char shared_raw[];
  unsigned base = (shared_address(shared_raw) + 1023) & ~1023u;
  unsigned turn = base + STAGES * kStageBytes;  // of each warp
  unsigned sums =
      turn +
      4 * WGS * 16 * kTurnPitch;  // of the end of a tile that another block began: thread by thread
  __shared__ __align__(8) unsigned long long barriers[2 * STAGES];
  unsigned full = shared_address(barriers), empty = full + 8 * STAGES;
  int warpgroup = warpgroup_index();
  int part = blockIdx.x % kCluster / SHARE, peer = blockIdx.x % SHARE;
  int cluster = blockIdx.x / kCluster, clusters = gridDim.x / kCluster, m0 = blockIdx.y * NT;
  // The cluster's tiles, one behind another, are `total` steps; this part takes those of [begin,
  // end).
  int first = kTiles * cluster / clusters,
      total = (kTiles * (cluster + 1) / clusters - first) * kSteps;
  auto edge = [&](int p) { return total * p / SPLIT; };
  int begin = edge(part), end = edge(part + 1);
  auto column = [&](int tile) { return ((first + tile) * SHARE + peer) * kRows; };
  if (threadIdx.x == 0) {
    for (int s = 0; s < STAGES; ++s)
      barrier_init(full + 8 * s, 1), barrier_init(empty + 8 * s, WGS * SHARE);
    barrier_init_done();
  }
  if (SHARE > 1) cluster_arrive_relaxed();
  previous_done();
  if (SHARE > 1)
    cluster_wait();  // for the barriers of all
  else
    __syncthreads();
  // The cluster meets twice at the end: sums of other blocks' tiles are there; they were read.
  if (warpgroup == WGS) {
    if (threadIdx.x == 128 * WGS) {
      int tile = begin / kSteps, step = begin % kSteps;
      for (int i = 0; i < end - begin; ++i) {
        int s = i % STAGES;
        if (i >= STAGES) barrier_wait(empty + 8 * s, (i / STAGES - 1) & 1);
        unsigned at = base + s * kStageBytes;
        barrier_expect(full + 8 * s, kStageBytes);
#if B_KN  // 64 columns a box, one row a k
#pragma unroll
        for (int w = 0; w < WGS; ++w)
          tma_load(at + w * 8192, map_b, column(tile) + w * 64, step * kBK, full + 8 * s);
#else
        tma_load(at, map_b, step * kBK, column(tile), full + 8 * s);
#endif
        constexpr int kShare = NT / SHARE;
        if constexpr (SHARE > 1)
          tma_load_multicast(at + (kRows + peer * kShare) * 128, map_a, step * kBK,
                             m0 + peer * kShare, full + 8 * s,
                             ((1 << SHARE) - 1) << (part * SHARE));
        else
          tma_load(at + kRows * 128, map_a, step * kBK, m0, full + 8 * s);
        if (++step == kSteps) step = 0, ++tile;
      }
    }
    __syncwarp();  // else the lanes that wait for the cluster could keep the one that loads from it
    if (SPLIT > 1) cluster_sync();
  } else {
    int warp = threadIdx.x / 32;
    // Step i was read: to the block, or to all who bring it parts of A. None waits for the last
    // ones, so that no arrival comes to a block that has ended.
    auto release = [&](int i) {
      if (threadIdx.x % 128 >= SHARE || i + STAGES >= end - begin) return;
      if constexpr (SHARE > 1)
        barrier_arrive_at(empty + 8 * (i % STAGES), part * SHARE + threadIdx.x % 128);
      else
        barrier_arrive(empty + 8 * (i % STAGES));
    };
    for (int at = begin, i = 0; at < end;) {
      int tile = at / kSteps, stop = min(end, (tile + 1) * kSteps), count = stop - at;
      float acc[NT / 2];
      for (int step = 0; step < count; ++step, ++i) {
        int s = i % STAGES;
        barrier_wait(full + 8 * s, i / STAGES & 1);
        unsigned from = base + s * kStageBytes;
#if B_KN  // 16 rows of k are 2048 bytes; 64 columns are all of a box, so that `next` is not used
        unsigned long long rows = tile_columns(from + warpgroup * 64 * 128, 8192),
                           columns = tile_rows(from + kRows * 128);
#else
        unsigned long long rows = tile_rows(from + warpgroup * 64 * 128),
                           columns = tile_rows(from + kRows * 128);
#endif
        wgmma_begin();
#pragma unroll
        for (int k = 0; k < kBK / 16; ++k)
          wgmma<0, B_KN>(acc, advance(rows, (B_KN ? 2048 : 32) * k), advance(columns, 32 * k),
                         step > 0 || k > 0);
        wgmma_commit();
        wgmma_wait<1>();
        if (step > 0) release(i - 1);
      }
      wgmma_wait<0>();
      release(i - 1);
      bool continues = SPLIT > 1 && at % kSteps != 0;
      if (continues) {  // for the block that began the tile
#pragma unroll
        for (int j = 0; j < NT / 8 && m0 + j / 2 * 16 < M; ++j)
          store_shared16(sums + (j * 128 * WGS + threadIdx.x) * 16, acc[4 * j], acc[4 * j + 1],
                         acc[4 * j + 2], acc[4 * j + 3]);
      }
      if (SPLIT > 1 && stop == end) cluster_sync();
      if (!continues) {
        if (SPLIT > 1 &&
            stop < (tile + 1) * kSteps)  // the last: add up what those behind have of it
          for (int p = part + 1; p < SPLIT && edge(p) < (tile + 1) * kSteps; ++p)
#pragma unroll
            for (int j = 0; j < NT / 8 && m0 + j / 2 * 16 < M; ++j) {
              float4 x = load_cluster(sums + (j * 128 * WGS + threadIdx.x) * 16, p * SHARE + peer);
              acc[4 * j] += x.x, acc[4 * j + 1] += x.y, acc[4 * j + 2] += x.z,
                  acc[4 * j + 3] += x.w;
            }
#if ALPHA
#pragma unroll
        for (int x = 0; x < NT / 2; ++x) acc[x] *= alpha;
#endif
        store_columns(acc, turn + warp * 16 * kTurnPitch, C, m0, M, column(tile) + warp * 16);
      }
      at = stop;
    }
  }
  if (SPLIT > 1) cluster_sync();
}

#else
static_assert(FLOAT, "for float32");
constexpr int kBK = 16;
constexpr int kSteps = (K + kBK - 1) / kBK;
constexpr int kQuads =
    BM * BN == 128 * 128 ? 2 : 1;           // squares of 4 x 4 that a thread has down and across
constexpr int kAcross = BN / (4 * kQuads);  // threads
static_assert(BM / (4 * kQuads) * kAcross == 256, "256 threads");
constexpr int kLoadsA = (BM * 4 + 255) / 256, kLoadsB = BN * 4 / 256;

// Four elements of a row of kLength, zeros from `count` on.
template <int kLength>
__device__ __forceinline__ float4 fetch4(const float* from, int count) {
  float4 x = make_float4(0.f, 0.f, 0.f, 0.f);
  if constexpr (kLength % 4 == 0) {
    if (count > 0) x = __ldg(reinterpret_cast<const float4*>(from));
  } else {
    if (count > 0) x.x = from[0];
    if (count > 1) x.y = from[1];
    if (count > 2) x.z = from[2];
    if (count > 3) x.w = from[3];
  }
  return x;
}

extern "C" __global__ void __launch_bounds__(256)
    gemm_float(const float* __restrict__ A, const float* __restrict__ B, float* __restrict__ C,
               float* __restrict__ part, int M) {
  previous_done();
  __shared__ __align__(16) float a_tile[2][kBK][BM + 4], b_tile[2][kBK][BN + 4];
  int m0 = blockIdx.x * BM, n0 = blockIdx.y * BN;
  int tx = threadIdx.x % kAcross * 4, ty = threadIdx.x / kAcross * 4;
  int begin = kSteps * static_cast<int>(blockIdx.z) / static_cast<int>(gridDim.z),
      end = kSteps * (static_cast<int>(blockIdx.z) + 1) / static_cast<int>(gridDim.z);
  float4 a_next[kLoadsA], b_next[kLoadsB];
  auto fetch = [&](int step) {
#pragma unroll
    for (int u = 0; u < kLoadsA; ++u) {
      int i = threadIdx.x + u * 256, m = m0 + i / 4, k = step * kBK + i % 4 * 4;
      a_next[u] = fetch4<K>(A + static_cast<size_t>(m) * K + k, i < BM * 4 && m < M ? K - k : 0);
    }
#pragma unroll
    for (int u = 0; u < kLoadsB; ++u) {
      int i = threadIdx.x + u * 256;
#if B_KN
      int k = step * kBK + i / (BN / 4), n = n0 + i % (BN / 4) * 4;
      b_next[u] = fetch4<N>(B + static_cast<size_t>(k) * N + n, k < K ? N - n : 0);
#else
      int n = n0 + i / 4, k = step * kBK + i % 4 * 4;
      b_next[u] = fetch4<K>(B + static_cast<size_t>(n) * K + k, n < N ? K - k : 0);
#endif
    }
  };
  auto turn = [&](float* to, int pitch, float4 x) {  // four of k to four rows
    to[0] = x.x, to[pitch] = x.y, to[2 * pitch] = x.z, to[3 * pitch] = x.w;
  };
  auto put = [&](int buffer) {
#pragma unroll
    for (int u = 0; u < kLoadsA; ++u) {
      int i = threadIdx.x + u * 256;
      if (i < BM * 4) turn(&a_tile[buffer][i % 4 * 4][i / 4], BM + 4, a_next[u]);
    }
#pragma unroll
    for (int u = 0; u < kLoadsB; ++u) {
      int i = threadIdx.x + u * 256;
#if B_KN
      *reinterpret_cast<float4*>(&b_tile[buffer][i / (BN / 4)][i % (BN / 4) * 4]) = b_next[u];
#else
      turn(&b_tile[buffer][i % 4 * 4][i / 4], BN + 4, b_next[u]);
#endif
    }
  };
  float acc[4 * kQuads][4 * kQuads] = {};
  if (begin < end) {
    fetch(begin);
    put(0);
  }
  __syncthreads();
  for (int step = begin; step < end; ++step) {
    int buffer = (step - begin) & 1;
    if (step + 1 < end) fetch(step + 1);
#pragma unroll
    for (int k = 0; k < kBK; ++k) {
      float a[4 * kQuads], b[4 * kQuads];
#pragma unroll
      for (int q = 0; q < kQuads; ++q) {
        float4 x = *reinterpret_cast<float4*>(&a_tile[buffer][k][q * (BM / kQuads) + ty]);
        float4 y = *reinterpret_cast<float4*>(&b_tile[buffer][k][q * (BN / kQuads) + tx]);
        a[4 * q] = x.x, a[4 * q + 1] = x.y, a[4 * q + 2] = x.z, a[4 * q + 3] = x.w;
        b[4 * q] = y.x, b[4 * q + 1] = y.y, b[4 * q + 2] = y.z, b[4 * q + 3] = y.w;
      }
#pragma unroll
      for (int i = 0; i < 4 * kQuads; ++i)
#pragma unroll
        for (int j = 0; j < 4 * kQuads; ++j) acc[i][j] += a[i] * b[j];
    }
    if (step + 1 < end) put(buffer ^ 1);
    __syncthreads();
  }
  float* out = gridDim.z > 1 ? part + static_cast<size_t>(blockIdx.z) * M * N : C;
#pragma unroll
  for (int i = 0; i < 4 * kQuads; ++i) {
    int m = m0 + i / 4 * (BM / kQuads) + ty + i % 4;
    if (m >= M) break;
#pragma unroll
    for (int q = 0; q < kQuads; ++q) {
      int n = n0 + q * (BN / kQuads) + tx;
      float* to = out + static_cast<size_t>(m) * N + n;
      if constexpr (N % 4 == 0) {
        if (n < N)
          *reinterpret_cast<float4*>(to) =
              make_float4(acc[i][4 * q], acc[i][4 * q + 1], acc[i][4 * q + 2], acc[i][4 * q + 3]);
      } else {
#pragma unroll
        for (int j = 0; j < 4; ++j)
          if (n + j < N) to[j] = acc[i][4 * q + j];
      }
    }
  }
}

// C from the sums of `split` shares of K.
extern "C" __global__ void __launch_bounds__(256)
    gemm_float_sum(const float* __restrict__ part, float* __restrict__ C, int M, int split) {
  previous_done();
  size_t i = blockIdx.x * static_cast<size_t>(256) + threadIdx.x,
         count = static_cast<size_t>(M) * N;
  if (i >= count) return;
  float x = 0.f;
  for (int s = 0; s < split; ++s) x += part[s * count + i];
  C[i] = x;
}
#endif
