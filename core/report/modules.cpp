// Implementation of core/report/modules.h.
#include "core/report/modules.h"

#include <fnmatch.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "core/report/json_parts.h"

namespace kdex {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& j) { return dump_line(j); }

std::string pattern(const std::string& path) {
  std::string out;
  for (std::size_t start = 0; start <= path.size();) {
    auto end = std::min(path.find('.', start), path.size());
    std::string part = path.substr(start, end - start);
    bool digits = !part.empty() && std::all_of(part.begin(), part.end(), [](unsigned char c) {
      return c >= '0' && c <= '9';
    });
    out += (start ? "." : "") + (digits ? std::string("*") : part);
    start = end + 1;
  }
  return out;
}

Json assumption_json(const Assumption& a) {
  return {{"source", a.place.file + ":" + std::to_string(a.place.line)},
          {"condition", a.condition},
          {"reason", a.reason},
          {"taken", a.taken}};
}

/// What the engine resolved and said, for a model that it built or refused.
void add_told(Json& j, const ModuleTree& t) {
  j["resolved"] = Json::object();
  for (const auto& [name, value] : t.resolved) j["resolved"][name] = value_json(value);
  j["changed"] = changed_json(t.changed);
  j["log"] = log_json(t.log);
  j["broken"] = t.broken;
  j["remarks"] = t.remarks;
}

}  // namespace

std::string modules_to_json(const ModuleTree& t) {
  if (!t.ok) {
    Json j = {{"status", t.refused ? "refused" : "failed"},
              {"stage", t.stage},
              {"error_type", t.error_type},
              {"error", t.error},
              {"where", t.where}};
    add_told(j, t);
    for (const auto& a : t.assumptions) j["assumptions"].push_back(assumption_json(a));
    return dump(j) + "\n";
  }
  // Written a module a line: a tree has some thousand of them.
  std::string out = "{\"status\": \"ok\", \"architecture\": " + dump(t.architecture) +
                    ", \"model_class\": " + dump(t.model_class) +
                    ", \"hf_config_class\": " + dump(t.hf_config_class) +
                    ", \"quant_config_class\": " + dump(t.quant_config_class) +
                    ", \"dtype\": " + dump(t.dtype) +
                    ", \"unknowns\": " + std::to_string(t.unknowns);
  Json told = Json::object();
  add_told(told, t);
  for (const auto& [key, value] : told.items()) out += ",\n \"" + key + "\": " + dump(value);
  out += ",\n \"assumptions\": [";
  for (std::size_t i = 0; i < t.assumptions.size(); ++i) {
    out += (i ? ",\n  " : "\n  ") + dump(assumption_json(t.assumptions[i]));
  }
  out += "],\n \"modules\": [";
  bool first = true;
  for (const Module& m : t.modules) {
    if (m.held) continue;  // as torch lists them
    Json params = Json::object(), attrs = Json::object();
    for (const auto& p : m.params) {
      Json shape = Json::array();
      for (const auto& d : p.shape) shape.push_back(value_json(d, 0));
      params[p.name] = {shape, p.dtype};
    }
    for (const auto& [name, value] : m.attrs) attrs[name] = value_json(value, 0);
    // a norm's width under one name, whatever its class calls it
    if (m.class_name.find("Norm") != std::string::npos && !attrs.contains("hidden_size"))
      attrs["hidden_size"] =
          attrs.contains("normalized_shape") ? attrs["normalized_shape"] : Json(nullptr);
    Json j = {{"path", m.path}, {"class", m.class_name},       {"module", m.module},
              {"role", m.role}, {"params", std::move(params)}, {"attrs", std::move(attrs)}};
    out += (first ? "\n  " : ",\n  ") + dump(j);
    first = false;
  }
  return out + "]}\n";
}

