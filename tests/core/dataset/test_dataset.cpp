// Deduplication, atomic save under kill -9 and with four writers, refusals, validation.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/dataset/dataset.h"
#include "core/dataset/history.h"
#include "core/dataset/validate.h"
#include "core/definition/json.h"
#include "tests/scratch.h"

using namespace kdex;
namespace fs = std::filesystem;

namespace {
Definition gemm(std::int64_t n, std::int64_t k, const std::string& name = "") {
  Definition d;
  d.name = name.empty() ? "gemm_n" + std::to_string(n) + "_k" + std::to_string(k) : name;
  d.op_type = "gemm";
  d.tags = {"model:a"};
  d.axes = {{"M", std::nullopt, "", 0}, {"N", n, "", 0}, {"K", k, "", 0}};
  d.inputs = {{"A", std::vector<std::string>{"M", "K"}, "float16", ""},
              {"B", std::vector<std::string>{"N", "K"}, "float16", ""}};
  d.outputs = {{"C", std::vector<std::string>{"M", "N"}, "float16", ""}};
  d.reference = "def run(A, B):\n    return A @ B.T\n";
  return d;
}
std::vector<Definition> many(int count) {
  std::vector<Definition> out;
  for (int i = 1; i <= count; ++i) out.push_back(gemm(i, 8));
  return out;
}
struct Folder : ScratchFolder {
  std::string path = at.string();
};
int files(const std::string& dataset) {
  int n = 0;
  for (const auto& e : fs::recursive_directory_iterator(dataset + "/definitions"))
    n += e.is_regular_file() ? 1 : 0;
  return n;
}
pid_t start_writer(const std::string& dataset, int count) {
  pid_t child = ::fork();
  if (child == 0) {
    try {
      save_definitions(dataset, many(count), {});
    } catch (...) {
      ::_exit(1);
    }
    ::_exit(0);
  }
  return child;
}
}  // namespace

TEST_CASE("new, existing, conflict; a second run changes nothing") {
  Folder f;
  auto first = save_definitions(f.path, {gemm(4, 8)}, {});
  CHECK(first[0].status == Saved::Status::added);
  CHECK(first[0].file == "definitions/gemm/gemm_n4_k8.json");
  auto other = gemm(5, 8, "gemm_n4_k8");
  for (int run = 0; run < 2; ++run) {
    auto saved = save_definitions(f.path, {gemm(4, 8), other}, {});
    CHECK(saved[0].status == Saved::Status::existing);
    CHECK(saved[1].status == Saved::Status::conflict);
    CHECK(saved[1].name == "gemm_n4_k8_v2");
    REQUIRE(saved[1].differences.size() == 1);
    CHECK(difference_text(saved[1].differences[0]) == "axes.N: 4 in the dataset, 5 found");
    CHECK(saved[1].written == (run == 0));
  }
  CHECK(files(f.path) == 2);
  CHECK(validate_dataset(f.path).errors.empty());
}

TEST_CASE("what will be written is told before the first file is there") {
  Folder f;
  auto twice = gemm(4, 8);
  twice.met = {"model:b"};
  std::vector<std::string> told;
  const auto saved = save_definitions(f.path, {gemm(4, 8), gemm(5, 8, "gemm_n4_k8"), twice}, {},
                                      [&](const std::vector<Saved>& decided) {
                                        for (const auto& s : decided)
                                          told.push_back(s.name + (s.is_new ? " new" : ""));
                                        CHECK(files(f.path) == 0);
                                      });
  CHECK(told == std::vector<std::string>{"gemm_n4_k8 new", "gemm_n4_k8_v2 new", "gemm_n4_k8"});
  CHECK(saved.size() == 3);
  CHECK(files(f.path) == 2);
}

