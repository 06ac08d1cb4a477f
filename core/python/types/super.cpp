// super.
#include "core/python/machine/impl.h"
#include "core/python/machine/ops.h"
#include "core/python/types/types.h"

namespace kdex::py {
namespace {

V super_construct(Interp& in, const Args& a) {
  Super* s = in.make<Super>(Kind::super, in.t.super);
  if (a.npos == 1) {
    Frame* f = in.impl->top;
    if (f && f->code && !f->code->sc->nargs && !f->code->sc->varargs)
      in.raise(in.t.RuntimeError, "super(): no arguments");
    if (!f || !f->code || !f->code->sc->uses_class)
      in.raise(in.t.RuntimeError, "super(): __class__ cell not found");
    const V cls = f->closure[f->code->sc->class_free]->v;
    if (!cls.is(Kind::type)) in.raise(in.t.RuntimeError, "super(): empty __class__ cell");
    if (!f->code->sc->nargs && !f->code->sc->varargs)
      in.raise(in.t.RuntimeError, "super(): no arguments");
    V self = f->slots[0];
    if (self.is(Kind::cell)) self = self.as<Cell>()->v;
    if (!f->code->sc->nargs && self.is(Kind::tuple) && self.as<Tuple>()->n)
      self = self.as<Tuple>()->at[0];
    s->start = cls.as<Type>();
    s->obj = self;
  } else {
    if (!a[1].is(Kind::type))
      in.raise(in.t.TypeError, "super() argument 1 must be a type, not " + in.type_name(a[1]));
    s->start = a[1].as<Type>();
    s->obj = a.npos > 2 ? a[2] : V::none();
  }
  if (s->obj.is(Kind::type) && Interp::is_subtype(s->obj.as<Type>(), s->start))
    s->obj_type = s->obj.as<Type>();
  else
    s->obj_type = in.type_of(s->obj);
  if (!Interp::is_subtype(s->obj_type, s->start))
    in.raise(in.t.TypeError, "super(type, obj): obj must be an instance or subtype of type");
  return V(s);
}

}  // namespace

void install_super_type(Interp& in) { in.t.super->construct = super_construct; }

}  // namespace kdex::py
