// float: construction and methods of its own.
#include <cmath>
#include <cstdlib>

#include "core/python/types/numbers.h"
#include "core/python/types/types.h"

namespace kdex::py {
namespace {

V float_new(Interp& in, const Args& a) {
  Type* cls = a[0].as<Type>();
  V r = V::real(0);
  if (a.npos > 1) {
    const V x = a[1];
    if (x.is(Kind::unknown))
      return in.unknown("float(" + std::string(x.as<Unknown>()->why->view()) + ")");
    double d;
    if (x.is(Kind::str)) {
      std::string s;
      for (char c : x.as<Str>()->view())
        if (c != '_') s += c;
      const auto b = s.find_first_not_of(" \t\n\r\f\v");
      const auto e = s.find_last_not_of(" \t\n\r\f\v");
      s = b == std::string::npos ? "" : s.substr(b, e - b + 1);
      char* end = nullptr;
      d = std::strtod(s.c_str(), &end);
      if (s.empty() || *end || s.find_first_of("xXpP") != std::string::npos)
        in.raise(in.t.ValueError, "could not convert string to float: " + in.repr_of(x));
      r = V::real(d);
    } else if (in.unbox(x).is(Kind::bigint)) {
      r = V::real(big_to_double(in, in.unbox(x)));
    } else if (in.as_double(x, d)) {
      r = V::real(d, in.unbox(x).org);
    } else {
      V f = in.special(x, in.intern("__float__"));
      if (f.is_undef()) f = in.special(x, in.intern("__index__"));
      if (f.is_undef())
        in.raise(in.t.TypeError, "float() argument must be a string or a real number, not '" +
                                     in.type_name(x) + "'");
      const V y = in.call(f);
      if (!in.as_double(y, d))
        return y.is(Kind::unknown)
                   ? y
                   : (in.raise(in.t.TypeError, in.type_name(x) +
                                                   ".__float__ returned non-float (type " +
                                                   in.type_name(y) + ")"),
                      y);
      r = V::real(d);
    }
  }
  return boxed(in, cls, in.t.real, r);
}

const AttributeDef kFloat[] = {
    class_method(
        "fromhex",
        [](Interp& i, const Args& a) {
          const std::string s(i.text(a[1], "fromhex() argument"));
          const bool bare = s.find_first_of("xXnN") ==
                            std::string::npos;  // digits without 0x; inf and nan are spelled
          const std::string whole = bare ? "0x" + s : s;
          char* end = nullptr;
          const double d = std::strtod(whole.c_str(), &end);
          if (s.empty() || (end && *end))
            i.raise(i.t.ValueError, "invalid hexadecimal floating-point string");
          return V::real(d);
        },
        2, 2),
    method(
        "hex",
        [](Interp& i, const Args& a) {
          char b[64];
          std::snprintf(b, sizeof b, "%a", i.unbox(a[0]).f);
          return i.str(b);
        },
        1, 1),
};

}  // namespace

void install_float(Interp& in) {
  in.t.real->construct = float_new;
  define_number_methods(in, in.t.real);
  define(in, in.t.real, kFloat);
}

}  // namespace kdex::py