TEST_CASE(
    "the same kernel under another name is not written again; another reference is another "
    "kernel") {
  Folder f;
  save_definitions(f.path, {gemm(4, 8, "mine")}, {});
  auto saved = save_definitions(f.path, {gemm(4, 8)}, {});
  CHECK(saved[0].status == Saved::Status::existing);
  CHECK(saved[0].name == "mine");
  auto d = gemm(4, 8);
  d.reference += "# another\n";
  saved = save_definitions(f.path, {d}, {});
  CHECK(saved[0].status == Saved::Status::added);
  CHECK(saved[0].like == "mine");
}

TEST_CASE("two of one name that differ in the reference are versions") {
  Folder f;
  auto a = gemm(4, 8), b = gemm(4, 8);
  b.reference += "# eps\n";
  for (int run = 0; run < 2; ++run) {
    auto saved = save_definitions(f.path, {a, b}, {});
    CHECK(saved[1].name == "gemm_n4_k8_v2");
    REQUIRE(saved[1].differences.size() == 1);
    CHECK(difference_text(saved[1].differences[0]) ==
          "reference line 3: nothing in the dataset, # eps found");
  }
  CHECK(files(f.path) == 2);
}

TEST_CASE("what is there gains the tags of where it was met, in any order of the runs") {
  auto met = [](const char* model, const char* tp) {
    auto d = gemm(4, 8);
    d.tags = {"status:unverified", std::string("model:") + model, std::string("tp:") + tp};
    d.met = {d.tags[1], d.tags[2]};
    return d;
  };
  const std::vector<std::string> all = {
      "status:unverified", "model:a", "model:b", "model:c", "tp:2", "tp:8", "tp:16"};
  const std::vector<Definition> found = {met("b", "16"), met("c", "2"), met("a", "8")};
  std::string first;
  for (int turn = 0; turn < 3; ++turn) {
    Folder f;
    for (std::size_t i = 0; i < found.size(); ++i)
      save_definitions(f.path, {found[(i + static_cast<std::size_t>(turn)) % 3]}, {});
    CHECK(read_index(f.path).by_name["gemm_n4_k8"].tags == all);
    const std::string text = read_file(f.path + "/definitions/gemm/gemm_n4_k8.json");
    if (turn == 0) first = text;
    CHECK(text == first);
  }
}

TEST_CASE("tags are not added where asked not to; other tags of what is there stay") {
  Folder f;
  auto d = gemm(4, 8);
  d.tags = {"status:verified", "model:a"};
  save_definitions(f.path, {d}, {});
  d.tags = {"status:unverified", "model:b"};
  auto saved = save_definitions(f.path, {d}, {true, false});
  CHECK_FALSE(saved[0].written);
  CHECK(read_index(f.path).by_name["gemm_n4_k8"].tags ==
        std::vector<std::string>{"status:verified", "model:a"});
  saved = save_definitions(f.path, {d}, {});
  CHECK(saved[0].status == Saved::Status::existing);
  CHECK_FALSE(saved[0].is_new);
  CHECK(read_index(f.path).by_name["gemm_n4_k8"].tags ==
        std::vector<std::string>{"status:verified", "model:a", "model:b"});
}

TEST_CASE("a reference that kdex wrote and that changed is a conflict, somebody else's is not") {
  Folder f;
  save_definitions(f.path, {gemm(4, 8)}, {});
  auto d = gemm(4, 8);
  d.reference = "def run(A, B):\n    return 2 * A @ B.T\n";
  auto saved = save_definitions(f.path, {d}, {});
  CHECK(saved[0].status == Saved::Status::existing);
  REQUIRE(saved[0].differences.size() == 1);
  CHECK(difference_text(saved[0].differences[0]) ==
        "reference line 2:     return A @ B.T in the dataset,     return 2 * A @ B.T found");
  saved = save_definitions(f.path, {d}, {true, true, {"gemm_n4_k8"}});
  CHECK(saved[0].status == Saved::Status::conflict);
  CHECK(saved[0].name == "gemm_n4_k8_v2");
  CHECK(saved[0].is_new);
}

