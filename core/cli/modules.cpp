// kdex modules: the module tree of one checkpoint at one deployment.
#include "core/report/modules.h"

#include <cstdio>

#include <kdex/authoring.h>
#include <kdex/error.h>

#include "core/cli/one_model.h"
#include "core/model/extract.h"
#include "core/pipeline/checkpoints.h"
#include "core/pipeline/models.h"
#include "core/pipeline/run.h"
#include "core/plugin/guard.h"
#include "core/plugin/settings.h"

namespace kdex::cli {
namespace {

/// What the families say of each module.
std::vector<ModuleClaims> claims_of(const ModuleTree& tree, const Pipeline& p,
                                    const Deployment& deployment,
                                    std::vector<std::string>& errors) {
  std::vector<ModuleClaims> out(tree.modules.size());
  LoadedPlugins loaded = load_all_plugins(p.plugins_path);
  apply_settings(loaded, p.family_settings);
  for (const auto& r : loaded.refused)
    errors.push_back("plugin refused: " + r.library + ": " + r.reason);
  const bool plain = deployment.tp == 1;
  for (const auto& f : loaded.families) {
    const std::string& name = f.info.name;
    const GuardedResult r =
        match_guarded(f, {tree, p.checkpoints[0].checkpoint, deployment, p.include_quantized,
                          plain ? &tree : nullptr, p.dialect});
    for (const auto& e : r.errors) errors.push_back("family " + name + ": " + e);
    for (auto i : r.result.claimed) out[i].families.push_back(name);
    for (const auto& m : r.result.matches)
      for (auto i : m.modules) out[i].definitions.push_back(name + ": " + m.definition.name);
    for (const auto& n : r.result.notes)
      for (std::size_t i = 0; i < tree.modules.size(); ++i)
        if (const auto& path = tree.modules[i].path;
            n.module_path == path || n.module_path == sdk::path_pattern(path))
          out[i].notes.push_back(name + ": " + n.text);
  }
  return out;
}

/// On standard error what a reader of the tree should know of it.
void say_of(const Checkpoint& checkpoint, const ModuleTree& tree) {
  if (const std::string text = warning_of_defaults(checkpoint); !text.empty())
    std::fprintf(stderr, "kdex: warning: %s\n", text.c_str());
  for (const auto& r : tree.remarks) std::fprintf(stderr, "kdex: warning: %s\n", r.c_str());
  for (const auto& c : tree.changed)
    std::fprintf(stderr, "kdex: warning: %s %s was asked for, the engine uses %s\n", c.name.c_str(),
                 c.asked.c_str(), c.resolved.c_str());
  for (const auto& b : tree.broken)
    std::fprintf(stderr, "kdex: a source file that the engine cannot use: %s\n", b.c_str());
}

}  // namespace

int modules_command(const std::vector<std::string>& given) {
  std::vector<Option> options = model_options();
  options.push_back({.key = "format",
                     .flag = "format",
                     .type = Option::Type::choice,
                     .default_value = "tree",
                     .help = "how the tree is printed",
                     .choices = {"tree", "json"}});
  options.push_back(
      {.key = "path", .flag = "path", .help = "only modules of this path, '*' for any text"});
  options.push_back({.key = "attrs",
                     .flag = "attrs",
                     .type = Option::Type::boolean,
                     .default_value = "false",
                     .help = "MRO, places, parameters, attributes; configuration, arguments"});
  options.push_back({.key = "claims",
                     .flag = "claims",
                     .type = Option::Type::boolean,
                     .default_value = "false",
                     .help = "which family accounts for each module, or why none does"});
  std::vector<std::string> arguments = given;
  expand_family_flags(arguments, options);
  const Command& self = command("modules");
  const auto a = read_arguments(self, arguments, options);
  if (!a) return done;
  expect_no_arguments(self, a->rest);
  const std::string format = a->values.text("format");
  Pipeline p = pipeline_from(*a);
  bool all_ok = true;
  std::vector<std::string> errors;
  on_one_model("kdex modules", p,
               [&](SourceTree& source, const Checkpoint& checkpoint, const Deployment& deployment) {
                 ModuleTree tree = extract_modules(source, checkpoint, deployment, p.limits);
                 all_ok = (tree.ok || tree.refused) && tree.broken.empty();
                 say_of(checkpoint, tree);
                 ModulesSelection wanted;
                 if (a->has("path")) wanted.path = a->values.text("path");
                 wanted.attributes = a->values.boolean("attrs");
                 wanted.claims = a->values.boolean("claims");
                 if (wanted.claims && tree.ok) {
                   wanted.claimed =
                       claims_of(tree, p, as_resolved(source, tree, deployment), errors);
                   for (const auto& e : errors) std::fprintf(stderr, "kdex: %s\n", e.c_str());
                 }
                 std::string text;
                 if (wanted.path.empty() && !wanted.attributes && !wanted.claims)
                   text = format == "json" ? modules_to_json(tree) : modules_to_tree(tree);
                 else
                   text = format == "json" ? modules_details_json(tree, wanted)
                                           : modules_details(tree, wanted);
                 print_or_write(*a, p, text);
               });
  return all_ok && errors.empty() ? done : done_with_errors;
}

}  // namespace kdex::cli
