// tree-sitter's tree → Ast: conversion of every construct, then resolution of names to slots.
#include <bit>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "core/source/ast.h"
#include "core/source/cst.h"
#include "core/source/hash.h"
#include "core/source/names.h"
#include "core/source/syntax.h"

namespace kdex::source {
namespace {

struct Fail {
  SyntaxError error;
};

/// A scope of Python's rules; comprehensions share the frame (`real`) of the scope around them.
struct PScope {
  enum Kind { module, function, class_, comp } kind = module;
  int parent = -1;
  std::uint32_t real = 0;
  struct Info {
    bool bound = false, global = false, nonlocal = false, cell = false, param = false;
    int slot = -1;
  };
  std::unordered_map<StrId, Info> names;
};

struct Real {
  int parent = -1;
  std::vector<StrId> slots;
  std::vector<std::uint32_t> cell_slots;
  struct Free {
    StrId name;
    int owner;
    std::uint32_t ref;
  };  // ref: slot in the parent frame, or ~index of its free
  std::vector<Free> frees;
};

struct Use {
  NodeId node;
  StrId name;
  int scope;
};

/// An Ast's arrays while they grow.
struct Growing {
  std::vector<Node> node_store;
  std::vector<std::uint32_t> extra_store;
  std::vector<Scope> scope_store;
  std::vector<TopLevel> top_store;
  std::vector<std::uint32_t> str_offset;
  std::string text_store;
  bool future_annotations = false;

  std::string_view str(StrId id) const {
    return std::string_view(text_store).substr(str_offset[id], str_offset[id + 1] - str_offset[id]);
  }
};

std::unique_ptr<Ast> sealed(const Growing& g);  // below

class Converter {
 public:
  Converter(std::string_view text, const Cst& cst)
      : text_(text), cst_(cst), ast_(std::make_unique<Growing>()) {
    ast_->node_store.reserve(cst.nodes.size() / 2);
    ast_->node_store.emplace_back();
    ast_->extra_store.push_back(0);
    ast_->str_offset.push_back(0);
  }

  std::unique_ptr<Ast> module(std::uint32_t root) {
    begin_scope(PScope::module, ScopeKind::module, str("<module>"), 1, -1);
    std::vector<NodeId> body;
    bool first = true;
    for (std::uint32_t c = n(root).first; c; c = n(c).next) {
      if (!n(c).named) continue;
      bound_.clear();
      changed_.clear();
      const std::size_t at = body.size();
      if (first) note_doc(c);
      first = false;
      statement(c, body);
      for (std::size_t i = at; i < body.size(); ++i) {
        TopLevel t;
        t.stmt = body[i];
        std::vector<std::uint32_t> names{static_cast<std::uint32_t>(bound_.size())};
        names.insert(names.end(), bound_.begin(), bound_.end());
        names.push_back(static_cast<std::uint32_t>(changed_.size()));
        names.insert(names.end(), changed_.begin(), changed_.end());
        t.names = put(names);
        ast_->top_store.push_back(t);
      }
    }
    ast_->scope_store[0].body = block(body);
    return finish();
  }

  std::unique_ptr<Ast> expression_only(std::uint32_t root) {
    begin_scope(PScope::module, ScopeKind::module, str("<expression>"), 1, -1);
    std::uint32_t only = 0, count = 0;
    for (std::uint32_t c = n(root).first; c; c = n(c).next)
      if (n(c).named) only = c, ++count;
    if (count != 1 || n(only).sym != S::expression_statement)
      throw Fail{{1, 1, "not an expression"}};
    const std::uint32_t inner = n(only).first;
    if (inner && (n(inner).sym == S::assignment || n(inner).sym == S::augmented_assignment))
      throw Fail{{1, static_cast<int>(n(inner).col) + 1, "an assignment, not an expression"}};
    ast_->scope_store[0].body = block({statement_expression(only)});
    return finish();
  }

 private:
  // ---- small tools
  const CNode& n(std::uint32_t id) const { return cst_.nodes[id]; }
  std::string_view text(std::uint32_t id) const {
    return text_.substr(n(id).start, n(id).end - n(id).start);
  }
  [[noreturn]] void fail(std::uint32_t at, std::string message) const {
    throw Fail{
        {static_cast<int>(n(at).row) + 1, static_cast<int>(n(at).col) + 1, std::move(message)}};
  }
  std::uint32_t field(std::uint32_t id, F f) const {
    for (std::uint32_t c = n(id).first; c; c = n(c).next)
      if (n(c).field == f) return c;
    return 0;
  }
  std::uint32_t first_named(std::uint32_t id) const {
    for (std::uint32_t c = n(id).first; c; c = n(c).next)
      if (n(c).named) return c;
    return 0;
  }
  bool has_token(std::uint32_t id, S sym) const {
    for (std::uint32_t c = n(id).first; c; c = n(c).next)
      if (!n(c).named && n(c).sym == sym) return true;
    return false;
  }
  StrId str(std::string_view s) {
    auto it = strs_.find(std::string(s));
    if (it != strs_.end()) return it->second;
    const auto id = static_cast<StrId>(ast_->str_offset.size() - 1);
    ast_->text_store.append(s);
    ast_->str_offset.push_back(static_cast<std::uint32_t>(ast_->text_store.size()));
    strs_.emplace(std::string(s), id);
    return id;
  }
  /// An identifier, with private names mangled inside a class.
  StrId ident(std::string_view s) {
    if (s.size() > 2 && s[0] == '_' && s[1] == '_' && !s.ends_with("__") && !class_names_.empty()) {
      std::string_view cls = class_names_.back();
      while (!cls.empty() && cls[0] == '_') cls.remove_prefix(1);
      if (!cls.empty()) return str("_" + std::string(cls) + std::string(s));
    }
    return str(s);
  }
  ExtraId put(const std::vector<std::uint32_t>& words) {
    const auto id = static_cast<ExtraId>(ast_->extra_store.size());
    ast_->extra_store.insert(ast_->extra_store.end(), words.begin(), words.end());
    return id;
  }
  ExtraId block(const std::vector<NodeId>& items) {
    const auto id = static_cast<ExtraId>(ast_->extra_store.size());
    ast_->extra_store.push_back(static_cast<std::uint32_t>(items.size()));
    ast_->extra_store.insert(ast_->extra_store.end(), items.begin(), items.end());
    return id;
  }
  NodeId add(N kind, std::uint32_t at, std::uint32_t a = 0, std::uint32_t b = 0,
             std::uint32_t c = 0, std::uint8_t op = 0) {
    Node node;
    node.kind = kind;
    node.op = op;
    node.line = n(at).row + 1;
    node.col = static_cast<std::uint16_t>(std::min<std::uint32_t>(n(at).col, 65535));
    node.a = a;
    node.b = b;
    node.c = c;
    ast_->node_store.push_back(node);
    return static_cast<NodeId>(ast_->node_store.size() - 1);
  }

  // ---- scopes
  struct Saved {
    int scope;
  };
  std::uint32_t begin_scope(PScope::Kind kind, ScopeKind real_kind, StrId name, std::uint32_t line,
                            int parent) {
    const auto real = static_cast<std::uint32_t>(ast_->scope_store.size());
    Scope s;
    s.kind = real_kind;
    s.name = name;
    s.line = line;
    std::string q;
    if (parent >= 0) {
      const Scope& p = ast_->scope_store[scopes_[static_cast<std::size_t>(parent)].real];
      if (p.kind != ScopeKind::module) {
        q = std::string(ast_->str(p.qualname));
        q += p.kind == ScopeKind::class_ ? "." : ".<locals>.";
      }
    }
    q += ast_->str(name);
    s.qualname = str(q);
    ast_->scope_store.push_back(s);
    reals_.emplace_back();
    reals_.back().parent =
        parent < 0 ? -1 : static_cast<int>(scopes_[static_cast<std::size_t>(parent)].real);
    PScope p;
    p.kind = kind;
    p.parent = parent;
    p.real = real;
    scopes_.push_back(std::move(p));
    cur_ = static_cast<int>(scopes_.size()) - 1;
    return real;
  }
  int new_slot(std::uint32_t real, StrId name) {
    reals_[real].slots.push_back(name);
    return static_cast<int>(reals_[real].slots.size()) - 1;
  }
  PScope& cur() { return scopes_[static_cast<std::size_t>(cur_)]; }
  void bind(StrId name, int scope) {
    PScope& p = scopes_[static_cast<std::size_t>(scope)];
    p.names[name].bound = true;
    if (p.kind == PScope::module) bound_.push_back(name);
  }
  NodeId use(std::uint32_t at, StrId name, bool store) {
    const NodeId id = add(N::name, at, name);
    if (store) {
      bind(name, cur_);
    } else if (ast_->str(name) == "super" || ast_->str(name) == "__class__") {
      class_use();
    }
    uses_.push_back({id, name, cur_});
    return id;
  }
  /// `super` and `__class__` inside a method need the class cell.
  void class_use() {
    for (int s = cur_; s >= 0; s = scopes_[static_cast<std::size_t>(s)].parent) {
      const PScope& p = scopes_[static_cast<std::size_t>(s)];
      if (p.kind == PScope::class_) return;
      if (p.kind == PScope::function && ast_->scope_store[p.real].kind == ScopeKind::function) {
        class_uses_.push_back(s);
        // a genexp or lambda inside the method reaches it through the method's scope
        return;
      }
    }
  }

  // ---- statements
  ExtraId suite(std::uint32_t block_node) {
    std::vector<NodeId> body;
    const std::uint32_t first = block_node ? first_named(block_node) : 0;
    if (!first) fail(statement_at_, "expected an indented block");
    const Indent outer = indent_;
    starts_line(first, indent_, true);
    for (std::uint32_t c = first; c; c = n(c).next)
      if (n(c).named) statement(c, body);
    indent_ = outer;
    return block(body);
  }
  /// The width of what stands before a line's first statement, with tabs to every eighth column and
  /// with tabs as one: Python wants both to agree.
  struct Indent {
    std::uint32_t wide = 0, narrow = 0;
    bool operator==(const Indent&) const = default;
  };
  bool starts_line(std::uint32_t s, Indent& out, bool continued = false) const {
    std::size_t at = n(s).start;
    while (at && (text_[at - 1] == ' ' || text_[at - 1] == '\t' || text_[at - 1] == '\f')) --at;
    if (at && text_[at - 1] != '\n' && text_[at - 1] != '\r') return false;
    // A line before it that ends in a backslash: one statement goes on, or a comment ends so.
    if (!continued && at > 1 &&
        (text_[at - 2] == '\\' ||
         (text_[at - 1] == '\n' && text_[at - 2] == '\r' && at > 2 && text_[at - 3] == '\\')))
      return false;
    out = {};
    for (; at < n(s).start; ++at) {
      if (text_[at] == '\f')
        out = {};
      else
        out.wide = text_[at] == '\t' ? (out.wide / 8 + 1) * 8 : out.wide + 1, ++out.narrow;
    }
    return true;
  }
  void note_doc(std::uint32_t stmt) {
    if (n(stmt).sym != S::expression_statement) return;
    const std::uint32_t e = first_named(stmt);
    if (!e || n(e).sym != S::string || n(e).next) return;
    std::string value;
    bool is_bytes = false, is_f = false;
    decode_simple(e, value, is_bytes, is_f);
    if (!is_bytes && !is_f) ast_->scope_store[cur().real].doc = str(value);
  }

