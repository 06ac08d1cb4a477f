// Sizes of a layer of experts as its two products see them. Must not know any kernel.
#pragma once

namespace kdex {

// kWeightFormat 0: 16-bit, 1: FP8 in blocks of 128 x 128, 2: FP8 with a scale an expert, 3: NVFP4
// with a factor an expert, 4: NVFP4 whose weights nvfp4_dequantize.cu has written in 16 bits.
template <int kWeightFormat, int kHiddenSize, int kIntermediateSize>
struct ExpertSizes {
  static constexpr bool kFp8 = kWeightFormat == 1 || kWeightFormat == 2;
  static constexpr int kBytes = kFp8 ? 1 : 2;  // of a token's element
  static constexpr int kHiddenBlocks = (kHiddenSize + 127) / 128,
                       kIntermediateBlocks = (kIntermediateSize + 127) / 128;
  static_assert(kWeightFormat < 3 || (kHiddenSize % 64 == 0 && kIntermediateSize % 64 == 0),
                "moe: NVFP4 takes hidden_size and intermediate_size in multiples of 64");
  static_assert(
      kWeightFormat != 1 || (kHiddenSize % 128 == 0 && kIntermediateSize % 128 == 0),
      "moe: with scales in blocks hidden_size and intermediate_size must be multiples of 128");
  static_assert(kHiddenSize % (kWeightFormat ? 16 : 8) == 0 &&
                    kIntermediateSize % (kWeightFormat ? 16 : 8) == 0,
                "moe: rows of hidden_size and of intermediate_size must be multiples of 16 bytes");
};

using Element = unsigned char;  // tokens and weights are addressed in bytes

// The factor of a token's input; 1 for shared experts, which come behind the kRoutedExperts others,
// and where the weights of the choices multiply the results instead.
template <bool kWeightOnInput, int kRoutedExperts>
__device__ __forceinline__ float weight_on_input(int expert, const float* slot_weight, int slot) {
  return kWeightOnInput && expert < kRoutedExperts ? slot_weight[slot] : 1.f;
}

}  // namespace kdex
