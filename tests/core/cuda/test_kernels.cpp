// Plans, solutions, workloads and verification on bad input; a driver that is none stands for the
// GPU.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/cuda/build.h"
#include "core/cuda/driver.h"
#include "core/cuda/expression.h"
#include "core/cuda/reference.h"
#include "core/cuda/torch_reference.h"
#include "core/cuda/workloads.h"
#include "core/definition/json.h"
#include "core/definition/rules.h"
#include "core/pipeline/verify.h"
#include "core/pipeline/verify/traces.h"

namespace fs = std::filesystem;
using namespace kdex;

namespace {

std::string fresh(const char* name) {
  fs::path folder = fs::temp_directory_path() /
                    (std::string("kdex-kernels-") + name + std::to_string(::getpid()));
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder.string();
}

Definition definition(const std::string& name, const std::string& op, std::vector<Axis> axes,
                      std::vector<TensorSpec> in, std::vector<TensorSpec> out,
                      const std::string& reference = "def run(*a):\n    return a\n") {
  Definition d;
  d.name = name, d.op_type = op, d.axes = std::move(axes), d.inputs = std::move(in),
  d.outputs = std::move(out), d.reference = reference;
  return d;
}
using Shape = std::vector<std::string>;

Definition norm(std::int64_t width) {
  return definition("rmsnorm_h" + std::to_string(width), "rmsnorm",
                    {{"batch_size"}, {"hidden_size", width}},
                    {{"hidden_states", Shape{"batch_size", "hidden_size"}, "bfloat16"},
                     {"weight", Shape{"hidden_size"}, "bfloat16"}},
                    {{"output", Shape{"batch_size", "hidden_size"}, "bfloat16"}},
                    "EPS = 1e-05\ndef run(hidden_states, weight):\n    return weight\n");
}
Definition product(std::int64_t n, std::int64_t k) {
  return definition("gemm_n" + std::to_string(n) + "_k" + std::to_string(k), "gemm",
                    {{"M"}, {"N", n}, {"K", k}},
                    {{"A", Shape{"M", "K"}, "float16"}, {"B", Shape{"N", "K"}, "float16"}},
                    {{"C", Shape{"M", "N"}, "float16"}});
}
Definition decode(std::int64_t width, std::int64_t page) {
  std::vector<TensorSpec> in = {
      {"q", Shape{"batch_size", "num_qo_heads", "head_dim"}, "bfloat16"},
      {"k_cache", Shape{"num_pages", "page_size", "num_kv_heads", "head_dim"}, "bfloat16"},
      {"v_cache", Shape{"num_pages", "page_size", "num_kv_heads", "head_dim"}, "bfloat16"},
      {"kv_indptr", Shape{"len_indptr"}, "int32"},
      {"kv_indices", Shape{"num_kv_indices"}, "int32"}};
  if (page > 1) in.push_back({"kv_last_page_len", Shape{"batch_size"}, "int32"});
  in.push_back({"sm_scale", std::nullopt, "float32"});
  return definition("decode_d" + std::to_string(width) + "_ps" + std::to_string(page), "gqa_paged",
                    {{"batch_size"},
                     {"num_qo_heads", 8},
                     {"num_kv_heads", 2},
                     {"head_dim", width},
                     {"num_pages"},
                     {"page_size", page},
                     {"len_indptr"},
                     {"num_kv_indices"}},
                    std::move(in),
                    {{"output", Shape{"batch_size", "num_qo_heads", "head_dim"}, "bfloat16"},
                     {"lse", Shape{"batch_size", "num_qo_heads"}, "float32"}});
}

const std::vector<LoadedFamily>& families() {
  static const LoadedPlugins loaded = load_plugins({KDEX_TEST_PLUGINS});
  return loaded.families;
}
KnownForm form_of(const Definition& d) {
  KnownForm known = known_form(families(), d);
  if (known.form == nullptr) throw Error(known.why, d.name);
  return known;
}
std::vector<cuda::Workload> workloads_of(const Definition& d) {
  const KnownForm known = form_of(d);
  return cuda::make_workloads(d, *known.form, known.params);
}
std::vector<Expected> samples_of(const Definition& d, const CallInputs& in, std::uint64_t seed,
                                 int threads) {
  const KnownForm known = form_of(d);
  return cuda::reference_samples(*known.form, known.params, in, seed, threads);
}
KernelPlan plan(const Definition& d, const std::string& arch = "sm_90a") {
  std::string family;
  return plan_kernel(families(), d, Chip(arch), family);
}
std::string dataset_with(const char* name, const Definition& d) {
  const std::string folder = fresh(name);
  save_definitions(folder, {d}, {});
  return folder;
}

}  // namespace

