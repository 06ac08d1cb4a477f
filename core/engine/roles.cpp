// Evaluates an engine's role table on a module tree. What a class matches is decided once a class,
// what a module has once a module; the cost is that of the look-ups.
#include "core/engine/roles.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "core/base/files.h"
#include "core/engine/role_rules.h"

namespace kdex::engine {
namespace {

using Type = Fact::Type;

std::string_view last_part(std::string_view text) {
  const auto dot = text.rfind('.');
  return dot == std::string_view::npos ? text : text.substr(dot + 1);
}

/// The text of a value that has one: of a string, a name or an object; empty for others.
std::string_view text_of(const Value& v) {
  switch (v.kind) {
    case Value::Kind::string:
    case Value::Kind::enumeration:
    case Value::Kind::dtype:
    case Value::Kind::object:
    case Value::Kind::function:
    case Value::Kind::type:
      return v.s;
    default:
      return {};
  }
}

/// What a path leads to: an attribute's value or a parameter.
struct Reached {
  const Value* value = nullptr;
  const Parameter* parameter = nullptr;
  explicit operator bool() const { return value != nullptr || parameter != nullptr; }
};

/// The entries of the table that a class may have, and the rule of each that is nearest in its MRO.
struct Candidate {
  const RoleTable::Entry* entry;
  const ClassRule* rule;
};
struct ClassInfo {
  const std::vector<std::string>* mro = nullptr;
  std::vector<Candidate> candidates;
};

class Pass {
 public:
  Pass(const std::vector<RoleTable::Entry>& entries, ModuleTree& tree)
      : entries_(entries),
        tree_(tree),
        first_child_(tree.modules.size(), -1),
        next_(tree.modules.size(), -1) {
    for (std::size_t i = tree.modules.size(); i-- > 0;) {
      const int parent = tree.modules[i].parent;
      if (parent < 0 || static_cast<std::size_t>(parent) >= tree.modules.size()) continue;
      next_[i] = first_child_[static_cast<std::size_t>(parent)];
      first_child_[static_cast<std::size_t>(parent)] = static_cast<int>(i);
    }
  }

  void run() {
    for (std::size_t i = 0; i < tree_.modules.size(); ++i) {
      Module& m = tree_.modules[i];
      m.role.clear();
      m.facts.clear();
      for (const Candidate& c : info(m).candidates) {
        if (!c.entry->role.empty() && !m.role.empty()) continue;
        begin(i, *c.entry);
        if (!all(c.entry->when)) continue;
        if (!c.entry->role.empty()) m.role = c.entry->role;
        add(c.rule->facts);
        add(c.entry->facts);
      }
    }
  }

  RoleTable::RunBy run_by(std::size_t module) {
    RoleTable::RunBy out;
    for (const Candidate& c : info(tree_.modules[module]).candidates) {
      if (c.entry->run_by.registry.empty() || tree_.modules[module].role != c.entry->role) continue;
      begin(module, *c.entry);
      out.registry = c.entry->run_by.registry;
      for (const Path& p : c.entry->run_by_names)
        if (const Reached r = reach(p); r.value != nullptr)
          if (const auto name = text_of(*r.value); !name.empty()) out.names.emplace_back(name);
      break;
    }
    return out;
  }

  void tell() {
    for (std::size_t i = 0; i < tree_.modules.size(); ++i) {
      Module& m = tree_.modules[i];
      if (m.departures.empty()) continue;
      for (const Candidate& c : info(m).candidates) {
        if (!c.entry->role.empty() && m.role != c.entry->role) continue;
        begin(i, *c.entry);
        if (!all(c.entry->when)) continue;
        std::erase_if(m.departures, [&](const Departure& d) {
          return std::any_of(c.entry->beside.begin(), c.entry->beside.end(),
                             [&](const auto& pattern) { return fits(pattern, d.attribute); });
        });
        for (Departure& d : m.departures) tell(d);
      }
    }
  }

 private:
  static constexpr int kNotFound = -1;
  /// A place of the current entry: a module, or an object that the current module has.
  struct At {
    bool looked = false;
    int module = kNotFound;
    const Value* object = nullptr;
  };

  ClassInfo& info(const Module& m) {
    static const std::string none;
    ClassInfo& found = classes_[m.mro.empty() ? none : m.mro.front()];
    if (found.mro != nullptr && *found.mro == m.mro) return found;
    found.mro = &m.mro;  // of this name, with other bases: only in trees that no engine built
    found.candidates.clear();
    for (const auto& e : entries_)
      if (const ClassRule* rule = nearest(e, m)) found.candidates.push_back({&e, rule});
    return found;
  }

