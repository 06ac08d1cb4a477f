// Implementation of core/pipeline/stage.h: the list of a run.
#include <algorithm>
#include <filesystem>

#include <kdex/error.h>

#include "core/base/closest.h"
#include "core/base/text.h"
#include "core/pipeline/stage.h"

namespace kdex {
namespace {

using Strings = std::vector<std::string>;
using Stages = std::vector<PipelineStage>;

bool holds(const Strings& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

/// `kernels` is an older name of build.
std::string canonical(const std::string& name) { return name == "kernels" ? "build" : name; }

/// The names with shorthands written out.
Strings expanded(const Strings& names) {
  Strings out;
  for (const auto& name : names) {
    out.push_back(canonical(name));
    if (name != "extract" || holds(names, "match")) continue;
    for (const char* more : {"calls", "match", "deduplicate", "save", "report"})
      if (!holds(names, more)) out.emplace_back(more);
  }
  return out;
}

/// The stages that write what is needed, for a message; "" where none does.
std::string writers_of(const std::string& need, const Stages& stages) {
  std::string out;
  for (const auto& s : stages)
    if (holds(s.info.writes, need)) out += (out.empty() ? "'" : " or '") + s.info.name + "'";
  return out;
}

/// Needs that are no path are held in memory.
bool is_path(const std::string& need) { return need.find_first_of("/.") != std::string::npos; }

[[noreturn]] void fail_need(const StageInfo& stage, const std::string& need,
                            const std::string& dataset, const Stages& stages) {
  const std::string writers = writers_of(need, stages);
  std::error_code error;
  if (!is_path(need))
    throw Error("the stage '" + stage.name + "' needs " + need, "stages",
                "put " + writers + " before it");
  if (!std::filesystem::is_directory(dataset, error))
    throw Error("not a directory", dataset, "give the folder that holds " + need);
  const std::string name = need.ends_with('/') ? need.substr(0, need.size() - 1) : need;
  if (need == "definitions/")
    throw Error("has no " + name, dataset,
                "`kdex run` or `kdex extract` writes them; in a list of stages, put " + writers +
                    " before '" + stage.name + "'");
  throw Error("has no " + name + ", which the stage '" + stage.name + "' needs", dataset,
              writers.empty() ? "no stage writes it" : "put " + writers + " before it");
}

void check_needs(const std::vector<RequestedStage>& list, const std::string& dataset,
                 const Stages& stages) {
  Strings there;
  for (const auto& [s, options] : list) {
    for (const auto& need : s.info.needs) {
      std::error_code error;
      const bool is_there = holds(there, need) ||
                            (is_path(need) && std::filesystem::exists(dataset + "/" + need, error));
      if (!is_there) fail_need(s.info, need, dataset, stages);
    }
    there.insert(there.end(), s.info.writes.begin(), s.info.writes.end());
  }
}

std::string place_of(const Pipeline& p, const std::string& name) {
  const auto given = p.places.find(name);
  return given == p.places.end() ? "stages" : given->second;
}

/// Options of a stage that is not asked for would do nothing. Those under the key `kernels` of a
/// file may wait for a run that builds.
void check_owners(const Pipeline& p, const Strings& asked, const Stages& stages) {
  for (const auto& s : p.stage_settings) {
    if (s.owner == "kernels" || holds(asked, s.owner)) continue;
    (void)stage_named(stages, s.owner, s.place);
    throw Error("is an option of the stage '" + s.owner + "', which is not in the list of stages",
                s.place, "add it to stages, or leave the option out");
  }
}

}  // namespace

const Stages& own_stages() {
  static const Stages stages = {
      extract_stage(), calls_stage(),     match_stage(), deduplicate_stage(), save_stage(),
      report_stage(),  workloads_stage(), build_stage(), verify_stage(),      bench_stage()};
  return stages;
}

Stages all_stages(LoadedPlugins& loaded) {
  Stages out = own_stages();
  const auto is_own = [](const std::string& name) {
    return std::any_of(own_stages().begin(), own_stages().end(),
                       [&](const auto& s) { return s.info.name == canonical(name); });
  };
  for (const auto& s : loaded.stages)
    if (is_own(s.info.name))
      loaded.refused.push_back(
          {s.library, "a stage named '" + s.info.name + "' is one of kdex's own"});
    else
      out.push_back(sdk_stage(s));
  std::erase_if(loaded.stages, [&](const LoadedStage& s) { return is_own(s.info.name); });
  return out;
}

const PipelineStage& stage_named(const Stages& stages, const std::string& name,
                                 const std::string& place) {
  Strings names;
  std::string list;
  for (const auto& s : stages) {
    if (s.info.name == name) return s;
    names.push_back(s.info.name);
    list += (list.empty() ? "" : ", ") + s.info.name;
  }
  const std::string hint = did_you_mean(name, names);
  throw Error("unknown stage '" + printable(name, 200) + "'", place,
              (hint.empty() ? "" : hint + " ") + "the stages are " + list);
}

std::vector<RequestedStage> resolve_stages(const Pipeline& p, const std::string& dataset,
                                           const Stages& stages) {
  if (p.stages.empty())
    throw Error("no stage is named", "stages", "for example: stages: [extract]");
  std::vector<RequestedStage> out;
  Strings seen;
  for (const auto& name : expanded(p.stages)) {
    if (holds(seen, name))
      throw Error("the stage '" + name + "' is listed twice", place_of(p, name));
    seen.push_back(name);
    const PipelineStage& stage = stage_named(stages, name, place_of(p, name));
    OptionValues values(stage.info.options);
    for (const auto& setting : p.stage_settings)
      if (canonical(setting.owner) == name)
        set_option(values, stage.info.options, "the stage " + name, setting);
    out.push_back({stage, std::move(values)});
  }
  check_owners(p, seen, stages);
  check_needs(out, dataset, stages);
  return out;
}

}  // namespace kdex
