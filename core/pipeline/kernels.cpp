// Implementation of core/pipeline/kernels.h.
#include "core/pipeline/kernels.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include <kdex/error.h>

#include "core/base/closest.h"
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/cuda/expression.h"
#include "core/cuda/workloads.h"
#include "core/dataset/lock.h"
#include "core/definition/json.h"
#include "core/paths.h"
#include "core/plugin/guard.h"

namespace kdex {

namespace fs = std::filesystem;

std::vector<Definition> choose_definitions(const DatasetIndex& index, const std::string& dataset,
                                           const std::vector<std::string>& wanted) {
  if (index.by_name.empty())
    throw Error("has no definitions", dataset,
                index.unreadable.empty()
                    ? "`kdex run` or `kdex extract` writes them"
                    : "the first that could not be read: " + index.unreadable[0]);
  std::vector<Definition> out;
  std::set<std::string> used;
  for (const auto& [name, d] : index.by_name) {
    bool take = wanted.empty();
    for (const auto& w : wanted)
      if (w == name || w == d.op_type) take = true, used.insert(w);
    if (take) out.push_back(d);
  }
  for (const auto& w : wanted)
    if (!used.contains(w)) {
      std::vector<std::string> names;
      for (const auto& [name, d] : index.by_name) names.push_back(name), names.push_back(d.op_type);
      std::string hint = did_you_mean(w, names);
      throw Error("unknown definition or op type '" + w + "'", dataset, hint);
    }
  return out;
}

namespace {

/// Kernels and plans count in 32 bits along an axis and in 64 over a tensor.
std::string too_large(const Definition& d) {
  std::map<std::string, std::int64_t> value;
  for (const auto& a : d.axes) {
    if (a.value && *a.value > 2147483647) return "the axis " + a.name + " is over 2147483647";
    value[a.name] = std::max<std::int64_t>(1, a.value.value_or(1));
  }
  for (const auto* list : {&d.inputs, &d.outputs})
    for (const auto& t : *list) {
      if (!t.shape) continue;
      std::int64_t n = 1;
      for (const auto& axis : *t.shape) {
        auto it = value.find(axis);
        if (it == value.end())
          return "the tensor " + t.name + " has an axis " + axis + " that is not declared";
        if (__builtin_mul_overflow(n, it->second, &n) || n > std::int64_t{1} << 46)
          return "the tensor " + t.name + " is larger than any memory";
      }
    }
  return "";
}

/// By the form that reads the definition. `family`: whose, also where it throws.
KernelPlan plan_by_form(const std::vector<LoadedFamily>& families, const Definition& d,
                        const Chip& chip, const Tuning& tuning, std::string& family) {
  KernelPlan p;
  const KnownForm known = known_form(families, d);
  family = known.family;
  if (known.form == nullptr) {
    p.why_not = known.family.empty() ? "no family has a kernel of op type " + d.op_type : known.why;
    if (known.failed) throw Error(known.why);
    return p;
  }
  if (!known.form->plan) {
    p.why_not = known.family + ": no kernel";
    return p;
  }
  const auto owner = std::find_if(families.begin(), families.end(),
                                  [&](const auto& f) { return f.info.name == known.family; });
  return plan_guarded(*owner, *known.form, known.params, chip, tuning);
}

/// By the form that reads the definition. A third party's are made in a child process first.
std::vector<cuda::Workload> workloads_by_form(const std::vector<LoadedFamily>& families,
                                              const Definition& d, std::uint64_t seed,
                                              const WorkloadSizes* sizes) {
  const KnownForm known = known_form(families, d);
  if (known.form == nullptr) throw Error(known.why, d.name);
  const auto owner = std::find_if(families.begin(), families.end(),
                                  [&](const auto& f) { return f.info.name == known.family; });
  const auto make = [&] { return cuda::make_workloads(d, *known.form, known.params, seed, sizes); };
  try {
    try_call(*owner, [&] { (void)make(); });
    return make();
  } catch (const std::exception& e) {
    if (owner->own) throw;
    throw Error("family " + known.family + ": workloads failed: " + printable(e.what()), d.name);
  }
}

}  // namespace

KernelPlan plan_kernel(const std::vector<LoadedFamily>& families, const Definition& d,
                       const Chip& chip, std::string& family, const Tuning& tuning,
                       std::vector<std::string>* errors) {
  if (std::string why = too_large(d); !why.empty()) {
    KernelPlan none;
    none.why_not = why;
    return none;
  }
  KernelPlan p;
  try {
    p = plan_by_form(families, d, chip, tuning, family);
  } catch (const std::exception& e) {
    if (!tuning.empty()) throw Error(e.what());  // a value that the family does not take
    p = {};
    p.why_not = "the plan failed: " + printable(e.what());
    if (errors != nullptr)
      errors->push_back("family " + family + " on " + d.name + " " + chip.arch + ": " + p.why_not);
  }
  if (!p.available) return p;
  if (const std::string fault = cuda::plan_fault(p, d); !fault.empty()) {
    p = {};
    p.why_not = "the family's plan is wrong: " + fault;
  }
  return p;
}

WorkloadsReport write_workloads(const std::string& dataset, const std::vector<std::string>& wanted,
                                std::uint64_t seed, const std::vector<std::string>& plugins_path,
                                const WorkloadSizes* sizes) {
  WorkloadsReport report;
  const LoadedPlugins loaded = load_all_plugins(plugins_path);
  DatasetIndex index = read_index(dataset);
  auto definitions = choose_definitions(index, dataset, wanted);
  for (const auto& r : loaded.refused)
    report.skipped.push_back("plugin refused: " + r.library + ": " + r.reason);
  DatasetLock lock(dataset);
  for (const auto& d : definitions) {
    std::vector<cuda::Workload> workloads;
    try {
      workloads = workloads_by_form(loaded.families, d, seed, sizes);
    } catch (const Error& e) {
      report.skipped.emplace_back(e.what());
      continue;
    }
    if (workloads.empty()) {
      ++report.without;
      continue;
    }
    ++report.definitions;
    const std::string file = dataset + "/" + cuda::workloads_file(d);
    std::error_code error;
    std::string text = fs::is_regular_file(file, error) ? read_file(file) : "";
    if (!text.empty() && text.back() != '\n') text += '\n';
    for (const auto& w : workloads) {
      ++report.workloads;
      if (text.find("\"" + w.uuid + "\"") != std::string::npos) continue;
      std::vector<std::pair<std::string, cuda::HostTensor>> stored;
      for (const auto& [name, in] : w.inputs)
        if (in.kind == cuda::WorkloadInput::Kind::stored) stored.emplace_back(name, in.tensor);
      const std::string blob = cuda::workload_blob(d, w);
      if (!stored.empty()) {
        fs::create_directories(fs::path(dataset + "/" + blob).parent_path(), error);
        write_file_atomically(dataset + "/" + blob, cuda::to_safetensors(stored), false);
      }
      text += cuda::workload_json(d, w, blob).dump() + "\n";
      ++report.added;
    }
    fs::create_directories(fs::path(file).parent_path(), error);
    write_file_atomically(file, text, false);
  }
  return report;
}

std::string plans_table(const KernelsReport& r) {
  std::string out;
  char line[1024];
  for (const auto& k : r.kernels) {
    std::snprintf(line, sizeof line, "%-52s %-8s %s%s\n", k.definition.c_str(), k.arch.c_str(),
                  k.plan.available ? "" : "no kernel: ",
                  (k.plan.available ? k.plan.summary : k.plan.why_not).c_str());
    out += line;
  }
  return out;
}

std::string kernels_table(const KernelsReport& r) {
  std::string out;
  std::map<std::string, int> without;
  char line[512];
  std::snprintf(line, sizeof line, "%-52s %-8s %-44s %9s %7s %8s\n", "definition", "arch", "kernel",
                "registers", "spills", "shared");
  out += line;
  for (const auto& k : r.kernels) {
    if (!k.plan.available) {
      ++without[k.plan.why_not];
      continue;
    }
    for (std::size_t u : k.units) {
      const auto& unit = r.units[u];
      for (const auto& x : unit.resources) {
        std::string what = x.kernel;
        for (const char* name : {"BLOCK_M", "BLOCK_N", "SPLIT_K", "NUM_STAGES"})
          for (const auto& [key, value] : unit.unit.constants)
            if (key == name) what += " " + key + "=" + value;
        std::snprintf(line, sizeof line, "%-52s %-8s %-44s %9d %7d %8d\n", k.definition.c_str(),
                      k.arch.c_str(), what.c_str(), x.registers, x.spill_bytes, x.shared_bytes);
        out += line;
      }
      if (!unit.warning.empty()) out += "  warning: " + unit.warning + "\n";
    }
  }
  for (const auto& [why, count] : without)
    out += std::to_string(count) + " without a kernel: " + why + "\n";
  return out;
}

}  // namespace kdex
