// core/report/steps.h.
#include "core/report/steps.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/report/json_parts.h"
#include "core/report/utf8.h"

namespace kdex {
namespace {

using Json = nlohmann::ordered_json;

Json sums_json(const LaunchSums& s) {
  return {{"launches", s.launches},
          {"flops", static_cast<std::int64_t>(s.flops)},
          {"bytes", static_cast<std::int64_t>(s.bytes)}};
}

Json step_json(const ReportStep& s) {
  Json j = {{"mode", s.mode},
            {"sizes", s.sizes},
            {"status", s.ok        ? "ok"
                       : s.refused ? "refused"
                                   : "failed"}};
  if (!s.ok) j["why"] = clean(s.why);
  j["all"] = sums_json(s.all);
  j["whole"] = sums_json(s.whole);
  j["part"] = sums_json(s.part);
  j["without"] = Json::array();
  for (const auto& f : s.without) {
    Json one = {{"function", clean(f.function)}, {"role", f.role}};
    one.update(sums_json(f.sums));
    j["without"].push_back(std::move(one));
  }
  j["unknown"] = Json::array();
  for (const auto& f : s.unknown) j["unknown"].push_back(clean(f));
  j["regimes"] = Json::array();
  for (const auto& r : s.regimes) j["regimes"].push_back(regime_json(r));
  return j;
}

std::string percent(double part, double all) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", all > 0 ? 100 * part / all : 0.0);
  return text;
}

/// Sums of one mode over all models.
struct ModeSums {
  LaunchSums all, covered;
  int ran = 0, refused = 0, failed = 0;
};

}  // namespace

Json steps_json(const ReportModel& m) {
  Json out = Json::array();
  for (const auto& s : m.steps) out.push_back(step_json(s));
  return out;
}

Json not_launched_json(const ReportModel& m) {
  Json out = Json::array();
  for (const auto& [name, what] : m.not_launched)
    out.push_back({{"name", name}, {"what", clean(what)}});
  return out;
}

std::string steps_summary(const Report& report) {
  std::map<std::string, ModeSums> modes;
  std::set<std::string> not_launched;
  for (const auto& m : report.models) {
    for (const auto& [name, what] : m.not_launched) not_launched.insert(name);
    for (const auto& s : m.steps) {
      ModeSums& sums = modes[s.mode];
      ++(s.ok ? sums.ran : s.refused ? sums.refused : sums.failed);
      sums.all += s.all;
      sums.covered += s.whole;
      sums.covered += s.part;
    }
  }
  std::string out;
  for (const auto& [mode, s] : modes) {
    out += mode + ": " +
           percent(static_cast<double>(s.covered.launches), static_cast<double>(s.all.launches)) +
           " of launches, " + percent(s.covered.bytes, s.all.bytes) + " of bytes and " +
           percent(s.covered.flops, s.all.flops) + " of operations have a definition (" +
           std::to_string(s.ran) + (s.ran == 1 ? " step" : " steps");
    if (s.refused > 0) out += ", " + std::to_string(s.refused) + " refused by the engine";
    if (s.failed > 0) out += ", " + std::to_string(s.failed) + " failed";
    out += ")\n";
  }
  for (const auto& d : report.definitions) not_launched.erase(d.asked);
  if (!not_launched.empty())
    out += std::to_string(not_launched.size()) +
           (not_launched.size() == 1 ? " definition" : " definitions") + " that no step launches " +
           (not_launched.size() == 1 ? "was" : "were") +
           " left out; report.json has them under not_launched, --all-forms writes them\n";
  return out;
}

}  // namespace kdex
