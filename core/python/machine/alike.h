// Whether two values are the same but for identity: two graphs of objects, walked in step. Must not
// run Python code, nor change anything.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/python/machine/value.h"

namespace kdex::py {

class Alike {
 public:
  /// An item of a dict or list of the first graph that may differ: an int, or a text whose numbers
  /// do.
  struct Difference {
    Obj* holder;  // a Dict or a List
    V key;        // of a list: the index
    V first, second;
  };

  /// What an object held before it changed: a Dict or a List, of a cell or slots a Tuple.
  using Before = std::unordered_map<Obj*, V>;

  /// `may_differ`: such items are collected; else they are a difference like any other. `before`:
  /// the first graph is the one before these changes, the second the one after them.
  explicit Alike(bool may_differ = false, const Before* before = nullptr)
      : may_differ_(may_differ), before_(before) {}

  /// Whether `a` and `b` have the same classes and contents, and each object of one graph stands
  /// for one of the other. What both graphs share stands for itself and is not looked into, unless
  /// it changed. May be called again, for more of the same graphs.
  bool compare(V a, V b);

  const std::vector<Difference>& differences() const { return differences_; }
  /// What an object of the first graph stands for; null: it was not met.
  Obj* twin(const Obj* o) const {
    const auto it = to_.find(o);
    return it == to_.end() ? nullptr : it->second;
  }

 private:
  struct Pair {
    V a, b;
    Obj* holder;
    V key;
  };
  void later(V a, V b, Obj* holder = nullptr, V key = V());
  bool values(const Pair& p);
  bool differs(const Pair& p);
  bool objects(const Pair& p);
  bool contents(Obj* a, Obj* b);
  bool dicts(Dict* a, Dict* b, bool holds = true);
  const V* before(Obj* o) const;
  bool as_before(const V& was, Obj* a, Obj* b);
  bool sets(const Set* a, const Set* b);
  bool functions(const struct Function* a, const struct Function* b);
  bool attributes(const Obj* a, const Obj* b);
  bool items(const V* a, std::uint32_t n, const V* b, std::uint32_t m, Obj* holder);
  bool pair(Obj* a, Obj* b, bool& known);

  bool may_differ_;
  const Before* before_;
  std::vector<Pair> todo_;
  std::unordered_map<const Obj*, Obj*> to_, from_;
  std::vector<Difference> differences_;
};

}  // namespace kdex::py
