// int of any width, float, bool, and the math module, with CPython's results and messages.
#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "core/python/machine/impl.h"
#include "core/python/machine/ops.h"

namespace kdex::py {
namespace {

using Big = boost::multiprecision::cpp_int;
constexpr std::size_t kMaxBits = 1u << 22;

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

std::size_t bits_of(const Big& x) { return x == 0 ? 0 : msb(abs(x)) + 1; }

void guard_bits(double bits) {
  if (bits > static_cast<double>(kMaxBits))
    throw LimitError{"an integer of more than " + std::to_string(kMaxBits) + " bits was asked for"};
}

constexpr std::size_t kMostDigits = 4300;  // CPython's own limit of a decimal conversion

void guard_digits(Interp& in, Type* error, std::size_t digits, const char* more = "") {
  if (digits > kMostDigits)
    in.raise(error, "Exceeds the limit (" + std::to_string(kMostDigits) +
                        " digits) for integer string conversion: value has " +
                        std::to_string(digits) +
                        " digits; use sys.set_int_max_str_digits() to increase the limit" + more);
}

/// Counts an operation that takes time in the product of two widths.
void work(Interp& in, const Big& a, const Big& b, std::size_t each = 1) {
  in.tick(1 + static_cast<std::int64_t>(std::size_t{a.backend().size()} * b.backend().size() *
                                        each / 16));
}

/// From digits of `shift` bits, the highest first.
Big from_digits(const std::vector<std::uint8_t>& digits, unsigned shift) {
  guard_bits(static_cast<double>(digits.size()) * shift);
  Big r = 0;
  if (!digits.empty())
    boost::multiprecision::import_bits(r, digits.begin(), digits.end(), shift, true);
  return r;
}

bool is_integer(V v) { return v.is_int() || v.is_bool() || v.is(Kind::bigint); }
bool is_number(V v) { return is_integer(v) || v.is_real(); }

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

namespace {

V boxed(Interp& in, Type* cls, Type* plain, V v) {
  if (cls == plain) return v;
  Boxed* b = in.make<Boxed>(Kind::boxed, cls);
  b->value = v;
  return V(b);
}

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

V int_new(Interp& in, const Args& a) {
  Type* cls = a[0].as<Type>();
  const V x = a.npos > 1 ? a[1] : V();
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

// ---- math
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

double arg_double(Interp& in, V v) {
  double d;
  if (in.as_double(v, d)) return d;
  in.raise(in.t.TypeError, "must be real number, not " + in.type_name(v));
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

}  // namespace

void install_numbers(Interp& in) {
  Type* o = in.t.object;
  in.t.integer = in.new_type("int", o, Kind::boxed);
  in.t.boolean = in.new_type("bool", in.t.integer, Kind::boxed);
  in.t.real = in.new_type("float", o, Kind::boxed);
  for (Type* t : {in.t.integer, in.t.boolean, in.t.real}) in.put(in.builtins, t->name, V(t));
  in.t.integer->construct = int_new;
  in.t.real->construct = float_new;
  in.t.boolean->construct = [](Interp& i, const Args& a) {
    return V::boolean(a.npos > 1 && i.truth(a[1]));
  };
  for (Type* t : {in.t.integer, in.t.real}) {
#define KDEX_BIN(name, op)                            \
  in.def(t, "__" name "__", dunder<op, false>, 2, 3); \
  in.def(t, "__r" name "__", dunder<op, true>, 2, 3)
    KDEX_BIN("add", Op::add);
    KDEX_BIN("sub", Op::sub);
    KDEX_BIN("mul", Op::mul);
    KDEX_BIN("truediv", Op::div);
    KDEX_BIN("floordiv", Op::floordiv);
    KDEX_BIN("mod", Op::mod);
    KDEX_BIN("pow", Op::pow);
    if (t == in.t.integer) {
      KDEX_BIN("lshift", Op::lshift);
      KDEX_BIN("rshift", Op::rshift);
      KDEX_BIN("and", Op::bitand_);
      KDEX_BIN("or", Op::bitor_);
      KDEX_BIN("xor", Op::bitxor);
    }
#undef KDEX_BIN
    in.def(t, "__eq__", rich<Cmp::eq>, 2, 2);
    in.def(t, "__ne__", rich<Cmp::ne>, 2, 2);
    in.def(t, "__lt__", rich<Cmp::lt>, 2, 2);
    in.def(t, "__le__", rich<Cmp::le>, 2, 2);
    in.def(t, "__gt__", rich<Cmp::gt>, 2, 2);
    in.def(t, "__ge__", rich<Cmp::ge>, 2, 2);
    in.def(
        t, "__hash__",
        [](Interp& i, const Args& a) {
          return V::integer(static_cast<std::int64_t>(num_hash(i, a[0])));
        },
        1, 1);
    in.def(
        t, "__bool__",
        [](Interp& i, const Args& a) { return V::boolean(num_truth(i.unbox(a[0]))); }, 1, 1);
    in.def(
        t, "__repr__", [](Interp& i, const Args& a) { return i.str(num_repr(i, a[0])); }, 1, 1);
    in.def(
        t, "__format__",
        [](Interp& i, const Args& a) {
          V out;
          if (i.text(a[1], "format spec").empty()) return i.str(i.str_of(a[0]));
          format_native(i, i.unbox(a[0]), i.text(a[1], "format spec"), out);
          return out;
        },
        2, 2);
    in.def(
        t, "__int__", [](Interp& i, const Args& a) { return to_int(i, i.unbox(a[0]), "int"); }, 1,
        1);
    in.def(
        t, "__trunc__", [](Interp& i, const Args& a) { return to_int(i, i.unbox(a[0]), "int"); }, 1,
        1);
    in.def(
        t, "__float__", [](Interp& i, const Args& a) { return V::real(real_of(i, i.unbox(a[0]))); },
        1, 1);
    in.def(
        t, "__neg__",
        [](Interp& i, const Args& a) {
          V out;
          num_unary(i, '-', a[0], out);
          return out;
        },
        1, 1);
    in.def(
        t, "__pos__",
        [](Interp& i, const Args& a) {
          V out;
          num_unary(i, '+', a[0], out);
          return out;
        },
        1, 1);
    in.def(
        t, "__abs__",
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
        1, 1);
    in.def(
        t, "__round__",
        [](Interp& i, const Args& a) { return round_number(i, a[0], a.npos > 1 ? a[1] : V()); }, 1,
        2);
    in.def(
        t, "__floor__",
        [](Interp& i, const Args& a) {
          const V u = i.unbox(a[0]);
          return u.is_real() ? int_from_double(i, std::floor(u.f)) : u;
        },
        1, 1);
    in.def(
        t, "__ceil__",
        [](Interp& i, const Args& a) {
          const V u = i.unbox(a[0]);
          return u.is_real() ? int_from_double(i, std::ceil(u.f)) : u;
        },
        1, 1);
    in.def(
        t, "__divmod__",
        [](Interp& i, const Args& a) {
          V q, r;
          if (!num_binary(i, Op::floordiv, a[0], a[1], q)) return i.not_implemented;
          num_binary(i, Op::mod, a[0], a[1], r);
          add_origin(i, Op::floordiv, a[0], a[1], q);
          add_origin(i, Op::mod, a[0], a[1], r);
          return i.tuple({q, r});
        },
        2, 2);
    in.def(
        t, "conjugate", [](Interp& i, const Args& a) { return i.unbox(a[0]); }, 1, 1);
    in.def(
        t, "is_integer",
        [](Interp& i, const Args& a) {
          const V u = i.unbox(a[0]);
          return V::boolean(!u.is_real() || std::floor(u.f) == u.f);
        },
        1, 1);
    in.def(
        t, "as_integer_ratio",
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
        1, 1);
    in.def_property(t, "real", [](Interp& i, const Args& a) { return i.unbox(a[0]); });
    in.def_property(t, "imag", [](Interp& i, const Args& a) {
      return i.unbox(a[0]).is_real() ? V::real(0) : V::integer(0);
    });
  }
  Type* n = in.t.integer;
  in.def_property(n, "numerator", [](Interp& i, const Args& a) { return i.unbox(a[0]); });
  in.def_property(n, "denominator", [](Interp&, const Args&) { return V::integer(1); });
  in.def(
      n, "__index__",
      [](Interp& i, const Args& a) {
        const V u = i.unbox(a[0]);
        return u.is_bool() ? V::integer(u.i) : u;
      },
      1, 1);
  in.def(
      n, "__invert__",
      [](Interp& i, const Args& a) {
        V out;
        num_unary(i, '~', a[0], out);
        return out;
      },
      1, 1);
  in.def(
      n, "bit_length",
      [](Interp& i, const Args& a) {
        return V::integer(static_cast<std::int64_t>(bits_of(big_of(i.unbox(a[0])))));
      },
      1, 1);
  in.def(
      n, "bit_count",
      [](Interp& i, const Args& a) {
        Big x = abs(big_of(i.unbox(a[0])));
        std::int64_t c = 0;
        for (; x != 0; x >>= 32)
          c += __builtin_popcount(static_cast<std::uint32_t>(x & 0xffffffffu));
        return V::integer(c);
      },
      1, 1);
  in.def(
      n, "to_bytes",
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
      1, 3, true);
  in.def_class(
      n, "from_bytes",
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
      2, 3, true);
  in.def_class(
      in.t.real, "fromhex",
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
      2, 2);
  in.def(
      in.t.real, "hex",
      [](Interp& i, const Args& a) {
        char b[64];
        std::snprintf(b, sizeof b, "%a", i.unbox(a[0]).f);
        return i.str(b);
      },
      1, 1);

  Dict* m = in.native_module("math")->ns;
  auto def = [&](const char* name, NativeFn f, int min, int max, bool kw = false) {
    in.put(m, in.intern(name), in.builtin(name, f, min, max, kw));
  };
#define KDEX_M1(name) def(#name, math1<std::name>, 1, 1)
  KDEX_M1(sqrt);
  KDEX_M1(exp);
  KDEX_M1(expm1);
  KDEX_M1(log10);
  KDEX_M1(log1p);
  KDEX_M1(sin);
  KDEX_M1(cos);
  KDEX_M1(tan);
  KDEX_M1(asin);
  KDEX_M1(acos);
  KDEX_M1(asinh);
  KDEX_M1(acosh);
  KDEX_M1(atanh);
  KDEX_M1(cbrt);
  KDEX_M1(exp2);
  KDEX_M1(atan);
  KDEX_M1(sinh);
  KDEX_M1(cosh);
  KDEX_M1(tanh);
  KDEX_M1(fabs);
  KDEX_M1(erf);
  KDEX_M1(erfc);
  KDEX_M1(lgamma);

#undef KDEX_M1
  def("gamma", math1<std::tgamma>, 1, 1);
  auto log_any = [](Interp& i, V v, double (*f)(double)) {
    const V u = i.unbox(v);
    if (u.is(Kind::bigint) && !u.as<BigInt>()->negative) {
      const Big b = big_of(u);
      const auto k = static_cast<int>(bits_of(b)) - 60;
      return f(Big(b >> static_cast<unsigned>(k)).convert_to<double>()) + k * f(2.0);
    }
    const double d = arg_double(i, v);
    if (d <= 0) i.raise(i.t.ValueError, "math domain error");
    return f(d);
  };
  static auto log_of = log_any;
  def(
      "log",
      [](Interp& i, const Args& a) {
        if (any_unknown(a)) return i.unknown("math.log");
        const double x = log_of(i, a[0], std::log);
        return V::real(a.npos > 1 ? x / log_of(i, a[1], std::log) : x);
      },
      1, 2);
  def(
      "log2",
      [](Interp& i, const Args& a) {
        return any_unknown(a) ? i.unknown("math.log2") : V::real(log_of(i, a[0], std::log2));
      },
      1, 1);
  def(
      "floor", [](Interp& i, const Args& a) { return rounding(i, a, "__floor__", std::floor); }, 1,
      1);
  def(
      "ceil", [](Interp& i, const Args& a) { return rounding(i, a, "__ceil__", std::ceil); }, 1, 1);
  def(
      "trunc", [](Interp& i, const Args& a) { return rounding(i, a, "__trunc__", std::trunc); }, 1,
      1);
#define KDEX_M2(name, expr)                                            \
  def(                                                                 \
      #name,                                                           \
      [](Interp& i, const Args& a) {                                   \
        if (any_unknown(a)) return i.unknown("math." #name);           \
        const double x = arg_double(i, a[0]), y = arg_double(i, a[1]); \
        return V::real(expr);                                          \
      },                                                               \
      2, 2);
  KDEX_M2(remainder, std::remainder(x, y))
  KDEX_M2(copysign, std::copysign(x, y))
  KDEX_M2(atan2, std::atan2(x, y))
  KDEX_M2(nextafter, std::nextafter(x, y))
#undef KDEX_M2
  def(
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
      2, 2);
  def(
      "fmod",
      [](Interp& i, const Args& a) {
        if (any_unknown(a)) return i.unknown("math.fmod");
        const double x = arg_double(i, a[0]), y = arg_double(i, a[1]), r = std::fmod(x, y);
        if (std::isnan(r) && !std::isnan(x) && !std::isnan(y))
          i.raise(i.t.ValueError, "math domain error");
        return V::real(r);
      },
      2, 2);
  def(
      "dist",
      [](Interp& i, const Args& a) {
        if (any_unknown(a)) return i.unknown("math.dist");
        const V p = i.to_tuple(a[0]), q = i.to_tuple(a[1]);
        if (p.as<Tuple>()->n != q.as<Tuple>()->n)
          i.raise(i.t.ValueError, "both points must have the same number of dimensions");
        double s = 0;
        for (std::uint32_t k = 0; k < p.as<Tuple>()->n; ++k)
          s = std::hypot(s,
                         arg_double(i, p.as<Tuple>()->at[k]) - arg_double(i, q.as<Tuple>()->at[k]));
        return V::real(s);
      },
      2, 2);
  def(
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
      1, 2);
  def(
      "ldexp",
      [](Interp& i, const Args& a) {
        return V::real(std::ldexp(arg_double(i, a[0]), static_cast<int>(i.index(a[1]))));
      },
      2, 2);
  def(
      "isfinite",
      [](Interp& i, const Args& a) { return V::boolean(std::isfinite(arg_double(i, a[0]))); }, 1,
      1);
  def(
      "isinf", [](Interp& i, const Args& a) { return V::boolean(std::isinf(arg_double(i, a[0]))); },
      1, 1);
  def(
      "isnan", [](Interp& i, const Args& a) { return V::boolean(std::isnan(arg_double(i, a[0]))); },
      1, 1);
  def(
      "degrees",
      [](Interp& i, const Args& a) { return V::real(arg_double(i, a[0]) * 180.0 / M_PI); }, 1, 1);
  def(
      "radians",
      [](Interp& i, const Args& a) { return V::real(arg_double(i, a[0]) * M_PI / 180.0); }, 1, 1);
  def(
      "frexp",
      [](Interp& i, const Args& a) {
        int e;
        const double x = std::frexp(arg_double(i, a[0]), &e);
        return i.tuple({V::real(x), V::integer(e)});
      },
      1, 1);
  def(
      "modf",
      [](Interp& i, const Args& a) {
        double w;
        const double f = std::modf(arg_double(i, a[0]), &w);
        return i.tuple({V::real(f), V::real(w)});
      },
      1, 1);
  def(
      "hypot",
      [](Interp& i, const Args& a) {
        double s = 0;
        for (std::uint32_t k = 0; k < a.npos; ++k) s = std::hypot(s, arg_double(i, a[k]));
        return V::real(s);
      },
      0, -1);
  def(
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
      2, 2, true);
  def(
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
      0, -1);
  def(
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
      0, -1);
  def(
      "isqrt",
      [](Interp& i, const Args& a) {
        const Big x = big_of(to_int(i, a[0], "isqrt"));
        if (x < 0) i.raise(i.t.ValueError, "isqrt() argument must be nonnegative");
        work(i, x, x, 64);
        return from_big(i, sqrt(x));
      },
      1, 1);
  def(
      "factorial",
      [](Interp& i, const Args& a) {
        const std::int64_t total = i.index(a[0]);
        if (total < 0) i.raise(i.t.ValueError, "factorial() not defined for negative values");
        guard_bits(static_cast<double>(total) * std::log2(static_cast<double>(total) + 1));
        Big r = 1;
        for (std::int64_t k = 2; k <= total; ++k, work(i, r, 1)) r *= k;
        return from_big(i, r);
      },
      1, 1);
  def(
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
      2, 2);
  def(
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
      1, 1, true);
  def(
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
      1, 1);
  for (auto [name, v] : {std::pair{"pi", M_PI},
                         {"e", M_E},
                         {"tau", 2 * M_PI},
                         {"inf", std::numeric_limits<double>::infinity()},
                         {"nan", std::numeric_limits<double>::quiet_NaN()}})
    in.put(m, in.intern(name), V::real(v));
}

}  // namespace kdex::py
