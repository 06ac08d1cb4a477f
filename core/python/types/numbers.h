// Integers of any width, and what the number types share. Included by the files of number types
// alone: it brings multiprecision.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/python/machine/impl.h"
#include "core/python/machine/ops.h"

namespace kdex::py {

using Big = boost::multiprecision::cpp_int;
constexpr std::size_t kMaxBits = 1u << 22;

Big big_of(V v);  // of an int, a bool or a bigint
V from_big(Interp& in, const Big& x);
inline std::size_t bits_of(const Big& x) { return x == 0 ? 0 : msb(abs(x)) + 1; }
/// LimitError past the widest integer that is made.
void guard_bits(double bits);
/// `error` past CPython's own limit of a decimal conversion.
void guard_digits(Interp& in, Type* error, std::size_t digits, const char* more = "");
/// Counts an operation that takes time in the product of two widths.
void work(Interp& in, const Big& a, const Big& b, std::size_t each = 1);
/// From digits of `shift` bits, the highest first.
Big from_digits(const std::vector<std::uint8_t>& digits, unsigned shift);

inline bool is_integer(V v) { return v.is_int() || v.is_bool() || v.is(Kind::bigint); }
double big_to_double(Interp& in, V v);  // OverflowError where no double is so large
double real_of(Interp& in, V v);        // of a plain number

/// int(v) of what is no text; `what` for messages.
V to_int(Interp& in, V v, const char* what);
/// A value as an instance of `cls`, which is `plain` or below it.
V boxed(Interp& in, Type* cls, Type* plain, V v);

void define_number_methods(Interp& in, Type* type);  // what int and float have in common
void install_bool(Interp& in);
void install_int(Interp& in);
void install_float(Interp& in);
void install_math(Interp& in);

}  // namespace kdex::py
