// A definition's own reference, run by python3 with torch in one process for many calls. Where
// torch sees the GPU the tensors stay there and both processes open the same memory; else they pass
// through files.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <kdex/definition.h>

#include "core/cuda/reference.h"

namespace kdex::cuda {

/// A tensor of a call: `handle` is what Driver::share gave; where it is empty, `host` holds the
/// bytes.
struct SharedTensor {
  std::string name, dtype;
  std::vector<std::int64_t> shape;
  std::string handle;
  const HostTensor* host = nullptr;
};

class TorchReference {
 public:
  /// Starts python3, with a folder of its own below `folder`. Throws kdex::Error where it is not
  /// there or has no torch.
  explicit TorchReference(const std::string& folder);
  ~TorchReference();
  TorchReference(const TorchReference&) = delete;
  TorchReference& operator=(const TorchReference&) = delete;

  /// Whether torch runs on the GPU, so that handles can be given.
  bool on_gpu() const;
  /// Runs the reference with its float32 read as float64 (as it stands where torch refuses the mix)
  /// and compares the definition's outputs, in order, with `got`. `scalars` by name. Throws
  /// kdex::Error where the reference fails.
  std::vector<Deviation> compare(const Definition& definition,
                                 const std::vector<SharedTensor>& inputs,
                                 const std::map<std::string, double>& scalars,
                                 const std::vector<SharedTensor>& got);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kdex::cuda
