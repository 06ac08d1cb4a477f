// kdex run: a pipeline file.
#include <kdex/error.h>

#include "core/cli/options.h"

namespace kdex::cli {

int run_command(const std::vector<std::string>& given) {
  using Strings = std::vector<std::string>;
  po::options_description o("options");
  o.add_options()("families", po::value<Strings>()->composing(),
                  "extract just these families, e.g. mla,gqa")(
      "family-option", po::value<Strings>()->composing(),
      "an option of a family, FAMILY.OPTION=VALUE; repeatable (kdex plugins --options FAMILY)")(
      "plugins-path", po::value<Strings>()->composing()->multitoken(),
      "folders with further families, beside the file's")(
      "set", po::value<Strings>()->composing(), "replace a key of the file, key=value; repeatable")(
      "jobs,j", po::value<std::string>(), "threads (default: all cores)");
  Strings arguments = given;
  expand_family_flags(arguments, o);
  po::variables_map v;
  Strings rest;
  const Command& self = command("run");
  if (parse(self, arguments, o, v, rest)) return done;
  if (rest.size() != 1)
    throw Error("one pipeline file is needed", "kdex run",
                std::string("for example: ") + self.example);
  Pipeline p = load_pipeline(rest[0], v.count("set") ? v["set"].as<Strings>() : Strings{});
  if (v.count("families")) {
    p.families = split(v["families"].as<Strings>());
    if (p.families.empty())
      throw Error("names nothing", "--families", "leave it out, or give a name");
  }
  if (v.count("family-option"))
    for (const auto& text : v["family-option"].as<Strings>())
      p.family_settings.push_back(parse_setting(text, "--family-option"));
  if (v.count("plugins-path"))
    for (const auto& folder : v["plugins-path"].as<Strings>()) p.plugins_path.push_back(folder);
  if (v.count("jobs"))
    p.jobs = static_cast<int>(whole_number(v["jobs"].as<std::string>(), "--jobs", 1, 1024));
  return run_and_print(p);
}

}  // namespace kdex::cli
