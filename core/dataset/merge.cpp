// core/dataset/merge.h.
#include "core/dataset/merge.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <tuple>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/dataset/history.h"
#include "core/definition/json.h"

namespace kdex {
namespace {

namespace fs = std::filesystem;

/// One of the datasets.
struct Part {
  std::string path;
  DatasetIndex index;
  History history;
};

/// A definition of a part, under the name that it was asked for.
struct Candidate {
  Definition definition;
  std::string had;  // its name in the part
  std::size_t part;
  std::string content;  // what the order of two of one name goes by
};

/// "x_v2" -> "x", where the part has "x": a version that a conflict was kept as.
std::string asked_name(const std::string& name, const DatasetIndex& index) {
  const auto at = name.rfind("_v");
  if (at == std::string::npos) return name;
  int version = 0;
  const char* end = name.data() + name.size();
  const auto [stop, fault] = std::from_chars(name.data() + at + 2, end, version);
  const std::string base = name.substr(0, at);
  return fault == std::errc() && stop == end && version > 1 && index.by_name.contains(base) ? base
                                                                                            : name;
}

Part read_part(const std::string& path, const std::string& out) {
  Part part{dataset_of(path), {}, {}};
  std::error_code error;
  if (fs::equivalent(part.path, out, error))
    throw Error("is the output folder, too", path, "name another one with --out");
  part.index = read_index(part.path);
  if (!part.index.unreadable.empty()) throw Error(part.index.unreadable[0]);
  // A shard without models, or whose models were all refused, left a report alone.
  const bool is_of_a_run = fs::exists(part.path + "/report.json", error);
  if (part.index.by_name.empty() && !is_of_a_run)
    throw Error("has no definitions", path, "give the folder that holds definitions/");
  std::string problem;
  part.history = read_history(part.path, &problem);
  if (!problem.empty()) throw Error(problem);
  return part;
}

std::vector<Candidate> candidates_of(const std::vector<Part>& parts) {
  std::vector<Candidate> out;
  for (std::size_t p = 0; p < parts.size(); ++p)
    for (const auto& [name, d] : parts[p].index.by_name) {
      Candidate c{d, name, p, signature_of(d) + d.reference};
      c.definition.name = asked_name(name, parts[p].index);
      c.definition.met = d.tags;  // all of them: what a definition is has the same tags everywhere
      out.push_back(std::move(c));
    }
  std::stable_sort(out.begin(), out.end(), [](const Candidate& a, const Candidate& b) {
    return std::tie(a.definition.op_type, a.definition.name, a.content) <
           std::tie(b.definition.op_type, b.definition.name, b.content);
  });
  return out;
}

void join_dialect(std::string& dialect, const Part& part) {
  const std::string& other = part.history.dialect;
  if (!dialect.empty() && !other.empty() && dialect != other)
    throw Error(
        "holds definitions of the dialect '" + other + "', another one of '" + dialect + "'",
        part.path, "merge datasets of one dialect");
  if (dialect.empty()) dialect = other;
}

void join_runs(History& to, const History& from) {
  for (const auto& run : from.runs)
    if (std::find(to.runs.begin(), to.runs.end(), run) == to.runs.end()) to.runs.push_back(run);
}

/// The origins of the first part that has the definition stay.
void write_origins(const Part& part, const std::string& had, const std::string& out,
                   const std::string& name) {
  std::error_code error;
  const std::string from = origins_file(part.path, had), to = origins_file(out, name);
  if (!fs::exists(from, error) || fs::exists(to, error)) return;
  auto json = parse_json(read_file(from), from);
  if (json.is_object() && json.contains("definition")) json["definition"] = name;
  write_file_atomically(to, dump_json(json), false);
}

/// Files of a folder that `out` does not have.
void copy_files(const Part& part, const std::string& folder, const std::string& out,
                MergeResult& result) {
  std::error_code error;
  const fs::path root = fs::path(part.path) / folder;
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator it(root, error), end; !error && it != end;
       it.increment(error))
    if (it->is_regular_file(error)) files.push_back(it->path());
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    const fs::path to = fs::path(out) / file.lexically_relative(part.path);
    const std::string text = read_file(file.string());
    if (!fs::exists(to, error)) {
      fs::create_directories(to.parent_path(), error);
      write_file_atomically(to.string(), text, false);
      ++result.copied;
    } else if (read_file(to.string()) != text) {
      result.errors.push_back(file.string() + ": not copied, " + to.string() +
                              " has other contents");
    }
  }
}

}  // namespace

MergeResult merge_datasets(const std::vector<std::string>& from, const std::string& out_folder) {
  const std::string out = dataset_of(out_folder);
  std::vector<Part> parts;
  for (const auto& path : from) parts.push_back(read_part(path, out));
  check_writable(out);
  const DatasetLock lock(out);
  std::string problem;
  History history = read_history(out, &problem);
  if (!problem.empty()) throw Error(problem);
  for (const auto& part : parts) join_dialect(history.dialect, part);
  SaveOptions options;
  options.written = written_names(history);
  const auto candidates = candidates_of(parts);
  std::vector<Definition> definitions;
  for (const auto& c : candidates) {
    definitions.push_back(c.definition);
    const auto entry = parts[c.part].history.definitions.find(c.had);
    if (entry != parts[c.part].history.definitions.end() && !entry->second.written_by.empty())
      options.written.insert(c.definition.name);
  }
  MergeResult result;
  result.saved = save_definitions(lock, definitions, options);
  std::error_code error;
  fs::create_directories(out + "/.kdex/origins", error);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& c = candidates[i];
    const std::string& name = result.saved[i].name;
    write_origins(parts[c.part], c.had, out, name);
    const auto entry = parts[c.part].history.definitions.find(c.had);
    if (entry == parts[c.part].history.definitions.end()) continue;
    const bool is_told = !history.definitions[name].written_by.empty();
    for (const auto& model : entry->second.models)
      history.add(name, model, is_told ? "" : entry->second.written_by);
  }
  for (const auto& part : parts) {
    join_runs(history, part.history);
    for (const char* folder : {"workloads", "solutions", "traces", ".kdex/runs"})
      copy_files(part, folder, out, result);
  }
  write_history(lock, history);
  return result;
}

}  // namespace kdex
