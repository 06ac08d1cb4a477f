// What a kernel's declaration and its launch need: linkage, clusters, programmatic dependent
// launch, and the guard of instructions that only sm_90a has. Must not know any kernel.
//
// A kernel file is compiled in two ways: alone by NVRTC, where its constants are -D options and its
// entry has C linkage, and as one of several inside a solution, where each stands in a namespace of
// its own (KDEX_SOLUTION). Headers are included once for all kernels of a solution, so they depend
// on KDEX_DTYPE alone and take everything else as template parameters.
#pragma once

// A kernel's entry: KDEX_KERNEL void __launch_bounds__(128) name(...).
#ifdef KDEX_SOLUTION
#define KDEX_KERNEL __global__
#else
#define KDEX_KERNEL extern "C" __global__
#endif

// Instructions of sm_90a, and clusters. Empty where device code is compiled for another chip: the
// kernels that use them are never launched there, but their declarations must be the same in every
// pass of the compiler.
#if defined(__CUDA_ARCH__) && !defined(__CUDA_ARCH_FEAT_SM90_ALL)
#define KDEX_ASM_90A(...)
#define KDEX_CLUSTER_DIMS(...)
#else
#define KDEX_ASM_90A(...) asm volatile(__VA_ARGS__)
#define KDEX_CLUSTER_DIMS(...) __cluster_dims__(__VA_ARGS__)
#endif

namespace kdex {

// Programmatic dependent launch. Every kernel executes both before it touches memory or returns:
// the launch behind it may start now (launch_dependents), and the launches before it, which may run
// until then, have ended (wait).
__device__ __forceinline__ void griddepcontrol_launch_dependents() {
  KDEX_ASM_90A("griddepcontrol.launch_dependents;" ::: "memory");
}
__device__ __forceinline__ void griddepcontrol_wait() {
  KDEX_ASM_90A("griddepcontrol.wait;" ::: "memory");
}

}  // namespace kdex
