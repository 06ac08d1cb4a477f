// The forms of the quantization family.
#pragma once

#include <kdex/authoring.h>

namespace kdex_quantization {

/// FP8 in groups of a token.
const std::vector<kdex::Form>& forms();

}  // namespace kdex_quantization
