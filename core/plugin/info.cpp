// Implementation of core/plugin/info.h.
#include "core/plugin/info.h"

#include <algorithm>
#include <cctype>

#include <kdex/error.h>

#include "core/base/options.h"
#include "core/base/text.h"

namespace kdex {
namespace {

using Strings = std::vector<std::string>;

/// Fit for a file's name.
bool is_plain(const std::string& n) {
  return !n.empty() && std::all_of(n.begin(), n.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-';
  });
}

std::string quoted(const std::string& text) { return "'" + printable(text, 200) + "'"; }

bool holds(const Strings& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

std::string unusable(const char* what, const std::string& text) {
  return std::string("info() returns an invalid ") + what + " " + quoted(text) +
         ": expected letters, digits, '_' or '-'";
}

std::string default_fault(const Option& o) {
  if (o.default_value.empty()) return "";
  try {
    check_value(o, parts_of(o, o.default_value), "");
  } catch (const Error& e) {
    return "the default of its option '" + o.key + "' " + e.what_happened;
  }
  return "";
}

/// `taken`: keys that mean something else where the options are written.
std::string options_fault(const std::vector<Option>& options, const Strings& taken) {
  Strings keys;
  for (const auto& o : options) {
    if (!is_plain(o.key)) return unusable("key of an option", o.key);
    if (holds(keys, o.key)) return "its option '" + o.key + "' is defined twice";
    if (holds(taken, o.key)) return "its option '" + o.key + "' is reserved by kdex; rename it";
    keys.push_back(o.key);
    if (o.type == Option::Type::choice && o.choices.empty())
      return "its option '" + o.key + "' has no choices";
    if (std::string fault = default_fault(o); !fault.empty()) return fault;
  }
  return "";
}

/// What only kdex's own stages write.
bool is_reserved(const std::string& path) {
  for (const char* own : {"definitions/", ".kdex/"})
    if ((path + "/").starts_with(own)) return true;
  return path == "report.json" || path == "report.html";
}

}  // namespace

const Strings& needs_in_memory() {
  static const Strings all = {"models", "found definitions"};
  return all;
}

std::string path_fault(const std::string& path) {
  if (path.empty() || path == "/") return "is empty";
  if (path[0] == '/') return "must be relative to the dataset";
  for (std::size_t start = 0; start < path.size();) {
    const auto end = std::min(path.find('/', start), path.size());
    const std::string part = path.substr(start, end - start);
    if (part.empty() || part == "." || part == "..")
      return "must be a plain path below the dataset";
    start = end + 1;
  }
  const bool has_control =
      std::any_of(path.begin(), path.end(), [](unsigned char c) { return c < ' ' || c == 127; });
  return has_control ? "must not hold control characters" : "";
}

std::string family_fault(const FamilyInfo& info) {
  if (!is_plain(info.name)) return unusable("name", info.name);
  if (!info.author.empty() && !is_plain(info.author)) return unusable("author", info.author);
  return options_fault(info.options, {"name"});
}

std::string stage_fault(const StageInfo& info) {
  if (!is_plain(info.name)) return unusable("name", info.name);
  for (const auto& need : info.needs) {
    const bool is_path = need.find('/') != std::string::npos || need.find('.') != std::string::npos;
    if (!is_path && !holds(needs_in_memory(), need))
      return "it needs " + quoted(need) + ": expected " + alternatives(needs_in_memory()) +
             ", or a path below the dataset such as definitions/";
    if (const std::string fault = path_fault(need); is_path && !fault.empty())
      return "it needs " + quoted(need) + ": the path " + fault;
  }
  for (const auto& path : info.writes) {
    if (const std::string fault = path_fault(path); !fault.empty())
      return "it writes " + quoted(path) + ": the path " + fault;
    if (is_reserved(path))
      return "it writes " + quoted(path) +
             ": only kdex's own stages do; name another file or folder";
  }
  if (!(info.seconds > 0 && info.seconds <= 1e6))
    return "info() returns invalid seconds: expected more than 0 and at most 1000000";
  return options_fault(info.options, {"name", "help", "jobs", "plugins_path"});
}

bool is_written_by(const StageInfo& info, const std::string& path) {
  return path_fault(path).empty() && !path.ends_with('/') &&
         std::any_of(info.writes.begin(), info.writes.end(), [&](const std::string& w) {
           return w.ends_with('/') ? path.starts_with(w) : path == w;
         });
}

}  // namespace kdex
