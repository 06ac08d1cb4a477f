// Making classes and calling them: metaclass, MRO, slots and hooks of a new class; __new__ and
// __init__ of a call. The class statement is in class_statement.cpp.
#include <algorithm>
#include <tuple>

#include "core/python/machine/impl.h"
#include "core/python/machine/ops.h"

namespace kdex::py {

using Impl = Interp::Impl;

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

namespace {

/// The names of a class body, as the class keeps them.
void take_names(Interp& in, Type* t, const Dict* ns) {
  Impl& im = *in.impl;
  for (std::uint32_t i = 0; i < ns->used; ++i)
    if (!ns->e[i].key.is_undef())
      in.put(t->ns,
             ns->e[i].key.is(Kind::str) ? V(in.intern(ns->e[i].key.as<Str>())) : ns->e[i].key,
             ns->e[i].val);
  if (V* q = in.find(t->ns, im.s_qualname); q && q->is(Kind::str)) {
    t->qualname = q->as<Str>();
    in.erase(t->ns, V(im.s_qualname));
  }
  if (im.top && im.top->module && !in.find(t->ns, im.s_module))
    if (V* m = in.find(im.top->module->ns, im.s_name)) in.put(t->ns, im.s_module, *m);
  // __new__, __init_subclass__ and __class_getitem__ are static or class methods without being
  // marked
  auto wrap = [&](Str* s, Kind k, Type* c) {
    if (V* f = in.find(t->ns, s); f && f->is(Kind::function)) {
      Wrap* w = in.make<Wrap>(k, c);
      w->func = *f;
      *f = V(w);
    }
  };
  wrap(im.s_new, Kind::staticmethod, in.t.staticmethod);
  wrap(im.s_init_subclass, Kind::classmethod, in.t.classmethod);
  wrap(im.s_class_getitem, Kind::classmethod, in.t.classmethod);
  if (in.find(t->ns, im.s_eq) && !in.find(t->ns, im.s_hash)) in.put(t->ns, im.s_hash, V::none());
}

std::vector<Type*> direct_bases(Interp& in, const Tuple* bases) {
  std::vector<Type*> direct;
  for (std::uint32_t i = 0; i < bases->n; ++i) {
    if (!bases->at[i].is(Kind::type)) in.raise(in.t.TypeError, "bases must be types");
    Type* b = bases->at[i].as<Type>();
    if (std::find(direct.begin(), direct.end(), b) != direct.end())
      in.raise(in.t.TypeError, "duplicate base class " + std::string(b->name->view()));
    if (b == in.t.boolean || b == in.t.none || b == in.t.function || b == in.t.ellipsis ||
        b == in.t.range || b == in.t.slice)
      in.raise(in.t.TypeError,
               "type '" + std::string(b->name->view()) + "' is not an acceptable base type");
    direct.push_back(b);
  }
  return direct;
}

/// The method resolution order (C3).
void set_mro(Interp& in, Type* t, const std::vector<Type*>& direct) {
  std::vector<std::vector<Type*>> seqs;
  for (Type* b : direct) seqs.emplace_back(b->mro, b->mro + b->nmro);
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
      in.raise(in.t.TypeError,
               "Cannot create a consistent method resolution\norder (MRO) for bases " + names);
    }
    mro.push_back(pick);
    in.tick(1 + static_cast<std::int64_t>(seqs[0].size()) / 8);
    for (auto& s : seqs)
      if (!s.empty() && s[0] == pick) s.erase(s.begin());
  }
  t->nmro = static_cast<std::uint32_t>(mro.size());
  t->mro = in.arena.array<Type*>(mro.size());
  std::copy(mro.begin(), mro.end(), t->mro);
}

Type* most_slots(const std::vector<Type*>& direct) {
  Type* base = direct.front();
  for (Type* b : direct)
    if (b->nslots > base->nslots) base = b;
  return base;
}

/// The class that named the last of its slots.
Type* solid_base(Type* b) {
  while (b->base && b->base->nslots == b->nslots) b = b->base;
  return b;
}

