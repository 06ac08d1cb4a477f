// The closest of a list of names, for "did you mean".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kdex {

/// Up to `most` candidates that are near `name` (edit distance, or one holds the other), nearest
/// first.
std::vector<std::string> closest_names(std::string_view name,
                                       const std::vector<std::string>& candidates,
                                       std::size_t most = 3);
/// "did you mean 'a' or 'b'?" or "" where nothing is near.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace kdex
