// Tensors in host memory as bytes: sizes and values of the dataset's dtypes, random numbers.
// Knows no definition and no file format.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <kdex/error.h>

namespace kdex {

/// A tensor in row-major order. `bytes` may be empty where the content is not decided yet.
struct HostTensor {
  std::string dtype;  ///< "bfloat16", "float8_e4m3fn", ...
  std::vector<std::int64_t> shape;
  std::string bytes;
  std::int64_t elements() const {
    std::int64_t n = 1;
    for (auto s : shape) n *= s;
    return n;
  }
};

/// Bytes of an element; 0 for an unknown dtype (float4 is packed two a byte and has none).
inline std::size_t dtype_bytes(std::string_view dtype) {
  if (dtype == "int64") return 8;
  if (dtype == "float32" || dtype == "int32") return 4;
  if (dtype == "float16" || dtype == "bfloat16" || dtype == "int16") return 2;
  if (dtype == "float8_e4m3fn" || dtype == "float8_e5m2" || dtype == "int8" || dtype == "bool")
    return 1;
  return 0;
}

/// True for float and bfloat dtypes of any width.
inline bool is_real_dtype(std::string_view dtype) {
  return dtype.starts_with("float") || dtype == "bfloat16";
}

/// Bytes of a tensor. Throws kdex::Error naming it where its dtype is unknown, a size is negative
/// or no memory holds it.
inline std::uint64_t tensor_bytes(const std::string& dtype, const std::vector<std::int64_t>& shape,
                                  const std::string& name) {
  std::uint64_t n = dtype_bytes(dtype);
  if (n == 0) throw Error("the type " + dtype + " is not known", name);
  for (auto s : shape) {
    if (s < 0) throw Error("has a negative size", name);
    if (__builtin_mul_overflow(n, static_cast<std::uint64_t>(s), &n) || n > std::uint64_t{1} << 50)
      throw Error("out of memory: no memory holds its shape", name);
  }
  return n;
}

namespace small_float {
/// A float of 8 or 16 bits: sign, `exponent` bits, `mantissa` bits. `finite`: it has no infinity
/// and all ones is NaN (e4m3fn).
struct Format {
  int exponent, mantissa;
  bool finite;
  int bias() const { return (1 << (exponent - 1)) - 1; }
};
inline constexpr Format half{5, 10, false}, e4m3{4, 3, true}, e5m2{5, 2, false};

inline double decode(unsigned bits, Format f) {
  const int e = static_cast<int>(bits >> f.mantissa) & ((1 << f.exponent) - 1);
  const unsigned m = bits & ((1u << f.mantissa) - 1);
  const double sign = bits >> (f.exponent + f.mantissa) & 1 ? -1.0 : 1.0;
  if (e == (1 << f.exponent) - 1) {
    if (f.finite ? m == (1u << f.mantissa) - 1 : m != 0)
      return std::numeric_limits<double>::quiet_NaN();
    if (!f.finite) return sign * std::numeric_limits<double>::infinity();
  }
  if (e == 0) return sign * std::ldexp(m, 1 - f.bias() - f.mantissa);
  return sign * std::ldexp(static_cast<double>(m | 1u << f.mantissa), e - f.bias() - f.mantissa);
}

inline unsigned encode(double v, Format f) {
  const unsigned sign = std::signbit(v) ? 1u << (f.exponent + f.mantissa) : 0;
  const unsigned ones = (1u << f.exponent) - 1;
  if (std::isnan(v)) return sign | ones << f.mantissa | ((1u << f.mantissa) - 1);
  const double a = std::abs(v);
  // The largest finite pattern, and what lies above it.
  const unsigned top = f.finite ? (ones << f.mantissa | ((1u << f.mantissa) - 2))
                                : ((ones - 1) << f.mantissa | ((1u << f.mantissa) - 1));
  if (a == 0) return sign;
  int e = 0;
  std::frexp(a, &e);
  e = std::max(e - 1, 1 - f.bias());
  const double scaled =
      std::nearbyint(std::ldexp(a, f.mantissa - e));  // mantissa with its hidden bit, rounded
  const double whole = std::ldexp(scaled, e - f.mantissa);
  if (whole > decode(top, f)) return sign | (f.finite ? top : ones << f.mantissa);
  int e2 = 0;
  std::frexp(whole, &e2);
  e2 = std::max(e2 - 1, 1 - f.bias());
  const unsigned m = static_cast<unsigned>(std::ldexp(whole, f.mantissa - e2));
  if (m < 1u << f.mantissa) return sign | m;
  return sign | static_cast<unsigned>(e2 + f.bias()) << f.mantissa | (m & ((1u << f.mantissa) - 1));
}

template <typename T>
T load(const void* data, std::int64_t i) {
  T v;
  std::memcpy(&v, static_cast<const char*>(data) + i * static_cast<std::int64_t>(sizeof(T)),
              sizeof(T));
  return v;
}
template <typename T>
void store(void* data, std::int64_t i, T v) {
  std::memcpy(static_cast<char*>(data) + i * static_cast<std::int64_t>(sizeof(T)), &v, sizeof(T));
}
}  // namespace small_float

/// Element `i` of data of a type. Throws kdex::Error for an unknown dtype.
inline double value_at(const void* data, const std::string& dtype, std::int64_t i) {
  if (dtype == "bfloat16")
    return std::bit_cast<float>(
        static_cast<std::uint32_t>(small_float::load<std::uint16_t>(data, i)) << 16);
  if (dtype == "float32") return small_float::load<float>(data, i);
  if (dtype == "float16")
    return small_float::decode(small_float::load<std::uint16_t>(data, i), small_float::half);
  if (dtype == "float8_e4m3fn")
    return small_float::decode(small_float::load<std::uint8_t>(data, i), small_float::e4m3);
  if (dtype == "float8_e5m2")
    return small_float::decode(small_float::load<std::uint8_t>(data, i), small_float::e5m2);
  if (dtype == "int64") return static_cast<double>(small_float::load<std::int64_t>(data, i));
  if (dtype == "int32") return small_float::load<std::int32_t>(data, i);
  if (dtype == "int16") return small_float::load<std::int16_t>(data, i);
  if (dtype == "int8") return small_float::load<std::int8_t>(data, i);
  if (dtype == "bool") return small_float::load<std::uint8_t>(data, i) != 0;
  throw Error("the type " + dtype + " is not known");
}

/// Writes element `i`, rounded to nearest even. Throws kdex::Error for an unknown dtype.
inline void set_value(void* data, const std::string& dtype, std::int64_t i, double v) {
  if (dtype == "bfloat16") {
    std::uint32_t bits = std::bit_cast<std::uint32_t>(static_cast<float>(v));
    if (!std::isnan(v)) bits += 0x7fff + (bits >> 16 & 1);
    small_float::store<std::uint16_t>(data, i, static_cast<std::uint16_t>(bits >> 16));
  } else if (dtype == "float32")
    small_float::store<float>(data, i, static_cast<float>(v));
  else if (dtype == "float16")
    small_float::store<std::uint16_t>(
        data, i, static_cast<std::uint16_t>(small_float::encode(v, small_float::half)));
  else if (dtype == "float8_e4m3fn")
    small_float::store<std::uint8_t>(
        data, i, static_cast<std::uint8_t>(small_float::encode(v, small_float::e4m3)));
  else if (dtype == "float8_e5m2")
    small_float::store<std::uint8_t>(
        data, i, static_cast<std::uint8_t>(small_float::encode(v, small_float::e5m2)));
  else if (dtype == "int64")
    small_float::store<std::int64_t>(data, i, static_cast<std::int64_t>(v));
  else if (dtype == "int32")
    small_float::store<std::int32_t>(data, i, static_cast<std::int32_t>(v));
  else if (dtype == "int16")
    small_float::store<std::int16_t>(data, i, static_cast<std::int16_t>(v));
  else if (dtype == "int8")
    small_float::store<std::int8_t>(data, i, static_cast<std::int8_t>(v));
  else if (dtype == "bool")
    small_float::store<std::uint8_t>(data, i, v != 0);
  else
    throw Error("the type " + dtype + " is not known");
}

/// A small generator (splitmix64), for data that needs no more. The same seed, the same numbers.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
  }
  /// From 0 to bound - 1; 0 where the bound is not positive.
  std::int64_t below(std::int64_t bound) {
    return bound <= 0 ? 0 : static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(bound));
  }
  /// From 0 to 1, without 1.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

 private:
  std::uint64_t state_;
};

