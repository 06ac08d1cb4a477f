// Implementation of core/dataset/validate.h.
#include "core/dataset/validate.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/dataset/blobs.h"
#include "core/dataset/dataset.h"
#include "core/definition/json.h"
#include "core/definition/rules.h"

namespace kdex {
namespace {

namespace fs = std::filesystem;

/// What lies below a folder and ends so, links to folders not followed; what cannot be looked into
/// goes to `errors`.
std::vector<fs::path> files_below(const fs::path& folder, const std::string& extension,
                                  std::vector<std::string>& errors) {
  std::vector<fs::path> out, folders = {folder};
  while (!folders.empty()) {
    const fs::path at = folders.back();
    folders.pop_back();
    std::error_code error;
    fs::directory_iterator it(at, error);
    for (fs::directory_iterator end; !error && it != end; it.increment(error)) {
      std::error_code inner;
      if (it->is_directory(inner) && !it->is_symlink(inner)) folders.push_back(it->path());
      if (it->path().extension() == extension && !it->path().filename().string().starts_with("."))
        out.push_back(it->path());
    }
    if (error && error != std::errc::no_such_file_or_directory)
      errors.push_back(at.string() + ": cannot be read: " + error.message());
  }
  std::sort(out.begin(), out.end());
  return out;
}

constexpr const char* baseline_author = "baseline";  // whose solutions others are held against

struct Run {
  fs::path root;
  Validation result;
  std::map<std::string, Definition> definitions;
  std::set<std::string> solutions;
  std::map<std::string, Coverage> coverage;  // by definition

  std::string shown(const fs::path& file) const {
    return file.lexically_relative(root).generic_string();
  }
  void error(const fs::path& file, const std::string& what) {
    result.errors.push_back(shown(file) + ": " + what);
  }
  void add(const fs::path& file, const std::vector<Problem>& problems, int line = 0) {
    for (const auto& p : problems)
      result.errors.push_back(shown(file) + (line ? ":" + std::to_string(line) : "") + ": " +
                              (p.where.empty() ? "" : "field '" + p.where + "' ") + p.what);
  }
  /// The folders between `part` and the file.
  std::vector<std::string> place(const fs::path& file, const char* part) const {
    std::vector<std::string> out;
    for (const auto& p : file.parent_path().lexically_relative(root / part))
      if (p != ".") out.push_back(p.string());
    return out;
  }

