// Runs tree-sitter and flattens its tree in one cursor walk.
#include "core/source/cst.h"

#include <tree_sitter/api.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <string>

#include "core/source/ast.h"

extern "C" const TSLanguage* tree_sitter_python(void);

namespace kdex::source {
namespace {

/// tree-sitter aborts where memory is out; this ends as the program ends then.
void* given(void* p, std::size_t size) {
  if (p == nullptr && size != 0) std::terminate();
  return p;
}
void allocate_or_end() {
  ts_set_allocator(
      [](std::size_t n) { return given(std::malloc(n), n); },
      [](std::size_t n, std::size_t size) { return given(std::calloc(n, size), n * size); },
      [](void* p, std::size_t n) { return given(std::realloc(p, n), n); }, std::free);
}

struct Tables {
  std::vector<S> symbol;
  std::vector<F> field;
  Tables() {
    const TSLanguage* lang = tree_sitter_python();
    const std::uint32_t n = ts_language_symbol_count(lang);
    symbol.assign(n, S::other);
    for (std::uint32_t i = 0; i < n; ++i) {
      const char* name = ts_language_symbol_name(lang, static_cast<TSSymbol>(i));
      if (!name) continue;
      const bool is_named =
          ts_language_symbol_type(lang, static_cast<TSSymbol>(i)) == TSSymbolTypeRegular;
      symbol[i] = find(name, is_named);
    }
    const std::uint32_t nf = ts_language_field_count(lang);
    field.assign(nf + 1, F::none);
    for (std::uint32_t i = 1; i <= nf; ++i) {
      const char* name = ts_language_field_name_for_id(lang, static_cast<TSFieldId>(i));
      if (!name) continue;
      const std::string s = name;
#define X(x) \
  if (s == strip(#x)) field[i] = F::x;
      KDEX_CST_FIELDS(X)
#undef X
    }
  }
  static std::string strip(std::string s) {
    if (!s.empty() && s.back() == '_') s.pop_back();
    return s;
  }
  static S find(const char* name, bool is_named) {
    const std::string s = name;
    if (!is_named) {
      static const std::pair<const char*, S> tokens[] = {
          {"async", S::async_}, {"in", S::in_},        {"is", S::is_},
          {"not", S::not_},     {"and", S::and_},      {"or", S::or_},
          {"<", S::lt},         {"<=", S::le},         {">", S::gt},
          {">=", S::ge},        {"==", S::eq},         {"!=", S::ne},
          {"<>", S::lg},        {"not in", S::not_in}, {"is not", S::is_not},
          {":", S::colon},      {",", S::comma},       {"=", S::equal},
          {"*", S::star},       {"from", S::from_},    {"_", S::underscore},
          {".", S::dot},        {"-", S::minus},       {"+", S::plus},
          {"|", S::pipe},       {"if", S::if_},        {"except*", S::except_star}};
      for (const auto& [text, sym] : tokens)
        if (s == text) return sym;
      return S::other;
    }
#define X(x) \
  if (s == strip(#x)) return S::x;
    KDEX_CST_SYMBOLS(X)
#undef X
    return S::other;
  }
};

const Tables& tables() {
  static const Tables t;
  return t;
}

struct ParserDeleter {
  void operator()(TSParser* p) const { ts_parser_delete(p); }
};

TSTree* parse_tree(std::string_view text) {
  thread_local std::unique_ptr<TSParser, ParserDeleter> parser;
  if (!parser) {
    static const bool once = (allocate_or_end(), true);
    (void)once;
    parser.reset(ts_parser_new());
    ts_parser_set_language(parser.get(), tree_sitter_python());
  }
  return ts_parser_parse_string(parser.get(), nullptr, text.data(),
                                static_cast<std::uint32_t>(text.size()));
}

}  // namespace

std::size_t parse_with_tree_sitter_only(std::string_view text) {
  TSTree* tree = parse_tree(text);
  const std::size_t n = ts_node_descendant_count(ts_tree_root_node(tree));
  ts_tree_delete(tree);
  return n;
}

Cst walk(std::string_view text) {
  Cst out;
  TSTree* tree = parse_tree(text);
  const TSNode root = ts_tree_root_node(tree);
  out.nodes.reserve(ts_node_descendant_count(root) + 2);
  out.nodes.emplace_back();
  const Tables& t = tables();
  const bool has_error = ts_node_has_error(root);
  TSTreeCursor cur = ts_tree_cursor_new(root);
  std::vector<std::uint32_t> open;  // indices of ancestors
  std::vector<std::uint32_t> last;  // last child put under each ancestor
  for (;;) {
    const TSNode n = ts_tree_cursor_current_node(&cur);
    const TSSymbol sym = ts_node_symbol(n);
    const bool extra_token = sym < t.symbol.size() &&
                             (t.symbol[sym] == S::comment || t.symbol[sym] == S::line_continuation);
    if (has_error && !out.error && (ts_node_is_error(n) || ts_node_is_missing(n))) {
      out.error = true;
      const TSPoint p = ts_node_start_point(n);
      out.error_line = static_cast<int>(p.row) + 1;
      out.error_column = static_cast<int>(p.column) + 1;
    }
    bool descend = false;
    if (!extra_token) {
      CNode c;
      c.sym = sym < t.symbol.size() ? t.symbol[sym] : S::other;
      c.field = t.field[ts_tree_cursor_current_field_id(&cur)];
      c.named = ts_node_is_named(n);
      c.start = ts_node_start_byte(n);
      c.end = ts_node_end_byte(n);
      const TSPoint p = ts_node_start_point(n);
      c.row = p.row;
      c.col = p.column;
      c.end_row = ts_node_end_point(n).row;
      const auto id = static_cast<std::uint32_t>(out.nodes.size());
      if (!open.empty()) {
        if (last.back())
          out.nodes[last.back()].next = id;
        else
          out.nodes[open.back()].first = id;
        last.back() = id;
      }
      out.nodes.push_back(c);
      if (ts_tree_cursor_goto_first_child(&cur)) {
        open.push_back(id);
        last.push_back(0);
        descend = true;
      }
    }
    if (descend) continue;
    while (!ts_tree_cursor_goto_next_sibling(&cur)) {
      if (!ts_tree_cursor_goto_parent(&cur) || open.empty()) {
        ts_tree_cursor_delete(&cur);
        ts_tree_delete(tree);
        if (has_error && !out.error) {
          out.error = true;
          out.error_line = out.error_column = 1;
        }
        return out;
      }
      open.pop_back();
      last.pop_back();
    }
    if (open.empty()) {
      ts_tree_cursor_delete(&cur);
      ts_tree_delete(tree);
      return out;
    }
  }
}

}  // namespace kdex::source
