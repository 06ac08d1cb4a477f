// Statements that are seldom run, or long: assignments in place, raise, imports, try, with. The
// others are in eval.cpp.
#include "core/python/machine/impl.h"

namespace kdex::py {

using source::Where;
using Impl = Interp::Impl;

Flow Impl::exec_aug_assign(Frame& f, const Node& n) {
  const Node& t = f.ast->node(n.a);
  const Op op = static_cast<Op>(n.op);
  if (t.kind == N::name) {
    const V old = load_name(f, t);
    const V b = value(f, n.b);
    f.line = n.line;
    store_name(f, t, in->binary_inplace(op, old, b));
  } else if (t.kind == N::attribute) {
    const V o = value(f, t.a);
    Str* s = name(f.ctx, t.b);
    const V old = in->getattr(o, s);
    const V b = value(f, n.b);
    f.line = n.line;
    in->setattr(o, s, in->binary_inplace(op, old, b));
  } else {
    const V o = value(f, t.a);
    const V k = value(f, t.b);
    const V old = in->getitem(o, k);
    const V b = value(f, n.b);
    f.line = n.line;
    in->setitem(o, k, in->binary_inplace(op, old, b));
  }
  return Flow::normal;
}

Flow Impl::exec_ann_assign(Frame& f, const Node& n) {
  if (n.c) assign(f, n.a, value(f, n.c));
  const Node& t = f.ast->node(n.a);
  if (f.ns && t.kind == N::name && !n.op) {
    V* d = in->find(f.ns, s_annotations);
    Dict* notes;
    if (d && d->is(Kind::dict)) {
      notes = d->as<Dict>();
    } else {
      notes = in->dict();
      in->put(f.ns, s_annotations, V(notes));
    }
    const Node& a = f.ast->node(n.b);
    in->put(notes, name(f.ctx, t.a),
            a.kind == N::const_str ? const_str(f.ctx, a.a) : value(f, n.b));
  }
  return Flow::normal;
}

Flow Impl::exec_raise(Frame& f, const Node& n) {
  if (!n.a) {
    const V cur = current_exception();
    if (cur.is_undef()) in->raise(in->t.RuntimeError, "No active exception to reraise");
    return passing(cur);
  }
  V e = value(f, n.a);
  V cause;
  if (n.b) cause = value(f, n.b);
  f.line = n.line;
  if (e.is(Kind::type) && e.as<Type>()->is_exception) e = in->call(e);
  if (e.is(Kind::unknown))
    e = in->make_exception(in->t.RuntimeError,
                           "an unknown exception: " + std::string(e.as<Unknown>()->why->view()));
  if (!e.is(Kind::exception))
    in->raise(in->t.TypeError, "exceptions must derive from BaseException");
  if (n.b) {
    if (cause.is(Kind::type) && cause.as<Type>()->is_exception) cause = in->call(cause);
    if (!cause.is_none() && !cause.is(Kind::exception))
      in->raise(in->t.TypeError, "exception causes must derive from BaseException");
    e.as<Exc>()->cause = cause;
    e.as<Exc>()->suppress_context = true;
  }
  return raising(e);
}

Flow Impl::exec_import_from(Frame& f, const Node& n) {
  const std::uint32_t* w = f.ast->extra(n.a);
  const std::string target =
      absolute_name(f, w[0], w[1] == ~0u ? "" : std::string(f.ast->str(w[1])));
  if (n.op) {
    import_star(f, target);
    return Flow::normal;
  }
  Module* m = nullptr;
  for (std::uint32_t i = 0; i < w[2]; ++i) {
    Str* what = name(f.ctx, w[3 + 2 * i]);
    if (f.lazy_imports && !f.handling.is_bool()) {
      LazyImport* l = in->make<LazyImport>(Kind::singleton, lazy_import);
      l->module = in->intern(target);
      l->attr = what;
      store_name(f, f.ast->node(w[4 + 2 * i]), V(l));
      continue;
    }
    if (!m) m = import_module(target);
    V v;
    if (f.lazy_imports && statically_binds(m, what)) {
      LazyImport* l = in->make<LazyImport>(Kind::singleton, lazy_import);
      l->module = in->intern(target);
      l->attr = what;
      v = V(l);
    } else {
      v = import_from(f, m, what, target);
    }
    store_name(f, f.ast->node(w[4 + 2 * i]), v);
  }
  return Flow::normal;
}

Flow Impl::exec_rare(Frame& f, const Node& n) {
  switch (n.kind) {
    case N::aug_assign:
      return exec_aug_assign(f, n);
    case N::ann_assign:
      return exec_ann_assign(f, n);
    case N::raise_:
      return exec_raise(f, n);
    case N::assert_: {
      const bool was_watching = std::exchange(watches, false);  // no way to go on at other sizes
      const V v = value(f, n.a);
      watches = was_watching;
      if (v.is(Kind::unknown)) return Flow::normal;  // nothing is known against it
      if (!in->truth(v)) {
        const V m = n.b ? value(f, n.b) : V();
        f.line = n.line;
        return raising(m.is_undef() ? in->call(V(in->t.AssertionError))
                                    : in->call(V(in->t.AssertionError), {m}));
      }
      return Flow::normal;
    }
    case N::del_: {
      const std::uint32_t* w = f.ast->extra(n.a);
      for (std::uint32_t i = 1; i <= w[0]; ++i) del(f, w[i]);
      return Flow::normal;
    }
    case N::function_def: {
      const std::uint32_t* w = f.ast->extra(n.b);
      Held<V> decorators(in->arena);
      for (std::uint32_t i = 1; i <= w[0]; ++i) decorators.push_back(value(f, w[i]));
      V fn = make_function(f, n.a, n.b, false);
      for (std::size_t i = decorators.size(); i-- > 0;) {
        f.line = f.ast->node(f.ast->extra(n.b)[i + 1]).line;
        fn = in->call(decorators[i], {fn});
      }
      store_name(f, f.ast->node(n.c), fn);
      return Flow::normal;
    }
    case N::class_def: {
      const V cls = build_class(f, n);
      store_name(f, f.ast->node(n.c), cls);
      return Flow::normal;
    }
    case N::import_: {
      const std::uint32_t* w = f.ast->extra(n.a);
      for (std::uint32_t i = 0; i < w[0]; ++i) {
        const std::string dotted(f.ast->str(w[1 + 3 * i]));
        store_name(f, f.ast->node(w[2 + 3 * i]), import_statement_module(dotted, w[3 + 3 * i]));
      }
      return Flow::normal;
    }
    case N::import_from:
      return exec_import_from(f, n);
    case N::match_: {
      const V subject = value(f, n.a);
      const std::uint32_t* w = f.ast->extra(n.b);
      for (std::uint32_t i = 0; i < w[0]; ++i) {
        const NodeId p = w[1 + 3 * i], guard = w[2 + 3 * i];
        if (!match(f, p, subject)) continue;
        if (guard && !truth_at(f, guard, value(f, guard))) continue;
        return exec_block(f, w[3 + 3 * i]);
      }
      return Flow::normal;
    }
    default:
      in->raise(in->t.SystemError, "kdex: this node is not a statement");
  }
}

/// The `except*` handlers `h` for `exc`: each takes its part of the group. The exception that
/// remains, or undef.
V Impl::except_groups(Frame& f, const std::uint32_t* h, V exc) {
  const V outer_handling = f.handling;
  List* unhandled = in->list();
  V rest = exc;
  for (std::uint32_t i = 0; i < h[0] && !rest.is_none(); ++i) {
    const NodeId target = h[2 + 3 * i];
    bool taken = true;
    const Outcome end = outcome([&] {
      const V parts = in->call(overlay("_builtins", "_group_split"), {rest, eval(f, h[1 + 3 * i])});
      const V match = parts.as<Tuple>()->at[0];
      rest = parts.as<Tuple>()->at[1];
      taken = !match.is_none();
      if (!taken) return Flow::normal;
      f.handling = match;
      if (target) assign(f, target, match);
      return exec_block(f, h[3 + 3 * i]);
    });
    if (!taken) continue;
    if (!end.exc.is_undef()) in->append(unhandled, end.exc);
    f.handling = outer_handling;
    if (target) store_name(f, f.ast->node(target), V());
  }
  const V left = in->call(overlay("_builtins", "_group_join"), {exc, rest, V(unhandled)});
  return left.is_none() ? V() : left;
}

/// Whether a handler of this type takes `exc`.
bool Impl::handles(Frame& f, NodeId type, V exc) {
  auto test = [&](V x) {
    if (x.is(Kind::type)) return in->isinstance(exc, x.as<Type>());
    if (x.is(Kind::unknown)) return false;
    in->raise(in->t.TypeError,
              "catching classes that do not inherit from BaseException is not allowed");
  };
  const V t = eval(f, type);
  if (!t.is(Kind::tuple)) return test(t);
  bool matches = false;
  for (std::uint32_t k = 0; k < t.as<Tuple>()->n && !matches; ++k) {
    const V x = t.as<Tuple>()->at[k];
    if (!x.is(Kind::tuple)) {
      matches = test(x);
      continue;
    }
    for (std::uint32_t q = 0; q < x.as<Tuple>()->n; ++q) matches |= test(x.as<Tuple>()->at[q]);
  }
  return matches;
}

/// The first of the handlers `h` that takes `exc`: how its block ended. None: `exc` goes on.
Impl::Outcome Impl::except_clauses(Frame& f, const std::uint32_t* h, V exc) {
  const V outer_handling = f.handling;
  for (std::uint32_t i = 0; i < h[0]; ++i) {
    const NodeId type = h[1 + 3 * i], target = h[2 + 3 * i];
    bool taken = !type;
    if (type) {
      const V failed = in->caught([&] { taken = handles(f, type, exc); });
      if (!failed.is_undef()) return {Flow::normal, failed};
    }
    if (!taken) continue;
    f.handling = exc;
    const Outcome end = outcome([&] {
      if (target) assign(f, target, exc);
      return exec_block(f, h[3 + 3 * i]);
    });
    f.handling = outer_handling;
    if (!target) return end;
    const Node& name_node = f.ast->node(target);
    store_name(f, name_node, V());
    if (name_node.op == static_cast<int>(Where::dynamic))
      in->erase(f.ns, V(name(f.ctx, name_node.a)));
    if (name_node.op == static_cast<int>(Where::global))
      in->erase(f.module->ns, V(name(f.ctx, name_node.a)));
    return end;
  }
  return {Flow::normal, exc};
}

Flow Impl::exec_try(Frame& f, const Node& n) {
  const std::uint32_t* tail = f.ast->extra(n.c);
  const source::ExtraId other = tail[0], final = tail[1];
  const V outer_handling = f.handling;
  // inside a try, a module's top level looks into its imports at once (handling = a bool marks it)
  const bool mark = f.lazy_imports && outer_handling.is_undef();
  if (mark) f.handling = V::boolean(true);
  Outcome end = outcome([&] { return exec_block(f, n.a); });
  if (mark) f.handling = outer_handling;
  if (end.exc.is_undef()) {
    if (end.flow == Flow::normal && other) {
      if (!final) return exec_block(f, other);
      end = outcome([&] { return exec_block(f, other); });
    }
  } else if (n.op) {
    end.exc = except_groups(f, f.ast->extra(n.b), end.exc);
  } else {
    end = except_clauses(f, f.ast->extra(n.b), end.exc);
  }
  if (final) {
    const V saved_ret = f.ret;
    if (!end.exc.is_undef()) f.handling = end.exc;
    const Outcome last = outcome([&] { return exec_block(f, final); });
    f.handling = outer_handling;
    // the finally block's own return, break, continue or exception wins
    if (last.flow != Flow::normal || !last.exc.is_undef()) return passing(last);
    f.ret = saved_ret;
  }
  return passing(end);
}

Flow Impl::exec_with(Frame& f, const Node& n, std::uint32_t i) {
  const std::uint32_t* w = f.ast->extra(n.a);
  if (i == w[0]) return exec_block(f, n.b);
  const V ctx = eval(f, w[1 + 2 * i]);
  const NodeId target = w[2 + 2 * i];
  f.line = n.line;
  if (ctx.is(Kind::unknown)) {
    if (target) assign(f, target, ctx);
    return exec_with(f, n, i + 1);
  }
  const V enter = in->special(ctx, n.op ? in->intern("__aenter__") : s_enter);
  const V exit = in->special(ctx, n.op ? in->intern("__aexit__") : s_exit);
  if (enter.is_undef() || exit.is_undef())
    in->raise(in->t.TypeError, "'" + in->type_name(ctx) +
                                   "' object does not support the context manager protocol" +
                                   (enter.is_undef() ? "" : " (missed __exit__ method)"));
  auto finish = [&](V v) { return n.op ? await(f, v) : v; };
  const V entered = finish(in->call(enter));
  const Outcome end = outcome([&] {
    if (target) assign(f, target, entered);
    return exec_with(f, n, i + 1);
  });
  f.line = n.line;
  if (end.exc.is_undef()) {
    const V saved = f.ret;
    finish(in->call(exit, {V::none(), V::none(), V::none()}));
    f.ret = saved;
    return end.flow;
  }
  const V outer = f.handling;
  f.handling = end.exc;
  V r;
  const V failed = in->caught([&] {
    r = finish(
        in->call(exit, {V(in->type_of(end.exc)), end.exc, in->getattr(end.exc, "__traceback__")}));
  });
  f.handling = outer;
  if (!failed.is_undef()) return passing(failed);
  return in->truth(r) ? Flow::normal : passing(end.exc);
}

}  // namespace kdex::py
