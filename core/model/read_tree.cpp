// read_tree.h: a walk over the live module objects that the driver leaves.
#include "core/model/read_tree.h"

#include <map>
#include <unordered_map>
#include <unordered_set>

#include "core/python/impl.h"

namespace kdex {
namespace {

using py::Dict;
using py::Interp;
using py::Kind;
using py::Str;
using py::Type;
using py::V;

constexpr std::size_t kManyAttributes =
    64;  // an object with more (a whole configuration) is given by its class alone

/// What the machine made, as plain data, with the origins that it reaches.
class Reader {
 public:
  Reader(Interp& in, ModuleTree& out) : in_(in), out_(out) {
    out_.origins.assign(1, Origin{});
    for (const char* n :
         {"_parameters", "_buffers", "_modules", "_non_persistent_buffers_set", "_backward_hooks",
          "_backward_pre_hooks", "_forward_hooks", "_forward_pre_hooks",
          "_forward_hooks_with_kwargs", "_forward_hooks_always_called",
          "_forward_pre_hooks_with_kwargs", "_state_dict_hooks", "_state_dict_pre_hooks",
          "_load_state_dict_pre_hooks", "_load_state_dict_post_hooks", "_is_full_backward_hook",
          "training", "call_super_init", "dump_patches"})
      skip_.insert(in_.intern(n));
    s_shape_ = in_.intern("shape");
    s_dtype_ = in_.intern("dtype");
    s_parameters_ = in_.intern("_parameters");
    s_modules_ = in_.intern("_modules");
    s_buffers_ = in_.intern("_buffers");
    s_enum_name_ = in_.intern("_name_");
  }

  void modules(V model) {
    visit(model, "", -1);
    // Modules that lie in a module's own dicts and lists run as the others do, only torch does not
    // know of them.
    for (std::size_t i = 0; i < objects_.size(); ++i) {
      const auto [o, index] = objects_[i];
      for (std::uint32_t k = 0; k < o->attrs->used; ++k) {
        const auto& e = o->attrs->e[k];
        if (!e.key.is(Kind::str) || skip_.count(in_.intern(e.key.as<Str>()))) continue;
        auto child = [&](V v, const std::string& name) {
          if (!v.is_obj() || !v.o->attrs || seen_.count(v.o) || !dict_attr(v, s_modules_)) return;
          const std::string& above = out_.modules[static_cast<std::size_t>(index)].path;
          const std::size_t first = out_.modules.size();
          visit(v, (above.empty() ? "" : above + ".") + text(e.key.as<Str>()) + "." + name, index);
          for (std::size_t m = first; m < out_.modules.size(); ++m) out_.modules[m].held = true;
        };
        if (e.val.is(Kind::dict)) {
          const Dict* d = e.val.as<Dict>();
          for (std::uint32_t n = 0; n < d->used; ++n) {
            const V key = d->e[n].key;
            child(d->e[n].val, key.is(Kind::str) ? text(key.as<Str>())
                               : key.is_int()    ? std::to_string(key.i)
                                                 : std::to_string(n));
          }
        } else if (e.val.is(Kind::list)) {
          for (std::uint32_t n = 0; n < e.val.as<py::List>()->n; ++n)
            child(e.val.as<py::List>()->at[n], std::to_string(n));
        }
      }
    }
  }

  Value value(V v, int depth) {
    if (!v.is_obj() || v.is(Kind::str)) return fresh_value(v, depth);
    // one configuration or list is an attribute of many modules
    const auto key = std::make_pair(static_cast<const void*>(v.o), depth);
    if (const auto it = values_.find(key); it != values_.end()) {
      Value out = it->second;
      out.origin = origin(v.org);
      return out;
    }
    Value out = fresh_value(v, depth);
    if (!out.items.empty() || !out.attrs.empty()) values_.emplace(key, out);
    return out;
  }

