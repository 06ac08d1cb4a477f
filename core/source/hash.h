// A fast hash of text for cache keys and damage checks; not cryptographic.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace kdex::source {

/// 64 bits of `s`, eight bytes a step; another `seed` gives independent bits.
inline std::uint64_t hash64(std::string_view s, std::uint64_t seed) {
  constexpr std::uint64_t k1 = 0x9E3779B97F4A7C15ull, k2 = 0xC2B2AE3D27D4EB4Full;
  auto mix = [](std::uint64_t h, std::uint64_t v) {
    h ^= v * k2;
    h = (h << 27 | h >> 37) * k1;
    return h ^ h >> 29;
  };
  std::uint64_t h = mix(seed ^ k1, s.size());
  while (s.size() >= 8) {
    std::uint64_t v;
    std::memcpy(&v, s.data(), 8);
    h = mix(h, v);
    s.remove_prefix(8);
  }
  std::uint64_t v = 0;
  if (!s.empty()) std::memcpy(&v, s.data(), s.size());
  h = mix(h, v);
  return (h ^ h >> 32) * k2;
}

}  // namespace kdex::source
