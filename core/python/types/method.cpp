// Bound methods.
#include "core/python/machine/impl.h"
#include "core/python/machine/ops.h"
#include "core/python/types/types.h"

namespace kdex::py {
namespace {

V method_construct(Interp& in, const Args& a) {
  if (a.npos != 3)
    in.raise(in.t.TypeError, "method expected 2 arguments, got " + std::to_string(a.npos - 1));
  Method* m = in.make<Method>(Kind::method, in.t.method);
  m->func = a[1];
  m->self = a[2];
  return V(m);
}

/// An attribute of the function inside, by the name of the property that is read.
V of_function(Interp& in, const Args& a) {
  return in.getattr(a[0].as<Method>()->func, in.intern(in.current_builtin->name));
}

const AttributeDef kMethod[] = {
    attribute("__func__", [](Interp&, const Args& a) { return a[0].as<Method>()->func; }),
    attribute("__self__", [](Interp&, const Args& a) { return a[0].as<Method>()->self; }),
    method(
        "__getattr__",
        [](Interp& i, const Args& a) {
          return i.getattr(a[0].as<Method>()->func, i.intern(i.text(a[1], "name")));
        },
        2, 2),
    method(
        "__eq__",
        [](Interp& i, const Args& a) {
          if (!a[1].is(Kind::method)) return i.not_implemented;
          return V::boolean(a[0].as<Method>()->func.same(a[1].as<Method>()->func) &&
                            a[0].as<Method>()->self.same(a[1].as<Method>()->self));
        },
        2, 2),
    method("__call__", call_first, 1, -1, true),
    method(
        "__repr__",
        [](Interp& i, const Args& a) {
          return i.str("<bound method " +
                       i.str_of(i.getattr(a[0].as<Method>()->func, "__qualname__")) + " of " +
                       i.repr_of(a[0].as<Method>()->self) + ">");
        },
        1, 1),
};

}  // namespace

void install_method_type(Interp& in) {
  in.t.method->construct = method_construct;
  for (const char* name : {"__name__", "__qualname__", "__doc__", "__module__", "__wrapped__",
                           "__defaults__", "__kwdefaults__", "__code__", "__annotations__",
                           "__globals__", "__closure__", "__isabstractmethod__"})
    in.def_property(in.t.method, name, of_function);
  define(in, in.t.method, kMethod);
}

}  // namespace kdex::py