  void statement(std::uint32_t s, std::vector<NodeId>& out) {
    if (++depth_ > 400) fail(s, "too many statically nested blocks");
    statement_at_ = s;
    if (Indent own; starts_line(s, own) && own != indent_)
      fail(s, own.wide == indent_.wide  ? "inconsistent use of tabs and spaces in indentation"
              : own.wide > indent_.wide ? "unexpected indent"
                                        : "unindent does not match any outer indentation level");
    statement_(s, out);
    --depth_;
  }

  // Over 100 lines, as it has a case for each kind of statement; each is short or one call.
  void statement_(std::uint32_t s, std::vector<NodeId>& out) {
    switch (n(s).sym) {
      case S::expression_statement:
        out.push_back(expression_statement(s));
        return;
      case S::return_statement: {
        if (cur().kind == PScope::module || cur().kind == PScope::class_)
          fail(s, "'return' outside function");
        const std::uint32_t e = first_named(s);
        out.push_back(add(N::return_, s, e ? expr(e) : 0));
        return;
      }
      case S::pass_statement:
        out.push_back(add(N::pass_, s));
        return;
      case S::break_statement:
        out.push_back(add(N::break_, s));
        return;
      case S::continue_statement:
        out.push_back(add(N::continue_, s));
        return;
      case S::if_statement:
        out.push_back(if_statement(s));
        return;
      case S::while_statement: {
        const NodeId test = expr(field(s, F::condition));
        const ExtraId body = suite(field(s, F::body));
        const ExtraId other = else_block(s);
        out.push_back(add(N::while_, s, test, body, other));
        return;
      }
      case S::for_statement: {
        const NodeId iterable = expr(field(s, F::right));
        const NodeId target_node = target(field(s, F::left));
        const std::size_t before = changed_.size();
        const ExtraId body = suite(field(s, F::body));
        if (changed_.size() > before &&
            cur().kind == PScope::module) {  // `for c in (A, B): c.x = y` changes A and B
          const std::uint32_t list = field(s, F::right);
          if (n(list).sym == S::tuple || n(list).sym == S::list ||
              n(list).sym == S::expression_list)
            for (std::uint32_t c = n(list).first; c; c = n(c).next) note_changed(c, false);
        }
        const ExtraId other = else_block(s);
        out.push_back(
            add(N::for_, s, target_node, iterable, put({body, other}), has_token(s, S::async_)));
        return;
      }
      case S::with_statement:
        out.push_back(with_statement(s));
        return;
      case S::try_statement:
        out.push_back(try_statement(s));
        return;
      case S::function_definition:
        out.push_back(function(s, {}));
        return;
      case S::class_definition:
        out.push_back(klass(s, {}));
        return;
      case S::decorated_definition: {
        std::vector<NodeId> decorators;
        for (std::uint32_t c = n(s).first; c; c = n(c).next)
          if (n(c).sym == S::decorator) {
            const std::uint32_t e = first_named(c);
            const std::uint32_t f = n(e).sym == S::call ? field(e, F::function) : e;
            if (n(f).sym == S::attribute) note_changed(f, false);
            decorators.push_back(expr(e));
          }
        const std::uint32_t d = field(s, F::definition);
        out.push_back(n(d).sym == S::class_definition ? klass(d, decorators)
                                                      : function(d, decorators));
        return;
      }
      case S::import_statement: {
        std::vector<std::uint32_t> w{0};
        for (std::uint32_t c = n(s).first; c; c = n(c).next) {
          if (n(c).field != F::name) continue;
          const bool as = n(c).sym == S::aliased_import;
          const std::string dotted = dotted_text(as ? field(c, F::name) : c);
          const std::string bound =
              as ? std::string(text(field(c, F::alias))) : dotted.substr(0, dotted.find('.'));
          const StrId name = ident(bound);
          imported_.insert(name);
          w.push_back(str(dotted));
          w.push_back(use(c, name, true));
          w.push_back(as);
          ++w[0];
        }
        out.push_back(add(N::import_, s, put(w)));
        return;
      }
      case S::future_import_statement:
        for (std::uint32_t c = n(s).first; c; c = n(c).next)
          if (n(c).field == F::name && text(c) == "annotations") ast_->future_annotations = true;
        out.push_back(add(N::pass_, s));
        return;
      case S::import_from_statement: {
        const std::uint32_t m = field(s, F::module_name);
        std::uint32_t level = 0;
        std::string name;
        if (n(m).sym == S::relative_import) {
          for (std::uint32_t c = n(m).first; c; c = n(c).next) {
            if (n(c).sym == S::import_prefix)
              for (char ch : text(c)) level += ch == '.';
            else if (n(c).sym == S::dotted_name)
              name = dotted_text(c);
          }
        } else {
          name = dotted_text(m);
        }
        std::vector<std::uint32_t> w{level, name.empty() ? ~0u : str(name), 0};
        bool star = false;
        for (std::uint32_t c = n(s).first; c; c = n(c).next) {
          if (n(c).sym == S::wildcard_import) star = true;
          if (n(c).field != F::name) continue;
          const bool as = n(c).sym == S::aliased_import;
          const std::string from = dotted_text(as ? field(c, F::name) : c);
          const StrId bound = ident(as ? text(field(c, F::alias)) : std::string_view(from));
          imported_.insert(bound);
          w.push_back(str(from));
          w.push_back(use(c, bound, true));
          ++w[2];
        }
        out.push_back(add(N::import_from, s, put(w), 0, 0, star));
        return;
      }
      case S::global_statement:
      case S::nonlocal_statement: {
        for (std::uint32_t c = n(s).first; c; c = n(c).next)
          if (n(c).sym == S::identifier) {
            auto& info = cur().names[ident(text(c))];
            (n(s).sym == S::global_statement ? info.global : info.nonlocal) = true;
          }
        out.push_back(add(N::pass_, s));
        return;
      }
      case S::assert_statement: {
        const std::uint32_t test = first_named(s);
        std::uint32_t message = 0;
        for (std::uint32_t c = n(test).next; c; c = n(c).next)
          if (n(c).named) message = c;
        const NodeId t = expr(test);
        out.push_back(add(N::assert_, s, t, message ? expr(message) : 0));
        return;
      }
      case S::raise_statement: {
        const std::uint32_t cause = field(s, F::cause);
        std::uint32_t e = first_named(s);
        if (e == cause) e = 0;
        const NodeId a = e ? expr(e) : 0;
        out.push_back(add(N::raise_, s, a, cause ? expr(cause) : 0));
        return;
      }
      case S::delete_statement: {
        std::vector<NodeId> targets;
        const std::uint32_t e = first_named(s);
        if (n(e).sym == S::expression_list || n(e).sym == S::tuple) {
          for (std::uint32_t c = n(e).first; c; c = n(c).next)
            if (n(c).named) targets.push_back(target(c));
        } else {
          targets.push_back(target(e));
        }
        out.push_back(add(N::del_, s, block(targets)));
        return;
      }
      case S::match_statement:
        out.push_back(match(s));
        return;
      case S::type_alias_statement:
        out.push_back(add(N::pass_, s));
        return;
      default:
        fail(s, "this statement is not Python 3");
    }
  }

  NodeId expression_statement(std::uint32_t s) {
    const std::uint32_t e = first_named(s);
    if (e && !next_named(e)) {
      if (n(e).sym == S::assignment) return assignment(e);
      if (n(e).sym == S::augmented_assignment) {
        const std::uint32_t left = field(e, F::left);
        const std::string_view op = text(field(e, F::operator_));
        const NodeId t = target(left);
        const NodeId v = expr(field(e, F::right));
        return add(N::aug_assign, s, t, v, 0,
                   static_cast<std::uint8_t>(binop(e, op.substr(0, op.size() - 1))));
      }
      if (n(e).sym == S::call && cur().kind == PScope::module) {
        const std::uint32_t f = field(e, F::function);
        if (n(f).sym == S::attribute) {
          note_changed(f, true);
        } else {
          const std::uint32_t args = field(e, F::arguments);
          for (std::uint32_t c = n(args).first; c; c = n(c).next)
            if (n(c).sym == S::identifier) note_changed(c, false);
        }
      }
    }
    return add(N::expr_stmt, s, statement_expression(s));
  }
  std::uint32_t next_named(std::uint32_t c) const {
    for (c = n(c).next; c; c = n(c).next)
      if (n(c).named) return c;
    return 0;
  }
  /// The expression of an expression statement; several with commas are a tuple.
  NodeId statement_expression(std::uint32_t s) {
    const std::uint32_t e = first_named(s);
    bool comma = false;
    for (std::uint32_t c = n(s).first; c; c = n(c).next) comma |= n(c).sym == S::comma;
    return comma ? sequence(N::tuple, s) : expr(e);
  }
  /// Root name of a.b[c].d, noted as changed in place by the current module-level statement.
  void note_changed(std::uint32_t e, bool imported_too) {
    if (cur().kind != PScope::module) return;
    for (;;) {
      switch (n(e).sym) {
        case S::attribute:
          e = field(e, F::object);
          continue;
        case S::subscript:
          e = field(e, F::value);
          continue;
        case S::call:
          e = field(e, F::function);
          continue;
        case S::identifier: {
          const StrId name = str(text(e));
          if (imported_too || !imported_.contains(name)) changed_.push_back(name);
          return;
        }
        default:
          return;
      }
    }
  }
  NodeId assignment(std::uint32_t e) {
    const std::uint32_t type = field(e, F::type);
    if (type) {
      const std::uint32_t left = field(e, F::left), right = field(e, F::right);
      const NodeId value = right ? right_side(right) : 0;
      const NodeId note = annotation(type);
      const NodeId t = target(left);
      return add(N::ann_assign, e, t, note, value, n(left).sym == S::parenthesized_expression);
    }
    std::vector<std::uint32_t> lefts;
    std::uint32_t right = e;
    while (n(right).sym == S::assignment && !field(right, F::type)) {
      lefts.push_back(field(right, F::left));
      right = field(right, F::right);
    }
    const NodeId value = right_side(right);
    std::vector<NodeId> targets;
    for (std::uint32_t l : lefts) targets.push_back(target(l));
    if (targets.size() == 1) return add(N::assign1, e, targets[0], value);
    return add(N::assign, e, block(targets), value);
  }
  NodeId right_side(std::uint32_t e) { return expr(e); }
  /// An annotation as text, spaced and quoted as CPython writes it.
  static std::string annotation_text(std::string_view s) {
    std::string out;
    for (std::size_t i = 0; i < s.size(); ++i) {
      const char c = s[i];
      if (c == '\'' || c == '"') {
        std::size_t end = i + 1;
        while (end < s.size() && s[end] != c) end += s[end] == '\\' ? 2u : 1u;
        const std::string_view body = s.substr(i + 1, std::min(end, s.size()) - i - 1);
        const bool plain = body.find_first_of("'\\") == std::string_view::npos && !body.empty();
        out += plain ? "'" + std::string(body) + "'" : std::string(s.substr(i, end + 1 - i));
        i = end;
      } else if (c == '#') {
        while (i + 1 < s.size() && s[i + 1] != '\n') ++i;
      } else if (c == ',') {
        out += ", ";
      } else if (c == '|') {
        while (!out.empty() && out.back() == ' ') out.pop_back();
        out += " | ";
      } else if (c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\\') {
        const bool open =
            out.empty() || out.back() == ' ' || out.back() == '[' || out.back() == '(';
        if (!open) out += ' ';
      } else {
        if ((c == ']' || c == ')') && !out.empty() && out.back() == ' ') {
          out.pop_back();
          if (c == ']' && !out.empty() && out.back() == ',') out.pop_back();
        }
        out += c;
      }
    }
    return out;
  }
  NodeId annotation(std::uint32_t type) {
    if (ast_->future_annotations) return add(N::const_str, type, str(annotation_text(text(type))));
    return expr(type);
  }

