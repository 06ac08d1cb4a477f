// C[M,N] = alpha * A B of NVFP4 values (kdex_fp4.cuh): A [M, K / 2] with scales [M, K / 16], B [K /
// 2, N] with scales [K / 16, N]; 16 bits out. A is written out in 16 bits first, exactly; B is read
// packed and widened in registers, for tiles of 256 columns times NT rows. Two paths:
// gemm_fp4_widen, gemm_fp4: every architecture, mma.sync. For many rows on sm_90a gemm_fp4_widen
// writes B out too and gemm.cu
//   multiplies.
// gemm_fp4_turn, gemm_fp4_stream (where SPLIT is given; sm_90a): B's columns take wgmma's M, from
// registers, A's rows its N. In both a block takes as many steps of K as the others, over tiles,
// and gemm_fp4_sum adds up the sums of tiles that blocks shared; but with SPLIT above 1 a tile is a
// cluster's, whose blocks share its steps and add up through distributed shared memory. Constants:
// N, K, NT, STAGES, SPLIT.
#include "kdex_fp4.cuh"
using namespace kdex;

#if K % 16 != 0 || N % 16 != 0
#error "gemm_fp4: N and K must be multiples of 16"
#endif
constexpr int kSteps = (K + 127) / 128;

// All steps of all tiles in a row are shared out evenly to the blocks: a block takes steps
// begin(b), begin(b) + 1, ... below begin(b + 1), which may start and end within a tile. Tiles that
// share B's columns stand side by side.
struct Shares {
  long long steps, blocks;
  int rows;  // tiles that share columns
  __device__ __forceinline__ Shares(int M, int blocks) : blocks(blocks), rows((M + NT - 1) / NT) {
    steps = static_cast<long long>((N + 255) / 256) * rows * kSteps;
  }
  __device__ __forceinline__ int begin(int block) const {
    return static_cast<int>(steps * block / blocks);
  }
  __device__ __forceinline__ int block_of(int step) const {
    return static_cast<int>(((step + 1ll) * blocks - 1) / steps);
  }
};

#ifndef SPLIT
using Tile = Rows4<true>;

// A in 16 bits to wide [M, K], turned, a thread sixteen values. Where wide_b is given A in its own
// order, and B to [K, N], a thread 16 rows of 8 columns: the `blocks_a` first blocks take A, the
// others B.
extern "C" __global__ void __launch_bounds__(256)
    gemm_fp4_widen(const unsigned char* __restrict__ A, const unsigned char* __restrict__ a_scale,
                   const unsigned char* __restrict__ B, const unsigned char* __restrict__ b_scale,
                   T* __restrict__ wide, T* __restrict__ wide_b, int M, int blocks_a) {
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
  uint2 bytes[8],
      scales = __ldg(reinterpret_cast<const uint2*>(b_scale + static_cast<size_t>(block) * N + n));
#pragma unroll
  for (int p = 0; p < 8; ++p)
    bytes[p] =
        __ldg(reinterpret_cast<const uint2*>(B + (static_cast<size_t>(block) * 8 + p) * N + n));
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
    *reinterpret_cast<uint4*>(wide_b + (static_cast<size_t>(block) * 16 + k) * N + n) =
        make_uint4(x[0], x[1], x[2], x[3]);
  }
}

// partial [2 * blocks][NT][256]: the sums of a block's first tile and of its last, where they are
// not all of the tile's.
extern "C" __global__ void __launch_bounds__(Tile::kThreads, Tile::kBlocks)
    gemm_fp4(const unsigned char* __restrict__ B, const unsigned char* __restrict__ scale,
             const T* __restrict__ A, float alpha, T* __restrict__ C, float* __restrict__ partial,
             int M) {
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
          *reinterpret_cast<uint2*>(C + static_cast<size_t>(m0 + t) * N + n0 + r) =
              make_uint2(pack2(x.x * alpha, x.y * alpha), pack2(x.z * alpha, x.w * alpha));
      }
    if (at == shares.begin(blockIdx.x)) mine += NT * 256;
    at += steps;
  }
}

#else
#if KDEX_ARCH != 90
#error "gemm_fp4: SPLIT is for sm_90a"
#endif
constexpr int kStep = 128, kTurned = kSteps * kStep;
constexpr unsigned kColumns = 9216,
                   kTokens =
                       2 *
                       kColumns;  // of a stage: values and scales of 128 columns, twice; rows of A
