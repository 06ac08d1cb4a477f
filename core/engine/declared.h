// What an engine's files say without being run: the model classes that they declare, and the
// versions that their packaging states. Text in, text out; must not know the evaluator, nor any
// engine.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kdex::engine {

/// A model class that an engine's files declare.
struct Declared {
  std::string architecture;  // as in config.json
  std::string module;        // dotted
  std::string class_name;    // in that module; mostly the architecture itself
};

/// The names in a model file's `NAME = Class` or `NAME = [Class, ...]`, in order; empty for any
/// other form. `name`: "EntryClass".
std::vector<std::string> assigned_classes(std::string_view text, std::string_view name);

/// The model classes of the files in `folder` (a package of `dotted` name), each of which assigns
/// its own to `name`; in the order of the files' names.
std::vector<Declared> assigned_models(const std::string& folder, const std::string& dotted,
                                      std::string_view name);

/// The entries `"Architecture": ("module", "Class")` of the tables in a file, in order; modules are
/// relative to the package `dotted`.
std::vector<Declared> registered_models(const std::string& file, const std::string& dotted);

/// Numbers of a version, as far as they go: "0.23.2rc1" → 0 23 2.
std::vector<int> version_numbers(std::string_view v);

/// What the packaging of source folders says.
struct Packaging {
  std::map<std::string, std::string> versions;  // distribution → version
  std::set<std::string> required;  // distributions that the folders' packages require; empty where
                                   // the engine's own packaging is not there
};

/// Completes `known` (distribution → version) from the *.dist-info folders of `roots`: a package's
/// own version, what it requires exactly, and, where the version at hand lies outside a required
/// range, the range's end. `package`: the engine's distribution; `extras`: those of its extras that
/// serving needs.
Packaging read_packaging(const std::vector<std::string>& roots,
                         std::map<std::string, std::string> known, const std::string& package,
                         const std::vector<std::string>& extras);

}  // namespace kdex::engine