  NodeId target(std::uint32_t t) {
    switch (n(t).sym) {
      case S::identifier:
        return use(t, ident(text(t)), true);
      case S::attribute:
      case S::subscript: {
        note_changed(t, false);
        std::uint32_t head = t;  // the grammar reads `*a.b` as an attribute of `*a`
        while (n(head).sym == S::attribute || n(head).sym == S::subscript || n(head).sym == S::call)
          head = field(head, n(head).sym == S::attribute ? F::object
                             : n(head).sym == S::call    ? F::function
                                                         : F::value);
        if (n(head).sym != S::list_splat) return expr(t);
        const std::uint32_t outer = std::exchange(bare_splat_, head);
        const NodeId place = expr(t);
        bare_splat_ = outer;
        return add(N::starred, t, place);
      }
      case S::tuple_pattern: {
        std::uint32_t only = 0, count = 0;
        bool comma = false;
        for (std::uint32_t c = n(t).first; c; c = n(c).next) {
          comma |= n(c).sym == S::comma;
          if (n(c).named) only = c, ++count;
        }
        return count == 1 && !comma ? target(only) : target_list(N::tuple, t);  // `(x) = v` binds x
      }
      case S::pattern_list:
      case S::tuple:
      case S::expression_list:
        return target_list(N::tuple, t);
      case S::list_pattern:
      case S::list:
        return target_list(N::list, t);
      case S::list_splat:
      case S::list_splat_pattern:
        return add(N::starred, t, target(first_named(t)));
      case S::parenthesized_expression:
      case S::as_pattern_target:
        return target(first_named(t));
      default:
        fail(t, "cannot assign to this expression");
    }
  }
  NodeId target_list(N kind, std::uint32_t t) {
    return list_of(kind, t, [&](std::uint32_t c) { return target(c); });
  }
  /// A node of what `one` makes of each named child.
  template <class One>
  NodeId list_of(N kind, std::uint32_t e, const One& one) {
    std::vector<NodeId> items;
    bool starred = false;
    for (std::uint32_t c = n(e).first; c; c = n(c).next)
      if (n(c).named) {
        items.push_back(one(c));
        starred |= ast_->node_store[items.back()].kind == N::starred;
      }
    return add(kind, e, block(items), 0, 0, starred);
  }

  ExtraId else_block(std::uint32_t s) {
    for (std::uint32_t c = n(s).first; c; c = n(c).next)
      if (n(c).sym == S::else_clause) return suite(field(c, F::body));
    return 0;
  }
  NodeId if_statement(std::uint32_t s) {
    std::vector<std::uint32_t> arms{s};
    ExtraId last = 0;
    std::vector<std::pair<NodeId, ExtraId>> parts;
    parts.emplace_back(expr(field(s, F::condition)), 0);
    parts.back().second = suite(field(s, F::consequence));
    for (std::uint32_t c = n(s).first; c; c = n(c).next) {
      if (n(c).sym == S::elif_clause) {
        const NodeId test = expr(field(c, F::condition));
        parts.emplace_back(test, suite(field(c, F::consequence)));
        arms.push_back(c);
      } else if (n(c).sym == S::else_clause) {
        last = suite(field(c, F::body));
      }
    }
    for (std::size_t i = parts.size(); i-- > 1;) {
      const NodeId inner = add(N::if_, arms[i], parts[i].first, parts[i].second, last);
      last = block({inner});
    }
    return add(N::if_, s, parts[0].first, parts[0].second, last);
  }
  NodeId with_statement(std::uint32_t s) {
    std::vector<std::uint32_t> w{0};
    const std::uint32_t clause = first_named(s);
    for (std::uint32_t c = n(clause).first; c; c = n(c).next) {
      if (n(c).sym != S::with_item) continue;
      std::uint32_t v = field(c, F::value);
      if (n(v).sym == S::as_pattern) {
        w.push_back(expr(first_named(v)));
        w.push_back(target(field(v, F::alias)));
      } else {
        // with (a as b, c): parsed as a tuple of as_patterns in older forms
        if (n(v).sym == S::tuple && has_as_pattern(v)) {
          for (std::uint32_t i = n(v).first; i; i = n(i).next) {
            if (!n(i).named) continue;
            if (n(i).sym == S::as_pattern) {
              w.push_back(expr(first_named(i)));
              w.push_back(target(field(i, F::alias)));
            } else {
              w.push_back(expr(i));
              w.push_back(0);
            }
            ++w[0];
          }
          continue;
        }
        w.push_back(expr(v));
        w.push_back(0);
      }
      ++w[0];
    }
    const ExtraId items = put(w);
    const ExtraId body = suite(field(s, F::body));
    return add(N::with_, s, items, body, 0, has_token(s, S::async_));
  }
  bool has_as_pattern(std::uint32_t t) const {
    for (std::uint32_t c = n(t).first; c; c = n(c).next)
      if (n(c).sym == S::as_pattern) return true;
    return false;
  }
  NodeId try_statement(std::uint32_t s) {
    const ExtraId body = suite(field(s, F::body));
    std::vector<std::uint32_t> handlers{0};
    ExtraId other = 0, final = 0;
    bool group = false;
    for (std::uint32_t c = n(s).first; c; c = n(c).next) {
      if (n(c).sym == S::except_clause || n(c).sym == S::except_group_clause) {
        group |= n(c).sym == S::except_group_clause;
        NodeId type = 0, name = 0;
        std::uint32_t body_node = 0;
        for (std::uint32_t k = n(c).first; k; k = n(k).next) {
          if (!n(k).named) continue;
          if (n(k).sym == S::block) {
            body_node = k;
          } else if (n(k).sym == S::as_pattern) {
            type = expr(first_named(k));
            name = target(field(k, F::alias));
          } else if (!type) {
            type = expr(k);
          } else {
            name = target(k);
          }
        }
        const ExtraId b = suite(body_node);
        handlers.insert(handlers.end(), {type, name, b});
        ++handlers[0];
      } else if (n(c).sym == S::else_clause) {
        other = suite(field(c, F::body));
      } else if (n(c).sym == S::finally_clause) {
        for (std::uint32_t k = n(c).first; k; k = n(k).next)
          if (n(k).sym == S::block) final = suite(k);
        if (!final) final = block({});
      }
    }
    const ExtraId h = put(handlers);
    return add(N::try_, s, body, h, put({other, final}), group);
  }

