// The stage `workloads`: random inputs for the dataset's definitions.
#include "core/pipeline/kernels.h"
#include "core/pipeline/stage.h"
#include "core/pipeline/stages/kernel_options.h"

namespace kdex {
namespace {

void run(Context& c) {
  const OptionValues& o = c.options;
  const WorkloadsReport r =
      write_workloads(c.dataset, o.texts("definitions"),
                      static_cast<std::uint64_t>(o.integer("seed")), c.pipeline.plugins_path);
  c.print(std::to_string(r.workloads) + " workloads of " + std::to_string(r.definitions) +
          " definitions, " + std::to_string(r.added) + " of them new\n");
  for (const auto& e : r.skipped) c.errors.push_back(e);
}

}  // namespace

Stage workloads_stage() {
  Stage s;
  s.info.name = "workloads";
  s.info.summary = "write random inputs for the dataset's definitions";
  s.info.needs = {"definitions/"};
  s.info.writes = {"workloads/"};
  s.info.options = {
      chosen_definitions(),
      {.key = "seed",
       .flag = "seed",
       .type = Option::Type::integer,
       .default_value = "0",
       .help = "another seed adds other workloads to those that are there",
       .least = 0,
       .most = INT64_MAX},
  };
  s.run = run;
  return s;
}

}  // namespace kdex