TEST_CASE("sizes that a kernel cannot take are refused in one line") {
  for (std::int64_t width : {0, 513})
    CHECK(plan(decode(width, 64)).why_not ==
          "gqa: head_dim " + std::to_string(width) + " is not 1 to 512");
  CHECK(plan(decode(128, 3)).why_not == "gqa: page_size 3 is not a power of two");
  CHECK(plan(product(0, 4096)).why_not == "gemm: N 0 and K 4096 must be at least 1");
  CHECK(plan(product(5000000, 64)).why_not ==
        "gemm: N 5000000 is over 4194240 (a grid of tiles of 64)");
  CHECK(plan(norm(4101)).available);
  CHECK(plan(norm(65544)).why_not == "rmsnorm: hidden_size 65544 is over 65536 (registers)");
  CHECK(plan(definition("x", "rope", {}, {}, {})).why_not ==
        "no family has a kernel of op type rope");
  for (const char* arch : {"sm_80", "sm_89", "sm_90a", "sm_100", "sm_120"})
    for (const auto& d : {norm(4096), product(256, 7168), product(4097, 4100), decode(128, 64),
                          decode(128, 1), decode(80, 64), decode(73, 64), decode(512, 1)}) {
      CAPTURE(d.name + " " + arch);
      CHECK(plan(d, arch).available);
    }
}

TEST_CASE("every M has one product, whatever the device") {
  for (const char* arch : {"sm_80", "sm_90a"})
    for (auto [n, k] :
         {std::pair{256, 7168}, {4096, 4096}, {28672, 4096}, {128, 64}, {2048, 5376}}) {
      KernelPlan p = plan(product(n, k), arch);
      REQUIRE(p.available);
      for (std::int64_t m :
           {1, 2, 4, 5, 8, 9, 16, 17, 33, 64, 65, 128, 129, 256, 257, 1000, 1024, 4096, 8192})
        for (std::int64_t sms : {108, 114, 132, 148}) {
          auto names = cuda::with_values(p, {{"M", m}, {"N", n}, {"K", k}, {"sms", sms}});
          int launched = 0;
          for (const auto& l : p.launches) launched += cuda::evaluate(l.when, names) != 0;
          CHECK_MESSAGE(launched == 1,
                        arch << " n " << n << " k " << k << " m " << m << " sms " << sms);
        }
    }
}

TEST_CASE("architectures") {
  CHECK(cuda::arch_name("9.0a") == "sm_90a");
  CHECK(cuda::arch_name("120") == "sm_120");
  CHECK_THROWS_WITH_AS(cuda::arch_name("sm_75"), doctest::Contains("too old"), Error);
  CHECK_THROWS_WITH_AS(cuda::arch_name("hopper"), doctest::Contains("unknown architecture"), Error);
}

