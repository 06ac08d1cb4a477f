// core/model/regimes.h.
#include "core/model/regimes.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

namespace kdex {
namespace {

constexpr std::int64_t kLargest = std::int64_t{1} << 20;  // tokens or requests of a step

/// The nearest value for which the comparison goes the other way.
std::int64_t beyond(const Regime& r) {
  const std::int64_t b = r.bound;
  if (r.relation == "<=") return r.holds ? b + 1 : b;
  if (r.relation == "<") return r.holds ? b : b - 1;
  if (r.relation == ">=") return r.holds ? b - 1 : b;
  if (r.relation == ">") return r.holds ? b : b + 1;
  return (r.relation == "==") == r.holds ? b + 1 : b;
}

/// `total` over as many parts as there are, as evenly as can be.
void spread(std::vector<std::int64_t>& parts, std::int64_t total) {
  const auto n = static_cast<std::int64_t>(parts.size());
  for (std::int64_t i = 0; i < n; ++i)
    parts[static_cast<std::size_t>(i)] = total / n + (i < total % n ? 1 : 0);
}

/// Sets a size of a step of prompts; false where there is no such size or it cannot be `value`.
bool set_prefill(Step& s, const std::string& size, std::int64_t value) {
  const auto n = static_cast<std::int64_t>(s.extend_lens.size());
  if (s.mode == "mixed" || n == 0) return false;
  if (size == "num_tokens" || size == "sum(extend_len)") {
    if (value < n) return false;
    spread(s.extend_lens, value);
    return true;
  }
  if (size == "sum(prefix_len)" || size == "prefix_len" || size == "max(prefix_len)") {
    s.prefix_lens.resize(s.extend_lens.size());
    spread(s.prefix_lens, size.starts_with("sum") ? value : value * n);
    return true;
  }
  if (size == "max(extend_len)" || size == "extend_len") {
    std::fill(s.extend_lens.begin(), s.extend_lens.end(), value);
    return value > 0;
  }
  return false;
}

/// The same for a step of requests that decode.
bool set_decode(Step& s, const std::string& size, std::int64_t value) {
  if (value < 1) return false;
  if (size == "batch_size" || size == "num_tokens") {
    s.batch = value;
    return true;
  }
  if (size == "seq_len") s.seq_len = value;
  return size == "seq_len";
}

using Counts = std::map<std::pair<std::string, std::string>, std::int64_t>;

Counts counts_of(const CallTrace& t, std::vector<Counts::key_type>& order) {
  Counts out;
  for (const auto& c : t.calls) {
    if (c.elementwise || c.kind == "attention") continue;
    const auto [at, fresh] = out.try_emplace({c.function, c.path}, 0);
    if (fresh) order.push_back(at->first);
    at->second += c.count;
  }
  return out;
}

}  // namespace

std::optional<Step> step_beyond(const Step& step, const Regime& regime, std::int64_t& value) {
  Step out = step;
  value = beyond(regime);
  if (value < 0 || value > kLargest) return std::nullopt;
  const bool set = step.is_prefill() ? set_prefill(out, regime.size, value)
                                     : set_decode(out, regime.size, value);
  return set ? std::optional(out) : std::nullopt;
}

std::vector<OtherCount> changes_of(const CallTrace& here, const CallTrace& there) {
  std::vector<Counts::key_type> order;
  const Counts a = counts_of(here, order), b = counts_of(there, order);
  std::vector<OtherCount> out;
  const auto of = [](const Counts& counts, const Counts::key_type& key) {
    const auto at = counts.find(key);
    return at == counts.end() ? 0 : at->second;
  };
  for (auto key = order.begin(); key != order.end(); ++key)
    if (std::find(order.begin(), key, *key) == key && of(a, *key) != of(b, *key))
      out.push_back({key->first, key->second, of(a, *key), of(b, *key)});
  return out;
}

std::vector<OtherSide> other_sides(SourceTree& source, const Checkpoint& checkpoint,
                                   const Deployment& deployment, const CallTrace& trace,
                                   const Environment& environment, const Limits& limits,
                                   std::size_t most) {
  std::vector<OtherSide> out(trace.regimes.size());
  std::vector<Step> steps;
  std::map<std::pair<std::string, std::int64_t>, std::size_t> asked;
  std::vector<std::size_t> run_of(out.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Regime& r = trace.regimes[i];
    out[i].step = step_beyond(trace.step, r, out[i].value);
    if (!out[i].step) continue;
    const auto [at, fresh] = asked.try_emplace({r.size, out[i].value}, steps.size());
    run_of[i] = at->second;
    if (fresh) steps.push_back(*out[i].step);
  }
  if (steps.size() > most) steps.resize(most);
  if (steps.empty()) return out;
  const auto traces = trace_calls(source, checkpoint, deployment, steps, environment, limits);
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!out[i].step) continue;
    if (run_of[i] >= traces.size()) {
      out[i].why_not = "not run: more than " + std::to_string(most) + " steps";
      continue;
    }
    const CallTrace& t = traces[run_of[i]];
    out[i].ran = t.ok;
    if (t.ok)
      out[i].changes = changes_of(trace, t);
    else
      out[i].why_not = t.stage + ": " + t.error_type + ": " + t.error;
  }
  return out;
}

}  // namespace kdex
