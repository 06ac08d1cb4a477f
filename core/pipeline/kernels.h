// Kernels of a dataset's definitions: asks the families for plans, compiles them, writes solutions.
// Needs no GPU.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/cuda/build.h"
#include "core/dataset/dataset.h"
#include "core/plugin/known_form.h"
#include "core/plugin/loader.h"

namespace kdex {

struct KernelsOptions {
  std::string dataset;
  std::vector<std::string> archs = {"sm_90a"};
  std::vector<std::string> definitions;  ///< names, or op types; empty: all
  std::vector<std::string> plugins_path;
  int jobs = 1;
  bool lineinfo = false, dump_ptx = false, dump_sass = false;
  std::string dump_folder;  ///< for --dump-*; empty: <dataset>/.kdex/dump
  std::string cuda_home;
  bool solutions = true;         ///< write solutions/
  bool check_solutions = false;  ///< compile them as FlashInfer-Bench would, in place of cubins
  std::vector<std::string> check_archs;  ///< only these of those that solutions name; empty: all
  bool plans_only = false;               ///< ask the families, compile and write nothing
  std::function<void(const std::string&)> progress;
  const std::atomic<bool>* cancelled = nullptr;
};

/// What a family said of one definition on one architecture.
struct PlannedKernel {
  std::string definition, op_type, arch, family;
  KernelPlan plan;                 ///< not available: plan.why_not
  std::vector<std::size_t> units;  ///< into KernelsReport::units, in the plan's order
  bool compiled = false;
  std::string author = "kdex";  ///< of its solution
};

struct KernelsReport {
  std::vector<PlannedKernel> kernels;
  std::vector<cuda::UnitBuild> units;
  std::vector<std::string> errors;  ///< one line each
  std::vector<std::string> notes;   ///< no errors: one line each
  int solutions_written = 0, solutions_same = 0, solutions_withheld = 0;
  double seconds = 0;
  std::string nvrtc;  ///< "13.0"
};

/// The definitions of a dataset that `wanted` (names or op types) names; all where it is empty.
/// Throws kdex::Error where the folder has no definitions or a name matches none.
std::vector<Definition> choose_definitions(const DatasetIndex& index, const std::string& dataset,
                                           const std::vector<std::string>& wanted);

/// The plan of the first family that knows `definition`; what goes wrong in a family becomes
/// `why_not` and a line of `errors`, but with a tuning kdex::Error.
KernelPlan plan_kernel(const std::vector<LoadedFamily>& families, const Definition& definition,
                       const Chip& chip, std::string& family, const Tuning& tuning = {},
                       std::vector<std::string>* errors = nullptr);

/// Plans and compiles; writes solutions where every architecture compiled. Compilation errors are
/// in the report.
KernelsReport build_kernels(const KernelsOptions& options);

struct WorkloadsReport {
  int definitions = 0, workloads = 0, added = 0;
  std::vector<std::string> skipped;  ///< definitions without a form or a rule, one line each
  int without = 0;                   ///< definitions that have none of the axes asked for
};
/// Writes workloads/ and blob/; lines of other workloads stay. `sizes`: in place of the forms' own.
WorkloadsReport write_workloads(const std::string& dataset,
                                const std::vector<std::string>& definitions, std::uint64_t seed,
                                const std::vector<std::string>& plugins_path = {},
                                const WorkloadSizes* sizes = nullptr);

/// A line a definition and architecture: its kernel, or why it has none.
std::string plans_table(const KernelsReport& report);

/// A text table: definition, architecture, units, registers, spills, shared memory; then why others
/// have none.
std::string kernels_table(const KernelsReport& report);

/// Solutions that `kdex kernels verify` found wrong, by name, with the hash of their sources.
std::map<std::string, std::string> read_withheld(const std::string& dataset);
void write_withheld(const std::string& dataset, const std::map<std::string, std::string>& withheld);
/// The hash that read_withheld gives, of a Solution's JSON text.
std::string solution_hash(const std::string& solution_json);

}  // namespace kdex
