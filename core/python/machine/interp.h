// The abstract machine's interpreter: one isolate, one thread. Runs Python functions and modules
// and offers Python's operations to native code. Must not know any engine.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/python/function_ref.h"
#include "core/python/limit.h"
#include "core/python/machine/arena.h"
#include "core/python/machine/home.h"
#include "core/python/machine/value.h"

namespace kdex::py {

/// A Python exception on its way up. Interp::raise throws it, Interp::caught catches it, other code
/// does neither (README.md).
struct PyErr {
  V exc;
};

/// The exit status where one native operation cannot be stopped after the time limit, so that the
/// process ends.
inline std::atomic<int> late_status{2};

enum class Op : std::uint8_t {
  add,
  sub,
  mul,
  div,
  floordiv,
  mod,
  pow,
  matmul,
  lshift,
  rshift,
  bitand_,
  bitor_,
  bitxor
};
enum class Cmp : std::uint8_t { eq, ne, lt, le, gt, ge, in, not_in, is, is_not };

std::size_t utf8_length(std::string_view s);  // code points

/// The builtin types, by Python name.
struct Types {
  Type *object, *type, *none, *boolean, *integer, *real, *str, *bytes, *bytearray, *list, *tuple,
      *dict, *set, *frozenset, *range, *slice, *function, *builtin, *method, *classmethod,
      *staticmethod, *property, *super, *cell, *code, *module, *generator, *coroutine, *iterator,
      *dict_keys, *dict_values, *dict_items, *mappingproxy, *unknown, *not_implemented, *ellipsis,
      *method_wrapper, *method_descriptor, *wrapper_descriptor, *bound_builtin, *member,
      *generic_alias, *union_type, *memoryview;
  // exceptions
  Type *BaseException, *Exception, *TypeError, *ValueError, *KeyError, *IndexError, *LookupError,
      *AttributeError, *NameError, *UnboundLocalError, *RuntimeError, *RecursionError,
      *NotImplementedError, *StopIteration, *StopAsyncIteration, *GeneratorExit, *ArithmeticError,
      *ZeroDivisionError, *OverflowError, *AssertionError, *ImportError, *ModuleNotFoundError,
      *OSError, *FileNotFoundError, *PermissionError, *FileExistsError, *NotADirectoryError,
      *IsADirectoryError, *EOFError, *MemoryError, *SystemExit, *KeyboardInterrupt, *UnicodeError,
      *UnicodeDecodeError, *UnicodeEncodeError, *SyntaxError, *Warning, *FloatingPointError,
      *BufferError, *TimeoutError, *ConnectionError, *SystemError, *ReferenceError;
};

class Loader;

class Interp {
 public:
  /// Lies in `room` with all that it holds until an image is taken, where that is not empty.
  Interp(std::int64_t memory_limit, std::int64_t step_limit, double seconds,
         std::span<char> room = {});
  ~Interp();
  Interp(const Interp&) = delete;

  Home home;
  Arena arena;
  Types t{};

  // ---- making values (never null; throw LimitError when memory is out)
  Str* intern(std::string_view s);                           // one object for each text; for names
  Str* intern(Str* s);                                       // the interned twin
  V str(std::string_view utf8);                              // a new str
  V concat(const std::string_view* parts, std::uint32_t n);  // a new str
  void give_back(
      V fresh);  // frees a str or set that nothing refers to, where it was the last allocation
  V bytes(std::string_view data, bool mutable_ = false);
  List* list(std::uint32_t capacity = 0);
  V list(const V* first, std::uint32_t n);
  V tuple(const V* first, std::uint32_t n);
  V tuple(std::initializer_list<V> items) {
    return tuple(items.begin(), static_cast<std::uint32_t>(items.size()));
  }
  Tuple* tuple_raw(std::uint32_t n);  // items undef: fill them
  Dict* dict();
  Set* set(bool frozen = false);
  V slice(V start, V stop, V step);
  V range(std::int64_t start, std::int64_t stop, std::int64_t step);
  V unknown(std::string_view why);
  V builtin(const char* name, NativeFn fn, int min = 0, int max = -1, bool takes_kw = false);
  V not_implemented, ellipsis;
  template <class T, class... A>
  T* make(A&&... a) {
    T* made = new (arena.alloc(sizeof(T))) T(static_cast<A&&>(a)...);
    if constexpr (std::is_base_of_v<Obj, T>) made->born = age;
    return made;
  }
  /// Called before an object changes in what Python code can see of it.
  void changing(Obj* o) {
    if (o->born < journal_from) note_change(o);
  }

