// Functions in C++, methods of native types read from the class, and both bound to an instance.
#include "core/python/machine/impl.h"
#include "core/python/machine/ops.h"
#include "core/python/types/types.h"

namespace kdex::py {
namespace {

const AttributeDef kBuiltin[] = {
    attribute("__name__",
              [](Interp& i, const Args& a) { return V(i.intern(a[0].as<Builtin>()->name)); }),
    attribute("__qualname__",
              [](Interp& i, const Args& a) {
                const auto* b = a[0].as<Builtin>();
                return b->owner ? i.str(std::string(b->owner->name->view()) + "." + b->name)
                                : V(i.intern(b->name));
              }),
    attribute("__doc__", [](Interp&, const Args&) { return V::none(); }),
    method(
        "__get__",
        [](Interp& i, const Args& a) {
          return a[1].is_none() ? a[0] : i.impl->descr_get(a[0], a[1], i.type_of(a[1]));
        },
        2, 3),
    method("__call__", call_first, 1, -1, true),
    method(
        "__repr__",
        [](Interp& i, const Args& a) {
          const auto* b = a[0].as<Builtin>();
          if (!b->owner) return i.str("<built-in function " + std::string(b->name) + ">");
          return i.str((b->cls == i.t.wrapper_descriptor ? "<slot wrapper '" : "<method '") +
                       std::string(b->name) + "' of '" + std::string(b->owner->name->view()) +
                       "' objects>");
        },
        1, 1),
};

const AttributeDef kBound[] = {
    attribute("__name__",
              [](Interp& i, const Args& a) {
                return i.getattr(a[0].as<Method>()->func, i.impl->s_name);
              }),
    attribute("__qualname__",
              [](Interp& i, const Args& a) {
                return i.getattr(a[0].as<Method>()->func, i.impl->s_qualname);
              }),
    attribute("__doc__", [](Interp&, const Args&) { return V::none(); }),
    attribute("__self__", [](Interp&, const Args& a) { return a[0].as<Method>()->self; }),
    method(
        "__get__", [](Interp&, const Args& a) { return a[0]; }, 2, 3),
    method("__call__", call_first, 1, -1, true),
    method(
        "__eq__",
        [](Interp& i, const Args& a) {
          if (!a[1].is(Kind::method)) return i.not_implemented;
          return V::boolean(a[0].as<Method>()->func.same(a[1].as<Method>()->func) &&
                            a[0].as<Method>()->self.same(a[1].as<Method>()->self));
        },
        2, 2),
    method(
        "__repr__",
        [](Interp& i, const Args& a) {
          const auto* x = a[0].as<Method>();
          return i.str("<built-in method " + std::string(x->func.as<Builtin>()->name) + " of " +
                       i.type_name(x->self) + " object at 0x7f0000000000>");
        },
        1, 1),
};

}  // namespace

void install_builtin_types(Interp& in) {
  for (Type* t : {in.t.builtin, in.t.method_descriptor, in.t.wrapper_descriptor}) {
    define(in, t, kBuiltin);
    if (t == in.t.builtin) {
      in.put(t->ns, in.intern("__self__"), V::none());
      in.put(t->ns, in.impl->s_module, V(in.intern("builtins")));
    } else {
      in.def_property(t, "__objclass__",
                      [](Interp&, const Args& a) { return V(a[0].as<Builtin>()->owner); });
    }
  }
  for (Type* t : {in.t.bound_builtin, in.t.method_wrapper}) define(in, t, kBound);
}

}  // namespace kdex::py
