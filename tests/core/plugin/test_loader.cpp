// The loader: what it loads, what it refuses and in which words, and that the rest goes on.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include <kdex/error.h>

#include "core/plugin/settings.h"
#include "tests/scratch.h"

using namespace kdex;

namespace {

std::string reason(const LoadedPlugins& l, const std::string& library) {
  for (const auto& r : l.refused)
    if (r.library.find(library) != std::string::npos) return r.reason;
  return "(not refused)";
}

}  // namespace

TEST_CASE("the families that come with kdex are loaded, sorted by name") {
  auto l = load_plugins({KDEX_TEST_PLUGINS});
  CHECK(l.refused.empty());
  std::string names;
  for (const auto& f : l.families) names += f.info.name + " ";
  CHECK(names == "activation gemm gqa mla moe quantization rmsnorm rotary ");
  REQUIRE(l.find("gqa") != nullptr);
  CHECK(l.find("gqa")->info.op_types == std::vector<std::string>{"gqa_paged", "gqa_ragged"});
  CHECK(l.find("gqb") == nullptr);
}

TEST_CASE("bad libraries are refused with the reason and the rest goes on") {
  {
    std::ofstream text(std::string(KDEX_TEST_BAD) + "/text.so");
    text << "this is no library\n";
  }
  std::filesystem::remove(std::string(KDEX_TEST_BAD) + "/dangling.so");
  std::filesystem::create_symlink("nowhere", std::string(KDEX_TEST_BAD) + "/dangling.so");
  auto l = load_plugins({KDEX_TEST_PLUGINS, KDEX_TEST_BAD, "/no/such/folder", KDEX_TEST_PLUGINS});
  CHECK(l.families.size() == 10);  // eight of kdex, deeds, fine
  CHECK(says(reason(l, "text.so"), "cannot be loaded"));
  CHECK(says(reason(l, "dangling.so"), "cannot be read"));
  CHECK(says(reason(l, "bad_not_a_plugin.so"), "not a kdex plugin"));
  CHECK(says(reason(l, "bad_other_abi.so"), "another SDK (its ABI is 'kdex-sdk 0; of long ago'"));
  // bad_fine.so comes before it, and exports all that its headers let it export.
  CHECK(says(reason(l, "bad_old_sdk.so"), "another SDK (its ABI is 'kdex-sdk 7; types 00000000"));
  CHECK(says(reason(l, "bad_throws_constructor.so"),
             "threw while loading: no luck in the constructor"));
  CHECK(says(reason(l, "bad_throws_info.so"), "threw while loading: no luck in info"));
  CHECK(says(reason(l, "bad_throws_forms.so"), "threw while loading: no luck in forms"));
  CHECK(says(reason(l, "bad_aborts.so"), "crashes while loading (Aborted)"));
  CHECK(says(reason(l, "bad_exits.so"), "ends the process while loading (exit status 0)"));
  CHECK(says(reason(l, "bad_duplicate.so"), "a family named 'gqa' is already loaded from"));
  CHECK(says(reason(l, "bad_name.so"), "invalid name '../up'"));
  CHECK(says(reason(l, "/no/such/folder"), "cannot be read"));
  CHECK(l.refused.size() == 13);
  for (const auto& r : l.refused) CHECK(r.reason.find('\n') == std::string::npos);
}

TEST_CASE("a library that hangs at load is refused after ten seconds") {
  auto l = load_plugins({KDEX_TEST_HANGS});
  CHECK(says(reason(l, "bad_hangs.so"), "did not finish loading within 10 seconds"));
}

TEST_CASE("options are the families' own: names, types and places are checked") {
  auto l = load_plugins({KDEX_TEST_PLUGINS});
  const auto error = [&](const std::string& text) {
    try {
      apply_settings(l, {parse_setting(text, "--family-option")});
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK(l.find("gemm")->options.text("at_tp") == "false");
  CHECK(error("gemm.at_tp") == "");
  CHECK(l.find("gemm")->options.boolean("at_tp"));
  CHECK(error("gemm.at_tp=maybe") ==
        "--family-option gemm.at_tp: must be true or false, not 'maybe'");
  CHECK(says(error("gemm.at_tq=1"), "has no option 'at_tq'; did you mean 'at_tp'?"));
  CHECK(says(error("gem.at_tp=1"), "unknown family 'gem'; did you mean 'gemm'"));
  CHECK(says(error("at_tp=1"), "must be FAMILY.OPTION=VALUE"));
  CHECK_THROWS_AS(l.find("gemm")->options.text("other"), Error);
  CHECK(option_named(l, "gemm_at_tp").option->key == "at_tp");
  CHECK_FALSE(option_named(l, "gemm_at_pt"));
}
