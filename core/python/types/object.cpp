// object.
#include <algorithm>

#include "core/python/machine/impl.h"
#include "core/python/machine/ops.h"
#include "core/python/types/types.h"

namespace kdex::py {
namespace {

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
  return V(in.make<Instance>(Kind::instance, c));
}

V qualified(Interp& in, V v) {
  Type* c = in.type_of(v);
  std::string s;
  if (V* m = in.find(c->ns, in.impl->s_module);
      m && m->is(Kind::str) && m->as<Str>()->view() != "builtins")
    s = std::string(m->as<Str>()->view()) + ".";
  return in.str(s + std::string(c->qualname->view()));
}

Dict* attrs_of(Interp& in, V v) {
  if (!v.o->attrs) v.o->attrs = in.dict();
  return v.o->attrs;
}

const AttributeDef kObject[] = {
    method(
        "__init__",
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
        1, -1, true),
    method(
        "__repr__",
        [](Interp& i, const Args& a) {
          return i.str("<" + i.str_of(qualified(i, a[0])) + " object at 0x7f0000000000>");
        },
        1, 1),
    method(
        "__str__", [](Interp& i, const Args& a) { return i.str(i.repr_of(a[0])); }, 1, 1),
    method(
        "__format__",
        [](Interp& i, const Args& a) {
          if (a.npos > 1 && !i.text(a[1], "format spec").empty())
            i.raise(i.t.TypeError,
                    "unsupported format string passed to " + i.type_name(a[0]) + ".__format__");
          return i.str(i.str_of(a[0]));
        },
        1, 2),
    method(
        "__eq__",
        [](Interp& i, const Args& a) {
          return a[0].same(a[1]) ? V::boolean(true) : i.not_implemented;
        },
        2, 2),
    method(
        "__ne__",
        [](Interp& i, const Args& a) {
          const V f = i.special(a[0], i.impl->s_eq);
          if (f.is_undef()) return i.not_implemented;
          const V r = i.call(f, {a[1]});
          if (r.same(i.not_implemented)) return r;
          return V::boolean(!i.truth(r));
        },
        2, 2),
    method(
        "__hash__",
        [](Interp&, const Args& a) {
          return V::integer(
              static_cast<std::int64_t>(reinterpret_cast<std::uint64_t>(a[0].o) >> 4));
        },
        1, 1),
    method(
        "__getattribute__",
        [](Interp& i, const Args& a) {
          V out;
          Str* n = attribute_name(i, a[1]);
          if (a[0].is(Kind::type) ? i.impl->type_getattr(a[0].as<Type>(), n, out)
                                  : i.impl->generic_getattr(a[0], i.type_of(a[0]), n, out))
            return out;
          i.impl->set_raised(i.impl->no_attribute(a[0], n));
          return V();
        },
        2, 2),
    method(
        "__setattr__",
        [](Interp& i, const Args& a) {
          i.impl->generic_setattr(a[0], attribute_name(i, a[1]), a[2]);
          return V::none();
        },
        3, 3),
    method(
        "__delattr__",
        [](Interp& i, const Args& a) {
          i.impl->generic_delattr(a[0], attribute_name(i, a[1]));
          return V::none();
        },
        2, 2),
    method("__dir__", dir_of, 1, 1),
    method(
        "__sizeof__", [](Interp&, const Args&) { return V::integer(16); }, 1, 1),
    method(
        "__reduce_ex__",
        [](Interp& i, const Args& a) -> V {
          i.raise(i.t.TypeError, "cannot pickle '" + i.type_name(a[0]) + "' object");
        },
        1, 2),
    class_method(
        "__init_subclass__",
        [](Interp& i, const Args& a) {
          if (a.nkw)
            i.raise(i.t.TypeError, std::string(a[0].as<Type>()->qualname->view()) +
                                       ".__init_subclass__() takes no keyword arguments");
          return V::none();
        },
        1, -1, true),
    class_method(
        "__subclasshook__", [](Interp& i, const Args&) { return i.not_implemented; }, 1, 2),
    attribute(
        "__class__", [](Interp& i, const Args& a) { return V(i.type_of(a[0])); },
        [](Interp& i, const Args& a) {
          if (!a[1].is(Kind::type) || !a[0].is_obj())
            i.raise(i.t.TypeError,
                    "__class__ must be set to a class, not '" + i.type_name(a[1]) + "' object");
          if (a[1].as<Type>()->layout != a[0].o->cls->layout ||
              (a[0].o->kind != Kind::instance && a[0].o->kind != a[1].as<Type>()->layout))
            i.raise(
                i.t.TypeError,
                "__class__ assignment only supported for mutable types or ModuleType subclasses");
          if (a[0].is(Kind::instance) && a[1].as<Type>()->nslots != a[0].o->cls->nslots)
            i.raise(i.t.TypeError, "__class__ assignment: '" +
                                       std::string(a[1].as<Type>()->name->view()) +
                                       "' object layout differs from '" + i.type_name(a[0]) + "'");
          a[0].o->cls = a[1].as<Type>();
          return V::none();
        }),
    attribute(
        "__dict__",
        [](Interp& i, const Args& a) {
          if (!a[0].is_obj() ||
              (!a[0].o->cls->user && a[0].o->kind != Kind::function &&
               a[0].o->kind != Kind::exception && a[0].o->kind != Kind::module &&
               a[0].o->kind != Kind::type && a[0].o->kind != Kind::instance) ||
              a[0].o->cls->only_slots)
            i.raise(i.t.AttributeError,
                    "'" + i.type_name(a[0]) + "' object has no attribute '__dict__'");
          if (a[0].is(Kind::module)) return V(a[0].as<Module>()->ns);
          return V(attrs_of(i, a[0]));
        },
        [](Interp& i, const Args& a) {
          if (a[1].is(Kind::dict)) {
            i.changing(a[0].o);
            a[0].o->attrs = a[1].as<Dict>();
          } else {
            i.raise(i.t.TypeError,
                    "__dict__ must be set to a dictionary, not a '" + i.type_name(a[1]) + "'");
          }
          return V::none();
        }),
};

}  // namespace

void install_object_type(Interp& in) {
  Type* t = in.t.object;
  t->construct = object_new;
  define(in, t, kObject);
  in.put(t->ns, in.impl->s_doc, V::none());
}

}  // namespace kdex::py
