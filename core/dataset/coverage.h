// What a dataset lacks without being wrong: descriptions, workloads, baselines, traces of some
// workloads. The warnings of FlashInfer-Bench's own validator (flashinfer_bench/data/validate.py),
// in its words; errors are validate.h's.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <kdex/definition.h>

namespace kdex {

/// The traces of one author for one definition.
struct AuthorTraces {
  std::set<std::string> workloads, solutions;
  int failed = 0;  // lines whose status is not PASSED
};

/// What a dataset holds for one definition.
struct Coverage {
  bool has_workload_file = false;
  std::set<std::string> workloads;  // uuids
  std::set<std::string> baselines;  // solutions of the author "baseline"
  std::map<std::string, AuthorTraces> traces;
};

struct Warning {
  std::string definition, check, message;  // check: "definition", "workload", "trace", "baseline"
};

/// In the order of the validator's checks.
std::vector<Warning> warnings_of(const Definition& definition, const Coverage& coverage);

/// As lines: those of one check and text for many definitions are one line that counts them.
std::vector<std::string> warning_lines(const std::vector<Warning>& warnings);

}  // namespace kdex
