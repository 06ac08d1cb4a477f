// The record of a run: what it stands on, for its report and the dataset.
#pragma once

#include "core/pipeline/context.h"

namespace kdex {

/// Fills c.report.run from the pipeline, its families and the source folders that `extract` reads.
/// Their packages are looked at beside what follows; finish_record() takes them.
void record_run(Context& c, const std::vector<SourceFolder>& folders);

/// Adds the packages, and warns of those that were found elsewhere than in the sources that were
/// given.
void finish_record(Context& c);

}  // namespace kdex
