// Implementation of core/base/options.h.
#include "core/base/options.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <filesystem>

#include <kdex/error.h>

#include "core/base/closest.h"
#include "core/base/text.h"

namespace kdex {
namespace {

using Type = Option::Type;
using Parts = std::vector<std::string>;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool is_one_of(const std::string& text, const Parts& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool is_boolean(const std::string& text) {
  return is_true(text) || is_one_of(lower(text), {"false", "no", "off", "n", "0"});
}

bool is_integer(const Option& o, const std::string& text) {
  std::int64_t n = 0;
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, n);
  return fault == std::errc() && stop == end && n >= o.least && n <= o.most;
}

bool is_number(const Option& o, const std::string& text) {
  char* end = nullptr;
  const double n = std::strtod(text.c_str(), &end);
  return !text.empty() && end == text.c_str() + text.size() && n >= static_cast<double>(o.least) &&
         n <= static_cast<double>(o.most);
}

std::string from_to(const Option& o) {
  return " from " + std::to_string(o.least) + " to " + std::to_string(o.most);
}

std::string located(const std::string& path, const std::string& base) {
  if (base.empty() || path.starts_with("/") || path.starts_with("~")) return path;
  return (std::filesystem::path(base) / path).lexically_normal().string();
}

}  // namespace

bool is_true(const std::string& text) {
  return is_one_of(lower(text), {"true", "yes", "on", "y", "1"});
}

bool is_list(const Option& o) {
  return o.type == Type::integers || o.type == Type::texts || o.type == Type::paths;
}

std::string alternatives(const Parts& choices) {
  std::string out;
  for (std::size_t i = 0; i < choices.size(); ++i)
    out += (i == 0 ? "" : i + 1 == choices.size() ? " or " : ", ") + choices[i];
  return out;
}

Parts parts_of(const Option& o, const std::string& text) {
  if (!is_list(o) || o.type == Type::paths || text.find(',') == std::string::npos) return {text};
  Parts parts;
  for (std::size_t start = 0; start <= text.size();) {
    const auto end = std::min(text.find(',', start), text.size());
    if (end > start) parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  const auto is_pair = [](const std::string& p) { return p.find('=') != std::string::npos; };
  const bool is_one =
      !parts.empty() && is_pair(parts[0]) && !std::all_of(parts.begin(), parts.end(), is_pair);
  return is_one ? Parts{text} : parts;
}

bool is_value(const Option& o, const std::string& part) {
  switch (o.type) {
    case Type::boolean:
      return is_boolean(part);
    case Type::integer:
    case Type::integers:
      return is_integer(o, part);
    case Type::number:
      return is_number(o, part);
    case Type::choice:
    case Type::text:
    case Type::texts:
    case Type::path:
    case Type::paths:
      break;
  }
  return o.choices.empty() ? !part.empty() : is_one_of(part, o.choices);
}

std::string expected_value(const Option& o) {
  switch (o.type) {
    case Type::boolean:
      return "true or false";
    case Type::integer:
    case Type::integers:
      return "an integer" + from_to(o);
    case Type::number:
      return "a number" + from_to(o);
    case Type::choice:
    case Type::text:
    case Type::texts:
      return o.choices.empty() ? "a text" : alternatives(o.choices);
    case Type::path:
    case Type::paths:
      break;
  }
  return "a path";
}

void check_value(const Option& o, const Parts& parts, const std::string& place) {
  if (parts.empty()) throw Error("is empty", place, "give " + expected_value(o));
  if (!is_list(o) && parts.size() > 1) throw Error("must be one value, not a list", place);
  for (const auto& part : parts)
    if (!is_value(o, part))
      throw Error("must be " + expected_value(o) + ", not '" + printable(part, 200) + "'", place,
                  o.choices.empty() ? "" : did_you_mean(part, o.choices));
}

void set_option(OptionValues& values, const std::vector<Option>& declared, const std::string& owner,
                const OptionSetting& s) {
  const auto option = std::find_if(declared.begin(), declared.end(),
                                   [&](const Option& o) { return o.key == s.key; });
  if (option == declared.end()) {
    Parts keys;
    std::string list;
    for (const auto& o : declared) {
      keys.push_back(o.key);
      list += (list.empty() ? "" : ", ") + o.key;
    }
    const std::string hint = did_you_mean(s.key, keys);
    throw Error(owner + " has no option '" + printable(s.key, 200) + "'", s.place,
                !hint.empty()  ? hint
                : keys.empty() ? "it has no options"
                               : "its options are " + list);
  }
  OptionValues one;
  one.set(s.key, s.value);
  check_value(*option, is_list(*option) ? one.texts(s.key) : Parts{s.value}, s.place);
  const bool is_path = option->type == Type::path || option->type == Type::paths;
  if (!is_path) return values.set(s.key, s.value);
  std::string paths;
  for (const auto& p : option->type == Type::paths ? one.texts(s.key) : Parts{s.value})
    paths += (paths.empty() ? "" : ",") + located(p, s.base);
  values.set(s.key, paths);
}

}  // namespace kdex
