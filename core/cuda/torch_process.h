// A python3 process with torch that takes calls on a definition's tensors, a line of JSON each.
// Where torch sees the GPU the tensors stay there and both processes open the same memory; else
// they pass through files. Knows no reference and no peer: `work` is given.
#pragma once

#include <sys/types.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <kdex/definition.h>

#include "core/cuda/tensors.h"

namespace kdex::cuda {

/// A tensor of a call: `handle` is what Driver::share gave; where it is empty, `host` holds the
/// bytes.
struct SharedTensor {
  std::string name, dtype;
  std::vector<std::int64_t> shape;
  std::string handle;
  const HostTensor* host = nullptr;
};

class TorchProcess {
 public:
  /// Starts python3, with a folder of its own below `folder`. `work`: Python text that defines
  /// work(call, opened), the answer to a call as a dict; `tensor(x, opened)` opens one of its
  /// tensors. Throws kdex::Error where python3 is not there or has no torch.
  TorchProcess(const std::string& folder, const std::string& work);
  ~TorchProcess();
  TorchProcess(const TorchProcess&) = delete;
  TorchProcess& operator=(const TorchProcess&) = delete;

  /// Whether torch runs on the GPU, so that handles can be given.
  bool on_gpu() const { return gpu_; }
  /// What `work` answers; "error" where it raised. Throws kdex::Error where the process ended.
  nlohmann::json ask(const nlohmann::json& call);
  /// A definition's inputs, in its order, as `work` takes them.
  nlohmann::json inputs(const Definition& definition, const std::vector<SharedTensor>& tensors,
                        const std::map<std::string, double>& scalars);
  nlohmann::json outputs(const std::vector<SharedTensor>& tensors);

 private:
  nlohmann::json read();
  void write(const std::string& text);
  void stop();
  nlohmann::json given(const SharedTensor& tensor, const std::string& file);

  pid_t child_ = -1;
  int to_ = -1, from_ = -1;
  bool gpu_ = false;
  std::string buffer_, folder_;
};

}  // namespace kdex::cuda