TEST_CASE("a solution is one that FlashInfer-Bench loads") {
  const auto texts = cuda::read_kernels("kernels");
  // nvcc reads a pragma of a template after a unit's macros are undefined again: counts must be
  // numbers or C++ constants.
  for (const auto& [name, text] : texts)
    for (std::size_t at = 0; (at = text.find("#pragma unroll", at)) != std::string::npos;
         at += 14) {
      const std::string line = text.substr(at, text.find('\n', at) - at),
                        count = line.substr(std::min<std::size_t>(line.size(), 15));
      CHECK_MESSAGE(
          (count.empty() ||
           (count[0] == 'k'
                ? count.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
                : count.find_first_not_of("0123456789")) == std::string::npos),
          name << ": " << line);
    }
  // In a solution headers are included once, before all units: a unit's own function of a name that
  // one of them has would hide all of that name, and a macro of a unit would be seen by the next.
  auto functions = [](const std::string& text) {
    std::set<std::string> names;
    const std::regex function(
        "(?:^|\n)(?:\\[\\[maybe_unused\\]\\] )?__device__ __forceinline__ [^(;\n]*?(\\w+)\\(");
    for (std::sregex_iterator i(text.begin(), text.end(), function), end; i != end; ++i)
      names.insert((*i)[1]);
    return names;
  };
  CHECK(functions(texts.at("device/copy.cuh")).contains("cp_async_4"));
  for (const auto& [name, text] : texts) {
    if (!name.ends_with(".cu")) continue;
    CHECK_MESSAGE(text.find("#define") == std::string::npos, name << " defines a macro");
    for (const auto& header : cuda::included_headers(texts, name, text)) {
      const auto common = functions(texts.at(header));
      for (const auto& f : functions(text))
        CHECK_MESSAGE(!common.contains(f), name << ": " << f << " is a function of " << header);
    }
  }
  for (const auto& d : {norm(4096), product(4096, 4096), decode(128, 64)}) {
    KernelPlan hopper = plan(d, "sm_90a"), portable = plan(d, "sm_89");
    auto s = cuda::make_solution(d, {&hopper, &portable}, texts);
    for (const auto& problem : check_solution(s)) FAIL(problem.where << " " << problem.what);
    CHECK(s["spec"]["entry_point"] == "kernel.cu::run");
    CHECK(s["sources"][0]["content"].get<std::string>().find("TVM_FFI_DLL_EXPORT_TYPED_FUNC(run") !=
          std::string::npos);
    // The kernels' own texts, unedited; functions of C linkage would be one in all namespaces, so
    // the linkage is a macro's (device/launch.cuh).
    for (const auto& source : s["sources"]) {
      std::string path = source["path"];
      if (path == "kernel.cu") continue;
      if (path.ends_with(".inl")) path.replace(path.size() - 4, 4, ".cu");
      CHECK(source["content"] == texts.at(path));
      CHECK_MESSAGE((path == "device/launch.cuh" || source["content"].get<std::string>().find(
                                                        "extern \"C\"") == std::string::npos),
                    path);
    }
    // What only sm_90a has must vanish where nvcc compiles for plain sm_90, as tvm-ffi does unless
    // it is told more.
    for (const auto& source : s["sources"]) {
      const std::string text = source["content"];
      for (std::size_t at = 0; (at = text.find("asm volatile(", at)) != std::string::npos;
           at += 13) {
        const std::string statement = text.substr(at, text.find(";\n", at) - at);
        if (statement.starts_with("asm volatile(__VA_ARGS__)")) continue;  // KDEX_ASM_90A itself
        for (const char* word : {"wgmma", "setmaxnreg", "cp.async.bulk", "mbarrier",
                                 "griddepcontrol", "barrier.cluster", "stmatrix"})
          CHECK_MESSAGE(statement.find(word) == std::string::npos, source["path"].get<std::string>()
                                                                       << ": " << statement);
      }
    }
  }
}

TEST_CASE("a unit's headers are those it includes, and its key follows them") {
  cuda::KernelTexts texts = {{"f/k.cu", "#include \"../device/a.cuh\"\n  #  include \"own.cuh\"\n"},
                             {"f/own.cuh", "#include <cuda.h>\n#include \"../device/b.cuh\""},
                             {"device/a.cuh", "#pragma once\n#include \"b.cuh\"\n"},
                             {"device/b.cuh", ""},
                             {"device/other.cuh", ""}};
  CHECK(cuda::included_headers(texts, "f/k.cu", texts["f/k.cu"]) ==
        std::vector<std::string>{"device/b.cuh", "device/a.cuh", "f/own.cuh"});
  auto key = [&] { return cuda::UnitKeys(texts, "13.0", {}).key({"f/k.cu", "", {}, {}}, "sm_80"); };
  const std::string before = key();
  texts["device/other.cuh"] = "// not included";
  CHECK(key() == before);
  texts["device/b.cuh"] = "// included by two";
  CHECK(key() != before);
}

TEST_CASE("workloads obey the definition") {
  for (const auto& d : {decode(128, 64), decode(128, 1), norm(512), product(512, 512)}) {
    auto all = workloads_of(d);
    CHECK(all.size() >= 5);
    CHECK(all[0].uuid == workloads_of(d)[0].uuid);
    for (const auto& w : all) {
      for (const auto& p :
           check_trace(cuda::workload_json(d, w, cuda::workload_blob(d, w)), &d, true))
        FAIL(p.where << " " << p.what);
      for (const auto& [name, in] : w.inputs)
        if (name == "kv_indptr") {
          const auto n = in.tensor.elements();
          CHECK(n == w.axes.at("len_indptr"));
          CHECK(cuda::value_at(in.tensor.bytes.data(), "int32", n - 1) ==
                static_cast<double>(w.axes.at("num_kv_indices")));
        }
    }
  }
  CHECK_THROWS_WITH_AS(
      workloads_of(definition("x", "y", {{"z"}}, {{"a", Shape{"z"}, "float32"}}, {})),
      doctest::Contains("no family has a form of op type y"), Error);
}

