// kdex modules: the module tree of one checkpoint at one deployment.
#include "core/report/modules.h"

#include <cstdio>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/cli/options.h"
#include "core/model/extract.h"
#include "core/paths.h"
#include "core/pipeline/checkpoints.h"
#include "core/pipeline/models.h"
#include "core/pipeline/run.h"

namespace kdex::cli {

int modules_command(const std::vector<std::string>& given) {
  std::vector<Option> options = model_options();
  options.push_back({.key = "format",
                     .flag = "format",
                     .type = Option::Type::choice,
                     .default_value = "tree",
                     .help = "how the tree is printed",
                     .choices = {"tree", "json"}});
  std::vector<std::string> arguments = given;
  expand_family_flags(arguments, options);
  const Command& self = command("modules");
  const auto a = read_arguments(self, arguments, options);
  if (!a) return done;
  expect_no_arguments(self, a->rest);
  const std::string format = a->values.text("format");
  Pipeline p = pipeline_from(*a);
  auto sources = resolve_sources(p.sources);
  std::string cache = cache_folder();
  auto source = SourceTree::open({sources}, cache.empty() ? "" : cache + "/parse");
  bool all_ok = true;
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
      throw Error("expected one checkpoint, found:" + list, "kdex modules",
                  "give --checkpoint with one of them");
    }
    ModuleTree tree =
        extract_modules(*source, p.checkpoints[0].checkpoint, p.deployments[0], p.limits);
    all_ok = tree.ok;
    const std::string text = format == "json" ? modules_to_json(tree) : modules_to_tree(tree);
    if (a->has("output_dir"))
      write_file_atomically(p.output_dir, text, false);
    else
      std::fputs(text.c_str(), stdout);
  });
  return all_ok ? done : done_with_errors;
}

}  // namespace kdex::cli
