// dict, its live views and mappingproxy: construction and methods. The table is in dict.cpp.
#include "core/python/types/containers.h"

namespace kdex::py {
namespace {

Dict* self_dict(Interp& in, const Args& a) {
  if (a.npos && is_proxy(a[0])) return a[0].as<DictView>()->d;
  return self_as<Dict>(in, a, Kind::dict, "dict");
}

V make_dict(Interp& in, const Args& a) {
  Type* cls = a[0].as<Type>();
  if (cls == in.t.dict && a.npos == 2 && a[1].is(Kind::unknown))
    return unknown_of(in, "builtins.dict", a[1]);
  Dict* d = in.dict();
  d->cls = cls;
  return V(d);
}

V update_method(Interp& in, const Args& a) {
  Dict* d = self_as<Dict>(in, a, Kind::dict, "dict");
  if (a.npos > 2)
    in.raise(
        in.t.TypeError,
        std::string(in.current_builtin && std::string_view(in.current_builtin->name) == "update"
                        ? "update"
                        : "dict") +
            " expected at most 1 argument, got " + std::to_string(a.npos - 1));
  if (a.npos == 2) dict_update(in, d, a[1]);
  for (std::uint32_t i = 0; i < a.nkw; ++i) in.put(d, a.kwname[i], a.kwval[i]);
  return V::none();
}

V dict_get(Interp& in, const Args& a) {
  Dict* d = self_dict(in, a);
  in.reading(d, a[1]);
  V* v = in.find(d, a[1]);
  return v ? *v : a.npos > 2 ? a[2] : V::none();
}

V dict_setdefault(Interp& in, const Args& a) {
  Dict* d = self_dict(in, a);
  in.reading(d, a[1]);
  if (V* v = in.find(d, a[1])) return *v;
  V v = a.npos > 2 ? a[2] : V::none();
  in.put(d, a[1], v);
  return v;
}

V dict_pop(Interp& in, const Args& a) {
  Dict* d = self_dict(in, a);
  if (V* v = in.find(d, a[1])) {
    V out = *v;
    in.erase(d, a[1]);
    return out;
  }
  if (a.npos > 2) return a[2];
  key_error(in, a[1]);
}

V dict_popitem(Interp& in, const Args& a) {
  Dict* d = self_dict(in, a);
  for (std::uint32_t i = d->used; i-- > 0;) {
    Dict::Entry e = d->e[i];
    if (e.key.is_undef()) continue;
    in.erase(d, e.key);
    return in.tuple({e.key, e.val});
  }
  in.raise(in.call(V(in.t.KeyError), {in.str("popitem(): dictionary is empty")}));
}

V dict_fromkeys(Interp& in, const Args& a) {
  V value = a.npos > 2 ? a[2] : V::none();
  V out = in.call(a[0]);
  const bool plain = out.is(Kind::dict) && out.o->cls == in.t.dict;
  in.for_each(a[1], [&](V k) {
    in.tick();
    if (plain)
      in.put(out.as<Dict>(), k, value);
    else
      in.setitem(out, k, value);
    return true;
  });
  return out;
}

template <Shows shows>
V dict_view(Interp& in, const Args& a) {
  Dict* d = self_dict(in, a);
  in.reading(d, V());
  return view_of(in, d, shows);
}

V make_proxy(Interp& in, const Args& a) {
  if (a.npos != 2)
    in.raise(in.t.TypeError, "mappingproxy() missing required argument 'mapping' (pos 1)");
  if (is_proxy(a[1])) return view_of(in, a[1].as<DictView>()->d, Shows::mapping);
  if (a[1].is(Kind::dict)) return view_of(in, a[1].as<Dict>(), Shows::mapping);
  V keys;
  if (!in.try_getattr(a[1], in.intern("keys"), keys))
    in.raise(in.t.TypeError,
             "mappingproxy() argument must be a mapping, not " + in.type_name(a[1]));
  Dict* d = in.dict();
  dict_merge(in, d, a[1]);
  return view_of(in, d, Shows::mapping);
}

void reading(Interp& in, Type* t) {
  in.def(t, "get", dict_get, 2, 3);
  in.def(t, "keys", dict_view<Shows::keys>, 1, 1);
  in.def(t, "values", dict_view<Shows::values>, 1, 1);
  in.def(t, "items", dict_view<Shows::items>, 1, 1);
  in.def(
      t, "copy", [](Interp& i, const Args& a) { return dict_copy(i, self_dict(i, a)); }, 1, 1);
  in.def(t, "__or__", binary_method<Op::bitor_>, 2, 2);
  in.def(t, "__ror__", reflected_method<Op::bitor_>, 2, 2);
}

}  // namespace

V view_of(Interp& in, Dict* d, Shows shows) {
  Type* types[] = {in.t.dict_keys, in.t.dict_values, in.t.dict_items, in.t.mappingproxy};
  DictView* v = in.make<DictView>(Kind::view, types[static_cast<std::size_t>(shows)]);
  v->shows = shows;
  v->d = d;
  return V(v);
}

V dict_copy(Interp& in, Dict* d) {
  Dict* c = in.dict();
  dict_merge(in, c, view_of(in, d, Shows::mapping));
  return V(c);
}

void dict_merge(Interp& in, Dict* d, V other, bool overwrite) {
  Dict* from = nullptr;
  if (is_proxy(other)) from = other.as<DictView>()->d;
  if (other.is(Kind::dict)) {
    Str* iter = in.intern("__iter__");
    if (other.o->cls == in.t.dict || in.lookup(other.o->cls, iter).same(in.lookup(in.t.dict, iter)))
      from = other.as<Dict>();
  }
  if (from) {
    if (from == d) return;
    if (!d->live) return in.copy_entries(d, from);
    for (std::uint32_t i = 0; i < from->used; ++i) {
      const Dict::Entry e = from->e[i];
      in.tick();
      if (!e.key.is_undef() && (overwrite || !in.find(d, e.key))) in.put(d, e.key, e.val);
    }
    return;
  }
  in.for_each(in.call_method(other, "keys"), [&](V k) {
    in.tick();
    if (overwrite || !in.find(d, k)) in.put(d, k, in.getitem(other, k));
    return true;
  });
}

void dict_update(Interp& in, Dict* d, V other) {
  if (other.is(Kind::unknown)) return;
  V keys;
  if (other.is(Kind::dict) || is_proxy(other) || in.try_getattr(other, in.intern("keys"), keys))
    return dict_merge(in, d, other);
  std::int64_t at = 0;
  in.for_each(other, [&](V pair) {
    in.tick();
    V item;
    if (pair.is(Kind::tuple) || pair.is(Kind::list)) {
      item = pair;
    } else {
      if (in.lookup(in.type_of(pair), in.intern("__iter__")).is_undef())
        in.raise(in.t.TypeError, "cannot convert dictionary update sequence element #" +
                                     number_of(at) + " to a sequence");
      item = in.to_list(pair);
    }
    const std::uint32_t n = item.is(Kind::list) ? item.as<List>()->n : item.as<Tuple>()->n;
    const V* v = item.is(Kind::list) ? item.as<List>()->at : item.as<Tuple>()->at;
    if (n != 2)
      in.raise(in.t.ValueError, "dictionary update sequence element #" + number_of(at) +
                                    " has length " + number_of(n) + "; 2 is required");
    in.put(d, v[0], v[1]);
    ++at;
    return true;
  });
}

void install_mappings(Interp& in) {
  if (!in.t.dict) in.t.dict = in.new_type("dict", in.t.object, Kind::dict);
  Type* t = in.t.dict;
  t->construct = make_dict;
  in.def(t, "__init__", update_method, 1, -1, true);
  def_protocol(in, t, "licgsdrv=u");
  reading(in, t);
  in.def(t, "__ior__", inplace_method<Op::bitor_>, 2, 2);
  in.def(t, "update", update_method, 1, -1, true);
  in.def(t, "setdefault", dict_setdefault, 2, 3);
  in.def(t, "pop", dict_pop, 2, 3);
  in.def(t, "popitem", dict_popitem, 1, 1);
  in.def(
      t, "clear",
      [](Interp& i, const Args& a) {
        i.clear(self_dict(i, a));
        return V::none();
      },
      1, 1);
  in.def_class(t, "fromkeys", dict_fromkeys, 2, 3);

  t = in.t.dict_keys = in.new_type("dict_keys", in.t.object, Kind::view);
  def_protocol(in, t, "licrv=<u");
  t = in.t.dict_values = in.new_type("dict_values", in.t.object, Kind::view);
  def_protocol(in, t, "lirv");
  t = in.t.dict_items = in.new_type("dict_items", in.t.object, Kind::view);
  def_protocol(in, t, "licrv=<u");
  for (Type* view : {in.t.dict_keys, in.t.dict_values, in.t.dict_items})
    in.def_property(view, "mapping", [](Interp& i, const Args& a) {
      return view_of(i, self_as<DictView>(i, a, Kind::view, "dict_keys")->d, Shows::mapping);
    });
  t = in.t.mappingproxy = in.new_type("mappingproxy", in.t.object, Kind::view);
  in.def(
      t, "__str__",
      [](Interp& i, const Args& a) { return i.str(i.repr_of(V(a[0].as<DictView>()->d))); }, 1, 1);
  t->construct = make_proxy;
  def_protocol(in, t, "licgrv=u");
  reading(in, t);
}

}  // namespace kdex::py
