// alike.h.
#include "core/python/machine/alike.h"

#include <algorithm>
#include <bit>

#include "core/python/machine/impl.h"

namespace kdex::py {
namespace {

/// Objects that two graphs may hold before they count as different: a layer has some thousand.
constexpr std::size_t kMostObjects = 50'000;

/// A text's bytes, without being told that it was read (Str::view).
std::string_view bytes_of(const Str* s) { return {s->data, s->len}; }

/// What a module was made with: kdex's own note, which no program reads.
constexpr std::string_view kCallMade = "_kdex_call";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t after_digits(std::string_view s, std::size_t at) {
  while (at < s.size() && is_digit(s[at])) ++at;
  return at;
}

std::uint32_t free_variables(const Function* f) {
  const auto* c = static_cast<const CodeX*>(f->code);
  return f->closure ? c->ctx->ast->extra(c->sc->frees)[0] : 0;
}

/// Whether two texts are the same but for the numbers in them.
bool same_but_numbers(std::string_view a, std::string_view b) {
  std::size_t i = 0, k = 0;
  while (i < a.size() && k < b.size()) {
    if (is_digit(a[i]) && is_digit(b[k])) {
      i = after_digits(a, i);
      k = after_digits(b, k);
    } else if (a[i++] != b[k++]) {
      return false;
    }
  }
  return i == a.size() && k == b.size();
}

}  // namespace

bool Alike::compare(V a, V b) {
  later(a, b);
  while (!todo_.empty()) {
    const Pair p = todo_.back();
    todo_.pop_back();
    if (!values(p)) {
      todo_.clear();
      return false;
    }
  }
  return true;
}

void Alike::later(V a, V b, Obj* holder, V key) { todo_.push_back({a, b, holder, key}); }

bool Alike::values(const Pair& p) {
  if (p.a.tag != p.b.tag) return false;
  switch (p.a.tag) {
    case Tag::undef:
    case Tag::none:
      return true;
    case Tag::boolean:
      return p.a.i == p.b.i;
    case Tag::real:
      return std::bit_cast<std::uint64_t>(p.a.f) == std::bit_cast<std::uint64_t>(p.b.f);
    case Tag::integer:
      return p.a.i == p.b.i || differs(p);
    case Tag::object:
      return objects(p);
  }
  return false;
}

bool Alike::differs(const Pair& p) {
  if (!may_differ_ || !p.holder) return false;
  differences_.push_back({p.holder, p.key, p.a, p.b});
  return true;
}

/// Enters that `a` stands for `b`; false where it stands for another. `known`: it was entered.
bool Alike::pair(Obj* a, Obj* b, bool& known) {
  const auto it = to_.find(a);
  known = it != to_.end();
  if (known) return it->second == b;
  if (from_.contains(b) || to_.size() > kMostObjects) return false;
  to_.emplace(a, b);
  from_.emplace(b, a);
  return true;
}

bool Alike::objects(const Pair& p) {
  Obj *a = p.a.o, *b = p.b.o;
  if (!a || !b) return a == b;
  if (a->kind != b->kind || a->cls != b->cls) return false;
  if (a->kind == Kind::str) {
    const std::string_view x = bytes_of(p.a.as<Str>()), y = bytes_of(p.b.as<Str>());
    return x == y || (same_but_numbers(x, y) && differs(p));
  }
  bool known = false;
  if (!pair(a, b, known)) return false;
  if (known) return true;
  if (a->born == kUncounted && b->born == kUncounted) return true;
  if (const V* was = before(a)) return as_before(*was, a, b);
  return a == b || contents(a, b);
}

const V* Alike::before(Obj* o) const {
  if (!before_) return nullptr;
  const auto it = before_->find(o);
  return it == before_->end() ? nullptr : &it->second;
}

/// `a` as it was, beside `b`.
bool Alike::as_before(const V& was, Obj* a, Obj* b) {
  switch (a->kind) {
    case Kind::dict:
      return dicts(static_cast<Dict*>(a), static_cast<Dict*>(b));
    case Kind::list:
      return items(was.as<List>()->at, was.as<List>()->n, static_cast<List*>(b)->at,
                   static_cast<List*>(b)->n, a);
    case Kind::cell:
      later(was.as<Tuple>()->at[0], static_cast<Cell*>(b)->v);
      return true;
    default:
      return items(was.as<Tuple>()->at, was.as<Tuple>()->n, static_cast<Slotted*>(b)->slot,
                   static_cast<Slotted*>(b)->n, nullptr) &&
             attributes(a, b);
  }
}

bool Alike::attributes(const Obj* a, const Obj* b) {
  if (!a->attrs || !b->attrs) {
    const Dict* only = a->attrs ? a->attrs : b->attrs;
    return !only || (!only->live && !before(const_cast<Dict*>(only)));
  }
  bool known = false;
  return pair(a->attrs, b->attrs, known) && (known || dicts(a->attrs, b->attrs));
}

/// `holds`: values may differ, keys of a set may not.
bool Alike::dicts(Dict* a, Dict* b, bool holds) {
  const V* was = before(a);
  if (a == b && !was) return true;
  const Dict* from = was ? was->as<Dict>() : a;
  if (from->live != b->live) return false;
  for (std::uint32_t i = 0, k = 0; i < from->used; ++i) {
    const Dict::Entry& x = from->e[i];
    if (x.key.is_undef()) continue;
    while (b->e[k].key.is_undef()) ++k;
    const Dict::Entry& y = b->e[k++];
    if (!x.key.same(y.key)) later(x.key, y.key);
    if (x.key.is(Kind::str) && bytes_of(x.key.as<Str>()) == kCallMade) continue;
    later(x.val, y.val, holds ? a : nullptr, x.key);
  }
  return true;
}

bool Alike::items(const V* a, std::uint32_t n, const V* b, std::uint32_t m, Obj* holder) {
  for (std::uint32_t i = 0; n == m && i < n; ++i) later(a[i], b[i], holder, V::integer(i));
  return n == m;
}

bool Alike::functions(const Function* a, const Function* b) {
  const std::uint32_t n = free_variables(a);
  if (a->code != b->code || n != free_variables(b)) return false;
  for (std::uint32_t i = 0; i < n; ++i) later(V(a->closure[i]), V(b->closure[i]));
  const auto part = [&](Obj* x, Obj* y) {
    if (x && y) later(V(x), V(y));
    return !x == !y;
  };
  return part(a->defaults, b->defaults) && part(a->kwdefaults, b->kwdefaults) && attributes(a, b);
}

bool Alike::sets(const Set* a, const Set* b) {
  bool known = false;
  return pair(a->d, b->d, known) && (known || dicts(a->d, b->d, false));
}

/// Two objects of one kind and class.
bool Alike::contents(Obj* a, Obj* b) {
  switch (a->kind) {
    case Kind::bytes:
      return static_cast<Bytes*>(a)->view() == static_cast<Bytes*>(b)->view();
    case Kind::bigint: {
      const auto *x = static_cast<BigInt*>(a), *y = static_cast<BigInt*>(b);
      return x->negative == y->negative &&
             std::equal(x->limb, x->limb + x->n, y->limb, y->limb + y->n);
    }
    case Kind::boxed: {
      const auto *x = static_cast<Boxed*>(a), *y = static_cast<Boxed*>(b);
      if (x->choice || y->choice) return false;
      later(x->value, y->value);
      return attributes(a, b);
    }
    case Kind::list: {
      const auto *x = static_cast<List*>(a), *y = static_cast<List*>(b);
      return items(x->at, x->n, y->at, y->n, a) && attributes(a, b);
    }
    case Kind::tuple: {
      const auto *x = static_cast<Tuple*>(a), *y = static_cast<Tuple*>(b);
      return items(x->at, x->n, y->at, y->n, nullptr) && attributes(a, b);
    }
    case Kind::dict:
      return dicts(static_cast<Dict*>(a), static_cast<Dict*>(b)) && attributes(a, b);
    case Kind::set:
      return sets(static_cast<Set*>(a), static_cast<Set*>(b)) && attributes(a, b);
    case Kind::range: {
      const auto *x = static_cast<Range*>(a), *y = static_cast<Range*>(b);
      return x->start == y->start && x->stop == y->stop && x->step == y->step;
    }
    case Kind::slice: {
      const auto *x = static_cast<Slice*>(a), *y = static_cast<Slice*>(b);
      later(x->start, y->start);
      later(x->stop, y->stop);
      later(x->step, y->step);
      return true;
    }
    case Kind::function:
      return functions(static_cast<Function*>(a), static_cast<Function*>(b));
    case Kind::builtin: {
      const auto *x = static_cast<Builtin*>(a), *y = static_cast<Builtin*>(b);
      later(x->data, y->data);
      return x->fn == y->fn;
    }
    case Kind::method: {
      const auto *x = static_cast<Method*>(a), *y = static_cast<Method*>(b);
      later(x->func, y->func);
      later(x->self, y->self);
      return true;
    }
    case Kind::classmethod:
    case Kind::staticmethod:
      later(static_cast<Wrap*>(a)->func, static_cast<Wrap*>(b)->func);
      return true;
    case Kind::cell:
      later(static_cast<Cell*>(a)->v, static_cast<Cell*>(b)->v);
      return true;
    case Kind::unknown:
      later(V(static_cast<Unknown*>(a)->why), V(static_cast<Unknown*>(b)->why));
      return true;
    case Kind::instance: {
      if (a->cls->nslots) {
        const auto *x = static_cast<Slotted*>(a), *y = static_cast<Slotted*>(b);
        if (!items(x->slot, x->n, y->slot, y->n, nullptr)) return false;
      }
      return attributes(a, b);
    }
    default:  // classes, modules, exceptions, generators, iterators: themselves alone
      return false;
  }
}

}  // namespace kdex::py
