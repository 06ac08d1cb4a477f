// rmsnorm: plain norms and those fused with the residual add.
#include <doctest/doctest.h>

#include "../family_test.h"

using namespace kdex;
using namespace kdex_test;

TEST_CASE("a norm beside attention is fused only where it is of the residual's width") {
  auto r = run_fixture("deepseek_tp8_ep8");
  for (const char* name :
       {"rmsnorm_h1536", "rmsnorm_h512", "rmsnorm_h7168", "fused_add_rmsnorm_h7168"})
    CHECK_MESSAGE(r.has(name), name);
  CHECK_FALSE(r.has("fused_add_rmsnorm_h1536"));
  CHECK_FALSE(r.has("fused_add_rmsnorm_h512"));
}

TEST_CASE("norms of a head's width are never fused") {
  auto r = run_fixture("qwen3_moe_fp8_tp1");
  CHECK(r.has("rmsnorm_h128"));
  CHECK_FALSE(r.has("fused_add_rmsnorm_h128"));
}
