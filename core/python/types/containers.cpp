// The container operations that the interpreter calls for every native kind: length, truth, items,
// membership, iteration, comparison, hash and repr. The types' own methods are in list.cpp,
// mapping.cpp, set.cpp and range.cpp.
#include "core/python/types/containers.h"

#include <algorithm>
#include <vector>

#include "core/python/machine/impl.h"

namespace kdex::py {
namespace {

thread_local int depth = 0;
thread_local std::vector<Obj*> under_repr;
constexpr int kDeepest = 400;

struct ListIter final : Iter {
  List* l;
  std::uint32_t i = 0;
  bool done = false;
  ListIter(Interp& in, List* list) : Iter(in.t.iterator), l(list) {}
  bool next(Interp&, V& out) override {
    if (done || i >= l->n) {
      done = true;
      return false;
    }
    out = l->at[i++];
    return true;
  }
  std::int64_t length_hint() override { return l->n > i ? l->n - i : 0; }
};

struct TupleIter final : Iter {
  Tuple* l;
  std::uint32_t i = 0;
  TupleIter(Interp& in, Tuple* tuple) : Iter(in.t.iterator), l(tuple) {}
  bool next(Interp&, V& out) override {
    if (i >= l->n) return false;
    out = l->at[i++];
    return true;
  }
  std::int64_t length_hint() override { return l->n - i; }
};

struct RangeIter final : Iter {
  std::int64_t at, left, step;
  RangeIter(Interp& in, std::int64_t first, std::int64_t count, std::int64_t by)
      : Iter(in.t.iterator), at(first), left(count), step(by) {}
  bool next(Interp&, V& out) override {
    if (left <= 0) return false;
    out = V::integer(at);
    if (--left) at += step;
    return true;
  }
  std::int64_t length_hint() override { return left; }
};

struct DictIter final : Iter {
  Dict* d;
  std::int64_t i;
  std::uint32_t live;
  Shows shows;
  bool is_set, backward;
  DictIter(Interp& in, Dict* dict, Shows w, bool s, bool back)
      : Iter(in.t.iterator),
        d(dict),
        i(back ? std::int64_t{dict->used} - 1 : 0),
        live(dict->live),
        shows(w),
        is_set(s),
        backward(back) {}
  bool next(Interp& in, V& out) override {
    if (i < 0 && !backward) return false;
    if (d->live != live) {
      i = backward ? -1 : -2;
      in.raise(in.t.RuntimeError, is_set ? "Set changed size during iteration"
                                         : "dictionary changed size during iteration");
    }
    while (backward ? i >= 0 : i < d->used) {
      if (i >= d->used) {
        --i;
        continue;
      }
      const Dict::Entry& e = d->e[i];
      i += backward ? -1 : 1;
      if (e.key.is_undef()) continue;
      out = shows == Shows::items    ? in.tuple({e.key, e.val})
            : shows == Shows::values ? e.val
                                     : e.key;
      return true;
    }
    if (!backward) i = -2;
    return false;
  }
  std::int64_t length_hint() override { return live; }
};

/// Backwards over anything with a length and items.
struct BackIter final : Iter {
  V o;
  std::int64_t i;
  BackIter(Interp& in, V seq, std::int64_t n) : Iter(in.t.iterator), o(seq), i(n - 1) {}
  bool next(Interp& in, V& out) override {
    if (i < 0) return false;
    if (o.is(Kind::list)) {
      List* l = o.as<List>();
      if (i >= l->n) {
        i = -1;
        return false;
      }
      out = l->at[i--];
      return true;
    }
    out = in.getitem(o, V::integer(i--));
    return true;
  }
  std::int64_t length_hint() override { return i + 1; }
};

std::int64_t clipped_index(Interp& in, V key, std::int64_t n, const char* type) {
  std::int64_t i = 0;
  if (key.is_int())
    i = key.i;
  else if (in.is_index(key))
    i = in.index(key);
  else
    in.raise(in.t.TypeError,
             std::string(type) + " indices must be integers or slices, not " + in.type_name(key));
  if (i < 0) i += n;
  return i;
}

V dict_item(Interp& in, Dict* d, V key) {
  if (V* v = in.find(d, key)) return *v;
  if (d->cls != in.t.dict) {
    V missing = in.special(V(d), in.intern("__missing__"));
    if (!missing.is_undef()) return in.call(missing, {key});
  }
  if (key.is(Kind::unknown)) return unknown_of(in, "dict.__getitem__", key);
  key_error(in, key);
}

std::uint64_t mix(std::uint64_t h, std::uint64_t x) {
  h ^= x + 0x9E3779B97F4A7C15ull + (h << 6) + (h >> 2);
  return h * 0xff51afd7ed558ccdull;
}

bool order(Cmp op, std::int64_t a, std::int64_t b) {
  switch (op) {
    case Cmp::eq:
      return a == b;
    case Cmp::ne:
      return a != b;
    case Cmp::lt:
      return a < b;
    case Cmp::le:
      return a <= b;
    case Cmp::gt:
      return a > b;
    default:
      return a >= b;
  }
}

bool compare_items(Interp& in, Cmp op, V va, V vb) {
  Deep guard(in, " in comparison");
  const bool list = va.is(Kind::list);
  auto count = [&](V v) { return list ? v.as<List>()->n : v.as<Tuple>()->n; };
  auto item = [&](V v, std::uint32_t i) {
    return list ? v.as<List>()->at[i] : v.as<Tuple>()->at[i];
  };
  if ((op == Cmp::eq || op == Cmp::ne) && count(va) != count(vb)) return op == Cmp::ne;
  for (std::uint32_t i = 0; i < count(va) && i < count(vb); ++i) {
    in.tick();
    if (same_or_eq(in, item(va, i), item(vb, i))) continue;
    if (op == Cmp::eq) return false;
    if (op == Cmp::ne) return true;
    return in.truth(in.compare(op, item(va, i), item(vb, i)));
  }
  return order(op, count(va), count(vb));
}

bool compare_dicts(Interp& in, Dict* a, Dict* b) {
  Deep guard(in, " in comparison");
  if (a->live != b->live) return false;
  for (std::uint32_t i = 0; i < a->used; ++i) {
    const Dict::Entry x = a->e[i];
    if (x.key.is_undef()) continue;
    in.tick();
    V* y = in.find(b, x.key);
    if (!y || !same_or_eq(in, x.val, *y)) return false;
  }
  return true;
}

bool same_range(const Range* a, const Range* b) {
  const std::int64_t n = a->size();
  return n == b->size() && (n == 0 || (a->start == b->start && (n == 1 || a->step == b->step)));
}

/// Marks an object as being shown; false where it already is.
struct Shown {
  bool first;
  explicit Shown(Obj* o)
      : first(std::find(under_repr.begin(), under_repr.end(), o) == under_repr.end()) {
    if (first) under_repr.push_back(o);
  }
  ~Shown() {
    if (first) under_repr.pop_back();
  }
  Shown(const Shown&) = delete;
};

void join_items(Interp& in, std::string& s, const V* at, std::uint32_t n) {
  for (std::uint32_t i = 0; i < n; ++i) {
    if (i) s += ", ";
    in.tick();
    s += in.repr_of(at[i]);
    in.check_size(static_cast<std::int64_t>(s.size()), 1);
  }
}

std::string entries_repr(Interp& in, Dict* d,
                         Shows shows) {  // items as tuples, a mapping's as k: v
  std::string s;
  for (std::uint32_t i = 0; i < d->used; ++i) {
    const Dict::Entry e = d->e[i];
    if (e.key.is_undef()) continue;
    if (!s.empty()) s += ", ";
    in.tick();
    if (shows == Shows::items) s += "(";
    if (shows != Shows::values) s += in.repr_of(e.key);
    if (shows == Shows::items) s += ", ";
    if (shows == Shows::mapping) s += ": ";
    if (shows != Shows::keys) s += in.repr_of(e.val);
    if (shows == Shows::items) s += ")";
    in.check_size(static_cast<std::int64_t>(s.size()), 1);
  }
  return s;
}

bool view_contains(Interp& in, DictView* v, V item) {
  if (v->shows == Shows::keys || v->shows == Shows::mapping) return in.find(v->d, item) != nullptr;
  if (v->shows == Shows::items) {
    if (!item.is(Kind::tuple) || item.as<Tuple>()->n != 2) return false;
    V* x = in.find(v->d, item.as<Tuple>()->at[0]);
    return x && same_or_eq(in, *x, item.as<Tuple>()->at[1]);
  }
  for (std::uint32_t i = 0; i < v->d->used; ++i) {
    in.tick();
    if (!v->d->e[i].key.is_undef() && same_or_eq(in, v->d->e[i].val, item)) return true;
  }
  return false;
}

// ---- the protocol methods
V m_len(Interp& in, const Args& a) {
  std::int64_t n = 0;
  if (!seq_length(a[0], n)) wrong_self(in, "container", a[0]);
  return V::integer(n);
}
V m_iter(Interp& in, const Args& a) {
  V out;
  if (!seq_iter(in, a[0], out)) wrong_self(in, "container", a[0]);
  return out;
}
V m_contains(Interp& in, const Args& a) {
  bool out = false;
  if (!seq_contains(in, a[0], a[1], out)) wrong_self(in, "container", a[0]);
  return V::boolean(out);
}
V m_getitem(Interp& in, const Args& a) {
  V out;
  if (!seq_getitem(in, a[0], a[1], out)) wrong_self(in, "container", a[0]);
  return out;
}
V m_setitem(Interp& in, const Args& a) {
  if (!seq_setitem(in, a[0], a[1], a[2])) wrong_self(in, "container", a[0]);
  return V::none();
}
V m_delitem(Interp& in, const Args& a) {
  if (!seq_delitem(in, a[0], a[1])) wrong_self(in, "container", a[0]);
  return V::none();
}
V m_repr(Interp& in, const Args& a) { return in.str(seq_repr(in, a[0])); }
V m_hash(Interp& in, const Args& a) {
  std::uint64_t h = 0;
  if (!seq_hash(in, a[0], h)) wrong_self(in, "container", a[0]);
  return V::integer(static_cast<std::int64_t>(h));
}
V m_reversed(Interp& in, const Args& a) {
  bool ok = false;
  V out = reversed_of(in, a[0], ok);
  if (!ok) wrong_self(in, "container", a[0]);
  return out;
}

V iter_next(Interp& in, const Args& a) {
  Iter* it = self_as<Iter>(in, a, Kind::iterator, "iterator");
  V out;
  if (!it->next(in, out)) stop_iteration(in);
  return out;
}

}  // namespace

Deep::Deep(Interp& in, const char* what) {
  if (depth >= kDeepest)
    in.raise(in.t.RecursionError, std::string("maximum recursion depth exceeded") + what);
  ++depth;
}
Deep::~Deep() { --depth; }

void wrong_self(Interp& in, const char* type, V got) {
  const char* name = in.current_builtin ? in.current_builtin->name : "?";
  in.raise(in.t.TypeError, std::string("descriptor '") + name + "' for '" + type +
                               "' objects doesn't apply to a '" + in.type_name(got) + "' object");
}

V unknown_of(Interp& in, const char* what, V u) {
  std::string why(what);
  if (u.is(Kind::unknown) && u.as<Unknown>()->why) {
    std::string_view from = u.as<Unknown>()->why->view();
    if (from.size() > 200) from = from.substr(0, 200);
    why += "(" + std::string(from) + ")";
  }
  return in.unknown(why);
}

V first_unknown(const Args& a, std::uint32_t from) {
  for (std::uint32_t i = from; i < a.npos; ++i)
    if (a.pos[i].is(Kind::unknown)) return a.pos[i];
  return {};
}

void stop_iteration(Interp& in) { in.raise(in.call(V(in.t.StopIteration))); }
void key_error(Interp& in, V key) { in.raise(in.call(V(in.t.KeyError), {key})); }
std::string number_of(std::int64_t n) { return std::to_string(n); }

bool unknown_bounds(const Slice* s) {
  return s->start.is(Kind::unknown) || s->stop.is(Kind::unknown) || s->step.is(Kind::unknown);
}

void slice_indices(Interp& in, const Slice* s, std::int64_t len, std::int64_t& start,
                   std::int64_t& stop, std::int64_t& step, std::int64_t& count) {
  auto bound = [&](V v, std::int64_t otherwise) {
    if (v.is_none() || v.is_undef()) return otherwise;
    if (v.is_int()) return v.i;
    if (!in.is_index(v))
      in.raise(in.t.TypeError,
               "slice indices must be integers or None or have an __index__ method");
    const V n = in.unbox(v);
    if (n.is(Kind::bigint)) return n.as<BigInt>()->negative ? -INT64_MAX : INT64_MAX;
    return in.index(v);
  };
  step = bound(s->step, 1);
  if (step == 0) in.raise(in.t.ValueError, "slice step cannot be zero");
  if (step < -INT64_MAX) step = -INT64_MAX;
  const std::int64_t low = step < 0 ? -1 : 0, high = step < 0 ? len - 1 : len;
  auto clip = [&](std::int64_t x) {
    if (x < 0) x = x < -len ? low : x + len;
    return x < low ? low : x > high ? high : x;
  };
  const bool no_start = s->start.is_none() || s->start.is_undef(),
             no_stop = s->stop.is_none() || s->stop.is_undef();
  start = no_start ? (step < 0 ? high : low) : clip(bound(s->start, 0));
  stop = no_stop ? (step < 0 ? low : high) : clip(bound(s->stop, 0));
  if (step > 0)
    count = start < stop ? (stop - start - 1) / step + 1 : 0;
  else
    count = start > stop ? (start - stop - 1) / -step + 1 : 0;
}

bool seq_length(V o, std::int64_t& out) {
  if (!o.is_obj()) return false;
  switch (o.o->kind) {
    case Kind::str:
      out = o.as<Str>()->nchars;
      return true;
    case Kind::bytes:
      out = o.as<Bytes>()->len;
      return true;
    case Kind::list:
      out = o.as<List>()->n;
      return true;
    case Kind::tuple:
      out = o.as<Tuple>()->n;
      return true;
    case Kind::dict:
      out = o.as<Dict>()->live;
      return true;
    case Kind::set:
      out = o.as<Set>()->d->live;
      return true;
    case Kind::range:
      out = o.as<Range>()->size();
      return true;
    case Kind::view:
      out = o.as<DictView>()->d->live;
      return true;
    default:
      return false;
  }
}

bool seq_truth(V o, bool& out) {
  std::int64_t n = 0;
  if (!seq_length(o, n)) return false;
  out = n != 0;
  return true;
}

bool seq_iter(Interp& in, V o, V& out) {
  if (!o.is_obj()) return false;
  switch (o.o->kind) {
    case Kind::str:
    case Kind::bytes:
      out = str_iter(in, o);
      return true;
    case Kind::list:
      out = V(in.make<ListIter>(in, o.as<List>()));
      return true;
    case Kind::tuple:
      out = V(in.make<TupleIter>(in, o.as<Tuple>()));
      return true;
    case Kind::dict:
      in.reading(o.as<Dict>(), V());
      out = dict_iter(in, o.as<Dict>(), Shows::keys);
      return true;
    case Kind::set:
      out = dict_iter(in, o.as<Set>()->d, Shows::keys, true);
      return true;
    case Kind::view:
      out = dict_iter(in, o.as<DictView>()->d, o.as<DictView>()->shows);
      return true;
    case Kind::range: {
      const auto* r = o.as<Range>();
      out = V(in.make<RangeIter>(in, r->start, r->size(), r->step));
      return true;
    }
    case Kind::iterator:
      out = o;
      return true;
    default:
      return false;
  }
}

V dict_iter(Interp& in, Dict* d, Shows shows, bool is_set) {
  return V(in.make<DictIter>(in, d, shows, is_set, false));
}

V reversed_of(Interp& in, V o, bool& ok) {
  ok = true;
  if (o.is_obj()) switch (o.o->kind) {
      case Kind::dict:
        return V(in.make<DictIter>(in, o.as<Dict>(), Shows::keys, false, true));
      case Kind::view: {
        auto* v = o.as<DictView>();
        return V(in.make<DictIter>(in, v->d, v->shows, false, true));
      }
      case Kind::range: {
        const auto* r = o.as<Range>();
        const std::int64_t n = r->size();
        return V(in.make<RangeIter>(in, n ? r->start + (n - 1) * r->step : 0, n, -r->step));
      }
      case Kind::list:
      case Kind::tuple:
      case Kind::str:
      case Kind::bytes:
        return V(in.make<BackIter>(in, o, in.length(o)));
      case Kind::set:
        ok = false;
        return {};
      default:
        break;
    }
  if (in.lookup(in.type_of(o), in.intern("__getitem__")).is_undef() ||
      in.lookup(in.type_of(o), in.intern("__len__")).is_undef()) {
    ok = false;
    return {};
  }
  return V(in.make<BackIter>(in, o, in.length(o)));
}

bool seq_getitem(Interp& in, V o, V key, V& out) {
  if (!o.is_obj()) return false;
  if (is_choice(key) && item_by_choice(in, o, key, out)) return true;
  switch (o.o->kind) {
    case Kind::list:
    case Kind::tuple: {
      const bool list = o.o->kind == Kind::list;
      const V* at = list ? o.as<List>()->at : o.as<Tuple>()->at;
      const std::int64_t n = list ? o.as<List>()->n : o.as<Tuple>()->n;
      if (key.is(Kind::slice)) {
        if (unknown_bounds(key.as<Slice>()))
          out = unknown_of(in, list ? "list.__getitem__" : "tuple.__getitem__", V());
        else
          out = slice_of(in, at, static_cast<std::uint32_t>(n), key.as<Slice>(), !list);
        return true;
      }
      if (key.is(Kind::unknown)) {
        out = unknown_of(in, list ? "list.__getitem__" : "tuple.__getitem__", key);
        return true;
      }
      const std::int64_t i = clipped_index(in, key, n, list ? "list" : "tuple");
      if (i < 0 || i >= n)
        in.raise(in.t.IndexError, list ? "list index out of range" : "tuple index out of range");
      out = (list ? o.as<List>()->at : o.as<Tuple>()->at)[i];
      return true;
    }
    case Kind::dict:
      in.reading(o.as<Dict>(), key);
      out = dict_item(in, o.as<Dict>(), key);
      return true;
    case Kind::view: {
      if (o.as<DictView>()->shows != Shows::mapping) return false;
      out = dict_item(in, o.as<DictView>()->d, key);
      return true;
    }
    case Kind::range: {
      const auto* r = o.as<Range>();
      if (key.is(Kind::unknown)) {
        out = unknown_of(in, "range.__getitem__", key);
        return true;
      }
      if (key.is(Kind::slice)) {
        std::int64_t a = 0, b = 0, step = 0, count = 0;
        if (unknown_bounds(key.as<Slice>())) {
          out = unknown_of(in, "range.__getitem__", V());
          return true;
        }
        slice_indices(in, key.as<Slice>(), r->size(), a, b, step, count);
        std::int64_t by = 0, first = 0, last = 0;
        if (__builtin_mul_overflow(r->step, step, &by) ||
            __builtin_mul_overflow(a, r->step, &first) ||
            __builtin_add_overflow(first, r->start, &first) ||
            __builtin_mul_overflow(b, r->step, &last) ||
            __builtin_add_overflow(last, r->start, &last))
          in.raise(in.t.OverflowError, "range() result does not fit in 64 bits");
        out = in.range(first, last, by);
        return true;
      }
      const std::int64_t n = r->size(), i = clipped_index(in, key, n, "range");
      if (i < 0 || i >= n) in.raise(in.t.IndexError, "range object index out of range");
      out = range_item(in, r, i);
      return true;
    }
    default:
      return false;
  }
}

bool seq_setitem(Interp& in, V o, V key, V value) {
  if (o.is(Kind::dict)) {
    in.reading(o.as<Dict>(), key);
    in.put(o.as<Dict>(), key, value);
    return true;
  }
  if (!o.is(Kind::list)) return false;
  List* l = o.as<List>();
  if (key.is(Kind::slice)) {
    if (!unknown_bounds(key.as<Slice>())) list_set_slice(in, l, key.as<Slice>(), value);
    return true;
  }
  if (key.is(Kind::unknown)) return true;  // which item changes cannot be known
  const std::int64_t i = clipped_index(in, key, l->n, "list");
  if (i < 0 || i >= l->n) in.raise(in.t.IndexError, "list assignment index out of range");
  in.changing(l);
  l->at[i] = value;
  return true;
}

bool seq_delitem(Interp& in, V o, V key) {
  if (o.is(Kind::dict)) {
    if (!in.erase(o.as<Dict>(), key) && !key.is(Kind::unknown)) key_error(in, key);
    return true;
  }
  if (!o.is(Kind::list)) return false;
  List* l = o.as<List>();
  if (key.is(Kind::slice)) {
    if (!unknown_bounds(key.as<Slice>())) list_del_slice(in, l, key.as<Slice>());
    return true;
  }
  if (key.is(Kind::unknown)) return true;
  const std::int64_t i = clipped_index(in, key, l->n, "list");
  if (i < 0 || i >= l->n) in.raise(in.t.IndexError, "list assignment index out of range");
  list_erase(in, l, i);
  return true;
}

bool seq_contains(Interp& in, V o, V item, bool& out) {
  if (!o.is_obj()) return false;
  out = false;
  switch (o.o->kind) {
    case Kind::list:
      for (std::uint32_t i = 0; i < o.as<List>()->n && !out; ++i) {
        in.tick();
        out = same_or_eq(in, o.as<List>()->at[i], item);
      }
      return true;
    case Kind::tuple:
      for (std::uint32_t i = 0; i < o.as<Tuple>()->n && !out; ++i) {
        in.tick();
        out = same_or_eq(in, o.as<Tuple>()->at[i], item);
      }
      return true;
    case Kind::dict:
      in.reading(o.as<Dict>(), item);
      out = in.find(o.as<Dict>(), item) != nullptr;
      return true;
    case Kind::set:
      if (item.is(Kind::set) &&
          !item.as<Set>()->is_frozen) {  // a set is looked up as the frozenset of its elements
        Set* key = in.set(true);
        key->d = item.as<Set>()->d;
        item = V(key);
      }
      out = in.has(o.as<Set>(), item);
      return true;
    case Kind::view:
      out = view_contains(in, o.as<DictView>(), item);
      return true;
    case Kind::range: {
      const auto* r = o.as<Range>();
      std::int64_t x = 0;
      double f = 0;
      const V n = in.unbox(item);
      if (n.is_int() || n.is_bool())
        x = n.i;
      else if (n.is_real() && (f = n.f, f == static_cast<double>(static_cast<std::int64_t>(f))) &&
               f > -9e18 && f < 9e18)
        x = static_cast<std::int64_t>(f);
      else
        return true;
      if (r->step > 0 ? x < r->start || x >= r->stop : x > r->start || x <= r->stop) return true;
      const auto away = r->step > 0
                            ? static_cast<std::uint64_t>(x) - static_cast<std::uint64_t>(r->start)
                            : static_cast<std::uint64_t>(r->start) - static_cast<std::uint64_t>(x);
      const auto by = r->step > 0 ? static_cast<std::uint64_t>(r->step)
                                  : ~static_cast<std::uint64_t>(r->step) + 1;
      out = away % by == 0;
      return true;
    }
    default:
      return str_contains(in, o, item, out);
  }
}

bool seq_compare(Interp& in, Cmp op, V a, V b, bool& out) {
  if (!a.is_obj() || !b.is_obj() || op > Cmp::ge) return false;
  const Kind ka = a.o->kind, kb = b.o->kind;
  if (ka == kb && (ka == Kind::list || ka == Kind::tuple)) {
    out = compare_items(in, op, a, b);
    return true;
  }
  if (set_like(a) && set_like(b)) return set_compare(in, op, a, b, out);
  if (op != Cmp::eq && op != Cmp::ne) return false;
  Dict* da = ka == Kind::dict ? a.as<Dict>() : is_proxy(a) ? a.as<DictView>()->d : nullptr;
  Dict* db = kb == Kind::dict ? b.as<Dict>() : is_proxy(b) ? b.as<DictView>()->d : nullptr;
  bool equal = false;
  if (da && db) {
    equal = compare_dicts(in, da, db);
  } else if (ka == Kind::range && kb == Kind::range) {
    equal = same_range(a.as<Range>(), b.as<Range>());
  } else if (ka == Kind::slice && kb == Kind::slice) {
    const auto *x = a.as<Slice>(), *y = b.as<Slice>();
    equal = same_or_eq(in, x->start, y->start) && same_or_eq(in, x->stop, y->stop) &&
            same_or_eq(in, x->step, y->step);
  } else {
    return false;
  }
  out = equal == (op == Cmp::eq);
  return true;
}

bool seq_hash(Interp& in, V o, std::uint64_t& out) {
  if (!o.is_obj()) return false;
  switch (o.o->kind) {
    case Kind::tuple: {
      Deep guard(in, "");
      std::uint64_t h = 0x345678;
      for (std::uint32_t i = 0; i < o.as<Tuple>()->n; ++i)
        h = mix(h, in.hash(o.as<Tuple>()->at[i]));
      out = h ^ o.as<Tuple>()->n;
      return true;
    }
    case Kind::set:
      if (o.as<Set>()->is_frozen) {
        std::uint64_t h = 1927868237u;
        const Dict* d = o.as<Set>()->d;
        for (std::uint32_t i = 0; i < d->used; ++i)
          if (!d->e[i].key.is_undef()) h += mix(17, d->e[i].hash);
        out = h;
        return true;
      }
      break;
    case Kind::range: {
      const auto* r = o.as<Range>();
      const std::int64_t n = r->size();
      out = mix(
          mix(mix(23, static_cast<std::uint64_t>(n)), n ? static_cast<std::uint64_t>(r->start) : 0),
          n > 1 ? static_cast<std::uint64_t>(r->step) : 0);
      return true;
    }
    case Kind::view:
      if (o.as<DictView>()->shows == Shows::values) {
        out = reinterpret_cast<std::uintptr_t>(o.o) >> 4;
        return true;
      }
      break;
    case Kind::list:
    case Kind::dict:
    case Kind::slice:
      break;
    default:
      return false;
  }
  in.raise(in.t.TypeError, "unhashable type: '" + in.type_name(o) + "'");
}

bool seq_binary(Interp& in, Op op, V a, V b, V& out) {
  auto sequence = [](V v) { return v.is(Kind::list) || v.is(Kind::tuple); };
  if (op == Op::add) {
    if (sequence(a) && !b.is(Kind::unknown) && !(b.is_obj() && b.o->kind == a.o->kind) &&
        (!in.type_of(b)->user || in.lookup(in.type_of(b), in.intern("__radd__")).is_undef())) {
      const std::string name = a.is(Kind::list) ? "list" : "tuple";
      in.raise(in.t.TypeError,
               "can only concatenate " + name + " (not \"" + in.type_name(b) + "\") to " + name);
    }
    if (!sequence(a) || !sequence(b) || a.o->kind != b.o->kind) return false;
    const bool list = a.is(Kind::list);
    const std::uint32_t n = list ? a.as<List>()->n : a.as<Tuple>()->n,
                        m = list ? b.as<List>()->n : b.as<Tuple>()->n;
    in.check_size(std::int64_t{n} + m, sizeof(V));
    in.tick((n + m) / 16 + 1);
    V* to = nullptr;
    if (list) {
      List* l = in.list(n + m);
      l->n = n + m;
      to = l->at;
      out = V(l);
    } else {
      Tuple* t = in.tuple_raw(n + m);
      to = t->at;
      out = V(t);
    }
    if (n)
      std::memcpy(static_cast<void*>(to), list ? a.as<List>()->at : a.as<Tuple>()->at,
                  sizeof(V) * n);
    if (m)
      std::memcpy(static_cast<void*>(to + n), list ? b.as<List>()->at : b.as<Tuple>()->at,
                  sizeof(V) * m);
    return true;
  }
  if (op == Op::mul) {
    if (!sequence(a)) std::swap(a, b);
    if (!sequence(a)) return false;
    if (b.is(Kind::unknown)) {
      out = unknown_of(in, a.is(Kind::list) ? "list.__mul__" : "tuple.__mul__", b);
      return true;
    }
    if (sequence(b) || !in.is_index(b)) {
      if (b.is_real() || b.is_none() || b.is(Kind::str) || b.is(Kind::list) || b.is(Kind::tuple) ||
          b.is(Kind::dict))
        in.raise(in.t.TypeError,
                 "can't multiply sequence by non-int of type '" + in.type_name(b) + "'");
      return false;
    }
    out = repeat(in, a, in.index(b));
    return true;
  }
  if (op == Op::bitor_) {
    auto table = [](V v) -> Dict* {
      return v.is(Kind::dict) ? v.as<Dict>() : is_proxy(v) ? v.as<DictView>()->d : nullptr;
    };
    if (table(a) && table(b)) {
      out = dict_copy(in, table(a));
      dict_merge(in, out.as<Dict>(), b);
      return true;
    }
  }
  return set_binary(in, op, a, b, out);
}

bool seq_inplace(Interp& in, Op op, V a, V b, V& out) {
  if (!a.is_obj()) return false;
  out = a;
  if (a.o->kind == Kind::list) {
    List* l = a.as<List>();
    if (op == Op::add) {
      list_extend(in, l, b);
      return true;
    }
    if (op == Op::mul && in.is_index(b)) {
      List* r = repeat(in, a, in.index(b)).as<List>();
      l->n = r->n;
      l->cap = r->cap;
      l->at = r->at;
      return true;
    }
    return false;
  }
  if (a.o->kind == Kind::dict && op == Op::bitor_) {
    dict_update(in, a.as<Dict>(), b);
    return true;
  }
  if (a.o->kind == Kind::set && !a.as<Set>()->is_frozen) return set_inplace(in, op, a, b);
  return false;
}

std::string seq_repr(Interp& in, V o) {
  if (!o.is_obj()) return "?";
  Deep guard(in, " while getting the repr of an object");
  Shown shown(o.o);
  std::string s;
  switch (o.o->kind) {
    case Kind::list:
      if (!shown.first) return "[...]";
      s = "[";
      for (std::uint32_t i = 0; i < o.as<List>()->n; ++i) {
        if (i) s += ", ";
        V item = o.as<List>()->at[i];
        join_items(in, s, &item, 1);
      }
      return s + "]";
    case Kind::tuple:
      if (!shown.first) return "(...)";
      s = "(";
      join_items(in, s, o.as<Tuple>()->at, o.as<Tuple>()->n);
      return s + (o.as<Tuple>()->n == 1 ? ",)" : ")");
    case Kind::dict:
      if (!shown.first) return "{...}";
      return "{" + entries_repr(in, o.as<Dict>(), Shows::mapping) + "}";
    case Kind::set: {
      const bool plain = o.o->cls == in.t.set;
      const std::string name = in.type_name(o);
      if (!shown.first) return name + "(...)";
      if (!o.as<Set>()->d->live) return name + "()";
      const std::string body = "{" + entries_repr(in, o.as<Set>()->d, Shows::keys) + "}";
      return plain ? body : name + "(" + body + ")";
    }
    case Kind::range: {
      const auto* r = o.as<Range>();
      return "range(" + number_of(r->start) + ", " + number_of(r->stop) +
             (r->step == 1 ? ")" : ", " + number_of(r->step) + ")");
    }
    case Kind::slice: {
      const auto* x = o.as<Slice>();
      return "slice(" + in.repr_of(x->start) + ", " + in.repr_of(x->stop) + ", " +
             in.repr_of(x->step) + ")";
    }
    case Kind::view: {
      if (!shown.first) return "...";
      auto* v = o.as<DictView>();
      if (v->shows == Shows::mapping)
        return "mappingproxy({" + entries_repr(in, v->d, Shows::mapping) + "})";
      return in.type_name(o) + "([" + entries_repr(in, v->d, v->shows) + "])";
    }
    default:
      return "?";
  }
}

void def_protocol(Interp& in, Type* type, const char* which) {
  for (; *which; ++which) switch (*which) {
      case 'l':
        in.def(type, "__len__", m_len, 1, 1);
        break;
      case 'i':
        in.def(type, "__iter__", m_iter, 1, 1);
        break;
      case 'c':
        in.def(type, "__contains__", m_contains, 2, 2);
        break;
      case 'g':
        in.def(type, "__getitem__", m_getitem, 2, 2);
        break;
      case 's':
        in.def(type, "__setitem__", m_setitem, 3, 3);
        break;
      case 'd':
        in.def(type, "__delitem__", m_delitem, 2, 2);
        break;
      case 'r':
        in.def(type, "__repr__", m_repr, 1, 1);
        break;
      case 'v':
        in.def(type, "__reversed__", m_reversed, 1, 1);
        break;
      case 'h':
        in.def(type, "__hash__", m_hash, 1, 1);
        break;
      case 'u':
        in.put(type->ns, in.intern("__hash__"), V::none());
        break;
      case '=':
        in.def(type, "__eq__", compare_method<Cmp::eq>, 2, 2);
        in.def(type, "__ne__", compare_method<Cmp::ne>, 2, 2);
        break;
      case '<':
        in.def(type, "__lt__", compare_method<Cmp::lt>, 2, 2);
        in.def(type, "__le__", compare_method<Cmp::le>, 2, 2);
        in.def(type, "__gt__", compare_method<Cmp::gt>, 2, 2);
        in.def(type, "__ge__", compare_method<Cmp::ge>, 2, 2);
        break;
      default:
        break;
    }
}

void install_containers(Interp& in) {
  if (!in.t.iterator) in.t.iterator = in.new_type("iterator", in.t.object, Kind::iterator);
  in.def(in.t.iterator, "__next__", iter_next, 1, 1);
  in.def(
      in.t.iterator, "__iter__", [](Interp&, const Args& a) { return a[0]; }, 1, 1);
  in.def(
      in.t.iterator, "__length_hint__",
      [](Interp& i, const Args& a) {
        return V::integer(self_as<Iter>(i, a, Kind::iterator, "iterator")->length_hint());
      },
      1, 1);
  install_lists(in);
  install_mappings(in);
  install_sets(in);
  install_ranges(in);
  for (Type* t :
       {in.t.list, in.t.tuple, in.t.dict, in.t.set, in.t.frozenset, in.t.range, in.t.slice})
    in.put(in.builtins, t->name, V(t));
}

}  // namespace kdex::py
