// SiLU of the first half of a row, times the second half: a block takes up to 1024 elements of one
// token's output. Constant: WIDTH, of each half.
#include "device/launch.cuh"
#include "device/types.cuh"
using namespace kdex;

KDEX_KERNEL void __launch_bounds__(256)
    silu_and_mul(const T* __restrict__ input, T* __restrict__ output) {
  const long long token = blockIdx.x;
  const T* gate = input + token * 2 * WIDTH;
  const T* up = gate + WIDTH;
  T* out = output + token * WIDTH;
  const int end = min(static_cast<int>(blockIdx.y + 1) * 1024, WIDTH);
  for (int i = blockIdx.y * 1024 + threadIdx.x; i < end; i += 256) {
    const float x = to_float(gate[i]);
    out[i] = from_float(x / (1.f + expf(-x)) * to_float(up[i]));
  }
}
