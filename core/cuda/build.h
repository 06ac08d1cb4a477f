// Compiles the units of kernel plans on several threads, through the cubin cache. Knows no kernel
// and no family.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/cuda/cubin_cache.h"
#include "core/cuda/nvrtc.h"
#include "core/cuda/solution.h"

namespace kdex::cuda {

struct BuildOptions {
  std::string kernels_folder;  ///< its folders hold .cu and .cuh files
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
  std::string label;  ///< "gemm_n256_k7168 gemm/tma.cu[2]"
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

/// The version of the NVRTC that `options` find, from the cache's note of it where there is one.
/// Throws kdex::Error where there is no NVRTC.
std::string nvrtc_version(const BuildOptions& options);

/// Names of units in the cubin cache: a hash of the source, the headers that it includes, the
/// constants, the architecture and NVRTC's version.
class UnitKeys {
 public:
  /// `texts` must live as long as this.
  UnitKeys(const KernelTexts& texts, std::string nvrtc, const BuildOptions& options);
  /// `arch`: what is compiled for. Throws kdex::Error where the unit's file is not there.
  std::string key(const KernelUnit& unit, const std::string& arch);
  const std::string& source(const KernelUnit& unit) const;

 private:
  const KernelTexts& texts_;
  std::string folder_, nvrtc_, more_;
  std::map<std::string, std::string> sources_;  ///< hashes with their headers, by name
};

/// Where a cubin is in the cache: `size` bytes from `offset` on.
struct CachedCubin {
  std::string path;
  std::size_t offset = 0, size = 0;
};
/// Nothing where the cache lacks it, or holds it damaged.
std::optional<CachedCubin> cached_cubin(const std::string& cache_folder, const std::string& key);

/// Turns "sm_90a", "90a", "9.0a" into "sm_90a"; throws kdex::Error for an unknown one.
std::string arch_name(const std::string& text);

/// nvdisasm or cuobjdump, of the toolkit or on the PATH. Throws kdex::Error where there is neither.
std::string find_disassembler(const std::string& cuda_home);
/// The SASS of a cubin by `tool`, which find_disassembler gave.
std::string disassemble(const std::string& cubin, const std::string& tool);

}  // namespace kdex::cuda
