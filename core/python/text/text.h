// What the files of str and bytes share: code points over UTF-8, and the two told apart.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "core/python/machine/ops.h"

namespace kdex::py {

using U = char32_t;

inline std::u32string decode(std::string_view s) {
  std::u32string out;
  out.reserve(s.size());
  for (std::size_t i = 0; i < s.size();) {
    const auto c = static_cast<unsigned char>(s[i]);
    const int n = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    U v = n == 1 ? c : n == 2 ? c & 0x1F : n == 3 ? c & 0x0F : c & 0x07;
    for (int k = 1; k < n && i + static_cast<std::size_t>(k) < s.size(); ++k)
      v = v << 6 | (static_cast<unsigned char>(s[i + static_cast<std::size_t>(k)]) & 0x3F);
    out += v;
    i += static_cast<std::size_t>(n);
  }
  return out;
}

inline void encode(std::string& out, U c) {
  if (c < 0x80)
    out += static_cast<char>(c);
  else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 63));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 63));
    out += static_cast<char>(0x80 | (c & 63));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 63));
    out += static_cast<char>(0x80 | (c >> 6 & 63));
    out += static_cast<char>(0x80 | (c & 63));
  }
}

inline std::string encode(const std::u32string& s) {
  std::string out;
  for (U c : s) encode(out, c);
  return out;
}

inline bool is_space(U c) {
  return c == ' ' || (c >= 9 && c <= 13) || (c >= 0x1c && c <= 0x1f) || c == 0x85 || c == 0xA0 ||
         c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
         c == 0x205f || c == 0x3000;
}

inline bool is_digit(U c) {
  return (c >= '0' && c <= '9') || (c >= 0x660 && c <= 0x669) || (c >= 0xFF10 && c <= 0xFF19);
}

inline U lower(U c) {
  if (c >= 'A' && c <= 'Z') return c + 32;
  if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3A9) ||
      (c >= 0x410 && c <= 0x42F))
    return c + 32;
  if (c >= 0x400 && c <= 0x40F) return c + 80;
  if (c >= 0x100 && c <= 0x177 && !(c & 1) && c != 0x130) return c + 1;
  return c;
}

inline U upper(U c) {
  if (c >= 'a' && c <= 'z') return c - 32;
  if ((c >= 0xE0 && c <= 0xFE && c != 0xF7) || (c >= 0x3B1 && c <= 0x3C9 && c != 0x3C2) ||
      (c >= 0x430 && c <= 0x44F))
    return c - 32;
  if (c >= 0x450 && c <= 0x45F) return c - 80;
  if (c >= 0x101 && c <= 0x177 && (c & 1) && c != 0x131) return c - 1;
  return c;
}

inline bool is_upper(U c) { return lower(c) != c; }

inline bool is_lower(U c) { return upper(c) != c || c == 0xDF || c == 0xAA || c == 0xBA; }

inline bool is_alpha(U c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == 0xAA || c == 0xB5 || c == 0xBA ||
         (c >= 0xC0 && c != 0xD7 && c != 0xF7 && !is_digit(c) && !(c >= 0x2000 && c <= 0x2BFF) &&
          !(c >= 0x3000 && c <= 0x303F) && !(c >= 0xFE00 && c <= 0xFE2F) && c < 0x1F000 &&
          !is_space(c) && !(c >= 0x300 && c <= 0x36F));
}

inline bool is_alnum(U c) { return is_alpha(c) || is_digit(c); }

inline V make(Interp& in, std::string_view s, bool bytes = false) {
  return bytes ? in.bytes(s) : in.str(s);
}

/// Text of a str or of bytes, told apart.
inline bool text_of(V v, std::string_view& s, bool& bytes) {
  if (v.is(Kind::str)) {
    s = v.as<Str>()->view();
    bytes = false;
    return true;
  }
  if (v.is(Kind::bytes)) {
    s = v.as<Bytes>()->view();
    bytes = true;
    return true;
  }
  return false;
}

inline std::string_view self(const Args& a) {
  std::string_view s;
  bool b;
  text_of(a[0], s, b);
  return s;
}

inline bool self_bytes(const Args& a) { return a[0].is(Kind::bytes); }

inline std::string_view want(Interp& in, const Args& a, std::uint32_t i) {
  if (self_bytes(a)) {
    if (!a[i].is(Kind::bytes))
      in.raise(in.t.TypeError, "a bytes-like object is required, not '" + in.type_name(a[i]) + "'");
    return a[i].as<Bytes>()->view();
  }
  if (!a[i].is(Kind::str)) {
    static const std::string_view bare[] = {"find",  "rfind",     "index",      "rindex",
                                            "count", "partition", "rpartition", "__contains__"};
    const std::string name = in.current_builtin ? in.current_builtin->name : "argument";
    std::string who =
        std::find(std::begin(bare), std::end(bare), name) != std::end(bare)
            ? ""
            : name + "() argument" + (name == "replace" ? " " + std::to_string(i) : "") + " ";
    in.raise(in.t.TypeError, who + "must be str, not " + in.type_name(a[i]));
  }
  return a[i].as<Str>()->view();
}

/// Byte offset of code point i.
inline std::size_t offset(std::string_view s, std::size_t i) {
  std::size_t b = 0;
  while (i && b < s.size()) {
    ++b;
    while (b < s.size() && (static_cast<unsigned char>(s[b]) & 0xC0) == 0x80) ++b;
    --i;
  }
  return b;
}

inline bool one_byte(V v) { return v.is(Kind::bytes) || v.as<Str>()->ascii(); }

inline std::int64_t chars(V v) {
  return v.is(Kind::bytes) ? v.as<Bytes>()->len : v.as<Str>()->nchars;
}

/// Where `needle` stands in `s` from `at` on; in linear time, whatever they are.
inline std::size_t position(std::string_view s, std::string_view needle, std::size_t at = 0) {
  if (at > s.size()) return std::string_view::npos;
  if (needle.empty()) return at;
  const void* found = ::memmem(s.data() + at, s.size() - at, needle.data(), needle.size());
  return found ? static_cast<std::size_t>(static_cast<const char*>(found) - s.data())
               : std::string_view::npos;
}

std::string bytes_repr(const Bytes* b);

void define_text_methods(Interp& in, Type* type);  // what str, bytes and bytearray have in common
void install_str(Interp& in);
void install_bytes(Interp& in);
void install_bytearray(Interp& in);

}  // namespace kdex::py
