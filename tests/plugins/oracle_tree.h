// Module trees for the family tests, read from JSON: an oracle result (the aggregate of a model
// that the engine built), the output of `kdex modules --format json`, or a fixture of this folder
// in either form. Knows JSON and the module tree, no family.
#pragma once

#include <string>

#include <kdex/module_tree.h>

namespace kdex_test {

/// A tree and what its file says of the deployment (tp, ep, attention dp).
struct ReadTree {
  kdex::ModuleTree tree;
  kdex::Checkpoint checkpoint;
  kdex::Deployment deployment;
};

/// With roles. Throws kdex::Error for an unreadable file. A refused model gives a tree with ok ==
/// false.
ReadTree read_tree(const std::string& file);

/// Gives the modules of a built tree the roles and facts that SGLang's table says.
void give_roles(kdex::ModuleTree& tree);

/// True where the folder or file exists; tests of data beside the repository skip otherwise.
bool exists(const std::string& path);

}  // namespace kdex_test
