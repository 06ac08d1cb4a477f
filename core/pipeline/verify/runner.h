// Runs one definition's kernel on its workloads inside a worker: places the inputs, launches,
// compares the outputs with the formula or the Python reference, times the call. Knows nothing of
// processes.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include <kdex/definition.h>
#include <kdex/error.h>
#include <kdex/kernel_plan.h>

#include "core/cuda/driver.h"
#include "core/cuda/reference.h"
#include "core/cuda/torch_peers.h"
#include "core/cuda/torch_reference.h"
#include "core/cuda/workloads.h"
#include "core/pipeline/kernels.h"
#include "core/pipeline/verify/protocol.h"
#include "core/pipeline/verify/random_pool.h"
#include "core/plugin/known_form.h"

namespace kdex::verify {

/// The reference, and not the kernel, failed.
struct NotVerified : Error {
  using Error::Error;
};

/// Frees what was allocated since.
struct FreeTo {
  cuda::Driver& driver;
  std::size_t count;
  ~FreeTo() { driver.free_to(count); }
};

/// What a worker keeps from one definition to the next.
struct Session {
  explicit Session(WorkerSpec spec_)
      : spec(std::move(spec_)),
        families(load_all_plugins(spec.plugins_path)),
        random(driver, spec.seed) {}

  WorkerSpec spec;
  LoadedPlugins families;
  cuda::Driver driver;
  RandomPool random;

  /// The python3 process that runs references; started on first use. Throws NotVerified where it
  /// cannot be started.
  cuda::TorchReference& reference();
  /// The python3 process that times peers; started on first use. Throws NotVerified likewise.
  cuda::TorchPeers& peers();
  /// Where the GPU lock lies; empty where there is one worker and so nothing to lock.
  std::string locks() const { return spec.workers > 1 ? spec.folder : ""; }

 private:
  template <class T>
  struct Process {
    std::unique_ptr<T> it;
    std::string why_not;  ///< it could not be started
  };
  template <class T>
  T& started(Process<T>& process);

  Process<cuda::TorchReference> references_;
  Process<cuda::TorchPeers> peers_;
};

/// An input on the device; its bytes come to the host where something there wants them.
struct Input {
  std::string name;
  cuda::HostTensor host;  ///< bytes may be empty
  std::uint64_t bytes = 0;
  cuda::DevicePointer at = 0;

  const cuda::HostTensor& on_host(cuda::Driver& driver);
};

/// One workload's tensors on the device.
struct Call {
  cuda::Driver::Arguments arguments;
  std::vector<Input*> inputs;  ///< of the definition's tensors, in calling order
  std::deque<Input> own;       ///< those that live for this call alone
  std::map<std::string, double> scalars;
  std::vector<cuda::HostTensor> outputs;    ///< bytes are empty until they are fetched
  std::vector<std::uint64_t> output_bytes;  ///< of each output
  std::uint64_t bytes = 0;                  ///< of all inputs and outputs
};

/// One output's deviation from what it should be.
struct Compared {
  std::string output;
  cuda::Deviation deviation;
};

/// One definition in a worker: what does not change with the workload stays on the device.
class Runner {
 public:
  Runner(Session& session, const Definition& definition, const KnownForm& form,
         const KernelPlan& plan, const std::vector<std::string>& cubins);
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  /// The row of one workload: status, log, error, max_absolute, max_relative, bytes (that a call
  /// reads and writes) and, with `bench` and where it passed, seconds. Throws NotVerified where the
  /// reference failed, another kdex::Error where the kernel or the driver did.
  nlohmann::json run(const cuda::Workload& workload, std::uint64_t seed);

 private:
  void keep_constant(std::size_t input, const cuda::Workload& workload);
  void place_inputs(Call& call, const cuda::Workload& workload, std::uint64_t seed);
  void place_outputs(Call& call, const cuda::Workload& workload);
  Input place(const TensorSpec& tensor, const cuda::WorkloadInput& input,
              const cuda::Workload& workload, std::uint64_t seed);
  void fetch_output(Call& call, std::size_t output);
  std::pair<std::vector<cuda::SharedTensor>, std::vector<cuda::SharedTensor>> shared_tensors(
      Call& call, bool on_gpu);
  std::vector<Compared> compare_with_python(Call& call);
  std::vector<Compared> compare_with_formula(Call& call, std::uint64_t seed);
  void fetch_all(Call& call);
  double unread(Call& call);
  void time_beside(Call& call, const cuda::Workload& workload, nlohmann::json& row);
  bool shares_memory() const;
  nlohmann::json judge(const std::vector<Compared>& found, std::uint64_t bytes) const;

  Session& session_;
  const Definition& d_;
  const KnownForm& form_;
  const KernelPlan& plan_;
  std::size_t mark_;  ///< allocations of the session that outlive this definition
  std::shared_ptr<cuda::Driver::Loaded> loaded_;
  bool python_ = false;
  std::map<std::string, Input> constants_;
};

}  // namespace kdex::verify
