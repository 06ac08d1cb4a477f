// All families over one model: nothing is claimed twice, nothing is made up.
#include <doctest/doctest.h>

#include <algorithm>

#include "family_test.h"

using namespace kdex;
using namespace kdex_test;

TEST_CASE("Llama-3.1-8B at tp 1 gives the dataset's definitions") {
  auto r = run_fixture("llama_tp1");
  for (const char* name :
       {"gemm_n28672_k4096", "gemm_n4096_k4096", "gemm_n6144_k4096", "gemm_n4096_k14336",
        "gemm_n128256_k4096", "gqa_paged_decode_h32_kv8_d128_ps1",
        "gqa_paged_decode_h32_kv8_d128_ps64", "gqa_paged_prefill_causal_h32_kv8_d128_ps1",
        "gqa_paged_prefill_causal_h32_kv8_d128_ps64", "gqa_ragged_prefill_causal_h32_kv8_d128",
        "rmsnorm_h4096", "fused_add_rmsnorm_h4096"})
    CHECK_MESSAGE(r.has(name), name);
  CHECK(r.definitions.size() == 12);
  check_rules(r);
  const auto& tags = r.definitions["gemm_n6144_k4096"].tags;
  CHECK(std::count(tags.begin(), tags.end(), "dtype:bfloat16") == 1);
  CHECK(std::count(tags.begin(), tags.end(), "bias:no") == 1);
  CHECK(r.noted("whether this layer runs plain or fused"));
}

TEST_CASE("definitions of every recorded model keep the rules") {
  for (const char* name :
       {"deepseek_tp8_ep8", "deepseek_nvfp4_tp1", "gemma4_tp1", "llama_tp8", "qwen3_moe_fp8_tp1"}) {
    INFO(name);
    auto r = run_fixture(name, {.at_tp = true});
    CHECK_FALSE(r.definitions.empty());
    check_rules(r);
  }
}

TEST_CASE("the fi_trace dialect") {
  auto r = run_fixture("llama_tp1", {.dialect = "fi_trace"});
  CHECK(r.has("gemm_bf16_N6144_K4096"));
  CHECK(r.has("gqa_paged_prefill_h32_kv8_d128_ps64"));
  CHECK(r.has("gqa_ragged_h32_kv8_d128"));
  check_rules(r);
  r = run_fixture("deepseek_tp8_ep8", {.dialect = "fi_trace"});
  const auto& moe = r.definitions["moe_fp8_block_scale_ds_routing_topk8_ng8_kg4_e32_h7168_i2048"];
  CHECK(axis(moe, "n_group") == 8);
  check_rules(r);
}

TEST_CASE("broken trees give notes, never exceptions or definitions") {
  Value unknown;
  unknown.kind = Value::Kind::unknown;
  unknown.s = "flashinfer.something";
  for (const Value& v : {Value{}, unknown, integer(0), integer(-5), integer(1)}) {
    auto r = built_tree();
    auto& t = r.read.tree;
    auto add = [&](const char* cls, std::vector<const char*> attrs,
                   std::vector<const char*> params) {
      auto m = module(std::string("m") + std::to_string(t.modules.size()), cls, {cls}, 0);
      for (const char* a : attrs) m.attrs.emplace_back(a, v);
      for (const char* p : params) m.params.push_back({p, {v, v}, "bfloat16"});
      t.modules.push_back(m);
    };
    add("RadixAttention", {"tp_q_head_num", "tp_k_head_num", "head_dim", "v_head_dim", "logit_cap"},
        {});
    add("RadixAttention", {}, {});
    add("FusedMoE",
        {"num_experts", "num_local_experts", "top_k", "hidden_size",
         "intermediate_size_per_partition", "moe_runner_config"},
        {"w13_weight", "w2_weight"});
    add("FusedMoE", {}, {});
    add("TopK", {"topk_config"}, {});
    add("LinearBase", {"quant_method"}, {"weight", "weight_scale_inv"});
    add("Linear", {}, {});
    add("MoEGate", {}, {"weight"});
    add("sglang.srt.layers.layernorm.RMSNorm", {"hidden_size", "variance_epsilon"}, {});
    add("sglang.srt.layers.layernorm.Gemma4RMSNorm", {"eps", "scale_shift", "weight"}, {"weight"});
    add("ParallelLMHead", {}, {"weight"});
    add("VocabParallelEmbedding", {}, {"weight"});
    add("LogitsProcessor", {}, {});
    run(r, {.at_tp = true});
    CHECK_FALSE(r.failed);
    check_rules(r);
  }
  Run empty;
  run(empty, {});
  CHECK(empty.definitions.empty());
  empty.read.tree.ok = true;
  run(empty, {});
  CHECK(empty.definitions.empty());
}
