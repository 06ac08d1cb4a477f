// A definition as a form of one of the loaded families. Knows no family by name.
#pragma once

#include <string>
#include <vector>

#include "core/plugin/loader.h"

namespace kdex {

/// The form lives as long as the families.
struct KnownForm {
  const Form* form = nullptr;  ///< nullptr: none
  Params params;
  std::string family;   ///< whose form it is, or whose nearest form refused
  std::string why;      ///< one line, where there is none
  bool failed = false;  ///< there is none because that family failed
};

/// The first of the families that reads the definition; those of third parties are asked for their
/// own op types only, and in a child process first. Throws nothing for a definition that none
/// reads.
KnownForm known_form(const std::vector<LoadedFamily>& families, const Definition& definition);

}  // namespace kdex
