// core/report/source_lines.h.
#include "core/report/source_lines.h"

#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/base/text.h"

namespace kdex {
namespace {

constexpr std::size_t kLargest = 8u << 20, kLongest = 200;

}  // namespace

SourceLines::SourceLines(const nlohmann::ordered_json& run) {
  if (!run.is_object() || !run.contains("sources")) return;
  for (const auto& s : run["sources"])
    if (s.is_object() && s.contains("package") && s.contains("folder"))
      folders_[s["package"].get<std::string>()] = s["folder"].get<std::string>();
}

const std::vector<std::string>& SourceLines::lines_of(const std::string& file) {
  const auto [it, fresh] = files_.try_emplace(file);
  if (!fresh) return it->second;
  const auto folder = folders_.find(file.substr(0, file.find('/')));
  if (folder == folders_.end() || file.find("..") != std::string::npos) return it->second;
  try {
    const std::string text = read_file(folder->second + "/" + file, kLargest);
    for (std::size_t start = 0; start < text.size();) {
      const auto end = std::min(text.find('\n', start), text.size());
      it->second.push_back(text.substr(start, end - start));
      start = end + 1;
    }
  } catch (const Error&) {  // sources that are gone, or moved
  }
  return it->second;
}

std::string SourceLines::text(const std::string& place) {
  const auto colon = place.find(':');
  if (colon == std::string::npos || place.find('/') == std::string::npos) return "";
  std::size_t line = 0;
  (void)std::from_chars(place.data() + colon + 1, place.data() + place.size(), line);
  const auto& lines = lines_of(place.substr(0, colon));
  if (line == 0 || line > lines.size()) return "";
  const std::string& text = lines[line - 1];
  const auto first = text.find_first_not_of(" \t");
  return first == std::string::npos ? "" : printable(text.substr(first), kLongest);
}

}  // namespace kdex
