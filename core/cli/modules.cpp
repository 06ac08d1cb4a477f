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
  po::options_description o("options");
  add_model_options(o);
  o.add_options()("format", po::value<std::string>()->default_value("tree"), "tree or json");
  std::vector<std::string> arguments = given;
  expand_family_flags(arguments, o);
  po::variables_map v;
  std::vector<std::string> rest;
  if (parse(command("modules"), arguments, o, v, rest)) return done;
  if (!rest.empty())
    throw Error("unexpected argument '" + rest[0] + "'", "kdex modules", "see kdex modules --help");
  const std::string format = v["format"].as<std::string>();
  if (format != "tree" && format != "json")
    throw Error("must be tree or json, not '" + format + "'", "--format");
  Pipeline p = pipeline_from(v);
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
      throw Error("one checkpoint is needed, these fit:" + list, "kdex modules",
                  "give --checkpoint with one of them");
    }
    ModuleTree tree = extract_modules(*source, p.checkpoints[0].checkpoint, p.deployments[0]);
    all_ok = tree.ok;
    const std::string text = format == "json" ? modules_to_json(tree) : modules_to_tree(tree);
    if (v.count("out"))
      write_file_atomically(v["out"].as<std::string>(), text, false);
    else
      std::fputs(text.c_str(), stdout);
  });
  return all_ok ? done : done_with_errors;
}

}  // namespace kdex::cli
