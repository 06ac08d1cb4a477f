// C[M,N] from the `split` sums of float32.cu, partial [split, M, N].
//
// Constant: N.
#include "../device/launch.cuh"
using namespace kdex;

KDEX_KERNEL void __launch_bounds__(256)
    gemm_float32_reduce(const float* __restrict__ partial, float* __restrict__ C, int M,
                        int split) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  size_t i = blockIdx.x * static_cast<size_t>(256) + threadIdx.x,
         count = static_cast<size_t>(M) * N;
  if (i >= count) return;
  float x = 0.f;
  for (int s = 0; s < split; ++s) x += partial[s * count + i];
  C[i] = x;
}
