// The evaluator: expressions, statements, calls of Python functions, comprehensions. Longer
// statements are in statements.cpp, `class` in class_statement.cpp, `match` in match.cpp.
#include <alloca.h>

#include <algorithm>
#include <bit>

#include "core/python/machine/impl.h"
#include "core/python/machine/ops.h"

namespace kdex::py {

using source::ScopeKind;
using source::Where;
using Impl = Interp::Impl;

namespace {

std::int64_t int_of(const Node& n) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(n.c) << 32 | n.b);
}

std::uint32_t literal_origin(const Frame& f, NodeId id) {
  return f.ctx->literals ? f.ctx->literals + id : 0;
}

NodeId id_of(const Frame& f, const Node& n) {
  return static_cast<NodeId>(&n - f.ast->node_store.data());
}

std::string list_names(const std::vector<std::string>& names) {
  std::string s;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i) s += i + 1 == names.size() ? (names.size() > 2 ? ", and " : " and ") : ", ";
    s += "'" + names[i] + "'";
  }
  return s;
}

}  // namespace

// ---------------------------------------------------------------- names

Str* Impl::name_slow(ModCtx* c, std::uint32_t id) {
  return c->names[id] = in->intern(c->ast->str(id));
}

V Impl::load_global(Frame& f, std::uint32_t id) {
  ModCtx* c = f.ctx;
  if (c->globals.empty()) c->globals.resize(c->ast->nstrs());
  ModCtx::GlobalCache& g = c->globals[id];
  Dict* ns = f.module->ns;
  Str* n = name(c, id);
  if (g.known) {
    const Dict* d = g.builtin ? in->builtins : ns;
    if (g.at < d->used && d->e[g.at].key.is_obj() && d->e[g.at].key.o == n) {
      if (!g.builtin || g.version == ns->version) return d->e[g.at].val;
      if (!in->find(ns, n)) {  // nothing in the module's text binds it, and nothing else has
        g.version = ns->version;
        return d->e[g.at].val;
      }
    }
    g.known = false;
  }
  auto place = [](const Dict* d, const V* p) {
    return static_cast<std::uint32_t>(
        reinterpret_cast<const Dict::Entry*>(reinterpret_cast<const char*>(p) -
                                             offsetof(Dict::Entry, val)) -
        d->e);
  };
  V out;
  if (module_lookup(f.module, n, out)) {
    const Lazy* l = f.module->lazy;
    const bool settled = !l || l->all_run || [&] {
      const auto it = l->resolved.find(n);
      return it != l->resolved.end() && it->second == 2;
    }();
    if (V* p = settled ? in->find(ns, n) : nullptr; p && p->same(out)) {
      g.at = place(ns, p);
      g.builtin = false;
      g.known = true;
    }
    return out;
  }
  if (V* p = in->find(in->builtins, n)) {
    g.at = place(in->builtins, p);
    g.version = ns->version;
    g.builtin = true;
    g.known = true;
    return *p;
  }
  if (const V v = overlay("_builtins", std::string(n->view()).c_str());
      !v.is_undef() && n->view()[0] != '_') {  // a builtin that is written in Python
    in->put(in->builtins, n, v);
    return v;
  }
  in->raise(in->t.NameError, "name '" + std::string(n->view()) + "' is not defined");
}

V Impl::load_name(Frame& f, const Node& n) {
  V v;
  switch (static_cast<Where>(n.op)) {
    case Where::local:
      v = f.slots[n.b];
      break;
    case Where::cell:
      v = f.slots[n.b].as<Cell>()->v;
      break;
    case Where::free_:
      v = f.closure[n.b]->v;
      if (v.is_undef())
        in->raise(in->t.NameError,
                  "cannot access free variable '" + std::string(f.ast->str(n.a)) +
                      "' where it is not associated with a value in enclosing scope");
      return v;
    case Where::global:
      return load_global(f, n.a);
    case Where::dynamic:
      if (f.ns)
        if (V* p = in->find(f.ns, name(f.ctx, n.a))) return *p;
      if (n.b && f.closure && !f.closure[n.b - 1]->v.is_undef()) return f.closure[n.b - 1]->v;
      return load_global(f, n.a);
  }
  if (v.is_undef())
    in->raise(in->t.UnboundLocalError, "cannot access local variable '" +
                                           std::string(f.ast->str(n.a)) +
                                           "' where it is not associated with a value");
  return v;
}

void Impl::store_elsewhere(Frame& f, const Node& n, V v) {
  switch (static_cast<Where>(n.op)) {
    case Where::local:
      return;
    case Where::cell:
      in->changing(f.slots[n.b].o);
      f.slots[n.b].as<Cell>()->v = v;
      return;
    case Where::free_:
      in->changing(f.closure[n.b]);
      f.closure[n.b]->v = v;
      return;
    case Where::global:
      if (v.org) v.org = way(v, Origin::Way::constant, f, id_of(f, n), name(f.ctx, n.a), nullptr);
      if (f.lazy_imports)
        in->put(f.module->ns, name(f.ctx, n.a), v);
      else
        module_store(f.module, name(f.ctx, n.a), v);
      return;
    case Where::dynamic:
      if (v.org)
        v.org = way(v, Origin::Way::class_attribute, f, id_of(f, n), name(f.ctx, n.a),
                    f.code->qualname);
      in->put(f.ns, name(f.ctx, n.a), v);
      return;
  }
}

