// The record of a run: what it stands on, for its report and the dataset.
#pragma once

#include "core/pipeline/context.h"

namespace kdex {

/// Fills c.report.run from the pipeline, its families and the source folders that `extract` reads;
/// warns of packages that were found elsewhere than in the sources that were given.
void record_run(Context& c, const std::vector<SourceFolder>& folders);

}  // namespace kdex
