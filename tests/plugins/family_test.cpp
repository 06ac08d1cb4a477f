// See family_test.h.
#include "family_test.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/plugin/guard.h"

using namespace kdex;

namespace kdex_test {

namespace {

const LoadedPlugins& families() {
  static const LoadedPlugins loaded = load_plugins({KDEX_TEST_PLUGINS});
  return loaded;
}

}  // namespace

bool Run::noted(const std::string& part) const {
  return std::any_of(notes.begin(), notes.end(),
                     [&](const Note& n) { return n.text.find(part) != std::string::npos; });
}

void run(Run& r, const Settings& s) {
  give_roles(r.read.tree);
  r.read.deployment.page_sizes = {1, 64};
  r.read.deployment.prefill = s.prefill;
  r.read.deployment.decode = s.decode;
  ModelView view{r.read.tree, r.read.checkpoint, r.read.deployment};
  view.include_quantized = s.quantized;
  view.tp1_tree = s.tp1;
  view.dialect = s.dialect;
  view.steps = s.steps;
  for (LoadedFamily f : families().families) {
    if (f.info.name == "gemm") f.options.set("at_tp", s.at_tp ? "true" : "false");
    auto g = match_guarded(f, view);
    CHECK(g.errors.empty());
    CHECK_FALSE(g.failed);
    r.failed |= g.failed;
    for (auto& m : g.result.matches) {
      CHECK(r.definitions.count(m.definition.name) == 0);
      r.definitions[m.definition.name] = m.definition;
    }
    for (auto& n : g.result.notes) r.notes.push_back(n);
    r.claimed.insert(g.result.claimed.begin(), g.result.claimed.end());
  }
}

ReadTree read_fixture(const std::string& name) {
  return read_tree(std::string(KDEX_TEST_FIXTURES) + "/" + name + ".json");
}

Run run_fixture(const std::string& name, const Settings& s) {
  Run r;
  r.read = read_fixture(name);
  run(r, s);
  return r;
}

void check_rules(const Definition& d) {
  INFO(d.name);
  std::set<std::string> axes, used, names;
  for (const auto& a : d.axes) {
    CHECK(axes.insert(a.name).second);
    CHECK(a.value.value_or(1) > 0);
  }
  for (const auto* ts : {&d.inputs, &d.outputs})
    for (const auto& t : *ts) {
      CHECK(names.insert(t.name).second);
      if (t.shape)
        for (const auto& a : *t.shape) {
          CHECK(axes.count(a) == 1);
          if (ts == &d.inputs) used.insert(a);
        }
    }
  for (const auto& a : d.axes) CHECK((a.value || used.count(a.name) == 1));
  CHECK(d.reference.find("def run(") != std::string::npos);
  CHECK(d.reference.find("kdex:constant") == std::string::npos);
  CHECK(d.reference.find("functional") == std::string::npos);
  // The reference's parameters are the inputs, in order.
  auto at = d.reference.find("def run(") + 8;
  std::string parameters;
  for (char c : d.reference.substr(at, d.reference.find(")", at) - at))
    if (c != ' ' && c != '\n') parameters += c;
  std::string inputs;
  for (const auto& t : d.inputs) inputs += (inputs.empty() ? "" : ",") + t.name;
  CHECK(parameters == inputs);
}

void check_rules(const Run& r) {
  for (const auto& [name, d] : r.definitions) check_rules(d);
}

std::int64_t axis(const Definition& d, const std::string& name) {
  for (const auto& a : d.axes)
    if (a.name == name) return a.value.value_or(-1);
  return -2;
}

Value integer(std::int64_t i, OriginId origin) {
  Value v;
  v.kind = Value::Kind::integer;
  v.i = i;
  v.origin = origin;
  return v;
}

Module module(std::string path, std::string cls, std::vector<std::string> mro, int parent) {
  Module m;
  m.path = std::move(path);
  m.class_name = std::move(cls);
  m.mro = std::move(mro);
  m.parent = parent;
  return m;
}

Value text(std::string s) {
  Value v;
  v.kind = Value::Kind::string;
  v.s = std::move(s);
  return v;
}

Run built_tree() {
  Run r;
  r.read.tree.ok = true;
  r.read.tree.dtype = "bfloat16";
  r.read.tree.modules.push_back(module("", "Net", {"Net"}, -1));
  return r;
}

}  // namespace kdex_test
