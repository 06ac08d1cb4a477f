// From the matches of a family to definitions: each form writes its own, equal ones are joined.
// Knows forms and definitions, no family.
#pragma once

#include <vector>

#include <kdex/family.h>

namespace kdex {

/// Writes the definitions of matches that name a form, joins matches of one name and signature
/// (their modules, tags and lines for the report), and adds the forms' remarks to the notes. A
/// match of a form that is none of `forms` and parameters that do not fit throw kdex::Error.
void write_matches(const std::vector<Form>& forms, FamilyResult& result);

}  // namespace kdex
