// Python's regular expressions: a pattern compiled to a small program and run by backtracking with
// an explicit stack. Knows no Interp; the caller bounds the steps.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kdex::py::regex {

enum Flag : int {
  ignorecase = 2,
  locale = 4,
  multiline = 8,
  dotall = 16,
  unicode = 32,
  verbose = 64,
  ascii = 256
};

/// What is wrong with a pattern, in re.error's words, and where (code points; -1: nowhere).
struct Error {
  std::string message;
  int pos;
};

struct Range {
  std::uint32_t lo, hi;
};
struct Set {
  std::vector<Range> ranges;
  std::string classes;  // letters d D w W s S
  bool negated = false;
};
enum class Code : std::uint8_t {
  chr,
  any,
  set,
  split,
  jump,
  save,
  bol,
  eol,
  text_start,
  text_end,
  word,
  not_word,
  backref,
  look,
  match,
  mark,
  moved,
  test_group
};
struct Inst {
  Code code;
  bool negative = false, behind = false, atomic = false;
  int flags = 0;
  std::uint32_t x = 0, y = 0;
};

struct Program {
  std::vector<Inst> code;
  std::vector<Set> sets;
  int flags = 0;
  std::uint32_t groups = 0, marks = 0;
  std::vector<std::pair<std::string, std::uint32_t>> names;
};

using Text = std::vector<std::uint32_t>;
enum class Mode { search, match, fullmatch, nonempty };

/// Throws Error. Patterns of bytes have `bytes` set.
std::shared_ptr<const Program> compile(const Text& pattern, int flags, bool bytes);
/// Spans as 2 * (groups + 1) positions, -1 where a group took no part. `step` is called every few
/// hundred steps.
bool run(const Program& p, const Text& text, std::int64_t pos, std::int64_t end, Mode mode,
         std::vector<std::int64_t>& spans, const std::function<void(std::int64_t)>& step);

}  // namespace kdex::py::regex