void Impl::del(Frame& f, NodeId t) {
  const Node& n = f.ast->node(t);
  switch (n.kind) {
    case N::name:
      switch (static_cast<Where>(n.op)) {
        case Where::local:
        case Where::cell:
        case Where::free_:
          load_name(f, n);
          store_name(f, n, V());
          return;
        case Where::global:
          if (!in->erase(f.module->ns, V(name(f.ctx, n.a))))
            in->raise(in->t.NameError,
                      "name '" + std::string(f.ast->str(n.a)) + "' is not defined");
          return;
        case Where::dynamic:
          if (!in->erase(f.ns, V(name(f.ctx, n.a))))
            in->raise(in->t.NameError,
                      "name '" + std::string(f.ast->str(n.a)) + "' is not defined");
          return;
      }
      return;
    case N::attribute:
      in->delattr(eval(f, n.a), name(f.ctx, n.b));
      return;
    case N::subscript: {
      const V o = eval(f, n.a);
      in->delitem(o, eval(f, n.b));
      return;
    }
    case N::tuple:
    case N::list: {
      const std::uint32_t* w = f.ast->extra(n.a);
      for (std::uint32_t i = 1; i <= w[0]; ++i) del(f, w[i]);
      return;
    }
    default:
      in->raise(in->t.TypeError, "cannot delete this");
  }
}

void Impl::store_attribute(Frame& f, NodeId target, V v) {
  const Node& n = f.ast->node(target);
  const V o = value(f, n.a);
  f.line = n.line;
  Str* s = name(f.ctx, n.b);
  if (v.org && o.is_obj())
    v.org = way(v, Origin::Way::attribute, f, target, s, in->intern(o.o->cls->name));
  in->setattr(o, s, v);
}

void Impl::assign(Frame& f, NodeId target, V v) {
  const Node& n = f.ast->node(target);
  switch (n.kind) {
    case N::name:
      store_name(f, n, v);
      return;
    case N::attribute:
      store_attribute(f, target, v);
      return;
    case N::subscript: {
      const V o = value(f, n.a);
      const V k = value(f, n.b);
      f.line = n.line;
      in->setitem(o, k, v);
      return;
    }
    case N::tuple:
    case N::list:
      unpack(f, n, v);
      return;
    case N::starred:
      in->raise(in->t.SyntaxError, "starred assignment target must be in a list or tuple");
    default:
      in->raise(in->t.SyntaxError, "cannot assign to this");
  }
}

void Impl::unpack(Frame& f, const Node& n, V v) {
  const std::uint32_t* w = f.ast->extra(n.a);
  const std::uint32_t count = w[0];
  if (v.is(Kind::unknown)) {
    for (std::uint32_t i = 1; i <= count; ++i) {
      const Node& t = f.ast->node(w[i]);
      assign(f, t.kind == N::starred ? t.a : w[i], v);
    }
    return;
  }
  std::uint32_t star = ~0u;
  if (n.op)
    for (std::uint32_t i = 0; i < count; ++i)
      if (f.ast->node(w[i + 1]).kind == N::starred) star = i;
  if ((v.is(Kind::tuple) && star == ~0u && v.as<Tuple>()->n == count && v.o->cls == in->t.tuple)) {
    for (std::uint32_t i = 0; i < count; ++i) assign(f, w[i + 1], v.as<Tuple>()->at[i]);
    return;
  }
  V it;
  V out;
  if (!in->try_getattr(V(in->type_of(v)), s_iter, out) &&
      !in->try_getattr(V(in->type_of(v)), s_getitem, out))
    in->raise(in->t.TypeError, "cannot unpack non-iterable " + in->type_name(v) + " object");
  it = in->iter(v);
  Held<V> items(in->arena);
  V x;
  const std::uint32_t after = star == ~0u ? 0 : count - star - 1;
  while (in->next(it, x)) {
    in->tick();
    items.push_back(x);
    if (star == ~0u && items.size() > count)
      in->raise(in->t.ValueError,
                "too many values to unpack (expected " + std::to_string(count) + ")");
  }
  if (star == ~0u) {
    if (items.size() < count)
      in->raise(in->t.ValueError, "not enough values to unpack (expected " + std::to_string(count) +
                                      ", got " + std::to_string(items.size()) + ")");
    for (std::uint32_t i = 0; i < count; ++i) assign(f, w[i + 1], items[i]);
    return;
  }
  if (items.size() < count - 1)
    in->raise(in->t.ValueError, "not enough values to unpack (expected at least " +
                                    std::to_string(count - 1) + ", got " +
                                    std::to_string(items.size()) + ")");
  for (std::uint32_t i = 0; i < star; ++i) assign(f, w[i + 1], items[i]);
  const auto middle = static_cast<std::uint32_t>(items.size() - star - after);
  assign(f, f.ast->node(w[star + 1]).a, in->list(items.data() + star, middle));
  for (std::uint32_t i = 0; i < after; ++i) assign(f, w[star + 2 + i], items[star + middle + i]);
}

// ---------------------------------------------------------------- truth of unknown conditions

void Impl::assume(Frame* f, std::uint32_t line, const std::string& why) {
  if (!f || !f->ast) return;
  AssumptionEntry a{std::string(f->ast->file), static_cast<int>(line), "", why};
  for (const auto& old : assumptions)
    if (old.line == a.line && old.file == a.file) return;
  if (finder) a.condition = finder->read_line(a.file, a.line);
  assumptions.push_back(std::move(a));
}

bool Impl::truth_at(Frame& f, NodeId cond, V v) {
  if (v.is_bool()) return v.i;
  if (v.is_none()) return false;
  if (v.is(Kind::unknown)) {
    assume(&f, f.ast->node(cond).line, std::string(v.as<Unknown>()->why->view()));
    return false;
  }
  if (watches)
    note_compare(f, f.ast->node(cond).line, Cmp::ne, v, V::integer(0), V::boolean(in->truth(v)));
  return in->truth(v);
}

// ---------------------------------------------------------------- expressions

V Impl::eval_chain(Frame& f, NodeId id, const Node& n) {
  V a = value(f, n.a);
  const std::uint32_t* w = f.ast->extra(n.b);
  V r;
  for (std::uint32_t i = 0; i < w[0]; ++i) {
    const V b = value(f, w[2 + 2 * i]);
    f.line = n.line;
    r = in->compare(static_cast<Cmp>(w[1 + 2 * i]), a, b);
    if (watches) note_compare(f, n.line, static_cast<Cmp>(w[1 + 2 * i]), a, b, r);
    if (i + 1 < w[0] && !truth_at(f, id, r)) return r;
    a = b;
  }
  return r;
}