  // ---- functions and classes
  struct Param {
    std::uint32_t at;
    std::string_view name;
    std::uint32_t default_ = 0, type = 0;
    int kind = 0;  // 0 positional, 1 keyword-only, 2 *args, 3 **kwargs
  };
  std::vector<Param> parameters(std::uint32_t list, std::uint32_t& nposonly) {
    std::vector<Param> out;
    std::unordered_set<std::string_view> seen;
    bool kwonly = false;
    nposonly = 0;
    if (!list) return out;
    for (std::uint32_t c = n(list).first; c; c = n(c).next) {
      if (!n(c).named) continue;
      Param p;
      p.at = c;
      std::uint32_t id = c;
      switch (n(c).sym) {
        case S::positional_separator:
          nposonly = static_cast<std::uint32_t>(out.size());
          continue;
        case S::keyword_separator:
          kwonly = true;
          continue;
        case S::identifier:
          break;
        case S::default_parameter:
          id = field(c, F::name);
          p.default_ = field(c, F::value);
          break;
        case S::typed_parameter:
          id = first_named(c);
          p.type = field(c, F::type);
          break;
        case S::typed_default_parameter:
          id = field(c, F::name);
          p.default_ = field(c, F::value);
          p.type = field(c, F::type);
          break;
        default:
          break;
      }
      if (n(c).sym == S::list_splat_pattern) id = c;
      p.kind = kwonly ? 1 : 0;
      if (n(id).sym == S::list_splat_pattern || n(id).sym == S::list_splat) {
        p.kind = 2;
        kwonly = true;
        id = first_named(id);
      } else if (n(id).sym == S::dictionary_splat_pattern || n(id).sym == S::dictionary_splat) {
        p.kind = 3;
        id = first_named(id);
      }
      if (n(id).sym != S::identifier) fail(c, "this parameter is not Python 3");
      p.name = text(id);
      if (!seen.insert(p.name).second)
        fail(c, "duplicate argument '" + std::string(p.name) + "' in function definition");
      out.push_back(p);
    }
    return out;
  }
  void declare_params(std::uint32_t real, const std::vector<Param>& ps, std::uint32_t nposonly) {
    Scope& s = ast_->scope_store[real];
    s.nposonly = nposonly;
    for (int kind : {0, 1, 2, 3})
      for (const Param& p : ps) {
        if (p.kind != kind) continue;
        const StrId name = ident(p.name);
        auto& info = cur().names[name];
        info.bound = info.param = true;
        info.slot = new_slot(real, name);
        Scope& sc = ast_->scope_store[real];
        if (kind == 0) ++sc.nargs;
        if (kind == 1) ++sc.nkwonly;
        if (kind == 2) sc.varargs = 1;
        if (kind == 3) sc.varkw = 1;
      }
  }
  /// [ndefaults, d..., nkwdefaults, (StrId, d)...] evaluated in the current scope.
  void defaults(const std::vector<Param>& ps, std::vector<std::uint32_t>& w) {
    const std::size_t at = w.size();
    w.push_back(0);
    for (const Param& p : ps)
      if (p.kind == 0 && p.default_) {
        const NodeId d = expr(p.default_);
        w.push_back(d);
        ++w[at];
      } else if (p.kind == 0 && w[at]) {
        fail(p.at, "non-default argument follows default argument");
      }
    const std::size_t at2 = w.size();
    w.push_back(0);
    for (const Param& p : ps)
      if (p.kind == 1 && p.default_) {
        const NodeId d = expr(p.default_);
        w.push_back(ident(p.name));
        w.push_back(d);
        ++w[at2];
      }
  }
  NodeId function(std::uint32_t f, const std::vector<NodeId>& decorators) {
    std::uint32_t nposonly = 0;
    const std::vector<Param> ps = parameters(field(f, F::parameters), nposonly);
    std::vector<std::uint32_t> w{static_cast<std::uint32_t>(decorators.size())};
    w.insert(w.end(), decorators.begin(), decorators.end());
    defaults(ps, w);
    const std::size_t at = w.size();
    w.push_back(0);
    for (const Param& p : ps)
      if (p.type) {
        const NodeId note = annotation(p.type);
        w.push_back(ident(p.name));
        w.push_back(note);
        ++w[at];
      }
    if (const std::uint32_t r = field(f, F::return_type)) {
      const NodeId note = annotation(r);
      w.push_back(str("return"));
      w.push_back(note);
      ++w[at];
    }
    const bool async = has_token(f, S::async_);
    const std::string_view name = text(field(f, F::name));
    const int outer = cur_;
    const std::uint32_t real =
        begin_scope(PScope::function, ScopeKind::function, str(name), n(f).row + 1, outer);
    ast_->scope_store[real].end_line = n(f).end_row + 1;
    ast_->scope_store[real].coroutine = async;
    declare_params(real, ps, nposonly);
    const std::uint32_t body_node = field(f, F::body);
    if (const std::uint32_t first = first_named(body_node)) note_doc(first);
    const ExtraId body = suite(body_node);
    ast_->scope_store[real].body = body;
    cur_ = outer;
    const ExtraId x = put(w);
    const NodeId bound = use(f, ident(name), true);
    return add(N::function_def, f, real, x, bound, async);
  }
  NodeId lambda(std::uint32_t f) {
    std::uint32_t nposonly = 0;
    const std::vector<Param> ps = parameters(field(f, F::parameters), nposonly);
    std::vector<std::uint32_t> w{0};
    defaults(ps, w);
    w.push_back(0);
    const int outer = cur_;
    const std::uint32_t real =
        begin_scope(PScope::function, ScopeKind::lambda, str("<lambda>"), n(f).row + 1, outer);
    declare_params(real, ps, nposonly);
    const NodeId e = expr(field(f, F::body));
    ast_->scope_store[real].body = block({e});
    cur_ = outer;
    return add(N::lambda, f, real, put(w));
  }
  NodeId klass(std::uint32_t f, const std::vector<NodeId>& decorators) {
    const std::uint32_t bases = field(f, F::superclasses);
    NodeId call;
    if (bases)
      call = arguments(f, 0, bases);
    else
      call = add(N::call, f, 0, put({0, 0}));
    const std::string_view name = text(field(f, F::name));
    const int outer = cur_;
    const std::uint32_t real =
        begin_scope(PScope::class_, ScopeKind::class_, str(name), n(f).row + 1, outer);
    ast_->scope_store[real].end_line = n(f).end_row + 1;
    class_names_.emplace_back(name);
    const std::uint32_t body_node = field(f, F::body);
    if (const std::uint32_t first = first_named(body_node)) note_doc(first);
    const ExtraId body = suite(body_node);
    ast_->scope_store[real].body = body;
    class_names_.pop_back();
    cur_ = outer;
    std::vector<std::uint32_t> w{static_cast<std::uint32_t>(decorators.size())};
    w.insert(w.end(), decorators.begin(), decorators.end());
    w.push_back(call);
    const ExtraId x = put(w);
    const NodeId bound = use(f, ident(name), true);
    return add(N::class_def, f, real, x, bound);
  }

  // ---- match
  NodeId match(std::uint32_t s) {
    NodeId subject;
    std::vector<std::uint32_t> subjects;
    bool comma = false;
    for (std::uint32_t c = n(s).first; c; c = n(c).next) {
      if (n(c).field == F::subject) subjects.push_back(c);
      if (n(c).sym == S::comma) comma = true;
    }
    if (subjects.size() == 1 && !comma) {
      subject = expr(subjects[0]);
    } else {
      std::vector<NodeId> items;
      for (std::uint32_t c : subjects) items.push_back(expr(c));
      subject = add(N::tuple, s, block(items));
    }
    std::vector<std::uint32_t> w{0};
    const std::uint32_t body = field(s, F::body);
    for (std::uint32_t c = n(body ? body : s).first; c; c = n(c).next) {
      if (n(c).sym != S::case_clause) continue;
      std::vector<std::uint32_t> patterns;
      bool many = false;
      NodeId guard = 0;
      std::uint32_t block_node = 0;
      for (std::uint32_t k = n(c).first; k; k = n(k).next) {
        if (n(k).sym == S::case_pattern) patterns.push_back(k);
        if (n(k).sym == S::comma) many = true;
        if (n(k).sym == S::block) block_node = k;
      }
      NodeId p;
      if (patterns.size() == 1 && !many) {
        p = pattern(patterns[0]);
      } else {
        std::vector<NodeId> items;
        for (std::uint32_t k : patterns) items.push_back(pattern(k));
        p = add(N::pat_sequence, c, block(items));
      }
      for (std::uint32_t k = n(c).first; k; k = n(k).next)
        if (n(k).sym == S::if_clause) guard = expr(first_named(k));
      const ExtraId b = suite(block_node);
      w.insert(w.end(), {p, guard, b});
      ++w[0];
    }
    return add(N::match_, s, subject, put(w));
  }
  /// `-number`: the grammar gives the sign and the number as two children.
  NodeId negative_pattern(std::uint32_t at, std::uint32_t number) {
    const NodeId e = expr(number);
    return add(N::pat_value, at, add(N::unary, at, e, 0, 0, '-'));
  }
  // Over 100 lines, as it has a case for each kind of pattern; each is short or one call.
  NodeId pattern(std::uint32_t p) {
    switch (n(p).sym) {
      case S::case_pattern: {
        const std::uint32_t first = n(p).first;
        if (!first) return add(N::pat_capture, p, 0);
        // "-" integer, or one child
        if (n(first).sym == S::minus) {
          return negative_pattern(p, n(first).next);
        }
        return pattern(first);
      }
      case S::underscore:
        return add(N::pat_capture, p, 0);
      case S::dotted_name: {
        const std::string name = dotted_text(p);
        if (name == "_") return add(N::pat_capture, p, 0);
        if (name.find('.') == std::string::npos)
          return add(N::pat_capture, p, use(p, ident(name), true));
        return add(N::pat_value, p, dotted_expr(p));
      }
      case S::identifier:
        if (text(p) == "_") return add(N::pat_capture, p, 0);
        return add(N::pat_capture, p, use(p, ident(text(p)), true));
      case S::none:
      case S::true_:
      case S::false_:
        return add(N::pat_singleton, p, expr(p));
      case S::integer:
      case S::float_:
      case S::string:
      case S::concatenated_string:
      case S::unary_operator:
        return add(N::pat_value, p, expr(p));
      case S::complex_pattern: {  // [-] number (+|-) imaginary
        bool negative = false;
        BinOp op = binop(p, "+");
        NodeId value = 0;
        for (std::uint32_t c = n(p).first; c; c = n(c).next) {
          if (n(c).named) {
            NodeId part = expr(c);
            if (negative) part = add(N::unary, c, part, 0, 0, '-');
            negative = false;
            value = value ? add(N::binop, p, value, part, 0, static_cast<std::uint8_t>(op)) : part;
          } else if (value) {
            op = binop(p, text(c));
          } else {
            negative = text(c) == "-";
          }
        }
        return add(N::pat_value, p, value);
      }
      case S::tuple_pattern:
      case S::list_pattern: {
        std::vector<NodeId> items;
        bool comma = false;
        for (std::uint32_t c = n(p).first; c; c = n(c).next) {
          comma |= n(c).sym == S::comma;
          if (n(c).named) items.push_back(pattern(c));
        }
        if (n(p).sym == S::tuple_pattern && items.size() == 1 && !comma) return items[0];
        return add(N::pat_sequence, p, block(items));
      }
      case S::splat_pattern:
      case S::list_splat_pattern: {
        const std::uint32_t id = first_named(p);
        const bool wild = !id || text(id) == "_";
        return add(N::pat_star, p, wild ? 0 : use(id, ident(text(id)), true));
      }
      case S::union_pattern: {
        std::vector<NodeId> items;
        bool negative = false;
        for (std::uint32_t c = n(p).first; c; c = n(c).next) {
          if (n(c).sym == S::minus) {
            negative = true;
          } else if (n(c).named || n(c).sym == S::underscore) {
            items.push_back(negative ? negative_pattern(c, c) : pattern(c));
            negative = false;
          }
        }
        return add(N::pat_or, p, block(items));
      }
      case S::as_pattern: {
        const std::uint32_t inner = first_named(p);
        const NodeId q = pattern(inner);
        const std::uint32_t id = next_named(inner);
        return add(
            N::pat_as, p, q,
            use(id, ident(text(n(id).sym == S::as_pattern_target ? first_named(id) : id)), true));
      }
      case S::dict_pattern: {
        std::vector<std::uint32_t> w{0};
        NodeId rest = 0, key = 0;
        for (std::uint32_t c = n(p).first; c; c = n(c).next) {
          if (n(c).sym == S::splat_pattern) {
            const std::uint32_t id = first_named(c);
            rest = use(id, ident(text(id)), true);
          } else if (n(c).field == F::key) {
            key = n(c).sym == S::dotted_name ? dotted_expr(c) : expr(c);
          } else if (n(c).field == F::value) {
            w.push_back(key);
            w.push_back(pattern(c));
            ++w[0];
          }
        }
        w.push_back(rest);
        return add(N::pat_mapping, p, put(w));
      }
      case S::class_pattern: {
        NodeId cls = 0;
        std::vector<NodeId> pos;
        std::vector<std::uint32_t> kw{0};
        for (std::uint32_t c = n(p).first; c; c = n(c).next) {
          if (n(c).sym == S::dotted_name && !cls) {
            cls = dotted_expr(c);
          } else if (n(c).sym == S::case_pattern) {
            const std::uint32_t inner = n(c).first;
            if (inner && n(inner).sym == S::keyword_pattern) {
              const std::uint32_t id = n(inner).first;
              const std::uint32_t eq = n(id).next;
              const std::uint32_t v = n(eq).next;
              kw.push_back(ident(text(id)));
              kw.push_back(n(v).sym == S::minus ? negative_pattern(v, n(v).next) : pattern(v));
              ++kw[0];
            } else {
              pos.push_back(pattern(c));
            }
          }
        }
        std::vector<std::uint32_t> w{static_cast<std::uint32_t>(pos.size())};
        w.insert(w.end(), pos.begin(), pos.end());
        w.insert(w.end(), kw.begin(), kw.end());
        return add(N::pat_class, p, cls, put(w));
      }
      default:
        fail(p, "this pattern is not supported");
    }
  }
  std::string dotted_text(std::uint32_t d) const {
    std::string s;
    for (char c : text(d))
      if (!std::isspace(static_cast<unsigned char>(c)) && c != '\\') s += c;
    return s;
  }
  NodeId dotted_expr(std::uint32_t d) {
    NodeId e = 0;
    for (std::uint32_t c = n(d).first; c; c = n(c).next) {
      if (n(c).sym != S::identifier) continue;
      e = e ? add(N::attribute, c, e, ident(text(c))) : use(c, ident(text(c)), false);
    }
    return e;
  }

