// What a plan is made for: the chip, and constants of the tuning that somebody wants instead of
// the planner's own choice. Knows no kernel and no family.
#pragma once

#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kdex/error.h>

namespace kdex {

/// A GPU as planners see it.
struct Chip {
  std::string arch = "sm_90a";    ///< as NVRTC spells it
  int sms = 132;                  ///< streaming multiprocessors
  int shared_limit = 227 * 1024;  ///< dynamic shared memory of one block, bytes

  Chip() = default;
  /// The usual chip of an architecture: "sm_80" is an A100, "sm_90a" an H100 or H200.
  /// `sm_count`: of this one, where it has others; 0: the usual number.
  explicit Chip(std::string architecture, int sm_count = 0)
      : arch(std::move(architecture)),
        sms(sm_count > 0 ? sm_count : usual_sms(number())),
        shared_limit(limit_of(number())) {}

  /// The number in "sm_90a"; 0 where there is none.
  int number() const {
    int n = 0;
    if (arch.starts_with("sm_")) std::from_chars(arch.data() + 3, arch.data() + arch.size(), n);
    return n;
  }
  /// TMA and wgmma are sm_90a's alone; every other architecture takes the portable path.
  bool is_hopper() const { return arch == "sm_90a"; }

 private:
  static int usual_sms(int number) {
    switch (number) {
      case 80:
        return 108;  // A100
      case 86:
        return 84;  // A40, RTX A6000
      case 87:
        return 16;  // Jetson Orin
      case 89:
        return 142;  // L40S
      case 90:
        return 132;  // H100, H200
      case 120:
        return 188;  // RTX PRO 6000
      default:
        return 148;  // B200
    }
  }
  /// CUDA C++ programming guide, technical specifications.
  static int limit_of(int number) {
    switch (number) {
      case 80:
      case 87:
        return 163 * 1024;
      case 86:
      case 89:
      case 120:
      case 121:
        return 99 * 1024;
      default:
        return 227 * 1024;
    }
  }
};

/// Constants that were set by name in place of the planner's own choice ("BLOCK_N" = "64"). A
/// planner asks for those that it has; what it never asked for is unknown.
class Tuning {
 public:
  Tuning() = default;
  explicit Tuning(std::map<std::string, std::string> values) : values_(std::move(values)) {}

  bool empty() const { return values_.empty(); }
  /// The text that was set; nothing where the choice is the planner's.
  std::optional<std::string> word(const std::string& name) const {
    asked_.insert(name);
    auto it = values_.find(name);
    if (it == values_.end()) return std::nullopt;
    return it->second;
  }
  /// The same of words that are known; throws kdex::Error for another.
  std::optional<std::string> word(const std::string& name,
                                  const std::vector<std::string>& known) const {
    auto text = word(name);
    if (!text) return text;
    std::string list;
    for (const auto& k : known) {
      if (k == *text) return text;
      list += (list.empty() ? "" : ", ") + k;
    }
    throw Error("expected one of " + list + " instead of '" + *text + "'", name);
  }
  /// A number of at least 0; throws kdex::Error where the text is none.
  std::optional<std::int64_t> number(const std::string& name) const {
    auto text = word(name);
    if (!text) return std::nullopt;
    std::int64_t value = 0;
    auto r = std::from_chars(text->data(), text->data() + text->size(), value);
    if (text->empty() || r.ec != std::errc() || r.ptr != text->data() + text->size() || value < 0)
      throw Error("'" + *text + "' is not a number of at least 0", name);
    return value;
  }
  /// number(), or the planner's own.
  std::int64_t number_or(const std::string& name, std::int64_t own) const {
    return number(name).value_or(own);
  }

  /// Names that were set and that nobody asked for.
  std::vector<std::string> unknown() const {
    std::vector<std::string> out;
    for (const auto& [name, value] : values_)
      if (!asked_.contains(name)) out.push_back(name);
    return out;
  }
  /// Names that were asked for: what may be set of this plan.
  std::vector<std::string> known() const { return {asked_.begin(), asked_.end()}; }

 private:
  std::map<std::string, std::string> values_;
  mutable std::set<std::string> asked_;
};

}  // namespace kdex
