// MD5 (RFC 1321), SHA-1 and SHA-2 (FIPS 180-4).
#include "core/base/digest.h"

#include <array>
#include <bit>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <cstdint>
#include <vector>

namespace kdex {
namespace {

using U = std::uint32_t;

std::vector<std::uint8_t> padded(std::string_view data, bool little) {
  std::vector<std::uint8_t> m(data.begin(), data.end());
  m.push_back(0x80);
  while (m.size() % 64 != 56) m.push_back(0);
  const std::uint64_t bits = std::uint64_t{data.size()} * 8;
  for (int i = 0; i < 8; ++i)
    m.push_back(static_cast<std::uint8_t>(bits >> (little ? 8 * i : 56 - 8 * i)));
  return m;
}
U big(const std::uint8_t* p) { return U{p[0]} << 24 | U{p[1]} << 16 | U{p[2]} << 8 | p[3]; }
U small(const std::uint8_t* p) { return U{p[3]} << 24 | U{p[2]} << 16 | U{p[1]} << 8 | p[0]; }
std::string bytes_of(const U* h, int n, bool little) {
  std::string s;
  for (int i = 0; i < n; ++i)
    for (int k = 0; k < 4; ++k) s += static_cast<char>(h[i] >> (little ? 8 * k : 24 - 8 * k));
  return s;
}

std::string md5(std::string_view data) {
  static const int turns[4][4] = {
      {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
  U h[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  const auto m = padded(data, true);
  for (std::size_t at = 0; at < m.size(); at += 64) {
    U a = h[0], b = h[1], c = h[2], d = h[3];
    for (int i = 0; i < 64; ++i) {
      U f = 0;
      int g = 0;
      switch (i / 16) {
        case 0:
          f = (b & c) | (~b & d);
          g = i;
          break;
        case 1:
          f = (d & b) | (~d & c);
          g = (5 * i + 1) % 16;
          break;
        case 2:
          f = b ^ c ^ d;
          g = (3 * i + 5) % 16;
          break;
        default:
          f = c ^ (b | ~d);
          g = 7 * i % 16;
          break;
      }
      const U k = static_cast<U>(std::floor(std::fabs(std::sin(i + 1.0)) * 4294967296.0));
      const U x = a + f + k + small(&m[at + 4 * static_cast<std::size_t>(g)]);
      a = d, d = c, c = b;
      b += std::rotl(x, turns[i / 16][i % 4]);
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d;
  }
  return bytes_of(h, 4, true);
}

std::string sha1(std::string_view data) {
  U h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  const auto m = padded(data, false);
  for (std::size_t at = 0; at < m.size(); at += 64) {
    U w[80];
    for (std::size_t i = 0; i < 16; ++i) w[i] = big(&m[at + 4 * i]);
    for (int i = 16; i < 80; ++i) w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    U a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (int i = 0; i < 80; ++i) {
      const U f = i < 20              ? (b & c) | (~b & d)
                  : i < 40 || i >= 60 ? b ^ c ^ d
                                      : (b & c) | (b & d) | (c & d);
      const U k = i < 20 ? 0x5a827999 : i < 40 ? 0x6ed9eba1 : i < 60 ? 0x8f1bbcdc : 0xca62c1d6;
      const U t = std::rotl(a, 5) + f + e + k + w[i];
      e = d, d = c, c = std::rotl(b, 30), b = a, a = t;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
  }
  return bytes_of(h, 5, false);
}

/// The first 32 bits of the fraction of the square or cube root of n, exactly, by integer search.
U root_fraction(U n, bool cube) {
  unsigned __int128 lo = 0, hi = static_cast<unsigned __int128>(32) << 32;
  while (hi - lo > 1) {
    const unsigned __int128 x = (lo + hi) / 2;
    const bool fits = cube ? x * x * x <= static_cast<unsigned __int128>(n) << 96
                           : x * x <= static_cast<unsigned __int128>(n) << 64;
    (fits ? lo : hi) = x;
  }
  return static_cast<U>(lo);
}

std::uint64_t root_bits(int root, int n);

std::string sha256(std::string_view data, bool is_224 = false) {
  U k[64], h[8];
  int found = 0;
  for (U n = 2; found < 64; ++n) {
    bool prime = true;
    for (U d = 2; d * d <= n; ++d) prime = prime && n % d;
    if (!prime) continue;
    if (found < 8) h[found] = root_fraction(n, false);
    k[found++] = root_fraction(n, true);
  }
  if (is_224)
    for (int i = 0; i < 8; ++i) h[i] = static_cast<U>(root_bits(2, 8 + i));
  const auto m = padded(data, false);
  for (std::size_t at = 0; at < m.size(); at += 64) {
    U w[64], v[8];
    for (std::size_t i = 0; i < 16; ++i) w[i] = big(&m[at + 4 * i]);
    for (int i = 16; i < 64; ++i)
      w[i] = w[i - 16] + (std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ (w[i - 15] >> 3)) +
             w[i - 7] + (std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ (w[i - 2] >> 10));
    for (int i = 0; i < 8; ++i) v[i] = h[i];
    for (int i = 0; i < 64; ++i) {
      const U t1 = v[7] + (std::rotr(v[4], 6) ^ std::rotr(v[4], 11) ^ std::rotr(v[4], 25)) +
                   ((v[4] & v[5]) ^ (~v[4] & v[6])) + k[i] + w[i];
      const U t2 = (std::rotr(v[0], 2) ^ std::rotr(v[0], 13) ^ std::rotr(v[0], 22)) +
                   ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
      for (int j = 7; j > 0; --j) v[j] = v[j - 1];
      v[4] += t1;
      v[0] = t1 + t2;
    }
    for (int i = 0; i < 8; ++i) h[i] += v[i];
  }
  return bytes_of(h, is_224 ? 7 : 8, false);
}

using W = std::uint64_t;
using Big = boost::multiprecision::uint512_t;

/// The first 64 bits behind the point of the square (2) or cube (3) root of the n-th prime, counted
/// from 0.
W root_bits(int root, int n) {
  int p = 2;
  for (int found = 0;; ++p) {
    bool prime = true;
    for (int d = 2; d * d <= p; ++d) prime &= p % d != 0;
    if (prime && found++ == n) break;
  }
  const Big target = Big(p) << static_cast<unsigned>(64 * root);
  Big low = 0, high = Big(1) << 72;
  while (high - low > 1) {
    const Big middle = (low + high) / 2;
    (pow(middle, static_cast<unsigned>(root)) <= target ? low : high) = middle;
  }
  return static_cast<W>(low & 0xFFFFFFFFFFFFFFFFull);
}

std::string sha512(std::string_view data, int first_prime, std::size_t length) {
  static const std::array<W, 80> k = [] {
    std::array<W, 80> out;
    for (int i = 0; i < 80; ++i) out[static_cast<std::size_t>(i)] = root_bits(3, i);
    return out;
  }();
  W h[8];
  for (int i = 0; i < 8; ++i) h[i] = root_bits(2, first_prime + i);
  std::vector<std::uint8_t> m(data.begin(), data.end());
  m.push_back(0x80);
  while (m.size() % 128 != 112) m.push_back(0);
  m.insert(m.end(), 8, 0);  // the length has 128 bits
  for (int i = 0; i < 8; ++i)
    m.push_back(static_cast<std::uint8_t>(W{data.size()} * 8 >> (56 - 8 * i)));
  for (std::size_t at = 0; at < m.size(); at += 128) {
    W w[80];
    for (std::size_t i = 0; i < 16; ++i) {
      w[i] = 0;
      for (std::size_t b = 0; b < 8; ++b) w[i] = w[i] << 8 | m[at + 8 * i + b];
    }
    for (int i = 16; i < 80; ++i) {
      const W a = w[i - 15], b = w[i - 2];
      w[i] = w[i - 16] + (std::rotr(a, 1) ^ std::rotr(a, 8) ^ (a >> 7)) + w[i - 7] +
             (std::rotr(b, 19) ^ std::rotr(b, 61) ^ (b >> 6));
    }
    W v[8];
    for (int i = 0; i < 8; ++i) v[i] = h[i];
    for (int i = 0; i < 80; ++i) {
      const W t1 = v[7] + (std::rotr(v[4], 14) ^ std::rotr(v[4], 18) ^ std::rotr(v[4], 41)) +
                   ((v[4] & v[5]) ^ (~v[4] & v[6])) + k[static_cast<std::size_t>(i)] + w[i];
      const W t2 = (std::rotr(v[0], 28) ^ std::rotr(v[0], 34) ^ std::rotr(v[0], 39)) +
                   ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
      for (int j = 7; j > 0; --j) v[j] = v[j - 1];
      v[4] += t1;
      v[0] = t1 + t2;
    }
    for (int i = 0; i < 8; ++i) h[i] += v[i];
  }
  std::string s;
  for (W x : h)
    for (int b = 56; b >= 0; b -= 8) s += static_cast<char>(x >> b);
  return s.substr(0, length);
}

}  // namespace

std::string digest(std::string_view name, std::string_view data) {
  if (name == "md5") return md5(data);
  if (name == "sha1") return sha1(data);
  if (name == "sha256") return sha256(data);
  if (name == "sha224") return sha256(data, true);
  if (name == "sha512") return sha512(data, 0, 64);
  if (name == "sha384") return sha512(data, 8, 48);
  return {};
}

std::string hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto b = static_cast<unsigned char>(c);
    out += kDigits[b >> 4];
    out += kDigits[b & 15];
  }
  return out;
}

}  // namespace kdex
