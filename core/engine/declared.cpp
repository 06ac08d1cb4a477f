// declared.h: scans of Python files and of packaging metadata.
#include "core/engine/declared.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

namespace kdex::engine {
namespace {

namespace fs = std::filesystem;

/// Where the last line of `text` that begins with `word` starts, npos where none does. From the
/// end: declarations stand there.
std::size_t line_of(std::string_view text, std::string_view word) {
  for (std::size_t end = text.size(); end > 0;) {
    const void* newline = ::memrchr(text.data(), '\n', end);
    if (newline == nullptr) break;
    const auto at = static_cast<std::size_t>(static_cast<const char*>(newline) - text.data());
    if (text.substr(at + 1).starts_with(word)) return at + 1;
    end = at;
  }
  return text.starts_with(word) ? 0 : std::string_view::npos;
}

/// Reads a file of a source tree; false where it is none (a folder, a device, a FIFO) or absurdly
/// large.
bool read_plain(const std::filesystem::path& file, std::string& text) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return false;
  const auto size = std::filesystem::file_size(file, error);
  if (error || size > (std::uintmax_t{64} << 20)) return false;
  std::ifstream in(file, std::ios::binary);
  text.resize(static_cast<std::size_t>(size));
  in.read(text.data(), static_cast<std::streamsize>(size));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return true;
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

/// Skips blanks, line ends and comments.
std::size_t skip_blank(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    if (text[at] == '#')
      at = std::min(text.find('\n', at), text.size());
    else if (std::isspace(static_cast<unsigned char>(text[at])))
      ++at;
    else
      break;
  }
  return at;
}

/// Reads a quoted text at `at` and what may follow it, one character of `after`; false where
/// something else stands there.
bool quoted(std::string_view text, std::size_t& at, std::string& out, char after) {
  if (at >= text.size() || (text[at] != '"' && text[at] != '\'')) return false;
  const std::size_t end = text.find(text[at], at + 1);
  if (end == std::string_view::npos) return false;
  out = text.substr(at + 1, end - at - 1);
  if (out.empty() ||
      !std::all_of(out.begin(), out.end(), [](char c) { return is_word(c) || c == '.'; }))
    return false;
  at = skip_blank(text, end + 1);
  if (after == ')' && at < text.size() && text[at] == ',') at = skip_blank(text, at + 1);
  if (at >= text.size() || text[at] != after) return false;
  at = skip_blank(text, at + 1);
  return true;
}

std::string plain_name(std::string s) {
  for (char& c : s)
    c = c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return s;
}

}  // namespace

std::vector<std::string> assigned_classes(std::string_view text, std::string_view wanted) {
  std::vector<std::string> names;
  std::size_t at = line_of(text, wanted);
  if (at == std::string_view::npos) return names;
  at = text.find('=', at);
  if (at == std::string_view::npos) return names;
  ++at;
  bool list = false;
  std::string name;
  auto finish = [&] {
    if (!name.empty()) names.push_back(std::move(name));
    name.clear();
  };
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '_') {
      name += c;
    } else if (c == '#') {
      finish();
      while (at + 1 < text.size() && text[at + 1] != '\n') ++at;
    } else if (c == '[' || c == '(') {
      if (list || !name.empty()) return {};
      list = true;
    } else if (c == ',' || c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      finish();
      if (!list && c == '\n' && !names.empty()) return names;
    } else if (list && (c == ']' || c == ')')) {
      finish();
      return names;
    } else {
      return {};
    }
  }
  finish();
  return names;
}

std::vector<Declared> assigned_models(const std::string& folder, const std::string& dotted,
                                      std::string_view name) {
  std::vector<Declared> out;
  std::vector<std::pair<std::string, fs::path>> files;  // by stem
  std::error_code error;
  for (fs::directory_iterator e(folder, error), end; !error && e != end; e.increment(error)) {
    const std::string file = e->path().filename().string();
    if (file.ends_with(".py") && file.size() > 3 && file != "__init__.py")
      files.emplace_back(file.substr(0, file.size() - 3), e->path());
  }
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text;
  for (const auto& [stem, path] : files) {
    if (!read_plain(path, text)) continue;
    for (auto& c : assigned_classes(text, name)) out.push_back({c, dotted + "." + stem, c});
  }
  return out;
}

std::vector<Declared> registered_models(const std::string& file, const std::string& dotted) {
  std::vector<Declared> out;
  std::string text;
  if (!read_plain(file, text)) return out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '#') at = std::min(text.find('\n', at), text.size() - 1);
    if (text[at] != '"' && text[at] != '\'') continue;
    Declared d;
    std::size_t next = at;
    if (!quoted(text, next, d.architecture, ':') || next >= text.size() || text[next] != '(') {
      at = std::min(text.find(text[at], at + 1), text.size() - 1);  // behind this text
      continue;
    }
    next = skip_blank(text, next + 1);
    if (!quoted(text, next, d.module, ',') || !quoted(text, next, d.class_name, ')')) continue;
    const std::string package = dotted.substr(0, dotted.find('.')) + ".";
    if (!d.module.starts_with(package)) d.module = dotted + "." + d.module;
    out.push_back(std::move(d));
    at = next - 1;
  }
  return out;
}

