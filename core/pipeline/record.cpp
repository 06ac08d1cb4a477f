// Implementation of core/pipeline/record.h.
#include "core/pipeline/record.h"

#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>
#include <set>

#include <kdex/error.h>

#include "core/base/digest.h"
#include "core/base/files.h"
#include "core/engine/engine.h"
#include "core/paths.h"
#include "core/pipeline/source_packages.h"

#ifndef KDEX_VERSION
#define KDEX_VERSION "unknown"
#endif

namespace kdex {
namespace {

using Json = nlohmann::ordered_json;

std::string time_text(std::time_t at, const char* format) {
  std::tm parts{};
  char text[40];
  ::gmtime_r(&at, &parts);
  return {text, std::strftime(text, sizeof text, format, &parts)};
}

/// The time, and four bytes that two runs of one second do not share.
std::string id_of(std::time_t at, const std::string& settings) {
  std::timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const std::string seed = settings + std::to_string(now.tv_nsec) + " " +
                           std::to_string(::getpid()) + " " + std::to_string(now.tv_sec);
  return time_text(at, "%Y%m%dT%H%M%SZ-") + hex(digest("sha256", seed).substr(0, 4));
}

Json deployment_json(const Deployment& d) {
  Json modes = Json::array();
  if (d.prefill) modes.push_back("prefill");
  if (d.decode) modes.push_back("decode");
  Json out = {{"tp", d.tp},
              {"ep", d.ep},
              {"attention_dp", d.attention_dp},
              {"page_size", d.page_size == 0 ? Json() : Json(d.page_size)},
              {"execution_modes", std::move(modes)},
              {"platform", d.platform},
              {"engine_args", d.engine_args}};
  if (!d.draft_checkpoint.empty()) out["draft_checkpoint"] = d.draft_checkpoint;
  return out;
}

Json checkpoints_json(const Pipeline& p) {
  Json out = Json::array();
  for (const auto& c : p.checkpoints) {
    Json deployments = Json::array();
    for (const auto& d : c.deployments) deployments.push_back(deployment_json(d));
    out.push_back({{"name", c.checkpoint.name},
                   {"folder", c.checkpoint.folder},
                   {"deployments", std::move(deployments)}});
  }
  return out;
}

Json families_json(const LoadedPlugins& plugins) {
  Json out = Json::array();
  for (const auto& f : plugins.families)
    out.push_back(
        {{"name", f.info.name}, {"version", f.info.version}, {"options", f.options.all()}});
  return out;
}

RunRecord::Texts settings_of(const Context& c, const std::string& engine) {
  const Pipeline& p = c.pipeline;
  Json stages = Json::array();
  for (const auto& s : c.stages) stages.push_back({{"name", s.name}, {"options", s.options}});
  const Json all = {{"engine", engine},
                    {"sources", p.sources},
                    {"checkpoints", checkpoints_json(p)},
                    {"model_names", p.model_names},
                    {"output_dir", p.output_dir},
                    {"families", families_json(c.plugins)},
                    {"plugins_path", p.plugins_path},
                    {"stages", std::move(stages)},
                    {"dialect", p.dialect},
                    {"include_quantized", p.include_quantized},
                    {"forward", p.run_forward},
                    {"decode_batches", p.step_sizes.decode_batches},
                    {"extend_tokens", p.step_sizes.extend_tokens},
                    {"prefix_tokens", p.step_sizes.prefix_tokens},
                    {"all_forms", p.all_forms},
                    {"deduplicate", p.deduplicate},
                    {"add_tags", p.add_tags},
                    {"jobs", c.threads},
                    {"max_seconds", p.limits.seconds},
                    {"max_memory", p.limits.memory_bytes >> 20},
                    {"max_steps", p.limits.steps}};
  RunRecord::Texts out;
  for (const auto& [key, value] : all.items())
    out.emplace_back(key, value.dump(-1, ' ', false, Json::error_handler_t::replace));
  return out;
}

/// The facts of each platform that a deployment names.
RunRecord::Texts platforms_of(const Context& c, const engine::Engine& engine) {
  std::set<std::string> names;
  for (const auto& checkpoint : c.pipeline.checkpoints)
    for (const auto& d : checkpoint.deployments) names.insert(d.platform);
  RunRecord::Texts out;
  const auto all = Json::parse(read_file(engine.platforms_file), nullptr, false);
  for (const auto& name : names)
    if (all.is_object() && all.contains(name)) out.emplace_back(name, all[name].dump());
  return out;
}

/// Of sources that were given in part, what came from elsewhere.
void warn_of_two_places(Context& c, const std::vector<std::string>& wanted) {
  const auto& sources = c.report.run.sources;
  const auto is_given = [](const SourcePackage& s) { return !s.given.empty(); };
  if (std::none_of(sources.begin(), sources.end(), is_given)) return;
  for (const auto& s : sources)
    if (s.given.empty() && std::find(wanted.begin(), wanted.end(), s.name) != wanted.end())
      c.report.warnings.push_back("the sources that were given have no package " + s.name +
                                  ": version " + (s.version.empty() ? "unknown" : s.version) +
                                  " was taken from " + s.folder);
}

std::vector<std::string> wanted_packages(const Context& c) {
  return {c.source->engine().package, transformers_package};
}

}  // namespace

void record_run(Context& c, const std::vector<SourceFolder>& folders) {
  RunRecord& r = c.report.run;
  const engine::Engine& engine = c.source->engine();
  const std::time_t now = std::time(nullptr);
  r.kdex = KDEX_VERSION;
  r.started = time_text(now, "%Y-%m-%dT%H:%M:%SZ");
  r.engine = engine.name;
  c.packages = std::async(std::launch::async,
                          [folders, wanted = wanted_packages(c), cache = cache_folder()] {
                            return source_packages(folders, wanted, cache);
                          });
  r.settings = settings_of(c, engine.name);
  r.platforms = platforms_of(c, engine);
  std::string all;
  for (const auto& [key, value] : r.settings) all += key + value;
  r.id = id_of(now, all);
}

void finish_record(Context& c) {
  c.report.run.sources = c.packages.get();
  warn_of_two_places(c, wanted_packages(c));
}

}  // namespace kdex
