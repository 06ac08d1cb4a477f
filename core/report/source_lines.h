// The text of source lines that a report names, as long as the sources of its run are still there.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace kdex {

class SourceLines {
 public:
  /// `run`: "run" of a report, for its sources' folders; null: no line is found.
  explicit SourceLines(const nlohmann::ordered_json& run);

  /// The line at "package/file.py:12" or "package/file.py:12:3" without its indent; "" where it
  /// cannot be read.
  std::string text(const std::string& place);

 private:
  const std::vector<std::string>& lines_of(const std::string& file);

  std::map<std::string, std::string> folders_;             // by package
  std::map<std::string, std::vector<std::string>> files_;  // those that were read
};

}  // namespace kdex
