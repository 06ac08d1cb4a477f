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
#include "core/dataset/validate.h"
#include "core/definition/json.h"

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
struct Folder {
  std::string path;
  Folder() {
    std::string t = (fs::temp_directory_path() / "kdex-test-XXXXXX").string();
    path = ::mkdtemp(t.data());
  }
  ~Folder() {
    std::error_code e;
    fs::remove_all(path, e);
  }
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
    CHECK(saved[1].fields == std::vector<std::string>{"axes"});
    CHECK(saved[1].written == (run == 0));
  }
  CHECK(files(f.path) == 2);
  CHECK(validate_dataset(f.path).errors.empty());
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
    CHECK(saved[1].fields == std::vector<std::string>{"reference"});
  }
  CHECK(files(f.path) == 2);
}

TEST_CASE("tags are added only where asked") {
  Folder f;
  save_definitions(f.path, {gemm(4, 8)}, {});
  auto d = gemm(4, 8);
  d.tags = {"model:b"};
  save_definitions(f.path, {d}, {});
  CHECK(read_index(f.path).by_name["gemm_n4_k8"].tags.size() == 1);
  save_definitions(f.path, {d}, {true, true});
  CHECK(read_index(f.path).by_name["gemm_n4_k8"].tags ==
        std::vector<std::string>{"model:a", "model:b"});
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
