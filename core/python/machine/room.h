// Ranges of fixed addresses in which an isolate is made whose state an image is to keep: what lies
// there can be mapped again as it is. Knows no isolate.
#pragma once

#include <cstddef>
#include <span>

namespace kdex::py {

/// One of a few ranges; empty where all are in use or the system gives none.
class Room {
 public:
  Room();
  ~Room();
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  std::span<char> memory() const { return memory_; }  // zero at first
  int place() const { return place_; }                // which of them, from 0; -1: none
  /// Maps a file's bytes at the begin, copied where they are written. False where it cannot.
  bool map(int file, std::size_t from, std::size_t bytes);
  /// Gives back all that it holds: its memory is zero again.
  void clear();

 private:
  int place_ = -1;
  std::span<char> memory_;
};

}  // namespace kdex::py
