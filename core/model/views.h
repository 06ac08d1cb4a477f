// Plain data of the machine's values: what a driver's result is read with. Private to core/model.
#pragma once

#include <string>

#include "core/python/machine.h"

namespace kdex {

/// A text; "" for anything else.
inline std::string text_of(py::View v) {
  return v.is(py::View::Kind::text) ? std::string(v.text()) : "";
}
/// The text that a dict has under a name; "" where it has none.
inline std::string text_of(py::View dict, const char* name) { return text_of(dict.entry(name)); }

}  // namespace kdex
