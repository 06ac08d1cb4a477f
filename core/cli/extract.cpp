// kdex extract: one or more checkpoints at one or more deployments, without a pipeline file.
#include "core/cli/options.h"

namespace kdex::cli {

int extract_command(const std::vector<std::string>& given) {
  const std::vector<Option> options = model_options();
  std::vector<std::string> arguments = given;
  expand_family_flags(arguments, options);
  const Command& self = command("extract");
  const auto a = read_arguments(self, arguments, options);
  if (!a) return done;
  expect_no_arguments(self, a->rest);
  return run_and_print(pipeline_from(*a));
}

}  // namespace kdex::cli
