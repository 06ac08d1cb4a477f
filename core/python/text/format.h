// A format specification, and what formats by one: format() and % share it.
#pragma once

#include <string>
#include <string_view>

#include "core/python/machine/interp.h"

namespace kdex::py {

struct Spec {
  std::string fill = " ";
  char align = 0, sign = '-', type = 0;
  bool alt = false, zero = false, no_negative_zero = false;
  char group = 0;
  std::int64_t width = 0, precision = -1;
};

/// Bytes of the character that `s` begins with.
inline std::size_t char_size(std::string_view s) {
  const auto c = static_cast<unsigned char>(s[0]);
  return c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

/// `sign` and `body` filled up to the width; `def`: the alignment where none is asked for.
std::string pad(Interp& in, const Spec& p, const std::string& sign, const std::string& body,
                char def);
std::string to_base(Interp& in, V integer, int base);
std::string format_int(Interp& in, V v, const Spec& p);
std::string format_real(Interp& in, double d, const Spec& p);

V str_percent(Interp& in, V format, V args);  // percent.cpp
V str_format_method(Interp& in, const Args& a);
V str_format_map(Interp& in, const Args& a);

}  // namespace kdex::py
