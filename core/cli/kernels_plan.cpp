// kdex kernels plan: the launches of definitions at given sizes, as text or JSON.
#include "core/cli/kernels_plan.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/base/options.h"
#include "core/cli/options.h"
#include "core/definition/json.h"
#include "core/paths.h"
#include "core/pipeline/checkpoints.h"
#include "core/pipeline/kernels.h"
#include "core/pipeline/plan_requests.h"
#include "core/pipeline/stages/kernel_options.h"

namespace kdex::cli {

namespace {

using Strings = std::vector<std::string>;
using Json = nlohmann::ordered_json;

std::vector<Option> options() {
  const auto pairs = [](const char* name, const char* help) {
    return Option{.key = name, .flag = name, .type = Option::Type::texts, .help = help};
  };
  const auto flag = [](const char* name, const char* help) {
    return Option{.key = name,
                  .flag = name,
                  .type = Option::Type::boolean,
                  .default_value = "false",
                  .help = help};
  };
  return {
      {.key = "dataset",
       .flag = "dataset",
       .type = Option::Type::path,
       .help = "the dataset that names of definitions refer to"},
      pairs("axes", "sizes of variable axes: M=64,batch_size=8"),
      {.key = "arch", .flag = "arch", .default_value = "sm_90a", .help = "the chip's architecture"},
      {.key = "sms",
       .flag = "sms",
       .type = Option::Type::integer,
       .help = "its streaming multiprocessors (default: the usual chip of the architecture)",
       .most = 65536},
      pairs("set",
            "constants in place of the planner's choice: BLOCK_N=64 (docs/kernels.md lists them)"),
      {.key = "compile_for",
       .flag = "compile-for",
       .help = "compile for this architecture what is planned for --arch"},
      flag("build", "compile the units that the cache lacks"),
      flag("json", "JSON, one object a line"),
      {.key = "requests",
       .flag = "requests",
       .type = Option::Type::path,
       .help = "a file of requests, or - for stdin: a JSON list, or an object a line, answered at "
               "once"},
      cuda_home_option(),
      plugins_path_option(),
      jobs_option(),
  };
}

/// "NAME=VALUE" to its two parts.
std::pair<std::string, std::string> assigned(const std::string& text, const char* option) {
  const auto at = text.find('=');
  if (at == 0 || at == std::string::npos || at + 1 == text.size())
    throw Error("expected NAME=VALUE instead of '" + text + "'", option);
  return {text.substr(0, at), text.substr(at + 1)};
}

/// Definitions by file or by name in --dataset, which is read once.
class Definitions {
 public:
  explicit Definitions(std::string dataset) : dataset_(std::move(dataset)) {}

  Definition operator()(const std::string& name) {
    std::error_code error;
    if (name.ends_with(".json") || std::filesystem::is_regular_file(name, error)) {
      const std::string file = expand_home(name);
      return definition_from_json(read_file(file), file);
    }
    if (dataset_.empty())
      throw Error("unknown definition '" + name + "'", "kdex kernels plan",
                  "give a definition's JSON file, or --dataset for names");
    if (index_.by_name.empty()) index_ = read_index(dataset_);
    return choose_definitions(index_, dataset_, {name}).at(0);
  }

 private:
  std::string dataset_;
  DatasetIndex index_;
};

cuda::BuildOptions build_options(const Arguments& a) {
  cuda::BuildOptions b;
  b.kernels_folder = data_folder() + "/kernels";
  b.cache_folder = cache_folder().empty() ? "" : cache_folder() + "/cubins";
  b.cuda_home = expand_home(a.values.text("cuda_home"));
  b.jobs = a.has("jobs") ? static_cast<int>(a.values.integer("jobs"))
                         : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  watch_interrupt();
  b.cancelled = &interrupted();
  b.progress = [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); };
  return b;
}

/// What all definitions of the command line are planned with.
PlanRequest common_request(const Arguments& a) {
  PlanRequest common;
  common.chip =
      Chip(cuda::arch_name(a.values.text("arch")), static_cast<int>(a.values.integer("sms")));
  if (a.has("compile_for")) common.compile_for = cuda::arch_name(a.values.text("compile_for"));
  for (const auto& text : a.parts("axes")) {
    const auto [name, value] = assigned(text, "--axes");
    const Option size{.key = name, .type = Option::Type::integer, .least = 0, .most = 2147483647};
    check_value(size, {value}, "--axes " + name);
    common.axes[name] = std::stoll(value);
  }
  for (const auto& text : a.parts("set")) common.set.insert(assigned(text, "--set"));
  return common;
}

/// Answers requests to stdout and counts what failed.
class Printer {
 public:
  Printer(PlanAnswers& answers, bool json) : answers_(answers), json_(json) {}

