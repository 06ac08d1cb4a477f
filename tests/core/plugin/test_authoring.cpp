// The SDK's aids: paths, names, numbers as Python writes them, constants of references.
#include <doctest/doctest.h>

#include <kdex/authoring.h>

using namespace kdex;

TEST_CASE("layer numbers of a path become stars") {
  CHECK(sdk::path_pattern("model.layers.31.mlp") == "model.layers.*.mlp");
  CHECK(sdk::path_pattern("a.0.1.b2") == "a.*.*.b2");
  CHECK(sdk::path_pattern("") == "");
}

TEST_CASE("numbers are written as Python's repr writes them") {
  CHECK(sdk::python_float(1e-6) == "1e-06");
  CHECK(sdk::python_float(1e-5) == "1e-05");
  CHECK(sdk::python_float(0.001) == "0.001");
  CHECK(sdk::python_float(50) == "50.0");
  CHECK(sdk::python_float(0.1) == "0.1");
  CHECK(sdk::python_float(-1) == "-1.0");
}

TEST_CASE("models are named as the dataset's tags name them") {
  CHECK(sdk::model_tag({"meta-llama/Llama-3.1-8B", ""}) == "model:llama-3.1-8b");
  CHECK(sdk::model_tag({"deepseek-ai--DeepSeek-V3", ""}) == "model:deepseek-v3");
  CHECK(sdk::model_tag({"/data/My-Model/", ""}) == "model:my-model");
}

TEST_CASE("a reference's constants are all set, and no other") {
  const char* source = "EPS = 1e-6  # kdex:constant\n\ndef run(x):\n    return x + EPS\n";
  CHECK(sdk::fill_reference(source, {{"EPS", "1e-05"}}) ==
        "EPS = 1e-05\n\ndef run(x):\n    return x + EPS\n");
  CHECK_THROWS_AS(sdk::fill_reference(source, {}), Error);
  CHECK_THROWS_AS(sdk::fill_reference(source, {{"EPS", "1"}, {"OTHER", "2"}}), Error);
}
