// The syntax tree of one Python file: flat arrays, names resolved to slots, no pointers into the
// text. It can be written to and read from a cache as it is. It knows Python's scoping, not what
// code means.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kdex::source {

using NodeId = std::uint32_t;  // 0: absent
using StrId = std::uint32_t;
using ExtraId = std::uint32_t;  // offset into Ast::extra

enum class N : std::uint8_t {
  none,
  // expressions
  const_none,
  const_true,
  const_false,
  const_ellipsis,
  const_int,      // b,c: the 64-bit value; op 1: a = StrId of a literal of more bits
  const_float,    // b,c: bits of the double
  const_complex,  // a: StrId of the imaginary part's text
  const_str,      // a: StrId
  const_bytes,    // a: StrId
  name,           // a: StrId, b: slot / free index, op: Scope kind of the name (Where)
  attribute,      // a: object, b: StrId
  subscript,      // a: object, b: index
  slice,          // a, b, c
  call,   // a: function, b: extra [npos, nkw, plain?, pos..., (StrId or ~0 for **, node)...]; op 1:
          // has * or **
  binop,  // op, a, b
  unary,  // op ('-', '+', '~'), a
  not_,   // a
  and_,
  or_,            // a, b
  compare,        // op, a, b
  compare_chain,  // a: first, b: extra [n, (op, node)...]
  if_exp,         // a: test, b: then, c: else
  lambda,         // a: scope, b: extra of defaults (as function_def's)
  list_comp,      // a: extra, see comp()
  set_comp,
  dict_comp,
  gen_exp,     // a: scope, b: first iterable (evaluated outside)
  joined_str,  // a: extra [n, parts...]
  formatted,   // a: expression, b: format spec (joined_str) or 0, op: conversion character or 0
  tuple,
  list,
  set,      // a: extra [n, items...]; op 1: has starred
  dict,     // a: extra [n, (key or 0 for **, value)...]
  starred,  // a
  await_,
  yield_,
  yield_from,  // a
  named_expr,  // a: target name, b: value
  // statements
  expr_stmt,   // a
  assign,      // a: extra [n, targets...], b: value
  assign1,     // a: target, b: value
  aug_assign,  // op, a: target, b: value
  ann_assign,  // a: target, b: annotation (const_str under future annotations), c: value or 0; op
               // 1: target in parentheses
  return_,     // a
  raise_,      // a, b: cause
  assert_,     // a, b: message
  del_,        // a: extra [n, targets...]
  pass_,
  break_,
  continue_,
  if_,     // a: test, b: block, c: else block
  while_,  // a: test, b: block, c: else block
  for_,    // a: target, b: iterable, c: extra [block, else block]; op 1: async
  with_,   // a: extra [n, (context, target or 0)...], b: block; op 1: async
  try_,    // a: block, b: extra [n, (type or 0, name node or 0, block)...], c: extra [else block,
           // finally block]; op 1: except*
  function_def,  // a: scope, b: extra [ndecorators, d..., ndefaults, d..., nkwdefaults, (StrId,
                 // d)..., nannotations, (StrId, node)...], c: name node; op 1: async
  class_def,     // a: scope, b: extra [ndecorators, d..., call node with a=0 holding bases and
                 // keywords], c: name node
  import_,       // a: extra [n, (dotted StrId, name node of the bound name, 1 where "as")...]
  import_from,   // a: extra [level, module StrId or ~0, n, (StrId, name node)...]; op 1: star
  global_,       // a: extra [n, StrId...]
  match_,        // a: subject, b: extra [n, (pattern, guard, block)...]
  // patterns
  pat_value,      // a: expression (==)
  pat_singleton,  // a: expression (is)
  pat_capture,    // a: name node or 0 for _
  pat_sequence,   // a: extra [n, patterns...]
  pat_star,       // a: name node or 0
  pat_mapping,    // a: extra [n, (key expr, pattern)..., rest name node or 0]
  pat_class,      // a: class expression, b: extra [npos, patterns..., nkw, (StrId, pattern)...]
  pat_or,         // a: extra [n, patterns...]
  pat_as,         // a: pattern, b: name node
};

/// Where a name lives.
enum class Where : std::uint8_t {
  global,   // a: StrId
  local,    // b: slot
  cell,     // b: slot that holds a cell
  free_,    // b: index into the function's closure
  dynamic,  // class body: class dictionary, then closure (b - 1 where b != 0), then global
};

