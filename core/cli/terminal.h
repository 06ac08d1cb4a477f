// What a run tells on standard error: one line that is written over where a person watches, plain
// lines elsewhere; colours where they can be seen and are wanted (NO_COLOR). Knows no stage.
#pragma once

#include <chrono>
#include <cstdio>
#include <mutex>
#include <string>

#include "core/pipeline/run.h"

namespace kdex::cli {

enum class Colour { plain, red, yellow, dim };

/// Whether the stream is a terminal, NO_COLOR is not set and TERM is not "dumb".
bool has_colour(std::FILE* stream);
/// The text in a colour where the stream has any.
std::string coloured(const std::string& text, Colour colour, std::FILE* stream);

/// "2 min 5 s", "1 h 3 min", "8 s".
std::string time_left_text(double seconds);

/// How much is told.
enum class Told { errors, progress, everything };

/// The lines of one run. Each function may be called from any thread.
class Progress {
 public:
  explicit Progress(Told told);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// A line of its own; "[3/360] …" on a terminal is one that the next such line is written over,
  /// with the time left.
  void say(const std::string& line);
  /// A model is done: "[3/360] …", on a terminal with rate and time left.
  void advance(const RunProgress& progress);
  void error(const std::string& line);

 private:
  void clear();
  void write_over(const std::string& counted, const std::string& rest);

  Told told_;
  bool is_live_;          // a line that is written over
  bool is_open_ = false;  // it stands there now
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::size_t counted_of_ = 0;  // of the "[3/360]" lines, which began at counted_start_
  std::chrono::steady_clock::time_point counted_start_ = start_;
  std::mutex mutex_;
};

}  // namespace kdex::cli
