// For commands that look at one checkpoint at one deployment.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/cli/options.h"
#include "core/model/extract.h"
#include "core/pipeline/pipeline.h"

namespace kdex::cli {

/// Opens the sources, finds the one checkpoint and the one deployment that were given, has the
/// engine's parser check its server arguments, and calls `f` on a thread with a stack as large as
/// the machine needs. Throws kdex::Error where there are several, naming them; `command` is for its
/// texts.
void on_one_model(const std::string& command, Pipeline& pipeline,
                  const std::function<void(SourceTree&, const Checkpoint&, const Deployment&)>& f);

/// Prints a text, or writes it to the file that --out names.
void print_or_write(const Arguments& arguments, const Pipeline& pipeline, const std::string& text);

}  // namespace kdex::cli
