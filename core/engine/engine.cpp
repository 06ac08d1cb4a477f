// engine.h: engine.json files, and which engine a source folder holds.
#include "core/engine/engine.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>

#include <kdex/error.h>

#include "core/base/closest.h"
#include "core/base/files.h"
#include "core/paths.h"

namespace kdex::engine {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

Json read_json(const std::string& file) {
  Json j = Json::parse(read_file(file, 4u << 20), nullptr, false);
  if (!j.is_object()) throw Error("is not a JSON object", file);
  return j;
}

/// Reads the keys of one engine.json.
class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)), json_(read_json(file_)) {
    static constexpr std::string_view known[] = {
        "about",          "title",     "package",  "checkout", "inside",  "models",
        "configs",        "assigned",  "registry", "driver",   "instead", "packages",
        "serving_extras", "platforms", "roles",    "arguments"};
    for (const auto& [key, value] : json_.items())
      if (std::find(std::begin(known), std::end(known), key) == std::end(known))
        fail("unknown key '" + key + "'");
  }

  std::string text(const char* key, bool needed = true) const {
    if (!json_.contains(key)) {
      if (needed) fail("'" + std::string(key) + "' is missing");
      return "";
    }
    if (!json_[key].is_string() || json_[key].get_ref<const std::string&>().empty())
      fail("'" + std::string(key) + "' must be a text");
    return json_[key].get<std::string>();
  }

  std::vector<std::string> texts(const char* key) const {
    std::vector<std::string> out;
    if (!json_.contains(key)) return out;
    if (!json_[key].is_array()) fail("'" + std::string(key) + "' must be a list of texts");
    for (const auto& item : json_[key]) {
      if (!item.is_string()) fail("'" + std::string(key) + "' must be a list of texts");
      out.push_back(item.get<std::string>());
    }
    return out;
  }

  /// A file of the folder that must be there.
  std::string file_of(const char* key) const {
    const fs::path path = fs::path(file_).parent_path() / text(key);
    std::error_code error;
    if (!fs::is_regular_file(path, error))
      fail("'" + std::string(key) + "' names a file that is not there: " + path.string());
    return path.string();
  }

  std::map<std::string, std::string> map(const char* key) const {
    std::map<std::string, std::string> out;
    if (!json_.contains(key)) return out;
    if (!json_[key].is_object()) fail("'" + std::string(key) + "' must be an object of texts");
    for (const auto& [name, value] : json_[key].items()) {
      if (!value.is_string()) fail("'" + std::string(key) + "' must be an object of texts");
      out[name] = value.get<std::string>();
    }
    return out;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(what, file_, "core/engine/README.md describes engine.json");
  }

 private:
  std::string file_;
  Json json_;
};

/// A path inside a folder, without leaving it.
bool is_inside(const std::string& path) {
  const fs::path p(path);
  return !p.is_absolute() &&
         std::none_of(p.begin(), p.end(), [](const fs::path& part) { return part == ".."; });
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> out;
  for (std::size_t start = 0; start < list.size();) {
    const auto end = std::min(list.find(':', start), list.size());
    if (end > start) out.push_back(list.substr(start, end - start));
    start = end + 1;
  }
  return out;
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i)
    out += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
  return out;
}

std::vector<std::string> names_of(const std::vector<const Engine*>& engines) {
  std::vector<std::string> out;
  for (const auto* e : engines) out.push_back(e->name);
  return out;
}

}  // namespace

Engine read_engine(const std::string& folder) {
  const Reader in(folder + "/engine.json");
  Engine e;
  e.folder = folder;
  e.name = fs::path(folder).filename().string();
  e.title = in.text("title");
  e.package = in.text("package");
  e.checkout = in.text("checkout", false);
  e.inside = in.text("inside", false);
  e.models = in.text("models");
  e.configs = in.texts("configs");
  e.assigned = in.text("assigned", false);
  e.registry = in.text("registry", false);
  if (e.assigned.empty() == e.registry.empty())
    in.fail("expected 'assigned' or 'registry': how model classes are declared");
  std::vector<std::string> inner = e.configs;
  for (const auto& path : {e.models, e.registry, e.checkout, e.inside, e.package})
    inner.push_back(path);
  for (const auto& path : inner)
    if (!is_inside(path)) in.fail("'" + path + "' leads out of its folder");
  const std::string driver = in.file_of("driver");
  e.driver = fs::path(driver).stem().string();
  if (!driver.ends_with(".py")) in.fail("'driver' must be a Python file");
  e.packages_file = in.file_of("packages");
  e.roles_file = in.file_of("roles");
  e.platforms_file = in.file_of("platforms");
  if (const auto instead = in.text("instead", false); !instead.empty())
    e.instead = folder + "/" + instead;
  e.serving_extras = in.texts("serving_extras");
  e.arguments = in.map("arguments");
  const Json platforms = read_json(e.platforms_file);
  for (const auto& [name, facts] : platforms.items())
    if (facts.is_object()) e.platforms.push_back(name);
  if (e.platforms.empty()) throw Error("names no platform", e.platforms_file);
  return e;
}

