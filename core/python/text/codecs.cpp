// str.encode and bytes.decode: UTF-8, ASCII and Latin-1 with CPython's error handlers and messages.
#include "core/python/text/codecs.h"

#include <cctype>

namespace kdex::py {
namespace {

enum class Codec { utf8, ascii, latin1 };

Codec codec_of(Interp& in, V name) {
  if (name.is_undef()) return Codec::utf8;
  std::string n;
  for (char c : in.text(name, "encoding"))
    n +=
        c == '_' || c == ' ' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (n == "utf-8" || n == "utf8" || n == "u8" || n == "utf-8-sig") return Codec::utf8;
  if (n == "ascii" || n == "us-ascii" || n == "646") return Codec::ascii;
  if (n == "latin-1" || n == "latin1" || n == "iso-8859-1" || n == "iso8859-1" || n == "l1" ||
      n == "8859")
    return Codec::latin1;
  in.raise(in.t.LookupError, "unknown encoding: " + std::string(in.text(name, "encoding")));
}

/// The code point at s[i]; moves i behind it.
std::uint32_t next_point(std::string_view s, std::size_t& i) {
  const auto b = static_cast<unsigned char>(s[i++]);
  if (b < 0x80) return b;
  int more = b >= 0xF0 ? 3 : b >= 0xE0 ? 2 : 1;
  std::uint32_t c = b & (0x3F >> more);
  for (; more && i < s.size(); --more) c = c << 6 | (static_cast<unsigned char>(s[i++]) & 63);
  return c;
}

std::string escape(std::uint32_t c) {
  char buf[16];
  std::snprintf(buf, sizeof buf, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
  return buf;
}

[[noreturn]] void wrong(Interp& in, Type* type, const char* codec, V object, std::int64_t start,
                        std::int64_t end, const char* reason) {
  in.raise(in.call(V(type),
                   {in.str(codec), object, V::integer(start), V::integer(end), in.str(reason)}));
}

[[noreturn]] void no_handler(Interp& in, const std::string& errors) {
  in.raise(in.t.LookupError, "unknown error handler name '" + errors + "'");
}

/// The length of the UTF-8 sequence at s[i], or 0 with the reason and the count of bytes to skip.
int sequence(std::string_view s, std::size_t i, const char*& reason, int& skip) {
  const auto b = static_cast<unsigned char>(s[i]);
  skip = 1;
  if (b < 0x80) return 1;
  const int n = b >= 0xC2 && b <= 0xDF   ? 2
                : (b & 0xF0) == 0xE0     ? 3
                : b >= 0xF0 && b <= 0xF4 ? 4
                                         : 0;
  reason = "invalid start byte";
  if (!n) return 0;
  for (int k = 1; k < n; ++k) {
    if (i + static_cast<std::size_t>(k) >= s.size()) {
      reason = "unexpected end of data";
      skip = k;
      return 0;
    }
    const auto c = static_cast<unsigned char>(s[i + static_cast<std::size_t>(k)]);
    const unsigned low = k == 1 && b == 0xE0 ? 0xA0 : k == 1 && b == 0xF0 ? 0x90 : 0x80;
    const unsigned high = k == 1 && b == 0xED ? 0x9F : k == 1 && b == 0xF4 ? 0x8F : 0xBF;
    if (c < low || c > high) {
      reason = "invalid continuation byte";
      skip = k;
      return 0;
    }
  }
  return n;
}

void put_utf8(std::string& out, unsigned char latin) {
  if (latin < 0x80) {
    out += static_cast<char>(latin);
  } else {
    out += static_cast<char>(0xC0 | latin >> 6);
    out += static_cast<char>(0x80 | (latin & 63));
  }
}

}  // namespace

std::string encoded(Interp& in, V text, V encoding, V errors_value) {
  const Codec codec = codec_of(in, encoding);
  const std::string errors(errors_value.is_undef() ? std::string_view("strict")
                                                   : in.text(errors_value, "errors"));
  const auto s = text.as<Str>()->view();
  if (text.as<Str>()->ascii()) return std::string(s);
  std::string out;
  std::int64_t at = 0;
  for (std::size_t i = 0; i < s.size(); ++at) {
    const std::size_t begin = i;
    const std::uint32_t c = next_point(s, i);
    const bool surrogate = c >= 0xD800 && c <= 0xDFFF;
    if (codec == Codec::utf8 && !surrogate) {
      out += s.substr(begin, i - begin);
      continue;
    }
    if (codec != Codec::utf8 && c < (codec == Codec::ascii ? 0x80u : 0x100u)) {
      out += static_cast<char>(c);
      continue;
    }
    if (errors == "strict")
      wrong(in, in.t.UnicodeEncodeError,
            codec == Codec::utf8    ? "utf-8"
            : codec == Codec::ascii ? "ascii"
                                    : "latin-1",
            text, at, at + 1,
            codec == Codec::utf8    ? "surrogates not allowed"
            : codec == Codec::ascii ? "ordinal not in range(128)"
                                    : "ordinal not in range(256)");
    if (errors == "ignore") continue;
    if (errors == "replace")
      out += '?';
    else if (errors == "backslashreplace")
      out += escape(c);
    else if (errors == "xmlcharrefreplace")
      out += "&#" + std::to_string(c) + ";";
    else if (errors == "surrogateescape" && c >= 0xDC80 && c <= 0xDCFF)
      out += static_cast<char>(c - 0xDC00);
    else if (errors == "surrogatepass")
      out += s.substr(begin, i - begin);
    else
      no_handler(in, errors);
  }
  return out;
}

std::string decoded(Interp& in, V bytes, V encoding, V errors_value) {
  const Codec codec = codec_of(in, encoding);
  const std::string errors(errors_value.is_undef() ? std::string_view("strict")
                                                   : in.text(errors_value, "errors"));
  const auto s = bytes.as<Bytes>()->view();
  std::string out;
  for (std::size_t i = 0; i < s.size();) {
    const auto b = static_cast<unsigned char>(s[i]);
    const char* reason = "ordinal not in range(128)";
    int skip = 1;
    if (codec == Codec::latin1) {
      put_utf8(out, b);
      ++i;
      continue;
    }
    const int n = codec == Codec::ascii ? b < 0x80 : sequence(s, i, reason, skip);
    if (n) {
      out += s.substr(i, static_cast<std::size_t>(n));
      i += static_cast<std::size_t>(n);
      continue;
    }
    if (errors == "strict")
      wrong(in, in.t.UnicodeDecodeError, codec == Codec::ascii ? "ascii" : "utf-8", bytes,
            static_cast<std::int64_t>(i), static_cast<std::int64_t>(i) + skip, reason);
    if (errors == "replace")
      out += "\xEF\xBF\xBD";
    else if (errors == "backslashreplace")
      for (int k = 0; k < skip; ++k)
        out += escape(static_cast<unsigned char>(s[i + static_cast<std::size_t>(k)]));
    else if (errors != "ignore")
      no_handler(in, errors);
    i += static_cast<std::size_t>(skip);
  }
  return out;
}

std::string unicode_error_text(Interp& in, Exc* e) {
  const Tuple* a = e->args;
  const bool encode = Interp::is_subtype(e->cls, in.t.UnicodeEncodeError);
  std::int64_t start = 0, end = 0;
  if (a->n != 5 || !in.as_int64(a->at[2], start) || !in.as_int64(a->at[3], end))
    return in.repr_of(V(e->args));
  std::string s = "'" + in.str_of(a->at[0]) + "' codec can't " + (encode ? "encode" : "decode");
  if (end == start + 1) {
    const V c = in.getitem(a->at[1], V::integer(start));
    if (encode) {
      std::size_t i = 0;
      s += " character '" + escape(next_point(c.as<Str>()->view(), i)) + "'";
    } else {
      char buf[8];
      std::snprintf(buf, sizeof buf, "0x%02x", static_cast<unsigned>(c.i & 255));
      s += std::string(" byte ") + buf;
    }
    s += " in position " + std::to_string(start);
  } else {
    s += std::string(encode ? " characters" : " bytes") + " in position " + std::to_string(start) +
         "-" + std::to_string(end - 1);
  }
  return s + ": " + in.str_of(a->at[4]);
}

}  // namespace kdex::py
