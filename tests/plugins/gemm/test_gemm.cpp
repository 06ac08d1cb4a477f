// gemm: the sizes of linear layers, their quantization and their origins.
#include <doctest/doctest.h>

#include "../family_calls.h"
#include "../family_test.h"

using namespace kdex;
using namespace kdex_test;

TEST_CASE("GEMMs have the sizes of tp 1, and of one rank where asked") {
  auto whole = read_fixture("llama_tp1");
  auto r = run_fixture("llama_tp8", {.tp1 = &whole.tree});
  CHECK(r.has("gemm_n28672_k4096"));
  CHECK_FALSE(r.has("gemm_n3584_k4096"));
  CHECK(r.has("gqa_paged_decode_h4_kv1_d128_ps1"));
  r = run_fixture("llama_tp8", {.at_tp = true, .tp1 = &whole.tree});
  CHECK(r.has("gemm_n28672_k4096"));
  CHECK(r.has("gemm_n3584_k4096"));
  r = run_fixture("llama_tp8");
  CHECK_FALSE(r.has("gemm_n28672_k4096"));
  CHECK(r.noted("could not be built at tp 1"));
}

TEST_CASE("block-scaled FP8 has a form of its own, which quantized = false leaves out") {
  auto r = run_fixture("deepseek_tp8_ep8", {.at_tp = true});
  CHECK(r.has("gemm_n256_k7168"));
  CHECK(r.has("gemm_fp8_nt_groupwise_n2112_k7168"));
  auto plain = run_fixture("deepseek_tp8_ep8", {.quantized = false, .at_tp = true});
  for (const auto& [name, d] : plain.definitions) CHECK(name.find("fp8") == std::string::npos);
}

TEST_CASE("axes of a matrix product carry the origin of the weight's sizes") {
  auto r = built_tree();
  r.read.tree.origins.resize(23);
  auto linear = module("proj", "ReplicatedLinear", {"x.ReplicatedLinear", "x.LinearBase"}, 0);
  linear.params.push_back({"weight", {integer(48, 21), integer(32, 22)}, "bfloat16"});
  r.read.tree.modules.push_back(linear);
  run(r);
  REQUIRE(r.has("gemm_n48_k32"));
  for (const auto& a : r.definitions["gemm_n48_k32"].axes) {
    if (a.name == "N") CHECK(a.origin == 21);
    if (a.name == "K") CHECK(a.origin == 22);
  }
}

TEST_CASE("quantized weights are read by their tensors, whatever the method calls them") {
  auto r = built_tree();
  auto& t = r.read.tree;
  const auto add = [&](const char* path, const char* base,
                       std::vector<Parameter> params) -> Module& {
    auto m = module(path, base, {base}, 0);
    Value method;
    method.kind = Value::Kind::object;
    method.s = "CompressedTensorsLinearMethod";
    m.attrs.emplace_back("quant_method", method);
    m.params = std::move(params);
    t.modules.push_back(std::move(m));
    return t.modules.back();
  };
  add("block", "LinearBase",
      {{"weight", {integer(512), integer(256)}, "float8_e4m3fn"},
       {"weight_scale", {integer(4), integer(2)}, "float32"}});
  add("channel", "LinearBase",
      {{"weight", {integer(640), integer(256)}, "float8_e4m3fn"},
       {"weight_scale", {integer(640), integer(1)}, "float32"}});
  add("narrow", "LinearBase",
      {{"weight", {integer(896), integer(256)}, "float8_e4m3fn"},
       {"weight_scale", {integer(14), integer(4)}, "float32"}});
  add("mxfp8", "LinearBase",
      {{"weight", {integer(768), integer(256)}, "float8_e4m3fn"},
       {"weight_scale_inv", {integer(768), integer(8)}, "uint8"}});
  const auto nvfp4 = [](std::int64_t n, bool inputs) {
    std::vector<Parameter> p = {{"weight_packed", {integer(n), integer(128)}, "uint8"},
                                {"weight_scale", {integer(n), integer(16)}, "float8_e4m3fn"},
                                {"weight_global_scale", {integer(1)}, "float32"}};
    if (inputs) p.push_back({"input_global_scale", {integer(1)}, "float32"});
    return p;
  };
  add("w4a4", "LinearBase", nvfp4(1024, true));
  add("w4a16", "LinearBase", nvfp4(1152, false));
  Value scheme;
  scheme.kind = Value::Kind::object;
  scheme.s = "CompressedTensorsW4A16Fp4";
  add("hopper", "LinearBase", nvfp4(1280, true)).attrs.emplace_back("scheme", scheme);
  run(r, {.at_tp = true});
  CHECK(r.has("gemm_fp8_nt_groupwise_n512_k256"));
  CHECK(r.has("gemm_fp4_N1024_K256_block_size16"));
  CHECK(r.noted("its FP8 scales are per channel"));
  CHECK(r.noted("its FP8 scales are not of 128 x 128 blocks"));
  CHECK(r.noted("MXFP8"));
  CHECK(r.noted("its weight is stored as weight_packed"));
  for (const auto& [name, d] : r.definitions) {
    check_rules(d);
    for (const char* n : {"n640", "n896", "n768", "N1152", "N1280"})
      CHECK(name.find(n) == std::string::npos);
  }
}

TEST_CASE("products of a batch have the sizes of the weight, and its layout") {
  Run r = built_tree();
  r.read.tree.modules.push_back(module("layers.0.attn", "Attention", {"Attention"}, 0));
  r.read.tree.origins.resize(4);
  r.read.tree.modules.back().attrs = {{"num_heads", integer(16, 2)}, {"rank", integer(512, 3)}};
  const auto product = [](const char* dtype, std::vector<std::int64_t> weight,
                          std::vector<std::int64_t> strides) {
    Operand b = operand("mat2", dtype, weight, "layers.*.attn.w_kc");
    b.strides = std::move(strides);
    return call("batched_product", "layers.*.attn",
                {own("self", dtype, {weight[0], 37, weight[1]}), b,
                 own("result", dtype, {weight[0], 37, weight[2]})});
  };
  KernelCall added = product("bf16", {16, 32, 48}, {}), scaled = product("bf16", {16, 32, 40}, {});
  added.operands.push_back(own("bias", "bf16", {48}));
  scaled.arguments = {{"alpha", "0.5"}};
  const auto steps = step_of(
      {product("bf16", {16, 128, 512}, {65536, 1, 128}), product("f16", {16, 128, 512}, {}),
       product("fp8e4m3", {16, 256, 512}, {}), product("bf16", {1, 64, 32}, {}), added, scaled});
  run(r, {.steps = &steps});
  check_rules(r);
  CHECK(r.definitions.size() == 2);
  REQUIRE(r.has("bmm_bf16_b16_n512_k128"));
  const Definition& d = r.definitions.at("bmm_bf16_b16_n512_k128");
  CHECK(d.inputs[1].shape == std::vector<std::string>{"batch_size", "N", "K"});
  CHECK(d.axes[1].origin == 2);
  CHECK(d.axes[2].origin == 3);
  REQUIRE(r.has("bmm_kn_fp16_b16_n512_k128"));
  CHECK(r.definitions.at("bmm_kn_fp16_b16_n512_k128").inputs[1].shape ==
        std::vector<std::string>{"batch_size", "K", "N"});
  CHECK(r.noted("no form of its batched product with layers.*.attn.w_kc (fp8e4m3)"));
  CHECK(r.noted("library.function is given operand bias bf16[48], too"));
  CHECK(r.noted("library.function is given argument alpha = 0.5, too"));
}
