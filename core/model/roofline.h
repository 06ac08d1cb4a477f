// The least time that a kernel call takes on a chip, by what the chip does at most. Knows no
// function and no chip by name: core/engine/chips.json has them, with the source of each figure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/model/cost.h"

namespace kdex {

/// What a chip does at most.
struct Peaks {
  std::string chip;
  double bandwidth = 0;              ///< bytes a second of its memory
  std::map<int, double> operations;  ///< a second, of dense products, by bits of the activations
};

/// The chips of core/engine/chips.json, in its order. Read once. Throws kdex::Error where the file
/// is not of its form.
const std::vector<Peaks>& known_peaks();

/// Seconds of one launch: its bytes or its operations, whichever takes longer. Operations of a
/// width that the chip has no products of count as those of the next wider one.
double roofline_seconds(const CallCost& cost, const Peaks& peaks);

}  // namespace kdex
