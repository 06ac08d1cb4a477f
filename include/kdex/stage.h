// A stage of a pipeline: one step of a run, named in the `stages` of a pipeline file.
#pragma once

#include <string>
#include <vector>

#include <kdex/option.h>

namespace kdex {

/// What a stage says of itself.
struct StageInfo {
  std::string name;     ///< as a pipeline file names it: letters, digits, '_' and '-'
  std::string summary;  ///< one line
  /// What must be there before it runs. "definitions/": a folder of the dataset, which an earlier
  /// stage writes or which is there already. "models": what an earlier stage of the same run holds
  /// in memory.
  std::vector<std::string> needs = {};
  std::vector<std::string> writes = {};  ///< the same words
  std::vector<Option> options = {};
};

}  // namespace kdex