TEST_CASE("an output that should be all zeros shows nothing") {
  const cuda::HostTensor got{"float32", {2}, std::string(8, '\0')};
  CHECK(cuda::compare(got, {"y", {0, 1}, {0, 0}}).size == 0);
  CHECK(cuda::compare(got, {"y", {0, 1}, {0, 3}}).size == doctest::Approx(3));
  CHECK(cuda::compare(got, {"y", {0, 1}, {0, 3}}).frobenius == doctest::Approx(1));
}

TEST_CASE("a trace says of a run that was not timed that it has no latency") {
  const Definition d = norm(512);
  const std::string dataset = dataset_with("untimed", d);
  const KnownForm form = form_of(d);
  const auto read = verify::read_workloads(dataset, d, form);
  VerifyReport report;
  report.device = "a device";
  for (const double seconds : {0.0, 2e-6}) {
    std::vector<VerifyRow> rows;
    for (const auto& w : read.workloads) {
      VerifyRow row;
      row.workload = w.uuid, row.status = "PASSED", row.seconds = seconds;
      rows.push_back(row);
    }
    CHECK(verify::write_traces(dataset, d, rows, read.lines, "kdex", report) ==
          static_cast<int>(rows.size()));
    const std::string text = read_file(dataset + "/traces/kdex/rmsnorm/rmsnorm_h512.jsonl");
    const auto line = parse_json(text.substr(0, text.find('\n')), "trace");
    for (const auto& p : check_trace(line, &d, false)) FAIL(p.where << " " << p.what);
    const auto& e = line["evaluation"];
    CHECK(e["performance"]["latency_ms"] == seconds * 1e3);
    const bool said = e["log"].get<std::string>().find("no measurement") != std::string::npos;
    CHECK(said == (seconds == 0));
  }
}

TEST_CASE("safetensors come back, damaged ones are named") {
  cuda::HostTensor t{"bfloat16", {2, 3}, std::string(12, '\1')};
  std::string file = cuda::to_safetensors({{"x", t}});
  CHECK(cuda::from_safetensors(file, "x", "f").bytes == t.bytes);
  CHECK_THROWS_WITH_AS(cuda::from_safetensors(file, "y", "f"),
                       doctest::Contains("holds no tensor 'y'"), Error);
  CHECK_THROWS_AS(cuda::from_safetensors(file.substr(0, file.size() - 1), "x", "f"), Error);
  CHECK_THROWS_AS(cuda::from_safetensors("short", "x", "f"), Error);
}

TEST_CASE("the small floats") {
  // e4m3fn: 448 is the largest, 2^-9 the smallest; e5m2 has infinities (OCP 8-bit floating
  // point, 1.0).
  unsigned char b = 0x7e;
  CHECK(cuda::value_at(&b, "float8_e4m3fn", 0) == 448);
  b = 1;
  CHECK(cuda::value_at(&b, "float8_e4m3fn", 0) == 0x1p-9);
  b = 0x7c;
  CHECK(std::isinf(cuda::value_at(&b, "float8_e5m2", 0)));
  for (const char* type : {"float16", "bfloat16", "float8_e4m3fn", "float8_e5m2"})
    for (unsigned bits = 0; bits < (cuda::dtype_bytes(type) == 1 ? 256u : 65536u); ++bits) {
      std::uint16_t in = static_cast<std::uint16_t>(bits), out = 0;
      const double v = cuda::value_at(&in, type, 0);
      if (std::isnan(v)) continue;
      cuda::set_value(&out, type, 0, v);
      if (in != out) FAIL(type << " " << bits << " gives " << out);
    }
}

TEST_CASE("a product reads B as it is stored") {
  // A is one row of (1, 2), B's two columns are (3, 4) and (5, 6).
  for (bool columns : {false, true}) {
    Definition d = product(2, 2);
    for (auto& t : d.inputs) t.dtype = "float32";
    for (auto& t : d.outputs) t.dtype = "float32";
    if (columns) d.inputs[1].shape = Shape{"K", "N"}, d.op_type = "gemm_fp32";
    cuda::HostTensor a{"float32", {1, 2}, std::string(8, '\0')},
        b{"float32", {2, 2}, std::string(16, '\0')};
    for (int i = 0; i < 2; ++i) cuda::set_value(a.bytes.data(), "float32", i, 1 + i);
    for (int n = 0; n < 2; ++n)
      for (int k = 0; k < 2; ++k)
        cuda::set_value(b.bytes.data(), "float32", columns ? k * 2 + n : n * 2 + k, 3 + 2 * n + k);
    auto got = samples_of(d, {{{"A", &a}, {"B", &b}}, {}}, 1, 1);
    CHECK(got.at(0).elements == std::vector<std::int64_t>{0, 1});
    CHECK(got.at(0).values == std::vector<double>{11, 17});
  }
}

