// Operations on int of any width, float and bool, with CPython's results and messages. Types and
// their methods are in int.cpp, float.cpp and number_methods.cpp.
#include "core/python/types/numbers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

namespace kdex::py {
namespace {

constexpr std::size_t kMostDigits = 4300;  // CPython's own limit of a decimal conversion

}  // namespace

Big big_of(V v) {
  if (v.is_int() || v.is_bool()) return Big(v.i);
  const BigInt* b = v.as<BigInt>();
  Big r;
  boost::multiprecision::import_bits(r, b->limb, b->limb + b->n, 32, false);
  return b->negative ? Big(-r) : r;
}

V from_big(Interp& in, const Big& x) {
  if (x >= std::numeric_limits<std::int64_t>::min() &&
      x <= std::numeric_limits<std::int64_t>::max())
    return V::integer(static_cast<std::int64_t>(x));
  BigInt* b = in.make<BigInt>(Kind::bigint, in.t.integer);
  std::vector<std::uint32_t> limbs;
  const Big m = abs(x);
  boost::multiprecision::export_bits(m, std::back_inserter(limbs), 32, false);
  while (!limbs.empty() && limbs.back() == 0) limbs.pop_back();
  b->negative = x < 0;
  b->n = static_cast<std::uint32_t>(limbs.size());
  b->limb = in.arena.array<std::uint32_t>(limbs.size(), Arena::Holds::no_pointers);
  std::copy(limbs.begin(), limbs.end(), b->limb);
  return V(b);
}

void guard_bits(double bits) {
  if (bits > static_cast<double>(kMaxBits))
    throw LimitError{"an integer of more than " + std::to_string(kMaxBits) + " bits was asked for"};
}

void guard_digits(Interp& in, Type* error, std::size_t digits, const char* more) {
  if (digits > kMostDigits)
    in.raise(error, "Exceeds the limit (" + std::to_string(kMostDigits) +
                        " digits) for integer string conversion: value has " +
                        std::to_string(digits) +
                        " digits; use sys.set_int_max_str_digits() to increase the limit" + more);
}

void work(Interp& in, const Big& a, const Big& b, std::size_t each) {
  in.tick(1 + static_cast<std::int64_t>(std::size_t{a.backend().size()} * b.backend().size() *
                                        each / 16));
}

Big from_digits(const std::vector<std::uint8_t>& digits, unsigned shift) {
  guard_bits(static_cast<double>(digits.size()) * shift);
  Big r = 0;
  if (!digits.empty())
    boost::multiprecision::import_bits(r, digits.begin(), digits.end(), shift, true);
  return r;
}

double big_to_double(Interp& in, V v) {
  const double d = big_of(v).convert_to<double>();
  if (std::isinf(d)) in.raise(in.t.OverflowError, "int too large to convert to float");
  return d;
}

double real_of(Interp& in, V v) {
  if (v.is_real()) return v.f;
  if (v.is(Kind::bigint)) return big_to_double(in, v);
  return static_cast<double>(v.i);
}

namespace {

bool is_number(V v) { return is_integer(v) || v.is_real(); }

std::int64_t floordiv64(std::int64_t a, std::int64_t b) {
  std::int64_t q = a / b;
  if (a % b != 0 && ((a < 0) != (b < 0))) --q;
  return q;
}

double py_fmod(double a, double b) {
  double m = std::fmod(a, b);
  if (m != 0) {
    if ((b < 0) != (m < 0)) m += b;
  } else {
    m = std::copysign(0.0, b);
  }
  return m;
}

double py_floordiv(double a, double b) {
  const double m = py_fmod(a, b);
  const double div = (a - m) / b;
  if (div == 0) return std::copysign(0.0, a / b);
  double f = std::floor(div);
  if (div - f > 0.5) f += 1.0;
  return f;
}

V int_pow(Interp& in, V a, V b) {
  const Big e = big_of(b);
  if (e < 0) {
    const double x = real_of(in, a);
    if (x == 0) in.raise(in.t.ZeroDivisionError, "0.0 cannot be raised to a negative power");
    return V::real(std::pow(x, real_of(in, b)));
  }
  const Big base = big_of(a);
  if (base >= -1 && base <= 1) {
    if (e == 0) return V::integer(1);
    if (base == -1) return V::integer(e % 2 == 0 ? 1 : -1);
    return V::integer(static_cast<std::int64_t>(base));
  }
  const double bits = e.convert_to<double>() * static_cast<double>(bits_of(base));
  guard_bits(bits);
  in.tick(1 + static_cast<std::int64_t>(bits / 64 * bits / 64 / 16));
  return from_big(in, pow(base, static_cast<unsigned>(e)));
}

bool float_binary(Interp& in, Op op, double a, double b, V& out) {
  switch (op) {
    case Op::add:
      out = V::real(a + b);
      return true;
    case Op::sub:
      out = V::real(a - b);
      return true;
    case Op::mul:
      out = V::real(a * b);
      return true;
    case Op::div:
      if (b == 0) in.raise(in.t.ZeroDivisionError, "float division by zero");
      out = V::real(a / b);
      return true;
    case Op::floordiv:
      if (b == 0) in.raise(in.t.ZeroDivisionError, "float floor division by zero");
      out = V::real(py_floordiv(a, b));
      return true;
    case Op::mod:
      if (b == 0) in.raise(in.t.ZeroDivisionError, "float modulo");
      out = V::real(py_fmod(a, b));
      return true;
    case Op::pow: {
      if (a == 0 && b < 0)
        in.raise(in.t.ZeroDivisionError, "0.0 cannot be raised to a negative power");
      if (a < 0 && std::floor(b) != b && std::isfinite(a) && std::isfinite(b)) {
        out = in.binary(Op::pow, in.call(in.impl->overlay("_builtins", "complex"), {V::real(a)}),
                        V::real(b));
        return true;
      }
      const double r = std::pow(a, b);
      if (std::isinf(r) && std::isfinite(a) && std::isfinite(b))
        in.raise(in.t.OverflowError, "(34, 'Numerical result out of range')");
      out = V::real(r);
      return true;
    }
    default:
      return false;
  }
}

/// Correctly rounded a / b of any widths.
double true_div(Interp& in, const Big& a, const Big& b) {
  if (a == 0) return 0.0;
  const bool negative = (a < 0) != (b < 0);
  const Big x = abs(a), y = abs(b);
  const auto xb = static_cast<long>(bits_of(x)), yb = static_cast<long>(bits_of(y));
  const long shift = std::max<long>(66 - (xb - yb), -(xb - yb) + 66);
  Big num = x, den = y;
  if (shift > 0)
    num <<= static_cast<unsigned>(shift);
  else
    den <<= static_cast<unsigned>(-shift);
  Big r;
  Big q;
  divide_qr(num, den, q, r);
  if (r != 0) q |= 1;  // sticky
  const double d = std::ldexp(q.convert_to<double>(), static_cast<int>(-shift));
  if (std::isinf(d)) in.raise(in.t.OverflowError, "integer division result too large for a float");
  return negative ? -d : d;
}

bool big_binary(Interp& in, Op op, V va, V vb, V& out) {
  if (op == Op::pow) {
    out = int_pow(in, va, vb);
    return true;
  }
  if (op == Op::lshift || op == Op::rshift) {
    const Big b = big_of(vb);
    if (b < 0) in.raise(in.t.ValueError, "negative shift count");
    const Big a = big_of(va);
    if (op == Op::lshift) {
      if (a == 0) {
        out = V::integer(0);
        return true;
      }
      guard_bits(b.convert_to<double>() + static_cast<double>(bits_of(a)));
      out = from_big(in, a << static_cast<unsigned>(b));
    } else {
      if (b > bits_of(a)) {
        out = V::integer(a < 0 ? -1 : 0);
        return true;
      }
      const auto n = static_cast<unsigned>(b);
      out = from_big(in, a < 0 ? Big(-((-a - 1) >> n) - 1) : Big(a >> n));
    }
    return true;
  }
  const Big a = big_of(va), b = big_of(vb);
  switch (op) {
    case Op::add:
      out = from_big(in, a + b);
      return true;
    case Op::sub:
      out = from_big(in, a - b);
      return true;
    case Op::mul:
      guard_bits(static_cast<double>(bits_of(a)) + static_cast<double>(bits_of(b)));
      work(in, a, b);
      out = from_big(in, a * b);
      return true;
    case Op::div:
      if (b == 0) in.raise(in.t.ZeroDivisionError, "division by zero");
      work(in, a, b);
      out = V::real(true_div(in, a, b));
      return true;
    case Op::floordiv:
    case Op::mod: {
      if (b == 0)
        in.raise(in.t.ZeroDivisionError,
                 op == Op::mod ? "integer modulo by zero" : "integer division or modulo by zero");
      work(in, a, b, 2);
      Big q, r;
      divide_qr(a, b, q, r);
      if (r != 0 && ((r < 0) != (b < 0))) {
        q -= 1;
        r += b;
      }
      out = from_big(in, op == Op::mod ? r : q);
      return true;
    }
    case Op::bitand_:
    case Op::bitor_:
    case Op::bitxor: {
      // two's complement of enough width
      const std::size_t w = std::max(bits_of(a), bits_of(b)) + 1;
      const Big m = Big(1) << static_cast<unsigned>(w);
      const Big x = a < 0 ? Big(a + m) : a, y = b < 0 ? Big(b + m) : b;
      Big r = op == Op::bitand_ ? Big(x & y) : op == Op::bitor_ ? Big(x | y) : Big(x ^ y);
      if (r >= m / 2) r -= m;
      out = from_big(in, r);
      return true;
    }
    default:
      return false;
  }
}

int compare_int_real(Interp&, V a, double d) {
  if (std::isinf(d)) return d > 0 ? -1 : 1;
  const double f = std::floor(d);
  Big x;
  int e;
  const double mantissa = std::frexp(f, &e);
  x = Big(static_cast<std::int64_t>(std::ldexp(mantissa, 53)));
  if (e - 53 >= 0)
    x <<= static_cast<unsigned>(e - 53);
  else
    x >>= static_cast<unsigned>(53 - e);
  const Big i = big_of(a);
  if (i < x) return -1;
  if (i > x) return 1;
  return f < d ? -1 : 0;
}

}  // namespace

bool num_binary(Interp& in, Op op, V a, V b, V& out) {
  a = in.unbox(a);
  b = in.unbox(b);
  if (!is_number(a) || !is_number(b)) return false;
  if (a.is_real() || b.is_real()) {
    if (op >= Op::matmul) return false;
    return float_binary(in, op, real_of(in, a), real_of(in, b), out);
  }
  if (op == Op::matmul) return false;
  if (a.is_obj() || b.is_obj()) return big_binary(in, op, a, b, out);
  const std::int64_t x = a.i, y = b.i;
  std::int64_t r;
  switch (op) {
    case Op::add:
      if (__builtin_add_overflow(x, y, &r)) return big_binary(in, op, a, b, out);
      out = V::integer(r);
      return true;
    case Op::sub:
      if (__builtin_sub_overflow(x, y, &r)) return big_binary(in, op, a, b, out);
      out = V::integer(r);
      return true;
    case Op::mul:
      if (__builtin_mul_overflow(x, y, &r)) return big_binary(in, op, a, b, out);
      out = V::integer(r);
      return true;
    case Op::div:
      if (!y) in.raise(in.t.ZeroDivisionError, "division by zero");
      if (std::abs(x) < (1ll << 53) && std::abs(y) < (1ll << 53) && x != INT64_MIN &&
          y != INT64_MIN)
        out = V::real(static_cast<double>(x) / static_cast<double>(y));
      else
        return big_binary(in, op, a, b, out);
      return true;
    case Op::floordiv:
      if (!y) in.raise(in.t.ZeroDivisionError, "integer division or modulo by zero");
      if (x == INT64_MIN && y == -1) return big_binary(in, op, a, b, out);
      out = V::integer(floordiv64(x, y));
      return true;
    case Op::mod:
      if (!y) in.raise(in.t.ZeroDivisionError, "integer modulo by zero");
      if (y == -1) {
        out = V::integer(0);
        return true;
      }
      r = x % y;
      if (r && ((r < 0) != (y < 0))) r += y;
      out = V::integer(r);
      return true;
    case Op::bitand_:
      out = a.is_bool() && b.is_bool() ? V::boolean(x & y) : V::integer(x & y);
      return true;
    case Op::bitor_:
      out = a.is_bool() && b.is_bool() ? V::boolean(x | y) : V::integer(x | y);
      return true;
    case Op::bitxor:
      out = a.is_bool() && b.is_bool() ? V::boolean(x ^ y) : V::integer(x ^ y);
      return true;
    default:
      return big_binary(in, op, a, b, out);
  }
}

bool num_compare(Interp& in, Cmp op, V a, V b, bool& out) {
  a = in.unbox(a);
  b = in.unbox(b);
  if (!is_number(a) || !is_number(b)) return false;
  int c;
  if ((a.is_real() && std::isnan(a.f)) || (b.is_real() && std::isnan(b.f))) {
    out = op == Cmp::ne;
    return true;
  }
  if (a.is_real() && b.is_real()) {
    c = a.f < b.f ? -1 : a.f > b.f ? 1 : 0;
  } else if (a.is_real()) {
    c = -compare_int_real(in, b, a.f);
  } else if (b.is_real()) {
    c = compare_int_real(in, a, b.f);
  } else if (!a.is_obj() && !b.is_obj()) {
    c = a.i < b.i ? -1 : a.i > b.i ? 1 : 0;
  } else {
    const Big x = big_of(a), y = big_of(b);
    c = x < y ? -1 : x > y ? 1 : 0;
  }
  return ordered(op, c, out);
}

bool num_unary(Interp& in, char op, V v, V& out) {
  v = in.unbox(v);
  if (!is_number(v)) return false;
  if (v.is_real()) {
    if (op == '~') return false;
    out = V::real(op == '-' ? -v.f : v.f);
    return true;
  }
  if (v.is_obj() || v.i == INT64_MIN) {
    const Big x = big_of(v);
    out = from_big(in, op == '-' ? Big(-x) : op == '~' ? Big(-x - 1) : x);
    return true;
  }
  out = V::integer(op == '-' ? -v.i : op == '~' ? ~v.i : v.i);
  return true;
}

std::uint64_t num_hash(Interp& in, V v) {
  v = in.unbox(v);
  constexpr std::uint64_t P = (1ull << 61) - 1;
  if (v.is_int() || v.is_bool()) {
    const std::uint64_t m =
        v.i < 0 ? 0 - static_cast<std::uint64_t>(v.i) : static_cast<std::uint64_t>(v.i);
    std::uint64_t h = m % P;
    if (v.i < 0) h = 0 - h;
    return h == ~0ull ? ~0ull - 1 : h;
  }
  if (v.is_real()) {
    if (std::isinf(v.f)) return v.f > 0 ? 314159 : static_cast<std::uint64_t>(-314159);
    if (std::isnan(v.f)) return 0;
    int e;
    double m = std::frexp(std::fabs(v.f), &e);
    std::uint64_t x = 0;
    while (m != 0) {
      x = ((x << 28) & P) | x >> 33;
      m *= 268435456.0;
      e -= 28;
      const auto y = static_cast<std::uint64_t>(m);
      m -= static_cast<double>(y);
      x += y;
      if (x >= P) x -= P;
    }
    e = e >= 0 ? e % 61 : 61 - 1 - ((-1 - e) % 61);
    x = ((x << e) & P) | x >> (61 - e);
    if (v.f < 0) x = 0 - x;
    return x == ~0ull ? ~0ull - 1 : x;
  }
  const Big b = big_of(v);
  std::uint64_t h = static_cast<std::uint64_t>(abs(b) % P);
  if (b < 0) h = 0 - h;
  return h == ~0ull ? ~0ull - 1 : h;
}

bool num_truth(V v) {
  if (v.is(Kind::boxed)) v = v.as<Boxed>()->value;
  if (v.is_real()) return v.f != 0;
  return v.is_obj() || v.i != 0;
}

std::string num_repr(Interp& in, V v) {
  v = in.unbox(v);
  if (v.is_bool()) return v.i ? "True" : "False";
  if (v.is_int()) return std::to_string(v.i);
  if (v.is_real()) return float_repr(v.f);
  if (v.is(Kind::bigint)) {
    const auto fail = [&] {
      in.raise(in.t.ValueError,
               "Exceeds the limit (4300 digits) for integer string conversion; use "
               "sys.set_int_max_str_digits() to increase the limit");
    };
    if (v.as<BigInt>()->n > 450) fail();
    std::string s = big_of(v).str();
    if (s.size() - (s[0] == '-') > kMostDigits) fail();
    return s;
  }
  return "?";
}

std::string num_digits(V v, unsigned shift) {
  const BigInt* b = v.as<BigInt>();
  std::string out;
  for (std::uint64_t at = 0, end = std::uint64_t{b->n} * 32; at < end; at += shift) {
    const std::uint64_t low = b->limb[at / 32],
                        high = at / 32 + 1 < b->n ? b->limb[at / 32 + 1] : 0;
    out += "0123456789abcdef"[((low | high << 32) >> at % 32) & ((1u << shift) - 1)];
  }
  while (out.size() > 1 && out.back() == '0') out.pop_back();
  return {out.rbegin(), out.rend()};
}

V int_from_literal(Interp& in, std::string_view text) {
  std::string t;
  for (char c : text)
    if (c != '_') t += c;
  if (t.size() > 1 && t[0] == '0') {
    const char p = static_cast<char>(t[1] | 32);
    if (p == 'b' || p == 'o' || p == 'x') {
      std::vector<std::uint8_t> digits;
      for (std::size_t i = 2; i < t.size(); ++i)
        digits.push_back(
            static_cast<std::uint8_t>(t[i] <= '9' ? t[i] - '0' : (t[i] | 32) - 'a' + 10));
      return from_big(in, from_digits(digits, p == 'b' ? 1 : p == 'o' ? 3 : 4));
    }
    t.erase(0, std::min(t.find_first_not_of('0'), t.size() - 1));
  }
  guard_digits(
      in, in.t.SyntaxError, t.size(),
      " - Consider hexadecimal for huge integer literals to avoid decimal conversion limits.");
  return from_big(in, Big(t));
}

V int_from_double(Interp& in, double d) {
  if (std::isnan(d)) in.raise(in.t.ValueError, "cannot convert float NaN to integer");
  if (std::isinf(d)) in.raise(in.t.OverflowError, "cannot convert float infinity to integer");
  const double f = std::trunc(d);
  if (std::fabs(f) < 9e18) return V::integer(static_cast<std::int64_t>(f));
  return from_big(in, Big(f));
}

std::string float_repr(double d) {
  if (std::isnan(d)) return "nan";
  if (std::isinf(d)) return d > 0 ? "inf" : "-inf";
  char buf[64];
  auto [end, ec] = std::to_chars(buf, buf + sizeof buf, d, std::chars_format::scientific);
  std::string s(buf, end);
  const bool negative = s[0] == '-';
  if (negative) s.erase(0, 1);
  const auto e = s.find('e');
  const int exp = std::atoi(s.c_str() + e + 1);
  std::string digits = s.substr(0, 1) + (e > 2 ? s.substr(2, e - 2) : "");
  std::string out;
  if (exp < -4 || exp >= 16) {
    out = digits.substr(0, 1);
    if (digits.size() > 1) out += "." + digits.substr(1);
    out += exp < 0 ? "e-" : "e+";
    const std::string x = std::to_string(std::abs(exp));
    out += x.size() < 2 ? "0" + x : x;
  } else if (exp < 0) {
    out = "0." + std::string(static_cast<std::size_t>(-exp - 1), '0') + digits;
  } else {
    const auto n = static_cast<std::size_t>(exp) + 1;
    if (digits.size() <= n)
      out = digits + std::string(n - digits.size(), '0') + ".0";
    else
      out = digits.substr(0, n) + "." + digits.substr(n);
  }
  return (negative ? "-" : "") + out;
}

bool Interp::as_double(V v, double& out) const {
  v = unbox(v);
  if (v.is_real())
    out = v.f;
  else if (v.is_int() || v.is_bool())
    out = static_cast<double>(v.i);
  else if (v.is(Kind::bigint))
    out = big_of(v).convert_to<double>();
  else
    return false;
  return true;
}

void install_numbers(Interp& in) {
  Type* o = in.t.object;
  in.t.integer = in.new_type("int", o, Kind::boxed);
  install_bool(in);
  in.t.real = in.new_type("float", o, Kind::boxed);
  for (Type* t : {in.t.integer, in.t.boolean, in.t.real}) in.put(in.builtins, t->name, V(t));
  install_int(in);
  install_float(in);
  install_math(in);
}

}  // namespace kdex::py
