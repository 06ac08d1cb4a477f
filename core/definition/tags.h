// Tags of one kernel that was met in several places: what definitions of the same content have
// each of its own, joined so that the order of the findings does not matter.
#pragma once

#include <kdex/definition.h>

namespace kdex {

/// Adds to `to.tags` what `from` says of where it was met (Definition::met; its "model:" tags where
/// that is empty). Tags of one key stand together, sorted by value. True where one was added.
bool join_tags(Definition& to, const Definition& from);

}  // namespace kdex
