// The lock of a dataset folder: one writer at a time, freed by the system when its process ends.
#pragma once

#include <string>

namespace kdex {

class DatasetLock {
 public:
  /// Waits for the lock. Throws kdex::Error where <dataset>/.kdex/lock cannot be made.
  explicit DatasetLock(const std::string& dataset);
  ~DatasetLock();
  DatasetLock(const DatasetLock&) = delete;
  DatasetLock& operator=(const DatasetLock&) = delete;

 private:
  int fd_ = -1;
};

}  // namespace kdex
