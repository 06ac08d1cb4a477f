// The report's JSON and the origins; with KDEX_WRITE_REPORT=FILE it writes the report that
// check_schema.py holds against docs/report.schema.json.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/report/modules.h"
#include "core/report/page.h"
#include "core/report/report.h"

using namespace kdex;

namespace {
Report sample() {
  Report r;
  r.dataset = "d";
  r.run = {"20261130T132140Z-1a2b3c4d",
           "0.1.0",
           "2026-11-30T13:21:40Z",
           "engine",
           {{"engine", "1.2", "", "/src", "../src", 7, "ab"},
            {"other", "", "c0", "/found", "", 1, "cd"}},
           {{"dialect", "\"official\""}, {"page_sizes", "[1, 64]"}},
           {{"h200", "{\"name\": \"NVIDIA H200\"}"}}};
  r.shared = {{"a", {"x/y", "z"}}};
  r.definitions.push_back({"a",
                           "gemm",
                           "new",
                           "definitions/gemm/a.json",
                           "a",
                           {},
                           "b",
                           {"x/y tp1", "z tp8"},
                           "gemm",
                           "p"});
  r.definitions.push_back({"a_v2",
                           "gemm",
                           "conflict",
                           "definitions/gemm/a_v2.json",
                           "a",
                           {{"axes", "N", "4", "5"}, {"constraints", "", std::nullopt, "N > 1"}},
                           "",
                           {"z tp8"},
                           "gemm",
                           "p"});
  ReportModel ok;
  ok.checkpoint = "x/y";
  ok.deployment = "tp1";
  ok.ok = true;
  ok.definitions = {"a"};
  ok.unmatched.push_back({"model.*.act", "SiluAndMul", "m", 3, {"f.py", 3}});
  ok.assumptions.push_back({{"f.py", 4}, "x > 0", "flashinfer.f", false});
  ok.notes.push_back({"gqa", "p", "t\xff", {}});
  r.models.push_back(ok);
  ReportModel bad;
  bad.checkpoint = "z";
  bad.deployment = "tp8";
  bad.refused = true;
  bad.stage = "constructor";
  bad.error_type = "AssertionError";
  bad.log.push_back({"WARNING", {"g.py", 9}, "falls back to <b>", 3});
  bad.changed.push_back({"page_size", "1", "64"});
  bad.remarks = {"no dtype is named"};
  bad.resolved["page_size"].kind = Value::Kind::integer;
  bad.resolved["page_size"].i = 64;
  r.models.push_back(bad);
  r.plugins.push_back({"gemm", "0.1.0", "l.so", ""});
  r.plugins.push_back({"", "", "bad.so", "no"});
  r.errors = {"e"};
  return r;
}
std::string page_of(const Report& r) {
  return page_html(report_json(r), {[](const std::string&) { return nullptr; },
                                    [](const std::string&) { return nlohmann::ordered_json(); }});
}

}  // namespace

TEST_CASE("the report tells what is new, shared, in conflict and refused") {
  auto j = nlohmann::ordered_json::parse(report_to_json(sample()));
  CHECK(j["new_definitions"][0] == "a");
  CHECK(j["shared_across_models"]["a"].size() == 2);
  CHECK(j["conflicts"][0]["saved_as"] == "a_v2");
  CHECK(j["conflicts"][0]["fields"] == std::vector<std::string>{"axes", "constraints"});
  CHECK(j["conflicts"][0]["differences"][0]["dataset"] == "4");
  CHECK(j["conflicts"][0]["differences"][0]["found"] == "5");
  CHECK(j["conflicts"][0]["differences"][1]["dataset"].is_null());
  CHECK(report_to_table(sample()).find("  axes.N: 4 in the dataset, 5 found\n") !=
        std::string::npos);
  CHECK(j["models"][0]["unmatched"][0]["source"] == "f.py:3");
  CHECK(j["models"][1]["error_type"] == "AssertionError");
  CHECK(j["models"][1]["status"] == "refused");
  CHECK(j["models"][1]["resolved"]["page_size"] == 64);
  CHECK(j["models"][1]["changed"][0]["asked"] == "1");
  CHECK(j["models"][1]["log"][0]["source"] == "g.py:9");
  CHECK(j["models"][1]["log"][0]["count"] == 3);
  CHECK(sample().has_errors());
  CHECK(report_to_table(sample()).find("refused by the engine: AssertionError") !=
        std::string::npos);
  if (const char* file = std::getenv("KDEX_WRITE_REPORT"))
    write_file_atomically(file, report_to_json(sample()), false);
}

