// What kdex has done to a dataset over all of its runs: which definitions it wrote, and which
// models have each. Kept in <dataset>/.kdex/history.json, so that runs of one model each know what
// one run of all would. A run says before it writes what it will write: a definition that a killed
// run left is kdex's. Knows neither models nor reports.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/dataset/lock.h"

namespace kdex {

struct History {
  struct Entry {
    std::string written_by;           ///< the run that wrote it; "" where it was there before
    std::vector<std::string> models;  ///< "checkpoint tp8 ep1", sorted
  };
  std::string dialect;                       ///< of the names; "": none was written
  std::map<std::string, Entry> definitions;  ///< by name in the dataset
  std::vector<std::string> runs;             ///< in the order that they ended

  /// A definition that was found in a model, and which run wrote it where one just did.
  void add(const std::string& definition, const std::string& model, const std::string& written_by);
};

/// Names that kdex wrote.
std::set<std::string> written_names(const History& history);

/// The history; empty where there is none, and where the file cannot be read: `problem` says why.
History read_history(const std::string& dataset, std::string* problem = nullptr);

/// Throws kdex::Error where the file cannot be written.
void write_history(const DatasetLock& lock, const History& history);

}  // namespace kdex
