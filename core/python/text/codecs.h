// Text to bytes and back.
#pragma once

#include <string>

#include "core/python/machine/interp.h"

namespace kdex::py {

/// str.encode; `encoding` and `errors` may be undef. LookupError for an encoding that is not there.
std::string encoded(Interp& in, V text, V encoding, V errors);
/// bytes.decode, as UTF-8.
std::string decoded(Interp& in, V bytes, V encoding, V errors);
/// str() of a UnicodeEncodeError or UnicodeDecodeError.
std::string unicode_error_text(Interp& in, Exc* e);

}  // namespace kdex::py
