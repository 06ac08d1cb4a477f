// Implementation of core/cli/options.h.
#include "core/cli/options.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>

#include <kdex/error.h>

#include "core/base/text.h"
#include "core/paths.h"
#include "core/pipeline/checkpoints.h"
#include "core/pipeline/kernels.h"

namespace kdex::cli {
namespace {

using Strings = std::vector<std::string>;
std::atomic<bool> stop{false};

Strings many(const po::variables_map& v, const char* name) {
  return v.count(name) ? v[name].as<Strings>() : Strings{};
}

int positive(const po::variables_map& v, const char* name, int most = 4096) {
  return static_cast<int>(
      whole_number(v[name].as<std::string>(), std::string("--") + name, 1, most));
}

/// The names in a list option; given without any it is an error, for "none" would be read as "all".
Strings names(const po::variables_map& v, const char* name) {
  Strings out = split(many(v, name));
  if (v.count(name) && out.empty())
    throw Error("names nothing", std::string("--") + name,
                std::string("leave it out, or give a name"));
  return out;
}

std::string path(const po::variables_map& v, const char* name) {
  std::string out = expand_home(v[name].as<std::string>());
  if (out.empty()) throw Error("is empty", std::string("--") + name, "give a path");
  return out;
}

bool truth(const po::variables_map& v, const char* name) {
  const auto& s = v[name].as<std::string>();
  if (s == "true" || s == "yes" || s == "1" || s == "on") return true;
  if (s == "false" || s == "no" || s == "0" || s == "off") return false;
  throw Error("must be true or false, not '" + s + "'", std::string("--") + name);
}

}  // namespace

std::vector<std::string> split(const Strings& values) {
  Strings out;
  for (const auto& v : values)
    for (std::size_t start = 0; start <= v.size();) {
      auto end = std::min(v.find(',', start), v.size());
      if (end > start) out.push_back(v.substr(start, end - start));
      start = end + 1;
    }
  return out;
}

void expand_family_flags(Strings& arguments, const po::options_description& known) {
  const auto is_known = [&](const std::string& name) {
    return name == "help" || known.find_nothrow(name, false) != nullptr;
  };
  std::optional<LoadedFamilies> loaded;
  for (std::size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
    const std::string argument = arguments[i];
    if (!argument.starts_with("--")) continue;
    const auto eq = argument.find('=');
    const std::string name = argument.substr(2, eq == std::string::npos ? eq : eq - 2);
    if (is_known(name)) continue;
    if (!loaded) {
      Strings folders = {plugin_folder()};
      bool path = false;
      for (const auto& a : arguments) {
        if (a.starts_with("--plugins-path=")) folders.push_back(a.substr(15));
        if (path && !a.starts_with("-")) folders.push_back(a);
        path = a == "--plugins-path" || (path && !a.starts_with("-"));
      }
      loaded = load_families(folders);
    }
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

void add_model_options(po::options_description& o) {
  o.add_options()("source", po::value<Strings>()->composing()->multitoken(),
                  "site-packages folder, unpacked wheel or git checkout; repeatable")(
      "sglang-path", po::value<Strings>()->composing(),
      "a git checkout of SGLang (FlashInfer-Bench's name)")(
      "repos-config", po::value<std::string>(), "FlashInfer-Bench's repos_config.json")(
      "checkpoint", po::value<Strings>()->composing()->multitoken(),
      "folder or file with a config.json, or a Hugging Face id of the local cache")(
      "model-name", po::value<Strings>()->composing()->multitoken(),
      "model file, class, or part of a Hugging Face name")(
      "tp", po::value<std::string>()->default_value("1"), "tensor parallel size")(
      "ep", po::value<std::string>()->default_value("1"), "expert parallel size")(
      "attention-dp", po::value<std::string>()->default_value("1"), "attention data parallel size")(
      "page-size", po::value<Strings>()->composing()->multitoken(),
      "page sizes of the KV cache (default 1 and 64)")(
      "modes,m", po::value<Strings>()->composing()->multitoken(),
      "prefill, decode or both (default)")("execution-modes",
                                           po::value<Strings>()->composing()->multitoken(),
                                           "the same (FlashInfer-Bench's name)")(
      "families", po::value<Strings>()->composing()->multitoken(),
      "only these families, e.g. mla,gqa")("plugins-path",
                                           po::value<Strings>()->composing()->multitoken(),
                                           "folders with further families")(
      "platform", po::value<std::string>()->default_value("h200"), "h100, h200 or b200")(
      "family-option", po::value<Strings>()->composing(),
      "an option of a family, FAMILY.OPTION=VALUE; repeatable (kdex plugins --options FAMILY)")(
      "engine-arg", po::value<Strings>()->composing(),
      "a server argument of the engine, NAME=VALUE; repeatable")(
      "include-quantized", po::value<std::string>()->default_value("true")->implicit_value("true"),
      "write fp8 and fp4 definitions")(
      "deduplicate", po::value<std::string>()->default_value("true")->implicit_value("true"),
      "skip what the dataset has")("add-tags", po::bool_switch(),
                                   "existing definitions gain the model's tag")(
      "dialect", po::value<std::string>()->default_value("official"), "official or fi_trace")(
      "out", po::value<std::string>(), "the dataset folder to write")(
      "output-dir", po::value<std::string>(), "the same (FlashInfer-Bench's name)")(
      "jobs,j", po::value<std::string>(), "threads (default: all cores)");
}

Pipeline pipeline_from(const po::variables_map& v) {
  Pipeline p;
  p.sources = many(v, "source");
  for (const auto& s : many(v, "sglang-path")) p.sources.push_back(s);
  if (v.count("repos-config")) {
    const auto file = v["repos-config"].as<std::string>();
    for (const auto& s : sources_of_repos_config(file)) p.sources.push_back(s);
    if (auto d = dataset_of_repos_config(file); !d.empty()) p.output_dir = d;
  }
  Deployment d;
  d.tp = positive(v, "tp");
  d.ep = positive(v, "ep");
  d.attention_dp = positive(v, "attention-dp");
  d.page_sizes.clear();
  for (const auto& text : v.count("page-size") ? many(v, "page-size") : Strings{"1", "64"})
    d.page_sizes.push_back(static_cast<int>(whole_number(text, "--page-size", 1, 4096)));
  auto modes = names(v, "modes");
  for (const auto& m : names(v, "execution-modes")) modes.push_back(m);
  for (const auto& m : modes)
    if (m != "prefill" && m != "decode")
      throw Error("must be prefill or decode, not '" + m + "'", "--execution-modes");
  if (!modes.empty()) {
    d.prefill = std::find(modes.begin(), modes.end(), "prefill") != modes.end();
    d.decode = std::find(modes.begin(), modes.end(), "decode") != modes.end();
  }
  d.platform = v["platform"].as<std::string>();
  if (d.platform != "h100" && d.platform != "h200" && d.platform != "b200")
    throw Error("must be h100, h200 or b200, not '" + d.platform + "'", "--platform");
  for (const auto& a : many(v, "engine-arg")) {
    auto eq = a.find('=');
    if (eq == std::string::npos || eq == 0)
      throw Error("must be NAME=VALUE, not '" + a + "'", "--engine-arg");
    d.engine_args[a.substr(0, eq)] = a.substr(eq + 1);
  }
  p.deployments = {d};
  p.families = names(v, "families");
  p.plugins_path = many(v, "plugins-path");
  for (const auto& o : many(v, "family-option"))
    p.family_settings.push_back(parse_setting(o, "--family-option"));
  p.add_tags = v["add-tags"].as<bool>();
  p.include_quantized = truth(v, "include-quantized");
  p.deduplicate = truth(v, "deduplicate");
  p.dialect = v["dialect"].as<std::string>();
  if (p.dialect != "official" && p.dialect != "fi_trace")
    throw Error("must be official or fi_trace, not '" + p.dialect + "'", "--dialect");
  if (v.count("jobs")) p.jobs = positive(v, "jobs", 1024);
  if (v.count("output-dir")) p.output_dir = path(v, "output-dir");
  if (v.count("out")) p.output_dir = path(v, "out");
  for (const auto& c : many(v, "checkpoint"))
    p.checkpoints.push_back({find_checkpoint(c), p.deployments});
  p.model_names = names(v, "model-name");
  if (p.checkpoints.empty() && p.model_names.empty())
    throw Error("no checkpoint is given", "",
                "give --checkpoint DIR|FILE|HF-id or --model-name NAME");
  return p;
}

const std::atomic<bool>& interrupted() { return stop; }

void watch_interrupt() {
  struct sigaction action {};
  action.sa_handler = [](int) { stop = true; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // the second one ends the program
  ::sigaction(SIGINT, &action, nullptr);
}

int run_and_print(const Pipeline& pipeline) {
  watch_interrupt();
  RunHooks hooks;
  hooks.cancelled = &interrupted();
  hooks.progress = [](const std::string& line) {
    std::fprintf(stderr, "%s\n", printable(line).c_str());
  };
  Report report = run_pipeline(pipeline, hooks);
  std::fputs(report_to_table(report).c_str(), stdout);
  if (report.interrupted) return done_with_errors;
  std::printf("\ndataset: %s\nreport:  %s\n         %s\n", report.dataset.c_str(),
              report_file(report.dataset).c_str(), report_page(report.dataset).c_str());
  StageResult more = run_kernel_stages(pipeline, hooks);
  std::fputs(more.summary.c_str(), stdout);
  for (const auto& e : more.errors) std::fprintf(stderr, "kdex: %s\n", printable(e).c_str());
  return report.has_errors() || !more.errors.empty() ? done_with_errors : done;
}

}  // namespace kdex::cli
