// The worker processes of one verification: started, given tasks, ended. Each is a fresh program,
// so that the parent never starts the CUDA driver. Knows nothing of definitions.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/pipeline/verify/protocol.h"

namespace kdex::verify {

using Clock = std::chrono::steady_clock;

/// How long a worker may take to name its device.
inline constexpr int kStartSeconds = 120;

/// A worker as its parent sees it.
struct Worker {
  pid_t pid = -1;
  int to = -1, from = -1;  ///< pipes
  std::string buffer, fatal;
  bool ready = false;    ///< has named its device
  bool refused = false;  ///< could not start beside the others
  std::optional<std::size_t> job;
  bool spoiled = false;        ///< its last line said that it ends
  Clock::time_point deadline;  ///< of its next line
};

class WorkerPool {
 public:
  /// `program`: a kdex that is started as `PROGRAM kernels verify-worker SPEC`.
  WorkerPool(std::string program, WorkerSpec spec, int count);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  std::vector<Worker>& all() { return all_; }

  /// Throws kdex::Error where no process can be started.
  void start(Worker& worker);
  /// Kills it where it runs.
  void stop(Worker& worker);
  /// After the end of its lines: how it ended, in words.
  std::string reap(Worker& worker);
  void send(Worker& worker, const nlohmann::json& task, int seconds);

 private:
  std::string program_;
  WorkerSpec spec_;
  std::vector<Worker> all_;
};

}  // namespace kdex::verify
