// Verification and timing of a dataset's kernels on a GPU: runs the workloads, compares with the formulas in float64,
// writes traces.
#pragma once

#include <string>
#include <vector>

#include "core/pipeline/kernels.h"

namespace kdex {

struct VerifyOptions {
  KernelsOptions kernels;       ///< dataset, definitions, cuda_home, ...; its archs are replaced by the device's
  bool python = false;          ///< compare with the definition's own reference, run by python3 with torch
  bool bench = false;           ///< time at length: inputs rotated past the L2, graphs of many calls
  std::uint64_t seed = 0;       ///< of the random inputs; 0: from the clock
  int timeout_seconds = 300;    ///< for one workload
};

/// One workload of one definition.
struct VerifyRow {
  std::string definition, op_type, workload, what, status, log;  ///< status: FlashInfer-Bench's
  double error = 0, max_absolute = 0, max_relative = 0;          ///< error: the largest |got - want| / |want| of the outputs
  double seconds = 0, bytes = 0;                                 ///< of one call; of its tensors
};

struct VerifyReport {
  std::string device, arch, driver, nvrtc;
  std::vector<VerifyRow> rows;
  std::vector<std::string> errors;
  int without_kernel = 0;
};

/// Builds for the device, runs each definition in a process of its own, writes traces/, withdraws the solutions of
/// kernels that are wrong. Throws kdex::Error where there is no driver, no device or no NVRTC.
VerifyReport verify_kernels(const VerifyOptions& options);

/// The worker's side: runs the workloads that `spec` (JSON from verify_kernels) names and writes a line for each to file 9.
int verify_worker(const std::string& spec);

std::string verify_table(const VerifyReport& report, bool bench);

}  // namespace kdex
