// bytes, and what bytearray has of it.
#include <cstdio>

#include "core/python/text/codecs.h"
#include "core/python/text/text.h"
#include "core/python/types/types.h"

namespace kdex::py {
namespace {

V bytes_new(Interp& in, const Args& a, bool mutable_);

/// bytes or bytearray of a class.
V bytes_of_class(Interp& in, const Args& a, bool mutable_) {
  V b = bytes_new(in, a, mutable_);
  if (b.is(Kind::bytes)) b.o->cls = a[0].as<Type>();
  return b;
}

V bytes_new(Interp& in, const Args& a, bool mutable_) {
  if (a.npos < 2) return in.bytes("", mutable_);
  const V x = a[1];
  if (x.is(Kind::unknown)) return x;
  if (x.is(Kind::str)) {
    if (a.npos < 3 && !a.nkw) in.raise(in.t.TypeError, "string argument without an encoding");
    return in.bytes(encoded(in, x, Interp::arg(a, 2, "encoding"), Interp::arg(a, 3, "errors")),
                    mutable_);
  }
  if (x.is(Kind::bytes)) return in.bytes(x.as<Bytes>()->view(), mutable_);
  if (in.is_index(x)) {
    const std::int64_t n = in.index(x);
    if (n < 0) in.raise(in.t.ValueError, "negative count");
    in.check_text(static_cast<std::size_t>(n));
    return in.bytes(std::string(static_cast<std::size_t>(n), '\0'), mutable_);
  }
  if (in.special(x, in.intern("__iter__")).is_undef() &&
      in.special(x, in.intern("__getitem__")).is_undef())
    in.raise(in.t.TypeError, "cannot convert '" + in.type_name(x) + "' object to bytes");
  std::string s;
  in.for_each(x, [&](V v) {
    const std::int64_t n = in.index(v);
    if (n < 0 || n > 255) in.raise(in.t.ValueError, "bytes must be in range(0, 256)");
    s += static_cast<char>(n);
    return true;
  });
  return in.bytes(s, mutable_);
}

/// Two digits a byte, with a separator after each `bytes_per_sep`: counted from the right, where it
/// is negative from the left.
std::string hex(Interp& in, const Args& a) {
  const V given = Interp::arg(a, 1, "sep"), every = Interp::arg(a, 2, "bytes_per_sep");
  const std::string sep = given.is_undef()        ? ""
                          : given.is(Kind::bytes) ? std::string(given.as<Bytes>()->view())
                                                  : std::string(in.text(given, "sep"));
  if (!given.is_undef() && sep.size() != 1) in.raise(in.t.ValueError, "sep must be length 1.");
  const std::int64_t group = every.is_undef() ? 1 : in.index(every);
  const auto bytes = self(a);
  const auto size = static_cast<std::int64_t>(bytes.size());
  std::string out;
  for (std::int64_t k = 0; k < size; ++k) {
    const std::int64_t counted = group > 0 ? size - k : k;
    if (k > 0 && group != 0 && counted % group == 0) out += sep;
    char digits[4];
    std::snprintf(digits, sizeof digits, "%02x",
                  static_cast<unsigned char>(bytes[static_cast<std::size_t>(k)]));
    out += digits;
  }
  return out;
}

const AttributeDef kBytes[] = {
    // of bytearray, too
    method(
        "__repr__", [](Interp& i, const Args& a) { return i.str(bytes_repr(a[0].as<Bytes>())); }, 1,
        1),
    method(
        "decode",
        [](Interp& i, const Args& a) {
          return i.str(
              decoded(i, a[0], Interp::arg(a, 1, "encoding"), Interp::arg(a, 2, "errors")));
        },
        1, 3, true),
    method(
        "hex", [](Interp& i, const Args& a) { return i.str(hex(i, a)); }, 1, 3, true),
    class_method(
        "fromhex",
        [](Interp& i, const Args& a) {
          std::string h, o;
          for (char c : i.text(a[1], "fromhex() argument"))
            if (c != ' ') h += c;
          for (std::size_t k = 0; k + 1 < h.size(); k += 2)
            o += static_cast<char>(std::strtol(h.substr(k, 2).c_str(), nullptr, 16));
          return i.bytes(o);
        },
        2, 2),
    method(
        "join",
        [](Interp& i, const Args& a) {
          std::string o;
          std::size_t at = 0;
          i.for_each(a[1], [&](V v) {
            if (!v.is(Kind::bytes))
              i.raise(i.t.TypeError, "sequence item " + std::to_string(at) +
                                         ": expected a bytes-like object, " + i.type_name(v) +
                                         " found");
            if (at++) o += self(a);
            o += v.as<Bytes>()->view();
            return true;
          });
          return i.bytes(o);
        },
        2, 2),
};

const AttributeDef kHash[] = {
    method(
        "__hash__",
        [](Interp& i, const Args& a) {
          return V::integer(static_cast<std::int64_t>(str_hash(i.intern(self(a)))));
        },
        1, 1),
};

}  // namespace

std::string bytes_repr(const Bytes* b) {
  const auto s = b->view();
  const char q =
      s.find('\'') != std::string_view::npos && s.find('"') == std::string_view::npos ? '"' : '\'';
  std::string out = b->is_bytearray ? "bytearray(b" : "b";
  out += q;
  char buf[8];
  for (char c : s) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == q || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else if (c == '\t')
      out += "\\t";
    else if (byte < 32 || byte > 126) {
      std::snprintf(buf, sizeof buf, "\\x%02x", byte);
      out += buf;
    } else
      out += c;
  }
  out += q;
  return b->is_bytearray ? out + ")" : out;
}

void install_bytes(Interp& in) {
  in.t.bytes->construct = [](Interp& i, const Args& a) { return bytes_of_class(i, a, false); };
  in.t.bytearray->construct = [](Interp& i, const Args& a) { return bytes_of_class(i, a, true); };
  in.t.memoryview->construct = [](Interp& i, const Args& a) { return bytes_new(i, a, false); };
  for (Type* t : {in.t.bytes, in.t.bytearray}) {
    define_text_methods(in, t);
    define(in, t, kBytes);
  }
  install_bytearray(in);
  define(in, in.t.bytes, kHash);
}

}  // namespace kdex::py
