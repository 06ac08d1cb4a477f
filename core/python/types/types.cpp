// types.h: tables put into types, and what several type files use.
#include "core/python/types/types.h"

#include "core/python/machine/impl.h"
#include "core/python/machine/ops.h"

namespace kdex::py {

void define(Interp& in, Dict* names, std::span<const FunctionDef> table) {
  for (const FunctionDef& d : table)
    in.put(names, in.intern(d.name), in.builtin(d.name, d.call, d.min, d.max, d.keywords));
}

void define(Interp& in, Type* type, std::span<const AttributeDef> table) {
  for (const AttributeDef& d : table) switch (d.as) {
      case AttributeDef::As::method:
        in.def(type, d.name, d.call, d.min, d.max, d.keywords);
        break;
      case AttributeDef::As::class_method:
        in.def_class(type, d.name, d.call, d.min, d.max, d.keywords);
        break;
      case AttributeDef::As::static_method:
        in.def_static(type, d.name, d.call, d.min, d.max, d.keywords);
        break;
      case AttributeDef::As::property:
        in.def_property(type, d.name, d.call, d.set);
        break;
    }
}

Str* attribute_name(Interp& in, V v) {
  in.text(v, "attribute name");
  return in.intern(v.as<Str>());
}

V dir_of(Interp& in, const Args& a) {
  List* l = in.list();
  Set* seen = in.set();
  auto add = [&](Dict* d) {
    for (std::uint32_t i = 0; i < d->used; ++i)
      if (d->e[i].key.is(Kind::str) && in.add(seen, d->e[i].key)) in.append(l, d->e[i].key);
  };
  if (a[0].is_obj() && a[0].o->attrs) add(a[0].o->attrs);
  Type* t = a[0].is(Kind::type) ? a[0].as<Type>() : in.type_of(a[0]);
  for (std::uint32_t i = 0; i < t->nmro; ++i) add(t->mro[i]->ns);
  sort_list(in, l, V::none(), false);
  return V(l);
}

bool is_abstract(Interp& in, V f) {
  V out;
  return f.is_obj() && in.try_getattr(f, in.intern("__isabstractmethod__"), out) && in.truth(out);
}

V call_first(Interp& in, const Args& a) {
  Args rest = a;
  ++rest.pos;
  --rest.npos;
  return in.call(a[0], rest);
}

void install_object(Interp& in) {
  install_first_types(in);
  install_object_type(in);
  install_type_type(in);
  install_function_type(in);
  install_builtin_types(in);
  install_member_type(in);
  install_method_type(in);
  install_classmethod_types(in);
  install_property_type(in);
  install_super_type(in);
  install_singleton_types(in);
}

}  // namespace kdex::py
