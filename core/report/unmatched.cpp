// unmatched.h.
#include "core/report/unmatched.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include <kdex/authoring.h>
#include <kdex/roles.h>

#include "core/report/json_parts.h"
#include "core/report/utf8.h"

namespace kdex {
namespace {

using Json = nlohmann::ordered_json;
using Kind = Value::Kind;

/// Sizes and facts of one module, in the words of the definitions' axes.
class Facts {
 public:
  Facts(const Module& m, UnmatchedModules& out) : m_(m), out_(out) {}

  void run() {
    if (m_.role == role::linear || m_.role == role::head || m_.role == role::gate)
      product();
    else if (m_.role == role::experts)
      experts();
    else if (m_.role == role::attention || m_.role == role::latent_attention)
      attention();
    else if (m_.role == role::norm)
      size("hidden_size", {"hidden_size"});
    for (const auto& [name, v] : m_.facts) other(name, v);
  }

 private:
  void put(const char* axis, const Value& v) {
    out_.shape.push_back(sdk::const_axis(axis, {v.i, v.origin, ""}));
  }
  /// The first of these facts that is a number.
  void size(const char* axis, std::initializer_list<const char*> facts) {
    for (const char* f : facts)
      if (const Value* v = m_.fact(f); v != nullptr && v->is_int()) return put(axis, *v);
  }

  void product() {
    const Value* w = m_.fact("weight");
    const bool plain = w != nullptr && w->items.size() == 2 && w->s != "uint8" && w->s != "int32" &&
                       w->items[0].is_int() && w->items[1].is_int();
    if (plain) {
      put("N", w->items[0]);
      put("K", w->items[1]);
    } else {
      size("N", {"out_features"});
      size("K", {"in_features"});
    }
  }

  void experts() {
    size("E", {"num_experts"});
    size("E_local", {"num_local_experts"});
    size("N", {"intermediate_size"});
    size("K", {"hidden_size"});
    size("top_k", {"top_k"});
  }

  void attention() {
    size("num_qo_heads", {"num_q_heads"});
    size("num_kv_heads", {"num_kv_heads"});
    size("head_dim", {"head_dim"});
    size("v_head_dim", {"v_head_dim"});
    size("head_dim_ckv", {"latent_rank"});
    size("head_dim_kpe", {"rope_dim"});
  }

  /// A fact that no size above tells. Objects and modules say what they are only.
  void other(const std::string& name, const Value& v) {
    if (v.kind == Kind::tensor || v.kind == Kind::none || v.kind == Kind::unknown) return;
    out_.facts.emplace_back(name, v);
  }

  const Module& m_;
  UnmatchedModules& out_;
};

/// Shorter than value_json: of an object its attributes alone, or its class.
Json fact_json(const Value& v) {
  switch (v.kind) {
    case Kind::boolean:
      return v.i != 0;
    case Kind::integer:
      return v.i;
    case Kind::real:
      return v.f;
    case Kind::list: {
      Json list = Json::array();
      for (const Value& item : v.items) list.push_back(fact_json(item));
      return list;
    }
    case Kind::object: {
      if (v.attrs.empty()) return clean(v.s);
      Json j = Json::object();
      for (const auto& [name, held] : v.attrs) j[name] = fact_json(held);
      return j;
    }
    default:
      return clean(v.s);
  }
}

bool is_layer(const UnmatchedModules& u) { return !u.role.empty() && !u.shape.empty(); }

}  // namespace

UnmatchedModules unmatched_module(const ModuleTree& tree, const Module& m, const Module* whole) {
  UnmatchedModules u;
  u.path = sdk::path_pattern(m.path);
  u.class_name = m.class_name;
  u.module = m.module;
  u.defined = m.defined;
  u.role = m.role;
  if (m.role.empty()) return u;
  Facts(m, u).run();
  if (whole != nullptr && whole != &m) {
    UnmatchedModules at_tp1;
    Facts(*whole, at_tp1).run();
    const bool same = std::equal(
        u.shape.begin(), u.shape.end(), at_tp1.shape.begin(), at_tp1.shape.end(),
        [](const Axis& a, const Axis& b) { return a.name == b.name && a.value == b.value; });
    if (!same) u.whole = std::move(at_tp1.shape);
  }
  u.params = m.params;
  if (!u.shape.empty()) {
    Definition sizes;
    sizes.axes = u.shape;
    u.origins = dump_line(origins_to_json(sizes, tree.origins));
  }
  return u;
}

std::string likeness(const UnmatchedModules& u) {
  std::string text = u.path + "|" + u.module + "." + u.class_name;
  for (const auto& why : u.reasons) text += "|" + why;
  for (const auto& axis : u.shape)
    text += "|" + axis.name + "=" + std::to_string(axis.value.value_or(0));
  for (const auto& axis : u.whole)
    text += "|" + axis.name + "=" + std::to_string(axis.value.value_or(0));
  for (const auto& [name, v] : u.facts) text += "|" + name + "=" + fact_json(v).dump();
  for (const auto& p : u.params) {
    text += "|" + p.name + " " + p.dtype;
    for (const Value& d : p.shape) text += "," + std::to_string(d.i);
  }
  return text;
}

Json unmatched_json(const UnmatchedModules& u, const std::string& deployment) {
  Json j = {{"path", clean(u.path)},
            {"class", clean(u.class_name)},
            {"module", clean(u.module)},
            {"count", u.count},
            {"source", u.defined.file.empty()
                           ? Json(nullptr)
                           : Json(u.defined.file + ":" + std::to_string(u.defined.line))},
            {"deployment", deployment},
            {"role", u.role.empty() ? Json(nullptr) : Json(u.role)},
            {"reasons", Json::array()}};
  for (const auto& why : u.reasons) j["reasons"].push_back(clean(why));
  for (const auto& axis : u.shape) j["shape"][axis.name] = axis.value.value_or(0);
  for (const auto& axis : u.whole) j["shape_at_tp1"][axis.name] = axis.value.value_or(0);
  for (const auto& [name, v] : u.facts) j["facts"][clean(name)] = fact_json(v);
  for (const auto& p : u.params) {
    Json shape = Json::array();
    for (const Value& d : p.shape) shape.push_back(d.is_int() ? Json(d.i) : Json(nullptr));
    j["params"][clean(p.name)] = {{"dtype", p.dtype}, {"shape", shape}};
  }
  if (!u.origins.empty()) j["origins"] = Json::parse(u.origins);
  return j;
}

std::string unmatched_summary(const Report& report) {
  std::size_t kinds = 0, models = 0;
  int layers = 0;
  for (const auto& m : report.models) {
    const std::size_t before = kinds;
    for (const auto& u : m.unmatched)
      if (is_layer(u)) ++kinds, layers += u.count;
    models += kinds > before;
  }
  if (kinds == 0) return "";
  return std::to_string(layers) + " layers of " + std::to_string(kinds) + " kinds in " +
         std::to_string(models) +
         " models have no definition; their sizes are in report.json under unmatched";
}

}  // namespace kdex