V Impl::eval_display(Frame& f, const Node& n) {
  const std::uint32_t* w = f.ast->extra(n.a);
  if (n.op || n.kind != N::tuple) {
    List* l = in->list(w[0]);
    for (std::uint32_t i = 1; i <= w[0]; ++i) {
      const Node& c = f.ast->node(w[i]);
      if (c.kind == N::starred) {
        const V it = value(f, c.a);
        V tmp;
        if (!it.is(Kind::unknown) && !in->try_getattr(V(in->type_of(it)), s_iter, tmp) &&
            !in->try_getattr(V(in->type_of(it)), s_getitem, tmp))
          in->raise(in->t.TypeError, "Value after * must be an iterable, not " + in->type_name(it));
        in->for_each(it, [&](V v) {
          in->append(l, v);
          return true;
        });
      } else {
        in->append(l, value(f, w[i]));
      }
    }
    if (n.kind == N::list) return V(l);
    if (n.kind == N::tuple) return in->tuple(l->at, l->n);
    Set* s = in->set();
    for (std::uint32_t i = 0; i < l->n; ++i) in->add(s, l->at[i]);
    return V(s);
  }
  Tuple* t = in->tuple_raw(w[0]);
  for (std::uint32_t i = 0; i < w[0]; ++i) t->at[i] = value(f, w[i + 1]);
  return V(t);
}

V Impl::eval_dict(Frame& f, const Node& n) {
  const std::uint32_t* w = f.ast->extra(n.a);
  Dict* d = in->dict();
  in->presize(d, w[0]);
  for (std::uint32_t i = 0; i < w[0]; ++i) {
    const NodeId k = w[1 + 2 * i], v = w[2 + 2 * i];
    if (k) {
      const V key = value(f, k);
      V held = value(f, v);
      if (held.org && plain_str(*in, key))
        held.org = way(held, Origin::Way::entry, f, v, in->intern(key.as<Str>()), nullptr);
      in->put(d, key, held);
      continue;
    }
    const V other = value(f, v);
    if (other.is(Kind::dict)) {
      Dict* o = other.as<Dict>();
      for (std::uint32_t j = 0; j < o->used; ++j)
        if (!o->e[j].key.is_undef()) in->put(d, o->e[j].key, o->e[j].val);
    } else if (!other.is(Kind::unknown)) {
      V keys;
      if (!in->try_getattr(other, in->intern("keys"), keys))
        in->raise(in->t.TypeError, "'" + in->type_name(other) + "' object is not a mapping");
      in->for_each(in->call(keys), [&](V key) {
        in->put(d, key, in->getitem(other, key));
        return true;
      });
    }
  }
  return V(d);
}

// Over 100 lines, as it has a case for each kind of expression; each is short or one call.
V Impl::eval(Frame& f, NodeId id) {
  const Node& n = f.ast->node(id);
  switch (n.kind) {
    case N::const_none:
      return V::none();
    case N::const_true:
    case N::const_false: {
      V v = V::boolean(n.kind == N::const_true);
      v.org = literal_origin(f, id);
      return v;
    }
    case N::const_ellipsis:
      return in->ellipsis;
    case N::const_int:
      if (n.op) return int_from_literal(*in, f.ast->str(n.a));
      return V::integer(int_of(n), literal_origin(f, id));
    case N::const_float:
      return V::real(std::bit_cast<double>(int_of(n)), literal_origin(f, id));
    case N::const_complex:
      return in->call(overlay("_builtins", "complex"),
                      {in->str(std::string(f.ast->str(n.a)) + "j")});
    case N::const_str:
      return const_str(f.ctx, n.a);
    case N::const_bytes:
      return in->bytes(f.ast->str(n.a));
    case N::name:
      if (n.op == static_cast<int>(Where::global)) return load_global(f, n.a);
      return load_name(f, n);
    case N::attribute: {
      const V o = value(f, n.a);
      f.line = n.line;
      V out;
      Str* s = name(f.ctx, n.b);
      if (getattr_impl(o, s, out)) return out;
      attribute_error(o, s);
      return {};
    }
    case N::subscript: {
      const V o = value(f, n.a);
      const V k = value(f, n.b);
      f.line = n.line;
      return in->getitem(o, k);
    }
    case N::slice: {
      const V a = n.a ? value(f, n.a) : V::none();
      const V b = n.b ? value(f, n.b) : V::none();
      const V c = n.c ? value(f, n.c) : V::none();
      return in->slice(a, b, c);
    }
    case N::call:
      return call_node(f, n);
    case N::binop: {
      if (n.op == static_cast<std::uint8_t>(Op::add)) {
        bool fresh;
        return sum(f, n, fresh);
      }
      const V a = value(f, n.a);
      const V b = value(f, n.b);
      f.line = n.line;
      return in->binary(static_cast<Op>(n.op), a, b);
    }
    case N::unary: {
      const V a = value(f, n.a);
      f.line = n.line;
      return n.op == '-' ? in->negate(a) : n.op == '+' ? in->positive(a) : in->invert(a);
    }
    case N::not_: {
      const V a = value(f, n.a);
      f.line = n.line;
      if (a.is(Kind::unknown)) return a;
      return V::boolean(!truth_at(f, n.a, a));
    }
    case N::and_: {
      const V a = value(f, n.a);
      if (!truth_at(f, n.a, a)) return a;
      return value(f, n.b);
    }
    case N::or_: {
      const V a = value(f, n.a);
      if (truth_at(f, n.a, a)) return a;
      return value(f, n.b);
    }
    case N::compare: {
      bool fresh_a, fresh_b;
      const V a = eval_operand(f, n.a, fresh_a);
      const V b = eval_operand(f, n.b, fresh_b);
      f.line = n.line;
      const V r = in->compare(static_cast<Cmp>(n.op), a, b);
      if (watches) note_compare(f, n.line, static_cast<Cmp>(n.op), a, b, r);
      if (fresh_b && (plain_str(*in, a) || a.is_int()) && !r.is_obj()) in->give_back(b);
      if (fresh_a && plain_str(*in, a) && plain_str(*in, b)) in->give_back(a);
      return r;
    }
    case N::compare_chain:
      return eval_chain(f, id, n);
    case N::if_exp:
      return value(f, truth_at(f, n.a, value(f, n.a)) ? n.b : n.c);
    case N::lambda:
      return make_function(f, n.a, n.b, true);
    case N::list_comp:
    case N::set_comp:
    case N::dict_comp:
      return comprehension(f, n);
    case N::gen_exp: {
      const V it = in->iter(value(f, n.b));
      V fn = make_function(f, n.a, 0, true);
      return call_function(fn.as<Function>(), Args{&it, 1}, V());
    }
    case N::joined_str:
      return joined(f, n);
    case N::formatted:
      return in->unknown("format");
    case N::tuple:
    case N::list:
    case N::set:
      return eval_display(f, n);
    case N::dict:
      return eval_dict(f, n);
    case N::starred:
      in->raise(in->t.SyntaxError, "can't use starred expression here");
    case N::await_: {
      return await(f, value(f, n.a));
    }
    case N::yield_:
      return yield(f, n.a ? value(f, n.a) : V::none());
    case N::yield_from:
      return yield_from(f, value(f, n.a));
    case N::named_expr: {
      const V v = value(f, n.b);
      store_name(f, f.ast->node(n.a), v);
      return v;
    }
    default:
      in->raise(in->t.SystemError, "kdex: this node is not an expression");
  }
}

