// Tensors as bytes: sizes and values of the dataset's types, random data, safetensors files.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace kdex::cuda {

struct HostTensor {
  std::string dtype;  ///< "bfloat16", "float8_e4m3fn", ...
  std::vector<std::int64_t> shape;
  std::string bytes;
  std::int64_t elements() const;
};

/// Bytes of an element; 0 for a type that is not known (float4 is packed two a byte and not known
/// here).
std::size_t dtype_bytes(const std::string& dtype);

/// Bytes of a tensor. Throws kdex::Error naming it where its type is not known, a size is negative
/// or no memory holds it.
std::uint64_t tensor_bytes(const std::string& dtype, const std::vector<std::int64_t>& shape,
                           const std::string& name);

/// Element `i` of data of a type.
double value_at(const void* data, const std::string& dtype, std::int64_t i);
/// Writes element `i`, rounded to nearest even.
void set_value(void* data, const std::string& dtype, std::int64_t i, double value);

/// FlashInfer-Bench's distributions: normal for floats, clamped to [-2, 2] below 16 bits, uniform
/// for integers. The same `seed`, the same bytes.
void fill_random(void* data, const std::string& dtype, std::int64_t elements, std::uint64_t seed);

/// Bytes of a safetensors file with these tensors, in this order.
std::string to_safetensors(const std::vector<std::pair<std::string, HostTensor>>& tensors);
/// One tensor of such a file. Throws kdex::Error where the file is none or lacks the key.
HostTensor from_safetensors(const std::string& bytes, const std::string& key,
                            const std::string& where);

/// A small generator (splitmix64), for data that needs no more.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  std::int64_t below(std::int64_t bound) {
    return bound <= 0 ? 0 : static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(bound));
  }
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

 private:
  std::uint64_t state_;
};

}  // namespace kdex::cuda
