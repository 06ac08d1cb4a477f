// Compiles the units of kernel plans on several threads, through the cubin cache. Knows no kernel
// and no family.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/cuda/cubin_cache.h"
#include "core/cuda/nvrtc.h"
#include "core/cuda/solution.h"

namespace kdex::cuda {

struct BuildOptions {
  std::string kernels_folder;  ///< where .cu and .cuh lie
  std::string cache_folder;    ///< empty: no cache
  std::string cuda_home;       ///< as Nvrtc's
  int jobs = 1;
  bool lineinfo = false;
  bool ptx = false;                                  ///< keep the PTX beside the cubin
  std::function<void(const std::string&)> progress;  ///< one line each, one thread at a time
  const std::atomic<bool>* cancelled = nullptr;
};

/// One unit for one architecture, and what came of it.
struct UnitBuild {
  std::string label;  ///< "gemm_n256_k7168 gemm.cu[2]"
  KernelUnit unit;
  std::string arch;
  // Filled:
  std::string cubin, ptx, error, warning;  ///< error, warning: one line each
  std::vector<Resources> resources;
  bool cached = false;
  double seconds = 0;
};

/// Compiles all; a failure is in its `error` and the others go on. Equal units are compiled once.
/// NVRTC is loaded only where the cache lacks something; throws kdex::Error where it is not found,
/// or knows none of the architectures.
struct Built {
  std::string nvrtc;  ///< "13.0"
  bool kept = true;   ///< false: the cache's folder could not be written
};
Built build_units(std::vector<UnitBuild>& units, const BuildOptions& options,
                  const KernelTexts& texts);

/// Turns "sm_90a", "90a", "9.0a" into "sm_90a"; throws kdex::Error for what is no architecture.
std::string arch_name(const std::string& text);

/// nvdisasm or cuobjdump, of the toolkit or on the PATH. Throws kdex::Error where there is neither.
std::string find_disassembler(const std::string& cuda_home);
/// The SASS of a cubin by `tool`, which find_disassembler gave.
std::string disassemble(const std::string& cubin, const std::string& tool);

}  // namespace kdex::cuda