TEST_CASE("of two names for one kernel both are written, whichever came first") {
  const auto a = gemm(4, 8, "a"), b = gemm(4, 8, "b");
  Folder f, g, h;
  save_definitions(f.path, {a, b}, {});
  CHECK(files(f.path) == 2);
  save_definitions(g.path, {b}, {});
  CHECK(save_definitions(g.path, {a}, {true, true, {"b"}})[0].status == Saved::Status::added);
  CHECK(files(g.path) == 2);
  save_definitions(h.path, {b}, {});
  CHECK(save_definitions(h.path, {a}, {})[0].name == "b");
}

TEST_CASE("differences name every axis, tensor and constraint with both values") {
  auto a = gemm(4, 8), b = gemm(5, 8);
  b.axes.push_back({"L", 3, "", 0, "", ""});
  b.inputs[0].dtype = "bfloat16";
  b.outputs[0].shape = {{"M"}};
  b.constraints = {"M > 1"};
  a.constraints = {"M > 0"};
  std::vector<std::string> texts;
  for (const auto& d : differences_of(a, b)) texts.push_back(difference_text(d));
  CHECK(texts == std::vector<std::string>{
                     "axes.N: 4 in the dataset, 5 found", "axes.L: nothing in the dataset, 3 found",
                     "inputs.A: [M, K] float16 in the dataset, [M, K] bfloat16 found",
                     "outputs.C: [M, N] float16 in the dataset, [M] float16 found",
                     "constraints: M > 0 in the dataset, nothing found",
                     "constraints: nothing in the dataset, M > 1 found"});
  b = a;
  std::swap(b.inputs[0], b.inputs[1]);
  REQUIRE(differences_of(a, b).size() == 1);
  CHECK(difference_text(differences_of(a, b)[0]) ==
        "inputs.order: A, B in the dataset, B, A found");
  CHECK(differences_of(a, a).empty());
}

TEST_CASE("the history of a dataset is read as it was written; a broken one is begun anew") {
  Folder f;
  std::string problem;
  CHECK(read_history(f.path, &problem).definitions.empty());
  CHECK(problem.empty());
  History h;
  h.dialect = "official";
  h.runs = {"r1", "r2"};
  h.add("a", "z tp1", "r1");
  h.add("a", "b tp8", "");
  h.add("a", "b tp8", "");
  h.add("foreign", "b tp8", "");
  write_history(DatasetLock(f.path), h);
  const History again = read_history(f.path, &problem);
  CHECK(again.dialect == "official");
  CHECK(again.runs == h.runs);
  CHECK(again.definitions.at("a").written_by == "r1");
  CHECK(again.definitions.at("a").models == std::vector<std::string>{"b tp8", "z tp1"});
  CHECK(written_names(again) == std::set<std::string>{"a"});
  write_file_atomically(f.path + "/.kdex/history.json", "{\"definitions\": 3}");
  CHECK(read_history(f.path, &problem).definitions.empty());
  CHECK(problem.find("history.json") != std::string::npos);
}

TEST_CASE("names that leave the folder, a folder that is a file, a full device") {
  Folder f;
  CHECK_THROWS_AS(save_definitions(f.path, {gemm(1, 1, "../x")}, {}), Error);
  auto d = gemm(1, 1);
  d.op_type = "a/b";
  CHECK_THROWS_AS(save_definitions(f.path, {d}, {}), Error);
  std::ofstream(f.path + "/file") << "x";
  CHECK_THROWS_AS(save_definitions(f.path + "/file", {gemm(1, 1)}, {}), Error);
  CHECK_THROWS_AS(write_file_atomically("/proc/self/x/y", "x"), Error);
  CHECK_FALSE(fs::exists(f.path + "/definitions"));
}

TEST_CASE("kill -9 at 200 random moments leaves whole files, and the next run completes") {
  Folder f;
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    if (round % 20 == 0) fs::remove_all(f.path + "/definitions");
    pid_t child = start_writer(f.path, 40);
    ::usleep(std::uniform_int_distribution<unsigned>(0, 12000)(random));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    auto index = read_index(f.path);
    REQUIRE(index.unreadable.empty());
    for (const auto& [name, file] : index.file_of) {
      auto d = index.by_name[name];
      REQUIRE(read_file(file) == definition_to_json(gemm(*d.axes[1].value, 8)));
    }
  }
  save_definitions(f.path, many(40), {});
  CHECK(files(f.path) == 40);  // and no temporary is left
}

