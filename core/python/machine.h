// The machine's door: runs a driver on a request, or a program, and shows values read-only. With
// host.h, finder.h and sources.h the only header of this folder that others include; it keeps what
// an object is in memory to itself. Must not know any engine, nor what an attribute means.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kdex/module_tree.h>

#include "core/python/finder.h"
#include "core/python/function_ref.h"
#include "core/python/host.h"
#include "core/python/limit.h"

namespace kdex::py {

class Interp;
class ClassView;
class Room;
class Snapshots;
class Sources;
struct Type;
struct V;

/// A name as the machine knows it: one id for each text, for sets and comparisons.
struct Name {
  const void* id = nullptr;
  std::string_view text;
};

/// A Python exception that was raised where code ran for a View.
struct Raised {
  std::string text;  // "ValueError: what it says"
};

/// A value in the machine, read-only. Valid while its Machine lives and nothing runs in it.
class View {
 public:
  enum class Kind : std::uint8_t {
    absent,  // there is no value
    none,
    boolean,
    integer,  // of 64 bits
    big_integer,
    real,
    text,
    boxed,  // an instance of a subclass of int, float or bool
    unknown,
    list,
    tuple,
    set,
    dict,
    function,  // in Python
    method,    // bound
    builtin,   // in C++
    type,
    exception,
    object,  // anything else
  };

  View() = default;
  Kind kind() const;
  bool is(Kind k) const { return kind() == k; }
  bool is_object() const;  // what has an identity, attributes and a class of its own
  /// One for each object; null for what is no object.
  const void* identity() const;
  /// Where it came from, for Machine::origin(); 0: not known.
  std::uint32_t origin() const { return origin_; }

  bool boolean() const { return bits_ != 0; }
  std::int64_t integer() const { return bits_; }
  double real() const;
  /// A text's characters, an unknown's reason, a function's qualified or a builtin's name.
  std::string_view text() const;
  View unboxed() const;   // of boxed
  View function() const;  // of a method

  /// Elements of a list, tuple or dict.
  std::uint32_t size() const;
  View item(std::uint32_t i) const;  // of a list or tuple
  /// Elements of a set in order; stops where `f` gives false.
  void each_element(FunctionRef<bool(View)> f) const;
  /// Entries of a dict in order, each with its place in the table (deleted ones leave gaps).
  void each_entry(FunctionRef<void(std::uint32_t place, View key, View value)> f) const;
  /// A dict's value by a text; absent where it has none.
  View entry(std::string_view key) const;

  ClassView type() const;
  ClassView as_class() const;  // of a type: itself
  /// Its own dictionary of attributes: whether there is one, and how many it holds.
  bool has_attributes() const;
  std::uint32_t attribute_count() const;
  void each_attribute(FunctionRef<void(Name, View)> f) const;
  View attribute(Name name) const;  // of that dictionary alone
  /// What it keeps in __slots__, the base classes' first.
  void each_slot(FunctionRef<void(Name, View)> f) const;
  /// As getattr(): may run code. Absent where there is none. Throws Raised.
  View get(Name name) const;
  std::string str() const;   // str(v): may run code; throws Raised
  std::string repr() const;  // repr(v)
  /// Where an object was made.
  SourcePlace created() const;
  /// "file:line function: source" for each entry of an exception's traceback, innermost last.
  std::vector<std::string> traceback() const;

 private:
  friend class Machine;
  friend class ClassView;
  View(Interp* in, const V& v);
  V value() const;
  Interp* in_ = nullptr;
  std::uint8_t tag_ = 0;
  std::uint32_t origin_ = 0;
  std::int64_t bits_ = 0;
};

/// A class in the machine, as View.
class ClassView {
 public:
  const void* id() const { return type_; }
  std::string name() const;
  std::string module() const;
  std::string qualified() const;         // "module.Outer.Inner"
  bool is(std::string_view name) const;  // whether a class of the MRO is called so
  std::uint32_t mro_size() const;
  ClassView mro(std::uint32_t i) const;
  bool in_python() const;  // made by a class statement
  SourcePlace defined() const;
  std::uint32_t slot_count() const;  // names that __slots__ gives, with those of the bases
  void each_name(FunctionRef<void(Name, View)> f) const;  // of its own namespace