enum class BinOp : std::uint8_t {
  add,
  sub,
  mul,
  div,
  floordiv,
  mod,
  pow,
  matmul,
  lshift,
  rshift,
  bitand_,
  bitor_,
  bitxor
};
enum class CmpOp : std::uint8_t { eq, ne, lt, le, gt, ge, in, not_in, is, is_not };

struct Node {
  N kind = N::none;
  std::uint8_t op = 0;
  std::uint16_t col = 0;
  std::uint32_t line = 0;  // 1-based
  std::uint32_t a = 0, b = 0, c = 0;
};
static_assert(sizeof(Node) == 20);

enum class ScopeKind : std::uint8_t { module, function, lambda, class_, genexp };

/// One frame's worth of code.
struct Scope {
  ScopeKind kind = ScopeKind::module;
  std::uint8_t varargs = 0, varkw = 0;  // 1 where present
  std::uint8_t generator = 0, coroutine = 0;
  std::uint8_t has_class_cell = 0;  // class: slot 0 holds the cell of __class__
  std::uint8_t uses_class = 0;      // function: has __class__ as a free variable
  std::uint8_t pad = 0;
  StrId name = 0, qualname = 0;
  std::uint32_t line = 0, end_line = 0;
  std::uint32_t nargs = 0, nposonly = 0,
                nkwonly = 0;  // nargs counts positional parameters with the positional-only ones
  std::uint32_t nslots = 0;
  ExtraId slot_names =
      0;  // [nslots x StrId]; parameters first: positional, keyword-only, *args, **kwargs
  ExtraId cells = 0;  // [n, slots...]: slots that hold cells
  ExtraId frees = 0;  // [n, (from_parent_cell ? slot : ~index)...]: how the closure is made in the
                      // defining frame, with names after: [n, refs..., StrIds...]
  ExtraId body = 0;   // block: [n, statements...]; lambda, genexp: one expression node in a block
  std::uint32_t class_free = 0;  // index of __class__ in the closure, where uses_class
  StrId doc = ~0u;
};

/// One top-level statement and the names it binds or changes.
struct TopLevel {
  NodeId stmt = 0;
  ExtraId names =
      0;  // [n, StrId...] bound; then [m, StrId...] changed in place (X[..] = , X.y = , X.append())
};

/// A whole file as flat arrays that lie in one run of bytes, made by the parser or mapped from a
/// parse cache.
struct Ast {
  std::string_view file;  // as it is shown: relative to its source root
  std::string module;     // dotted name
  std::span<const Node> node_store;
  std::span<const std::uint32_t> extra_store;
  std::span<const Scope> scope_store;
  std::span<const TopLevel> top_store;
  std::span<const std::uint32_t> str_offset;  // n + 1 offsets into text_store
  std::string_view text_store;
  bool future_annotations = false;
  std::string_view bytes;             // all of the above, as a parse cache keeps it
  std::shared_ptr<const void> owner;  // of the bytes
  std::string file_text;              // what `file` shows, where nobody else keeps it
  void show_as(std::string name) {
    file_text = std::move(name);
    file = file_text;
  }

  const Node& node(NodeId id) const { return node_store[id]; }
  const std::uint32_t* extra(ExtraId id) const { return extra_store.data() + id; }
  std::string_view str(StrId id) const {
    return text_store.substr(str_offset[id], str_offset[id + 1] - str_offset[id]);
  }
  std::size_t nstrs() const { return str_offset.empty() ? 0 : str_offset.size() - 1; }
};

/// extra of list_comp, set_comp, dict_comp:
/// [element, value or 0, nslots, (slot, is_cell)..., nclauses, (target, iterable, is_async, nifs,
/// ifs...)...]

struct SyntaxError {
  int line = 0, column = 0;  // 1-based
  std::string message;
};

/// Parses a module. On a syntax error returns null and fills `error`.
std::unique_ptr<Ast> parse(std::string_view text, SyntaxError& error);
/// Parses one expression; its node is in scope 0's body.
std::unique_ptr<Ast> parse_expression(std::string_view text, SyntaxError& error);
/// tree-sitter alone, for the benchmark: returns the number of nodes.
std::size_t parse_with_tree_sitter_only(std::string_view text);

/// The tree that lies in `bytes` (aligned to 8), which `owner` keeps. Null where they are not a
/// whole tree of this version.
std::unique_ptr<Ast> view(std::string_view bytes, std::shared_ptr<const void> owner);

}  // namespace kdex::source