TEST_CASE("the engine's refusal is a result, kdex's own failure an error") {
  Report r;
  r.models.resize(1);
  r.models[0].refused = true;
  r.models[0].error_type = "ValueError";
  CHECK_FALSE(r.has_errors());
  CHECK(report_to_table(r).find("refused by the engine: ValueError") != std::string::npos);
  r.models[0].refused = false;
  r.models[0].error_type = "LimitError";
  CHECK(r.has_errors());
  CHECK(report_to_table(r).find("kdex failed: LimitError") != std::string::npos);
  CHECK(report_to_table(r).find("refused") == std::string::npos);
  CHECK(nlohmann::ordered_json::parse(report_to_json(r))["models"][0]["status"] == "failed");
}

TEST_CASE("the report says what the run stands on") {
  const auto run = nlohmann::ordered_json::parse(report_to_json(sample()))["run"];
  CHECK(run["id"] == "20261130T132140Z-1a2b3c4d");
  CHECK(run["kdex"] == "0.1.0");
  CHECK(run["sources"][0]["given"] == "../src");
  CHECK(run["sources"][1]["given"].is_null());
  CHECK(run["sources"][1]["commit"] == "c0");
  CHECK(run["pipeline"]["page_sizes"] == std::vector<int>{1, 64});
  CHECK(run["platforms"]["h200"]["name"] == "NVIDIA H200");
  const std::string page = page_of(sample());
  for (const char* told : {"1a2b3c4d", "../src", "found by kdex", "NVIDIA H200", "[1,64]",
                           R"("name":"N","dataset":"4","found":"5")"})
    CHECK(page.find(told) != std::string::npos);
}

TEST_CASE("the page stands alone and no text of the engine becomes markup") {
  Report r = sample();
  r.models[1].error = "</script><script>alert(1)</script> & \"quoted\" \xc3\x28 \xed\xa0\x80";
  r.definitions[0].what = "model.<b>";
  const std::string page = page_of(r);
  CHECK(page.find("<script>alert") == std::string::npos);
  CHECK(page.find(R"(\u003c/script>\u003cscript>alert(1)\u003c/script> & \"quoted\")") !=
        std::string::npos);
  CHECK(page.find("model.\\u003cb>") != std::string::npos);
  for (const char* outside : {"http:", "https:", "src=", "url(", "@import", "<link"})
    CHECK(page.find(outside) == std::string::npos);
  for (const char* told : {"falls back to \\u003cb>", "g.py:9", "SiluAndMul", "f.py:3", "x > 0",
                           "AssertionError", "a_v2", "bad.so"})
    CHECK(page.find(told) != std::string::npos);
  const auto count = [&](const std::string& part) {
    std::size_t n = 0;
    for (auto at = page.find(part); at != std::string::npos; at = page.find(part, at + 1)) ++n;
    return n;
  };
  CHECK(count("<script") == 2);
  CHECK(count("</script>") == 2);
  CHECK(count("/*") == 0);  // every mark was filled
}

TEST_CASE("what definitions share stands once in a page, and cycles of origins end") {
  Report r = sample();
  Definition d;
  d.reference = "def run():\n    return 1\n";
  d.axes = {{"N", 4, ""}, {"M", {}, ""}};
  const auto origins = nlohmann::ordered_json::parse(R"({"axes": {"N": {"value": 4, "origin": 1}},
    "origins": [{"kind": "unknown"}, {"kind": "operation", "text": "*", "inputs": [2, 3]},
                {"kind": "literal", "value": 2}, {"kind": "way", "way": "attribute", "inputs": [1]}]})");
  const auto data = page_data(report_json(r), {[&](const std::string&) { return &d; },
                                               [&](const std::string&) { return origins; }});
  REQUIRE(data["definitions"].size() == 2);
  CHECK(data["definitions"][0]["reference"] == data["definitions"][1]["reference"]);
  CHECK(data["definitions"][0]["axes"] == data["definitions"][1]["axes"]);
  CHECK(data["definitions"][0]["axes"].dump() == R"([["N",4,3,""],["M",null,0,""]])");
  CHECK(data["origins"].size() == 4);
  CHECK(data["origins"][3].dump() == R"({"k":"operation","t":"*","i":[1,2]})");
  CHECK(data["definitions"][0]["models"].dump() == "[0,1]");
  CHECK(data["definitions"][0]["earlier"].empty());
}