  /// `placed`: it must lie where a dataset has it.
  void check_definition_file(const fs::path& file, bool placed) {
    ++result.definitions;
    try {
      Definition d = definition_from_json(read_file(file.string()), shown(file));
      add(file, check_definition(d));
      auto at = place(file, "definitions");
      if (placed && at.size() != 1)
        error(file, "must lie at definitions/{op_type}/{name}.json");
      else if (placed && at[0] != d.op_type)
        error(file, "is in '" + at[0] + "' but its op_type is '" + d.op_type + "'");
      if (file.stem() != d.name) error(file, "its name is '" + d.name + "', not the file's");
      if (definitions.contains(d.name)) error(file, "the name '" + d.name + "' is defined twice");
      definitions.emplace(d.name, std::move(d));
    } catch (const Error& e) {
      result.errors.emplace_back(e.what());
    }
  }
  void check_definitions() {
    for (const auto& file : files_below(root / "definitions", ".json", result.errors))
      check_definition_file(file, true);
  }
  void check_op_type(const fs::path& file, const std::string& folder,
                     const std::string& definition) {
    const std::string& op_type = definitions.at(definition).op_type;
    if (folder != op_type)
      error(file,
            "is in '" + folder + "' but the op_type of '" + definition + "' is '" + op_type + "'");
  }
  void check_solutions() {
    for (const auto& file : files_below(root / "solutions", ".json", result.errors)) {
      ++result.solutions;
      try {
        auto json = parse_json(read_file(file.string()), shown(file));
        auto problems = check_solution(json);
        add(file, problems);
        if (!problems.empty()) continue;
        auto name = json["name"].get<std::string>(),
             definition = json["definition"].get<std::string>();
        auto at = place(file, "solutions");
        if (at.size() != 3 || at[0] != json["author"] || at[2] != definition || file.stem() != name)
          error(file, "must lie at solutions/{author}/{op_type}/{definition}/{name}.json");
        if (!definitions.contains(definition))
          error(file, "unknown definition '" + definition + "'");
        else if (at.size() == 3)
          check_op_type(file, at[1], definition);
        if (at.size() == 3 && at[0] == baseline_author)
          coverage[definition].baselines.insert(file.stem().string());
        if (!solutions.insert(name).second) error(file, "the name '" + name + "' is defined twice");
      } catch (const Error& e) {
        result.errors.emplace_back(e.what());
      }
    }
  }
  /// A file of workloads, or of an author's traces.
  void note_file(const std::string& definition, const std::string& author) {
    if (author.empty())
      coverage[definition].has_workload_file = true;
    else
      coverage[definition].traces.try_emplace(author);
  }
  /// A line of it that is well formed.
  void note_line(const std::string& definition, const std::string& author,
                 const nlohmann::ordered_json& json) {
    const auto uuid = json.at("workload").at("uuid").get<std::string>();
    Coverage& c = coverage[definition];
    if (author.empty()) {
      c.workloads.insert(uuid);
      return;
    }
    AuthorTraces& t = c.traces[author];
    t.workloads.insert(uuid);
    t.solutions.insert(json.at("solution").get<std::string>());
    if (json.at("evaluation").at("status") != "PASSED") ++t.failed;
  }
  /// The tensors of one workload that lie in files.
  std::vector<Problem> blob_problems(const Definition& d, const nlohmann::ordered_json& workload) {
    std::vector<Problem> out;
    std::map<std::string, std::int64_t> sizes;
    for (const auto& a : d.axes)
      if (a.value) sizes[a.name] = *a.value;
    for (const auto& [name, value] : workload.at("axes").items())
      sizes[name] = value.get<std::int64_t>();
    for (const auto& t : d.inputs) {
      const auto& source = workload.at("inputs").at(t.name);
      if (source.at("type") != "safetensors" || !t.shape) continue;
      std::vector<std::int64_t> shape;
      for (const auto& axis : *t.shape)
        if (sizes.contains(axis)) shape.push_back(sizes.at(axis));
      const bool known = shape.size() == t.shape->size();
      const auto what = blob_problem(root.string(), source.at("path").get<std::string>(),
                                     source.at("tensor_key").get<std::string>(),
                                     known ? std::optional(shape) : std::nullopt);
      if (!what.empty()) out.push_back({"workload.inputs." + t.name, what});
    }
    return out;
  }
  void check_baselines() {
    for (const auto& [name, c] : coverage) {
      const auto t = c.traces.find(baseline_author);
      if (t == c.traces.end()) continue;
      for (const auto& solution : t->second.solutions)
        if (!c.baselines.contains(solution)) {
          result.errors.push_back(name + ": trace references non-baseline solution '" + solution +
                                  "'");
          break;
        }
    }
  }
  void check_lines(const char* part, std::size_t depth, bool workload_only, int& count) {
    for (const auto& file : files_below(root / part, ".jsonl", result.errors)) {
      std::string text;
      try {
        text = read_file(file.string());
      } catch (const Error& e) {
        result.errors.emplace_back(e.what());
        continue;
      }
      const auto folders = place(file, part);
      if (folders.size() != depth) error(file, "is at the wrong depth");
      auto definition = definitions.find(file.stem().string());
      if (definition == definitions.end())
        error(file, "unknown definition '" + file.stem().string() + "'");
      else if (folders.size() == depth)
        check_op_type(file, folders.back(), definition->first);
      const std::string author = workload_only || folders.empty() ? "" : folders.front();
      note_file(file.stem().string(), author);
      int line = 0;
      for (std::size_t start = 0; start < text.size();) {
        auto end = std::min(text.find('\n', start), text.size());
        std::string one = text.substr(start, end - start);
        start = end + 1;
        ++line;
        if (one.find_first_not_of(" \t\r") == std::string::npos) continue;
        ++count;
        try {
          auto json = parse_json(one, shown(file) + " line " + std::to_string(line));
          const Definition* of = definition == definitions.end() ? nullptr : &definition->second;
          const auto problems = check_trace(json, of, workload_only);
          add(file, problems, line);
          if (problems.empty()) note_line(file.stem().string(), author, json);
          if (problems.empty() && of != nullptr && workload_only)
            add(file, blob_problems(*of, json.at("workload")), line);
          if (json.is_object() && json.contains("definition") && json["definition"].is_string() &&
              json["definition"] != file.stem().string())
            error(file, "line " + std::to_string(line) + " is of another definition");
          if (!workload_only && json.is_object() && json.contains("solution") &&
              json["solution"].is_string() &&
              !solutions.contains(json["solution"].get<std::string>()))
            error(file, "line " + std::to_string(line) + " names a solution that is not there");
        } catch (const Error& e) {
          result.errors.emplace_back(e.what());
        }
      }
    }
  }
};

}  // namespace

Validation validate_definition(const std::string& file) {
  Run run{fs::path(file).parent_path(), {}, {}, {}, {}};
  run.check_definition_file(file, false);
  for (const auto& [name, d] : run.definitions)
    for (auto& w : warnings_of(d, {}))
      if (w.check == "definition") run.result.warnings.push_back(std::move(w));
  return run.result;
}

Validation validate_dataset(const std::string& folder) {
  const std::string dataset = folder.empty() ? "" : dataset_of(folder);
  Run run{fs::path(dataset), {}, {}, {}, {}};
  std::error_code error;
  bool any = false;
  for (const char* part : {"definitions", "solutions", "workloads", "traces"})
    any = any || fs::is_directory(run.root / part, error);
  if (!fs::is_directory(run.root, error))
    throw Error("not a directory", dataset.empty() ? "''" : dataset,
                "give the folder that holds definitions/");
  if (!any)
    throw Error("not a dataset: it has none of definitions/, solutions/, workloads/, traces/",
                dataset, "give the folder that holds definitions/");
  run.check_definitions();
  run.check_solutions();
  run.check_lines("workloads", 1, true, run.result.workloads);
  run.check_lines("traces", 2, false, run.result.traces);
  run.check_baselines();
  for (const auto& [name, d] : run.definitions)
    for (auto& w : warnings_of(d, run.coverage[name])) run.result.warnings.push_back(std::move(w));
  return run.result;
}

}  // namespace kdex
