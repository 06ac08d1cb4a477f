// core/model/cost.h.
#include "core/model/cost.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <string>

namespace kdex {
namespace {

double elements(const Operand& o) {
  return std::accumulate(o.shape.begin(), o.shape.end(), 1.0,
                         [](double n, std::int64_t d) { return n * static_cast<double>(d); });
}

/// Bytes of an element, by the short name of its type.
double width(const std::string& dtype) {
  if (dtype.ends_with("64")) return 8;
  if (dtype.ends_with("32")) return 4;
  if (dtype.ends_with("16")) return 2;
  return 1;
}

double bytes_of(const Operand& o) { return elements(o) * width(o.dtype); }

bool is_weight(const Operand& o) { return !o.owner.empty() && !o.in_cache(); }

double fact_of(const Module* m, std::string_view name) {
  const Value* v = m == nullptr ? nullptr : m->fact(name);
  return v != nullptr && v->is_int() && v->i > 0 ? static_cast<double>(v->i) : 0;
}

/// Keys that the queries of a step see, over all of its requests, and the keys that are held.
struct Keys {
  double pairs = 0, held = 0;
};

Keys keys_of(const Step& step, double window) {
  Keys k;
  const auto limited = [&](double n) { return window > 0 ? std::min(n, window + 1) : n; };
  if (!step.is_prefill() || step.mode == "mixed") {
    const auto batch = static_cast<double>(step.batch);
    k.held = batch * limited(static_cast<double>(step.seq_len));
    k.pairs = k.held * static_cast<double>(step.queries);
  }
  if (!step.is_prefill()) return k;
  for (std::size_t i = 0; i < step.extend_lens.size(); ++i) {
    const auto fresh = static_cast<double>(step.extend_lens[i]);
    const double cached =
        i < step.prefix_lens.size() ? static_cast<double>(step.prefix_lens[i]) : 0;
    const double all = cached + fresh;
    k.held += window > 0 ? std::min(all, window + fresh) : all;
    // The query at place p (from 1) sees p keys, or window + 1 of them.
    const double whole = window > 0 ? std::clamp(window + 1 - cached, 0.0, fresh) : fresh;
    k.pairs += whole * cached + whole * (whole + 1) / 2 + (fresh - whole) * (window + 1);
  }
  return k;
}

/// Operands, each place of memory once, results with them.
template <class F>
void each_operand(const KernelCall& c, const F& f) {
  std::set<std::string> owners;
  for (const auto& o : c.operands) {
    std::string key = o.owner + o.dtype;
    for (const auto d : o.shape) key += "," + std::to_string(d);
    if (o.owner.empty() || owners.insert(std::move(key)).second) f(o);
  }
}

/// The step's own matrix that is multiplied, and the columns of the product.
double product_flops(const KernelCall& c) {
  const Operand *a = nullptr, *result = nullptr;
  for (const auto& o : c.operands) {
    if (!o.owner.empty() || o.shape.size() < 2 || o.dtype.starts_with("i")) continue;
    if (a == nullptr)
      a = &o;
    else if (o.shape.size() == a->shape.size() && o.shape.front() == a->shape.front() &&
             o.shape[o.shape.size() - 2] == a->shape[a->shape.size() - 2])
      result = &o;
  }
  if (a == nullptr || result == nullptr) return 0;
  const double packed = a->dtype == "u8" ? 2 : 1;  // two values of 4 bits in a byte
  return 2 * elements(*a) * packed * static_cast<double>(result->shape.back());
}

/// Bits of the activations that a call multiplies: the step's own matrix that comes first.
int bits_of_activations(const KernelCall& c) {
  for (const auto& o : c.operands) {
    if (!o.owner.empty() || o.shape.size() < 2 || o.dtype.starts_with("i")) continue;
    if (o.dtype == "u8") return 4;  // two values in a byte
    return static_cast<int>(8 * width(o.dtype));
  }
  return CallCost{}.bits;
}

CallCost attention_cost(const KernelCall& c, const Step& step, const Module* module) {
  CallCost cost;
  const Keys keys = keys_of(step, fact_of(module, "window_left"));
  const Operand* result = nullptr;
  for (const auto& o : c.operands)
    if (o.owner.empty() && o.shape.size() == 3 && !o.dtype.starts_with("i")) result = &o;
  each_operand(c, [&](const Operand& o) {
    if (!o.in_cache()) {
      cost.bytes += bytes_of(o);
      return;
    }
    // Slots of tokens come first, in pages where there are four dimensions.
    double row = bytes_of(o);
    if (!o.shape.empty()) row /= static_cast<double>(std::max<std::int64_t>(o.shape[0], 1));
    if (o.shape.size() == 4) row /= static_cast<double>(std::max<std::int64_t>(o.shape[1], 1));
    cost.bytes += keys.held * row;
  });
  if (result == nullptr || result->shape[0] == 0) return cost;
  double widths = 0;  // of all heads: of queries, then of values
  for (const auto& o : c.operands)
    if (o.owner.empty() && o.shape.size() == 3 && o.shape[0] == result->shape[0] &&
        o.shape[1] == result->shape[1] && !o.name.starts_with("k") && !o.name.starts_with("v"))
      widths += elements(o) / static_cast<double>(o.shape[0]);
  cost.flops = 2 * keys.pairs * widths;
  return cost;
}

CallCost experts_cost(const KernelCall& c, const Step& step, const Module* module) {
  CallCost cost;
  const double all = fact_of(module, "num_experts"), top_k = fact_of(module, "top_k");
  const double chosen = static_cast<double>(tokens_of(step)) * std::max(top_k, 1.0);
  const double reached = all > 0 ? 1 - std::pow(1 - 1 / all, chosen) : 1;
  for (const auto& o : c.operands) {
    const bool weights = is_weight(o) && o.shape.size() > 1;
    cost.bytes += bytes_of(o) * (weights ? reached : 1);
    if (!is_weight(o) || o.shape.size() != 3 || o.dtype == "f32") continue;
    const double local = static_cast<double>(o.shape[0]);
    const double rows = all > 0 ? chosen * std::min(local / all, 1.0) : chosen;
    const double packed = o.dtype == "u8" ? 2 : o.dtype == "i32" ? 8 : 1;
    cost.flops += 2 * rows * packed * elements(o) / std::max(local, 1.0);
  }
  return cost;
}

/// Of functions that read and write each operand once.
CallCost plain_cost(const KernelCall& c) {
  CallCost cost;
  if (c.role == "product" || c.role == "batched_product") cost.flops = product_flops(c);
  const bool looked_up = c.role == "embedding";
  double own = 0, largest = 0;
  each_operand(c, [&](const Operand& o) {
    if (o.owner.empty()) own += bytes_of(o), largest = std::max(largest, bytes_of(o));
    // A cache is written where the step's tokens are, a table is read there.
    else if (!o.in_cache() && !looked_up && c.role != "rope" && c.role != "rope_kv_cache")
      cost.bytes += bytes_of(o);
  });
  cost.bytes += own + (looked_up ? largest : 0);  // as many bytes are read as written
  return cost;
}

}  // namespace

std::int64_t tokens_of(const Step& step) {
  const std::int64_t decoded = step.batch * step.queries;
  if (!step.is_prefill()) return decoded;
  return std::accumulate(step.extend_lens.begin(), step.extend_lens.end(),
                         step.mode == "mixed" ? decoded : 0);
}

CallCost cost_of(const KernelCall& c, const Step& step, const Module* module) {
  CallCost cost = c.role == "attention" ? attention_cost(c, step, module)
                  : c.role == "experts" || c.role == "experts_product"
                      ? experts_cost(c, step, module)
                      : plain_cost(c);
  cost.bits = bits_of_activations(c);
  return cost;
}

}  // namespace kdex