TEST_CASE("four writers at once") {
  Folder f;
  pid_t children[4];
  for (auto& c : children) c = start_writer(f.path, 60);
  for (auto c : children) {
    int status = 1;
    ::waitpid(c, &status, 0);
    CHECK(status == 0);
  }
  CHECK(files(f.path) == 60);
  CHECK(validate_dataset(f.path).errors.empty());
}

TEST_CASE("validation names the file and the field") {
  Folder f;
  CHECK_THROWS_AS(validate_dataset(f.path), Error);
  save_definitions(f.path, {gemm(4, 8)}, {});
  write_file_atomically(f.path + "/definitions/gemm/other.json", definition_to_json(gemm(4, 8)));
  write_file_atomically(f.path + "/definitions/gemm/cut.json", "{\"name\":");
  auto v = validate_dataset(f.path);
  CHECK(v.definitions == 3);
  CHECK(v.errors.size() == 3);  // cut, wrong stem, name twice
}

namespace {

std::vector<std::string> warnings_in(const std::string& dataset) {
  std::vector<std::string> out;
  for (const auto& w : validate_dataset(dataset).warnings)
    out.push_back(w.definition + ": " + w.check + ": " + w.message);
  return out;
}

/// A line of workloads; with a solution, of traces.
std::string line(const std::string& uuid, const std::string& solution = "",
                 const std::string& status = "PASSED", const std::string& a = "") {
  const std::string measured = R"(,"correctness":{"max_relative_error":0,"max_absolute_error":0})";
  const std::string evaluation = R"("evaluation":{"status":")" + status +
                                 R"(","timestamp":"t","environment":{"hardware":"h"})" + measured +
                                 (status == "PASSED" ? R"(,"performance":{"latency_ms":1})" : "") +
                                 "}";
  return R"({"definition":"gemm_n4_k8","workload":{"uuid":")" + uuid +
         R"(","axes":{"M":2},"inputs":{"A":)" + (a.empty() ? R"({"type":"random"})" : a) +
         R"(,"B":{"type":"random"}}})" +
         (solution.empty() ? "" : R"(,"solution":")" + solution + R"(",)" + evaluation) + "}\n";
}

void write(const std::string& file, const std::string& text) {
  fs::create_directories(fs::path(file).parent_path());
  write_file_atomically(file, text);
}

void write_solution(const std::string& dataset, const std::string& author,
                    const std::string& name) {
  write(dataset + "/solutions/" + author + "/gemm/gemm_n4_k8/" + name + ".json",
        R"({"name":")" + name + R"(","definition":"gemm_n4_k8","author":")" + author +
            R"(","sources":[{"path":"m.py","content":"x"}],"spec":{"language":"python",)" +
            R"("target_hardware":["cuda"],"entry_point":"m.py::run"}})");
}

/// A safetensors file with one tensor.
std::string safetensors(const std::string& key, const std::string& shape) {
  std::string header =
      R"({")" + key + R"(":{"dtype":"F16","shape":)" + shape + R"(,"data_offsets":[0,0]}})";
  std::string out(8, '\0');
  out[0] = static_cast<char>(header.size());
  return out + header;
}

}  // namespace

