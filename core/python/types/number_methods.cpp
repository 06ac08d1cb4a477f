// The methods that int and float have in common.
#include <cmath>

#include "core/python/types/numbers.h"
#include "core/python/types/types.h"

namespace kdex::py {
namespace {

/// An int's methods know nothing of floats.
bool foreign(Interp& in, const Args& a) {
  return !in.unbox(a[0]).is_real() && in.unbox(a[1]).is_real();
}

template <Op op, bool reversed>
V dunder(Interp& in, const Args& a) {
  V out;
  if (foreign(in, a)) return in.not_implemented;
  if (op == Op::pow && !reversed && a.npos > 2 && !a[2].is_none())
    return in.call(*in.find(in.builtins, in.intern("pow")), {in.unbox(a[0]), a[1], a[2]});
  const V left = a[reversed ? 1 : 0], right = a[reversed ? 0 : 1];
  if (!num_binary(in, op, left, right, out)) return in.not_implemented;
  add_origin(in, op, left, right, out);
  return out;
}
template <Cmp op>
V rich(Interp& in, const Args& a) {
  bool r;
  if (foreign(in, a) || !num_compare(in, op, a[0], a[1], r)) return in.not_implemented;
  return V::boolean(r);
}

V round_number(Interp& in, V v, V digits) {
  const V u = in.unbox(v);
  if (u.is_real()) {
    if (digits.is_undef() || digits.is_none()) {
      if (!std::isfinite(u.f)) return int_from_double(in, u.f);
      return int_from_double(in, std::nearbyint(u.f));
    }
    const std::int64_t n = in.index(digits);
    if (!std::isfinite(u.f) || n > 323) return u;
    if (n < -308) return V::real(std::copysign(0.0, u.f));
    if (n >= 0) {
      char buf[512];
      std::snprintf(buf, sizeof buf, "%.*f", static_cast<int>(n),
                    u.f);  // exact decimal expansion, ties to even
      return V::real(std::strtod(buf, nullptr));
    }
    const double p = std::pow(10.0, static_cast<double>(-n));
    return V::real(std::nearbyint(u.f / p) * p);
  }
  if (digits.is_undef() || digits.is_none()) return u.is_bool() ? V::integer(u.i) : u;
  const std::int64_t n = in.index(digits);
  if (n >= 0) return u.is_bool() ? V::integer(u.i) : u;
  const Big p = pow(Big(10), static_cast<unsigned>(std::min<std::int64_t>(-n, 100000)));
  const Big x = big_of(u);
  Big q = x / p, r = x % p;
  if (r < 0) {
    r += p;
    q -= 1;
  }
  const Big twice = r * 2;
  if (twice > p || (twice == p && q % 2 != 0)) q += 1;
  return from_big(in, q * p);
}

#define KDEX_BIN(name, op) \
  method("__" name "__", dunder<op, false>, 2, 3), method("__r" name "__", dunder<op, true>, 2, 3)

const AttributeDef kArithmetic[] = {
    KDEX_BIN("add", Op::add),     KDEX_BIN("sub", Op::sub),           KDEX_BIN("mul", Op::mul),
    KDEX_BIN("truediv", Op::div), KDEX_BIN("floordiv", Op::floordiv), KDEX_BIN("mod", Op::mod),
    KDEX_BIN("pow", Op::pow),
};

const AttributeDef kBits[] = {
    // of int alone
    KDEX_BIN("lshift", Op::lshift), KDEX_BIN("rshift", Op::rshift), KDEX_BIN("and", Op::bitand_),
    KDEX_BIN("or", Op::bitor_),     KDEX_BIN("xor", Op::bitxor),
};

#undef KDEX_BIN

const AttributeDef kNumber[] = {
    method("__eq__", rich<Cmp::eq>, 2, 2),
    method("__ne__", rich<Cmp::ne>, 2, 2),
    method("__lt__", rich<Cmp::lt>, 2, 2),
    method("__le__", rich<Cmp::le>, 2, 2),
    method("__gt__", rich<Cmp::gt>, 2, 2),
    method("__ge__", rich<Cmp::ge>, 2, 2),
    method(
        "__hash__",
        [](Interp& i, const Args& a) {
          return V::integer(static_cast<std::int64_t>(num_hash(i, a[0])));
        },
        1, 1),
    method(
        "__bool__", [](Interp& i, const Args& a) { return V::boolean(num_truth(i.unbox(a[0]))); },
        1, 1),
    method(
        "__repr__", [](Interp& i, const Args& a) { return i.str(num_repr(i, a[0])); }, 1, 1),
    method(
        "__format__",
        [](Interp& i, const Args& a) {
          V out;
          if (i.text(a[1], "format spec").empty()) return i.str(i.str_of(a[0]));
          format_native(i, i.unbox(a[0]), i.text(a[1], "format spec"), out);
          return out;
        },
        2, 2),
    method(
        "__int__", [](Interp& i, const Args& a) { return to_int(i, i.unbox(a[0]), "int"); }, 1, 1),
    method(
        "__trunc__", [](Interp& i, const Args& a) { return to_int(i, i.unbox(a[0]), "int"); }, 1,
        1),
    method(
        "__float__", [](Interp& i, const Args& a) { return V::real(real_of(i, i.unbox(a[0]))); }, 1,
        1),
    method(
        "__neg__",
        [](Interp& i, const Args& a) {
          V out;
          num_unary(i, '-', a[0], out);
          return out;
        },
        1, 1),
    method(
        "__pos__",
        [](Interp& i, const Args& a) {
          V out;
          num_unary(i, '+', a[0], out);
          return out;
        },
        1, 1),
    method(
        "__abs__",
        [](Interp& i, const Args& a) {
          const V u = i.unbox(a[0]);
          if (u.is_real()) return V::real(std::fabs(u.f));
          if (u.is_obj() ? u.as<BigInt>()->negative : u.i < 0) {
            V out;
            num_unary(i, '-', u, out);
            return out;
          }
          return u.is_bool() ? V::integer(u.i) : u;
        },
        1, 1),
    method(
        "__round__",
        [](Interp& i, const Args& a) { return round_number(i, a[0], a.npos > 1 ? a[1] : V()); }, 1,
        2),
    method(
        "__floor__",
        [](Interp& i, const Args& a) {
          const V u = i.unbox(a[0]);
          return u.is_real() ? int_from_double(i, std::floor(u.f)) : u;
        },
        1, 1),
    method(
        "__ceil__",
        [](Interp& i, const Args& a) {
          const V u = i.unbox(a[0]);
          return u.is_real() ? int_from_double(i, std::ceil(u.f)) : u;
        },
        1, 1),
    method(
        "__divmod__",
        [](Interp& i, const Args& a) {
          V q, r;
          if (!num_binary(i, Op::floordiv, a[0], a[1], q)) return i.not_implemented;
          num_binary(i, Op::mod, a[0], a[1], r);
          add_origin(i, Op::floordiv, a[0], a[1], q);
          add_origin(i, Op::mod, a[0], a[1], r);
          return i.tuple({q, r});
        },
        2, 2),
    method(
        "conjugate", [](Interp& i, const Args& a) { return i.unbox(a[0]); }, 1, 1),
    method(
        "is_integer",
        [](Interp& i, const Args& a) {
          const V u = i.unbox(a[0]);
          return V::boolean(!u.is_real() || std::floor(u.f) == u.f);
        },
        1, 1),
    method(
        "as_integer_ratio",
        [](Interp& i, const Args& a) {
          const V u = i.unbox(a[0]);
          if (!u.is_real()) return i.tuple({u, V::integer(1)});
          if (std::isnan(u.f)) i.raise(i.t.ValueError, "cannot convert NaN to integer ratio");
          if (std::isinf(u.f))
            i.raise(i.t.OverflowError, "cannot convert Infinity to integer ratio");
          int e;
          double m = std::frexp(u.f, &e);
          for (int k = 0; k < 300 && m != std::floor(m); ++k) {
            m *= 2;
            --e;
          }
          Big n(m), d = 1;
          if (e > 0)
            n <<= static_cast<unsigned>(e);
          else
            d <<= static_cast<unsigned>(-e);
          return i.tuple({from_big(i, n), from_big(i, d)});
        },
        1, 1),
    attribute("real", [](Interp& i, const Args& a) { return i.unbox(a[0]); }),
    attribute("imag",
              [](Interp& i, const Args& a) {
                return i.unbox(a[0]).is_real() ? V::real(0) : V::integer(0);
              }),
};

}  // namespace

void define_number_methods(Interp& in, Type* type) {
  define(in, type, kArithmetic);
  if (type == in.t.integer) define(in, type, kBits);
  define(in, type, kNumber);
}

}  // namespace kdex::py
