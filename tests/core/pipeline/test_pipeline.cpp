// Pipeline files: every bad one is one line with file:line:column; checkpoints that are none.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include <kdex/error.h>

#include "core/base/closest.h"
#include "core/base/files.h"
#include "core/pipeline/checkpoints.h"
#include "core/pipeline/pipeline.h"
#include "core/pipeline/run.h"
#include "core/pipeline/source_packages.h"
#include "core/pipeline/stage.h"
#include "core/pipeline/stage_context.h"
#include "tests/scratch.h"

using namespace kdex;
namespace fs = std::filesystem;

namespace {
struct Folder : ScratchFolder {
  std::string path = at.string();
  Folder() { write("org--name/config.json", R"({"architectures": ["LlamaForCausalLM"]})"); }
  Pipeline load(const std::string& text, const std::vector<std::string>& set = {}) const {
    write("p.yaml", text);
    return load_pipeline(path + "/p.yaml", set);
  }
  std::string error(const std::string& text, const std::vector<std::string>& set = {}) const {
    try {
      load(text, set);
    } catch (const Error& e) {
      std::string what = e.what();
      const auto found = what.find(path + "/");
      return found == 0 ? what.substr(path.size() + 1) : what;
    }
    return "";
  }
};
}  // namespace

TEST_CASE("all keys are read, paths are relative to the file") {
  Folder f;
  auto p = f.load(R"(
sources: [src]
output_dir: out/definitions
execution_modes: prefill
page_sizes: [1, 64]
include_quantized: false
deduplicate: no
gemm_at_tp: true
dialect: fi_trace
families: [mla, {name: gemm, at_tp: no}, gqa]
family_options: {moe: {routing: [a, b]}}
deployments: &d
  - {tp: 8, ep: 8, attention_dp: 2, platform: b200, engine_args: {dtype: bfloat16}}
checkpoints:
  - org--name
  - {path: org--name, name: other/x, deployments: [{tp: 2, page_size: 16}]}
model_names: [llama]
)");
  CHECK(p.sources[0] == f.path + "/src");
  CHECK(p.output_dir == f.path + "/out/definitions");
  CHECK_FALSE(p.include_quantized);
  CHECK_FALSE(p.deduplicate);
  CHECK(p.families == std::vector<std::string>{"mla", "gemm", "gqa"});
  REQUIRE(p.family_settings.size() == 3);
  std::string settings;
  for (const auto& s : p.family_settings) settings += s.owner + "." + s.key + "=" + s.value + " ";
  CHECK(settings == "gemm.at_tp=true gemm.at_tp=no moe.routing=a,b ");
  CHECK(says(p.family_settings[0].place, "p.yaml:8:13: 'gemm_at_tp'"));
  REQUIRE(p.checkpoints.size() == 2);
  CHECK(p.checkpoints[0].checkpoint.name == "org/name");
  CHECK(p.checkpoints[0].deployments[0].ep == 8);
  CHECK(p.checkpoints[0].deployments[0].platform == "b200");
  CHECK_FALSE(p.checkpoints[0].deployments[0].decode);
  CHECK(p.checkpoints[0].deployments[0].engine_args.at("dtype") == "bfloat16");
  CHECK(p.checkpoints[1].checkpoint.name == "other/x");
  REQUIRE(p.checkpoints[0].deployments.size() == 2);  // each page size is a deployment
  CHECK(p.checkpoints[0].deployments[0].page_size == 1);
  CHECK(p.checkpoints[0].deployments[1].page_size == 64);
  REQUIRE(p.checkpoints[1].deployments.size() == 1);
  CHECK(p.checkpoints[1].deployments[0].page_size == 16);
  p = f.load("checkpoints: [org--name]\n", {"families=[moe]", "deployments=[{tp: 4}]"});
  CHECK(p.families == std::vector<std::string>{"moe"});
  CHECK(p.deployments[0].tp == 4);
}

TEST_CASE("server arguments are texts; lists and maps of them travel as JSON") {
  Folder f;
  const auto p = f.load(R"(
model_name: x
engine_args: {a: 1, b: true, c: [1, x, "2"], d: {k: [0.5, null], "q": "7"}, e: "", f: 1e5}
)");
  const auto& given = p.deployments[0].engine_args;
  CHECK(given.at("a") == "1");
  CHECK(given.at("b") == "true");
  CHECK(given.at("c") == R"([1,"x","2"])");
  CHECK(given.at("d") == R"({"k":[0.5,null],"q":"7"})");
  CHECK(given.at("e").empty());
  CHECK(given.at("f") == "1e5");
}

