// int: construction and methods of its own.
#include <algorithm>
#include <cctype>
#include <cstring>

#include "core/python/types/numbers.h"
#include "core/python/types/types.h"

namespace kdex::py {

V boxed(Interp& in, Type* cls, Type* plain, V v) {
  if (cls == plain) return v;
  Boxed* b = in.make<Boxed>(Kind::boxed, cls);
  b->value = v;
  return V(b);
}

namespace {

V parse_int(Interp& in, V original, std::string_view text, std::int64_t base) {
  auto fail = [&]() {
    in.raise(in.t.ValueError, "invalid literal for int() with base " + std::to_string(base) + ": " +
                                  in.repr_of(original));
  };
  std::size_t a = 0, z = text.size();
  while (a < z && std::isspace(static_cast<unsigned char>(text[a]))) ++a;
  while (z > a && std::isspace(static_cast<unsigned char>(text[z - 1]))) --z;
  std::string_view s = text.substr(a, z - a);
  bool negative = false;
  if (!s.empty() && (s[0] == '+' || s[0] == '-')) {
    negative = s[0] == '-';
    s.remove_prefix(1);
  }
  const std::int64_t wanted = base;
  if (s.size() > 1 && s[0] == '0') {
    const char p = static_cast<char>(s[1] | 32);
    const int b = p == 'x' ? 16 : p == 'o' ? 8 : p == 'b' ? 2 : 0;
    if (b && (base == 0 || base == b)) {
      base = b;
      s.remove_prefix(2);
      if (!s.empty() && s[0] == '_') s.remove_prefix(1);
    }
  }
  if (base == 0) base = 10;
  if (s.empty()) {
    base = wanted;
    fail();
  }
  const unsigned shift =
      base & (base - 1) ? 0
                        : static_cast<unsigned>(__builtin_ctzll(static_cast<std::uint64_t>(base)));
  if (!shift)
    guard_digits(in, in.t.ValueError,
                 s.size() - static_cast<std::size_t>(std::count(s.begin(), s.end(), '_')));
  Big r = 0;
  std::vector<std::uint8_t> digits;
  bool last_digit = false;
  for (char c : s) {
    if (c == '_') {
      if (!last_digit) {
        base = wanted;
        fail();
      }
      last_digit = false;
      continue;
    }
    const int d = c >= '0' && c <= '9'                          ? c - '0'
                  : std::isalpha(static_cast<unsigned char>(c)) ? (c | 32) - 'a' + 10
                                                                : 99;
    if (d >= base) {
      base = wanted;
      fail();
    }
    if (shift)
      digits.push_back(static_cast<std::uint8_t>(d));
    else
      r = r * base + d;
    last_digit = true;
  }
  if (!last_digit) {
    base = wanted;
    fail();
  }
  if (shift) r = from_digits(digits, shift);
  return from_big(in, negative ? Big(-r) : r);
}

}  // namespace

V to_int(Interp& in, V v, const char* what) {
  V u = in.unbox(v);
  if (u.is_bool()) return V::integer(u.i, v.org);
  if (is_integer(u)) return u;
  if (u.is_real()) {
    V r = int_from_double(in, u.f);
    if (u.org && r.is_int()) r.org = in.origin_op("int", u, V(), r);
    return r;
  }
  for (const char* d : {"__int__", "__index__", "__trunc__"}) {
    const V f = in.special(v, in.intern(d));
    if (f.is_undef()) continue;
    const V r = in.call(f);
    if (r.is(Kind::unknown)) return r;
    if (is_integer(in.unbox(r))) return in.unbox(r);
    if (d[2] == 't') return to_int(in, r, what);
    in.raise(in.t.TypeError, std::string(d) + " returned non-int (type " + in.type_name(r) + ")");
  }
  in.raise(in.t.TypeError,
           "int() argument must be a string, a bytes-like object or a real number, not '" +
               in.type_name(v) + "'");
}

namespace {

V int_new(Interp& in, const Args& a) {
  Type* cls = a[0].as<Type>();
  const V x = a.npos > 1 ? a[1] : V();
  if (in.journal_from && is_choice(x) && a.npos == 2 && cls == in.t.integer) return x;
  const V base = Interp::arg(a, 2, "base");
  if (a.npos > 3)
    in.raise(in.t.TypeError,
             "int() takes at most 2 arguments (" + std::to_string(a.npos - 1) + " given)");
  if (!base.is_undef())
    if (const std::int64_t b = in.index(base); b && (b < 2 || b > 36))
      in.raise(in.t.ValueError, "int() base must be >= 2 and <= 36, or 0");
  V r;
  if (x.is_undef())
    r = V::integer(0);
  else if (x.is(Kind::unknown))
    return in.unknown("int(" + std::string(x.as<Unknown>()->why->view()) + ")");
  else if (x.is(Kind::str))
    r = parse_int(in, x, x.as<Str>()->view(), base.is_undef() ? 10 : in.index(base));
  else if (x.is(Kind::bytes))
    r = parse_int(in, x, x.as<Bytes>()->view(), base.is_undef() ? 10 : in.index(base));
  else if (!base.is_undef())
    in.raise(in.t.TypeError, "int() can't convert non-string with explicit base");
  else
    r = to_int(in, x, "int()");
  if (r.is_int() && x.org && !r.org) r.org = in.origin_op("int", x, V(), r);
  return boxed(in, cls, in.t.integer, r);
}

const AttributeDef kInt[] = {
    attribute("numerator", [](Interp& i, const Args& a) { return i.unbox(a[0]); }),
    attribute("denominator", [](Interp&, const Args&) { return V::integer(1); }),
    method(
        "__index__",
        [](Interp& i, const Args& a) {
          const V u = i.unbox(a[0]);
          return u.is_bool() ? V::integer(u.i) : u;
        },
        1, 1),
    method(
        "__invert__",
        [](Interp& i, const Args& a) {
          V out;
          num_unary(i, '~', a[0], out);
          return out;
        },
        1, 1),
    method(
        "bit_length",
        [](Interp& i, const Args& a) {
          return V::integer(static_cast<std::int64_t>(bits_of(big_of(i.unbox(a[0])))));
        },
        1, 1),
    method(
        "bit_count",
        [](Interp& i, const Args& a) {
          Big x = abs(big_of(i.unbox(a[0])));
          std::int64_t c = 0;
          for (; x != 0; x >>= 32)
            c += __builtin_popcount(static_cast<std::uint32_t>(x & 0xffffffffu));
          return V::integer(c);
        },
        1, 1),
    method(
        "to_bytes",
        [](Interp& i, const Args& a) {
          const std::int64_t len = i.index(Interp::arg(a, 1, "length", V::integer(1)));
          const V order = Interp::arg(a, 2, "byteorder");
          const bool little = order.is(Kind::str) && order.as<Str>()->view() == "little";
          const V is_signed = Interp::kwarg(a, "signed");
          if (len < 0) i.raise(i.t.ValueError, "length argument must be non-negative");
          i.check_text(static_cast<std::size_t>(len));
          Big x = big_of(i.unbox(a[0]));
          if (x < 0) {
            if (is_signed.is_undef() || !i.truth(is_signed))
              i.raise(i.t.OverflowError, "can't convert negative int to unsigned");
            guard_bits(static_cast<double>(8 * len));
            x += Big(1) << static_cast<unsigned>(8 * len);
          }
          if (static_cast<std::int64_t>(bits_of(x)) > 8 * len)
            i.raise(i.t.OverflowError, "int too big to convert");
          std::vector<std::uint8_t> low;
          boost::multiprecision::export_bits(x, std::back_inserter(low), 8, false);
          std::string s(low.begin(), low.end());
          s.resize(static_cast<std::size_t>(len));
          if (!little) std::reverse(s.begin(), s.end());
          return i.bytes(s);
        },
        1, 3, true),
    class_method(
        "from_bytes",
        [](Interp& i, const Args& a) {
          std::string s;
          if (a[1].is(Kind::bytes))
            s = a[1].as<Bytes>()->view();
          else if (i.is_index(a[1]))
            i.raise(i.t.TypeError, "cannot convert '" + i.type_name(a[1]) + "' object to bytes");
          else
            i.for_each(a[1], [&](V v) {
              s += static_cast<char>(i.index(v));
              return true;
            });
          const V order = Interp::arg(a, 2, "byteorder");
          if (order.is(Kind::str) && order.as<Str>()->view() == "little")
            std::reverse(s.begin(), s.end());
          Big x = from_digits({s.begin(), s.end()}, 8);
          const V sg = Interp::kwarg(a, "signed");
          if (!sg.is_undef() && i.truth(sg) && !s.empty() && (s[0] & 0x80))
            x -= Big(1) << static_cast<unsigned>(8 * s.size());
          return from_big(i, x);
        },
        2, 3, true),
};

}  // namespace

void install_int(Interp& in) {
  in.t.integer->construct = int_new;
  define_number_methods(in, in.t.integer);
  define(in, in.t.integer, kInt);
}

}  // namespace kdex::py
