// Questions about a piece of Python text: is it valid, does it define `run`?
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/source/ast.h"

namespace kdex::source {

/// Nothing where `text` is a valid module.
std::optional<SyntaxError> check_python(std::string_view text);
/// Nothing where `text` is one valid expression.
std::optional<SyntaxError> check_expression(std::string_view text);
/// True where the module has a top-level `def name` (not async, not a lambda).
bool has_top_level_def(std::string_view text, std::string_view name);

}  // namespace kdex::source