V Impl::sum(Frame& f, const Node& n, bool& fresh) {
  // A chain of sums of texts makes one text at its end: what lies between is seen by nobody.
  constexpr std::uint32_t kMost = 16;
  const Node* chain[kMost];
  std::uint32_t length = 0;
  const Node* at = &n;
  do {
    chain[length++] = at;
    at = &f.ast->node(at->a);
  } while (length < kMost && at->kind == N::binop && at->op == n.op);
  std::string_view parts[kMost + 1];
  std::uint32_t pending = 0;
  V acc = value(f, chain[length - 1]->a);
  for (std::uint32_t i = length; i-- > 0;) {
    const V b = value(f, chain[i]->b);
    f.line = chain[i]->line;
    if ((pending || plain_str(*in, acc)) && plain_str(*in, b)) {
      if (!pending) parts[pending++] = acc.as<Str>()->view();
      parts[pending++] = b.as<Str>()->view();
      continue;
    }
    if (pending) acc = in->concat(parts, pending);
    pending = 0;
    acc = in->binary(Op::add, acc, b);
  }
  fresh = pending != 0;
  return pending ? in->concat(parts, pending) : acc;
}

V Impl::eval_made(Frame& f, NodeId id, bool& fresh) {
  const Node& n = f.ast->node(id);
  fresh = false;
  if (n.kind == N::binop && n.op == static_cast<std::uint8_t>(Op::add)) return sum(f, n, fresh);
  if (n.kind == N::call && !n.op) {  // `x in set(y)`
    const Node& callee = f.ast->node(n.a);
    const V v = call_node(f, n);
    fresh = v.is(Kind::set) && v.o->cls == in->t.set && callee.kind == N::name &&
            f.ast->str(callee.a) == "set" && eval(f, n.a).same(V(in->t.set));
    return v;
  }
  if (n.kind != N::joined_str) return value(f, id);
  const V v = joined(f, n);
  fresh = plain_str(*in, v);
  return v;
}

V Impl::joined(Frame& f, const Node& n) {
  const std::uint32_t* w = f.ast->extra(n.a);
  std::string out;
  V unknown;
  for (std::uint32_t i = 1; i <= w[0]; ++i) {
    const Node& p = f.ast->node(w[i]);
    if (p.kind == N::const_str) {
      out += f.ast->str(p.a);
      continue;
    }
    V v = value(f, p.a);
    std::string spec;
    if (p.b) {
      const V s = joined(f, f.ast->node(p.b));
      if (s.is(Kind::unknown)) {
        unknown = s;
        continue;
      }
      spec = s.as<Str>()->view();
    }
    f.line = n.line;
    if (v.is(Kind::unknown)) {
      unknown = v;
      continue;
    }
    if (p.op == 'r') v = in->str(in->repr_of(v));
    if (p.op == 'a') v = in->call(*in->find(in->builtins, in->intern("ascii")), {v});
    if (p.op == 's') v = in->str(in->str_of(v));
    if (spec.empty() && v.is(Kind::str) && v.o->cls == in->t.str) {
      out += v.as<Str>()->view();
      continue;
    }
    if (spec.empty() && v.is_int()) {
      out += std::to_string(v.i);
      continue;
    }
    const V r = in->format(v, spec);
    if (r.is(Kind::unknown)) {
      unknown = r;
      continue;
    }
    if (!r.is(Kind::str))
      in->raise(in->t.TypeError, "__format__ must return a str, not " + in->type_name(r));
    out += r.as<Str>()->view();
  }
  if (!unknown.is_undef()) return unknown;
  return in->str(out);
}

// ---------------------------------------------------------------- calls

namespace {
/// What CPython calls a function in a message about its arguments: "module.qualname()".
std::string call_name(Interp& in, V callee) {
  V q, m;
  if (!in.try_getattr(callee, in.intern("__qualname__"), q) || !q.is(Kind::str))
    return in.str_of(callee);
  std::string s = in.str_of(q) + "()";
  if (in.try_getattr(callee, in.intern("__module__"), m) && m.is(Kind::str) &&
      m.as<Str>()->view() != "builtins")
    s = in.str_of(m) + "." + s;
  return s;
}
}  // namespace

void Impl::star_error(V callee, const char* star, const char* what, V got) {
  in->raise(in->t.TypeError, call_name(*in, callee) + " " + star + " must be " + what + ", not " +
                                 in->type_name(got));
}

V Impl::call_node(Frame& f, const Node& n) {
  V out;
  if (!try_call_node(f, n, out)) throw_raised();
  return out;
}

