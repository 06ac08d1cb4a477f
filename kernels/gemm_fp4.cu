// C[M,N] = alpha * A B of NVFP4 values (kdex_fp4.cuh): A [M, K / 2] with scales [M, K / 16], B [K / 2, N] with scales
// [K / 16, N]; 16 bits out. gemm_fp4_widen writes A out in 16 bits, exactly; gemm_fp4 reads B packed and multiplies tiles of
// 256 columns times NT rows, each block as many steps of K; gemm_fp4_sum adds up the sums of tiles that blocks shared. For many rows on sm_90a gemm_fp4_widen writes B out too and gemm.cu multiplies. Constants: N, K, NT, STAGES.
#include "kdex_fp4.cuh"
using namespace kdex;

#if K % 16 != 0 || N % 16 != 0
#error "gemm_fp4: N and K must be multiples of 16"
#endif
constexpr int kSteps = (K + 127) / 128;
using Tile = Rows4<true>;

// A in 16 bits to wide [M, K], turned, a thread sixteen values. Where wide_b is given A in its own order, and B to
// [K, N], a thread 16 rows of 8 columns: the `blocks_a` first blocks take A, the others B.
extern "C" __global__ void __launch_bounds__(256)
    gemm_fp4_widen(const unsigned char* __restrict__ A, const unsigned char* __restrict__ a_scale, const unsigned char* __restrict__ B,
                   const unsigned char* __restrict__ b_scale, T* __restrict__ wide, T* __restrict__ wide_b, int M, int blocks_a) {
  previous_done();
  if (static_cast<int>(blockIdx.x) < blocks_a) {
    size_t i = static_cast<size_t>(blockIdx.x) * 256 + threadIdx.x;
    if (i >= static_cast<size_t>(M) * (K / 16)) return;
    uint4 x[2];
    uint2 bytes = __ldg(reinterpret_cast<const uint2*>(A + i * 8));
    if (wide_b)
      widen16<false>(bytes, __ldg(a_scale + i), x);
    else
      widen16<true>(bytes, __ldg(a_scale + i), x);
    uint4* to = reinterpret_cast<uint4*>(wide + i * 16);
    to[0] = x[0], to[1] = x[1];
    return;
  }
  int i = (blockIdx.x - blocks_a) * 256 + threadIdx.x, n = i % (N / 8) * 8, block = i / (N / 8);
  if (block >= K / 16) return;
  uint2 bytes[8], scales = __ldg(reinterpret_cast<const uint2*>(b_scale + static_cast<size_t>(block) * N + n));
#pragma unroll
  for (int p = 0; p < 8; ++p) bytes[p] = __ldg(reinterpret_cast<const uint2*>(B + (static_cast<size_t>(block) * 8 + p) * N + n));
  unsigned by[4], whole = pack2(kFp4Short, kFp4Short);  // of neighbouring columns
#pragma unroll
  for (int c = 0; c < 4; ++c) {
    unsigned two = (c < 2 ? scales.x : scales.y) >> c % 2 * 16;
    by[c] = fp4_scales(__byte_perm(two, 0, 0x1100));
  }
#pragma unroll
  for (int k = 0; k < 16; ++k) {
    unsigned x[4];
#pragma unroll
    for (int c = 0; c < 4; ++c) {
      unsigned four = c < 2 ? bytes[k / 2].x : bytes[k / 2].y;  // of k and the one beside it
      if (k % 2 == 0) four <<= 4;
      x[c] = times2(times2(fp4_pair(__byte_perm(four, 0, c % 2 ? 0x3322 : 0x1100)), by[c]), whole);
    }
    *reinterpret_cast<uint4*>(wide_b + (static_cast<size_t>(block) * 16 + k) * N + n) = make_uint4(x[0], x[1], x[2], x[3]);
  }
}

