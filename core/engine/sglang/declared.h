// What an engine's files say without being run: the model classes that they declare, and the
// versions that their packaging states. Text in, text out; must not know the evaluator.
#pragma once

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kdex::engine {

/// The names in a model file's `EntryClass = Name` or `EntryClass = [Name, ...]`, in order; empty
/// for any other form.
inline std::vector<std::string> entry_classes(std::string_view text) {
  std::vector<std::string> names;
  std::size_t at = text.starts_with("EntryClass") ? 0 : text.find("\nEntryClass");
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

/// Reads a file of a source tree; false where it is none (a folder, a device, a FIFO) or absurdly
/// large.
inline bool read_plain(const std::filesystem::path& file, std::string& text) {
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

/// Architecture → module name for each model file in `folder` (a package of `dotted` name), in the
/// registry's order.
inline std::vector<std::pair<std::string, std::string>> declared_models(const std::string& folder,
                                                                        const std::string& dotted) {
  namespace fs = std::filesystem;
  std::vector<std::pair<std::string, std::string>> out;
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator e(folder, error), end; !error && e != end; e.increment(error))
    if (e->path().extension() == ".py" && e->path().filename() != "__init__.py")
      files.push_back(e->path());
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.stem() < b.stem(); });
  std::string text;
  for (const auto& f : files) {
    if (!read_plain(f, text)) continue;
    for (auto& name : entry_classes(text))
      out.emplace_back(std::move(name), dotted + "." + f.stem().string());
  }
  return out;
}

/// Numbers of a version, as far as they go: "0.23.2rc1" → 0 23 2.
inline std::vector<int> version_numbers(std::string_view v) {
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

/// Releases before 0.5.3 state what serving needs under these extras.
inline bool serving_extra(std::string_view requirement) {
  const std::size_t at = requirement.find("extra ==");
  return at != std::string_view::npos &&
         (requirement.find("\"srt\"", at) != std::string_view::npos ||
          requirement.find("\"runtime-common\"", at) != std::string_view::npos);
}

/// Completes `versions` (distribution → version) from the *.dist-info folders of the source roots:
/// a package's own version, what it requires exactly, and, where the version at hand lies outside a
/// required range, the range's end. `required`, where given, gets the distributions that the roots'
/// packages require.
inline void state_versions(const std::vector<std::string>& roots,
                           std::map<std::string, std::string>& versions,
                           std::set<std::string>* required = nullptr) {
  namespace fs = std::filesystem;
  auto plain = [](std::string s) {
    for (char& c : s)
      c = c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return s;
  };
  struct Range {
    std::string name, spec;
  };
  std::map<std::string, std::string> own, exact;
  std::vector<Range> ranges;
  for (const auto& root : roots) {
    std::error_code error;
    for (fs::directory_iterator e(root, error), end; !error && e != end; e.increment(error)) {
      if (!e->path().filename().string().ends_with(".dist-info")) continue;
      std::string text, line, name, version;
      if (!read_plain(e->path() / "METADATA", text)) continue;
      std::istringstream in(text);
      while (std::getline(in, line)) {
        if (line.starts_with("Name: ") && name.empty()) name = plain(line.substr(6));
        if (line.starts_with("Version: ") && version.empty()) version = line.substr(9);
        if (!line.starts_with("Requires-Dist: ") ||
            (line.find("extra ==") != std::string::npos && !serving_extra(line)))
          continue;
        std::string rest = line.substr(
            15, line.find(';') == std::string::npos ? std::string::npos : line.find(';') - 15);
        rest.erase(
            std::remove_if(rest.begin(), rest.end(),
                           [](char c) { return c == ' ' || c == '(' || c == ')' || c == '\r'; }),
            rest.end());
        const std::size_t end = rest.find_first_of("[<>=!~");
        if (required) required->insert(plain(rest.substr(0, end)));
        if (end == std::string::npos) continue;
        const std::string wanted = plain(rest.substr(0, end));
        std::string spec =
            rest.substr(rest[end] == '[' ? std::min(rest.find(']', end) + 1, rest.size()) : end);
        if (spec.starts_with("==")) {
          if (spec.find(',') == std::string::npos) exact.emplace(wanted, spec.substr(2));
        } else if (!spec.empty()) {
          ranges.push_back({wanted, spec});
        }
      }
      if (!name.empty()) own[name] = version;
    }
  }
  for (const auto& [name, version] : exact) versions[name] = version;
  for (const auto& [name, version] : own) versions[name] = version;
  if (required && !own.count("sglang"))
    required->clear();  // a checkout without packaging says nothing
  for (const auto& r : ranges) {
    if (exact.count(r.name) || own.count(r.name)) continue;
    const auto have = versions.find(r.name);
    if (have == versions.end()) continue;
    const auto now = version_numbers(have->second);
    bool inside = true;
    std::string low, high;
    for (std::size_t i = 0; i < r.spec.size();) {
      const std::size_t comma = std::min(r.spec.find(',', i), r.spec.size());
      const std::string part = r.spec.substr(i, comma - i);
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
    if (!inside && !(high.empty() && low.empty())) have->second = high.empty() ? low : high;
  }
}

}  // namespace kdex::engine
