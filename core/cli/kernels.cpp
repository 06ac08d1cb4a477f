// kdex kernels list|plan|build|verify|bench: which definitions have a kernel; compile, check and
// time them. build, verify and bench are the stages of those names, run over a dataset that is
// there.
#include "core/pipeline/kernels.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include <kdex/error.h>

#include "core/base/text.h"
#include "core/cli/arguments.h"
#include "core/cli/kernels_plan.h"
#include "core/cli/options.h"
#include "core/cuda/build.h"
#include "core/pipeline/checkpoints.h"
#include "core/pipeline/stages/kernel_options.h"
#include "core/pipeline/verify.h"

namespace kdex::cli {

namespace {

using Strings = std::vector<std::string>;

int list(const Strings& arguments) {
  const Command& self = command("kernels");
  const auto a =
      read_arguments(self, arguments, {chosen_definitions(), arch_option(), plugins_path_option()});
  if (!a) return done;
  KernelsOptions k;
  k.dataset = existing_dataset(self, a->rest);
  k.definitions = a->parts("definitions");
  k.plugins_path = a->parts("plugins_path");
  k.archs.clear();
  for (const auto& arch : a->values.texts("arch")) k.archs.push_back(cuda::arch_name(arch));
  k.plans_only = true;
  const KernelsReport r = build_kernels(k);
  std::fputs(plans_table(r).c_str(), stdout);
  std::printf("%td of %zu have a kernel\n",
              std::count_if(r.kernels.begin(), r.kernels.end(),
                            [](const auto& x) { return x.plan.available; }),
              r.kernels.size());
  for (const auto& e : r.errors) std::fprintf(stderr, "kdex: %s\n", printable(e).c_str());
  return r.errors.empty() ? done : done_with_errors;
}

}  // namespace

int kernels_command(const Strings& arguments) {
  const Strings rest(arguments.empty() ? arguments.end() : arguments.begin() + 1, arguments.end());
  const std::string what = arguments.empty() ? "" : arguments[0];
  const Command& self = command("kernels");
  if (what == "list") return list(rest);
  if (what == "plan") return kernels_plan(rest);
  if (what == "build" || what == "verify" || what == "bench")
    return run_stage_command(self, what, rest);
  if (what == "verify-worker" && rest.size() == 1) return verify_worker(rest[0]);
  if (what == "--help" || what == "-h") {
    (void)read_arguments(self, arguments, {plugins_path_option(), jobs_option()});
    std::printf("\n`kdex kernels build --help` gives the options of one subcommand.\n");
    return done;
  }
  throw Error(what.empty() ? "expected a subcommand: list, plan, build, verify or bench"
                           : "unknown subcommand '" + what + "'",
              "kdex kernels", std::string("for example: ") + self.example);
}

}  // namespace kdex::cli
