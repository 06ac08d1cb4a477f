// Recursive descent over the text; both sides of && || ?: are worked out unless they are skipped.
#include "core/cuda/expression.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include <kdex/error.h>

namespace kdex::cuda {

namespace {

class Reader {
 public:
  Reader(const std::string& text, const Names& names) : text_(text), names_(names) {}

  std::int64_t whole() {
    std::int64_t v = choice();
    if (peek() != '\0') fail("unexpected '" + std::string(1, peek()) + "'");
    return v;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(what, "expression '" + text_ + "'");
  }
  char peek() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(std::string_view token) {
    peek();
    if (text_.compare(at_, token.size(), token) != 0) return false;
    // "<" is not the start of "<=", nor "!" of "!=".
    if (token.size() == 1 && std::string_view("<>!=").find(token[0]) != std::string_view::npos &&
        at_ + 1 < text_.size() && text_[at_ + 1] == '=')
      return false;
    at_ += token.size();
    return true;
  }
  std::int64_t choice() {
    std::int64_t condition = either();
    if (!take("?")) return condition;
    bool skip = skip_;
    skip_ = skip || condition == 0;
    std::int64_t yes = choice();
    if (!take(":")) fail("':' is missing");
    skip_ = skip || condition != 0;
    std::int64_t no = choice();
    skip_ = skip;
    return condition != 0 ? yes : no;
  }
  std::int64_t either() {
    std::int64_t v = both();
    while (take("||")) {
      bool skip = skip_;
      skip_ = skip || v != 0;
      std::int64_t w = both();
      skip_ = skip;
      v = v != 0 || w != 0;
    }
    return v;
  }
  std::int64_t both() {
    std::int64_t v = compared();
    while (take("&&")) {
      bool skip = skip_;
      skip_ = skip || v == 0;
      std::int64_t w = compared();
      skip_ = skip;
      v = v != 0 && w != 0;
    }
    return v;
  }
  std::int64_t compared() {
    std::int64_t v = sum();
    for (;;) {
      if (take("<="))
        v = v <= sum();
      else if (take(">="))
        v = v >= sum();
      else if (take("=="))
        v = v == sum();
      else if (take("!="))
        v = v != sum();
      else if (take("<"))
        v = v < sum();
      else if (take(">"))
        v = v > sum();
      else
        return v;
    }
  }
  std::int64_t checked(bool overflow, std::int64_t v) const {
    if (overflow && !skip_) fail("the result does not fit 63 bits");
    return v;
  }
  std::int64_t sum() {
    std::int64_t v = product();
    for (;;) {
      std::int64_t r = 0;
      if (take("+")) {
        bool over = __builtin_add_overflow(v, product(), &r);
        v = checked(over, r);
      } else if (take("-")) {
        bool over = __builtin_sub_overflow(v, product(), &r);
        v = checked(over, r);
      } else {
        return v;
      }
    }
  }
  std::int64_t divided(std::int64_t a, std::int64_t b, bool rest) const {
    if (b == 0 || (b == -1 && a == INT64_MIN)) {
      if (!skip_) fail("division by zero");
      return 0;
    }
    return rest ? a % b : a / b;
  }
  std::int64_t product() {
    std::int64_t v = single();
    for (;;) {
      if (take("*")) {
        std::int64_t r = 0;
        bool over = __builtin_mul_overflow(v, single(), &r);
        v = checked(over, r);
      } else if (take("/")) {
        v = divided(v, single(), false);
      } else if (take("%")) {
        v = divided(v, single(), true);
      } else {
        return v;
      }
    }
  }
  std::int64_t single() {
    if (++depth_ > 200) fail("nested too deep");
    std::int64_t v = 0;
    if (take("!")) {
      v = single() == 0;
    } else if (take("-")) {
      v = -single();
    } else if (take("(")) {
      v = choice();
      if (!take(")")) fail("')' is missing");
    } else if (std::isdigit(static_cast<unsigned char>(peek()))) {
      while (at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_]))) {
        std::int64_t r = 0;
        bool over = __builtin_mul_overflow(v, std::int64_t{10}, &r) ||
                    __builtin_add_overflow(r, std::int64_t{text_[at_++] - '0'}, &r);
        v = checked(over, r);
      }
    } else {
      v = named();
    }
    --depth_;
    return v;
  }
  std::int64_t named() {
    std::size_t start = at_;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_'))
      ++at_;
    std::string name = text_.substr(start, at_ - start);
    if (name.empty()) fail("a number or a name is missing");
    if (!take("(")) {
      auto found = names_.find(name);
      if (found == names_.end()) fail("there is no '" + name + "'");
      return found->second;
    }
    std::int64_t a = choice();
    if (!take(",")) fail("',' is missing");
    std::int64_t b = choice();
    if (!take(")")) fail("')' is missing");
    if (name == "min") return std::min(a, b);
    if (name == "max") return std::max(a, b);
    if (name == "ceil_div") return divided(a + b - 1, b, false);
    fail("there is no function '" + name + "'");
  }

  const std::string& text_;
  const Names& names_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool skip_ = false;
};

}  // namespace

std::int64_t evaluate(const std::string& expression, const Names& names) {
  return Reader(expression, names).whole();
}

Names with_values(const KernelPlan& plan, Names names) {
  for (const auto& [name, expression] : plan.values) names[name] = evaluate(expression, names);
  return names;
}

}  // namespace kdex::cuda