TEST_CASE("lists of a deployment's settings stand for every combination") {
  Folder f;
  auto p = f.load("model_name: x\ntp: [1, 8]\nplatform: [h200, b200]\n");
  REQUIRE(p.deployments.size() == 4);
  CHECK(p.deployments[1].tp == 1);
  CHECK(p.deployments[1].platform == "b200");
  CHECK(p.deployments[3].tp == 8);
  p = f.load("model_name: x\ntp: 2\ndeployments: [{ep: [1, 2]}, {tp: 4}]\n");
  REQUIRE(p.deployments.size() == 3);
  CHECK(p.deployments[1].tp == 2);
  CHECK(p.deployments[1].ep == 2);
  CHECK(p.deployments[2].tp == 4);
}

TEST_CASE("what is not given has the options' defaults, under every name of a key") {
  Folder f;
  auto p = f.load("model_name: x\n");
  REQUIRE(p.deployments.size() == 1);
  CHECK(p.deployments[0].page_size == 0);  // the engine chooses
  CHECK(p.stages == std::vector<std::string>{"extract"});
  CHECK(p.dialect == "official");
  CHECK(p.limits.seconds == 120);
  CHECK(p.limits.memory_bytes == Limits{}.memory_bytes);
  CHECK(p.limits.steps == Limits{}.steps);
  p = f.load("model_name: x\npage_size: 16\n", {"page_sizes=[1, 2]", "max_seconds=2.5"});
  REQUIRE(p.deployments.size() == 2);
  CHECK(p.deployments[0].page_size == 1);
  CHECK(p.deployments[1].page_size == 2);
  CHECK(p.limits.seconds == 2.5);
}