  // ---- expressions
  BinOp binop(std::uint32_t at, std::string_view op) const {
    static const std::pair<std::string_view, BinOp> table[] = {
        {"+", BinOp::add},       {"-", BinOp::sub},     {"*", BinOp::mul},     {"/", BinOp::div},
        {"//", BinOp::floordiv}, {"%", BinOp::mod},     {"**", BinOp::pow},    {"@", BinOp::matmul},
        {"<<", BinOp::lshift},   {">>", BinOp::rshift}, {"&", BinOp::bitand_}, {"|", BinOp::bitor_},
        {"^", BinOp::bitxor}};
    for (const auto& [t, o] : table)
      if (t == op) return o;
    fail(at, "unknown operator");
  }
  NodeId sequence(N kind, std::uint32_t e) {
    return list_of(kind, e, [&](std::uint32_t c) { return item(c); });
  }
  /// One item of a sequence. The grammar reads `*a.b()` outside an argument list as a call of
  /// `(*a).b`: the star is taken from the leftmost operand and put before the whole.
  NodeId item(std::uint32_t e) {
    std::uint32_t left = e;
    while (left && (n(left).sym == S::call || n(left).sym == S::attribute ||
                    n(left).sym == S::subscript || n(left).sym == S::binary_operator))
      left = n(left).first;
    if (!left || left == e || n(left).sym != S::list_splat) return expr(e);
    const std::uint32_t outer = bare_splat_;
    bare_splat_ = left;
    const NodeId inner = expr(e);
    bare_splat_ = outer;
    return add(N::starred, e, inner);
  }
  NodeId expr(std::uint32_t e) {
    if (!e) throw Fail{{1, 1, "invalid syntax"}};
    if (++depth_ > 400) fail(e, "too many nested expressions");
    const NodeId r = expr_(e);
    --depth_;
    return r;
  }
  // Over 100 lines, as it has a case for each kind of expression; each is short or one call.
  NodeId expr_(std::uint32_t e) {
    switch (n(e).sym) {
      case S::identifier:
        return use(e, ident(text(e)), false);
      case S::integer:
        return integer(e);
      case S::float_: {
        std::string t;
        for (char c : text(e))
          if (c != '_') t += c;
        if (!t.empty() && (t.back() == 'j' || t.back() == 'J')) {
          t.pop_back();
          return add(N::const_complex, e, str(t));
        }
        const auto bits = std::bit_cast<std::uint64_t>(std::strtod(t.c_str(), nullptr));
        return add(N::const_float, e, 0, static_cast<std::uint32_t>(bits),
                   static_cast<std::uint32_t>(bits >> 32));
      }
      case S::string:
      case S::concatenated_string:
        return string(e);
      case S::true_:
        return add(N::const_true, e);
      case S::false_:
        return add(N::const_false, e);
      case S::none:
        return add(N::const_none, e);
      case S::ellipsis:
        return add(N::const_ellipsis, e);
      case S::parenthesized_expression: {
        const std::uint32_t inner = first_named(e);
        return expr(inner);
      }
      case S::type:
      case S::parenthesized_list_splat:
        return expr(first_named(e));
      case S::unary_operator: {
        const char op = text(field(e, F::operator_))[0];
        const std::uint32_t arg = field(e, F::argument);
        const NodeId v = expr(arg);
        return add(N::unary, e, v, 0, 0, static_cast<std::uint8_t>(op));
      }
      case S::not_operator:
        return add(N::not_, e, expr(field(e, F::argument)));
      case S::boolean_operator: {
        const bool is_and = text(field(e, F::operator_)) == "and";
        const NodeId a = expr(field(e, F::left));
        const NodeId b = expr(field(e, F::right));
        return add(is_and ? N::and_ : N::or_, e, a, b);
      }
      case S::binary_operator: {
        // left-leaning chains ("a" + "b" + ...) are unrolled, so that their depth is no recursion
        std::vector<std::uint32_t> chain;
        std::uint32_t left = e;
        while (n(left).sym == S::binary_operator) {
          chain.push_back(left);
          left = field(left, F::left);
        }
        NodeId a = expr(left);
        for (std::size_t i = chain.size(); i-- > 0;) {
          const BinOp op = binop(e, text(field(chain[i], F::operator_)));
          const NodeId b = expr(field(chain[i], F::right));
          a = add(N::binop, chain[i], a, b, 0, static_cast<std::uint8_t>(op));
        }
        return a;
      }
      case S::comparison_operator:
        return comparison(e);
      case S::attribute: {
        const NodeId o = expr(field(e, F::object));
        return add(N::attribute, e, o, ident(text(field(e, F::attribute))));
      }
      case S::subscript: {
        const NodeId o = expr(field(e, F::value));
        std::vector<std::uint32_t> keys;
        bool comma = false;
        for (std::uint32_t c = n(e).first; c; c = n(c).next) {
          if (n(c).field == F::subscript) keys.push_back(c);
          if (n(c).sym == S::comma) comma = true;
        }
        NodeId k;
        if (keys.size() == 1 && !comma && n(keys[0]).sym != S::list_splat) {
          k = expr(keys[0]);
        } else {
          std::vector<NodeId> items;
          bool starred = false;
          for (std::uint32_t c : keys) {
            items.push_back(item(c));
            starred |= ast_->node_store[items.back()].kind == N::starred;
          }
          k = add(N::tuple, e, block(items), 0, 0, starred);
        }
        return add(N::subscript, e, o, k);
      }
      case S::slice: {
        NodeId part[3] = {0, 0, 0};
        int at = 0;
        for (std::uint32_t c = n(e).first; c; c = n(c).next) {
          if (n(c).sym == S::colon)
            ++at;
          else if (n(c).named && at < 3)
            part[at] = expr(c);
        }
        return add(N::slice, e, part[0], part[1], part[2]);
      }
      case S::call: {
        const NodeId f = expr(field(e, F::function));
        return arguments(e, f, field(e, F::arguments));
      }
      case S::tuple:
      case S::expression_list:
      case S::pattern_list:
        return sequence(N::tuple, e);
      case S::list:
        return sequence(N::list, e);
      case S::set:
        return sequence(N::set, e);
      case S::dictionary: {
        std::vector<std::uint32_t> w{0};
        for (std::uint32_t c = n(e).first; c; c = n(c).next) {
          if (n(c).sym == S::pair) {
            const NodeId k = expr(field(c, F::key));
            const NodeId v = expr(field(c, F::value));
            w.push_back(k);
            w.push_back(v);
            ++w[0];
          } else if (n(c).sym == S::dictionary_splat) {
            const NodeId v = expr(first_named(c));
            w.push_back(0);
            w.push_back(v);
            ++w[0];
          }
        }
        return add(N::dict, e, put(w));
      }
      case S::list_splat: {
        const NodeId inner = expr(first_named(e));
        return e == bare_splat_ ? inner : add(N::starred, e, inner);
      }
      case S::conditional_expression: {
        std::uint32_t parts[3] = {0, 0, 0};
        int k = 0;
        for (std::uint32_t c = n(e).first; c && k < 3; c = n(c).next)
          if (n(c).named) parts[k++] = c;
        const NodeId test = expr(parts[1]);
        const NodeId then = expr(parts[0]);
        const NodeId other = expr(parts[2]);
        return add(N::if_exp, e, test, then, other);
      }
      case S::lambda:
        return lambda(e);
      case S::list_comprehension:
        return comprehension(e, N::list_comp);
      case S::set_comprehension:
        return comprehension(e, N::set_comp);
      case S::dictionary_comprehension:
        return comprehension(e, N::dict_comp);
      case S::generator_expression:
        return genexp(e);
      case S::await:
        return add(N::await_, e, expr(first_named(e)));
      case S::yield: {
        mark_generator(e);
        const std::uint32_t v = first_named(e);
        if (has_token(e, S::from_)) return add(N::yield_from, e, expr(v));
        return add(N::yield_, e, v ? expr(v) : 0);
      }
      case S::named_expression: {
        const NodeId v = expr(field(e, F::value));
        const StrId name = ident(text(field(e, F::name)));
        int owner = cur_;
        while (scopes_[static_cast<std::size_t>(owner)].kind == PScope::comp ||
               ast_->scope_store[scopes_[static_cast<std::size_t>(owner)].real].kind ==
                   ScopeKind::genexp)
          owner = scopes_[static_cast<std::size_t>(owner)].parent;
        bind(name, owner);
        const NodeId t = add(N::name, e, name);
        uses_.push_back({t, name, cur_});
        return add(N::named_expr, e, t, v);
      }
      case S::generic_type: {  // in annotations: name[params]
        const std::uint32_t base = first_named(e);
        const NodeId o = expr(base);
        std::vector<NodeId> items;
        const std::uint32_t params = next_named(base);
        for (std::uint32_t c = n(params).first; c; c = n(c).next)
          if (n(c).named) items.push_back(expr(c));
        const NodeId k = items.size() == 1 ? items[0] : add(N::tuple, e, block(items));
        return add(N::subscript, e, o, k);
      }
      case S::union_type: {
        const std::uint32_t a = first_named(e);
        const NodeId l = expr(a);
        const NodeId r = expr(next_named(a));
        return add(N::binop, e, l, r, 0, static_cast<std::uint8_t>(BinOp::bitor_));
      }
      case S::constrained_type: {  // in annotations: a slice inside a generic's brackets
        const std::uint32_t a = first_named(e);
        const NodeId l = expr(a);
        const NodeId r = expr(next_named(a));
        return add(N::slice, e, l, r, 0);
      }
      case S::member_type: {
        const std::uint32_t a = first_named(e);
        const NodeId o = expr(a);
        return add(N::attribute, e, o, ident(text(next_named(a))));
      }
      default:
        fail(e, "invalid syntax");
    }
  }
  void mark_generator(std::uint32_t e) {
    Scope& s = ast_->scope_store[cur().real];
    if (s.kind == ScopeKind::module || s.kind == ScopeKind::class_)
      fail(e, "'yield' outside function");
    s.generator = 1;
  }
  NodeId integer(std::uint32_t e) {
    std::string t;
    for (char c : text(e))
      if (c != '_') t += c;
    if (!t.empty() && (t.back() == 'j' || t.back() == 'J')) {
      t.pop_back();
      return add(N::const_complex, e, str(t));
    }
    int base = 10;
    std::string_view digits = t;
    if (t.size() > 2 && t[0] == '0') {
      const char p = static_cast<char>(t[1] | 32);
      if (p == 'x') base = 16;
      if (p == 'o') base = 8;
      if (p == 'b') base = 2;
      if (base != 10) digits.remove_prefix(2);
    }
    std::int64_t value = 0;
    const auto [ptr, ec] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (ec == std::errc() && ptr == digits.data() + digits.size()) {
      const auto bits = static_cast<std::uint64_t>(value);
      return add(N::const_int, e, 0, static_cast<std::uint32_t>(bits),
                 static_cast<std::uint32_t>(bits >> 32));
    }
    if (ec != std::errc::result_out_of_range) fail(e, "invalid number");
    return add(N::const_int, e, str(t), 0, 0, 1);
  }
  NodeId comparison(std::uint32_t e) {
    std::vector<NodeId> operands;
    std::vector<CmpOp> ops;
    for (std::uint32_t c = n(e).first; c; c = n(c).next) {
      if (n(c).field == F::operators) {
        switch (n(c).sym) {
          case S::lt:
            ops.push_back(CmpOp::lt);
            break;
          case S::le:
            ops.push_back(CmpOp::le);
            break;
          case S::gt:
            ops.push_back(CmpOp::gt);
            break;
          case S::ge:
            ops.push_back(CmpOp::ge);
            break;
          case S::eq:
            ops.push_back(CmpOp::eq);
            break;
          case S::ne:
            ops.push_back(CmpOp::ne);
            break;
          case S::in_:
            ops.push_back(CmpOp::in);
            break;
          case S::not_in:
            ops.push_back(CmpOp::not_in);
            break;
          case S::is_:
            ops.push_back(CmpOp::is);
            break;
          case S::is_not:
            ops.push_back(CmpOp::is_not);
            break;
          default:
            fail(c, "invalid comparison");
        }
      } else if (n(c).named) {
        operands.push_back(expr(c));
      }
    }
    if (ops.size() == 1)
      return add(N::compare, e, operands[0], operands[1], 0, static_cast<std::uint8_t>(ops[0]));
    std::vector<std::uint32_t> w{static_cast<std::uint32_t>(ops.size())};
    for (std::size_t i = 0; i < ops.size(); ++i) {
      w.push_back(static_cast<std::uint32_t>(ops[i]));
      w.push_back(operands[i + 1]);
    }
    return add(N::compare_chain, e, operands[0], put(w));
  }
  NodeId arguments(std::uint32_t at, NodeId f, std::uint32_t list) {
    std::vector<NodeId> pos;
    std::vector<std::uint32_t> kw;
    std::uint32_t nkw = 0;
    bool star = false;
    if (n(list).sym == S::generator_expression) {
      pos.push_back(genexp(list));
    } else {
      for (std::uint32_t c = n(list).first; c; c = n(c).next) {
        if (!n(c).named) continue;
        if (n(c).sym == S::keyword_argument) {
          kw.push_back(ident(text(field(c, F::name))));
          kw.push_back(expr(field(c, F::value)));
          ++nkw;
        } else if (n(c).sym == S::dictionary_splat) {
          kw.push_back(~0u);
          kw.push_back(expr(first_named(c)));
          ++nkw;
          star = true;
        } else {
          if (nkw && n(c).sym != S::list_splat) {
            for (std::size_t i = 0; i < kw.size(); i += 2)
              if (kw[i] != ~0u) fail(c, "positional argument follows keyword argument");
          }
          pos.push_back(expr(c));
          star |= n(c).sym == S::list_splat;
        }
      }
    }
    std::vector<std::uint32_t> w{static_cast<std::uint32_t>(pos.size()), nkw};
    w.insert(w.end(), pos.begin(), pos.end());
    w.insert(w.end(), kw.begin(), kw.end());
    return add(N::call, at, f, put(w), 0, star);
  }

