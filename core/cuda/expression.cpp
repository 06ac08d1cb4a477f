// One table says how each operation is computed and written; evaluation and printing walk the nodes
// by it.
#include "core/cuda/expression.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <set>

#include <kdex/error.h>

namespace kdex::cuda {

namespace {

using Number = std::int64_t;

[[noreturn]] void overflow() { throw Error("the result does not fit 63 bits"); }
void check_divisor(Number a, Number b) {
  if (b == 0) throw Error("division by zero");
  if (b == -1 && a == INT64_MIN) overflow();
}
Number add(Number a, Number b) {
  Number r = 0;
  if (__builtin_add_overflow(a, b, &r)) overflow();
  return r;
}
Number subtract(Number a, Number b) {
  Number r = 0;
  if (__builtin_sub_overflow(a, b, &r)) overflow();
  return r;
}
Number multiply(Number a, Number b) {
  Number r = 0;
  if (__builtin_mul_overflow(a, b, &r)) overflow();
  return r;
}
Number divide(Number a, Number b) { return check_divisor(a, b), a / b; }
Number remainder(Number a, Number b) { return check_divisor(a, b), a % b; }
Number up(Number a, Number b) { return divide(subtract(add(a, b), 1), b); }

/// How an operation of two numbers is computed and written; a call where `precedence` is 0.
struct Operation {
  Number (*compute)(Number, Number);
  const char* text;
  int precedence;  ///< C's, higher binds tighter
};
constexpr int kChoice = 1, kEither = 2, kBoth = 3, kUnary = 8;

const Operation& operation(ExprOp op) {
  static const std::array<Operation, static_cast<std::size_t>(ExprOp::select) + 1> table = [] {
    std::array<Operation, static_cast<std::size_t>(ExprOp::select) + 1> t{};
    auto set = [&](ExprOp o, Operation x) { t[static_cast<std::size_t>(o)] = x; };
    set(ExprOp::add, {add, "+", 6});
    set(ExprOp::subtract, {subtract, "-", 6});
    set(ExprOp::multiply, {multiply, "*", 7});
    set(ExprOp::divide, {divide, "/", 7});
    set(ExprOp::remainder, {remainder, "%", 7});
    set(ExprOp::ceil_div, {up, "ceil_div", 0});
    set(ExprOp::min, {[](Number a, Number b) { return std::min(a, b); }, "min", 0});
    set(ExprOp::max, {[](Number a, Number b) { return std::max(a, b); }, "max", 0});
    set(ExprOp::less, {[](Number a, Number b) { return Number{a < b}; }, "<", 5});
    set(ExprOp::less_equal, {[](Number a, Number b) { return Number{a <= b}; }, "<=", 5});
    set(ExprOp::greater, {[](Number a, Number b) { return Number{a > b}; }, ">", 5});
    set(ExprOp::greater_equal, {[](Number a, Number b) { return Number{a >= b}; }, ">=", 5});
    set(ExprOp::equal, {[](Number a, Number b) { return Number{a == b}; }, "==", 4});
    set(ExprOp::not_equal, {[](Number a, Number b) { return Number{a != b}; }, "!=", 4});
    set(ExprOp::both, {nullptr, "&&", kBoth});
    set(ExprOp::either, {nullptr, "||", kEither});
    return t;
  }();
  return table[static_cast<std::size_t>(op)];
}

std::size_t operands(ExprOp op) {
  switch (op) {
    case ExprOp::number:
    case ExprOp::name:
      return 0;
    case ExprOp::negation:
      return 1;
    case ExprOp::select:
      return 3;
    default:
      return 2;
  }
}

/// Reads nodes from the first on; `at` is behind what was read.
class Walk {
 public:
  explicit Walk(const ExprNodes& nodes) : nodes_(nodes) {}

  Number value(const Names& names) {
    const ExprNode& n = next();
    switch (n.op) {
      case ExprOp::number:
        return n.number;
      case ExprOp::name: {
        auto found = names.find(n.name);
        if (found == names.end()) throw Error("there is no '" + n.name + "'");
        return found->second;
      }
      case ExprOp::negation:
        return value(names) == 0;
      case ExprOp::select: {
        const bool first = value(names) != 0;
        if (!first) skip();
        const Number v = value(names);
        if (first) skip();
        return v;
      }
      case ExprOp::both:
      case ExprOp::either: {
        const bool a = value(names) != 0;
        if (a == (n.op == ExprOp::either)) return skip(), Number{a};
        return value(names) != 0;
      }
      default: {
        const Number a = value(names), b = value(names);
        return operation(n.op).compute(a, b);
      }
    }
  }