bool Impl::try_call_node(Frame& f, const Node& n, V& out) {
  const std::uint32_t* w = f.ast->extra(n.b);
  const std::uint32_t npos = w[0], nkw = w[1];
  const Node& fn = f.ast->node(n.a);
  V callee, self;
  if (fn.kind == N::attribute) {
    const V o = value(f, fn.a);
    Str* s = name(f.ctx, fn.b);
    f.line = fn.line;
    // a plain method of an instance: no bound method is made
    Type* t = in->type_of(o);
    bool done = false;
    refresh(t);
    if (o.is_obj() && o.o->kind != Kind::type && o.o->kind != Kind::module &&
        o.o->kind != Kind::super && o.o->kind != Kind::unknown && t->getattribute.is_undef()) {
      const V m = name_of(t, s);
      if ((m.is(Kind::function) || (m.is(Kind::builtin) && m.as<Builtin>()->binds)) &&
          !(o.o->attrs && in->find(o.o->attrs, s))) {
        callee = m;
        self = o;
        done = true;
      }
    }
    if (!done) {
      const Found r = find_attribute(o, s, callee);
      if (r == Found::raised) return false;
      if (r == Found::no) {
        set_raised(no_attribute(o, s));
        return false;
      }
      if (callee.is(Kind::method)) {
        self = callee.as<Method>()->self;
        callee = callee.as<Method>()->func;
      }
    }
  } else {
    callee = value(f, n.a);
  }
  if (n.op) return try_call_stars(f, n, callee, self, out);
  const std::uint32_t shift = self.is_undef() ? 0 : 1;
  V* pos = static_cast<V*>(alloca(sizeof(V) * (npos + 1)));
  pos[0] = self;
  if (npos == 1 && !nkw && callee.is(Kind::builtin) && callee.as<Builtin>()->owner == in->t.str &&
      plain_str(*in, self)) {
    // a method of str keeps no argument, so that a text made for it alone is free again where it
    // gives a number
    bool fresh;
    pos[1] = eval_operand(f, w[2], fresh);
    f.line = n.line;
    if (!try_builtin(callee.as<Builtin>(), Args{pos, 2, nullptr, nullptr, 0}, out)) return false;
    if (fresh && !out.is_obj()) in->give_back(pos[1]);
    return true;
  }
  for (std::uint32_t i = 0; i < npos; ++i) pos[i + shift] = value(f, w[2 + i]);
  Args a{pos, npos + shift, nullptr, nullptr, nkw};
  if (nkw) {
    Str** kwn = static_cast<Str**>(alloca(sizeof(Str*) * nkw));
    V* kwv = static_cast<V*>(alloca(sizeof(V) * nkw));
    for (std::uint32_t i = 0; i < nkw; ++i) {
      kwn[i] = name(f.ctx, w[2 + npos + 2 * i]);
      kwv[i] = value(f, w[3 + npos + 2 * i]);
    }
    a.kwname = kwn;
    a.kwval = kwv;
  }
  f.line = n.line;
  if (callee.is(Kind::function)) return try_function(callee.as<Function>(), a, V(), out);
  if (callee.is(Kind::builtin)) return try_builtin(callee.as<Builtin>(), a, out);
  return try_call(callee, a, out);
}

bool Impl::try_call_stars(Frame& f, const Node& n, V callee, V self, V& out) {
  const std::uint32_t* w = f.ast->extra(n.b);
  const std::uint32_t npos = w[0], nkw = w[1];
  Held<V> many(in->arena);
  Held<Str*> kwnames(in->arena);
  Held<V> kwvals(in->arena);
  if (!self.is_undef()) many.push_back(self);
  for (std::uint32_t i = 0; i < npos; ++i) {
    const Node& p = f.ast->node(w[2 + i]);
    if (p.kind == N::starred) {
      const V it = eval(f, p.a);
      V tmp;
      if (!it.is(Kind::unknown) && !in->try_getattr(V(in->type_of(it)), s_iter, tmp) &&
          !in->try_getattr(V(in->type_of(it)), s_getitem, tmp))
        star_error(callee, "argument after *", "an iterable", it);
      in->for_each(it, [&](V v) {
        many.push_back(v);
        return true;
      });
    } else {
      many.push_back(eval(f, w[2 + i]));
    }
  }
  auto add = [&](Str* k, V v) {
    for (Str* old : kwnames)
      if (old == k)
        in->raise(in->t.TypeError, call_name(*in, callee) +
                                       " got multiple values for keyword argument '" +
                                       std::string(k->view()) + "'");
    kwnames.push_back(k);
    kwvals.push_back(v);
  };
  for (std::uint32_t i = 0; i < nkw; ++i) {
    const std::uint32_t k = w[2 + npos + 2 * i];
    const V v = eval(f, w[3 + npos + 2 * i]);
    if (k != ~0u) {
      add(name(f.ctx, k), v);
      continue;
    }
    if (v.is(Kind::unknown)) continue;
    if (v.is(Kind::dict)) {
      Dict* d = v.as<Dict>();
      for (std::uint32_t j = 0; j < d->used; ++j) {
        if (d->e[j].key.is_undef()) continue;
        if (!d->e[j].key.is(Kind::str)) in->raise(in->t.TypeError, "keywords must be strings");
        add(in->intern(d->e[j].key.as<Str>()), d->e[j].val);
      }
      continue;
    }
    V keys;
    if (!in->try_getattr(v, in->intern("keys"), keys))
      star_error(callee, "argument after **", "a mapping", v);
    in->for_each(in->call(keys), [&](V key) {
      if (!key.is(Kind::str)) in->raise(in->t.TypeError, "keywords must be strings");
      add(in->intern(key.as<Str>()), in->getitem(v, key));
      return true;
    });
  }
  const Args a{many.data(), static_cast<std::uint32_t>(many.size()), kwnames.data(), kwvals.data(),
               static_cast<std::uint32_t>(kwnames.size())};
  f.line = n.line;
  return try_call(callee, a, out);
}

