// The module math.
#include <cmath>
#include <cstring>
#include <limits>

#include "core/python/types/numbers.h"
#include "core/python/types/types.h"

namespace kdex::py {
namespace {

double arg_double(Interp& in, V v) {
  double d;
  if (in.as_double(v, d)) return d;
  in.raise(in.t.TypeError, "must be real number, not " + in.type_name(v));
}

template <double (*f)(double)>
V math1(Interp& in, const Args& a) {
  if (a[0].is(Kind::unknown)) return in.unknown(std::string("math.") + in.current_builtin->name);
  double d;
  if (!in.as_double(a[0], d)) {
    V m = in.special(a[0], in.intern("__float__"));
    if (m.is_undef()) m = in.special(a[0], in.intern("__index__"));
    if (m.is_undef()) in.raise(in.t.TypeError, "must be real number, not " + in.type_name(a[0]));
    const V r = in.call(m);
    if (r.is(Kind::unknown)) return r;
    in.as_double(r, d);
  }
  errno = 0;
  const double r = f(d);
  if (std::isnan(r) && !std::isnan(d)) in.raise(in.t.ValueError, "math domain error");
  if (std::isinf(r) && std::isfinite(d)) {
    if (errno == EDOM || d <= 0) in.raise(in.t.ValueError, "math domain error");
    in.raise(in.t.OverflowError, "math range error");
  }
  V out = V::real(r);
  if (const V x = in.unbox(a[0]); x.org)
    out.org = in.origin_op(in.current_builtin->name, x, V(), out);
  return out;
}

bool any_unknown(const Args& a) {
  for (std::uint32_t i = 0; i < a.npos; ++i)
    if (a[i].is(Kind::unknown)) return true;
  return false;
}

V rounding(Interp& in, const Args& a, const char* hook, double (*f)(double)) {
  if (a[0].is(Kind::unknown)) return in.unknown(std::string("math.") + in.current_builtin->name);
  const V u = in.unbox(a[0]);
  if (is_integer(u)) return u.is_bool() ? V::integer(u.i) : V(u);
  if (u.is_real()) {
    V r = int_from_double(in, f(u.f));
    if (u.org && r.is_int()) r.org = in.origin_op(in.current_builtin->name, u, V(), r);
    return r;
  }
  const V m = in.special(a[0], in.intern(hook));
  if (!m.is_undef()) return in.call(m);
  return int_from_double(in, f(arg_double(in, a[0])));
}

double log_of(Interp& i, V v, double (*f)(double)) {
  const V u = i.unbox(v);
  if (u.is(Kind::bigint) && !u.as<BigInt>()->negative) {
    const Big b = big_of(u);
    const auto k = static_cast<int>(bits_of(b)) - 60;
    return f(Big(b >> static_cast<unsigned>(k)).convert_to<double>()) + k * f(2.0);
  }
  const double d = arg_double(i, v);
  if (d <= 0) i.raise(i.t.ValueError, "math domain error");
  return f(d);
}

#define KDEX_M1(name) function(#name, math1<std::name>, 1, 1)
#define KDEX_M2(name, expr)                                            \
  function(                                                            \
      #name,                                                           \
      [](Interp& i, const Args& a) {                                   \
        if (any_unknown(a)) return i.unknown("math." #name);           \
        const double x = arg_double(i, a[0]), y = arg_double(i, a[1]); \
        return V::real(expr);                                          \
      },                                                               \
      2, 2)

const FunctionDef kMath[] = {
    KDEX_M1(sqrt),
    KDEX_M1(exp),
    KDEX_M1(expm1),
    KDEX_M1(log10),
    KDEX_M1(log1p),
    KDEX_M1(sin),
    KDEX_M1(cos),
    KDEX_M1(tan),
    KDEX_M1(asin),
    KDEX_M1(acos),
    KDEX_M1(asinh),
    KDEX_M1(acosh),
    KDEX_M1(atanh),
    KDEX_M1(cbrt),
    KDEX_M1(exp2),
    KDEX_M1(atan),
    KDEX_M1(sinh),
    KDEX_M1(cosh),
    KDEX_M1(tanh),
    KDEX_M1(fabs),
    KDEX_M1(erf),
    KDEX_M1(erfc),
    KDEX_M1(lgamma),
    function("gamma", math1<std::tgamma>, 1, 1),
    function(
        "log",
        [](Interp& i, const Args& a) {
          if (any_unknown(a)) return i.unknown("math.log");
          const double x = log_of(i, a[0], std::log);
          return V::real(a.npos > 1 ? x / log_of(i, a[1], std::log) : x);
        },
        1, 2),
    function(
        "log2",
        [](Interp& i, const Args& a) {
          return any_unknown(a) ? i.unknown("math.log2") : V::real(log_of(i, a[0], std::log2));
        },
        1, 1),
    function(
        "floor", [](Interp& i, const Args& a) { return rounding(i, a, "__floor__", std::floor); },
        1, 1),
    function(
        "ceil", [](Interp& i, const Args& a) { return rounding(i, a, "__ceil__", std::ceil); }, 1,
        1),
    function(
        "trunc", [](Interp& i, const Args& a) { return rounding(i, a, "__trunc__", std::trunc); },
        1, 1),
    KDEX_M2(remainder, std::remainder(x, y)),
    KDEX_M2(copysign, std::copysign(x, y)),
    KDEX_M2(atan2, std::atan2(x, y)),
    KDEX_M2(nextafter, std::nextafter(x, y)),
    function(
        "pow",
        [](Interp& i, const Args& a) {
          if (any_unknown(a)) return i.unknown("math.pow");
          const double x = arg_double(i, a[0]), y = arg_double(i, a[1]), r = std::pow(x, y);
          if (std::isnan(r) && !std::isnan(x) && !std::isnan(y))
            i.raise(i.t.ValueError, "math domain error");
          if (std::isinf(r) && std::isfinite(x) && std::isfinite(y)) {
            if (x == 0) i.raise(i.t.ValueError, "math domain error");
            i.raise(i.t.OverflowError, "math range error");
          }
          return V::real(r);
        },
        2, 2),
    function(
        "fmod",
        [](Interp& i, const Args& a) {
          if (any_unknown(a)) return i.unknown("math.fmod");
          const double x = arg_double(i, a[0]), y = arg_double(i, a[1]), r = std::fmod(x, y);
          if (std::isnan(r) && !std::isnan(x) && !std::isnan(y))
            i.raise(i.t.ValueError, "math domain error");
          return V::real(r);
        },
        2, 2),
    function(
        "dist",
        [](Interp& i, const Args& a) {
          if (any_unknown(a)) return i.unknown("math.dist");
          const V p = i.to_tuple(a[0]), q = i.to_tuple(a[1]);
          if (p.as<Tuple>()->n != q.as<Tuple>()->n)
            i.raise(i.t.ValueError, "both points must have the same number of dimensions");
          double s = 0;
          for (std::uint32_t k = 0; k < p.as<Tuple>()->n; ++k)
            s = std::hypot(
                s, arg_double(i, p.as<Tuple>()->at[k]) - arg_double(i, q.as<Tuple>()->at[k]));
          return V::real(s);
        },
        2, 2),
    function(
        "perm",
        [](Interp& i, const Args& a) {
          if (any_unknown(a)) return i.unknown("math.perm");
          const std::int64_t total = i.index(a[0]),
                             k = a.npos > 1 && !a[1].is_none() ? i.index(a[1]) : total;
          if (total < 0) i.raise(i.t.ValueError, "n must be a non-negative integer");
          if (k < 0) i.raise(i.t.ValueError, "k must be a non-negative integer");
          if (k > total) return V::integer(0);
          guard_bits(static_cast<double>(k) * 63);
          Big r = 1;
          for (std::int64_t j = 0; j < k; ++j, work(i, r, 1)) r *= total - j;
          return from_big(i, r);
        },
        1, 2),
    function(
        "ldexp",
        [](Interp& i, const Args& a) {
          return V::real(std::ldexp(arg_double(i, a[0]), static_cast<int>(i.index(a[1]))));
        },
        2, 2),
    function(
        "isfinite",
        [](Interp& i, const Args& a) { return V::boolean(std::isfinite(arg_double(i, a[0]))); }, 1,
        1),
    function(
        "isinf",
        [](Interp& i, const Args& a) { return V::boolean(std::isinf(arg_double(i, a[0]))); }, 1, 1),
    function(
        "isnan",
        [](Interp& i, const Args& a) { return V::boolean(std::isnan(arg_double(i, a[0]))); }, 1, 1),
    function(
        "degrees",
        [](Interp& i, const Args& a) { return V::real(arg_double(i, a[0]) * 180.0 / M_PI); }, 1, 1),
    function(
        "radians",
        [](Interp& i, const Args& a) { return V::real(arg_double(i, a[0]) * M_PI / 180.0); }, 1, 1),
    function(
        "frexp",
        [](Interp& i, const Args& a) {
          int e;
          const double x = std::frexp(arg_double(i, a[0]), &e);
          return i.tuple({V::real(x), V::integer(e)});
        },
        1, 1),
    function(
        "modf",
        [](Interp& i, const Args& a) {
          double w;
          const double f = std::modf(arg_double(i, a[0]), &w);
          return i.tuple({V::real(f), V::real(w)});
        },
        1, 1),
    function(
        "hypot",
        [](Interp& i, const Args& a) {
          double s = 0;
          for (std::uint32_t k = 0; k < a.npos; ++k) s = std::hypot(s, arg_double(i, a[k]));
          return V::real(s);
        },
        0, -1),
    function(
        "isclose",
        [](Interp& i, const Args& a) {
          const double x = arg_double(i, a[0]), y = arg_double(i, a[1]);
          const V r = Interp::kwarg(a, "rel_tol"), t = Interp::kwarg(a, "abs_tol");
          const double rel = r.is_undef() ? 1e-9 : arg_double(i, r),
                       ab = t.is_undef() ? 0 : arg_double(i, t);
          if (x == y) return V::boolean(true);
          if (std::isinf(x) || std::isinf(y)) return V::boolean(false);
          return V::boolean(std::fabs(x - y) <=
                            std::max(rel * std::max(std::fabs(x), std::fabs(y)), ab));
        },
        2, 2, true),
    function(
        "gcd",
        [](Interp& i, const Args& a) {
          if (any_unknown(a)) return i.unknown("math.gcd");
          Big g = 0;
          for (std::uint32_t k = 0; k < a.npos; ++k) {
            const Big x = big_of(to_int(i, a[k], "gcd"));
            work(i, g, x, 256);
            g = boost::multiprecision::gcd(g, x);
          }
          V r = from_big(i, g);
          if (r.is_int() && a.npos == 2) r.org = i.origin_op("gcd", a[0], a[1], r);
          return r;
        },
        0, -1),
    function(
        "lcm",
        [](Interp& i, const Args& a) {
          if (any_unknown(a)) return i.unknown("math.lcm");
          Big g = 1;
          for (std::uint32_t k = 0; k < a.npos; ++k) {
            const Big x = big_of(to_int(i, a[k], "lcm"));
            guard_bits(static_cast<double>(bits_of(g)) + static_cast<double>(bits_of(x)));
            work(i, g, x, 256);
            g = boost::multiprecision::lcm(g, x);
          }
          return from_big(i, g);
        },
        0, -1),
    function(
        "isqrt",
        [](Interp& i, const Args& a) {
          const Big x = big_of(to_int(i, a[0], "isqrt"));
          if (x < 0) i.raise(i.t.ValueError, "isqrt() argument must be nonnegative");
          work(i, x, x, 64);
          return from_big(i, sqrt(x));
        },
        1, 1),
    function(
        "factorial",
        [](Interp& i, const Args& a) {
          const std::int64_t total = i.index(a[0]);
          if (total < 0) i.raise(i.t.ValueError, "factorial() not defined for negative values");
          guard_bits(static_cast<double>(total) * std::log2(static_cast<double>(total) + 1));
          Big r = 1;
          for (std::int64_t k = 2; k <= total; ++k, work(i, r, 1)) r *= k;
          return from_big(i, r);
        },
        1, 1),
    function(
        "comb",
        [](Interp& i, const Args& a) {
          const std::int64_t total = i.index(a[0]);
          std::int64_t k = i.index(a[1]);
          if (total < 0 || k < 0) i.raise(i.t.ValueError, "n must be a non-negative integer");
          if (k > total) return V::integer(0);
          k = std::min(k, total - k);
          guard_bits(static_cast<double>(k) * 63);
          Big r = 1;
          for (std::int64_t j = 1; j <= k; ++j, work(i, r, 1, 4)) r = r * (total - k + j) / j;
          return from_big(i, r);
        },
        2, 2),
    function(
        "prod",
        [](Interp& i, const Args& a) {
          V r = Interp::kwarg(a, "start");
          i.for_each(a[0], [&](V v) {  // 1 is no factor of what it gives
            r = r.is_undef() ? v.is_int() ? v : i.binary(Op::mul, V::integer(1), v)
                             : i.binary(Op::mul, r, v);
            return true;
          });
          return r.is_undef() ? V::integer(1) : r;
        },
        1, 1, true),
    function(
        "fsum",
        [](Interp& i, const Args& a) {
          Big exact = 0;  // in units of the smallest double
          double special = 0;
          bool finite = true;
          i.for_each(a[0], [&](V v) {
            const double d = arg_double(i, v);
            if (!std::isfinite(d)) {
              special += d;
              finite = false;
              return true;
            }
            int e;
            const double mantissa = std::frexp(d, &e);
            const Big whole =
                static_cast<std::int64_t>(std::ldexp(mantissa, 53));  // d == whole * 2 ** (e - 53)
            exact += e >= -1021 ? Big(whole << static_cast<unsigned>(e + 1021))
                                : Big(whole / (Big(1) << static_cast<unsigned>(-1021 - e)));
            return true;
          });
          if (!finite) return V::real(special);
          if (exact == 0) return V::real(0.0);
          const auto bits = static_cast<std::int64_t>(bits_of(abs(exact)));
          const std::int64_t drop = std::max<std::int64_t>(0, bits - 64);
          Big head = abs(exact) >> static_cast<unsigned>(drop);
          if ((head << static_cast<unsigned>(drop)) != abs(exact))
            head |= 1;  // a sticky bit below the rounding place
          const double r = std::ldexp(static_cast<double>(static_cast<std::uint64_t>(head)),
                                      static_cast<int>(drop - 1074));
          return V::real(exact < 0 ? -r : r);
        },
        1, 1),
};

#undef KDEX_M1
#undef KDEX_M2

}  // namespace

void install_math(Interp& in) {
  Dict* m = in.native_module("math")->ns;
  define(in, m, kMath);
  for (auto [name, v] : {std::pair{"pi", M_PI},
                         {"e", M_E},
                         {"tau", 2 * M_PI},
                         {"inf", std::numeric_limits<double>::infinity()},
                         {"nan", std::numeric_limits<double>::quiet_NaN()}})
    in.put(m, in.intern(name), V::real(v));
}

}  // namespace kdex::py
