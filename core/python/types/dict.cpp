// The hash table behind dict, set, class and module namespaces: entries in insertion order and,
// past eight of them, an index of int32 by open addressing. Must not know Python's dict methods
// (mapping.cpp).
#include <bit>
#include <cstring>

#include "core/python/machine/ops.h"

namespace kdex::py {
namespace {

constexpr std::int32_t kFree = -1;
constexpr std::uint32_t kLinear = 8;  // no index up to this many entries

std::uint64_t hash_of(Interp&, Str* s) { return s->hash ? s->hash : str_hash(s); }

/// Index of the entry that `same` accepts, or -1. Works on copies of the table's pointers: `same`
/// may run Python code that changes the table, and the old arrays stay in the arena.
template <class Same>
std::int64_t probe(const Dict* d, std::uint64_t h, Same same) {
  Dict::Entry* e = d->e;
  const std::uint32_t mask = d->mask;
  if (!mask) {
    for (std::uint32_t i = 0, n = d->used; i < n; ++i)
      if (e[i].hash == h && !e[i].key.is_undef() && same(e[i])) return i;
    return -1;
  }
  const std::int32_t* index = d->index;
  for (std::uint32_t s = Dict::slot(h, mask);; s = (s + 1) & mask) {
    const std::int32_t k = index[s];
    if (k == kFree) return -1;
    if (e[k].hash == h && !e[k].key.is_undef() && same(e[k])) return k;
  }
}

std::int64_t probe_str(Interp& in, const Dict* d, Str* key, std::uint64_t h) {
  return probe(d, h, [&](const Dict::Entry& x) {
    if (!x.key.is_obj()) return false;
    if (x.key.o == key) return true;
    if (x.key.o->kind != Kind::str) return in.eq(x.key, V(key));
    auto* s = static_cast<Str*>(x.key.o);
    if (s->cls != key->cls && s->cls != in.t.str) return in.eq(x.key, V(key));
    if (s->interned && key->interned) return false;
    return s->len == key->len && std::memcmp(s->data, key->data, s->len) == 0;
  });
}

std::int64_t probe_any(Interp& in, const Dict* d, V key, std::uint64_t h) {
  if (key.is_int())
    return probe(d, h, [&](const Dict::Entry& x) {
      return x.key.is_int() ? x.key.i == key.i : in.eq(x.key, key);
    });
  for (;;) {
    const std::uint32_t version = d->version;
    const std::int64_t k =
        probe(d, h, [&](const Dict::Entry& x) { return x.key.same(key) || in.eq(x.key, key); });
    if (d->version == version) return k;
  }
}

void rebuild_index(Interp& in, Dict* d) {
  if (!d->mask) return;
  std::memset(d->index, 0xff, sizeof(std::int32_t) * (std::size_t{d->mask} + 1));
  for (std::uint32_t i = 0; i < d->used; ++i) {
    std::uint32_t s = Dict::slot(d->e[i].hash, d->mask);
    std::int64_t steps = 0;
    for (; d->index[s] != kFree; ++steps) s = (s + 1) & d->mask;
    if (steps > 64) in.tick(steps / 8);  // many of one hash
    d->index[s] = static_cast<std::int32_t>(i);
  }
}

/// Moves the live entries into a table for `cap` of them (0: into the one there is).
void move_to(Interp& in, Dict* d, std::uint32_t cap) {
  Dict::Entry* to = d->e;
  if (cap) {
    in.check_size(cap, sizeof(Dict::Entry) + 4 * sizeof(std::int32_t));
    to = in.arena.array<Dict::Entry>(cap);
    d->cap = cap;
    if (cap > kLinear) {
      const std::uint32_t slots = std::bit_ceil(cap + cap / 2);
      d->mask = slots - 1;
      d->index = in.arena.array<std::int32_t>(slots, Arena::Holds::no_pointers);
    }
  }
  std::uint32_t n = 0;
  for (std::uint32_t i = 0; i < d->used; ++i)
    if (!d->e[i].key.is_undef()) to[n++] = d->e[i];
  d->e = to;
  d->used = n;
  rebuild_index(in, d);
}

/// Makes room for one more entry: drops deleted ones where they are many, doubles otherwise.
void make_room(Interp& in, Dict* d) {
  move_to(in, d, d->live > d->cap / 2 || !d->cap ? (d->cap ? d->cap * 2 : 4) : 0);
}

void insert_new(Interp& in, Dict* d, V key, V value, std::uint64_t h) {
  in.changing(d);
  if (!key.is(Kind::str) || !key.as<Str>()->interned) d->other_keys = true;
  if (d->used == d->cap) make_room(in, d);
  const std::uint32_t k = d->used++;
  d->e[k] = Dict::Entry{key, value, h};
  if (d->mask) {
    std::uint32_t s = Dict::slot(h, d->mask);
    while (d->index[s] != kFree) s = (s + 1) & d->mask;
    d->index[s] = static_cast<std::int32_t>(k);
  }
  ++d->live;
  ++d->version;
}

}  // namespace

Dict* Interp::dict() { return make<Dict>(Kind::dict, t.dict); }

void Interp::presize(Dict* d, std::int64_t entries) {
  if (entries > d->cap && entries < (std::int64_t{1} << 30))
    move_to(*this, d, static_cast<std::uint32_t>(entries));
}

Set* Interp::set(bool frozen) {
  Set* s = make<Set>(Kind::set, frozen ? t.frozenset : t.set);
  s->is_frozen = frozen;
  s->d = dict();
  return s;
}

V* Interp::find_text(Dict* d, Str* key) {
  if (!d->live) return nullptr;
  const std::int64_t k = probe_str(*this, d, key, hash_of(*this, key));
  return k < 0 ? nullptr : &d->e[k].val;
}

V* Interp::find(Dict* d, V key) {
  if (plain_str(*this, key)) return find(d, key.as<Str>());
  if (V* at = nullptr; journal_from && find_by_choice(*this, d, key, at)) return at;
  const std::uint64_t h =
      key.is_int() ? num_hash(*this, key) : hash(key);  // unhashable keys raise, found or not
  if (!d->live) return nullptr;
  const std::int64_t k = probe_any(*this, d, key, h);
  return k < 0 ? nullptr : &d->e[k].val;
}

void Interp::put(Dict* d, Str* key, V value) {
  if (V* at = find(d, key)) {
    changing(d);
    *at = value;
  } else {
    insert_new(*this, d, V(key), value, hash_of(*this, key));
  }
}

void Interp::put(Dict* d, V key, V value) {
  if (plain_str(*this, key)) return put(d, key.as<Str>(), value);
  if (journal_from) key = own_key(*this, d, key, false);
  const std::uint64_t h = key.is_int() ? num_hash(*this, key) : hash(key);
  const std::int64_t k = d->live ? probe_any(*this, d, key, h) : -1;
  if (k >= 0) {
    changing(d);
    d->e[k].val = value;
  } else {
    insert_new(*this, d, key, value, h);
  }
}

bool Interp::erase(Dict* d, V key) {
  if (journal_from) key = own_key(*this, d, key, true);
  const std::uint64_t h = plain_str(*this, key) ? hash_of(*this, key.as<Str>()) : hash(key);
  if (!d->live) return false;
  const std::int64_t k =
      plain_str(*this, key) ? probe_str(*this, d, key.as<Str>(), h) : probe_any(*this, d, key, h);
  if (k < 0) return false;
  changing(d);
  if (d->mask) {
    std::uint32_t s = Dict::slot(d->e[k].hash, d->mask);
    while (d->index[s] != k) s = (s + 1) & d->mask;
    // Backward shift: later entries of the run move up, so no marker of a deleted slot is left
    // behind.
    for (std::uint32_t j = (s + 1) & d->mask; d->index[j] != kFree; j = (j + 1) & d->mask) {
      const std::uint32_t first = Dict::slot(d->e[d->index[j]].hash, d->mask);
      if (((j - first) & d->mask) < ((j - s) & d->mask)) continue;
      d->index[s] = d->index[j];
      s = j;
    }
    d->index[s] = kFree;
  }
  d->e[k] = Dict::Entry{V(), V(), 0};
  if (k + 1 == d->used) {
    // A run of deleted entries at the end is given back, so that popitem stays O(1).
    while (d->used && d->e[d->used - 1].key.is_undef()) --d->used;
  }
  --d->live;
  ++d->version;
  return true;
}

void Interp::copy_entries(Dict* to, const Dict* from) {
  tick(from->used);
  changing(to);
  to->used = to->live = 0;
  to->other_keys = from->other_keys;
  ++to->version;
  if (!from->live) return rebuild_index(*this, to);
  if (from->live == from->used) {  // no holes: the table as it is
    check_size(from->used, sizeof(Dict::Entry) + 4 * sizeof(std::int32_t));
    to->e = arena.array<Dict::Entry>(from->used);
    std::memcpy(static_cast<void*>(to->e), from->e, sizeof(Dict::Entry) * from->used);
    to->cap = from->used;
    to->mask = from->mask;
    if (from->mask) {
      const std::size_t slots = std::size_t{from->mask} + 1;
      to->index = arena.array<std::int32_t>(slots, Arena::Holds::no_pointers);
      std::memcpy(to->index, from->index, sizeof(std::int32_t) * slots);
    }
    to->used = to->live = from->live;
    return;
  }
  for (std::uint32_t i = 0; i < from->used; ++i)
    if (!from->e[i].key.is_undef())
      insert_new(*this, to, from->e[i].key, from->e[i].val, from->e[i].hash);
}

void Interp::clear(Dict* d) {
  changing(d);
  d->used = d->live = 0;
  d->other_keys = false;
  ++d->version;
  rebuild_index(*this, d);
}

bool Interp::add(Set* s, V key) {
  Dict* d = s->d;
  if (journal_from) key = own_key(*this, d, key, false);
  const bool text = plain_str(*this, key);
  if (text && key.as<Str>()->interned && !d->other_keys) {
    if (find(d, key.as<Str>())) return false;
    insert_new(*this, d, key, V(), key.as<Str>()->hash);
    return true;
  }
  const std::uint64_t h = text ? hash_of(*this, key.as<Str>()) : hash(key);
  const std::int64_t k = !d->live ? -1
                         : text   ? probe_str(*this, d, key.as<Str>(), h)
                                  : probe_any(*this, d, key, h);
  if (k >= 0) return false;
  insert_new(*this, d, key, V(), h);
  return true;
}

}  // namespace kdex::py
