// Plain data as bytes and back, between a child process and kdex on one machine. A type is declared
// here by a structured binding of all its members, so that a new member that is not carried does
// not compile. Knows the SDK's types, nothing of processes.
#pragma once

#include <array>
#include <concepts>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <kdex/error.h>
#include <kdex/family.h>
#include <kdex/stage.h>

namespace kdex::wire {

class Writer {
 public:
  std::string bytes;

  template <class... T>
  void operator()(const T&... values) {
    (put(values), ...);
  }

 private:
  template <class T>
  void put(const T& value);
};

/// Throws kdex::Error where the bytes end early or hold what no value can be.
class Reader {
 public:
  explicit Reader(const std::string& bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

  template <class... T>
  void operator()(T&... values) {
    (get(values), ...);
  }
  bool at_end() const { return at_ == end_; }

 private:
  template <class T>
  void get(T& value);
  const char* take(std::size_t n) {
    if (n > static_cast<std::size_t>(end_ - at_)) throw Error("the answer cannot be read");
    const char* from = at_;
    at_ += n;
    return from;
  }
  /// How many elements follow; each takes a byte at least.
  std::size_t count() {
    std::size_t n = 0;
    get(n);
    if (n > static_cast<std::size_t>(end_ - at_)) throw Error("the answer cannot be read");
    return n;
  }
  const char *at_, *end_;
};

template <class T, class U>
concept Is = std::same_as<std::remove_const_t<T>, U>;

// Each type once: all of its members, for a Writer and a Reader.
template <class A, Is<SourcePlace> T>
void members(A& a, T& v) {
  auto& [file, line] = v;
  a(file, line);
}
template <class A, Is<Axis> T>
void members(A& a, T& v) {
  auto& [name, value, description, origin, setting, rule] = v;
  a(name, value, description, origin, setting, rule);
}
template <class A, Is<TensorSpec> T>
void members(A& a, T& v) {
  auto& [name, shape, dtype, description] = v;
  a(name, shape, dtype, description);
}
template <class A, Is<Definition> T>
void members(A& a, T& v) {
  auto& [name, op_type, tags, met, description, axes, constraints, inputs, outputs, reference,
         order] = v;
  a(name, op_type, tags, met, description, axes, constraints, inputs, outputs, reference, order);
}
template <class A, Is<CallPlace> T>
void members(A& a, T& v) {
  auto& [step, call] = v;
  a(step, call);
}
template <class A, Is<Match> T>
void members(A& a, T& v) {
  // The definition is written when a match travels; its form and parameters have done their part.
  auto& [modules, from_tp1, what, definition, form, params, calls] = v;
  (void)form, (void)params;
  a(modules, from_tp1, what, definition, calls);
}
template <class A, Is<Note> T>
void members(A& a, T& v) {
  auto& [path, text, place, paths] = v;
  a(path, text, place, paths);
}
template <class A, Is<FamilyResult> T>
void members(A& a, T& v) {
  auto& [matches, notes, claimed] = v;
  a(matches, notes, claimed);
}
template <class A, Is<KernelUnit> T>
void members(A& a, T& v) {
  auto& [file, source, constants, entries] = v;
  a(file, source, constants, entries);
}
template <class A, Is<KernelBuffer> T>
void members(A& a, T& v) {
  auto& [name, bytes, zeroed] = v;
  a(name, bytes, zeroed);
}
template <class A, Is<KernelTensorMap> T>
void members(A& a, T& v) {
  auto& [name, tensor, dtype, dims, strides, box] = v;
  a(name, tensor, dtype, dims, strides, box);
}
template <class A, Is<KernelArgument> T>
void members(A& a, T& v) {
  auto& [kind, text, value] = v;
  a(kind, text, value);
}
template <class A, Is<KernelLaunch> T>
void members(A& a, T& v) {
  auto& [unit, entry, when, grid, block, shared, arguments] = v;
  a(unit, entry, when, grid, block, shared, arguments);
}
template <class A, Is<KernelPlan> T>
void members(A& a, T& v) {
  auto& [available, why_not, summary, units, values, buffers, maps, launches, programmatic_launch] =
      v;
  a(available, why_not, summary, units, values, buffers, maps, launches, programmatic_launch);
}

template <class A, Is<ExprNode> T>
void members(A& a, T& v) {
  auto& [op, number, name] = v;
  a(op, number, name);
}
/// Expressions travel as their nodes and are built again, so that they are whole or refused.
template <Is<Expr> T>
void members(Writer& a, T& v) {
  a(v.nodes());
}
template <Is<BoolExpr> T>
void members(Writer& a, T& v) {
  a(v.nodes());
}
inline void members(Reader& a, Expr& v);
inline void members(Reader& a, BoolExpr& v);

template <class A, Is<HostTensor> T>
void members(A& a, T& v) {
  auto& [dtype, shape, bytes] = v;
  a(dtype, shape, bytes);
}
template <class A, Is<WorkloadCase> T>
void members(A& a, T& v) {
  auto& [what, axes, tensors] = v;
  a(what, axes, tensors);
}

template <class A, Is<StageFile> T>
void members(A& a, T& v) {
  auto& [path, text] = v;
  a(path, text);
}
template <class A, Is<StageResult> T>
void members(A& a, T& v) {
  auto& [files, text, notes, errors, failed] = v;
  a(files, text, notes, errors, failed);
}

template <class T>
struct Container : std::false_type {};
template <class T>
struct Container<std::vector<T>> : std::true_type {};
template <class K, class V>
struct Container<std::map<K, V>> : std::true_type {};

template <class T>
void Writer::put(const T& value) {
  if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    put(value.size());
    bytes += value;
  } else if constexpr (Container<T>::value) {
    put(value.size());
    for (const auto& item : value) put(item);
  } else if constexpr (requires { value.has_value(); }) {
    put(value.has_value());
    if (value) put(*value);
  } else if constexpr (requires { std::tuple_size<T>::value; }) {
    std::apply([&](const auto&... parts) { (put(parts), ...); }, value);
  } else {
    members(*this, value);
  }
}

template <class T>
void Reader::get(T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    value = *take(1) != 0;
  } else if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
    std::memcpy(&value, take(sizeof value), sizeof value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    const std::size_t n = count();
    value.assign(take(n), n);
  } else if constexpr (requires { typename T::mapped_type; }) {
    for (std::size_t n = count(); n > 0; --n) {
      std::pair<typename T::key_type, typename T::mapped_type> item;
      get(item);
      value.insert(std::move(item));
    }
  } else if constexpr (Container<T>::value) {
    for (std::size_t n = count(); n > 0; --n) get(value.emplace_back());
  } else if constexpr (requires { value.has_value(); }) {
    bool there = false;
    get(there);
    if (there) get(value.emplace());
  } else if constexpr (requires { std::tuple_size<T>::value; }) {
    std::apply([&](auto&... parts) { (get(parts), ...); }, value);
  } else {
    members(*this, value);
  }
}

