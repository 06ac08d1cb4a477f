// Tables of roles: what each form of a rule gives, and what is refused.
#include <doctest/doctest.h>

#include <map>

#include <kdex/error.h>

#include "core/engine/roles.h"
#include "tests/scratch.h"

using namespace kdex;
using engine::RoleTable;

namespace {

Value integer(std::int64_t i, OriginId origin = 0) {
  Value v;
  v.kind = Value::Kind::integer;
  v.i = i;
  v.origin = origin;
  return v;
}

Value text(std::string s, Value::Kind kind = Value::Kind::string) {
  Value v;
  v.kind = kind;
  v.s = std::move(s);
  return v;
}

Module module(const std::string& path, std::vector<std::string> mro, int parent) {
  Module m;
  m.path = path;
  m.mro = std::move(mro);
  m.class_name = m.mro.empty() ? "" : m.mro[0];
  m.parent = parent;
  return m;
}

/// A block with a core and a router.
ModuleTree tree() {
  ModuleTree t;
  t.ok = true;
  t.resolved["backend"] = text("FAST");
  t.modules.push_back(module("", {"pkg.Net"}, -1));
  t.modules.push_back(module("block", {"pkg.Block"}, 0));
  t.modules.push_back(module("block.core", {"pkg.layers.MyCore", "pkg.layers.Core"}, 1));
  t.modules.push_back(module("block.route", {"pkg.TopK"}, 1));
  auto& block = t.modules[1];
  block.attrs = {{"rank", integer(512, 7)}};
  block.params = {{"sinks", {integer(8)}, "float32"}};
  auto& core = t.modules[2];
  core.attrs = {{"heads", integer(8, 3)},
                {"none", Value{}},
                {"kind", text("Kind.OTHER", Value::Kind::enumeration)},
                {"scale", integer(-1)}};
  core.params = {{"weight", {integer(48, 21), integer(32, 22)}, "bfloat16"},
                 {"w_packed", {integer(4), integer(4)}, "uint8"}};
  Value config = text("Config", Value::Kind::object);
  config.attrs = {{"k", integer(2)}, {"alpha", integer(5)}};
  t.modules[3].attrs = {{"config", config}, {"k", integer(9)}, {"own", integer(4)}};
  return t;
}

ModuleTree applied(const std::string& modules, const std::string& sets = "{}") {
  auto t = tree();
  RoleTable::parse("{\"sets\": " + sets + ", \"modules\": [" + modules + "]}", "roles.json")
      .apply(t);
  return t;
}

/// The facts of the core by a rule with these facts.
ModuleTree facts(const std::string& given) {
  return applied(R"({"role": "attention", "classes": "Core", "places": {
      "router": {"find": ["child TopK", "sibling TopK"], "inside": "config"},
      "config": ["attribute none.such", "parent"]}, "facts": )" +
                 given + "}");
}

std::int64_t number(const ModuleTree& t, const char* name) {
  const Value* v = t.modules[2].fact(name);
  return v == nullptr ? -1000 : v->i;
}

std::string refusal(const std::string& table) {
  try {
    RoleTable::parse(table, "roles.json");
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a class or a base of it gives the role, the first entry that fits") {
  auto t = applied(R"({"role": "norm", "classes": ["ore", "layers.Cor"]},
                      {"role": "attention", "classes": "layers.Core"},
                      {"role": "head", "classes": "Core"}, {"role": "router", "classes": "*opK"})");
  CHECK(t.modules[0].role.empty());
  CHECK(t.modules[2].role == "attention");
  CHECK(t.modules[3].role == "router");
}

TEST_CASE("the nearest class of an entry gives its facts first") {
  auto t = applied(
      R"({"role": "norm", "classes": {"Core": {"a": 1, "b": 1}, "MyCore": {"a": 2}},
          "facts": {"a": 3, "c": 3}})");
  CHECK(number(t, "a") == 2);
  CHECK(number(t, "b") == -1000);
  CHECK(number(t, "c") == 3);
}

