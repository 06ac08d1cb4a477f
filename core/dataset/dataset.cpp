// Implementation of core/dataset/dataset.h.
#include "core/dataset/dataset.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/definition/json.h"
#include "core/definition/rules.h"
#include "core/definition/tags.h"

namespace kdex {
namespace {

namespace fs = std::filesystem;

std::string axes_text(const Definition& d) {
  std::vector<std::string> parts;
  for (const auto& a : d.axes)
    parts.push_back(a.name + "=" + (a.value ? std::to_string(*a.value) : "var"));
  std::sort(parts.begin(), parts.end());
  std::string out;
  for (const auto& p : parts) out += p + ";";
  return out;
}

std::string tensors_text(const std::vector<TensorSpec>& tensors) {
  std::string out;
  for (const auto& t : tensors) {
    out += t.name + ":" + t.dtype;
    if (t.shape) {
      out += "[";
      for (const auto& axis : *t.shape) out += axis + ",";
      out += "]";
    }
    out += ";";
  }
  return out;
}

std::string constraints_text(const Definition& d) {
  auto sorted = d.constraints;
  std::sort(sorted.begin(), sorted.end());
  std::string out;
  for (const auto& c : sorted) out += c + ";";
  return out;
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw Error("the folder cannot be made: " + error.message(), folder.string(),
                "check the path and its rights");
}

/// Removes the temporaries of writers that were killed; called under the lock, so none is in use.
void clear_temporaries(const fs::path& definitions) {
  std::error_code error;
  const fs::path dataset = definitions.parent_path();
  std::vector<fs::path> folders = {dataset, dataset / ".kdex", dataset / ".kdex" / "origins",
                                   dataset / ".kdex" / "runs"};
  for (fs::directory_iterator it(definitions, error), end; !error && it != end; it.increment(error))
    folders.push_back(it->path());
  for (const auto& folder : folders) {
    std::error_code inner;
    for (fs::directory_iterator it(folder, inner), end; !inner && it != end; it.increment(inner)) {
      std::error_code ignored;
      if (it->path().filename().string().starts_with(temporary_prefix))
        fs::remove(it->path(), ignored);
    }
  }
}

}  // namespace

std::string signature_of(const Definition& d) {
  return d.op_type + "|" + axes_text(d) + "|" + tensors_text(d.inputs) + "|" +
         tensors_text(d.outputs) + "|" + constraints_text(d);
}

DatasetIndex read_index(const std::string& dataset) {
  DatasetIndex index;
  const fs::path root = fs::path(dataset) / "definitions";
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator types(root, error), end; !error && types != end;
       types.increment(error)) {
    std::error_code inner;
    if (!types->is_directory(inner)) continue;
    for (fs::directory_iterator it(types->path(), inner); !inner && it != end; it.increment(inner))
      if (it->path().extension() == ".json" && !it->path().filename().string().starts_with("."))
        files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    try {
      Definition d = definition_from_json(read_file(file.string()), file.string());
      if (index.by_name.contains(d.name)) {
        index.unreadable.push_back(file.string() + ": the name '" + d.name + "' is also in " +
                                   index.file_of[d.name] + " already");
        continue;
      }
      index.names_by_signature.emplace(signature_of(d), d.name);
      index.file_of[d.name] = file.string();
      index.by_name.emplace(d.name, std::move(d));
    } catch (const Error& e) {
      index.unreadable.emplace_back(e.what());
    }
  }
  return index;
}

std::string report_file(const std::string& dataset) { return dataset + "/report.json"; }
std::string report_page(const std::string& dataset) { return dataset + "/report.html"; }
std::string origins_file(const std::string& dataset, const std::string& name) {
  return dataset + "/.kdex/origins/" + name + ".json";
}

void check_writable(const std::string& dataset) {
  make_folder(fs::path(dataset) / "definitions");
  const std::string probe =
      dataset + "/.kdex/" + temporary_prefix + "probe-" + std::to_string(::getpid());
  { DatasetLock lock(dataset); }
  write_file_atomically(probe, std::string(1u << 16, ' '), false);
  std::error_code error;
  fs::remove(probe, error);
}

namespace {

/// One call of save_definitions: decides all, then writes.
class Saver {
 public:
  Saver(const std::string& dataset, const SaveOptions& options)
      : dataset_(dataset), options_(options), index_(read_index(dataset)) {}

  /// Writes what was decided for a definition, once.
  void write(const Saved& saved) {
    const auto node = to_write_.extract(saved.name);
    if (node.empty()) return;
    make_folder(fs::path(dataset_) / "definitions" / node.mapped().op_type);
    write_file_atomically(index_.file_of.at(saved.name), definition_to_json(node.mapped()));
  }

