// core/model/roofline.h.
#include "core/model/roofline.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/paths.h"

namespace kdex {
namespace {

using Json = nlohmann::ordered_json;

Peaks peaks_of(const std::string& chip, const Json& j, const std::string& file) {
  const auto number = [&](const Json& object, const std::string& key) {
    if (!object.is_object() || !object.contains(key) || !object[key].is_number() ||
        !(object[key].get<double>() > 0))
      throw Error("expected a positive number as '" + key + "' of '" + chip + "'", file);
    return object[key].get<double>();
  };
  Peaks p{chip, number(j, "memory_bandwidth"), {}};
  const Json operations = j.value("operations", Json::object());
  for (const auto& [bits, unused] : operations.items()) {
    int width = 0;
    std::from_chars(bits.data(), bits.data() + bits.size(), width);
    p.operations[width] = number(operations, bits);
  }
  if (p.operations.empty()) throw Error("'" + chip + "' has no operations", file);
  return p;
}

}  // namespace

const std::vector<Peaks>& known_peaks() {
  static const std::vector<Peaks> all = [] {
    const std::string file = data_folder() + "/core/engine/chips.json";
    const Json j = Json::parse(read_file(file), nullptr, false);
    if (!j.is_object()) throw Error("is not a JSON object", file);
    std::vector<Peaks> out;
    for (const auto& [chip, facts] : j.items())
      if (facts.is_object()) out.push_back(peaks_of(chip, facts, file));
    return out;
  }();
  return all;
}

double roofline_seconds(const CallCost& cost, const Peaks& peaks) {
  auto at = peaks.operations.lower_bound(cost.bits);
  if (at == peaks.operations.end()) --at;
  return std::max(cost.bytes / peaks.bandwidth, cost.flops / at->second);
}

}  // namespace kdex