/// FlashInfer-Bench's distributions: normal for floats, clamped to [-2, 2] below 16 bits, uniform
/// for integers. The same `seed`, the same bytes.
inline void fill_random(void* data, const std::string& dtype, std::int64_t elements,
                        std::uint64_t seed) {
  const std::size_t each = dtype_bytes(dtype);
  if (each == 0) throw Error("random data of type " + dtype + " is not known");
  Random random(seed);
  // A pool of values; long tensors are runs of it from random places, which costs a copy.
  const std::int64_t pool_size = std::min<std::int64_t>(elements, 1 << 18);
  std::string pool(static_cast<std::size_t>(pool_size) * each, '\0');
  const bool real = dtype.starts_with("float") || dtype == "bfloat16";
  for (std::int64_t i = 0; i < pool_size; ++i) {
    double v = 0;
    if (real) {
      v = std::sqrt(-2 * std::log(1 - random.uniform())) *
          std::cos(6.283185307179586 * random.uniform());
      if (each == 1) v = std::clamp(v, -2.0, 2.0);
    } else {
      v = dtype == "bool" ? static_cast<double>(random.below(2))
          : each == 1     ? static_cast<double>(random.below(256) - 128)
                          : static_cast<double>(random.below(2048) - 1024);
    }
    set_value(pool.data(), dtype, i, v);
  }
  char* to = static_cast<char*>(data);
  std::memcpy(to, pool.data(), pool.size());
  for (std::int64_t at = pool_size; at < elements;) {
    const std::int64_t from = random.below(pool_size / 2);
    const std::int64_t run =
        std::min({elements - at, pool_size - from, std::int64_t{997} + random.below(4096)});
    std::memcpy(to + static_cast<std::size_t>(at) * each,
                pool.data() + static_cast<std::size_t>(from) * each,
                static_cast<std::size_t>(run) * each);
    at += run;
  }
}

}  // namespace kdex
