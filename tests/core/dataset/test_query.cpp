// Conditions over rows, and a dataset's definitions as rows.
#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>

#include <kdex/error.h>

#include "core/dataset/dataset.h"
#include "core/dataset/history.h"
#include "core/dataset/listing.h"
#include "core/dataset/query.h"
#include "tests/scratch.h"

using namespace kdex;

namespace {

const std::vector<std::string> kColumns = {"name", "op_type", "N", "K", "models"};

bool holds(const std::string& text) {
  const std::map<std::string, Cell> row = {{"name", "a_n8_k4"},
                                           {"op_type", "a"},
                                           {"N", 8.0},
                                           {"models", std::vector<std::string>{"x/y-1", "z"}}};
  return RowCondition(text, kColumns).holds([&](const std::string& column) {
    const auto it = row.find(column);
    return it == row.end() ? Cell{} : it->second;
  });
}

std::string error_of(const std::string& text) {
  try {
    RowCondition(text, kColumns);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

Definition product(const std::string& name, std::int64_t n, std::int64_t k) {
  Definition d;
  d.name = name;
  d.op_type = "product";
  d.tags = {"model:m", "model:o"};
  d.axes = {{"M", {}, ""}, {"N", n, ""}, {"K", k, ""}};
  d.inputs = {{"a", std::vector<std::string>{"M", "K"}, "bfloat16", ""}};
  d.outputs = {{"c", std::vector<std::string>{"M", "N"}, "float32", ""}};
  d.reference = "def run(a):\n    return a\n";
  return d;
}

}  // namespace

TEST_CASE("comparisons, arithmetic and precedence") {
  CHECK(holds("N = 8"));
  CHECK(holds("op_type = a and N > 4"));
  CHECK(holds("op_type == 'a' AND not N < 8"));
  CHECK_FALSE(holds("N != 8 or N <> 8.0"));
  CHECK(holds("N = 9 and N = 7 or N = 8"));  // and binds closer
  CHECK_FALSE(holds("N = 9 and (N = 7 or N = 8)"));
  CHECK(holds("N % 3 = 2"));
  CHECK(holds("N*2+1 = 17"));
  CHECK(holds("1 + N * 2 >= N - -9"));
  CHECK(holds("(N + 1) * 2 = 18"));
  CHECK(holds("name ~ 'a*k?' and name ~ \"*n8*\""));
  CHECK_FALSE(holds("name ~ 'a'"));
  CHECK(holds("N in (1, 8) and op_type in (b, a)"));
  CHECK(holds("N not in (1, 2)"));
}

TEST_CASE("what a row does not have is never equal, larger or smaller; lists by each value") {
  for (const char* text : {"K = 8", "K != 8", "K > 0", "K < 0", "K in (0)", "N = a", "N / 0 = 0"})
    CHECK_FALSE(holds(text));
  CHECK(holds("not K = 8"));
  CHECK(holds("models = z"));
  CHECK(holds("models = 'x/y-1'"));
  CHECK(holds("models ~ 'x/*'"));
  CHECK_FALSE(holds("models != z"));
  CHECK(holds("models != w"));
  CHECK(holds("z = models"));
}

TEST_CASE("a bad condition is named with its place") {
  CHECK(error_of("op_typ = a") ==
        "--where: character 1: unknown column 'op_typ'; did you mean 'op_type'?");
  CHECK(error_of("zzz = 1").find("the columns are name, op_type, N, K, models") !=
        std::string::npos);
  CHECK(error_of("N >") == "--where: character 4: expected a value, not the end");
  CHECK(error_of("N") == "--where: character 1: expected a comparison, for example N > 4096");
  CHECK(error_of("N = 1 N = 2") == "--where: character 7: unexpected 'N'");
  CHECK(error_of("(N = 1") == "--where: character 7: expected ')'");
  CHECK(error_of("name = 'x") == "--where: character 8: a text without its closing quote");
  CHECK(error_of("models = x-y").find("'x' is neither a column nor a number") != std::string::npos);
  CHECK(error_of("(N = 1) = 2") == "--where: character 4: a comparison cannot be compared");
  CHECK(error_of("N ; 1") == "--where: character 3: unexpected ';'");
  CHECK(error_of("") == "--where: character 1: expected a value, not the end");
  CHECK(error_of("1 = 1").starts_with("--where: character 1: compares no column; the columns are"));
  CHECK(error_of(std::string(5000, '(') + "N").find("nested too deep") != std::string::npos);
  std::string nots;
  for (int i = 0; i < 5000; ++i) nots += "not ";
  CHECK(error_of(nots + "N = 1").find("nested too deep") != std::string::npos);
}

TEST_CASE("a dataset's definitions are rows with the models of its history") {
  ScratchFolder f;
  const std::string dataset = f.at.string();
  Definition third = product("product_n8_k16", 8, 16);
  third.op_type = "other";
  third.tags = {"say:\"a, b\""};
  save_definitions(dataset, {product("product_n4_k8", 4, 8), product("product_n8_k8", 8, 8), third},
                   {});
  History history;
  history.add("product_n4_k8", "org/m tp1", "r");
  history.add("product_n4_k8", "org/m tp8", "r");
  history.add("product_n4_k8", "p tp1", "r");
  {
    const DatasetLock lock(dataset);
    write_history(lock, history);
  }
  Listing all = list_dataset(dataset);
  REQUIRE(all.rows.size() == 3);
  CHECK(all.rows[0].definition.op_type == "other");
  CHECK(all.axes == std::vector<std::string>{"M", "N", "K"});
  CHECK(all.rows[1].models == std::vector<std::string>{"org/m", "p"});
  CHECK(all.rows[2].models == std::vector<std::string>{"m", "o"});  // from its tags
  CHECK(listing_csv(all).find("other,definitions/other/product_n8_k16.json,bfloat16;float32,"
                              "\"say:\"\"a, b\"\"\",,,0,0,,8,16\r\n") != std::string::npos);
  keep_rows(all, "N * K = 32 and deployments = tp8 and model_count = 2");
  REQUIRE(all.rows.size() == 1);
  CHECK(listing_table(all) ==
        "op_type  name           models  deployments  N  K\n"
        "product  product_n4_k8  2       3            4  8\n");
  const auto json = listing_json(all);
  CHECK(json[0]["axes"].dump() == R"({"M":null,"N":4,"K":8})");
  CHECK(json[0]["deployments"].size() == 3);
  CHECK_THROWS_AS(list_dataset(dataset + "/none"), Error);
}
