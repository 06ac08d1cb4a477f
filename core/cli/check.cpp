// kdex check: a table of shapes held against what the engine launches for a checkpoint. The form's
// stage reads the table and compares; the run is thrown away.
#include <algorithm>
#include <filesystem>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/cli/forms.h"
#include "core/cli/options.h"
#include "core/pipeline/checkpoints.h"

namespace kdex::cli {
namespace {

/// The value of an option that is needed before the others are known.
std::string early_value(const std::vector<std::string>& arguments, const std::string& flag) {
  for (std::size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
    if (arguments[i].starts_with(flag + "=")) return arguments[i].substr(flag.size() + 1);
    if (arguments[i] == flag && i + 1 < arguments.size()) return arguments[i + 1];
  }
  return "";
}

/// Options of the form's stage that are no settings of the run; the table is an argument.
std::vector<Option> form_options(const PipelineStage& stage, const std::vector<Option>& run) {
  std::vector<Option> out;
  for (const auto& o : with_flags(stage.info.options)) {
    const auto is_same = [&](const Option& other) { return other.flag == o.flag; };
    if (o.key != "table" && std::none_of(run.begin(), run.end(), is_same)) out.push_back(o);
  }
  return out;
}

/// Families that write shapes at tp 1 whatever the deployment are asked for those of a rank, too.
void ask_for_ranks(Pipeline& p) {
  for (const auto& family : load_all_plugins(p.plugins_path).families)
    for (const auto& o : family.info.options)
      if (o.key == "at_tp")
        p.family_settings.push_back({family.info.name, o.key, "true", "kdex check", ""});
}

}  // namespace

int check_command(const std::vector<std::string>& given) {
  const Command& self = command("check");
  std::vector<Option> options = model_options();
  std::erase_if(options, [](const Option& o) {
    return o.key == "output_dir" || o.key == "deduplicate" || o.key == "add_tags" ||
           o.key == "all_forms";
  });
  options.push_back({.key = "as",
                     .flag = "as",
                     .help = "the form of the table, one of those that `kdex export` lists"});
  std::vector<std::string> arguments = given;
  const std::string form = early_value(arguments, "--as");
  std::vector<Option> own;
  PipelineStage stage;
  if (!form.empty()) {
    stage = form_stage(form, plugins_path_in(arguments), "--as");
    own = form_options(stage, options);
    options.insert(options.end(), own.begin(), own.end());
  }
  expand_family_flags(arguments, options);
  const auto a = read_arguments(self, arguments, options, 1);
  if (!a) return done;
  if (form.empty()) throw Error("needs --as FORM", "kdex check", "`kdex export` lists the forms");
  const auto has_table = [](const Option& o) { return o.key == "table"; };
  if (std::none_of(stage.info.options.begin(), stage.info.options.end(), has_table))
    throw Error("tables of the form '" + form + "' are written, not read", "--as");
  if (a->rest.size() != 1)
    throw Error("expected one table", "kdex check", std::string("for example: ") + self.example);
  const std::string table = expand_home(a->rest[0]);
  std::error_code error;
  if (!std::filesystem::exists(table, error)) throw Error("no such file or folder", table);

  Pipeline p = pipeline_from(*a);
  ask_for_ranks(p);
  p.all_forms = true;  // to tell what is built and not launched from what there is not
  p.output_dir = temporary_folder() + "/checked";
  p.stages = {"extract", "calls", "match", "deduplicate", "save", stage.info.name};
  p.stage_settings.push_back({stage.info.name, "table", table, "kdex check", ""});
  for (const auto& o : own)
    if (a->has(o.key))
      p.stage_settings.push_back(
          {stage.info.name, o.key, a->values.text(o.key), "--" + o.flag, ""});
  return run_and_print(p, Told::progress);
}

}  // namespace kdex::cli
