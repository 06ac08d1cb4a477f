// output = silu(first half) * second half, in float32, rounded once. A block takes 1024 elements of
// one row. Constant: WIDTH, the elements of an output row.
#include "device/launch.cuh"
#include "device/types.cuh"
using namespace kdex;

KDEX_KERNEL void __launch_bounds__(256)
    my_family(const T* __restrict__ gate_up, T* __restrict__ output) {
  const long long row = blockIdx.x;
  const T* gate = gate_up + row * 2 * WIDTH;
  for (int i = blockIdx.y * 1024 + threadIdx.x; i < min(WIDTH, (blockIdx.y + 1) * 1024);
       i += blockDim.x) {
    const float g = to_float(gate[i]);
    output[row * WIDTH + i] = from_float(g / (1.0f + expf(-g)) * to_float(gate[WIDTH + i]));
  }
}
