// From sources, a checkpoint and a deployment to a module tree, with a small engine made here.
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/engine/engine.h"
#include "core/model/extract.h"
#include "core/model/source_tree.h"
#include "tests/scratch.h"

using namespace kdex;
namespace fs = std::filesystem;

namespace {

const char* const kModel = R"(import torch
from torch import nn


class Base(nn.Module):
    pass


class Product(Base):
    family = "products"

    def __init__(self, rows, columns):
        super().__init__()
        self.rows = rows
        self.w = nn.Parameter(torch.empty(rows, columns, dtype=torch.bfloat16))


class Net(nn.Module):
    def __init__(self, config, tp):
        super().__init__()
        if config["mode"] == "loop":
            while True:
                pass
        if config["mode"] == "branch" and torch.empty(2)[0] > 0:
            self.never = 1
        if config["width"] % tp:
            raise ValueError(f"{config['width']} is not divisible by {tp}")
        self.up = Product(config["width"] // tp, config["width"])
        self.layers = nn.ModuleList([Product(2, 3) for _ in range(2)])
        self.spare = {"a": Product(4, 5)}


EntryNet = Net
)";

const char* const kDriver = R"(
import _kdex


def build(request):
    import json
    import torch

    with open(request["checkpoint"] + "/config.json") as f:
        config = json.load(f)
    if config["mode"] == "list":
        return [1]
    if config["mode"] == "empty":
        return {"status": "ok"}
    name = config["architectures"][0]
    cls = getattr(_kdex.import_module(request["architectures"][name]), name)
    try:
        model = cls(config, request["tp"])
    except ValueError as e:
        return {"status": "refused", "stage": "constructor", "error_type": "ValueError",
                "error": str(e), "exception": e}
    return {"status": "ok", "architecture": name, "model_class": cls.__module__ + "." + name,
            "hf_config_class": "Config", "quant_config_class": None, "dtype": torch.bfloat16,
            "resolved": {request["arguments"]["tp"]: request["tp"]}, "model": model}
)";

/// An engine, sources and a checkpoint in a folder of their own.
class Made {
 public:
  explicit Made(const std::string& mode = "") {
    folder_.write("engine/engine.json", R"({"title": "Toy", "package": "toy", "models": "toy/nets",
      "assigned": "EntryNet", "driver": "driver.py", "roles": "roles.json",
      "packages": "packages.json", "platforms": "platforms.json", "arguments": {"tp": "ways"}})");
    folder_.write("engine/driver.py", kDriver);
    folder_.write("engine/roles.json", R"({"modules": [{"role": "linear", "classes": "Product",
      "facts": {"weight": {"tensor": "param:w"}}}]})");
    folder_.write("engine/packages.json", R"({"modules": {}, "versions": {"torch": "2.9.0"}})");
    folder_.write("engine/platforms.json", R"({"h200": {}})");
    folder_.write("site/toy/__init__.py", "");
    folder_.write("site/toy/nets/__init__.py", "");
    folder_.write("site/toy/nets/net.py", kModel);
    folder_.write("tiny/config.json",
                  R"({"architectures": ["Net"], "width": 8, "mode": ")" + mode + R"("})");
    engine_ = engine::read_engine((folder_.at / "engine").string());
    tree_ = std::make_unique<Tree>(engine_, std::vector{(folder_.at / "site").string()}, "");
  }
  SourceTree& tree() const { return *tree_; }
  ModuleTree extract(int tp = 1, const Limits& limits = {}) const {
    Deployment d;
    d.tp = tp;
    return extract_modules(*tree_, {"tiny", (folder_.at / "tiny").string()}, d, limits);
  }

 private:
  ScratchFolder folder_;
  engine::Engine engine_;
  std::unique_ptr<Tree> tree_;
};

std::string paths(const ModuleTree& t) {
  std::string out;
  for (const auto& m : t.modules) out += m.path + ":" + m.class_name + " ";
  return out;
}

}  // namespace

TEST_CASE("the tree is what the constructor built") {
  const Made made;
  const ModuleTree t = made.extract(2);
  REQUIRE_MESSAGE(t.ok, t.error);
  CHECK(t.architecture == "Net");
  CHECK(t.model_class == "toy.nets.net.Net");
  CHECK(t.quant_config_class == "");
  CHECK(t.dtype == "bfloat16");
  REQUIRE(t.resolved.contains("ways"));
  CHECK(t.resolved.at("ways").i == 2);
  CHECK(paths(t) ==
        ":Net up:Product layers:ModuleList layers.0:Product layers.1:Product spare.a:Product ");
  REQUIRE(t.find("up") != nullptr);
  const Module& up = *t.find("up");
  CHECK(up.parent == 0);
  CHECK(up.module == "toy.nets.net");
  CHECK(up.mro[0] == "toy.nets.net.Product");
  CHECK(up.is_a("Base"));
  CHECK_FALSE(up.is_a("ase"));
  CHECK(up.defined.file == "toy/nets/net.py");
  CHECK(up.defined.line == 9);
  CHECK(up.created.line == 28);
  CHECK_FALSE(up.held);
  CHECK(t.find("spare.a")->held);  // no submodule of torch's
  REQUIRE(up.attr("family") != nullptr);
  CHECK(up.attr("family")->s == "products");
  CHECK(up.role == "linear");
  CHECK(up.fact("weight") != nullptr);
  CHECK(std::find(t.files.begin(), t.files.end(), "toy/nets/net.py") != t.files.end());
  CHECK(std::is_sorted(t.files.begin(), t.files.end()));
  CHECK(t.assumptions.empty());
}