  // ---- comprehensions
  struct Clause {
    NodeId target, iterable;
    std::uint32_t async;
    std::vector<NodeId> ifs;
  };
  std::vector<Clause> clauses(std::uint32_t e, NodeId first_iterable) {
    std::vector<Clause> out;
    for (std::uint32_t c = n(e).first; c; c = n(c).next) {
      if (n(c).sym == S::for_in_clause) {
        Clause k;
        k.async = has_token(c, S::async_);
        k.iterable = out.empty() ? first_iterable : comp_iterable(c);
        k.target = target(field(c, F::left));
        out.push_back(std::move(k));
      } else if (n(c).sym == S::if_clause && !out.empty()) {
        out.back().ifs.push_back(expr(first_named(c)));
      }
    }
    return out;
  }
  NodeId comp_iterable(std::uint32_t clause) {
    std::vector<std::uint32_t> rights;
    bool comma = false, after = false;
    for (std::uint32_t c = n(clause).first; c; c = n(c).next) {
      if (n(c).sym == S::in_) after = true;
      if (after && n(c).sym == S::comma) comma = true;
      if (n(c).field == F::right && n(c).named) rights.push_back(c);
    }
    if (rights.size() == 1 && !comma) return expr(rights[0]);
    std::vector<NodeId> items;
    for (std::uint32_t r : rights) items.push_back(expr(r));
    return add(N::tuple, clause, block(items));
  }
  std::uint32_t first_clause(std::uint32_t e) const {
    for (std::uint32_t c = n(e).first; c; c = n(c).next)
      if (n(c).sym == S::for_in_clause) return c;
    return 0;
  }
  void put_clauses(const std::vector<Clause>& cs, std::vector<std::uint32_t>& w) {
    w.push_back(static_cast<std::uint32_t>(cs.size()));
    for (const Clause& c : cs) {
      w.insert(w.end(), {c.target, c.iterable, c.async, static_cast<std::uint32_t>(c.ifs.size())});
      w.insert(w.end(), c.ifs.begin(), c.ifs.end());
    }
  }
  NodeId comprehension(std::uint32_t e, N kind) {
    const NodeId first = comp_iterable(first_clause(e));
    const int outer = cur_;
    PScope p;
    p.kind = PScope::comp;
    p.parent = outer;
    p.real = cur().real;
    scopes_.push_back(std::move(p));
    const int mine = static_cast<int>(scopes_.size()) - 1;
    cur_ = mine;
    const std::vector<Clause> cs = clauses(e, first);
    const std::uint32_t body = field(e, F::body);
    NodeId element, value = 0;
    if (kind == N::dict_comp) {
      element = expr(field(body, F::key));
      value = expr(field(body, F::value));
    } else {
      element = expr(body);
    }
    cur_ = outer;
    const NodeId id = add(kind, e, 0);
    comps_.push_back({id, mine, element, value, {}});
    put_clauses(cs, comps_.back().clauses);
    return id;
  }
  NodeId genexp(std::uint32_t e) {
    const NodeId first = comp_iterable(first_clause(e));
    const int outer = cur_;
    const std::uint32_t real =
        begin_scope(PScope::function, ScopeKind::genexp, str("<genexpr>"), n(e).row + 1, outer);
    ast_->scope_store[real].generator = 1;
    ast_->scope_store[real].nargs = 1;
    const StrId dot = str(".0");
    auto& info = cur().names[dot];
    info.bound = info.param = true;
    info.slot = new_slot(real, dot);
    const NodeId it = add(N::name, e, dot);
    uses_.push_back({it, dot, cur_});
    const std::vector<Clause> cs = clauses(e, it);
    const NodeId element = expr(field(e, F::body));
    cur_ = outer;
    std::vector<std::uint32_t> w{element, 0, 0};
    put_clauses(cs, w);
    const NodeId inner = add(N::list_comp, e, put(w), 0, 0, 1);  // op 1: yields each element
    ast_->scope_store[real].body = block({inner});
    return add(N::gen_exp, e, real, first);
  }

