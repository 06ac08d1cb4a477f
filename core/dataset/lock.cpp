// Implementation of core/dataset/lock.h.
#include "core/dataset/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>

#include <kdex/error.h>

namespace kdex {

DatasetLock::DatasetLock(const std::string& dataset, double seconds) : dataset_(dataset) {
  std::error_code error;
  std::filesystem::create_directories(dataset + "/.kdex", error);
  const std::string file = dataset + "/.kdex/lock";
  fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
  if (fd_ < 0)
    throw Error(std::string("the dataset cannot be locked: ") + std::strerror(errno), file,
                "check the folder's rights and space");
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    const int e = errno;
    const bool late = std::chrono::steady_clock::now() > end;
    if ((e == EINTR || e == EWOULDBLOCK) && !late) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      continue;
    }
    ::close(fd_);
    if (late)
      throw Error("another process has been writing to the dataset for " +
                      std::to_string(static_cast<int>(seconds)) + " s",
                  file, "wait for it or end it, then run again");
    throw Error(std::string("the dataset cannot be locked: ") + std::strerror(e), file,
                "put the dataset on a file system with locks");
  }
}

DatasetLock::~DatasetLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace kdex
