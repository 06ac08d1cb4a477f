// What the stages over a dataset's kernels have in common: options and how they are read.
#pragma once

#include "core/pipeline/kernels.h"
#include "core/pipeline/stage.h"

namespace kdex {

/// `definitions`: which ones.
Option chosen_definitions();
/// `cuda_home`: where NVRTC lies.
Option cuda_home_option();
/// `arch`: what to compile for.
Option arch_option();

/// The dataset, the chosen definitions, plugins, threads and hooks of a run.
KernelsOptions kernel_options(const Context& context);

}  // namespace kdex