  /// C in parentheses where it binds looser than `least`.
  std::string text(int least = 0) {
    const ExprNode& n = next();
    if (n.op == ExprOp::number) return std::to_string(n.number);
    if (n.op == ExprOp::name) return n.name;
    if (n.op == ExprOp::negation) return "!" + text(kUnary);
    if (n.op == ExprOp::select) {
      const std::string c = text(kChoice + 1), yes = text(kChoice + 1), no = text(kChoice);
      return wrapped(c + " ? " + yes + " : " + no, kChoice, least);
    }
    const Operation& o = operation(n.op);
    if (o.precedence == 0) {
      const std::string a = text(), b = text();
      return std::string(o.text) + "(" + a + ", " + b + ")";
    }
    const bool either = n.op == ExprOp::either;
    auto operand = [&](int binds) {  // compilers warn of && beside ||
      return either && nodes_.at(at_).op == ExprOp::both ? "(" + text() + ")" : text(binds);
    };
    const std::string a = operand(o.precedence), b = operand(o.precedence + 1);
    return wrapped(a + " " + o.text + " " + b, o.precedence, least);
  }

 private:
  const ExprNode& next() {
    if (at_ >= nodes_.size()) throw Error("an expression ends early");
    return nodes_[at_++];
  }
  void skip() {
    for (std::size_t left = 1; left > 0; --left) left += operands(next().op);
  }
  static std::string wrapped(const std::string& text, int precedence, int least) {
    return precedence < least ? "(" + text + ")" : text;
  }

  const ExprNodes& nodes_;
  std::size_t at_ = 0;
};

/// Names in a plan, each said to be wrong at most once.
class Checker {
 public:
  Checker(const KernelPlan& plan, const Definition& d) : plan_(plan) {
    for (const auto& a : d.axes) names_.insert(a.name);
    names_.insert("sms");
    for (const auto* list : {&d.inputs, &d.outputs})
      for (const auto& t : *list) (t.shape ? tensors_ : scalars_).insert(t.name);
    for (const auto& b : plan.buffers) tensors_.insert(b.name);
    for (const auto& m : plan.maps) maps_.insert(m.name);
  }

  std::string fault() {
    for (const auto& [name, e] : plan_.values) {
      expression(e.nodes(), "the value " + name);
      names_.insert(name);
    }
    for (const auto& b : plan_.buffers) expression(b.bytes.nodes(), "the buffer " + b.name);
    for (const auto& m : plan_.maps) {
      for (const auto* list : {&m.dims, &m.strides, &m.box})
        for (const auto& e : *list) expression(e.nodes(), "the tensor map " + m.name);
      known(tensors_, m.tensor, "tensor", "the tensor map " + m.name);
    }
    for (const auto& l : plan_.launches) launch(l);
    return fault_;
  }

 private:
  void say(const std::string& what) {
    if (fault_.empty()) fault_ = what;
  }
  void known(const std::set<std::string>& all, const std::string& name, const char* kind,
             const std::string& where) {
    if (!all.contains(name)) say(where + ": unknown " + kind + " '" + name + "'");
  }
  void expression(const ExprNodes& nodes, const std::string& where) {
    for (const auto& n : nodes)
      if (n.op == ExprOp::name) known(names_, n.name, "axis or value", where);
  }
  void launch(const KernelLaunch& l) {
    const std::string where = "the launch of " + l.entry;
    if (l.unit >= plan_.units.size()) return say(where + ": its unit is not there");
    const auto& entries = plan_.units[l.unit].entries;
    if (std::find(entries.begin(), entries.end(), l.entry) == entries.end())
      say(where + ": it is not an entry of its unit");
    expression(l.when.nodes(), where);
    for (const auto& e : l.grid) expression(e.nodes(), where);
    for (const auto* e : {&l.block, &l.shared}) expression(e->nodes(), where);
    for (const auto& a : l.arguments) {
      if (a.kind == KernelArgument::Kind::integer) expression(a.value.nodes(), where);
      if (a.kind == KernelArgument::Kind::tensor) known(tensors_, a.text, "tensor", where);
      if (a.kind == KernelArgument::Kind::scalar) known(scalars_, a.text, "scalar", where);
      if (a.kind == KernelArgument::Kind::map) known(maps_, a.text, "tensor map", where);
    }
  }

  const KernelPlan& plan_;
  std::set<std::string> names_, tensors_, scalars_, maps_;
  std::string fault_;
};

/// What was asked for, in an error of working it out.
template <class F>
auto explained(const ExprNodes& nodes, F&& f) {
  try {
    return f();
  } catch (const Error& e) {
    throw Error(e.what_happened, "expression '" + Walk(nodes).text() + "'");
  }
}

}  // namespace

std::int64_t evaluate(const Expr& e, const Names& names) {
  return explained(e.nodes(), [&] { return Walk(e.nodes()).value(names); });
}
bool evaluate(const BoolExpr& c, const Names& names) {
  if (c.always()) return true;
  return explained(c.nodes(), [&] { return Walk(c.nodes()).value(names) != 0; });
}

std::string c_text(const Expr& e) { return Walk(e.nodes()).text(); }
std::string c_text(const BoolExpr& c) { return c.always() ? "true" : Walk(c.nodes()).text(); }

Names with_values(const KernelPlan& plan, Names names) {
  for (const auto& [name, expression] : plan.values) names[name] = evaluate(expression, names);
  return names;
}

std::string plan_fault(const KernelPlan& plan, const Definition& d) {
  return Checker(plan, d).fault();
}

}  // namespace kdex::cuda
