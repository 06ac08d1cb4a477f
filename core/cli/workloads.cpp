// kdex workloads: the stage `workloads`, run over a dataset that is there.
#include "core/cli/options.h"

namespace kdex::cli {

int workloads_command(const std::vector<std::string>& arguments) {
  return run_stage_command(command("workloads"), "workloads", arguments);
}

}  // namespace kdex::cli
