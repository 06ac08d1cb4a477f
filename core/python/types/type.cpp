// type.
#include "core/python/machine/impl.h"
#include "core/python/machine/ops.h"
#include "core/python/types/types.h"

namespace kdex::py {
namespace {

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
  Type* meta = a[0].as<Type>();
  Tuple* bases = in.tuple(known->at, known->n).as<Tuple>();
  if (Type* winner = in.impl->calculate_meta(meta, bases); winner != meta) {
    const V own = in.lookup(winner, in.impl->s_new);  // a base's metaclass makes it in its own way
    if (own.is(Kind::staticmethod) && own.as<Wrap>()->func.is(Kind::function)) {
      const V given[4] = {V(winner), a[1], a[2], a[3]};
      kw.pos = given;
      kw.npos = 4;
      return in.call(own.as<Wrap>()->func, kw);
    }
  }
  return in.impl->type_new(meta, in.intern(a[1].as<Str>()), bases, a[3].as<Dict>(), kw,
                           unknown_base);
}

V view_of(Interp& in, Dict* d) {
  DictView* v = in.make<DictView>(Kind::view, in.t.mappingproxy);
  v->shows = Shows::mapping;
  v->d = d;
  return V(v);
}

const AttributeDef kType[] = {
    attribute(
        "__name__", [](Interp&, const Args& a) { return V(a[0].as<Type>()->name); },
        [](Interp& i, const Args& a) {
          a[0].as<Type>()->name = i.intern(i.text(a[1], "name"));
          return V::none();
        }),
    attribute(
        "__qualname__", [](Interp&, const Args& a) { return V(a[0].as<Type>()->qualname); },
        [](Interp& i, const Args& a) {
          a[0].as<Type>()->qualname = i.intern(i.text(a[1], "qualname"));
          return V::none();
        }),
    attribute(
        "__bases__",
        [](Interp& i, const Args& a) {
          return a[0].as<Type>()->bases ? V(a[0].as<Type>()->bases) : i.tuple({});
        },
        [](Interp& i, const Args& a) {
          Type* t = a[0].as<Type>();
          if (!t->user)
            i.raise(i.t.TypeError, "cannot set '__bases__' attribute of immutable type '" +
                                       std::string(t->name->view()) + "'");
          i.impl->set_bases(t, a[1]);
          return V::none();
        }),
    attribute("__base__",
              [](Interp&, const Args& a) {
                return a[0].as<Type>()->base ? V(a[0].as<Type>()->base) : V::none();
              }),
    attribute("__mro__",
              [](Interp& i, const Args& a) {
                Type* t = a[0].as<Type>();
                Tuple* r = i.tuple_raw(t->nmro);
                for (std::uint32_t k = 0; k < t->nmro; ++k) r->at[k] = V(t->mro[k]);
                return V(r);
              }),
    attribute("__dict__", [](Interp& i, const Args& a) { return view_of(i, a[0].as<Type>()->ns); }),
    attribute(
        "__module__",
        [](Interp& i, const Args& a) {
          V* m =
              a[0].as<Type>() == i.t.type ? nullptr : i.find(a[0].as<Type>()->ns, i.impl->s_module);
          return m ? *m : V(i.intern("builtins"));
        },
        [](Interp& i, const Args& a) {
          i.put(a[0].as<Type>()->ns, i.impl->s_module, a[1]);
          i.impl->changed(a[0].as<Type>());
          return V::none();
        }),
    attribute(
        "__annotations__",
        [](Interp& i, const Args& a) {
          if (!a[0].as<Type>()->user)
            i.raise(i.t.AttributeError, "type object '" +
                                            std::string(a[0].as<Type>()->name->view()) +
                                            "' has no attribute '__annotations__'");
          if (V* m = i.find(a[0].as<Type>()->ns, i.impl->s_annotations)) return *m;
          const V d(i.dict());
          i.put(a[0].as<Type>()->ns, i.impl->s_annotations, d);
          return d;
        },
        [](Interp& i, const Args& a) {
          i.put(a[0].as<Type>()->ns, i.impl->s_annotations, a[1]);
          return V::none();
        }),
    attribute(
        "__abstractmethods__",
        [](Interp& i, const Args& a) {
          if (V* m = i.find(a[0].as<Type>()->ns, i.impl->s_abstract)) return *m;
          i.raise(i.t.AttributeError, "__abstractmethods__");
        },
        [](Interp& i, const Args& a) {
          i.put(a[0].as<Type>()->ns, i.impl->s_abstract, a[1]);
          return V::none();
        }),
    method(
        "mro", [](Interp& i, const Args& a) { return i.to_list(i.getattr(a[0], "__mro__")); }, 1,
        1),
    method(
        "__subclasses__",
        [](Interp& i, const Args& a) {
          List* l = a[0].as<Type>()->subclasses;
          return l ? i.list(l->at, l->n) : V(i.list());
        },
        1, 1),
    method(
        "__call__",
        [](Interp& i, const Args& a) {
          Type* c = a[0].as<Type>();
          Args rest = a;
          ++rest.pos;
          --rest.npos;
          // the default behaviour, whatever the metaclass overrides
          Type* meta = c->cls;
          c->cls = i.t.type;
          V out;
          const V failed = i.caught([&] { out = i.impl->type_call(c, rest); });
          c->cls = meta;
          if (!failed.is_undef()) i.reraise(failed);
          return out;
        },
        1, -1, true),
    method(
        "__init__", [](Interp&, const Args&) { return V::none(); }, 1, -1, true),
    method(
        "__repr__",
        [](Interp& i, const Args& a) {
          Type* t = a[0].as<Type>();
          std::string m;
          if (V* v = i.find(t->ns, i.impl->s_module);
              v && v->is(Kind::str) && v->as<Str>()->view() != "builtins")
            m = std::string(v->as<Str>()->view()) + ".";
          return i.str("<class '" + m + std::string(t->qualname->view()) + "'>");
        },
        1, 1),
    method(
        "__setattr__",
        [](Interp& i, const Args& a) {
          Type* t = a[0].as<Type>();
          i.put(t->ns, attribute_name(i, a[1]), a[2]);
          i.impl->changed(t);
          return V::none();
        },
        3, 3),
    method(
        "__instancecheck__",
        [](Interp& i, const Args& a) {
          return V::boolean(Interp::is_subtype(i.type_of(a[1]), a[0].as<Type>()));
        },
        2, 2),
    method(
        "__subclasscheck__",
        [](Interp&, const Args& a) {
          return V::boolean(a[1].is(Kind::type) &&
                            Interp::is_subtype(a[1].as<Type>(), a[0].as<Type>()));
        },
        2, 2),
    class_method(
        "__prepare__", [](Interp& i, const Args&) { return V(i.dict()); }, 1, -1, true),
    method("__dir__", dir_of, 1, 1),
};

}  // namespace

void install_type_type(Interp& in) {
  in.t.type->construct = type_construct;
  define(in, in.t.type, kType);
}

}  // namespace kdex::py
