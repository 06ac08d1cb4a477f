// The lock of a dataset folder: one writer at a time, freed by the system when its process ends.
#pragma once

#include <string>

namespace kdex {

class DatasetLock {
 public:
  /// Waits for the lock. Throws kdex::Error where <dataset>/.kdex/lock cannot be made, or another
  /// process holds it for longer than `seconds`.
  explicit DatasetLock(const std::string& dataset, double seconds = 50);
  ~DatasetLock();
  DatasetLock(const DatasetLock&) = delete;
  const std::string& dataset() const { return dataset_; }
  DatasetLock& operator=(const DatasetLock&) = delete;

 private:
  std::string dataset_;
  int fd_ = -1;
};

}  // namespace kdex
