// Implementation of core/pipeline/stages/kernel_options.h.
#include "core/pipeline/stages/kernel_options.h"

#include "core/pipeline/checkpoints.h"

namespace kdex {

Option chosen_definitions() {
  return {.key = "definitions",
          .flag = "definitions",
          .type = Option::Type::texts,
          .help = "only these definitions or op types (default: all)"};
}

Option cuda_home_option() {
  return {.key = "cuda_home",
          .flag = "cuda-home",
          .type = Option::Type::path,
          .help = "a CUDA toolkit, or the nvidia folder of pip's wheels (default: searched for)"};
}

KernelsOptions kernel_options(const StageContext& c) {
  KernelsOptions k;
  k.dataset = c.dataset;
  k.definitions = c.options.texts("definitions");
  k.plugins_path = c.plugins_path;
  k.cuda_home = expand_home(c.options.text("cuda_home"));
  k.jobs = c.jobs;
  k.progress = c.progress;
  k.cancelled = c.cancelled;
  return k;
}

}  // namespace kdex
