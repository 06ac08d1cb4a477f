// C[M,N] = A[M,K] B[N,K]^T, 16-bit in and out, float32 sums.
// gemm_tiled: mma.sync on BM x BN tiles, A and B staged by cp.async, STAGES deep, 16-byte chunks swizzled so
// that ldmatrix meets no bank conflict. gemm_rows: up to ROWS rows of A, one warp a column of C, for the
// sizes where reading B once is all the work. Constants: N, K, BM, BN, STAGES, ROWS.
#include "kdex_device.cuh"
using namespace kdex;

#if N % 8 != 0 || K % 8 != 0
#error "gemm: N and K must be multiples of 8 (16-byte accesses)"
#endif
constexpr int kBK = 64;
constexpr int kWarpsM = BM >= 64 ? 2 : 1, kWarpsN = 8 / kWarpsM;
constexpr int kTilesM = BM / kWarpsM / 16, kTilesN = BN / kWarpsN / 8;
static_assert(kTilesM >= 1 && kTilesN >= 2 && kTilesN % 2 == 0, "a warp takes 16 x 16 at least");

// Byte offset of 16-byte chunk c of row r in a tile of 128-byte rows.
__device__ __forceinline__ unsigned chunk(int r, int c) { return r * 128 + ((c ^ (r & 7)) << 4); }

extern "C" __global__ void __launch_bounds__(256)
    gemm_tiled(const T* __restrict__ A, const T* __restrict__ B, T* __restrict__ C, int M) {
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
        copy16_async(to + chunk(r, c), from, valid);
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
        load_tiles(a[i], a_tile + chunk(wm + i * 16 + lane % 16, k * 2 + lane / 16));
#pragma unroll
      for (int j = 0; j < kTilesN; j += 2) {
        unsigned b[4];
        load_tiles(b, b_tile + chunk(wn + j * 8 + lane / 16 * 8 + lane % 8, k * 2 + lane / 8 % 2));
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

extern "C" __global__ void __launch_bounds__(256)
    gemm_rows(const T* __restrict__ A, const T* __restrict__ B, T* __restrict__ C, int M) {
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
