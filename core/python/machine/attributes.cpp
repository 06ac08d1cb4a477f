// Attributes: lookup in classes and instances, descriptors, setting and deleting, and the errors.
#include <algorithm>
#include <unordered_set>

#include "core/python/machine/impl.h"
#include "core/python/machine/ops.h"

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
  if (o.is(Kind::module) && t->user && module_getattr(o.as<Module>(), name, out)) return true;
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

/// An attribute of an object whose class has __getattribute__ or __getattr__.
Impl::Found Impl::find_by_hook(V o, Type* t, Str* name, V& out) {
  const bool own = !t->getattribute.is_undef();
  const V both[2] = {o, V(name)};
  const Args args{both, 2};
  bool is_there = false;
  const V failed = in->caught([&] {
    is_there = own ? try_call(t->getattribute, args, out) : generic_getattr(o, t, name, out);
  });
  if (failed.is_undef() && is_there) return Found::yes;
  if (!failed.is_undef() &&
      (t->getattr.is_undef() || !in->isinstance(failed, in->t.AttributeError))) {
    in->raised = failed;
    return Found::raised;
  }
  return try_call(t->getattr, args, out) ? Found::yes : Found::raised;
}

V* Impl::known_attribute(std::string_view owner, std::string_view name) {
  if (!known.is(Kind::dict)) return nullptr;
  const auto root = owner.substr(0, owner.find('.'));
  const auto last = owner.substr(owner.rfind('.') + 1);
  const std::string key = std::string(root) + "." + std::string(last) + "." + std::string(name);
  return in->find_text(known.as<Dict>(), in->str(key).as<Str>());
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
        if (const V* value = known_attribute(o.as<Unknown>()->why->view(), n)) {
          out = *value;
          return Found::yes;
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
  if (t->getattribute.is_undef() && t->getattr.is_undef())
    return found(generic_getattr(o, t, name, out));
  return find_by_hook(o, t, name, out);
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

void Impl::attribute_error(V o, Str* name) { in->raise(no_attribute(o, name)); }

V Interp::getattr(V o, Str* name) {
  V out;
  if (!impl->getattr_impl(o, name, out)) impl->attribute_error(o, name);
  return out;
}

bool Interp::try_getattr(V o, Str* name, V& out) {
  Impl::Found r = Impl::Found::no;
  const V missing = caught(this->t.AttributeError, [&] { r = impl->find_attribute(o, name, out); });
  return missing.is_undef() && r == Impl::Found::yes;
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
      V* at = slot_of(d.as<Member>(), o);
      in->changing(o.o);
      *at = v;
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
      if (t->only_slots) {
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
  if (o.is(Kind::module)) {
    module_store(o.as<Module>(), name, v);
    return;
  }
  if (!o.o->attrs) {
    in->changing(o.o);
    o.o->attrs = in->dict();
  }
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
    in->changing(o.o);
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

}  // namespace kdex::py
