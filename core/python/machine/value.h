// Value kinds of the abstract machine: what a Python object is in memory.
//
// A V is 16 bytes: a tag, an origin (where the value came from) and a payload. Small integers,
// floats, bools and None live in the V itself; everything else is an Obj in the isolate's arena.
// Pointers are plain and there are no reference counts: what nothing reaches, the collector frees
// (collect.cpp).
//
//   kind        struct      Python types of this layout (subclasses keep the layout of their base)
//   instance    Instance    object and every class without a native base
//   str         Str         str (UTF-8; `ascii` where every character is one byte)
//   bytes       Bytes       bytes, bytearray
//   bigint      BigInt      int outside 64 bits (never inside)
//   boxed       Boxed       an instance of a subclass of int, float or bool, with its value
//   list tuple dict set range slice        the builtin containers (set covers frozenset)
//   function builtin method classmethod staticmethod property super cell code
//   type        Type        classes, builtin or not
//   module      Module      modules of the source tree, the overlay, or native ones
//   exception   Exc         BaseException and below
//   generator   Generator   generators and coroutines
//   iterator    Iter        native iterators (a C++ class with next())
//   view        DictView        dict_keys, dict_values, dict_items, mappingproxy
//   unknown     Unknown     a value that cannot be known; carries why
//   singleton   Obj         NotImplemented, Ellipsis
//   member      Member      what reads and writes one of __slots__; the values lie in a Slotted
//   instance
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace kdex::source {
struct Ast;
}

