// kdex stage: one stage, kdex's own or a plugin's, over a dataset that is there.
#include <cstdio>

#include <kdex/error.h>

#include "core/cli/options.h"

namespace kdex::cli {

int stage_command(const std::vector<std::string>& arguments) {
  const Command& self = command("stage");
  if (arguments.empty() || arguments[0].starts_with("-")) {
    const auto a = read_arguments(self, arguments, {plugins_path_option(), jobs_option()});
    if (!a) return done;
    throw Error("expected the name of a stage", "kdex stage",
                std::string("for example: ") + self.example);
  }
  return run_stage_command(self, arguments[0], {arguments.begin() + 1, arguments.end()});
}

}  // namespace kdex::cli