// The words are those of flashinfer_bench/data/validate.py.
TEST_CASE("validation warns of what FlashInfer-Bench's validator warns of") {
  Folder f;
  save_definitions(f.path, {gemm(4, 8)}, {});
  const std::string name = "gemm_n4_k8: ";
  CHECK(warnings_in(f.path) ==
        std::vector<std::string>{name + "definition: missing description",
                                 name + "definition: missing description: axes.M",
                                 name + "definition: missing description: axes.N",
                                 name + "definition: missing description: axes.K",
                                 name + "definition: missing description: inputs.A",
                                 name + "definition: missing description: inputs.B",
                                 name + "definition: missing description: outputs.C",
                                 name + "workload: no workload file found",
                                 name + "baseline: no baseline solution"});
  auto d = gemm(4, 8);
  d.description = "A product.";
  for (auto& a : d.axes) a.description = "An axis.";
  for (auto* list : {&d.inputs, &d.outputs})
    for (auto& t : *list) t.description = "A tensor.";
  save_definitions(f.path, {d}, {.deduplicate = false});
  write(f.path + "/workloads/gemm/gemm_n4_k8.jsonl", line("a") + line("b") + line("c"));
  write_solution(f.path, "baseline", "base");
  CHECK(warnings_in(f.path) == std::vector<std::string>{name + "baseline: trace missing"});
  write_solution(f.path, "me", "mine");
  write(f.path + "/traces/me/gemm/gemm_n4_k8.jsonl", line("a", "mine"));
  write(f.path + "/traces/baseline/gemm/gemm_n4_k8.jsonl",
        line("a", "base") + line("b", "base", "INCORRECT_NUMERICAL"));
  CHECK(warnings_in(f.path) ==
        std::vector<std::string>{name + "trace: baseline missing 1/3 workloads",
                                 name + "trace: me missing 2/3 workloads",
                                 name + "baseline: trace has 1 non-passing entries",
                                 name + "baseline: trace covers 2/3 workloads"});
  CHECK(validate_dataset(f.path).errors.empty());
  write(f.path + "/traces/baseline/gemm/gemm_n4_k8.jsonl",
        line("a", "mine") + line("b", "base") + line("c", "base"));
  CHECK(validate_dataset(f.path).errors ==
        std::vector<std::string>{"gemm_n4_k8: trace references non-baseline solution 'mine'"});
}

TEST_CASE("warnings of many definitions are one line that counts them") {
  std::vector<Warning> many;
  for (const char* name : {"a", "b", "c", "d", "e"}) many.push_back({name, "workload", "none"});
  many.push_back({"a", "trace", "x"});
  CHECK(warning_lines(many) ==
        std::vector<std::string>{"warning: workload: none (a, b, c and 2 more definitions)",
                                 "warning: trace: x (a)"});
}

TEST_CASE("validation looks into the tensors that workloads name, and at every op type") {
  Folder f;
  save_definitions(f.path, {gemm(4, 8)}, {});
  const std::string blob = R"({"type":"safetensors","path":"blob/x.safetensors","tensor_key":"A"})";
  write(f.path + "/workloads/gemm/gemm_n4_k8.jsonl", line("a", "", "", blob));
  const std::string at = "workloads/gemm/gemm_n4_k8.jsonl:1: field 'workload.inputs.A' ";
  const auto only_error = [&] {
    const auto errors = validate_dataset(f.path).errors;
    return errors.size() == 1 ? errors[0] : std::to_string(errors.size()) + " errors";
  };
  CHECK(only_error() == at + "blob missing at blob/x.safetensors");
  write(f.path + "/blob/x.safetensors", safetensors("B", "[2, 8]"));
  CHECK(only_error() == at + "tensor key 'A' not found in blob/x.safetensors");
  write(f.path + "/blob/x.safetensors", safetensors("A", "[2, 9]"));
  CHECK(only_error() == at + "shape mismatch: expected (2, 8), got (2, 9)");
  write(f.path + "/blob/x.safetensors", "short");
  CHECK(only_error().find("blob load failed") != std::string::npos);
  write(f.path + "/blob/x.safetensors", safetensors("A", "[2, 8]"));
  CHECK(validate_dataset(f.path).errors.empty());
  fs::rename(f.path + "/workloads/gemm", f.path + "/workloads/other");
  CHECK(only_error() ==
        "workloads/other/gemm_n4_k8.jsonl: is in 'other' but the op_type of 'gemm_n4_k8' is "
        "'gemm'");
}
