// Implementation of core/pipeline/verify/traces.h.
#include "core/pipeline/verify/traces.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <map>
#include <sstream>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/dataset/lock.h"
#include "core/definition/json.h"
#include "core/pipeline/verify/peer_files.h"
#include "core/pipeline/verify/protocol.h"

namespace kdex::verify {
namespace {

namespace fs = std::filesystem;

std::string now() {
  char text[32];
  const std::time_t t = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&t, &parts);
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

nlohmann::ordered_json evaluation(const VerifyReport& report, const VerifyRow& row) {
  nlohmann::ordered_json e = {
      {"status", row.status},
      {"environment",
       {{"hardware", report.device},
        {"libs", {{"cuda_driver", report.driver}, {"nvrtc", report.nvrtc}}}}},
      {"timestamp", now()},
      {"log", row.log}};
  if (row.status == "PASSED" || row.status == "INCORRECT_NUMERICAL")
    e["correctness"] = {{"max_relative_error", row.max_relative},
                        {"max_absolute_error", row.max_absolute},
                        {"extra", {{"relative_frobenius_error", row.error}}}};
  if (row.status != "PASSED") return e;
  // FlashInfer-Bench wants a number of a run that passed; 0 is its default. The reference is not
  // timed.
  e["performance"] = {{"latency_ms", row.seconds * 1e3}};
  if (const VerifyPeer* p = row.best_peer(); p != nullptr && row.seconds > 0) {
    char ratio[64];
    std::snprintf(ratio, sizeof ratio, " takes %.6g ms, %.3f of this", p->seconds * 1e3,
                  p->seconds / row.seconds);
    e["log"] = p->name + ratio;
  }
  if (row.seconds <= 0) e["log"] = "verified, not timed: latency_ms 0 is no measurement";
  return e;
}

/// A peer's own evaluation; ours is the one its error is measured by.
nlohmann::ordered_json peer_evaluation(const VerifyReport& report, const VerifyPeer& peer) {
  return {{"status", "PASSED"},
          {"environment",
           {{"hardware", report.device},
            {"libs", {{"cuda_driver", report.driver}, {peer.name, peer.version}}}}},
          {"timestamp", now()},
          {"log", "timed beside kdex's kernel in the same run, and compared with its result"},
          {"correctness",
           {{"max_relative_error", 0.0},
            {"max_absolute_error", 0.0},
            {"extra", {{"relative_frobenius_error", peer.error}}}}},
          {"performance", {{"latency_ms", peer.seconds * 1e3}}}};
}

/// The lines of a trace file that stay: all but this solution's of these workloads.
std::string other_lines(const std::string& file, const std::string& solution,
                        const std::vector<VerifyRow>& rows) {
  std::string kept;
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return kept;
  std::istringstream in(read_file(file));
  for (std::string line; std::getline(in, line);) {
    const bool ours = line.find("\"" + solution + "\"") != std::string::npos &&
                      std::any_of(rows.begin(), rows.end(), [&](const VerifyRow& r) {
                        return line.find("\"" + r.workload + "\"") != std::string::npos;
                      });
    if (!line.empty() && !ours) kept += line + "\n";
  }
  return kept;
}

/// Whether a row says that the kernel is wrong. A device that is too small for it does not.
bool is_wrong(const VerifyRow& row) {
  return (row.status == "INCORRECT_NUMERICAL" || row.status == "RUNTIME_ERROR" ||
          row.status == "TIMEOUT") &&
         !is_out_of_memory(row.log);
}

/// A kernel that is wrong is not offered; one that is right again is.
void withdraw_or_readmit(const std::string& dataset, const Definition& d, const std::string& author,
                         bool wrong, bool passed, VerifyReport& report) {
  const std::string name = cuda::solution_name(d, author);
  auto withheld = read_withheld(dataset);
  if (!wrong) {
    if (passed && withheld.erase(name) > 0) write_withheld(dataset, withheld);
    return;
  }
  const std::string solution = dataset + "/" + cuda::solution_file(d, author);
  std::error_code error;
  if (!fs::is_regular_file(solution, error)) {
    report.errors.push_back(d.name + ": its kernel failed verification");
    return;
  }
  withheld[name] = solution_hash(read_file(solution));
  fs::remove(solution, error);
  write_withheld(dataset, withheld);
  report.errors.push_back(d.name + ": its kernel failed verification; the solution is withdrawn");
}

}  // namespace

WorkloadLines read_workloads(const std::string& dataset, const Definition& d,
                             const KnownForm& form) {
  if (form.form == nullptr) throw Error(form.why, d.name);
  WorkloadLines out;
  std::error_code error;
  const std::string file = dataset + "/" + cuda::workloads_file(d);
  if (!fs::is_regular_file(file, error)) {
    out.workloads = cuda::make_workloads(d, *form.form, form.params);
    for (const auto& w : out.workloads)
      out.lines.push_back(cuda::workload_json(d, w, cuda::workload_blob(d, w)));
    return out;
  }
  std::istringstream in(read_file(file));
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) out.lines.push_back(parse_json(line, file));
  for (const auto& l : out.lines) {
    out.workloads.push_back(cuda::workload_from_json(d, *form.form, l.at("workload"), dataset));
    if (l.contains("description") && l["description"].is_string())
      out.workloads.back().what = l["description"].get<std::string>();
  }
  return out;
}

