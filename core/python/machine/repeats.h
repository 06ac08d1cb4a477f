// Calls that one run stands for. A model's layers differ in their numbers and in identity; what the
// first of a kind does, the others would do again. `_kdex.run_once` runs a call and finds out
// for which other objects its run would have been the same; `_kdex.repeat` gives the result that
// one of these would have given, without running it.
//
// A run does for another object where all of this holds:
//   - both objects hold the same but for numbers and texts in which they differ (alike.h);
//   - a number that differs was a choice during the run (choices.cpp), and each comparison, item
//     and operation on it came out alike; no text that differs was read, no identity asked for;
//   - the arguments are alike, and what was there before the run, arguments included, is now what
//     it was then, but for objects that stand for others;
//   - what the call gave and changed can be copied: that is done again.
// Must not know what the objects are.
#pragma once

#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "core/python/function_ref.h"
#include "core/python/machine/alike.h"
#include "core/python/machine/interp.h"

namespace kdex::py {

class Repeats {
 public:
  explicit Repeats(Interp& in);

  /// A call of `function` with these arguments, which is run, and its number for repeat(); -1
  /// where it stands for no other. `object`: whose call it is; `others`: those that it may stand
  /// for, in the order of their calls; `last`: the keyword arguments of the call before, or None. A
  /// call inside such a run is run as any other.
  V run(V function, V object, V others, V args, V kwargs, V last, std::int64_t& number);

  enum class Answer : std::uint8_t { gone, other, repeated };
  /// What the call `number` would have given for `object`. gone: something has changed since that
  /// run, and it stands for nothing any more; other: it does not stand for this object, or not with
  /// these arguments.
  Answer repeat(std::int64_t number, V object, V args, V kwargs, V& out);

  /// Ends all that is kept.
  void forget();

  /// Called before an object that was there before the last run changes.
  void changes(Obj* o);
  /// A number that an object has, which `number_of` gives: a choice where its twins have others.
  V number_of(Obj* o, FunctionRef<std::int64_t(Obj*)> number_of);
  /// Called where an object's identity is read otherwise.
  void identity_of(const Obj* o);
  /// A dictionary's entry by a key that stands for several; false: it is a key like any other.
  /// `at`: null where there is none, and not to be written to.
  bool find(Dict* d, V key, V*& at);
  /// Such a key before it is entered or taken out: the first's.
  V own_key(Dict* d, V key, bool erases);
  /// An item of a list or tuple by a choice; false where it is to be read as the first.
  bool item(V container, V key, V& out);
  /// Called where a choice was made.
  void made(Boxed* choice);

 private:
  struct Patch {
    Obj* holder;
    V key, was, standing;
    std::vector<V> values;  // the place 0 is the object's own
  };
  struct Effect {
    Obj* of;
    V before, after;  // contents
  };
  struct Call {
    std::uint32_t from = 0;  // Obj::born of what is younger than the run
    bool open = false;
    std::int64_t number = -1;
    V object, args, kwargs, result;
    std::vector<std::pair<std::size_t, V>> places;  // objects that it stands for
    std::vector<Patch> patches;
    Alike::Before before;                // what changed since the run began, as it was
    std::vector<Effect> effects;         // what the run itself changed
    std::vector<std::int64_t> compared;  // how often it made each comparison on a size
  };
  struct Running;

  void find_places(Running& r, V others, V last);
  void continue_arguments(Running& r, Dict* last, const std::vector<std::int64_t>& steps);
  void add_difference(Running& r, const Alike::Difference& d, std::size_t place);
  void patch(Running& r);
  void unpatch(Running& r);
  void finish(Running& r, V result);
  Call* call_of(std::int64_t number);
  static bool is_chosen(const Call& c, const Alike& twins, std::size_t place);
  void drop_places(const std::vector<bool>& stays);
  void set_journal();
  V content(Obj* o);
  std::vector<std::int64_t> compared() const;
  bool note_effects(Call& c, class Copy& copy);
  void apply(const Effect& e, Obj* to, class Copy& copy);
  V* place_of(Obj* holder, V key);
  V merged(const std::vector<V>& items);
  bool stands(V key) const;
  V key_at(V key, std::size_t place);
  bool has_made(Dict* d, V own);
  bool leaves_entries(const Running& r);
  Obj* at_place(Obj* o, std::size_t place) const;
  V kept(V v);
  void hold_nothing();

  Interp& in_;
  std::deque<Call> calls_;
  Running* running_ = nullptr;
  bool is_quiet_ = false;  // identities are read for several
  V found_;
  std::int64_t next_ = 0;
  List* held_;  // for the collector
};

}  // namespace kdex::py