  void append(List* l, V v);  // amortised O(1)
  // ---- dictionaries (keys by Python equality; may call __hash__/__eq__)
  V* find(Dict* d, V key);      // nullptr where absent
  V* find(Dict* d, Str* key) {  // interned or not
    if (!key->interned || d->other_keys) return find_text(d, key);
    if (!d->mask) {  // interned strs are one object a text
      for (std::uint32_t i = 0, n = d->used; i < n; ++i)
        if (d->e[i].key.o == key) return &d->e[i].val;
      return nullptr;
    }
    for (std::uint32_t s = Dict::slot(key->hash, d->mask);; s = (s + 1) & d->mask) {
      const std::int32_t k = d->index[s];
      if (k < 0) return nullptr;
      if (d->e[k].key.o == key) return &d->e[k].val;
    }
  }
  V* find_text(Dict* d, Str* key);
  void put(Dict* d, V key, V value);
  void put(Dict* d, Str* key, V value);
  bool erase(Dict* d, V key);  // false where absent
  /// Before Python code reads a dictionary: where it is a module's, runs what binds `key` (undef:
  /// everything).
  void reading(Dict* d, V key) {
    if (d->is_namespace) read_namespace(d, key);
  }
  void read_namespace(Dict* d, V key);
  /// Room for so many without growing; absurd sizes: nothing.
  void presize(Dict* d, std::int64_t entries);
  void presize(List* l, std::int64_t elements);
  void clear(Dict* d);
  void copy_entries(Dict* to,
                    const Dict* from);  // what `to` held is gone; nothing is hashed or compared
  bool add(Set* s, V key);              // true where it was new
  bool has(Set* s, V key) { return find(s->d, key) != nullptr; }

