// JSON text to Python values, with Python's json semantics.
#pragma once

#include <string_view>

#include "core/python/machine/ops.h"

namespace kdex::py {

/// Raises ValueError where the text is not JSON. Where `file` is given, every scalar gets an
/// origin: its dotted path in that file, as a fact of this kind.
V json_loads(Interp& in, std::string_view text, std::string_view file = {},
             Origin::Kind kind = Origin::Kind::config_field);

}  // namespace kdex::py
