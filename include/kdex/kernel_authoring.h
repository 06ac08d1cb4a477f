// What families share when they plan a kernel: the sizes of a definition, the constants of its
// reference, the architecture. Header-only and part of the SDK; knows no kernel family.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kdex/chip.h>
#include <kdex/definition.h>
#include <kdex/kernel_plan.h>

namespace kdex::sdk {

inline KernelPlan no_kernel(std::string why) {
  KernelPlan p;
  p.why_not = std::move(why);
  return p;
}

/// KDEX_DTYPE of a 16-bit type; empty for others.
inline std::optional<std::string> dtype_constant(std::string_view dtype) {
  if (dtype == "float16") return "0";
  if (dtype == "bfloat16") return "1";
  return std::nullopt;
}
/// Names and values of a unit's -D.
using Constants = std::vector<std::pair<std::string, std::string>>;

/// The unit of kernels/<file> with these constants and its entry; a new one where the plan has none
/// alike. Returns its index.
inline std::size_t add_unit(KernelPlan& p, const std::string& file, const std::string& entry,
                            Constants constants) {
  for (std::size_t i = 0; i < p.units.size(); ++i)
    if (p.units[i].file == file && p.units[i].constants == constants) return i;
  p.units.push_back({file, "", std::move(constants), {entry}});
  return p.units.size() - 1;
}

inline std::string text(std::int64_t n) { return std::to_string(n); }

/// A new launch of the unit's first entry, where `when` holds. It is the last of the plan's
/// launches; the reference is good until the next one is added.
inline KernelLaunch& add_launch(KernelPlan& p, std::size_t unit, const BoolExpr& when) {
  KernelLaunch l;
  l.unit = unit;
  l.entry = p.units.at(unit).entries.at(0);
  l.when = when;
  p.launches.push_back(std::move(l));
  return p.launches.back();
}
/// Gives an expression a name in the plan, so that it is worked out once; the name as an
/// expression.
inline Expr named_value(KernelPlan& p, const std::string& name, const Expr& value) {
  p.values.emplace_back(name, value);
  return Expr::named(name);
}

inline KernelArgument tensor_argument(std::string name) {
  return {KernelArgument::Kind::tensor, std::move(name), {}};
}
inline KernelArgument map_argument(std::string name) {
  return {KernelArgument::Kind::map, std::move(name), {}};
}
inline KernelArgument int_argument(Expr value) {
  return {KernelArgument::Kind::integer, "", std::move(value)};
}
inline KernelArgument scalar_argument(std::string name) {
  return {KernelArgument::Kind::scalar, std::move(name), {}};
}
inline KernelArgument real_argument(std::string literal) {
  return {KernelArgument::Kind::real, std::move(literal), {}};
}
inline KernelArgument null_argument() { return {KernelArgument::Kind::null, "", {}}; }

}  // namespace kdex::sdk
