// Where an isolate's objects lie: a bump allocator with chunks, whose dead allocations the
// collector (collect.cpp) turns into holes that later ones fill. Knows where each allocation begins
// and whether it can hold pointers; must not know what the objects are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <vector>

#include "core/python/machine/home.h"

namespace kdex::py {

/// Throws LimitError past its bound. What it gives holds whatever was there before.
class Arena {
 public:
  /// What the collector reads of an allocation: all of it, the Str at its front, or nothing.
  enum class Holds : std::uint8_t { anything = 1, text = 2, no_pointers = 3 };

  /// `limit`: bytes that may be held at once. Chunks and tables lie in `home`, kept by reference,
  /// as long as it is open.
  Arena(Home& home, std::int64_t limit);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  void* alloc(std::size_t bytes, Holds holds = Holds::anything) {
    bytes = rounded(bytes);
    if (bytes > static_cast<std::size_t>(end_ - cur_)) return slow(bytes, holds);
    char* p = cur_;
    cur_ += bytes;
    start_of(p) = static_cast<std::uint8_t>(holds);
    if (bytes > kMedium) medium_.push_back(p);
    return p;
  }
  /// Takes back what alloc(bytes) gave, where nothing was allocated since; does nothing otherwise.
  void give_back(void* p, std::size_t bytes) {
    if (static_cast<char*>(p) + rounded(bytes) != cur_) return;
    cur_ = static_cast<char*>(p);
    start_of(cur_) = 0;
  }
  template <class T>
  T* array(std::size_t n, Holds holds = Holds::anything) {
    return static_cast<T*>(alloc(sizeof(T) * n, holds));
  }
  std::int64_t limit() const { return limit_; }
  void set_limit(std::int64_t limit) { limit_ = limit; }
  std::int64_t held() const { return total_; }  // bytes
  /// Overwrites what no allocation covers with zeros; after a collection.
  void scrub();
  /// Lets the next collection come as late as if one had just been.
  void start_anew();

  /// Called where so much was allocated since the last collection that the next one is worth it
  /// (`must`: no memory is left otherwise, and it has to happen before the call returns).
  using Pressure = void (*)(void* owner, bool must);
  void on_pressure(Pressure f, void* owner) {
    pressure_ = f;
    owner_ = owner;
  }

  // ---- for the collector: begin_marking, then mark() and take() until nothing is left, then sweep
  void begin_marking();
  /// Whether `word` points into an allocation that is not marked yet; marks it, to be given by
  /// take().
  void mark(std::uintptr_t word) {
    if (word - low_ < span_) mark_in_range(word);
  }
  struct Range {
    const std::uintptr_t *begin, *end;
  };
  /// The next marked allocation's words, as far as they may be pointers. False: all were given.
  bool take(Range& out);
  bool marked(const void* start) const;
  void sweep();

 private:
  static constexpr std::size_t kMedium = 2048;  // above: not worth leaving a span for
  static constexpr std::uint8_t kInside = 0, kFree = 4, kMarked = 0x80;  // beside Holds
  struct Chunk {
    char* base;
    std::size_t size;
    std::uint8_t* starts;  // a byte for 16 bytes: kInside, or what begins there
    std::uint8_t whole;    // of a chunk that is one allocation: what `starts` would say; else 0
    // Chunks are part of an image, in which left-overs of the stack would count as pointers.
    std::uint8_t unused[7] = {};
  };
  struct Hole {
    char *begin, *end;
    std::uint8_t* starts;
  };

  static std::size_t rounded(std::size_t bytes) { return (bytes + 15) & ~std::size_t{15}; }
  std::uint8_t& start_of(const char* p) {
    return *reinterpret_cast<std::uint8_t*>(starts_ + (reinterpret_cast<std::uintptr_t>(p) >> 4));
  }
  void* slow(std::size_t bytes, Holds holds);
  void* whole_chunk(std::size_t bytes, Holds holds);
  void* from_large_hole(std::size_t bytes, Holds holds);
  void next_span(std::size_t bytes);
  Hole new_chunk(std::size_t at_least);
  void reserve(std::size_t bytes);
  void used(std::size_t bytes);
  void begin_span(const Hole& h);
  void end_span();
  void keep_hole(const Hole& h);
  void mark_in_range(std::uintptr_t word);
  std::size_t start_before(const Chunk& c, std::size_t at) const;
  Chunk* chunk_of(std::uintptr_t word);
  std::size_t sweep_chunk(Chunk& c);

  Home* home_;
  char* cur_ = nullptr;  // the span that alloc() cuts from
  char* end_ = nullptr;
  std::uintptr_t starts_ = 0;  // its chunk's `starts`, less the chunk's address / 16
  std::int64_t total_ = 0, limit_;
  std::int64_t since_ = 0;          // bytes taken since the last collection
  std::int64_t next_;               // bytes after which the next one is asked for
  bool asked_ = false;              // and has been
  std::pmr::vector<Chunk> chunks_;  // while marking: by address
  std::pmr::vector<Hole> small_, large_;
  /// Allocations of more than kMedium bytes in shared chunks, with some that were given back.
  std::pmr::vector<const char*> medium_;
  Pressure pressure_ = nullptr;
  void* owner_ = nullptr;
  std::uintptr_t low_ = 0, span_ = 0;  // addresses of all chunks, while marking
  Chunk* last_ = nullptr;
  std::pmr::vector<const char*>
      far_;  // while marking: where what is larger than kMedium begins, sorted
  std::pmr::vector<Range> todo_;
};

/// Lets a standard container keep its elements in the arena, where the collector finds them.
template <class T>
struct InArena {
  using value_type = T;
  Arena* arena;
  InArena(Arena& a) : arena(&a) {}
  template <class U>
  InArena(const InArena<U>& o) : arena(o.arena) {}
  T* allocate(std::size_t n) { return arena->array<T>(n); }
  void deallocate(T* p, std::size_t n) { arena->give_back(p, sizeof(T) * n); }
  template <class U>
  bool operator==(const InArena<U>& o) const {
    return arena == o.arena;
  }
};

/// A vector of values for native code that calls Python code while it holds them. A plain
/// std::vector would hide them from the collector.
template <class T>
using Held = std::vector<T, InArena<T>>;

}  // namespace kdex::py
