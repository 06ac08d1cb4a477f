// The class statement: its bases and keywords, its body, the class, its decorators.
#include "core/python/machine/impl.h"

namespace kdex::py {

using Impl = Interp::Impl;

/// The positional arguments of a class statement's head.
List* Impl::class_arguments(Frame& f, const std::uint32_t* c) {
  List* given = in->list();
  for (std::uint32_t i = 0; i < c[0]; ++i) {
    const Node& b = f.ast->node(c[2 + i]);
    if (b.kind == N::starred)
      in->for_each(eval(f, b.a), [&](V v) {
        in->append(given, v);
        return true;
      });
    else
      in->append(given, eval(f, c[2 + i]));
  }
  return given;
}

void Impl::class_keywords(Frame& f, const std::uint32_t* c, V& meta, Held<Str*>& kwn,
                          Held<V>& kwv) {
  for (std::uint32_t i = 0; i < c[1]; ++i) {
    const std::uint32_t k = c[2 + c[0] + 2 * i];
    const V v = eval(f, c[3 + c[0] + 2 * i]);
    if (k == ~0u) {
      if (v.is(Kind::dict)) {
        Dict* d = v.as<Dict>();
        for (std::uint32_t j = 0; j < d->used; ++j)
          if (!d->e[j].key.is_undef()) {
            kwn.push_back(in->intern(d->e[j].key.as<Str>()));
            kwv.push_back(d->e[j].val);
          }
      }
    } else if (f.ast->str(k) == "metaclass") {
      meta = v;
    } else {
      kwn.push_back(name(f.ctx, k));
      kwv.push_back(v);
    }
  }
}

/// What is given as bases with `__mro_entries__` replaced; an unknown one is left out.
List* Impl::real_bases(List* given, bool& unknown_base, bool& replaced) {
  List* bases = in->list();
  for (std::uint32_t i = 0; i < given->n; ++i) {
    const V b = given->at[i];
    if (b.is(Kind::unknown)) {
      unknown_base = true;
    } else if (b.is(Kind::type)) {
      in->append(bases, b);
    } else {
      V entries = in->special(b, s_mro_entries);
      if (entries.is_undef()) in->raise(in->t.TypeError, "bases must be types");
      replaced = true;
      in->for_each(in->call(entries, {in->tuple(given->at, given->n)}), [&](V x) {
        in->append(bases, x);
        return true;
      });
    }
  }
  return bases;
}

/// Runs a class body whose names go through a metaclass's own namespace (enum's): each statement's
/// stores are handed to its __setitem__.
void Impl::run_stored_body(Frame& body, const Scope& s, Dict* ns) {
  Dict* plain = in->dict();
  for (std::uint32_t i = 0; i < ns->used; ++i)
    if (!ns->e[i].key.is_undef()) in->put(plain, ns->e[i].key, ns->e[i].val);
  body.ns = plain;
  const std::uint32_t* stmts = body.ast->extra(s.body);
  for (std::uint32_t i = 1; i <= stmts[0]; ++i) {
    const std::uint32_t before = plain->used;
    Held<std::pair<V, V>> old(in->arena);
    for (std::uint32_t j = 0; j < before; ++j) old.emplace_back(plain->e[j].key, plain->e[j].val);
    settle(exec(body, stmts[i]));
    for (std::uint32_t j = 0; j < plain->used; ++j) {
      const auto& e = plain->e[j];
      if (e.key.is_undef()) continue;
      if (j < old.size() && old[j].first.same(e.key) && old[j].second.same(e.val)) continue;
      in->setitem(V(ns), e.key, e.val);
      if (V* now = in->find(ns, e.key)) plain->e[j].val = *now;
    }
  }
}

V Impl::build_class(Frame& f, const Node& n) {
  const std::uint32_t* w = f.ast->extra(n.b);
  Held<V> decorators(in->arena);
  for (std::uint32_t i = 1; i <= w[0]; ++i) decorators.push_back(eval(f, w[i]));
  const Node& call = f.ast->node(w[w[0] + 1]);
  const std::uint32_t* c = f.ast->extra(call.b);
  List* given = class_arguments(f, c);
  V meta;
  Held<Str*> kwn(in->arena);
  Held<V> kwv(in->arena);
  class_keywords(f, c, meta, kwn, kwv);
  f.line = n.line;
  bool unknown_base = false, replaced = false;
  List* bases = real_bases(given, unknown_base, replaced);
  CodeX* code = make_code(f.ctx, n.a);
  const Scope& s = *code->sc;
  const V base_tuple = in->tuple(bases->at, bases->n);
  Dict* ns = nullptr;
  Type* mt = in->t.type;
  if (meta.is_undef() || meta.is(Kind::type)) {
    mt = calculate_meta(meta.is_undef() ? in->t.type : meta.as<Type>(), base_tuple.as<Tuple>());
    meta = V(mt);
  }
  const Args kw{nullptr, 0, kwn.data(), kwv.data(), static_cast<std::uint32_t>(kwn.size())};
  if (!meta.is(Kind::unknown) && mt != in->t.type) {
    V prepare;
    if (in->try_getattr(meta, s_prepare, prepare)) {
      const V args[2] = {V(code->name), base_tuple};
      const V r = in->call(prepare, Args{args, 2, kw.kwname, kw.kwval, kw.nkw});
      if (r.is(Kind::dict)) ns = r.as<Dict>();
    }
  }
  if (!ns) ns = in->dict();
  if (V* m = in->find(f.module->ns, s_name)) in->setitem(V(ns), V(s_module), *m);
  in->setitem(V(ns), V(s_qualname), V(code->qualname));
  if (s.doc != ~0u) in->setitem(V(ns), V(s_doc), const_str(f.ctx, s.doc));
  Frame* body = new (in->arena.alloc(sizeof(Frame))) Frame;
  body->code = code;
  body->ctx = f.ctx;
  body->ast = f.ast;
  body->module = f.module;
  body->ns = ns;
  body->line = s.line;
  body->slots = in->arena.array<V>(s.nslots + 1);
  for (std::uint32_t i = 0; i < s.nslots; ++i) body->slots[i] = V();
  body->closure = make_closure(f, s);
  Cell* class_cell = nullptr;
  if (s.has_class_cell) {
    class_cell = in->make<Cell>(Kind::cell, in->t.cell);
    body->slots[s.class_free] = V(class_cell);
  }
  const bool special_ns = ns->cls != in->t.dict;
  {
    FrameGuard guard(*this, *body);
    if (special_ns)
      run_stored_body(*body, s, ns);
    else
      settle(exec_block(*body, s.body));
  }
  if (replaced) in->put(ns, in->intern("__orig_bases__"), in->tuple(given->at, given->n));
  V cls;
  if (meta.is(Kind::unknown)) {
    cls = type_new(in->t.type, code->name, base_tuple.as<Tuple>(), ns, Args{}, true);
  } else if (mt == in->t.type && meta.is(Kind::type)) {
    cls = type_new(in->t.type, code->name, base_tuple.as<Tuple>(), ns, kw, unknown_base);
  } else {
    const V args[3] = {V(code->name), base_tuple, V(ns)};
    cls = in->call(meta, Args{args, 3, kw.kwname, kw.kwval, kw.nkw});
    if (cls.is(Kind::type) && unknown_base) cls.as<Type>()->unknown_base = true;
  }
  if (cls.is(Kind::type)) {  // here, wherever the metaclass stands
    cls.as<Type>()->defined_in = f.module;
    cls.as<Type>()->line = s.line;
  }
  if (class_cell && class_cell->v.is_undef()) class_cell->v = cls;
  for (std::size_t i = decorators.size(); i-- > 0;) cls = in->call(decorators[i], {cls});
  return cls;
}

}  // namespace kdex::py
