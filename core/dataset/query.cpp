// core/dataset/query.h.
#include "core/dataset/query.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>

#include <kdex/error.h>

#include "core/base/closest.h"
#include "core/base/text.h"

namespace kdex {

/// A part of a condition. Words that are operators: "or", "and", "not", "in".
struct RowCondition::Node {
  enum class Kind { literal, column, operation };
  Kind kind = Kind::literal;
  Cell literal = {};
  std::string text;  ///< of a column its name, of an operation its operator
  bool is_word = false;
  std::size_t at = 0;
  std::vector<std::unique_ptr<Node>> of = {};
};

namespace {

using Node = RowCondition::Node;
using NodePtr = std::unique_ptr<Node>;
using Kind = Node::Kind;

constexpr const char* kWhere = "--where";
constexpr int kDeepest = 100;

struct Token {
  std::string text;
  char kind = 0;  ///< 'n' number, 't' quoted text, 'w' word, 'o' operator, 0 the end
  std::size_t at = 0;
};

[[noreturn]] void fail(const std::string& what, std::size_t at, const std::string& todo = "") {
  throw Error(what, std::string(kWhere) + ": character " + std::to_string(at + 1), todo);
}

bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == ':';
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::optional<double> number_of(const std::string& text) {
  double n = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return n;
}

/// One token from `i` on.
Token token_at(std::string_view s, std::size_t& i) {
  Token t{"", 'o', i};
  if (s[i] == '\'' || s[i] == '"') {
    const auto end = s.find(s[i], i + 1);
    if (end == std::string_view::npos) fail("a text without its closing quote", i);
    t = {std::string(s.substr(i + 1, end - i - 1)), 't', i};
    i = end + 1;
  } else if (is_word_character(s[i])) {
    std::size_t end = i;
    while (end < s.size() && is_word_character(s[end])) ++end;
    t = {std::string(s.substr(i, end - i)), 'w', i};
    if (number_of(t.text)) t.kind = 'n';
    i = end;
  } else {
    t.text = s[i];
    const std::string two(s.substr(i, 2));
    for (const char* o : {"==", "!=", "<>", "<=", ">="})
      if (two == o) t.text = two;
    if (std::string("=<>!~+-*/%(),").find(s[i]) == std::string::npos || t.text == "!")
      fail("unexpected '" + printable(t.text) + "'", i);
    i += t.text.size();
  }
  return t;
}

std::vector<Token> tokens_of(std::string_view s) {
  std::vector<Token> out;
  for (std::size_t i = 0; i < s.size();) {
    if (std::isspace(static_cast<unsigned char>(s[i])) != 0)
      ++i;
    else
      out.push_back(token_at(s, i));
  }
  out.push_back({"", 0, s.size()});
  return out;
}

/// By precedence: or, and, not, comparisons, sums, products.
class Parser {
 public:
  Parser(std::string_view text, const std::vector<std::string>& columns)
      : tokens_(tokens_of(text)), columns_(columns) {}

  NodePtr condition() {
    NodePtr out = any();
    if (now().kind != 0) fail("unexpected '" + printable(now().text) + "'", now().at);
    expect_condition(*out);
    return out;
  }

 private:
  const Token& now() const { return tokens_[at_]; }
  bool is(const char* text) const {
    return now().kind == 'o' ? now().text == text : now().kind == 'w' && lower(now().text) == text;
  }
  bool take(const char* text) {
    if (!is(text)) return false;
    ++at_;
    return true;
  }

  NodePtr made(const std::string& op, std::size_t at, NodePtr a, NodePtr b = nullptr) {
    auto out = std::make_unique<Node>();
    out->kind = Kind::operation;
    out->text = op;
    out->at = at;
    out->of.push_back(std::move(a));
    if (b) out->of.push_back(std::move(b));
    return out;
  }

  static bool is_condition(const Node& n) {
    static const std::string words[] = {"or", "and", "not", "=", "!=", "<",
                                        "<=", ">",   ">=",  "~", "in"};
    return n.kind == Kind::operation &&
           std::find(std::begin(words), std::end(words), n.text) != std::end(words);
  }
  static void expect_condition(const Node& n) {
    if (!is_condition(n)) fail("expected a comparison, for example N > 4096", n.at);
  }
  static void expect_value(const Node& n) {
    if (is_condition(n)) fail("a comparison cannot be compared", n.at);
  }

