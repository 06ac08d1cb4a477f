// Model names (a model file, a class, part of an HF name) to checkpoints that the class serves.
#pragma once

#include <string>
#include <vector>

#include "core/model/extract.h"

namespace kdex {

/// Architectures that a name means: by file stem, class, or class without its ending; empty where
/// none.
std::vector<ArchitectureEntry> match_architectures(const std::string& name,
                                                   const std::vector<ArchitectureEntry>& all);

/// The checkpoints for --model-name: those of examples/ and the HF cache that the class serves, or
/// whose name holds it, else one of the config class's defaults. Throws kdex::Error where the name
/// fits nothing (closest names) or several things (listed).
std::vector<Checkpoint> checkpoints_for(const std::string& name,
                                        const std::vector<ArchitectureEntry>& all,
                                        const std::vector<std::string>& sources,
                                        const engine::Engine& engine);

/// What a run must say of a checkpoint that checkpoints_for made of a class's defaults; "" for
/// others.
std::string warning_of_defaults(const Checkpoint& checkpoint);

}  // namespace kdex
