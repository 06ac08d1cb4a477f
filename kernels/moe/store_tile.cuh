// Results of a swap-AB tile by way of shared memory, by 256 threads. Must not know any kernel.
#pragma once

#include "activation.cuh"

namespace kdex {

// A tile from the accumulators through shared memory to rows of `pitch` bytes; of each slot `wide`
// bytes, less those behind `live`.
template <int kBlockM, int wide>
__device__ __forceinline__ void store_rows(const unsigned char* tile, int tile_pitch,
                                           unsigned char* to, size_t pitch, int live) {
  for (int i = threadIdx.x; i < kBlockM * (wide / 16); i += 256) {
    int n = i / (wide / 16), c = i % (wide / 16) * 16;
    if (c < live)
      *reinterpret_cast<uint4*>(to + n * pitch + c) =
          *reinterpret_cast<const uint4*>(tile + n * tile_pitch + c);
  }
}

// A tile's 128 rows of `v` times factor in 16 bits, by way of shared memory, to rows of `pitch`
// bytes; see store_rows. permuted: in the order that kdex_fp4.cuh wants.
template <int kBlockM, bool permuted = false>
__device__ __forceinline__ void store_tile(const float (&v)[kBlockM / 2], float factor,
                                           unsigned char* shared, T* to, size_t pitch, int live) {
  T* values = reinterpret_cast<T*>(shared);
  constexpr int kPitch = 128 + 8;
  int warp = threadIdx.x / 32, g = threadIdx.x % 32 / 4, c = threadIdx.x % 4;
  if (permuted) g = g % 4 * 2 + g / 4;
  consumer_sync();
#pragma unroll
  for (int i = 0; i < kBlockM / 2; ++i)
    values[(i / 4 * 8 + 2 * c + i % 2) * kPitch + warp * 16 + g + i / 2 % 2 * 8] =
        from_float(v[i] * factor);
  consumer_sync();
  store_rows<kBlockM, 256>(shared, kPitch * 2, reinterpret_cast<unsigned char*>(to), pitch, live);
}

}  // namespace kdex
