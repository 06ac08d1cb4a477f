// Implementation of core/pipeline/stage_context.h.
#include "core/pipeline/stage_context.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <tuple>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/dataset/dataset.h"
#include "core/dataset/history.h"
#include "core/definition/json.h"

namespace kdex {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

bool needs(const StageInfo& info, const char* what) {
  return std::find(info.needs.begin(), info.needs.end(), what) != info.needs.end();
}

Origin::Kind kind_of(const std::string& name) {
  static const std::map<std::string, Origin::Kind> kinds = {
      {"config", Origin::Kind::config_field}, {"deployment", Origin::Kind::deployment},
      {"literal", Origin::Kind::literal},     {"operation", Origin::Kind::operation},
      {"platform", Origin::Kind::platform},
  };
  const auto it = kinds.find(name);
  return it == kinds.end() ? Origin::Kind::none : it->second;
}

/// "file:line", or a file alone.
void set_source(Origin& o, const std::string& source) {
  o.file = source;
  const auto colon = source.rfind(':');
  if (colon == std::string::npos) return;
  const char* end = source.data() + source.size();
  int line = 0;
  if (std::from_chars(source.data() + colon + 1, end, line).ptr != end) return;
  o.line = line;
  o.file.resize(colon);
}

Origin origin_of(const Json& j, std::size_t count) {
  Origin o;
  o.kind = kind_of(j.value("kind", ""));
  o.text = j.value("text", "");
  set_source(o, j.value("source", ""));
  if (j.contains("value")) o.value = j["value"].get<std::int64_t>(), o.has_value = true;
  if (j.contains("inputs"))
    for (const auto& input : j["inputs"])
      if (const auto id = input.get<std::size_t>(); id < count)
        o.inputs.push_back(static_cast<OriginId>(id));
  return o;
}

/// "" where the value is not there, or no text.
std::string text_at(const Json& j, const char* key) {
  const auto it = j.find(key);
  return it != j.end() && it->is_string() ? it->get<std::string>() : "";
}

/// Of a definition of the dataset; none where there is no such file, or none that can be read.
Json saved_origins(const std::string& dataset, const std::string& name) {
  const std::string file = origins_file(dataset, name);
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return {};
  try {
    return parse_json(read_file(file), file);
  } catch (const Error&) {
    return {};
  }
}

std::vector<StageModel> models_of(const Context& c, const StageInfo& info) {
  const bool with_trees = needs(info, "models");
  std::vector<StageModel> out;
  for (const auto& job : c.jobs) {
    out.push_back({job.checkpoint, job.deployment, job.model});
    if (with_trees && job.tree != nullptr && job.tree->ok) out.back().tree = job.tree.get();
  }
  return out;
}

StagePlace place_of(const ModelJob& job) { return {job.model.checkpoint, job.model.deployment}; }

/// "checkpoint tp8 ep1", as the history has it; a checkpoint's name may hold spaces.
StagePlace place_of(const std::string& met) {
  for (auto at = met.rfind(" tp"); at != std::string::npos && at > 0; at = met.rfind(" tp", at - 1))
    if (at + 3 < met.size() && met[at + 3] >= '0' && met[at + 3] <= '9')
      return {met.substr(0, at), met.substr(at + 1)};
  return {met, ""};
}

/// What the run found and did not refuse to write.
std::vector<StageDefinition> found_definitions(const Context& c) {
  std::vector<StageDefinition> out;
  for (const auto& m : c.merged) {
    if (m.status == "invalid") continue;
    StageDefinition d{.definition = m.found.definition,
                      .file = m.file,
                      .status = m.status,
                      .family = m.found.family,
                      .what = m.found.what,
                      .models = m.jobs};
    if (!m.saved_as.empty()) d.definition.name = m.saved_as;
    d.origins = read_origins(m.found.origins, d.definition);
    for (const auto i : m.jobs) d.met.push_back(place_of(c.jobs[i]));
    if (!d.met.empty()) d.first_met = d.met.front();
    out.push_back(std::move(d));
  }
  return out;
}

/// The definition as the dataset has it, with what the run knows of its axes.
Definition with_axes_of(Definition saved, const Definition& found) {
  for (auto& axis : saved.axes)
    for (const auto& known : found.axes)
      if (known.name == axis.name)
        axis.origin = known.origin, axis.setting = known.setting, axis.rule = known.rule;
  return saved;
}

/// Adds those of the dataset; what the run saved becomes what is in the dataset.
void add_dataset(std::vector<StageDefinition>& all, const std::string& dataset) {
  const DatasetIndex index = read_index(dataset);
  std::map<std::string, std::size_t> of_run;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (!all[i].file.empty()) of_run[all[i].definition.name] = i;
  for (const auto& [name, definition] : index.by_name) {
    if (const auto at = of_run.find(name); at != of_run.end()) {
      StageDefinition& d = all[at->second];
      d.definition = with_axes_of(definition, d.definition);
      continue;
    }
    StageDefinition d{.definition = definition};
    d.file = fs::path(index.file_of.at(name)).lexically_relative(dataset).string();
    const Json origins = saved_origins(dataset, name);
    d.origins = read_origins(origins, d.definition);
    if (origins.is_object()) {
      d.what = text_at(origins, "what");
      d.first_met = {text_at(origins, "checkpoint"), text_at(origins, "deployment")};
    }
    all.push_back(std::move(d));
  }
}

/// Adds where runs before met the definitions that the dataset has.
void add_history(std::vector<StageDefinition>& all, const std::string& dataset) {
  const History history = read_history(dataset);
  for (auto& d : all) {
    const auto entry = history.definitions.find(d.definition.name);
    if (d.file.empty() || entry == history.definitions.end()) continue;
    for (const auto& met : entry->second.models)
      if (StagePlace place = place_of(met);
          std::find(d.met.begin(), d.met.end(), place) == d.met.end())
        d.met.push_back(std::move(place));
  }
}

}  // namespace