namespace {

/// Checks that attention over `keys` keys, of which the last is in page 1, gives its value there.
void check_last_value(const Definition& d, int keys) {
  auto tensor = [](const char* type, std::vector<std::int64_t> shape) {
    cuda::HostTensor t{type, std::move(shape), ""};
    t.bytes.resize(static_cast<std::size_t>(t.elements()) * cuda::dtype_bytes(type));
    return t;
  };
  auto q = tensor("bfloat16", {1, 8, 64}), k = tensor("bfloat16", {2, 1, 2, 64}), v = k,
       indptr = tensor("int32", {2}), indices = tensor("int32", {keys});
  cuda::fill_random(q.bytes.data(), "bfloat16", q.elements(), 1);
  cuda::fill_random(k.bytes.data(), "bfloat16", k.elements(), 2);
  cuda::fill_random(v.bytes.data(), "bfloat16", v.elements(), 3);
  cuda::set_value(indptr.bytes.data(), "int32", 1, keys);
  cuda::set_value(indices.bytes.data(), "int32", keys - 1, 1);
  auto got = samples_of(d,
                        {{{"q", &q},
                          {"k_cache", &k},
                          {"v_cache", &v},
                          {"kv_indptr", &indptr},
                          {"kv_indices", &indices}},
                         {{"sm_scale", 0.125}}},
                        5, 2);
  REQUIRE(got.size() == 2);
  for (std::size_t i = 0; i < got[0].elements.size(); ++i) {
    const std::int64_t e = got[0].elements[i], head = e / 64;
    CHECK(got[0].values[i] == doctest::Approx(cuda::value_at(v.bytes.data(), "bfloat16",
                                                             128 + head / 4 * 64 + e % 64)));
  }
}

}  // namespace

TEST_CASE("attention over one key is that key's value") { check_last_value(decode(64, 1), 1); }

TEST_CASE("a window hides the keys before it") {
  // Two keys of one head, the window holds one: the output is the last key's value.
  Definition d = decode(64, 1);
  d.reference = "WINDOW_LEFT = 0\n" + d.reference;
  check_last_value(d, 2);
}

