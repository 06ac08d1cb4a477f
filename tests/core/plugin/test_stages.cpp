// Stages of third parties: what the loader refuses, and what a call that goes wrong does.
#include <doctest/doctest.h>

#include <filesystem>

#include <kdex/error.h>

#include "core/plugin/guard.h"
#include "core/plugin/info.h"
#include "tests/scratch.h"

using namespace kdex;

namespace {

const LoadedStage& deeds() {
  static const LoadedPlugins l = load_plugins({KDEX_TEST_STAGE});
  REQUIRE(l.stages.size() == 1);
  return l.stages[0];
}

StageContext asked(const std::string& deed) {
  StageContext c;
  c.dataset = "/no/such/dataset";
  c.options = OptionValues(deeds().info.options);
  c.options.set("deed", deed);
  c.definitions.resize(3);
  return c;
}

std::string run_error(const std::string& deed) {
  try {
    run_guarded(deeds(), asked(deed));
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

std::string check_error(const std::string& deed) {
  try {
    check_guarded(deeds(), asked(deed).options);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("stages that say of themselves what cannot be are refused with the reason") {
  const auto l = load_plugins({KDEX_TEST_BAD_STAGES});
  const auto reason = [&](const std::string& library) {
    for (const auto& r : l.refused)
      if (says(r.library, library)) return r.reason;
    return std::string("(not refused)");
  };
  CHECK(l.families.empty());
  std::string names;
  for (const auto& s : l.stages) names += s.info.name + " ";
  CHECK(names ==
        "fine report ");  // the pipeline, which has a report of its own, refuses the second
  CHECK(says(reason("bad_stage_twice.so"), "a stage named 'fine' is already loaded from"));
  CHECK(says(reason("bad_stage_name.so"), "info() returns an invalid name 'a stage'"));
  CHECK(reason("bad_stage_needs.so") ==
        "it needs 'model': expected models or found definitions, or a path below the dataset such "
        "as definitions/");
  CHECK(says(reason("bad_stage_needs_up.so"), "must be a plain path below the dataset"));
  CHECK(
      says(reason("bad_stage_writes.so"), "it writes 'definitions/mine/': only kdex's own stages"));
  CHECK(says(reason("bad_stage_writes_root.so"), "must be relative to the dataset"));
  CHECK(says(reason("bad_stage_default.so"),
             "the default of its option 'n' must be an integer from 1 to 2147483648, not 'many'"));
  CHECK(reason("bad_stage_option.so") == "its option 'jobs' is reserved by kdex; rename it");
  CHECK(l.refused.size() == 8);
}

TEST_CASE("a stage's result comes back whole") {
  CHECK_FALSE(deeds().own);
  CHECK(deeds().info.version == "0.1.0");
  CHECK(asked("nothing").options.integers("sizes") == std::vector<std::int64_t>{1, 64});
  const StageResult r = run_guarded(deeds(), asked("nothing"));
  REQUIRE(r.files.size() == 2);
  CHECK(r.files[0].path == "deeds/a/b.txt");
  CHECK(r.files[0].text == "b");
  CHECK(r.text == "3 definitions\n");
  CHECK(r.notes == std::vector<std::string>{"a note"});
  CHECK(r.errors.empty());
  CHECK_FALSE(r.failed);
  CHECK(run_guarded(deeds(), asked("errors")).errors.size() == 2);
  CHECK(run_guarded(deeds(), asked("failed")).failed);
}

TEST_CASE("what goes wrong in a stage is an error of its text") {
  CHECK(run_error("nothing") == "");
  CHECK(run_error("throw") == "no luck\nat all");
  CHECK(run_error("throw_number") == "it threw something that is not an exception");
  CHECK(run_error("crash") == "crashed (Segmentation fault)");
  CHECK(run_error("exit") == "ended the process (exit status 0)");
  CHECK(run_error("loop") == "no answer within 1 s");
  CHECK(run_error("elsewhere") ==
        "its result has a file 'definitions/gemm/mine.json', which its info() does not declare");
  CHECK(says(run_error("up"), "'deeds/../../up.txt', which its info() does not"));
  CHECK(check_error("nothing") == "");
  CHECK(check_error("check_throw") == "deed: no such deed");
  CHECK(check_error("check_crash") == "crashed (Segmentation fault)");
}

TEST_CASE("a stage that the user interrupts is ended at once") {
  std::atomic<bool> cancelled{true};
  StageContext c = asked("loop");
  c.cancelled = &cancelled;
  std::string what;
  try {
    run_guarded(deeds(), c);
  } catch (const Error& e) {
    what = e.what();
  }
  CHECK(what == "interrupted");
}

TEST_CASE("paths below a dataset") {
  const StageInfo info{.name = "x", .writes = {"a/", "b.txt"}};
  CHECK(is_written_by(info, "a/b"));
  CHECK(is_written_by(info, "a/b/c.txt"));
  CHECK(is_written_by(info, "b.txt"));
  for (const char* other :
       {"", "a", "a/", "a/../b.txt", "a//b", "a/./b", "/a/b", "b.txt/c", "ab/c"})
    CHECK_FALSE(is_written_by(info, other));
}