constexpr unsigned kStageBytes = kTokens + NT * 256;
constexpr int kGroup = NT <= 16 ? 2 : 1;  // quarters of a step whose products are issued together

// A in 16 bits to turned [M, kTurned], in the order in which lanes widen B. A product of 16 of k
// takes from lane c four values of block 2 c + h of a step: product 4 h + 2 e + p has at places 2 c
// and 2 c + 1 its values 8 e + 2 p and four behind it, at places 8 + 2 c and 9 + 2 c those one
// further on. A thread writes both products of an h and an e: 64 bytes.
extern "C" __global__ void __launch_bounds__(128)
    gemm_fp4_turn(const unsigned char* __restrict__ A, const unsigned char* __restrict__ scale,
                  T* __restrict__ turned, int M) {
  previous_done_first();
  int i = blockIdx.x * 128 + threadIdx.x, m = i / (kSteps * 4), step = i / 4 % kSteps,
      h = i / 2 % 2, e = i % 2;
  if (m >= M) return;
  unsigned out[4][4];
#pragma unroll
  for (int c = 0; c < 4; ++c) {
    int block = step * 8 + 2 * c + h;
    bool there = block < K / 16;
    size_t at = static_cast<size_t>(m) * (K / 16) + block;
    unsigned x = there ? __ldg(reinterpret_cast<const unsigned*>(A + at * 8 + e * 4)) : 0, pair[4];
    unsigned by = first_twice(fp4_scales(there ? __ldg(scale + at) << 8 : 0));
    widen8(pair, x);
    uint4 y = scaled_pairs(pair, by);
    out[0][c] = y.x, out[1][c] = y.y, out[2][c] = y.z, out[3][c] = y.w;
  }
  uint4* to = reinterpret_cast<uint4*>(turned + static_cast<size_t>(m) * kTurned + step * kStep +
                                       h * 64 + e * 32);
#pragma unroll
  for (int j = 0; j < 4; ++j) to[j] = make_uint4(out[j][0], out[j][1], out[j][2], out[j][3]);
}

