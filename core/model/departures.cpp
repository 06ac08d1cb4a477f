// departures.h: twins are made in the machine and compared as plain data.
#include "core/model/departures.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "core/engine/roles.h"
#include "core/python/limit.h"

namespace kdex {
namespace {

using Kind = Value::Kind;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The numbers among the parts of a path: "model.layers.3.mlp" has 3.
std::vector<std::int64_t> places_in(const std::string& path) {
  std::vector<std::int64_t> out;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('.', at), path.size());
    const std::string part = path.substr(at, end - at);
    if (!part.empty() && part.size() < 10 && std::all_of(part.begin(), part.end(), is_digit))
      out.push_back(std::stoll(part));
    at = end + 1;
  }
  return out;
}

/// Attributes that only say where a module of a class stands: in each of them a number of its path.
class PlaceNames {
 public:
  explicit PlaceNames(const ModuleTree& tree) {
    std::map<std::string, std::map<std::string, bool>> is_place;  // class, attribute
    for (const Module& m : tree.modules) {
      if (m.role.empty()) continue;
      const auto places = places_in(m.path);
      auto& names = is_place[class_of(m)];
      each_number(m, [&](const std::string& name, std::int64_t n) {
        bool& is = names.try_emplace(name, true).first->second;
        is = is && std::find(places.begin(), places.end(), n) != places.end();
      });
    }
    for (const auto& [cls, names] : is_place)
      for (const auto& [name, is] : names)
        if (is) names_.insert(cls + " " + name);
  }
  bool has(const Module& m, const std::string& name) const {
    return names_.contains(class_of(m) + " " + name);
  }
  static const std::string& class_of(const Module& m) {
    return m.mro.empty() ? m.class_name : m.mro.front();
  }

 private:
  template <class F>
  static void each_number(const Module& m, const F& f) {
    for (const auto& [name, v] : m.attrs) {
      if (v.is_int()) f(name, v.i);
      for (const auto& [inner, held] : v.attrs)
        if (held.is_int()) f(name + "." + inner, held.i);
    }
  }
  std::set<std::string> names_;
};

/// The module's place in the model, or a part of its path.
bool tells_place(const Module& m, const PlaceNames& places, const std::string& name,
                 const Value& v) {
  if (v.kind == Kind::string)
    return v.s.find('.') != std::string::npos || m.path.find(v.s) != std::string::npos;
  return v.is_int() && places.has(m, name);
}

/// What modules that may share a twin have in common, as text: the class, the parameters and all
/// plain attributes but those that say where a module stands.
class Likeness {
 public:
  Likeness(const Module& m, const PlaceNames& places) : m_(m), places_(places) {
    text_ = PlaceNames::class_of(m);
    for (const Parameter& p : m.params) {
      text_ += "|" + p.name + ":" + p.dtype;
      for (const Value& d : p.shape) text_ += "," + std::to_string(d.i);
    }
    for (const auto& [name, v] : m.attrs) add(name, v, 0);
  }
  std::string take() { return std::move(text_); }

 private:
  void add(const std::string& name, const Value& v, int depth) {
    if (tells_place(m_, places_, name, v)) return;
    std::string shown;
    switch (v.kind) {
      case Kind::none:
        shown = "None";
        break;
      case Kind::boolean:
      case Kind::integer:
        shown = std::to_string(v.i);
        break;
      case Kind::real:
        shown = std::to_string(v.f);
        break;
      default:
        shown = v.s;
        for (const Value& item : v.items) shown += "," + std::to_string(item.i) + item.s;
        if (depth == 0)
          for (const auto& [inner, held] : v.attrs) add(name + "." + inner, held, 1);
    }
    text_ += "|" + name + "=" + shown;
  }

  const Module& m_;
  const PlaceNames& places_;
  std::string text_;
};

bool same(const Value& a, const Value& b) {
  if (a.kind != b.kind || a.i != b.i || a.s != b.s || a.items.size() != b.items.size())
    return false;
  if (a.kind == Kind::real && !(a.f == b.f) && !(a.f != a.f && b.f != b.f)) return false;
  for (std::size_t i = 0; i < a.items.size(); ++i)
    if (!same(a.items[i], b.items[i])) return false;
  return true;
}

/// Adds to a module's departures those of its attributes that a twin has not so.
class Comparison {
 public:
  Comparison(Module& m, const PlaceNames& places) : m_(m), places_(places) {}

  void attribute(const std::string& name, const Value& value, const Value* neutral) {
    static const Value none;
    if (tells_place(m_, places_, name, value)) return;
    const Value& other = neutral == nullptr ? none : *neutral;
    if (!same(value, other)) {
      Departure d;
      d.attribute = name;
      d.value = bare(value);
      d.neutral = bare(other);
      m_.departures.push_back(std::move(d));
      return;
    }
    for (const auto& [inner, held] : value.attrs)
      attribute(name + "." + inner, held, other.attr(inner));
  }

 private:
  static Value bare(Value v) {
    v.attrs = {};
    return v;
  }
  Module& m_;
  const PlaceNames& places_;
};

/// Twins of the modules of a tree, as plain data.
class Twins {
 public:
  Twins(py::Machine& machine, TreeReader& reader, const std::vector<std::string>& kept,
        const ModuleTree& tree)
      : machine_(machine),
        reader_(reader),
        places_(tree),
        kept_(machine.json(nlohmann::json(kept).dump(), "roles.json", Origin::Kind::none)),
        dtype_(machine.text(tree.dtype)),
        call_(machine.name("_kdex_call")) {}

