// Functions about modules and frames: globals, locals, __import__, those of `_kdex`, and the type
// of modules.
#include <algorithm>
#include <cctype>

#include "core/python/machine/impl.h"
#include "core/python/machine/ops.h"
#include "core/python/types/types.h"

namespace kdex::py {

using Impl = Interp::Impl;

void install_native_new(Interp& in);
void install_generators(Interp& in);

namespace {

Frame* frame_at(Interp& in, std::int64_t n) {
  Frame* f = in.impl->top;
  while (f && n-- > 0) f = f->back;
  return f;
}

V module_construct(Interp& in, const Args& a) {
  Module* m = in.make<Module>(Kind::module, a[0].as<Type>());
  m->name = in.intern("?");
  m->ns = in.dict();
  return V(m);
}

/// module(name, doc=None).
V module_init(Interp& in, const Args& a) {
  V given[2];
  if (a.npos - 1 + a.nkw > 2)
    in.raise(in.t.TypeError, "module() takes at most 2 arguments (" +
                                 std::to_string(a.npos - 1 + a.nkw) + " given)");
  for (std::uint32_t i = 1; i < a.npos; ++i) given[i - 1] = a[i];
  for (std::uint32_t i = 0; i < a.nkw; ++i) {
    const std::string_view name = a.kwname[i]->view();
    if (name != "name" && name != "doc")
      in.raise(in.t.TypeError,
               "'" + std::string(name) + "' is an invalid keyword argument for module()");
    given[name == "doc"] = a.kwval[i];
  }
  if (given[0].is_undef())
    in.raise(in.t.TypeError, "module() missing required argument 'name' (pos 1)");
  if (!given[0].is(Kind::str))
    in.raise(in.t.TypeError, "module() argument 'name' must be str, not " + in.type_name(given[0]));
  Module* m = a[0].as<Module>();
  m->name = in.intern(given[0].as<Str>());
  in.put(m->ns, in.impl->s_name, V(m->name));
  in.put(m->ns, in.impl->s_doc, given[1].is_undef() ? V::none() : given[1]);
  for (const char* name : {"__package__", "__loader__", "__spec__"})
    in.put(m->ns, in.intern(name), V::none());
  return V::none();
}

/// The value of an expression's text among a module's names or a dict's.
V eval_annotation(Interp& in, const Args& a) {
  const std::string_view text = in.text(a[0], "annotation");
  Module* m = nullptr;
  Dict* globals = nullptr;
  if (a.npos > 1 && a[1].is(Kind::str))
    m = in.impl->find_module(std::string(a[1].as<Str>()->view()));
  if (a.npos > 1 && a[1].is(Kind::module)) m = a[1].as<Module>();
  if (a.npos > 1 && a[1].is(Kind::dict)) {
    globals = a[1].as<Dict>();
    const auto owner = in.impl->namespaces.find(globals);
    if (owner != in.impl->namespaces.end())
      m = owner->second;
    else
      for (auto& [name, mod] : in.impl->modules)
        if (mod->ns == globals) m = mod;
  }
  Dict* locals =
      a.npos > 2 && a[2].is(Kind::dict) && a[2].as<Dict>()->live ? a[2].as<Dict>() : nullptr;
  const bool plain = !text.empty() &&
                     std::all_of(text.begin(), text.end(),
                                 [](char ch) {
                                   return ch == '_' || std::isalnum(static_cast<unsigned char>(ch));
                                 }) &&
                     !std::isdigit(static_cast<unsigned char>(text[0])) && text != "None" &&
                     text != "True" && text != "False" && text != "lambda";
  if (plain && m) {  // most annotations are one name
    Str* name = in.intern(text);
    if (V* p = locals ? in.find(locals, name) : nullptr) return *p;
    V v;
    if (in.impl->module_lookup(m, name, v)) return v;
    if (V* p = in.find(in.builtins, name)) return *p;
  }
  if (!m) {
    m = in.make<Module>(Kind::module, in.t.module);
    m->name = in.intern("<annotation>");
    m->ns = globals ? globals : in.dict();
  }
  source::SyntaxError error;
  const std::shared_ptr<const Ast> ast =
      in.impl->finder ? in.impl->finder->expression(text, error)
                      : std::shared_ptr<const Ast>(source::parse_expression(text, error));
  if (!ast) in.raise(in.t.SyntaxError, error.message);
  ModCtx* c = in.impl->make_ctx(ast, m, true);
  Frame* f = new (in.arena.alloc(sizeof(Frame))) Frame;
  f->code = in.impl->make_code(c, 0);
  f->ctx = c;
  f->ast = ast.get();
  f->module = m;
  f->slots = in.arena.array<V>(f->code->sc->nslots + 1);
  for (std::uint32_t slot = 0; slot < f->code->sc->nslots; ++slot) f->slots[slot] = V();
  // locals shadow: names are looked up there first
  if (locals) {
    Module* shadow = in.make<Module>(Kind::module, in.t.module);
    shadow->name = m->name;
    shadow->ns = in.dict();
    const Ast& t = *ast;
    for (const Node& n : t.node_store) {
      if (n.kind != N::name) continue;
      Str* s = in.impl->name(c, n.a);
      V v;
      if (V* p = in.find(locals, s))
        in.put(shadow->ns, s, *p);
      else if (in.impl->module_lookup(m, s, v))
        in.put(shadow->ns, s, v);
    }
    f->module = shadow;
  }
  f->back = in.impl->top;
  in.impl->top = f;
  V out;
  const V failed =
      in.caught([&] { out = in.impl->eval(*f, ast->extra(ast->scope_store[0].body)[1]); });
  in.impl->top = f->back;
  if (!failed.is_undef()) in.reraise(failed);
  return out;
}

/// The text of a function or a module, or None.
V source_of(Interp& in, const Args& a) {
  V f = a[0];
  if (f.is(Kind::module)) {
    const Lazy* lazy = f.as<Module>()->lazy;
    const std::string source =
        lazy && in.impl->finder ? in.impl->finder->text(std::string(lazy->shown)) : "";
    return source.empty() ? V::none() : in.str(source);
  }
  if (f.is(Kind::method)) f = f.as<Method>()->func;
  if (!f.is(Kind::function)) return V::none();
  const CodeX* code = static_cast<const CodeX*>(f.as<Function>()->code);
  const std::string whole =
      in.impl->finder ? in.impl->finder->text(std::string(code->ast->file)) : "";
  std::string_view text = whole;
  if (text.empty()) return V::none();
  for (std::uint32_t line = 1; line < code->sc->line; ++line) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return V::none();
    text.remove_prefix(end + 1);
  }
  std::size_t end = 0;
  for (std::uint32_t line = code->sc->line;
       line <= code->sc->end_line && end != std::string_view::npos; ++line) {
    end = text.find('\n', end);
    if (end != std::string_view::npos) ++end;
  }
  return in.str(text.substr(0, end));
}

const AttributeDef kModule[] = {
    attribute("__dict__",
              [](Interp& in, const Args& a) { return V(in.impl->exposed(a[0].as<Module>())); }),
    method("__init__", module_init, 1, -1, true),
    method(
        "__repr__",
        [](Interp& in, const Args& a) {
          return in.str("<module '" + std::string(a[0].as<Module>()->name->view()) + "'>");
        },
        1, 1),
};

const FunctionDef kFunctions[] = {
    // of _kdex
    function(
        "unknown", [](Interp& in, const Args& a) { return in.unknown(in.text(a[0], "name")); }, 1,
        1),
    function(
        "is_unknown", [](Interp&, const Args& a) { return V::boolean(a[0].is(Kind::unknown)); }, 1,
        1),
    function(
        "border",
        [](Interp& in, const Args& a) {
          in.impl->border = a[0].is_none() ? V() : a[0];
          in.impl->known = a.npos > 1 && a[1].is(Kind::dict) ? a[1] : V();
          return V::none();
        },
        1, 2),
    function(
        "callers",
        [](Interp& in, const Args& a) {
          List* out = in.list();
          const std::int64_t most = in.index(a[0]);
          const std::string_view until = a.npos > 1 ? in.text(a[1], "name") : std::string_view();
          for (const Frame* f = in.impl->top; f && out->n < most; f = f->back) {
            if (!f->code || !f->ctx) continue;
            if (f->ctx->literals == 0) {  // one of kdex's own files
              if (out->n > 0 && f->code->name->view() == until) break;
              continue;
            }
            const std::initializer_list<V> row = {in.str(f->ast->file), V::integer(f->line),
                                                  V(f->code->name)};
            in.append(out, in.tuple(row));
          }
          return V(out);
        },
        1, 2),
    function(
        "import_module",
        [](Interp& in, const Args& a) {
          return V(in.impl->import_module(std::string(in.text(a[0], "name"))));
        },
        1, 1),
    function(
        "module_exists",
        [](Interp& in, const Args& a) {
          const std::string n(in.text(a[0], "name"));
          return V::boolean(
              in.impl->find_module(n) ||
              (in.impl->finder && in.impl->finder->external(n.substr(0, n.find('.')))));
        },
        1, 1),
    function(
        "run_all",
        [](Interp& in, const Args& a) {
          Module* m = a[0].is(Kind::module)
                          ? a[0].as<Module>()
                          : in.impl->import_module(std::string(in.text(a[0], "name")));
          in.impl->run_all(m);
          return V::none();
        },
        1, 1),
    function(
        "caller_module",
        [](Interp& in, const Args& a) {
          Frame* f = frame_at(in, a.npos ? in.index(a[0]) : 1);
          if (!f) return V::none();
          V* m = in.find(f->module->ns, in.impl->s_name);
          return m ? *m : V::none();
        },
        0, 1),
    function(
        "caller_globals",
        [](Interp& in, const Args& a) {
          Frame* f = frame_at(in, a.npos ? in.index(a[0]) : 1);
          return f ? V(in.impl->exposed(f->module)) : V(in.dict());
        },
        0, 1),
    function(
        "caller_line",
        [](Interp& in, const Args& a) {
          const Frame* f = frame_at(in, a.npos ? in.index(a[0]) : 1);
          return V::integer(f ? f->line : 0);
        },
        0, 1),
    function(
        "current_exception",
        [](Interp& in, const Args&) {
          const V e = in.impl->current_exception();
          return e.is_undef() ? V::none() : e;
        },
        0, 1),
    function("eval_annotation", eval_annotation, 1, 3),
    function("source_of", source_of, 1, 1),
    function(
        "list_modules",
        [](Interp& in, const Args& a) {
          List* l = in.list();
          if (in.impl->finder)
            for (const std::string& s :
                 in.impl->finder->submodules(std::string(in.text(a[0], "package")))) {
              const bool package = !s.empty() && s.back() == '/';
              in.append(l, in.tuple({in.str(package ? std::string_view(s).substr(0, s.size() - 1)
                                                    : std::string_view(s)),
                                     V::boolean(package)}));
            }
          return V(l);
        },
        1, 1),
    function(
        "stdout_write",
        [](Interp& in, const Args& a) {
          print_out(in, in.str_of(a[0]));
          return V::none();
        },
        1, 1),
    function(
        "stderr_write",
        [](Interp& in, const Args& a) {
          if (in.impl->err) write_bounded(*in.impl->err, in.str_of(a[0]));
          return V::none();
        },
        1, 1),
};

const FunctionDef kBuiltins[] = {
    function(
        "globals",
        [](Interp& in, const Args&) { return V(in.impl->exposed(in.impl->top->module)); }, 0, 0),
    function(
        "locals",
        [](Interp& in, const Args&) {
          Frame* f = in.impl->top;
          if (f->ns) return V(f->ns);
          if (f->lazy_imports || !f->fn) return V(in.impl->exposed(f->module));
          Dict* d = in.dict();
          const std::uint32_t* n = f->ast->extra(f->code->sc->slot_names);
          for (std::uint32_t slot = 0; slot < f->code->sc->nslots; ++slot) {
            V v = f->slots[slot];
            if (v.is(Kind::cell)) v = v.as<Cell>()->v;
            if (!v.is_undef()) in.put(d, in.impl->name(f->ctx, n[slot]), v);
          }
          return V(d);
        },
        0, 0),
    function(
        "__import__",
        [](Interp& in, const Args& a) {
          return in.impl->import_statement_module(std::string(in.text(a[0], "name")),
                                                  a.npos > 3 && in.truth(a[3]));
        },
        1, 5, true),
};

}  // namespace

void Impl::install_modules() {
  if (!sys_modules) sys_modules = in->dict();
  Interp& i = *in;
  install_native_new(i);
  install_generators(i);
  Module* b = i.native_module("builtins");
  b->ns = i.builtins;
  i.put(i.builtins, s_name, V(i.intern("builtins")));
  define(i, i.t.module, kModule);
  i.t.module->construct = module_construct;
  Module* k = i.native_module("_kdex");
  i.put(k->ns, i.intern("modules"), V(sys_modules));
  i.put(k->ns, i.intern("Unknown"), V(i.t.unknown));
  for (auto [name, type] : {std::pair{"function_type", i.t.function},
                            {"builtin_type", i.t.builtin},
                            {"method_type", i.t.method},
                            {"module_type", i.t.module},
                            {"generator_type", i.t.generator},
                            {"coroutine_type", i.t.coroutine},
                            {"cell_type", i.t.cell},
                            {"code_type", i.t.code},
                            {"none_type", i.t.none}})
    i.put(k->ns, i.intern(name), V(type));
  define(i, k->ns, kFunctions);
  define(i, i.builtins, kBuiltins);
}

}  // namespace kdex::py
