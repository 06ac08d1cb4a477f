// FP8 (e4m3) of 16-bit rows in groups of GROUP_SIZE, with a float32 scale a group: the greatest
// magnitude, at least 1e-10, over 448. GROUP_SIZE / 8 threads of a warp hold a group, eight
// elements each: each element is read once.
//
// Grid: rows times the CTAs of a row.
//
// Constants: WIDTH, GROUP_SIZE (16, 32, 64, 128 or 256), THREADS.
#include "../device/fp8.cuh"
#include "../device/launch.cuh"
#include "../device/types.cuh"
using namespace kdex;

#if WIDTH % GROUP_SIZE != 0
#error "quantization: WIDTH must be a multiple of GROUP_SIZE"
#endif
constexpr int kVectors = WIDTH / 8;
constexpr int kThreadsPerGroup = GROUP_SIZE / 8;
constexpr int kCtasPerRow = (kVectors + THREADS - 1) / THREADS;

KDEX_KERNEL void __launch_bounds__(THREADS)
    per_token_group_quant_fp8(const T* __restrict__ input, unsigned char* __restrict__ output_q,
                              float* __restrict__ output_s) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  const size_t row = blockIdx.x / kCtasPerRow;
  const int v = static_cast<int>(blockIdx.x % kCtasPerRow) * THREADS + threadIdx.x;
  const bool live = v < kVectors;  // of a group all threads are or none is
  Vec8 x;
  x.raw = make_uint4(0, 0, 0, 0);
  if (live) x.raw = __ldg(reinterpret_cast<const uint4*>(input + row * WIDTH) + v);
  float largest = 1e-10f;
#pragma unroll
  for (int i = 0; i < 8; ++i) largest = fmaxf(largest, fabsf(to_float(x.at[i])));
#pragma unroll
  for (int offset = kThreadsPerGroup / 2; offset > 0; offset /= 2)
    largest = fmaxf(largest, __shfl_xor_sync(0xffffffffu, largest, offset));
  if (!live) return;
  const float factor = 448.f / largest;
  unsigned short pair[4];
#pragma unroll
  for (int i = 0; i < 4; ++i)
    pair[i] = float2_to_fp8x2(to_float(x.at[2 * i]) * factor, to_float(x.at[2 * i + 1]) * factor);
  reinterpret_cast<uint2*>(output_q + row * WIDTH)[v] =
      make_uint2(pair[0] | static_cast<unsigned>(pair[1]) << 16,
                 pair[2] | static_cast<unsigned>(pair[3]) << 16);
  if (v % kThreadsPerGroup == 0)
    output_s[row * (WIDTH / GROUP_SIZE) + v / kThreadsPerGroup] = largest * (1.f / 448.f);
}