  NodePtr any() {
    if (++depth_ > kDeepest) fail("is nested too deep", now().at);
    NodePtr left = all();
    while (is("or")) {
      const std::size_t at = tokens_[at_++].at;
      NodePtr right = all();
      expect_condition(*left), expect_condition(*right);
      left = made("or", at, std::move(left), std::move(right));
    }
    --depth_;
    return left;
  }

  NodePtr all() {
    NodePtr left = negated();
    while (is("and")) {
      const std::size_t at = tokens_[at_++].at;
      NodePtr right = negated();
      expect_condition(*left), expect_condition(*right);
      left = made("and", at, std::move(left), std::move(right));
    }
    return left;
  }

  NodePtr negated() {
    if (++depth_ > kDeepest) fail("is nested too deep", now().at);
    const std::size_t at = now().at;
    NodePtr out;
    if (take("not")) {
      out = negated();
      expect_condition(*out);
      out = made("not", at, std::move(out));
    } else {
      out = comparison();
    }
    --depth_;
    return out;
  }

  NodePtr comparison() {
    NodePtr left = sum();
    const std::size_t at = now().at;
    for (const char* op : {"=", "==", "!=", "<>", "<=", ">=", "<", ">", "~"})
      if (take(op)) {
        const std::string name = op;
        return compared(name == "==" ? "=" : name == "<>" ? "!=" : name, at, std::move(left));
      }
    const bool is_not = is("not") && lower(tokens_[at_ + 1].text) == "in";
    if (is_not) ++at_;
    if (!take("in")) return left;
    NodePtr out = members(at, std::move(left));
    return is_not ? made("not", at, std::move(out)) : std::move(out);
  }

  NodePtr compared(const std::string& op, std::size_t at, NodePtr left) {
    NodePtr right = sum();
    expect_value(*left), expect_value(*right);
    NodePtr out = made(op, at, std::move(left), std::move(right));
    expect_column(*out);
    return out;
  }

  NodePtr members(std::size_t at, NodePtr left) {
    expect_value(*left);
    if (!take("(")) fail("expected '(' after 'in'", now().at);
    NodePtr out = made("in", at, std::move(left));
    do {
      out->of.push_back(sum());
      expect_value(*out->of.back());
    } while (take(","));
    if (!take(")")) fail("expected ')'", now().at);
    expect_column(*out);
    return out;
  }

  NodePtr sum() {
    NodePtr left = product();
    while (is("+") || is("-")) left = arithmetic(std::move(left), &Parser::product);
    return left;
  }
  NodePtr product() {
    NodePtr left = atom();
    while (is("*") || is("/") || is("%")) left = arithmetic(std::move(left), &Parser::atom);
    return left;
  }
  NodePtr arithmetic(NodePtr left, NodePtr (Parser::*next)()) {
    const Token& op = tokens_[at_++];
    NodePtr right = (this->*next)();
    for (const Node* side : {left.get(), right.get()}) {
      expect_value(*side);
      if (std::holds_alternative<std::string>(side->literal))
        fail("'" + printable(side->text) + "' is neither a column nor a number", side->at,
             "put a text with '" + op.text + "' in it in quotes");
    }
    return made(op.text, op.at, std::move(left), std::move(right));
  }

  NodePtr atom() {
    const Token t = now();
    if (take("(")) {
      NodePtr out = any();
      if (!take(")")) fail("expected ')'", now().at);
      return out;
    }
    auto out = std::make_unique<Node>();
    out->at = t.at;
    if (take("-")) {
      auto zero = std::make_unique<Node>();
      zero->literal = 0.0;
      return made("-", t.at, std::move(zero), atom());
    }
    const bool is_reserved = is("and") || is("or") || is("not") || is("in");
    if (t.kind == 0 || t.kind == 'o' || is_reserved)
      fail(t.kind == 0 ? "expected a value, not the end"
                       : "expected a value, not '" + printable(t.text) + "'",
           t.at);
    ++at_;
    out->text = t.text;
    if (t.kind == 'n') {
      out->literal = *number_of(t.text);
    } else if (t.kind == 'w' &&
               std::find(columns_.begin(), columns_.end(), t.text) != columns_.end()) {
      out->kind = Kind::column;
    } else {
      out->literal = t.text;
      out->is_word = t.kind == 'w';
    }
    return out;
  }

