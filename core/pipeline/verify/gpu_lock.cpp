// Implementation of core/pipeline/verify/gpu_lock.h: two files locked with flock.
#include "core/pipeline/verify/gpu_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace kdex::verify {
namespace {

int open_lock(const std::string& file) {
  return ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

}  // namespace

GpuLock::GpuLock(const std::string& folder, bool exclusive) {
  if (folder.empty()) return;
  const int turnstile = open_lock(folder + "/turnstile");
  ::flock(turnstile, LOCK_EX);
  gpu_ = open_lock(folder + "/gpu");
  ::flock(gpu_, exclusive ? LOCK_EX : LOCK_SH);
  ::close(turnstile);
}

GpuLock::~GpuLock() {
  if (gpu_ >= 0) ::close(gpu_);
}

}  // namespace kdex::verify
