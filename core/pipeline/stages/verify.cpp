// The stages `verify` and `bench`: run the dataset's kernels on a GPU, check their outputs, time
// them.
#include "core/pipeline/verify.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <thread>

#include <kdex/error.h>

#include "core/paths.h"
#include "core/pipeline/checkpoints.h"
#include "core/pipeline/stage.h"
#include "core/pipeline/stages/kernel_options.h"

namespace kdex {
namespace {

std::string summary(const VerifyReport& r) {
  std::size_t passed = 0;
  std::map<std::string, bool> whole;
  for (const auto& x : r.rows) {
    const bool pass = x.status == "PASSED";
    passed += pass;
    whole.try_emplace(x.definition, true).first->second &= pass;
  }
  int without = 0;
  for (const auto& [why, count] : r.without) without += count;
  char line[300];
  std::snprintf(
      line, sizeof line,
      "%td of %zu definitions passed, %zu of %zu workloads, %d definitions without a kernel\n",
      std::count_if(whole.begin(), whole.end(), [](const auto& x) { return x.second; }),
      whole.size(), passed, r.rows.size(), without);
  return line;
}

std::vector<Option> options(bool bench) {
  std::vector<Option> all = {
      chosen_definitions(),
      cuda_home_option(),
      {.key = "python",
       .flag = "python",
       .type = Option::Type::boolean,
       .default_value = "false",
       .help = "compare with the definitions' own references, run by python3 with torch"},
      {.key = "seed",
       .flag = "seed",
       .type = Option::Type::integer,
       .default_value = "0",
       .help = "seed of the random inputs; 0 takes one from the clock",
       .least = 0,
       .most = INT64_MAX},
      {.key = "timeout",
       .flag = "timeout",
       .type = Option::Type::integer,
       .default_value = "300",
       .help = "seconds for one workload",
       .most = 86400},
      {.key = "workers",
       .flag = "workers",
       .type = Option::Type::integer,
       .help = "processes that share the GPU (default: half the cores, at most 8; bench times one "
               "at a time)",
       .most = 64},
      {.key = "each",
       .flag = "each",
       .type = Option::Type::boolean,
       .default_value = "false",
       .help = "a line for each workload"},
  };
  if (bench) {
    all.push_back({.key = "peers",
                   .flag = "peers",
                   .type = Option::Type::boolean,
                   .default_value = "false",
                   .help = "time others' kernels beside, in the same run: torch, and what python3 "
                           "finds of FlashInfer and DeepGEMM (peers.py of a family)"});
    all.push_back({.key = "compare",
                   .flag = "compare",
                   .type = Option::Type::path,
                   .help = "another kdex program, whose kernels are timed beside in the same run"});
  }
  return all;
}

/// The program that `--compare` names: a file, or of an installation's prefix its bin/kdex.
std::string kdex_program(const std::string& named) {
  namespace fs = std::filesystem;
  const fs::path path = expand_home(named);
  std::error_code error;
  for (const fs::path& at : {path, path / "bin" / "kdex", path / "kdex"})
    if (fs::is_regular_file(at, error)) return fs::absolute(at).string();
  throw Error("expected a kdex program, or a prefix with bin/kdex", named);
}

class VerifyStage : public Stage {
 public:
  explicit VerifyStage(bool bench) : bench_(bench) {}

  StageInfo info() const override {
    return {.name = bench_ ? "bench" : "verify",
            .summary = bench_ ? "the same, timed at length with inputs rotated past the L2"
                              : "run the kernels on a GPU and check their outputs",
            .needs = {"definitions/"},
            .writes = {"traces/"},
            .options = options(bench_)};
  }

  StageResult run(const StageContext& c) const override {
    const OptionValues& o = c.options;
    VerifyOptions v;
    v.kernels = kernel_options(c);
    v.worker_program = this_program;
    v.bench = bench_;
    v.python = o.boolean("python");
    if (bench_) {
      v.peers = o.boolean("peers");
      v.compare = o.text("compare").empty() ? "" : kdex_program(o.text("compare"));
    }
    v.seed = static_cast<std::uint64_t>(o.integer("seed"));
    v.timeout_seconds = static_cast<int>(o.integer("timeout"));
    v.workers = static_cast<int>(o.integer("workers"));
    if (v.workers == 0)
      v.workers = static_cast<int>(std::clamp(std::thread::hardware_concurrency() / 2, 1u, 8u));
    const VerifyReport r = verify_kernels(v);
    StageResult out;
    out.text = verify_table(r, bench_, o.boolean("each")) + summary(r);
    out.errors = r.errors;
    out.failed = std::any_of(r.rows.begin(), r.rows.end(),
                             [](const VerifyRow& x) { return x.status != "PASSED"; });
    return out;
  }

 private:
  bool bench_;
};

}  // namespace

PipelineStage verify_stage() { return own_sdk_stage(VerifyStage(false)); }
PipelineStage bench_stage() { return own_sdk_stage(VerifyStage(true)); }

}  // namespace kdex
