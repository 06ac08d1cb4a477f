// Conversions by bit patterns; safetensors is a length, a JSON header, then the data.
#include "core/cuda/tensors.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include <kdex/error.h>

namespace kdex::cuda {

namespace {

struct Form {
  const char* dtype;
  const char* safetensors;
  std::size_t bytes;
};
constexpr Form kForms[] = {{"float32", "F32", 4},
                           {"float16", "F16", 2},
                           {"bfloat16", "BF16", 2},
                           {"float8_e4m3fn", "F8_E4M3", 1},
                           {"float8_e5m2", "F8_E5M2", 1},
                           {"int64", "I64", 8},
                           {"int32", "I32", 4},
                           {"int16", "I16", 2},
                           {"int8", "I8", 1},
                           {"bool", "BOOL", 1}};

const Form* form_of(const std::string& dtype) {
  for (const auto& f : kForms)
    if (dtype == f.dtype) return &f;
  return nullptr;
}

/// A small float: sign, `exponent` bits, `mantissa` bits. `finite`: no infinity, all ones is NaN
/// (e4m3fn).
struct Small {
  int exponent, mantissa;
  bool finite;
  int bias() const { return (1 << (exponent - 1)) - 1; }
};

double decode(unsigned bits, Small f) {
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

unsigned encode(double v, Small f) {
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

constexpr Small kHalf{5, 10, false}, kE4m3{4, 3, true}, kE5m2{5, 2, false};

template <typename T>
T read(const void* data, std::int64_t i) {
  T v;
  std::memcpy(&v, static_cast<const char*>(data) + i * static_cast<std::int64_t>(sizeof(T)),
              sizeof(T));
  return v;
}
template <typename T>
void write(void* data, std::int64_t i, T v) {
  std::memcpy(static_cast<char*>(data) + i * static_cast<std::int64_t>(sizeof(T)), &v, sizeof(T));
}

}  // namespace

std::int64_t HostTensor::elements() const {
  std::int64_t n = 1;
  for (auto s : shape) n *= s;
  return n;
}

std::size_t dtype_bytes(const std::string& dtype) {
  const Form* f = form_of(dtype);
  return f ? f->bytes : 0;
}

std::uint64_t tensor_bytes(const std::string& dtype, const std::vector<std::int64_t>& shape,
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

double value_at(const void* data, const std::string& dtype, std::int64_t i) {
  if (dtype == "bfloat16")
    return std::bit_cast<float>(static_cast<std::uint32_t>(read<std::uint16_t>(data, i)) << 16);
  if (dtype == "float32") return read<float>(data, i);
  if (dtype == "float16") return decode(read<std::uint16_t>(data, i), kHalf);
  if (dtype == "float8_e4m3fn") return decode(read<std::uint8_t>(data, i), kE4m3);
  if (dtype == "float8_e5m2") return decode(read<std::uint8_t>(data, i), kE5m2);
  if (dtype == "int64") return static_cast<double>(read<std::int64_t>(data, i));
  if (dtype == "int32") return read<std::int32_t>(data, i);
  if (dtype == "int16") return read<std::int16_t>(data, i);
  if (dtype == "int8") return read<std::int8_t>(data, i);
  if (dtype == "bool") return read<std::uint8_t>(data, i) != 0;
  throw Error("the type " + dtype + " is not known");
}

void set_value(void* data, const std::string& dtype, std::int64_t i, double v) {
  if (dtype == "bfloat16") {
    std::uint32_t bits = std::bit_cast<std::uint32_t>(static_cast<float>(v));
    if (!std::isnan(v)) bits += 0x7fff + (bits >> 16 & 1);
    write<std::uint16_t>(data, i, static_cast<std::uint16_t>(bits >> 16));
  } else if (dtype == "float32")
    write<float>(data, i, static_cast<float>(v));
  else if (dtype == "float16")
    write<std::uint16_t>(data, i, static_cast<std::uint16_t>(encode(v, kHalf)));
  else if (dtype == "float8_e4m3fn")
    write<std::uint8_t>(data, i, static_cast<std::uint8_t>(encode(v, kE4m3)));
  else if (dtype == "float8_e5m2")
    write<std::uint8_t>(data, i, static_cast<std::uint8_t>(encode(v, kE5m2)));
  else if (dtype == "int64")
    write<std::int64_t>(data, i, static_cast<std::int64_t>(v));
  else if (dtype == "int32")
    write<std::int32_t>(data, i, static_cast<std::int32_t>(v));
  else if (dtype == "int16")
    write<std::int16_t>(data, i, static_cast<std::int16_t>(v));
  else if (dtype == "int8")
    write<std::int8_t>(data, i, static_cast<std::int8_t>(v));
  else if (dtype == "bool")
    write<std::uint8_t>(data, i, v != 0);
  else
    throw Error("the type " + dtype + " is not known");
}

std::uint64_t Random::next() {
  std::uint64_t z = state_ += 0x9e3779b97f4a7c15ull;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ z >> 27) * 0x94d049bb133111ebull;
  return z ^ z >> 31;
}

void fill_random(void* data, const std::string& dtype, std::int64_t elements, std::uint64_t seed) {
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

std::string to_safetensors(const std::vector<std::pair<std::string, HostTensor>>& tensors) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  std::size_t at = 0;
  for (const auto& [name, t] : tensors) {
    const Form* f = form_of(t.dtype);
    if (f == nullptr) throw Error("safetensors knows no type " + t.dtype, name);
    header[name] = {
        {"dtype", f->safetensors}, {"shape", t.shape}, {"data_offsets", {at, at + t.bytes.size()}}};
    at += t.bytes.size();
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  std::string out(8, '\0');
  std::uint64_t size = text.size();
  std::memcpy(out.data(), &size, 8);
  out += text;
  for (const auto& [name, t] : tensors) out += t.bytes;
  return out;
}

HostTensor from_safetensors(const std::string& bytes, const std::string& key,
                            const std::string& where) {
  std::uint64_t size = 0;
  if (bytes.size() >= 8) std::memcpy(&size, bytes.data(), 8);
  if (bytes.size() < 8 || size > bytes.size() - 8)
    throw Error("is no safetensors file, or is cut short", where);
  try {
    auto header = nlohmann::json::parse(bytes.substr(8, size));
    if (!header.contains(key)) throw Error("holds no tensor '" + key + "'", where);
    const auto& h = header.at(key);
    HostTensor t;
    for (const auto& f : kForms)
      if (h.at("dtype") == f.safetensors) t.dtype = f.dtype;
    t.shape = h.at("shape").get<std::vector<std::int64_t>>();
    const std::uint64_t from = h.at("data_offsets").at(0), to = h.at("data_offsets").at(1);
    if (t.dtype.empty() || from > to || to > bytes.size() - 8 - size ||
        tensor_bytes(t.dtype, t.shape, key) != to - from)
      throw Error("the tensor '" + key + "' is damaged or of a type that is not known", where);
    t.bytes = bytes.substr(8 + size + from, to - from);
    return t;
  } catch (const nlohmann::json::exception& e) {
    throw Error(std::string("is no safetensors file: ") + e.what(), where);
  }
}

}  // namespace kdex::cuda
