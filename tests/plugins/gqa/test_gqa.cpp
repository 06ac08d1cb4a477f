// gqa: the forms of attention, their sizes and their origins.
#include <doctest/doctest.h>

#include "../family_test.h"

using namespace kdex;
using namespace kdex_test;

TEST_CASE("execution modes choose the attention forms") {
  auto decode = run_fixture("llama_tp1", {.prefill = false});
  CHECK(decode.has("gqa_paged_decode_h32_kv8_d128_ps1"));
  CHECK_FALSE(decode.has("gqa_ragged_prefill_causal_h32_kv8_d128"));
  auto prefill = run_fixture("llama_tp1", {.decode = false});
  CHECK_FALSE(prefill.has("gqa_paged_decode_h32_kv8_d128_ps1"));
  CHECK(prefill.has("gqa_ragged_prefill_causal_h32_kv8_d128"));
}

TEST_CASE("attention that may see a prompt in both directions decodes like any other") {
  auto r = built_tree();
  auto attn =
      module("attn", "RadixAttention", {"sglang.srt.layers.radix_attention.RadixAttention"}, 0);
  attn.attrs = {{"tp_q_head_num", integer(8, 0)},
                {"tp_k_head_num", integer(2, 0)},
                {"head_dim", integer(64, 0)},
                {"attn_type", text("AttentionType.DECODER_BIDIRECTIONAL")}};
  r.read.tree.modules.push_back(attn);
  run(r);
  CHECK(r.has("gqa_paged_decode_h8_kv2_d64_ps1"));
  CHECK(r.noted("both directions"));
}

TEST_CASE("a sliding window is part of the form") {
  auto r = run_fixture("gemma4_tp1");
  CHECK(r.noted("sliding window"));
  check_rules(r);
  bool window = false;
  for (const auto& [name, d] : r.definitions)
    if (name.find("_sw1023") != std::string::npos) {
      window = true;
      CHECK(d.reference.find("WINDOW_LEFT = 1023\n") != std::string::npos);
    }
  CHECK(window);
}

TEST_CASE("axes of attention carry the origin of the attribute that gave the number") {
  auto r = built_tree();
  auto attn =
      module("attn", "RadixAttention", {"sglang.srt.layers.radix_attention.RadixAttention"}, 0);
  attn.attrs = {{"tp_q_head_num", integer(8, 11)},
                {"tp_k_head_num", integer(2, 12)},
                {"head_dim", integer(64, 13)}};
  r.read.tree.modules.push_back(attn);
  r.read.tree.origins.resize(14);
  run(r);
  REQUIRE(r.has("gqa_paged_decode_h8_kv2_d64_ps1"));
  for (const auto& a : r.definitions["gqa_paged_decode_h8_kv2_d64_ps1"].axes) {
    if (a.name == "num_qo_heads") CHECK(a.origin == 11);
    if (a.name == "num_kv_heads") CHECK(a.origin == 12);
    if (a.name == "head_dim") CHECK(a.origin == 13);
  }
}

namespace {

/// A tree with one attention core in a block that owns `sinks`, of this shape and dtype; an empty
/// dtype: none.
Run with_core(std::int64_t sinks, const std::string& dtype,
              const std::map<std::string, std::string>& resolved = {}) {
  auto r = built_tree();
  auto block = module("attention", "Block", {"models.Block"}, 0);
  if (!dtype.empty()) block.params.push_back({"sinks", {integer(sinks)}, dtype});
  r.read.tree.modules.push_back(block);
  auto core = module("attention.core", "RadixAttention",
                     {"sglang.srt.layers.radix_attention.RadixAttention"}, 1);
  core.attrs = {{"tp_q_head_num", integer(8)},
                {"tp_k_head_num", integer(2)},
                {"head_dim", integer(64)},
                {"sliding_window_size", integer(127)}};
  r.read.tree.modules.push_back(core);
  for (const auto& [name, value] : resolved) r.read.tree.resolved[name] = text(value);
  return r;
}

const TensorSpec* input(const Definition& d, const std::string& name) {
  for (const auto& t : d.inputs)
    if (t.name == name) return &t;
  return nullptr;
}

}  // namespace

TEST_CASE("attention sinks are an input, with the dtype of the block's parameter") {
  for (const auto& [dtype, suffix] :
       {std::pair{"bfloat16", ""}, std::pair{"float32", "_float32"}}) {
    auto r = with_core(8, dtype);
    run(r);
    check_rules(r);
    for (const std::string name :
         {"gqa_paged_decode_h8_kv2_d64_ps1", "gqa_paged_decode_h8_kv2_d64_ps64",
          "gqa_paged_prefill_causal_h8_kv2_d64_ps1", "gqa_paged_prefill_causal_h8_kv2_d64_ps64",
          "gqa_ragged_prefill_causal_h8_kv2_d64"}) {
      CHECK_FALSE(r.has(name + "_sw127"));
      const std::string with_sinks = name + "_sw127_sinks" + suffix;
      REQUIRE_MESSAGE(r.has(with_sinks), with_sinks);
      const Definition& d = r.definitions[with_sinks];
      const TensorSpec* sinks = input(d, "sinks");
      REQUIRE(sinks != nullptr);
      CHECK(sinks->dtype == dtype);
      CHECK(sinks->shape == std::vector<std::string>{"num_qo_heads"});
      CHECK(d.inputs.back().name == "sinks");
    }
  }
}

