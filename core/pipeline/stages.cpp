// Implementation of core/pipeline/stage.h: the list of a run.
#include <algorithm>
#include <filesystem>

#include <kdex/error.h>

#include "core/base/closest.h"
#include "core/pipeline/stage.h"

namespace kdex {
namespace {

bool holds(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

/// `kernels` is an older name of build.
std::string canonical(const std::string& name) { return name == "kernels" ? "build" : name; }

/// The names with shorthands written out.
std::vector<std::string> expanded(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const auto& name : names) {
    out.push_back(canonical(name));
    if (name != "extract" || holds(names, "match")) continue;
    for (const char* more : {"match", "deduplicate", "save", "report"})
      if (!holds(names, more)) out.emplace_back(more);
  }
  return out;
}

/// The stages that write what is needed, for a message.
std::string writers_of(const std::string& need) {
  std::string out;
  for (const auto& s : own_stages())
    if (holds(s.info.writes, need)) out += (out.empty() ? "'" : " or '") + s.info.name + "'";
  return out;
}

void check_needs(const std::vector<RequestedStage>& stages, const std::string& dataset) {
  std::vector<std::string> there;
  for (const auto& [s, options] : stages) {
    for (const auto& need : s.info.needs) {
      if (holds(there, need)) continue;
      const bool is_folder = need.ends_with('/');
      std::error_code error;
      if (is_folder && std::filesystem::is_directory(dataset + "/" + need, error)) continue;
      if (is_folder && !std::filesystem::is_directory(dataset, error))
        throw Error("not a directory", dataset, "give the folder that holds " + need);
      if (is_folder)
        throw Error("has no " + need.substr(0, need.size() - 1), dataset,
                    "`kdex run` or `kdex extract` writes them; in a list of stages, put " +
                        writers_of(need) + " before '" + s.info.name + "'");
      throw Error("the stage '" + s.info.name + "' needs " + need, "stages",
                  "put " + writers_of(need) + " before it");
    }
    there.insert(there.end(), s.info.writes.begin(), s.info.writes.end());
  }
}

}  // namespace

const std::vector<Stage>& own_stages() {
  static const std::vector<Stage> stages = {extract_stage(), match_stage(),  deduplicate_stage(),
                                            save_stage(),    report_stage(), workloads_stage(),
                                            build_stage(),   verify_stage(), bench_stage()};
  return stages;
}

const Stage& stage_named(const std::string& name, const std::string& place) {
  std::vector<std::string> names;
  std::string list;
  for (const auto& s : own_stages()) {
    if (s.info.name == name) return s;
    names.push_back(s.info.name);
    list += (list.empty() ? "" : ", ") + s.info.name;
  }
  const std::string hint = did_you_mean(name, names);
  throw Error("unknown stage '" + name + "'", place,
              hint.empty() ? "the stages are " + list : hint);
}

std::vector<RequestedStage> resolve_stages(const Pipeline& p, const std::string& dataset) {
  const auto& names = p.stages;
  if (names.empty()) throw Error("no stage is named", "stages", "for example: stages: [extract]");
  std::vector<RequestedStage> out;
  std::vector<std::string> seen;
  for (const auto& name : expanded(names)) {
    const auto given = p.places.find(name);
    const std::string place = given == p.places.end() ? "stages" : given->second;
    if (holds(seen, name)) throw Error("the stage '" + name + "' is listed twice", place);
    seen.push_back(name);
    const Stage& stage = stage_named(name, place);
    OptionValues values(stage.info.options);
    for (const auto& setting : p.stage_settings)
      if (canonical(setting.owner) == name)
        set_option(values, stage.info.options, "the stage " + name, setting);
    out.push_back({stage, std::move(values)});
  }
  check_needs(out, dataset);
  return out;
}

}  // namespace kdex
