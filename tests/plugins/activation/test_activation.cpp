// activation: gated activations by their calls.
#include <doctest/doctest.h>

#include "../family_calls.h"
#include "../family_test.h"

using namespace kdex;
using namespace kdex_test;

namespace {

Run model() {
  Run r = built_tree();
  r.read.tree.modules.push_back(module("layers.0.act", "SiluAndMul", {"SiluAndMul"}, 0));
  r.read.tree.modules.push_back(module("layers.0.gelu", "GeluAndMul", {"GeluAndMul"}, 0));
  r.read.tree.modules.back().attrs = {{"approximate", text("none")}};
  r.read.tree.modules.push_back(module("layers.0.experts", "FusedMoE", {"FusedMoE"}, 0));
  return r;
}

KernelCall activation(const char* path, std::int64_t in, std::int64_t out,
                      std::vector<std::pair<std::string, std::string>> arguments = {}) {
  return call("activation", path, {own("input", "bf16", {37, in}), own("out", "bf16", {37, out})},
              std::move(arguments));
}

}  // namespace

TEST_CASE("a gated activation is one by its operands, its function the call's or the module's") {
  Run r = model();
  const auto steps =
      step_of({activation("layers.*.act", 512, 256), activation("layers.*.gelu", 64, 32),
               activation("layers.*.act", 96, 48, {{"activation", "gelu_tanh"}})});
  run(r, {.steps = &steps});
  check_rules(r);
  REQUIRE(r.has("silu_and_mul_h512"));
  CHECK(axis(r.definitions.at("silu_and_mul_h512"), "hidden_div_2") == 256);
  CHECK(r.has("gelu_and_mul_h64"));
  CHECK(r.has("gelu_tanh_and_mul_h96"));
  CHECK(r.claimed.empty());  // the core adds the modules of matches
}

TEST_CASE("what is no gated activation is noted, that of experts is theirs") {
  Run r = model();
  KernelCall filtered = activation("layers.*.act", 64, 32);
  filtered.operands.push_back(own("expert_ids", "i32", {37}));
  const auto steps = step_of({filtered, activation("layers.*.act", 128, 64, {{"limit", "7.0"}}),
                              activation("layers.*.act", 256, 256),
                              activation("layers.*.gelu", 64, 32, {{"activation", "relu2"}}),
                              activation("layers.*.experts", 64, 32)});
  run(r, {.steps = &steps});
  CHECK(r.definitions.empty());
  CHECK(r.noted("its activation is not from [tokens, 2 n] to [tokens, n]"));
  CHECK(r.noted("its activation is relu2"));
  CHECK(r.noted("library.function is given operand expert_ids i32[37], too"));
  CHECK(r.noted("library.function is given argument limit = 7.0, too"));
}
