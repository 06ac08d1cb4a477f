// What a verification found, as a text table.
#include <algorithm>
#include <cstdio>
#include <map>
#include <utility>

#include "core/pipeline/verify.h"

namespace kdex {
namespace {

/// One workload's line.
std::string workload_line(const VerifyRow& x, bool bench) {
  char text[400];
  std::snprintf(text, sizeof text, "    %-46s %-20s %9.2e",
                x.what.empty() ? x.workload.c_str() : x.what.c_str(),
                x.status.empty() ? "not verified" : x.status.c_str(), x.error);
  std::string out = text;
  if (x.seconds > 0) {
    std::snprintf(text, sizeof text, " %10.2f us", x.seconds * 1e6);
    out += text;
    if (bench) {
      std::snprintf(text, sizeof text, " %8.0f GB/s", x.bytes / x.seconds * 1e-9);
      out += text;
    }
  }
  if (!x.log.empty()) out += " " + x.log;
  out += "\n";
  for (const VerifyPeer& p : x.peers) {
    std::snprintf(text, sizeof text, "      %-44s ", (p.name + " " + p.version).c_str());
    out += text;
    if (p.seconds > 0)
      std::snprintf(text, sizeof text, "%-20s %9.2e %10.2f us, ratio %.2f", "", p.error,
                    p.seconds * 1e6, p.seconds / x.seconds);
    out += p.seconds > 0 ? std::string(text) : p.why;
    out += "\n";
  }
  return out;
}

using Found = const VerifyPeer* (VerifyRow::*)() const;

/// Times of what `found` names over ours, in order.
std::vector<double> ratios_of(const VerifyRow* first, const VerifyRow* end, Found found) {
  std::vector<double> all;
  for (const VerifyRow* x = first; x != end; ++x)
    if (const VerifyPeer* p = (x->*found)(); p != nullptr && x->seconds > 0)
      all.push_back(p->seconds / x->seconds);
  std::sort(all.begin(), all.end());
  return all;
}

/// Of a definition's rows: ", best peer over ours 1.10 (0.95 to 1.30)".
std::string ratios(const VerifyRow* first, const VerifyRow* end) {
  std::string out;
  for (const auto& [what, found] : {std::pair{"best peer", &VerifyRow::best_peer},
                                    std::pair{"other version", &VerifyRow::other_version}}) {
    const auto all = ratios_of(first, end, found);
    if (all.empty()) continue;
    char text[100];
    std::snprintf(text, sizeof text, ", %s over ours %.2f (%.2f to %.2f)", what,
                  all[all.size() / 2], all.front(), all.back());
    out += text;
  }
  return out;
}

/// One definition's line, of its rows.
std::string definition_line(const VerifyRow* first, const VerifyRow* end, bool bench) {
  double error = 0, least = 0, most = 0, rate = 0;
  int passed = 0;
  for (const VerifyRow* x = first; x != end; ++x) {
    if (x->status != "PASSED") continue;
    ++passed;
    error = std::max(error, x->error);
    if (x->seconds <= 0) continue;
    least = least > 0 ? std::min(least, x->seconds) : x->seconds;
    most = std::max(most, x->seconds);
    rate = std::max(rate, x->bytes / x->seconds);
  }
  char text[400];
  std::snprintf(text, sizeof text, "%-66s %2d of %2td %9.2e", first->definition.c_str(), passed,
                end - first, error);
  std::string out = text;
  if (bench && passed > 0) {
    std::snprintf(text, sizeof text, " %10.2f to %10.2f us, up to %5.0f GB/s", least * 1e6,
                  most * 1e6, rate * 1e-9);
    out += text;
  }
  return out + ratios(first, end) + "\n";
}

/// The medians of the best peer's time over ours, by type of operation.
std::string leaderboard(const std::vector<VerifyRow>& rows) {
  std::map<std::string, std::vector<double>> of;
  for (const VerifyRow& x : rows)
    for (const double ratio : ratios_of(&x, &x + 1, &VerifyRow::best_peer))
      of[x.op_type].push_back(ratio);
  std::string out;
  for (auto& [op, all] : of) {
    std::sort(all.begin(), all.end());
    char text[200];
    std::snprintf(text, sizeof text,
                  "%-20s best peer over ours: median %.2f of %zu workloads, %td under 0.95\n",
                  op.c_str(), all[all.size() / 2], all.size(),
                  std::lower_bound(all.begin(), all.end(), 0.95) - all.begin());
    out += text;
  }
  return out;
}

}  // namespace

const VerifyPeer* VerifyRow::best_peer() const {
  const VerifyPeer* best = nullptr;
  for (const VerifyPeer& p : peers)
    if (p.seconds > 0 && !p.is_kdex && (best == nullptr || p.seconds < best->seconds)) best = &p;
  return best;
}

const VerifyPeer* VerifyRow::other_version() const {
  for (const VerifyPeer& p : peers)
    if (p.seconds > 0 && p.is_kdex) return &p;
  return nullptr;
}

std::string verify_table(const VerifyReport& r, bool bench, bool each) {
  std::string out =
      r.device + " (" + r.arch + "), driver " + r.driver + ", NVRTC " + r.nvrtc + "\n";
  const VerifyRow* const rows = r.rows.data();
  for (std::size_t first = 0, end = 0; first < r.rows.size(); first = end) {
    while (end < r.rows.size() && r.rows[end].definition == r.rows[first].definition) ++end;
    out += definition_line(rows + first, rows + end, bench);
    for (std::size_t i = first; i < end; ++i)
      if (each || !r.rows[i].peers.empty() || r.rows[i].status != "PASSED")
        out += workload_line(r.rows[i], bench);
  }
  out += leaderboard(r.rows);
  for (const auto& [why, count] : r.without)
    out += std::to_string(count) + " without a kernel: " + why + "\n";
  return out;
}

}  // namespace kdex
