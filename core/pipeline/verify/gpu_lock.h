// A lock between processes: many share the GPU, or one has it alone while it measures a time.
#pragma once

#include <string>

namespace kdex::verify {

/// Holds the GPU from construction to destruction. A writer (`exclusive`) holds the turnstile lock
/// while it waits, so new readers queue behind it. Nothing is locked where `folder` is empty.
class GpuLock {
 public:
  GpuLock(const std::string& folder, bool exclusive);
  ~GpuLock();
  GpuLock(const GpuLock&) = delete;
  GpuLock& operator=(const GpuLock&) = delete;

 private:
  int gpu_ = -1;
};

}  // namespace kdex::verify