TEST_CASE("stages and their options") {
  Folder f;
  auto p = f.load(
      "model_name: x\nstages: [extract, {name: build, arch: [sm_80, sm_90a], dump_to: d}]\n"
      "kernels: {lineinfo: true}\n");
  CHECK(p.stages == std::vector<std::string>{"extract", "build"});
  REQUIRE(p.stage_settings.size() == 3);
  auto stages = resolve_stages(p, f.path, own_stages());
  std::string names;
  for (const auto& s : stages) names += s.stage.info.name + " ";
  CHECK(names == "extract calls match deduplicate save report build ");
  const OptionValues& o = stages.back().options;
  CHECK(o.texts("arch") == std::vector<std::string>{"sm_80", "sm_90a"});
  CHECK(o.text("dump_to") == f.path + "/d");
  CHECK(o.boolean("lineinfo"));
  CHECK_FALSE(o.boolean("dump_ptx"));

  auto error = [&](const std::string& text) {
    try {
      auto q = f.load("model_name: x\n" + text);
      resolve_stages(q, f.path, own_stages());
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK(says(error("stages: [extrac]\n"),
             "p.yaml:2:10: unknown stage 'extrac'; did you mean 'extract'? the stages are extract, "
             "calls, match, deduplicate, save, report, workloads, build, verify, bench"));
  CHECK(
      says(error("stages: [match]\n"), "the stage 'match' needs models; put 'extract' before it"));
  CHECK(says(error("stages: [workloads]\n"), "has no definitions"));
  CHECK(says(error("stages: [extract, extract]\n"), "'extract' is listed twice"));
  CHECK(says(error("stages: []\n"), "'stages' must be"));
  CHECK(says(error("stages: [extract, {name: build, arc: sm_80}]\n"),
             "p.yaml:2:38: 'arc': the stage build has no option 'arc'; did you mean 'arch'?"));
  CHECK(says(error("stages: [extract, {name: verify, workers: 0}]\n"),
             "'workers': must be an integer from 1 to 64, not '0'"));
  CHECK(says(error("stages: [extract]\nstage_options: {verify: {seed: 1}}\n"),
             "p.yaml:3:32: 'seed': is an option of the stage 'verify', which is not in the list"));
  CHECK(error("stages: [extract]\nkernels: {lineinfo: true}\n") == "");
  p = f.load("model_name: x\nstages: [extract, build]\nstage_options: {build: {arch: sm_80}}\n");
  stages = resolve_stages(p, f.path, own_stages());
  CHECK(stages.back().options.text("arch") == "sm_80");
}

namespace {
/// A dataset of one definition.
void write_dataset(const Folder& f) {
  fs::create_directories(f.path + "/dataset/definitions/rmsnorm");
  f.write("dataset/definitions/rmsnorm/rmsnorm_h16.json", R"({
    "name": "rmsnorm_h16", "op_type": "rmsnorm", "tags": ["model:some"],
    "axes": {"batch_size": {"type": "var"}, "hidden_size": {"type": "const", "value": 16}},
    "inputs": {"x": {"shape": ["batch_size", "hidden_size"], "dtype": "bfloat16"}},
    "outputs": {"y": {"shape": ["batch_size", "hidden_size"], "dtype": "bfloat16"}},
    "reference": "def run(x):\n    return x\n"})");
}

struct Ran {
  RunResult result;
  std::string printed;
};
Ran run_stages(const Folder& f, const std::string& stages) {
  Pipeline p = f.load("model_name: x\noutput_dir: dataset\nstages: " + stages + "\n");
  p.plugins_path = {KDEX_TEST_STAGE};
  Ran out;
  RunHooks hooks;
  hooks.print = [&](const std::string& text) { out.printed += text; };
  out.result = run_pipeline(p, hooks);
  return out;
}
}  // namespace

TEST_CASE("a stage of a plugin runs as kdex's own do") {
  Folder f;
  write_dataset(f);
  const Ran r = run_stages(f, "[{name: stage_deeds, deed: fine}]");
  CHECK_FALSE(r.result.failed);
  CHECK(r.result.errors.empty());
  CHECK(r.printed == "1 definitions\n");
  CHECK(read_file(f.path + "/dataset/deeds/a/b.txt") == "b");
  CHECK(read_file(f.path + "/dataset/deed.txt") == "fine");
}

TEST_CASE("a stage of a plugin that fails is named, writes nothing, and the rest goes on") {
  Folder f;
  write_dataset(f);
  for (const char* deed : {"throw", "crash", "exit", "loop", "elsewhere"}) {
    const Ran r = run_stages(f, "[{name: stage_deeds, deed: " + std::string(deed) +
                                    "}, {name: workloads, definitions: [rmsnorm_h16]}]");
    CHECK(r.result.failed);
    REQUIRE(r.result.errors.size() >= 1);
    CHECK(r.result.errors[0].starts_with("stage stage_deeds failed: "));
    CHECK_FALSE(fs::exists(f.path + "/dataset/deed.txt"));
    CHECK(says(r.printed, " workloads of "));
  }
  const Ran r = run_stages(f, "[{name: stage_deeds, deed: errors}]");
  CHECK(r.result.errors ==
        std::vector<std::string>{"stage stage_deeds: the first", "stage stage_deeds: the second"});
}

TEST_CASE("what a stage of a plugin does not take ends the run before it begins") {
  Folder f;
  write_dataset(f);
  const auto error = [&](const std::string& stages) {
    try {
      run_stages(f, stages);
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK(error("[{name: stage_deeds, deed: check_throw}]") ==
        "the stage stage_deeds: deed: no such deed");
  CHECK(says(error("[{name: stage_deeds, sizes: [0]}]"), "must be an integer from 1"));
  CHECK(says(error("[{name: stage_deeds, deeds: x}]"),
             "the stage stage_deeds has no option 'deeds'; did you mean 'deed'?"));
  CHECK(says(error("[stage_deed]"), "unknown stage 'stage_deed'; did you mean 'stage_deeds'?"));
  CHECK_FALSE(fs::exists(f.path + "/dataset/deed.txt"));
}

TEST_CASE("origins of a saved definition are read back") {
  Definition d;
  d.axes = {{"N", 6144, ""}, {"K", 4096, ""}, {"page_size", 64, ""}, {"M", std::nullopt, ""}};
  const auto json = nlohmann::ordered_json::parse(R"({
    "axes": {"N": {"value": 6144, "origin": 3}, "K": {"value": 4096, "origin": 2},
             "page_size": {"value": 64, "origin": 5}},
    "origins": [{"kind": "unknown"},
      {"kind": "literal", "text": "2", "source": "a/b.py:7", "value": 2},
      {"kind": "config", "text": "hidden_size", "source": "config.json", "value": 4096},
      {"kind": "operation", "text": "*", "source": "a/b.py:8", "value": 8192, "inputs": [1, 2]},
      {"kind": "deployment", "text": "page_size", "value": 64},
      {"kind": "form", "text": "as it is", "value": 64, "inputs": [4]}]})");
  const auto origins = read_origins(json, d);
  REQUIRE(origins.size() == 6);
  CHECK(d.axes[0].origin == 3);
  CHECK(origins[3].kind == Origin::Kind::operation);
  CHECK(origins[3].inputs == std::vector<OriginId>{1, 2});
  CHECK(origins[3].file == "a/b.py");
  CHECK(origins[3].line == 8);
  CHECK(origins[2].kind == Origin::Kind::config_field);
  CHECK(origins[2].file == "config.json");
  CHECK(origins[2].value == 4096);
  CHECK(d.axes[2].origin == 4);
  CHECK(d.axes[2].rule == "as it is");
  CHECK(d.axes[3].origin == 0);
  CHECK(
      read_origins(nlohmann::ordered_json::parse(R"({"axes": 3, "origins": [1, 2]})"), d).size() ==
      1);
}

TEST_CASE("bad files are one line with the place") {
  Folder f;
  CHECK(says(f.error("checkpoins: [x]\n"),
             "p.yaml:1:1: unknown key 'checkpoins' in the pipeline; did you mean 'checkpoints'"));
  CHECK(says(f.error("model_name: x\ndeployments:\n  - {tpp: 3}\n"),
             "p.yaml:3:6: unknown key 'tpp' in a deployment; did you mean 'tp'"));
  CHECK(says(f.error("model_name: x\ndeployments: [{tp: -1}]\n"),
             "p.yaml:2:20: 'tp' must be an integer from 1 to 4096"));
  CHECK(says(f.error("model_name: x\ndeployments: [{tp: 99999999999999}]\n"), "'tp' must be"));
  CHECK(says(f.error("model_name: x\ninclude_quantized: maybe\n"),
             "p.yaml:2:20: 'include_quantized' must be true or false"));
  CHECK(says(f.error("model_name: x\nexecution_modes: [train]\n"), "must be prefill or decode"));
  CHECK(says(f.error("model_name: {a: 1}\n"), "must be a text, or a list of them"));
  CHECK(says(f.error("model_name: x\nmodel_name: y\n"), "is defined twice"));
  CHECK(says(f.error("sources: [a]\n"), "has neither"));
  CHECK(says(f.error(""), "is empty"));
  CHECK(says(f.error("- 1\n"), "must be a map"));
  CHECK(says(f.error("a: [1\nb: }"), "is not YAML"));
  CHECK(says(f.error("a: \"unclosed"), "is not YAML"));
  CHECK(says(f.error("checkpoints: [nope]\n"), "p.yaml:1:15"));
  CHECK(says(f.error("model_name: x\n", {"famillies=[a]"}), "did you mean 'families'"));
  CHECK(says(f.error("model_name: x\n", {"nonsense"}), "must be key=value"));
  CHECK(
      says(f.error("model_name: x\nfamilies: [{at_tp: true}]\n"), "p.yaml:2:12: a family must be"));
}

TEST_CASE("cycles, alias bombs, depth") {
  Folder f;
  CHECK(says(f.error("sources: &a [*a]\n"),
             "p.yaml:1:14: the alias refers to a node that contains it"));
  CHECK(says(f.error("a: &a\n  b: *a\n"), "cycle"));
  CHECK(says(f.error("a: *nothing\n"), "is not YAML"));
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) bomb += (k ? "," : "") + before;
    bomb += "]\n";
  }
  CHECK(says(f.error(bomb), "200000 nodes"));
  CHECK(f.error("a: " + std::string(3000, '[')) != "");
}

