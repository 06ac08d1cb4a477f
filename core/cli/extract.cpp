// kdex extract: one or more checkpoints at one or more deployments, without a pipeline file.
#include "core/cli/options.h"

namespace kdex::cli {

int extract_command(const std::vector<std::string>& given) {
  std::vector<Option> options = model_options();
  for (auto& o : run_options()) options.push_back(std::move(o));
  std::vector<std::string> arguments = given;
  expand_family_flags(arguments, options);
  const Command& self = command("extract");
  const auto a = read_arguments(self, arguments, options);
  if (!a) return done;
  expect_no_arguments(self, a->rest);
  Pipeline pipeline = pipeline_from(*a);
  set_run_options(pipeline, *a);
  return run_and_print(pipeline, *a);
}

}  // namespace kdex::cli
