// In what two definitions differ, part by part with both values. Knows Definitions only.
#pragma once

#include <string>
#include <vector>

#include <kdex/definition.h>
#include <kdex/report.h>

namespace kdex {

/// All of them, of `have` in a dataset and of `found` by a run: axes, inputs, outputs and
/// constraints one by one, of references the first line that differs. Empty: the same kernel.
std::vector<Difference> differences_of(const Definition& have, const Definition& found);

/// The parts that are named, each once.
std::vector<std::string> differing_parts(const std::vector<Difference>& differences);

/// "axes.N: 4096 in the dataset, 8192 found".
std::string difference_text(const Difference& difference);

}  // namespace kdex
