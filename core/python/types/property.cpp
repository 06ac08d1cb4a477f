// property.
#include "core/python/machine/impl.h"
#include "core/python/machine/ops.h"
#include "core/python/types/types.h"

namespace kdex::py {
namespace {

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

const AttributeDef kProperty[] = {
    attribute("fget", [](Interp&, const Args& a) { return or_none(a[0].as<Property>()->get); }),
    attribute("fset", [](Interp&, const Args& a) { return or_none(a[0].as<Property>()->set); }),
    attribute("fdel", [](Interp&, const Args& a) { return or_none(a[0].as<Property>()->del); }),
    attribute(
        "__doc__", [](Interp&, const Args& a) { return or_none(a[0].as<Property>()->doc); },
        [](Interp&, const Args& a) {
          a[0].as<Property>()->doc = a[1];
          return V::none();
        }),
    attribute("__isabstractmethod__",
              [](Interp& i, const Args& a) {
                Property* x = a[0].as<Property>();
                return V::boolean(is_abstract(i, x->get) || is_abstract(i, x->set) ||
                                  is_abstract(i, x->del));
              }),
    method(
        "getter", [](Interp& i, const Args& a) { return property_with(i, a, 0); }, 2, 2),
    method(
        "setter", [](Interp& i, const Args& a) { return property_with(i, a, 1); }, 2, 2),
    method(
        "deleter", [](Interp& i, const Args& a) { return property_with(i, a, 2); }, 2, 2),
    method(
        "__init__",
        [](Interp&, const Args& a) {
          Property* x = a[0].as<Property>();
          if (a.npos > 1) x->get = a[1];
          if (a.npos > 2) x->set = a[2];
          if (a.npos > 3) x->del = a[3];
          return V::none();
        },
        1, 5, true),
    method(
        "__get__",
        [](Interp& i, const Args& a) {
          if (a[1].is_none()) return a[0];
          const V g = a[0].as<Property>()->get;
          if (g.is_none()) i.raise(i.t.AttributeError, "unreadable attribute");
          return i.call(g, {a[1]});
        },
        2, 3),
    method(
        "__set__",
        [](Interp& i, const Args& a) {
          const V s = a[0].as<Property>()->set;
          if (s.is_none()) i.raise(i.t.AttributeError, "can't set attribute");
          i.call(s, {a[1], a[2]});
          return V::none();
        },
        3, 3),
};

}  // namespace

void install_property_type(Interp& in) {
  in.t.property->construct = property_construct;
  define(in, in.t.property, kProperty);
}

}  // namespace kdex::py
