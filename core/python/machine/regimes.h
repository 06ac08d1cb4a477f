// Comparisons on sizes of a step: which bound a size is held against, and the way that it went. A
// size is a number that the program named with _kdex.size; what is computed from it leads to it by
// its origins. Must not know what a size is of.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/python/machine/value.h"

namespace kdex::py {

/// A number as a sum of terms, each a product of sizes or of formulas of them, and a constant.
struct SizeForm {
  struct Atom {
    std::string key;
    std::string shown;       // without the place of an element among its like
    std::int64_t least = 0;  // it is never smaller
    bool operator<(const Atom& other) const { return key < other.key; }
  };
  struct Term {
    std::int64_t factor = 0;
    std::vector<Atom> atoms;  // sorted

    std::string shown() const;
    std::int64_t least() const;
  };
  std::map<std::string, Term> terms;
  std::int64_t constant = 0;

  void add(const SizeForm& other, std::int64_t factor);
  void add(std::vector<Atom> atoms, std::int64_t factor);
  SizeForm times(const SizeForm& other) const;
  /// The value with every size at its least; none where larger sizes make it smaller.
  std::optional<std::int64_t> least() const;
};

/// A comparison with a constant: "num_tokens" "<=" 2048.
struct SizeBound {
  std::string size, relation;
  std::int64_t bound = 0, value = 0;
  bool holds = false;
  std::int64_t count = 0;
  std::string file;
  int line = 0;
};

/// What a watched run compared, each place and comparison once.
struct Regimes {
  static constexpr std::size_t most = 400;

  std::vector<SizeBound> found;
  bool counts = false;  // a run whose comparisons are counted; those of others are noted

  // By origin: whether it leads to a size (1: no, 2: yes), and its form.
  std::vector<std::uint8_t> leads;
  std::unordered_map<std::uint32_t, SizeForm> forms;
  // A comparison's place and operands → 1 + its place in `found`; 0: of no interest.
  std::unordered_map<std::string, std::size_t> seen;
};

}  // namespace kdex::py
