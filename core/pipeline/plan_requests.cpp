// Implementation of core/pipeline/plan_requests.h.
#include "core/pipeline/plan_requests.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include <kdex/error.h>

#include "core/base/closest.h"
#include "core/definition/json.h"
#include "core/paths.h"
#include "core/pipeline/kernels.h"

namespace kdex {

using Json = nlohmann::ordered_json;

namespace {

struct CachedPlan {
  std::string family;
  KernelPlan plan;
  std::vector<std::string> keys;  ///< of its units; empty: not asked yet
};

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& n : names) out += (out.empty() ? "" : ", ") + n;
  return out;
}

/// The values of all axes and of `sms`.
cuda::Names names_of(const PlanRequest& r) {
  cuda::Names names{{"sms", r.chip.sms}};
  std::vector<std::string> variable;
  for (const auto& a : r.definition.axes) {
    if (a.value)
      names[a.name] = *a.value;
    else
      variable.push_back(a.name);
  }
  for (const auto& [name, value] : r.axes) {
    if (value < 0 || value > 2147483647)
      throw Error("the axis " + name + " must be 0 to 2147483647, not " + std::to_string(value),
                  r.definition.name);
    auto known = names.find(name);
    if (name != "sms" && known != names.end()) {
      if (known->second == value) continue;
      throw Error("the axis " + name + " is " + std::to_string(known->second) + ", not " +
                      std::to_string(value),
                  r.definition.name);
    }
    if (std::find(variable.begin(), variable.end(), name) == variable.end())
      throw Error("unknown axis '" + name + "'", r.definition.name,
                  "its variable axes are " + listed(variable));
    names[name] = value;
  }
  return names;
}

/// plan_at(), whose complaint about a name that is an axis becomes one about the axis.
cuda::PlanAt at_sizes(const PlanRequest& r, const KernelPlan& plan) {
  const cuda::Names names = names_of(r);
  try {
    return cuda::plan_at(plan, names);
  } catch (const Error& e) {
    for (const auto& a : r.definition.axes)
      if (!names.contains(a.name) &&
          std::string(e.what()).find("'" + a.name + "'") != std::string::npos)
        throw Error("the axis " + a.name + " has no value", r.definition.name,
                    "give it with --axes " + a.name + "=...");
    throw;
  }
}

}  // namespace

struct PlanAnswers::Impl {
  LoadedPlugins loaded;
  cuda::BuildOptions build;
  cuda::KernelTexts texts;
  std::unique_ptr<cuda::UnitKeys> keys;  // null until asked; stays so where there is no NVRTC
  bool asked_nvrtc = false;
  std::map<std::string, CachedPlan> plans;
  std::map<std::string, cuda::CachedCubin> cubins;

  CachedPlan& plan(const PlanRequest& r) {
    std::string id = definition_to_json(r.definition) + r.chip.arch + " " +
                     std::to_string(r.chip.sms) + " " + r.compile_for;
    for (const auto& [name, value] : r.set) id += "\n" + name + "=" + value;
    auto [it, fresh] = plans.try_emplace(std::move(id));
    if (!fresh) return it->second;
    try {
      const Tuning tuning(r.set);
      it->second.plan =
          plan_kernel(loaded.families, r.definition, r.chip, it->second.family, tuning);
      if (const auto unknown = tuning.unknown(); !unknown.empty() && it->second.plan.available)
        throw Error("unknown constant '" + unknown[0] + "'", r.definition.name,
                    tuning.known().empty()
                        ? "its planner has none"
                        : "its planner has " + listed(tuning.known()) +
                              (did_you_mean(unknown[0], tuning.known()).empty()
                                   ? ""
                                   : "; " + did_you_mean(unknown[0], tuning.known())));
    } catch (...) {
      plans.erase(it);
      throw;
    }
    return it->second;
  }

  /// The units' names in the cache; nothing where there is no NVRTC.
  cuda::UnitKeys* unit_keys() {
    if (asked_nvrtc) return keys.get();
    asked_nvrtc = true;
    try {
      keys = std::make_unique<cuda::UnitKeys>(texts, cuda::nvrtc_version(build), build);
    } catch (const Error&) {  // plans are told without
    }
    return keys.get();
  }

  std::optional<cuda::CachedCubin> cubin(const std::string& key) {
    if (auto it = cubins.find(key); it != cubins.end()) return it->second;
    auto found = cuda::cached_cubin(build.cache_folder, key);
    if (found) cubins[key] = *found;
    return found;
  }
};

PlanAnswers::PlanAnswers(const std::vector<std::string>& plugins_path, cuda::BuildOptions build)
    : impl_(std::make_unique<Impl>()) {
  impl_->loaded = load_all_plugins(plugins_path);
  impl_->build = std::move(build);
  impl_->texts = cuda::read_kernels(impl_->build.kernels_folder);
}
PlanAnswers::~PlanAnswers() = default;