std::vector<Origin> read_origins(const Json& j, Definition& d) {
  std::vector<Origin> out(1);
  for (auto& axis : d.axes) axis.origin = 0;
  try {
    if (!j.contains("origins") || !j.contains("axes")) return out;
    const Json& list = j["origins"];
    for (std::size_t i = 1; i < list.size(); ++i) out.push_back(origin_of(list[i], list.size()));
    for (auto& axis : d.axes) {
      if (!j["axes"].contains(axis.name)) continue;
      auto id = j["axes"][axis.name].at("origin").get<std::size_t>();
      if (id < list.size() && list[id].value("kind", "") == "form") {
        axis.rule = out[id].text;
        id = out[id].inputs.empty() ? 0 : out[id].inputs[0];
      }
      axis.origin = id < out.size() ? static_cast<OriginId>(id) : 0;
    }
  } catch (const Json::exception&) {
    for (auto& axis : d.axes) axis.origin = 0;
    out.resize(1);
  }
  return out;
}

StageContext stage_context(const Context& c, const StageInfo& info, bool built_in) {
  StageContext out;
  out.dataset = c.dataset;
  out.options = c.options;
  out.plugins_path = c.pipeline.plugins_path;
  out.jobs = c.threads;
  out.detail = c.hooks.detail;
  out.progress = c.hooks.progress;
  out.cancelled = c.hooks.cancelled;
  if (built_in) return out;
  out.models = models_of(c, info);
  const bool with_dataset = needs(info, "definitions/");
  if (with_dataset || needs(info, "found definitions")) out.definitions = found_definitions(c);
  if (with_dataset) add_dataset(out.definitions, c.dataset);
  if (with_dataset) add_history(out.definitions, c.dataset);
  std::stable_sort(out.definitions.begin(), out.definitions.end(),
                   [](const StageDefinition& a, const StageDefinition& b) {
                     const Definition &x = a.definition, &y = b.definition;
                     return std::tie(x.op_type, x.name) < std::tie(y.op_type, y.name);
                   });
  return out;
}

}  // namespace kdex
