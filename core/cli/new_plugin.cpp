// kdex new-family and new-stage: copy a template (share/templates) under another name.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <string_view>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/cli/arguments.h"
#include "core/paths.h"
#include "core/pipeline/checkpoints.h"
#include "core/pipeline/stage.h"
#include "core/plugin/loader.h"

namespace kdex::cli {
namespace {

namespace fs = std::filesystem;

/// A kind of plugin, whose template is share/templates/KIND and is named my_KIND in its files.
struct Kind {
  const char* name;     ///< "family"
  const char* command;  ///< "new-family"
};

std::string renamed(std::string text, std::string_view from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

/// Copies the template's files; their names, sorted.
std::vector<std::string> copy_template(const Kind& kind, const fs::path& folder,
                                       const std::string& name) {
  const fs::path from = data_folder() + "/templates/" + kind.name;
  const std::string placeholder = std::string("my_") + kind.name;
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& e : fs::directory_iterator(from, error))
    if (e.is_regular_file()) files.push_back(e.path().filename().string());
  if (files.empty())
    throw Error(std::string("the template of a ") + kind.name + " is missing", from.string(),
                "install kdex again");
  std::sort(files.begin(), files.end());
  for (auto& file : files) {
    const std::string text = renamed(read_file((from / file).string()), placeholder, name);
    file = renamed(file, placeholder, name);
    write_file_atomically((folder / file).string(), text, false);
  }
  return files;
}

bool is_plain(const std::string& name) {
  return !name.empty() && name.size() <= 60 &&
         std::isalpha(static_cast<unsigned char>(name[0])) != 0 &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return c < 128 && (std::isalnum(c) != 0 || c == '_'); });
}

/// Throws kdex::Error where a family or a stage has the name: two of one name are not both loaded.
void expect_free(const std::string& name, const std::string& where) {
  LoadedPlugins loaded = load_all_plugins({});
  const auto refuse = [&](const char* kind) {
    throw Error(std::string("there is a ") + kind + " '" + name + "' already", where,
                "choose another name; `kdex plugins` lists those taken");
  };
  for (const auto& f : loaded.families)
    if (f.info.name == name) refuse("family");
  for (const auto& s : all_stages(loaded))
    if (s.info.name == name) refuse("stage");
}

fs::path empty_folder(const std::string& path) {
  fs::path folder = path;
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_empty(folder, error))
    throw Error("exists and is not empty", folder.string(), "give --out another folder");
  fs::create_directories(folder, error);
  if (error) throw Error("cannot create the folder: " + error.message(), folder.string());
  return folder;
}

int new_plugin(const Kind& kind, const std::vector<std::string>& arguments) {
  const Command& self = command(kind.command);
  const auto a = read_arguments(self, arguments,
                                {{.key = "out",
                                  .flag = "out",
                                  .type = Option::Type::path,
                                  .help = "the folder to write (default: NAME)"}},
                                1);
  if (!a) return done;
  const std::string where = std::string("kdex ") + kind.command;
  if (a->rest.size() != 1)
    throw Error("expected one name", where, std::string("for example: ") + self.example);
  const std::string& name = a->rest[0];
  if (!is_plain(name))
    throw Error("invalid name of a " + std::string(kind.name) + " '" + name + "'", where,
                "use letters, digits and '_', beginning with a letter");
  expect_free(name, where);
  const std::string out = expand_home(a->values.text("out"));
  const fs::path folder = empty_folder(out.empty() ? name : out);
  std::string list;
  for (const auto& file : copy_template(kind, folder, name))
    list += (list.empty() ? "" : ", ") + file;
  std::printf(
      "%s: %s\nbuild:  cmake -S %s -B %s/build -DCMAKE_PREFIX_PATH=%s && cmake --build %s/build\n"
      "use:    kdex plugins --plugins-path %s/build/lib/kdex/plugins\n",
      folder.c_str(), list.c_str(), folder.c_str(), folder.c_str(), home_folder().c_str(),
      folder.c_str(), folder.c_str());
  return done;
}

}  // namespace

int new_family_command(const std::vector<std::string>& arguments) {
  return new_plugin({"family", "new-family"}, arguments);
}

int new_stage_command(const std::vector<std::string>& arguments) {
  return new_plugin({"stage", "new-stage"}, arguments);
}

}  // namespace kdex::cli
