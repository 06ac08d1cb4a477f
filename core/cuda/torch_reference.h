// A definition's own reference, run by python3 with torch in one process for many calls. Where
// torch sees the GPU the tensors stay there and both processes open the same memory; else they pass
// through files.
#pragma once

#include <string>
#include <vector>

#include <kdex/definition.h>

#include "core/cuda/reference.h"
#include "core/cuda/torch_process.h"

namespace kdex::cuda {

class TorchReference {
 public:
  /// Starts python3, with a folder of its own below `folder`. Throws kdex::Error where it is not
  /// there or has no torch.
  explicit TorchReference(const std::string& folder);

  /// Whether torch runs on the GPU, so that handles can be given.
  bool on_gpu() const { return process_.on_gpu(); }
  /// Runs the reference with its float32 read as float64 (as it stands where torch refuses the mix)
  /// and compares the definition's outputs, in order, with `got`. `scalars` by name. Throws
  /// kdex::Error where the reference fails.
  std::vector<Deviation> compare(const Definition& definition,
                                 const std::vector<SharedTensor>& inputs,
                                 const std::map<std::string, double>& scalars,
                                 const std::vector<SharedTensor>& got);

 private:
  TorchProcess process_;
};

}  // namespace kdex::cuda
