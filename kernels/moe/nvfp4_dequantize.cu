// One NVFP4 tensor of the experts that have tokens, `eighths` of eight values each, to 16 bits. A
// thread takes four.
//
// Grid: (CTAs of 1024 eighths, NUM_LOCAL_EXPERTS).
#include "../device/copy.cuh"
#include "../device/launch.cuh"
#include "../device/nvfp4.cuh"
using namespace kdex;

KDEX_KERNEL void __launch_bounds__(256)
    moe_nvfp4_dequantize(const unsigned* __restrict__ values,
                         const unsigned char* __restrict__ scale, const int* __restrict__ count,
                         uint4* __restrict__ dequantized, int eighths) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  if (count[blockIdx.y] == 0) return;
  size_t row = static_cast<size_t>(blockIdx.y) * eighths;
#pragma unroll
  for (int j = 0; j < 4; ++j) {
    int i = (blockIdx.x * 4 + j) * 256 + threadIdx.x;
    if (i < eighths)
      dequantize8_in_order(__ldg(values + row + i), __ldg(scale + (row + i) / 2),
                           dequantized[row + i]);
  }
}
