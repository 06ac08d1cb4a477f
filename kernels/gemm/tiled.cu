// C[M,N] = A[M,K] B in 16 bits, float32 accumulators, for every architecture and any N and K:
// mma.sync on BLOCK_M x BLOCK_N tiles. A and B are staged by cp.async, NUM_STAGES deep, in the
// 128-byte swizzle, in which ldmatrix meets no bank conflict. B is [N,K] (K-major) or [K,N]
// (MN-major).
//
// Grid: (M tiles, N tiles); with BATCHED one product for each item of its third axis, whose A, B
// and C follow one another.
//
// Constants: N, K, BLOCK_M, BLOCK_N, NUM_STAGES, B_MN_MAJOR; BATCHED or none.
#include "../device/copy.cuh"
#include "../device/launch.cuh"
#include "../device/mma.cuh"
using namespace kdex;

#if N < 1 || K < 1
#error "gemm: N and K must be at least 1"
#endif
constexpr int kBlockK = 64;
constexpr int kWarpsM = BLOCK_M >= 64 ? 2 : 1, kWarpsN = 8 / kWarpsM;
constexpr int kTilesM = BLOCK_M / kWarpsM / 16, kTilesN = BLOCK_N / kWarpsN / 8;
static_assert(kTilesM >= 1 && kTilesN >= 2 && kTilesN % 2 == 0, "a warp takes 16 x 16 at least");

// The next eight elements of a row of kLength to a 16-byte chunk of shared memory, zeros from
// `left` on and where not `valid`.
template <int kLength>
__device__ __forceinline__ void cp_async_8_elements(unsigned to, const T* from, bool valid,
                                                    int left) {
  constexpr int kVector = kVectorOf<T, kLength>;
  int count = valid ? left : 0;
  if constexpr (kVector == 8) {
    cp_async_16(to, from, valid);
  } else if constexpr (kVector > 1) {
#pragma unroll
    for (int i = 0; i < 8; i += kVector) {
      int bytes = i < count ? kVector * 2 : 0;
      cp_async_part<kVector * 2>(to + i * 2, i < count ? from + i : from, bytes);
    }
  } else {  // cp.async moves four bytes at least
    Vec8 x;
    x.raw = make_uint4(0, 0, 0, 0);
#pragma unroll
    for (int i = 0; i < 8; ++i)
      if (i < count) x.at[i] = from[i];
    st_shared_16(to, x.raw);
  }
}

KDEX_KERNEL void __launch_bounds__(256)
    gemm_tiled(const T* __restrict__ A, const T* __restrict__ B, T* __restrict__ C, int M) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
#ifdef BATCHED
  A += static_cast<size_t>(blockIdx.z) * M * K;
  B += static_cast<size_t>(blockIdx.z) * N * K;
  C += static_cast<size_t>(blockIdx.z) * M * N;
#endif
  extern __shared__ __align__(128) unsigned char shared[];
  constexpr unsigned stage_bytes = (BLOCK_M + BLOCK_N) * 128;
  unsigned base = shared_address(shared);
  int m0 = blockIdx.x * BLOCK_M, n0 = blockIdx.y * BLOCK_N;
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  int wm = warp % kWarpsM * (BLOCK_M / kWarpsM), wn = warp / kWarpsM * (BLOCK_N / kWarpsN);
  constexpr int k_blocks = (K + kBlockK - 1) / kBlockK;

  auto produce = [&](int k_block) {
    if (k_block < k_blocks) {
      unsigned to = base + k_block % NUM_STAGES * stage_bytes;
      for (int i = threadIdx.x; i < (BLOCK_M + BLOCK_N) * 8; i += 256) {
        int r = i / 8, c = i % 8, k = k_block * kBlockK + c * 8;
        bool is_a = r < BLOCK_M;
        if (B_MN_MAJOR && !is_a) {  // slabs of 64 columns, one row a k
          k = k_block * kBlockK + (r - BLOCK_M) % 64;
          int n = n0 + (r - BLOCK_M) / 64 * 64 + c * 8;
          bool valid = k < K && n < N;
          cp_async_8_elements<N>(to + swizzle_128b(r, c),
                                 B + (valid ? static_cast<size_t>(k) * N + n : 0), valid, N - n);
        } else {
          int row = is_a ? m0 + r : n0 + r - BLOCK_M;
          bool valid = k < K && row < (is_a ? M : N);
          const T* from = (is_a ? A : B) + (valid ? static_cast<size_t>(row) * K + k : 0);
          cp_async_8_elements<K>(to + swizzle_128b(r, c), from, valid, K - k);
        }
      }
    }
    cp_async_commit();
  };
  float acc[kTilesM][kTilesN][4] = {};
  for (int s = 0; s < NUM_STAGES - 1; ++s) produce(s);
  for (int k_block = 0; k_block < k_blocks; ++k_block) {
    cp_async_wait<NUM_STAGES - 2>();
    __syncthreads();
    produce(k_block + NUM_STAGES - 1);
    unsigned a_tile = base + k_block % NUM_STAGES * stage_bytes, b_tile = a_tile + BLOCK_M * 128;
#pragma unroll
    for (int k = 0; k < kBlockK / 16; ++k) {
      unsigned a[kTilesM][4];
#pragma unroll
      for (int i = 0; i < kTilesM; ++i)
        ldmatrix_x4(a[i], a_tile + swizzle_128b(wm + i * 16 + lane % 16, k * 2 + lane / 16));
#pragma unroll
      for (int j = 0; j < kTilesN; j += 2) {
        unsigned b[4];
#if B_MN_MAJOR
        int n = wn + j * 8;
        ldmatrix_x4_trans(
            b, b_tile + swizzle_128b(n / 64 * 64 + k * 16 + lane % 16, n % 64 / 8 + lane / 16));
#else
        ldmatrix_x4(
            b, b_tile + swizzle_128b(wn + j * 8 + lane / 16 * 8 + lane % 8, k * 2 + lane / 8 % 2));
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
