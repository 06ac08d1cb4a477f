// Builds the kernels of a dataset's definitions: plans, units, dumps, solutions, one step after the
// other. Implements build_kernels and the list of withheld solutions of core/pipeline/kernels.h.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/files.h"
#include "core/dataset/lock.h"
#include "core/definition/json.h"
#include "core/paths.h"
#include "core/pipeline/check_solutions.h"
#include "core/pipeline/kernels.h"

namespace kdex {
namespace {

namespace fs = std::filesystem;

std::string withheld_file(const std::string& dataset) { return dataset + "/.kdex/withheld.json"; }

/// A solution before it is written.
struct MadeSolution {
  const Definition* definition;
  std::string author;
  nlohmann::ordered_json json;
};

/// Whether the file holds this solution, for the same architectures or for those of them that
/// compiled when somebody checked.
bool is_written(const std::string& file, const nlohmann::ordered_json& solution) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return false;
  const std::string text = read_file(file);
  if (text == dump_json(solution)) return true;
  auto there = nlohmann::ordered_json::parse(text, nullptr, false);
  if (!there.is_object() || !there.contains("spec") || !there["spec"].contains("target_hardware") ||
      there["spec"]["target_hardware"].empty())
    return false;
  const auto& all = solution["spec"]["target_hardware"];
  for (const auto& arch : there["spec"]["target_hardware"])
    if (std::find(all.begin(), all.end(), arch) == all.end()) return false;
  there["spec"]["target_hardware"] = all;
  return there == solution;
}

/// Writes solutions/AUTHOR/... where the text is another; counts in the report.
void write_solution(const std::string& dataset, const MadeSolution& made, bool checked,
                    const std::map<std::string, std::string>& withheld, KernelsReport& report) {
  const Definition& d = *made.definition;
  const std::string& author = made.author;
  const std::string text = dump_json(made.json);
  const std::string file = dataset + "/" + cuda::solution_file(d, author);
  if (auto it = withheld.find(cuda::solution_name(d, author));
      it != withheld.end() && it->second == solution_hash(text)) {
    ++report.solutions_withheld;
    report.errors.push_back(d.name +
                            ": its kernel failed verification and is not offered; `kdex kernels "
                            "verify` tries it again");
    return;
  }
  std::error_code error;
  if (checked ? fs::is_regular_file(file, error) && read_file(file) == text
              : is_written(file, made.json)) {
    ++report.solutions_same;
    return;
  }
  fs::create_directories(fs::path(file).parent_path(), error);
  write_file_atomically(file, text, false);
  ++report.solutions_written;
}

}  // namespace

std::string solution_hash(const std::string& text) {
  auto j = parse_json(text, "solution");
  std::string all;
  if (j.contains("sources"))
    for (const auto& s : j["sources"])
      all += s.value("path", "") + "\n" + s.value("content", "") + "\n";
  return cuda::CubinCache::key_of(all);
}

std::map<std::string, std::string> read_withheld(const std::string& dataset) {
  std::map<std::string, std::string> out;
  std::error_code error;
  if (!fs::is_regular_file(withheld_file(dataset), error)) return out;
  auto j = parse_json(read_file(withheld_file(dataset)), withheld_file(dataset));
  for (const auto& [k, v] : j.items())
    if (v.is_string()) out[k] = v.get<std::string>();
  return out;
}

void write_withheld(const std::string& dataset,
                    const std::map<std::string, std::string>& withheld) {
  nlohmann::ordered_json j = nlohmann::ordered_json::object();
  for (const auto& [k, v] : withheld) j[k] = v;
  fs::create_directories(dataset + "/.kdex");
  write_file_atomically(withheld_file(dataset), dump_json(j), false);
}

namespace {

/// One call of build_kernels.
class KernelsBuild {
 public:
  explicit KernelsBuild(const KernelsOptions& options) : o_(options) {}

  KernelsReport run() {
    const auto start = std::chrono::steady_clock::now();
    plan();
    if (o_.plans_only) return std::move(report_);
    texts_ = cuda::read_kernels(kernels_folder_);
    if (!o_.check_solutions) compile();
    if (o_.cancelled && *o_.cancelled) {
      report_.errors.emplace_back("interrupted; no solution was written");
      return std::move(report_);
    }
    if (!o_.check_solutions) report_failures();
    if (o_.dump_ptx || o_.dump_sass) write_dumps();
    if (o_.solutions) write_solutions();
    const auto end = std::chrono::steady_clock::now();
    report_.seconds = std::chrono::duration<double>(end - start).count();
    return std::move(report_);
  }

 private:
  /// Asks the families for the plans of every definition on every architecture.
  void plan() {
    const DatasetIndex index = read_index(o_.dataset);
    definitions_ = choose_definitions(index, o_.dataset, o_.definitions);
    for (const auto& line : index.unreadable) report_.errors.push_back("not read: " + line);
    loaded_ = load_all_plugins(o_.plugins_path);
    for (const auto& r : loaded_.refused)
      report_.errors.push_back("plugin refused: " + r.library + ": " + r.reason);
    for (const auto& d : definitions_)
      for (const auto& arch : o_.archs) add_kernel(d, arch);
  }

