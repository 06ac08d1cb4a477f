// Runs the family libraries on module trees and writes the definitions as a dataset.
// usage: dump_definitions PLUGIN_DIR OUT_DIR [--dialect fi_trace] [--family-option
// FAMILY.OPTION=VALUE] [--notes] TREE.json...
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include <kdex/error.h>

#include "core/plugin/guard.h"
#include "core/plugin/settings.h"
#include "oracle_tree.h"

namespace {

using json = nlohmann::ordered_json;

json tensors(const std::vector<kdex::TensorSpec>& specs) {
  json out = json::object();
  for (const auto& t : specs) {
    json x;
    x["shape"] = t.shape ? json(*t.shape) : json(nullptr);
    x["dtype"] = t.dtype;
    if (!t.description.empty()) x["description"] = t.description;
    out[t.name] = std::move(x);
  }
  return out;
}

json to_json(const kdex::Definition& d) {
  json j;
  j["name"] = d.name;
  j["op_type"] = d.op_type;
  j["tags"] = d.tags;
  j["description"] = d.description;
  json axes = json::object();
  for (const auto& a : d.axes) {
    json x;
    x["type"] = a.value ? "const" : "var";
    if (a.value) x["value"] = *a.value;
    if (!a.description.empty()) x["description"] = a.description;
    axes[a.name] = std::move(x);
  }
  j["axes"] = std::move(axes);
  if (!d.constraints.empty()) j["constraints"] = d.constraints;
  j["inputs"] = tensors(d.inputs);
  j["outputs"] = tensors(d.outputs);
  j["reference"] = d.reference;
  return j;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: dump_definitions PLUGIN_DIR OUT_DIR [--dialect fi_trace] [--family-option "
                 "FAMILY.OPTION=VALUE] "
                 "[--notes] "
                 "TREE.json...\n";
    return 2;
  }
  std::string plugins = argv[1], out = argv[2], dialect = "official";
  bool notes = false;
  int failures = 0, written = 0, conflicts = 0;
  auto loaded = kdex::load_plugins({plugins});
  for (const auto& r : loaded.refused) std::cerr << r.library << ": " << r.reason << "\n";
  for (int i = 3; i < argc; ++i) {
    std::string a = argv[i];
    if (a == "--dialect" && i + 1 < argc) {
      dialect = argv[++i];
    } else if (a == "--family-option" && i + 1 < argc) {
      kdex::apply_settings(loaded, {kdex::parse_setting(argv[++i], a)});
    } else if (a == "--notes") {
      notes = true;
    } else {
      try {
        auto read = kdex_test::read_tree(a);
        if (!read.tree.ok) continue;
        read.deployment.page_sizes = {1, 64};
        kdex::ModelView view{read.tree, read.checkpoint, read.deployment};
        view.dialect = dialect;
        for (const auto& f : loaded.families) {
          auto r = kdex::match_guarded(f, view);
          for (const auto& error : r.errors) {
            std::cerr << a << ": " << error << "\n";
            ++failures;
          }
          if (notes)
            for (const auto& n : r.result.notes)
              std::cout << read.checkpoint.name << " [" << f.info.name << "] " << n.module_path
                        << ": " << n.text << "\n";
          for (const auto& m : r.result.matches) {
            auto folder = std::filesystem::path(out) / "definitions" / m.definition.op_type;
            std::filesystem::create_directories(folder);
            auto file = folder / (m.definition.name + ".json");
            auto j = to_json(m.definition);
            if (std::filesystem::exists(file)) {
              std::ifstream in(file);
              auto old = json::parse(in);
              for (const char* key : {"axes", "inputs", "outputs", "reference"})
                if (old[key] != j[key]) {
                  std::cerr << a << ": " << m.definition.name << " differs in " << key
                            << " from an earlier one\n";
                  ++conflicts;
                  break;
                }
              continue;
            }
            std::ofstream(file) << j.dump(2) << "\n";
            ++written;
          }
        }
      } catch (const std::exception& e) {
        std::cerr << a << ": " << e.what() << "\n";
        ++failures;
      }
    }
  }
  std::cout << written << " definitions written, " << conflicts << " conflicts, " << failures
            << " failures\n";
  return failures == 0 ? 0 : 1;
}