  // ---- strings
  static void append_utf8(std::string& out, std::uint32_t cp) {
    if (cp < 0x80) {
      out += static_cast<char>(cp);
    } else if (cp < 0x800) {
      out += static_cast<char>(0xC0 | (cp >> 6));
      out += static_cast<char>(0x80 | (cp & 63));
    } else if (cp < 0x10000) {
      out += static_cast<char>(0xE0 | (cp >> 12));
      out += static_cast<char>(0x80 | ((cp >> 6) & 63));
      out += static_cast<char>(0x80 | (cp & 63));
    } else {
      out += static_cast<char>(0xF0 | (cp >> 18));
      out += static_cast<char>(0x80 | ((cp >> 12) & 63));
      out += static_cast<char>(0x80 | ((cp >> 6) & 63));
      out += static_cast<char>(0x80 | (cp & 63));
    }
  }
  // Over 100 lines, as it has a case for each escape of a string.
  void unescape(std::string_view s, bool raw, bool is_bytes, bool is_f, std::string& out) const {
    for (std::size_t i = 0; i < s.size(); ++i) {
      const char c = s[i];
      if (is_f && (c == '{' || c == '}') && i + 1 < s.size() && s[i + 1] == c) {
        out += c;
        ++i;
        continue;
      }
      if (c == '\r') {
        out += '\n';
        if (i + 1 < s.size() && s[i + 1] == '\n') ++i;
        continue;
      }
      if (c != '\\' || raw || i + 1 >= s.size()) {
        out += c;
        continue;
      }
      const char d = s[++i];
      auto hex = [&](int digits) {
        std::uint32_t v = 0;
        while (digits-- > 0 && i + 1 < s.size() &&
               std::isxdigit(static_cast<unsigned char>(s[i + 1]))) {
          const char h = s[++i];
          v = v * 16 + static_cast<std::uint32_t>(h <= '9' ? h - '0' : (h | 32) - 'a' + 10);
        }
        return v;
      };
      switch (d) {
        case '\n':
          break;
        case '\\':
          out += '\\';
          break;
        case '\'':
          out += '\'';
          break;
        case '"':
          out += '"';
          break;
        case 'a':
          out += '\a';
          break;
        case 'b':
          out += '\b';
          break;
        case 'f':
          out += '\f';
          break;
        case 'n':
          out += '\n';
          break;
        case 'r':
          out += '\r';
          break;
        case 't':
          out += '\t';
          break;
        case 'v':
          out += '\v';
          break;
        case 'x': {
          const std::uint32_t v = hex(2);
          if (is_bytes)
            out += static_cast<char>(v);
          else
            append_utf8(out, v);
          break;
        }
        case 'u':
          if (is_bytes)
            out += "\\u";
          else
            append_utf8(out, hex(4));
          break;
        case 'N': {
          const auto close = s.find('}', i);
          const std::uint32_t v =
              is_bytes || i + 1 >= s.size() || s[i + 1] != '{' || close == std::string_view::npos
                  ? 0
                  : named_character(std::string(s.substr(i + 2, close - i - 2)));
          if (v) {
            append_utf8(out, v);
            i = close;
          } else {
            out += "\\N";
          }
          break;
        }
        case 'U':
          if (is_bytes)
            out += "\\U";
          else
            append_utf8(out, hex(8));
          break;
        default:
          if (d >= '0' && d <= '7') {
            std::uint32_t v = static_cast<std::uint32_t>(d - '0');
            for (int k = 0; k < 2 && i + 1 < s.size() && s[i + 1] >= '0' && s[i + 1] <= '7'; ++k)
              v = v * 8 + static_cast<std::uint32_t>(s[++i] - '0');
            if (is_bytes)
              out += static_cast<char>(v);
            else
              append_utf8(out, v);
          } else {
            out += '\\';
            out += d;
          }
      }
    }
  }
  struct Prefix {
    bool raw = false, bytes = false, f = false;
  };
  Prefix prefix(std::uint32_t s) const {
    Prefix p;
    const std::uint32_t start = n(s).first;
    if (start)
      for (char c : text(start)) {
        if (c == 'r' || c == 'R') p.raw = true;
        if (c == 'b' || c == 'B') p.bytes = true;
        if (c == 'f' || c == 'F') p.f = true;
      }
    return p;
  }
  void decode_simple(std::uint32_t s, std::string& out, bool& is_bytes, bool& is_f) const {
    const Prefix p = prefix(s);
    is_bytes = p.bytes;
    is_f = p.f;
    for (std::uint32_t c = n(s).first; c; c = n(c).next)
      if (n(c).sym == S::string_content) unescape(text(c), p.raw, p.bytes, false, out);
  }
  NodeId string(std::uint32_t e) {
    std::vector<std::uint32_t> pieces;
    if (n(e).sym == S::concatenated_string) {
      for (std::uint32_t c = n(e).first; c; c = n(c).next)
        if (n(c).sym == S::string) pieces.push_back(c);
    } else {
      pieces.push_back(e);
    }
    std::string plain;
    std::vector<NodeId> parts;
    bool is_bytes = false, is_f = false;
    for (std::uint32_t s : pieces) {
      const Prefix p = prefix(s);
      is_bytes |= p.bytes;
      is_f |= p.f;
      for (std::uint32_t c = n(s).first; c; c = n(c).next) {
        if (n(c).sym == S::string_content) {
          unescape(text(c), p.raw, p.bytes, p.f, plain);
        } else if (n(c).sym == S::interpolation && p.f) {
          interpolation(c, plain, parts, p.raw);
        }
      }
    }
    if (!is_f) return add(is_bytes ? N::const_bytes : N::const_str, e, str(plain));
    if (!plain.empty() || parts.empty()) {
      if (parts.empty()) return add(N::const_str, e, str(plain));
      parts.push_back(add(N::const_str, e, str(plain)));
    }
    return add(N::joined_str, e, block(parts));
  }
  void interpolation(std::uint32_t c, std::string& plain, std::vector<NodeId>& parts, bool raw) {
    std::uint32_t e = field(c, F::expression);
    if (!e) fail(c, "f-string: empty expression not allowed");
    std::uint8_t conversion = 0;
    NodeId spec = 0;
    bool debug = false;
    std::uint32_t debug_end = 0;
    for (std::uint32_t k = n(c).first; k; k = n(k).next) {
      if (n(k).sym == S::type_conversion) conversion = static_cast<std::uint8_t>(text(k)[1]);
      if (n(k).sym == S::equal && k != e && n(k).start >= n(e).end) {
        debug = true;
        debug_end = n(k).end;
      }
    }
    if (debug) {
      // {expr=}: the text up to and with '=', and spaces after it
      std::uint32_t end = debug_end;
      while (end < text_.size() && text_[end] == ' ') ++end;
      plain += text_.substr(n(c).start + 1, end - n(c).start - 1);
    }
    if (!plain.empty()) {
      parts.push_back(add(N::const_str, c, str(plain)));
      plain.clear();
    }
    const NodeId v = expr(e);
    for (std::uint32_t k = n(c).first; k; k = n(k).next)
      if (n(k).sym == S::format_specifier) spec = format_spec(k, raw);
    if (debug && !conversion && !spec) conversion = 'r';
    parts.push_back(add(N::formatted, c, v, spec, 0, conversion));
  }
  NodeId format_spec(std::uint32_t s, bool raw) {
    std::string plain;
    std::vector<NodeId> parts;
    std::uint32_t at = n(s).start + 1;  // after ':'
    for (std::uint32_t k = n(s).first; k; k = n(k).next) {
      if (n(k).sym != S::format_expression && n(k).sym != S::interpolation) continue;
      unescape(text_.substr(at, n(k).start - at), raw, false, true, plain);
      interpolation(k, plain, parts, raw);
      at = n(k).end;
    }
    unescape(text_.substr(at, n(s).end - at), raw, false, true, plain);
    if (!plain.empty() || parts.empty()) parts.push_back(add(N::const_str, s, str(plain)));
    return add(N::joined_str, s, block(parts));
  }

  // ---- name resolution
  struct Found {
    int owner = -1;
    bool global = true;
  };
  Found lookup(int scope, StrId name) {
    PScope* p = &scopes_[static_cast<std::size_t>(scope)];
    bool nonlocal = false;
    auto it = p->names.find(name);
    if (it != p->names.end()) {
      if (it->second.global) return {};
      nonlocal = it->second.nonlocal;
      if (it->second.bound && !nonlocal) {
        if (p->kind == PScope::module) return {};
        return {scope, false};
      }
    }
    const bool is_class_name = name == class_name_;
    for (int s = p->parent; s >= 0; s = scopes_[static_cast<std::size_t>(s)].parent) {
      PScope& q = scopes_[static_cast<std::size_t>(s)];
      if (q.kind == PScope::module) return {};
      if (q.kind == PScope::class_) {
        if (is_class_name) {
          auto& info = q.names[name];
          info.bound = info.cell = true;
          return {s, false};
        }
        continue;
      }
      auto f = q.names.find(name);
      if (f == q.names.end()) continue;
      if (f->second.global) return {};
      if (f->second.bound && !f->second.nonlocal) return {s, false};
    }
    return {};
  }
  int slot_of(int owner, StrId name) {
    PScope& p = scopes_[static_cast<std::size_t>(owner)];
    auto& info = p.names[name];
    if (info.slot < 0) info.slot = new_slot(p.real, name);
    return info.slot;
  }
  std::uint32_t free_of(std::uint32_t real, int owner, StrId name) {
    for (std::size_t i = 0; i < reals_[real].frees.size(); ++i)
      if (reals_[real].frees[i].name == name && reals_[real].frees[i].owner == owner)
        return static_cast<std::uint32_t>(i);
    const auto parent = static_cast<std::uint32_t>(reals_[real].parent);
    std::uint32_t ref;
    if (parent == scopes_[static_cast<std::size_t>(owner)].real)
      ref = static_cast<std::uint32_t>(slot_of(owner, name));
    else
      ref = ~free_of(parent, owner, name);
    reals_[real].frees.push_back({name, owner, ref});
    return static_cast<std::uint32_t>(reals_[real].frees.size() - 1);
  }

  /// Scopes whose functions use `__class__`, as super() does.
  void place_class_cells() {
    class_name_ = str("__class__");
    for (int s : class_uses_) {
      const Found f = lookup(s, class_name_);
      if (f.global) continue;
      Scope& sc = ast_->scope_store[scopes_[static_cast<std::size_t>(s)].real];
      if (sc.uses_class) continue;
      sc.uses_class = 1;
      sc.class_free = free_of(scopes_[static_cast<std::size_t>(s)].real, f.owner, class_name_);
    }
  }

  struct Local {
    NodeId node;
    int owner;
    StrId name;
  };

