// kdex kernels list|plan|build|verify|bench: which definitions have a kernel; compile, check and
// time them.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <thread>

#include <kdex/error.h>

#include "core/cli/kernels_plan.h"
#include "core/cli/options.h"
#include "core/paths.h"
#include "core/pipeline/checkpoints.h"
#include "core/pipeline/verify.h"

namespace kdex::cli {

namespace {

using Strings = std::vector<std::string>;

void add_shared_options(po::options_description& o) {
  o.add_options()("definitions", po::value<Strings>()->composing()->multitoken(),
                  "only these definitions or op types")(
      "cuda-home", po::value<std::string>()->default_value(""),
      "a CUDA toolkit, or the nvidia folder of pip's wheels")(
      "plugins-path", po::value<Strings>()->composing()->multitoken(),
      "folders with further families")("jobs,j", po::value<std::string>(),
                                       "threads that compile (default: all cores)");
}

KernelsOptions shared_options(const po::variables_map& v, const Strings& rest, const char* what) {
  if (rest.size() != 1)
    throw Error("one dataset folder is needed", std::string("kdex kernels ") + what,
                std::string("for example: ") + command("kernels").example);
  KernelsOptions o;
  o.dataset = dataset_of(expand_home(rest[0]));
  std::error_code error;
  if (!std::filesystem::is_directory(o.dataset, error))
    throw Error("is no folder", o.dataset, "give the folder that holds definitions/");
  if (v.count("definitions")) o.definitions = split(v["definitions"].as<Strings>());
  if (v.count("plugins-path")) o.plugins_path = v["plugins-path"].as<Strings>();
  o.cuda_home = expand_home(v["cuda-home"].as<std::string>());
  o.jobs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  if (v.count("jobs"))
    o.jobs = static_cast<int>(whole_number(v["jobs"].as<std::string>(), "--jobs", 1, 256));
  watch_interrupt();
  o.cancelled = &interrupted();
  o.progress = [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); };
  return o;
}

void add_arch_option(po::options_description& o) {
  o.add_options()("arch", po::value<Strings>()->composing()->multitoken(),
                  "architectures: sm_90a (default), sm_80, sm_89, sm_100, sm_120");
}
void take_archs(const po::variables_map& v, KernelsOptions& k) {
  if (!v.count("arch")) return;
  k.archs.clear();
  for (const auto& a : split(v["arch"].as<Strings>())) k.archs.push_back(cuda::arch_name(a));
  if (k.archs.empty()) throw Error("no architecture is given", "--arch");
}

int list(const Strings& arguments) {
  po::options_description o("options of list");
  add_shared_options(o);
  add_arch_option(o);
  po::variables_map v;
  Strings rest;
  if (parse(command("kernels"), arguments, o, v, rest)) return done;
  KernelsOptions k = shared_options(v, rest, "list");
  take_archs(v, k);
  k.plans_only = true;
  KernelsReport r = build_kernels(k);
  std::fputs(plans_table(r).c_str(), stdout);
  std::printf("%td of %zu have a kernel\n",
              std::count_if(r.kernels.begin(), r.kernels.end(),
                            [](const auto& x) { return x.plan.available; }),
              r.kernels.size());
  for (const auto& e : r.errors) std::fprintf(stderr, "kdex: %s\n", e.c_str());
  return r.errors.empty() ? done : done_with_errors;
}

int build(const Strings& arguments) {
  po::options_description o("options of build");
  add_shared_options(o);
  add_arch_option(o);
  o.add_options()("lineinfo", po::bool_switch(), "line numbers in the cubins, for profilers")(
      "dump-ptx", po::bool_switch(), "write the PTX of each unit")(
      "dump-sass", po::bool_switch(), "write the SASS of each unit (needs nvdisasm or cuobjdump)")(
      "dump-to", po::value<std::string>()->default_value(""),
      "where the dumps go (default: DATASET/.kdex/dump)")("no-solutions", po::bool_switch(),
                                                          "compile only");
  po::variables_map v;
  Strings rest;
  if (parse(command("kernels"), arguments, o, v, rest)) return done;
  KernelsOptions k = shared_options(v, rest, "build");
  take_archs(v, k);
  k.lineinfo = v["lineinfo"].as<bool>();
  k.dump_ptx = v["dump-ptx"].as<bool>();
  k.dump_sass = v["dump-sass"].as<bool>();
  k.dump_folder = v["dump-to"].as<std::string>();
  k.solutions = !v["no-solutions"].as<bool>();
  KernelsReport r = build_kernels(k);
  std::fputs(kernels_table(r).c_str(), stdout);
  int with = 0, cached = 0, failed = 0, spilled = 0, warnings = 0;
  for (const auto& x : r.kernels) with += x.compiled;
  for (const auto& u : r.units) {
    cached += u.cached, failed += !u.error.empty(), warnings += !u.warning.empty();
    for (const auto& x : u.resources) spilled = std::max(spilled, x.spill_bytes);
  }
  if (!r.units.empty())
    std::printf("largest spill %d bytes, %d units with warnings\n", spilled, warnings);
  std::printf(
      "%d of %zu kernels, %zu units (%d from the cache, %d failed), %d solutions written, %d as "
      "before, %d "
      "withheld, in %.2f s\n",
      with, r.kernels.size(), r.units.size(), cached, failed, r.solutions_written, r.solutions_same,
      r.solutions_withheld, r.seconds);
  for (const auto& n : r.notes) std::fprintf(stderr, "note: %s\n", n.c_str());
  for (const auto& e : r.errors) std::fprintf(stderr, "kdex: %s\n", e.c_str());
  return r.errors.empty() ? done : done_with_errors;
}

int verify(const Strings& arguments, bool bench) {
  po::options_description o(bench ? "options of bench" : "options of verify");
  add_shared_options(o);
  o.add_options()("python", po::bool_switch(),
                  "compare with the definitions' own references, run by python3 with torch")(
      "seed", po::value<std::string>()->default_value("0"),
      "seed of the random inputs (default: from the clock)")(
      "timeout", po::value<std::string>()->default_value("300"), "seconds for one workload")(
      "workers", po::value<std::string>(),
      "processes that share the GPU (default: half the cores, at most 8; bench times one at a "
      "time)")("each", po::bool_switch(), "a line for each workload");
  po::variables_map v;
  Strings rest;
  if (parse(command("kernels"), arguments, o, v, rest)) return done;
  VerifyOptions k;
  k.kernels = shared_options(v, rest, bench ? "bench" : "verify");
  k.python = v["python"].as<bool>();
  k.bench = bench;
  k.worker_program = this_program;
  auto number = [&](const char* name, std::int64_t least, std::int64_t most) {
    return whole_number(v[name].as<std::string>(), std::string("--") + name, least, most);
  };
  k.seed = static_cast<std::uint64_t>(number("seed", 0, INT64_MAX));
  k.timeout_seconds = static_cast<int>(number("timeout", 1, 86400));
  k.workers = static_cast<int>(std::clamp(std::thread::hardware_concurrency() / 2, 1u, 8u));
  if (v.count("workers")) k.workers = static_cast<int>(number("workers", 1, 64));
  VerifyReport r = verify_kernels(k);
  std::fputs(verify_table(r, bench, v["each"].as<bool>()).c_str(), stdout);
  std::size_t passed = 0;
  std::map<std::string, bool> whole;
  for (const auto& x : r.rows)
    passed += x.status == "PASSED",
        whole.try_emplace(x.definition, true).first->second &= x.status == "PASSED";
  int without = 0;
  for (const auto& [why, count] : r.without) without += count;
  std::printf(
      "%td of %zu definitions passed, %zu of %zu workloads, %d definitions without a kernel\n",
      std::count_if(whole.begin(), whole.end(), [](const auto& x) { return x.second; }),
      whole.size(), passed, r.rows.size(), without);
  for (const auto& e : r.errors) std::fprintf(stderr, "kdex: %s\n", e.c_str());
  return r.errors.empty() && passed == r.rows.size() ? done : done_with_errors;
}

}  // namespace

int kernels_command(const Strings& arguments) {
  const Strings rest(arguments.empty() ? arguments.end() : arguments.begin() + 1, arguments.end());
  const std::string what = arguments.empty() ? "" : arguments[0];
  if (what == "list") return list(rest);
  if (what == "build") return build(rest);
  if (what == "plan") return kernels_plan(rest);
  if (what == "verify-worker" && rest.size() == 1) return verify_worker(rest[0]);
  if (what == "verify" || what == "bench") return verify(rest, what == "bench");
  if (what == "--help" || what == "-h") return build({"--help"});
  throw Error(what.empty() ? "expected a subcommand: list, plan, build, verify or bench"
                           : "there is no 'kernels " + what + "'",
              "kdex kernels", std::string("for example: ") + command("kernels").example);
}

}  // namespace kdex::cli
