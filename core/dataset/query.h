// Conditions over named values: "op_type = gemm and N % 128 = 0". Knows no dataset.
//
//   condition   = condition "or" condition | condition "and" condition | "not" condition
//               | value ("=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">=" | "~") value
//               | value ["not"] "in" "(" value {"," value} ")"
//   value       = number | 'text' | "text" | word | value ("+" | "-" | "*" | "/" | "%") value
//
// Parentheses group. A word is a column, else a text: `op_type = gemm`. `~` is a pattern with * and
// ?. A comparison of what a row does not have, or of a number with a text, is false. A list is
// compared by each of its values: one must hold; with != none may be equal.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kdex {

/// What a row has in a column; none: std::monostate.
using Cell = std::variant<std::monostate, double, std::string, std::vector<std::string>>;

class RowCondition {
 public:
  /// Throws kdex::Error with the place in the text, and the closest column where neither side of a
  /// comparison is one.
  RowCondition(std::string_view text, const std::vector<std::string>& columns);
  ~RowCondition();
  RowCondition(RowCondition&&) noexcept;
  RowCondition& operator=(RowCondition&&) noexcept;

  /// Whether a row fulfils it. `cell` gives the row's value in a column.
  bool holds(const std::function<Cell(const std::string&)>& cell) const;

  struct Node;

 private:
  std::unique_ptr<Node> root_;
};

}  // namespace kdex