TEST_CASE("sinks of another number than the query heads give no definition") {
  auto r = with_core(16, "bfloat16");
  run(r);
  CHECK(r.definitions.empty());
  CHECK(r.noted("not one for each of its query heads"));
}

TEST_CASE("FlashInfer's own dialect has no form with sinks or an FP8 cache") {
  for (auto r : {with_core(8, "bfloat16"), with_core(8, "", {{"kv_cache_dtype", "fp8_e4m3"}})}) {
    run(r, {.dialect = "fi_trace"});
    CHECK(r.definitions.empty());
    CHECK(r.noted("FlashInfer's own definitions have no attention sinks and no FP8 cache"));
  }
}

TEST_CASE("an FP8 cache comes with its factors, and the backend says whether queries are cast") {
  struct Case {
    std::map<std::string, std::string> resolved;
    const char *decode, *prefill, *queries;
  };
  const std::string fp8 = "fp8_e4m3";
  for (const Case& c : {
           Case{{{"kv_cache_dtype", fp8}, {"attention_backend", "fa3"}},
                "_fp8",
                "_fp8",
                "float8_e4m3fn"},
           Case{{{"kv_cache_dtype", fp8}, {"attention_backend", "triton"}},
                "_fp8",
                "_fp8",
                "float8_e4m3fn"},
           Case{{{"kv_cache_dtype", fp8}, {"attention_backend", "flashinfer"}},
                "_fp8_cache",
                "_fp8_cache",
                "bfloat16"},
           Case{{{"kv_cache_dtype", fp8}, {"attention_backend", "fa4"}},
                "_fp8",
                "_fp8_cache",
                "float8_e4m3fn"},
           Case{{{"kv_cache_dtype", fp8},
                 {"attention_backend", "flashinfer"},
                 {"decode_attention_backend", "fa3"}},
                "_fp8",
                "_fp8_cache",
                "float8_e4m3fn"},
           Case{
               {{"kv_cache_dtype", fp8}, {"attention_backend", "trtllm_mha"}, {"device", "sm_100"}},
               "_fp8",
               "_fp8",
               "float8_e4m3fn"},
           Case{{{"kv_cache_dtype", fp8}, {"attention_backend", "trtllm_mha"}, {"device", "sm_90"}},
                "_fp8_cache",
                "_fp8",
                "bfloat16"},
           Case{{{"kv_cache_dtype", "auto"},
                 {"chosen_kv_cache_dtype", fp8},
                 {"attention_backend", "fa3"}},
                "_fp8",
                "_fp8",
                "float8_e4m3fn"},
       }) {
    auto r = with_core(8, "", c.resolved);
    run(r);
    check_rules(r);
    const std::string decode = std::string("gqa_paged_decode_h8_kv2_d64_ps1_sw127") + c.decode;
    REQUIRE_MESSAGE(r.has(decode), decode);
    CHECK(r.has(std::string("gqa_paged_prefill_causal_h8_kv2_d64_ps64_sw127") + c.prefill));
    CHECK(r.has("gqa_ragged_prefill_causal_h8_kv2_d64_sw127"));  // over no cache
    CHECK(r.definitions.size() == 5);
    const Definition& d = r.definitions[decode];
    CHECK(input(d, "q")->dtype == c.queries);
    for (const char* cache : {"k_cache", "v_cache"})
      CHECK(input(d, cache)->dtype == "float8_e4m3fn");
    for (const char* factor : {"k_scale", "v_scale"}) {
      REQUIRE(input(d, factor) != nullptr);
      CHECK(input(d, factor)->dtype == "float32");
      CHECK_FALSE(input(d, factor)->shape.has_value());
    }
    CHECK(d.outputs[0].dtype == "bfloat16");
  }
}

TEST_CASE("sinks and an FP8 cache together") {
  auto r = with_core(8, "bfloat16", {{"kv_cache_dtype", "fp8_e4m3"}, {"attention_backend", "fa3"}});
  run(r);
  check_rules(r);
  CHECK(r.has("gqa_paged_decode_h8_kv2_d64_ps1_sw127_sinks_fp8"));
  CHECK(r.has("gqa_ragged_prefill_causal_h8_kv2_d64_sw127_sinks"));
}

TEST_CASE("a cache of a dtype without a form gives no definition") {
  auto r = with_core(8, "", {{"kv_cache_dtype", "fp8_e5m2"}});
  run(r);
  CHECK(r.definitions.empty());
  CHECK(r.noted("the KV cache is fp8_e5m2, for which there is no form"));
}