void Impl::bind(Function* fn, const Args& a, V self, V* slots) {
  CodeX* c = static_cast<CodeX*>(fn->code);
  const Scope& s = *c->sc;
  const std::uint32_t* names = c->ctx->ast->extra(s.slot_names);
  const std::uint32_t shift = self.is_undef() ? 0 : 1;
  const std::uint32_t given = a.npos + shift;
  auto at = [&](std::uint32_t i) { return shift ? (i ? a.pos[i - 1] : self) : a.pos[i]; };
  const std::uint32_t direct = std::min(given, s.nargs);
  for (std::uint32_t i = 0; i < direct; ++i) slots[i] = at(i);
  const std::uint32_t nparams = s.nargs + s.nkwonly;
  auto who = [&] { return std::string(fn->qualname->view()) + "()"; };
  if (s.varargs) {
    Tuple* rest = in->tuple_raw(given > s.nargs ? given - s.nargs : 0);
    for (std::uint32_t i = s.nargs; i < given; ++i) rest->at[i - s.nargs] = at(i);
    slots[nparams] = V(rest);
  }
  Dict* extra = nullptr;
  if (s.varkw) {
    extra = in->dict();
    slots[nparams + s.varargs] = V(extra);
  }
  std::vector<std::string> posonly_by_name;
  for (std::uint32_t k = 0; k < a.nkw; ++k) {
    std::uint32_t i = s.nposonly;
    for (; i < nparams; ++i)
      if (name(c->ctx, names[i]) == a.kwname[k]) break;
    if (i == nparams) {
      // a name that is not interned here can still be equal
      if (!a.kwname[k]->interned) {
        for (i = s.nposonly; i < nparams; ++i)
          if (name(c->ctx, names[i])->view() == a.kwname[k]->view()) break;
      }
      if (i == nparams) {
        if (extra) {
          in->put(extra, a.kwname[k], a.kwval[k]);
          continue;
        }
        for (std::uint32_t p = 0; p < s.nposonly; ++p)
          if (name(c->ctx, names[p]) == a.kwname[k])
            posonly_by_name.emplace_back(a.kwname[k]->view());
        if (!posonly_by_name.empty())
          in->raise(in->t.TypeError,
                    who() + " got some positional-only arguments passed as keyword arguments: '" +
                        posonly_by_name[0] + "'");
        in->raise(in->t.TypeError, who() + " got an unexpected keyword argument '" +
                                       std::string(a.kwname[k]->view()) + "'");
      }
    }
    if (!slots[i].is_undef())
      in->raise(in->t.TypeError, who() + " got multiple values for argument '" +
                                     std::string(a.kwname[k]->view()) + "'");
    slots[i] = a.kwval[k];
  }
  const std::uint32_t ndef = fn->defaults ? fn->defaults->n : 0;
  if (given > s.nargs && !s.varargs) {
    std::uint32_t kwonly_given = 0;
    for (std::uint32_t i = s.nargs; i < nparams; ++i) kwonly_given += !slots[i].is_undef();
    std::string takes = ndef ? "from " + std::to_string(s.nargs - ndef) + " to " +
                                   plural(s.nargs, "positional argument")
                             : plural(s.nargs, "positional argument");
    if (ndef && s.nargs == 1) takes = "from 0 to 1 positional arguments";
    std::string were = std::to_string(given);
    if (kwonly_given)
      were += " positional argument" + std::string(given == 1 ? "" : "s") + " (and " +
              plural(kwonly_given, "keyword-only argument") + ")";
    in->raise(in->t.TypeError, who() + " takes " + takes + " but " + were +
                                   (given == 1 && !kwonly_given ? " was given" : " were given"));
  }
  std::vector<std::string> missing;
  for (std::uint32_t i = direct; i < s.nargs; ++i) {
    if (!slots[i].is_undef()) continue;
    if (i + ndef >= s.nargs)
      slots[i] = fn->defaults->at[i + ndef - s.nargs];
    else
      missing.emplace_back(c->ctx->ast->str(names[i]));
  }
  if (!missing.empty())
    in->raise(in->t.TypeError, who() + " missing " +
                                   plural(missing.size(), "required positional argument") + ": " +
                                   list_names(missing));
  for (std::uint32_t i = s.nargs; i < nparams; ++i) {
    if (!slots[i].is_undef()) continue;
    V* d = fn->kwdefaults ? in->find(fn->kwdefaults, name(c->ctx, names[i])) : nullptr;
    if (d)
      slots[i] = *d;
    else
      missing.emplace_back(c->ctx->ast->str(names[i]));
  }
  if (!missing.empty())
    in->raise(in->t.TypeError, who() + " missing " +
                                   plural(missing.size(), "required keyword-only argument") + ": " +
                                   list_names(missing));
}

V Impl::call_function(Function* fn, const Args& a, V self) {
  V out;
  if (!try_function(fn, a, self, out)) throw_raised();
  return out;
}

bool Impl::try_function(Function* fn, const Args& a, V self, V& out) {
  CodeX* c = static_cast<CodeX*>(fn->code);
  const Scope& s = *c->sc;
  ++calls;
  in->tick(4);
  const bool heap = s.generator || s.coroutine;
  Frame* f;
  Frame local;
  V* slots;
  if (heap) {
    f = new (in->arena.alloc(sizeof(Frame))) Frame;
    slots = in->arena.array<V>(s.nslots + 1);
  } else {
    f = &local;
    slots = static_cast<V*>(alloca(sizeof(V) * (s.nslots + 1)));
  }
  for (std::uint32_t i = 0; i < s.nslots; ++i) slots[i] = V();
  // the usual case: exactly the positional parameters
  if (!a.nkw && !s.varargs && !s.varkw && !s.nkwonly && self.is_undef() && a.npos == s.nargs)
    for (std::uint32_t i = 0; i < a.npos; ++i) slots[i] = a.pos[i];
  else
    bind(fn, a, self, slots);
  const std::uint32_t* cells = c->ctx->ast->extra(s.cells);
  for (std::uint32_t i = 1; i <= cells[0]; ++i) {
    Cell* cell = in->make<Cell>(Kind::cell, in->t.cell);
    cell->v = slots[cells[i]];
    slots[cells[i]] = V(cell);
  }
  f->code = c;
  f->ctx = c->ctx;
  f->ast = c->ctx->ast;
  f->slots = slots;
  f->closure = fn->closure;
  f->module = c->module;
  f->fn = fn;
  f->line = s.line;
  if (heap) {
    out = make_generator(f, fn, s.coroutine && !s.generator);
    return true;
  }
  FrameGuard guard(*this, *f);
  if (run_frame(*f) == Flow::raise) return false;
  out = f->ret;
  return true;
}

