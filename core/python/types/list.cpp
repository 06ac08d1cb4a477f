// list and tuple: slices, growth, sorting and their methods. Must not know the interpreter's loop.
#include <algorithm>
#include <vector>

#include "core/python/types/containers.h"

namespace kdex::py {
namespace {

void reserve(Interp& in, List* l, std::int64_t want) {
  if (want <= l->cap) return;
  in.check_size(want, sizeof(V));
  const std::int64_t cap = std::max<std::int64_t>(want, std::int64_t{l->cap} * 2);
  V* to = in.arena.array<V>(static_cast<std::size_t>(cap));
  if (l->n) std::memcpy(static_cast<void*>(to), l->at, sizeof(V) * l->n);
  l->at = to;
  l->cap = static_cast<std::uint32_t>(cap);
}

/// Replaces [from, to) by m values.
void splice(Interp& in, List* l, std::int64_t from, std::int64_t to, const V* v, std::uint32_t m) {
  const std::int64_t tail = l->n - to, n = from + m + tail;
  const Held<V> copy(v, v + m, in.arena);  // v may lie in l itself
  in.changing(l);
  reserve(in, l, n);
  in.tick(tail / 16 + 1);
  if (tail)
    std::memmove(static_cast<void*>(l->at + from + m), l->at + to,
                 sizeof(V) * static_cast<std::size_t>(tail));
  std::copy(copy.begin(), copy.end(), l->at + from);
  l->n = static_cast<std::uint32_t>(n);
}

List* self_list(Interp& in, const Args& a) { return self_as<List>(in, a, Kind::list, "list"); }
Tuple* self_tuple(Interp& in, const Args& a) { return self_as<Tuple>(in, a, Kind::tuple, "tuple"); }

V find_index(Interp& in, const Args& a, const V* at, std::uint32_t n, bool list) {
  auto bound = [&](std::uint32_t k, std::int64_t otherwise) {
    if (a.npos <= k) return otherwise;
    std::int64_t x = in.index(a[k]);
    if (x < 0) x = std::max<std::int64_t>(0, x + n);
    return std::min<std::int64_t>(x, n);
  };
  for (std::int64_t i = bound(2, 0), e = bound(3, n); i < e; ++i) {
    in.tick();
    if (same_or_eq(in, at[i], a[1])) return V::integer(i);
  }
  in.raise(in.t.ValueError, list ? in.repr_of(a[1]) + " is not in list"
                                 : std::string("tuple.index(x): x not in tuple"));
}

V count_of(Interp& in, const V* at, std::uint32_t n, V x) {
  std::int64_t k = 0;
  for (std::uint32_t i = 0; i < n; ++i) {
    in.tick();
    k += same_or_eq(in, at[i], x);
  }
  return V::integer(k);
}

bool less(Interp& in, V a, V b) {
  in.tick();
  if (a.is_int() && b.is_int()) return a.i < b.i;
  return in.truth(in.compare(Cmp::lt, a, b));
}

struct Item {
  V key, value;
};

void merge_sort(Interp& in, Held<Item>& v, Held<Item>& tmp, std::size_t lo, std::size_t hi) {
  if (hi - lo < 2) return;
  if (hi - lo <= 6) {
    for (std::size_t i = lo + 1; i < hi; ++i) {
      const Item x = v[i];
      std::size_t j = i;
      for (; j > lo && less(in, x.key, v[j - 1].key); --j) v[j] = v[j - 1];
      v[j] = x;
    }
    return;
  }
  const std::size_t mid = lo + (hi - lo) / 2;
  merge_sort(in, v, tmp, lo, mid);
  merge_sort(in, v, tmp, mid, hi);
  if (!less(in, v[mid].key, v[mid - 1].key)) return;
  std::size_t i = lo, j = mid, k = lo;
  while (i < mid && j < hi) tmp[k++] = less(in, v[j].key, v[i].key) ? v[j++] : v[i++];
  while (i < mid) tmp[k++] = v[i++];
  while (j < hi) tmp[k++] = v[j++];
  std::copy(tmp.begin() + static_cast<std::ptrdiff_t>(lo),
            tmp.begin() + static_cast<std::ptrdiff_t>(hi),
            v.begin() + static_cast<std::ptrdiff_t>(lo));
}

V make_list(Interp& in, const Args& a) {
  V u = first_unknown(a, 1);
  if (!u.is_undef() && a.npos == 2 && a[0].as<Type>() == in.t.list)
    return unknown_of(in, "builtins.list", u);
  List* l = in.list();
  l->cls = a[0].as<Type>();
  return V(l);
}

V list_init(Interp& in, const Args& a) {
  List* l = self_list(in, a);
  in.changing(l);
  l->n = 0;
  if (a.nkw && l->cls == in.t.list) in.raise(in.t.TypeError, "list() takes no keyword arguments");
  if (a.npos > 2)
    in.raise(in.t.TypeError, "list expected at most 1 argument, got " + std::to_string(a.npos - 1));
  if (a.npos == 2) list_extend(in, l, a[1]);
  return V::none();
}

V make_tuple(Interp& in, const Args& a) {
  Type* cls = a[0].as<Type>();
  if (a.nkw && cls == in.t.tuple) in.raise(in.t.TypeError, "tuple() takes no keyword arguments");
  if (a.npos > 2)
    in.raise(in.t.TypeError,
             "tuple expected at most 1 argument, got " + std::to_string(a.npos - 1));
  if (cls == in.t.tuple) {
    if (a.npos < 2) return in.tuple(nullptr, 0);
    if (a[1].is(Kind::unknown)) return unknown_of(in, "builtins.tuple", a[1]);
    if (a[1].is(Kind::tuple) && a[1].o->cls == cls) return a[1];
  }
  Tuple* t = in.make<Tuple>(Kind::tuple, cls);
  if (a.npos == 2) {
    List* l = in.list();
    list_extend(in, l, a[1]);
    t->at = l->at;
    t->n = l->n;
  }
  return V(t);
}

V list_pop(Interp& in, const Args& a) {
  List* l = self_list(in, a);
  std::int64_t i = a.npos > 1 ? in.index(a[1]) : -1;
  if (!l->n) in.raise(in.t.IndexError, "pop from empty list");
  if (i < 0) i += l->n;
  if (i < 0 || i >= l->n) in.raise(in.t.IndexError, "pop index out of range");
  V v = l->at[i];
  list_erase(in, l, i);
  return v;
}

V list_insert(Interp& in, const Args& a) {
  List* l = self_list(in, a);
  std::int64_t i = in.index(a[1]);
  if (i < 0) i = std::max<std::int64_t>(0, i + l->n);
  i = std::min<std::int64_t>(i, l->n);
  splice(in, l, i, i, &a.pos[2], 1);
  return V::none();
}

V list_remove(Interp& in, const Args& a) {
  List* l = self_list(in, a);
  for (std::uint32_t i = 0; i < l->n; ++i) {
    in.tick();
    if (!same_or_eq(in, l->at[i], a[1])) continue;
    if (i < l->n) list_erase(in, l, i);
    return V::none();
  }
  in.raise(in.t.ValueError, "list.remove(x): x not in list");
}

V list_sort(Interp& in, const Args& a) {
  if (a.npos > 1) in.raise(in.t.TypeError, "sort() takes no positional arguments");
  V rev = Interp::kwarg(a, "reverse");
  V key = Interp::kwarg(a, "key");
  sort_list(in, self_list(in, a), key, !rev.is_undef() && in.truth(rev));
  return V::none();
}

}  // namespace

List* Interp::list(std::uint32_t capacity) {
  List* l = make<List>(Kind::list, t.list);
  if (capacity) reserve(*this, l, capacity);
  return l;
}

V Interp::list(const V* first, std::uint32_t n) {
  List* l = list(n);
  if (n) std::memcpy(static_cast<void*>(l->at), first, sizeof(V) * n);
  l->n = n;
  return V(l);
}

Tuple* Interp::tuple_raw(std::uint32_t n) {
  Tuple* r = make<Tuple>(Kind::tuple, t.tuple);
  check_size(n, sizeof(V));
  r->at = arena.array<V>(n ? n : 1);
  r->n = n;
  for (std::uint32_t i = 0; i < n; ++i) r->at[i] = V();
  return r;
}

V Interp::tuple(const V* first, std::uint32_t n) {
  Tuple* r = make<Tuple>(Kind::tuple, t.tuple);
  if (n) {
    check_size(n, sizeof(V));
    r->at = arena.array<V>(n);
    std::memcpy(static_cast<void*>(r->at), first, sizeof(V) * n);
    r->n = n;
  }
  return V(r);
}

void Interp::append(List* l, V v) {
  changing(l);
  if (l->n == l->cap) reserve(*this, l, l->cap ? std::int64_t{l->cap} + 1 : 4);
  l->at[l->n++] = v;
}

void Interp::presize(List* l, std::int64_t elements) {
  if (elements > l->cap && elements < (std::int64_t{1} << 24)) reserve(*this, l, elements);
}

V Interp::to_list(V iterable) {
  List* l = list();
  list_extend(*this, l, iterable);
  return V(l);
}

V Interp::to_tuple(V iterable) {
  if (iterable.is(Kind::tuple) && iterable.o->cls == t.tuple) return iterable;
  List* l = list();
  list_extend(*this, l, iterable);
  Tuple* r = make<Tuple>(Kind::tuple, t.tuple);
  r->at = l->at;
  r->n = l->n;
  return V(r);
}

V slice_of(Interp& in, const V* at, std::uint32_t n, const Slice* s, bool tuple) {
  std::int64_t start = 0, stop = 0, step = 1, count = 0;
  slice_indices(in, s, n, start, stop, step, count);
  in.tick(count / 8 + 1);
  List* l = in.list(static_cast<std::uint32_t>(count));
  for (std::int64_t i = 0; i < count; ++i) l->at[i] = at[start + i * step];
  l->n = static_cast<std::uint32_t>(count);
  return tuple ? in.tuple(l->at, l->n) : V(l);
}

void list_extend(Interp& in, List* l, V iterable) {
  const V* from = nullptr;
  std::uint32_t n = 0;
  if (iterable.is(Kind::list) && iterable.o->cls == in.t.list) {
    from = iterable.as<List>()->at;
    n = iterable.as<List>()->n;
  } else if (iterable.is(Kind::tuple) && iterable.o->cls == in.t.tuple) {
    from = iterable.as<Tuple>()->at;
    n = iterable.as<Tuple>()->n;
  } else {
    if (iterable.is(Kind::range)) in.check_size(iterable.as<Range>()->size(), sizeof(V));
    in.for_each(iterable, [&](V v) {
      in.tick();
      in.append(l, v);
      return true;
    });
    return;
  }
  if (!n) return;
  in.changing(l);
  reserve(in, l, std::int64_t{l->n} + n);
  std::memcpy(static_cast<void*>(l->at + l->n), from, sizeof(V) * n);
  l->n += n;
}

void list_erase(Interp& in, List* l, std::int64_t at) {
  in.changing(l);
  const std::size_t tail = static_cast<std::size_t>(l->n - at - 1);
  if (tail) std::memmove(static_cast<void*>(l->at + at), l->at + at + 1, sizeof(V) * tail);
  --l->n;
}

void list_set_slice(Interp& in, List* l, const Slice* s, V value) {
  List* v = in.list();
  if (in.lookup(in.type_of(value), in.intern("__iter__")).is_undef() &&
      in.lookup(in.type_of(value), in.intern("__getitem__")).is_undef())
    in.raise(in.t.TypeError, "can only assign an iterable");
  list_extend(in, v, value);
  std::int64_t start = 0, stop = 0, step = 1, count = 0;
  slice_indices(in, s, l->n, start, stop, step, count);
  if (step == 1) return splice(in, l, start, std::max(start, stop), v->at, v->n);
  if (count != v->n)
    in.raise(in.t.ValueError, "attempt to assign sequence of size " + number_of(v->n) +
                                  " to extended slice of size " + number_of(count));
  in.changing(l);
  for (std::int64_t i = 0; i < count; ++i) l->at[start + i * step] = v->at[i];
}

void list_del_slice(Interp& in, List* l, const Slice* s) {
  std::int64_t start = 0, stop = 0, step = 1, count = 0;
  slice_indices(in, s, l->n, start, stop, step, count);
  if (!count) return;
  in.changing(l);
  if (step < 0) {
    start += (count - 1) * step;
    step = -step;
  }
  std::int64_t to = start, next = start, left = count;
  for (std::int64_t i = start; i < l->n; ++i) {
    if (left && i == next) {
      --left;
      next += step;
    } else {
      l->at[to++] = l->at[i];
    }
  }
  l->n = static_cast<std::uint32_t>(to);
}

V repeat(Interp& in, V seq, std::int64_t times) {
  const bool list = seq.is(Kind::list);
  const std::int64_t n = list ? seq.as<List>()->n : seq.as<Tuple>()->n;
  std::int64_t total = 0;
  if (times < 0) times = 0;
  if (__builtin_mul_overflow(n, times, &total)) total = INT64_MAX / 32;
  in.check_size(total, sizeof(V));
  in.tick(total / 8 + 1);
  V* to = nullptr;
  V out;
  if (list) {
    List* l = in.list(static_cast<std::uint32_t>(total));
    l->n = static_cast<std::uint32_t>(total);
    to = l->at;
    out = V(l);
  } else {
    Tuple* t = in.tuple_raw(static_cast<std::uint32_t>(total));
    to = t->at;
    out = V(t);
  }
  const V* from = list ? seq.as<List>()->at : seq.as<Tuple>()->at;
  for (std::int64_t i = 0; i < total; ++i) to[i] = from[i % n];
  return out;
}

void sort_list(Interp& in, List* l, V key, bool reverse) {
  Held<Item> v(l->n, Item{}, in.arena), tmp(l->n, Item{}, in.arena);
  const bool keyed = !key.is_undef() && !key.is_none();
  for (std::uint32_t i = 0; i < v.size() && i < l->n; ++i) v[i].value = l->at[i];
  for (Item& x : v) x.key = keyed ? in.call(key, {x.value}) : x.value;
  if (reverse) std::reverse(v.begin(), v.end());
  merge_sort(in, v, tmp, 0, v.size());
  if (reverse) std::reverse(v.begin(), v.end());
  if (l->n != v.size()) in.raise(in.t.ValueError, "list modified during sort");
  in.changing(l);
  for (std::uint32_t i = 0; i < l->n; ++i) l->at[i] = v[i].value;
}

void install_lists(Interp& in) {
  Type* t = in.t.list = in.new_type("list", in.t.object, Kind::list);
  t->construct = make_list;
  in.def(t, "__init__", list_init, 1, -1, true);
  def_protocol(in, t, "licgsdrv=<u");
  in.def(t, "__add__", binary_method<Op::add>, 2, 2);
  in.def(t, "__mul__", binary_method<Op::mul>, 2, 2);
  in.def(t, "__rmul__", reflected_method<Op::mul>, 2, 2);
  in.def(t, "__iadd__", inplace_method<Op::add>, 2, 2);
  in.def(t, "__imul__", inplace_method<Op::mul>, 2, 2);
  in.def(
      t, "append",
      [](Interp& i, const Args& a) {
        i.append(self_list(i, a), a[1]);
        return V::none();
      },
      2, 2);
  in.def(
      t, "extend",
      [](Interp& i, const Args& a) {
        list_extend(i, self_list(i, a), a[1]);
        return V::none();
      },
      2, 2);
  in.def(t, "insert", list_insert, 3, 3);
  in.def(t, "remove", list_remove, 2, 2);
  in.def(t, "pop", list_pop, 1, 2);
  in.def(
      t, "clear",
      [](Interp& i, const Args& a) {
        i.changing(self_list(i, a));
        self_list(i, a)->n = 0;
        return V::none();
      },
      1, 1);
  in.def(
      t, "index",
      [](Interp& i, const Args& a) {
        List* l = self_list(i, a);
        return find_index(i, a, l->at, l->n, true);
      },
      2, 4);
  in.def(
      t, "count",
      [](Interp& i, const Args& a) {
        List* l = self_list(i, a);
        return count_of(i, l->at, l->n, a[1]);
      },
      2, 2);
  in.def(t, "sort", list_sort, 1, -1, true);
  in.def(
      t, "reverse",
      [](Interp& i, const Args& a) {
        List* l = self_list(i, a);
        i.changing(l);
        std::reverse(l->at, l->at + l->n);
        return V::none();
      },
      1, 1);
  in.def(
      t, "copy",
      [](Interp& i, const Args& a) {
        List* l = self_list(i, a);
        return i.list(l->at, l->n);
      },
      1, 1);

  t = in.t.tuple = in.new_type("tuple", in.t.object, Kind::tuple);
  t->construct = make_tuple;
  def_protocol(in, t, "licgrv=<h");
  in.def(t, "__add__", binary_method<Op::add>, 2, 2);
  in.def(t, "__mul__", binary_method<Op::mul>, 2, 2);
  in.def(t, "__rmul__", reflected_method<Op::mul>, 2, 2);
  in.def(
      t, "index",
      [](Interp& i, const Args& a) {
        Tuple* l = self_tuple(i, a);
        return find_index(i, a, l->at, l->n, false);
      },
      2, 4);
  in.def(
      t, "count",
      [](Interp& i, const Args& a) {
        Tuple* l = self_tuple(i, a);
        return count_of(i, l->at, l->n, a[1]);
      },
      2, 2);
  in.def(
      t, "__getnewargs__",
      [](Interp& i, const Args& a) {
        Tuple* l = self_tuple(i, a);
        return i.tuple({i.tuple(l->at, l->n)});
      },
      1, 1);
}

}  // namespace kdex::py
