// kdex plugins: the families and stages found, and what was refused.
#include <cstdio>

#include <kdex/error.h>
#include <kdex/form_check.h>

#include "core/base/closest.h"
#include "core/base/text.h"
#include "core/cli/options.h"
#include "core/pipeline/stage.h"
#include "core/plugin/settings.h"

namespace kdex::cli {
namespace {

using Strings = std::vector<std::string>;

/// The options of the family or the stage of that name; of both where both have it.
void print_options(const std::string& name, const LoadedPlugins& loaded,
                   const std::vector<PipelineStage>& stages) {
  Strings names;
  std::string table;
  bool is_known = false;
  const auto look_at = [&](const auto& info) {
    names.push_back(info.name);
    if (info.name != name) return;
    is_known = true;
    table += options_table(name, info.options);
  };
  for (const auto& f : loaded.families) look_at(f.info);
  for (const auto& s : stages) look_at(s.info);
  if (!is_known) {
    const std::string hint = did_you_mean(name, names);
    throw Error("unknown family or stage '" + printable(name, 200) + "'", "--options",
                (hint.empty() ? "" : hint + " ") + "there are " + joined(names));
  }
  std::fputs(table.empty() ? (name + " has no options\n").c_str() : table.c_str(), stdout);
}

/// Prints what is wrong with the families' forms.
int check(const LoadedPlugins& loaded) {
  std::size_t problems = 0;
  for (const auto& f : loaded.families) {
    const auto lines = check_forms(f.family->forms());
    for (const auto& line : lines) std::printf("%s: %s\n", f.info.name.c_str(), line.c_str());
    std::printf("%s: %zu forms, %zu problems\n", f.info.name.c_str(), f.family->forms().size(),
                lines.size());
    problems += lines.size();
  }
  return problems == 0 ? done : done_with_errors;
}

void print_families(const LoadedPlugins& loaded) {
  for (const auto& f : loaded.families) {
    std::printf("%-12s %-8s %s\n", f.info.name.c_str(), f.info.version.c_str(),
                f.info.summary.c_str());
    std::printf("             op types:");
    for (const auto& t : f.info.op_types) std::printf(" %s", t.c_str());
    std::printf("\n             %s\n", f.library.c_str());
  }
}

void print_stages(const std::vector<PipelineStage>& stages) {
  std::printf("\nstages:\n");
  for (const auto& s : stages) {
    std::printf("%-12s %-8s %s\n", s.info.name.c_str(), s.info.version.c_str(),
                s.info.summary.c_str());
    if (s.library.empty()) continue;
    std::printf("             needs: %s; writes: %s\n             %s\n",
                s.info.needs.empty() ? "nothing" : joined(s.info.needs).c_str(),
                s.info.writes.empty() ? "nothing" : joined(s.info.writes).c_str(),
                s.library.c_str());
  }
}

}  // namespace

int plugins_command(const Strings& arguments) {
  const Command& self = command("plugins");
  const auto a = read_arguments(
      self, arguments,
      {plugins_path_option(),
       {.key = "options", .flag = "options", .help = "print the options of one family or stage"},
       {.key = "check",
        .flag = "check",
        .type = Option::Type::boolean,
        .help = "hold each family's forms against one another: names, reading, descriptions"}});
  if (!a) return done;
  expect_no_arguments(self, a->rest);
  LoadedPlugins loaded = load_all_plugins(given_plugins_path(*a));
  const auto stages = all_stages(loaded);
  if (a->has("options")) {
    print_options(a->values.text("options"), loaded, stages);
    return done;
  }
  if (a->has("check")) return check(loaded);
  print_families(loaded);
  print_stages(stages);
  for (const auto& r : loaded.refused)
    std::printf("refused      %s: %s\n", r.library.c_str(), printable(r.reason).c_str());
  return loaded.refused.empty() ? done : done_with_errors;
}

}  // namespace kdex::cli