TEST_CASE("a shape leads back to the configuration and the deployment") {
  const Made made;
  const ModuleTree t = made.extract(2);
  REQUIRE(t.ok);
  const Parameter* w = t.find("up")->param("w");
  REQUIRE(w != nullptr);
  CHECK(w->dtype == "bfloat16");
  REQUIRE(w->shape.size() == 2);
  CHECK(w->shape[0].i == 4);
  CHECK(w->shape[1].i == 8);
  const Origin& rows = t.origins[w->shape[0].origin];
  CHECK(rows.kind == Origin::Kind::operation);
  CHECK(rows.text == "//");
  CHECK(rows.file == "toy/nets/net.py");
  CHECK(rows.line == 28);
  REQUIRE(rows.inputs.size() == 2);
  const Origin &width = t.origins[rows.inputs[0]], &tp = t.origins[rows.inputs[1]];
  CHECK(width.kind == Origin::Kind::config_field);
  CHECK(width.text == "width");
  CHECK(tp.kind == Origin::Kind::deployment);
  CHECK(tp.text == "tp");
  CHECK(tp.value == 2);
  const Origin& attribute = t.origins[t.find("up")->attr("rows")->origin];
  CHECK(attribute.kind == Origin::Kind::way);
  CHECK(attribute.way == Origin::Way::attribute);
  CHECK(attribute.text == "rows of Product");
  CHECK(attribute.line == 14);
  REQUIRE(attribute.inputs.size() == 1);
  CHECK(attribute.inputs[0] == w->shape[0].origin);
  const Origin& literal = t.origins[t.find("layers.0")->param("w")->shape[0].origin];
  CHECK(literal.kind == Origin::Kind::literal);
  CHECK(literal.line == 29);
}

TEST_CASE("the engine's refusal is a result in its words") {
  const Made made;
  const ModuleTree t = made.extract(3);
  CHECK_FALSE(t.ok);
  CHECK(t.modules.empty());
  CHECK(t.stage == "constructor");
  CHECK(t.error_type == "ValueError");
  CHECK(t.error == "8 is not divisible by 3");
  REQUIRE(!t.where.empty());
  CHECK(says(t.where.back(), "toy/nets/net.py:27"));
}

TEST_CASE("a bound, and a driver that gives no model, are results too") {
  Limits few;
  few.steps = 200'000;
  const Made loop("loop");
  ModuleTree t = loop.extract(1, few);
  CHECK_FALSE(t.ok);
  CHECK(t.stage == "limit");
  CHECK(says(t.error, "toy/nets/net.py:2"));
  const Made list("list");
  t = list.extract();
  CHECK(t.stage == "internal");
  CHECK(t.error == "the engine's driver gave no dict");
  const Made empty("empty");
  t = empty.extract();
  CHECK_FALSE(t.ok);
  CHECK(t.error == "the engine's driver gave no model");
}

TEST_CASE("a branch on an unknown is an assumption of the tree") {
  const Made made("branch");
  const ModuleTree t = made.extract();
  REQUIRE(t.ok);
  CHECK(t.modules[0].attr("never") == nullptr);
  REQUIRE(t.assumptions.size() == 1);
  CHECK(t.assumptions[0].place.file == "toy/nets/net.py");
  CHECK(t.assumptions[0].place.line == 24);
  CHECK(says(t.assumptions[0].condition, "torch.empty(2)[0] > 0"));
  CHECK_FALSE(t.assumptions[0].taken);
  CHECK(t.unknowns > 0);
}

TEST_CASE("extractions from one source tree run at once and are equal") {
  const Made made;
  const ModuleTree alone = made.extract();
  std::vector<ModuleTree> trees(4);
  std::vector<std::thread> threads;
  for (auto& t : trees) threads.emplace_back([&] { t = made.extract(); });
  for (auto& t : threads) t.join();
  for (const auto& t : trees) {
    CHECK(paths(t) == paths(alone));
    CHECK(t.origins.size() == alone.origins.size());
    CHECK(t.python_calls == alone.python_calls);
  }
}

TEST_CASE("architectures are listed with the place of their class") {
  const Made made;
  const auto all = list_architectures(made.tree());
  REQUIRE(all.size() == 1);
  CHECK(all[0].architecture == "Net");
  CHECK(all[0].module == "toy.nets.net");
  CHECK(all[0].place.file == "toy/nets/net.py");
  CHECK(all[0].place.line == 18);
}
