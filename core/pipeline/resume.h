// Going on with a run that was interrupted: which of its models are done, and whether the run that
// goes on would give the same.
#pragma once

#include "core/pipeline/context.h"

namespace kdex {

/// Takes the models that the dataset's last run finished off the jobs, and keeps that run's report
/// for the end. Call it when the jobs and the run's record are there. Throws kdex::Error where the
/// last run was not interrupted, or had other sources or settings.
void resume_run(Context& c);

}  // namespace kdex
