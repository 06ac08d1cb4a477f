// The table of origins, and what operations and ways add to it.
#include "core/python/machine/origins.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "core/python/machine/impl.h"
#include "core/python/machine/ops.h"

namespace kdex::py {

using Impl = Interp::Impl;
namespace {

constexpr std::size_t kMost = std::size_t{1} << 20;
constexpr std::uint32_t kDeepest = 250;  // a counter's chain has no end
constexpr std::size_t kWords = sizeof(OriginEntry) / 8;
using Words = std::array<std::uint64_t, kWords>;
static_assert(sizeof(OriginEntry) == 48);

Words words_of(const OriginEntry& e) {
  Words w;
  std::memcpy(w.data(), &e, sizeof e);
  return w;
}

std::uint64_t hash_of(const Words& w) {
  std::uint64_t h = 0;
  for (const std::uint64_t x : w) h = (h ^ x) * 0x9E3779B97F4A7C15ull;
  return h ^ h >> 32;
}

}  // namespace

void OriginEntry::hold(V v) {
  if (is_choice(v)) {
    choice = v.as<Boxed>()->choice;
    v = v.as<Boxed>()->value;
  }
  if (v.is_int() || v.is_bool()) {
    holds = v.is_int() ? Holds::integer : Holds::boolean;
    value = v.i;
  } else if (v.is_real()) {
    holds = Holds::real;
    value = std::bit_cast<std::int64_t>(v.f);
  }
}

OriginTable::OriginTable(std::pmr::memory_resource* memory)
    : entries_(1, memory), places_(1 << 12, memory), lengths_(memory) {}

std::uint32_t OriginTable::add(const OriginEntry& e) {
  const Words w = words_of(e);
  const std::uint64_t mask = places_.size() - 1;
  std::uint64_t at = hash_of(w) & mask;
  for (; places_[at]; at = (at + 1) & mask)
    if (words_of(entries_[places_[at]]) == w) return places_[at];
  if (entries_.size() >= kMost) return 0;
  const auto id = static_cast<std::uint32_t>(entries_.size());
  entries_.push_back(e);
  places_[at] = id;
  if (2 * entries_.size() > places_.size()) grow();
  return id;
}

void OriginTable::grow() {
  places_.assign(2 * places_.size(), 0);
  const std::uint64_t mask = places_.size() - 1;
  for (std::size_t id = 1; id < entries_.size(); ++id) {
    std::uint64_t at = hash_of(words_of(entries_[id])) & mask;
    while (places_[at]) at = (at + 1) & mask;
    places_[at] = static_cast<std::uint32_t>(id);
  }
}

std::uint32_t Interp::origin_op(const char* op, V a, V b, V result) {
  Impl& im = *impl;
  // Something that is not known stays so where the rest is literals: a counter is no chain.
  const bool lead = (a.org && !(a.org & kLiteral)) || (b.org && !(b.org & kLiteral));
  if (!lead && !(a.org && (b.org || b.is_undef()))) return 0;
  OriginEntry e;
  e.kind = Origin::Kind::operation;
  e.text.op = op;
  e.hold(result);
  const Frame* f = im.top;
  while (f && f->ctx && !f->ctx->literals) f = f->back;  // kdex's own files are no place
  if (f && f->ctx) {
    e.context = f->ctx->index;
    e.at = f->line;
  }
  for (const V& v : {a, b}) {
    if (v.is_undef()) continue;
    std::uint32_t id = v.org;
    if (!id) {
      OriginEntry leaf;
      leaf.hold(is_choice(v) ? v : unbox(v));
      id = im.origins.add(leaf);
    }
    e.in[e.operands++] = id;
    e.depth =
        static_cast<std::uint16_t>(std::max<std::uint32_t>(e.depth, im.origins.depth(id) + 1));
  }
  return e.depth > kDeepest ? 0 : im.origins.add(e);
}

std::uint32_t Impl::way(V v, Origin::Way kind, const Frame& f, NodeId node, Str* name, Str* owner) {
  if (!f.ctx->literals || !f.ctx->index || (v.is_obj() && !is_choice(v))) return v.org;
  OriginEntry e;
  e.kind = Origin::Kind::way;
  e.way = kind;
  e.operands = 1;
  e.in[0] = v.org;
  e.depth = static_cast<std::uint16_t>(origins.depth(v.org) + 1);
  e.context = f.ctx->index;
  e.at = node;
  e.text.name = name;
  e.file = owner;
  e.hold(v);
  return e.depth > kDeepest ? v.org : origins.add(e);
}

void add_origin(Interp& in, Op op, V a, V b, V& out) {
  static const char* const signs[] = {"+", "-",  "*",  "/", "//", "%", "**",
                                      "@", "<<", ">>", "&", "|",  "^"};
  a = in.unbox(a);
  b = in.unbox(b);
  if ((a.org | b.org) && !out.is_obj())
    out.org = in.origin_op(signs[static_cast<int>(op)], a, b, out);
}

V named_origin(Interp& in, Origin::Kind kind, std::string_view name, V v, std::string_view file) {
  OriginEntry e;
  e.kind = kind;
  e.text.name = in.intern(name);
  e.file = file.empty() ? nullptr : in.intern(file);
  e.hold(v);
  v.org = in.impl->origins.add(e);
  return v;
}

V setting(Interp& in, Str* name, V v) {
  if (v.is_obj() && !v.is(Kind::str) && !is_choice(v)) return v;
  OriginTable& table = in.impl->origins;
  if (v.org && !(v.org & kLiteral) && table[v.org].kind == Origin::Kind::deployment) return v;
  OriginEntry e;
  e.kind = Origin::Kind::deployment;
  e.text.name = in.intern(name);
  e.hold(v);
  if (v.org) {
    e.operands = 1;
    e.in[0] = v.org;
    e.depth = static_cast<std::uint16_t>(table.depth(v.org) + 1);
  }
  v.org = table.add(e);
  return v;
}

namespace {

/// The field that holds a leaf of a configuration: "id2label" of "id2label.0"; empty for others.
std::string_view field_of(const OriginTable& table, V leaf) {
  if (leaf.org == 0 || (leaf.org & kLiteral) != 0) return {};
  const OriginEntry& e = table[leaf.org];
  if (e.kind != Origin::Kind::config_field || e.file == nullptr) return {};
  const std::string_view path = e.text.name->view();
  const auto dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
}

}  // namespace

void note_length(Interp& in, std::string_view file, std::string_view path, std::uint32_t entries) {
  in.impl->origins.set_length(in.intern(file), in.intern(path), entries);
}

V counted(Interp& in, V container, std::int64_t length) {
  V out = V::integer(length);
  const OriginTable& table = in.impl->origins;
  std::string_view field;
  Str* file = nullptr;
  const auto is_of_field = [&](V leaf) {
    const std::string_view its = field_of(table, leaf);
    if (its.empty()) return false;
    Str* const from = table[leaf.org].file;
    if (file == nullptr) field = its, file = from;
    return its == field && from == file;
  };
  const auto all_of = [&](const V* items, std::uint32_t n) {
    return std::all_of(items, items + n, is_of_field);
  };
  bool whole = false;
  if (container.is(Kind::list)) {
    whole = all_of(container.as<List>()->at, container.as<List>()->n);
  } else if (container.is(Kind::tuple)) {
    whole = all_of(container.as<Tuple>()->at, container.as<Tuple>()->n);
  } else if (container.is(Kind::dict)) {
    const auto* d = container.as<Dict>();
    whole = std::all_of(d->e, d->e + d->used, [&](const Dict::Entry& e) {
      return e.key.is_undef() || is_of_field(e.val);
    });
  }
  if (!whole || file == nullptr) return out;
  Str* const path = in.intern(field);
  if (table.length(file, path) != length) return out;  // a part of it
  const V held = named_origin(in, Origin::Kind::config_field, field, V::none(), file->view());
  out.org = in.origin_op("len", held, V(), out);
  return out;
}

}  // namespace kdex::py
