// core/report/calls.h.
#include "core/report/calls.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/text.h"
#include "core/report/json_parts.h"

namespace kdex {
namespace {

using Json = nlohmann::ordered_json;

/// "bf16[37,4096]".
std::string tensor_text(const Operand& o) {
  std::string out = o.dtype + "[";
  for (std::size_t i = 0; i < o.shape.size(); ++i)
    out += (i > 0 ? "," : "") + std::to_string(o.shape[i]);
  return out + "]";
}

Json operand_json(const Operand& o) {
  Json j = {{"name", o.name}, {"tensor", tensor_text(o)}};
  if (!o.strides.empty()) j["strides"] = o.strides;
  if (!o.owner.empty()) j["owner"] = o.owner;
  return j;
}

Json other_side_json(const OtherSide& side) {
  if (!side.step) return nullptr;
  Json j = {{"value", side.value}, {"status", side.ran ? "ok" : "failed"}};
  if (!side.ran) {
    j["error"] = side.why_not;
    return j;
  }
  j["calls"] = Json::array();
  for (const auto& c : side.changes)
    j["calls"].push_back(
        {{"fn", c.function}, {"path", c.path}, {"here", c.here}, {"there", c.there}});
  return j;
}

/// What is launched at the other side of a branch on a size.
std::string other_side_text(const OtherSide& side) {
  if (!side.step) return "      its size is no single one of the step: not run on the other side\n";
  std::string out = "      at " + std::to_string(side.value) + ": " +
                    (!side.ran              ? side.why_not
                     : side.changes.empty() ? "the same calls"
                                            : "") +
                    "\n";
  for (const auto& c : side.changes)
    out += "        " + std::to_string(c.there) + ", not " + std::to_string(c.here) + ", x " +
           c.function + "  " + c.path + "\n";
  return out;
}

/// Branches on sizes, a line each, and what is launched on their other side.
std::string regimes_text(const CallTrace& t, const std::vector<OtherSide>& sides) {
  std::string out = t.regimes.empty() ? "" : "\nbranches on sizes:\n";
  for (std::size_t i = 0; i < t.regimes.size(); ++i) {
    const Regime& r = t.regimes[i];
    out += "  " + r.text() + (r.holds ? ": yes, " : ": no, ") + std::to_string(r.value) + "  " +
           place_text(r.where) + "\n";
    if (i < sides.size()) out += other_side_text(sides[i]);
  }
  return out;
}

/// A field of a CSV line, quoted where it must be.
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

/// Functions whose results are not known, a line each.
std::string without_rule(const CallTrace& t) {
  std::string out;
  for (const auto& u : t.unknown)
    out += "no rule: " + std::to_string(u.count) + " x " + u.function + "  " + place_text(u.where) +
           "\n";
  return out;
}

/// The failure of a step, in one line and the frames that led there.
std::string failure(const CallTrace& t) {
  std::string out = std::string(t.refused ? "refused by the engine" : "failed") + " (" + t.stage +
                    "): " + t.error_type + ": " + t.error + "\n";
  for (const auto& w : t.where) out += "  " + w + "\n";
  return out + without_rule(t);
}

}  // namespace

nlohmann::ordered_json call_json(const KernelCall& c) {
  Json j = {{"fn", c.function}, {"kind", c.kind}, {"path", c.path}, {"count", c.count}};
  if (!c.role.empty()) j["role"] = c.role;
  if (!c.layers.empty()) j["layers"] = c.layers;
  j["tensors"] = c.tensors;
  j["operands"] = Json::array();
  for (const auto& o : c.operands) j["operands"].push_back(operand_json(o));
  for (const auto& [name, value] : c.arguments) j["arguments"][name] = value;
  if (!c.stream.empty()) j["stream"] = c.stream;
  j["where"] = Json::array();
  for (const auto& p : c.where) j["where"].push_back(place_text(p));
  for (const auto& p : c.parts) j["parts"].push_back({{"count", p.count}, {"tensors", p.tensors}});
  if (!c.parts.empty()) {
    std::int64_t launches = 0;
    for (const auto& p : c.parts) launches += p.count;
    j["launches"] = launches;
  }
  if (c.elementwise) j["elementwise"] = true;
  return j;
}

const char* status_of(const CallTrace& t) { return t.ok ? "ok" : t.refused ? "refused" : "failed"; }

std::string calls_to_json(const CallTrace& t, const std::vector<OtherSide>& sides) {
  Json j = {{"status", status_of(t)}};
  if (!t.ok) {
    j["stage"] = t.stage;
    j["error_type"] = t.error_type;
    j["error"] = t.error;
    j["where"] = t.where;
  }
  j["calls"] = Json::array();
  for (const auto& c : t.calls) j["calls"].push_back(call_json(c));
  j["unknown"] = Json::array();
  for (const auto& u : t.unknown)
    j["unknown"].push_back(
        {{"fn", u.function}, {"count", u.count}, {"where", place_text(u.where)}});
  j["regimes"] = Json::array();
  for (std::size_t i = 0; i < t.regimes.size(); ++i) {
    j["regimes"].push_back(regime_json(t.regimes[i]));
    if (i < sides.size()) j["regimes"].back()["other_side"] = other_side_json(sides[i]);
  }
  j["reads"] = t.reads;
  j["assumptions"] = t.assumptions;
  return dump_line(j) + "\n";
}

std::string calls_to_csv(const CallTrace& t) {
  std::string out = "fn,kind,path,count,layers,tensors,source\n";
  for (const auto& c : t.calls)
    out += field(c.function) + "," + c.kind + "," + field(c.path) + "," + std::to_string(c.count) +
           "," + field(c.layers) + "," + field(joined(c.tensors, " ")) + "," +
           (c.where.empty() ? "" : field(place_text(c.where[0]))) + "\n";
  return out;
}

std::string calls_to_table(const CallTrace& t, const std::vector<OtherSide>& sides, bool lines) {
  if (!t.ok) return failure(t);
  std::vector<const KernelCall*> shown;
  std::size_t wide = 0, wide_path = 0;
  for (const auto& c : t.calls) {
    if (c.elementwise) continue;
    shown.push_back(&c);
    wide = std::max(wide, c.function.size());
    wide_path = std::max(wide_path, c.path.size());
  }
  std::string out;
  for (const KernelCall* c : shown) {
    std::string count = std::to_string(c->count);
    count.insert(0, count.size() < 5 ? 5 - count.size() : 0, ' ');
    std::string function = c->function, path = c->path;
    function.resize(wide, ' ');
    path.resize(wide_path, ' ');
    out += count + "  " + function + "  " + path + "  " + joined(c->tensors, " ") + "\n";
    if (lines)
      for (const auto& place : c->where) out += "         " + place_text(place) + "\n";
  }
  return out + without_rule(t) + regimes_text(t, sides);
}

std::string calls_text(const CallTrace& trace, const std::string& format,
                       const std::vector<OtherSide>& sides, bool lines) {
  return format == "json"  ? calls_to_json(trace, sides)
         : format == "csv" ? calls_to_csv(trace)
                           : calls_to_table(trace, sides, lines);
}

}  // namespace kdex
