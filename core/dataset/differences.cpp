// Implementation of core/dataset/differences.h.
#include "core/dataset/differences.h"

#include <algorithm>

namespace kdex {
namespace {

using Value = std::optional<std::string>;

/// Named things of one part, in their order.
using Listed = std::vector<std::pair<std::string, std::string>>;

Listed axes_of(const Definition& d) {
  Listed out;
  for (const auto& a : d.axes) out.emplace_back(a.name, a.value ? std::to_string(*a.value) : "var");
  return out;
}

Listed tensors_of(const std::vector<TensorSpec>& tensors) {
  Listed out;
  for (const auto& t : tensors) {
    std::string shape;
    if (t.shape)
      for (const auto& axis : *t.shape) shape += (shape.empty() ? "" : ", ") + axis;
    out.emplace_back(t.name, (t.shape ? "[" + shape + "] " : "scalar ") + t.dtype);
  }
  return out;
}

Value value_in(const Listed& list, const std::string& name) {
  for (const auto& [key, value] : list)
    if (key == name) return value;
  return std::nullopt;
}

std::string names_of(const Listed& list) {
  std::string out;
  for (const auto& [name, value] : list) out += (out.empty() ? "" : ", ") + name;
  return out;
}

/// Compares by name. `ordered`: the order means something.
void compare(const std::string& part, const Listed& have, const Listed& found, bool ordered,
             std::vector<Difference>& out) {
  const std::size_t before = out.size();
  for (const auto& [name, value] : have)
    if (const Value other = value_in(found, name); other != value)
      out.push_back({part, name, value, other});
  for (const auto& [name, value] : found)
    if (!value_in(have, name)) out.push_back({part, name, std::nullopt, value});
  if (ordered && out.size() == before && names_of(have) != names_of(found))
    out.push_back({part, "order", names_of(have), names_of(found)});
}

void compare_constraints(const Definition& have, const Definition& found,
                         std::vector<Difference>& out) {
  const auto holds = [](const Definition& d, const std::string& c) {
    return std::find(d.constraints.begin(), d.constraints.end(), c) != d.constraints.end();
  };
  for (const auto& c : have.constraints)
    if (!holds(found, c)) out.push_back({"constraints", "", c, std::nullopt});
  for (const auto& c : found.constraints)
    if (!holds(have, c)) out.push_back({"constraints", "", std::nullopt, c});
}

/// Takes the first line off `text`; unset at its end.
Value next_line(std::string_view& text) {
  if (text.empty()) return std::nullopt;
  const auto end = std::min(text.find('\n'), text.size());
  std::string line(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

void compare_references(std::string_view have, std::string_view found,
                        std::vector<Difference>& out) {
  if (have == found) return;
  for (int line = 1;; ++line) {
    const Value a = next_line(have), b = next_line(found);
    if (a == b && a) continue;
    out.push_back({"reference", "line " + std::to_string(line), a, b});
    return;
  }
}

}  // namespace

std::vector<Difference> differences_of(const Definition& have, const Definition& found) {
  std::vector<Difference> out;
  if (have.op_type != found.op_type) out.push_back({"op_type", "", have.op_type, found.op_type});
  compare("axes", axes_of(have), axes_of(found), false, out);
  compare("inputs", tensors_of(have.inputs), tensors_of(found.inputs), true, out);
  compare("outputs", tensors_of(have.outputs), tensors_of(found.outputs), true, out);
  compare_constraints(have, found, out);
  compare_references(have.reference, found.reference, out);
  return out;
}

std::vector<std::string> differing_parts(const std::vector<Difference>& differences) {
  std::vector<std::string> out;
  for (const auto& d : differences)
    if (std::find(out.begin(), out.end(), d.part) == out.end()) out.push_back(d.part);
  return out;
}

std::string difference_text(const Difference& d) {
  return d.part +
         (d.name.empty()          ? ""
          : d.part == "reference" ? " " + d.name
                                  : "." + d.name) +
         ": " + (d.dataset ? *d.dataset : "nothing") + " in the dataset, " +
         (d.found ? *d.found : "nothing") + " found";
}

}  // namespace kdex