  void add_kernel(const Definition& d, const std::string& arch) {
    PlannedKernel k{d.name, d.op_type, arch, "", {}, {}, false};
    k.plan = plan_kernel(loaded_.families, d, Chip(arch), k.family, {}, &report_.errors);
    if (const auto* family = loaded_.find(k.family)) k.author = author_of(*family);
    const auto& units = k.plan.units;
    const bool compiles = !o_.plans_only && !o_.check_solutions;
    for (std::size_t u = 0; k.plan.available && compiles && u < units.size(); ++u) {
      k.units.push_back(report_.units.size());
      const std::string number = units.size() > 1 ? "[" + std::to_string(u) + "]" : "";
      report_.units.push_back({d.name + " " + units[u].file + number, units[u], arch});
    }
    report_.kernels.push_back(std::move(k));
  }

  void compile() {
    cuda::BuildOptions b;
    b.kernels_folder = kernels_folder_;
    b.cache_folder = cache_folder().empty() ? "" : cache_folder() + "/cubins";
    b.cuda_home = o_.cuda_home;
    b.jobs = o_.jobs;
    b.lineinfo = o_.lineinfo;
    b.ptx = o_.dump_ptx;
    b.progress = o_.progress;
    b.cancelled = o_.cancelled;
    if (o_.dump_sass) disassembler_ = cuda::find_disassembler(o_.cuda_home);
    if (report_.units.empty()) return;
    const auto built = build_units(report_.units, b, texts_);
    report_.nvrtc = built.nvrtc;
    if (!built.kept)
      report_.notes.push_back("the cache folder " + b.cache_folder +
                              " cannot be written; nothing is kept");
  }

  /// Which kernels compiled whole; of one error many units may have, the first is told.
  void report_failures() {
    std::set<std::string> said;
    for (auto& k : report_.kernels) {
      k.compiled = k.plan.available;
      for (std::size_t u : k.units) {
        const auto& unit = report_.units[u];
        if (unit.error.empty() && !unit.cubin.empty()) continue;
        k.compiled = false;
        if (said.insert(unit.error).second)
          report_.errors.push_back(k.definition + " " + k.arch + ": " + unit.error);
      }
    }
  }

  void write_dumps() const {
    const std::string folder = o_.dump_folder.empty() ? o_.dataset + "/.kdex/dump" : o_.dump_folder;
    fs::create_directories(folder);
    for (const auto& k : report_.kernels)
      for (std::size_t u = 0; u < k.units.size(); ++u) {
        const auto& unit = report_.units[k.units[u]];
        const std::string stem =
            folder + "/" + k.definition + "-" + std::to_string(u) + "-" + k.arch;
        if (o_.dump_ptx && !unit.ptx.empty()) write_file_atomically(stem + ".ptx", unit.ptx, false);
        if (o_.dump_sass && !unit.cubin.empty())
          write_file_atomically(stem + ".sass", cuda::disassemble(unit.cubin, disassembler_),
                                false);
      }
  }

  void write_solutions() {
    std::vector<MadeSolution> made;
    for (const auto& d : definitions_) add_solution(d, made);
    if (o_.check_solutions) check(made);
    const DatasetLock lock(o_.dataset);
    const auto withheld = read_withheld(o_.dataset);
    for (const auto& m : made)
      if (!m.json["spec"]["target_hardware"].empty())
        write_solution(o_.dataset, m, o_.check_solutions, withheld, report_);
  }

  /// Compiles the texts as they are shipped; each keeps the architectures that it compiled for.
  void check(std::vector<MadeSolution>& made) {
    std::vector<nlohmann::ordered_json*> all;
    for (auto& m : made) all.push_back(&m.json);
    CheckOptions c;
    c.cuda_home = o_.cuda_home;
    c.cache_folder = cache_folder().empty() ? "" : cache_folder() + "/solutions";
    c.archs = o_.check_archs;
    c.jobs = o_.jobs;
    c.progress = o_.progress;
    c.cancelled = o_.cancelled;
    const CheckReport r = check_solutions(all, c);
    report_.errors.insert(report_.errors.end(), r.errors.begin(), r.errors.end());
    report_.notes.push_back(r.compiler + ": " + std::to_string(r.texts) +
                            " distinct solutions compiled " + std::to_string(r.compiled) +
                            " times, once for each architecture, " +
                            std::to_string(r.errors.size()) + " failed");
  }

  /// The solution of one definition, where every architecture that has a plan compiled or is still
  /// to be checked.
  void add_solution(const Definition& d, std::vector<MadeSolution>& made) {
    bool good = true, any = false;
    const KernelPlan* hopper = nullptr;
    std::string author = "kdex";
    for (const auto& k : report_.kernels) {
      if (k.definition != d.name || !k.plan.available) continue;
      any = true;
      author = k.author;
      good = good && (k.compiled || o_.check_solutions);
      if (k.arch == "sm_90a") hopper = &k.plan;
    }
    if (!good || !any) return;
    // The portable path of the solution fits the smallest shared memory where it can.
    std::string family;
    KernelPlan portable = plan_kernel(loaded_.families, d, Chip("sm_89"), family);
    if (!portable.available) portable = plan_kernel(loaded_.families, d, Chip("sm_80"), family);
    if (!hopper && !portable.available) return;
    made.push_back({&d, author,
                    cuda::make_solution(
                        d, {hopper, portable.available ? &portable : nullptr, author}, texts_)});
  }

  const KernelsOptions& o_;
  const std::string kernels_folder_ = data_folder() + "/kernels";
  cuda::KernelTexts texts_;
  std::string disassembler_;
  LoadedPlugins loaded_;
  std::vector<Definition> definitions_;
  KernelsReport report_;
};

}  // namespace

KernelsReport build_kernels(const KernelsOptions& options) { return KernelsBuild(options).run(); }

}  // namespace kdex
