// Families of third parties that crash, throw, loop, exit or corrupt memory: each is named, its
// results are dropped, and the rest goes on.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include <kdex/error.h>
#include <kdex/form_definition.h>

#include "core/plugin/guard.h"
#include "core/plugin/known_form.h"
#include "core/plugin/settings.h"

using namespace kdex;

namespace {

const LoadedPlugins& loaded() {
  static const LoadedPlugins l = load_plugins({KDEX_TEST_BAD});
  return l;
}

struct Model {
  ModuleTree tree;
  Checkpoint checkpoint;
  Deployment deployment;
  Model() {
    tree.ok = true;
    tree.modules.resize(2);
    tree.origins.resize(2);
  }
};

GuardedResult match(const std::string& deed) {
  REQUIRE(loaded().find("deeds") != nullptr);
  LoadedFamily family = *loaded().find("deeds");
  family.options.set("deed", deed);
  const Model m;
  return match_guarded(family, {m.tree, m.checkpoint, m.deployment});
}

std::string match_error(const std::string& deed) {
  const GuardedResult r = match(deed);
  CHECK(r.failed);
  CHECK(r.result.matches.empty());
  CHECK(r.result.claimed.empty());
  REQUIRE(r.errors.size() == 1);
  return r.errors[0];
}

const Form& deed_form() { return loaded().find("deeds")->family->forms()[0]; }
Params deed(const std::string& what) { return {{"deed", what}}; }

std::string plan_error(const std::string& what) {
  try {
    plan_guarded(*loaded().find("deeds"), deed_form(), deed("plan_" + what), Chip("sm_90a"), {});
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

std::string workloads_error(const std::string& what) {
  try {
    try_call(*loaded().find("deeds"), [&] {
      Random random(0);
      deed_form().workloads(deed("work_" + what), random, [](WorkloadCase) {});
    });
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("kdex's own families are called directly, others in a child") {
  CHECK_FALSE(loaded().find("deeds")->own);
  const auto own = load_plugins({KDEX_TEST_PLUGINS});
  for (const auto& f : own.families) CHECK(f.own);
}

TEST_CASE("a match of a third party comes back whole") {
  const GuardedResult r = match("nothing");
  CHECK_FALSE(r.failed);
  CHECK(r.errors.empty());
  REQUIRE(r.result.matches.size() == 2);
  const Match& m = r.result.matches[0];
  CHECK(m.modules == std::vector<std::size_t>{0});
  CHECK(m.what == "a module");
  CHECK(m.definition.name == "deed");
  REQUIRE(m.definition.axes.size() == 2);
  CHECK(m.definition.axes[0].value == 7);
  CHECK(m.definition.axes[0].rule == "a rule");
  CHECK_FALSE(m.definition.axes[1].value);
  REQUIRE(m.definition.inputs.size() == 2);
  CHECK(m.definition.inputs[0].shape == std::vector<std::string>{"M", "N"});
  CHECK_FALSE(m.definition.inputs[1].shape);
  REQUIRE(r.result.notes.size() == 1);
  CHECK(r.result.notes[0].place.line == 3);
  CHECK(r.result.claimed == std::vector<std::size_t>{0});
}

TEST_CASE("what goes wrong in match() is named") {
  CHECK(match_error("throw") == "match() failed: no luck at all");
  CHECK(match_error("throw_number") ==
        "match() failed: it threw something that is not an exception");
  CHECK(match_error("crash") == "match() failed: crashed (Segmentation fault)");
  CHECK(match_error("abort") == "match() failed: crashed (Aborted)");
  CHECK(match_error("overflow") == "match() failed: crashed (Segmentation fault)");
  CHECK(match_error("exit") == "match() failed: ended the process (exit status 0)");
  CHECK(match_error("kill") == "match() failed: ended the process (exit status 7)");
  CHECK(match_error("close").starts_with("match() failed: "));
}

TEST_CASE("a loop in match(), a plan or workloads is stopped") {
  set_call_seconds(0.3);
  CHECK(match_error("loop") == "match() failed: no answer within 0.3 s");
  CHECK(plan_error("loop") == "no answer within 0.3 s");
  CHECK(workloads_error("loop") == "no answer within 0.3 s");
  set_call_seconds(0);
}

#if !defined(KDEX_TESTS_SANITIZED)  // whose sanitizer has an allocator of its own, and terabytes
TEST_CASE("memory without end is refused") {
  CHECK(match_error("memory") == "match() failed: it ran out of memory");
}

TEST_CASE("what breaks the heap is named") {
  CHECK(match_error("corrupt").starts_with("match() failed: crashed ("));
  CHECK(plan_error("corrupt").starts_with("crashed ("));
  CHECK(workloads_error("corrupt").starts_with("crashed ("));
}
#endif

TEST_CASE("what goes wrong in a form's functions is an error of its text") {
  for (const auto& error : {plan_error, workloads_error}) {
    CHECK(error("nothing") == "");
    CHECK(error("throw") == "no luck\nat all");
    CHECK(error("crash") == "crashed (Segmentation fault)");
    CHECK(error("exit") == "ended the process (exit status 0)");
  }
}

TEST_CASE("a plan of a third party comes back whole, and which constants it asked for") {
  const Tuning tuning({{"SIZE", "9"}, {"OTHER", "1"}});
  const auto& family = *loaded().find("deeds");
  const Params params = deed("plan_nothing");
  const KernelPlan p = plan_guarded(family, deed_form(), params, Chip("sm_80"), tuning);
  const KernelPlan here = deed_form().plan(
      params, Chip("sm_80"), Tuning(std::map<std::string, std::string>{{"SIZE", "9"}}));
  CHECK(p.available);
  CHECK(p.summary == "sm_80 9");
  REQUIRE(p.units.size() == 1);
  CHECK(p.units[0].source == "text");
  CHECK(p.units[0].constants[0].second == "1");
  REQUIRE(p.launches.size() == 1);
  CHECK(p.launches[0].grid[0].identical(here.launches[0].grid[0]));
  CHECK(p.launches[0].when.identical(here.launches[0].when));
  CHECK(tuning.unknown() == std::vector<std::string>{"OTHER"});
}

TEST_CASE("a third party is asked for definitions of its own op types only") {
  Definition d = write(deed_form(), deed("plan_nothing"));
  const KnownForm known = known_form(loaded().families, d);
  CHECK(known.family == "deeds");
  REQUIRE(known.form != nullptr);
  CHECK(known.params.text("deed") == "plan_nothing");
  d.op_type = "gemm";
  CHECK(known_form(loaded().families, d).form == nullptr);
}

TEST_CASE("what refers to nothing is refused by definition and field, the rest stays") {
  const auto only_error = [](const GuardedResult& r) {
    CHECK_FALSE(r.failed);
    REQUIRE(r.errors.size() == 1);
    return r.errors[0];
  };
  auto r = match("module");
  CHECK(only_error(r) ==
        "definition 'deed' is refused: field 'modules': module 1000000 is out of range: the tree "
        "has 2");
  CHECK(r.result.matches.size() == 1);
  r = match("origin");
  REQUIRE(r.errors.size() == 2);
  CHECK(r.errors[0] ==
        "definition 'deed' is refused: field 'axes.N.origin': origin 1000 is out of range: the "
        "tree has 2");
  CHECK(r.result.matches.empty());
  CHECK(only_error(match("tp1")) ==
        "definition 'other' is refused: field 'from_tp1': the model could not be built at tp 1");
  r = match("claim");
  CHECK(only_error(r) == "field 'claimed': module 1000000 is out of range: the tree has 2");
  CHECK(r.result.matches.size() == 2);
  CHECK(r.result.claimed.empty());
}

TEST_CASE("calls from many threads at once, some of which crash") {
  std::atomic<int> good{0}, bad{0};
  LoadedFamily family = *loaded().find("deeds");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      const Model m;
      for (int i = 0; i < 8; ++i) {
        LoadedFamily mine = family;
        mine.options.set("deed", (i + t) % 2 ? "crash" : "nothing");
        const auto r = match_guarded(mine, {m.tree, m.checkpoint, m.deployment});
        r.failed ? ++bad : ++good;
      }
    });
  for (auto& t : threads) t.join();
  CHECK(good == 16);
  CHECK(bad == 16);
}
