// Implementation of core/cli/options.h.
#include "core/cli/options.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <optional>

#include <kdex/error.h>

#include "core/base/text.h"
#include "core/dataset/dataset.h"
#include "core/pipeline/checkpoints.h"
#include "core/pipeline/options.h"
#include "core/pipeline/stage.h"
#include "core/plugin/settings.h"

namespace kdex::cli {
namespace {

using Strings = std::vector<std::string>;
std::atomic<bool> stop{false};
std::atomic<int> stopped_by{0};

constexpr int kSignalBase = 128;  // exit status of a program that a signal ended, as shells have it

/// Paths with ~ expanded, other parts as they are.
Strings usable(const Option& o, Strings parts) {
  if (o.type == Option::Type::path || o.type == Option::Type::paths)
    for (auto& p : parts) p = expand_home(p);
  return parts;
}

/// Plugins are loaded only where it is not one of kdex's own.
PipelineStage known_stage(const std::string& name, const Strings& arguments) {
  for (const auto& s : own_stages())
    if (s.info.name == name) return s;
  LoadedPlugins loaded = load_all_plugins(plugins_path_in(arguments));
  return stage_named(all_stages(loaded), name, "kdex stage");
}

/// "2/8": the second of eight.
Shard shard_of(const std::string& text) {
  Shard out;
  const char* end = text.data() + text.size();
  const auto [slash, fault] = std::from_chars(text.data(), end, out.index);
  const bool has_slash = fault == std::errc() && slash != end && *slash == '/';
  const auto count = has_slash ? std::from_chars(slash + 1, end, out.count)
                               : std::from_chars_result{end, std::errc::invalid_argument};
  if (count.ec != std::errc() || count.ptr != end || out.index < 1 || out.count < out.index)
    throw Error("must be I/N with I from 1 to N, not '" + printable(text, 100) + "'", "--shard");
  return out;
}

/// What the table of a run says of errors.
void tell_errors(const Report& report, Progress& progress) {
  for (const auto& m : report.models)
    if (!m.ok && !m.refused)
      progress.error(m.checkpoint + " " + m.deployment + ": " + m.error_type + ": " + m.error);
  for (const auto& d : report.definitions)
    if (d.status == "invalid") progress.error("definition " + d.name + " is not written");
  for (const auto& p : report.plugins)
    if (!p.refused.empty()) progress.error("plugin refused: " + p.library + ": " + p.refused);
  for (const auto& e : report.errors) progress.error(e);
}

}  // namespace

Strings plugins_path_in(const Strings& arguments) {
  Strings folders;
  bool is_value = false;
  for (const auto& a : arguments) {
    if (a == "--") break;
    if (a.starts_with("--plugins-path=")) folders.push_back(expand_home(a.substr(15)));
    if (is_value && !a.starts_with("-")) folders.push_back(expand_home(a));
    is_value = a == "--plugins-path" || (is_value && !a.starts_with("-"));
  }
  return folders;
}

std::vector<Option> with_flags(std::vector<Option> options) {
  for (auto& o : options) {
    if (!o.flag.empty()) continue;
    o.flag = o.key;
    std::replace(o.flag.begin(), o.flag.end(), '_', '-');
  }
  return options;
}

std::vector<Option> model_options() {
  return pipeline_flags({"engine",
                         "sources",
                         "repos_config",
                         "checkpoints",
                         "model_names",
                         "tp",
                         "ep",
                         "attention_dp",
                         "platform",
                         "page_sizes",
                         "execution_modes",
                         "engine_args",
                         "draft_checkpoint",
                         "families",
                         "family_options",
                         "include_quantized",
                         "forward",
                         "decode_batches",
                         "extend_tokens",
                         "prefix_tokens",
                         "all_forms",
                         "dialect",
                         "output_dir",
                         "deduplicate",
                         "add_tags",
                         "max_seconds",
                         "max_memory",
                         "max_steps",
                         "plugins_path",
                         "jobs"});
}

std::vector<Option> run_options() {
  const auto flag = [](const char* key, const char* name, const char* help) {
    return Option{.key = key, .flag = name, .type = Option::Type::boolean, .help = help};
  };
  std::vector<Option> options = pipeline_flags({"fail_on", "baseline", "keep_going"});
  for (auto& o : {flag("update_baseline", "update-baseline",
                       "write what the run found into the file of --baseline"),
                  flag("resume", "resume",
                       "go on with the run into this dataset that was interrupted: models that it "
                       "finished are not done again"),
                  flag("dry_run", "dry-run",
                       "say which models, stages and families a run would have, and write nothing"),
                  Option{.key = "shard",
                  .flag = "shard",
                  .help = "I/N: of N processes the I-th, which does every N-th deployment; "
                          "`kdex merge` joins their datasets"},
                  flag("quiet", "quiet", "tell errors alone"),
                  flag("verbose", "verbose", "a line for each model on a terminal, too")})
    options.push_back(o);
  return options;
}

void set_run_options(Pipeline& p, const Arguments& arguments) {
  p.update_baseline = arguments.is_on("update_baseline");
  p.resume = arguments.is_on("resume");
  p.dry_run = arguments.is_on("dry_run");
  if (arguments.has("shard")) p.shard = shard_of(arguments.values.text("shard"));
  if (arguments.is_on("quiet") && arguments.is_on("verbose"))
    throw Error("--quiet and --verbose exclude each other");
}

Option plugins_path_option() { return pipeline_option("plugins_path")->option; }
Option jobs_option() { return pipeline_option("jobs")->option; }

Strings given_plugins_path(const Arguments& arguments) {
  return usable(plugins_path_option(), arguments.parts("plugins_path"));
}

void expand_family_flags(Strings& arguments, const std::vector<Option>& known) {
  const auto is_known = [&](const std::string& name) {
    const auto has = [&](const Option& o) {
      return o.flag == name ||
             std::find(o.aliases.begin(), o.aliases.end(), name) != o.aliases.end();
    };
    return name == "help" || std::any_of(known.begin(), known.end(), has);
  };
  std::optional<LoadedPlugins> loaded;
  for (std::size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
    const std::string argument = arguments[i];
    if (!argument.starts_with("--")) continue;
    const auto eq = argument.find('=');
    const std::string name = argument.substr(2, eq == std::string::npos ? eq : eq - 2);
    if (is_known(name)) continue;
    if (!loaded) loaded = load_all_plugins(plugins_path_in(arguments));
    const FamilyOption found = option_named(*loaded, name);
    if (!found) continue;  // the parser names it, with the closest of its own
    std::string value = eq == std::string::npos ? "true" : argument.substr(eq + 1);
    if (eq == std::string::npos && found.option->type != Option::Type::boolean) {
      if (i + 1 >= arguments.size()) throw Error("needs a value", argument);
      value = arguments[i + 1];
      arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    }
    arguments[i] =
        "--family-option=" + found.family->info.name + "." + found.option->key + "=" + value;
  }
}

void set_given(PipelineDraft& draft, const Arguments& arguments) {
  for (const auto& o : pipeline_options()) {
    if (!arguments.has(o.option.key)) continue;
    try {
      o.set(draft, usable(o.option, arguments.parts(o.option.key)));
    } catch (const Error& e) {
      if (!e.where.empty()) throw;
      throw Error(e.what_happened, "--" + o.option.flag, e.what_to_do);
    }
  }
}

Pipeline pipeline_from(const Arguments& arguments) {
  PipelineDraft draft = default_draft();
  set_given(draft, arguments);
  Pipeline& p = draft.pipeline;
  p.deployments = draft.deployment.all();
  for (auto& c : p.checkpoints) c.deployments = p.deployments;
  if (p.checkpoints.empty() && p.model_names.empty() && !p.unknown_checkpoints.empty())
    throw Error(p.unknown_checkpoints[0]);
  if (p.checkpoints.empty() && p.model_names.empty())
    throw Error("no checkpoint is given", "",
                "give --checkpoint DIR|FILE|HF-id or --model-name NAME");
  return std::move(p);
}

void expect_no_arguments(const Command& command, const Strings& rest) {
  const std::string name = std::string("kdex ") + command.name;
  if (!rest.empty())
    throw Error("unexpected argument '" + rest[0] + "'", name, "see " + name + " --help");
}

std::string existing_dataset(const Command& command, const Strings& rest) {
  if (rest.size() != 1)
    throw Error("expected one dataset folder", std::string("kdex ") + command.name,
                std::string("for example: ") + command.example);
  std::string dataset = dataset_of(expand_home(rest[0]));
  std::error_code error;
  if (!std::filesystem::is_directory(dataset, error))
    throw Error("not a directory", dataset, "give the folder that holds definitions/");
  return dataset;
}

const std::atomic<bool>& interrupted() { return stop; }

void watch_interrupt() {
  struct sigaction action {};
  action.sa_handler = [](int signal) {
    static const char text[] = "\nkdex: finishing what runs; again to stop at once\n";
    if (!stop) (void)!::write(STDERR_FILENO, text, sizeof text - 1);
    stop = true;
    stopped_by = signal;
  };
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // the second one ends the program
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

int run_and_print(const Pipeline& pipeline, Told told, bool detail) {
  watch_interrupt();
  Progress progress(told);
  RunHooks hooks;
  hooks.cancelled = &interrupted();
  hooks.detail = detail;
  hooks.progress = [&](const std::string& line) { progress.say(line); };
  hooks.advance = [&](const RunProgress& p) { progress.advance(p); };
  hooks.print = [&](const std::string& text) {
    if (told != Told::errors) std::fputs(text.c_str(), stdout);
  };
  const RunResult result = run_pipeline(pipeline, hooks);
  if (told == Told::errors) tell_errors(result.report, progress);  // else the table has them
  for (const auto& e : result.errors) progress.error(e);
  if (stopped_by != 0 && result.failed) return kSignalBase + stopped_by;
  return result.failed ? done_with_errors : done;
}

int run_and_print(const Pipeline& pipeline, const Arguments& arguments) {
  return run_and_print(pipeline, arguments.is_on("quiet")     ? Told::errors
                                 : arguments.is_on("verbose") ? Told::everything
                                                              : Told::progress);
}

int run_stage_command(const Command& command, const std::string& name, const Strings& arguments) {
  const PipelineStage stage = known_stage(name, arguments);
  if (!stage.on_dataset)
    throw Error("the stage '" + name + "' works on the models of a run", "kdex stage",
                "use kdex run or kdex extract");
  const std::vector<Option> own = with_flags(stage.info.options);
  std::vector<Option> options = own;
  for (const auto& o : pipeline_flags({"plugins_path", "jobs"})) options.push_back(o);
  const bool is_command = command.name == name;
  const std::string prefix = std::string(command.name) + "-";
  const std::string shown = name.starts_with(prefix) ? name.substr(prefix.size()) : name;
  const std::string full = std::string(command.name) + (is_command ? "" : " " + shown);
  const std::string example = is_command ? command.example : "kdex " + full + " dataset";
  const Command self = {full.c_str(), "DATASET [options]", stage.info.summary.c_str(),
                        example.c_str(), command.run};
  const auto a = read_arguments(self, arguments, options, 1);
  if (!a) return done;
  PipelineDraft draft = default_draft();
  set_given(draft, *a);
  Pipeline& p = draft.pipeline;
  p.output_dir = existing_dataset(self, a->rest);
  p.stages = {name};
  for (const auto& o : own)
    if (a->has(o.key))
      p.stage_settings.push_back({name, o.key, a->values.text(o.key), "--" + o.flag, ""});
  return run_and_print(p, Told::progress, true);
}

}  // namespace kdex::cli
