// moe: experts and their routing.
#include <doctest/doctest.h>

#include "../family_test.h"

using namespace kdex;
using namespace kdex_test;

TEST_CASE("DeepSeek-V3 at tp 8, ep 8: routing over groups and FP8 experts") {
  auto r = run_fixture("deepseek_tp8_ep8");
  const char* name = "moe_fp8_block_scale_ds_routing_topk8_ng8_kg4_e32_h7168_i2048";
  REQUIRE(r.has(name));
  const auto& moe = r.definitions[name];
  CHECK(axis(moe, "num_experts") == 256);
  CHECK(axis(moe, "top_k") == -2);
  CHECK(moe.reference.find("TOP_K = 8\nN_GROUP = 8\nTOPK_GROUP = 4\n") != std::string::npos);
}

TEST_CASE("Qwen3-30B-A3B-FP8: renormalized routing") {
  CHECK(run_fixture("qwen3_moe_fp8_tp1").has("moe_fp8_block_scale_renorm_topk8_e128_h2048_i768"));
}

TEST_CASE("quantized experts are read by their tensors, whatever the method calls them") {
  auto r = built_tree();
  Value method;
  method.kind = Value::Kind::object;
  method.s = "CompressedTensorsLinearMethod";
  auto experts = module("experts", "FusedMoE", {"FusedMoE"}, 0);
  experts.params = {{"w13_weight", {integer(8), integer(512), integer(256)}, "float8_e4m3fn"},
                    {"w2_weight", {integer(8), integer(256), integer(256)}, "float8_e4m3fn"},
                    {"w13_weight_scale", {integer(8), integer(4), integer(2)}, "float32"},
                    {"w2_weight_scale", {integer(8), integer(2), integer(2)}, "float32"}};
  for (auto [name, n] : {std::pair{"num_experts", 8},
                         {"num_local_experts", 8},
                         {"hidden_size", 256},
                         {"intermediate_size_per_partition", 256},
                         {"top_k", 2}})
    experts.attrs.emplace_back(name, integer(n));
  experts.attrs.emplace_back("quant_method", method);
  r.read.tree.modules.push_back(experts);
  run(r);
  check_rules(r);
  bool block = false;
  for (const auto& [name, d] : r.definitions)
    block = block || name.find("moe_fp8_block_scale") == 0;
  CHECK(block);
}

TEST_CASE("fused shared experts are counted as the engine counts them") {
  auto r = run_fixture("deepseek_nvfp4_tp1");
  const char* name = "moe_fp4_block_scale_ds_shared_experts_s1_e257_topk8_ng8_kg4_h7168_i2048";
  REQUIRE(r.has(name));
  CHECK(axis(r.definitions[name], "num_experts") == 256);
  CHECK(axis(r.definitions[name], "num_weight_rows") == 257);
  CHECK(r.definitions[name].reference.find("SHARED = 1\n") != std::string::npos);
  check_rules(r);
}

TEST_CASE("routing over groups with a bias takes the sigmoid whatever the scoring function says") {
  // Releases before 0.5.15 leave TopKConfig.scoring_func at its default there.
  for (const char* score : {"sigmoid", "softmax"}) {
    Run r;
    r.read = read_fixture("deepseek_tp8_ep8");
    for (auto& m : r.read.tree.modules)
      for (auto& [name, value] : m.attrs)
        if (name == "topk_config") {
          Value changed = value;
          changed.attrs = {};
          for (auto [field, v] : value.attrs) {
            if (field == "scoring_func") v.s = score;
            changed.attrs.emplace_back(field, v);
          }
          value = changed;
        }
    run(r);
    CHECK(r.has("moe_fp8_block_scale_ds_routing_topk8_ng8_kg4_e32_h7168_i2048"));
  }
}

