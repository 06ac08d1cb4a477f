// Implementation of core/definition/tags.h.
#include "core/definition/tags.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

namespace kdex {
namespace {

/// "model:" of "model:x"; a tag without a key is its own.
std::string_view key_of(std::string_view tag) {
  const auto colon = tag.find(':');
  return colon == std::string_view::npos ? tag : tag.substr(0, colon + 1);
}

bool is_number(std::string_view s) {
  return !s.empty() && s.size() < 19 &&
         std::all_of(s.begin(), s.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// "tp:8" before "tp:16"; other values by their bytes.
bool comes_before(std::string_view a, std::string_view b) {
  const auto x = a.substr(key_of(a).size()), y = b.substr(key_of(b).size());
  if (!is_number(x) || !is_number(y)) return x < y;
  const auto digits = [](std::string_view s) {
    s.remove_prefix(std::min(s.find_first_not_of('0'), s.size()));
    return s;
  };
  const auto m = digits(x), n = digits(y);
  return m.size() != n.size() ? m.size() < n.size() : m < n;
}

using Tags = std::vector<std::string>;

bool has_key(const Tags& tags, std::string_view key) {
  return std::any_of(tags.begin(), tags.end(),
                     [&](const std::string& t) { return key_of(t) == key; });
}

/// Where a tag goes: among those of its key by value; a new key behind the one that stands before
/// it in `order`.
Tags::iterator place_of(Tags& tags, const std::string& tag, const Tags& order) {
  auto key = key_of(tag);
  if (has_key(tags, key)) {
    auto after = tags.end();
    for (auto it = tags.begin(); it != tags.end(); ++it) {
      if (key_of(*it) != key) continue;
      if (comes_before(tag, *it)) return it;
      after = it + 1;
    }
    return after;
  }
  auto before = std::find(order.begin(), order.end(), tag);
  while (before != order.begin()) {
    key = key_of(*--before);
    for (auto it = tags.end(); it != tags.begin(); --it)
      if (key_of(*(it - 1)) == key) return it;
  }
  return tags.end();
}

}  // namespace

bool join_tags(Definition& to, const Definition& from) {
  Tags met = from.met;
  if (met.empty())
    for (const auto& t : from.tags)
      if (t.starts_with("model:")) met.push_back(t);
  bool added = false;
  for (const auto& tag : met) {
    if (std::find(to.tags.begin(), to.tags.end(), tag) != to.tags.end()) continue;
    to.tags.insert(place_of(to.tags, tag, from.tags), tag);
    added = true;
  }
  for (const auto& tag : met)
    if (std::find(to.met.begin(), to.met.end(), tag) == to.met.end()) to.met.push_back(tag);
  return added;
}

}  // namespace kdex