std::string modules_to_tree(const ModuleTree& t) {
  if (!t.ok) {
    std::string out = std::string(t.refused ? "refused" : "failed") + " at " + t.stage + ": " +
                      t.error_type + ": " + t.error + "\n";
    for (const auto& w : t.where) out += "  " + w + "\n";
    for (const auto& a : t.assumptions)
      out += "  assumed " + std::string(a.taken ? "true" : "false") + " at " + a.place.file + ":" +
             std::to_string(a.place.line) + ": " + a.condition + " (" + a.reason + ")\n";
    return out;
  }
  struct Line {
    std::string path;
    const Module* first;
    int count;
  };
  std::vector<Line> lines;
  std::map<std::string, std::size_t> at;
  for (const auto& m : t.modules) {
    std::string path = pattern(m.path), params;
    for (const auto& p : m.params) {
      params += p.name + p.dtype;
      for (const auto& d : p.shape) params += "," + std::to_string(d.i);
    }
    auto [it, fresh] = at.try_emplace(path + "|" + m.class_name + "|" + params, lines.size());
    if (fresh) lines.push_back({path, &m, 0});
    ++lines[it->second].count;
  }
  std::string out = t.architecture + "  " + t.dtype +
                    (t.quant_config_class.empty() ? "" : "  " + t.quant_config_class) + "\n";
  for (const auto& l : lines) {
    if (l.path.empty()) continue;
    auto depth = static_cast<std::size_t>(std::count(l.path.begin(), l.path.end(), '.')) + 1;
    out += std::string(depth * 2, ' ') + l.path.substr(l.path.rfind('.') + 1) + ": " +
           l.first->class_name;
    if (!l.first->role.empty()) out += " (" + l.first->role + ")";
    if (l.count > 1) out += " x" + std::to_string(l.count);
    for (const auto& p : l.first->params) {
      out += "  " + p.name + "[";
      for (std::size_t i = 0; i < p.shape.size(); ++i)
        out += (i ? ", " : "") + std::to_string(p.shape[i].i);
      out += "]:" + p.dtype;
    }
    out += "\n";
  }
  return out;
}

namespace {

/// "<- config num_attention_heads // tp": what the value's origin says in a few words.
std::string origin_text(const ModuleTree& t, OriginId id) {
  if (id == 0 || id >= t.origins.size()) return "";
  const Origin& o = t.origins[id];
  switch (o.kind) {
    case Origin::Kind::config_field:
      return "  <- config " + o.text;
    case Origin::Kind::deployment:
      return "  <- deployment " + o.text;
    case Origin::Kind::platform:
      return "  <- platform " + o.text;
    default:
      return o.file.empty() ? "" : "  <- " + o.file + ":" + std::to_string(o.line);
  }
}

bool fits(const Module& m, const ModulesSelection& s) {
  return s.path.empty() || ::fnmatch(s.path.c_str(), m.path.c_str(), 0) == 0;
}

std::string shape_text(const Parameter& p) {
  std::string out;
  for (const auto& d : p.shape) out += (out.empty() ? "" : ", ") + std::to_string(d.i);
  return "[" + out + "]:" + p.dtype;
}

using Help = std::map<std::string, std::string>;  // what a row means, by its name

template <class Rows>
std::string rows_text(const ModuleTree& t, const char* title, const Rows& rows,
                      const Help& help = {}) {
  std::string out = rows.begin() == rows.end() ? "" : std::string(title) + "\n";
  for (const auto& [name, value] : rows) {
    out += "    " + name + " = " + dump(value_json(value, 0)) + origin_text(t, value.origin) + "\n";
    if (const auto it = help.find(name); it != help.end()) out += "        " + it->second + "\n";
  }
  return out;
}

/// The departures as attributes, each with the facts that tell it.
std::vector<std::pair<std::string, Value>> departures_of(const Module& m) {
  std::vector<std::pair<std::string, Value>> out;
  for (const Departure& d : m.departures) {
    std::string facts;
    for (const auto& f : d.facts) facts += (facts.empty() ? "facts: " : ", ") + f;
    out.emplace_back(d.attribute + " (" + (facts.empty() ? "in no fact" : facts) + ")", d.value);
  }
  return out;
}

std::string attributes_text(const ModuleTree& t, const Module& m) {
  std::string out = "  mro:";
  for (const auto& c : m.mro) out += " " + c;
  out += "\n  defined: " + place_text(m.defined) + "\n  created: " + place_text(m.created) + "\n";
  if (!m.role.empty()) out += "  role: " + m.role + "\n";
  out += rows_text(t, "  facts:", m.facts);
  out += rows_text(t, "  departures:", departures_of(m));
  if (!m.params.empty()) out += "  parameters:\n";
  for (const auto& p : m.params) out += "    " + p.name + " " + shape_text(p) + "\n";
  return out + rows_text(t, "  attributes:", m.attrs);
}

std::string claims_text(const ModuleClaims& c) {
  std::string out = "  claimed by:";
  for (const auto& f : c.families) out += " " + f;
  out += c.families.empty() ? " no family\n" : "\n";
  for (const auto& d : c.definitions) out += "    " + d + "\n";
  for (const auto& n : c.notes) out += "    note: " + n + "\n";
  return out;
}

}  // namespace

