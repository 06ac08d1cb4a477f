// C[M,N] = A[M,K] B for few rows of A, where reading B once is all the work; 16-bit or float32
// operands, float32 sums. B is [N,K] (K-major): a warp a column of C; up to 16 columns of float32:
// a CTA all of them, its threads share K. B is [K,N] (MN-major): a CTA takes BLOCK_N columns and
// its threads share K.
//
// Grid: (N tiles, M / BLOCK_M).
//
// Constants: N, K, BLOCK_M (rows of A), BLOCK_N (columns of a CTA, where B is MN-major),
// B_MN_MAJOR, FLOAT32.
#include "../device/copy.cuh"
#include "../device/launch.cuh"
#include "../device/types.cuh"
using namespace kdex;

#if N < 1 || K < 1
#error "gemm: N and K must be at least 1"
#endif

// Elements of A, B and C.
#if FLOAT32
using E = float;
__device__ __forceinline__ float real(E x) { return x; }
__device__ __forceinline__ E rounded(float x) { return x; }
#else
using E = T;
__device__ __forceinline__ float real(E x) { return to_float(x); }
__device__ __forceinline__ E rounded(float x) { return from_float(x); }
#endif

#if !B_MN_MAJOR && FLOAT32 && N <= 16
// All columns by one CTA, whose threads share k: a column a warp would leave a long k to few of
// them.
KDEX_KERNEL void __launch_bounds__(256)
    gemm_gemv(const E* __restrict__ A, const E* __restrict__ B, E* __restrict__ C, int M) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  constexpr int kVector = kVectorOf<E, K>;
  __shared__ float sums[8][BLOCK_M * N];
  int m0 = blockIdx.y * BLOCK_M, warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  float acc[BLOCK_M][N] = {};
  for (int k = threadIdx.x * kVector; k < K; k += 256 * kVector) {
    Vector<E, kVector> a[BLOCK_M];
#pragma unroll
    for (int r = 0; r < BLOCK_M; ++r)
      a[r].load(A + static_cast<size_t>(min(m0 + r, M - 1)) * K + k);
#pragma unroll
    for (int n = 0; n < N; ++n) {
      Vector<E, kVector> b;
      b.load(B + static_cast<size_t>(n) * K + k);
#pragma unroll
      for (int r = 0; r < BLOCK_M; ++r)
#pragma unroll
        for (int j = 0; j < kVector; ++j) acc[r][n] += real(a[r].at[j]) * real(b.at[j]);
    }
  }
#pragma unroll
  for (int r = 0; r < BLOCK_M; ++r)
#pragma unroll
    for (int n = 0; n < N; ++n) {
      for (int offset = 16; offset > 0; offset /= 2)
        acc[r][n] += __shfl_xor_sync(0xffffffffu, acc[r][n], offset);
      if (lane == 0) sums[warp][r * N + n] = acc[r][n];
    }
  __syncthreads();
  int at = threadIdx.x;
  if (at < BLOCK_M * N && m0 + at / N < M) {
    float x = 0.f;
#pragma unroll
    for (int w = 0; w < 8; ++w) x += sums[w][at];
    C[static_cast<size_t>(m0) * N + at] = rounded(x);
  }
}

#elif !B_MN_MAJOR
KDEX_KERNEL void __launch_bounds__(256)
    gemm_gemv(const E* __restrict__ A, const E* __restrict__ B, E* __restrict__ C, int M) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  constexpr int kVector = kVectorOf<E, K>;
  int n = blockIdx.x * 8 + threadIdx.x / 32, lane = threadIdx.x % 32;
  int m0 = blockIdx.y * BLOCK_M;
  if (n >= N) return;
  float acc[BLOCK_M] = {};
#pragma unroll 4
  for (int k = lane * kVector; k < K; k += 32 * kVector) {
    Vector<E, kVector> b;
    b.load(B + static_cast<size_t>(n) * K + k);
#pragma unroll
    for (int r = 0; r < BLOCK_M; ++r) {
      if (m0 + r >= M) break;
      Vector<E, kVector> a;
      a.load(A + static_cast<size_t>(m0 + r) * K + k);
#pragma unroll
      for (int j = 0; j < kVector; ++j) acc[r] += real(a.at[j]) * real(b.at[j]);
    }
  }
#pragma unroll
  for (int r = 0; r < BLOCK_M; ++r) {
    for (int offset = 16; offset > 0; offset /= 2)
      acc[r] += __shfl_xor_sync(0xffffffffu, acc[r], offset);
    if (lane == 0 && m0 + r < M) C[static_cast<size_t>(m0 + r) * N + n] = rounded(acc[r]);
  }
}

#else
KDEX_KERNEL void __launch_bounds__(256)
    gemm_gemv(const E* __restrict__ A, const E* __restrict__ B, E* __restrict__ C, int M) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  // kAcross threads take a row of B's BLOCK_N columns, kDown such rows of k are read at once.
  constexpr int kVector = kVectorOf<E, N>, kAcross = BLOCK_N / kVector, kDown = 256 / kAcross;
  static_assert(BLOCK_N % kVector == 0 && kAcross <= 32 && 32 % kAcross == 0,
                "a warp holds whole rows");
  __shared__ float sums[8][BLOCK_M][BLOCK_N];
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, column = threadIdx.x % kAcross * kVector;
  int n0 = blockIdx.x * BLOCK_N, m0 = blockIdx.y * BLOCK_M;
  const E* a_row[BLOCK_M];
#pragma unroll
  for (int r = 0; r < BLOCK_M; ++r) a_row[r] = A + static_cast<size_t>(min(m0 + r, M - 1)) * K;
  float acc[BLOCK_M][kVector] = {};
  constexpr int kAhead = BLOCK_M <= 2 ? 8 : 4;
  if (n0 + column < N) {
#pragma unroll kAhead
    for (int k = threadIdx.x / kAcross; k < K; k += kDown) {
      Vector<E, kVector> b;
      b.load(B + static_cast<size_t>(k) * N + n0 + column);
#pragma unroll
      for (int r = 0; r < BLOCK_M; ++r) {
        float a = real(a_row[r][k]);
#pragma unroll
        for (int j = 0; j < kVector; ++j) acc[r][j] += a * real(b.at[j]);
      }
    }
  }
#pragma unroll
  for (int r = 0; r < BLOCK_M; ++r)
#pragma unroll
    for (int j = 0; j < kVector; ++j) {
#pragma unroll
      for (int offset = kAcross; offset < 32; offset *= 2)
        acc[r][j] += __shfl_xor_sync(0xffffffffu, acc[r][j], offset);
      if (lane < kAcross) sums[warp][r][column + j] = acc[r][j];
    }
  __syncthreads();
  for (int i = threadIdx.x; i < BLOCK_M * BLOCK_N; i += 256) {
    int r = i / BLOCK_N, n = i % BLOCK_N;
    float x = 0.f;
#pragma unroll
    for (int w = 0; w < 8; ++w) x += sums[w][r][n];
    if (m0 + r < M && n0 + n < N) C[static_cast<size_t>(m0 + r) * N + n0 + n] = rounded(x);
  }
}
#endif
