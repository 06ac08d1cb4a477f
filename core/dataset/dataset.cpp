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
  std::vector<fs::path> folders = {dataset, dataset / ".kdex", dataset / ".kdex" / "origins"};
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

/// Adds tags that are missing, where asked.
bool add_tags(Definition& to, const Definition& from) {
  bool changed = false;
  for (const auto& tag : from.tags)
    if (tag.starts_with("model:") &&
        std::find(to.tags.begin(), to.tags.end(), tag) == to.tags.end()) {
      to.tags.push_back(tag);
      changed = true;
    }
  return changed;
}

}  // namespace

std::string signature_of(const Definition& d) {
  return d.op_type + "|" + axes_text(d) + "|" + tensors_text(d.inputs) + "|" +
         tensors_text(d.outputs) + "|" + constraints_text(d);
}

std::vector<std::string> differing_fields(const Definition& a, const Definition& b) {
  std::vector<std::string> out;
  if (a.op_type != b.op_type) out.emplace_back("op_type");
  if (axes_text(a) != axes_text(b)) out.emplace_back("axes");
  if (tensors_text(a.inputs) != tensors_text(b.inputs)) out.emplace_back("inputs");
  if (tensors_text(a.outputs) != tensors_text(b.outputs)) out.emplace_back("outputs");
  if (constraints_text(a) != constraints_text(b)) out.emplace_back("constraints");
  return out;
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

void check_writable(const std::string& dataset) {
  make_folder(fs::path(dataset) / "definitions");
  const std::string probe =
      dataset + "/.kdex/" + temporary_prefix + "probe-" + std::to_string(::getpid());
  { DatasetLock lock(dataset); }
  write_file_atomically(probe, std::string(1u << 16, ' '), false);
  std::error_code error;
  fs::remove(probe, error);
}

std::vector<Saved> save_definitions(const DatasetLock& lock,
                                    const std::vector<Definition>& definitions,
                                    const SaveOptions& options,
                                    const std::atomic<bool>* cancelled) {
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
  DatasetIndex index = read_index(dataset);
  std::vector<Saved> out;
  std::set<std::string> taken;  // names that this call has given out

  auto write = [&](const Definition& d, Saved& saved) {
    const fs::path folder = root / d.op_type;
    make_folder(folder);
    const std::string file = (folder / (d.name + ".json")).string();
    write_file_atomically(file, definition_to_json(d));
    saved.file = "definitions/" + d.op_type + "/" + d.name + ".json";
    saved.written = true;
    if (!index.by_name.contains(d.name)) index.names_by_signature.emplace(signature_of(d), d.name);
    index.file_of[d.name] = file;
    index.by_name[d.name] = d;
  };

  for (const auto& d : definitions) {
    if (cancelled != nullptr && *cancelled) break;
    Saved saved;
    saved.asked = saved.name = d.name;
    const std::string signature = signature_of(d);
    for (auto [it, end] = index.names_by_signature.equal_range(signature); it != end; ++it)
      if (it->second != d.name && saved.like.empty()) saved.like = it->second;

    auto base = index.by_name.find(d.name);
    auto fits = [&](const Definition& have) {
      if (!differing_fields(have, d).empty()) return false;
      // The first of this name in a call may meet a dataset's own reference; later ones are other
      // kernels.
      return !taken.contains(have.name) || have.reference == d.reference;
    };
    const Definition* same = nullptr;
    if (base != index.by_name.end()) {
      if (fits(base->second)) {
        same = &base->second;
      } else {
        saved.status = Saved::Status::conflict;
        saved.fields = differing_fields(base->second, d);
        if (saved.fields.empty()) saved.fields = {"reference"};
        for (int version = 2; same == nullptr; ++version) {
          saved.name = d.name + "_v" + std::to_string(version);
          auto there = index.by_name.find(saved.name);
          if (there == index.by_name.end()) break;
          if (differing_fields(there->second, d).empty() && there->second.reference == d.reference)
            same = &there->second;
        }
      }
    } else if (!saved.like.empty() && options.deduplicate) {
      // The same kernel under another name: signature and reference agree.
      for (auto [it, end] = index.names_by_signature.equal_range(signature); it != end; ++it) {
        const Definition& have = index.by_name.at(it->second);
        if (have.reference == d.reference) {
          same = &have;
          saved.name = have.name;
          break;
        }
      }
    }
    if (same != nullptr) {
      if (saved.status != Saved::Status::conflict) saved.status = Saved::Status::existing;
      saved.file = fs::path(index.file_of[same->name]).lexically_relative(dataset).generic_string();
      Definition next = *same;
      bool tags = options.add_tags && add_tags(next, d);
      if (!options.deduplicate) {
        next = d;
        next.name = saved.name;
        write(next, saved);
      } else if (tags) {
        write(next, saved);
      }
    } else {
      Definition next = d;
      next.name = saved.name;
      write(next, saved);
    }
    taken.insert(saved.name);
    out.push_back(std::move(saved));
  }
  return out;
}

std::vector<Saved> save_definitions(const std::string& dataset,
                                    const std::vector<Definition>& definitions,
                                    const SaveOptions& options,
                                    const std::atomic<bool>* cancelled) {
  return save_definitions(DatasetLock(dataset), definitions, options, cancelled);
}

std::string dataset_of(const std::string& output_dir) {
  fs::path p = fs::path(output_dir).lexically_normal();
  if (!p.has_filename()) p = p.parent_path();
  if (p.filename() == "definitions") p = p.parent_path();
  return p.empty() ? "." : p.string();
}

}  // namespace kdex
