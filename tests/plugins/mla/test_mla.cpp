// mla: latent attention.
#include <doctest/doctest.h>

#include "../family_test.h"

using namespace kdex;
using namespace kdex_test;

TEST_CASE("DeepSeek-V3 at tp 8: absorbed and expanded latent attention") {
  auto r = run_fixture("deepseek_tp8_ep8");
  for (const char* name :
       {"mla_paged_decode_h16_ckv512_kpe64_ps1", "mla_paged_decode_h16_ckv512_kpe64_ps64",
        "mla_paged_prefill_causal_h16_ckv512_kpe64_ps1",
        "mla_paged_prefill_causal_h16_ckv512_kpe64_ps64",
        "mla_ragged_prefill_causal_h16_qk192_vo128"})
    CHECK_MESSAGE(r.has(name), name);
  for (const auto& [name, d] : r.definitions) CHECK(name.rfind("gqa", 0) != 0);
}

TEST_CASE("execution modes choose the forms of latent attention") {
  auto decode = run_fixture("deepseek_tp8_ep8", {.prefill = false});
  CHECK(decode.has("mla_paged_decode_h16_ckv512_kpe64_ps64"));
  CHECK_FALSE(decode.has("mla_ragged_prefill_causal_h16_qk192_vo128"));
  auto prefill = run_fixture("deepseek_tp8_ep8", {.decode = false});
  CHECK_FALSE(prefill.has("mla_paged_decode_h16_ckv512_kpe64_ps64"));
  CHECK(prefill.has("mla_ragged_prefill_causal_h16_qk192_vo128"));
}

namespace {

/// A tree with the absorbed and the expanded core of one block.
Run with_cores(const std::vector<std::pair<std::string, Value>>& more,
               const std::map<std::string, std::string>& resolved = {}) {
  auto r = built_tree();
  auto block = module("attention", "Block", {"models.Block"}, 0);
  block.attrs = {{"kv_lora_rank", integer(512)}, {"qk_rope_head_dim", integer(64)}};
  r.read.tree.modules.push_back(block);
  for (bool absorbed : {true, false}) {
    auto core = module(absorbed ? "attention.absorbed" : "attention.expanded", "RadixAttention",
                       {"sglang.srt.layers.radix_attention.RadixAttention"}, 1);
    core.attrs = {{"tp_q_head_num", integer(16)},
                  {"tp_k_head_num", integer(absorbed ? 1 : 16)},
                  {"head_dim", integer(absorbed ? 576 : 192)},
                  {"v_head_dim", integer(absorbed ? 512 : 128)}};
    core.attrs.insert(core.attrs.end(), more.begin(), more.end());
    r.read.tree.modules.push_back(core);
  }
  for (const auto& [name, value] : resolved) r.read.tree.resolved[name] = text(value);
  return r;
}
Value real(double x) {
  Value v;
  v.kind = Value::Kind::real;
  v.f = x;
  return v;
}

}  // namespace

TEST_CASE("a window and a cap are part of the form, in name and reference") {
  auto r = with_cores({{"sliding_window_size", integer(511)}, {"logit_cap", real(30)}});
  run(r);
  check_rules(r);
  CHECK(r.definitions.size() == 5);
  for (const char* name :
       {"mla_paged_decode_h16_ckv512_kpe64_ps1", "mla_paged_decode_h16_ckv512_kpe64_ps64",
        "mla_paged_prefill_causal_h16_ckv512_kpe64_ps1",
        "mla_paged_prefill_causal_h16_ckv512_kpe64_ps64",
        "mla_ragged_prefill_causal_h16_qk192_vo128"}) {
    const std::string limited = std::string(name) + "_sw511_cap30.0";
    REQUIRE_MESSAGE(r.has(limited), limited);
    const std::string& reference = r.definitions[limited].reference;
    CHECK(reference.find("WINDOW_LEFT = 511\n") != std::string::npos);
    CHECK(reference.find("LOGIT_CAP = 30.0\n") != std::string::npos);
  }
}

TEST_CASE("an FP8 latent cache comes with its factors; the expanded core has no cache") {
  auto r = with_cores({}, {{"kv_cache_dtype", "fp8_e4m3"}, {"attention_backend", "fa3"}});
  run(r);
  check_rules(r);
  CHECK(r.definitions.size() == 5);
  CHECK(r.has("mla_ragged_prefill_causal_h16_qk192_vo128"));
  REQUIRE(r.has("mla_paged_decode_h16_ckv512_kpe64_ps64_fp8"));
  for (const auto& t : r.definitions["mla_paged_decode_h16_ckv512_kpe64_ps64_fp8"].inputs)
    if (t.name.starts_with("q_") || t.name.ends_with("_cache")) CHECK(t.dtype == "float8_e4m3fn");
  auto cache_alone =
      with_cores({}, {{"kv_cache_dtype", "fp8_e4m3"}, {"attention_backend", "flashinfer"}});
  run(cache_alone);
  CHECK(cache_alone.has("mla_paged_decode_h16_ckv512_kpe64_ps1_fp8_cache"));
}
