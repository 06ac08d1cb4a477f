// classmethod and staticmethod.
#include "core/python/machine/impl.h"
#include "core/python/machine/ops.h"
#include "core/python/types/types.h"

namespace kdex::py {
namespace {

V wrap_construct(Interp& in, const Args& a, Kind k) {
  Wrap* w = in.make<Wrap>(k, a[0].as<Type>());
  w->func = a.npos > 1 ? a[1] : V::none();
  return V(w);
}

/// An attribute of the function inside, by the name of the property that is read.
V of_function(Interp& in, const Args& a) {
  return in.getattr(a[0].as<Wrap>()->func, in.intern(in.current_builtin->name));
}

const AttributeDef kWrap[] = {
    attribute("__func__", [](Interp&, const Args& a) { return a[0].as<Wrap>()->func; }),
    attribute("__wrapped__", [](Interp&, const Args& a) { return a[0].as<Wrap>()->func; }),
    attribute(
        "__isabstractmethod__",
        [](Interp& i, const Args& a) { return V::boolean(is_abstract(i, a[0].as<Wrap>()->func)); }),
    method(
        "__get__",
        [](Interp& i, const Args& a) {
          const V owner = a.npos > 2 ? a[2] : V(i.type_of(a[1]));
          return i.impl->descr_get(a[0], a[1].is_none() ? V() : a[1], owner.as<Type>());
        },
        2, 3),
};

const AttributeDef kStaticmethod[] = {
    method(
        "__call__",
        [](Interp& i, const Args& a) {
          Args r = a;
          ++r.pos;
          --r.npos;
          return i.call(a[0].as<Wrap>()->func, r);
        },
        1, -1, true),
};

}  // namespace

void install_classmethod_types(Interp& in) {
  in.t.classmethod->construct = [](Interp& i, const Args& a) {
    return wrap_construct(i, a, Kind::classmethod);
  };
  in.t.staticmethod->construct = [](Interp& i, const Args& a) {
    return wrap_construct(i, a, Kind::staticmethod);
  };
  for (Type* t : {in.t.classmethod, in.t.staticmethod}) {
    define(in, t, kWrap);
    for (const char* name : {"__name__", "__qualname__", "__doc__", "__module__"})
      in.def_property(t, name, of_function);
  }
  define(in, in.t.staticmethod, kStaticmethod);
}

}  // namespace kdex::py
