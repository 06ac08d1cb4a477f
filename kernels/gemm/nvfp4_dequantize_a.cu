// A [M, K / 2] of NVFP4 with scales [M, K / 16] to 16 bits, permuted [M, kPermutedK], in the order
// in which lanes of nvfp4_swap_ab.cu dequantize B.
//
// Grid: CTAs of 128 threads.
//
// Constant: K.
#include "../device/launch.cuh"
#include "../device/nvfp4.cuh"
using namespace kdex;

#if K % 16 != 0
#error "gemm_nvfp4: K must be a multiple of 16"
#endif
constexpr int kNumKBlocks = (K + 127) / 128, kBlockK = 128, kPermutedK = kNumKBlocks * kBlockK;

// The order: a product of 16 of k takes from lane c four values of scale block 2 c + h of a
// k-block: product 4 h + 2 e + p has at places 2 c and 2 c + 1 its values 8 e + 2 p and four behind
// it, at places 8 + 2 c and 9 + 2 c those one further on. A thread writes both products of an h and
// an e: 64 bytes.
KDEX_KERNEL void __launch_bounds__(128)
    gemm_nvfp4_dequantize_a(const unsigned char* __restrict__ A,
                            const unsigned char* __restrict__ scale, T* __restrict__ permuted,
                            int M) {
  griddepcontrol_wait();
  griddepcontrol_launch_dependents();
  int i = blockIdx.x * 128 + threadIdx.x, m = i / (kNumKBlocks * 4), k_block = i / 4 % kNumKBlocks,
      h = i / 2 % 2, e = i % 2;
  if (m >= M) return;
  unsigned out[4][4];
#pragma unroll
  for (int c = 0; c < 4; ++c) {
    int block = k_block * 8 + 2 * c + h;
    bool there = block < K / 16;
    size_t at = static_cast<size_t>(m) * (K / 16) + block;
    unsigned x = there ? __ldg(reinterpret_cast<const unsigned*>(A + at * 8 + e * 4)) : 0, pair[4];
    unsigned by = low_twice(fp4_scales(there ? __ldg(scale + at) << 8 : 0));
    unpack8(pair, x);
    uint4 y = scale_pairs(pair, by);
    out[0][c] = y.x, out[1][c] = y.y, out[2][c] = y.z, out[3][c] = y.w;
  }
  uint4* to = reinterpret_cast<uint4*>(permuted + static_cast<size_t>(m) * kPermutedK +
                                       k_block * kBlockK + h * 64 + e * 32);
#pragma unroll
  for (int j = 0; j < 4; ++j) to[j] = make_uint4(out[j][0], out[j][1], out[j][2], out[j][3]);
}
