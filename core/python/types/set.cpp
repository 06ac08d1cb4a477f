// set and frozenset, and the set operations that dict views share.
#include <vector>

#include "core/python/types/containers.h"

namespace kdex::py {
namespace {

constexpr std::int64_t kSizedInAdvance =
    65536;  // elements; more than these may be the same ones again

bool any_set(V v) { return v.is(Kind::set); }

void add_all(Interp& in, Set* s, V iterable) {
  if (!s->d->live && iterable.is_obj() && !iterable.o->cls->user) {
    const std::int64_t n = iterable.is(Kind::list)    ? iterable.as<List>()->n
                           : iterable.is(Kind::tuple) ? iterable.as<Tuple>()->n
                                                      : 0;
    if (n <= kSizedInAdvance) in.presize(s->d, n);
  }
  in.for_each(iterable, [&](V x) {
    in.tick();
    in.add(s, x);
    return true;
  });
}

/// The elements of any iterable as a set (a set itself is given back as it is).
Set* as_set(Interp& in, V v) {
  if (any_set(v)) return v.as<Set>();
  Set* s = in.set();
  add_all(in, s, v);
  return s;
}

Set* copy_of(Interp& in, Set* s, Type* cls) {
  Set* c = in.set(s->is_frozen);
  c->cls = cls;
  c->is_frozen = Interp::is_subtype(cls, in.t.frozenset);
  in.copy_entries(c->d, s->d);
  return c;
}

void update(Interp& in, Set* s, V other) {
  if (!any_set(other)) return add_all(in, s, other);
  Set* o = other.as<Set>();
  if (o == s) return;
  if (!s->d->live) return in.copy_entries(s->d, o->d);
  for (std::uint32_t i = 0; i < o->d->used; ++i) {
    in.tick();
    if (!o->d->e[i].key.is_undef()) in.add(s, o->d->e[i].key);
  }
}

/// Keeps the elements of s for which membership in o equals `keep`.
void filter(Interp& in, Set* s, Set* o, bool keep) {
  if (!s->d->live || (!keep && !o->d->live)) return;
  Held<V> gone(in.arena);
  for (std::uint32_t i = 0; i < s->d->used; ++i) {
    in.tick();
    V k = s->d->e[i].key;
    if (!k.is_undef() && in.has(o, k) != keep) gone.push_back(k);
  }
  for (V k : gone) in.erase(s->d, k);
}

void apply(Interp& in, Op op, Set* s, V other) {
  Set* o = as_set(in, other);
  if (op == Op::bitor_) return update(in, s, V(o));
  if (op == Op::bitand_) return filter(in, s, o, true);
  if (op == Op::sub) return o == s ? in.clear(s->d) : filter(in, s, o, false);
  if (o == s) return in.clear(s->d);
  for (std::uint32_t i = 0; i < o->d->used; ++i) {  // symmetric difference
    in.tick();
    V k = o->d->e[i].key;
    if (!k.is_undef() && !in.erase(s->d, k)) in.add(s, k);
  }
}

bool subset(Interp& in, Set* a, Set* b) {
  if (a->d->live > b->d->live) return false;
  for (std::uint32_t i = 0; i < a->d->used; ++i) {
    in.tick();
    if (!a->d->e[i].key.is_undef() && !in.has(b, a->d->e[i].key)) return false;
  }
  return true;
}

Set* self_set(Interp& in, const Args& a) { return self_as<Set>(in, a, Kind::set, "set"); }

template <Op op>
V combined(Interp& in, const Args& a) {  // union, intersection, difference
  Set* s = self_set(in, a);
  Set* out = copy_of(in, s, s->is_frozen ? in.t.frozenset : in.t.set);
  for (std::uint32_t i = 1; i < a.npos; ++i) apply(in, op, out, a[i]);
  return V(out);
}
template <Op op>
V updated(Interp& in, const Args& a) {
  Set* s = self_set(in, a);
  for (std::uint32_t i = 1; i < a.npos; ++i) apply(in, op, s, a[i]);
  return V::none();
}

V make_set(Interp& in, const Args& a) {
  Type* cls = a[0].as<Type>();
  if (cls == in.t.set && a.npos == 2 && a[1].is(Kind::unknown))
    return unknown_of(in, "builtins.set", a[1]);
  Set* s = in.set();
  s->cls = cls;
  return V(s);
}

V set_init(Interp& in, const Args& a) {
  Set* s = self_set(in, a);
  if (a.npos > 2)
    in.raise(in.t.TypeError, "set expected at most 1 argument, got " + std::to_string(a.npos - 1));
  in.clear(s->d);
  if (a.npos == 2) update(in, s, a[1]);
  return V::none();
}

V make_frozenset(Interp& in, const Args& a) {
  Type* cls = a[0].as<Type>();
  if (a.npos > 2)
    in.raise(in.t.TypeError,
             "frozenset expected at most 1 argument, got " + std::to_string(a.npos - 1));
  if (cls == in.t.frozenset && a.npos == 2) {
    if (a[1].is(Kind::unknown)) return unknown_of(in, "builtins.frozenset", a[1]);
    if (a[1].is(Kind::set) && a[1].o->cls == cls) return a[1];
  }
  Set* s = in.set(true);
  s->cls = cls;
  if (a.npos == 2) update(in, s, a[1]);
  return V(s);
}

V set_copy(Interp& in, const Args& a) {
  Set* s = self_set(in, a);
  return s->cls == in.t.frozenset ? V(s) : V(copy_of(in, s, s->cls));
}

V set_pop(Interp& in, const Args& a) {
  Dict* d = self_set(in, a)->d;
  for (std::uint32_t i = 0; i < d->used; ++i) {
    V k = d->e[i].key;
    if (k.is_undef()) continue;
    in.erase(d, k);
    return k;
  }
  in.raise(in.call(V(in.t.KeyError), {in.str("pop from an empty set")}));
}

V set_discard(Interp& in, const Args& a) {
  in.erase(self_set(in, a)->d, a[1]);
  return V::none();
}

void shared_methods(Interp& in, Type* t) {
  in.def(t, "union", combined<Op::bitor_>, 1);
  in.def(t, "intersection", combined<Op::bitand_>, 1);
  in.def(t, "difference", combined<Op::sub>, 1);
  in.def(t, "symmetric_difference", combined<Op::bitxor>, 2, 2);
  in.def(t, "copy", set_copy, 1, 1);
  in.def(
      t, "issubset",
      [](Interp& i, const Args& a) {
        return V::boolean(subset(i, self_set(i, a), as_set(i, a[1])));
      },
      2, 2);
  in.def(
      t, "issuperset",
      [](Interp& i, const Args& a) {
        return V::boolean(subset(i, as_set(i, a[1]), self_set(i, a)));
      },
      2, 2);
  in.def(
      t, "isdisjoint",
      [](Interp& i, const Args& a) {
        Set* c = copy_of(i, self_set(i, a), i.t.set);
        apply(i, Op::bitand_, c, a[1]);
        return V::boolean(!c->d->live);
      },
      2, 2);
}

void operators(Interp& in, Type* t) {
  in.def(t, "__or__", binary_method<Op::bitor_>, 2, 2);
  in.def(t, "__and__", binary_method<Op::bitand_>, 2, 2);
  in.def(t, "__sub__", binary_method<Op::sub>, 2, 2);
  in.def(t, "__xor__", binary_method<Op::bitxor>, 2, 2);
  in.def(t, "__ror__", reflected_method<Op::bitor_>, 2, 2);
  in.def(t, "__rand__", reflected_method<Op::bitand_>, 2, 2);
  in.def(t, "__rsub__", reflected_method<Op::sub>, 2, 2);
  in.def(t, "__rxor__", reflected_method<Op::bitxor>, 2, 2);
}

}  // namespace

bool set_like(V v) {
  return v.is(Kind::set) || (v.is(Kind::view) && (v.as<DictView>()->shows == Shows::keys ||
                                                  v.as<DictView>()->shows == Shows::items));
}

bool set_binary(Interp& in, Op op, V a, V b, V& out) {
  if (op != Op::bitor_ && op != Op::bitand_ && op != Op::sub && op != Op::bitxor) return false;
  if (!set_like(a) || (any_set(a) && !set_like(b))) return false;
  if (!any_set(a) && !set_like(b)) {  // a view takes any iterable
    if (!b.is_obj() || in.lookup(in.type_of(b), in.intern("__iter__")).is_undef()) return false;
  }
  Set* left = as_set(in, a);
  Set* s = copy_of(in, left, any_set(a) && left->is_frozen ? in.t.frozenset : in.t.set);
  apply(in, op, s, b);
  out = V(s);
  return true;
}

bool set_inplace(Interp& in, Op op, V a, V b) {
  if ((op != Op::bitor_ && op != Op::bitand_ && op != Op::sub && op != Op::bitxor) || !set_like(b))
    return false;
  apply(in, op, a.as<Set>(), b);
  return true;
}

bool set_compare(Interp& in, Cmp op, V a, V b, bool& out) {
  Set *x = as_set(in, a), *y = as_set(in, b);
  const std::uint32_t n = x->d->live, m = y->d->live;
  switch (op) {
    case Cmp::eq:
      out = n == m && subset(in, x, y);
      break;
    case Cmp::ne:
      out = !(n == m && subset(in, x, y));
      break;
    case Cmp::lt:
      out = n < m && subset(in, x, y);
      break;
    case Cmp::le:
      out = subset(in, x, y);
      break;
    case Cmp::gt:
      out = n > m && subset(in, y, x);
      break;
    default:
      out = subset(in, y, x);
      break;
  }
  return true;
}

void install_sets(Interp& in) {
  Type* t = in.t.set = in.new_type("set", in.t.object, Kind::set);
  t->construct = make_set;
  in.def(t, "__init__", set_init, 1, -1, true);
  def_protocol(in, t, "licr=<u");
  shared_methods(in, t);
  operators(in, t);
  in.def(t, "__ior__", inplace_method<Op::bitor_>, 2, 2);
  in.def(t, "__iand__", inplace_method<Op::bitand_>, 2, 2);
  in.def(t, "__isub__", inplace_method<Op::sub>, 2, 2);
  in.def(t, "__ixor__", inplace_method<Op::bitxor>, 2, 2);
  in.def(t, "update", updated<Op::bitor_>, 1);
  in.def(t, "intersection_update", updated<Op::bitand_>, 1);
  in.def(t, "difference_update", updated<Op::sub>, 1);
  in.def(t, "symmetric_difference_update", updated<Op::bitxor>, 2, 2);
  in.def(
      t, "add",
      [](Interp& i, const Args& a) {
        i.add(self_set(i, a), a[1]);
        return V::none();
      },
      2, 2);
  in.def(t, "discard", set_discard, 2, 2);
  in.def(
      t, "remove",
      [](Interp& i, const Args& a) {
        if (!i.erase(self_set(i, a)->d, a[1])) key_error(i, a[1]);
        return V::none();
      },
      2, 2);
  in.def(t, "pop", set_pop, 1, 1);
  in.def(
      t, "clear",
      [](Interp& i, const Args& a) {
        i.clear(self_set(i, a)->d);
        return V::none();
      },
      1, 1);

  t = in.t.frozenset = in.new_type("frozenset", in.t.object, Kind::set);
  t->construct = make_frozenset;
  def_protocol(in, t, "licr=<h");
  shared_methods(in, t);
  operators(in, t);
  for (Type* view : {in.t.dict_keys, in.t.dict_items}) {
    operators(in, view);
    in.def(
        view, "isdisjoint",
        [](Interp& i, const Args& a) {
          Set* c = copy_of(i, as_set(i, a[0]), i.t.set);
          apply(i, Op::bitand_, c, a[1]);
          return V::boolean(!c->d->live);
        },
        2, 2);
  }
}

}  // namespace kdex::py
