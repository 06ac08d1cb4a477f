// kdex export: a dataset's kernels as a table of another project, written by the form's stage.
#include <cstdio>

#include "core/cli/forms.h"
#include "core/cli/options.h"

namespace kdex::cli {

int export_command(const std::vector<std::string>& arguments) {
  const Command& self = command("export");
  if (arguments.empty() || arguments[0].starts_with("-")) {
    const auto a = read_arguments(self, arguments, {plugins_path_option(), jobs_option()});
    if (!a) return done;
    expect_no_arguments(self, a->rest);
    std::fputs(forms_text(given_plugins_path(*a)).c_str(), stdout);
    return done;
  }
  const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
  const PipelineStage stage = form_stage(arguments[0], plugins_path_in(rest), "kdex export");
  return run_stage_command(self, stage.info.name, rest);
}

}  // namespace kdex::cli
