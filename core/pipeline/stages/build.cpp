// The stage `build`: compiles the kernels of the dataset's definitions, writes solutions.
#include <algorithm>
#include <cstdio>

#include <kdex/error.h>

#include "core/pipeline/stage.h"
#include "core/pipeline/stages/kernel_options.h"

namespace kdex {
namespace {

/// Throws kdex::Error for an unknown architecture.
std::vector<std::string> archs_of(const OptionValues& options, const char* key = "arch") {
  std::vector<std::string> archs;
  for (const auto& a : options.texts(key)) archs.push_back(cuda::arch_name(a));
  return archs;
}

std::string summary(const KernelsReport& r) {
  int with = 0, cached = 0, failed = 0, spilled = 0, warnings = 0;
  for (const auto& x : r.kernels) with += x.plan.available && (x.compiled || r.units.empty());
  for (const auto& u : r.units) {
    cached += u.cached;
    failed += !u.error.empty();
    warnings += !u.warning.empty();
    for (const auto& x : u.resources) spilled = std::max(spilled, x.spill_bytes);
  }
  char line[400];
  std::string out;
  if (!r.units.empty()) {
    std::snprintf(line, sizeof line, "largest spill %d bytes, %d units with warnings\n", spilled,
                  warnings);
    out += line;
  }
  std::snprintf(line, sizeof line,
                "%d of %zu kernels, %zu units (%d from the cache, %d failed), %d solutions "
                "written, %d as before, %d withheld, in %.2f s\n",
                with, r.kernels.size(), r.units.size(), cached, failed, r.solutions_written,
                r.solutions_same, r.solutions_withheld, r.seconds);
  return out + line;
}

std::vector<Option> options() {
  return {
      chosen_definitions(),
      arch_option(),
      cuda_home_option(),
      {.key = "lineinfo",
       .flag = "lineinfo",
       .type = Option::Type::boolean,
       .default_value = "false",
       .help = "line numbers in the cubins, for profilers"},
      {.key = "dump_ptx",
       .flag = "dump-ptx",
       .type = Option::Type::boolean,
       .default_value = "false",
       .help = "write the PTX of each unit"},
      {.key = "dump_sass",
       .flag = "dump-sass",
       .type = Option::Type::boolean,
       .default_value = "false",
       .help = "write the SASS of each unit (needs nvdisasm or cuobjdump)"},
      {.key = "dump_to",
       .flag = "dump-to",
       .type = Option::Type::path,
       .help = "where the dumps go (default: DATASET/.kdex/dump)"},
      {.key = "no_solutions",
       .flag = "no-solutions",
       .type = Option::Type::boolean,
       .default_value = "false",
       .help = "compile only"},
      {.key = "check_solutions",
       .flag = "check-solutions",
       .type = Option::Type::boolean,
       .default_value = "false",
       .help = "compile the solutions in place of cubins: each distinct text for every "
               "architecture that it names, as FlashInfer-Bench's builder would (needs nvcc and "
               "tvm-ffi, no NVRTC)"},
      {.key = "check_only",
       .flag = "check-only",
       .type = Option::Type::texts,
       .help = "with --check-solutions: only these of the architectures that solutions name"},
  };
}

class BuildStage : public Stage {
 public:
  StageInfo info() const override {
    return {.name = "build",
            .summary = "compile the kernels of the dataset's definitions and write solutions",
            .needs = {"definitions/"},
            .writes = {"solutions/"},
            .options = options()};
  }

  void check(const OptionValues& options) const override {
    archs_of(options);
    archs_of(options, "check_only");
  }

  StageResult run(const StageContext& c) const override {
    KernelsOptions k = kernel_options(c);
    k.archs = archs_of(c.options);
    k.lineinfo = c.options.boolean("lineinfo");
    k.dump_ptx = c.options.boolean("dump_ptx");
    k.dump_sass = c.options.boolean("dump_sass");
    k.dump_folder = c.options.text("dump_to");
    k.solutions = !c.options.boolean("no_solutions");
    k.check_solutions = c.options.boolean("check_solutions");
    k.check_archs = archs_of(c.options, "check_only");
    const KernelsReport r = build_kernels(k);
    StageResult out;
    out.text = (c.detail ? kernels_table(r) : "") + summary(r);
    out.notes = r.notes;
    out.errors = r.errors;
    return out;
  }
};

}  // namespace

Option arch_option() {
  return {.key = "arch",
          .flag = "arch",
          .type = Option::Type::texts,
          .default_value = "sm_90a",
          .help = "architectures to compile for, for example sm_80, sm_89, sm_90a, sm_100, sm_120"};
}

PipelineStage build_stage() { return own_sdk_stage(BuildStage()); }

}  // namespace kdex