  Value fresh_value(V v, int depth) {
    Value out;
    out.origin = origin(v.org);
    switch (v.tag) {
      case py::Tag::undef:
      case py::Tag::none:
        return out;
      case py::Tag::boolean:
        out.kind = Value::Kind::boolean;
        out.i = v.i;
        return out;
      case py::Tag::integer:
        out.kind = Value::Kind::integer;
        out.i = v.i;
        return out;
      case py::Tag::real:
        out.kind = Value::Kind::real;
        out.f = v.f;
        return out;
      case py::Tag::object:
        break;
    }
    const std::string class_name(v.o->cls->name->view());
    if (is_class(v.o->cls, "Enum")) {
      out.kind = Value::Kind::enumeration;
      V member;
      out.s = class_name + "." +
              (in_.try_getattr(v, s_enum_name_, member) && member.is(Kind::str)
                   ? std::string(member.as<Str>()->view())
                   : "?");
      return out;
    }
    switch (v.o->kind) {
      case Kind::str:
        out.kind = Value::Kind::string;
        out.s = v.as<Str>()->view();
        return out;
      case Kind::boxed: {
        Value inner = value(v.as<py::Boxed>()->value, depth);
        if (!inner.origin) inner.origin = out.origin;
        return inner;
      }
      case Kind::bigint:
        out.kind = Value::Kind::string;
        out.s = in_.repr_of(v);
        return out;
      case Kind::unknown:
        out.kind = Value::Kind::unknown;
        out.s = v.as<py::Unknown>()->why->view();
        return out;
      case Kind::list:
        return items(v.as<py::List>()->at, v.as<py::List>()->n, depth, out);
      case Kind::tuple:
        return items(v.as<py::Tuple>()->at, v.as<py::Tuple>()->n, depth, out);
      case Kind::set: {
        out.kind = Value::Kind::list;
        const Dict* d = v.as<py::Set>()->d;
        for (std::uint32_t i = 0; i < d->used && depth < 3 && out.items.size() < 4096; ++i)
          if (!d->e[i].key.is_undef()) out.items.push_back(value(d->e[i].key, depth + 1));
        return out;
      }
      case Kind::function:
        out.kind = Value::Kind::function;
        out.s = text(v.as<py::Function>()->qualname);
        return out;
      case Kind::method:
        return value(v.as<py::Method>()->func, depth);
      case Kind::builtin:
        out.kind = Value::Kind::function;
        out.s = v.as<py::Builtin>()->name;
        return out;
      case Kind::type:
        out.kind = Value::Kind::type;
        out.s = qualified(v.as<Type>());
        return out;
      case Kind::dict: {
        out.kind = Value::Kind::object;
        out.s = "dict";
        attributes(v.as<Dict>(), depth, out);
        return out;
      }
      default:
        break;
    }
    if (class_name == "dtype") {
      out.kind = Value::Kind::dtype;
      out.s = dtype(v);
      return out;
    }
    if (is_class(v.o->cls, "Tensor")) {
      out.kind = Value::Kind::tensor;
      V shape, dt;
      if (in_.try_getattr(v, s_dtype_, dt)) out.s = dtype(dt);
      if (in_.try_getattr(v, s_shape_, shape) && shape.is(Kind::tuple))
        for (std::uint32_t i = 0; i < shape.as<py::Tuple>()->n; ++i)
          out.items.push_back(value(shape.as<py::Tuple>()->at[i], 3));
      return out;
    }
    out.kind = Value::Kind::object;
    out.s = class_name;
    slots(v, depth, out);
    if (v.o->attrs) attributes(v.o->attrs, depth, out);
    return out;
  }

  void place(SourcePlace& p, const py::ModCtx* ctx, std::uint32_t line) {
    if (!ctx) return;
    p.file = ctx->ast->file;
    p.line = static_cast<int>(line);
  }

  static bool is_class(Type* cls, std::string_view name) {
    for (std::uint32_t i = 0; i < cls->nmro; ++i)
      if (cls->mro[i]->name->view() == name) return true;
    return false;
  }