// map_b [8 pairs of k][K / 16][N] of bytes and map_scale [K / 16][N], boxes of 128 columns; map_a:
// turned. Two warpgroups multiply, 128 columns each (a lane four neighbours: two of each product of
// 64), the first lane behind them loads.
extern "C" __global__ void
#if SPLIT > 1
__cluster_dims__(SPLIT, 1, 1)
#endif
    __launch_bounds__(384, 1)
        gemm_fp4_stream(const __grid_constant__ TensorMap map_b,
                        const __grid_constant__ TensorMap map_scale,
                        const __grid_constant__ TensorMap map_a, float alpha, T* __restrict__ C,
                        float* __restrict__ partial, int M) {
  extern __shared__ unsigned char shared_raw[];
  unsigned base = (shared_address(shared_raw) + 1023) & ~1023u;
  __shared__ __align__(8) unsigned long long barriers[2 * STAGES];
  unsigned full = shared_address(barriers), empty = full + 8 * STAGES;
  int warpgroup = warpgroup_index(), rank = SPLIT > 1 ? blockIdx.x % SPLIT : 0;
  Shares shares(M, gridDim.x);
  int at, end;
  if (SPLIT > 1) {
    int tile = blockIdx.x / SPLIT * kSteps;
    at = tile + kSteps * rank / SPLIT, end = tile + kSteps * (rank + 1) / SPLIT;
  } else {
    at = shares.begin(blockIdx.x), end = shares.begin(blockIdx.x + 1);
  }
  if (threadIdx.x == 0) {
    for (int s = 0; s < STAGES; ++s) barrier_init(full + 8 * s, 1), barrier_init(empty + 8 * s, 2);
    barrier_init_done();
  }
  __syncthreads();
  float* sums = reinterpret_cast<float*>(shared_raw + (base - shared_address(shared_raw)));
  if (warpgroup == 2) {
    registers_fewer<40>();
    if (threadIdx.x == 256) {
      int slot = 0, parity = 1;
      bool waits = true;
      auto load_rows = [&](int step, int slot) {
        int tile = step / kSteps, k = step % kSteps;
#pragma unroll
        for (int h = 0; h < 2; ++h)
          tma_load(base + slot * kStageBytes + kTokens + h * NT * 128, map_a, k * kStep + h * 64,
                   tile % shares.rows * NT, full + 8 * slot);
      };
      for (int step = at; step < end; ++step) {
        int k = step % kSteps, n0 = step / kSteps / shares.rows * 256;
        barrier_wait(empty + 8 * slot, parity);
        unsigned to = base + slot * kStageBytes, bar = full + 8 * slot;
        barrier_expect(bar, kStageBytes);
#pragma unroll
        for (int w = 0; w < 2; ++w) {
          tma_load(to + w * kColumns, map_b, n0 + w * 128, k * 8, 0, bar);
          tma_load(to + w * kColumns + 8192, map_scale, n0 + w * 128, k * 8, bar);
        }
        if (waits && (step - at == STAGES - 1 ||
                      step + 1 == end)) {  // gemm_fp4_turn may run until here: weights come first
          previous_done();
          waits = false;
          for (int i = 0; i < step - at; ++i) load_rows(at + i, i);
        }
        if (!waits) load_rows(step, slot);
        if (++slot == STAGES) slot = 0, parity ^= 1;
      }
    }
  } else {
    registers_more<232>();
    int warp = threadIdx.x / 32 % 4, lane = threadIdx.x % 32, g = lane / 4, c = lane % 4;
    unsigned place[2];  // of this lane's four columns in a row of block 2 c + h
#pragma unroll
    for (int h = 0; h < 2; ++h)
      place[h] = warpgroup * kColumns + swizzled(2 * c + h, warp * 2 + g / 4) + g % 4 * 4;
    int slot = 0, parity = 0, before = -1;  // before: the stage read last, not given back yet
    unsigned word[kGroup][4], of_rows, from = base;
    auto fetch = [&](int q0) {  // of quarters of a step: eight values of four columns
#pragma unroll
      for (int j = 0; j < kGroup; ++j) {
        int q = q0 + j;
#pragma unroll
        for (int i = 0; i < 4; ++i)
          word[j][i] = load_shared4(from + place[q / 2] + (q % 2 * 4 + i) * 1024);
        if (q % 2 == 0) of_rows = load_shared4(from + place[q / 2] + 8192);
      }
    };
    if (at < end) {
      barrier_wait(full, 0);
      fetch(0);
    }
    bool first = true;
    while (at < end) {
      int tile = at / kSteps, steps = min(kSteps - at % kSteps, end - at);
      float acc[2][NT / 2];
#pragma unroll
      for (int i = 0; i < NT; ++i) acc[i / (NT / 2)][i % (NT / 2)] = 0.f;
      unsigned a[2][kGroup][2][2][4],
          scale[4];  // of two groups of quarters in turns: a quarter's, a product's, a block's
      for (int step = 0; step < steps; ++step) {
        unsigned long long tokens = tile_rows(from + kTokens);
#pragma unroll
        for (int q0 = 0; q0 < 4; q0 += kGroup) {
          auto& mine = a[q0 / kGroup % 2];
#pragma unroll
          for (int q = q0; q < q0 + kGroup; ++q) {
            if (q % 2 == 0) {
              unsigned low = fp4_scales(__byte_perm(of_rows, 0, 0x1100)),
                       high = fp4_scales(__byte_perm(of_rows, 0, 0x3322));
              scale[0] = first_twice(low), scale[1] = second_twice(low),
              scale[2] = first_twice(high), scale[3] = second_twice(high);
            }
#pragma unroll
            for (int i = 0; i < 4; ++i) {
              int p = i / 2, block = i % 2;
              unsigned pair[4];
              widen8(pair,
                     __byte_perm(word[q - q0][p], word[q - q0][p + 2], block ? 0x7632 : 0x5410));
#pragma unroll
              for (int j = 0; j < 4; ++j)
                mine[q - q0][p][block][j % 2 * 2 + j / 2] =
                    times2(pair[j], scale[block * 2 + j / 2]);
            }
          }
          wgmma_begin();
#pragma unroll
          for (int i = 0; i < 4 * kGroup; ++i) {
            int q = q0 + i / 4, p = i % 4 / 2;
            wgmma_regs<0>(acc[i % 2], mine[i / 4][p][i % 2],
                          advance(tokens, q / 2 * NT * 128 + (q % 2 * 2 + p) * 32), 1);
          }
          wgmma_commit();
          // The next group's values come while these are multiplied.
          if (q0 + kGroup == 4) {
            before = slot;
            if (++slot == STAGES) slot = 0, parity ^= 1;
            if (at + step + 1 < end) {
              from = base + slot * kStageBytes;
              barrier_wait(full + 8 * slot, parity);
              fetch(0);
            }
          } else {
            fetch(q0 + kGroup);
          }
          wgmma_wait<1>();
          if (q0 == 0 && before >= 0 && threadIdx.x % 128 == 0) barrier_arrive(empty + 8 * before);
        }
      }
      wgmma_wait<0>();
      int m0 = tile % shares.rows * NT, n0 = tile / shares.rows * 256,
          r = warpgroup * 128 + warp * 32 + g * 4;
      if (SPLIT > 1) sync_threads(1, 256);  // both have read the ring
      float by = SPLIT > 1 || steps == kSteps ? alpha * kFp4Short : kFp4Short;
      float* mine = partial + (static_cast<size_t>(blockIdx.x) * 2 + !first) * NT * 256;
#pragma unroll
      for (int i = 0; i < NT / 2; i += 4)
#pragma unroll
        for (int e = 0; e < 2; ++e) {
          int t = i / 4 * 8 + c * 2 + e;
          float4 x = make_float4(acc[0][i + e] * by, acc[0][i + 2 + e] * by, acc[1][i + e] * by,
                                 acc[1][i + 2 + e] * by);
          if (SPLIT > 1) {
            *reinterpret_cast<float4*>(sums + t * kSumsPitch + r) = x;
          } else if (m0 + t < M && n0 + r < N) {
            if (steps < kSteps)
              *reinterpret_cast<float4*>(mine + t * 256 + r) = x;
            else
              *reinterpret_cast<uint2*>(C + static_cast<size_t>(m0 + t) * N + n0 + r) =
                  make_uint2(pack2(x.x, x.y), pack2(x.z, x.w));
          }
        }
      first = false;
      at += steps;
    }
  }
  if constexpr (SPLIT > 1) {
    __syncwarp();
    cluster_sync();
    // Each rank adds up its share of the rows, four columns a thread.
    int tile = blockIdx.x / SPLIT, m0 = tile % shares.rows * NT, n0 = tile / shares.rows * 256,
        live = min(NT, M - m0);
    int begin = live * rank / SPLIT, rows = live * (rank + 1) / SPLIT - begin;
    for (int i = threadIdx.x; i < rows * 64; i += 384) {
      int t = begin + i / 64, n = i % 64 * 4;
      float4 x = cluster_sum<SPLIT>(base + (t * kSumsPitch + n) * 4);
      if (n0 + n < N)
        *reinterpret_cast<uint2*>(C + static_cast<size_t>(m0 + t) * N + n0 + n) =
            make_uint2(pack2(x.x, x.y), pack2(x.z, x.w));
    }
    cluster_sync();  // the others have read this block's sums
  }
}
#endif