  static const ClassRule* nearest(const RoleTable::Entry& e, const Module& m) {
    for (const auto& rule : e.classes)
      if (rule.pattern == "*") return &rule;
    for (const auto& q : m.mro)
      for (const auto& rule : e.classes)
        if (is_class(rule.pattern, q)) return &rule;
    return nullptr;
  }

  bool has_class(int module, const std::string& pattern) {
    const Module& m = tree_.modules[static_cast<std::size_t>(module)];
    const std::string_view name = m.mro.empty() ? std::string_view() : m.mro.front();
    auto& known = lookups_[&pattern];
    const auto it = known.find(name);
    if (it != known.end()) return it->second;
    bool is = false;
    for (const auto& q : m.mro) is = is || is_class(pattern, q);
    known.emplace(name, is);
    return is;
  }

  void begin(std::size_t index, const RoleTable::Entry& entry) {
    index_ = index;
    entry_ = &entry;
    places_.assign(entry.places.size(), At{});
  }

  Module& self() { return tree_.modules[index_]; }

  int child_of(int parent, const Place::Find& f) {
    if (parent < 0) return kNotFound;
    int found = kNotFound;
    for (int i = first_child_[static_cast<std::size_t>(parent)]; i >= 0;
         i = next_[static_cast<std::size_t>(i)])
      if (f.where == Place::Find::Where::child_named
              ? last_part(tree_.modules[static_cast<std::size_t>(i)].path) == f.what
              : has_class(i, f.what))
        found = i;  // the last one
    return found;
  }

  const At& at(std::size_t place) {
    At& out = places_[place];
    if (out.looked) return out;
    out.looked = true;
    using Where = Place::Find::Where;
    for (const auto& f : entry_->places[place].finds) {
      switch (f.where) {
        case Where::self:
          if (f.with.empty() || self().attr(f.with) != nullptr)
            out.module = static_cast<int>(index_);
          break;
        case Where::parent:
          out.module = self().parent;
          break;
        case Where::sibling:
          out.module = child_of(self().parent, f);
          break;
        case Where::child:
        case Where::child_named:
          out.module = child_of(static_cast<int>(index_), f);
          break;
        case Where::attribute:
          out.object = self().attr(f.what);
          break;
      }
      if (out.module != kNotFound || out.object != nullptr) break;
    }
    return out;
  }

  const Module* module_at(const Path& p) {
    int module = static_cast<int>(index_);
    if (p.base == Path::parent) module = self().parent;
    if (p.base == Path::place) module = at(p.at).module;
    return module < 0 ? nullptr : &tree_.modules[static_cast<std::size_t>(module)];
  }

  Reached reach(const Path& p) {
    const Value* v = nullptr;
    std::size_t next = 0;
    if (p.base == Path::resolved) {
      const auto it = tree_.resolved.find(p.names[0]);
      v = it == tree_.resolved.end() ? nullptr : &it->second;
      next = 1;
    } else if (p.base == Path::fact) {
      v = self().fact(p.names[0]);
      next = 1;
    } else if (p.base == Path::place && at(p.at).object != nullptr) {
      v = at(p.at).object;
    } else {
      const Module* m = module_at(p);
      if (m == nullptr) return {};
      if (p.parameter) return {nullptr, m->param(p.names[0])};
      if (p.base == Path::place && !entry_->places[p.at].inside.empty())
        if (const Value* inner = m->attr(entry_->places[p.at].inside)) v = inner->attr(p.names[0]);
      if (v == nullptr) v = m->attr(p.names[0]);
      next = 1;
    }
    for (; v != nullptr && next < p.names.size(); ++next) v = v->attr(p.names[next]);
    return {v, nullptr};
  }

  bool holds(const Condition& c) {
    if (c.is == Condition::Is::found)
      return module_at(c.path) != nullptr ||
             (c.path.base == Path::place && at(c.path.at).object != nullptr);
    const Reached r = reach(c.path);
    const bool set =
        r.parameter != nullptr || (r.value != nullptr && r.value->kind != Value::Kind::none &&
                                   r.value->kind != Value::Kind::unknown);
    const auto matches = [&] {
      const std::string_view text = r.value == nullptr ? "" : last_part(text_of(*r.value));
      for (const auto& t : c.texts)
        if (fits(t, text)) return true;
      return false;
    };
    using Is = Condition::Is;
    switch (c.is) {
      case Is::exists:
        return static_cast<bool>(r);
      case Is::absent:
        return !r;
      case Is::set:
        return set;
      case Is::unset:
        return !set;
      case Is::yes:
        return r.value != nullptr && r.value->is_true();
      case Is::no:
        return r.value == nullptr || !r.value->is_true();
      case Is::size:
        return r.value != nullptr && r.value->is_int() && r.value->i > 0;
      case Is::matches:
        return matches();
      case Is::lacks:
        return !matches();
      case Is::found:
        break;
    }
    return false;
  }

