// Engine folders: what is read, and what is refused with which words.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include <kdex/error.h>

#include "core/engine/engine.h"
#include "tests/scratch.h"

using kdex::says;
using kdex::ScratchFolder;
using namespace kdex::engine;
namespace fs = std::filesystem;
using json = nlohmann::ordered_json;

namespace {

const json whole = {{"title", "Fast"},           {"package", "fast"},
                    {"checkout", "python"},      {"models", "fast/models"},
                    {"assigned", "EntryClass"},  {"driver", "driver.py"},
                    {"roles", "roles.json"},     {"packages", "packages.json"},
                    {"platforms", "chips.json"}, {"arguments", {{"tp", "tensor_parallel"}}}};

void write_engine(const ScratchFolder& f, const std::string& name, const json& j) {
  f.write(name + "/engine.json", j.dump());
  f.write(name + "/driver.py", "");
  for (const char* file : {"roles.json", "packages.json"}) f.write(name + "/" + file, "{}");
  f.write(name + "/chips.json", R"({"about": "x", "z9": {}, "a1": {}})");
}

/// Why the folder is refused.
std::string reason(const json& j) {
  ScratchFolder f;
  write_engine(f, "bad", j);
  const auto found = find_engines({f.at.string()});
  CHECK(found.engines.empty());
  return found.refused.size() == 1 ? found.refused[0].reason : "";
}

json without(const char* key) {
  json j = whole;
  j.erase(key);
  return j;
}

json with(const char* key, const json& value) {
  json j = whole;
  j[key] = value;
  return j;
}

}  // namespace

TEST_CASE("an engine's folder is read") {
  ScratchFolder f;
  write_engine(f, "fast", whole);
  f.write("fast-notes/README.md", "no engine");
  const auto found = find_engines({f.at.string(), f.at.string(), (f.at / "none").string()});
  REQUIRE(found.engines.size() == 1);
  const auto& e = found.engines[0];
  CHECK(e.name == "fast");
  CHECK(e.title == "Fast");
  CHECK(e.driver == "driver");
  CHECK(e.platforms == std::vector<std::string>{"z9", "a1"});
  CHECK(e.arguments.at("tp") == "tensor_parallel");
  CHECK(e.registry.empty());
  REQUIRE(found.refused.size() == 1);  // the same folder again
  CHECK(says(found.refused[0].reason, "'fast' is defined in"));
}

TEST_CASE("a broken engine is named and refused") {
  CHECK(says(reason(without("package")), "'package' is missing"));
  CHECK(says(reason(without("assigned")), "expected 'assigned' or 'registry'"));
  CHECK(says(reason(with("registry", "fast/registry.py")), "expected 'assigned' or 'registry'"));
  CHECK(says(reason(with("package", 3)), "'package' must be a text"));
  CHECK(says(reason(with("nonsense", 3)), "unknown key 'nonsense'"));
  CHECK(says(reason(with("driver", "none.py")), "is not there"));
  CHECK(says(reason(with("models", "../models")), "leads out of its folder"));
  CHECK(says(reason(with("configs", "fast/configs")), "'configs' must be a list"));
  CHECK(says(reason(json::array()), "is not a JSON object"));
}

TEST_CASE("where an engine's sources lie") {
  ScratchFolder f;
  write_engine(f, "engines/fast", with("inside", "core"));
  const Engine e = read_engine((f.at / "engines/fast").string());
  f.write("site/fast/__init__.py", "");
  f.write("git/python/fast/__init__.py", "");
  f.write("package/fast/core/x.py", "");
  f.write("package/fast/__init__.py", "");
  const auto folder = [&](const char* name) { return source_folder(e, (f.at / name).string()); };
  CHECK(folder("site") == (f.at / "site").string());
  CHECK(folder("git") == (f.at / "git/python").string());
  CHECK(folder("package/fast") == (f.at / "package").string());
  CHECK(folder("engines").empty());
}

TEST_CASE("the engines that come with kdex are whole, and one is chosen by the sources") {
  CHECK(known_engines().refused.empty());
  REQUIRE(!known_engines().engines.empty());
  const Engine& first = known_engines().engines[0];
  ScratchFolder f;
  f.write(first.package + "/__init__.py", "");
  CHECK(choose({f.at.string()}, "").name == first.name);
  CHECK(choose({}, first.name).name == first.name);
  CHECK_THROWS_WITH_AS(choose({}, first.name + "x"), doctest::Contains("unknown engine"),
                       kdex::Error);
  CHECK_THROWS_WITH_AS(choose({(f.at / first.package).string()}, ""),
                       doctest::Contains("no source tree with the package"), kdex::Error);
}
