// kdex calls: the kernels that one step of the engine's forward launches.
#include "core/model/calls.h"

#include <algorithm>
#include <cstdio>

#include <kdex/error.h>

#include "core/cli/one_model.h"
#include "core/model/regimes.h"
#include "core/report/calls.h"
#include "core/report/rooflines.h"

namespace kdex::cli {
namespace {

std::vector<Option> call_options() {
  std::vector<Option> options = model_options();
  const Step step;
  options.push_back({.key = "format",
                     .flag = "format",
                     .type = Option::Type::choice,
                     .default_value = "table",
                     .help = "how the calls are printed",
                     .choices = {"table", "json", "csv"}});
  options.push_back({.key = "mode",
                     .flag = "mode",
                     .type = Option::Type::choice,
                     .default_value = step.mode,
                     .help = "what the step does",
                     .choices = step_modes()});
  options.push_back({.key = "batch",
                     .flag = "batch",
                     .type = Option::Type::integer,
                     .default_value = std::to_string(step.batch),
                     .help = "decode, mixed: requests that decode",
                     .most = 1L << 20});
  options.push_back({.key = "length",
                     .flag = "seq-len",
                     .type = Option::Type::integer,
                     .default_value = std::to_string(step.seq_len),
                     .help = "decode, mixed: tokens of each request, the new one included"});
  options.push_back({.key = "extend_lens",
                     .flag = "extend-lens",
                     .type = Option::Type::integers,
                     .default_value = "101,139,171",
                     .help = "extend, mixed: new tokens of each prompt"});
  options.push_back({.key = "prefix_lens",
                     .flag = "prefix-lens",
                     .type = Option::Type::integers,
                     .help = "extend, mixed: cached tokens of each prompt, or one number for all",
                     .least = 0});
  options.push_back({.key = "tokens",
                     .flag = "tokens",
                     .type = Option::Type::integers,
                     .help = "a step of each of these sizes (requests that decode, or new tokens "
                             "of one prompt), with operations, bytes and shares of the least time",
                     .most = 1L << 20});
  options.push_back({.key = "sampled",
                     .flag = "sampled",
                     .type = Option::Type::boolean,
                     .default_value = "false",
                     .help = "spec-…: the requests sample"});
  options.push_back({.key = "elementwise",
                     .flag = "elementwise",
                     .type = Option::Type::boolean,
                     .default_value = "false",
                     .help = "torch's elementwise functions, copies and fills, too (json, csv)"});
  options.push_back({.key = "regimes",
                     .flag = "regimes",
                     .type = Option::Type::boolean,
                     .default_value = "false",
                     .help = "run the step on the other side of each of its branches on sizes, too "
                             "(table, json)"});
  options.push_back({.key = "lines",
                     .flag = "lines",
                     .type = Option::Type::boolean,
                     .default_value = "false",
                     .help = "the source lines that led to each call, innermost first (table)"});
  options.push_back({.key = "engine_env",
                     .flag = "engine-env",
                     .type = Option::Type::texts,
                     .help = "environment variables that the engine sees, NAME=VALUE"});
  return options;
}

Step step_from(const Arguments& a) {
  Step step;
  step.mode = a.values.text("mode");
  step.batch = a.values.integer("batch");
  step.seq_len = a.values.integer("length");
  step.extend_lens = a.values.integers("extend_lens");
  step.prefix_lens = a.values.integers("prefix_lens");
  step.sampled = a.values.boolean("sampled");
  step.elementwise = a.values.boolean("elementwise");
  if (step.prefix_lens.size() == 1)
    step.prefix_lens.assign(step.extend_lens.size(), step.prefix_lens[0]);
  if (!step.prefix_lens.empty() && step.prefix_lens.size() != step.extend_lens.size())
    throw Error("expected " + std::to_string(step.extend_lens.size()) + " numbers, found " +
                    std::to_string(step.prefix_lens.size()),
                "--prefix-lens", "give one for each number of --extend-lens, or one for all");
  return step;
}

/// The step with this many tokens: of requests that decode, else of one prompt.
Step sized(Step step, std::int64_t tokens) {
  if (!step.is_prefill()) {
    step.batch = tokens;
    return step;
  }
  step.extend_lens = {tokens};
  if (!step.prefix_lens.empty()) step.prefix_lens.resize(1);
  return step;
}

Environment environment_from(const Arguments& a) {
  Environment out;
  for (const auto& text : a.parts("engine_env")) {
    const auto at = text.find('=');
    if (at == 0 || at == std::string::npos)
      throw Error("expected NAME=VALUE, found '" + text + "'", "--engine-env");
    out.emplace_back(text.substr(0, at), text.substr(at + 1));
  }
  return out;
}

}  // namespace

int calls_command(const std::vector<std::string>& given) {
  const std::vector<Option> options = call_options();
  std::vector<std::string> arguments = given;
  expand_family_flags(arguments, options);
  const Command& self = command("calls");
  const auto a = read_arguments(self, arguments, options);
  if (!a) return done;
  expect_no_arguments(self, a->rest);
  const Step step = step_from(*a);
  const Environment environment = environment_from(*a);
  const std::string format = a->values.text("format");
  for (const char* key : {"regimes", "lines"})
    if (a->values.boolean(key) && !a->values.integers("tokens").empty())
      throw Error("does not go with --tokens", "--" + std::string(key), "leave one of the two out");
  Pipeline p = pipeline_from(*a);
  bool ok = false;
  on_one_model("kdex calls", p,
               [&](SourceTree& source, const Checkpoint& checkpoint, const Deployment& deployment) {
                 std::vector<Step> steps;
                 for (const auto tokens : a->values.integers("tokens"))
                   steps.push_back(sized(step, tokens));
                 const bool sizes = !steps.empty();
                 if (!sizes) steps = {step};
                 ModuleTree model;
                 const auto traces = trace_calls(source, checkpoint, deployment, steps, environment,
                                                 p.limits, sizes ? &model : nullptr);
                 ok = std::all_of(traces.begin(), traces.end(),
                                  [](const CallTrace& t) { return t.ok || t.refused; });
                 std::vector<OtherSide> sides;
                 if (!sizes && traces.front().ok && a->values.boolean("regimes"))
                   sides = other_sides(source, checkpoint, deployment, traces.front(), environment,
                                       p.limits);
                 print_or_write(
                     *a, p,
                     sizes ? rooflines_text(traces, model, format)
                           : calls_text(traces.front(), format, sides, a->values.boolean("lines")));
               });
  return ok ? done : done_with_errors;
}

}  // namespace kdex::cli
