// The one error type of kdex: what happened, where, and what to do about it.
#pragma once

#include <stdexcept>
#include <string>

namespace kdex {

/// Thrown inside a room; stops at plugin and CLI boundaries, where it becomes one line.
struct Error : std::runtime_error {
  std::string what_happened, where, what_to_do;
  Error(std::string what, std::string where_ = "", std::string todo = "")
      : std::runtime_error(line(what, where_, todo)),
        what_happened(std::move(what)),
        where(std::move(where_)),
        what_to_do(std::move(todo)) {}

 private:
  static std::string line(const std::string& what, const std::string& where,
                          const std::string& todo) {
    std::string s = where.empty() ? what : where + ": " + what;
    if (!todo.empty()) s += "; " + todo;
    return s;
  }
};

}  // namespace kdex