TEST_CASE("the scales of a quantized latent cache") {
  // One key: the output is its latent with its scales, the lse its logit.
  Definition d =
      definition("latent", "mla_paged",
                 {{"batch_size"},
                  {"num_qo_heads", 2},
                  {"head_dim_ckv", 128},
                  {"head_dim_kpe", 64},
                  {"num_pages"},
                  {"page_size", 1},
                  {"ckv_scale_groups"},
                  {"len_indptr"},
                  {"num_kv_indices"}},
                 {{"q_nope", Shape{"batch_size", "num_qo_heads", "head_dim_ckv"}, "bfloat16"},
                  {"q_pe", Shape{"batch_size", "num_qo_heads", "head_dim_kpe"}, "bfloat16"},
                  {"ckv_cache", Shape{"num_pages", "page_size", "head_dim_ckv"}, "bfloat16"},
                  {"kpe_cache", Shape{"num_pages", "page_size", "head_dim_kpe"}, "bfloat16"},
                  {"kv_indptr", Shape{"len_indptr"}, "int32"},
                  {"kv_indices", Shape{"num_kv_indices"}, "int32"},
                  {"sm_scale", std::nullopt, "float32"},
                  {"ckv_scale", std::nullopt, "float32"},
                  {"ckv_scale_arr", Shape{"num_pages", "page_size", "ckv_scale_groups"}, "float32"},
                  {"kpe_scale", std::nullopt, "float32"},
                  {"return_lse", std::nullopt, "int32"}},
                 {{"output", Shape{"batch_size", "num_qo_heads", "head_dim_ckv"}, "bfloat16"},
                  {"lse", Shape{"batch_size", "num_qo_heads"}, "float32"}});
  auto tensor = [](const char* type, std::vector<std::int64_t> shape, std::uint64_t seed) {
    cuda::HostTensor t{type, std::move(shape), ""};
    t.bytes.resize(static_cast<std::size_t>(t.elements()) * cuda::dtype_bytes(type));
    if (seed) cuda::fill_random(t.bytes.data(), type, t.elements(), seed);
    return t;
  };
  auto q = tensor("bfloat16", {1, 2, 128}, 1), q_pe = tensor("bfloat16", {1, 2, 64}, 2),
       c = tensor("bfloat16", {2, 1, 128}, 3), r = tensor("bfloat16", {2, 1, 64}, 4),
       scales = tensor("float32", {2, 1, 4}, 0), indptr = tensor("int32", {2}, 0),
       indices = tensor("int32", {1}, 0);
  for (int i = 0; i < 8; ++i) cuda::set_value(scales.bytes.data(), "float32", i, 0.5 + i);
  cuda::set_value(indptr.bytes.data(), "int32", 1, 1);
  cuda::set_value(indices.bytes.data(), "int32", 0, 1);
  auto got = samples_of(d,
                        {{{"q_nope", &q},
                          {"q_pe", &q_pe},
                          {"ckv_cache", &c},
                          {"kpe_cache", &r},
                          {"ckv_scale_arr", &scales},
                          {"kv_indptr", &indptr},
                          {"kv_indices", &indices}},
                         {{"sm_scale", 0.125}, {"ckv_scale", 0.75}, {"kpe_scale", 1.25}}},
                        5, 1);
  REQUIRE(got.size() == 2);
  auto latent = [&](std::int64_t i) {
    return cuda::value_at(c.bytes.data(), "bfloat16", 128 + i) * 0.75 *
           (4.5 + static_cast<double>(i / 32));
  };
  REQUIRE(got[0].elements.size() == 256);
  for (std::size_t i = 0; i < 256; ++i)
    CHECK(got[0].values[i] == doctest::Approx(latent(got[0].elements[i] % 128)));
  for (std::int64_t h = 0; h < 2; ++h) {
    double logit = 0;
    for (std::int64_t i = 0; i < 128; ++i)
      logit += cuda::value_at(q.bytes.data(), "bfloat16", h * 128 + i) * latent(i);
    for (std::int64_t i = 0; i < 64; ++i)
      logit += cuda::value_at(q_pe.bytes.data(), "bfloat16", h * 64 + i) *
               cuda::value_at(r.bytes.data(), "bfloat16", 64 + i) * 1.25;
    CHECK(got[1].values[static_cast<std::size_t>(h)] ==
          doctest::Approx(logit * 0.125 / std::log(2.0)));
  }
}

TEST_CASE("the definition's own reference under python3") {
  const std::string folder = fresh("torch");
  std::unique_ptr<cuda::TorchReference> torch;
  try {
    torch = std::make_unique<cuda::TorchReference>(folder);
  } catch (const Error& e) {
    MESSAGE("not run: " << e.what());
    return;
  }
  Definition d = norm(64);
  d.reference =
      "import torch\nEPS = 1e-05\ndef run(hidden_states, weight):\n    print('noise')\n    x = "
      "hidden_states.to(torch.float32)\n"
      "    y = x / torch.sqrt((x * x).mean(dim=1, keepdim=True) + EPS) * "
      "weight.to(torch.float32)\n    return y.to(hidden_states.dtype)\n";
  cuda::HostTensor x{"bfloat16", {5, 64}, std::string(5 * 64 * 2, '\0')},
      w{"bfloat16", {64}, std::string(64 * 2, '\0')}, y = x;
  cuda::fill_random(x.bytes.data(), "bfloat16", x.elements(), 1);
  cuda::fill_random(w.bytes.data(), "bfloat16", w.elements(), 2);
  auto want = samples_of(d, {{{"hidden_states", &x}, {"weight", &w}}, {}}, 3, 1);
  REQUIRE(want.at(0).elements.size() == 5 * 64);
  for (std::size_t i = 0; i < 5 * 64; ++i)
    cuda::set_value(y.bytes.data(), "bfloat16", want[0].elements[i], want[0].values[i]);
  const std::vector<cuda::SharedTensor> in = {{"hidden_states", "bfloat16", x.shape, "", &x},
                                              {"weight", "bfloat16", w.shape, "", &w}};
  auto compare = [&] {
    return torch->compare(d, in, {}, {{"output", "bfloat16", y.shape, "", &y}}).at(0);
  };
  // Rounding to 8 bits of mantissa leaves at most 2^-9 of each value.
  CHECK(compare().frobenius < 0x1p-9);
  CHECK(compare().frobenius > 0x1p-14);
  CHECK(compare().finite);
  cuda::set_value(y.bytes.data(), "bfloat16", 70,
                  cuda::value_at(y.bytes.data(), "bfloat16", 70) + 1000);
  CHECK(compare().frobenius > 1);
  cuda::set_value(y.bytes.data(), "bfloat16", 70, std::nan(""));
  CHECK_FALSE(compare().finite);
  d.reference = "def run(hidden_states, weight):\n    raise ValueError('of two\\nlines')\n";
  CHECK_THROWS_WITH_AS(
      compare(), doctest::Contains("its reference failed under python3: ValueError: of two lines"),
      Error);
  d.reference = "import sys\ndef run(hidden_states, weight):\n    return hidden_states[:3]\n";
  CHECK_THROWS_WITH_AS(compare(), doctest::Contains("shape (3, 64), not (5, 64)"), Error);
  d.reference = "import os\ndef run(hidden_states, weight):\n    os._exit(0)\n";
  CHECK_THROWS_WITH_AS(compare(), doctest::Contains("ended without an answer"), Error);
}

