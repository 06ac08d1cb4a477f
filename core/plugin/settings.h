// What a user sets of the options of families and stages: looked up in what they declare, held
// against the declared types. Knows no option, family or stage by name.
#pragma once

#include <string>
#include <vector>

#include "core/base/options.h"
#include "core/plugin/loader.h"

namespace kdex {

/// "gemm.at_tp=true" as a setting ("gemm.at_tp" alone: true). `owner`: "FAMILY" or "STAGE", for
/// messages. Throws kdex::Error.
OptionSetting parse_setting(const std::string& text, const std::string& place,
                            const std::string& owner = "FAMILY");

/// An option that a family declares under a name of its own at the top level: `flag` or one of
/// `aliases`, written with '-' on the command line and with '_' in a pipeline file. Null: none has.
struct FamilyOption {
  const LoadedFamily* family = nullptr;
  const Option* option = nullptr;
  explicit operator bool() const { return option != nullptr; }
};
FamilyOption option_named(const LoadedPlugins& families, std::string_view name);

/// Gives the families their values. Throws kdex::Error, with the closest names, for a family that
/// is not there, an option that it does not declare, or a value that is not of the option's type.
void apply_settings(LoadedPlugins& families, const std::vector<OptionSetting>& settings);

/// `kdex plugins --options NAME`: a line for each option of a family or stage with type, default
/// and help.
std::string options_table(const std::string& owner, const std::vector<Option>& options);

}  // namespace kdex
