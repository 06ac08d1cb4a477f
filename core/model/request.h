// What a driver is asked for, as values in the machine, and the files that it may see. Private to
// core/model; must not know what a driver makes of them.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/model/extract.h"
#include "core/model/source_tree.h"
#include "core/python/machine.h"

namespace kdex {

/// One more entry of a request.
using RequestEntry = std::pair<std::string, py::View>;

/// The entries of a request that every question of the driver has. Several page sizes are a choice;
/// one of 0 is the engine's own.
std::vector<RequestEntry> request_of(py::Machine& machine, const Checkpoint& checkpoint,
                                     const Deployment& deployment,
                                     const std::vector<int>& page_sizes, Tree& tree,
                                     Purpose purpose);

/// Those that are the same for every checkpoint and deployment of a platform.
std::vector<RequestEntry> shared_request_of(py::Machine& machine, const std::string& platform,
                                            Tree& tree);

/// What the answer to such a request depends on, beside the files that are read for it.
std::string shared_key(const std::string& platform, Tree& tree);

/// The deployment's server arguments, its draft's folder among them.
std::map<std::string, std::string> server_arguments_of(const SourceTree& source,
                                                       const Deployment& deployment);

/// What the engine sees of the machine's files: the checkpoint, and folders that server arguments
/// name.
py::Host host_of(const Tree& tree, const Checkpoint& checkpoint, const Deployment& deployment);

}  // namespace kdex
