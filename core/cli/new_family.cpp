// kdex new-family: writes a family that builds against the installed SDK, loads, and is a start.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/cli/command.h"
#include "core/paths.h"

namespace kdex::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* cmake_text = R"text(# The family @NAME@: build with
#   cmake -S . -B build -DCMAKE_PREFIX_PATH=<kdex's prefix> && cmake --build build && ctest --test-dir build
cmake_minimum_required(VERSION 3.22)
project(kdex_@NAME@ LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 20)
find_package(kdex REQUIRED)
kdex_add_family(@NAME@ SOURCES family.cpp REFERENCES reference/@NAME@.py)

enable_testing()
add_test(NAME loads COMMAND ${KDEX_PROGRAM} plugins --plugins-path ${CMAKE_BINARY_DIR}/lib/kdex/plugins)
set_tests_properties(loads PROPERTIES PASS_REGULAR_EXPRESSION "@NAME@ +0\\.1\\.0")
)text";

constexpr const char* family_text =
    R"text(// The family @NAME@: finds SiluAndMul modules and writes one definition for each width.
// Replace the class name and the form by those of your kernel.
#include <kdex/authoring.h>
#include <kdex/family.h>
#include "references.h"

namespace {

class Family : public kdex::Family {
 public:
  kdex::FamilyInfo info() const override { return {"@NAME@", "0.1.0", "gated activation (a start for your own family)", {"@NAME@"}}; }

  kdex::FamilyResult match(const kdex::ModelView& view) const override {
    kdex::FamilyResult result;
    kdex::sdk::Matches matches;
    const auto& modules = view.tree.modules;
    const auto children = kdex::sdk::children_of(view.tree);
    for (std::size_t i = 0; i < modules.size(); ++i) {
      if (!modules[i].is_a("SiluAndMul") || modules[i].parent < 0) continue;
      // The width is the input size of the row-parallel linear beside it.
      for (std::size_t sibling : children[static_cast<std::size_t>(modules[i].parent)])
        if (auto width = kdex::sdk::size_dim(modules[sibling], "input_size_per_partition");
            width && modules[sibling].is_a("RowParallelLinear")) {
          matches.add({{i}, false, kdex::sdk::path_pattern(modules[i].path), define(*width, view)});
          result.claimed.push_back(i);
        }
    }
    result.matches = matches.take();
    return result;
  }

 private:
  static kdex::Definition define(kdex::sdk::Dim width, const kdex::ModelView& view) {
    using namespace kdex::sdk;
    kdex::Definition d;
    d.name = "@NAME@_i" + std::to_string(width.value) + dtype_suffix(view.tree.dtype);
    d.op_type = "@NAME@";
    d.description = "SiLU of the first half times the second half.";
    d.tags = {model_tag(view.checkpoint), "status:unverified"};
    d.axes = {var_axis("num_tokens"), const_axis("intermediate_size", width), const_axis("gate_up_size", {2 * width.value, width.origin, "2 * intermediate_size"})};
    d.inputs = {tensor("gate_up", {"num_tokens", "gate_up_size"}, view.tree.dtype)};
    d.outputs = {tensor("output", {"num_tokens", "intermediate_size"}, view.tree.dtype)};
    d.reference = std::string(kdex_reference::@NAME@);
    return d;
  }
};

}  // namespace

KDEX_FAMILY(Family)
)text";

constexpr const char* reference_text = R"text(import torch


@torch.no_grad()
def run(gate_up):
    """SiLU of the first half times the second half, in float32, rounded once."""
    width = gate_up.shape[-1] // 2
    gate = gate_up[..., :width].to(torch.float32)
    up = gate_up[..., width:].to(torch.float32)
    return (gate / (1.0 + torch.exp(-gate)) * up).to(gate_up.dtype)
)text";

std::string filled(std::string text, const std::string& name) {
  for (std::size_t at = text.find("@NAME@"); at != std::string::npos;
       at = text.find("@NAME@", at + name.size()))
    text.replace(at, 6, name);
  return text;
}

}  // namespace

int new_family_command(const std::vector<std::string>& arguments) {
  po::options_description o("options");
  o.add_options()("out", po::value<std::string>(), "the folder to write (default: NAME)");
  po::variables_map v;
  std::vector<std::string> rest;
  const Command& self = command("new-family");
  if (parse(self, arguments, o, v, rest)) return done;
  if (rest.size() != 1)
    throw Error("one name is needed", "kdex new-family",
                std::string("for example: ") + self.example);
  const std::string& name = rest[0];
  bool plain = !name.empty() && name.size() <= 60 &&
               std::isalpha(static_cast<unsigned char>(name[0])) != 0 &&
               std::all_of(name.begin(), name.end(), [](unsigned char c) {
                 return c < 128 && (std::isalnum(c) != 0 || c == '_');
               });
  if (!plain)
    throw Error("'" + name + "' cannot name a family", "kdex new-family",
                "use letters, digits and '_', beginning with a letter");
  const fs::path folder = v.count("out") ? v["out"].as<std::string>() : name;
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_empty(folder, error))
    throw Error("exists and is not empty", folder.string(), "give --out another folder");
  fs::create_directories(folder / "reference", error);
  if (error) throw Error("the folder cannot be made: " + error.message(), folder.string());
  write_file_atomically((folder / "CMakeLists.txt").string(), filled(cmake_text, name), false);
  write_file_atomically((folder / "family.cpp").string(), filled(family_text, name), false);
  write_file_atomically((folder / "reference" / (name + ".py")).string(), reference_text, false);
  std::printf(
      "%s: CMakeLists.txt, family.cpp, reference/%s.py\nbuild:  cmake -S %s -B %s/build "
      "-DCMAKE_PREFIX_PATH=%s && cmake --build %s/build\n"
      "use:    kdex plugins --plugins-path %s/build/lib/kdex/plugins\n",
      folder.c_str(), name.c_str(), folder.c_str(), folder.c_str(), home_folder().c_str(),
      folder.c_str(), folder.c_str());
  return done;
}

}  // namespace kdex::cli
