// rotary: embedding by a table, by its calls.
#include <doctest/doctest.h>

#include "../family_calls.h"
#include "../family_test.h"

using namespace kdex;
using namespace kdex_test;

namespace {

Run model(bool neox) {
  Run r = built_tree();
  r.read.tree.modules.push_back(
      module("layers.0.rotary", "RotaryEmbedding", {"RotaryEmbedding"}, 0));
  r.read.tree.origins.resize(5);
  r.read.tree.modules.back().attrs = {{"head_size", integer(128, 3)},
                                      {"rotary_dim", integer(64, 4)},
                                      {"is_neox_style", integer(neox ? 1 : 0)}};
  return r;
}

KernelCall rope(std::int64_t width, std::int64_t table, const char* positions = "i64") {
  return call("rope", "layers.*.rotary",
              {own("q", "bf16", {37, 32, width}), own("k", "bf16", {37, 8, width}),
               own("cos_sin_cache", "f32", {4096, table}), own("positions", positions, {37})});
}

}  // namespace

TEST_CASE("widths are the module's, whole heads or those that turn are handed over") {
  for (const std::int64_t width : {128, 64}) {
    Run r = model(true);
    const auto steps = step_of({rope(width, 64)});
    run(r, {.steps = &steps});
    check_rules(r);
    REQUIRE(r.has("rope_with_cos_sin_cache_neox_style_d128_rd64"));
    const Definition& d = r.definitions.at("rope_with_cos_sin_cache_neox_style_d128_rd64");
    CHECK(axis(d, "num_qo_heads") == -1);
    CHECK(d.axes[3].origin == 3);
  }
  Run r = model(false);
  const auto steps = step_of({rope(128, 64)});
  run(r, {.steps = &steps});
  CHECK(r.has("rope_with_cos_sin_cache_gptj_style_d128_rd64"));
}

TEST_CASE("what the form does not express is noted") {
  Run r = model(true);
  KernelCall with_more = rope(128, 64), unnamed = rope(128, 64);
  with_more.operands.push_back(own("out_loc", "i64", {37}));
  unnamed.operands[1].name = "key";
  const auto steps =
      step_of({rope(96, 64), rope(128, 128), rope(128, 64, "i32"), with_more, unnamed});
  run(r, {.steps = &steps});
  CHECK(r.definitions.empty());
  CHECK(r.noted("its queries and keys are not [tokens, heads, 128]"));
  CHECK(r.noted("its table is not of its rotary width"));
  CHECK(r.noted("its positions are not a vector of int64"));
  CHECK(r.noted("library.function is given operand out_loc i64[37], too"));
  CHECK(r.noted("library.function does not tell queries, keys, table and positions apart"));
}
