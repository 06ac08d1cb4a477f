// Holds every definition of datasets against the families' forms: one of them reads it, and writes
// the same bytes from what it read.
// usage: check_forms PLUGIN_DIR DATASET...   exit 0: all; 1: some are not; 2: nothing to check
#include <filesystem>
#include <iostream>
#include <string>

#include <kdex/error.h>
#include <kdex/form_definition.h>

#include "core/base/files.h"
#include "core/definition/json.h"
#include "core/plugin/loader.h"

namespace fs = std::filesystem;

namespace {

/// "" where the forms read and write this file; else why not.
std::string problem(const kdex::LoadedPlugins& loaded, const std::string& file) {
  const std::string text = kdex::read_file(file);
  const kdex::Definition d = kdex::definition_from_json(text, file);
  std::string why = "no family has a form of op type " + d.op_type;
  for (const auto& f : loaded.families) {
    const kdex::FormReading r = kdex::find_form(f.family->forms(), d);
    if (r.form == nullptr) {
      if (!r.why.empty()) why = f.info.name + ": " + r.why;
      continue;
    }
    const kdex::Definition again = kdex::write(*r.form, r.params);
    if (kdex::definition_to_json(again) == text) return "";
    why = "form " + r.form->id + " writes another definition";
    for (auto [name, a, b] : {std::tuple{"name", again.name, d.name},
                              {"description", again.description, d.description},
                              {"reference", again.reference, d.reference}})
      if (a != b) why += std::string("; ") + name + " '" + a + "', not '" + b + "'";
    if (again.tags != d.tags) {
      why += "; tags";
      for (const auto& t : again.tags) why += " " + t;
      why += ", not";
      for (const auto& t : d.tags) why += " " + t;
    }
    return why;
  }
  return why;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 3) {
    std::cerr << "usage: check_forms PLUGIN_DIR DATASET...\n";
    return 2;
  }
  const auto loaded = kdex::load_plugins({argv[1]});
  int good = 0, bad = 0;
  for (int i = 2; i < argc; ++i)
    for (const auto& entry :
         fs::recursive_directory_iterator(std::string(argv[i]) + "/definitions")) {
      if (entry.path().extension() != ".json") continue;
      const std::string why = problem(loaded, entry.path().string());
      (why.empty() ? good : bad)++;
      if (!why.empty()) std::cout << entry.path().string() << ": " << why << "\n";
    }
  std::cout << good << " definitions are read and written alike, " << bad << " are not\n";
  return bad > 0 ? 1 : good > 0 ? 0 : 2;
} catch (const std::exception& e) {
  std::cerr << e.what() << "\n";
  return 2;
}