  // ---- Python's operations; all may raise
  V getattr(V o, Str* name);
  V getattr(V o, const char* name) { return getattr(o, intern(name)); }
  bool try_getattr(V o, Str* name, V& out);  // false instead of AttributeError
  void setattr(V o, Str* name, V value);
  void delattr(V o, Str* name);
  V lookup(Type* cls, Str* name);  // through the MRO, unbound; undef where absent
  V special(V o, Str* dunder);     // the dunder of o's class, bound to o; undef where absent
  V call(V f, const Args& a);
  V call(V f, std::initializer_list<V> pos = {}) {
    return call(f, Args{pos.begin(), static_cast<std::uint32_t>(pos.size())});
  }
  V call_method(V o, const char* name, std::initializer_list<V> pos = {}) {
    return call(getattr(o, intern(name)), pos);
  }
  V binary(Op op, V a, V b);
  V binary_inplace(Op op, V a, V b);
  V compare(Cmp op, V a, V b);  // may give a non-bool (rich comparison, unknown)
  bool eq(V a, V b);
  bool truth(V v);          // an unknown is an assumption: false
  std::uint64_t hash(V v);  // TypeError where unhashable
  V negate(V v);
  V positive(V v);
  V invert(V v);
  V getitem(V o, V key);
  void setitem(V o, V key, V value);
  void delitem(V o, V key);
  bool contains(V container, V item);
  V iter(V iterable);             // TypeError where not iterable
  bool next(V iterator, V& out);  // false at StopIteration
  std::int64_t length(V o);
  /// Calls f(item) for each item; stops early where f returns false.
  void for_each(V iterable, FunctionRef<bool(V)> f);
  V to_list(V iterable);  // a new list
  V to_tuple(V iterable);
  std::string str_of(V v);               // str(v), UTF-8
  std::string repr_of(V v);              // repr(v)
  V format(V v, std::string_view spec);  // format(v, spec): a str, or unknown
  Type* type_of(V v) {
    if (v.is_obj()) return v.o->kind == Kind::bigint ? t.integer : v.o->cls;
    return type_of_small(v);
  }
  Type* type_of_small(V v);  // of what is no object in memory
  bool isinstance(V o, Type* cls) { return is_subtype(type_of(o), cls); }
  static bool is_subtype(const Type* a, const Type* b) {
    if (a == b) return true;
    for (std::uint32_t i = 0; i < a->nmro; ++i)
      if (a->mro[i] == b) return true;
    return false;
  }
  bool isinstance_any(V o, V cls_or_tuple);  // as the builtin, with __instancecheck__ and unions
  bool callable(V v);
  std::int64_t index(V v);  // __index__; TypeError, OverflowError past 64 bits
  bool is_index(V v);       // int, bool, int subclass or has __index__
  std::string_view text(V v,
                        const char* what);  // a str's text; TypeError("<what> must be str, not T")
  bool is_str(V v) const { return v.is(Kind::str); }
  /// The integer behind an int, bool or instance of a subclass; false where it is none of these or
  /// does not fit.
  bool as_int64(V v, std::int64_t& out) const;
  /// int (any width), float, bool or subclass → double; false otherwise.
  bool as_double(V v, double& out) const;
  V unbox(V v) const {
    if (!v.is(Kind::boxed)) return v;
    return v.as<Boxed>()->choice ? decided(v) : v.as<Boxed>()->value;
  }
  /// A number that stands for several, read: the first, and the run is that one's from here on.
  V decided(V choice) const;

  // ---- errors
  [[noreturn]] void raise(Type* exc, std::string_view message);
  [[noreturn]] void raise(V exc);    // an instance
  [[noreturn]] void reraise(V exc);  // what was caught: traceback and context stay as they are
  /// Runs `f` and gives the exception that it ended in, or undef.
  template <class F>
  V caught(const F& f) {
    V exc;
    try {
      f();
      exc = std::exchange(raised, V());
    } catch (const PyErr& e) {
      exc = e.exc;
    }
    return exc;
  }
  /// The same for exceptions of one class; others go on.
  template <class F>
  V caught(Type* cls, const F& f) {
    const V exc = caught(f);
    if (!exc.is_undef() && !isinstance(exc, cls)) reraise(exc);
    return exc;
  }
  V raised;  // on its way without a C++ exception (README.md); else undef
  V make_exception(Type* exc, std::string_view message);
  std::string type_name(V v) { return std::string(type_of(v)->name->view()); }
  std::string format_traceback(V exc);  // as CPython prints it, with chained exceptions

  // ---- native types and functions
  Type* new_type(const char* name, Type* base, Kind layout, const char* module = "builtins");
  /// Adds a method to a native type. `min`/`max` count positional arguments with self.
  void def(Type* type, const char* name, NativeFn fn, int min = 1, int max = -1,
           bool takes_kw = false);
  void def_static(Type* type, const char* name, NativeFn fn, int min = 0, int max = -1,
                  bool takes_kw = false);
  void def_class(Type* type, const char* name, NativeFn fn, int min = 1, int max = -1,
                 bool takes_kw = false);
  void def_property(Type* type, const char* name, NativeFn get, NativeFn set = nullptr,
                    V data = V());  // data: what `get` finds in current_builtin
  void def_builtin(const char* name, NativeFn fn, int min = 0, int max = -1,
                   bool takes_kw = false);       // builtins.NAME
  Builtin* current_builtin = nullptr;            // set during a native call
  Dict* builtins = nullptr;                      // the builtins module's namespace
  Module* native_module(std::string_view name);  // made on first use; put into its `ns`
  /// A keyword argument by name, or undef.
  static V kwarg(const Args& a, std::string_view name) {
    for (std::uint32_t i = 0; i < a.nkw; ++i)
      if (a.kwname[i]->view() == name) return a.kwval[i];
    return {};
  }
  /// Positional argument i or keyword `name`, or `otherwise`.
  static V arg(const Args& a, std::uint32_t i, std::string_view name, V otherwise = {}) {
    if (i < a.npos) return a.pos[i];
    V k = kwarg(a, name);
    return k.is_undef() ? otherwise : k;
  }

