// Workloads of a definition, as its form makes them, and their JSON lines and files. Knows no form
// and no kernel.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include <kdex/definition.h>
#include <kdex/form.h>

#include "core/cuda/tensors.h"

namespace kdex::cuda {

struct WorkloadInput {
  enum class Kind { random, scalar, stored };
  Kind kind = Kind::random;
  double number = 0;  ///< scalar
  HostTensor tensor;  ///< stored
};

struct Workload {
  std::string uuid, what;                    ///< what: "8 sequences, ragged", for people
  std::map<std::string, std::int64_t> axes;  ///< var axes
  std::vector<std::pair<std::string, WorkloadInput>> inputs;  ///< in calling order
};

/// The workloads of the form that the definition is, in ascending size. The same definition and
/// seed give the same workloads. Throws kdex::Error, naming the axis or input, where the form has
/// no rule.
/// `sizes`: in place of the form's own; none are made where they are of other axes.
std::vector<Workload> make_workloads(const Definition& definition, const Form& form,
                                     const Params& params, std::uint64_t seed = 0,
                                     const WorkloadSizes* sizes = nullptr);

/// One line of workloads/*.jsonl; stored tensors are named in `blob` (relative to the dataset).
/// What it is in words stands beside the workload as "description".
nlohmann::ordered_json workload_json(const Definition& definition, const Workload& workload,
                                     const std::string& blob);
std::string workload_blob(const Definition& definition, const Workload& workload);
/// The name of workload number `index`; the same for the same arguments.
std::string workload_uuid(const Definition& definition, std::size_t index, std::uint64_t seed);
std::string workloads_file(const Definition& definition);

/// Reads one "workload" object; safetensors are read below `dataset`. Throws kdex::Error, also
/// where an index tensor leads outside of what the form says it indexes.
Workload workload_from_json(const Definition& definition, const Form& form,
                            const nlohmann::ordered_json& workload, const std::string& dataset);

}  // namespace kdex::cuda
