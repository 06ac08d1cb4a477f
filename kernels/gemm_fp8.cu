// C[M,N] = A[M,K] B[N,K]^T of FP8 (e4m3) values, 16-bit out, on tiles of 256 columns times NT rows of C; the SPLIT
// blocks of a cluster share K and add up through distributed shared memory (sm_90a).
// BLOCKS 1: scales of A for 128 columns of a row, of B for 128 x 128; B is [N,K]; gemm_fp8_scales turns A's scales
// first. BLOCKS 0: `alpha` multiplies the result; B comes in blocks of 128 of k, [K/128, N, 128].
// Constants: N, K, BLOCKS, NT, STAGES, SPLIT.
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
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i < M * kSteps) turned[static_cast<size_t>(i % kSteps) * pitch + i / kSteps] = scale[i];
}

#if KDEX_ARCH == 90
extern "C" __global__ void __cluster_dims__(SPLIT, 1, 1) __launch_bounds__(Tile::kThreads, 1)
    gemm_fp8(const __grid_constant__ TensorMap map_b, const __grid_constant__ TensorMap map_a,
#else
extern "C" __global__ void __launch_bounds__(Tile::kThreads, 1)
    gemm_fp8(const unsigned char* __restrict__ B, const unsigned char* __restrict__ A,
#endif
             const float* __restrict__ a_scale, const float* __restrict__ b_scale, float alpha, T* __restrict__ C,
             int M, int pitch) {
  extern __shared__ __align__(128) unsigned char shared_raw[];
  constexpr int split = KDEX_ARCH == 90 ? SPLIT : 1;
  int rank = blockIdx.x % split, n0 = blockIdx.x / split * 256, m0 = blockIdx.y * NT;
  Tile tile;
  float sum[2][NT / 2];
  auto weight_scale = [&](int block, int step) {
    return BLOCKS ? __ldg(b_scale + static_cast<size_t>(min(n0 / 128 + block, (N + 127) / 128 - 1)) * kSteps + step) : 1.f;
  };
#if KDEX_ARCH == 90
  __shared__ __align__(8) unsigned long long barriers[2 * STAGES];
  tile.begin(shared_raw, barriers);
  int first = kSteps * rank / split, steps = kSteps * (rank + 1) / split - first;
  unsigned base = tile.base;
  if (threadIdx.x >= 256) {
    registers_fewer<40>();
    tile.load<BLOCKS>(
        first, steps, map_b,
        [&](int block, int step, int& x, int& y) {
          if (BLOCKS)
            x = step * 128, y = n0 + block * 128;
          else
            x = 0, y = step * N + n0 + block * 128;
        },
        map_a, m0, a_scale, pitch);
    __syncthreads();
    if constexpr (split > 1) cluster_sync();
  } else {
    registers_more<232>();
    tile.multiply<BLOCKS>(sum, first, steps, weight_scale);
#else
  unsigned base = shared_address(shared_raw);
  tile.begin(shared_raw);
  tile.multiply<BLOCKS>(
      sum, K,
      [&](int block, int r, int k) {
        size_t n = min(n0 + block * 128 + r, N - 1);
        return B + (BLOCKS ? n * K + k : (static_cast<size_t>(k / 128) * N + n) * 128 + k % 128);
      },
      [&](int t, int k) { return A + static_cast<size_t>(m0 + t) * K + k; }, [&](int t) { return m0 + t < M; },
      weight_scale,
      [&](int t, int step) { return m0 + t < M ? a_scale[static_cast<size_t>(step) * pitch + m0 + t] : 0.f; });
  {
#endif
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    float* sums = reinterpret_cast<float*>(shared_raw + (base - shared_address(shared_raw)));
    constexpr int kPitch = 256 + 4;
#if KDEX_ARCH == 90
    __syncthreads();
#endif
#pragma unroll
    for (int block = 0; block < 2; ++block)
#pragma unroll
      for (int i = 0; i < NT / 2; ++i)
        sums[(i / 4 * 8 + lane % 4 * 2 + i % 2) * kPitch + block * 128 + warp * 16 + lane / 4 + i / 2 % 2 * 8] = sum[block][i];
#if KDEX_ARCH == 90
    if constexpr (split > 1) cluster_sync();
#endif
    asm volatile("bar.sync 1, 256;" ::: "memory");
    int live = min(NT, M - m0), from = live * rank / split, to = live * (rank + 1) / split;
    for (int i = threadIdx.x; i < (to - from) * 64; i += 256) {
      int t = from + i / 64, n = i % 64 * 4;
      float4 x = make_float4(0.f, 0.f, 0.f, 0.f);
#if KDEX_ARCH == 90
      if constexpr (split > 1) {
#pragma unroll
        for (int r = 0; r < split; ++r) {
          float4 y = load_cluster(base + (t * kPitch + n) * 4, r);
          x.x += y.x, x.y += y.y, x.z += y.z, x.w += y.w;
        }
      } else
#endif
        x = *reinterpret_cast<float4*>(sums + t * kPitch + n);
      if (n0 + n < N)
        *reinterpret_cast<uint2*>(C + static_cast<size_t>(m0 + t) * N + n0 + n) =
            make_uint2(pack2(x.x * alpha, x.y * alpha), pack2(x.z * alpha, x.w * alpha));
    }
  }
#if KDEX_ARCH == 90
  if constexpr (split > 1) cluster_sync();
#endif
}
