// The other side of a branch on a size, and in what the calls there differ.
#include <doctest/doctest.h>

#include "core/model/regimes.h"

namespace {

using Numbers = std::vector<std::int64_t>;

kdex::Regime regime(const char* size, const char* relation, std::int64_t bound, bool holds) {
  return {.size = size, .relation = relation, .bound = bound, .holds = holds};
}

std::int64_t batch_beyond(const char* relation, std::int64_t bound, bool holds) {
  std::int64_t value = 0;
  const auto step = step_beyond({}, regime("batch_size", relation, bound, holds), value);
  return step ? step->batch : -1;
}

kdex::KernelCall call(const char* function, const char* path, std::int64_t count) {
  kdex::KernelCall c;
  c.function = function, c.path = path, c.count = count;
  return c;
}

}  // namespace

TEST_CASE("the nearest size for which a comparison goes the other way") {
  CHECK(batch_beyond("<=", 64, true) == 65);
  CHECK(batch_beyond("<=", 64, false) == 64);
  CHECK(batch_beyond("<", 64, true) == 64);
  CHECK(batch_beyond("<", 64, false) == 63);
  CHECK(batch_beyond(">=", 64, true) == 63);
  CHECK(batch_beyond(">=", 64, false) == 64);
  CHECK(batch_beyond(">", 64, true) == 64);
  CHECK(batch_beyond(">", 64, false) == 65);
  CHECK(batch_beyond("==", 64, true) == 65);
  CHECK(batch_beyond("==", 64, false) == 64);
  CHECK(batch_beyond("!=", 64, true) == 64);
  CHECK(batch_beyond("!=", 64, false) == 65);
  CHECK(batch_beyond(">=", 1, true) == -1);        // no request is no step
  CHECK(batch_beyond("<", 1L << 40, true) == -1);  // more than a step may have
}

TEST_CASE("sizes of prompts are spread over the requests") {
  kdex::Step step;
  step.mode = "extend", step.extend_lens = {10, 20, 30};
  std::int64_t value = 0;
  const auto tokens = step_beyond(step, regime("num_tokens", "<=", 2048, true), value);
  REQUIRE(tokens);
  CHECK(value == 2049);
  CHECK(tokens->extend_lens == Numbers{683, 683, 683});
  const auto prefix = step_beyond(step, regime("sum(prefix_len)", ">=", 8192, false), value);
  REQUIRE(prefix);
  CHECK(prefix->prefix_lens == Numbers{2731, 2731, 2730});
  CHECK(prefix->extend_lens == step.extend_lens);
  CHECK(!step_beyond(step, regime("num_tokens // 4", ">", 16, true), value));
  CHECK(!step_beyond(step, regime("num_tokens", ">", 1, true), value));  // three requests
  step.mode = "mixed";
  CHECK(!step_beyond(step, regime("num_tokens", "<=", 2048, true), value));
}

TEST_CASE("what is launched unlike often, in order") {
  kdex::CallTrace here, there;
  here.calls = {call("fused", "norm", 2), call("mm", "up", 2), call("mm", "up", 1)};
  there.calls = {call("mm", "up", 3), call("reduce", "", 2)};
  here.calls.push_back(call("add", "", 1));
  here.calls.back().elementwise = true;
  const auto changes = changes_of(here, there);
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].function == "fused");
  CHECK(changes[0].here == 2);
  CHECK(changes[0].there == 0);
  CHECK(changes[1].function == "reduce");
  CHECK(changes[1].there == 2);
  CHECK(changes_of(here, here).empty());
}