  Saved decide(const Definition& d) {
    Saved saved;
    saved.asked = saved.name = d.name;
    const std::string signature = signature_of(d);
    for (auto [it, end] = index_.names_by_signature.equal_range(signature); it != end; ++it)
      if (it->second != d.name && saved.like.empty()) saved.like = it->second;
    const Definition* same = nullptr;
    if (const auto base = index_.by_name.find(d.name); base != index_.by_name.end())
      same = version_of(base->second, d, saved);
    else if (options_.deduplicate)
      same = other_name_of(d, signature, saved);
    Definition next = d;
    next.name = saved.name;
    if (same == nullptr) {
      keep(next, saved);
    } else {
      if (saved.status != Saved::Status::conflict) saved.status = Saved::Status::existing;
      saved.file =
          fs::path(index_.file_of[same->name]).lexically_relative(dataset_).generic_string();
      update(*same, std::move(next), saved);
    }
    ours_.insert(saved.name);
    return saved;
  }

 private:
  /// The definition of this name, or its version, that `d` is; nullptr where it is a version of its
  /// own, whose name `saved` has then.
  const Definition* version_of(const Definition& base, const Definition& d, Saved& saved) {
    saved.differences = differences_of(base, d);
    if (saved.differences.empty()) return &base;
    // What somebody else wrote may say the same in other words; kdex's own words would be the same.
    const bool is_ours = ours_.contains(base.name) || options_.written.contains(base.name);
    if (!is_ours && differing_parts(saved.differences) == std::vector<std::string>{"reference"})
      return &base;
    saved.status = Saved::Status::conflict;
    for (int version = 2;; ++version) {
      saved.name = d.name + "_v" + std::to_string(version);
      const auto there = index_.by_name.find(saved.name);
      if (there == index_.by_name.end()) return nullptr;
      if (differences_of(there->second, d).empty()) return &there->second;
    }
  }

  /// What somebody else wrote under another name: signature and reference agree. Two of kdex's own
  /// names stay two, whichever came first.
  const Definition* other_name_of(const Definition& d, const std::string& signature, Saved& saved) {
    for (auto [it, end] = index_.names_by_signature.equal_range(signature); it != end; ++it) {
      const Definition& have = index_.by_name.at(it->second);
      if (have.reference != d.reference || ours_.contains(have.name) ||
          options_.written.contains(have.name))
        continue;
      saved.name = have.name;
      return &have;
    }
    return nullptr;
  }

  /// The definition that is there gains the tags of the one that was found; without deduplication
  /// the one that was found gains those of the one that is there.
  void update(const Definition& same, Definition next, Saved& saved) {
    Definition have = same;
    if (options_.deduplicate) {
      if (options_.add_tags && join_tags(have, next)) keep(have, saved);
      return;
    }
    for (const auto& tag : have.tags) {
      const auto key = tag.substr(0, tag.find(':') + 1);
      if (std::any_of(next.met.begin(), next.met.end(),
                      [&](const std::string& met) { return !key.empty() && met.starts_with(key); }))
        have.met.push_back(tag);
    }
    join_tags(next, have);
    keep(next, saved);
  }

  void keep(const Definition& d, Saved& saved) {
    saved.file = "definitions/" + d.op_type + "/" + d.name + ".json";
    saved.written = true;
    saved.is_new = !index_.by_name.contains(d.name);
    if (saved.is_new) index_.names_by_signature.emplace(signature_of(d), d.name);
    index_.file_of[d.name] = dataset_ + "/" + saved.file;
    index_.by_name[d.name] = d;
    to_write_[d.name] = d;
  }

  const std::string& dataset_;
  const SaveOptions& options_;
  DatasetIndex index_;
  std::set<std::string> ours_;                  // names that this call has given out
  std::map<std::string, Definition> to_write_;  // by name
};

}  // namespace

std::vector<Saved> save_definitions(const DatasetLock& lock,
                                    const std::vector<Definition>& definitions,
                                    const SaveOptions& options, const BeforeWriting& before) {
  const std::string& dataset = lock.dataset();
  for (const auto& d : definitions)
    for (const auto& [what, name] : {std::pair{"name", d.name}, std::pair{"op_type", d.op_type}})
      if (!is_safe_name(name))
        throw Error(
            std::string("the definition's ") + what + " '" + name + "' cannot be a file name",
            dataset, "use letters, digits, '_', '-', '.' and '+', at most 200");
  const fs::path root = fs::path(dataset) / "definitions";
  make_folder(root);
  clear_temporaries(root);
  Saver saver(dataset, options);
  std::vector<Saved> out;
  for (const auto& d : definitions) out.push_back(saver.decide(d));
  if (before) before(out);
  for (const auto& saved : out) saver.write(saved);
  return out;
}

std::vector<Saved> save_definitions(const std::string& dataset,
                                    const std::vector<Definition>& definitions,
                                    const SaveOptions& options, const BeforeWriting& before) {
  return save_definitions(DatasetLock(dataset), definitions, options, before);
}

std::string dataset_of(const std::string& output_dir) {
  fs::path p = fs::path(output_dir).lexically_normal();
  if (!p.has_filename()) p = p.parent_path();
  if (p.filename() == "definitions") p = p.parent_path();
  return p.empty() ? "." : p.string();
}

}  // namespace kdex