  // ---- bounds
  void tick(std::int64_t n = 1) {  // call in every native loop over user-sized data
    if ((budget_ -= n) < 0) out_of_budget();
  }
  /// Raises RecursionError where the thread's stack runs low: call in native code that calls itself
  /// by data's depth.
  void check_stack();
  /// Lets the next tick look at the clock; for another thread, whose writing may be lost and is
  /// repeated.
  void look_at_clock() { __atomic_store_n(&budget_, std::int64_t{-1}, __ATOMIC_RELAXED); }
  /// Refuses collections of absurd size before they are made ("[0] * 10**12").
  void check_size(std::int64_t elements, std::size_t element_bytes);
  /// Refuses a str or bytes of absurd length while it is made.
  void check_text(std::size_t bytes);

  // ---- origins
  /// Origin of an operation's result at the current line; `b` undef: it has one operand. 0 where
  /// nothing is known of an operand.
  std::uint32_t origin_op(const char* op, V a, V b, V result);

  struct Impl;
  Impl* impl;  // in `home`

  std::int64_t budget_ = 0;  // steps until the clock is looked at
  std::int64_t left_ = 0;    // steps beyond these
  [[noreturn]] void out_of_budget_fail(const char* what);
  void out_of_budget();

  /// Ends what the isolate has to do with this process's threads, until resume().
  void suspend();
  /// Begins it, on this thread and with these bounds. False where more has been spent.
  bool resume(std::int64_t memory_limit, std::int64_t step_limit, double seconds);

  /// Frees what no root reaches (collect.cpp). `keep_all` turns collections off, for native code
  /// that holds values where the collector does not look.
  void collect();
  bool keep_all = false;

  // ---- runs that stand for others (repeats.h)
  std::uint32_t age = 0;           // of what is made from here on: the number of such runs
  std::uint32_t journal_from = 0;  // changes of what is older are noted; 0: none are
  void note_change(Obj* o);

 private:
  void begin(double seconds);
  std::int64_t steps_ = 0;  // the limit; while suspended: spent
  bool is_suspended_ = false;
  bool collection_wanted_ = false;
};

struct Module : Obj {
  Str* name = nullptr;
  Dict* ns = nullptr;
  bool is_external = false;     // declared installed, not modelled: what it holds is unknown
  struct Lazy* lazy = nullptr;  // top-level statements not run yet; nullptr: native or fully run
  using Obj::Obj;
};

// Text helpers shared by the type files.
std::string float_repr(double d);             // Python's repr of a float
std::string str_repr(std::string_view utf8);  // quotes and escapes as Python

// One installer a file of native types; called once by Interp's constructor, in this order.
void install_object(Interp& in);  // object, type, functions, property, super, … (types/types.cpp)
void install_numbers(Interp& in);     // int, float, bool, math (types/numbers.cpp, int.cpp, …)
void install_strings(Interp& in);     // str, bytes, bytearray (text/strings.cpp, str.cpp, …)
void install_containers(Interp& in);  // list, tuple, dict, set, range, … (types/containers.cpp)
void install_exceptions(Interp& in);  // the exception hierarchy (types/exceptions.cpp)
void install_functions(Interp& in);   // builtin functions: len, sorted, … (types/functions.cpp)
void install_intrinsics(Interp& in);  // the module `_kdex` (intrinsics.cpp)
void install_copies(Interp& in);      // its deepcopy and json_quote (deepcopy.cpp)
void install_repeats(Interp& in);     // its runs that stand for others (repeats.cpp)

}  // namespace kdex::py
