// A value of the module tree: what a family sees of a Python attribute, with its origin.
// Plain data, no interpreter behind it; must not know Python's evaluator or any kernel family.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kdex {

/// Index into ModuleTree::origins; 0 means "no origin is known".
using OriginId = std::uint32_t;

/// A vector whose copies share their rows until one of them changes.
template <class T>
class Rows {
 public:
  Rows() = default;
  Rows(std::initializer_list<T> rows) : rows_(std::make_shared<std::vector<T>>(rows)) {}
  const T* begin() const { return rows_ ? rows_->data() : nullptr; }
  const T* end() const { return begin() + size(); }
  std::size_t size() const { return rows_ ? rows_->size() : 0; }
  bool empty() const { return size() == 0; }
  const T& operator[](std::size_t i) const { return (*rows_)[i]; }
  const T& front() const { return rows_->front(); }
  const T& back() const { return rows_->back(); }
  void push_back(T row) { own().push_back(std::move(row)); }
  template <class... A>
  void emplace_back(A&&... a) {
    own().emplace_back(std::forward<A>(a)...);
  }
  void reserve(std::size_t n) { own().reserve(n); }

 private:
  std::vector<T>& own() {
    if (!rows_)
      rows_ = std::make_shared<std::vector<T>>();
    else if (rows_.use_count() > 1)
      rows_ = std::make_shared<std::vector<T>>(*rows_);
    return *rows_;
  }
  std::shared_ptr<std::vector<T>> rows_;
};

/// One attribute value. Exactly one kind; the fields that belong to it are named beside it.
struct Value {
  enum class Kind : std::uint8_t {
    none,
    boolean,      // i (0 or 1)
    integer,      // i
    real,         // f
    string,       // s
    list,         // items (Python lists, tuples and sets)
    dtype,        // s: "bfloat16"
    enumeration,  // s: "Class.NAME"
    tensor,       // s: dtype name, items: shape (integers with their own origins)
    object,       // s: class name, attrs: its attributes one level deep
    function,     // s: qualified name
    type,         // s: qualified name "package.module.Class"
    unknown,      // s: why the value is not known (a dotted name of what it came from)
  };
  Kind kind = Kind::none;
  OriginId origin = 0;
  std::int64_t i = 0;
  double f = 0;
  std::string s;
  Rows<Value> items;
  Rows<std::pair<std::string, Value>> attrs;

  /// The attribute `name` of an object value, or nullptr.
  const Value* attr(std::string_view name) const {
    for (const auto& [key, value] : attrs)
      if (key == name) return &value;
    return nullptr;
  }
  bool is_int() const { return kind == Kind::integer; }
  bool is_none() const { return kind == Kind::none; }
  bool is_true() const { return (kind == Kind::boolean || kind == Kind::integer) && i != 0; }
};

/// Where a value came from: one step; `inputs` lead further back.
struct Origin {
  enum class Kind : std::uint8_t {
    none,
    config_field,  // text: "num_attention_heads" (dotted for nested ones), file: the config's file
    deployment,    // text: "tp" | "ep" | a server argument; inputs: what the engine made it of
    literal,       // text: its value as Python shows it; it stands at file:line:column
    operation,     // text: "//", "max", ... at file:line, inputs: its operands
    platform,      // text: a fact of the platform
    way,           // text: a name that the value came through, given at file:line:column
  };
  /// What kind of name a way is.
  enum class Way : std::uint8_t {
    none,
    constant,         // text: "NAME", of a module
    class_attribute,  // text: "Class.NAME"; an enum's member, too
    default_value,    // text: "NAME of function"
    attribute,        // text: "NAME of Class"
    entry,            // text: "'key'", of a dict
  };
  Kind kind = Kind::none;
  Way way = Way::none;
  std::string text;
  std::string file;        // relative to the source tree, e.g. "engine/layers/linear.py"
  int line = 0;            // 1-based
  int column = 0;          // 1-based, in bytes; 0: not told
  std::int64_t value = 0;  // the integer at this step where it is one
  bool has_value = false;
  double real = 0;  // or the number that is no integer
  bool has_real = false;
  std::vector<OriginId> inputs;
};

}  // namespace kdex
