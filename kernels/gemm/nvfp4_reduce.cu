// C[M,N] of the tiles whose k-blocks several CTAs of nvfp4_tiled.cu or nvfp4_swap_ab.cu shared (the
// stream-K fixup), from `partial`.
//
// Constants: N, K, BLOCK_M.
#include "../device/launch.cuh"
#include "../device/types.cuh"
#include "nvfp4_stream_k.cuh"
using namespace kdex;

constexpr int kNumKBlocks = (K + 127) / 128;
// blocks: the CTAs of the product's launch.
KDEX_KERNEL void __launch_bounds__(256)
    gemm_nvfp4_reduce(const float* __restrict__ partial, float alpha, T* __restrict__ C, int M,
                      int blocks) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  size_t i = (static_cast<size_t>(blockIdx.x) * 256 + threadIdx.x) * 4;
  if (i >= static_cast<size_t>(M) * N) return;
  int m = static_cast<int>(i / N), n = static_cast<int>(i % N);
  StreamK<BLOCK_M, N, K> shares(M, blocks);
  int tile = n / 256 * shares.rows + m / BLOCK_M, first = shares.cta_of(tile * kNumKBlocks),
      last = shares.cta_of(tile * kNumKBlocks + kNumKBlocks - 1);
  if (first == last) return;
  const float* from = partial + m % BLOCK_M * 256 + n % 256;
  float4 x = make_float4(0.f, 0.f, 0.f, 0.f);
#pragma unroll 4
  for (int b = first; b <= last; ++b) {
    int which = 2 * b + (b == first && shares.begin(b) / kNumKBlocks !=
                                           tile);  // only the first may have begun in another tile
    float4 y =
        __ldg(reinterpret_cast<const float4*>(from + static_cast<size_t>(which) * BLOCK_M * 256));
    x.x += y.x, x.y += y.y, x.z += y.z, x.w += y.w;
  }
  *reinterpret_cast<uint2*>(C + i) =
      make_uint2(pack2(x.x * alpha, x.y * alpha), pack2(x.z * alpha, x.w * alpha));
}
