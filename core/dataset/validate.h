// Every JSON of a dataset held against FlashInfer-Bench's rules and layout.
#pragma once

#include <string>
#include <vector>

#include "core/dataset/coverage.h"

namespace kdex {

struct Validation {
  int definitions = 0, solutions = 0, workloads = 0,
      traces = 0;                   // files, lines of JSONL for the last two
  std::vector<std::string> errors;  // "file: field what"
  std::vector<Warning> warnings;    // of definitions in the order of their names
};

/// `folder`: a dataset, or its definitions/. Throws kdex::Error where it is no dataset (has none of
/// the four folders).
Validation validate_dataset(const std::string& folder);
/// The file of one definition, wherever it lies: no solutions, workloads or traces are asked for.
Validation validate_definition(const std::string& file);

}  // namespace kdex
