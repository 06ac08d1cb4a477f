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
