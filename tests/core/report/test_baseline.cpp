// Baselines: their text, what a bad file says, how deviations are counted and told; joined reports.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include <kdex/error.h>

#include "core/report/baseline.h"
#include "core/report/deviations.h"
#include "core/report/join_reports.h"

using namespace kdex;
using Json = nlohmann::ordered_json;

namespace {

/// A report of models "NAME tp1", each with that many unmatched modules.
Json report_of(const std::vector<std::pair<std::string, int>>& models) {
  Json r = {{"run", {{"id", "r"}}},
            {"models", Json::array()},
            {"definitions", Json::array()},
            {"new_definitions", Json::array()},
            {"conflicts", Json::array()},
            {"errors", Json::array()},
            {"warnings", Json::array()},
            {"suggestions", Json::array()},
            {"timings", {{"seconds", 1.5}, {"models", Json::array()}}}};
  for (const auto& [name, count] : models)
    r["models"].push_back({{"checkpoint", name},
                           {"deployment", "tp1"},
                           {"status", "ok"},
                           {"definitions", Json::array()},
                           {"unmatched", Json::array({Json({{"count", count}})})},
                           {"steps", Json::array()},
                           {"assumptions", Json::array()}});
  return r;
}

std::string error_of(const std::string& text) {
  try {
    (void)baseline_from(text, "b.json");
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a baseline's text is read back, and a bad one is named") {
  Baseline b = baseline_of(report_of({{"a", 3}, {"b", 0}}));
  b.deployments["c tp3"].refused = "AssertionError: no \"way\"";
  b.deployments["a tp1"].coverage = {{"launches", 0.5}, {"bytes", 1.0}, {"flops", 0.125}};
  b.conflicts = {"x", "y"};
  const Baseline again = baseline_from(baseline_text(b), "b.json");
  CHECK(again.deployments == b.deployments);
  CHECK(again.conflicts == b.conflicts);
  CHECK(baseline_text(again) == baseline_text(b));
  CHECK(baseline_text(baseline_from(baseline_text({}), "")) == baseline_text({}));
  CHECK(
      error_of("[]") ==
      "b.json: is not a baseline: it has no \"kdex_baseline\": 1; `--update-baseline` writes one");
  CHECK(error_of(R"({"kdex_baseline": 1})").starts_with("b.json: 'deployments' is missing"));
  CHECK(error_of(R"({"kdex_baseline": 1, "deployments": {"a": {"refused": ""}}})") ==
        "b.json: a: 'refused' must be a text");
}

TEST_CASE("many deviations of a kind are cut and counted") {
  std::vector<std::pair<std::string, int>> models;
  for (int i = 0; i < 5; ++i) models.emplace_back("m" + std::to_string(i), i);
  const auto all = deviations_of(report_of(models), parse_fail_on({"unmatched"}), nullptr);
  REQUIRE(all.size() == 4);  // m0 has none
  const auto lines = deviation_lines(all, 2);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "fail-on unmatched: m1 tp1: 1 module");
  CHECK(lines[2] == "fail-on unmatched: 2 more; report.json has them under deviations");
  CHECK(deviation_lines(all).size() == 4);
  CHECK(deviations_of(report_of(models), {}, nullptr).empty());
}

TEST_CASE("what a report of an interrupted run has and the next one lacks is kept, in order") {
  Json earlier = report_of({{"b", 1}, {"a", 1}}), later = report_of({{"c", 2}, {"a", 2}});
  const auto definition = [](const char* name, const char* status, std::vector<std::string> modes) {
    return Json({{"name", name}, {"op_type", "t"}, {"status", status}, {"modes", modes}});
  };
  earlier["definitions"] = {definition("x", "new", {"decode"}), definition("z", "existing", {})};
  later["definitions"] = {definition("x", "existing", {"extend"}), definition("y", "new", {})};
  later["run"]["id"] = "s";
  const Json both =
      join_reports(earlier, later, {{"a", "tp1"}, {"b", "tp1"}, {"c", "tp1"}, {"d", "tp1"}});
  REQUIRE(both["models"].size() == 3);
  CHECK(both["models"][0] == later["models"][1]);
  CHECK(both["models"][1] == earlier["models"][0]);
  CHECK(both["new_definitions"] == Json({"x", "y"}));
  CHECK(both["existing_definitions"] == Json({"z"}));
  CHECK(both["definitions"][0]["modes"] == Json({"extend", "decode"}));
  CHECK(both["run"]["resumes"] == "r");
  CHECK(both["timings"]["seconds"] == 3.0);
}
