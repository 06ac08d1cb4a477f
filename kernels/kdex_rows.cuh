// The product of 256 weight rows (two blocks of 128) with NT tokens, FP8 or 16-bit, for expert
// layers and FP8 gemms. Weight rows take the M of the matrix units, tokens their N, so few tokens
// are not padded to 64. With scales each 128 of k is summed by itself and added times (token's
// scale x weight block's scale) in float32. sm_90a: one warp loads by TMA, two warpgroups multiply,
// over as many tiles as a block is given: the next one's loads run while this one's results leave.
// Elsewhere: eight warps of mma.sync, FP8 widened to 16 bits on its way to shared memory. In both,
// warp w of eight holds rows 16w + lane/4 (+8) of each block, columns 8j + lane%4*2 (+1) of
// sum[block][4j ..]. Constants: NT, STAGES (sm_90a), PAIR (sm_90a: the two blocks of a cluster
// share the weights of each step, each loads one of their two blocks for both; 0 where not given).
// It must not know experts or outputs.
#pragma once
#include "kdex_device.cuh"

#ifndef PAIR
#define PAIR 0
#endif

namespace kdex {

__device__ __forceinline__ float fp8_to_float(unsigned char x) {
  return __int_as_float((x & 0x80) << 24 | (x & 0x7f) << 20) *
         1.329227995784916e36f;  // 2^120: e4m3's bias is 7
}
// Four floats in [-448, 448] to e4m3, rounded to nearest even.
__device__ __forceinline__ unsigned char float_to_fp8(float x) {
#if KDEX_ARCH >= 89
  unsigned short y;
  asm("cvt.rn.satfinite.e4m3x2.f32 %0, %1, %2;" : "=h"(y) : "f"(0.f), "f"(x));
  return static_cast<unsigned char>(y);
#else
  float a = fminf(fabsf(x), 448.f);
  int exponent = max(static_cast<int>(__float_as_uint(a) >> 23) - 127, -6);
  float unit = __int_as_float((exponent - 3 + 127) << 23);
  unsigned steps =
      __float2uint_rn(a / unit);  // up to 16: the carry runs into the exponent by itself
  unsigned bits = steps + (exponent > -6 || steps >= 8 ? (exponent + 6) << 3 : 0);
  return static_cast<unsigned char>((__float_as_uint(x) >> 31 << 7) | bits);
#endif
}

template <bool fp8>
struct Rows256 {
  static constexpr int kStep = fp8 ? 128 : 64;  // of k: 128 bytes
#if KDEX_ARCH == 90
  static constexpr int kThreads = 384;  // the third warpgroup's first thread loads
  static constexpr unsigned kStageBytes = 32768 + NT * 128;
  static constexpr int kBox = NT % 64 == 0   ? 64
                              : NT % 32 == 0 ? 32
                                             : 16;  // tokens of a TMA store of 16-bit results
  static constexpr unsigned kStaging =
      NT * 160 > 256 * kBox ? NT * 160 : 256 * kBox;  // FP8 tile with 8 NT floats, two boxes
  static constexpr unsigned kSharedBytes = STAGES * (kStageBytes + NT * 4) + kStaging + 1024;

  static constexpr bool kTurns = NT >= 64;  // of the multiplying warpgroups, with scales

  unsigned base, staging, full, empty;
  float* ring;
  const float* scales;
  int turn = 0;  // steps behind this thread, over all tiles of the block
  float ahead[2] = {1.f, 1.f};

