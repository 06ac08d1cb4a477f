// What the calls of steps cost, and which share of a step's least time each takes on a chip: as
// JSON, CSV and a table.
#pragma once

#include <string>
#include <vector>

#include <kdex/kernel_calls.h>
#include <kdex/module_tree.h>

namespace kdex {

/// Steps of several sizes. `tree` tells windows and the experts of a token. JSON: {"chips": {name:
/// {"memory_bandwidth", "operations"}}, "steps": [{"tokens", "mode", "status", "flops", "bytes",
/// "seconds": {chip: s}, "calls": [a call, "flops", "bytes" and "intensity" of one launch, "share":
/// {chip: of the step's seconds}]}]}. CSV and table: a line a call and size, with the same. Torch's
/// elementwise functions, and the markers of attention, are left out.
std::string rooflines_text(const std::vector<CallTrace>& steps, const ModuleTree& tree,
                           const std::string& format);

}  // namespace kdex
