// The forms of tables that stages write, "export-FORM": found by that prefix, none is known here.
#pragma once

#include <string>
#include <vector>

#include "core/cli/arguments.h"
#include "core/pipeline/stage.h"

namespace kdex::cli {

/// The stage of a form. Throws kdex::Error in the place's name for an unknown one, with all there
/// are.
PipelineStage form_stage(const std::string& form, const std::vector<std::string>& plugins_path,
                         const std::string& place);

std::vector<std::string> form_names(const std::vector<std::string>& plugins_path);

/// A line a form: name and summary.
std::string forms_text(const std::vector<std::string>& plugins_path);

}  // namespace kdex::cli