  void print(const PlanRequest& r) {
    const PlannedLaunches planned = answers_.answer(r);
    const std::string text = json_ ? plan_json(r, planned).dump() + "\n" : plan_text(r, planned);
    std::fputs(text.c_str(), stdout);
  }
  void failed(const Error& e) {
    ++errors;
    if (json_)
      std::fputs(
          (Json{{"error", e.what()}}.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n")
              .c_str(),
          stdout);
    else
      std::fprintf(stderr, "kdex: %s\n", e.what());
  }
  int errors = 0;

 private:
  PlanAnswers& answers_;
  bool json_;
};

/// A list: all units are compiled together, and each request has its line.
void answer_list(const Json& list, const std::string& where, PlanAnswers& answers, bool build,
                 Definitions& named, Printer& printer) {
  std::vector<PlanRequest> requests;
  for (std::size_t i = 0; i < list.size(); ++i)
    requests.push_back(
        plan_request(list[i], where + ": request " + std::to_string(i + 1), std::ref(named)));
  if (build)
    for (const auto& line : answers.build(requests))
      std::fprintf(stderr, "kdex: %s\n", line.c_str()), ++printer.errors;
  for (const auto& r : requests) try {
      printer.print(r);
    } catch (const Error& e) {
      printer.failed(e);
    }
}

/// An object a line: each is answered before the next is read.
void answer_lines(std::istream& in, std::string line, const std::string& where,
                  PlanAnswers& answers, bool build, Definitions& named, Printer& printer) {
  std::size_t number = 0;
  do {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::string at = where + ":" + std::to_string(number);
    try {
      const PlanRequest r = plan_request(parse_json(line, at), at, std::ref(named));
      if (build)
        if (const auto errors = answers.build({r}); !errors.empty()) throw Error(errors[0]);
      printer.print(r);
    } catch (const Error& e) {
      printer.failed(e);
    }
    std::fflush(stdout);
  } while (std::getline(in, line));
}

int answer_requests(const std::string& file, PlanAnswers& answers, bool json, bool build,
                    Definitions& named) {
  Printer printer(answers, json);
  std::ifstream opened;
  if (file != "-") {
    opened.open(expand_home(file));
    if (!opened) throw Error("cannot be read", file);
  }
  std::istream& in = file == "-" ? std::cin : opened;
  const std::string where = file == "-" ? "stdin" : file;
  std::string line;
  std::getline(in, line);
  if (line.starts_with("[")) {
    line += "\n" + std::string(std::istreambuf_iterator<char>(in), {});
    answer_list(parse_json(line, where), where, answers, build, named, printer);
  } else {
    answer_lines(in, line, where, answers, build, named, printer);
  }
  return printer.errors ? done_with_errors : done;
}

}  // namespace

int kernels_plan(const Strings& arguments) {
  const auto a = read_arguments(command("kernels"), arguments, options(), 1);
  if (!a) return done;
  const bool json = a->values.boolean("json"), build = a->values.boolean("build");
  Definitions named(expand_home(a->values.text("dataset")));
  const Strings plugins = a->parts("plugins_path");
  if (a->has("requests")) {
    if (!a->rest.empty() || a->has("axes") || a->has("set") || a->has("sms"))
      throw Error("definitions, axes and constants are in the file of requests", "--requests");
    PlanAnswers answers(plugins, build_options(*a));
    return answer_requests(a->values.text("requests"), answers, json, build, named);
  }
  if (a->rest.empty())
    throw Error("expected a definition", "kdex kernels plan",
                "for example: kdex kernels plan gemm_n256_k7168 --dataset dataset --axes M=64");
  const PlanRequest common = common_request(*a);
  std::vector<PlanRequest> requests;
  for (const auto& name : a->rest) {
    requests.push_back(common);
    requests.back().definition = named(name);
  }
  PlanAnswers answers(plugins, build_options(*a));
  Printer printer(answers, json);
  if (build)
    for (const auto& line : answers.build(requests))
      std::fprintf(stderr, "kdex: %s\n", line.c_str()), ++printer.errors;
  for (const auto& r : requests) printer.print(r);
  return printer.errors ? done_with_errors : done;
}

}  // namespace kdex::cli
