// What a verification reads from and leaves in a dataset: workloads in, traces out; the solution of
// a kernel that is wrong is withdrawn. Knows nothing of the GPU.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/cuda/workloads.h"
#include "core/pipeline/verify.h"

namespace kdex::verify {

/// A definition's workloads and their lines of JSON, which traces repeat.
struct WorkloadLines {
  std::vector<cuda::Workload> workloads;
  std::vector<nlohmann::ordered_json> lines;
};
/// Those of the dataset, or made where it has none. Throws kdex::Error for a line that is no
/// workload of the definition.
WorkloadLines read_workloads(const std::string& dataset, const Definition& definition,
                             const KnownForm& form);

/// Writes the rows of one definition (in the order of `lines`) to traces/<author>/; withdraws its
/// solution where it is wrong and readmits it where it is right again. Errors go to `report`. Peers
/// have traces and solutions of their own, where `file_of_peers` says what they are.
/// Returns how many passed.
int write_traces(const std::string& dataset, const Definition& definition,
                 const std::vector<VerifyRow>& rows,
                 const std::vector<nlohmann::ordered_json>& lines, const std::string& author,
                 VerifyReport& report, const std::string& file_of_peers = "");

}  // namespace kdex::verify