Flow Impl::run_frame(Frame& f) {
  const Scope& s = *f.code->sc;
  if (s.kind == ScopeKind::lambda)
    return try_value(f, f.ast->extra(s.body)[1], f.ret) ? Flow::ret : Flow::raise;
  if (s.kind == ScopeKind::genexp) {
    value(f, f.ast->extra(s.body)[1]);
    f.ret = V::none();
    return Flow::ret;
  }
  const Flow r = exec_block(f, s.body);
  if (r == Flow::normal) f.ret = V::none();
  return r;
}

Cell** Impl::make_closure(Frame& f, const Scope& s) {
  const std::uint32_t* w = f.ast->extra(s.frees);
  if (!w[0]) return nullptr;
  Cell** out = in->arena.array<Cell*>(w[0]);
  for (std::uint32_t i = 0; i < w[0]; ++i) {
    const std::uint32_t ref = w[1 + i];
    if (ref & 0x80000000u) {
      out[i] = f.closure[~ref];
    } else {
      V& slot = f.slots[ref];
      if (!slot.is(Kind::cell)) {
        Cell* c = in->make<Cell>(Kind::cell, in->t.cell);
        c->v = slot;
        slot = V(c);
      }
      out[i] = slot.as<Cell>();
    }
  }
  return out;
}

V Impl::make_function(Frame& f, std::uint32_t scope, source::ExtraId def, bool lambda) {
  CodeX* code = make_code(f.ctx, scope);
  const Scope& s = *code->sc;
  Function* fn = in->make<Function>(Kind::function, in->t.function);
  fn->code = code;
  fn->name = code->name;
  fn->qualname = code->qualname;
  fn->doc = s.doc == ~0u ? V::none() : const_str(f.ctx, s.doc);
  if (V* m = in->find(f.module->ns, s_name)) fn->module_name = *m;
  if (def) {
    const std::uint32_t* w = f.ast->extra(def);
    w += 1 + w[0];
    const std::uint32_t nd = *w++;
    if (nd) {
      Tuple* t = in->tuple_raw(nd);
      const std::uint32_t* names = f.ast->extra(s.slot_names) + s.nargs - nd;
      for (std::uint32_t i = 0; i < nd; ++i) {
        V& v = t->at[i] = eval(f, w[i]);
        if (v.org)
          v.org = way(v, Origin::Way::default_value, f, w[i], name(f.ctx, names[i]), fn->qualname);
      }
      fn->defaults = t;
    }
    w += nd;
    const std::uint32_t nk = *w++;
    if (nk) {
      fn->kwdefaults = in->dict();
      for (std::uint32_t i = 0; i < nk; ++i) {
        Str* parameter = name(f.ctx, w[2 * i]);
        V v = eval(f, w[2 * i + 1]);
        if (v.org)
          v.org = way(v, Origin::Way::default_value, f, w[2 * i + 1], parameter, fn->qualname);
        in->put(fn->kwdefaults, parameter, v);
      }
    }
    w += 2 * nk;
    if (!lambda && *w) code->def = def;
  }
  fn->closure = make_closure(f, s);
  return V(fn);
}

V Impl::annotations_of(Function* fn) {
  if (!fn->annotations.is_undef()) return fn->annotations;
  Dict* d = in->dict();
  fn->annotations = V(d);
  CodeX* c = static_cast<CodeX*>(fn->code);
  if (!c->def) return fn->annotations;
  Frame f;
  f.code = c;
  f.ctx = c->ctx;
  f.ast = c->ctx->ast;
  f.module = c->module;
  f.ns = in->dict();
  const std::uint32_t* w = f.ast->extra(c->def);
  w += 1 + w[0];
  w += 1 + w[0];
  w += 1 + 2 * w[0];
  const std::uint32_t n = *w++;
  // CPython's order: parameters that may be named, positional-only ones, the rest
  std::vector<std::uint32_t> order(n);
  for (std::uint32_t i = 0; i < n; ++i) order[i] = i;
  const std::uint32_t* names = f.ast->extra(c->sc->slot_names);
  auto rank = [&](std::uint32_t i) {
    for (std::uint32_t k = 0; k < c->sc->nargs; ++k)
      if (names[k] == w[2 * i]) return k < c->sc->nposonly ? 1 : 0;
    return 2;
  };
  if (c->sc->nposonly)
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t x, std::uint32_t y) { return rank(x) < rank(y); });
  for (const std::uint32_t i : order) {
    const Node& a = f.ast->node(w[2 * i + 1]);
    V v;
    if (a.kind == N::const_str) {
      v = const_str(c->ctx, a.a);
    } else {
      const V failed = in->caught([&] {
        FrameGuard g(*this, f);
        // names of enclosing functions are gone: only globals can be looked up
        v = a.kind == N::name && a.op != static_cast<int>(Where::global) ? load_global(f, a.a)
                                                                         : eval(f, w[2 * i + 1]);
      });
      if (!failed.is_undef()) v = in->unknown("annotation");
    }
    in->put(d, name(c->ctx, w[2 * i]), v);
  }
  return fn->annotations;
}

// ---------------------------------------------------------------- comprehensions