/// What instances are made of: the base that says it, or an ordinary instance.
void set_layout(Interp& in, Type* t, const std::vector<Type*>& direct) {
  t->layout = Kind::instance;
  t->base = most_slots(direct);
  for (Type* b : direct)
    if (b->layout != Kind::instance) {
      if (t->layout != Kind::instance && t->layout != b->layout)
        in.raise(in.t.TypeError, "multiple bases have instance lay-out conflict");
      t->layout = b->layout;
      t->base = b;
    }
  for (std::uint32_t i = 0; i < t->nmro; ++i) {
    t->is_exception |= t->mro[i]->is_exception;
    t->keeps_call |= t->mro[i]->keeps_call;
  }
  t->keeps_call |= in.find(t->ns, in.impl->s_keeps_call) != nullptr;
}

/// One name of `__slots__`: a member of the class.
void add_slot(Interp& in, Type* t, V name) {
  if (!name.is(Kind::str))
    in.raise(in.t.TypeError, "__slots__ items must be strings, not '" + in.type_name(name) + "'");
  std::string n(name.as<Str>()->view());
  if (n == "__dict__" || n == "__weakref__") return;
  if (n.starts_with("__") && !n.ends_with("__")) {
    const auto own = t->name->view().find_first_not_of('_');
    if (own != std::string_view::npos) n = "_" + std::string(t->name->view().substr(own)) + n;
  }
  Str* s = in.intern(n);
  if (in.find(t->ns, s))
    in.raise(in.t.ValueError, "'" + n + "' in __slots__ conflicts with class variable");
  Member* m = in.make<Member>(Kind::member, in.t.member);
  m->name = s;
  m->at = t->nslots++;
  m->owner = t;
  in.put(t->ns, s, V(m));
}

void set_slots(Interp& in, Type* t, const std::vector<Type*>& direct) {
  const Impl& im = *in.impl;
  // instances without a dictionary: every class of the MRO names its slots
  bool slots = t->layout == Kind::instance && !t->unknown_base;
  for (std::uint32_t i = 0; i < t->nmro; ++i) {
    const Type* b = t->mro[i];
    if (b->user && (!in.find(b->ns, im.s_instance_slots) || (b != t && !b->only_slots)))
      slots = false;
  }
  t->nslots = t->base->nslots;
  if (V* given = in.find(t->ns, im.s_instance_slots); given && t->layout == Kind::instance) {
    List* names = in.list();
    if (given->is(Kind::str))
      in.append(names, *given);
    else
      in.for_each(*given, [&](V v) {
        in.append(names, v);
        return true;
      });
    for (std::uint32_t i = 0; i < names->n; ++i) {
      add_slot(in, t, names->at[i]);
      if (names->at[i].as<Str>()->view() == "__dict__") slots = false;
    }
  }
  for (Type* b : direct)
    if (b->nslots && !Interp::is_subtype(solid_base(t->base), solid_base(b)))
      in.raise(in.t.TypeError, "multiple bases have instance lay-out conflict");
  t->only_slots = slots;
}

/// __set_name__ of what stands in the class body, then the parent's __init_subclass__.
void tell_class_made(Interp& in, Type* t, const Dict* ns, const Args& kw) {
  Impl& im = *in.impl;
  for (std::uint32_t i = 0; i < ns->used; ++i) {
    if (ns->e[i].key.is_undef()) continue;
    const V v = ns->e[i].val;
    if (!v.is_obj() || !v.o->cls->user) continue;
    if (v.o->kind == Kind::type) continue;
    const V f = in.special(v, im.s_set_name);
    if (!f.is_undef()) in.call(f, {V(t), ns->e[i].key});
  }
  for (std::uint32_t i = 1; i < t->nmro; ++i)
    if (V* f = in.find(t->mro[i]->ns, im.s_init_subclass)) {
      in.call(im.descr_get(*f, V(), t), kw);
      break;
    }
}

}  // namespace

