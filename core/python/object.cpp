// Classes and attributes: object, type, functions, descriptors, super; attribute lookup and class
// making.
#include <algorithm>
#include <unordered_set>

#include "core/python/impl.h"
#include "core/python/ops.h"

namespace kdex::py {

using Impl = Interp::Impl;

// ---------------------------------------------------------------- lookup

V Interp::lookup(Type* cls, Str* name) {
  if (!name->interned) name = intern(name);
  Impl& im = *impl;
  auto& line = im.cache[Impl::cache_line(cls, name)];
  const std::uint32_t version = cls->version + im.type_version;
  if (line.t == cls && line.n == name && line.version == version) return line.v;
  V out;
  for (std::uint32_t i = 0; i < cls->nmro; ++i)
    if (V* p = find(cls->mro[i]->ns, name)) {
      out = *p;
      break;
    }
  line = {cls, name, version, out};
  return out;
}

namespace {
/// "property 'x' of 'C' object", the name as the class that holds it has it.
std::string property_text(Interp& in, V d, V obj) {
  Type* t = in.type_of(obj);
  for (std::uint32_t i = 0; i < t->nmro; ++i)
    for (std::uint32_t k = 0; k < t->mro[i]->ns->used; ++k)
      if (t->mro[i]->ns->e[k].key.is(Kind::str) && t->mro[i]->ns->e[k].val.same(d))
        return "property '" + std::string(t->mro[i]->ns->e[k].key.as<Str>()->view()) + "' of '" +
               in.type_name(obj) + "' object";
  return "property of '" + in.type_name(obj) + "' object";
}
}  // namespace

V* Impl::slot_of(Member* m, V obj) {
  if (!obj.is(Kind::instance) || !Interp::is_subtype(obj.o->cls, m->owner) ||
      m->at >= obj.as<Slotted>()->n)
    in->raise(in->t.TypeError, "descriptor '" + std::string(m->name->view()) + "' for '" +
                                   std::string(m->owner->name->view()) +
                                   "' objects doesn't apply to a '" + in->type_name(obj) +
                                   "' object");
  return &obj.as<Slotted>()->slot[m->at];
}

V Impl::descr_get(V d, V obj, Type* cls) {
  if (!d.is_obj()) return d;
  switch (d.o->kind) {
    case Kind::function:
    case Kind::builtin:
      if (d.o->kind == Kind::builtin && !d.as<Builtin>()->binds) return d;
      if (obj.is_undef()) return d;
      {
        Method* m = in->make<Method>(
            Kind::method, d.o->kind == Kind::builtin ? in->t.bound_builtin : in->t.method);
        m->func = d;
        m->self = obj;
        return V(m);
      }
    case Kind::classmethod: {
      const V f = d.as<Wrap>()->func;
      if (f.is(Kind::property)) return in->call(f.as<Property>()->get, {V(cls)});
      if (f.is(Kind::function) || f.is(Kind::builtin)) {
        Method* m = in->make<Method>(Kind::method, in->t.method);
        m->func = f;
        m->self = V(cls);
        return V(m);
      }
      if (f.is(Kind::type)) {
        Method* m = in->make<Method>(Kind::method, in->t.method);
        m->func = f;
        m->self = V(cls);
        return V(m);
      }
      return descr_get(f, V(cls), in->type_of(V(cls)));
    }
    case Kind::staticmethod:
      return d.as<Wrap>()->func;
    case Kind::property:
      if (d.o->cls->user) {
        const V g = in->lookup(d.o->cls, s_get);
        if (g.is(Kind::function)) return in->call(g, {d, obj.is_undef() ? V::none() : obj, V(cls)});
      }
      if (obj.is_undef()) return d;
      if (d.as<Property>()->get.is_none() || d.as<Property>()->get.is_undef())
        in->raise(in->t.AttributeError, property_text(*in, d, obj) + " has no getter");
      return in->call(d.as<Property>()->get, {obj});
    case Kind::member: {
      if (obj.is_undef()) return d;
      V* at = slot_of(d.as<Member>(), obj);
      if (at->is_undef())
        in->raise(in->t.AttributeError, "'" + in->type_name(obj) + "' object has no attribute '" +
                                            std::string(d.as<Member>()->name->view()) + "'");
      return *at;
    }
    case Kind::instance:
    case Kind::boxed:
    case Kind::dict: {
      if (!d.o->cls->user) return d;
      const V g = in->lookup(d.o->cls, s_get);
      if (g.is_undef()) return d;
      return in->call(g, {d, obj.is_undef() ? V::none() : obj, V(cls)});
    }
    default:
      return d;
  }
}

bool Impl::is_data_descr(V d) {
  if (!d.is_obj()) return false;
  if (d.o->kind == Kind::property || d.o->kind == Kind::member) return true;
  if (d.o->kind == Kind::instance && d.o->cls->user)
    return !in->lookup(d.o->cls, s_set).is_undef() || !in->lookup(d.o->cls, s_delete).is_undef();
  return false;
}

V Interp::special(V o, Str* dunder) {
  Type* c = type_of(o);
  const V f = lookup(c, dunder);
  if (f.is_undef() || f.is_none()) return f.is_none() ? f : V();
  return impl->descr_get(f, o, c);
}

void Impl::changed(Type* t) {
  if (!t->user) {  // native classes do not know what stands below them
    ++type_version;
    return;
  }
  ++t->version;
  if (!t->subclasses || !t->subclasses->n) return;
  std::vector<Type*> todo{t};
  std::unordered_set<Type*> seen{t};
  while (!todo.empty()) {
    const List* below = todo.back()->subclasses;
    todo.pop_back();
    for (std::uint32_t i = 0; below && i < below->n; ++i) {
      Type* s = below->at[i].as<Type>();
      in->tick();
      if (!seen.insert(s).second) continue;
      ++s->version;
      todo.push_back(s);
    }
  }
}

void Impl::find_hooks(Type* t) {
  t->hooks = t->version + type_version;
  auto hook = [&](Str* n) {
    const V v = in->lookup(t, n);
    return v.is(Kind::builtin) ? V() : v;
  };
  t->getattribute = hook(s_getattribute);
  t->getattr = hook(s_getattr);
  t->setattr = hook(s_setattr);
  t->delattr = hook(s_delattr);
}

bool Impl::type_getattr(Type* t, Str* name, V& out) {
  Type* meta = t->cls;
  const V m = in->lookup(meta, name);
  if (!m.is_undef() && is_data_descr(m)) {
    out = descr_get(m, V(t), meta);
    return true;
  }
  const V v = in->lookup(t, name);
  if (!v.is_undef()) {
    out = descr_get(v, V(), t);
    return true;
  }
  if (!m.is_undef()) {
    out = descr_get(m, V(t), meta);
    return true;
  }
  if (meta != in->t.type) {
    const V hook = in->lookup(meta, s_getattr);
    if (!hook.is_undef()) {
      out = in->call(hook, {V(t), V(name)});
      return true;
    }
  }
  for (std::uint32_t i = 0; i < t->nmro; ++i)
    if (t->mro[i]->unknown_base) {
      const auto n = name->view();
      if (n.starts_with("__") && n.ends_with("__")) return false;
      out = in->unknown(std::string(t->name->view()) + "." + std::string(n));
      return true;
    }
  return false;
}

bool Impl::generic_getattr(V o, Type* t, Str* name, V& out) {
  const V d = name_of(t, name);
  if (!d.is_undef() && is_data_descr(d)) {
    out = descr_get(d, o, t);
    return true;
  }
  if (o.is_obj() && o.o->attrs)
    if (V* p = in->find(o.o->attrs, name)) {
      out = *p;
      return true;
    }
  if (!d.is_undef()) {
    out = descr_get(d, o, t);
    return true;
  }
  if (o.is_obj() && t->user) {
    for (std::uint32_t i = 0; i < t->nmro; ++i)
      if (t->mro[i]->unknown_base) {
        const auto n = name->view();
        if (n.starts_with("__") && n.ends_with("__")) return false;
        out = in->unknown(std::string(t->name->view()) + "." + std::string(n));
        return true;
      }
  }
  return false;
}

Impl::Found Impl::find_attribute(V o, Str* name, V& out) {
  auto found = [](bool yes) { return yes ? Found::yes : Found::no; };
  if (!name->interned) name = in->intern(name);
  Type* t = in->type_of(o);
  if (o.is_obj()) {
    switch (o.o->kind) {
      case Kind::unknown: {
        if (name == s_class) {
          out = V(t);
          return Found::yes;
        }
        const auto n = name->view();
        if (n.starts_with("__") && n.ends_with("__") && name != s_name && name != s_doc &&
            name != s_file && n != "__version__") {
          return found(generic_getattr(o, t, name, out));
        }
        out = in->unknown(std::string(o.as<Unknown>()->why->view()) + "." + std::string(n));
        return Found::yes;
      }
      case Kind::type: {
        refresh(t);
        return found(type_getattr(o.as<Type>(), name, out));
      }
      case Kind::method:
        return generic_getattr(o, t, name, out) ? Found::yes
                                                : find_attribute(o.as<Method>()->func, name, out);
      case Kind::module: {
        if (o.o->cls == in->t.module) {
          return found(module_getattr(o.as<Module>(), name, out) ||
                       generic_getattr(o, t, name, out));
        }
        break;
      }
      case Kind::super: {
        Super* s = o.as<Super>();
        if (name == s_class) {
          out = V(t);
          return Found::yes;
        }
        bool after = false;
        for (std::uint32_t i = 0; i < s->obj_type->nmro; ++i) {
          Type* c = s->obj_type->mro[i];
          if (after) {
            if (V* p = in->find(c->ns, name)) {
              const bool on_class = s->obj.is(Kind::type) && s->obj.as<Type>() == s->obj_type;
              // __new__ is static; class-level super gives plain functions
              out = descr_get(*p, on_class ? V() : s->obj, s->obj_type);
              if (on_class && (p->is(Kind::classmethod))) out = descr_get(*p, V(), s->obj_type);
              return Found::yes;
            }
            if (c->unknown_base && !(name->view().starts_with("__") && name != s_init)) {
              out = in->unknown("super." + std::string(name->view()));
              return Found::yes;
            }
          }
          if (c == s->start) {
            after = true;
            if (c->unknown_base && name == s_init && i + 2 >= s->obj_type->nmro) {
              out = in->unknown("super.__init__");
              return Found::yes;
            }
            if (c->unknown_base && !(name->view().starts_with("__"))) {
              out = in->unknown("super." + std::string(name->view()));
              return Found::yes;
            }
          }
        }
        return Found::no;
      }
      default:
        break;
    }
  }
  refresh(t);
  const bool own = !t->getattribute.is_undef();
  if (!own && t->getattr.is_undef()) return found(generic_getattr(o, t, name, out));
  const V both[2] = {o, V(name)};
  const Args args{both, 2};
  V failed;
  bool is_there = false;
  try {
    if (own) {
      is_there = try_call(t->getattribute, args, out);
      if (!is_there) failed = take_raised();
    } else {
      is_there = generic_getattr(o, t, name, out);
    }
  } catch (const PyErr& e) {
    failed = e.exc;
  }
  if (failed.is_undef() && is_there) return Found::yes;
  if (!failed.is_undef() &&
      (t->getattr.is_undef() || !in->isinstance(failed, in->t.AttributeError))) {
    raised = failed;
    return Found::raised;
  }
  return try_call(t->getattr, args, out) ? Found::yes : Found::raised;
}

V Impl::no_attribute(V o, Str* name) {
  const std::string n(name->view());
  std::string who;
  if (o.is(Kind::type))
    who = "type object '" + std::string(o.as<Type>()->name->view()) + "'";
  else if (o.is(Kind::module))
    who = "module '" + std::string(o.as<Module>()->name->view()) + "'";
  else if (o.is(Kind::super))
    who = "'super' object";
  else
    who = "'" + in->type_name(o) + "' object";
  V e = in->make_exception(in->t.AttributeError, who + " has no attribute '" + n + "'");
  if (!e.o->attrs) e.o->attrs = in->dict();
  in->put(e.o->attrs, in->intern("name"), V(name));
  in->put(e.o->attrs, in->intern("obj"), o);
  return e;
}

void Impl::attribute_error(V o, Str* name) { throw_exc(no_attribute(o, name)); }

V Interp::getattr(V o, Str* name) {
  V out;
  if (!impl->getattr_impl(o, name, out)) impl->attribute_error(o, name);
  return out;
}

bool Interp::try_getattr(V o, Str* name, V& out) {
  V failed;
  Impl::Found r = Impl::Found::no;
  try {
    r = impl->find_attribute(o, name, out);
  } catch (const PyErr& e) {
    failed = e.exc;
  }
  if (failed.is_undef()) {
    if (r != Impl::Found::raised) return r == Impl::Found::yes;
    failed = impl->take_raised();
  }
  if (isinstance(failed, this->t.AttributeError)) return false;
  throw PyErr{failed};
}

void Impl::generic_setattr(V o, Str* name, V v) {
  if (!o.is_obj())
    in->raise(in->t.AttributeError, "'" + in->type_name(o) + "' object has no attribute '" +
                                        std::string(name->view()) + "'");
  Type* t = o.o->cls;
  const V d = name_of(t, name);
  if (!d.is_undef()) {
    if (d.is(Kind::property) && !(d.o->cls->user && name_of(d.o->cls, s_set).is(Kind::function))) {
      Property* p = d.as<Property>();
      if (p->set.is_none() || p->set.is_undef())
        in->raise(in->t.AttributeError, "property '" + std::string(name->view()) + "' of '" +
                                            in->type_name(o) + "' object has no setter");
      in->call(p->set, {o, v});
      return;
    }
    if (d.is(Kind::member)) {
      *slot_of(d.as<Member>(), o) = v;
      return;
    }
    if (d.is_obj() && d.o->cls->user) {
      const V s = name_of(d.o->cls, s_set);
      if (!s.is_undef()) {
        in->call(s, {d, o, v});
        return;
      }
    }
  }
  switch (o.o->kind) {
    case Kind::str:
    case Kind::bytes:
    case Kind::boxed:
    case Kind::list:
    case Kind::tuple:
    case Kind::dict:
    case Kind::set:
    case Kind::instance:
      if (!t->user) {
        if (o.o->kind == Kind::instance && t != in->t.object) break;
        in->raise(in->t.AttributeError, "'" + in->type_name(o) + "' object " +
                                            (d.is_undef() ? "has no attribute '" : "attribute '") +
                                            std::string(name->view()) +
                                            (d.is_undef() ? "'" : "' is read-only"));
      }
      if (t->flag & 2) {  // only __slots__ in the whole MRO
        const std::string n(name->view());
        if (!d.is_undef())
          in->raise(in->t.AttributeError,
                    "'" + in->type_name(o) + "' object attribute '" + n + "' is read-only");
        in->raise(in->t.AttributeError,
                  "'" + in->type_name(o) + "' object has no attribute '" + n + "'");
      }
      break;
    case Kind::builtin:
    case Kind::method:
    case Kind::range:
    case Kind::slice:
      in->raise(in->t.AttributeError, "'" + in->type_name(o) + "' object has no attribute '" +
                                          std::string(name->view()) + "'");
    default:
      break;
  }
  if (!o.o->attrs) o.o->attrs = in->dict();
  in->put(o.o->attrs, name, v);
}

void Interp::setattr(V o, Str* name, V v) {
  if (!name->interned) name = intern(name);
  Type* c = type_of(o);
  impl->refresh(c);
  if (!c->setattr.is_undef()) {
    call(c->setattr, {o, V(name), v});
    return;
  }
  if (o.is(Kind::type)) {
    Type* x = o.as<Type>();
    const V m = lookup(x->cls, name);
    if (!m.is_undef() && impl->is_data_descr(m)) {
      impl->generic_setattr(o, name, v);
      return;
    }
    if (!x->user)
      raise(t.TypeError, "cannot set '" + std::string(name->view()) +
                             "' attribute of immutable type '" + std::string(x->name->view()) +
                             "'");
    put(x->ns, name, v);
    impl->changed(x);
    return;
  }
  if (o.is(Kind::module)) {
    impl->module_store(o.as<Module>(), name, v);
    return;
  }
  if (o.is(Kind::unknown)) return;
  impl->generic_setattr(o, name, v);
}

void Impl::generic_delattr(V o, Str* name) {
  const V d = in->lookup(in->type_of(o), name);
  if (d.is(Kind::property)) {
    const V f = d.as<Property>()->del;
    if (f.is_none() || f.is_undef())
      in->raise(in->t.AttributeError, "property '" + std::string(name->view()) + "' of '" +
                                          in->type_name(o) + "' object has no deleter");
    in->call(f, {o});
    return;
  }
  if (d.is(Kind::member)) {
    V* at = slot_of(d.as<Member>(), o);
    if (at->is_undef())
      in->raise(in->t.AttributeError, "'" + in->type_name(o) + "' object has no attribute '" +
                                          std::string(name->view()) + "'");
    *at = V();
    return;
  }
  if (d.is_obj() && d.o->cls->user) {
    const V s = in->lookup(d.o->cls, s_delete);
    if (!s.is_undef()) {
      in->call(s, {d, o});
      return;
    }
  }
  if (!o.is_obj() || !o.o->attrs || !in->erase(o.o->attrs, V(name)))
    in->raise(in->t.AttributeError, "'" + in->type_name(o) + "' object has no attribute '" +
                                        std::string(name->view()) + "'");
}

void Interp::delattr(V o, Str* name) {
  if (!name->interned) name = intern(name);
  Type* c = type_of(o);
  impl->refresh(c);
  if (!c->delattr.is_undef()) {
    call(c->delattr, {o, V(name)});
    return;
  }
  if (o.is(Kind::type)) {
    if (!erase(o.as<Type>()->ns, V(name))) impl->attribute_error(o, name);
    impl->changed(o.as<Type>());
    return;
  }
  if (o.is(Kind::module)) {
    if (!erase(o.as<Module>()->ns, V(name))) impl->attribute_error(o, name);
    return;
  }
  if (o.is(Kind::unknown)) return;
  impl->generic_delattr(o, name);
}

// ---------------------------------------------------------------- making classes

Type* Impl::calculate_meta(Type* meta, Tuple* bases) {
  for (std::uint32_t i = 0; i < bases->n; ++i) {
    Type* m = in->type_of(bases->at[i]);
    if (Interp::is_subtype(meta, m)) continue;
    if (Interp::is_subtype(m, meta)) {
      meta = m;
      continue;
    }
    in->raise(in->t.TypeError,
              "metaclass conflict: the metaclass of a derived class must be a (non-strict) "
              "subclass of the metaclasses of all its bases");
  }
  return meta;
}

V Impl::type_new(Type* meta, Str* name, Tuple* bases, Dict* ns, const Args& kw, bool unknown_base) {
  meta = calculate_meta(meta, bases);
  if (!bases->n) {
    const V o(in->t.object);
    bases = in->tuple(&o, 1).as<Tuple>();
  }
  Type* t = in->make<Type>(Kind::type, meta);
  t->name = name;
  t->qualname = name;
  t->bases = bases;
  t->user = true;
  t->unknown_base = unknown_base;
  t->ns = in->dict();
  for (std::uint32_t i = 0; i < ns->used; ++i)
    if (!ns->e[i].key.is_undef())
      in->put(t->ns,
              ns->e[i].key.is(Kind::str) ? V(in->intern(ns->e[i].key.as<Str>())) : ns->e[i].key,
              ns->e[i].val);
  if (V* q = in->find(t->ns, s_qualname); q && q->is(Kind::str)) {
    t->qualname = q->as<Str>();
    in->erase(t->ns, V(s_qualname));
  }
  if (top && top->module && !in->find(t->ns, s_module))
    if (V* m = in->find(top->module->ns, s_name)) in->put(t->ns, s_module, *m);
  // __new__, __init_subclass__ and __class_getitem__ are static or class methods without being
  // marked
  auto wrap = [&](Str* s, Kind k, Type* c) {
    if (V* f = in->find(t->ns, s); f && f->is(Kind::function)) {
      Wrap* w = in->make<Wrap>(k, c);
      w->func = *f;
      *f = V(w);
    }
  };
  wrap(s_new, Kind::staticmethod, in->t.staticmethod);
  wrap(s_init_subclass, Kind::classmethod, in->t.classmethod);
  wrap(s_class_getitem, Kind::classmethod, in->t.classmethod);
  if (in->find(t->ns, s_eq) && !in->find(t->ns, s_hash)) in->put(t->ns, s_hash, V::none());
  // C3
  std::vector<std::vector<Type*>> seqs;
  std::vector<Type*> direct;
  for (std::uint32_t i = 0; i < bases->n; ++i) {
    if (!bases->at[i].is(Kind::type)) in->raise(in->t.TypeError, "bases must be types");
    Type* b = bases->at[i].as<Type>();
    if (std::find(direct.begin(), direct.end(), b) != direct.end())
      in->raise(in->t.TypeError, "duplicate base class " + std::string(b->name->view()));
    if (b == in->t.boolean || b == in->t.none || b == in->t.function || b == in->t.ellipsis ||
        b == in->t.range || b == in->t.slice)
      in->raise(in->t.TypeError,
                "type '" + std::string(b->name->view()) + "' is not an acceptable base type");
    direct.push_back(b);
    seqs.emplace_back(b->mro, b->mro + b->nmro);
  }
  seqs.push_back(direct);
  std::vector<Type*> mro{t};
  for (;;) {
    bool left = false;
    Type* pick = nullptr;
    for (auto& s : seqs) {
      if (s.empty()) continue;
      left = true;
      bool in_tail = false;
      for (auto& o : seqs)
        if (o.size() > 1 && std::find(o.begin() + 1, o.end(), s[0]) != o.end()) in_tail = true;
      if (!in_tail) {
        pick = s[0];
        break;
      }
    }
    if (!left) break;
    if (!pick) {
      std::string names;
      for (Type* b : direct) names += (names.empty() ? "" : ", ") + std::string(b->name->view());
      in->raise(in->t.TypeError,
                "Cannot create a consistent method resolution\norder (MRO) for bases " + names);
    }
    mro.push_back(pick);
    in->tick(1 + static_cast<std::int64_t>(seqs[0].size()) / 8);
    for (auto& s : seqs)
      if (!s.empty() && s[0] == pick) s.erase(s.begin());
  }
  t->nmro = static_cast<std::uint32_t>(mro.size());
  t->mro = in->arena.array<Type*>(mro.size());
  std::copy(mro.begin(), mro.end(), t->mro);
  t->layout = Kind::instance;
  t->base = direct.front();
  for (Type* b : direct)
    if (b->nslots > t->base->nslots) t->base = b;
  for (Type* b : direct)
    if (b->layout != Kind::instance) {
      if (t->layout != Kind::instance && t->layout != b->layout)
        in->raise(in->t.TypeError, "multiple bases have instance lay-out conflict");
      t->layout = b->layout;
      t->base = b;
    }
  for (Type* b : mro) t->is_exception |= b->is_exception;
  // instances without a dictionary: every class of the MRO names its slots
  bool slots = t->layout == Kind::instance && !unknown_base;
  for (Type* b : mro)
    if (b->user && (!in->find(b->ns, s_instance_slots) || (b != t && !(b->flag & 2))))
      slots = false;
  t->nslots = t->base->nslots;
  if (V* given = in->find(t->ns, s_instance_slots); given && t->layout == Kind::instance) {
    List* names = in->list();
    if (given->is(Kind::str))
      in->append(names, *given);
    else
      in->for_each(*given, [&](V v) {
        in->append(names, v);
        return true;
      });
    for (std::uint32_t i = 0; i < names->n; ++i) {
      if (!names->at[i].is(Kind::str))
        in->raise(in->t.TypeError,
                  "__slots__ items must be strings, not '" + in->type_name(names->at[i]) + "'");
      std::string n(names->at[i].as<Str>()->view());
      if (n == "__dict__") slots = false;
      if (n == "__dict__" || n == "__weakref__") continue;
      if (n.starts_with("__") && !n.ends_with("__")) {
        const auto own = t->name->view().find_first_not_of('_');
        if (own != std::string_view::npos) n = "_" + std::string(t->name->view().substr(own)) + n;
      }
      Str* s = in->intern(n);
      if (in->find(t->ns, s))
        in->raise(in->t.ValueError, "'" + n + "' in __slots__ conflicts with class variable");
      Member* m = in->make<Member>(Kind::member, in->t.member);
      m->name = s;
      m->at = t->nslots++;
      m->owner = t;
      in->put(t->ns, s, V(m));
    }
  }
  auto solid = [](Type* b) {  // the class that named the last of its slots
    while (b->base && b->base->nslots == b->nslots) b = b->base;
    return b;
  };
  for (Type* b : direct)
    if (b->nslots && !Interp::is_subtype(solid(t->base), solid(b)))
      in->raise(in->t.TypeError, "multiple bases have instance lay-out conflict");
  if (slots) t->flag |= 2;
  for (Type* b : direct) {
    if (!b->subclasses) b->subclasses = in->list();
    in->append(b->subclasses, V(t));
  }
  if (top) {  // what has been looked up in other classes still holds
    t->defined_in = top->module;
    t->line = top->line;
  }
  if (V* cell = in->find(t->ns, in->intern("__classcell__")); cell && cell->is(Kind::cell))
    cell->as<Cell>()->v = V(t);
  // __set_name__ of what stands in the class body, then the parent's __init_subclass__
  for (std::uint32_t i = 0; i < ns->used; ++i) {
    if (ns->e[i].key.is_undef()) continue;
    const V v = ns->e[i].val;
    if (!v.is_obj() || !v.o->cls->user) continue;
    if (v.o->kind == Kind::type) continue;
    const V f = in->special(v, s_set_name);
    if (!f.is_undef()) in->call(f, {V(t), ns->e[i].key});
  }
  for (std::uint32_t i = 1; i < t->nmro; ++i)
    if (V* f = in->find(t->mro[i]->ns, s_init_subclass)) {
      in->call(descr_get(*f, V(), t), kw);
      break;
    }
  return V(t);
}

V Impl::type_call(Type* cls, const Args& a) {
  if (cls == in->t.type && a.npos == 1 && !a.nkw) return V(in->type_of(a[0]));
  if (cls->cls != in->t.type) {
    const V m = name_of(cls->cls, s_call);
    if (m.is(Kind::function)) return call_function(m.as<Function>(), a, V(cls));
  }
  in->tick(4);
  V obj;
  const V n = name_of(cls, s_new);
  if (n.is(Kind::staticmethod) && n.as<Wrap>()->func.is(Kind::function)) {
    obj = call_function(n.as<Wrap>()->func.as<Function>(), a, V(cls));
  } else {
    Type* maker = nullptr;
    for (std::uint32_t i = 0; i < cls->nmro && !maker; ++i)
      if (cls->mro[i]->construct) maker = cls->mro[i];
    if (!maker)
      in->raise(in->t.TypeError,
                "cannot create '" + std::string(cls->name->view()) + "' instances");
    obj = maker->construct(*in, Prefixed(*in, V(cls), a));
  }
  if (!Interp::is_subtype(in->type_of(obj), cls)) return obj;
  if (obj.is(Kind::instance) && top && top->ctx) {  // where it was made
    obj.o->flags2 = top->ctx->index;
    obj.o->aux = top->line;
  }
  const V init = name_of(in->type_of(obj), s_init);
  if (init.is(Kind::function)) {
    const V r = call_function(init.as<Function>(), a, obj);
    if (!r.is_none() && !r.is(Kind::unknown))
      in->raise(in->t.TypeError, "__init__() should return None, not '" + in->type_name(r) + "'");
  } else if (!init.is_undef() && !(cls->layout == Kind::type && a.npos == 3 && !cls->user)) {
    if (init.is(Kind::builtin) && init.as<Builtin>()->binds)
      in->call(init, Prefixed(*in, obj, a));
    else
      in->call(descr_get(init, obj, in->type_of(obj)), a);
  }
  return obj;
}

namespace {

Str* attribute_name(Interp& in, V v) {
  in.text(v, "attribute name");
  return in.intern(v.as<Str>());
}

V object_new(Interp& in, const Args& a) {
  if (!a.npos || !a[0].is(Kind::type))
    in.raise(in.t.TypeError, "object.__new__(X): X is not a type object");
  Type* c = a[0].as<Type>();
  if (c->layout != Kind::instance) {
    std::string maker;
    for (std::uint32_t i = 0; i < c->nmro && maker.empty(); ++i)
      if (!c->mro[i]->user) maker = c->mro[i]->name->view();
    in.raise(in.t.TypeError, "object.__new__(" + std::string(c->name->view()) +
                                 ") is not safe, use " + maker + ".__new__()");
  }
  if (a.npos > 1 || a.nkw) {
    const V init = in.lookup(c, in.impl->s_init);
    const V n = in.lookup(c, in.impl->s_new);
    const bool own_new = n.is(Kind::staticmethod) && n.as<Wrap>()->func.is(Kind::function);
    const bool own_init = !init.is(Kind::builtin) || c->unknown_base;
    if (own_new && !own_init)
      in.raise(in.t.TypeError,
               "object.__new__() takes exactly one argument (the type to instantiate)");
    if (!own_new && !own_init)
      in.raise(in.t.TypeError, std::string(c->name->view()) + "() takes no arguments");
  }
  if (V* abstract = in.find(c->ns, in.impl->s_abstract); abstract && in.truth(*abstract)) {
    std::vector<std::string> names;
    in.for_each(*abstract, [&](V v) {
      names.push_back(in.str_of(v));
      return true;
    });
    std::sort(names.begin(), names.end());
    std::string s;
    for (const auto& x : names) s += (s.empty() ? "" : ", ") + x;
    in.raise(in.t.TypeError, "Can't instantiate abstract class " + std::string(c->name->view()) +
                                 " with abstract method" + (names.size() > 1 ? "s " : " ") + s);
  }
  if (c->nslots) {
    Slotted* s = in.make<Slotted>(Kind::instance, c);
    s->n = c->nslots;
    s->slot = in.arena.array<V>(c->nslots);
    for (std::uint32_t i = 0; i < c->nslots; ++i) s->slot[i] = V();
    return V(s);
  }
  return V(in.make<Obj>(Kind::instance, c));
}

V type_construct(Interp& in, const Args& a) {
  if (a.npos == 2) return V(in.type_of(a[1]));
  if (a.npos != 4) in.raise(in.t.TypeError, "type() takes 1 or 3 arguments");
  if (!a[1].is(Kind::str))
    in.raise(in.t.TypeError, "type.__new__() argument 1 must be str, not " + in.type_name(a[1]));
  if (!a[2].is(Kind::tuple))
    in.raise(in.t.TypeError, "type.__new__() argument 2 must be tuple, not " + in.type_name(a[2]));
  if (!a[3].is(Kind::dict))
    in.raise(in.t.TypeError, "type.__new__() argument 3 must be dict, not " + in.type_name(a[3]));
  Args kw;
  kw.kwname = a.kwname;
  kw.kwval = a.kwval;
  kw.nkw = a.nkw;
  List* known = in.list();
  bool unknown_base = false;
  for (std::uint32_t i = 0; i < a[2].as<Tuple>()->n; ++i) {
    const V b = a[2].as<Tuple>()->at[i];
    if (b.is(Kind::unknown))
      unknown_base = true;
    else
      in.append(known, b);
  }
  return in.impl->type_new(a[0].as<Type>(), in.intern(a[1].as<Str>()),
                           in.tuple(known->at, known->n).as<Tuple>(), a[3].as<Dict>(), kw,
                           unknown_base);
}

V native_new(Interp& in, const Args& a) {
  Type* t = in.current_builtin->data.as<Type>();
  if (!a.npos || !a[0].is(Kind::type))
    in.raise(in.t.TypeError, std::string(t->name->view()) + ".__new__(X): X is not a type object");
  Type* c = a[0].as<Type>();
  if (!Interp::is_subtype(c, t))
    in.raise(in.t.TypeError, std::string(t->name->view()) + ".__new__(" +
                                 std::string(c->name->view()) +
                                 "): " + std::string(c->name->view()) + " is not a subtype of " +
                                 std::string(t->name->view()));
  return t->construct(in, a);
}

V qualified(Interp& in, V v) {
  Type* c = in.type_of(v);
  std::string s;
  if (V* m = in.find(c->ns, in.impl->s_module);
      m && m->is(Kind::str) && m->as<Str>()->view() != "builtins")
    s = std::string(m->as<Str>()->view()) + ".";
  return in.str(s + std::string(c->qualname->view()));
}

V super_construct(Interp& in, const Args& a) {
  Super* s = in.make<Super>(Kind::super, in.t.super);
  if (a.npos == 1) {
    Frame* f = in.impl->top;
    if (f && f->code && !f->code->sc->nargs && !f->code->sc->varargs)
      in.raise(in.t.RuntimeError, "super(): no arguments");
    if (!f || !f->code || !f->code->sc->uses_class)
      in.raise(in.t.RuntimeError, "super(): __class__ cell not found");
    const V cls = f->closure[f->code->sc->class_free]->v;
    if (!cls.is(Kind::type)) in.raise(in.t.RuntimeError, "super(): empty __class__ cell");
    if (!f->code->sc->nargs && !f->code->sc->varargs)
      in.raise(in.t.RuntimeError, "super(): no arguments");
    V self = f->slots[0];
    if (self.is(Kind::cell)) self = self.as<Cell>()->v;
    if (!f->code->sc->nargs && self.is(Kind::tuple) && self.as<Tuple>()->n)
      self = self.as<Tuple>()->at[0];
    s->start = cls.as<Type>();
    s->obj = self;
  } else {
    if (!a[1].is(Kind::type))
      in.raise(in.t.TypeError, "super() argument 1 must be a type, not " + in.type_name(a[1]));
    s->start = a[1].as<Type>();
    s->obj = a.npos > 2 ? a[2] : V::none();
  }
  if (s->obj.is(Kind::type) && Interp::is_subtype(s->obj.as<Type>(), s->start))
    s->obj_type = s->obj.as<Type>();
  else
    s->obj_type = in.type_of(s->obj);
  if (!Interp::is_subtype(s->obj_type, s->start))
    in.raise(in.t.TypeError, "super(type, obj): obj must be an instance or subtype of type");
  return V(s);
}

V wrap_construct(Interp& in, const Args& a, Kind k) {
  Wrap* w = in.make<Wrap>(k, a[0].as<Type>());
  w->func = a.npos > 1 ? a[1] : V::none();
  return V(w);
}

V property_construct(Interp& in, const Args& a) {
  Property* p = in.make<Property>(Kind::property, a[0].as<Type>());
  p->get = Interp::arg(a, 1, "fget", V::none());
  p->set = Interp::arg(a, 2, "fset", V::none());
  p->del = Interp::arg(a, 3, "fdel", V::none());
  p->doc = Interp::arg(a, 4, "doc", V::none());
  if (p->doc.is_none() && p->get.is(Kind::function)) p->doc = p->get.as<Function>()->doc;
  return V(p);
}

V property_with(Interp& in, const Args& a, int which) {
  Property* old = a[0].as<Property>();
  Property* p = in.make<Property>(Kind::property, old->cls);
  p->get = which == 0 ? a[1] : old->get;
  p->set = which == 1 ? a[1] : old->set;
  p->del = which == 2 ? a[1] : old->del;
  p->doc = old->doc;
  p->attrs = old->attrs;
  return V(p);
}

Dict* attrs_of(Interp& in, V v) {
  if (!v.o->attrs) v.o->attrs = in.dict();
  return v.o->attrs;
}

V view_of(Interp& in, Dict* d) {
  DictView* v = in.make<DictView>(Kind::view, in.t.mappingproxy);
  v->flag = 3;
  v->d = d;
  return V(v);
}

V or_none(V v) { return v.is_undef() ? V::none() : v; }

bool abstract_flag(Interp& in, V f) {
  V out;
  return f.is_obj() && in.try_getattr(f, in.intern("__isabstractmethod__"), out) && in.truth(out);
}

V dir_of(Interp& in, const Args& a) {
  List* l = in.list();
  Set* seen = in.set();
  auto add = [&](Dict* d) {
    for (std::uint32_t i = 0; i < d->used; ++i)
      if (d->e[i].key.is(Kind::str) && in.add(seen, d->e[i].key)) in.append(l, d->e[i].key);
  };
  if (a[0].is_obj() && a[0].o->attrs) add(a[0].o->attrs);
  Type* t = a[0].is(Kind::type) ? a[0].as<Type>() : in.type_of(a[0]);
  for (std::uint32_t i = 0; i < t->nmro; ++i) add(t->mro[i]->ns);
  sort_list(in, l, V::none(), false);
  return V(l);
}

}  // namespace

void install_object(Interp& in) {
  Impl& im = *in.impl;
  // the first types are made by hand, since new_type needs them
  in.t.type = new (in.arena.alloc(sizeof(Type))) Type(Kind::type, nullptr);
  in.t.type->cls = in.t.type;
  in.t.object = new (in.arena.alloc(sizeof(Type))) Type(Kind::type, in.t.type);
  in.t.str = new (in.arena.alloc(sizeof(Type))) Type(Kind::type, in.t.type);
  in.t.dict = new (in.arena.alloc(sizeof(Type))) Type(Kind::type, in.t.type);
  in.t.tuple = nullptr;
  struct {
    Str** at;
    const char* text;
  } names[] = {{&im.s_init, "__init__"},
               {&im.s_new, "__new__"},
               {&im.s_call, "__call__"},
               {&im.s_get, "__get__"},
               {&im.s_set, "__set__"},
               {&im.s_delete, "__delete__"},
               {&im.s_getattr, "__getattr__"},
               {&im.s_getattribute, "__getattribute__"},
               {&im.s_setattr, "__setattr__"},
               {&im.s_delattr, "__delattr__"},
               {&im.s_class, "__class__"},
               {&im.s_dict, "__dict__"},
               {&im.s_name, "__name__"},
               {&im.s_qualname, "__qualname__"},
               {&im.s_module, "__module__"},
               {&im.s_doc, "__doc__"},
               {&im.s_iter, "__iter__"},
               {&im.s_next, "__next__"},
               {&im.s_len, "__len__"},
               {&im.s_bool, "__bool__"},
               {&im.s_eq, "__eq__"},
               {&im.s_hash, "__hash__"},
               {&im.s_getitem, "__getitem__"},
               {&im.s_setitem, "__setitem__"},
               {&im.s_delitem, "__delitem__"},
               {&im.s_contains, "__contains__"},
               {&im.s_enter, "__enter__"},
               {&im.s_exit, "__exit__"},
               {&im.s_str, "__str__"},
               {&im.s_repr, "__repr__"},
               {&im.s_index, "__index__"},
               {&im.s_format, "__format__"},
               {&im.s_missing, "__missing__"},
               {&im.s_set_name, "__set_name__"},
               {&im.s_init_subclass, "__init_subclass__"},
               {&im.s_class_getitem, "__class_getitem__"},
               {&im.s_mro_entries, "__mro_entries__"},
               {&im.s_prepare, "__prepare__"},
               {&im.s_instancecheck, "__instancecheck__"},
               {&im.s_subclasscheck, "__subclasscheck__"},
               {&im.s_annotations, "__annotations__"},
               {&im.s_all, "__all__"},
               {&im.s_path, "__path__"},
               {&im.s_file, "__file__"},
               {&im.s_instance_slots, "__slots__"},
               {&im.s_match_args, "__match_args__"},
               {&im.s_build_class, "__build_class__"},
               {&im.s_missing_name, "__missing__"},
               {&im.s_abstract, "__abstractmethods__"}};
  for (auto& n : names) *n.at = in.intern(n.text);
  auto early = [&](Type* t, const char* name, Type* base, Kind layout) {
    t->name = t->qualname = in.intern(name);
    t->base = base;
    t->layout = layout;
    t->ns = in.dict();
    t->nmro = base ? 2 : 1;
    t->mro = in.arena.array<Type*>(2);
    t->mro[0] = t;
    if (base) t->mro[1] = base;
    in.put(t->ns, im.s_module, V(in.intern("builtins")));
  };
  early(in.t.object, "object", nullptr, Kind::instance);
  early(in.t.type, "type", in.t.object, Kind::type);
  early(in.t.str, "str", in.t.object, Kind::str);
  early(in.t.dict, "dict", in.t.object, Kind::dict);
  in.builtins = in.dict();
  Type* o = in.t.object;
  in.t.none = in.new_type("NoneType", o, Kind::singleton);
  in.t.function = in.new_type("function", o, Kind::function);
  in.t.builtin = in.new_type("builtin_function_or_method", o, Kind::builtin);
  in.t.method = in.new_type("method", o, Kind::method);
  in.t.classmethod = in.new_type("classmethod", o, Kind::classmethod);
  in.t.staticmethod = in.new_type("staticmethod", o, Kind::staticmethod);
  in.t.property = in.new_type("property", o, Kind::property);
  in.t.super = in.new_type("super", o, Kind::super);
  in.t.cell = in.new_type("cell", o, Kind::cell);
  in.t.code = in.new_type("code", o, Kind::code);
  in.t.module = in.new_type("module", o, Kind::module);
  in.t.generator = in.new_type("generator", o, Kind::generator);
  in.t.coroutine = in.new_type("coroutine", o, Kind::generator);
  in.t.iterator = in.new_type("iterator", o, Kind::iterator);
  in.t.unknown = in.new_type("Unknown", o, Kind::unknown, "_kdex");
  in.t.not_implemented = in.new_type("NotImplementedType", o, Kind::singleton);
  in.t.ellipsis = in.new_type("ellipsis", o, Kind::singleton);
  in.t.method_wrapper = in.new_type("method-wrapper", o, Kind::method);
  in.t.method_descriptor = in.new_type("method_descriptor", o, Kind::builtin);
  in.t.wrapper_descriptor = in.new_type("wrapper_descriptor", o, Kind::builtin);
  in.t.bound_builtin = in.new_type("builtin_function_or_method", in.t.builtin, Kind::method);
  in.t.member = in.new_type("member_descriptor", o, Kind::member);
  im.lazy_import = in.new_type("lazy import", o, Kind::singleton, "_kdex");
  in.not_implemented = V(in.make<Obj>(Kind::singleton, in.t.not_implemented));
  in.ellipsis = V(in.make<Obj>(Kind::singleton, in.t.ellipsis));
  o->construct = object_new;
  in.t.type->construct = type_construct;
  in.t.super->construct = super_construct;
  in.t.classmethod->construct = [](Interp& i, const Args& a) {
    return wrap_construct(i, a, Kind::classmethod);
  };
  in.t.staticmethod->construct = [](Interp& i, const Args& a) {
    return wrap_construct(i, a, Kind::staticmethod);
  };
  in.t.property->construct = property_construct;
  in.t.cell->construct = [](Interp& i, const Args& a) {
    Cell* c = i.make<Cell>(Kind::cell, i.t.cell);
    if (a.npos > 1) c->v = a[1];
    return V(c);
  };
  in.t.method->construct = [](Interp& i, const Args& a) {
    if (a.npos != 3)
      i.raise(i.t.TypeError, "method expected 2 arguments, got " + std::to_string(a.npos - 1));
    Method* m = i.make<Method>(Kind::method, i.t.method);
    m->func = a[1];
    m->self = a[2];
    return V(m);
  };
  for (Type* t :
       {in.t.object, in.t.type, in.t.property, in.t.classmethod, in.t.staticmethod, in.t.super})
    in.put(in.builtins, t->name, V(t));
  in.put(in.builtins, in.intern("NotImplemented"), in.not_implemented);
  in.put(in.builtins, in.intern("Ellipsis"), in.ellipsis);
  in.put(in.builtins, in.intern("__debug__"), V::boolean(true));

  // object
  in.def(
      o, "__init__",
      [](Interp& i, const Args& a) {
        if (a.npos > 1 || a.nkw) {
          Type* c = i.type_of(a[0]);
          const V init = i.lookup(c, i.impl->s_init);
          const V n = i.lookup(c, i.impl->s_new);
          const bool own_new = n.is(Kind::staticmethod) && n.as<Wrap>()->func.is(Kind::function);
          if (init.is(Kind::function))
            i.raise(i.t.TypeError,
                    "object.__init__() takes exactly one argument (the instance to initialize)");
          if (!own_new && c->layout == Kind::instance && !c->unknown_base)
            i.raise(i.t.TypeError, std::string(c->name->view()) + "() takes no arguments");
        }
        return V::none();
      },
      1, -1, true);
  in.def(
      o, "__repr__",
      [](Interp& i, const Args& a) {
        return i.str("<" + i.str_of(qualified(i, a[0])) + " object at 0x7f0000000000>");
      },
      1, 1);
  in.def(
      o, "__str__", [](Interp& i, const Args& a) { return i.str(i.repr_of(a[0])); }, 1, 1);
  in.def(
      o, "__format__",
      [](Interp& i, const Args& a) {
        if (a.npos > 1 && !i.text(a[1], "format spec").empty())
          i.raise(i.t.TypeError,
                  "unsupported format string passed to " + i.type_name(a[0]) + ".__format__");
        return i.str(i.str_of(a[0]));
      },
      1, 2);
  in.def(
      o, "__eq__",
      [](Interp& i, const Args& a) {
        return a[0].same(a[1]) ? V::boolean(true) : i.not_implemented;
      },
      2, 2);
  in.def(
      o, "__ne__",
      [](Interp& i, const Args& a) {
        const V f = i.special(a[0], i.impl->s_eq);
        if (f.is_undef()) return i.not_implemented;
        const V r = i.call(f, {a[1]});
        if (r.same(i.not_implemented)) return r;
        return V::boolean(!i.truth(r));
      },
      2, 2);
  in.def(
      o, "__hash__",
      [](Interp&, const Args& a) {
        return V::integer(static_cast<std::int64_t>(reinterpret_cast<std::uint64_t>(a[0].o) >> 4));
      },
      1, 1);
  in.def(
      o, "__getattribute__",
      [](Interp& i, const Args& a) {
        V out;
        Str* n = attribute_name(i, a[1]);
        if (a[0].is(Kind::type) ? i.impl->type_getattr(a[0].as<Type>(), n, out)
                                : i.impl->generic_getattr(a[0], i.type_of(a[0]), n, out))
          return out;
        i.impl->raising(i.impl->no_attribute(a[0], n));
        return V();
      },
      2, 2);
  in.def(
      o, "__setattr__",
      [](Interp& i, const Args& a) {
        i.impl->generic_setattr(a[0], attribute_name(i, a[1]), a[2]);
        return V::none();
      },
      3, 3);
  in.def(
      o, "__delattr__",
      [](Interp& i, const Args& a) {
        i.impl->generic_delattr(a[0], attribute_name(i, a[1]));
        return V::none();
      },
      2, 2);
  in.def(o, "__dir__", dir_of, 1, 1);
  in.def(
      o, "__sizeof__", [](Interp&, const Args&) { return V::integer(16); }, 1, 1);
  in.def(
      o, "__reduce_ex__",
      [](Interp& i, const Args& a) -> V {
        i.raise(i.t.TypeError, "cannot pickle '" + i.type_name(a[0]) + "' object");
      },
      1, 2);
  in.def_class(
      o, "__init_subclass__",
      [](Interp& i, const Args& a) {
        if (a.nkw)
          i.raise(i.t.TypeError, std::string(a[0].as<Type>()->qualname->view()) +
                                     ".__init_subclass__() takes no keyword arguments");
        return V::none();
      },
      1, -1, true);
  in.def_class(
      o, "__subclasshook__", [](Interp& i, const Args&) { return i.not_implemented; }, 1, 2);
  in.def_property(
      o, "__class__", [](Interp& i, const Args& a) { return V(i.type_of(a[0])); },
      [](Interp& i, const Args& a) {
        if (!a[1].is(Kind::type) || !a[0].is_obj())
          i.raise(i.t.TypeError,
                  "__class__ must be set to a class, not '" + i.type_name(a[1]) + "' object");
        if (a[1].as<Type>()->layout != a[0].o->cls->layout ||
            (a[0].o->kind != Kind::instance && a[0].o->kind != a[1].as<Type>()->layout))
          i.raise(i.t.TypeError,
                  "__class__ assignment only supported for mutable types or ModuleType subclasses");
        if (a[0].is(Kind::instance) && a[1].as<Type>()->nslots != a[0].o->cls->nslots)
          i.raise(i.t.TypeError, "__class__ assignment: '" +
                                     std::string(a[1].as<Type>()->name->view()) +
                                     "' object layout differs from '" + i.type_name(a[0]) + "'");
        a[0].o->cls = a[1].as<Type>();
        return V::none();
      });
  in.def_property(
      o, "__dict__",
      [](Interp& i, const Args& a) {
        if (!a[0].is_obj() ||
            (!a[0].o->cls->user && a[0].o->kind != Kind::function &&
             a[0].o->kind != Kind::exception && a[0].o->kind != Kind::module &&
             a[0].o->kind != Kind::type && a[0].o->kind != Kind::instance) ||
            (a[0].o->cls->flag & 2))
          i.raise(i.t.AttributeError,
                  "'" + i.type_name(a[0]) + "' object has no attribute '__dict__'");
        if (a[0].is(Kind::module)) return V(a[0].as<Module>()->ns);
        return V(attrs_of(i, a[0]));
      },
      [](Interp& i, const Args& a) {
        if (a[1].is(Kind::dict))
          a[0].o->attrs = a[1].as<Dict>();
        else
          i.raise(i.t.TypeError,
                  "__dict__ must be set to a dictionary, not a '" + i.type_name(a[1]) + "'");
        return V::none();
      });
  in.put(o->ns, im.s_doc, V::none());

  // type
  Type* ty = in.t.type;
  in.def_property(
      ty, "__name__", [](Interp&, const Args& a) { return V(a[0].as<Type>()->name); },
      [](Interp& i, const Args& a) {
        a[0].as<Type>()->name = i.intern(i.text(a[1], "name"));
        return V::none();
      });
  in.def_property(
      ty, "__qualname__", [](Interp&, const Args& a) { return V(a[0].as<Type>()->qualname); },
      [](Interp& i, const Args& a) {
        a[0].as<Type>()->qualname = i.intern(i.text(a[1], "qualname"));
        return V::none();
      });
  in.def_property(ty, "__bases__", [](Interp& i, const Args& a) {
    return a[0].as<Type>()->bases ? V(a[0].as<Type>()->bases) : i.tuple({});
  });
  in.def_property(ty, "__base__", [](Interp&, const Args& a) {
    return a[0].as<Type>()->base ? V(a[0].as<Type>()->base) : V::none();
  });
  in.def_property(ty, "__mro__", [](Interp& i, const Args& a) {
    Type* t = a[0].as<Type>();
    Tuple* r = i.tuple_raw(t->nmro);
    for (std::uint32_t k = 0; k < t->nmro; ++k) r->at[k] = V(t->mro[k]);
    return V(r);
  });
  in.def_property(ty, "__dict__",
                  [](Interp& i, const Args& a) { return view_of(i, a[0].as<Type>()->ns); });
  in.def_property(
      ty, "__module__",
      [](Interp& i, const Args& a) {
        V* m =
            a[0].as<Type>() == i.t.type ? nullptr : i.find(a[0].as<Type>()->ns, i.impl->s_module);
        return m ? *m : V(i.intern("builtins"));
      },
      [](Interp& i, const Args& a) {
        i.put(a[0].as<Type>()->ns, i.impl->s_module, a[1]);
        i.impl->changed(a[0].as<Type>());
        return V::none();
      });
  in.def_property(
      ty, "__annotations__",
      [](Interp& i, const Args& a) {
        if (!a[0].as<Type>()->user)
          i.raise(i.t.AttributeError, "type object '" + std::string(a[0].as<Type>()->name->view()) +
                                          "' has no attribute '__annotations__'");
        if (V* m = i.find(a[0].as<Type>()->ns, i.impl->s_annotations)) return *m;
        const V d(i.dict());
        i.put(a[0].as<Type>()->ns, i.impl->s_annotations, d);
        return d;
      },
      [](Interp& i, const Args& a) {
        i.put(a[0].as<Type>()->ns, i.impl->s_annotations, a[1]);
        return V::none();
      });
  in.def_property(
      ty, "__abstractmethods__",
      [](Interp& i, const Args& a) {
        if (V* m = i.find(a[0].as<Type>()->ns, i.impl->s_abstract)) return *m;
        i.raise(i.t.AttributeError, "__abstractmethods__");
      },
      [](Interp& i, const Args& a) {
        i.put(a[0].as<Type>()->ns, i.impl->s_abstract, a[1]);
        return V::none();
      });
  in.def(
      ty, "mro", [](Interp& i, const Args& a) { return i.to_list(i.getattr(a[0], "__mro__")); }, 1,
      1);
  in.def(
      ty, "__subclasses__",
      [](Interp& i, const Args& a) {
        List* l = a[0].as<Type>()->subclasses;
        return l ? i.list(l->at, l->n) : V(i.list());
      },
      1, 1);
  in.def(
      ty, "__call__",
      [](Interp& i, const Args& a) {
        Type* c = a[0].as<Type>();
        Args rest = a;
        ++rest.pos;
        --rest.npos;
        // the default behaviour, whatever the metaclass overrides
        Type* meta = c->cls;
        c->cls = i.t.type;
        V out, failed;
        try {
          out = i.impl->type_call(c, rest);
        } catch (const PyErr& e) {
          failed = e.exc;
        }
        c->cls = meta;
        if (!failed.is_undef()) throw PyErr{failed};
        return out;
      },
      1, -1, true);
  in.def(
      ty, "__init__", [](Interp&, const Args&) { return V::none(); }, 1, -1, true);
  in.def(
      ty, "__repr__",
      [](Interp& i, const Args& a) {
        Type* t = a[0].as<Type>();
        std::string m;
        if (V* v = i.find(t->ns, i.impl->s_module);
            v && v->is(Kind::str) && v->as<Str>()->view() != "builtins")
          m = std::string(v->as<Str>()->view()) + ".";
        return i.str("<class '" + m + std::string(t->qualname->view()) + "'>");
      },
      1, 1);
  in.def(
      ty, "__setattr__",
      [](Interp& i, const Args& a) {
        Type* t = a[0].as<Type>();
        i.put(t->ns, attribute_name(i, a[1]), a[2]);
        i.impl->changed(t);
        return V::none();
      },
      3, 3);
  in.def(
      ty, "__instancecheck__",
      [](Interp& i, const Args& a) {
        return V::boolean(Interp::is_subtype(i.type_of(a[1]), a[0].as<Type>()));
      },
      2, 2);
  in.def(
      ty, "__subclasscheck__",
      [](Interp&, const Args& a) {
        return V::boolean(a[1].is(Kind::type) &&
                          Interp::is_subtype(a[1].as<Type>(), a[0].as<Type>()));
      },
      2, 2);
  in.def_class(
      ty, "__prepare__", [](Interp& i, const Args&) { return V(i.dict()); }, 1, -1, true);
  in.def(ty, "__dir__", dir_of, 1, 1);

  // functions
  Type* fn = in.t.function;
  in.def_property(
      fn, "__name__", [](Interp&, const Args& a) { return V(a[0].as<Function>()->name); },
      [](Interp& i, const Args& a) {
        a[0].as<Function>()->name = i.intern(i.text(a[1], "__name__"));
        return V::none();
      });
  in.def_property(
      fn, "__qualname__", [](Interp&, const Args& a) { return V(a[0].as<Function>()->qualname); },
      [](Interp& i, const Args& a) {
        a[0].as<Function>()->qualname = i.intern(i.text(a[1], "__qualname__"));
        return V::none();
      });
  in.def_property(
      fn, "__module__",
      [](Interp&, const Args& a) { return or_none(a[0].as<Function>()->module_name); },
      [](Interp&, const Args& a) {
        a[0].as<Function>()->module_name = a[1];
        return V::none();
      });
  in.def_property(
      fn, "__doc__", [](Interp&, const Args& a) { return or_none(a[0].as<Function>()->doc); },
      [](Interp&, const Args& a) {
        a[0].as<Function>()->doc = a[1];
        return V::none();
      });
  in.def_property(
      fn, "__defaults__",
      [](Interp&, const Args& a) {
        Tuple* t = a[0].as<Function>()->defaults;
        return t ? V(t) : V::none();
      },
      [](Interp&, const Args& a) {
        a[0].as<Function>()->defaults = a[1].is(Kind::tuple) ? a[1].as<Tuple>() : nullptr;
        return V::none();
      });
  in.def_property(
      fn, "__kwdefaults__",
      [](Interp&, const Args& a) {
        Dict* t = a[0].as<Function>()->kwdefaults;
        return t ? V(t) : V::none();
      },
      [](Interp&, const Args& a) {
        a[0].as<Function>()->kwdefaults = a[1].is(Kind::dict) ? a[1].as<Dict>() : nullptr;
        return V::none();
      });
  in.def_property(
      fn, "__annotations__",
      [](Interp& i, const Args& a) { return i.impl->annotations_of(a[0].as<Function>()); },
      [](Interp&, const Args& a) {
        a[0].as<Function>()->annotations = a[1];
        return V::none();
      });
  in.def_property(fn, "__code__",
                  [](Interp&, const Args& a) { return V(a[0].as<Function>()->code); });
  in.def_property(fn, "__globals__", [](Interp& i, const Args& a) {
    return V(i.impl->exposed(a[0].as<Function>()->code->module));
  });
  in.def_property(fn, "__closure__", [](Interp& i, const Args& a) {
    Function* f = a[0].as<Function>();
    if (!f->closure) return V::none();
    const CodeX* c = static_cast<CodeX*>(f->code);
    const std::uint32_t n = c->ctx->ast->extra(c->sc->frees)[0];
    Tuple* t = i.tuple_raw(n);
    for (std::uint32_t k = 0; k < n; ++k) t->at[k] = V(f->closure[k]);
    return V(t);
  });
  fn->construct = [](Interp& i,
                     const Args& a) {  // FunctionType(code, globals, name, argdefs, closure)
    const V code = Interp::arg(a, 1, "code");
    if (!code.is(Kind::code))
      i.raise(i.t.TypeError, "function() argument 'code' must be code, not " + i.type_name(code));
    Function* f = i.make<Function>(Kind::function, i.t.function);
    f->code = code.as<Code>();
    const V name = Interp::arg(a, 3, "name"), defaults = Interp::arg(a, 4, "argdefs"),
            closure = Interp::arg(a, 5, "closure");
    f->name = name.is(Kind::str) ? i.intern(name.as<Str>()) : f->code->name;
    f->qualname = f->code->qualname;
    if (defaults.is(Kind::tuple)) f->defaults = defaults.as<Tuple>();
    if (closure.is(Kind::tuple)) {
      f->closure = i.arena.array<Cell*>(closure.as<Tuple>()->n + 1);
      for (std::uint32_t k = 0; k < closure.as<Tuple>()->n; ++k)
        f->closure[k] = closure.as<Tuple>()->at[k].as<Cell>();
    }
    if (V* m = f->code->module ? i.find(f->code->module->ns, i.impl->s_name) : nullptr)
      f->module_name = *m;
    return V(f);
  };
  in.def(
      fn, "__get__",
      [](Interp& i, const Args& a) {
        if (a[1].is_none()) return a[0];
        return i.impl->descr_get(a[0], a[1], i.type_of(a[1]));
      },
      2, 3);
  in.def(
      fn, "__call__",
      [](Interp& i, const Args& a) {
        Args r = a;
        ++r.pos;
        --r.npos;
        return i.call(a[0], r);
      },
      1, -1, true);
  in.def(
      fn, "__repr__",
      [](Interp& i, const Args& a) {
        return i.str("<function " + std::string(a[0].as<Function>()->qualname->view()) +
                     " at 0x7f0000000000>");
      },
      1, 1);
  in.def_property(in.t.cell, "cell_contents", [](Interp& i, const Args& a) {
    if (a[0].as<Cell>()->v.is_undef()) i.raise(i.t.ValueError, "Cell is empty");
    return a[0].as<Cell>()->v;
  });
  Type* code = in.t.code;
  auto number = [&](const char* name, NativeFn f) { in.def_property(code, name, f); };
  number("co_argcount",
         [](Interp&, const Args& a) { return V::integer(static_cast<CodeX*>(a[0].o)->sc->nargs); });
  number("co_posonlyargcount", [](Interp&, const Args& a) {
    return V::integer(static_cast<CodeX*>(a[0].o)->sc->nposonly);
  });
  number("co_kwonlyargcount", [](Interp&, const Args& a) {
    return V::integer(static_cast<CodeX*>(a[0].o)->sc->nkwonly);
  });
  number("co_nlocals", [](Interp&, const Args& a) {
    return V::integer(static_cast<CodeX*>(a[0].o)->sc->nslots);
  });
  number("co_firstlineno",
         [](Interp&, const Args& a) { return V::integer(static_cast<CodeX*>(a[0].o)->sc->line); });
  number("co_flags", [](Interp&, const Args& a) {
    const Scope* s = static_cast<CodeX*>(a[0].o)->sc;
    return V::integer(
        3 | (s->varargs ? 4 : 0) | (s->varkw ? 8 : 0) | (s->generator && !s->coroutine ? 32 : 0) |
        (s->coroutine && !s->generator ? 128 : 0) | (s->coroutine && s->generator ? 512 : 0));
  });
  in.def_property(code, "co_name",
                  [](Interp&, const Args& a) { return V(static_cast<CodeX*>(a[0].o)->name); });
  in.def_property(code, "co_qualname",
                  [](Interp&, const Args& a) { return V(static_cast<CodeX*>(a[0].o)->qualname); });
  in.def_property(code, "co_filename", [](Interp& i, const Args& a) {
    return i.str(static_cast<CodeX*>(a[0].o)->ast->file);
  });
  in.def_property(code, "co_varnames", [](Interp& i, const Args& a) {
    CodeX* c = static_cast<CodeX*>(a[0].o);
    const std::uint32_t* n = c->ctx->ast->extra(c->sc->slot_names);
    Tuple* t = i.tuple_raw(c->sc->nslots);
    for (std::uint32_t k = 0; k < c->sc->nslots; ++k) t->at[k] = V(i.impl->name(c->ctx, n[k]));
    return V(t);
  });
  in.def_property(code, "co_freevars", [](Interp& i, const Args& a) {
    CodeX* c = static_cast<CodeX*>(a[0].o);
    const std::uint32_t* w = c->ctx->ast->extra(c->sc->frees);
    Tuple* t = i.tuple_raw(w[0]);
    for (std::uint32_t k = 0; k < w[0]; ++k) t->at[k] = V(i.impl->name(c->ctx, w[1 + w[0] + k]));
    return V(t);
  });
  // builtin functions, and methods of native types read from the class
  for (Type* t : {in.t.builtin, in.t.method_descriptor, in.t.wrapper_descriptor}) {
    in.def_property(t, "__name__",
                    [](Interp& i, const Args& a) { return V(i.intern(a[0].as<Builtin>()->name)); });
    in.def_property(t, "__qualname__", [](Interp& i, const Args& a) {
      const auto* b = a[0].as<Builtin>();
      return b->owner ? i.str(std::string(b->owner->name->view()) + "." + b->name)
                      : V(i.intern(b->name));
    });
    in.def_property(t, "__doc__", [](Interp&, const Args&) { return V::none(); });
    in.def(
        t, "__get__",
        [](Interp& i, const Args& a) {
          return a[1].is_none() ? a[0] : i.impl->descr_get(a[0], a[1], i.type_of(a[1]));
        },
        2, 3);
    in.def(
        t, "__call__",
        [](Interp& i, const Args& a) {
          Args r = a;
          ++r.pos;
          --r.npos;
          return i.call(a[0], r);
        },
        1, -1, true);
    in.def(
        t, "__repr__",
        [](Interp& i, const Args& a) {
          const auto* b = a[0].as<Builtin>();
          if (!b->owner) return i.str("<built-in function " + std::string(b->name) + ">");
          return i.str((b->cls == i.t.wrapper_descriptor ? "<slot wrapper '" : "<method '") +
                       std::string(b->name) + "' of '" + std::string(b->owner->name->view()) +
                       "' objects>");
        },
        1, 1);
    if (t == in.t.builtin) {
      in.put(t->ns, in.intern("__self__"), V::none());
      in.put(t->ns, im.s_module, V(in.intern("builtins")));
    } else {
      in.def_property(t, "__objclass__",
                      [](Interp&, const Args& a) { return V(a[0].as<Builtin>()->owner); });
    }
  }
  for (Type* t : {in.t.bound_builtin, in.t.method_wrapper}) {
    in.def_property(t, "__name__", [](Interp& i, const Args& a) {
      return i.getattr(a[0].as<Method>()->func, i.impl->s_name);
    });
    in.def_property(t, "__qualname__", [](Interp& i, const Args& a) {
      return i.getattr(a[0].as<Method>()->func, i.impl->s_qualname);
    });
    in.def_property(t, "__doc__", [](Interp&, const Args&) { return V::none(); });
    in.def_property(t, "__self__", [](Interp&, const Args& a) { return a[0].as<Method>()->self; });
    in.def(
        t, "__get__", [](Interp&, const Args& a) { return a[0]; }, 2, 3);
    in.def(
        t, "__call__",
        [](Interp& i, const Args& a) {
          Args r = a;
          ++r.pos;
          --r.npos;
          return i.call(a[0], r);
        },
        1, -1, true);
    in.def(
        t, "__eq__",
        [](Interp& i, const Args& a) {
          if (!a[1].is(Kind::method)) return i.not_implemented;
          return V::boolean(a[0].as<Method>()->func.same(a[1].as<Method>()->func) &&
                            a[0].as<Method>()->self.same(a[1].as<Method>()->self));
        },
        2, 2);
    in.def(
        t, "__repr__",
        [](Interp& i, const Args& a) {
          const auto* x = a[0].as<Method>();
          return i.str("<built-in method " + std::string(x->func.as<Builtin>()->name) + " of " +
                       i.type_name(x->self) + " object at 0x7f0000000000>");
        },
        1, 1);
  }
  in.def_property(in.t.member, "__name__",
                  [](Interp&, const Args& a) { return V(a[0].as<Member>()->name); });
  in.def_property(in.t.member, "__objclass__",
                  [](Interp&, const Args& a) { return V(a[0].as<Member>()->owner); });
  in.def_property(in.t.member, "__doc__", [](Interp&, const Args&) { return V::none(); });
  in.def(
      in.t.member, "__repr__",
      [](Interp& i, const Args& a) {
        return i.str("<member '" + std::string(a[0].as<Member>()->name->view()) + "' of '" +
                     std::string(a[0].as<Member>()->owner->name->view()) + "' objects>");
      },
      1, 1);
  in.def(
      in.t.member, "__get__",
      [](Interp& i, const Args& a) {
        return i.impl->descr_get(a[0], a[1].is_none() ? V() : a[1], i.type_of(a[1]));
      },
      2, 3);
  in.def(
      in.t.member, "__set__",
      [](Interp& i, const Args& a) {
        *i.impl->slot_of(a[0].as<Member>(), a[1]) = a[2];
        return V::none();
      },
      3, 3);
  in.def(
      in.t.member, "__delete__",
      [](Interp& i, const Args& a) {
        i.impl->generic_delattr(a[1], a[0].as<Member>()->name);
        return V::none();
      },
      2, 2);
  Type* m = in.t.method;
  in.def_property(m, "__func__", [](Interp&, const Args& a) { return a[0].as<Method>()->func; });
  in.def_property(m, "__self__", [](Interp&, const Args& a) { return a[0].as<Method>()->self; });
  for (const char* name : {"__name__", "__qualname__", "__doc__", "__module__", "__wrapped__",
                           "__defaults__", "__kwdefaults__", "__code__", "__annotations__",
                           "__globals__", "__closure__", "__isabstractmethod__"})
    in.def_property(m, name, [](Interp& i, const Args& a) {
      return i.getattr(a[0].as<Method>()->func, i.intern(i.current_builtin->name));
    });
  in.def(
      m, "__getattr__",
      [](Interp& i, const Args& a) {
        return i.getattr(a[0].as<Method>()->func, i.intern(i.text(a[1], "name")));
      },
      2, 2);
  in.def(
      m, "__eq__",
      [](Interp& i, const Args& a) {
        if (!a[1].is(Kind::method)) return i.not_implemented;
        return V::boolean(a[0].as<Method>()->func.same(a[1].as<Method>()->func) &&
                          a[0].as<Method>()->self.same(a[1].as<Method>()->self));
      },
      2, 2);
  in.def(
      m, "__call__",
      [](Interp& i, const Args& a) {
        Args r = a;
        ++r.pos;
        --r.npos;
        return i.call(a[0], r);
      },
      1, -1, true);
  in.def(
      m, "__repr__",
      [](Interp& i, const Args& a) {
        return i.str("<bound method " +
                     i.str_of(i.getattr(a[0].as<Method>()->func, "__qualname__")) + " of " +
                     i.repr_of(a[0].as<Method>()->self) + ">");
      },
      1, 1);
  // descriptors
  for (Type* w : {in.t.classmethod, in.t.staticmethod}) {
    in.def_property(w, "__func__", [](Interp&, const Args& a) { return a[0].as<Wrap>()->func; });
    in.def_property(w, "__wrapped__", [](Interp&, const Args& a) { return a[0].as<Wrap>()->func; });
    in.def_property(w, "__isabstractmethod__", [](Interp& i, const Args& a) {
      return V::boolean(abstract_flag(i, a[0].as<Wrap>()->func));
    });
    in.def(
        w, "__get__",
        [](Interp& i, const Args& a) {
          const V owner = a.npos > 2 ? a[2] : V(i.type_of(a[1]));
          return i.impl->descr_get(a[0], a[1].is_none() ? V() : a[1], owner.as<Type>());
        },
        2, 3);
    for (const char* name : {"__name__", "__qualname__", "__doc__", "__module__"})
      in.def_property(w, name, [](Interp& i, const Args& a) {
        return i.getattr(a[0].as<Wrap>()->func, i.intern(i.current_builtin->name));
      });
  }
  in.def(
      in.t.staticmethod, "__call__",
      [](Interp& i, const Args& a) {
        Args r = a;
        ++r.pos;
        --r.npos;
        return i.call(a[0].as<Wrap>()->func, r);
      },
      1, -1, true);
  Type* p = in.t.property;
  in.def_property(p, "fget",
                  [](Interp&, const Args& a) { return or_none(a[0].as<Property>()->get); });
  in.def_property(p, "fset",
                  [](Interp&, const Args& a) { return or_none(a[0].as<Property>()->set); });
  in.def_property(p, "fdel",
                  [](Interp&, const Args& a) { return or_none(a[0].as<Property>()->del); });
  in.def_property(
      p, "__doc__", [](Interp&, const Args& a) { return or_none(a[0].as<Property>()->doc); },
      [](Interp&, const Args& a) {
        a[0].as<Property>()->doc = a[1];
        return V::none();
      });
  in.def_property(p, "__isabstractmethod__", [](Interp& i, const Args& a) {
    Property* x = a[0].as<Property>();
    return V::boolean(abstract_flag(i, x->get) || abstract_flag(i, x->set) ||
                      abstract_flag(i, x->del));
  });
  in.def(
      p, "getter", [](Interp& i, const Args& a) { return property_with(i, a, 0); }, 2, 2);
  in.def(
      p, "setter", [](Interp& i, const Args& a) { return property_with(i, a, 1); }, 2, 2);
  in.def(
      p, "deleter", [](Interp& i, const Args& a) { return property_with(i, a, 2); }, 2, 2);
  in.def(
      p, "__init__",
      [](Interp&, const Args& a) {
        Property* x = a[0].as<Property>();
        if (a.npos > 1) x->get = a[1];
        if (a.npos > 2) x->set = a[2];
        if (a.npos > 3) x->del = a[3];
        return V::none();
      },
      1, 5, true);
  in.def(
      p, "__get__",
      [](Interp& i, const Args& a) {
        if (a[1].is_none()) return a[0];
        const V g = a[0].as<Property>()->get;
        if (g.is_none()) i.raise(i.t.AttributeError, "unreadable attribute");
        return i.call(g, {a[1]});
      },
      2, 3);
  in.def(
      p, "__set__",
      [](Interp& i, const Args& a) {
        const V s = a[0].as<Property>()->set;
        if (s.is_none()) i.raise(i.t.AttributeError, "can't set attribute");
        i.call(s, {a[1], a[2]});
        return V::none();
      },
      3, 3);
  for (Type* x : {in.t.not_implemented, in.t.ellipsis})
    in.def(
        x, "__repr__",
        [](Interp& i, const Args& a) {
          return i.str(i.type_of(a[0]) == i.t.ellipsis ? "Ellipsis" : "NotImplemented");
        },
        1, 1);
  in.def(
      in.t.iterator, "__iter__", [](Interp&, const Args& a) { return a[0]; }, 1, 1);
  in.def(
      in.t.iterator, "__next__",
      [](Interp& i, const Args& a) {
        V out;
        if (!i.next(a[0], out)) i.raise(i.t.StopIteration, "");
        return out;
      },
      1, 1);
}

/// `__new__` of every native type that can be constructed; called after all types are there.
void install_native_new(Interp& in) {
  auto add = [&](Type* t) {
    if (!t || !t->construct || in.find(t->ns, in.impl->s_new)) return;
    Builtin* b = in.make<Builtin>(Kind::builtin, in.t.builtin);
    b->name = "__new__";
    b->fn = native_new;
    b->min = 0;
    b->takes_kw = true;
    b->binds = false;
    b->data = V(t);
    Wrap* w = in.make<Wrap>(Kind::staticmethod, in.t.staticmethod);
    w->func = V(b);
    in.put(t->ns, in.impl->s_new, V(w));
  };
  for (Type* t :
       {in.t.object, in.t.type, in.t.integer, in.t.real, in.t.boolean, in.t.str, in.t.bytes,
        in.t.bytearray, in.t.list, in.t.tuple, in.t.dict, in.t.set, in.t.frozenset, in.t.property,
        in.t.classmethod, in.t.staticmethod, in.t.BaseException, in.t.super})
    add(t);
  ++in.impl->type_version;
}

}  // namespace kdex::py
