// Functions in Python, their cells and code objects.
#include "core/python/machine/impl.h"
#include "core/python/machine/ops.h"
#include "core/python/types/types.h"

namespace kdex::py {
namespace {

/// FunctionType(code, globals, name, argdefs, closure).
V function_construct(Interp& i, const Args& a) {
  const V code = Interp::arg(a, 1, "code");
  if (!code.is(Kind::code))
    i.raise(i.t.TypeError, "function() argument 'code' must be code, not " + i.type_name(code));
  Function* f = i.make<Function>(Kind::function, i.t.function);
  f->code = code.as<Code>();
  const V name = Interp::arg(a, 3, "name"), defaults = Interp::arg(a, 4, "argdefs"),
          closure = Interp::arg(a, 5, "closure");
  f->name = name.is(Kind::str) ? i.intern(name.as<Str>()) : f->code->name;
  f->qualname = f->code->qualname;
  if (defaults.is(Kind::tuple)) f->defaults = defaults.as<Tuple>();
  if (closure.is(Kind::tuple)) {
    f->closure = i.arena.array<Cell*>(closure.as<Tuple>()->n + 1);
    for (std::uint32_t k = 0; k < closure.as<Tuple>()->n; ++k)
      f->closure[k] = closure.as<Tuple>()->at[k].as<Cell>();
  }
  if (V* m = f->code->module ? i.find(f->code->module->ns, i.impl->s_name) : nullptr)
    f->module_name = *m;
  return V(f);
}

V cell_construct(Interp& in, const Args& a) {
  Cell* c = in.make<Cell>(Kind::cell, in.t.cell);
  if (a.npos > 1) c->v = a[1];
  return V(c);
}

const AttributeDef kFunction[] = {
    attribute(
        "__name__", [](Interp&, const Args& a) { return V(a[0].as<Function>()->name); },
        [](Interp& i, const Args& a) {
          a[0].as<Function>()->name = i.intern(i.text(a[1], "__name__"));
          return V::none();
        }),
    attribute(
        "__qualname__", [](Interp&, const Args& a) { return V(a[0].as<Function>()->qualname); },
        [](Interp& i, const Args& a) {
          a[0].as<Function>()->qualname = i.intern(i.text(a[1], "__qualname__"));
          return V::none();
        }),
    attribute(
        "__module__",
        [](Interp&, const Args& a) { return or_none(a[0].as<Function>()->module_name); },
        [](Interp&, const Args& a) {
          a[0].as<Function>()->module_name = a[1];
          return V::none();
        }),
    attribute(
        "__doc__", [](Interp&, const Args& a) { return or_none(a[0].as<Function>()->doc); },
        [](Interp&, const Args& a) {
          a[0].as<Function>()->doc = a[1];
          return V::none();
        }),
    attribute(
        "__defaults__",
        [](Interp&, const Args& a) {
          Tuple* t = a[0].as<Function>()->defaults;
          return t ? V(t) : V::none();
        },
        [](Interp& i, const Args& a) {
          i.changing(a[0].o);
          a[0].as<Function>()->defaults = a[1].is(Kind::tuple) ? a[1].as<Tuple>() : nullptr;
          return V::none();
        }),
    attribute(
        "__kwdefaults__",
        [](Interp&, const Args& a) {
          Dict* t = a[0].as<Function>()->kwdefaults;
          return t ? V(t) : V::none();
        },
        [](Interp& i, const Args& a) {
          i.changing(a[0].o);
          a[0].as<Function>()->kwdefaults = a[1].is(Kind::dict) ? a[1].as<Dict>() : nullptr;
          return V::none();
        }),
    attribute(
        "__annotations__",
        [](Interp& i, const Args& a) { return i.impl->annotations_of(a[0].as<Function>()); },
        [](Interp&, const Args& a) {
          a[0].as<Function>()->annotations = a[1];
          return V::none();
        }),
    attribute("__code__", [](Interp&, const Args& a) { return V(a[0].as<Function>()->code); }),
    attribute("__globals__",
              [](Interp& i, const Args& a) {
                return V(i.impl->exposed(a[0].as<Function>()->code->module));
              }),
    attribute("__closure__",
              [](Interp& i, const Args& a) {
                Function* f = a[0].as<Function>();
                if (!f->closure) return V::none();
                const CodeX* c = static_cast<CodeX*>(f->code);
                const std::uint32_t n = c->ctx->ast->extra(c->sc->frees)[0];
                Tuple* t = i.tuple_raw(n);
                for (std::uint32_t k = 0; k < n; ++k) t->at[k] = V(f->closure[k]);
                return V(t);
              }),
    method(
        "__get__",
        [](Interp& i, const Args& a) {
          if (a[1].is_none()) return a[0];
          return i.impl->descr_get(a[0], a[1], i.type_of(a[1]));
        },
        2, 3),
    method("__call__", call_first, 1, -1, true),
    method(
        "__repr__",
        [](Interp& i, const Args& a) {
          return i.str("<function " + std::string(a[0].as<Function>()->qualname->view()) +
                       " at 0x7f0000000000>");
        },
        1, 1),
};

const AttributeDef kCell[] = {
    attribute("cell_contents",
              [](Interp& i, const Args& a) {
                if (a[0].as<Cell>()->v.is_undef()) i.raise(i.t.ValueError, "Cell is empty");
                return a[0].as<Cell>()->v;
              }),
};

const AttributeDef kCode[] = {
    attribute(
        "co_argcount",
        [](Interp&, const Args& a) { return V::integer(static_cast<CodeX*>(a[0].o)->sc->nargs); }),
    attribute("co_posonlyargcount",
              [](Interp&, const Args& a) {
                return V::integer(static_cast<CodeX*>(a[0].o)->sc->nposonly);
              }),
    attribute("co_kwonlyargcount",
              [](Interp&, const Args& a) {
                return V::integer(static_cast<CodeX*>(a[0].o)->sc->nkwonly);
              }),
    attribute(
        "co_nlocals",
        [](Interp&, const Args& a) { return V::integer(static_cast<CodeX*>(a[0].o)->sc->nslots); }),
    attribute(
        "co_firstlineno",
        [](Interp&, const Args& a) { return V::integer(static_cast<CodeX*>(a[0].o)->sc->line); }),
    attribute("co_flags",
              [](Interp&, const Args& a) {
                const Scope* s = static_cast<CodeX*>(a[0].o)->sc;
                return V::integer(3 | (s->varargs ? 4 : 0) | (s->varkw ? 8 : 0) |
                                  (s->generator && !s->coroutine ? 32 : 0) |
                                  (s->coroutine && !s->generator ? 128 : 0) |
                                  (s->coroutine && s->generator ? 512 : 0));
              }),
    attribute("co_name",
              [](Interp&, const Args& a) { return V(static_cast<CodeX*>(a[0].o)->name); }),
    attribute("co_qualname",
              [](Interp&, const Args& a) { return V(static_cast<CodeX*>(a[0].o)->qualname); }),
    attribute(
        "co_filename",
        [](Interp& i, const Args& a) { return i.str(static_cast<CodeX*>(a[0].o)->ast->file); }),
    attribute("co_varnames",
              [](Interp& i, const Args& a) {
                CodeX* c = static_cast<CodeX*>(a[0].o);
                const std::uint32_t* n = c->ctx->ast->extra(c->sc->slot_names);
                Tuple* t = i.tuple_raw(c->sc->nslots);
                for (std::uint32_t k = 0; k < c->sc->nslots; ++k)
                  t->at[k] = V(i.impl->name(c->ctx, n[k]));
                return V(t);
              }),
    attribute("co_freevars",
              [](Interp& i, const Args& a) {
                CodeX* c = static_cast<CodeX*>(a[0].o);
                const std::uint32_t* w = c->ctx->ast->extra(c->sc->frees);
                Tuple* t = i.tuple_raw(w[0]);
                for (std::uint32_t k = 0; k < w[0]; ++k)
                  t->at[k] = V(i.impl->name(c->ctx, w[1 + w[0] + k]));
                return V(t);
              }),
};

}  // namespace

void install_function_type(Interp& in) {
  in.t.function->construct = function_construct;
  define(in, in.t.function, kFunction);
  in.t.cell->construct = cell_construct;
  define(in, in.t.cell, kCell);
  define(in, in.t.code, kCode);
}

}  // namespace kdex::py