PlannedLaunches PlanAnswers::answer(const PlanRequest& r) {
  CachedPlan& p = impl_->plan(r);
  PlannedLaunches out;
  out.family = p.family;
  out.why_not = p.plan.why_not;
  if (!p.plan.available) return out;
  out.summary = p.plan.summary;
  out.programmatic_launch = p.plan.programmatic_launch;
  out.at = at_sizes(r, p.plan);
  const std::string& arch = r.compile_for.empty() ? r.chip.arch : r.compile_for;
  if (p.keys.empty())
    if (auto* keys = impl_->unit_keys())
      for (const auto& u : p.plan.units) p.keys.push_back(keys->key(u, arch));
  std::map<std::size_t, std::size_t> position;  // of the plan's units in the answer's
  for (auto& l : out.at.launches) {
    if (!r.set.empty() && l.shared > r.chip.shared_limit)
      throw Error(l.entry + " needs " + std::to_string(l.shared) + " bytes of shared memory, " +
                      r.chip.arch + " has " + std::to_string(r.chip.shared_limit),
                  r.definition.name);
    auto [it, fresh] = position.try_emplace(l.unit, out.units.size());
    if (fresh) {
      PlannedUnit u{p.plan.units[l.unit], arch, p.keys.empty() ? "" : p.keys[l.unit], {}};
      if (!u.key.empty()) u.cubin = impl_->cubin(u.key);
      out.units.push_back(std::move(u));
    }
    l.unit = it->second;
  }
  return out;
}

std::vector<std::string> PlanAnswers::build(const std::vector<PlanRequest>& requests) {
  std::vector<cuda::UnitBuild> units;
  std::set<std::string> seen;
  for (const auto& r : requests) {
    CachedPlan& p = impl_->plan(r);
    if (!p.plan.available) continue;
    const std::string& arch = r.compile_for.empty() ? r.chip.arch : r.compile_for;
    for (const auto& l : at_sizes(r, p.plan).launches) {
      const KernelUnit& u = p.plan.units[l.unit];
      std::string id = u.file + "\n" + u.source + "\n" + arch;
      for (const auto& [k, v] : u.constants) id += "\n" + k + "=" + v;
      if (seen.insert(std::move(id)).second)
        units.push_back({r.definition.name + " " + u.file, u, arch});
    }
  }
  std::vector<std::string> errors;
  if (units.empty()) return errors;
  const auto built = build_units(units, impl_->build, impl_->texts);
  if (!built.kept)
    errors.push_back("the cache folder " + impl_->build.cache_folder + " cannot be written");
  for (const auto& u : units)
    if (!u.error.empty()) errors.push_back(u.label + " " + u.arch + ": " + u.error);
  impl_->asked_nvrtc = impl_->keys != nullptr;  // it is there now
  return errors;
}

PlanRequest plan_request(const Json& j, const std::string& where,
                         const std::function<Definition(const std::string&)>& named) {
  if (!j.is_object() || !j.contains("definition"))
    throw Error("expected an object with a definition", where);
  for (const auto& [key, value] : j.items())
    if (const std::vector<std::string> known = {"definition", "axes", "arch", "sms", "compile_for",
                                                "set"};
        std::find(known.begin(), known.end(), key) == known.end())
      throw Error("unknown key '" + key + "'", where, did_you_mean(key, known));
  PlanRequest r;
  const Json& d = j["definition"];
  if (!d.is_object() && !d.is_string())
    throw Error("the definition must be an object or a name", where);
  r.definition =
      d.is_string() ? named(d.get<std::string>()) : definition_from_json(d.dump(), where);
  auto text = [&](const char* key) -> std::string {
    if (!j.contains(key)) return "";
    if (!j[key].is_string()) throw Error(std::string(key) + " must be a text", where);
    return cuda::arch_name(j[key].get<std::string>());
  };
  int sms = 0;
  if (j.contains("sms")) {
    if (!j["sms"].is_number_integer() || j["sms"] < 1 || j["sms"] > 65536)
      throw Error("sms must be a number from 1 to 65536", where);
    sms = j["sms"];
  }
  const std::string arch = text("arch");
  r.chip = Chip(arch.empty() ? "sm_90a" : arch, sms);
  r.compile_for = text("compile_for");
  for (const char* key : {"axes", "set"})
    if (j.contains(key) && !j[key].is_object())
      throw Error(std::string(key) + " must be an object", where);
  const Json axes = j.value("axes", Json::object()), set = j.value("set", Json::object());
  for (const auto& [name, value] : axes.items()) {
    if (!value.is_number_integer())
      throw Error("the axis " + name + " must be a whole number", where);
    r.axes[name] = value;
  }
  for (const auto& [name, value] : set.items()) {
    if (!value.is_number_integer() && !value.is_string())
      throw Error("set." + name + " must be a whole number or a text", where);
    r.set[name] = value.is_string() ? value.get<std::string>() : value.dump();
  }
  return r;
}

