// Sizes of a kernel plan as values: whole numbers over the definition's axes, `sms` (streaming
// multiprocessors of the device) and the plan's own named values, and conditions on them. A plan is
// checked against its definition before it is used, so that a misspelt name is found there and not
// at a launch. Knows neither CUDA nor a family; kdex works expressions out and prints them as C.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kdex {

/// What a node does with the expressions behind it; `select` takes three, `negation` one.
enum class ExprOp : std::uint8_t {
  number,
  name,
  add,
  subtract,
  multiply,
  divide,
  remainder,
  ceil_div,
  min,
  max,
  less,
  less_equal,
  greater,
  greater_equal,
  equal,
  not_equal,
  both,
  either,
  negation,
  select,
};

/// A node in prefix order: it stands before its operands.
struct ExprNode {
  ExprOp op = ExprOp::number;
  std::int64_t number = 0;
  std::string name;
  bool operator==(const ExprNode&) const = default;
};
using ExprNodes = std::vector<ExprNode>;

/// A whole number. Values are 63 bits; overflow and division by zero are errors where it is worked
/// out, but not in a branch of select(), `&&` or `||` that is not taken.
class Expr {
 public:
  Expr() : Expr(0) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) Expr(T number)  // NOLINT: numbers are expressions
      : nodes_{{ExprOp::number, static_cast<std::int64_t>(number), ""}} {}
  /// An axis of the definition, `sms`, or a value that the plan named before.
  static Expr named(std::string name) {
    Expr e;
    e.nodes_ = {{ExprOp::name, 0, std::move(name)}};
    return e;
  }
  static Expr of(ExprOp op, const Expr& a, const Expr& b);

  const ExprNodes& nodes() const { return nodes_; }
  /// The number where it is a constant.
  std::optional<std::int64_t> constant() const {
    if (nodes_.size() != 1 || nodes_[0].op != ExprOp::number) return std::nullopt;
    return nodes_[0].number;
  }
  /// The same text, which is more than the same value.
  bool identical(const Expr& other) const { return nodes_ == other.nodes_; }

 private:
  friend class BoolExpr;
  friend Expr select(const class BoolExpr& condition, const Expr& yes, const Expr& no);
  ExprNodes nodes_;
};

/// True or false. Without anything it is true.
class BoolExpr {
 public:
  BoolExpr() = default;
  static BoolExpr of(ExprOp op, const Expr& a, const Expr& b) {
    BoolExpr c;
    c.nodes_ = joined(op, a.nodes_, b.nodes_);
    return c;
  }
  static BoolExpr never() { return of(ExprOp::not_equal, 0, 0); }

  bool always() const { return nodes_.empty(); }
  const ExprNodes& nodes() const { return nodes_; }
  bool identical(const BoolExpr& other) const { return nodes_ == other.nodes_; }

  friend BoolExpr operator&&(const BoolExpr& a, const BoolExpr& b) {
    if (a.always()) return b;
    if (b.always()) return a;
    return of_conditions(ExprOp::both, a, b);
  }
  friend BoolExpr operator||(const BoolExpr& a, const BoolExpr& b) {
    if (a.always() || b.always()) return {};
    return of_conditions(ExprOp::either, a, b);
  }
  friend BoolExpr operator!(const BoolExpr& a) {
    if (a.always()) return never();
    BoolExpr c;
    c.nodes_ = {{ExprOp::negation, 0, ""}};
    c.nodes_.insert(c.nodes_.end(), a.nodes_.begin(), a.nodes_.end());
    return c;
  }

  /// `op` before the nodes of its two operands.
  static ExprNodes joined(ExprOp op, const ExprNodes& a, const ExprNodes& b) {
    ExprNodes out;
    out.reserve(1 + a.size() + b.size());
    out.push_back({op, 0, ""});
    out.insert(out.end(), a.begin(), a.end());
    out.insert(out.end(), b.begin(), b.end());
    return out;
  }

 private:
  static BoolExpr of_conditions(ExprOp op, const BoolExpr& a, const BoolExpr& b) {
    BoolExpr c;
    c.nodes_ = joined(op, a.nodes_, b.nodes_);
    return c;
  }
  friend Expr select(const BoolExpr& condition, const Expr& yes, const Expr& no);
  ExprNodes nodes_;
};

/// `a / b` rounded up.
constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

inline Expr Expr::of(ExprOp op, const Expr& a, const Expr& b) {
  Expr e;
  e.nodes_ = BoolExpr::joined(op, a.nodes_, b.nodes_);
  return e;
}

inline Expr operator+(const Expr& a, const Expr& b) { return Expr::of(ExprOp::add, a, b); }
inline Expr operator-(const Expr& a, const Expr& b) { return Expr::of(ExprOp::subtract, a, b); }
inline Expr operator*(const Expr& a, const Expr& b) { return Expr::of(ExprOp::multiply, a, b); }
inline Expr operator/(const Expr& a, const Expr& b) { return Expr::of(ExprOp::divide, a, b); }
inline Expr operator%(const Expr& a, const Expr& b) { return Expr::of(ExprOp::remainder, a, b); }
inline Expr ceil_div(const Expr& a, const Expr& b) { return Expr::of(ExprOp::ceil_div, a, b); }
inline Expr min(const Expr& a, const Expr& b) { return Expr::of(ExprOp::min, a, b); }
inline Expr max(const Expr& a, const Expr& b) { return Expr::of(ExprOp::max, a, b); }

inline BoolExpr operator<(const Expr& a, const Expr& b) { return BoolExpr::of(ExprOp::less, a, b); }
inline BoolExpr operator<=(const Expr& a, const Expr& b) {
  return BoolExpr::of(ExprOp::less_equal, a, b);
}
inline BoolExpr operator>(const Expr& a, const Expr& b) {
  return BoolExpr::of(ExprOp::greater, a, b);
}
inline BoolExpr operator>=(const Expr& a, const Expr& b) {
  return BoolExpr::of(ExprOp::greater_equal, a, b);
}
inline BoolExpr operator==(const Expr& a, const Expr& b) {
  return BoolExpr::of(ExprOp::equal, a, b);
}
inline BoolExpr operator!=(const Expr& a, const Expr& b) {
  return BoolExpr::of(ExprOp::not_equal, a, b);
}

/// `yes` where the condition holds, else `no`; the other one is not worked out.
inline Expr select(const BoolExpr& condition, const Expr& yes, const Expr& no) {
  if (condition.always()) return yes;
  Expr e;
  e.nodes_ = BoolExpr::joined(ExprOp::select, condition.nodes_, yes.nodes_);
  e.nodes_.insert(e.nodes_.end(), no.nodes_.begin(), no.nodes_.end());
  return e;
}

/// An axis of the definition, constant or variable: `const Expr M = axis("M")`.
inline Expr axis(std::string name) { return Expr::named(std::move(name)); }
/// Streaming multiprocessors of the device that launches.
inline Expr device_sms() { return Expr::named("sms"); }

}  // namespace kdex