namespace {

/// Peers' times as traces of their own, each peer an author: traces/flashinfer_fa3/….
void write_peers(const std::string& dataset, const Definition& d,
                 const std::vector<VerifyRow>& rows,
                 const std::vector<nlohmann::ordered_json>& lines, const std::string& file_of_peers,
                 const VerifyReport& report) {
  std::map<std::string, std::string> texts;  // by author
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (const VerifyPeer& p : rows[i].peers) {
      if (p.seconds <= 0 || p.is_kdex) continue;
      const std::string author = peer_author(p.name);
      if (!texts.contains(author))
        write_peer_solution(dataset, d, p.name, file_of_peers, report.device);
      nlohmann::ordered_json trace = lines[i];
      trace["solution"] = peer_solution(d, p.name);
      trace["evaluation"] = peer_evaluation(report, p);
      texts[author] += trace.dump() + "\n";
    }
  for (const auto& [author, text] : texts) {
    const std::string file =
        dataset + "/traces/" + author + "/" + d.op_type + "/" + d.name + ".jsonl";
    std::error_code error;
    fs::create_directories(fs::path(file).parent_path(), error);
    write_file_atomically(file, other_lines(file, author + "_" + d.name, rows) + text, false);
  }
}

}  // namespace

int write_traces(const std::string& dataset, const Definition& d,
                 const std::vector<VerifyRow>& rows,
                 const std::vector<nlohmann::ordered_json>& lines, const std::string& author,
                 VerifyReport& report, const std::string& file_of_peers) {
  const std::string name = cuda::solution_name(d, author);
  const std::string file =
      dataset + "/traces/" + author + "/" + d.op_type + "/" + d.name + ".jsonl";
  const DatasetLock lock(dataset);
  std::string text = other_lines(file, name, rows);
  int wrong = 0, passed = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].status.empty()) continue;
    nlohmann::ordered_json trace = lines[i];
    trace["solution"] = name;
    trace["evaluation"] = evaluation(report, rows[i]);
    text += trace.dump() + "\n";
    passed += rows[i].status == "PASSED";
    wrong += is_wrong(rows[i]);
  }
  std::error_code error;
  fs::create_directories(fs::path(file).parent_path(), error);
  if (!text.empty()) write_file_atomically(file, text, false);
  if (!file_of_peers.empty()) write_peers(dataset, d, rows, lines, file_of_peers, report);
  withdraw_or_readmit(dataset, d, author, wrong > 0, passed > 0, report);
  return passed;
}

}  // namespace kdex::verify