void Impl::comp_clause(Frame& f, const std::uint32_t* w, std::uint32_t i, std::uint32_t n,
                       const std::uint32_t* all, N kind, V acc) {
  if (i == n) {
    if (acc.is_undef()) {
      yield(f, value(f, all[0]));
    } else if (kind == N::dict_comp) {
      const V k = value(f, all[0]);
      in->put(acc.as<Dict>(), k, value(f, all[1]));
    } else if (kind == N::set_comp) {
      in->add(acc.as<Set>(), value(f, all[0]));
    } else {
      in->append(acc.as<List>(), value(f, all[0]));
    }
    return;
  }
  const NodeId target = w[0], iterable = w[1];
  const std::uint32_t nifs = w[3];
  const V it = value(f, iterable);
  f.line = f.ast->node(iterable).line;
  if (n == 1 && !nifs && it.is_obj() && !it.o->cls->user && !acc.is_undef()) {
    constexpr std::int64_t kMost = 1 << 20;
    if (std::int64_t size = 0; kind != N::set_comp && seq_length(it, size) && size <= kMost) {
      if (kind == N::dict_comp)
        in->presize(acc.as<Dict>(), size);
      else
        in->presize(acc.as<List>(), size);
    }
  }
  in->for_each(it, [&](V v) {
    in->tick();
    assign(f, target, v);
    for (std::uint32_t k = 0; k < nifs; ++k)
      if (!truth_at(f, w[4 + k], value(f, w[4 + k]))) return true;
    comp_clause(f, w + 4 + nifs, i + 1, n, all, kind, acc);
    return true;
  });
}

V Impl::comprehension(Frame& f, const Node& n) {
  const std::uint32_t* w = f.ast->extra(n.a);
  const std::uint32_t nslots = w[2];
  V* saved = static_cast<V*>(alloca(sizeof(V) * (nslots + 1)));
  for (std::uint32_t i = 0; i < nslots; ++i) {
    V& slot = f.slots[w[3 + 2 * i]];
    new (&saved[i]) V(slot);
    slot = w[4 + 2 * i] ? V(in->make<Cell>(Kind::cell, in->t.cell)) : V();
  }
  const std::uint32_t* c = w + 3 + 2 * nslots;
  V acc;
  if (!(n.kind == N::list_comp && n.op))
    acc = n.kind == N::dict_comp  ? V(in->dict())
          : n.kind == N::set_comp ? V(in->set())
                                  : V(in->list());
  comp_clause(f, c + 1, 0, c[0], w, n.kind, acc);
  for (std::uint32_t i = 0; i < nslots; ++i) f.slots[w[3 + 2 * i]] = saved[i];
  return acc.is_undef() ? V::none() : acc;
}

// ---------------------------------------------------------------- statements

Flow Impl::exec_block(Frame& f, source::ExtraId b) {
  const std::uint32_t* w = f.ast->extra(b);
  const std::uint32_t n = w[0];
  for (std::uint32_t i = 1; i <= n; ++i) {
    const Flow r = exec(f, f.ast->extra(b)[i]);
    if (r != Flow::normal) return r;
  }
  return Flow::normal;
}

Flow Impl::exec(Frame& f, NodeId id) {
  const Node& n = f.ast->node(id);
  f.line = n.line;
  in->tick();
  switch (n.kind) {
    case N::expr_stmt: {
      V v;
      return try_value(f, n.a, v) ? Flow::normal : Flow::raise;
    }
    case N::assign1: {
      V v;
      if (!try_value(f, n.b, v)) return Flow::raise;
      assign(f, n.a, v);
      return Flow::normal;
    }
    case N::assign: {
      const V v = value(f, n.b);
      const std::uint32_t* w = f.ast->extra(n.a);
      for (std::uint32_t i = 1; i <= w[0]; ++i) assign(f, w[i], v);
      return Flow::normal;
    }
    case N::return_:
      if (!n.a)
        f.ret = V::none();
      else if (!try_value(f, n.a, f.ret))
        return Flow::raise;
      return Flow::ret;
    case N::pass_:
      return Flow::normal;
    case N::break_:
      return Flow::brk;
    case N::continue_:
      return Flow::cont;
    case N::if_:
      if (truth_at(f, n.a, value(f, n.a))) return exec_block(f, n.b);
      return n.c ? exec_block(f, n.c) : Flow::normal;
    case N::while_:
      while (truth_at(f, n.a, value(f, n.a))) {
        in->tick();
        const Flow r = exec_block(f, n.b);
        if (r == Flow::brk) return Flow::normal;
        if (r == Flow::ret || r == Flow::raise) return r;
        f.line = n.line;
      }
      return n.c ? exec_block(f, n.c) : Flow::normal;
    case N::for_:
      return exec_for(f, n);
    case N::with_:
      return exec_with(f, n, 0);
    case N::try_:
      return exec_try(f, n);
    case N::global_:
      return Flow::normal;
    default:
      return exec_rare(f, n);
  }
}

Flow Impl::exec_for(Frame& f, const Node& n) {
  const V iterable = eval(f, n.b);
  f.line = n.line;
  const std::uint32_t* w = f.ast->extra(n.c);
  const source::ExtraId body = w[0], other = w[1];
  if (iterable.is(Kind::unknown)) {
    assume(&f, n.line, std::string(iterable.as<Unknown>()->why->view()));
    return other ? exec_block(f, other) : Flow::normal;
  }
  const V it = in->iter(iterable);
  V v;
  for (;;) {
    if (!in->next(it, v)) break;
    in->tick();
    assign(f, n.a, v);
    const Flow r = exec_block(f, body);
    if (r == Flow::brk) return Flow::normal;
    if (r == Flow::ret || r == Flow::raise) return r;
    f.line = n.line;
  }
  return other ? exec_block(f, other) : Flow::normal;
}

V Impl::await(Frame& f, V v) {
  if (!f.gen) return v;
  if (v.is(Kind::generator) || v.is(Kind::unknown)) return yield_from(f, v);
  const V how = in->special(v, in->intern("__await__"));
  if (how.is_undef())
    in->raise(in->t.TypeError,
              "object " + in->type_name(v) + " can't be used in 'await' expression");
  return yield_from(f, in->call(how));
}

}  // namespace kdex::py
