// core/cli/forms.h.
#include "core/cli/forms.h"

#include <kdex/error.h>

#include "core/base/closest.h"
#include "core/base/text.h"

namespace kdex::cli {
namespace {

constexpr std::string_view kPrefix = "export-";

/// Those of kdex's own libraries and of further folders.
std::vector<PipelineStage> form_stages(const std::vector<std::string>& plugins_path) {
  LoadedPlugins loaded = load_all_plugins(plugins_path);
  std::vector<PipelineStage> out;
  for (const auto& stage : all_stages(loaded))
    if (stage.info.name.starts_with(kPrefix)) out.push_back(stage);
  return out;
}

std::string form_of(const PipelineStage& stage) { return stage.info.name.substr(kPrefix.size()); }

}  // namespace

PipelineStage form_stage(const std::string& form, const std::vector<std::string>& plugins_path,
                         const std::string& place) {
  for (auto& stage : form_stages(plugins_path))
    if (form_of(stage) == form) return stage;
  const std::vector<std::string> names = form_names(plugins_path);
  const std::string hint = did_you_mean(form, names);
  throw Error("unknown form '" + printable(form, 200) + "'", place,
              (hint.empty() ? "" : hint + " ") + "there are " + joined(names));
}

std::vector<std::string> form_names(const std::vector<std::string>& plugins_path) {
  std::vector<std::string> out;
  for (const auto& stage : form_stages(plugins_path)) out.push_back(form_of(stage));
  return out;
}

std::string forms_text(const std::vector<std::string>& plugins_path) {
  std::string out;
  for (const auto& stage : form_stages(plugins_path)) {
    std::string name = form_of(stage);
    name.resize(std::max<std::size_t>(name.size() + 1, 15), ' ');
    out += name + stage.info.summary + "\n";
  }
  return out;
}

}  // namespace kdex::cli
