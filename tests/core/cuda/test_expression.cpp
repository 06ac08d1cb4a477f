// Expressions of kernel plans: built, worked out, printed as C, checked against a definition.
#include <doctest/doctest.h>

#include <cstdint>

#include <kdex/error.h>
#include <kdex/expr.h>

#include "core/cuda/expression.h"

using namespace kdex;
using cuda::c_text;
using cuda::evaluate;

namespace {
const Expr M = axis("M"), N = axis("N");
}

TEST_CASE("expressions are worked out as C does") {
  CHECK(evaluate(Expr(2) + 3 * (Expr(4) - 1) % 5, {}) == 6);
  CHECK(evaluate(ceil_div(M, 128) * min(device_sms(), 7), {{"M", 129}, {"sms", 132}}) == 14);
  CHECK(evaluate(max(M, N) - M / 2, {{"M", 5}, {"N", 4}}) == 3);
  CHECK(evaluate(M > 8 && M <= 16, {{"M", 16}}));
  CHECK_FALSE(evaluate(M > 8 && M <= 16, {{"M", 17}}));
  CHECK(evaluate(!(M < N || M != 1), {{"M", 1}, {"N", 1}}));
  CHECK(evaluate(BoolExpr(), {}));
  CHECK_FALSE(evaluate(BoolExpr::never(), {}));
  CHECK(evaluate(select(M == 1, 10, select(M == 2, 20, 30)), {{"M", 2}}) == 20);
  CHECK(ceil_div(std::int64_t{5}, std::int64_t{2}) == 3);
}

TEST_CASE("what is not taken is not worked out") {
  CHECK(evaluate(select(N == 0, 1, 6 / N), {{"N", 0}}) == 1);
  CHECK(evaluate(N == 0 || 6 / N > 1, {{"N", 0}}));
  CHECK_FALSE(evaluate(N != 0 && 6 / N > 1, {{"N", 0}}));
  CHECK(evaluate(select(N == 0, select(M == 0, 1, 2), M / N), {{"M", 1}, {"N", 0}}) == 2);
}

TEST_CASE("errors name the expression") {
  CHECK_THROWS_WITH_AS(evaluate(M + 1, {}), "expression 'M + 1': there is no 'M'", Error);
  CHECK_THROWS_WITH_AS(evaluate(1 / M, {{"M", 0}}), "expression '1 / M': division by zero", Error);
  CHECK_THROWS_WITH_AS(evaluate(ceil_div(M, 0), {{"M", 1}}),
                       "expression 'ceil_div(M, 0)': division by zero", Error);
  const std::int64_t big = std::int64_t{1} << 62;
  CHECK_THROWS_WITH_AS(evaluate(M * 2, {{"M", big}}), doctest::Contains("does not fit 63 bits"),
                       Error);
  CHECK_THROWS_WITH_AS(evaluate(M + M, {{"M", big}}), doctest::Contains("does not fit 63 bits"),
                       Error);
  CHECK_THROWS_WITH_AS(evaluate(0 - M, {{"M", INT64_MIN}}),
                       doctest::Contains("does not fit 63 bits"), Error);
  CHECK_THROWS_AS(evaluate(M % -1, {{"M", INT64_MIN}}), Error);
}

TEST_CASE("printed C has the parentheses that precedence wants and no others") {
  CHECK(c_text((M + 1) * 2) == "(M + 1) * 2");
  CHECK(c_text(M + 1 * N) == "M + 1 * N");
  CHECK(c_text(M - (N - 1)) == "M - (N - 1)");
  CHECK(c_text(M - N - 1) == "M - N - 1");
  CHECK(c_text(M / (N * 2)) == "M / (N * 2)");
  CHECK(c_text(min(M, N + 1) * 2) == "min(M, N + 1) * 2");
  CHECK(c_text(select(M <= 16, 16, select(M <= 32, 32, 64))) == "M <= 16 ? 16 : M <= 32 ? 32 : 64");
  CHECK(c_text(select(select(M > 1, 1, 0) > 0, 1, 2)) == "(M > 1 ? 1 : 0) > 0 ? 1 : 2");
  CHECK(c_text(select(M == 1, 1, 2) + 3) == "(M == 1 ? 1 : 2) + 3");
  CHECK(c_text((M == 1 && N > 2) || M > 9) == "(M == 1 && N > 2) || M > 9");
  CHECK(c_text(M == 1 && (N > 2 || M > 9)) == "M == 1 && (N > 2 || M > 9)");
  CHECK(c_text(!(M == 1)) == "!(M == 1)");
  CHECK(c_text(BoolExpr()) == "true");
  CHECK(c_text(BoolExpr() && M > 1) == "M > 1");
}

TEST_CASE("a plan's fault is found before it is used") {
  Definition d;
  d.axes = {{"M", std::nullopt, "", 0, "", ""}, {"N", 64, "", 0, "", ""}};
  d.inputs = {{"x", std::vector<std::string>{"M", "N"}, "bfloat16", ""},
              {"scale", std::nullopt, "float32", ""}};
  KernelPlan p;
  p.available = true;
  p.units = {{"a.cu", "", {}, {"run"}}};
  p.values = {{"tiles", ceil_div(M, 16)}};
  p.buffers = {{"space", axis("tiles") * 4, false}};
  KernelLaunch l;
  l.entry = "run";
  l.grid[0] = axis("tiles");
  l.block = 128;
  l.arguments = {{KernelArgument::Kind::tensor, "x", {}},
                 {KernelArgument::Kind::tensor, "space", {}},
                 {KernelArgument::Kind::scalar, "scale", {}},
                 {KernelArgument::Kind::integer, "", M}};
  p.launches = {l};
  CHECK(cuda::plan_fault(p, d) == "");
  auto fault = [&](auto change) {
    KernelPlan other = p;
    change(other);
    return cuda::plan_fault(other, d);
  };
  CHECK(fault([](KernelPlan& x) { x.launches[0].grid[1] = axis("tile"); }) ==
        "the launch of run: unknown axis or value 'tile'");
  CHECK(fault([](KernelPlan& x) { x.launches[0].when = axis("Q") > 1; }) ==
        "the launch of run: unknown axis or value 'Q'");
  CHECK(fault([](KernelPlan& x) { x.values[0].second = axis("later"); }) ==
        "the value tiles: unknown axis or value 'later'");
  CHECK(fault([](KernelPlan& x) { x.buffers[0].bytes = axis("size"); }) ==
        "the buffer space: unknown axis or value 'size'");
  CHECK(fault([](KernelPlan& x) { x.launches[0].arguments[0].text = "y"; }) ==
        "the launch of run: unknown tensor 'y'");
  CHECK(fault([](KernelPlan& x) { x.launches[0].arguments[2].text = "x"; }) ==
        "the launch of run: unknown scalar 'x'");
  CHECK(fault([](KernelPlan& x) { x.launches[0].entry = "walk"; }) ==
        "the launch of walk: it is not an entry of its unit");
  CHECK(fault([](KernelPlan& x) { x.launches[0].unit = 3; }) ==
        "the launch of run: its unit is not there");
  CHECK(fault([](KernelPlan& x) {
          x.launches[0].arguments[0] = {KernelArgument::Kind::map, "m", {}};
        }) == "the launch of run: unknown tensor map 'm'");
}
