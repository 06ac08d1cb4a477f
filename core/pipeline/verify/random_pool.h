// Random tensors on the device, cheap enough for gigabytes: pieces of a pool of random values that
// is drawn once for each data type.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/cuda/driver.h"

namespace kdex::verify {

class RandomPool {
 public:
  RandomPool(cuda::Driver& driver, std::uint64_t seed) : driver_(driver), seed_(seed) {}
  /// Draws the pool of a type. Its memory stays allocated, so call this before allocating what is
  /// freed again. Unknown types have no pool.
  void draw(const std::string& dtype);
  /// Fills `elements` elements of a drawn type at `to`. The same seed gives the same values.
  void fill(cuda::DevicePointer to, const std::string& dtype, std::int64_t elements,
            std::uint64_t seed);

 private:
  cuda::Driver& driver_;
  std::uint64_t seed_;
  std::map<std::string, cuda::DevicePointer> pools_;
};

}  // namespace kdex::verify
