// core/report/rooflines.h.
#include "core/report/rooflines.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include <kdex/launches.h>

#include "core/model/cost.h"
#include "core/model/roofline.h"
#include "core/report/calls.h"
#include "core/report/json_parts.h"

namespace kdex {
namespace {

using Json = nlohmann::ordered_json;

/// One call of a step: its cost a launch, and the least seconds of all its launches on each chip.
struct Costed {
  const KernelCall* call = nullptr;
  CallCost cost;
  std::vector<double> seconds;

  double intensity() const { return cost.bytes > 0 ? cost.flops / cost.bytes : 0; }
};

/// A step's calls with their costs, and the sums.
struct CostedStep {
  const CallTrace* trace = nullptr;
  std::vector<Costed> calls;
  double flops = 0, bytes = 0;
  std::vector<double> seconds;

  double share(const Costed& c, std::size_t chip) const {
    return seconds[chip] > 0 ? c.seconds[chip] / seconds[chip] : 0;
  }
};

using Patterns = std::map<std::string, const Module*>;

CostedStep costed(const CallTrace& trace, const Patterns& modules) {
  CostedStep s;
  s.trace = &trace;
  s.seconds.assign(known_peaks().size(), 0);
  for (const KernelCall& call : trace.calls) {
    if (call.elementwise || !sdk::Launches::is_launch(call)) continue;
    const auto module = modules.find(call.path);
    Costed c{
        &call, cost_of(call, trace.step, module == modules.end() ? nullptr : module->second), {}};
    const auto launches = static_cast<double>(call.count);
    s.flops += launches * c.cost.flops;
    s.bytes += launches * c.cost.bytes;
    for (std::size_t i = 0; i < known_peaks().size(); ++i) {
      c.seconds.push_back(launches * roofline_seconds(c.cost, known_peaks()[i]));
      s.seconds[i] += c.seconds.back();
    }
    s.calls.push_back(std::move(c));
  }
  return s;
}

/// Four digits: "1.234e+09", "12.34".
std::string number(double v) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", v);
  return text;
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.insert(0, width - text.size(), ' ');
  return text;
}

Json by_chip(const std::vector<double>& values) {
  Json j = Json::object();
  for (std::size_t i = 0; i < values.size(); ++i) j[known_peaks()[i].chip] = values[i];
  return j;
}

std::string as_json(const std::vector<CostedStep>& steps) {
  Json chips = Json::object();
  for (const Peaks& p : known_peaks()) {
    Json operations = Json::object();
    for (const auto& [bits, most] : p.operations) operations[std::to_string(bits)] = most;
    chips[p.chip] = {{"memory_bandwidth", p.bandwidth}, {"operations", operations}};
  }
  Json out = {{"chips", chips}, {"steps", Json::array()}};
  for (const CostedStep& s : steps) {
    Json step = {{"tokens", tokens_of(s.trace->step)},
                 {"mode", s.trace->step.mode},
                 {"status", status_of(*s.trace)}};
    if (!s.trace->ok)
      step["why"] = s.trace->stage + ": " + s.trace->error_type + ": " + s.trace->error;
    step["flops"] = s.flops;
    step["bytes"] = s.bytes;
    step["seconds"] = by_chip(s.seconds);
    step["calls"] = Json::array();
    for (const Costed& c : s.calls) {
      Json call = call_json(*c.call);
      call["flops"] = c.cost.flops;
      call["bytes"] = c.cost.bytes;
      call["intensity"] = c.intensity();
      std::vector<double> shares;
      for (std::size_t i = 0; i < s.seconds.size(); ++i) shares.push_back(s.share(c, i));
      call["share"] = by_chip(shares);
      step["calls"].push_back(std::move(call));
    }
    out["steps"].push_back(std::move(step));
  }
  return dump_line(out) + "\n";
}

std::string as_csv(const std::vector<CostedStep>& steps) {
  std::string out = "tokens,fn,path,count,flops,bytes,intensity";
  for (const Peaks& p : known_peaks()) out += ",share_" + p.chip;
  out += "\n";
  for (const CostedStep& s : steps)
    for (const Costed& c : s.calls) {
      out += std::to_string(tokens_of(s.trace->step)) + "," + c.call->function + "," +
             c.call->path + "," + std::to_string(c.call->count) + "," + number(c.cost.flops) + "," +
             number(c.cost.bytes) + "," + number(c.intensity());
      for (std::size_t i = 0; i < s.seconds.size(); ++i) out += "," + number(s.share(c, i));
      out += "\n";
    }
  return out;
}

/// Its heading: tokens, and the least milliseconds of the step on each chip.
std::string heading(const CostedStep& s) {
  const std::int64_t tokens = tokens_of(s.trace->step);
  std::string out =
      std::to_string(tokens) + (tokens == 1 ? " token, " : " tokens, ") + s.trace->step.mode + ": ";
  if (!s.trace->ok)
    return out + status_of(*s.trace) + " (" + s.trace->stage + "): " + s.trace->error_type + ": " +
           s.trace->error + "\n";
  out += number(s.flops) + " FLOP, " + number(s.bytes) + " bytes; at least";
  for (std::size_t i = 0; i < s.seconds.size(); ++i)
    out += (i > 0 ? ", " : " ") + number(1e3 * s.seconds[i]) + " ms on " + known_peaks()[i].chip;
  return out + "\n";
}

std::string as_table(const std::vector<CostedStep>& steps) {
  constexpr std::size_t width = 10;
  std::string out;
  for (const CostedStep& s : steps) {
    out += (out.empty() ? "" : "\n") + heading(s);
    if (!s.trace->ok) continue;
    std::size_t wide = 8;
    for (const Costed& c : s.calls) wide = std::max(wide, c.call->function.size());
    out += padded("launches", width);
    for (const char* title : {"FLOP", "bytes", "FLOP/byte"}) out += padded(title, width + 2);
    for (const Peaks& p : known_peaks()) out += padded("% " + p.chip, width);
    out += "  function" + std::string(wide - 8, ' ') + "  module\n";
    for (const Costed& c : s.calls) {
      out += padded(std::to_string(c.call->count), width);
      for (const double v : {c.cost.flops, c.cost.bytes, c.intensity()})
        out += padded(number(v), width + 2);
      for (std::size_t i = 0; i < s.seconds.size(); ++i)
        out += padded(number(100 * s.share(c, i)), width);
      std::string function = c.call->function;
      function.resize(wide, ' ');
      out += "  " + function + "  " + c.call->path + "\n";
    }
  }
  return out;
}

}  // namespace

std::string rooflines_text(const std::vector<CallTrace>& traces, const ModuleTree& tree,
                           const std::string& format) {
  Patterns modules;
  for (const auto& m : tree.modules) modules.try_emplace(sdk::path_pattern(m.path), &m);
  std::vector<CostedStep> steps;
  for (const CallTrace& t : traces) steps.push_back(costed(t, modules));
  return format == "json" ? as_json(steps) : format == "csv" ? as_csv(steps) : as_table(steps);
}

}  // namespace kdex
