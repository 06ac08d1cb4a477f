// Others' kernels for a definition, timed on the tensors of a call by python3 with torch. What they
// are is said by files of Python, peers.py of a family: its `peers(case)` yields pairs of a name
// and a function that takes a dict of tensors and gives a call and its outputs. Knows no peer.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/cuda/torch_process.h"

namespace kdex::cuda {

/// One peer at one workload.
struct PeerTime {
  std::string name, version;
  double seconds = 0;  ///< of one call; 0: it did not run, `why` says why
  double error = 0;    ///< |theirs - ours| / |ours|, the largest of the outputs
  std::string why;
};

class TorchPeers {
 public:
  /// Throws kdex::Error where python3 has no torch.
  explicit TorchPeers(const std::string& folder);

  bool on_gpu() const { return process_.on_gpu(); }
  /// Times those of `files` that take the definition, in graphs of `calls` calls that rotate over
  /// `copies` of the inputs, `replays` of them. What differs from `got` by more than a twentieth is
  /// not timed.
  std::vector<PeerTime> time(const std::vector<std::string>& files, const Definition& definition,
                             const std::vector<SharedTensor>& inputs,
                             const std::map<std::string, double>& scalars,
                             const std::map<std::string, std::int64_t>& axes,
                             const std::vector<SharedTensor>& got, int copies, int calls,
                             int replays);

 private:
  TorchProcess process_;
};

}  // namespace kdex::cuda