Engines find_engines(const std::vector<std::string>& places) {
  Engines out;
  for (const auto& place : places) {
    std::vector<std::string> folders;
    std::error_code error;
    for (fs::directory_iterator it(place, error), end; !error && it != end; it.increment(error)) {
      std::error_code inner;
      if (fs::exists(it->path() / "engine.json", inner)) folders.push_back(it->path().string());
    }
    std::sort(folders.begin(), folders.end());
    for (const auto& folder : folders) try {
        Engine e = read_engine(folder);
        const auto same = std::find_if(out.engines.begin(), out.engines.end(),
                                       [&](const Engine& x) { return x.name == e.name; });
        if (same == out.engines.end())
          out.engines.push_back(std::move(e));
        else
          out.refused.push_back(
              {folder, "an engine '" + e.name + "' is defined in " + same->folder + " already"});
      } catch (const Error& e) {
        out.refused.push_back({folder, e.what()});
      }
  }
  std::sort(out.engines.begin(), out.engines.end(),
            [](const Engine& a, const Engine& b) { return a.name < b.name; });
  return out;
}

const Engines& known_engines() {
  static const Engines known = [] {
    std::vector<std::string> places = {data_folder() + "/core/engine"};
    if (const char* more = std::getenv("KDEX_ENGINES"))
      for (auto& place : split(more)) places.push_back(std::move(place));
    return find_engines(places);
  }();
  return known;
}

std::vector<std::string> platform_names() {
  std::vector<std::string> out;
  for (const auto& e : known_engines().engines)
    for (const auto& name : e.platforms)
      if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  return out;
}

std::string platform_list() { return joined(platform_names()); }

bool has_package(const std::string& folder, const std::string& name) {
  std::error_code error;
  return fs::exists(fs::path(folder) / name / "__init__.py", error);
}

std::string source_folder(const Engine& engine, const std::string& folder) {
  if (has_package(folder, engine.package)) return folder;
  if (!engine.checkout.empty() && has_package(folder + "/" + engine.checkout, engine.package))
    return folder + "/" + engine.checkout;
  std::error_code error;
  const fs::path p(folder);
  if (!engine.inside.empty() && fs::is_directory(p / engine.inside, error) &&
      fs::exists(p / "__init__.py", error))
    return p.parent_path().string();
  return "";
}

const Engine& choose(const std::vector<std::string>& folders, const std::string& wanted) {
  const auto& known = known_engines();
  if (known.engines.empty())
    throw Error(known.refused.empty() ? "holds no engine" : known.refused[0].reason,
                data_folder() + "/core/engine", "install kdex again");
  if (!wanted.empty()) {
    for (const auto& e : known.engines)
      if (e.name == wanted) return e;
    for (const auto& r : known.refused)
      if (fs::path(r.folder).filename() == wanted) throw Error(r.reason, "--engine " + wanted);
    std::vector<std::string> names;
    for (const auto& e : known.engines) names.push_back(e.name);
    const std::string hint = did_you_mean(wanted, names);
    throw Error("unknown engine '" + wanted + "'", "--engine",
                (hint.empty() ? "" : hint + " ") + "the engines are " + joined(names));
  }
  std::vector<const Engine*> held;
  for (const auto& e : known.engines)
    if (std::any_of(folders.begin(), folders.end(),
                    [&](const std::string& f) { return has_package(f, e.package); }))
      held.push_back(&e);
  if (held.size() == 1) return *held[0];
  if (held.size() > 1)
    throw Error("several engines fit the source folders", folders.front(),
                "give --engine " + joined(names_of(held)));
  throw Error("no source tree with the package " + package_names() + " was found",
              folders.empty() ? "" : folders.front(),
              "give a site-packages folder, an unpacked wheel or a git checkout");
}

std::string package_names() {
  std::vector<std::string> names;
  for (const auto& e : known_engines().engines) names.push_back(e.package);
  return joined(names);
}

}  // namespace kdex::engine