TEST_CASE("facts keep kinds and origins; others are absent") {
  auto t = facts(R"({"heads": {"size": "heads"}, "scale": {"size": "scale"},
      "any_scale": {"integer": ["none", "scale"]}, "rank": {"size": "parent/rank"},
      "n": {"size": {"path": "param:weight", "dim": 0}},
      "weight": {"tensor": {"path": "param:weight", "rank": 2}},
      "cube": {"tensor": {"path": "param:weight", "rank": 3}},
      "float": {"tensor": {"path": "param:w_packed", "not_dtype": "uint8"}},
      "more": {"size": {"path": "heads", "plus": -1}}, "nothing": {"any": "none"}})");
  const Module& m = t.modules[2];
  CHECK(number(t, "heads") == 8);
  CHECK(m.fact("heads")->origin == 3);
  CHECK(m.fact("scale") == nullptr);
  CHECK(number(t, "more") == 7);
  CHECK(m.fact("more")->origin == 3);
  CHECK(number(t, "any_scale") == -1);
  CHECK(m.fact("rank")->origin == 7);
  CHECK(m.fact("n")->origin == 21);
  CHECK(m.fact("weight")->s == "bfloat16");
  CHECK(m.fact("weight")->items[1].origin == 22);
  for (const char* name : {"cube", "float", "nothing"}) CHECK(m.fact(name) == nullptr);
}

TEST_CASE("texts are mapped, whatever their case") {
  auto t = facts(R"({"kind": {"name": "kind", "map": {"plain": "a", "other": "b", "*": "c"}},
      "rest": {"name": "kind", "map": {"plain": "a", "*": "c"}}, "whole": {"text": "kind"}})");
  CHECK(t.modules[2].fact("kind")->s == "b");
  CHECK(t.modules[2].fact("rest")->s == "c");
  CHECK(t.modules[2].fact("whole")->s == "Kind.OTHER");
}

TEST_CASE("places: what stands beside a module, and inside an attribute of it") {
  auto t = facts(R"({"router": {"module": "router"}, "k": {"size": "router/k"},
      "own": {"size": "router/own"}, "sinks": {"names": {"names": "*sink*", "of": "parent"}},
      "packed": {"names": {"names": ["q*", "*packed"]}}, "none": {"names": {"names": "x*"}},
      "changes": {"any": {"numbers": ["router/config.alpha", "router/config.beta"]}}})");
  const Module& m = t.modules[2];
  CHECK(m.fact("router")->i == 3);
  CHECK(number(t, "k") == 2);
  CHECK(number(t, "own") == 4);
  CHECK(m.fact("sinks")->items[0].s == "sinks");
  CHECK(m.fact("packed")->items[0].s == "w_packed");
  CHECK(m.fact("none") == nullptr);
  REQUIRE(m.fact("changes")->attrs.size() == 1);
  CHECK(m.fact("changes")->attrs[0].first == "alpha");
}

TEST_CASE("conditions") {
  auto t = facts(R"({"a": {"integer": {"value": 1, "if": {"exists": ["heads", "none"]}}},
      "b": {"integer": {"value": 1, "if": {"set": "none"}}},
      "c": {"integer": {"value": 1, "if": {"unset": "none", "absent": "parent/heads"}}},
      "d": {"integer": {"value": 1, "if": [{"is": {"resolved/backend": ["slow", "fast"]}}, {"true": "heads"}]}},
      "e": {"integer": {"value": 1, "if": {"is_not": {"resolved/backend": "f*"}}}},
      "f": {"integer": {"value": 1, "if": {"size": "scale"}}},
      "g": {"integer": {"value": 1, "if": {"found": "router", "not_true": "none", "exists": "fact/a"}}}})");
  for (const char* name : {"a", "c", "d", "g"}) CHECK(number(t, name) == 1);
  for (const char* name : {"b", "e", "f"}) CHECK(number(t, name) == -1000);
}

TEST_CASE("an entry without a role adds facts; `when` leaves an entry out; sets are shared") {
  auto t = applied(R"({"role": "head", "classes": "Core", "when": {"exists": "no"}},
                      {"role": "linear", "classes": "Core", "sets": "s"},
                      {"classes": "*", "sets": ["s"], "facts": {"y": 5}})",
                   R"({"s": {"x": {"integer": "heads"}}})");
  CHECK(t.modules[2].role == "linear");
  CHECK(number(t, "x") == 8);
  CHECK(number(t, "y") == 5);
  CHECK(t.modules[0].role.empty());
  CHECK(t.modules[0].fact("y")->i == 5);
}

