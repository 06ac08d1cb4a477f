// Implementation of core/base/closest.h.
#include "core/base/closest.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <tuple>

namespace kdex {
namespace {

std::string plain(std::string_view s) {
  std::string out;
  for (char c : s.substr(0, 200)) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0) out += static_cast<char>(std::tolower(byte));
  }
  return out;
}

std::size_t edits(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::vector<std::string> closest_names(std::string_view name,
                                       const std::vector<std::string>& candidates,
                                       std::size_t most) {
  const std::string wanted = plain(name);
  std::vector<std::tuple<std::size_t, std::string>> near;
  for (const auto& candidate : candidates) {
    const std::string c = plain(candidate);
    std::size_t distance = edits(wanted, c);
    bool holds = wanted.size() >= 3 && c.size() >= 3 &&
                 (c.find(wanted) != std::string::npos || wanted.find(c) != std::string::npos);
    if (holds) distance = std::min<std::size_t>(distance, 1 + distance / 8);
    if (distance <= std::max<std::size_t>(2, wanted.size() / 3))
      near.emplace_back(distance, candidate);
  }
  std::sort(near.begin(), near.end());
  near.erase(std::unique(near.begin(), near.end()), near.end());
  std::vector<std::string> out;
  for (auto& [distance, candidate] : near) {
    if (out.size() == most) break;
    out.push_back(std::move(candidate));
  }
  return out;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates) {
  auto near = closest_names(name, candidates);
  if (near.empty()) return "";
  std::string out = "did you mean ";
  for (std::size_t i = 0; i < near.size(); ++i)
    out += (i == 0 ? "" : i + 1 == near.size() ? " or " : ", ") + ("'" + near[i] + "'");
  return out + "?";
}

}  // namespace kdex
