// Implementation of core/cuda/launches.h.
#include "core/cuda/launches.h"

#include <set>

namespace kdex::cuda {

namespace {

std::vector<std::int64_t> all_of(const std::vector<Expr>& expressions, const Names& names) {
  std::vector<std::int64_t> out;
  out.reserve(expressions.size());
  for (const auto& e : expressions) out.push_back(evaluate(e, names));
  return out;
}

LaunchAt launch_at(const KernelLaunch& l, const Names& names) {
  LaunchAt out;
  out.unit = l.unit;
  out.entry = l.entry;
  for (std::size_t i = 0; i < 3; ++i) out.grid[i] = evaluate(l.grid[i], names);
  out.block = evaluate(l.block, names);
  out.shared = evaluate(l.shared, names);
  for (const auto& a : l.arguments) {
    ArgumentAt at{a.kind, a.text, 0};
    if (a.kind == KernelArgument::Kind::integer) at = {a.kind, "", evaluate(a.value, names)};
    out.arguments.push_back(std::move(at));
  }
  return out;
}

}  // namespace

PlanAt plan_at(const KernelPlan& plan, const Names& given) {
  const Names names = with_values(plan, given);
  PlanAt out;
  std::set<std::string> taken;  // tensor maps
  for (const auto& l : plan.launches) {
    if (!evaluate(l.when, names)) continue;
    out.launches.push_back(launch_at(l, names));
    for (const auto& a : l.arguments)
      if (a.kind == KernelArgument::Kind::map) taken.insert(a.text);
  }
  for (const auto& b : plan.buffers)
    out.buffers.push_back({b.name, evaluate(b.bytes, names), b.zeroed});
  for (const auto& m : plan.maps)
    if (taken.contains(m.name))
      out.maps.push_back({m.name, m.tensor, m.dtype, all_of(m.dims, names),
                          all_of(m.strides, names), all_of(m.box, names)});
  return out;
}

}  // namespace kdex::cuda