namespace {

/// Where instances of `t` could not have `base` in place of its base: why, in CPython's words.
void check_base(Interp& in, const Type* t, Type* base) {
  const Type* old = t->base;
  const char* differs = nullptr;
  if (base->user != old->user || base->layout != old->layout)
    differs = "' deallocator differs from '";
  else if (base->user && solid_base(base) != solid_base(t->base))
    differs = "' object layout differs from '";
  if (differs)
    in.raise(in.t.TypeError, "__bases__ assignment: '" + std::string(base->name->view()) + differs +
                                 std::string(old->name->view()) + "'");
}

using Order = std::tuple<Type*, Type**, std::uint32_t>;

/// The method resolution orders of `t` and of all classes below it, made anew; `old` holds what
/// they were.
void renew_mro(Interp& in, Type* t, const Tuple* bases, std::vector<Order>& old) {
  old.emplace_back(t, t->mro, t->nmro);
  set_mro(in, t, direct_bases(in, bases));
  for (std::uint32_t i = 0; t->subclasses && i < t->subclasses->n; ++i) {
    Type* below = t->subclasses->at[i].as<Type>();
    renew_mro(in, below, below->bases, old);
  }
}

void leave(const Type* base, const Type* t) {
  List* all = base->subclasses;
  for (std::uint32_t i = 0; all && i < all->n; ++i)
    if (all->at[i].o == t) {
      std::copy(all->at + i + 1, all->at + all->n, all->at + i);
      --all->n;
      return;
    }
}

}  // namespace

/// `t.__bases__ = bases`.
void Impl::set_bases(Type* t, V given) {
  const std::string name(t->name->view());
  if (!given.is(Kind::tuple))
    in->raise(in->t.TypeError,
              "can only assign tuple to " + name + ".__bases__, not " + in->type_name(given));
  Tuple* bases = given.as<Tuple>();
  if (!bases->n)
    in->raise(in->t.TypeError, "can only assign non-empty tuple to " + name + ".__bases__, not ()");
  for (std::uint32_t i = 0; i < bases->n; ++i) {
    const V b = bases->at[i];
    if (!b.is(Kind::type))
      in->raise(in->t.TypeError,
                name + ".__bases__ must be tuple of classes, not '" + in->type_name(b) + "'");
    if (Interp::is_subtype(b.as<Type>(), t))
      in->raise(in->t.TypeError, "a __bases__ item causes an inheritance cycle");
  }
  const std::vector<Type*> direct = direct_bases(*in, bases);
  Type* base = most_slots(direct);
  for (Type* b : direct)
    if (b->layout != Kind::instance) base = b;
  check_base(*in, t, base);
  std::vector<Order> old;
  const V failed = in->caught([&] { renew_mro(*in, t, bases, old); });
  if (!failed.is_undef()) {
    for (auto it = old.rbegin(); it != old.rend(); ++it) {
      auto& [type, mro, n] = *it;
      type->mro = mro;
      type->nmro = n;
    }
    in->reraise(failed);
  }
  for (std::uint32_t i = 0; i < t->bases->n; ++i) leave(t->bases->at[i].as<Type>(), t);
  t->bases = bases;
  t->base = base;
  for (Type* b : direct) {
    if (!b->subclasses) b->subclasses = in->list();
    in->append(b->subclasses, V(t));
  }
  changed(t);
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
  take_names(*in, t, ns);
  const std::vector<Type*> direct = direct_bases(*in, bases);
  set_mro(*in, t, direct);
  set_layout(*in, t, direct);
  set_slots(*in, t, direct);
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
  tell_class_made(*in, t, ns, kw);
  return V(t);
}

/// (positional arguments, keyword arguments) as an attribute of what is made with them.
void Impl::keep_call(V obj, const Args& a) {
  Dict* keywords = in->dict();
  for (std::uint32_t i = 0; i < a.nkw; ++i) in->put(keywords, a.kwname[i], a.kwval[i]);
  if (!obj.o->attrs) obj.o->attrs = in->dict();
  in->put(obj.o->attrs, s_call_made, in->tuple({in->tuple(a.pos, a.npos), V(keywords)}));
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
  if (obj.is(Kind::instance) && top && top->ctx)
    obj.as<Instance>()->created = {top->ctx->index, top->line};
  if (cls->keeps_call && obj.is(Kind::instance)) keep_call(obj, a);
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

}  // namespace kdex::py
