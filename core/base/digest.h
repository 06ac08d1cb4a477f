// Message digests, and bytes as hexadecimal text. Knows nothing of Python.
#pragma once

#include <string>
#include <string_view>

namespace kdex {

/// The raw digest of `data` by "md5", "sha1", "sha224", "sha256", "sha384" or "sha512"; empty where
/// the name is none of these.
std::string digest(std::string_view name, std::string_view data);
/// Two lower-case hexadecimal digits for each byte.
std::string hex(std::string_view bytes);

}  // namespace kdex
