// C[M,N] = A[M,K] B in float32, exact products on BLOCK_M x BLOCK_N tiles; 256 threads with one or
// two by two squares of 4 x 4. The gridDim.z CTAs of a tile share K (split-K) and leave their sums
// in `partial` [gridDim.z, M, N] to float32_reduce.cu. B is [N,K] (K-major) or [K,N] (MN-major).
//
// Grid: (M tiles, N tiles, splits).
//
// Constants: N, K, BLOCK_M, BLOCK_N, B_MN_MAJOR.
#include "../device/launch.cuh"
using namespace kdex;

#if N < 1 || K < 1
#error "gemm: N and K must be at least 1"
#endif
constexpr int kBlockK = 16;
constexpr int kNumKBlocks = (K + kBlockK - 1) / kBlockK;
constexpr int kQuads =
    BLOCK_M * BLOCK_N == 128 * 128 ? 2 : 1;  // squares of 4 x 4 that a thread has down and across
constexpr int kAcross = BLOCK_N / (4 * kQuads);  // threads
static_assert(BLOCK_M / (4 * kQuads) * kAcross == 256, "256 threads");
constexpr int kLoadsA = (BLOCK_M * 4 + 255) / 256, kLoadsB = BLOCK_N * 4 / 256;

// Four elements of a row of kLength, zeros from `count` on.
template <int kLength>
__device__ __forceinline__ float4 load4(const float* from, int count) {
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

KDEX_KERNEL void __launch_bounds__(256)
    gemm_float32(const float* __restrict__ A, const float* __restrict__ B, float* __restrict__ C,
                 float* __restrict__ partial, int M) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  __shared__ __align__(16) float a_tile[2][kBlockK][BLOCK_M + 4], b_tile[2][kBlockK][BLOCK_N + 4];
  int m0 = blockIdx.x * BLOCK_M, n0 = blockIdx.y * BLOCK_N;
  int tx = threadIdx.x % kAcross * 4, ty = threadIdx.x / kAcross * 4;
  int begin = kNumKBlocks * static_cast<int>(blockIdx.z) / static_cast<int>(gridDim.z),
      end = kNumKBlocks * (static_cast<int>(blockIdx.z) + 1) / static_cast<int>(gridDim.z);
  float4 a_next[kLoadsA], b_next[kLoadsB];
  auto load = [&](int k_block) {
#pragma unroll
    for (int u = 0; u < kLoadsA; ++u) {
      int i = threadIdx.x + u * 256, m = m0 + i / 4, k = k_block * kBlockK + i % 4 * 4;
      a_next[u] =
          load4<K>(A + static_cast<size_t>(m) * K + k, i < BLOCK_M * 4 && m < M ? K - k : 0);
    }
#pragma unroll
    for (int u = 0; u < kLoadsB; ++u) {
      int i = threadIdx.x + u * 256;
#if B_MN_MAJOR
      int k = k_block * kBlockK + i / (BLOCK_N / 4), n = n0 + i % (BLOCK_N / 4) * 4;
      b_next[u] = load4<N>(B + static_cast<size_t>(k) * N + n, k < K ? N - n : 0);
#else
      int n = n0 + i / 4, k = k_block * kBlockK + i % 4 * 4;
      b_next[u] = load4<K>(B + static_cast<size_t>(n) * K + k, n < N ? K - k : 0);
#endif
    }
  };
  auto transpose4 = [&](float* to, int pitch, float4 x) {  // four of k to four rows
    to[0] = x.x, to[pitch] = x.y, to[2 * pitch] = x.z, to[3 * pitch] = x.w;
  };
  auto store = [&](int buffer) {
#pragma unroll
    for (int u = 0; u < kLoadsA; ++u) {
      int i = threadIdx.x + u * 256;
      if (i < BLOCK_M * 4) transpose4(&a_tile[buffer][i % 4 * 4][i / 4], BLOCK_M + 4, a_next[u]);
    }
#pragma unroll
    for (int u = 0; u < kLoadsB; ++u) {
      int i = threadIdx.x + u * 256;
#if B_MN_MAJOR
      *reinterpret_cast<float4*>(&b_tile[buffer][i / (BLOCK_N / 4)][i % (BLOCK_N / 4) * 4]) =
          b_next[u];
#else
      transpose4(&b_tile[buffer][i % 4 * 4][i / 4], BLOCK_N + 4, b_next[u]);
#endif
    }
  };
  float acc[4 * kQuads][4 * kQuads] = {};
  if (begin < end) {
    load(begin);
    store(0);
  }
  __syncthreads();
  for (int k_block = begin; k_block < end; ++k_block) {
    int buffer = (k_block - begin) & 1;
    if (k_block + 1 < end) load(k_block + 1);
#pragma unroll
    for (int k = 0; k < kBlockK; ++k) {
      float a[4 * kQuads], b[4 * kQuads];
#pragma unroll
      for (int q = 0; q < kQuads; ++q) {
        float4 x = *reinterpret_cast<float4*>(&a_tile[buffer][k][q * (BLOCK_M / kQuads) + ty]);
        float4 y = *reinterpret_cast<float4*>(&b_tile[buffer][k][q * (BLOCK_N / kQuads) + tx]);
        a[4 * q] = x.x, a[4 * q + 1] = x.y, a[4 * q + 2] = x.z, a[4 * q + 3] = x.w;
        b[4 * q] = y.x, b[4 * q + 1] = y.y, b[4 * q + 2] = y.z, b[4 * q + 3] = y.w;
      }
#pragma unroll
      for (int i = 0; i < 4 * kQuads; ++i)
#pragma unroll
        for (int j = 0; j < 4 * kQuads; ++j) acc[i][j] += a[i] * b[j];
    }
    if (k_block + 1 < end) store(buffer ^ 1);
    __syncthreads();
  }
  float* out = gridDim.z > 1 ? partial + static_cast<size_t>(blockIdx.z) * M * N : C;
#pragma unroll
  for (int i = 0; i < 4 * kQuads; ++i) {
    int m = m0 + i / 4 * (BLOCK_M / kQuads) + ty + i % 4;
    if (m >= M) break;
#pragma unroll
    for (int q = 0; q < kQuads; ++q) {
      int n = n0 + q * (BLOCK_N / kQuads) + tx;
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
