// Work that is done once, however many threads ask for it.
#pragma once

#include <atomic>
#include <mutex>

namespace kdex {

/// What std::call_once does, but for exceptions where memory is short: those of std::call_once pass
/// through a frame of the C library, which asks for memory to unwind it and ends the process where
/// there is none.
class Once {
 public:
  /// Calls `work`, unless a call of it has returned. Others wait meanwhile. What `work` throws goes
  /// to the caller, and the next one calls it again.
  template <class Work>
  void run(const Work& work) {
    if (done_.load(std::memory_order_acquire)) return;
    const std::lock_guard<std::mutex> lock(working_);
    if (done_.load(std::memory_order_relaxed)) return;
    work();
    done_.store(true, std::memory_order_release);
  }

 private:
  std::mutex working_;
  std::atomic<bool> done_ = false;
};

}  // namespace kdex
