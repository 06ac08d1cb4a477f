// Several datasets as one: what one run of all their models would have written. Knows Definitions
// and files of datasets only.
#pragma once

#include <string>
#include <vector>

#include "core/dataset/dataset.h"

namespace kdex {

struct MergeResult {
  std::vector<Saved> saved;  ///< by op type and name
  std::size_t copied = 0;    ///< other files: workloads, solutions, traces, kept reports
  std::vector<std::string>
      errors;  ///< files that two of them have with other contents; one line each
};

/// Writes the definitions of `from` into `out`, which may be a dataset already, with the models and
/// runs of their histories and the origins of their axes. Which of two definitions of one name is a
/// version of the other does not depend on the order of `from`. Throws kdex::Error where one is no
/// dataset, is `out` itself, or has names of another dialect.
MergeResult merge_datasets(const std::vector<std::string>& from, const std::string& out);

}  // namespace kdex
