// Origins of what a cache gives again: functools keeps the result of a call's operands, and a later
// call with equal operands gets it. Its origins then lead to the later call's. Knows no cache.
#include <algorithm>
#include <unordered_map>

#include "core/python/machine/impl.h"
#include "core/python/machine/ops.h"

namespace kdex::py {
namespace {

/// What stood in the first call's operands, and what stands there now.
class Reroute {
 public:
  explicit Reroute(Interp& in) : in_(in), table_(in.impl->origins) {}

  /// Equal values: tuples of the same length, numbers and texts of the same value.
  void operands(V then, V now) {
    if (then.is(Kind::tuple) && now.is(Kind::tuple)) {
      const auto *a = then.as<Tuple>(), *b = now.as<Tuple>();
      for (std::uint32_t i = 0; i < std::min(a->n, b->n); ++i) operands(a->at[i], b->at[i]);
      return;
    }
    if (then.org == 0 || is_container(then)) return;
    differs_ = differs_ || then.org != now.org;
    values_.try_emplace(then.org, then);
    const auto [it, fresh] = now_.try_emplace(then.org, now.org);
    // Two operands came from one place then, and do not now: which of them it was is not known.
    if (!fresh && it->second != now.org) it->second = 0;
  }
  bool differs() const { return differs_; }

  V result(V v) {
    if (v.is(Kind::tuple) && v.as<Tuple>()->cls == in_.t.tuple) return tuple(v);
    if (v.org != 0 && !is_container(v)) v.org = origin(v.org);
    return v;
  }

 private:
  static bool is_container(V v) { return v.is_obj() && !v.is(Kind::str); }

  /// A tuple of its own where one of its items changes.
  V tuple(V v) {
    V out = v;
    for (std::uint32_t i = 0; i < v.as<Tuple>()->n; ++i) {
      const V item = v.as<Tuple>()->at[i], other = result(item);
      if (other.org == item.org && (!other.is_obj() || other.o == item.o)) continue;
      if (out.same(v)) out = in_.tuple(v.as<Tuple>()->at, v.as<Tuple>()->n);
      out.as<Tuple>()->at[i] = other;
    }
    return out;
  }

  std::uint32_t origin(std::uint32_t id) {
    if (id == 0) return 0;
    const auto [it, fresh] = now_.try_emplace(id, id);
    if (!fresh) return it->second;
    if ((id & kLiteral) != 0) return id;
    OriginEntry e = table_[id];
    bool changed = false;
    for (std::uint32_t i = 0; i < e.operands; ++i) {
      const std::uint32_t in = e.in[i];
      e.in[i] = operand(in);
      changed = changed || e.in[i] != in;
    }
    if (!changed) return id;
    e.depth = 0;
    for (std::uint32_t i = 0; i < e.operands; ++i)
      e.depth =
          static_cast<std::uint16_t>(std::max<std::uint32_t>(e.depth, table_.depth(e.in[i]) + 1));
    return now_[id] = table_.add(e);
  }

  /// An operand of a step: what is not known any more keeps its value.
  std::uint32_t operand(std::uint32_t id) {
    if (const std::uint32_t other = origin(id); other != 0 || id == 0) return other;
    const auto value = values_.find(id);
    if (value == values_.end()) return 0;  // the table is full
    OriginEntry leaf;
    leaf.hold(value->second);
    return table_.add(leaf);
  }

  Interp& in_;
  OriginTable& table_;
  std::unordered_map<std::uint32_t, std::uint32_t> now_;  // 0: not known
  std::unordered_map<std::uint32_t, V> values_;           // of the first call's operands
  bool differs_ = false;
};

}  // namespace

V rerouted(Interp& in, V result, V then, V now) {
  Reroute reroute(in);
  reroute.operands(then, now);
  return reroute.differs() ? reroute.result(result) : result;
}

}  // namespace kdex::py