  /// Call by all threads; `shared` is dynamic, `barriers` static shared memory of 2 * STAGES words.
  /// by_warp: a second warp loads the scales, by load_scales.
  template <bool by_warp = false>
  __device__ __forceinline__ void begin(unsigned char* shared, unsigned long long* barriers,
                                        const TensorMap& weights, const TensorMap& tokens) {
    if (kTurns && threadIdx.x / 128 == 1) arrive_threads(4, 256);
    unsigned raw = shared_address(shared);
    base = (raw + 1023) & ~1023u, staging = base + STAGES * kStageBytes;
    ring = reinterpret_cast<float*>(shared + (base - raw));
    scales = reinterpret_cast<const float*>(shared + (staging - raw) + kStaging);
    if (threadIdx.x == 0) tma_prefetch(weights), tma_prefetch(tokens);
    full = shared_address(barriers), empty = full + 8 * STAGES;
    if (threadIdx.x == 0) {
      for (int s = 0; s < STAGES; ++s)
        barrier_init(full + 8 * s, by_warp ? 33 : 1), barrier_init(empty + 8 * s, PAIR ? 16 : 8);
      barrier_init_done();
    }
    if constexpr (PAIR)
      cluster_sync();
    else
      __syncthreads();
  }
  /// The loading thread: steps first, first + 1, ... at(block, step, x, y): where a weight box lies
  /// in its map. scaled: also the tokens' scales, [steps, scale_stride].
  template <bool scaled, class At>
  __device__ __forceinline__ void load(int first, int steps, const TensorMap& weights, At at,
                                       const TensorMap& tokens, int token0,
                                       const float* token_scale = nullptr,
                                       size_t scale_stride = 0) {
    for (int i = 0; i < steps; ++i, ++turn) {
      int s = turn % STAGES;
      if (turn >= STAGES) barrier_wait(empty + 8 * s, (turn / STAGES - 1) & 1);
      unsigned to = base + s * kStageBytes, bar = full + 8 * s;
      barrier_expect(bar, kStageBytes + (scaled ? NT * 4 : 0));
      int x, y;
      if constexpr (PAIR) {
        int b = cluster_rank();
        at(b, first + i, x, y);
        tma_load_multicast(to + b * 16384, weights, x, y, bar, 3);
      } else {
#pragma unroll
        for (int b = 0; b < 2; ++b) {
          at(b, first + i, x, y);
          tma_load(to + b * 16384, weights, x, y, bar);
        }
      }
      tma_load(to + 32768, tokens, (first + i) * kStep, token0, bar);
      if constexpr (scaled)
        bulk_load(staging + kStaging + s * NT * 4,
                  token_scale + (first + i) * scale_stride + token0, NT * 4, bar);
    }
  }
  /// The second loading warp: the tokens' scales [tokens, pitch], of which there are `rows`.
  __device__ __forceinline__ void load_scales(const float* token_scale, size_t pitch, int rows,
                                              int steps) {
    kdex::load_scales<NT, STAGES, (NT > 64 ? 2 : 4)>(
        const_cast<float*>(scales), full, empty, turn, steps,
        [&](int r) { return r < rows ? token_scale + r * pitch : nullptr; });
  }
  /// The eight multiplying warps. scale0, scale1: the two blocks' scales, one a step; next0, next1:
  /// those of the tile after it (any valid address behind the last). They are read a step ahead:
  /// ask() for the first tile's. With scaled 2 only the tokens have scales.
  template <int scaled>
  __device__ __forceinline__ void multiply(float (&sum)[2][NT / 2], int steps, const float* scale0,
                                           const float* scale1, const float* next0,
                                           const float* next1) {
    int lane = threadIdx.x % 32;
    unsigned first_rows = base + warpgroup_index() * 8192;
    if constexpr (scaled) {
#pragma unroll
      for (int i = 0; i < NT / 2; ++i) sum[0][i] = sum[1][i] = 0.f;
      // Two products in flight where the registers allow: one is added up while the other is made.
      // In wide tiles the warpgroups take turns, so that one adds up while the other multiplies; a
      // turn passes on shortly before a product ends.
      constexpr int kParts = NT <= 96 ? 2 : 1;
      float part[kParts][NT / 2];
      auto product = [&](int b, int from, int to) {
        unsigned at = turn % STAGES * kStageBytes;
        unsigned long long rows = tile_rows(first_rows + at), tokens = tile_rows(base + at + 32768);
#pragma unroll
        for (int k = from; k < to; ++k)
          wgmma_fp8(part[b % kParts], advance(rows, b * 16384 + 32 * k), advance(tokens, 32 * k),
                    k > 0);
        wgmma_commit();
      };
      auto add = [&](int b, float weight) {
        const float(&p)[NT / 2] = part[b % kParts];
        const float* scale = scales + turn % STAGES * NT + lane % 4 * 2;
#pragma unroll
        for (int j = 0; j < NT / 8; ++j) {
          float2 f = *reinterpret_cast<const float2*>(scale + 8 * j);
          f.x *= weight, f.y *= weight;
          sum[b][4 * j] += p[4 * j] * f.x;
          sum[b][4 * j + 1] += p[4 * j + 1] * f.y;
          sum[b][4 * j + 2] += p[4 * j + 2] * f.x;
          sum[b][4 * j + 3] += p[4 * j + 3] * f.y;
        }
      };
      for (int i = 0; i < steps; ++i, ++turn) {
        float now[2] = {ahead[0], ahead[1]};
        bool more = i + 1 < steps;
        if constexpr (scaled == 1)
          ask(more ? scale0 + i + 1 : next0, more ? scale1 + i + 1 : next1);
        barrier_wait(full + 8 * (turn % STAGES), turn / STAGES & 1);
        if constexpr (kParts == 2) {
          if constexpr (kTurns) take_turn();
          wgmma_begin();
          product(0, 0, 4);
          product(1, 0, 3);
          product(1, 3, 4);
          wgmma_wait<2>();
          add(0, now[0]);
          if constexpr (kTurns) {
            wgmma_wait<1>();
            pass_turn();
          }
          wgmma_wait<0>();
          add(1, now[1]);
        } else {
#pragma unroll
          for (int b = 0; b < 2; ++b) {
            take_turn();
            wgmma_begin();
            product(b, 0, 3);
            product(b, 3, 4);
            wgmma_wait<1>();
            pass_turn();
            wgmma_wait<0>();
            add(b, now[b]);
          }
        }
        __syncwarp();
        release(turn, lane);
      }
    } else {
      for (int i = 0; i < steps; ++i, ++turn) {
        int s = turn % STAGES;
        unsigned long long rows = tile_rows(first_rows + s * kStageBytes),
                           tokens = tile_rows(base + s * kStageBytes + 32768);
        barrier_wait(full + 8 * s, turn / STAGES & 1);
        wgmma_begin();
#pragma unroll
        for (int b = 0; b < 2; ++b)
#pragma unroll
          for (int k = 0; k < 4; ++k) {
            if constexpr (fp8)
              wgmma_fp8(sum[b], advance(rows, b * 16384 + 32 * k), advance(tokens, 32 * k),
                        i > 0 || k > 0);
            else
              wgmma<0>(sum[b], advance(rows, b * 16384 + 32 * k), advance(tokens, 32 * k),
                       i > 0 || k > 0);
          }
        wgmma_commit();
        wgmma_wait<1>();
        if (i > 0) release(turn - 1, lane);
      }
      wgmma_wait<0>();
      release(turn - 1, lane);
    }
  }
  /// A warp has read a step.
  __device__ __forceinline__ void release(int turn, int lane) const {
    unsigned bar = empty + 8 * (turn % STAGES);
    if constexpr (PAIR) {
      if (lane < 2) barrier_arrive_at(bar, lane);
    } else {
      if (lane == 0) barrier_arrive(bar);
    }
  }
  /// The multiplying warpgroups' turns, where they take any; the first is warpgroup 0's.
  __device__ __forceinline__ void take_turn() { sync_threads(4 + warpgroup_index(), 256); }
  __device__ __forceinline__ void pass_turn() { arrive_threads(5 - warpgroup_index(), 256); }
  __device__ __forceinline__ void ask(const float* scale0, const float* scale1) {
    ahead[0] = __ldg(scale0), ahead[1] = __ldg(scale1);
  }
  /// The multiplying warps' sums [NT][kSumsPitch] of this block's share of k, in the ring's place.
  __device__ __forceinline__ void put_sums(const float (&sum)[2][NT / 2]) {
    sync_threads(1, 256);
    kdex::put_sums(ring, sum);
  }
  /// Four rows of a token, added up over the blocks of the cluster.
  template <int split>
  __device__ __forceinline__ float4 total(int token, int row) const {
    return cluster_sum<split>(base + (token * kSumsPitch + row) * 4);
  }
  /// By a warpgroup: its 64 rows x NT tokens in 16 bits to columns x to x + 63 of rows y, y + 1,
  /// ... of a map with boxes of 64 x kBox. Call stored() at the end, and before other use of the
  /// staging memory.
  __device__ __forceinline__ void store(const TensorMap& map, int x, int y,
                                        const float (&v)[NT / 2]) {
    int warpgroup = threadIdx.x / 128, warp = threadIdx.x / 32 % 4, lane = threadIdx.x % 32;
    unsigned to = staging + warpgroup * (kBox * 128);
#pragma unroll
    for (int part = 0; part < NT / kBox; ++part) {
      stored();
      sync_threads(2 + warpgroup, 128);
#pragma unroll
      for (int j = 0; j < kBox / 8; j += 2) {
        const float* p = v + (part * kBox / 8 + j) * 4;
        store_tiles_transposed(
            to + swizzled(8 * (j + lane / 16) + lane % 8, warp * 2 + lane / 8 % 2),
            pack2(p[0], p[1]), pack2(p[2], p[3]), pack2(p[4], p[5]), pack2(p[6], p[7]));
      }
      fence_async();
      sync_threads(2 + warpgroup, 128);
      if (threadIdx.x % 128 == 0) {
        tma_store(map, x, y + part * kBox, to);
        tma_store_commit();
      }
    }
  }
  __device__ __forceinline__ void stored() {
    if (threadIdx.x % 128 == 0) tma_store_wait_read<0>();
  }
#else
  static constexpr int kThreads = 256;
  static constexpr int kHalf = 64;  // of k at a time, 128 bytes once widened
  static constexpr unsigned kSharedBytes = 32768 + NT * 128;
  unsigned base;