TEST_CASE("experts that a block stacks itself") {
  auto r = built_tree();
  auto& t = r.read.tree;
  auto block = module("mlp", "Block", {"Block"}, 0);
  for (auto [name, rows, columns] : {std::tuple{"w1", 512, 128}, {"w2", 128, 256}}) {
    Value stack;
    stack.kind = Value::Kind::tensor;
    stack.s = "bfloat16";
    stack.items = {integer(8), integer(rows), integer(columns)};
    block.attrs.emplace_back(name, stack);
  }
  t.modules.push_back(block);
  auto topk = module("mlp.topk", "TopK", {"TopK"}, 1);
  topk.attrs.emplace_back("top_k", integer(2));
  t.modules.push_back(topk);
  t.modules.push_back(module("mlp.experts", "ModuleList", {"ModuleList"}, 1));
  t.modules.push_back(module("mlp.experts.0", "MLP", {"MLP"}, 3));
  auto one = module("mlp.experts.0.gate_up_proj", "LinearBase", {"LinearBase"}, 4);
  one.params.push_back({"weight", {integer(512), integer(128)}, "bfloat16"});
  t.modules.push_back(one);
  auto shared = module("mlp.shared", "LinearBase", {"LinearBase"}, 1);
  shared.params.push_back({"weight", {integer(384), integer(128)}, "bfloat16"});
  t.modules.push_back(shared);
  run(r, {.at_tp = true});
  check_rules(r);
  CHECK(r.has("moe_bf16_routed_topk2_e8_h128_i256"));
  CHECK(r.has("gemm_n384_k128"));
  CHECK_FALSE(r.has("gemm_n512_k128"));
  CHECK(r.noted("its weight lies in w1 of the block above"));
}

TEST_CASE(
    "experts of earlier releases hold their routing themselves, and keep a bias as a parameter") {
  Value yes, no, none;
  yes.kind = no.kind = Value::Kind::boolean;
  yes.i = 1;
  none.kind = Value::Kind::none;
  auto experts = [&](std::int64_t number, bool grouped, std::int64_t biased, std::int64_t shared) {
    auto r = built_tree();
    auto m = module("experts", "EPMoE", {"x.EPMoE"}, 0);
    m.attrs = {{"top_k", integer(8 + (shared ? 1 : 0), 0)},
               {"num_experts", integer(number, 0)},
               {"renormalize", yes},
               {"use_grouped_topk", grouped ? yes : no},
               {"custom_routing_function", none},
               {"activation", text("silu")}};
    if (grouped)
      m.attrs.insert(m.attrs.end(),
                     {{"num_expert_group", integer(8, 0)}, {"topk_group", integer(4, 0)}});
    if (shared) m.attrs.emplace_back("num_fused_shared_experts", integer(shared, 0));
    m.params = {{"w13_weight", {integer(number, 0), integer(128, 0), integer(256, 0)}, "bfloat16"},
                {"w2_weight", {integer(number, 0), integer(256, 0), integer(64, 0)}, "bfloat16"}};
    if (biased) m.params.push_back({"correction_bias", {integer(biased, 0)}, "float32"});
    r.read.tree.modules.push_back(m);
    run(r);
    return r;
  };
  CHECK(experts(64, false, 0, 0).has("moe_bf16_renorm_topk8_e64_h256_i64"));
  CHECK(experts(64, true, 64, 0).has("moe_bf16_ds_routing_topk8_ng8_kg4_e64_h256_i64"));
  CHECK(experts(65, true, 64, 1).has("moe_bf16_ds_shared_experts_s1_e65_topk8_ng8_kg4_h256_i64"));
  // copies of a shared expert that the router does not weigh; a shared expert beside another
  // routing
  auto copies = experts(72, true, 64, 0);
  CHECK(copies.has("moe_bf16_routed_topk8_e72_h256_i64"));
  CHECK(copies.noted("weighs 64 experts of 72"));
  CHECK(experts(65, false, 0, 1).has("moe_bf16_routed_topk9_e65_h256_i64"));
}
