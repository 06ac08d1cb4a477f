// Text from outside (arguments, files, the engine) made fit for one line of output.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kdex {

/// The text as UTF-8 without control characters; past `most` bytes its middle is left out.
std::string printable(std::string_view text, std::size_t most = 2000);

/// The text with a space for each control character.
std::string one_line(std::string text);

/// The parts with a text between each two.
std::string joined(const std::vector<std::string>& parts, std::string_view between = ", ");

/// "1 module", "3 modules"
template <class Integer>
std::string counted(Integer n, std::string_view one) {
  return std::to_string(n) + " " + std::string(one) + (n == 1 ? "" : "s");
}

/// True where the bytes are UTF-8 (no surrogates, nothing over-long).
bool is_utf8(std::string_view text);

}  // namespace kdex
