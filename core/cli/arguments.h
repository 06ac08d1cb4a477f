// The command line of one command, read by the options that it declares: the same declarations that
// pipeline files and the documentation are made from.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <kdex/option.h>

#include "core/cli/command.h"

namespace kdex::cli {

/// What was given.
class Arguments {
 public:
  std::vector<std::string> rest;  ///< arguments that belong to no option

  bool has(const std::string& key) const { return parts_.contains(key); }
  /// Whether a boolean was given, and not as false.
  bool is_on(const std::string& key) const { return has(key) && values.boolean(key); }
  /// The parts that were given for a key; none where it was not.
  std::vector<std::string> parts(const std::string& key) const {
    const auto it = parts_.find(key);
    return it == parts_.end() ? std::vector<std::string>{} : it->second;
  }
  /// The keys that were given.
  const std::map<std::string, std::vector<std::string>>& given() const { return parts_; }
  /// What was given, else the defaults.
  OptionValues values;

 private:
  friend std::optional<Arguments> read_arguments(const Command&, const std::vector<std::string>&,
                                                 const std::vector<Option>&, std::size_t);
  std::map<std::string, std::vector<std::string>> parts_;
};

/// Reads `arguments`. An option is "--FLAG VALUE", "--FLAG=VALUE" or "-F VALUE". A list takes what
/// follows up to the next option, and commas part its values (see parts_of); where fewer than
/// `positional` arguments are left over, the last that lists took are given back. A boolean takes a
/// value only if one follows. Nothing where --help was given: the help is printed then. Throws
/// kdex::Error in the flag's name for a value that is not of the option's type, for an unknown
/// option with the closest one.
std::optional<Arguments> read_arguments(const Command& command,
                                        const std::vector<std::string>& arguments,
                                        const std::vector<Option>& options,
                                        std::size_t positional = 0);

/// The options as `--help` prints them, a line or more each.
std::string options_help(const std::vector<Option>& options);

}  // namespace kdex::cli
