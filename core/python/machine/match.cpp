// Patterns of the match statement.
#include <algorithm>

#include "core/python/machine/impl.h"

namespace kdex::py {

using Impl = Interp::Impl;

bool Impl::match_sequence(Frame& f, const Node& n, V subject) {
  if (!subject.is(Kind::list) && !subject.is(Kind::tuple) && !subject.is(Kind::range)) {
    V flag;
    if (!subject.is(Kind::instance) ||
        !in->try_getattr(V(in->type_of(subject)), in->intern("__len__"), flag) ||
        !in->try_getattr(V(in->type_of(subject)), s_getitem, flag))
      return false;
  }
  const V items = in->to_list(subject);
  List* l = items.as<List>();
  const std::uint32_t* w = f.ast->extra(n.a);
  std::uint32_t star = ~0u;
  for (std::uint32_t i = 0; i < w[0]; ++i)
    if (f.ast->node(w[1 + i]).kind == N::pat_star) star = i;
  if (star == ~0u ? l->n != w[0] : l->n + 1 < w[0]) return false;
  const std::uint32_t before = star == ~0u ? w[0] : star;
  for (std::uint32_t i = 0; i < before; ++i)
    if (!match(f, w[1 + i], l->at[i])) return false;
  if (star == ~0u) return true;
  const std::uint32_t after = w[0] - star - 1;
  const Node& s = f.ast->node(w[1 + star]);
  if (s.a) assign(f, s.a, in->list(l->at + star, l->n - star - after));
  for (std::uint32_t i = 0; i < after; ++i)
    if (!match(f, w[2 + star + i], l->at[l->n - after + i])) return false;
  return true;
}

bool Impl::match_mapping(Frame& f, const Node& n, V subject) {
  if (!subject.is(Kind::dict)) return false;
  const std::uint32_t* w = f.ast->extra(n.a);
  Held<V> keys(in->arena);
  for (std::uint32_t i = 0; i < w[0]; ++i) {
    const V k = eval(f, w[1 + 2 * i]);
    keys.push_back(k);
    V* v = in->find(subject.as<Dict>(), k);
    if (!v || !match(f, w[2 + 2 * i], *v)) return false;
  }
  const NodeId rest = w[1 + 2 * w[0]];
  if (rest) {
    Dict* d = in->dict();
    Dict* s = subject.as<Dict>();
    for (std::uint32_t i = 0; i < s->used; ++i) {
      if (s->e[i].key.is_undef()) continue;
      bool taken = false;
      for (V k : keys) taken |= in->eq(k, s->e[i].key);
      if (!taken) in->put(d, s->e[i].key, s->e[i].val);
    }
    assign(f, rest, V(d));
  }
  return true;
}

/// The positional patterns of a class pattern: those of the attributes that `__match_args__` names,
/// which go to `taken`.
bool Impl::match_positional(Frame& f, V cls, const std::uint32_t* patterns, std::uint32_t npos,
                            V subject, Held<Str*>& taken) {
  Type* t = cls.is(Kind::type) ? cls.as<Type>() : nullptr;
  static const Kind selfish[] = {Kind::str,   Kind::bytes, Kind::boxed, Kind::list,
                                 Kind::tuple, Kind::dict,  Kind::set};
  if (t && !t->user &&
      std::find(std::begin(selfish), std::end(selfish), t->layout) != std::end(selfish)) {
    if (npos > 1 || !match(f, patterns[0], subject)) return false;
  } else {
    V args;
    if (!in->try_getattr(cls, s_match_args, args))
      in->raise(in->t.TypeError, in->type_name(subject) + "() accepts 0 positional sub-patterns (" +
                                     std::to_string(npos) + " given)");
    const V names = in->to_tuple(args);
    if (names.as<Tuple>()->n < npos)
      in->raise(in->t.TypeError, in->type_name(subject) + "() accepts " +
                                     plural(names.as<Tuple>()->n, "positional sub-pattern") + " (" +
                                     std::to_string(npos) + " given)");
    for (std::uint32_t i = 0; i < npos; ++i) {
      V v;
      if (!names.as<Tuple>()->at[i].is(Kind::str))
        in->raise(in->t.TypeError, "__match_args__ elements must be strings (got " +
                                       in->type_name(names.as<Tuple>()->at[i]) + ")");
      taken.push_back(in->intern(names.as<Tuple>()->at[i].as<Str>()));
      if (!in->try_getattr(subject, in->intern(names.as<Tuple>()->at[i].as<Str>()), v) ||
          !match(f, patterns[i], v))
        return false;
    }
  }
  return true;
}

bool Impl::match_class(Frame& f, const Node& n, V subject) {
  const V cls = eval(f, n.a);
  if (!in->isinstance_any(subject, cls)) return false;
  const std::uint32_t* w = f.ast->extra(n.b);
  const std::uint32_t npos = w[0];
  Held<Str*> taken(in->arena);
  if (npos && !match_positional(f, cls, w + 1, npos, subject, taken)) return false;
  const std::uint32_t* k = w + 1 + npos;
  for (std::uint32_t i = 0; i < k[0]; ++i) {
    V v;
    Str* wanted = name(f.ctx, k[1 + 2 * i]);
    if (std::find(taken.begin(), taken.end(), wanted) != taken.end())
      in->raise(in->t.TypeError,
                std::string(cls.is(Kind::type) ? cls.as<Type>()->name->view() : "class") +
                    "() got multiple sub-patterns for attribute '" + std::string(wanted->view()) +
                    "'");
    taken.push_back(wanted);
    if (!in->try_getattr(subject, wanted, v) || !match(f, k[2 + 2 * i], v)) return false;
  }
  return true;
}

bool Impl::match(Frame& f, NodeId id, V subject) {
  const Node& n = f.ast->node(id);
  switch (n.kind) {
    case N::pat_value:
      return in->eq(subject, eval(f, n.a));
    case N::pat_singleton:
      return subject.same(eval(f, n.a));
    case N::pat_capture:
      if (n.a) assign(f, n.a, subject);
      return true;
    case N::pat_or: {
      const std::uint32_t* w = f.ast->extra(n.a);
      for (std::uint32_t i = 1; i <= w[0]; ++i)
        if (match(f, w[i], subject)) return true;
      return false;
    }
    case N::pat_as:
      if (!match(f, n.a, subject)) return false;
      assign(f, n.b, subject);
      return true;
    case N::pat_sequence:
      return match_sequence(f, n, subject);
    case N::pat_mapping:
      return match_mapping(f, n, subject);
    case N::pat_class:
      return match_class(f, n, subject);
    default:
      in->raise(in->t.SystemError, "kdex: unknown pattern");
  }
}

}  // namespace kdex::py