  /// Says of each use of a name where it is found; gives those of a frame's own slots, of which
  /// some become cells by a later use.
  std::vector<Local> place_uses() {
    std::vector<Local> locals;
    for (const Use& u : uses_) {
      Node& node = ast_->node_store[u.node];
      const PScope& p = scopes_[static_cast<std::size_t>(u.scope)];
      const Found f = lookup(u.scope, u.name);
      if (p.kind == PScope::class_) {
        auto it = p.names.find(u.name);
        if (it != p.names.end() && it->second.global) {
          node.op = static_cast<std::uint8_t>(Where::global);
        } else if (it != p.names.end() && it->second.nonlocal && !f.global) {
          scopes_[static_cast<std::size_t>(f.owner)].names[u.name].cell = true;
          node.op = static_cast<std::uint8_t>(Where::free_);
          node.b = free_of(p.real, f.owner, u.name);
        } else {
          node.op = static_cast<std::uint8_t>(Where::dynamic);
          if (!f.global && f.owner != u.scope) {
            scopes_[static_cast<std::size_t>(f.owner)].names[u.name].cell = true;
            node.b = free_of(p.real, f.owner, u.name) + 1;
          }
        }
        continue;
      }
      if (f.global) {
        node.op = static_cast<std::uint8_t>(Where::global);
        continue;
      }
      PScope& q = scopes_[static_cast<std::size_t>(f.owner)];
      if (q.real == p.real) {
        node.b = static_cast<std::uint32_t>(slot_of(f.owner, u.name));
        locals.push_back({u.node, f.owner, u.name});
      } else {
        q.names[u.name].cell = true;
        slot_of(f.owner, u.name);
        node.op = static_cast<std::uint8_t>(Where::free_);
        node.b = free_of(p.real, f.owner, u.name);
      }
    }
    return locals;
  }

  void place_locals(const std::vector<Local>& locals) {
    for (const Local& l : locals) {
      const bool cell = scopes_[static_cast<std::size_t>(l.owner)].names[l.name].cell;
      ast_->node_store[l.node].op = static_cast<std::uint8_t>(cell ? Where::cell : Where::local);
    }
  }

  /// The slots that each entry of a comprehension clears, and which of them are fresh cells.
  void place_comprehensions() {
    for (const Comp& c : comps_) {
      std::vector<std::uint32_t> w{c.element, c.value, 0};
      for (auto& [name, info] : scopes_[static_cast<std::size_t>(c.scope)].names) {
        if (info.slot < 0) continue;
        w.push_back(static_cast<std::uint32_t>(info.slot));
        w.push_back(info.cell);
        ++w[2];
      }
      w.insert(w.end(), c.clauses.begin(), c.clauses.end());
      ast_->node_store[c.node].a = put(w);
    }
  }

  /// Cells of each frame, made at entry (those of comprehensions are made at their entry).
  void place_cells() {
    for (std::size_t s = 0; s < scopes_.size(); ++s) {
      PScope& p = scopes_[s];
      if (p.kind == PScope::comp) continue;
      for (auto& [name, info] : p.names)
        if (info.cell && info.slot >= 0) {
          if (p.kind == PScope::class_) {
            if (name == class_name_) {
              ast_->scope_store[p.real].has_class_cell = 1;
              ast_->scope_store[p.real].class_free = static_cast<std::uint32_t>(info.slot);
            }
            if (name != class_name_) continue;
          }
          reals_[p.real].cell_slots.push_back(static_cast<std::uint32_t>(info.slot));
        }
    }
  }

  /// Writes what each frame has into the tree.
  void write_frames() {
    for (std::size_t r = 0; r < reals_.size(); ++r) {
      Real& real = reals_[r];
      std::vector<std::uint32_t> w{static_cast<std::uint32_t>(real.cell_slots.size())};
      w.insert(w.end(), real.cell_slots.begin(), real.cell_slots.end());
      const ExtraId cells = put(w);
      w.assign(1, static_cast<std::uint32_t>(real.frees.size()));
      for (const auto& f : real.frees) w.push_back(f.ref);
      for (const auto& f : real.frees) w.push_back(f.name);
      const ExtraId frees = put(w);
      const ExtraId names = put(real.slots);
      Scope& s = ast_->scope_store[r];
      s.cells = cells;
      s.frees = frees;
      s.slot_names = names;
      s.nslots = static_cast<std::uint32_t>(real.slots.size());
    }
  }

  std::unique_ptr<Ast> finish() {
    place_class_cells();
    place_locals(place_uses());
    place_comprehensions();
    place_cells();
    write_frames();
    return sealed(*ast_);
  }

  struct Comp {
    NodeId node;
    int scope;
    NodeId element, value;
    std::vector<std::uint32_t> clauses;
  };

  std::string_view text_;
  const Cst& cst_;
  std::unique_ptr<Growing> ast_;
  std::unordered_map<std::string, StrId> strs_;
  std::vector<PScope> scopes_;
  std::vector<Real> reals_;
  std::vector<Use> uses_;
  std::vector<Comp> comps_;
  std::vector<int> class_uses_;
  std::vector<std::string> class_names_;
  std::vector<StrId> bound_, changed_;
  std::unordered_set<StrId> imported_;
  StrId class_name_ = ~0u;
  int cur_ = -1;
  std::uint32_t statement_at_ = 1;  // the innermost one that was begun
  Indent indent_;
  int depth_ = 0;
  std::uint32_t bare_splat_ = 0;  // a list_splat whose star was put elsewhere
};

template <class Make>
std::unique_ptr<Ast> convert(std::string_view text, SyntaxError& error, Make make) {
  if (text.size() > (1u << 28)) {
    error = {1, 1, "the file is larger than 256 MiB"};
    return nullptr;
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const Cst cst = walk(text);
  if (cst.error) {
    error = {cst.error_line, cst.error_column, "invalid syntax"};
    return nullptr;
  }
  try {
    Converter c(text, cst);
    return make(c);
  } catch (const Fail& f) {
    error = f.error;
    return nullptr;
  }
}

constexpr std::uint64_t kMagic = 0x6b6465784153000a;  // "kdexAS", version

/// What stands before the arrays, which follow in this order and without gaps.
struct Header {
  std::uint64_t magic = kMagic, sum = 0;  // of all bytes after these two
  std::uint32_t nodes = 0, extras = 0, scopes = 0, tops = 0, offsets = 0, text = 0;
  std::uint32_t future_annotations = 0, pad = 0;
};
constexpr std::size_t kSummed = offsetof(Header, nodes);

std::uint64_t checksum(std::string_view s) { return hash64(s, 0); }

std::unique_ptr<Ast> sealed(const Growing& g) {
  Header h;
  auto count = [](std::size_t n) { return static_cast<std::uint32_t>(n); };
  h.nodes = count(g.node_store.size());
  h.extras = count(g.extra_store.size());
  h.scopes = count(g.scope_store.size());
  h.tops = count(g.top_store.size());
  h.offsets = count(g.str_offset.size());
  h.text = count(g.text_store.size());
  h.future_annotations = g.future_annotations;
  auto bytes = std::make_shared<std::string>();
  bytes->reserve(sizeof h + g.node_store.size() * sizeof(Node) + g.extra_store.size() * 4 +
                 g.scope_store.size() * sizeof(Scope) + g.top_store.size() * sizeof(TopLevel) +
                 g.str_offset.size() * 4 + g.text_store.size());
  bytes->append(reinterpret_cast<const char*>(&h), sizeof h);
  auto put = [&](const auto& rows) {
    bytes->append(reinterpret_cast<const char*>(rows.data()), rows.size() * sizeof(rows[0]));
  };
  put(g.node_store);
  put(g.extra_store);
  put(g.scope_store);
  put(g.top_store);
  put(g.str_offset);
  put(g.text_store);
  h.sum = checksum(std::string_view(*bytes).substr(kSummed));
  std::memcpy(bytes->data(), &h, sizeof h);
  const std::string_view all = *bytes;
  return view(all, std::move(bytes));
}

}  // namespace

std::unique_ptr<Ast> parse(std::string_view text, SyntaxError& error) {
  return convert(text, error, [](Converter& c) { return c.module(1); });
}

std::unique_ptr<Ast> parse_expression(std::string_view text, SyntaxError& error) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    error = {1, 1, "an empty expression"};
    return nullptr;
  }
  const std::string wrapped = "(" + std::string(text) + "\n)";
  return convert(wrapped, error, [](Converter& c) { return c.expression_only(1); });
}

std::unique_ptr<Ast> view(std::string_view bytes, std::shared_ptr<const void> owner) {
  Header h;
  if (bytes.size() < sizeof h) return nullptr;
  std::memcpy(&h, bytes.data(), sizeof h);
  const std::uint64_t size = sizeof h + std::uint64_t{h.nodes} * sizeof(Node) +
                             std::uint64_t{h.extras} * 4 + std::uint64_t{h.scopes} * sizeof(Scope) +
                             std::uint64_t{h.tops} * sizeof(TopLevel) +
                             std::uint64_t{h.offsets} * 4 + h.text;
  if (h.magic != kMagic || size != bytes.size() || h.sum != checksum(bytes.substr(kSummed)))
    return nullptr;
  auto a = std::make_unique<Ast>();
  const char* at = bytes.data() + sizeof h;
  auto take = [&](auto& rows, std::size_t n) {
    using Row = typename std::remove_reference_t<decltype(rows)>::element_type;
    rows = {reinterpret_cast<Row*>(at), n};
    at += n * sizeof(Row);
  };
  take(a->node_store, h.nodes);
  take(a->extra_store, h.extras);
  take(a->scope_store, h.scopes);
  take(a->top_store, h.tops);
  take(a->str_offset, h.offsets);
  a->text_store = {at, h.text};
  a->future_annotations = h.future_annotations != 0;
  a->bytes = bytes;
  a->owner = std::move(owner);
  return a;
}

std::optional<SyntaxError> check_python(std::string_view text) {
  SyntaxError e;
  if (parse(text, e)) return std::nullopt;
  return e;
}

std::optional<SyntaxError> check_expression(std::string_view text) {
  SyntaxError e;
  if (parse_expression(text, e)) return std::nullopt;
  return e;
}

std::optional<std::vector<std::string>> parameters_of_def(std::string_view text,
                                                          std::string_view name) {
  SyntaxError e;
  const auto ast = parse(text, e);
  if (!ast) return std::nullopt;
  for (const TopLevel& t : ast->top_store) {
    const Node& s = ast->node(t.stmt);
    if (s.kind != N::function_def || s.op != 0) continue;
    const Scope& scope = ast->scope_store[s.a];
    if (ast->str(scope.name) != name) continue;
    const std::uint32_t plain = scope.nargs + scope.nkwonly;
    std::vector<std::string> out;
    for (std::uint32_t i = 0; i < plain + scope.varargs + scope.varkw; ++i) {
      const char* stars = i < plain ? "" : i == plain && scope.varargs ? "*" : "**";
      out.push_back(stars + std::string(ast->str(ast->extra_store[scope.slot_names + i])));
    }
    return out;
  }
  return std::nullopt;
}

}  // namespace kdex::source