// All steps of all tiles in a row are shared out evenly to the blocks: a block takes steps begin(b), begin(b) + 1, ... below
// begin(b + 1), which may start and end within a tile. Tiles that share B's columns stand side by side.
struct Shares {
  long long steps, blocks;
  int rows;  // tiles that share columns
  __device__ __forceinline__ Shares(int M, int blocks) : blocks(blocks), rows((M + NT - 1) / NT) { steps = static_cast<long long>((N + 255) / 256) * rows * kSteps; }
  __device__ __forceinline__ int begin(int block) const { return static_cast<int>(steps * block / blocks); }
  __device__ __forceinline__ int block_of(int step) const { return static_cast<int>(((step + 1ll) * blocks - 1) / steps); }
};

// partial [2 * blocks][NT][256]: the sums of a block's first tile and of its last, where they are not all of the tile's.
extern "C" __global__ void __launch_bounds__(Tile::kThreads, Tile::kBlocks)
    gemm_fp4(const unsigned char* __restrict__ B, const unsigned char* __restrict__ scale, const T* __restrict__ A, float alpha, T* __restrict__ C,
             float* __restrict__ partial, int M) {
  extern __shared__ __align__(128) unsigned char shared_raw[];
  previous_done();
  Shares shares(M, gridDim.x);
  int at = shares.begin(blockIdx.x), end = shares.begin(blockIdx.x + 1);
  float* mine = partial + static_cast<size_t>(blockIdx.x) * 2 * NT * 256;
  while (at < end) {
    int tile = at / kSteps, first = at % kSteps, steps = min(kSteps - first, end - at);
    int m0 = tile % shares.rows * NT, n0 = tile / shares.rows * 256;
    float sum[2][NT / 2];
    Tile().multiply(
        sum, shared_raw, B, scale, N, K, first, steps, [&](int r) { return n0 + r; },
        [&](int t) { return m0 + t < M ? A + static_cast<size_t>(m0 + t) * K : nullptr; });
    int r = Tile::row_of(0, 0);  // and the three behind it
#pragma unroll
    for (int i = 0; i < NT / 2; i += 4)
#pragma unroll
      for (int e = 0; e < 2; ++e) {
        int t = i / 4 * 8 + static_cast<int>(threadIdx.x) % 4 * 2 + e;
        if (m0 + t >= M || n0 + r >= N) continue;
        float4 x = make_float4(sum[0][i + e], sum[0][i + 2 + e], sum[1][i + e], sum[1][i + 2 + e]);
        if (steps < kSteps)
          *reinterpret_cast<float4*>(mine + t * 256 + r) = x;
        else
          *reinterpret_cast<uint2*>(C + static_cast<size_t>(m0 + t) * N + n0 + r) = make_uint2(pack2(x.x * alpha, x.y * alpha), pack2(x.z * alpha, x.w * alpha));
      }
    if (at == shares.begin(blockIdx.x)) mine += NT * 256;
    at += steps;
  }
}

// C of the tiles that gemm_fp4's `blocks` shared.
extern "C" __global__ void __launch_bounds__(256)
    gemm_fp4_sum(const float* __restrict__ partial, float alpha, T* __restrict__ C, int M, int blocks) {
  previous_done();
  size_t i = (static_cast<size_t>(blockIdx.x) * 256 + threadIdx.x) * 4;
  if (i >= static_cast<size_t>(M) * N) return;
  int m = static_cast<int>(i / N), n = static_cast<int>(i % N);
  Shares shares(M, blocks);
  int tile = n / 256 * shares.rows + m / NT, first = shares.block_of(tile * kSteps), last = shares.block_of(tile * kSteps + kSteps - 1);
  if (first == last) return;
  const float* from = partial + m % NT * 256 + n % 256;
  float4 x = make_float4(0.f, 0.f, 0.f, 0.f);
#pragma unroll 4
  for (int b = first; b <= last; ++b) {
    int which = 2 * b + (b == first && shares.begin(b) / kSteps != tile);  // only the first may have begun in another tile
    float4 y = __ldg(reinterpret_cast<const float4*>(from + static_cast<size_t>(which) * NT * 256));
    x.x += y.x, x.y += y.y, x.z += y.z, x.w += y.w;
  }
  *reinterpret_cast<uint2*>(C + i) = make_uint2(pack2(x.x * alpha, x.y * alpha), pack2(x.z * alpha, x.w * alpha));
}