TEST_CASE("origins are pruned, numbered and survive cycles") {
  Definition d;
  d.axes = {{"N", 8, "", 2, "", ""},
            {"M", std::nullopt, "", 0, "", ""},
            {"P", 64, "", 0, "page_size", ""},
            {"B", 4, "", 4, "", "N / 2"},
            {"C", 16, "", 0, "", "the block"}};
  std::vector<Origin> origins(5);
  const auto operation = [](const char* text, int line, std::vector<OriginId> inputs) {
    Origin o;
    o.kind = Origin::Kind::operation;
    o.text = text;
    o.file = "f.py";
    o.line = line;
    o.inputs = std::move(inputs);
    o.value = 8;
    o.has_value = true;
    return o;
  };
  origins[1].kind = Origin::Kind::config_field;
  origins[1].text = "hidden_size";
  origins[1].file = "config.json";
  origins[1].value = 16;
  origins[1].has_value = true;
  origins[2] = operation("//", 7, {1, 3, 99});
  origins[3] = operation("loop", 8, {2});
  origins[4] = operation("-", 9, {1, 2});
  auto j = origins_to_json(d, origins);
  auto text = explain_text(j, false);
  CHECK(text.find("N = 8") != std::string::npos);
  CHECK(text.find("config field hidden_size = 16") != std::string::npos);
  CHECK(text.find("f.py:7") != std::string::npos);
  CHECK(text.find("origin not recorded") != std::string::npos);  // what 99 leads to
  CHECK(text.find("P = 64\n  `- deployment setting page_size = 64\n") != std::string::npos);
  CHECK(text.find("B = 4\n  `- N / 2 = 4\n     `- - = 8   f.py:9\n") != std::string::npos);
  CHECK(text.find("C = 16\n  `- the form: the block = 16\n") != std::string::npos);
  CHECK_THROWS_AS(explain_text(nlohmann::ordered_json::parse("{\"axes\":{\"N\":{}}}"), false),
                  Error);
}

TEST_CASE("a padding is told as one, its way as names; in full as it is") {
  const auto j = nlohmann::ordered_json::parse(R"({
    "axes": {"N": {"value": 128, "origin": 1}},
    "origins": [{"kind": "unknown"},
      {"kind": "operation", "text": "*", "source": "v.py:9", "value": 128, "inputs": [2, 6]},
      {"kind": "operation", "text": "//", "source": "v.py:9", "value": 2, "inputs": [3, 6]},
      {"kind": "operation", "text": "-", "source": "v.py:9", "value": 163, "inputs": [4, 8]},
      {"kind": "operation", "text": "+", "source": "v.py:9", "value": 164, "inputs": [5, 6]},
      {"kind": "config", "text": "vocab_size", "source": "/model/config.json", "value": 100},
      {"kind": "way", "way": "default", "text": "pad_to of pad", "source": "v.py:8:40",
       "value": 64, "inputs": [9]},
      {"kind": "literal", "text": "64", "source": "v.py:2:8", "value": 64},
      {"kind": "literal", "text": "1", "source": "v.py:9:30", "value": 1},
      {"kind": "way", "way": "constant", "text": "PADDING", "source": "v.py:2:1",
       "value": 64, "inputs": [7]}]})");
  CHECK(explain_text(j, false) ==
        "  N = 128\n"
        "  `- round up to 64 = 128   v.py:9\n"
        "     |- config field vocab_size = 100   config.json\n"
        "     `- written as 64 (PADDING, default pad_to of pad)   v.py:2:8\n");
  CHECK(explain_text(j, true) ==
        "  N = 128\n"
        "  `- * = 128   v.py:9\n"
        "     |- // = 2   v.py:9\n"
        "     |  |- - = 163   v.py:9\n"
        "     |  |  |- + = 164   v.py:9\n"
        "     |  |  |  |- config field vocab_size = 100   config.json\n"
        "     |  |  |  `- default pad_to of pad = 64   v.py:8:40\n"
        "     |  |  |     `- PADDING = 64   v.py:2:1\n"
        "     |  |  |        `- written as 64   v.py:2:8\n"
        "     |  |  `- written as 1   v.py:9:30\n"
        "     |  `- default pad_to of pad = 64   v.py:8:40   (as above)\n"
        "     `- default pad_to of pad = 64   v.py:8:40   (as above)\n");
}

TEST_CASE("a module tree's JSON has the values' forms") {
  ModuleTree t;
  t.ok = true;
  Module m;
  m.class_name = "X\"";
  Value tensor;
  tensor.kind = Value::Kind::tensor;
  tensor.s = "float32";
  Value n;
  n.kind = Value::Kind::integer;
  n.i = 2;
  tensor.items = {n, n};
  Value inf;
  inf.kind = Value::Kind::real;
  inf.f = INFINITY;
  m.attrs = {{"t", tensor}, {"f", inf}, {"none", {}}};
  t.modules = {m};
  auto j = nlohmann::json::parse(modules_to_json(t));
  CHECK(j["modules"][0]["attrs"]["t"] == "Tensor[2, 2]:float32");
  CHECK(j["modules"][0]["attrs"]["none"].is_null());
  t.ok = false;
  t.error_type = "ValueError";
  CHECK(nlohmann::json::parse(modules_to_json(t))["status"] == "failed");
}