/// Builds expressions of nodes in prefix order. Throws kdex::Error where they are none.
class ExprBuilder {
 public:
  explicit ExprBuilder(const ExprNodes& nodes) : nodes_(nodes) {}

  Expr expr() {
    const ExprNode& n = next();
    if (n.op == ExprOp::number) return leave(Expr(n.number));
    if (n.op == ExprOp::name) return leave(Expr::named(n.name));
    if (n.op == ExprOp::select) {
      const BoolExpr condition = boolean();
      const Expr yes = expr();
      return leave(select(condition, yes, expr()));
    }
    if (n.op < ExprOp::add || n.op > ExprOp::max) fail();
    const Expr a = expr();
    return leave(Expr::of(n.op, a, expr()));
  }
  BoolExpr boolean() {
    const ExprNode& n = next();
    if (n.op == ExprOp::negation) return leave(!boolean());
    if (n.op == ExprOp::both || n.op == ExprOp::either) {
      const BoolExpr a = boolean(), b = boolean();
      return leave(n.op == ExprOp::both ? a && b : a || b);
    }
    if (n.op < ExprOp::less || n.op > ExprOp::not_equal) fail();
    const Expr a = expr();
    return leave(BoolExpr::of(n.op, a, expr()));
  }
  bool at_end() const { return at_ == nodes_.size(); }
  [[noreturn]] static void fail() { throw Error("the answer cannot be read"); }

 private:
  const ExprNode& next() {
    if (at_ == nodes_.size() || ++depth_ > 10'000) fail();
    return nodes_[at_++];
  }
  template <class T>
  T leave(T value) {
    --depth_;
    return value;
  }
  const ExprNodes& nodes_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

inline void members(Reader& a, Expr& v) {
  ExprNodes nodes;
  a(nodes);
  ExprBuilder b(nodes);
  v = b.expr();
  if (!b.at_end()) ExprBuilder::fail();
}
inline void members(Reader& a, BoolExpr& v) {
  ExprNodes nodes;
  a(nodes);
  v = {};
  if (nodes.empty()) return;
  ExprBuilder b(nodes);
  v = b.boolean();
  if (!b.at_end()) ExprBuilder::fail();
}

template <class T>
std::string to_bytes(const T& value) {
  Writer w;
  w(value);
  return std::move(w.bytes);
}
template <class T>
T from_bytes(const std::string& bytes) {
  T value{};
  Reader r(bytes);
  r(value);
  if (!r.at_end()) throw Error("the answer cannot be read");
  return value;
}

}  // namespace kdex::wire