namespace kdex::py {

class Interp;
struct Type;
struct Dict;
struct Str;
struct Frame;

enum class Tag : std::uint8_t { undef, none, boolean, integer, real, object };

enum class Kind : std::uint8_t {
  instance,
  str,
  bytes,
  bigint,
  boxed,
  list,
  tuple,
  dict,
  set,
  range,
  slice,
  function,
  builtin,
  method,
  classmethod,
  staticmethod,
  property,
  super,
  cell,
  code,
  type,
  module,
  exception,
  generator,
  iterator,
  view,
  unknown,
  singleton,
  member,
};

/// Obj::born of what no run is to notice (repeats.h).
constexpr std::uint32_t kUncounted = ~std::uint32_t{0};

/// Every heap object. `attrs` is the instance dictionary, made on demand.
struct Obj {
  Kind kind;
  std::uint32_t born = 0;  // Interp::age when it was made
  Type* cls;
  Dict* attrs = nullptr;
  Obj(Kind k, Type* c) : kind(k), cls(c) {}
};

struct V {
  Tag tag = Tag::undef;
  std::uint32_t org = 0;  // origin: index into the isolate's origin table; 0 = none
  union {
    std::int64_t i;
    double f;
    Obj* o;
  };
  V() : i(0) {}
  V(Obj* obj) : tag(Tag::object), o(obj) {}
  static V none() {
    V v;
    v.tag = Tag::none;
    return v;
  }
  static V boolean(bool b) {
    V v;
    v.tag = Tag::boolean;
    v.i = b;
    return v;
  }
  static V integer(std::int64_t n, std::uint32_t origin = 0) {
    V v;
    v.tag = Tag::integer;
    v.i = n;
    v.org = origin;
    return v;
  }
  static V real(double d, std::uint32_t origin = 0) {
    V v;
    v.tag = Tag::real;
    v.f = d;
    v.org = origin;
    return v;
  }
  bool is_undef() const { return tag == Tag::undef; }
  bool is_none() const { return tag == Tag::none; }
  bool is_bool() const { return tag == Tag::boolean; }
  bool is_int() const { return tag == Tag::integer; }  // 64-bit, exact int type
  bool is_real() const { return tag == Tag::real; }
  bool is_obj() const { return tag == Tag::object; }
  bool is(Kind k) const { return tag == Tag::object && o->kind == k; }
  /// Identity, as Python's `is` (small values compare by value).
  bool same(const V& b) const { return tag == b.tag && (tag == Tag::none || i == b.i); }
  template <class T>
  T* as() const {
    return static_cast<T*>(o);
  }
};
static_assert(sizeof(V) == 16);

/// Where an instance was made. `context` is 1 + the place of its file in Impl::ctxs; 0: not known.
struct CreatedAt {
  std::uint16_t context = 0;
  std::uint32_t line = 0;
};

struct Instance : Obj {
  CreatedAt created;
  using Obj::Obj;
};

/// UTF-8 text, immutable. `nchars` counts code points.
struct Str : Obj {
  std::uint32_t len = 0, nchars = 0;
  std::uint64_t hash = 0;
  bool interned = false;
  bool stands = false;         // for several: who reads it is told (repeats.h)
  const char* data = nullptr;  // NUL-terminated
  static inline thread_local bool was_read = false;
  using Obj::Obj;
  bool ascii() const { return len == nchars; }
  std::string_view view() const {
    if (stands) [[unlikely]]
      was_read = true;
    return {data, len};
  }
};

inline bool same_text(const Str* a, const Str* b) {
  return a == b || (!(a->interned && b->interned) && a->len == b->len && a->view() == b->view());
}

struct Bytes : Obj {
  std::uint32_t len = 0, cap = 0;
  char* data = nullptr;
  bool is_bytearray = false;
  using Obj::Obj;
  std::string_view view() const { return {data, len}; }
};

/// Sign and magnitude, little-endian 32-bit limbs, no leading zero limb (numbers.cpp).
struct BigInt : Obj {
  bool negative = false;
  std::uint32_t n = 0;
  std::uint32_t* limb = nullptr;
  using Obj::Obj;
};

struct Boxed : Obj {
  V value;  // integer, real, boolean, or an object of kind bigint
  /// Of an int that stands for several (choices.cpp): 1 + its place in Impl::choices, and `value`
  /// is the first. Read by Interp::unbox alone.
  std::uint32_t choice = 0;
  using Obj::Obj;
};

inline bool is_choice(V v) {
  return v.is(Kind::boxed) && static_cast<const Boxed*>(v.o)->choice != 0;
}

struct List : Obj {
  std::uint32_t n = 0, cap = 0;
  V* at = nullptr;
  using Obj::Obj;
};

struct Tuple : Obj {
  std::uint32_t n = 0;
  V* at = nullptr;
  using Obj::Obj;
};

/// Insertion-ordered hash table. Also the body of sets (values unused).
/// Deleted entries have an undef key. Iterate 0..used and skip those.
struct Dict : Obj {
  struct Entry {
    V key, val;
    std::uint64_t hash;
  };
  std::uint32_t used = 0, live = 0, cap = 0;  // entries used (with deleted), live, allocated
  std::uint32_t mask = 0;                     // index size - 1; 0: no index, scan linearly
  std::uint32_t version = 0;                  // changes when keys come or go
  bool is_namespace = false;                  // a module's names that Python code has hold of
  bool other_keys = false;                    // has had keys that are not interned strs
  Entry* e = nullptr;
  std::int32_t* index = nullptr;
  using Obj::Obj;
  /// Where the search for a hash starts in the index.
  static std::uint32_t slot(std::uint64_t hash, std::uint32_t mask) {
    return static_cast<std::uint32_t>((hash * 0x9E3779B97F4A7C15ull) >> 32) & mask;
  }
};

struct Set : Obj {
  Dict* d = nullptr;
  bool is_frozen = false;
  using Obj::Obj;
};

struct Range : Obj {
  std::int64_t start = 0, stop = 0, step = 1;
  std::uint32_t org = 0;  // origin given to produced values: none
  using Obj::Obj;
  std::int64_t size() const {
    if (step > 0)
      return start < stop ? static_cast<std::int64_t>((static_cast<std::uint64_t>(stop) -
                                                       static_cast<std::uint64_t>(start) - 1) /
                                                          static_cast<std::uint64_t>(step) +
                                                      1)
                          : 0;
    return start > stop ? static_cast<std::int64_t>((static_cast<std::uint64_t>(start) -
                                                     static_cast<std::uint64_t>(stop) - 1) /
                                                        (~static_cast<std::uint64_t>(step) + 1) +
                                                    1)
                        : 0;
  }
};

struct Slice : Obj {
  V start, stop, step;
  using Obj::Obj;
};

struct Cell : Obj {
  V v;
  using Obj::Obj;
};

/// Arguments of a call. Positional values, then keyword names and values.
struct Args {
  const V* pos = nullptr;
  std::uint32_t npos = 0;
  Str* const* kwname = nullptr;
  const V* kwval = nullptr;
  std::uint32_t nkw = 0;
  V operator[](std::uint32_t i) const { return pos[i]; }
};

/// May raise (Interp::raise); one that often does may give undef after Interp::Impl::set_raised
/// instead.
using NativeFn = V (*)(Interp&, const Args&);

/// A function in C++. For methods of native types pos[0] is self.
struct Builtin : Obj {
  const char* name = "";
  NativeFn fn = nullptr;
  int min = 0,
      max = -1;  // positional counts allowed (with self); max -1: any. Keywords pass through.
  bool takes_kw = false;
  bool binds = true;      // a descriptor: binds self when read through an instance
  Type* owner = nullptr;  // a method of this native type: pos[0] must be one
  V data;                 // optional closure value; read through Interp::current_builtin
  using Obj::Obj;
};

struct Module;

/// One `def` or `lambda` as compiled: immutable, shared.
struct Code : Obj {
  const source::Ast* ast = nullptr;
  std::uint32_t scope = 0;  // index into ast->scopes
  Module* module = nullptr;
  Str* name = nullptr;
  Str* qualname = nullptr;
  using Obj::Obj;
};

struct Function : Obj {
  Code* code = nullptr;
  Tuple* defaults = nullptr;  // for the last positional parameters
  Dict* kwdefaults = nullptr;
  Cell** closure = nullptr;  // one a free variable
  Str* name = nullptr;
  Str* qualname = nullptr;
  V doc;
  V annotations;  // undef until asked for
  V module_name;
  using Obj::Obj;
};

struct Method : Obj {
  V func, self;
  using Obj::Obj;
};

struct Wrap : Obj {  // classmethod, staticmethod
  V func;
  using Obj::Obj;
};

struct Property : Obj {
  V get, set, del, doc;
  using Obj::Obj;
};

struct Super : Obj {
  Type* start = nullptr;  // search begins after it in obj_type's MRO
  V obj;
  Type* obj_type = nullptr;
  using Obj::Obj;
};

/// Code, line and function of one traceback entry.
struct TraceEntry {
  Code* code;
  std::uint32_t line;
};

struct Exc : Obj {
  Tuple* args = nullptr;
  V cause, context;  // undef, None, or an exception
  bool suppress_context = false;
  V value;                      // StopIteration.value, SystemExit.code
  TraceEntry* trace = nullptr;  // outermost first
  std::uint32_t ntrace = 0;
  using Obj::Obj;
};

struct Unknown : Obj {
  Str* why = nullptr;  // dotted name of what it came from
  using Obj::Obj;
};

/// A native iterator.
struct Iter : Obj {
  Iter(Type* c) : Obj(Kind::iterator, c) {}
  /// Puts the next value into `out` and returns true, or returns false at the end.
  virtual bool next(Interp& in, V& out) = 0;
  virtual std::int64_t length_hint() { return 0; }

