// The arena under the collector's hand: words that point into the middle of something.
#include <doctest/doctest.h>

#include <cstdint>
#include <ctime>
#include <vector>

#include "core/python/machine/arena.h"

using kdex::py::Arena;
using kdex::py::Home;

namespace {

std::uintptr_t word_of(const void* p) { return reinterpret_cast<std::uintptr_t>(p); }

/// Marks until nothing is left, following no pointers.
std::size_t taken(Arena& arena) {
  std::size_t n = 0;
  for (Arena::Range r; arena.take(r); ++n) {
  }
  return n;
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// The allocations that a word at each of `places` keeps, of blocks of `bytes`.
void check_places(std::size_t bytes) {
  for (const std::size_t place : {std::size_t{0}, std::size_t{8}, bytes / 2, bytes - 1}) {
    CAPTURE(bytes);
    CAPTURE(place);
    Home home;
    Arena arena(home, std::int64_t{64} << 20);
    auto* before = static_cast<char*>(arena.alloc(64));
    auto* block = static_cast<char*>(arena.alloc(bytes));
    auto* after = static_cast<char*>(arena.alloc(64));
    arena.begin_marking();
    arena.mark(word_of(block + place));
    Arena::Range r{};
    REQUIRE(arena.take(r));
    CHECK(word_of(r.begin) == word_of(block));
    CHECK(word_of(r.end) >= word_of(block + bytes));
    CHECK(taken(arena) == 0);
    CHECK(arena.marked(block));
    CHECK_FALSE(arena.marked(before));
    CHECK_FALSE(arena.marked(after));
    arena.sweep();
  }
}

}  // namespace

TEST_CASE("a word into the middle keeps the whole allocation, whatever its size") {
  for (const int bytes : {16, 48, 2048, 2064, 4096, 70'000, 1 << 20, (1 << 20) + 16})
    check_places(static_cast<std::size_t>(bytes));
}

TEST_CASE("a word into a hole keeps nothing") {
  Home home;
  Arena arena(home, std::int64_t{64} << 20);
  std::vector<char*> blocks;
  for (int i = 0; i < 6; ++i) blocks.push_back(static_cast<char*>(arena.alloc(100'000)));
  arena.begin_marking();
  for (const int i : {0, 3, 5}) arena.mark(word_of(blocks[static_cast<std::size_t>(i)]));
  CHECK(taken(arena) == 3);
  arena.sweep();
  arena.begin_marking();  // blocks 1 and 2 are one hole now
  for (const int i : {1, 2, 4}) {
    for (const int place : {0, 16, 50'000, 99'984})
      arena.mark(word_of(blocks[static_cast<std::size_t>(i)] + place));
    CHECK(taken(arena) == 0);
  }
  arena.mark(word_of(blocks[3] + 99'000));
  CHECK(taken(arena) == 1);
  arena.sweep();
}

TEST_CASE("what is put into a hole is found from its middle") {
  Home home;
  Arena arena(home, std::int64_t{64} << 20);
  std::vector<char*> blocks;
  for (int i = 0; i < 4; ++i) blocks.push_back(static_cast<char*>(arena.alloc(200'000)));
  arena.begin_marking();
  arena.mark(word_of(blocks[0]));
  arena.mark(word_of(blocks[3]));
  taken(arena);
  arena.sweep();
  auto* in_hole = static_cast<char*>(arena.alloc(150'000));
  arena.begin_marking();
  arena.mark(word_of(in_hole + 149'000));
  Arena::Range r{};
  REQUIRE(arena.take(r));
  CHECK(word_of(r.begin) == word_of(in_hole));
  arena.sweep();
}

TEST_CASE("words into large blocks and holes cost no walk to their start") {
  Home home;
  Arena arena(home, std::int64_t{64} << 20);
  constexpr std::size_t bytes = 700'000, rest = 200'000;
  auto* block = static_cast<char*>(arena.alloc(bytes));
  arena.begin_marking();
  const double start = cpu_seconds();
  for (int i = 0; i < 400'000; ++i) {
    arena.mark(word_of(block + bytes - 64));
    arena.mark(word_of(block + bytes + rest));  // what is left of the chunk
  }
  CHECK(cpu_seconds() - start < 3);  // byte by byte it is over 20,000 million steps
  taken(arena);
  arena.sweep();
}

TEST_CASE("what was given back is no allocation") {
  Home home;
  Arena arena(home, std::int64_t{64} << 20);
  auto* first = static_cast<char*>(arena.alloc(64));
  void* big = arena.alloc(10'000);
  arena.give_back(big, 10'000);
  auto* small = static_cast<char*>(arena.alloc(32));
  auto* next = static_cast<char*>(arena.alloc(20'000));  // its middle is past where `big` began
  REQUIRE(static_cast<void*>(small) == big);
  arena.begin_marking();
  arena.mark(word_of(next + 15'000));
  CHECK(taken(arena) == 1);
  CHECK(arena.marked(next));
  CHECK_FALSE(arena.marked(first));
  CHECK_FALSE(arena.marked(small));
  arena.sweep();
}

TEST_CASE("what was given back is not found inside what lies there now") {
  Home home;
  Arena arena(home, std::int64_t{64} << 20);
  void* small = arena.alloc(32);
  void* big = arena.alloc(10'000);
  arena.give_back(big, 10'000);
  arena.give_back(small, 32);
  auto* whole = static_cast<char*>(arena.alloc(20'000));
  arena.begin_marking();
  arena.mark(word_of(whole + 15'000));
  CHECK(taken(arena) == 1);
  CHECK(arena.marked(whole));
  arena.sweep();
}
