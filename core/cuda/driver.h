// The CUDA driver, loaded at run time: one device, its memory, modules, launches of a plan, timing.
// Must not know kernels or families.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <kdex/kernel_plan.h>

#include "core/cuda/expression.h"

namespace kdex::cuda {

using DevicePointer = std::uint64_t;

struct DeviceFacts {
  std::string name;    ///< "NVIDIA H200"
  std::string arch;    ///< "sm_90a"
  std::string driver;  ///< "13.0"
  int sm_count = 0;
  std::uint64_t memory = 0, l2_bytes = 0;
};

/// Whether libcuda.so.1 can be loaded and a device is there; else why not, in one line.
std::string why_no_device();

/// A context on device 0. Not to be used after a fork.
class Driver {
 public:
  /// Throws kdex::Error where there is no driver or no device.
  Driver();
  ~Driver();
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  const DeviceFacts& facts() const;
  /// Throws kdex::Error: "the GPU is out of memory". `shared`: for `share`.
  DevicePointer allocate(std::uint64_t bytes, bool shared = false);
  std::size_t allocations() const;  ///< how many are alive
  void free_to(std::size_t count);  ///< frees the newest until `count` are left
  void free_all() { free_to(0); }
  void to_device(DevicePointer to, const void* from, std::uint64_t bytes);
  void from_device(void* to, DevicePointer from, std::uint64_t bytes);
  void copy(DevicePointer to, DevicePointer from, std::uint64_t bytes);
  void fill(DevicePointer to, std::uint8_t byte, std::uint64_t bytes);
  void synchronize();
  /// What another process opens shared memory by (64 bytes); empty where the driver shares none.
  std::string share(DevicePointer pointer);

  /// Loads the plan's cubins, in the order of its units.
  struct Loaded;
  std::shared_ptr<Loaded> load(const KernelPlan& plan, const std::vector<std::string>& cubins);

  /// What a plan's launches are given: tensors and buffers by name, scalars by name (`real`: passed
  /// as float).
  struct Arguments {
    std::map<std::string, DevicePointer> tensors;
    std::map<std::string, double> scalars;
    std::map<std::string, bool> real;
    Names names;  ///< axes, `sms` and the plan's values
  };
  /// Allocates the plan's buffers into `arguments.tensors` and works out its values.
  void prepare(const KernelPlan& plan, Arguments& arguments);
  /// Puts the plan's launches on the stream. Throws kdex::Error with the entry and the driver's
  /// words.
  void launch(const KernelPlan& plan, const Loaded& loaded, const Arguments& arguments);

  /// Seconds of one call: the median of `replays` replays of a graph of at most `calls` calls
  /// (fewer where that takes over 10 ms, `sets` at least) that rotate over `sets`.
  double time(const KernelPlan& plan, const Loaded& loaded, const std::vector<Arguments>& sets,
              int calls, int replays);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kdex::cuda
