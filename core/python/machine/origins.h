// Where values came from: the steps that an isolate's values carry the indices of. Each step is
// kept once, so that what runs again for the next layer gives the same index. A literal has no
// entry: its index is its node's place among all nodes of the isolate's files. Knows no evaluation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory_resource>
#include <utility>
#include <vector>

#include <kdex/value.h>

namespace kdex::py {

struct Str;
struct V;

/// The bit of an index that stands for a literal.
constexpr std::uint32_t kLiteral = 0x80000000u;

struct OriginEntry {
  enum class Holds : std::uint8_t { nothing, integer, real, boolean };
  Origin::Kind kind = Origin::Kind::none;
  Holds holds = Holds::nothing;
  Origin::Way way = Origin::Way::none;
  std::uint8_t operands = 0;
  std::uint16_t context = 0;  // 1 + the place of the file in Impl::ctxs; 0: none
  std::uint16_t depth = 0;    // steps to the farthest leaf
  std::uint32_t at = 0;       // of an operation the line; of a way the node
  std::uint32_t in[2] = {0, 0};
  std::uint32_t choice = 0;  // of a value that stands for several: Boxed::choice
  union Text {
    const char* op;  // of an operation
    Str* name;       // else, interned
  } text{nullptr};
  Str* file = nullptr;     // of a way: the class or function; interned
  std::int64_t value = 0;  // a double's bits where it holds one

  void hold(V v);
};

class OriginTable {
 public:
  explicit OriginTable(std::pmr::memory_resource* memory);
  /// The index of this step, an equal one's where there is one. 0 where the table is full.
  std::uint32_t add(const OriginEntry& e);
  const OriginEntry& operator[](std::uint32_t i) const { return entries_[i]; }
  /// How many entries the field `path` of a configuration's file holds; interned texts.
  void set_length(const Str* file, const Str* path, std::uint32_t n) { lengths_[{file, path}] = n; }
  std::uint32_t length(const Str* file, const Str* path) const {
    const auto it = lengths_.find({file, path});
    return it == lengths_.end() ? 0 : it->second;
  }
  /// Steps from here to the farthest leaf.
  std::uint32_t depth(std::uint32_t i) const { return i & kLiteral ? 0 : entries_[i].depth; }

 private:
  void grow();
  std::pmr::vector<OriginEntry> entries_;
  std::pmr::vector<std::uint32_t> places_;  // by hash; 0: free
  std::pmr::map<std::pair<const Str*, const Str*>, std::uint32_t> lengths_;
};

}  // namespace kdex::py
