// The first types of an isolate, made by hand, since new_type needs them; the names that are used
// all the time; `__new__` of native types.
#include "core/python/machine/impl.h"
#include "core/python/types/types.h"

namespace kdex::py {
namespace {

V native_new(Interp& in, const Args& a) {
  Type* t = in.current_builtin->data.as<Type>();
  if (!a.npos || !a[0].is(Kind::type))
    in.raise(in.t.TypeError, std::string(t->name->view()) + ".__new__(X): X is not a type object");
  Type* c = a[0].as<Type>();
  if (!Interp::is_subtype(c, t))
    in.raise(in.t.TypeError, std::string(t->name->view()) + ".__new__(" +
                                 std::string(c->name->view()) +
                                 "): " + std::string(c->name->view()) + " is not a subtype of " +
                                 std::string(t->name->view()));
  return t->construct(in, a);
}

/// The names that are used all the time.
void intern_names(Interp& in) {
  Interp::Impl& im = *in.impl;
  struct {
    Str** at;
    const char* text;
  } names[] = {{&im.s_init, "__init__"},
               {&im.s_new, "__new__"},
               {&im.s_call, "__call__"},
               {&im.s_get, "__get__"},
               {&im.s_set, "__set__"},
               {&im.s_delete, "__delete__"},
               {&im.s_getattr, "__getattr__"},
               {&im.s_getattribute, "__getattribute__"},
               {&im.s_setattr, "__setattr__"},
               {&im.s_delattr, "__delattr__"},
               {&im.s_class, "__class__"},
               {&im.s_dict, "__dict__"},
               {&im.s_name, "__name__"},
               {&im.s_qualname, "__qualname__"},
               {&im.s_module, "__module__"},
               {&im.s_doc, "__doc__"},
               {&im.s_iter, "__iter__"},
               {&im.s_next, "__next__"},
               {&im.s_len, "__len__"},
               {&im.s_bool, "__bool__"},
               {&im.s_eq, "__eq__"},
               {&im.s_hash, "__hash__"},
               {&im.s_getitem, "__getitem__"},
               {&im.s_setitem, "__setitem__"},
               {&im.s_delitem, "__delitem__"},
               {&im.s_contains, "__contains__"},
               {&im.s_enter, "__enter__"},
               {&im.s_exit, "__exit__"},
               {&im.s_str, "__str__"},
               {&im.s_repr, "__repr__"},
               {&im.s_index, "__index__"},
               {&im.s_format, "__format__"},
               {&im.s_missing, "__missing__"},
               {&im.s_set_name, "__set_name__"},
               {&im.s_init_subclass, "__init_subclass__"},
               {&im.s_class_getitem, "__class_getitem__"},
               {&im.s_mro_entries, "__mro_entries__"},
               {&im.s_prepare, "__prepare__"},
               {&im.s_instancecheck, "__instancecheck__"},
               {&im.s_subclasscheck, "__subclasscheck__"},
               {&im.s_annotations, "__annotations__"},
               {&im.s_all, "__all__"},
               {&im.s_path, "__path__"},
               {&im.s_file, "__file__"},
               {&im.s_instance_slots, "__slots__"},
               {&im.s_match_args, "__match_args__"},
               {&im.s_build_class, "__build_class__"},
               {&im.s_missing_name, "__missing__"},
               {&im.s_abstract, "__abstractmethods__"},
               {&im.s_keeps_call, "_kdex_keeps_call"},
               {&im.s_call_made, "_kdex_call"}};
  for (auto& n : names) *n.at = in.intern(n.text);
}

}  // namespace

void install_first_types(Interp& in) {
  Interp::Impl& im = *in.impl;
  in.t.type = new (in.arena.alloc(sizeof(Type))) Type(Kind::type, nullptr);
  in.t.type->cls = in.t.type;
  in.t.object = new (in.arena.alloc(sizeof(Type))) Type(Kind::type, in.t.type);
  in.t.str = new (in.arena.alloc(sizeof(Type))) Type(Kind::type, in.t.type);
  in.t.dict = new (in.arena.alloc(sizeof(Type))) Type(Kind::type, in.t.type);
  in.t.tuple = nullptr;
  intern_names(in);
  auto early = [&](Type* t, const char* name, Type* base, Kind layout) {
    t->name = t->qualname = in.intern(name);
    t->base = base;
    t->layout = layout;
    t->ns = in.dict();
    t->nmro = base ? 2 : 1;
    t->mro = in.arena.array<Type*>(2);
    t->mro[0] = t;
    if (base) t->mro[1] = base;
    in.put(t->ns, im.s_module, V(in.intern("builtins")));
  };
  early(in.t.object, "object", nullptr, Kind::instance);
  early(in.t.type, "type", in.t.object, Kind::type);
  early(in.t.str, "str", in.t.object, Kind::str);
  early(in.t.dict, "dict", in.t.object, Kind::dict);
  in.builtins = in.dict();
  Type* o = in.t.object;
  in.t.none = in.new_type("NoneType", o, Kind::singleton);
  in.t.function = in.new_type("function", o, Kind::function);
  in.t.builtin = in.new_type("builtin_function_or_method", o, Kind::builtin);
  in.t.method = in.new_type("method", o, Kind::method);
  in.t.classmethod = in.new_type("classmethod", o, Kind::classmethod);
  in.t.staticmethod = in.new_type("staticmethod", o, Kind::staticmethod);
  in.t.property = in.new_type("property", o, Kind::property);
  in.t.super = in.new_type("super", o, Kind::super);
  in.t.cell = in.new_type("cell", o, Kind::cell);
  in.t.code = in.new_type("code", o, Kind::code);
  in.t.module = in.new_type("module", o, Kind::module);
  in.t.generator = in.new_type("generator", o, Kind::generator);
  in.t.coroutine = in.new_type("coroutine", o, Kind::generator);
  in.t.iterator = in.new_type("iterator", o, Kind::iterator);
  in.t.unknown = in.new_type("Unknown", o, Kind::unknown, "_kdex");
  in.t.not_implemented = in.new_type("NotImplementedType", o, Kind::singleton);
  in.t.ellipsis = in.new_type("ellipsis", o, Kind::singleton);
  in.t.method_wrapper = in.new_type("method-wrapper", o, Kind::method);
  in.t.method_descriptor = in.new_type("method_descriptor", o, Kind::builtin);
  in.t.wrapper_descriptor = in.new_type("wrapper_descriptor", o, Kind::builtin);
  in.t.bound_builtin = in.new_type("builtin_function_or_method", in.t.builtin, Kind::method);
  in.t.member = in.new_type("member_descriptor", o, Kind::member);
  im.lazy_import = in.new_type("lazy import", o, Kind::singleton, "_kdex");
  in.not_implemented = V(in.make<Obj>(Kind::singleton, in.t.not_implemented));
  in.ellipsis = V(in.make<Obj>(Kind::singleton, in.t.ellipsis));
  for (Type* t :
       {in.t.object, in.t.type, in.t.property, in.t.classmethod, in.t.staticmethod, in.t.super})
    in.put(in.builtins, t->name, V(t));
  in.put(in.builtins, in.intern("NotImplemented"), in.not_implemented);
  in.put(in.builtins, in.intern("Ellipsis"), in.ellipsis);
  in.put(in.builtins, in.intern("__debug__"), V::boolean(true));
}

/// `__new__` of every native type that can be constructed; called after all types are there.
void install_native_new(Interp& in) {
  auto add = [&](Type* t) {
    if (!t || !t->construct || in.find(t->ns, in.impl->s_new)) return;
    Builtin* b = in.make<Builtin>(Kind::builtin, in.t.builtin);
    b->name = "__new__";
    b->fn = native_new;
    b->min = 0;
    b->takes_kw = true;
    b->binds = false;
    b->data = V(t);
    Wrap* w = in.make<Wrap>(Kind::staticmethod, in.t.staticmethod);
    w->func = V(b);
    in.put(t->ns, in.impl->s_new, V(w));
  };
  for (Type* t :
       {in.t.object, in.t.type, in.t.integer, in.t.real, in.t.boolean, in.t.str, in.t.bytes,
        in.t.bytearray, in.t.list, in.t.tuple, in.t.dict, in.t.set, in.t.frozenset, in.t.property,
        in.t.classmethod, in.t.staticmethod, in.t.BaseException, in.t.super})
    add(t);
  ++in.impl->type_version;
}

}  // namespace kdex::py
