// What kernel calls cost, against sums by hand.
#include <doctest/doctest.h>

#include "core/model/cost.h"
#include "core/model/roofline.h"
#include "tests/operand.h"

namespace {

using kdex::operand;

kdex::KernelCall call(const char* role, std::vector<kdex::Operand> operands) {
  kdex::KernelCall c;
  c.role = role;
  c.operands = std::move(operands);
  return c;
}

kdex::Step decode(std::int64_t batch, std::int64_t length) {
  kdex::Step s;
  s.batch = batch, s.seq_len = length;
  return s;
}

kdex::Step extend(std::vector<std::int64_t> lens, std::vector<std::int64_t> prefixes = {}) {
  kdex::Step s;
  s.mode = "extend", s.extend_lens = std::move(lens), s.prefix_lens = std::move(prefixes);
  return s;
}

kdex::Module with_fact(const char* name, std::int64_t n) {
  kdex::Module m;
  kdex::Value v;
  v.kind = kdex::Value::Kind::integer, v.i = n;
  m.facts.emplace_back(name, v);
  return m;
}

}  // namespace

TEST_CASE("a product reads both operands and writes its result") {
  const auto c =
      call("product", {operand("a", "bf16", {5, 8}, ""), operand("b", "bf16", {8, 3}, "up.weight"),
                       operand("result", "f32", {5, 3}, "")});
  const auto cost = cost_of(c, decode(5, 9), nullptr);
  CHECK(cost.flops == 2 * 5 * 8 * 3);
  CHECK(cost.bytes == 2 * (40 + 24) + 4 * 15);
}

TEST_CASE("four-bit values are two a byte") {
  const auto c =
      call("product", {operand("a", "u8", {5, 4}, ""), operand("b", "u8", {3, 4}, "up.weight"),
                       operand("result", "bf16", {5, 3}, "")});
  CHECK(cost_of(c, decode(5, 9), nullptr).flops == 2 * 5 * 8 * 3);
}

TEST_CASE("a step of drafts has several queries a request, a mixed one prompts and decode") {
  const auto c = call(
      "attention", {operand("q", "bf16", {8, 4, 8}, ""), operand("result", "bf16", {8, 4, 8}, "")});
  auto step = decode(2, 100);
  step.mode = "spec-verify", step.queries = 4;
  CHECK(kdex::tokens_of(step) == 8);
  CHECK(cost_of(c, step, nullptr).flops == 2.0 * 2 * 4 * 100 * (4 * 8 + 4 * 8));
  auto mixed = extend({6});
  mixed.mode = "mixed", mixed.batch = 2, mixed.seq_len = 100;
  CHECK(kdex::tokens_of(mixed) == 8);
  CHECK(cost_of(c, mixed, nullptr).flops == 2.0 * (6 * 7 / 2 + 2 * 100) * (4 * 8 + 4 * 8));
}

TEST_CASE("attention of a decode step reads what its requests hold") {
  const auto c = call("attention", {operand("q", "bf16", {2, 4, 8}, ""),
                                    operand("k_cache", "bf16", {1000, 1, 2, 8}, "kv_pool.k.*"),
                                    operand("v_cache", "bf16", {1000, 1, 2, 8}, "kv_pool.v.*"),
                                    operand("result", "bf16", {2, 4, 8}, "")});
  const auto cost = cost_of(c, decode(2, 100), nullptr);
  CHECK(cost.flops == 2 * (2 * 100) * (4 * 8 + 4 * 8));
  CHECK(cost.bytes == 2 * 2 * (2 * 4 * 8) + 2 * (2 * 100) * (2 * 2 * 8));
  const kdex::Module windowed = with_fact("window_left", 9);
  CHECK(cost_of(c, decode(2, 100), &windowed).flops == cost.flops / 10);
}

TEST_CASE("a prompt's queries see the cached keys and those before them") {
  const auto c = call(
      "attention", {operand("q", "bf16", {7, 4, 8}, ""), operand("k", "bf16", {7, 4, 8}, ""),
                    operand("v", "bf16", {7, 4, 8}, ""), operand("result", "bf16", {7, 4, 8}, "")});
  const double widths = 2 * 4 * 8;
  CHECK(cost_of(c, extend({3, 4}), nullptr).flops == 2 * (6 + 10) * widths);
  CHECK(cost_of(c, extend({3, 4}, {10, 20}), nullptr).flops ==
        2 * (3 * 10 + 6 + 4 * 20 + 10) * widths);
  const kdex::Module windowed = with_fact("window_left", 1);
  CHECK(cost_of(c, extend({3, 4}), &windowed).flops == 2 * (1 + 2 + 2 + 1 + 2 + 2 + 2) * widths);
}

TEST_CASE("experts cost what balanced tokens reach") {
  kdex::Module m = with_fact("num_experts", 4);
  m.facts.push_back(with_fact("top_k", 2).facts[0]);
  const auto c = call("experts_product", {operand("a", "bf16", {3, 8}, ""),
                                          operand("b", "bf16", {4, 16, 8}, "experts.w13")});
  const auto cost = cost_of(c, decode(3, 9), &m);
  CHECK(cost.flops == 2 * (3 * 2) * (16 * 8));
  const double reached = 1 - 0.75 * 0.75 * 0.75 * 0.75 * 0.75 * 0.75;
  CHECK(cost.bytes == doctest::Approx(2 * 3 * 8 + reached * 2 * 4 * 16 * 8));
}

TEST_CASE("a table costs the rows that are looked up") {
  const auto c = call("embedding",
                      {operand("weight", "bf16", {1000, 8}, "embed.weight"),
                       operand("indices", "i64", {3}, ""), operand("result", "bf16", {3, 8}, "")});
  CHECK(cost_of(c, decode(3, 9), nullptr).bytes == 3 * 8 + 2 * (2 * 3 * 8));
}

TEST_CASE("the least time is that of bytes or of operations, by the activations' bits") {
  const kdex::Peaks chip{"a chip", 100, {{8, 40}, {16, 20}}};
  CHECK(kdex::roofline_seconds({.flops = 10, .bytes = 200}, chip) == 2);
  CHECK(kdex::roofline_seconds({.flops = 80, .bytes = 200}, chip) == 4);
  CHECK(kdex::roofline_seconds({.flops = 80, .bytes = 100, .bits = 8}, chip) == 2);
  CHECK(kdex::roofline_seconds({.flops = 80, .bytes = 100, .bits = 4}, chip) == 2);
  CHECK(kdex::roofline_seconds({.flops = 80, .bytes = 100, .bits = 32}, chip) == 4);
  const auto bits = [](const char* dtype) {
    return cost_of(call("product", {operand("a", dtype, {3, 8}, ""),
                                    operand("b", "fp8e4m3", {8, 4}, "up.weight"),
                                    operand("result", "bf16", {3, 4}, "")}),
                   decode(3, 9), nullptr)
        .bits;
  };
  CHECK(bits("bf16") == 16);
  CHECK(bits("fp8e4m3") == 8);
  CHECK(bits("u8") == 4);
  CHECK(bits("f32") == 32);
}