TEST_CASE("checkpoints that are none") {
  Folder f;
  auto error = [&](const std::string& text) {
    f.write("org--name/config.json", text);
    try {
      find_checkpoint(f.path + "/org--name");
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK(says(error("{\"hidden_size\": 40"), "ends too early"));
  CHECK(says(error("hello"), "is not JSON"));
  CHECK(says(error("[1]"), "must be a JSON object"));
  CHECK(says(error(""), "is empty"));
  CHECK(says(error(std::string(100000, '{')), "deeper"));
  CHECK(says(error("{\"hidden_size\": -1e999999}"), "out of range"));
  CHECK(error("{\"limit\": [0.0, Infinity], \"x\": NaN, \"s\": \"NaN \\\" Infinity\"}").empty());
  CHECK_THROWS_AS(find_checkpoint(f.path), Error);
  CHECK_THROWS_AS(find_checkpoint("../no/such"), Error);
  CHECK_THROWS_AS(find_checkpoint(""), Error);
}

TEST_CASE("sources without the engine, FlashInfer-Bench's repos_config") {
  Folder f;
  CHECK_THROWS_AS(resolve_sources({f.path}), Error);
  CHECK_THROWS_AS(resolve_sources({f.path + "/none"}), Error);
  fs::create_directories(f.path + "/repo/python/sglang");
  f.write("repo/python/sglang/__init__.py", "");
  CHECK(resolve_sources({f.path + "/repo"})[0] == f.path + "/repo/python");
  f.write("repos_config.json", R"({"repositories": {"sglang": {"path": ")" + f.path +
                                   R"(/repo"}}, "definitions_dir": "/d/definitions"})");
  CHECK(sources_of_repos_config(f.path + "/repos_config.json")[0] == f.path + "/repo");
  CHECK(dataset_of_repos_config(f.path + "/repos_config.json") == "/d/definitions");
  f.write("repos_config.json", "{}");
  CHECK_THROWS_AS(sources_of_repos_config(f.path + "/repos_config.json"), Error);
}