 protected:
  ~Iter() = default;
};

/// What is shown of a dictionary: by dict_keys, dict_values and dict_items, and mappingproxy.
enum class Shows : std::uint8_t { keys, values, items, mapping };

struct DictView : Obj {
  Dict* d = nullptr;
  Shows shows = Shows::keys;
  using Obj::Obj;
};

/// One name of `__slots__`: a data descriptor.
struct Member : Obj {
  Str* name = nullptr;
  std::uint32_t at = 0;  // index into Slotted::slot
  Type* owner = nullptr;
  using Obj::Obj;
};

/// An instance of a class whose MRO names slots (Type::nslots of them).
struct Slotted : Instance {
  V* slot = nullptr;
  std::uint32_t n = 0;
  using Instance::Instance;
};

/// A class.
struct Type : Obj {
  Str* name = nullptr;
  Str* qualname = nullptr;
  Tuple* bases = nullptr;
  Type** mro = nullptr;
  std::uint32_t nmro = 0;
  Type* base = nullptr;  // the base that gives the layout
  Dict* ns = nullptr;    // the class dictionary
  Kind layout = Kind::instance;
  bool user = false;  // made by a class statement or type()
  bool is_exception = false;
  bool only_slots = false;    // no class of the MRO gives its instances a dictionary
  bool unknown_base = false;  // a base could not be known: missing attributes are unknown
  bool keeps_call = false;    // instances keep the arguments that they were made with
  std::uint32_t version = 0;  // changes with the class's names and those of its bases
  std::uint32_t hooks = 0;    // the version (with that of all native classes) that these are of
  V getattribute, getattr, setattr, delattr;  // overridden hooks; undef: default
  V new_, init;
  List* subclasses = nullptr;
  Module* defined_in = nullptr;
  std::uint32_t line = 0;
  std::uint32_t nslots = 0;      // values that __slots__ names, with those of the bases
  NativeFn construct = nullptr;  // native __new__ (args[0] is the class)
  using Obj::Obj;
};

}  // namespace kdex::py
