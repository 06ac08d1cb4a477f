// kdex plugins: the families found, and what was refused.
#include <cstdio>

#include <kdex/error.h>

#include "core/base/closest.h"
#include "core/cli/options.h"
#include "core/paths.h"
#include "core/plugin/settings.h"

namespace kdex::cli {

int plugins_command(const std::vector<std::string>& arguments) {
  using Strings = std::vector<std::string>;
  po::options_description o("options");
  o.add_options()("plugins-path", po::value<Strings>()->composing()->multitoken(),
                  "folders with further families")("options", po::value<std::string>(),
                                                   "the options of one family");
  po::variables_map v;
  Strings rest;
  if (parse(command("plugins"), arguments, o, v, rest)) return done;
  if (!rest.empty())
    throw Error("unexpected argument '" + rest[0] + "'", "kdex plugins", "see kdex plugins --help");
  Strings folders = {plugin_folder()};
  if (v.count("plugins-path"))
    for (const auto& f : v["plugins-path"].as<Strings>()) folders.push_back(f);
  LoadedFamilies loaded = load_families(folders);
  if (v.count("options")) {
    const std::string name = v["options"].as<std::string>();
    const LoadedFamily* family = loaded.find(name);
    if (family == nullptr) {
      std::vector<std::string> names;
      for (const auto& f : loaded.families) names.push_back(f.info.name);
      throw Error("unknown family '" + name + "'", "--options", did_you_mean(name, names));
    }
    const std::string table = options_table(family->info);
    std::fputs(table.empty() ? (name + " has no options\n").c_str() : table.c_str(), stdout);
    return done;
  }
  for (const auto& f : loaded.families) {
    std::printf("%-12s %-8s %s\n", f.info.name.c_str(), f.info.version.c_str(),
                f.info.summary.c_str());
    std::printf("             op types:");
    for (const auto& t : f.info.op_types) std::printf(" %s", t.c_str());
    std::printf("\n             %s\n", f.library.c_str());
  }
  for (const auto& r : loaded.refused)
    std::printf("refused      %s: %s\n", r.library.c_str(), r.reason.c_str());
  return loaded.refused.empty() ? done : done_with_errors;
}

}  // namespace kdex::cli