TEST_CASE("NVRTC of pip's wheels: the folders of both layouts") {
  std::string library;
  try {
    library = cuda::Nvrtc().library();
  } catch (const Error& e) {
    MESSAGE("not run: " << e.what());
    return;
  }
  const fs::path include = cuda::Nvrtc().include_folders().empty()
                               ? fs::path()
                               : fs::path(cuda::Nvrtc().include_folders()[0]);
  if (include.empty() || !fs::exists(library)) {
    MESSAGE("not run: NVRTC is on the loader's path only");
    return;
  }
  for (const char* layout : {"cu12", "cu13"}) {
    CAPTURE(std::string(layout));
    const fs::path home = fresh("wheels");
    const bool one = std::string(layout) == "cu12";  // a folder a wheel; from 13 on one for all
    const fs::path lib = home / (one ? "cuda_nvrtc/lib" : "cu13/lib"),
                   headers = home / (one ? "cuda_runtime/include" : "cu13/include");
    fs::create_directories(lib), fs::create_directories(headers.parent_path());
    fs::create_symlink(fs::canonical(library), lib / "libnvrtc.so.13");
    fs::create_directory_symlink(include, headers);
    cuda::Nvrtc nvrtc(home.string());
    CHECK(nvrtc.library() == (lib / "libnvrtc.so.13").string());
    REQUIRE(nvrtc.include_folders().size() == 1);
    auto done =
        nvrtc.compile({"#include <cuda_bf16.h>\nextern \"C\" __global__ void k(__nv_bfloat16* x) { "
                       "x[0] = x[1]; }",
                       "k.cu",
                       "sm_90a",
                       {},
                       false});
    CHECK_MESSAGE(done.ok(), done.error);
  }
}

TEST_CASE("two processes build at once, and the cache then serves both") {
  const std::string dataset = dataset_with("race", norm(512)), cache = fresh("race-cache");
  ::setenv("KDEX_CACHE", cache.c_str(), 1);
  try {
    cuda::Nvrtc nvrtc;
  } catch (const Error& e) {
    MESSAGE("not run: " << e.what());
    return;
  }
  KernelsOptions o;
  o.dataset = dataset;
  std::vector<pid_t> children;
  for (int i = 0; i < 2; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      int status = 1;
      try {
        auto r = build_kernels(o);
        status = r.errors.empty() && r.kernels.at(0).compiled ? 0 : 1;
      } catch (...) {
      }
      ::_exit(status);
    }
    children.push_back(child);
  }
  for (pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
  }
  auto again = build_kernels(o);
  REQUIRE(again.units.size() == 1);
  CHECK(again.units[0].cached);
  CHECK(again.solutions_same == 1);
  // A truncated cubin is built anew.
  for (const auto& entry : fs::directory_iterator(cache + "/cubins"))
    if (entry.path().filename().string().find('-') == std::string::npos)
      fs::resize_file(entry.path(), entry.file_size() / 2);
  auto repaired = build_kernels(o);
  CHECK_FALSE(repaired.units[0].cached);
  CHECK(repaired.kernels[0].compiled);
  // An architecture that NVRTC does not know.
  o.archs = {"sm_199"};
  auto unknown = build_kernels(o);
  REQUIRE(unknown.errors.size() == 1);
  CHECK(unknown.errors[0].find("does not know sm_199") != std::string::npos);
  // No NVRTC.
  o.archs = {"sm_90a"};
  o.cuda_home = "/nonexistent";
  CHECK_THROWS_WITH_AS(build_kernels(o), doctest::Contains("NVRTC was not found"), Error);
}

