// JSON text to Python values, with Python's json semantics.
#pragma once

#include <string_view>

#include "core/python/machine/ops.h"

namespace kdex::py {

/// Raises ValueError where the text is not JSON. Where `file` is given, every scalar gets the
/// origin of a field of that configuration file, by its dotted path.
V json_loads(Interp& in, std::string_view text, std::string_view file = {});

}  // namespace kdex::py
