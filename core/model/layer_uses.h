// How layers are run, found in the text of the classes that hold them: the facts `use`, `use_place`
// and `output_dtype` of products, `called_with` of attention (<kdex/roles.h>).
// Private to core/model; must not know any engine or its classes.
#pragma once

#include <kdex/module_tree.h>

#include "core/model/source_uses.h"

namespace kdex {

/// Adds the facts to modules with these roles.
void find_layer_uses(SourceUses& uses, ModuleTree& tree);

}  // namespace kdex