  static bool has_column(const Node& n) {
    return n.kind == Kind::column ||
           std::any_of(n.of.begin(), n.of.end(), [](const NodePtr& o) { return has_column(*o); });
  }

  /// Else the comparison has one answer for every row: a column was misspelt.
  void expect_column(const Node& comparison) const {
    if (has_column(comparison)) return;
    const Node& first = *comparison.of[0];
    const std::string hint = first.is_word ? did_you_mean(first.text, columns_) : "";
    std::string names;
    for (const auto& c : columns_) names += (names.empty() ? "" : ", ") + c;
    fail(first.is_word ? "unknown column '" + printable(first.text) + "'" : "compares no column",
         first.at, hint.empty() ? "the columns are " + names : hint);
  }

  std::vector<Token> tokens_;
  const std::vector<std::string>& columns_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

bool fits(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, from = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || (pattern[p] == text[t] && pattern[p] != '*'))) {
      ++p, ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++from;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

class Row {
 public:
  explicit Row(const std::function<Cell(const std::string&)>& cell) : cell_(cell) {}

  bool holds(const Node& n) const {
    if (n.text == "or") return holds(*n.of[0]) || holds(*n.of[1]);
    if (n.text == "and") return holds(*n.of[0]) && holds(*n.of[1]);
    if (n.text == "not") return !holds(*n.of[0]);
    const Cell left = value(*n.of[0]);
    if (n.text == "in")
      return std::any_of(n.of.begin() + 1, n.of.end(),
                         [&](const NodePtr& o) { return compares("=", left, value(*o)); });
    return compares(n.text, left, value(*n.of[1]));
  }

 private:
  Cell value(const Node& n) const {
    if (n.kind == Kind::literal) return n.literal;
    if (n.kind == Kind::column) return cell_(n.text);
    const Cell a = value(*n.of[0]), b = value(*n.of[1]);
    const auto* x = std::get_if<double>(&a);
    const auto* y = std::get_if<double>(&b);
    if (x == nullptr || y == nullptr) return {};
    switch (n.text[0]) {
      case '+':
        return *x + *y;
      case '-':
        return *x - *y;
      case '*':
        return *x * *y;
      case '/':
        return *y == 0 ? Cell{} : Cell{*x / *y};
      default:
        return *y == 0 ? Cell{} : Cell{std::fmod(*x, *y)};
    }
  }

  static bool compares(const std::string& op, const Cell& a, const Cell& b) {
    if (const auto* list = std::get_if<std::vector<std::string>>(&a)) {
      const auto one = [&](const std::string& s) { return compares(op == "!=" ? "=" : op, s, b); };
      const bool any = std::any_of(list->begin(), list->end(), one);
      return op == "!=" ? !any : any;
    }
    if (std::holds_alternative<std::vector<std::string>>(b) && (op == "=" || op == "!="))
      return compares(op, b, a);
    if (const auto* x = std::get_if<double>(&a))
      if (const auto* y = std::get_if<double>(&b)) return ordered(op, *x, *y);
    const auto* x = std::get_if<std::string>(&a);
    const auto* y = std::get_if<std::string>(&b);
    if (x == nullptr || y == nullptr) return false;
    return op == "~" ? fits(*y, *x) : ordered(op, *x, *y);
  }

  template <class T>
  static bool ordered(const std::string& op, const T& x, const T& y) {
    if (op == "=") return x == y;
    if (op == "!=") return x != y;
    if (op == "<") return x < y;
    if (op == "<=") return x <= y;
    if (op == ">") return x > y;
    return op == ">=" && x >= y;
  }

  const std::function<Cell(const std::string&)>& cell_;
};

}  // namespace

RowCondition::RowCondition(std::string_view text, const std::vector<std::string>& columns)
    : root_(Parser(text, columns).condition()) {}
RowCondition::~RowCondition() = default;
RowCondition::RowCondition(RowCondition&&) noexcept = default;
RowCondition& RowCondition::operator=(RowCondition&&) noexcept = default;

bool RowCondition::holds(const std::function<Cell(const std::string&)>& cell) const {
  return Row(cell).holds(*root_);
}

}  // namespace kdex
