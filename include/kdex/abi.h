// The string by which kdex and a plugin know that they were built alike: the SDK's version, a
// digest of the declarations that cross between them, the compiler's C++ ABI, and the sizes of the
// standard library's types. Computed at compile time; knows nothing of loading.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <kdex/abi_digest.h>

/// Raised where the meaning of a call changes; changed declarations change KDEX_ABI_DIGEST.
#define KDEX_SDK_VERSION "8"

/// Marks what a library exports: KDEX_FAMILY and KDEX_STAGE define such symbols. That of an object
/// is the address of the function that makes it, as BOOST_DLL_ALIAS would define it: kdex reads it
/// with Boost.DLL, an author needs no Boost.
#define KDEX_EXPORT [[gnu::visibility("default")]]

namespace kdex::abi {

struct Text {
  std::array<char, 200> chars{};
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
  t.add("kdex-sdk " KDEX_SDK_VERSION "; types " KDEX_ABI_DIGEST);
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
  t.add("; sizes");
  for (std::size_t size : {sizeof(long), sizeof(std::string), sizeof(std::vector<int>),
                           sizeof(std::map<int, int>), sizeof(std::shared_ptr<int>),
                           sizeof(std::optional<std::int64_t>), sizeof(std::function<void()>)}) {
    t.add(" ");
    t.add(size);
  }
  return t;
}

// Hidden: the linker makes an exported inline variable one for the whole process, and a library
// would be checked by the string of the one that was loaded before it.
[[gnu::visibility("hidden")]] inline constexpr Text text = make_text();

/// "kdex-sdk 8; types 0123456789abcdef; c++abi 1017; libstdc++ cxx11=1; sizes …"; NUL-terminated.
inline constexpr const char* string() { return text.chars.data(); }

}  // namespace kdex::abi
