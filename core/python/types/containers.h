// What the container files share: self checks, unknown results, a recursion guard, element
// equality.
#pragma once

#include <string>

#include "core/python/machine/ops.h"

namespace kdex::py {

/// Counts native recursion over nested containers (repr, comparison, hashing).
class Deep {
 public:
  Deep(Interp& in, const char* what);
  ~Deep();
  Deep(const Deep&) = delete;
};

[[noreturn]] void wrong_self(Interp& in, const char* type, V got);

/// pos[0] as a native layout; TypeError where a method is called on a stranger.
template <class T>
T* self_as(Interp& in, const Args& a, Kind kind, const char* type) {
  if (!a.npos || !a.pos[0].is(kind)) wrong_self(in, type, a.npos ? a.pos[0] : V::none());
  return a.pos[0].as<T>();
}

/// An unknown that came of `u` by `what`: "what(why)".
V unknown_of(Interp& in, const char* what, V u);
/// The first unknown among the positional arguments from `from` on, or undef.
V first_unknown(const Args& a, std::uint32_t from = 0);

/// Identity, then equality, as containers compare their elements.
inline bool same_or_eq(Interp& in, V a, V b) {
  if (a.same(b)) return true;
  if (a.is_int() && b.is_int()) return false;
  if (a.is(Kind::str) && b.is(Kind::str) && a.o->cls == in.t.str && b.o->cls == in.t.str)
    return same_text(a.as<Str>(), b.as<Str>());
  return in.eq(a, b);
}

[[noreturn]] void stop_iteration(Interp& in);
[[noreturn]] void key_error(Interp& in, V key);
std::string number_of(std::int64_t n);

// list.cpp
V slice_of(Interp& in, const V* at, std::uint32_t n, const Slice* s, bool tuple);
void list_extend(Interp& in, List* l, V iterable);
void list_set_slice(Interp& in, List* l, const Slice* s, V value);
void list_del_slice(Interp& in, List* l, const Slice* s);
void list_erase(Interp& in, List* l, std::int64_t at);
V repeat(Interp& in, V seq, std::int64_t times);
void install_lists(Interp& in);

// mapping.cpp
void dict_merge(Interp& in, Dict* d, V other, bool overwrite = true);
/// dict.update(other): a mapping or pairs.
void dict_update(Interp& in, Dict* d, V other);
V dict_copy(Interp& in, Dict* d);
/// Whether it is a mappingproxy.
inline bool is_proxy(V v) { return v.is(Kind::view) && v.as<DictView>()->shows == Shows::mapping; }
V view_of(Interp& in, Dict* d, Shows shows);
void install_mappings(Interp& in);

// set.cpp
bool set_like(V v);  // set, frozenset, dict_keys, dict_items
bool set_binary(Interp& in, Op op, V a, V b, V& out);
bool set_inplace(Interp& in, Op op, V a, V b);
bool set_compare(Interp& in, Cmp op, V a, V b, bool& out);
void install_sets(Interp& in);

// range.cpp
V range_item(Interp& in, const Range* r, std::int64_t i);
void install_ranges(Interp& in);

// containers.cpp
bool unknown_bounds(const Slice* s);
V reversed_of(Interp& in, V o, bool& ok);
V dict_iter(Interp& in, Dict* d, Shows shows, bool is_set = false);

/// A method that runs one of the seq_* operations and answers NotImplemented where it does not
/// apply.
template <Op op>
V binary_method(Interp& in, const Args& a) {
  V out;
  return seq_binary(in, op, a.pos[0], a.pos[1], out) ? out : in.not_implemented;
}
template <Op op>
V reflected_method(Interp& in, const Args& a) {
  V out;
  return seq_binary(in, op, a.pos[1], a.pos[0], out) ? out : in.not_implemented;
}
template <Op op>
V inplace_method(Interp& in, const Args& a) {
  V out;
  return seq_inplace(in, op, a.pos[0], a.pos[1], out) ? out : in.not_implemented;
}
template <Cmp op>
V compare_method(Interp& in, const Args& a) {
  bool out = false;
  return seq_compare(in, op, a.pos[0], a.pos[1], out) ? V::boolean(out) : in.not_implemented;
}
/// __len__, __iter__, __contains__, __getitem__, __repr__, comparisons: those named in `which`, by
/// letter (l i c g s d r = e < h).
void def_protocol(Interp& in, Type* type, const char* which);

}  // namespace kdex::py
