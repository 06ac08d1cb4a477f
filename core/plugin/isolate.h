// Calls into code of third parties in a child process: a crash, an exception, an exit or a loop
// there ends in one error and harms nothing else. Knows processes and pipes, no family; why it is
// done in this way: docs/decisions/0015-third-party-calls-in-a-child.md.
#pragma once

#include <atomic>
#include <functional>
#include <string>

namespace kdex {

/// Seconds that one call may take (60), and how to set them (KDEX_FAMILY_SECONDS, tests).
double call_seconds();
void set_call_seconds(double seconds);

/// What bounds one call.
struct CallLimits {
  double seconds = 0;                            ///< 0: call_seconds()
  const std::atomic<bool>* cancelled = nullptr;  ///< ends the call once it is set
};

/// Runs `work` in a child process and gives back the bytes that it returned. Callable from any
/// thread. Throws kdex::Error where it throws (its text), crashes ("crashed (Segmentation fault)"),
/// ends its process, asks for more than 4 GiB of memory, gives no answer in time, or is cancelled
/// ("interrupted").
std::string run_isolated(const std::function<std::string()>& work, const CallLimits& limits = {});

}  // namespace kdex
