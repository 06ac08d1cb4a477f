// kdex extract: one deployment of one or more checkpoints, without a pipeline file.
#include <kdex/error.h>

#include "core/cli/options.h"

namespace kdex::cli {

int extract_command(const std::vector<std::string>& given) {
  po::options_description o("options");
  add_model_options(o);
  std::vector<std::string> arguments = given;
  expand_family_flags(arguments, o);
  po::variables_map v;
  std::vector<std::string> rest;
  if (parse(command("extract"), arguments, o, v, rest)) return done;
  if (!rest.empty())
    throw Error("unexpected argument '" + rest[0] + "'", "kdex extract", "see kdex extract --help");
  return run_and_print(pipeline_from(v));
}

}  // namespace kdex::cli
