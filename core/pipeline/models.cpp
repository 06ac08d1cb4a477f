// Implementation of core/pipeline/models.h.
#include "core/pipeline/models.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include <kdex/error.h>

#include "core/base/closest.h"
#include "core/base/files.h"
#include "core/definition/json.h"
#include "core/engine/engine.h"
#include "core/pipeline/checkpoints.h"

namespace kdex {
namespace {

namespace fs = std::filesystem;

/// Around the architecture in the name of a checkpoint that was made of a class's defaults: no
/// published model is called so, and its tag neither.
const std::string kDefaults = "default/", kOfDefaults = "-class-defaults";

std::string plain(std::string_view s) {
  std::string out;
  for (char c : s) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0) out += static_cast<char>(std::tolower(byte));
  }
  return out;
}

std::string stem_of(const std::string& module) { return module.substr(module.rfind('.') + 1); }

/// The class name without what such names end with, in plain letters: "deepseekv3".
std::string bare(const std::string& architecture) {
  std::string p = plain(architecture);
  for (const char* end :
       {"forcausallm", "forconditionalgeneration", "forsequenceclassification", "model"})
    if (p.ends_with(end)) return p.substr(0, p.size() - std::char_traits<char>::length(end));
  return p;
}

/// Python files under `below` of each source folder, sorted.
std::vector<fs::path> python_files(const std::vector<std::string>& sources,
                                   const std::string& below) {
  std::error_code error;
  std::vector<fs::path> files;
  for (const auto& s : sources)
    for (fs::recursive_directory_iterator it(fs::path(s) / below, error), end; !error && it != end;
         it.increment(error))
      if (it->path().extension() == ".py") files.push_back(it->path());
  std::sort(files.begin(), files.end());
  return files;
}

std::string text_of(const fs::path& file) {
  try {
    return read_file(file.string(), 4u << 20);
  } catch (const Error&) {
    return "";
  }
}

/// Where `class <name>` stands in `text` (its name in plain letters), npos where it does not.
std::size_t find_class(const std::string& text, const std::string& name) {
  for (std::size_t at = text.find("class "); at != std::string::npos;
       at = text.find("class ", at + 6)) {
    const auto stop = text.find_first_of("(:", at);
    if (stop != std::string::npos &&
        plain(std::string_view(text).substr(at + 6, stop - at - 6)) == name)
      return at;
  }
  return std::string::npos;
}

/// The model_type of the configuration class `name` (in plain letters), found as text in the
/// configuration files.
std::string model_type_of_class(const std::string& name,
                                const std::vector<fs::path>& configurations) {
  for (const auto& file : configurations) {
    const std::string text = text_of(file);
    const auto at = find_class(text, name);
    if (at == std::string::npos) continue;
    const auto next = std::min(text.find("\nclass ", at + 6), text.size());
    const auto found = text.find("model_type = \"", at);
    if (found == std::string::npos || found > next) continue;
    return text.substr(found + 14, text.find('"', found + 14) - found - 14);
  }
  return "";
}

/// The configuration classes that the constructor of `name` (a class of a model file) takes, else
/// those of its base.
std::vector<std::string> configurations_taken(std::string name, std::string file,
                                              const std::vector<fs::path>& models) {
  std::vector<std::string> out;
  for (int hops = 0; hops < 4 && out.empty() && !name.empty(); ++hops) {
    std::string text = text_of(file);
    auto at = find_class(text, plain(name));
    for (std::size_t i = 0; at == std::string::npos && i < models.size(); ++i) {
      text = text_of(models[i]);
      at = find_class(text, plain(name));
      if (at != std::string::npos) file = models[i].string();
    }
    if (at == std::string::npos) return out;
    const std::string body =
        text.substr(at, std::min(text.find("\nclass ", at + 6), text.size()) - at);
    const auto init = body.find("def __init__(");
    const std::string head =
        init == std::string::npos
            ? ""
            : body.substr(init, std::min(body.find("):", init), body.find(") ->", init)) - init);
    for (auto end = head.find("Config"); end != std::string::npos;
         end = head.find("Config", end + 6)) {
      auto start = end;
      while (start > 0 && (std::isalnum(static_cast<unsigned char>(head[start - 1])) != 0 ||
                           head[start - 1] == '_'))
        --start;
      if (start < end) out.push_back(head.substr(start, end + 6 - start));
    }
    const auto open = body.find('('), colon = body.find(':');
    name = open < colon ? body.substr(open + 1, body.find_first_of(",)", open) - open - 1) : "";
    if (const auto dot = name.rfind('.'); dot != std::string::npos) name = name.substr(dot + 1);
  }
  return out;
}

