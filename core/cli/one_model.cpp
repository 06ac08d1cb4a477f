// core/cli/one_model.h.
#include "core/cli/one_model.h"

#include <cstdio>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/paths.h"
#include "core/pipeline/checkpoints.h"
#include "core/pipeline/models.h"
#include "core/pipeline/run.h"

namespace kdex::cli {

void on_one_model(const std::string& command, Pipeline& p,
                  const std::function<void(SourceTree&, const Checkpoint&, const Deployment&)>& f) {
  auto sources = resolve_sources(p.sources, p.engine);
  const std::string cache = cache_folder();
  auto source = SourceTree::open({sources, p.engine}, cache.empty() ? "" : cache + "/parse");
  on_threads(1, 1, [&](std::size_t) {
    if (!p.model_names.empty()) {
      auto all = list_architectures(*source);
      for (const auto& name : p.model_names)
        for (auto& c : checkpoints_for(name, all, sources, source->engine()))
          p.checkpoints.push_back({c, p.deployments});
    }
    if (p.checkpoints.size() > 1) {
      std::string list;
      for (const auto& c : p.checkpoints) list += " " + c.checkpoint.name;
      throw Error("expected one checkpoint, found:" + list, command,
                  "give --checkpoint with one of them");
    }
    if (p.deployments.size() > 1)
      throw Error("expected one deployment, found " + std::to_string(p.deployments.size()), command,
                  "give one value of --tp, --ep, --page-size and so on");
    const Checkpoint& checkpoint = p.checkpoints[0].checkpoint;
    if (!p.deployments[0].engine_args.empty() || !p.deployments[0].draft_checkpoint.empty())
      check_server_arguments(*source, checkpoint, p.deployments[0], p.limits);
    f(*source, checkpoint, p.deployments[0]);
  });
}

void print_or_write(const Arguments& arguments, const Pipeline& pipeline, const std::string& text) {
  if (arguments.has("output_dir"))
    write_file_atomically(pipeline.output_dir, text, false);
  else
    std::fputs(text.c_str(), stdout);
}

}  // namespace kdex::cli
