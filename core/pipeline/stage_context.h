// What a stage of the SDK's interface is given, made from a run. Knows no stage by name.
#pragma once

#include <kdex/stage.h>

#include "core/pipeline/context.h"

namespace kdex {

/// The options of the stage that runs, hooks and threads; for one of a library also models and, as
/// its needs say, their trees and the definitions. Those that are built in read the dataset
/// themselves.
StageContext stage_context(const Context& run, const StageInfo& info, bool built_in);

/// The origins of one definition as origins_to_json wrote them: `definition.axes[i].origin` and
/// `rule` are set, the origins are given back ([0] is "none"). What is not of that form is left
/// out.
std::vector<Origin> read_origins(const nlohmann::ordered_json& json, Definition& definition);

}  // namespace kdex
