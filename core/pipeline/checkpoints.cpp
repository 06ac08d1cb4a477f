// Implementation of core/pipeline/checkpoints.h.
#include "core/pipeline/checkpoints.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include <kdex/error.h>

#include "core/base/closest.h"
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/definition/json.h"
#include "core/engine/declared.h"
#include "core/engine/engine.h"
#include "core/paths.h"

namespace kdex {
namespace {

namespace fs = std::filesystem;

std::string env(const char* name) {
  const char* v = std::getenv(name);
  return v == nullptr ? "" : v;
}

std::vector<fs::path> folders_of(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code inner;
    if (it->is_directory(inner)) out.push_back(it->path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// "org--name" -> "org/name"; it goes into tags and reports, so it is fit to print.
std::string id_of(const std::string& name) {
  std::string folder = printable(name, 200);
  if (auto at = folder.find("--"); at != std::string::npos) folder.replace(at, 2, "/");
  return folder;
}

fs::path hub_folder() {
  if (auto v = env("HF_HUB_CACHE"); !v.empty()) return v;
  if (auto v = env("HF_HOME"); !v.empty()) return fs::path(v) / "hub";
  if (auto v = env("XDG_CACHE_HOME"); !v.empty()) return fs::path(v) / "huggingface" / "hub";
  return fs::path(env("HOME")) / ".cache" / "huggingface" / "hub";
}

/// Names of the file that describes a checkpoint: Hugging Face's, and Mistral's own, which alone
/// lies beside some of its weights. Engines take the first that they know.
constexpr const char* kConfigurations[] = {"config.json", "params.json"};

/// That file of a folder; empty where there is none.
fs::path configuration_of(const fs::path& folder) {
  std::error_code error;
  for (const char* name : kConfigurations)
    if (fs::exists(folder / name, error)) return folder / name;
  return {};
}

/// The snapshot of a models--org--name folder that has a configuration: refs/main first.
fs::path snapshot_of(const fs::path& model) {
  std::error_code error;
  try {
    std::string head = read_file((model / "refs" / "main").string(), 4096);
    head.erase(head.find_last_not_of(" \n\r\t") + 1);
    if (head.find('/') == std::string::npos &&
        !configuration_of(model / "snapshots" / head).empty())
      return model / "snapshots" / head;
  } catch (const Error&) {
  }
  for (const auto& s : folders_of(model / "snapshots"))
    if (!configuration_of(s).empty()) return s;
  return {};
}

/// Python writes NaN and Infinity into JSON, and configurations hold them; JSON proper has null
/// there.
nlohmann::ordered_json parse_config(const std::string& file) {
  std::string text = read_file(file, 64u << 20), plain;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (in_string && c == '\\' && i + 1 < text.size()) {
      plain += c;
      c = text[++i];
    } else if (c == '"') {
      in_string = !in_string;
    } else if (!in_string) {
      bool taken = false;
      for (std::string_view word : {"-Infinity", "Infinity", "NaN"})
        if (std::string_view(text).substr(i, word.size()) == word) {
          plain += "null";
          i += word.size() - 1;
          taken = true;
          break;
        }
      if (taken) continue;
    }
    plain += c;
  }
  return parse_json(plain, file);
}

/// A configuration must be an object; what its fields mean is the engine's business.
void check_config(const std::string& file) {
  auto json = parse_config(file);
  if (!json.is_object())
    throw Error("must be a JSON object, as Hugging Face's config.json is", file);
}

bool has_any_package(const fs::path& folder) {
  std::error_code error;
  for (const auto& f : folders_of(folder))
    if (fs::exists(f / "__init__.py", error)) return true;
  return false;
}

}  // namespace

std::string expand_home(const std::string& path) {
  if (path == "~" || path.starts_with("~/")) return env("HOME") + path.substr(1);
  return path;
}

std::vector<Checkpoint> known_checkpoints() {
  std::vector<Checkpoint> out;
  std::error_code error;
  for (const auto& f : folders_of(fs::path(data_folder()) / "examples" / "checkpoints"))
    if (!configuration_of(f).empty()) out.push_back({id_of(f.filename().string()), f.string()});
  for (const auto& f : folders_of(hub_folder())) {
    std::string name = f.filename().string();
    if (!name.starts_with("models--")) continue;
    if (auto s = snapshot_of(f); !s.empty()) out.push_back({id_of(name.substr(8)), s.string()});
  }
  return out;
}

Checkpoint find_checkpoint(const std::string& what, const std::string& base) {
  if (what.empty())
    throw Error("the checkpoint's name is empty", "",
                "give a folder, a config.json or a Hugging Face id");
  if (what.find('\0') != std::string::npos || what.size() > 4000)
    throw Error("neither a path nor a Hugging Face id", printable(what, 100),
                "give a folder, a config.json or a Hugging Face id");
  fs::path path = expand_home(what);
  if (path.is_relative() && !base.empty()) path = fs::path(base) / path;
  std::error_code error;
  if (fs::is_directory(path, error)) {
    fs::path folder = fs::absolute(path, error).lexically_normal();
    if (!folder.has_filename()) folder = folder.parent_path();
    const fs::path file = configuration_of(folder);
    if (file.empty())
      throw Error("has neither config.json nor params.json", path.string(),
                  "give the folder of a checkpoint");
    check_config(file.string());
    return {id_of(folder.filename().string()), folder.string()};
  }
  if (fs::exists(path, error)) {
    check_config(path.string());
    fs::path file = fs::absolute(path, error).lexically_normal();
    if (std::find(std::begin(kConfigurations), std::end(kConfigurations), file.filename()) !=
        std::end(kConfigurations))
      return {id_of(file.parent_path().filename().string()), file.parent_path().string()};
    // The engine reads <folder>/config.json, so another file name gets a folder of its own.
    static std::atomic<unsigned> count{0};
    const std::string folder =
        temporary_folder() + "/checkpoint-" + std::to_string(count.fetch_add(1));
    fs::create_directories(folder, error);
    write_file_atomically(folder + "/config.json", read_file(file.string(), 64u << 20), false);
    return {id_of(file.stem().string()), folder};
  }
  auto known = known_checkpoints();
  for (const auto& c : known)
    if (c.name == what) {
      check_config(configuration_of(c.folder).string());
      return c;
    }
  std::vector<std::string> names;
  for (const auto& c : known) names.push_back(c.name);
  std::string hint = did_you_mean(what, names);
  throw Error(
      "no such folder, file or Hugging Face id in the local cache", what,
      hint.empty() ? "looked in " + hub_folder().string() + " and examples/checkpoints" : hint);
}

std::vector<std::string> architectures_of(const Checkpoint& checkpoint) {
  std::vector<std::string> out;
  try {
    const std::string file = configuration_of(checkpoint.folder).string();
    auto json = parse_config(file);
    if (json.is_object() && json.contains("architectures") && json["architectures"].is_array())
      for (const auto& a : json["architectures"])
        if (a.is_string()) out.push_back(a.get<std::string>());
  } catch (const Error&) {
  }
  return out;
}

namespace {

/// The folders to read packages from, each once.
struct Folders {
  std::vector<SourceFolder> list;
  bool engine = false, transformers = false;