namespace {

Json argument_json(const cuda::ArgumentAt& a) {
  switch (a.kind) {
    case KernelArgument::Kind::tensor:
      return {{"tensor", a.text}};
    case KernelArgument::Kind::map:
      return {{"map", a.text}};
    case KernelArgument::Kind::integer:
      return {{"integer", a.integer}};
    case KernelArgument::Kind::scalar:
      return {{"scalar", a.text}};
    case KernelArgument::Kind::real:
      return {{"real", a.text}};
    case KernelArgument::Kind::null:
      break;
  }
  return {{"null", nullptr}};
}

std::string argument_text(const cuda::ArgumentAt& a) {
  switch (a.kind) {
    case KernelArgument::Kind::integer:
      return std::to_string(a.integer);
    case KernelArgument::Kind::map:
      return "map " + a.text;
    case KernelArgument::Kind::null:
      return "null";
    default:
      return a.text;
  }
}

std::string numbers(const std::vector<std::int64_t>& values) {
  std::string out;
  for (auto v : values) out += (out.empty() ? "" : " x ") + std::to_string(v);
  return out;
}

}  // namespace

Json plan_json(const PlanRequest& r, const PlannedLaunches& p) {
  Json axes = Json::object();
  for (const auto& [name, value] : r.axes) axes[name] = value;
  Json out = {{"definition", r.definition.name},
              {"op_type", r.definition.op_type},
              {"family", p.family},
              {"arch", r.chip.arch},
              {"sms", r.chip.sms},
              {"axes", axes},
              {"why_not", p.why_not.empty() ? Json(nullptr) : Json(p.why_not)},
              {"summary", p.summary},
              {"programmatic_launch", p.programmatic_launch},
              {"units", Json::array()},
              {"buffers", Json::array()},
              {"maps", Json::array()},
              {"launches", Json::array()}};
  for (const auto& u : p.units) {
    Json constants = Json::object();
    for (const auto& [name, value] : u.unit.constants) constants[name] = value;
    out["units"].push_back({{"file", u.unit.file},
                            {"entries", u.unit.entries},
                            {"constants", constants},
                            {"arch", u.arch},
                            {"key", u.key.empty() ? Json(nullptr) : Json(u.key)},
                            {"cubin", u.cubin ? Json{{"path", u.cubin->path},
                                                     {"offset", u.cubin->offset},
                                                     {"size", u.cubin->size}}
                                              : Json(nullptr)}});
  }
  for (const auto& b : p.at.buffers)
    out["buffers"].push_back({{"name", b.name}, {"bytes", b.bytes}, {"zeroed", b.zeroed}});
  for (const auto& m : p.at.maps)
    out["maps"].push_back({{"name", m.name},
                           {"tensor", m.tensor},
                           {"dtype", m.dtype},
                           {"dims", m.dims},
                           {"strides", m.strides},
                           {"box", m.box},
                           {"swizzle", 128}});
  for (const auto& l : p.at.launches) {
    Json arguments = Json::array();
    for (const auto& a : l.arguments) arguments.push_back(argument_json(a));
    out["launches"].push_back({{"unit", l.unit},
                               {"entry", l.entry},
                               {"grid", l.grid},
                               {"block", l.block},
                               {"shared", l.shared},
                               {"arguments", arguments}});
  }
  return out;
}

std::string plan_text(const PlanRequest& r, const PlannedLaunches& p) {
  std::string out = r.definition.name;
  for (const auto& [name, value] : r.axes) out += " " + name + "=" + std::to_string(value);
  out += " on " + r.chip.arch + " (" + std::to_string(r.chip.sms) + " SMs): ";
  if (!p.why_not.empty()) return out + "no kernel: " + p.why_not + "\n";
  out += p.summary + "\n";
  for (std::size_t i = 0; i < p.units.size(); ++i) {
    const auto& u = p.units[i];
    out += "  unit " + std::to_string(i) + " " + u.unit.file + " for " + u.arch + ":";
    for (const auto& [name, value] : u.unit.constants) out += " " + name + "=" + value;
    out += "\n    key " + (u.key.empty() ? "unknown (no NVRTC)" : u.key) + ", " +
           (u.cubin ? u.cubin->path : "not built") + "\n";
  }
  for (const auto& l : p.at.launches) {
    out += "  " + l.entry + " of unit " + std::to_string(l.unit) + ": grid " +
           numbers({l.grid[0], l.grid[1], l.grid[2]}) + ", block " + std::to_string(l.block) +
           ", shared memory " + std::to_string(l.shared) + "\n    (";
    for (std::size_t i = 0; i < l.arguments.size(); ++i)
      out += (i ? ", " : "") + argument_text(l.arguments[i]);
    out += ")\n";
  }
  for (const auto& m : p.at.maps)
    out += "  map " + m.name + " of " + m.tensor + " (" + m.dtype + "): " + numbers(m.dims) +
           ", strides " + numbers(m.strides) + " bytes, box " + numbers(m.box) +
           ", swizzle of 128 bytes\n";
  for (const auto& b : p.at.buffers)
    out += "  buffer " + b.name + ": " + std::to_string(b.bytes) + " bytes" +
           (b.zeroed ? ", zeroed" : "") + "\n";
  return out;
}

}  // namespace kdex