  __device__ __forceinline__ void begin(unsigned char* shared) { base = shared_address(shared); }
  /// Eight elements to 16 bits.
  __device__ static __forceinline__ uint4 widen(const void* from, bool live) {
    if (!live) return make_uint4(0, 0, 0, 0);
    if constexpr (!fp8) return load16(from);
    union {
      uint2 raw;
      unsigned char at[8];
    } x;
    x.raw = __ldg(reinterpret_cast<const uint2*>(from));
    return make_uint4(pack2(fp8_to_float(x.at[0]), fp8_to_float(x.at[1])),
                      pack2(fp8_to_float(x.at[2]), fp8_to_float(x.at[3])),
                      pack2(fp8_to_float(x.at[4]), fp8_to_float(x.at[5])),
                      pack2(fp8_to_float(x.at[6]), fp8_to_float(x.at[7])));
  }
  /// row(block, r, k): address of eight weights; token(t, k): of eight of a token's, where live(t).
  template <bool scaled, class Row, class Token, class Live, class Scale, class TokenScale>
  __device__ __forceinline__ void multiply(float (&sum)[2][NT / 2], int k_total, Row row,
                                           Token token, Live live, Scale weight_scale,
                                           TokenScale token_scale) {
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
#pragma unroll
    for (int i = 0; i < NT / 2; ++i) sum[0][i] = sum[1][i] = 0.f;
    for (int k0 = 0; k0 < k_total; k0 += kHalf) {
      __syncthreads();
      for (int i = threadIdx.x; i < (256 + NT) * 8; i += kThreads) {
        int r = i / 8, k = k0 + i % 8 * 8;
        bool there = k < k_total && (r < 256 || live(r - 256));
        const void* from = there ? r < 256 ? row(r / 128, r % 128, k) : token(r - 256, k) : nullptr;
        uint4 x = widen(from, from != nullptr);
        unsigned to = base + swizzled(r, i % 8);
        asm volatile("st.shared.v4.b32 [%0], {%1,%2,%3,%4};" ::"r"(to), "r"(x.x), "r"(x.y),
                     "r"(x.z), "r"(x.w)
                     : "memory");
      }
      __syncthreads();
#pragma unroll
      for (int b = 0; b < 2; ++b) {
        float part[NT / 8][4];
#pragma unroll
        for (int i = 0; i < NT / 2; ++i) part[i / 4][i % 4] = scaled ? 0.f : sum[b][i];
#pragma unroll
        for (int k = 0; k < kHalf / 16; ++k) {
          unsigned a[4];
          load_tiles(a, base + swizzled(b * 128 + warp * 16 + lane % 16, k * 2 + lane / 16));
#pragma unroll
          for (int j = 0; j < NT / 8; j += 2) {
            unsigned t[4];
            load_tiles(
                t, base + swizzled(256 + j * 8 + lane / 16 * 8 + lane % 8, k * 2 + lane / 8 % 2));
            mma(part[j], a, t[0], t[1]);
            mma(part[j + 1], a, t[2], t[3]);
          }
        }
        float w = scaled ? weight_scale(b, k0 / 128) : 1.f;
#pragma unroll
        for (int i = 0; i < NT / 2; ++i) {
          if constexpr (scaled)
            sum[b][i] +=
                part[i / 4][i % 4] * (w * token_scale(i / 4 * 8 + lane % 4 * 2 + i % 2, k0 / 128));
          else
            sum[b][i] = part[i / 4][i % 4];
        }
      }
    }
    __syncthreads();
  }
#endif
};

}  // namespace kdex