  bool all(const std::vector<Condition>& conditions) {
    for (const auto& c : conditions)
      if (!holds(c)) return false;
    return true;
  }

  void add(const std::vector<Fact>& facts) {
    for (const Fact& f : facts) {
      if (self().fact(f.name) != nullptr) continue;
      if (auto v = value_of(f)) self().facts.emplace_back(f.name, std::move(*v));
    }
  }

  /// Adds the facts of the current entry that tell the departure.
  void tell(Departure& d) {
    const auto add = [&](const std::string& fact) {
      if (std::find(d.facts.begin(), d.facts.end(), fact) == d.facts.end()) d.facts.push_back(fact);
    };
    for (const Fact& f : entry_->facts)
      if (is_read_from(f, d.attribute)) add(f.name);
    if (const ClassRule* rule = nearest(*entry_, self()))
      for (const Fact& f : rule->facts)
        if (is_read_from(f, d.attribute)) add(f.name);
    for (const auto& [fact, attributes] : entry_->tells)
      for (const auto& pattern : attributes)
        if (fits(pattern, d.attribute)) add(fact);
  }

  /// Whether a fact says what the attribute is: a condition looks at it, or the value is read from
  /// it and is of the fact's kind.
  bool is_read_from(const Fact& f, const std::string& attribute) {
    const bool present = self().fact(f.name) != nullptr;
    for (const Source& s : f.sources) {
      for (const Condition& c : s.conditions)
        if (leads_to(c.path, attribute)) return true;
      if (!present) continue;
      if (s.from == Source::From::path && leads_to(s.path, attribute)) return true;
      for (const Path& p : s.collected)
        if (leads_to(p, attribute)) return true;
      if (s.from == Source::From::names && module_at(s.path) == &self())
        for (const auto& pattern : s.patterns)
          if (fits(pattern, attribute)) return true;
    }
    return false;
  }

  /// Whether a path leads to this attribute or parameter of the module itself.
  bool leads_to(const Path& p, const std::string& attribute) {
    std::string text;
    for (const auto& name : p.names) text += (text.empty() ? "" : ".") + name;
    if (p.base == Path::self) return text == attribute;
    if (p.base != Path::place) return false;
    const std::string& inside = entry_->places[p.at].inside;
    if (at(p.at).module == static_cast<int>(index_))
      return text == attribute || (!inside.empty() && inside + "." + text == attribute);
    if (at(p.at).object == nullptr) return false;
    for (const auto& find : entry_->places[p.at].finds)
      if (find.where == Place::Find::Where::attribute && self().attr(find.what) == at(p.at).object)
        return find.what + "." + text == attribute;
    return false;
  }

  std::optional<Value> value_of(const Fact& f) {
    for (const Source& s : f.sources) {
      if (!all(s.conditions)) continue;
      std::optional<Value> v;
      switch (s.from) {
        case Source::From::constant:
          v = s.constant;
          break;
        case Source::From::names:
          v = names(s);
          break;
        case Source::From::numbers:
          v = numbers(s);
          break;
        case Source::From::path:
          v = f.type == Type::module ? module(s.path) : read(s, f.type);
          break;
      }
      if (!v) continue;
      if (v->is_int()) v->i += s.plus;
      if (v->kind == Value::Kind::string)
        for (const auto& [pattern, becomes] : f.map)
          if (fits(pattern, v->s)) {
            v->s = becomes;
            break;
          }
      return v;
    }
    return std::nullopt;
  }

  std::optional<Value> read(const Source& s, Type type) {
    const Reached r = reach(s.path);
    if (r.parameter != nullptr) return tensor(r.parameter->shape, r.parameter->dtype, 0, s, type);
    if (r.value == nullptr) return std::nullopt;
    const Value& v = *r.value;
    if (v.kind == Value::Kind::tensor && (s.dim >= 0 || type == Type::tensor))
      return tensor(v.items, v.s, v.origin, s, type);
    return converted(v, type);
  }

