// kdex eval: one Python file in the abstract machine.
#include <cstdio>
#include <filesystem>

#include <kdex/error.h>

#include "core/cli/options.h"
#include "core/model/extract.h"
#include "core/pipeline/options.h"
#include "core/pipeline/run.h"

namespace kdex::cli {

int eval_command(const std::vector<std::string>& arguments) {
  const Command& self = command("eval");
  const auto a = read_arguments(self, arguments,
                                pipeline_flags({"max_seconds", "max_memory", "max_steps"}), 1);
  if (!a) return done;
  if (a->rest.size() != 1)
    throw Error("expected one Python file", "kdex eval",
                std::string("for example: ") + self.example);
  const std::string& file = a->rest[0];
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error))
    throw Error("not a file", file, "give a Python file");
  PipelineDraft draft = default_draft();
  set_given(draft, *a);
  int status = done;
  std::string out, err;
  on_threads(1, 1, [&](std::size_t) { status = eval_file(file, out, err, draft.pipeline.limits); });
  std::fwrite(out.data(), 1, out.size(), stdout);
  std::fflush(stdout);
  std::fwrite(err.data(), 1, err.size(), stderr);
  return status;
}

}  // namespace kdex::cli