  /// Null where none can be made: the class is no module of torch's, or its constructor wants more
  /// than it says.
  const Module* of(const Module& m, std::size_t index) {
    auto [it, fresh] = made_.try_emplace(Likeness(m, places_).take());
    if (fresh) it->second = make(reader_.object(index));
    return it->second ? &*it->second : nullptr;
  }
  const PlaceNames& places() const { return places_; }

 private:
  std::optional<Module> make(py::View object) {
    if (object.attribute(call_).is(py::View::Kind::absent)) return std::nullopt;
    for (const char* how : {"twin", "twin_of_same_sizes"}) {
      try {
        return reader_.apart(machine_.call("torch._kdex_twin", how, {object, kept_, dtype_}));
      } catch (const py::Raised&) {  // the next way, or none
      }
    }
    return std::nullopt;
  }

  py::Machine& machine_;
  TreeReader& reader_;
  const PlaceNames places_;
  const py::View kept_, dtype_;
  const py::Name call_;
  std::map<std::string, std::optional<Module>> made_;
};

void compare(Module& m, const Module& twin, const PlaceNames& places) {
  Comparison comparison(m, places);
  for (const auto& [name, v] : m.attrs) comparison.attribute(name, v, twin.attr(name));
  for (const Parameter& p : m.params) {
    if (twin.param(p.name) != nullptr) continue;
    Departure d;
    d.attribute = p.name;
    d.value.kind = Kind::tensor;
    d.value.s = p.dtype;
    d.value.items = p.shape;
    m.departures.push_back(std::move(d));
  }
  for (Departure& d : m.departures) d.set = m.created;
}

/// Takes away departures that no fact tells and that no code reads where the model runs; says of
/// the others where they were set, if not by the constructor.
class Reads {
 public:
  Reads(SourceUses& uses, const engine::RoleTable& roles, ModuleTree& tree)
      : uses_(uses), roles_(roles), tree_(tree) {}

  void keep_read(std::size_t index) {
    Module& m = tree_.modules[index];
    std::erase_if(m.departures, [&](Departure& d) {
      if (!d.facts.empty()) return false;
      if (!is_read(index, d.attribute)) return true;
      const std::string name = d.attribute.substr(d.attribute.rfind('.') + 1);
      const auto [it, fresh] = places_.try_emplace(PlaceNames::class_of(m) + " " + name);
      if (fresh) it->second = set_by_others(m, name);
      if (it->second) d.set = *it->second;
      return false;
    });
  }

 private:
  static std::vector<std::string> bare_classes(const Module& m) {
    std::vector<std::string> out;
    for (const auto& q : m.mro) out.push_back(q.substr(q.rfind('.') + 1));
    return out;
  }

  /// The place where another class sets an attribute: one above it in the tree, or any.
  std::optional<SourcePlace> set_by_others(const Module& m, const std::string& name) {
    SourceUses::Files above;
    for (int at = m.parent; at >= 0; at = tree_.modules[static_cast<std::size_t>(at)].parent)
      for (const auto& q : tree_.modules[static_cast<std::size_t>(at)].mro)
        if (const auto dot = q.rfind('.'); dot != std::string::npos)
          if (auto file = uses_.of_module(q.substr(0, dot))) above.push_back(std::move(file));
    const auto classes = bare_classes(m);
    if (auto place = SourceUses::set_by_others(above, classes, name)) return place;
    return SourceUses::set_by_others(reached(), classes, name);
  }

  const SourceUses::Files& reached() {
    if (files_.empty()) files_ = uses_.of_files(tree_.files);
    return files_;
  }

  /// `attribute`: of the module, or with a dot of an object that it holds, which may be handed on
  /// alone. A forward of its own is always called.
  bool is_read(std::size_t index, const std::string& attribute) {
    if (attribute.starts_with("forward")) return true;
    const Module& m = tree_.modules[index];
    const auto [it, fresh] =
        known_.try_emplace(PlaceNames::class_of(m) + " " + m.role + " " + attribute);
    if (!fresh) return it->second;
    SourceUses::Files files = reached();
    const auto run_by = roles_.run_by(tree_, index);
    if (!run_by.registry.empty()) {
      auto names = run_by.names;
      if (names.empty()) names.emplace_back();
      for (const auto& registered : names) {
        auto more = uses_.registered(run_by.registry, registered);
        files.insert(files.end(), more.begin(), more.end());
      }
    }
    const auto dot = attribute.rfind('.');
    return it->second = SourceUses::read_by_forward(
               files, dot == std::string::npos ? bare_classes(m) : std::vector<std::string>{},
               attribute.substr(dot + 1));
  }

  SourceUses& uses_;
  const engine::RoleTable& roles_;
  ModuleTree& tree_;
  SourceUses::Files files_;
  std::map<std::string, bool> known_;                         // by class, role and attribute
  std::map<std::string, std::optional<SourcePlace>> places_;  // by class and attribute
};

}  // namespace

void find_departures(py::Machine& machine, TreeReader& reader, const engine::RoleTable& roles,
                     SourceUses& uses, ModuleTree& tree) {
  Twins twins(machine, reader, roles.kept(), tree);
  for (std::size_t i = 0; i < tree.modules.size(); ++i) {
    Module& m = tree.modules[i];
    if (m.role.empty()) continue;
    if (const Module* twin = twins.of(m, i)) compare(m, *twin, twins.places());
  }
  roles.tell(tree);
  Reads reads(uses, roles, tree);
  for (std::size_t i = 0; i < tree.modules.size(); ++i) reads.keep_read(i);
}

}  // namespace kdex
