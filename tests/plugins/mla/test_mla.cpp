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
