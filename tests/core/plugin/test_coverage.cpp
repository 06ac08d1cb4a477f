// Which matches a module's departures take away.
#include <doctest/doctest.h>

#include <kdex/form.h>

#include "core/plugin/coverage.h"

using namespace kdex;

namespace {

Departure departs(const char* attribute, std::int64_t value, std::int64_t neutral,
                  std::vector<std::string> facts) {
  Departure d;
  d.attribute = attribute;
  d.value.kind = d.neutral.kind = Value::Kind::integer;
  d.value.i = value;
  d.neutral.i = neutral;
  d.set = {"pkg/model.py", 7};
  d.facts = std::move(facts);
  return d;
}

struct Model {
  ModuleTree tree;
  Checkpoint checkpoint;
  Deployment deployment;
  Form form;
  FamilyResult result;

  Model() {
    tree.ok = true;
    for (const char* path : {"model.0.attn", "model.1.attn", "model.2.attn"}) {
      Module m;
      m.path = path;
      tree.modules.push_back(m);
    }
    form.covers = {"window_left"};
    Match match;
    match.form = &form;
    match.modules = {0, 1, 2};
    result.matches = {match};
    result.claimed = {0, 1, 2};
  }
  void run() { drop_uncovered({tree, checkpoint, deployment}, result); }
};

}  // namespace

TEST_CASE("a module with a departure that the form covers stays") {
  Model m;
  m.tree.modules[1].departures = {departs("window", 128, -1, {"window_left"})};
  m.run();
  REQUIRE(m.result.matches.size() == 1);
  CHECK(m.result.matches[0].modules.size() == 3);
  CHECK(m.result.claimed.size() == 3);
  CHECK(m.result.notes.empty());
}

TEST_CASE("one with another departure goes, with its reason, and is no longer claimed") {
  Model m;
  m.tree.modules[1].departures = {departs("window", 128, -1, {"window_left"}),
                                  departs("temperature_len", 1024, -1, {})};
  m.run();
  REQUIRE(m.result.matches.size() == 1);
  CHECK(m.result.matches[0].modules == std::vector<std::size_t>{0, 2});
  CHECK(m.result.claimed == std::vector<std::size_t>{0, 2});
  REQUIRE(m.result.notes.size() == 1);
  CHECK(m.result.notes[0].module_path == "model.*.attn");
  CHECK(m.result.notes[0].paths == std::vector<std::string>{"model.1.attn"});
  CHECK(m.result.notes[0].text ==
        "its temperature_len is 1024, its class's default is -1 (pkg/model.py:7); no form covers "
        "that, so no definition was written");
}

TEST_CASE("a match without modules goes; a fact that no form covers is none that tells") {
  Model m;
  for (auto& module : m.tree.modules)
    module.departures = {departs("logit_cap", 50, 0, {"logit_cap"})};
  m.run();
  CHECK(m.result.matches.empty());
  CHECK(m.result.claimed.empty());
  REQUIRE(m.result.notes.size() == 1);
  CHECK(m.result.notes[0].paths.size() == 3);
}

TEST_CASE("a match that names no form is its family's own affair") {
  Model m;
  m.result.matches[0].form = nullptr;
  m.tree.modules[0].departures = {departs("odd", 1, 0, {})};
  m.run();
  CHECK(m.result.matches.size() == 1);
}
