// The stage `workloads`: random inputs for the dataset's definitions.
#include "core/pipeline/kernels.h"
#include "core/pipeline/stage.h"
#include "core/pipeline/stages/kernel_options.h"

namespace kdex {
namespace {

class WorkloadsStage : public Stage {
 public:
  StageInfo info() const override {
    return {.name = "workloads",
            .summary = "write random inputs for the dataset's definitions",
            .needs = {"definitions/"},
            .writes = {"workloads/"},
            .options = {
                chosen_definitions(),
                {.key = "seed",
                 .flag = "seed",
                 .type = Option::Type::integer,
                 .default_value = "0",
                 .help = "another seed adds other workloads to those that are there",
                 .least = 0,
                 .most = INT64_MAX},
            }};
  }

  StageResult run(const StageContext& c) const override {
    const WorkloadsReport r =
        write_workloads(c.dataset, c.options.texts("definitions"),
                        static_cast<std::uint64_t>(c.options.integer("seed")), c.plugins_path);
    StageResult out;
    out.text = std::to_string(r.workloads) + " workloads of " + std::to_string(r.definitions) +
               " definitions, " + std::to_string(r.added) + " of them new\n";
    out.errors = r.skipped;
    return out;
  }
};

}  // namespace

PipelineStage workloads_stage() { return own_sdk_stage(WorkloadsStage()); }

}  // namespace kdex
