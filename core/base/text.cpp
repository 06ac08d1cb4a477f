// Implementation of core/base/text.h.
#include "core/base/text.h"

namespace kdex {
namespace {

/// The bytes of the UTF-8 character at `at`, 0 where there is none.
std::size_t character(std::string_view s, std::size_t at) {
  auto byte = [&](std::size_t i) {
    return at + i < s.size() ? static_cast<unsigned char>(s[at + i]) : 0u;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t n = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4) return 0;
  for (std::size_t i = 1; i < n; ++i)
    if ((byte(i) & 0xC0u) != 0x80u) return 0;
  const unsigned second = byte(1);
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
      (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F))
    return 0;
  return n;
}

}  // namespace

std::string printable(std::string_view text, std::size_t most) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t n = character(text, at);
    const auto c = static_cast<unsigned char>(text[at]);
    if (n == 0)
      out += '?';
    else if (c < ' ' || c == 0x7F)
      out += ' ';
    else
      out += text.substr(at, n);
    at += n == 0 ? 1 : n;
  }
  if (out.size() <= most) return out;
  auto starts = [&](std::size_t i) {
    return (static_cast<unsigned char>(out[i]) & 0xC0u) != 0x80u;
  };
  std::size_t head = most / 2, tail = out.size() - most / 2;
  while (!starts(head)) --head;
  while (tail < out.size() && !starts(tail)) ++tail;
  return out.substr(0, head) + " ... " + out.substr(tail);
}

std::string one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  return text;
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string out;
  for (const auto& p : parts) {
    if (!out.empty()) out += between;
    out += p;
  }
  return out;
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t n = character(text, at);
    if (n == 0) return false;
    at += n;
  }
  return true;
}

}  // namespace kdex
