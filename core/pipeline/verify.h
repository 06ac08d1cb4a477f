// Verification and timing of a dataset's kernels on a GPU: runs the workloads, compares with the
// formulas in float64, writes traces.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/pipeline/kernels.h"

namespace kdex {

struct VerifyOptions {
  KernelsOptions
      kernels;  ///< dataset, definitions, cuda_home, ...; its archs are replaced by the device's
  bool python = false;  ///< compare with the definition's own reference, run by python3 with torch
  bool bench = false;   ///< time at length: inputs rotated past the L2, graphs of many calls
  bool peers = false;   ///< with `bench`: time others' kernels beside, see peers.py of families
  std::string compare;  ///< with `bench`: a kdex program whose kernels are timed beside
  std::uint64_t seed = 0;      ///< of the random inputs; 0: from the clock
  int timeout_seconds = 300;   ///< for one workload
  int workers = 1;             ///< processes that use the GPU at once; `bench` times one at a time
  std::string worker_program;  ///< a kdex program: workers are `PROGRAM kernels verify-worker`
};

/// Somebody else's kernel at a workload, timed in the same run.
struct VerifyPeer {
  std::string name, version;
  double seconds = 0;  ///< of one call; 0: it did not run, and `why` says why
  double error = 0;    ///< |theirs - ours| / |ours|
  std::string why;
  bool is_kdex = false;  ///< another version of kdex, and no peer
};

/// One workload of one definition.
struct VerifyRow {
  std::string definition, op_type, workload, what, status,
      log;  ///< status: FlashInfer-Bench's; empty: not verified
  double error = 0, max_absolute = 0,
         max_relative = 0;        ///< error: the largest |got - want| / |want| of the outputs
  double seconds = 0, bytes = 0;  ///< of one call (0: not timed); that it reads and writes
  std::vector<VerifyPeer> peers;

  /// The quickest peer that ran, or null.
  const VerifyPeer* best_peer() const;
  /// Another version of kdex, where it ran.
  const VerifyPeer* other_version() const;
};

struct VerifyReport {
  std::string device, arch, driver, nvrtc;
  std::vector<VerifyRow> rows;
  std::vector<std::string> errors;
  std::map<std::string, int> without;  ///< definitions without a kernel: why, how many
};

/// Builds for the device, runs the definitions in processes that are started anew where one ends,
/// writes traces/, withdraws the solutions of kernels that are wrong. Throws kdex::Error where
/// there is no driver, no device or no NVRTC, or no worker program is named.
VerifyReport verify_kernels(const VerifyOptions& options);

/// The worker's side (`kdex kernels verify-worker`): takes tasks from its standard input and writes
/// a line for each workload to file descriptor 9. `spec`: JSON from verify_kernels.
int verify_worker(const std::string& spec);

/// A line for each definition and for each workload that did not pass; `each`: for every workload.
std::string verify_table(const VerifyReport& report, bool bench, bool each = false);

}  // namespace kdex