  std::string qualified(Type* t) {
    return module_of(t) + "." + text(t->qualname ? t->qualname : t->name);
  }

  std::string dtype(V v) {
    std::string s = in_.str_of(v);
    return s.starts_with("torch.") ? s.substr(6) : s;
  }

 private:
  static std::string text(Str* s) { return s ? std::string(s->view()) : std::string(); }

  std::string module_of(Type* t) {
    if (t->ns)
      if (V* p = in_.find(t->ns, in_.impl->s_module); p && p->is(Kind::str))
        return std::string(p->as<Str>()->view());
    return t->defined_in ? text(t->defined_in->name) : "builtins";
  }

  Value& items(const V* at, std::uint32_t n, int depth, Value& out) {
    out.kind = Value::Kind::list;
    for (std::uint32_t i = 0; i < n && depth < 3 && i < 4096; ++i)
      out.items.push_back(value(at[i], depth + 1));
    return out;
  }

  void attributes(Dict* d, int depth, Value& out) {
    if (depth >= 1 || d->live > kManyAttributes) return;
    for (std::uint32_t i = 0; i < d->used; ++i) {
      const auto& e = d->e[i];
      if (e.key.is(Kind::str) && !skip_.count(e.key.as<Str>()))
        out.attrs.emplace_back(text(e.key.as<Str>()), value(e.val, depth + 1));
    }
  }

  /// What an instance keeps in __slots__, the base classes' first.
  void slots(V v, int depth, Value& out) {
    const Type* cls = v.o->cls;
    if (depth >= 1 || v.o->kind != Kind::instance || !cls->nslots || cls->nslots > kManyAttributes)
      return;
    for (std::uint32_t i = cls->nmro; i-- > 0;) {
      const Dict* ns = cls->mro[i]->user ? cls->mro[i]->ns : nullptr;
      for (std::uint32_t k = 0; ns && k < ns->used; ++k) {
        if (!ns->e[k].val.is(Kind::member)) continue;
        const auto* m = ns->e[k].val.as<py::Member>();
        const V held = v.as<py::Slotted>()->slot[m->at];
        if (m->owner == cls->mro[i] && !held.is_undef())
          out.attrs.emplace_back(text(m->name), value(held, depth + 1));
      }
    }
  }

  OriginId origin(std::uint32_t id) {
    if (!id) return 0;
    if (auto it = origins_.find(id); it != origins_.end()) return it->second;
    // inputs first, without recursion: a chain may be long
    std::vector<std::uint32_t> stack{id};
    const auto& table = in_.impl->origins;
    while (!stack.empty()) {
      const std::uint32_t at = stack.back();
      if (origins_.count(at)) {
        stack.pop_back();
        continue;
      }
      const py::OriginEntry& e = table[at];
      bool ready = true;
      for (std::uint32_t input : e.in)
        if (input && !origins_.count(input)) {
          stack.push_back(input);
          ready = false;
        }
      if (!ready) continue;
      stack.pop_back();
      Origin o;
      o.kind = static_cast<Origin::Kind>(e.kind);
      o.text = e.text ? text(e.text) : e.op;
      o.file = e.file ? text(e.file) : e.ctx ? e.ctx->ast->file : "";
      o.line = static_cast<int>(e.line);
      o.has_value = e.has_value;
      o.value = e.value;
      if (o.kind == Origin::Kind::literal && o.text.empty()) o.text = std::to_string(e.value);
      for (std::uint32_t input : e.in)
        if (input) o.inputs.push_back(origins_[input]);
      out_.origins.push_back(std::move(o));
      origins_[at] = static_cast<OriginId>(out_.origins.size() - 1);
    }
    return origins_[id];
  }

