// The bounds of a run, and what is thrown where one is hit.
#pragma once

#include <cstdint>
#include <string>

namespace kdex::py {

/// What one isolate may use.
struct Bounds {
  std::int64_t steps;         // of the machine, a few to a statement
  std::int64_t memory_bytes;  // held at once
  double seconds;             // of wall time
};

/// A bound that was hit (steps, memory, time, integer width). Python code cannot catch it.
struct LimitError {
  std::string what;  // "file:line: what was asked for"
  /// Puts before the text the line that the thread's isolate is at; `placed`: the text has it
  /// already.
  explicit LimitError(std::string text, bool placed = false);
};

}  // namespace kdex::py