TEST_CASE("a source package has a version, a commit and a digest of its Python files") {
  Folder f;
  for (const char* folder : {"repo/.git/refs/heads", "repo/python/engine/sub", "wheel/other",
                             "wheel/other-2.1.dist-info", "cache"})
    fs::create_directories(f.path + "/" + folder);
  f.write("repo/.git/HEAD", "ref: refs/heads/main\n");
  f.write("repo/.git/refs/heads/main", "0123abcd\n");
  f.write("repo/python/engine/__init__.py", "");
  f.write("repo/python/engine/version.py", "__version__ = \"0.9\"  # set by hand\n");
  f.write("repo/python/engine/sub/a.py", "x = 1\n");
  f.write("wheel/other/__init__.py", "");
  f.write("wheel/other-2.1.dist-info/METADATA", "Metadata-Version: 2.1\nVersion: 2.1.post1\n");
  const std::vector<SourceFolder> folders = {{f.path + "/repo/python", "repo"},
                                             {f.path + "/wheel", ""}};
  const auto read = [&] { return source_packages(folders, {}, f.path + "/cache"); };
  const auto first = read();
  REQUIRE(first.size() == 2);
  CHECK(first[0].name == "engine");
  CHECK(first[0].version == "0.9");
  CHECK(first[0].commit == "0123abcd");
  CHECK(first[0].given == "repo");
  CHECK(first[0].files == 3);
  CHECK(first[1].version == "2.1.post1");
  CHECK(first[1].commit.empty());
  CHECK(first[1].given.empty());
  CHECK(first[0].sha256.size() == 64);
  CHECK(read()[0].sha256 == first[0].sha256);  // kept in the cache
  CHECK(source_packages(folders, {}, "")[0].sha256 == first[0].sha256);
  f.write("repo/python/engine/notes.txt", "no source");
  CHECK(read()[0].sha256 == first[0].sha256);
  f.write("repo/python/engine/sub/a.py", "x = 12\n");
  CHECK(read()[0].sha256 != first[0].sha256);
  f.write("repo/python/engine/sub/a.py", "x = 1\n");
  CHECK(read()[0].sha256 == first[0].sha256);
  fs::rename(f.path + "/repo/python/engine/sub/a.py", f.path + "/repo/python/engine/sub/b.py");
  CHECK(read()[0].sha256 != first[0].sha256);
}

TEST_CASE("of a folder with many packages those that are wanted are told") {
  Folder f;
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    fs::create_directories(f.path + "/site/" + name);
    f.write(std::string("site/") + name + "/__init__.py", "");
  }
  const auto found = source_packages({{f.path + "/site", "site"}}, {"d", "x"}, "");
  REQUIRE(found.size() == 1);
  CHECK(found[0].name == "d");
}

TEST_CASE("closest names") {
  CHECK(closest_names("deepseekv3", {"llama", "deepseek_v2", "deepseek_v3"})[0] == "deepseek_v3");
  CHECK(closest_names("zzzzzz", {"llama"}).empty());
}