  void add(const fs::path& p, const std::string& given = "") {
    std::string s = p.lexically_normal().string();
    while (s.size() > 1 && s.back() == '/') s.pop_back();
    if (std::none_of(list.begin(), list.end(), [&](const auto& f) { return f.folder == s; }))
      list.push_back({s, given});
    engine = engine || holds_engine(s);
    transformers = transformers || engine::has_package(s, transformers_package);
  }

  bool holds_engine(const std::string& folder) const {
    return std::any_of(engines.begin(), engines.end(), [&](const engine::Engine* e) {
      return engine::has_package(folder, e->package);
    });
  }

  std::vector<const engine::Engine*> engines;  // those that are wanted
};

/// Where a folder that was given has its packages.
fs::path package_folder(const fs::path& given, const Folders& folders) {
  if (engine::has_package(given.string(), transformers_package)) return given;
  for (const auto* e : folders.engines)
    if (auto found = engine::source_folder(*e, given.string()); !found.empty()) return found;
  if (engine::has_package((given / "src").string(), transformers_package)) return given / "src";
  return given;
}

/// KDEX_SOURCES, .kdex/sources here, beside the build folder, and beside the prefix.
std::vector<fs::path> default_folders() {
  std::vector<fs::path> out;
  std::string listed = env("KDEX_SOURCES");
  for (std::size_t start = 0; start < listed.size();) {
    auto end = std::min(listed.find(':', start), listed.size());
    if (end > start) out.emplace_back(listed.substr(start, end - start));
    start = end + 1;
  }
  const fs::path home = home_folder();
  std::error_code error;
  for (const fs::path& p : {fs::path(".kdex/sources"), home / "../../.kdex/sources",
                            fs::path(cache_folder()) / "sources"})
    for (const auto& f : folders_of(p)) out.push_back(fs::absolute(f, error));
  return out;
}

/// Whether a folder holds the package of an engine that is known.
bool holds_any_engine(const fs::path& folder) {
  const auto& known = engine::known_engines().engines;
  return std::any_of(known.begin(), known.end(), [&](const engine::Engine& e) {
    return engine::has_package(folder.string(), e.package);
  });
}

/// Distributions that the wanted engines' own packaging requires; empty where it says nothing.
std::set<std::string> required_by(const Folders& folders) {
  std::vector<std::string> roots;
  for (const auto& f : folders.list) roots.push_back(f.folder);
  for (const auto* e : folders.engines)
    if (auto stated = engine::read_packaging(roots, {}, e->package, e->serving_extras).required;
        !stated.empty())
      return stated;
  return {};
}

/// Whether one of the distributions in a folder is among `required`.
bool holds_one_of(const fs::path& folder, const std::set<std::string>& required) {
  for (const auto& f : folders_of(folder)) {
    const std::string name = f.filename().string();
    if (name.ends_with(".dist-info") && required.contains(name.substr(0, name.find('-'))))
      return true;
  }
  return false;
}

}  // namespace

std::vector<SourceFolder> resolve_source_folders(const std::vector<std::string>& given,
                                                 const std::string& engine) {
  Folders out;
  if (engine.empty())
    for (const auto& e : engine::known_engines().engines) out.engines.push_back(&e);
  if (out.engines.empty()) out.engines = {&engine::choose({}, engine)};
  std::string packages;
  for (const auto* e : out.engines)
    packages += (packages.empty() ? "" : out.engines.back() == e ? " or " : ", ") + e->package;
  std::error_code error;
  for (const auto& g : given) {
    fs::path p = fs::absolute(expand_home(g), error);
    if (!fs::is_directory(p, error))
      throw Error(fs::exists(p, error) ? "not a directory" : "the source folder does not exist",
                  g.empty() ? "--source ''" : g,
                  "give a site-packages folder, an unpacked wheel or a git checkout");
    out.add(package_folder(p, out), g);
  }
  if (!given.empty() && !out.engine && !out.transformers)
    throw Error("holds neither the package " + packages + " nor transformers", given.front(),
                "give a site-packages folder, an unpacked wheel or a git checkout");
  std::vector<fs::path> further;  // packages that models may take something from (timm)
  for (const auto& r : default_folders()) {
    const bool engines = out.holds_engine(r.string()),
               transformers = engine::has_package(r.string(), transformers_package);
    if ((engines && !out.engine) || (transformers && !out.transformers))
      out.add(r);
    else if (!engines && !transformers && !holds_any_engine(r) && has_any_package(r))
      further.push_back(r);
  }
  const auto required = required_by(out);  // an engine without it refuses, in its own words
  for (const auto& r : further)
    if (required.empty() || holds_one_of(r, required)) out.add(r);
  if (!out.engine)
    throw Error("no source tree with the package " + packages + " was found",
                given.empty() ? "" : given.front(),
                "give --source, or run scripts/quickstart.sh once");
  return out.list;
}

std::vector<std::string> resolve_sources(const std::vector<std::string>& given,
                                         const std::string& engine) {
  std::vector<std::string> out;
  for (auto& f : resolve_source_folders(given, engine)) out.push_back(std::move(f.folder));
  return out;
}

}  // namespace kdex
