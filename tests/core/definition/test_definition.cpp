// JSON forms and rules of Definition, Solution and Trace, against the dataset's documented form.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include <kdex/error.h>

#include "core/definition/json.h"
#include "core/definition/rules.h"

using namespace kdex;

namespace {
Definition gemm() {
  Definition d;
  d.name = "gemm_n8_k4";
  d.op_type = "gemm";
  d.tags = {"status:unverified"};
  d.axes = {{"M", std::nullopt, "", 0}, {"N", 8, "", 0}, {"K", 4, "", 0}};
  d.inputs = {{"A", std::vector<std::string>{"M", "K"}, "float16", ""},
              {"B", std::vector<std::string>{"N", "K"}, "float16", ""}};
  d.outputs = {{"C", std::vector<std::string>{"M", "N"}, "float16", ""}};
  d.reference = "def run(A, B):\n    return A @ B.T\n";
  return d;
}
bool finds(const std::vector<Problem>& problems, const std::string& where) {
  for (const auto& p : problems)
    if (p.where == where) return true;
  return false;
}
std::string error_of(const std::string& text) {
  try {
    definition_from_json(text, "x.json");
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}
}  // namespace

TEST_CASE("keys stand in the dataset's order and the text survives a round trip") {
  std::string text = definition_to_json(gemm());
  CHECK(text.find("\"name\"") < text.find("\"op_type\""));
  CHECK(text.find("\"outputs\"") < text.find("\"reference\""));
  CHECK(text.ends_with("}\n"));
  CHECK(definition_to_json(definition_from_json(text, "x")) == text);
  auto d = gemm();
  d.constraints = {"M == 1"};
  text = definition_to_json(d);
  CHECK(text.find("\"constraints\"") < text.find("\"inputs\""));
  // A form's own order, which a definition that is read keeps.
  d.key_order = {"name", "inputs", "outputs", "constraints", "reference"};
  text = definition_to_json(d);
  CHECK(text.find("\"outputs\"") < text.find("\"constraints\""));
  CHECK(definition_to_json(definition_from_json(text, "x")) == text);
}

TEST_CASE("a scalar has shape null, a 0-d tensor an empty list") {
  auto d = gemm();
  d.inputs.push_back({"s", std::nullopt, "float32", ""});
  d.inputs.push_back({"t", std::vector<std::string>{}, "float32", ""});
  auto back = definition_from_json(definition_to_json(d), "x");
  CHECK_FALSE(back.inputs[2].shape.has_value());
  CHECK(back.inputs[3].shape->empty());
}

TEST_CASE("what is no definition is one line with its place") {
  CHECK(error_of("").find("is empty") != std::string::npos);
  CHECK(error_of("{\n \"name\": ").find("x.json:2") == 0);
  CHECK(error_of("{\n \"name\": ").find("ends too early") != std::string::npos);
  CHECK(error_of("[]").find("must be a JSON object") != std::string::npos);
  CHECK(error_of(std::string(100000, '[')).find("deeper") != std::string::npos);
  CHECK(error_of(R"({"name": 1, "op_type": "x"})").find("'name' must be a string") !=
        std::string::npos);
  CHECK(error_of(R"({"name":"a","op_type":"b","tags":null})").find("'tags'") != std::string::npos);
  CHECK(error_of(R"({"name":"a","op_type":"b","axes":{"N":{"type":"const","value":-1}}})")
            .find("axes.N.value") != std::string::npos);
  CHECK(
      error_of(
          R"({"name":"a","op_type":"b","axes":{"N":{"type":"const","value":18446744073709551615}}})")
          .find("axes.N.value") != std::string::npos);
  CHECK(error_of(R"({"name":"a","op_type":"b","axes":{"N":{"type":"sym"}}})").find("axes.N.type") !=
        std::string::npos);
  CHECK(error_of(
            R"({"name":"a","op_type":"b","axes":{},"inputs":{"A":{"shape":[3],"dtype":"int8"}}})")
            .find("inputs.A.shape") != std::string::npos);
}

TEST_CASE("strings that are not UTF-8 are refused, not written") {
  auto d = gemm();
  d.description = "\xff";
  CHECK_THROWS_AS(definition_to_json(d), Error);
}

TEST_CASE("the rules of a definition") {
  CHECK(check_definition(gemm()).empty());
  auto d = gemm();
  d.outputs[0].name = "A";
  CHECK(finds(check_definition(d), "outputs.A"));
  d = gemm();
  d.inputs[0].shape = std::vector<std::string>{"Q"};
  CHECK(finds(check_definition(d), "inputs.A.shape"));
  d = gemm();
  d.inputs[0].dtype = "uint8";
  CHECK(finds(check_definition(d), "inputs.A.dtype"));
  for (const char* bad :
       {"def run(:\n  pass\n", "def run(B, A):\n  pass\n", "def run(A, *B):\n  pass\n",
        "run = lambda A, B: A\n", "async def run(A, B):\n    return A\n",
        "class X:\n    def run(self):\n        pass\n", ""}) {
    d = gemm();
    d.reference = bad;
    CHECK_MESSAGE(finds(check_definition(d), "reference"), bad);
  }
  for (const auto& [text, good] : {std::pair{"M == 1", true}, std::pair{"M = 1", false},
                                   std::pair{"kv[-1].item() == M", true}, std::pair{"", false}}) {
    d = gemm();
    d.constraints = {text};
    CHECK_MESSAGE(check_definition(d).empty() == good, text);
  }
}

TEST_CASE("names that may be files") {
  CHECK(is_safe_name("rmsnorm_h128_eps1e-06"));
  for (const char* bad : {"", "..", "../x", "a/b", ".hidden", "a b", "a\nb", "\xc3\xa9"})
    CHECK_FALSE(is_safe_name(bad));
  CHECK_FALSE(is_safe_name(std::string(201, 'a')));
}

TEST_CASE("the rules of a solution and of a trace") {
  auto s = nlohmann::ordered_json::parse(R"({"name":"n","definition":"d","author":"a",
    "spec":{"language":"cuda","target_hardware":["H200"],"entry_point":"k.cu::run"},"sources":[{"path":"k.cu","content":"x"}]})");
  CHECK(check_solution(s).empty());
  s["sources"][0]["path"] = "../k.cu";
  CHECK(finds(check_solution(s), "sources[].path"));
  CHECK(finds(check_solution(s), "spec.entry_point"));
  auto d = gemm();
  auto t = nlohmann::ordered_json::parse(
      R"({"definition":"gemm_n8_k4","workload":{"uuid":"u","axes":{"M":3},"inputs":{"A":{"type":"random"},"B":{"type":"random"}}}})");
  CHECK(check_trace(t, &d, true).empty());
  CHECK(finds(check_trace(t, &d, false), "evaluation"));
  t["workload"]["axes"]["M"] = 0;
  CHECK(finds(check_trace(t, &d, true), "workload.axes.M"));
  t["workload"]["inputs"]["A"]["type"] = "scalar";
  CHECK(finds(check_trace(t, &d, true), "workload.inputs.A.type"));
  t["solution"] = "s";
  t["evaluation"] = {
      {"status", "PASSED"}, {"timestamp", "now"}, {"environment", {{"hardware", "H200"}}}};
  CHECK(finds(check_trace(t, &d, false), "evaluation.performance"));
}
