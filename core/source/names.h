// Unicode names of common characters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kdex::source {

/// The code point that has this name, or 0 where the table has none.
std::uint32_t named_character(std::string_view name);

}  // namespace kdex::source
