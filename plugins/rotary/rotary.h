// The forms of the rotary family.
#pragma once

#include <kdex/authoring.h>

namespace kdex_rotary {

/// By a table of cosines and sines.
const std::vector<kdex::Form>& forms();

}  // namespace kdex_rotary