std::string modules_details(const ModuleTree& t, const ModulesSelection& s) {
  if (!t.ok) return modules_to_tree(t);
  std::map<std::string, int> counts;
  const auto key = [](const Module& m) { return pattern(m.path) + " " + m.class_name; };
  for (const auto& m : t.modules)
    if (fits(m, s)) ++counts[key(m)];
  std::string out = t.architecture + "  " + t.dtype + "\n";
  for (std::size_t i = 0; i < t.modules.size(); ++i) {
    const Module& m = t.modules[i];
    if (!fits(m, s)) continue;
    const auto it = counts.find(key(m));
    if (it == counts.end()) continue;  // shown before
    out += (m.path.empty() ? "(model)" : m.path) + ": " + m.class_name +
           (it->second > 1 ? " x" + std::to_string(it->second) + " as " + pattern(m.path) : "") +
           (m.held ? " (held in a dict or list)" : "") + "\n";
    counts.erase(it);
    if (s.attributes) out += attributes_text(t, m);
    if (s.claims && i < s.claimed.size()) out += claims_text(s.claimed[i]);
  }
  if (s.attributes)
    out += rows_text(t, "configuration:", t.config) +
           rows_text(t, "arguments:", t.resolved, t.argument_help);
  return out;
}

std::string modules_details_json(const ModuleTree& t, const ModulesSelection& s) {
  if (!t.ok) return modules_to_json(t);
  Json out = {{"status", "ok"}, {"architecture", t.architecture}};
  const auto rows = [](const auto& values) {
    Json j = Json::object();
    for (const auto& [name, value] : values) j[name] = value_json(value, 0);
    return j;
  };
  if (s.attributes) {
    out["config"] = rows(t.config);
    out["resolved"] = rows(t.resolved);
    out["argument_help"] = t.argument_help;
  }
  out["modules"] = Json::array();
  for (std::size_t i = 0; i < t.modules.size(); ++i) {
    const Module& m = t.modules[i];
    if (!fits(m, s)) continue;
    Json j = {{"path", m.path}, {"class", m.class_name}, {"module", m.module}, {"held", m.held}};
    if (s.attributes) {
      Json params = Json::object();
      for (const auto& p : m.params) params[p.name] = shape_text(p);
      j["mro"] = m.mro;
      j["defined"] = place_text(m.defined);
      j["created"] = place_text(m.created);
      j["role"] = m.role;
      j["facts"] = rows(m.facts);
      if (!m.departures.empty()) j["departures"] = rows(departures_of(m));
      j["params"] = std::move(params);
      j["attrs"] = rows(m.attrs);
    }
    if (s.claims && i < s.claimed.size()) {
      j["claimed_by"] = s.claimed[i].families;
      j["definitions"] = s.claimed[i].definitions;
      j["notes"] = s.claimed[i].notes;
    }
    out["modules"].push_back(std::move(j));
  }
  return dump(out) + "\n";
}

}  // namespace kdex