/// The model_type of `<Base>Config`, else of a configuration class that the architecture's
/// constructor names.
std::string model_type_of(const ArchitectureEntry& architecture,
                          const std::vector<std::string>& sources, const engine::Engine& engine) {
  std::vector<fs::path> configurations = python_files(sources, "transformers/models");
  std::erase_if(configurations, [](const fs::path& p) {
    return !p.filename().string().starts_with("configuration_");
  });
  for (const auto& folder : engine.configs)
    for (auto& p : python_files(sources, folder)) configurations.push_back(std::move(p));
  std::string type =
      model_type_of_class(bare(architecture.architecture) + "config", configurations);
  if (!type.empty()) return type;
  const auto models = python_files(sources, engine.models);
  const auto own = std::find_if(models.begin(), models.end(), [&](const fs::path& p) {
    return p.stem() == stem_of(architecture.module);
  });
  if (own == models.end()) return "";
  for (const auto& name : configurations_taken(architecture.architecture, own->string(), models)) {
    type = model_type_of_class(plain(name), configurations);
    if (!type.empty()) return type;
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

std::vector<ArchitectureEntry> match_architectures(const std::string& name,
                                                   const std::vector<ArchitectureEntry>& all) {
  const std::string wanted = plain(name);
  std::vector<ArchitectureEntry> out;
  auto take = [&](auto fits) {
    if (out.empty())
      for (const auto& e : all)
        if (fits(e)) out.push_back(e);
  };
  take([&](const auto& e) { return e.architecture == name; });
  take([&](const auto& e) { return stem_of(e.module) == name; });
  take([&](const auto& e) {
    return plain(e.architecture) == wanted || bare(e.architecture) == wanted;
  });
  take([&](const auto& e) { return plain(stem_of(e.module)) == wanted; });
  return out;
}

std::vector<Checkpoint> checkpoints_for(const std::string& name,
                                        const std::vector<ArchitectureEntry>& all,
                                        const std::vector<std::string>& sources,
                                        const engine::Engine& engine) {
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
      throw Error("unknown model file, class or checkpoint", "--model-name " + name,
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
  if (matched.size() > 1)
    throw Error("matches several models: " + listed(matched), "--model-name " + name,
                "give one of them");
  std::string type = model_type_of(matched[0], sources, engine);
  if (type.empty() && !named.empty()) return named;
  if (type.empty())
    throw Error("no checkpoint here is served by " + matched[0].architecture +
                    " and its config class was not found",
                "--model-name " + name, "give --checkpoint");
  const fs::path folder = fs::path(temporary_folder()) / ("default--" + matched[0].architecture);
  std::error_code error;
  fs::create_directories(folder, error);
  nlohmann::ordered_json config = {{"architectures", {matched[0].architecture}},
                                   {"model_type", type}};
  write_file_atomically((folder / "config.json").string(), dump_json(config), false);
  return {{kDefaults + matched[0].architecture + kOfDefaults, folder.string()}};
}

std::string warning_of_defaults(const Checkpoint& checkpoint) {
  if (!checkpoint.name.starts_with(kDefaults) || !checkpoint.name.ends_with(kOfDefaults)) return "";
  return checkpoint.name +
         ": no checkpoint of this model is here, so its configuration was made of the class's "
         "defaults; the sizes are no published model's";
}

}  // namespace kdex