#ifdef KDEX_TEST_PROGRAM
TEST_CASE("a device that is too small, that faults, that crashes, that computes nothing") {
  // Run again with the fake driver first in the loader's path, which is read at start. The cubin is
  // built before: NVRTC asks a driver that it finds.
  VerifyOptions v;
  v.seed = 1;
  v.worker_program = KDEX_TEST_PROGRAM;
  if (std::getenv("KDEX_FAKE_DATASET") == nullptr) {
    v.kernels.dataset = dataset_with("fake", norm(4096));
    ::setenv("KDEX_CACHE", fresh("fake-cache").c_str(), 1);
    try {
      build_kernels(v.kernels);
    } catch (const Error& e) {
      MESSAGE("not run: " << e.what());
      return;
    }
    ::setenv("KDEX_FAKE_DATASET", v.kernels.dataset.c_str(), 1);
    ::setenv("LD_LIBRARY_PATH", KDEX_TEST_FAKE_DRIVER, 1);
    const std::string self = fs::read_symlink("/proc/self/exe").string();
    CHECK(std::system(("'" + self + "' -tc='a device that is too small*'").c_str()) == 0);
    return;
  }
  const std::string dataset = v.kernels.dataset = std::getenv("KDEX_FAKE_DATASET");
  const std::string solution =
      dataset + "/solutions/kdex/rmsnorm/rmsnorm_h4096/kdex_rmsnorm_h4096.json";
  REQUIRE(fs::exists(solution));

  // 2 MiB are for random data; rows of 8 KiB from 1000 on do not fit beside it.
  ::setenv("KDEX_FAKE_MEMORY", "6000000", 1);
  auto r = verify_kernels(v);
  REQUIRE(r.rows.size() == 6);
  CHECK(r.rows.back().status == "RUNTIME_ERROR");
  CHECK(r.rows.back().log.find("the GPU is out of memory") != std::string::npos);
  ::unsetenv("KDEX_FAKE_MEMORY");

  ::setenv("KDEX_FAKE_FAULT", "1", 1);
  r = verify_kernels(v);
  CHECK(r.rows[0].status == "RUNTIME_ERROR");
  CHECK(r.rows[0].log.find("illegal memory access") != std::string::npos);
  ::unsetenv("KDEX_FAKE_FAULT");

  for (int workers : {1, 3}) {
    v.workers = workers;
    ::setenv("KDEX_FAKE_CRASH", "1", 1);
    r = verify_kernels(v);
    REQUIRE(r.rows.size() == 6);
    for (const auto& row : r.rows) {
      CHECK(row.status == "RUNTIME_ERROR");
      CHECK(row.log.find("signal 9") != std::string::npos);
    }
    ::unsetenv("KDEX_FAKE_CRASH");
  }
  // No room beside the others: tried again alone, and still none.
  ::setenv("KDEX_FAKE_MEMORY", "6000000", 1);
  r = verify_kernels(v);
  REQUIRE(r.rows.size() == 6);
  CHECK(r.rows.back().log.find("the GPU is out of memory") != std::string::npos);
  ::unsetenv("KDEX_FAKE_MEMORY");
  v.workers = 1;

  // A kernel that does not end.
  ::setenv("KDEX_FAKE_HANG", "1", 1);
  v.timeout_seconds = 1;
  r = verify_kernels(v);
  REQUIRE(r.rows.size() == 6);
  CHECK(r.rows[0].status == "TIMEOUT");
  CHECK(r.rows[0].log == "no answer in 1 s");
  ::unsetenv("KDEX_FAKE_HANG");
  v.timeout_seconds = 300;

  // Launches that write nothing leave the poison: wrong, and the solution is withdrawn until it
  // passes.
  build_kernels(v.kernels);
  r = verify_kernels(v);
  CHECK(r.rows[0].status == "INCORRECT_NUMERICAL");
  CHECK(r.rows[0].log.find("not all values are finite") != std::string::npos);
  CHECK_FALSE(fs::exists(solution));
  auto built = build_kernels(v.kernels);
  CHECK(built.solutions_withheld == 1);
  CHECK(built.errors.at(0).find("failed verification") != std::string::npos);
  CHECK_FALSE(fs::exists(solution));
  const std::string traces = read_file(dataset + "/traces/kdex/rmsnorm/rmsnorm_h4096.jsonl");
  CHECK(std::count(traces.begin(), traces.end(), '\n') == 6);  // of the last run alone

  ::setenv("KDEX_FAKE_NO_DEVICE", "1", 1);
  CHECK_THROWS_WITH_AS(verify_kernels(v), doctest::Contains("no CUDA-capable device"), Error);
}
#endif
