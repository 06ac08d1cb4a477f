// What the stages over a dataset's kernels have in common: options and how they are read.
#pragma once

#include <kdex/stage.h>

#include "core/pipeline/kernels.h"

namespace kdex {

/// `definitions`: which ones.
Option chosen_definitions();
/// `cuda_home`: where NVRTC lies.
Option cuda_home_option();
/// `arch`: what to compile for.
Option arch_option();

/// The dataset, the chosen definitions, plugins, threads and hooks that a stage is given.
KernelsOptions kernel_options(const StageContext& context);

}  // namespace kdex
