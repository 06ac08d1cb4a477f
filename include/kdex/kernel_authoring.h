// What families share when they plan a kernel: the sizes of a definition, the constants of its
// reference, the architecture. Header-only and part of the SDK; knows no kernel family.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
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

inline std::optional<std::int64_t> const_value(const Definition& d, std::string_view axis) {
  for (const auto& a : d.axes)
    if (a.name == axis) return a.value;
  return std::nullopt;
}
inline bool has_axis(const Definition& d, std::string_view axis) {
  for (const auto& a : d.axes)
    if (a.name == axis) return true;
  return false;
}
inline const TensorSpec* input(const Definition& d, std::string_view name) {
  for (const auto& t : d.inputs)
    if (t.name == name) return &t;
  return nullptr;
}
inline const TensorSpec* output(const Definition& d, std::string_view name) {
  for (const auto& t : d.outputs)
    if (t.name == name) return &t;
  return nullptr;
}

/// The value of a line `NAME = value  # ...` at any indent of the reference, "" where there is
/// none.
inline std::string reference_constant(const Definition& d, std::string_view name) {
  std::string_view text = d.reference;
  for (std::size_t start = 0; start < text.size();) {
    auto end = text.find('\n', start);
    if (end == std::string_view::npos) end = text.size();
    auto line = text.substr(start, end - start);
    start = end + 1;
    auto first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos) continue;
    line.remove_prefix(first);
    if (!line.starts_with(name)) continue;
    line.remove_prefix(name.size());
    auto eq = line.find_first_not_of(' ');
    if (eq == std::string_view::npos || line[eq] != '=' ||
        (eq + 1 < line.size() && line[eq + 1] == '='))
      continue;
    line.remove_prefix(eq + 1);
    if (auto hash = line.find('#'); hash != std::string_view::npos) line = line.substr(0, hash);
    auto from = line.find_first_not_of(" \t"), to = line.find_last_not_of(" \t\r");
    return from == std::string_view::npos ? "" : std::string(line.substr(from, to - from + 1));
  }
  return "";
}
inline std::optional<double> reference_number(const Definition& d, std::string_view name) {
  std::string text = reference_constant(d, name);
  double value = 0;
  auto r = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || r.ec != std::errc() || r.ptr != text.data() + text.size())
    return std::nullopt;
  return value;
}

/// KDEX_DTYPE of a 16-bit type; empty for others.
inline std::optional<std::string> dtype_constant(std::string_view dtype) {
  if (dtype == "float16") return "0";
  if (dtype == "bfloat16") return "1";
  return std::nullopt;
}
/// The unit of kernels/<file> with these constants and its entry; a new one where the plan has none
/// alike. Returns its index.
inline std::size_t add_unit(KernelPlan& p, const std::string& file, const std::string& entry,
                            std::vector<std::pair<std::string, std::string>> constants) {
  for (std::size_t i = 0; i < p.units.size(); ++i)
    if (p.units[i].file == file && p.units[i].constants == constants) return i;
  p.units.push_back({file, "", std::move(constants), {entry}});
  return p.units.size() - 1;
}

inline std::string text(std::int64_t n) { return std::to_string(n); }
inline KernelArgument tensor_argument(std::string name) {
  return {KernelArgument::Kind::tensor, std::move(name)};
}
inline KernelArgument map_argument(std::string name) {
  return {KernelArgument::Kind::map, std::move(name)};
}
inline KernelArgument int_argument(std::string e) {
  return {KernelArgument::Kind::integer, std::move(e)};
}
inline KernelArgument scalar_argument(std::string name) {
  return {KernelArgument::Kind::scalar, std::move(name)};
}
inline KernelArgument real_argument(std::string literal) {
  return {KernelArgument::Kind::real, std::move(literal)};
}
inline KernelArgument null_argument() { return {KernelArgument::Kind::null, ""}; }

/// Keys and values of gqa/prefill_wgmma.cu, latents and rotary parts of mla/attend_wgmma.cu by TMA:
/// tensor maps of both as [tokens, elements of a token] with boxes of 64 elements and `box` tokens,
/// which come first among the launch's arguments. The unit's constant TMA_BOX_ROWS is `box`.
inline void add_key_boxes(KernelPlan& p, KernelLaunch& l, const TensorSpec& k,
                          std::int64_t k_elements, const TensorSpec& v, std::int64_t v_elements,
                          const std::string& tokens, std::int64_t box) {
  for (auto [map, tensor, elements] :
       {std::tuple("m_k", &k, k_elements), std::tuple("m_v", &v, v_elements)})
    p.maps.push_back({map,
                      tensor->name,
                      tensor->dtype,
                      {text(elements), "max(1, " + tokens + ")"},
                      {text(elements * 2)},
                      {"64", text(box)}});
  l.arguments.insert(l.arguments.begin(), {map_argument("m_k"), map_argument("m_v")});
}

