// Questions about a piece of Python text: is it valid, does it define `run`?
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/source/ast.h"

namespace kdex::source {

/// Nothing where `text` is a valid module.
std::optional<SyntaxError> check_python(std::string_view text);
/// Nothing where `text` is one valid expression.
std::optional<SyntaxError> check_expression(std::string_view text);
/// The parameters of the module's top-level `def name` (not async, not a lambda) in order, the last
/// ones "*args" and "**kwargs" with their stars; nothing where there is no such function.
std::optional<std::vector<std::string>> parameters_of_def(std::string_view text,
                                                          std::string_view name);

}  // namespace kdex::source
