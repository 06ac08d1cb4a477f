// Operations on native kinds, which the interpreter's general operations call first (exact types)
// or last (subclasses without an override). Each returns false where its kinds do not apply, so
// that the caller tries the dunder methods and then raises TypeError. One implementation file a
// group.
#pragma once

#include <kdex/value.h>

#include "core/python/machine/interp.h"

namespace kdex::py {

/// A str that is no instance of a subclass.
inline bool plain_str(const Interp& in, V v) { return v.is(Kind::str) && v.o->cls == in.t.str; }

/// What a comparison says where the sides are as `c` is to 0; false for other operations (`in`,
/// `is`).
inline bool ordered(Cmp op, int c, bool& out) {
  switch (op) {
    case Cmp::eq:
      out = c == 0;
      return true;
    case Cmp::ne:
      out = c != 0;
      return true;
    case Cmp::lt:
      out = c < 0;
      return true;
    case Cmp::le:
      out = c <= 0;
      return true;
    case Cmp::gt:
      out = c > 0;
      return true;
    case Cmp::ge:
      out = c >= 0;
      return true;
    default:
      return false;
  }
}

// ---- numbers.cpp: int (64-bit, big), float, bool, and instances of their subclasses (Kind::boxed)
bool num_binary(Interp& in, Op op, V a, V b,
                V& out);  // ZeroDivisionError etc. as CPython; origins are the caller's
bool num_compare(Interp& in, Cmp op, V a, V b, bool& out);  // eq..ge
bool num_unary(Interp& in, char op, V v, V& out);           // '-', '+', '~'
std::uint64_t num_hash(Interp& in, V v);           // equal numbers hash equal (1 == 1.0 == True)
bool num_truth(V v);                               // v is a number kind
std::string num_repr(Interp& in, V v);             // "1", "1.0", "True", big integers
std::string num_digits(V bigint, unsigned shift);  // of its magnitude, `shift` bits a digit
V int_from_literal(Interp& in, std::string_view text);  // "0x_ff", "1_000", decimal of any width
V int_from_double(Interp& in, double d);  // truncates; OverflowError/ValueError for inf/nan

// ---- strings.cpp: str, bytes
bool str_binary(Interp& in, Op op, V a, V b,
                V& out);  // + with str, * with int, % formatting; bytes too
bool str_compare(Interp& in, Cmp op, V a, V b, bool& out);
bool str_getitem(Interp& in, V s, V key, V& out);  // index and slice
bool str_contains(Interp& in, V s, V item, bool& out);
V str_iter(Interp& in, V s);  // an iterator over characters (or byte values)
V str_join(Interp& in, std::string_view sep, V iterable);
/// format(v, spec) for str, numbers, None, bool; false for other kinds.
bool format_native(Interp& in, V v, std::string_view spec, V& out);

// ---- containers.cpp: list, tuple, dict, set, range, slice, views
bool seq_binary(Interp& in, Op op, V a, V b,
                V& out);  // list/tuple + and *, set | & - ^, dict |, views' set operations
bool seq_inplace(Interp& in, Op op, V a, V b, V& out);  // list +=, *=, set |= &= -= ^=, dict |=
bool seq_compare(Interp& in, Cmp op, V a, V b,
                 bool& out);  // lexicographic lists/tuples, set inclusion, dict ==, range ==
bool seq_getitem(
    Interp& in, V o, V key,
    V& out);  // list, tuple, dict (with __missing__ of subclasses), range, mappingproxy
bool seq_setitem(Interp& in, V o, V key, V value);  // list (with slices), dict
bool seq_delitem(Interp& in, V o, V key);
bool seq_contains(Interp& in, V o, V item, bool& out);
bool seq_length(V o, std::int64_t& out);  // also str, bytes
bool seq_iter(Interp& in, V o, V& out);  // a native iterator over the container (str and bytes too)
bool seq_truth(V o, bool& out);
bool seq_hash(Interp& in, V o,
              std::uint64_t& out);      // tuple, frozenset, range; TypeError for list, dict, set
std::string seq_repr(Interp& in, V o);  // with recursion shown as [...]
/// Slice bounds clipped to a length, as slice.indices.
void slice_indices(Interp& in, const Slice* s, std::int64_t len, std::int64_t& start,
                   std::int64_t& stop, std::int64_t& step, std::int64_t& count);
/// Sorts in place, stable; key undef or None: the items themselves.
void sort_list(Interp& in, List* l, V key, bool reverse);
/// A native iterator that calls `f` for each next value; f returns false at the end.

std::uint64_t text_hash(std::string_view s);  // never 0
std::uint64_t str_hash(Str* s);               // the text's hash, cached
/// Where print writes.
void print_out(Interp& in, std::string_view text);
// ---- origins.cpp, reroute.cpp
/// The value as a fact of this kind called `name`: of a file, a deployment or a platform.
V named_origin(Interp& in, Origin::Kind kind, std::string_view name, V value,
               std::string_view file = {});
/// The value as the deployment's setting `name`, which leads on to where it came from. What is a
/// setting already stays as it is.
V setting(Interp& in, Str* name, V value);
/// `result`, which a call with the operands `then` gave, as one with `now` would: its origins lead
/// to these. Both are tuples of equal values.
V rerouted(Interp& in, V result, V then, V now);
/// The value as the size `name` of a step, which is never smaller than `least` (regimes.h). "x.0"
/// is one of several.
V size_of_step(Interp& in, Str* name, V value, std::int64_t least);
/// From here on comparisons on sizes are noted: with True counted, with None not noted any more.
void watch_sizes(Interp& in, V how);
/// Notes the comparison `a` `relation` `b`, with this outcome, at the line of the program that
/// runs: one of kdex's own files made it.
void note_compared(Interp& in, Str* relation, V a, V b, V outcome);
/// What was noted, a tuple each: size, relation, bound, value, outcome, count, file, line.
V take_regimes(Interp& in);
/// How many entries a configuration's field holds.
void note_length(Interp& in, std::string_view file, std::string_view path, std::uint32_t entries);
/// The length of a list, tuple or dict as a number that leads back to a configuration's field:
/// where it holds all that the field holds, and nothing else.
V counted(Interp& in, V container, std::int64_t length);
// ---- repeats.cpp
/// An item of a list or tuple by a choice, as one value; an entry by a key that stands for several.
/// False: it is to be read as any other.
bool item_by_choice(Interp& in, V container, V key, V& out);
bool find_by_choice(Interp& in, Dict* d, V key, V*& at);
/// A key before it is entered or taken out.
V own_key(Interp& in, Dict* d, V key, bool erases);
/// A number that an object has because of who it is.
V number_of(Interp& in, Obj* o, FunctionRef<std::int64_t(Obj*)> number);
/// An object's identity is read as a number.
void read_identity(Interp& in, const Obj* o);
/// Gives a number that an operator made its origin.
void add_origin(Interp& in, Op op, V a, V b, V& out);

}  // namespace kdex::py
