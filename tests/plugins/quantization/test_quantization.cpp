// quantization: FP8 in groups by its calls.
#include <doctest/doctest.h>

#include "../family_calls.h"
#include "../family_test.h"

using namespace kdex;
using namespace kdex_test;

namespace {

Run model() {
  Run r = built_tree();
  r.read.tree.modules.push_back(
      module("layers.0.up", "ColumnParallelLinear", {"ColumnParallelLinear"}, 0));
  r.read.tree.modules.push_back(module("layers.0.experts", "FusedMoE", {"FusedMoE"}, 0));
  return r;
}

KernelCall quantization(const char* path, Operand values, Operand scales) {
  return call("quantization", path,
              {own("input", "bf16", {37, 512}), std::move(values), std::move(scales)});
}

}  // namespace

TEST_CASE("groups of a token follow from the operands") {
  Run r = model();
  const auto steps = step_of({
      quantization("layers.*.up", own("output_q", "fp8e4m3", {37, 512}),
                   own("output_s", "f32", {37, 4})),
      quantization("layers.*.experts", own("output_q", "fp8e4m3", {37, 512}),
                   own("output_s", "f32", {37, 8})),
  });
  run(r, {.steps = &steps});
  check_rules(r);
  CHECK(r.definitions.size() == 1);
  REQUIRE(r.has("per_token_group_quant_fp8_k512_g128"));
  CHECK(axis(r.definitions.at("per_token_group_quant_fp8_k512_g128"), "num_groups") == 4);
}

TEST_CASE("other quantizations are noted") {
  Run r = model();
  KernelCall floor = quantization("layers.*.up", own("output_q", "fp8e4m3", {37, 512}),
                                  own("output_s", "f32", {37, 4})),
             masked = floor, unnamed = floor;
  floor.arguments = {{"eps", "0.01"}};
  masked.operands.push_back(own("masked_m", "i32", {4}));
  unnamed.operands[0].name = "0";
  const auto steps = step_of({
      quantization("layers.*.up", own("output_q", "fp8e4m3", {37, 512}),
                   own("output_s", "i32", {37, 1})),
      quantization("layers.*.up", own("output_q", "i8", {37, 512}),
                   own("output_s", "f32", {37, 4})),
      quantization("layers.*.up", own("output_q", "fp8e4m3", {37, 512}),
                   own("output_s", "f32", {1})),
      quantization("layers.*.up", own("output_q", "fp8e4m3", {37, 512}),
                   own("output_s", "f32", {37, 1})),
      quantization("layers.*.up", own("output_q", "fp8e4m3", {37, 256}),
                   own("output_s", "f32", {37, 2})),
      floor,
      masked,
      unnamed,
  });
  run(r, {.steps = &steps});
  CHECK(r.definitions.empty());
  for (const char* why :
       {"its scales are packed as i32", "its values become i8",
        "its scales are not [tokens, groups]", "a scale is of a whole token or tensor",
        "it activates its input, too", "library.function is given argument eps = 0.01, too",
        "library.function is given operand masked_m i32[4], too",
        "library.function does not tell its input, values and scales apart"})
    CHECK_MESSAGE(r.noted(why), why);
}
