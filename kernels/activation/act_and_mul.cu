// output[row] = f(input[row][:WIDTH]) * input[row][WIDTH:] in 16 bits, float32 inside, one rounding
// at the end. A thread takes one vector of a row: each element is read once and written once.
//
// Grid: rows times the CTAs of a row.
//
// Constants: WIDTH, FUNCTION (0: SiLU, 1: GELU, 2: GELU by tanh), THREADS.
#include "../device/launch.cuh"
#include "../device/types.cuh"
using namespace kdex;

constexpr int kVector = kVectorOf<T, WIDTH>;
constexpr int kVectors = WIDTH / kVector;
constexpr int kCtasPerRow = (kVectors + THREADS - 1) / THREADS;
using Vec = Vector<T, kVector>;

__device__ __forceinline__ float activated(float x) {
#if FUNCTION == 0
  return x / (1.f + expf(-x));
#elif FUNCTION == 1
  return x * (0.5f * (1.f + erff(x * 0.7071067811865475f)));
#else
  return x * (0.5f * (1.f + tanhf(0.7978845608028654f * (x + 0.044715f * x * x * x))));
#endif
}

KDEX_KERNEL void __launch_bounds__(THREADS)
    act_and_mul(const T* __restrict__ input, T* __restrict__ output) {
  griddepcontrol_launch_dependents();
  griddepcontrol_wait();
  const size_t row = blockIdx.x / kCtasPerRow;
  const int v = static_cast<int>(blockIdx.x % kCtasPerRow) * THREADS + threadIdx.x;
  if (v >= kVectors) return;
  Vec gate, up, y;
  gate.load(input + row * 2 * WIDTH + v * kVector);
  up.load(input + row * 2 * WIDTH + WIDTH + v * kVector);
#pragma unroll
  for (int i = 0; i < kVector; ++i)
    y.at[i] = from_float(activated(to_float(gate.at[i])) * to_float(up.at[i]));
  *reinterpret_cast<Vec::Raw*>(output + row * WIDTH + v * kVector) = y.raw;
}