/// Values "chunk" and "items": how many keys a part of `sequences` sequences with `keys` keys takes
/// when each has `groups` blocks a part, and how many parts there may be. The least time in units
/// of one block's keys: a block costs about 100 keys beside its own, the merge as much, and blocks
/// that have the device for themselves run up to `faster` / 100 times as fast. `slots`: blocks that
/// the device holds.
inline void add_parts(KernelPlan& p, const std::string& keys, const std::string& sequences,
                      std::int64_t groups, const std::string& slots, int faster) {
  p.values.emplace_back("length", "ceil_div(max(" + keys + ", 1), max(1, " + sequences + "))");
  p.values.emplace_back("slots", slots);
  std::string least;
  std::vector<std::string> costs;
  for (int n : {1, 2, 3, 4, 6, 8, 11, 16, 22, 32, 45, 64, 90, 128}) {
    const std::string at = "_" + text(n);
    p.values.emplace_back("chunk" + at,
                          "max(128, ceil_div(ceil_div(length, " + text(n) + "), 64) * 64)");
    p.values.emplace_back("parts" + at, "ceil_div(length, chunk" + at + ")");
    p.values.emplace_back("blocks" + at,
                          "max(1, " + sequences + ") * " + text(groups) + " * parts" + at);
    p.values.emplace_back("alone" + at,
                          "min(" + text(faster) + ", max(100, slots * 100 / blocks" + at + "))");
    p.values.emplace_back("cost" + at, "ceil_div(blocks" + at + ", slots) * (min(chunk" + at +
                                           ", length) * 100 / alone" + at + " + 100) + (parts" +
                                           at + " > 1 ? 100 + 2 * parts" + at + " : 0)");
    least = least.empty() ? "cost" + at : "min(" + least + ", cost" + at + ")";
    costs.push_back(at);
  }
  p.values.emplace_back("least", least);
  std::string chosen = "chunk" + costs.back();
  for (std::size_t i = costs.size() - 1; i-- > 0;)
    chosen = "(cost" + costs[i] + " == least ? chunk" + costs[i] + " : " + chosen + ")";
  p.values.emplace_back("chunk", chosen);
  p.values.emplace_back("items", "ceil_div(" + keys + ", chunk) + " + sequences);
}

/// The tile of kernels/device/swap_ab_wgmma.cuh (sm_90a) or swap_ab_mma.cuh: 256 weight rows times
/// `tokens`. Stages of its ring and bytes of shared memory.
struct Rows256 {
  std::int64_t stages, shared, box;  ///< box: rows of a 16-bit result's tensor map
};
inline Rows256 rows256(const Chip& chip, std::int64_t tokens) {
  const std::int64_t stage = 32768 + tokens * 128, box = tokens % 64 == 0   ? 64
                                                         : tokens % 32 == 0 ? 32
                                                                            : 16;
  if (!chip.is_hopper()) return {1, stage, box};
  const std::int64_t staging = std::max(tokens * 160, box * 256);
  const std::int64_t stages =
      std::min<std::int64_t>(8, (chip.shared_limit - 4096 - staging) / (stage + tokens * 4));
  return {stages, stages * (stage + tokens * 4) + staging + 1024, box};
}

/// The tile of kernels/device/swap_ab_nvfp4.cuh: 256 NVFP4 weight rows times `tokens`; `blocks`
/// CTAs an SM.
struct Rows4 {
  std::int64_t blocks, stages, shared;
};
inline Rows4 rows4(const Chip& chip, std::int64_t tokens) {
  const std::int64_t stage = 18432 + tokens * 256, limit = chip.shared_limit;
  const std::int64_t blocks = tokens <= 16 && limit > 200 * 1024   ? 3
                              : tokens <= 32 && limit > 120 * 1024 ? 2
                                                                   : 1;
  const std::int64_t stages = std::min<std::int64_t>(6, (limit / blocks - 1024) / stage);
  return {blocks, stages, stages * stage};
}

}  // namespace kdex::sdk
