// Implementation of core/dataset/lock.h.
#include "core/dataset/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "core/error.h"

namespace kdex {

DatasetLock::DatasetLock(const std::string& dataset) {
  std::error_code error;
  std::filesystem::create_directories(dataset + "/.kdex", error);
  const std::string file = dataset + "/.kdex/lock";
  fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd_ < 0)
    throw Error(std::string("the dataset cannot be locked: ") + std::strerror(errno), file,
                "check the folder's rights and space");
  while (::flock(fd_, LOCK_EX) != 0)
    if (errno != EINTR) {
      int e = errno;
      ::close(fd_);
      throw Error(std::string("the dataset cannot be locked: ") + std::strerror(e), file);
    }
}

DatasetLock::~DatasetLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace kdex
