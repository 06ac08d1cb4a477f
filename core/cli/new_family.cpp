// kdex new-family: copies the template of a family (share/templates/family) under another name.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <string_view>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/cli/command.h"
#include "core/paths.h"

namespace kdex::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view template_name = "my_family";

std::string renamed(std::string text, const std::string& name) {
  for (std::size_t at = text.find(template_name); at != std::string::npos;
       at = text.find(template_name, at + name.size()))
    text.replace(at, template_name.size(), name);
  return text;
}

/// Copies the template's files; their names, sorted.
std::vector<std::string> copy_template(const fs::path& folder, const std::string& name) {
  const fs::path from = data_folder() + "/templates/family";
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& e : fs::directory_iterator(from, error))
    if (e.is_regular_file()) files.push_back(e.path().filename().string());
  if (files.empty())
    throw Error("the template of a family is missing", from.string(), "install kdex again");
  std::sort(files.begin(), files.end());
  for (auto& file : files) {
    const std::string text = renamed(read_file((from / file).string()), name);
    file = renamed(file, name);
    write_file_atomically((folder / file).string(), text, false);
  }
  return files;
}

}  // namespace

int new_family_command(const std::vector<std::string>& arguments) {
  po::options_description o("options");
  o.add_options()("out", po::value<std::string>(), "the folder to write (default: NAME)");
  po::variables_map v;
  std::vector<std::string> rest;
  const Command& self = command("new-family");
  if (parse(self, arguments, o, v, rest)) return done;
  if (rest.size() != 1)
    throw Error("one name is needed", "kdex new-family",
                std::string("for example: ") + self.example);
  const std::string& name = rest[0];
  bool plain = !name.empty() && name.size() <= 60 &&
               std::isalpha(static_cast<unsigned char>(name[0])) != 0 &&
               std::all_of(name.begin(), name.end(), [](unsigned char c) {
                 return c < 128 && (std::isalnum(c) != 0 || c == '_');
               });
  if (!plain)
    throw Error("'" + name + "' cannot name a family", "kdex new-family",
                "use letters, digits and '_', beginning with a letter");
  const fs::path folder = v.count("out") ? v["out"].as<std::string>() : name;
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_empty(folder, error))
    throw Error("exists and is not empty", folder.string(), "give --out another folder");
  fs::create_directories(folder, error);
  if (error) throw Error("the folder cannot be made: " + error.message(), folder.string());
  std::string list;
  for (const auto& file : copy_template(folder, name)) list += (list.empty() ? "" : ", ") + file;
  std::printf(
      "%s: %s\nbuild:  cmake -S %s -B %s/build -DCMAKE_PREFIX_PATH=%s && cmake --build %s/build\n"
      "use:    kdex plugins --plugins-path %s/build/lib/kdex/plugins\n",
      folder.c_str(), list.c_str(), folder.c_str(), folder.c_str(), home_folder().c_str(),
      folder.c_str(), folder.c_str());
  return done;
}

}  // namespace kdex::cli