  struct ClassFacts {
    std::string name, module;
    std::vector<std::string> mro;
    SourcePlace defined;
    std::vector<std::pair<Str*, V>>
        data;  // class attributes that are data, the nearest class first
  };
  const ClassFacts& facts(Type* cls) {
    auto [it, fresh] = classes_.try_emplace(cls);
    ClassFacts& f = it->second;
    if (!fresh) return f;
    f.name = text(cls->name);
    f.module = module_of(cls);
    if (cls->defined_in && cls->defined_in->lazy) {
      f.defined.file = cls->defined_in->lazy->shown;
      f.defined.line = static_cast<int>(cls->line);
    }
    std::unordered_set<Str*> seen;
    for (std::uint32_t i = 0; i < cls->nmro; ++i) {
      Type* t = cls->mro[i];
      f.mro.push_back(qualified(t));
      if (!t->user || !t->ns) continue;
      for (std::uint32_t k = 0; k < t->ns->used; ++k) {
        const auto& e = t->ns->e[k];
        if (!e.key.is(Kind::str)) continue;
        Str* n = in_.intern(e.key.as<Str>());
        if (n->view().starts_with("__") || skip_.count(n) || !seen.insert(n).second) continue;
        const bool data = !e.val.is_obj() || e.val.is(Kind::str) || e.val.is(Kind::list) ||
                          e.val.is(Kind::tuple) || is_class(e.val.o->cls, "Enum") ||
                          e.val.o->cls->name->view() == "dtype";
        if (data) f.data.emplace_back(n, e.val);
      }
    }
    return f;
  }

  Dict* dict_attr(V o, Str* name) {
    if (!o.o->attrs) return nullptr;
    V* p = in_.find(o.o->attrs, name);
    return p && p->is_obj() && p->o->kind == Kind::dict ? p->as<Dict>() : nullptr;
  }

