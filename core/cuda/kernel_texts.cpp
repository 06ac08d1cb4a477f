// Reading kernels and following their includes.
#include "core/cuda/kernel_texts.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string_view>

#include <kdex/error.h>

#include "core/base/files.h"

namespace fs = std::filesystem;

namespace kdex::cuda {

namespace {

/// Names in lines `#include "name"`, in order.
std::vector<std::string> includes_of(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    auto skip = [&] { line.remove_prefix(std::min(line.size(), line.find_first_not_of(" \t"))); };
    skip();
    if (!line.starts_with('#')) continue;
    line.remove_prefix(1), skip();
    if (!line.starts_with("include")) continue;
    line.remove_prefix(7), skip();
    const auto end = line.find('"', 1);
    if (line.starts_with('"') && end != std::string_view::npos)
      out.emplace_back(line.substr(1, end - 1));
  }
  return out;
}

struct Includes {
  const KernelTexts& texts;
  std::set<std::string> seen;
  std::vector<std::string> order;

  void visit(const std::string& path, const std::string& text) {
    for (const auto& name : includes_of(text)) {
      const std::string found =
          (fs::path(path).parent_path() / name).lexically_normal().generic_string();
      auto it = texts.find(found);
      if (it == texts.end() || !seen.insert(found).second) continue;
      visit(found, it->second);
      order.push_back(found);
    }
  }
};

}  // namespace

KernelTexts read_kernels(const std::string& folder) {
  KernelTexts out;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    const auto extension = it->path().extension();
    if (extension == ".cu" || extension == ".cuh")
      out[it->path().lexically_relative(folder).generic_string()] = read_file(it->path().string());
  }
  if (out.empty()) throw Error("has no kernels (*.cu)", folder);
  return out;
}

std::vector<std::string> included_headers(const KernelTexts& texts, const std::string& path,
                                          const std::string& text) {
  Includes walk{texts, {}, {}};
  walk.visit(path, text);
  return walk.order;
}

}  // namespace kdex::cuda