TEST_CASE("a table that is not of the form is refused, with the entry") {
  CHECK(says(refusal("[]"), "is not a JSON object"));
  CHECK(says(refusal("{}"), "'modules' must be a list"));
  CHECK(says(refusal(R"({"modules": [{"role": "norm"}]})"), "'classes' is missing"));
  CHECK(says(refusal(R"({"modules": [{"role": "norm", "class": "A"}]})"), "unknown key 'class'"));
  CHECK(says(refusal(R"({"modules": [{"role": "norm", "class": "A"}]})"), "modules[0]"));
  const auto fact = [](const std::string& f) {
    return refusal(R"({"modules": [{"role": "norm", "classes": "A", "facts": {"x": )" + f + "}}]}");
  };
  CHECK(says(fact(R"({"length": "a"})"), "unknown kind 'length'"));
  CHECK(says(fact(R"({"size": "there/a"})"), "there is no place 'there'"));
  CHECK(says(fact(R"({"size": {"path": "a", "unless": 1}})"), "unknown key 'unless'"));
  CHECK(says(fact(R"({"size": {"path": "a", "if": {"is": "a"}}})"), "must be an object"));
  CHECK(says(fact(R"({"size": {"path": "a", "if": {"maybe": "a"}}})"), "unknown condition"));
  CHECK(says(fact("{}"), "has no kind"));
  CHECK(says(fact("[]"), "must be a text"));
  CHECK(says(refusal(R"({"modules": [{"classes": "A", "places": {"p": "cousin B"}}]})"), "cousin"));
  CHECK(says(refusal(R"({"modules": [{"classes": "A", "sets": "none"}]})"), "no set 'none'"));
}

TEST_CASE("departures are told by the facts that are read from them, and by what the table says") {
  ModuleTree t = tree();
  auto departs = [](std::string attribute) {
    Departure d;
    d.attribute = std::move(attribute);
    return d;
  };
  t.modules[2].departures = {departs("heads"), departs("none"),  departs("kind"),
                             departs("scale"), departs("group"), departs("odd")};
  t.modules[3].departures = {departs("config.k"), departs("config.alpha")};
  const RoleTable table = RoleTable::parse(
      R"({"kept": ["prefix"], "modules": [
        {"role": "attention", "classes": "Core",
         "facts": {"num_q_heads": {"integer": "heads"}, "window": {"size": "scale"},
                   "cross": {"truth": {"value": true, "if": {"set": "none"}}}},
         "tells": {"num_q_heads": "ki*"}, "beside": {"group": "the ranks"}},
        {"role": "router", "classes": "TopK",
         "places": {"r": {"find": "self", "inside": "config"}}, "facts": {"top_k": {"size": "r/k"}}}
      ]})",
      "roles.json");
  table.apply(t);
  table.tell(t);
  CHECK(table.kept() == std::vector<std::string>{"prefix"});
  std::map<std::string, std::vector<std::string>> told;
  for (std::size_t m = 2; m < 4; ++m)
    for (const auto& d : t.modules[m].departures) told[d.attribute] = d.facts;
  CHECK(told["heads"] == std::vector<std::string>{"num_q_heads"});
  CHECK(told["none"] == std::vector<std::string>{"cross"});  // a condition looked at it
  CHECK(told["kind"] == std::vector<std::string>{"num_q_heads"});
  CHECK(told["scale"].empty());  // read, but no size: the fact is absent and tells nothing
  CHECK(told.count("group") == 0);
  CHECK(told["odd"].empty());
  CHECK(told["config.k"] == std::vector<std::string>{"top_k"});
  CHECK(told["config.alpha"].empty());
}

TEST_CASE("what runs a module is found by the names that were resolved") {
  ModuleTree t = tree();
  const RoleTable table = RoleTable::parse(
      R"({"modules": [{"role": "attention", "classes": "Core",
         "run_by": {"registry": "pkg.registry", "names": ["resolved/backend", "resolved/other"]}}]})",
      "roles.json");
  table.apply(t);
  const auto by = table.run_by(t, 2);
  CHECK(by.registry == "pkg.registry");
  CHECK(by.names == std::vector<std::string>{"FAST"});
  CHECK(table.run_by(t, 3).registry.empty());
  CHECK_THROWS_AS(RoleTable::parse(R"({"modules": [{"classes": "A", "run_by": {}}]})", "r"), Error);
  CHECK_THROWS_AS(RoleTable::parse(R"({"modules": [{"classes": "A", "beside": {"a": 1}}]})", "r"),
                  Error);
}
