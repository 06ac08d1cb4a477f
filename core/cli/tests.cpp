// kdex tests: reference tests for a dataset's definitions, written by the stage of that name.
#include "core/cli/options.h"

namespace kdex::cli {

int tests_command(const std::vector<std::string>& arguments) {
  return run_stage_command(command("tests"), "tests", arguments);
}

}  // namespace kdex::cli
