// The string by which kdex and a family library know that they were built alike.
// Computed at compile time from the SDK's version, the compiler's C++ ABI and the sizes of the
// SDK's value types; knows nothing of loading.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include <kdex/chip.h>
#include <kdex/definition.h>
#include <kdex/kernel_plan.h>
#include <kdex/module_tree.h>

/// Raised whenever the SDK's types or the meaning of a call change.
#define KDEX_SDK_VERSION "7"

namespace kdex::abi {

struct Text {
  std::array<char, 160> chars{};
  std::size_t size = 0;
  constexpr void add(std::string_view s) {
    for (char c : s) chars[size++] = c;
  }
  constexpr void add(std::size_t n) {
    char digits[20] = {};
    std::size_t count = 0;
    do digits[count++] = static_cast<char>('0' + n % 10);
    while (n /= 10);
    while (count > 0) chars[size++] = digits[--count];
  }
};

consteval Text make_text() {
  Text t;
  t.add("kdex-sdk " KDEX_SDK_VERSION);
#if defined(__GXX_ABI_VERSION)
  t.add("; c++abi ");
  t.add(std::size_t{__GXX_ABI_VERSION});
#endif
#if defined(_LIBCPP_VERSION)
  t.add("; libc++");
#elif defined(_GLIBCXX_USE_CXX11_ABI)
  t.add("; libstdc++ cxx11=");
  t.add(std::size_t{_GLIBCXX_USE_CXX11_ABI});
#endif
#if defined(_GLIBCXX_DEBUG)
  t.add(" debug");
#endif
  t.add("; sizes ");
  t.add(sizeof(Value));
  t.add("-");
  t.add(sizeof(Module));
  t.add("-");
  t.add(sizeof(ModuleTree));
  t.add("-");
  t.add(sizeof(Definition));
  t.add("-");
  t.add(sizeof(Axis));
  t.add("-");
  t.add(sizeof(KernelPlan));
  t.add("-");
  t.add(sizeof(Chip));
  t.add("-");
  t.add(sizeof(Tuning));
  return t;
}

inline constexpr Text text = make_text();

/// "kdex-sdk 7; c++abi 1017; libstdc++ cxx11=1; sizes …"; NUL-terminated.
inline constexpr const char* string() { return text.chars.data(); }

}  // namespace kdex::abi
