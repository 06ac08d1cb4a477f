// Implementation of core/pipeline/options.h: the table.
#include "core/pipeline/options.h"

#include <algorithm>

#include <kdex/error.h>

#include "core/base/options.h"
#include "core/base/text.h"
#include "core/engine/engine.h"
#include "core/pipeline/checkpoints.h"
#include "core/plugin/settings.h"

namespace kdex {
namespace {

using Type = Option::Type;
using Parts = std::vector<std::string>;
using Options = std::vector<PipelineOption>;

std::vector<int> numbers(const Parts& parts) {
  std::vector<int> out;
  for (const auto& p : parts) out.push_back(std::stoi(p));
  return out;
}

bool holds(const Parts& parts, const char* name) {
  return std::find(parts.begin(), parts.end(), name) != parts.end();
}

void set_engine_args(PipelineDraft& d, const Parts& parts) {
  for (const auto& a : parts) {
    const auto eq = a.find('=');
    if (eq == std::string::npos || eq == 0) throw Error("must be NAME=VALUE, not '" + a + "'");
    d.deployment.other.engine_args[a.substr(0, eq)] = a.substr(eq + 1);
  }
}

void set_repos_config(PipelineDraft& d, const Parts& parts) {
  for (const auto& s : sources_of_repos_config(parts[0])) d.pipeline.sources.push_back(s);
  if (const auto dataset = dataset_of_repos_config(parts[0]); !dataset.empty())
    d.pipeline.output_dir = dataset;
}

/// FlashInfer-Bench's names for the checkout of an engine: "NAME-path".
std::vector<std::string> engine_paths() {
  std::vector<std::string> out;
  for (const auto& e : engine::known_engines().engines) out.push_back(e.name + "-path");
  return out;
}

std::vector<std::string> engine_names() {
  std::vector<std::string> out;
  for (const auto& e : engine::known_engines().engines) out.push_back(e.name);
  return out;
}

/// Where models are read from.
void add_sources(Options& o) {
  o.push_back({{.key = "engine",
                .flag = "engine",
                .type = Type::choice,
                .help = "the engine to read, where the sources hold several (default: the one that "
                        "they hold)",
                .choices = engine_names()},
               "extract",
               "the name of an engine",
               [](PipelineDraft& d, const Parts& v) { d.pipeline.engine = v[0]; }});
  o.push_back({{.key = "sources",
                .flag = "source",
                .aliases = engine_paths(),
                .type = Type::paths,
                .help = "folders with the packages of the engine and of transformers: "
                        "site-packages, unpacked wheels, git checkouts (default: KDEX_SOURCES, "
                        ".kdex/sources/*)"},
               "extract",
               "",
               [](PipelineDraft& d, const Parts& v) { d.pipeline.sources = v; }});
  o.push_back({{.key = "repos_config",
                .flag = "repos-config",
                .type = Type::path,
                .help = "FlashInfer-Bench's repos_config.json: its repositories.ENGINE.path is a "
                        "source, its definitions_dir the dataset"},
               "extract",
               "",
               set_repos_config});
}

/// How they are served.
void add_deployment(Options& o) {
  const auto add_size = [&](const char* key, const char* flag, const char* help,
                            std::vector<int> DeploymentSettings::*field) {
    o.push_back({{.key = key,
                  .flag = flag,
                  .type = Type::integers,
                  .default_value = "1",
                  .help = help,
                  .most = 4096},
                 "deployment",
                 "",
                 [field](PipelineDraft& d, const Parts& v) { d.deployment.*field = numbers(v); }});
  };
  add_size("tp", "tp", "tensor parallel sizes", &DeploymentSettings::tp);
  add_size("ep", "ep", "expert parallel sizes", &DeploymentSettings::ep);
  add_size("attention_dp", "attention-dp", "attention data parallel sizes",
           &DeploymentSettings::attention_dp);
  o.push_back({{.key = "platform",
                .flag = "platform",
                .type = Type::texts,
                .default_value = Deployment{}.platform,
                .help = "the GPUs that the engine sees",
                .choices = engine::platform_names()},
               "deployment",
               "",
               [](PipelineDraft& d, const Parts& v) { d.deployment.platforms = v; }});
  o.push_back(
      {{.key = "page_sizes",
        .flag = "page-size",
        .type = Type::integers,
        .help = "page sizes of the KV cache, each a deployment of its own that the engine is asked "
                "for (default: the engine's own choice)",
        .most = 4096},
       "deployment",
       "",
       [](PipelineDraft& d, const Parts& v) { d.deployment.page_sizes = numbers(v); }});
  o.push_back({{.key = "execution_modes",
                .flag = "modes",
                .aliases = {"m", "execution-modes"},
                .type = Type::texts,
                .default_value = "prefill,decode",
                .help = "what is served; definitions are written for each",
                .choices = {"prefill", "decode"}},
               "deployment",
               "",
               [](PipelineDraft& d, const Parts& v) {
                 d.deployment.other.prefill = holds(v, "prefill");
                 d.deployment.other.decode = holds(v, "decode");
               }});
  o.push_back({{.key = "engine_args",
                .flag = "engine-arg",
                .type = Type::texts,
                .help = "server arguments of the engine; on the command line NAME=VALUE"},
               "deployment",
               "a map `{NAME: VALUE}`",
               set_engine_args});
}

void add_draft(Options& o) {
  o.push_back({{.key = "draft_checkpoint",
                .flag = "draft-checkpoint",
                .type = Type::path,
                .help = "speculative decoding: the checkpoint of the draft model (default: the "
                        "target's own heads)"},
               "deployment",
               "",
               [](PipelineDraft& d, const Parts& v) {
                 d.deployment.other.draft_checkpoint = find_checkpoint(v[0]).folder;
               }});
}

/// Deployments that are written out; on the command line lists stand for them.
void add_deployments(Options& o) {
  o.push_back({{.key = "deployments",
                .flag = "",
                .type = Type::texts,
                .help = "how each checkpoint is served (default: one deployment of the settings "
                        "above)"},
               "extract",
               "a list of maps of the settings above",
               {}});
}

/// Bounds on the extraction of one model.
void add_limits(Options& o) {
  o.push_back(
      {{.key = "max_seconds",
        .flag = "max-seconds",
        .aliases = {"seconds"},
        .type = Type::number,
        .default_value = "120",
        .help = "the longest that one model may take, in seconds",
        .most = 1'000'000},
       "extract",
       "",
       [](PipelineDraft& d, const Parts& v) { d.pipeline.limits.seconds = std::stod(v[0]); }});
  o.push_back({{.key = "max_memory",
                .flag = "max-memory",
                .type = Type::integer,
                .default_value = "1430",
                .help = "the most memory that one model may take, in MB",
                .most = 1'000'000},
               "extract",
               "",
               [](PipelineDraft& d, const Parts& v) {
                 d.pipeline.limits.memory_bytes = std::stoll(v[0]) << 20;
               }});
  o.push_back(
      {{.key = "max_steps",
        .flag = "max-steps",
        .type = Type::integer,
        .default_value = "400000000",
        .help = "the most steps of the abstract machine that one model may take",
        .most = 1'000'000'000'000'000},
       "extract",
       "",
       [](PipelineDraft& d, const Parts& v) { d.pipeline.limits.steps = std::stoll(v[0]); }});
}

void add_sizes(Options& o, const char* key, const char* flag, const char* otherwise,
               const char* help, std::int64_t least, std::vector<std::int64_t> StepSizes::*member) {
  o.push_back({{.key = key,
                .flag = flag,
                .type = Type::integers,
                .default_value = otherwise,
                .help = help,
                .least = least,
                .most = 1 << 20},
               "calls",
               "",
               [member](PipelineDraft& d, const Parts& v) {
                 auto& sizes = d.pipeline.step_sizes.*member;
                 sizes.clear();
                 for (const auto& n : v) sizes.push_back(std::stoll(n));
               }});
}

/// The steps of forward that definitions come from.
void add_steps(Options& o) {
  o.push_back({{.key = "forward",
                .flag = "forward",
                .type = Type::boolean,
                .default_value = "true",
                .help = "run the engine's forward: a definition is written where a step launches "
                        "it; without, by what the constructors build"},
               "calls",
               "",
               [](PipelineDraft& d, const Parts& v) { d.pipeline.run_forward = is_true(v[0]); }});
  add_sizes(o, "decode_batches", "decode-batches", "1,64", "requests of a decode step", 1,
            &StepSizes::decode_batches);
  add_sizes(o, "extend_tokens", "extend-tokens", "411,4099", "new tokens of a prefill step", 1,
            &StepSizes::extend_tokens);
  add_sizes(o, "prefix_tokens", "prefix-tokens", "613,12007",
            "cached tokens of each request of a prefill step beside those without", 1,
            &StepSizes::prefix_tokens);
  o.push_back({{.key = "all_forms",
                .flag = "all-forms",
                .type = Type::boolean,
                .default_value = "false",
                .help = "write definitions of layers that no step launches, too"},
               "match",
               "",
               [](PipelineDraft& d, const Parts& v) { d.pipeline.all_forms = is_true(v[0]); }});
}

/// What is looked for in them.
void add_families(Options& o) {
  o.push_back({{.key = "families",
                .flag = "families",
                .type = Type::texts,
                .help = "only these families, for example mla,gqa (default: all)"},
               "match",
               "a list of names, or of `{name, OPTION: value}`",
               [](PipelineDraft& d, const Parts& v) { d.pipeline.families = v; }});
  o.push_back({{.key = "family_options",
                .flag = "family-option",
                .type = Type::texts,
                .help = "options of families; on the command line FAMILY.OPTION=VALUE (`kdex "
                        "plugins --options FAMILY` lists them)"},
               "match",
               "`{FAMILY: {OPTION: value}}`",
               [](PipelineDraft& d, const Parts& v) {
                 for (const auto& s : v)
                   d.pipeline.family_settings.push_back(parse_setting(s, "--family-option"));
               }});
  o.push_back(
      {{.key = "include_quantized",
        .flag = "include-quantized",
        .type = Type::boolean,
        .default_value = "true",
        .help = "write fp8 and fp4 definitions"},
       "match",
       "",
       [](PipelineDraft& d, const Parts& v) { d.pipeline.include_quantized = is_true(v[0]); }});
  o.push_back({{.key = "dialect",
                .flag = "dialect",
                .type = Type::choice,
                .default_value = "official",
                .help = "names and axes as in the official dataset, or as FlashInfer's tracing "
                        "writes them",
                .choices = {"official", "fi_trace"}},
               "match",
               "",
               [](PipelineDraft& d, const Parts& v) { d.pipeline.dialect = v[0]; }});
}

/// Where it is written.
void add_dataset(Options& o) {
  o.push_back({{.key = "output_dir",
                .flag = "out",
                .aliases = {"output-dir"},
                .type = Type::path,
                .default_value = "dataset",
                .help = "the dataset; a folder called definitions stands for the one that holds "
                        "it"},
               "save",
               "",
               [](PipelineDraft& d, const Parts& v) { d.pipeline.output_dir = v[0]; }});
  o.push_back({{.key = "deduplicate",
                .flag = "deduplicate",
                .type = Type::boolean,
                .default_value = "true",
                .help = "skip what the dataset has"},
               "save",
               "",
               [](PipelineDraft& d, const Parts& v) { d.pipeline.deduplicate = is_true(v[0]); }});
  o.push_back({{.key = "add_tags",
                .flag = "add-tags",
                .type = Type::boolean,
                .default_value = "true",
                .help = "definitions that are there gain the tags of where they were met: the "
                        "model, its deployment"},
               "save",
               "",
               [](PipelineDraft& d, const Parts& v) { d.pipeline.add_tags = is_true(v[0]); }});
}

/// What of the result is a failure.
void add_gates(Options& o) {
  o.push_back({{.key = "fail_on",
                .flag = "fail-on",
                .type = Type::texts,
                .help = "end with status 1 for these: " + joined(fail_on_kinds()) +
                        "; coverage=0.95 (of launches, bytes and operations of each mode's steps) "
                        "or coverage.bytes=0.95 (with a baseline and none of them: all)"},
               "report",
               "",
               [](PipelineDraft& d, const Parts& v) { d.pipeline.fail_on = parse_fail_on(v); }});
  o.push_back({{.key = "baseline",
                .flag = "baseline",
                .type = Type::path,
                .help = "a file of refusals and counts that are expected; what is beyond them is a "
                        "failure (`--update-baseline` writes it)"},
               "report",
               "",
               [](PipelineDraft& d, const Parts& v) { d.pipeline.baseline = v[0]; }});
}

/// Those that are found; what is said of the others.
void set_checkpoints(PipelineDraft& d, const Parts& parts) {
  for (const auto& part : parts) try {
      d.pipeline.checkpoints.push_back({find_checkpoint(part), {}});
    } catch (const Error& e) {
      if (!d.pipeline.keep_going) throw;
      d.pipeline.unknown_checkpoints.emplace_back(e.what());
    }
}

/// Which models. After all else, for checkpoints are looked for on disk.
void add_models(Options& o) {
  o.push_back(
      {{.key = "keep_going",
        .flag = "keep-going",
        .type = Type::boolean,
        .default_value = "true",
        .help = "a checkpoint or model name that is unknown is an error of the run, and the "
                "others are done; without, nothing is"},
       "extract",
       "",
       [](PipelineDraft& d, const Parts& v) { d.pipeline.keep_going = is_true(v[0]); }});
  o.push_back({{.key = "checkpoints",
                .flag = "checkpoint",
                .type = Type::paths,
                .help = "folders or files with a config.json, Hugging Face ids of the local cache, "
                        "names of examples/checkpoints"},
               "extract",
               "a list of them, or of `{path, name, deployments}`",
               set_checkpoints});
  o.push_back({{.key = "model_names",
                .flag = "model-name",
                .type = Type::texts,
                .help = "model files, classes, or parts of Hugging Face names"},
               "extract",
               "",
               [](PipelineDraft& d, const Parts& v) { d.pipeline.model_names = v; }});
}

/// The run as a whole.
void add_run(Options& o) {
  o.push_back({{.key = "stages",
                .flag = "",
                .type = Type::texts,
                .default_value = "extract",
                .help = "what is done, in this order (see docs/pipeline.md)"},
               "run",
               "a list of names, or of `{name, OPTION: value}`",
               [](PipelineDraft& d, const Parts& v) { d.pipeline.stages = v; }});
  o.push_back({{.key = "stage_options",
                .flag = "stage-option",
                .type = Type::texts,
                .help = "options of stages; on the command line STAGE.OPTION=VALUE (`kdex plugins "
                        "--options STAGE` lists them)"},
               "run",
               "`{STAGE: {OPTION: value}}`",
               [](PipelineDraft& d, const Parts& v) {
                 for (const auto& s : v)
                   d.pipeline.stage_settings.push_back(parse_setting(s, "--stage-option", "STAGE"));
               }});
  o.push_back({{.key = "kernels",
                .flag = "",
                .type = Type::texts,
                .help = "options of the stage build; an older form of `stages: [{name: build, "
                        "...}]`"},
               "run",
               "a map `{OPTION: value}`",
               {}});
  o.push_back({{.key = "plugins_path",
                .flag = "plugins-path",
                .type = Type::paths,
                .help = "further folders with families and stages"},
               "run",
               "",
               [](PipelineDraft& d, const Parts& v) { d.pipeline.plugins_path = v; }});
  o.push_back({{.key = "jobs",
                .flag = "jobs",
                .aliases = {"j"},
                .type = Type::integer,
                .help = "threads (default: all cores)",
                .most = 1024},
               "run",
               "",
               [](PipelineDraft& d, const Parts& v) { d.pipeline.jobs = std::stoi(v[0]); }});
}

std::string as_key(std::string flag) {
  std::replace(flag.begin(), flag.end(), '-', '_');
  return flag;
}

}  // namespace

std::vector<Deployment> DeploymentSettings::all() const {
  std::vector<Deployment> out;
  for (int t : tp)
    for (int e : ep)
      for (int a : attention_dp)
        for (const auto& platform : platforms)
          for (int page : page_sizes.empty() ? std::vector<int>{0} : page_sizes) {
            Deployment d = other;
            d.tp = t;
            d.ep = e;
            d.attention_dp = a;
            d.page_size = page;
            d.platform = platform;
            out.push_back(std::move(d));
          }
  return out;
}

const std::vector<PipelineOption>& pipeline_options() {
  static const Options all = [] {
    Options o;
    add_sources(o);
    add_deployment(o);
    add_draft(o);
    add_deployments(o);
    add_limits(o);
    add_steps(o);
    add_families(o);
    add_dataset(o);
    add_gates(o);
    add_models(o);
    add_run(o);
    return o;
  }();
  return all;
}

const PipelineOption* pipeline_option(const std::string& key) {
  for (const auto& p : pipeline_options()) {
    if (p.option.key == key || (key.size() > 1 && as_key(p.option.flag) == key)) return &p;
    for (const auto& alias : p.option.aliases)
      if (alias.size() > 1 && as_key(alias) == key) return &p;
  }
  return nullptr;
}

std::vector<Option> pipeline_flags(const std::vector<std::string>& keys) {
  std::vector<Option> out;
  for (const auto& key : keys) out.push_back(pipeline_option(key)->option);
  return out;
}

PipelineDraft default_draft() {
  PipelineDraft draft;
  for (const auto& p : pipeline_options())
    if (!p.option.default_value.empty()) p.set(draft, parts_of(p.option, p.option.default_value));
  return draft;
}

}  // namespace kdex
