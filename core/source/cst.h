// tree-sitter's tree of a file, walked once into a flat array. Knows the grammar's node names only.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace kdex::source {

// Node kinds of the Python grammar that the converter asks about.
// clang-format off
#define KDEX_CST_SYMBOLS(X)                                                                       \
  X(aliased_import) X(argument_list) X(as_pattern) X(as_pattern_target) X(assert_statement)       \
  X(assignment) X(attribute) X(augmented_assignment) X(await) X(binary_operator) X(block)         \
  X(boolean_operator) X(break_statement) X(call) X(case_clause) X(case_pattern)                   \
  X(class_definition) X(class_pattern) X(comment) X(comparison_operator) X(complex_pattern)       \
  X(concatenated_string) X(conditional_expression) X(constrained_type) X(continue_statement)      \
  X(decorated_definition) X(decorator) X(default_parameter) X(delete_statement) X(dict_pattern)   \
  X(dictionary) X(dictionary_comprehension) X(dictionary_splat) X(dictionary_splat_pattern)       \
  X(dotted_name) X(elif_clause) X(ellipsis) X(else_clause) X(escape_interpolation)                \
  X(escape_sequence) X(except_clause) X(except_group_clause) X(exec_statement) X(expression_list) \
  X(expression_statement) X(false_) X(finally_clause) X(float_) X(for_in_clause) X(for_statement) \
  X(format_expression) X(format_specifier) X(function_definition) X(future_import_statement)      \
  X(generator_expression) X(generic_type) X(global_statement) X(identifier) X(if_clause)          \
  X(if_statement) X(import_from_statement) X(import_prefix) X(import_statement) X(integer)        \
  X(interpolation) X(keyword_argument) X(keyword_pattern) X(keyword_separator) X(lambda)          \
  X(lambda_parameters) X(line_continuation) X(list) X(list_comprehension) X(list_pattern)         \
  X(list_splat) X(list_splat_pattern) X(match_statement) X(member_type) X(module)                 \
  X(named_expression) X(none) X(nonlocal_statement) X(not_operator) X(pair) X(parameters)         \
  X(parenthesized_expression) X(parenthesized_list_splat) X(pass_statement) X(pattern_list)       \
  X(positional_separator) X(print_statement) X(raise_statement) X(relative_import)                \
  X(return_statement) X(set) X(set_comprehension) X(slice) X(splat_pattern) X(splat_type)         \
  X(string) X(string_content) X(string_end) X(string_start) X(subscript) X(true_)                 \
  X(try_statement) X(tuple) X(tuple_pattern) X(type) X(type_alias_statement) X(type_conversion)   \
  X(type_parameter) X(typed_default_parameter) X(typed_parameter) X(unary_operator)               \
  X(union_pattern) X(union_type) X(while_statement) X(wildcard_import) X(with_clause)             \
  X(with_item) X(with_statement) X(yield) X(async_) X(in_) X(is_) X(not_) X(and_) X(or_) X(lt)    \
  X(le) X(gt) X(ge) X(eq) X(ne) X(lg) X(not_in) X(is_not) X(colon) X(comma) X(equal) X(star)      \
  X(from_) X(underscore) X(dot) X(minus) X(plus) X(pipe) X(if_) X(except_star)
// clang-format on

enum class S : std::uint16_t {
  other,
#define X(n) n,
  KDEX_CST_SYMBOLS(X)
#undef X
};

// clang-format off
#define KDEX_CST_FIELDS(X)                                                                        \
  X(alias) X(alternative) X(argument) X(arguments) X(attribute) X(body) X(cause) X(condition)     \
  X(consequence) X(definition) X(function) X(guard) X(left) X(module_name) X(name) X(object)      \
  X(operator_) X(operators) X(parameters) X(return_type) X(right) X(subject) X(subscript)         \
  X(superclasses) X(type) X(value) X(key) X(type_conversion) X(format_specifier) X(expression)
// clang-format on

enum class F : std::uint16_t {
  none,
#define X(n) n,
  KDEX_CST_FIELDS(X)
#undef X
};

struct CNode {
  S sym = S::other;
  F field = F::none;
  bool named = false;
  std::uint32_t start = 0, end = 0;  // bytes
  std::uint32_t row = 0, col = 0;    // 0-based
  std::uint32_t end_row = 0;
  std::uint32_t first = 0, next = 0;  // indices; 0: none
};

struct Cst {
  std::vector<CNode> nodes;  // [0] is unused, [1] the root
  bool error = false;
  int error_line = 0, error_column = 0;
};

/// Parses `text`; comments are left out of the array.
Cst walk(std::string_view text);

}  // namespace kdex::source
