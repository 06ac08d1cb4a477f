// How stream-K cuts the k-blocks of an NVFP4 product's tiles (256 columns times kBlockM rows,
// k-blocks of 128). Must not know any kernel.
#pragma once

namespace kdex {

// The k-blocks of all tiles, one behind another, are cut evenly: a CTA takes k-blocks begin(cta),
// begin(cta) + 1, ... below begin(cta + 1), which may start and end within a tile. Tiles that share
// B's columns stand side by side.
template <int kBlockM, int kN, int kK>
struct StreamK {
  static constexpr int kNumKBlocks = (kK + 127) / 128;
  long long k_blocks, ctas;
  int rows;  // tiles that share columns
  __device__ __forceinline__ StreamK(int M, int ctas)
      : ctas(ctas), rows((M + kBlockM - 1) / kBlockM) {
    k_blocks = static_cast<long long>((kN + 255) / 256) * rows * kNumKBlocks;
  }
  __device__ __forceinline__ int begin(int cta) const {
    return static_cast<int>(k_blocks * cta / ctas);
  }
  __device__ __forceinline__ int cta_of(int k_block) const {
    return static_cast<int>(((k_block + 1ll) * ctas - 1) / k_blocks);
  }
};

}  // namespace kdex
