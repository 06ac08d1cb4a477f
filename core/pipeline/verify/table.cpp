// What a verification found, as a text table.
#include <algorithm>
#include <cstdio>

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
  return out + "\n";
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
  return out + "\n";
}

}  // namespace

std::string verify_table(const VerifyReport& r, bool bench, bool each) {
  std::string out =
      r.device + " (" + r.arch + "), driver " + r.driver + ", NVRTC " + r.nvrtc + "\n";
  const VerifyRow* const rows = r.rows.data();
  for (std::size_t first = 0, end = 0; first < r.rows.size(); first = end) {
    while (end < r.rows.size() && r.rows[end].definition == r.rows[first].definition) ++end;
    out += definition_line(rows + first, rows + end, bench);
    for (std::size_t i = first; i < end; ++i)
      if (each || r.rows[i].status != "PASSED") out += workload_line(r.rows[i], bench);
  }
  for (const auto& [why, count] : r.without)
    out += std::to_string(count) + " without a kernel: " + why + "\n";
  return out;
}

}  // namespace kdex