  static std::optional<Value> tensor(const Rows<Value>& shape, const std::string& dtype,
                                     OriginId origin, const Source& s, Type type) {
    if (s.rank >= 0 && shape.size() != static_cast<std::size_t>(s.rank)) return std::nullopt;
    if (!s.not_dtype.empty() && s.not_dtype == dtype) return std::nullopt;
    if (s.dim >= 0) {
      if (shape.size() <= static_cast<std::size_t>(s.dim)) return std::nullopt;
      return converted(shape[static_cast<std::size_t>(s.dim)], type);
    }
    if (type != Type::tensor && type != Type::any) return std::nullopt;
    Value v;
    v.kind = Value::Kind::tensor;
    v.origin = origin;
    v.s = dtype;
    v.items = shape;
    return v;
  }

  /// `v` as a value of the type, where it is one.
  static std::optional<Value> converted(const Value& v, Type type) {
    const auto only = [&](bool is) { return is ? std::optional<Value>(v) : std::nullopt; };
    switch (type) {
      case Type::size:
        return only(v.is_int() && v.i > 0);
      case Type::integer:
        return only(v.is_int());
      case Type::number:
        return only(v.is_int() || v.kind == Value::Kind::real);
      case Type::truth:
        return only(v.is_int() || v.kind == Value::Kind::boolean);
      case Type::any:
        return only(v.kind != Value::Kind::none && v.kind != Value::Kind::unknown);
      case Type::text:
      case Type::name: {
        const std::string_view text = type == Type::name ? last_part(text_of(v)) : text_of(v);
        if (text.empty()) return std::nullopt;
        Value out;
        out.kind = Value::Kind::string;
        out.origin = v.origin;
        out.s = text;
        return out;
      }
      default:
        return std::nullopt;
    }
  }

  std::optional<Value> module(const Path& p) {
    const Module* m = module_at(p);
    if (m == nullptr) return std::nullopt;
    Value v;
    v.kind = Value::Kind::object;
    v.s = m->class_name;
    v.i = m - tree_.modules.data();
    return v;
  }

  std::optional<Value> names(const Source& s) {
    const Module* m = module_at(s.path);
    if (m == nullptr) return std::nullopt;
    Value v;
    v.kind = Value::Kind::list;
    for (const auto& p : m->params)
      for (const auto& pattern : s.patterns)
        if (fits(pattern, p.name)) {
          Value name;
          name.kind = Value::Kind::string;
          name.s = p.name;
          v.items.push_back(std::move(name));
          break;
        }
    if (v.items.empty()) return std::nullopt;
    return v;
  }

  std::optional<Value> numbers(const Source& s) {
    Value v;
    v.kind = Value::Kind::object;
    for (const Path& p : s.collected)
      if (const Reached r = reach(p); r.value != nullptr)
        if (auto n = converted(*r.value, Type::number))
          v.attrs.emplace_back(p.names.back(), std::move(*n));
    if (v.attrs.empty()) return std::nullopt;
    return v;
  }

  const std::vector<RoleTable::Entry>& entries_;
  ModuleTree& tree_;
  std::vector<int> first_child_, next_;
  std::unordered_map<std::string_view, ClassInfo> classes_;
  std::unordered_map<const std::string*, std::unordered_map<std::string_view, bool>> lookups_;
  std::size_t index_ = 0;
  const RoleTable::Entry* entry_ = nullptr;
  std::vector<At> places_;
};

}  // namespace

RoleTable::RoleTable() : rules_(std::make_unique<Rules>()) {}
RoleTable::RoleTable(RoleTable&&) noexcept = default;
RoleTable& RoleTable::operator=(RoleTable&&) noexcept = default;
RoleTable::~RoleTable() = default;

RoleTable RoleTable::parse(const std::string& text, const std::string& file) {
  RoleTable table;
  *table.rules_ = read_role_rules(text, file);
  return table;
}

RoleTable RoleTable::load(const std::string& file) {
  return parse(read_file(file, 1u << 20), file);
}

void RoleTable::apply(ModuleTree& tree) const { Pass(rules_->entries, tree).run(); }

void RoleTable::tell(ModuleTree& tree) const { Pass(rules_->entries, tree).tell(); }

RoleTable::RunBy RoleTable::run_by(ModuleTree& tree, std::size_t module) const {
  return Pass(rules_->entries, tree).run_by(module);
}

const std::vector<std::string>& RoleTable::kept() const { return rules_->kept; }

}  // namespace kdex::engine