  void visit(V o, const std::string& path, int parent) {
    if (!o.is_obj() || !seen_.insert(o.o).second) return;
    if (path.size() > 20'000)
      throw py::LimitError("modules lie within each other too deeply", true);
    const ClassFacts& f = facts(o.o->cls);
    const int index = static_cast<int>(out_.modules.size());
    out_.modules.emplace_back();
    if (o.o->attrs) objects_.emplace_back(o.o, index);
    Module m;
    m.path = path;
    m.class_name = f.name;
    m.module = f.module;
    m.mro = f.mro;
    m.parent = parent;
    m.defined = f.defined;
    if (o.o->flags2 && o.o->flags2 <= in_.impl->ctxs.size())
      place(m.created, in_.impl->ctxs[o.o->flags2 - 1].get(), o.o->aux);
    if (Dict* d = dict_attr(o, s_parameters_))
      for (std::uint32_t i = 0; i < d->used; ++i) {
        if (!d->e[i].key.is(Kind::str) || !d->e[i].val.is_obj()) continue;
        Value t = value(d->e[i].val, 0);
        m.params.push_back({text(d->e[i].key.as<Str>()), std::move(t.items), std::move(t.s)});
      }
    std::unordered_set<Str*> names;
    auto add = [&](Str* n, V v) {
      if (names.insert(n).second) m.attrs.emplace_back(text(n), value(v, 0));
    };
    if (Dict* d = dict_attr(o, s_buffers_))
      for (std::uint32_t i = 0; i < d->used; ++i)
        if (d->e[i].key.is(Kind::str)) add(in_.intern(d->e[i].key.as<Str>()), d->e[i].val);
    if (Dict* d = o.o->attrs)
      for (std::uint32_t i = 0; i < d->used; ++i)
        if (d->e[i].key.is(Kind::str) && !skip_.count(in_.intern(d->e[i].key.as<Str>())))
          add(in_.intern(d->e[i].key.as<Str>()), d->e[i].val);
    if (Dict* d = dict_attr(o, s_modules_))  // children by their class
      for (std::uint32_t i = 0; i < d->used; ++i)
        if (d->e[i].key.is(Kind::str) && d->e[i].val.is_obj() &&
            names.insert(in_.intern(d->e[i].key.as<Str>())).second) {
          Value child;
          child.kind = Value::Kind::object;
          child.s = text(d->e[i].val.o->cls->name);
          m.attrs.emplace_back(text(d->e[i].key.as<Str>()), std::move(child));
        }
    for (const auto& [n, v] : f.data) add(n, v);
    out_.modules[static_cast<std::size_t>(index)] = std::move(m);
    if (Dict* d = dict_attr(o, s_modules_))
      for (std::uint32_t i = 0; i < d->used; ++i)
        if (d->e[i].key.is(Kind::str) && d->e[i].val.is_obj() && d->e[i].val.o->attrs)
          visit(d->e[i].val, (path.empty() ? "" : path + ".") + text(d->e[i].key.as<Str>()), index);
  }

  Interp& in_;
  ModuleTree& out_;
  std::unordered_set<Str*> skip_;
  std::unordered_set<py::Obj*> seen_;
  std::vector<std::pair<py::Obj*, int>> objects_;  // the modules, with their places in the tree
  std::unordered_map<Type*, ClassFacts> classes_;
  std::unordered_map<std::uint32_t, OriginId> origins_;
  std::map<std::pair<const void*, int>, Value> values_;  // of the objects met, at each depth
  Str *s_shape_, *s_dtype_, *s_parameters_, *s_modules_, *s_buffers_, *s_enum_name_;
};

std::string dict_text(Interp& in, Dict* d, const char* name) {
  V* p = in.find(d, in.intern(name));
  return p && p->is(Kind::str) ? std::string(p->as<Str>()->view()) : "";
}

}  // namespace

std::vector<std::string> where(Interp& in, V exc) {
  std::vector<std::string> out;
  if (!exc.is(Kind::exception)) return out;
  const auto* e = exc.as<py::Exc>();
  for (std::uint32_t i = 0; i < e->ntrace; ++i) {
    const auto& t = e->trace[i];
    std::string line = t.code->ast ? t.code->ast->file : "?";
    line += ":" + std::to_string(t.line) + " " +
            (t.code->qualname ? std::string(t.code->qualname->view()) : "?");
    if (in.impl->finder && t.code->ast) {
      const std::string source =
          in.impl->finder->read_line(t.code->ast->file, static_cast<int>(t.line));
      if (!source.empty()) line += ": " + source;
    }
    out.push_back(std::move(line));
  }
  return out;
}

void read_result(Interp& in, V result, ModuleTree& tree) {
  Dict* d = result.as<Dict>();
  tree.ok = dict_text(in, d, "status") == "ok";
  tree.architecture = dict_text(in, d, "architecture");
  tree.model_class = dict_text(in, d, "model_class");
  tree.hf_config_class = dict_text(in, d, "hf_config_class");
  tree.quant_config_class = dict_text(in, d, "quant_config_class");
  Reader reader(in, tree);
  if (V* p = in.find(d, in.intern("dtype")))
    tree.dtype = p->is(Kind::str) ? std::string(p->as<Str>()->view())
                 : p->is_none()   ? ""
                                  : reader.dtype(*p);
  if (tree.dtype.starts_with("torch.")) tree.dtype = tree.dtype.substr(6);
  if (V* p = in.find(d, in.intern("resolved")); p && p->is(Kind::dict))
    for (std::uint32_t i = 0; i < p->as<Dict>()->used; ++i) {
      const auto& e = p->as<Dict>()->e[i];
      if (e.key.is(Kind::str))
        tree.resolved.emplace(std::string(e.key.as<Str>()->view()), reader.value(e.val, 1));
    }
  if (!tree.ok) {
    tree.stage = dict_text(in, d, "stage");
    tree.error_type = dict_text(in, d, "error_type");
    tree.error = dict_text(in, d, "error");
    if (V* p = in.find(d, in.intern("exception")); p && p->is(Kind::exception))
      tree.where = where(in, *p);
    return;
  }
  V* model = in.find(d, in.intern("model"));
  if (!model || !model->is_obj()) {
    tree.ok = false;
    tree.stage = "internal";
    tree.error_type = "InternalError";
    tree.error = "the engine's driver gave no model";
    return;
  }
  reader.modules(*model);
}

}  // namespace kdex
