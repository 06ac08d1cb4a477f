// A folder in FlashInfer-Trace layout: its index by name and by signature, deduplication, atomic
// save. Knows Definitions only, neither models nor plugins.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <kdex/definition.h>

#include "core/dataset/differences.h"
#include "core/dataset/lock.h"

namespace kdex {

/// Where report.json goes: <dataset>/report.json.
std::string report_file(const std::string& dataset);
/// The same for people: <dataset>/report.html.
std::string report_page(const std::string& dataset);
/// Where the origins of one definition are: <dataset>/.kdex/origins/<name>.json.
std::string origins_file(const std::string& dataset, const std::string& name);

/// Axes (name, constant), inputs, outputs (name, shape, dtype in calling order) and constraints as
/// one text; the order of the axes means nothing.
std::string signature_of(const Definition& definition);

struct DatasetIndex {
  std::map<std::string, Definition> by_name;
  std::map<std::string, std::string> file_of;                  // name -> path
  std::multimap<std::string, std::string> names_by_signature;  // signature -> name
  std::vector<std::string> unreadable;                         // one line a file
};

/// Reads definitions/*/*.json. An absent folder is an empty dataset.
DatasetIndex read_index(const std::string& dataset);

struct SaveOptions {
  bool deduplicate = true;  // false: a definition of the same name and signature is written anew
  bool add_tags = true;     // an existing definition gains the new one's tags of where it was met
  std::set<std::string> written = {};  // names that kdex wrote earlier (core/dataset/history.h)
};

struct Saved {
  enum class Status { added, existing, conflict };
  std::string asked;  // the definition's own name
  std::string name;   // the name that it has in the dataset
  std::string file;   // relative to the dataset
  Status status = Status::added;
  bool written = false;  // a conflict's version may be there already
  bool is_new = false;   // there was none of this name
  /// Between what is there and what was found. Conflict: why it is one; existing: the reference
  /// that somebody else wrote in other words.
  std::vector<Difference> differences;
  std::string like;  // another definition of this signature, "" where there is none
};

/// Makes the dataset's folders and tries to write there, so that a long run fails before it begins.
/// Throws kdex::Error.
void check_writable(const std::string& dataset);

/// Is told what will be written under which name, before the first file is.
using BeforeWriting = std::function<void(const std::vector<Saved>&)>;

/// Saves in the order given; clears what a killed writer left. Gives what became of each. Throws
/// kdex::Error where a name is not safe or a file cannot be written: what was written before is
/// whole. A definition that differs from one of its name becomes a version of it; a reference of
/// somebody else's in other words is no difference, one that kdex wrote is.
std::vector<Saved> save_definitions(const DatasetLock& lock,
                                    const std::vector<Definition>& definitions,
                                    const SaveOptions& options, const BeforeWriting& before = {});
/// The same, holding the dataset's lock for this call alone.
std::vector<Saved> save_definitions(const std::string& dataset,
                                    const std::vector<Definition>& definitions,
                                    const SaveOptions& options, const BeforeWriting& before = {});

/// The dataset of an output folder: a folder called "definitions" stands for the one that holds it.
std::string dataset_of(const std::string& output_dir);

}  // namespace kdex
