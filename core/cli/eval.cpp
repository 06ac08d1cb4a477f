// kdex eval: one Python file in the abstract machine, or the kernel calls of one.
#include <cstdio>
#include <filesystem>

#include <kdex/error.h>

#include "core/cli/options.h"
#include "core/model/calls.h"
#include "core/pipeline/checkpoints.h"
#include "core/pipeline/options.h"
#include "core/pipeline/run.h"
#include "core/report/calls.h"

namespace kdex::cli {
namespace {

std::vector<Option> eval_options() {
  auto options =
      pipeline_flags({"max_seconds", "max_memory", "max_steps", "engine", "sources", "platform"});
  options.push_back({.key = "calls",
                     .flag = "calls",
                     .type = Option::Type::boolean,
                     .default_value = "false",
                     .help = "list the kernels that the file's function step() launches"});
  options.push_back({.key = "format",
                     .flag = "format",
                     .type = Option::Type::choice,
                     .default_value = "table",
                     .help = "--calls: how they are printed",
                     .choices = {"table", "json", "csv"}});
  return options;
}

/// Exit status of the calls of a file, which it prints.
int print_calls(const std::string& file, const PipelineDraft& draft, const std::string& format) {
  const Pipeline& p = draft.pipeline;
  const SourceRoots roots{resolve_sources(p.sources, p.engine), p.engine};
  CallTrace trace;
  on_threads(1, 1, [&](std::size_t) {
    trace = trace_program(roots, file, draft.deployment.all().front().platform, p.limits);
  });
  std::fputs(calls_text(trace, format).c_str(), stdout);
  return trace.ok ? done : done_with_errors;
}

/// Exit status of a file that is run as a program.
int run_program(const std::string& file, const Limits& limits) {
  int status = done;
  std::string out, err;
  on_threads(1, 1, [&](std::size_t) { status = eval_file(file, out, err, limits); });
  std::fwrite(out.data(), 1, out.size(), stdout);
  std::fflush(stdout);
  std::fwrite(err.data(), 1, err.size(), stderr);
  return status;
}

}  // namespace

int eval_command(const std::vector<std::string>& arguments) {
  const Command& self = command("eval");
  const auto a = read_arguments(self, arguments, eval_options(), 1);
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
  return a->values.boolean("calls") ? print_calls(file, draft, a->values.text("format"))
                                    : run_program(file, draft.pipeline.limits);
}

}  // namespace kdex::cli
