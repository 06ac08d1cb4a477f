// Compiles solutions as FlashInfer-Bench would and states for each what compiled. Knows neither
// families nor plans.
#pragma once

#include <atomic>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace kdex {

struct CheckOptions {
  std::string cuda_home;
  std::string cache_folder;        ///< empty: nothing is kept
  std::vector<std::string> archs;  ///< only these of those that solutions name; empty: all
  int jobs = 1;
  std::function<void(const std::string&)> progress;  ///< one line each, one thread at a time
  const std::atomic<bool>* cancelled = nullptr;
};

struct CheckReport {
  std::string compiler;             ///< "nvcc 13.0.88, tvm-ffi in ..."
  int texts = 0;                    ///< distinct ones
  int compiled = 0;                 ///< pairs of a text and an architecture
  std::vector<std::string> errors;  ///< "NAME sm_80: the compiler's first error"
};

/// Compiles each distinct text among `solutions` for every architecture of its target_hardware and
/// leaves there what compiled (and what was not asked for), which may be nothing. Throws
/// kdex::Error where there is no nvcc or no tvm-ffi.
CheckReport check_solutions(const std::vector<nlohmann::ordered_json*>& solutions,
                            const CheckOptions& options);

}  // namespace kdex