// C of the tiles that gemm_fp4's `blocks` shared.
extern "C" __global__ void __launch_bounds__(256)
    gemm_fp4_sum(const float* __restrict__ partial, float alpha, T* __restrict__ C, int M,
                 int blocks) {
  previous_done();
  size_t i = (static_cast<size_t>(blockIdx.x) * 256 + threadIdx.x) * 4;
  if (i >= static_cast<size_t>(M) * N) return;
  int m = static_cast<int>(i / N), n = static_cast<int>(i % N);
  Shares shares(M, blocks);
  int tile = n / 256 * shares.rows + m / NT, first = shares.block_of(tile * kSteps),
      last = shares.block_of(tile * kSteps + kSteps - 1);
  if (first == last) return;
  const float* from = partial + m % NT * 256 + n % 256;
  float4 x = make_float4(0.f, 0.f, 0.f, 0.f);
#pragma unroll 4
  for (int b = first; b <= last; ++b) {
    int which = 2 * b + (b == first && shares.begin(b) / kSteps !=
                                           tile);  // only the first may have begun in another tile
    float4 y = __ldg(reinterpret_cast<const float4*>(from + static_cast<size_t>(which) * NT * 256));
    x.x += y.x, x.y += y.y, x.z += y.z, x.w += y.w;
  }
  *reinterpret_cast<uint2*>(C + i) =
      make_uint2(pack2(x.x * alpha, x.y * alpha), pack2(x.z * alpha, x.w * alpha));
}
