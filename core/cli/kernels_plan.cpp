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
#include "core/cli/options.h"
#include "core/definition/json.h"
#include "core/paths.h"
#include "core/pipeline/checkpoints.h"
#include "core/pipeline/kernels.h"
#include "core/pipeline/plan_requests.h"

namespace kdex::cli {

namespace {

using Strings = std::vector<std::string>;
using Json = nlohmann::ordered_json;

void add_options(po::options_description& o) {
  o.add_options()("dataset", po::value<std::string>()->default_value(""),
                  "the dataset that names of definitions refer to")(
      "axes", po::value<Strings>()->composing()->multitoken(),
      "sizes of variable axes: M=64,batch_size=8")(
      "arch", po::value<std::string>()->default_value("sm_90a"), "the chip's architecture")(
      "sms", po::value<std::string>(),
      "its streaming multiprocessors (default: the usual chip of the architecture)")(
      "set", po::value<Strings>()->composing()->multitoken(),
      "constants in place of the planner's choice: BLOCK_N=64 (docs/kernels.md lists them)")(
      "compile-for", po::value<std::string>()->default_value(""),
      "compile for this architecture what is planned for --arch")(
      "build", po::bool_switch(), "compile the units that the cache lacks")(
      "json", po::bool_switch(), "JSON, one object a line")(
      "requests", po::value<std::string>()->default_value(""),
      "a file of requests, or - for stdin: a JSON list, or an object a line, answered at once")(
      "cuda-home", po::value<std::string>()->default_value(""),
      "a CUDA toolkit, or the nvidia folder of pip's wheels")(
      "plugins-path", po::value<Strings>()->composing()->multitoken(),
      "folders with further families")("jobs,j", po::value<std::string>(),
                                       "threads that compile (default: all cores)");
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

cuda::BuildOptions build_options(const po::variables_map& v) {
  cuda::BuildOptions b;
  b.kernels_folder = data_folder() + "/kernels";
  b.cache_folder = cache_folder().empty() ? "" : cache_folder() + "/cubins";
  b.cuda_home = expand_home(v["cuda-home"].as<std::string>());
  b.jobs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  if (v.count("jobs"))
    b.jobs = static_cast<int>(whole_number(v["jobs"].as<std::string>(), "--jobs", 1, 256));
  watch_interrupt();
  b.cancelled = &interrupted();
  b.progress = [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); };
  return b;
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
  po::options_description o("options of plan");
  add_options(o);
  po::variables_map v;
  Strings rest;
  if (parse(command("kernels"), arguments, o, v, rest)) return done;
  const std::string file = v["requests"].as<std::string>();
  const bool json = v["json"].as<bool>(), build = v["build"].as<bool>();
  Definitions named(expand_home(v["dataset"].as<std::string>()));
  Strings plugins;
  if (v.count("plugins-path")) plugins = v["plugins-path"].as<Strings>();
  if (!file.empty()) {
    if (!rest.empty() || v.count("axes") || v.count("set") || v.count("sms"))
      throw Error("definitions, axes and constants are in the file of requests", "--requests");
    PlanAnswers answers(plugins, build_options(v));
    return answer_requests(file, answers, json, build, named);
  }
  if (rest.empty())
    throw Error("expected a definition", "kdex kernels plan",
                "for example: kdex kernels plan gemm_n256_k7168 --dataset dataset --axes M=64");
  PlanRequest common;
  int sms = 0;
  if (v.count("sms"))
    sms = static_cast<int>(whole_number(v["sms"].as<std::string>(), "--sms", 1, 65536));
  common.chip = Chip(cuda::arch_name(v["arch"].as<std::string>()), sms);
  if (const auto& other = v["compile-for"].as<std::string>(); !other.empty())
    common.compile_for = cuda::arch_name(other);
  if (v.count("axes"))
    for (const auto& text : split(v["axes"].as<Strings>())) {
      const auto [name, value] = assigned(text, "--axes");
      common.axes[name] = whole_number(value, "--axes " + name, 0, 2147483647);
    }
  if (v.count("set"))
    for (const auto& text : split(v["set"].as<Strings>()))
      common.set.insert(assigned(text, "--set"));
  std::vector<PlanRequest> requests;
  for (const auto& name : rest) {
    requests.push_back(common);
    requests.back().definition = named(name);
  }
  PlanAnswers answers(plugins, build_options(v));
  Printer printer(answers, json);
  if (build)
    for (const auto& line : answers.build(requests))
      std::fprintf(stderr, "kdex: %s\n", line.c_str()), ++printer.errors;
  for (const auto& r : requests) printer.print(r);
  return printer.errors ? done_with_errors : done;
}

}  // namespace kdex::cli
