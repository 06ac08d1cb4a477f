// No definition for a module that computes something else: what a module's departures say against
// the forms that a family found in it. Knows forms and module trees, no family.
#pragma once

#include <kdex/family.h>

namespace kdex {

/// Takes away the modules of matches that differ from what their class is by default in something
/// that the match's form does not cover, and matches that are left without modules. Each gets a
/// note with the attribute, its value, the default and where it was set; its module is no longer
/// claimed. Matches that name no form are left as they are.
void drop_uncovered(const ModelView& view, FamilyResult& result);

}  // namespace kdex
