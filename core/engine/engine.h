// An engine: a folder of data with an engine.json, and a driver in Python that runs inside the
// abstract machine. Finds such folders, reads what they say, and knows which engine a source folder
// holds. Must not know any engine by name, nor the evaluator. How to add one: README.md beside this
// file.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace kdex::engine {

/// What an engine.json says. Paths of files are full; paths inside a source folder are relative to
/// it.
struct Engine {
  std::string name;      // of its folder
  std::string folder;    // the folder itself
  std::string title;     // for messages
  std::string package;   // import name; a source folder holds the engine where it has this package
  std::string checkout;  // folder of a git checkout that holds the package; "" where it is the top
  std::string inside;    // a folder that the package holds: it tells the package given as a source
  std::string models;    // folder of the model files
  std::vector<std::string> configs;  // folders of configuration classes beside Transformers' own
  std::string assigned;  // name that a model file assigns its classes to ("EntryClass"), or
  std::string registry;  // the file with a table "Architecture": ("module", "Class")
  std::string driver;    // name of the driver's module, in `folder`
  std::string instead;   // folder of modules that replace the package's own; "" for none
  std::string packages_file, roles_file, platforms_file;
  std::vector<std::string> serving_extras;       // extras of the package that serving needs
  std::map<std::string, std::string> arguments;  // "tp" → the engine's server argument
  std::vector<std::string> platforms;            // names in platforms_file, in its order
};

/// An engine folder that cannot be used, and why.
struct Refused {
  std::string folder, reason;
};

struct Engines {
  std::vector<Engine> engines;  // sorted by name
  std::vector<Refused> refused;
};

/// Reads `folder`/engine.json. Throws kdex::Error with the file and the key for anything that is
/// missing or not of its form.
Engine read_engine(const std::string& folder);

/// The engines in the folders of `places` (each folder with an engine.json is one). Of two with one
/// name the first is taken and the other refused.
Engines find_engines(const std::vector<std::string>& places);

/// The engines that come with kdex and those in the folders of KDEX_ENGINES (colon-separated).
/// Read once.
const Engines& known_engines();

/// The names of all known engines' platforms, each once, and as a text: "a, b or c".
std::vector<std::string> platform_names();
std::string platform_list();

/// True where `folder` has the package `name`.
bool has_package(const std::string& folder, const std::string& name);

/// The folder to read the engine's package from, where `folder` is one that holds it, a git
/// checkout, or the package itself; else "".
std::string source_folder(const Engine& engine, const std::string& folder);

/// The engine of these source folders: the one called `wanted`, else the only one whose package
/// they hold. Throws kdex::Error where there is none, or several and none is wanted.
const Engine& choose(const std::vector<std::string>& folders, const std::string& wanted);

/// The packages of all known engines, for messages: "a or b".
std::string package_names();

}  // namespace kdex::engine