std::vector<int> version_numbers(std::string_view v) {
  std::vector<int> out;
  for (std::size_t i = 0; i < v.size() && std::isdigit(static_cast<unsigned char>(v[i]));) {
    int n = 0;
    for (; i < v.size() && std::isdigit(static_cast<unsigned char>(v[i])); ++i)
      n = n < 100'000'000 ? n * 10 + (v[i] - '0') : n;
    out.push_back(n);
    if (i >= v.size() || v[i] != '.') break;
    ++i;
  }
  while (!out.empty() && out.back() == 0) out.pop_back();
  return out;
}

namespace {

struct Range {
  std::string name, spec;
};

/// What the METADATA files of source folders state.
struct Stated {
  std::map<std::string, std::string> own, exact;
  std::vector<Range> ranges;
  std::set<std::string> required;
};

/// True where a requirement has no condition on an extra, or one on an extra that serving needs.
bool applies(std::string_view requirement, const std::vector<std::string>& extras) {
  const std::size_t at = requirement.find("extra ==");
  if (at == std::string_view::npos) return true;
  return std::any_of(extras.begin(), extras.end(), [&](const std::string& e) {
    return requirement.find('"' + e + '"', at) != std::string_view::npos;
  });
}

void read_requirement(const std::string& line, Stated& out) {
  std::string rest = line.substr(0, line.find(';'));
  rest.erase(std::remove_if(rest.begin(), rest.end(),
                            [](char c) { return c == ' ' || c == '(' || c == ')' || c == '\r'; }),
             rest.end());
  const std::size_t end = rest.find_first_of("[<>=!~");
  out.required.insert(plain_name(rest.substr(0, end)));
  if (end == std::string::npos) return;
  const std::string wanted = plain_name(rest.substr(0, end));
  const std::string spec =
      rest.substr(rest[end] == '[' ? std::min(rest.find(']', end) + 1, rest.size()) : end);
  if (spec.starts_with("==")) {
    if (spec.find(',') == std::string::npos) out.exact.emplace(wanted, spec.substr(2));
  } else if (!spec.empty()) {
    out.ranges.push_back({wanted, spec});
  }
}

void read_metadata(const fs::path& file, const std::vector<std::string>& extras, Stated& out) {
  constexpr std::string_view requires_ = "Requires-Dist: ";
  std::string text, line, name, version;
  if (!read_plain(file, text)) return;
  std::istringstream in(text);
  while (std::getline(in, line)) {
    if (line.starts_with("Name: ") && name.empty()) name = plain_name(line.substr(6));
    if (line.starts_with("Version: ") && version.empty()) version = line.substr(9);
    if (line.starts_with(requires_) && applies(line, extras))
      read_requirement(line.substr(requires_.size()), out);
  }
  if (!name.empty()) out.own[name] = version;
}

/// Moves a version that lies outside a required range to the range's end.
void move_into(const std::string& spec, std::string& version) {
  const auto now = version_numbers(version);
  bool inside = true;
  std::string low, high;
  for (std::size_t i = 0; i < spec.size();) {
    const std::size_t comma = std::min(spec.find(',', i), spec.size());
    const std::string part = spec.substr(i, comma - i);
    i = comma + 1;
    if (part.empty()) continue;
    const bool wide = part.size() > 1 && part[1] == '=';
    const std::string bound = part.substr(wide ? 2 : 1);
    const auto at = version_numbers(bound);
    if (part[0] == '>') {
      inside &= wide ? now >= at : now > at;
      low = bound;
    } else if (part[0] == '<') {
      inside &= wide ? now <= at : now < at;
      if (wide) high = bound;
    }
  }
  if (!inside && !(high.empty() && low.empty())) version = high.empty() ? low : high;
}

}  // namespace

Packaging read_packaging(const std::vector<std::string>& roots,
                         std::map<std::string, std::string> known, const std::string& package,
                         const std::vector<std::string>& extras) {
  Stated stated;
  for (const auto& root : roots) {
    std::error_code error;
    for (fs::directory_iterator e(root, error), end; !error && e != end; e.increment(error))
      if (e->path().filename().string().ends_with(".dist-info"))
        read_metadata(e->path() / "METADATA", extras, stated);
  }
  Packaging out{std::move(known), std::move(stated.required)};
  for (const auto& [name, version] : stated.exact) out.versions[name] = version;
  for (const auto& [name, version] : stated.own) out.versions[name] = version;
  if (!stated.own.contains(plain_name(package)))
    out.required.clear();  // a checkout without packaging says nothing
  for (const auto& r : stated.ranges) {
    if (stated.exact.contains(r.name) || stated.own.contains(r.name)) continue;
    if (const auto have = out.versions.find(r.name); have != out.versions.end())
      move_into(r.spec, have->second);
  }
  return out;
}

}  // namespace kdex::engine
