// Values held against the options that declare them. Knows no option by name and no parser.
#pragma once

#include <string>
#include <vector>

#include <kdex/option.h>

namespace kdex {

/// What a value of the option must be, for a message: "an integer from 1 to 4096"; of a list, what
/// each part must be.
std::string expected_value(const Option& option);
/// Whether a value, or one part of a list, is of the option's type.
bool is_value(const Option& option, const std::string& part);

/// Throws kdex::Error("must be …, not …", place) where a part is not a value of the option, or
/// where there is none.
void check_value(const Option& option, const std::vector<std::string>& parts,
                 const std::string& place);

/// True for a boolean's "true", "yes", "on", "y" and "1", in any case.
bool is_true(const std::string& text);

bool is_list(const Option& option);

/// The parts that are written as one text: of a list, what stands between commas. Paths are not
/// parted. "A=1,B=2" is two parts, "A=1,2" is one.
std::vector<std::string> parts_of(const Option& option, const std::string& text);

/// "h100, h200 or b200".
std::string alternatives(const std::vector<std::string>& choices);

/// A value given for an option of a stage or a family.
struct OptionSetting {
  std::string owner;  ///< "build", "gemm"
  std::string key;
  std::string value;  ///< as written; of a list, parts joined by commas
  std::string place;  ///< where it was given: "p.yaml:3:5", "--family-option gemm.at_tp"
  std::string base;   ///< the folder that relative paths are relative to; "": the working folder
};

/// Sets one of `declared` in `values`. `owner`: "the stage build", for messages. Throws kdex::Error
/// with the closest key for an option that is not declared, and for a value of another type.
void set_option(OptionValues& values, const std::vector<Option>& declared, const std::string& owner,
                const OptionSetting& setting);

}  // namespace kdex