 private:
  friend class View;
  ClassView(Interp* in, Type* type) : in_(in), type_(type) {}
  Interp* in_;
  Type* type_;
};

/// One isolate: nothing that runs in it sees another.
class Machine {
 public:
  /// `finder` and `host` are kept by reference.
  Machine(Finder& finder, const Host& host, const Bounds& bounds);
  /// One that begins with the state that `prepare` leaves, under a key that stands for all that
  /// `prepare` depends on beside the files that it reads. It is run once for a key, on a machine
  /// that has `host` without its files, and kept as an image. Where it gives false or a bound is
  /// hit, or no image can be used, the machine begins with nothing prepared.
  Machine(Sources& sources, const Host& host, const Bounds& bounds, Snapshots& snapshots,
          const std::string& key, FunctionRef<bool(Machine&)> prepare);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // ---- values for a request
  View text(std::string_view utf8);
  /// An integer whose origin is a fact called `name`, of the kind given.
  View number(std::string_view name, std::int64_t n, Origin::Kind kind);
  /// A number that stands for all of `values`, at least two: the run is the first one's, and that
  /// of others as long as it does the same with them (undecided()). All choices have as many
  /// values.
  View choice(std::string_view name, const std::vector<std::int64_t>& values, Origin::Kind kind);
  /// JSON's value; each scalar's origin is its path in `file`, of the kind given. Throws Raised.
  View json(std::string_view text, std::string_view file, Origin::Kind kind);
  View truth(bool value);
  View dict(const std::vector<std::pair<std::string, View>>& entries);
  View list(const std::vector<View>& items);

  struct Result {
    enum class End : std::uint8_t { returned, raised, limit };
    End end = End::returned;
    View value;                      // what was returned or raised
    std::string error_type, error;   // of what was raised; of a bound its text
    std::vector<std::string> where;  // the traceback, innermost last
  };
  /// Calls a driver module's function with the request that `request` makes. Throws kdex::Error
  /// where the module has no such function, and LimitError never.
  Result run(const std::string& driver, const char* function, FunctionRef<View(Machine&)> request);
  /// Whether a driver module has a function; false where the module itself fails.
  bool has_function(const std::string& driver, const char* function);
  /// Calls `f`, which reads views. A bound that it hits or an exception that it does not catch is
  /// the result.
  Result read(FunctionRef<void()> f);

  /// Calls a function of a module and gives what it returns. Throws Raised.
  View call(const std::string& module, const char* function, const std::vector<View>& arguments);

  Name name(std::string_view text);
  /// A step of where a value came from; its inputs are indices as View::origin gives them.
  Origin origin(std::uint32_t index) const;
  /// The inputs alone, and how many there are.
  std::uint32_t origin_inputs(std::uint32_t index, std::uint32_t (&inputs)[2]) const;

  struct Assumption {
    SourcePlace place;
    std::string condition, reason;
  };
  std::vector<Assumption> assumptions() const;  // what was taken for false
  std::int64_t unknowns() const;                // unknown values that were made
  std::int64_t calls() const;                   // of Python functions
  std::vector<std::string> files() const;       // that were parsed, sorted

  // ---- of choices
  /// The places of the values for which all that was run and read is the same, ascending.
  std::vector<std::size_t> undecided() const;
  /// Calls `f`, for which views of choices, and origins, have the values of this place, and none is
  /// decided. Elsewhere a view of a choice decides for the first place.
  void showing(std::size_t place, FunctionRef<void()> f);
  /// Whether the value of an origin depends on the place.
  bool is_choice(std::uint32_t origin) const;

 private:
  template <class F>
  Result guarded(const F& f);
  std::unique_ptr<Room> room_;
  std::unique_ptr<Interp, void (*)(Interp*)> in_;
};

/// Runs a file as `__main__`, with modules from the overlay folders and from beside the file. Print
/// output goes to `out`; a traceback, SystemExit's text or a bound to `err`. The exit status.
int run_program(const std::string& file, const std::vector<std::string>& overlay,
                const Bounds& bounds, std::string& out, std::string& err);

}  // namespace kdex::py
