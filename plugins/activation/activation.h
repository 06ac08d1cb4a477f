// The forms of the activation family.
#pragma once

#include <kdex/authoring.h>

namespace kdex_activation {

/// One form; the function is a parameter.
const std::vector<kdex::Form>& forms();

}  // namespace kdex_activation
