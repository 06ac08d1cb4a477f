// What an engine's files declare without being run: model classes, versions.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/engine/declared.h"
#include "tests/scratch.h"

using kdex::ScratchFolder;
using namespace kdex::engine;
namespace fs = std::filesystem;
using Names = std::vector<std::string>;
using Versions = std::map<std::string, std::string>;

namespace {
Names entry_classes(const std::string& text) { return assigned_classes(text, "EntryClass"); }
const Names extras = {"srt", "runtime-common"};
}  // namespace

TEST_CASE("entry classes of a model file") {
  CHECK(entry_classes("class A: pass\nEntryClass = A\n") == Names{"A"});
  CHECK(entry_classes("EntryClass = A") == Names{"A"});
  CHECK(entry_classes("x = 1\nEntryClass = [A, B]  # both\n") == Names{"A", "B"});
  CHECK(entry_classes("\nEntryClass = [\n    A,  # the first, [not] a list\n    B,\n]\nz = 2\n") ==
        Names{"A", "B"});
  CHECK(entry_classes("\nEntryClass = (A, B)\n") == Names{"A", "B"});
  CHECK(entry_classes("\nEntryClass = A  # note\nB = 1\n") == Names{"A"});
  CHECK(entry_classes("class A: pass\n").empty());
  CHECK(entry_classes("\nEntryClass = make()\n").empty());
  CHECK(entry_classes("\nEntryClass").empty());
  CHECK(entry_classes("\nEntryClass = [[A]]").empty());
}

TEST_CASE("models of a folder, in the order of their names") {
  ScratchFolder f;
  f.write("m/b.py", "\nEntryClass = B\n");
  f.write("m/a.py", "\nEntryClass = [A2, A1]\n");
  f.write("m/__init__.py", "\nEntryClass = No\n");
  f.write("m/notes.txt", "\nEntryClass = No\n");
  const auto got = assigned_models((f.at / "m").string(), "p.m", "EntryClass");
  REQUIRE(got.size() == 3);
  CHECK(got[0].architecture == "A2");
  CHECK(got[0].class_name == "A2");
  CHECK(got[0].module == "p.m.a");
  CHECK(got[1].architecture == "A1");
  CHECK(got[2].architecture == "B");
  CHECK(got[2].module == "p.m.b");
  CHECK(assigned_models((f.at / "none").string(), "p", "EntryClass").empty());
}

TEST_CASE("models of a registry's tables") {
  ScratchFolder f;
  f.write("registry.py",
          "_MODELS = {\n"
          "    # [Decoder-only] \"Not\": (\"a\", \"Model\")\n"
          "    \"AForCausalLM\": (\"a\", \"AForCausalLM\"),\n"
          "    'BModel': ('b.c', 'BForCausalLM'),  # another class\n"
          "    \"CForCausalLM\": (\n        \"c\",\n        \"CForCausalLM\",\n    ),\n"
          "    \"D\": \"text\", \"E\": (\"only one\"), \"F\": (1, 2),\n}\n"
          "names = {\"x\": (\"y\", 3)}\n");
  const auto got = registered_models((f.at / "registry.py").string(), "p.m");
  REQUIRE(got.size() == 3);
  CHECK(got[0].architecture == "AForCausalLM");
  CHECK(got[0].module == "p.m.a");
  CHECK(got[1].architecture == "BModel");
  CHECK(got[1].module == "p.m.b.c");
  CHECK(got[1].class_name == "BForCausalLM");
  CHECK(got[2].module == "p.m.c");
  CHECK(registered_models((f.at / "none.py").string(), "p").empty());
}

TEST_CASE("versions that packaging states") {
  ScratchFolder f;
  f.write("eng-1.2.dist-info/METADATA",
          "Name: Eng\nVersion: 1.2\nRequires-Dist: torch==2.8.0\nRequires-Dist: flash[cu13]==0.4.0 "
          "; python_version > '3'\n"
          "Requires-Dist: other==9 ; extra == 'test'\nRequires-Dist: kernel==0.1.4; extra == "
          "\"srt\"\n");
  f.write("lib-5.dist-info/METADATA",
          "Name: lib_x\nVersion: 5\nRequires-Dist: tok<=0.23.0,>=0.22.0\nRequires-Dist: hub "
          "(>=1.3,<2)\nRequires-Dist: free\n");
  Versions v = {{"tok", "0.23.2"}, {"hub", "1.4"}, {"torch", "9"}, {"other", "1"}, {"free", "3"}};
  v = read_packaging({f.at.string()}, v, "eng", extras).versions;
  CHECK(v["eng"] == "1.2");
  CHECK(v["lib-x"] == "5");
  CHECK(v["torch"] == "2.8.0");
  CHECK(v["flash"] == "0.4.0");
  CHECK(v["kernel"] == "0.1.4");
  CHECK(v["tok"] == "0.23.0");
  CHECK(v["hub"] == "1.4");
  CHECK(v["other"] == "1");
  CHECK(v["free"] == "3");
  CHECK(version_numbers("0.23.2rc1") == std::vector<int>{0, 23, 2});
  CHECK(version_numbers("2.0") == version_numbers("2"));
}

TEST_CASE("what a release requires; a checkout without packaging says nothing") {
  ScratchFolder folder;
  folder.write("engine/other-1.0.dist-info/METADATA",
               "Name: other\nVersion: 1.0\nRequires-Dist: Kernel_S>=0.1\n");
  const auto read = [&] {
    return read_packaging({(folder.at / "engine").string()}, {}, "eng_x", extras).required;
  };
  CHECK(read().empty());
  folder.write("engine/eng_x-9.dist-info/METADATA",
               "Name: Eng-X\nVersion: 9\nRequires-Dist: kernels\nRequires-Dist: "
               "flash-attn-4>=4\nRequires-Dist: notes; extra == \"dev\"\n");
  CHECK(read() == std::set<std::string>{"kernel-s", "kernels", "flash-attn-4"});
}
