// core/report/join_reports.h.
#include "core/report/join_reports.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace kdex {
namespace {

using Json = nlohmann::ordered_json;

ModelName name_of(const Json& model) { return {model.at("checkpoint"), model.at("deployment")}; }

/// Those of `later` before those of `earlier` where both have one, in the order that is given.
Json ordered_models(const Json& earlier, const Json& later, const std::vector<ModelName>& order) {
  std::multimap<ModelName, const Json*> by_name;
  for (const auto& m : later) by_name.emplace(name_of(m), &m);
  for (const auto& m : earlier)
    if (const auto name = name_of(m);
        std::none_of(later.begin(), later.end(), [&](const Json& l) { return name_of(l) == name; }))
      by_name.emplace(name, &m);
  Json out = Json::array();
  for (const auto& name : order)
    if (const auto it = by_name.find(name); it != by_name.end()) {
      out.push_back(*it->second);
      by_name.erase(it);
    }
  return out;
}

void add_missing(Json& to, const Json& from) {
  for (const auto& one : from)
    if (std::find(to.begin(), to.end(), one) == to.end()) to.push_back(one);
}

/// By op type and name, as a run has them.
Json joined_definitions(const Json& earlier, const Json& later) {
  const auto key = [](const Json& d) {
    return std::pair(d.at("op_type").get<std::string>(), d.at("name").get<std::string>());
  };
  std::map<std::pair<std::string, std::string>, Json> all;
  for (const auto& d : earlier) all[key(d)] = d;
  for (const auto& d : later) {
    const auto [it, fresh] = all.emplace(key(d), d);
    if (fresh) continue;
    Json both = d;
    both["status"] = it->second.at("status");
    add_missing(both["modes"], it->second.at("modes"));
    it->second = std::move(both);
  }
  Json out = Json::array();
  for (auto& [name, d] : all) out.push_back(std::move(d));
  return out;
}

Json names_with(const Json& definitions, const char* status) {
  Json out = Json::array();
  for (const auto& d : definitions)
    if (d.at("status") == status) out.push_back(d.at("name"));
  return out;
}

}  // namespace

Json join_reports(const Json& earlier, Json later, const std::vector<ModelName>& order) {
  Json& out = later;
  out["models"] = ordered_models(earlier.at("models"), later.at("models"), order);
  out["definitions"] = joined_definitions(earlier.at("definitions"), later.at("definitions"));
  out["new_definitions"] = names_with(out["definitions"], "new");
  out["existing_definitions"] = names_with(out["definitions"], "existing");
  out["invalid_definitions"] = names_with(out["definitions"], "invalid");
  for (const char* key : {"conflicts", "errors", "warnings", "suggestions"}) {
    Json both = earlier.at(key);
    add_missing(both, later.at(key));
    out[key] = std::move(both);
  }
  out["run"]["resumes"] = earlier.at("run").at("id");
  Json& timings = out["timings"];
  const Json& before = earlier.at("timings");
  timings["seconds"] = timings["seconds"].get<double>() + before.at("seconds").get<double>();
  timings["models"] = ordered_models(before.at("models"), timings["models"], order);
  return later;
}

}  // namespace kdex
