// One side of a comparison: what a dataset or a report says of each deployment, and where the axes
// of its definitions come from.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/dataset/dataset.h"
#include "core/report/source_lines.h"

namespace kdex {

class DiffSide {
 public:
  /// Throws kdex::Error where `path` is neither a dataset nor a report.
  explicit DiffSide(const std::string& path);

  struct Model {
    std::string status = "ok";  ///< "refused: ValueError: ..." where it was not built
    /// Why none of its steps could be run, where that was tried: its definitions are then what is
    /// built, and not what is launched.
    std::string no_steps = {};
    std::set<std::string> definitions;
  };
  using Key = std::pair<std::string, std::string>;  ///< checkpoint, deployment

  const std::map<Key, Model>& models() const { return models_; }
  /// The definition of a name; null where the side is a report alone.
  const Definition* definition(const std::string& name) const;
  std::string op_type(const std::string& name) const;
  /// The modules that it was found in first.
  std::string what(const std::string& name) const;

  /// Where an axis comes from: {what is the same in another release, "file.py:12  text"}, the
  /// attribute first, then its leaves. Empty where that is not known.
  std::vector<std::pair<std::string, std::string>> lines(const std::string& definition,
                                                         const std::string& axis);
  /// The axes with a value.
  std::vector<std::string> axes(const std::string& definition) const;
  /// Why a model has no definition of that name in these modules, as its report says.
  std::vector<std::string> reasons(const Key& model, const std::string& name,
                                   const std::string& what) const;

 private:
  void take_report(const std::string& file);
  void read_history();
  const nlohmann::ordered_json& origins(const std::string& definition) const;

  std::string path_;
  bool is_dataset_ = false;
  nlohmann::ordered_json report_;
  DatasetIndex index_;
  std::map<Key, Model> models_;
  std::map<Key, const nlohmann::ordered_json*> reported_;            // of report_
  std::map<std::string, std::pair<std::string, std::string>> told_;  // name: op type, what
  mutable std::map<std::string, nlohmann::ordered_json> origins_;
  std::optional<SourceLines> sources_;
};

}  // namespace kdex
