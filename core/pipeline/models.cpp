// Implementation of core/pipeline/models.h.
#include "core/pipeline/models.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/closest.h"
#include "core/base/files.h"
#include "core/definition/json.h"
#include "core/error.h"
#include "core/pipeline/checkpoints.h"

namespace kdex {
namespace {

namespace fs = std::filesystem;

std::string plain(std::string_view s) {
  std::string out;
  for (unsigned char c : s)
    if (std::isalnum(c) != 0) out += static_cast<char>(std::tolower(c));
  return out;
}

std::string stem_of(const std::string& module) { return module.substr(module.rfind('.') + 1); }

/// The class name without what such names end with, in plain letters: "deepseekv3".
std::string bare(const std::string& architecture) {
  std::string p = plain(architecture);
  for (const char* end : {"forcausallm", "forconditionalgeneration", "forsequenceclassification", "model"})
    if (p.ends_with(end)) return p.substr(0, p.size() - std::char_traits<char>::length(end));
  return p;
}

/// The model_type of the class `<Base>Config`, found as text in the configuration files.
std::string model_type_of(const std::string& architecture, const std::vector<std::string>& sources) {
  const std::string base = bare(architecture);
  std::error_code error;
  std::vector<fs::path> files;
  for (const auto& s : sources)
    for (const char* below : {"transformers/models", "sglang/srt/configs"})
      for (fs::recursive_directory_iterator it(fs::path(s) / below, error), end; !error && it != end; it.increment(error)) {
        std::string name = it->path().filename().string();
        if (it->path().extension() == ".py" && (name.starts_with("configuration_") || std::string_view(below).ends_with("configs"))) files.push_back(it->path());
      }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    std::string text;
    try {
      text = read_file(file.string(), 4u << 20);
    } catch (const Error&) {
      continue;
    }
    for (std::size_t at = text.find("class "); at != std::string::npos; at = text.find("class ", at + 6)) {
      auto stop = text.find_first_of("(:", at);
      if (stop == std::string::npos || plain(text.substr(at + 6, stop - at - 6)) != base + "config") continue;
      auto next = std::min(text.find("\nclass ", stop), text.size());
      auto found = text.find("model_type = \"", stop);
      if (found == std::string::npos || found > next) continue;
      auto start = found + 14;
      return text.substr(start, text.find('"', start) - start);
    }
  }
  return "";
}

std::string listed(const std::vector<ArchitectureEntry>& entries) {
  std::string out;
  for (std::size_t i = 0; i < entries.size() && i < 12; ++i)
    out += (i ? ", " : "") + entries[i].architecture + " (" + stem_of(entries[i].module) + ")";
  return out + (entries.size() > 12 ? ", ..." : "");
}

}  // namespace

std::vector<ArchitectureEntry> match_architectures(const std::string& name, const std::vector<ArchitectureEntry>& all) {
  const std::string wanted = plain(name);
  std::vector<ArchitectureEntry> out;
  auto take = [&](auto fits) {
    if (out.empty())
      for (const auto& e : all)
        if (fits(e)) out.push_back(e);
  };
  take([&](const auto& e) { return e.architecture == name; });
  take([&](const auto& e) { return stem_of(e.module) == name; });
  take([&](const auto& e) { return plain(e.architecture) == wanted || bare(e.architecture) == wanted; });
  take([&](const auto& e) { return plain(stem_of(e.module)) == wanted; });
  return out;
}

std::vector<Checkpoint> checkpoints_for(const std::string& name, const std::vector<ArchitectureEntry>& all,
                                        const std::vector<std::string>& sources) {
  const std::string wanted = plain(name);
  if (wanted.empty()) throw Error("the model name is empty", "--model-name");
  auto matched = match_architectures(name, all);
  std::set<std::string> classes;
  for (const auto& m : matched) classes.insert(m.architecture);
  std::vector<Checkpoint> served, named;
  for (const auto& c : known_checkpoints()) {
    for (const auto& a : architectures_of(c))
      if (classes.contains(a)) {
        served.push_back(c);
        break;
      }
    if (plain(c.name).find(wanted) != std::string::npos) named.push_back(c);
  }
  if (!served.empty()) return served;
  if (matched.empty() && !named.empty()) return named;
  if (matched.empty()) {
    std::vector<std::string> names;
    for (const auto& e : all) {
      if (bare(e.architecture).find(wanted) != std::string::npos) matched.push_back(e);
      names.push_back(e.architecture);
      names.push_back(stem_of(e.module));
    }
    if (matched.empty()) {
      for (const auto& c : known_checkpoints()) names.push_back(c.name);
      std::sort(names.begin(), names.end());
      names.erase(std::unique(names.begin(), names.end()), names.end());
      std::string hint = did_you_mean(name, names);
      throw Error("no model file, class or checkpoint has this name", "--model-name " + name,
                  (hint.empty() ? "" : hint + " ") + "`kdex models` lists all of them");
    }
  }
  if (matched.size() > 1) {
    // A file with several classes: its own name stands for the one called so.
    std::vector<ArchitectureEntry> own;
    for (const auto& m : matched)
      if (bare(m.architecture) == wanted) own.push_back(m);
    if (own.size() == 1) matched = own;
  }
  if (matched.size() > 1) throw Error("fits several models: " + listed(matched), "--model-name " + name, "give one of them");
  std::string type = model_type_of(matched[0].architecture, sources);
  if (type.empty())
    throw Error("no checkpoint here is served by " + matched[0].architecture + " and its config class was not found",
                "--model-name " + name, "give --checkpoint");
  fs::path folder = fs::temp_directory_path() / ("kdex-" + std::to_string(::getpid())) / ("default--" + matched[0].architecture);
  fs::create_directories(folder);
  nlohmann::ordered_json config = {{"architectures", {matched[0].architecture}}, {"model_type", type}};
  write_file_atomically((folder / "config.json").string(), dump_json(config), false);
  return {{"default/" + matched[0].architecture, folder.string()}};
}

}  // namespace kdex
