// The machine's door: a driver run on a request, and values seen through views.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <kdex/error.h>

#include "core/paths.h"
#include "core/python/machine.h"
#include "core/python/sources.h"
#include "tests/scratch.h"

using namespace kdex;
using namespace kdex::py;
namespace fs = std::filesystem;

namespace {

using End = Machine::Result::End;
using Kind = View::Kind;

/// A machine whose module `driver` has the text given.
class Ran {
 public:
  explicit Ran(const std::string& driver, const Bounds& bounds = {50'000'000, 256 << 20, 30}) {
    folder_.write("driver.py", driver);
    sources_ = std::make_unique<Sources>(overlay_folders(data_folder()),
                                         std::vector<std::string>{folder_.at.string()}, "");
    machine = std::make_unique<Machine>(*sources_, host_, bounds);
  }
  /// driver.build(request); the request is an empty dict unless `request` makes another.
  Machine::Result build() const {
    return machine->run("driver", "build", [](Machine& m) { return m.dict({}); });
  }
  Machine::Result build(FunctionRef<View(Machine&)> request) const {
    return machine->run("driver", "build", request);
  }

 private:
  ScratchFolder folder_;
  Host host_;
  std::unique_ptr<Sources> sources_;

 public:
  std::unique_ptr<Machine> machine;
};

}  // namespace

TEST_CASE("a driver returns a value, and views show it") {
  const Ran r(R"(
class Point:
    kinds = 2
    def __init__(self):
        self.x, self.name = 3, "a"
    def __repr__(self):
        return "Point!"
    @property
    def twice(self):
        return self.x * 2
    @property
    def bad(self):
        raise ValueError("no")
def build(request):
    return {"list": [1, 2.5, None, True], "big": 1 << 70, "point": Point(), "set": {1, 2},
            "f": build, "t": Point, "tuple": ("x",)}
)");
  const auto got = r.build();
  REQUIRE(got.end == End::returned);
  REQUIRE(got.value.is(Kind::dict));
  CHECK(got.value.size() == 7);
  CHECK(got.value.entry("none").is(Kind::absent));
  const View list = got.value.entry("list");
  REQUIRE(list.size() == 4);
  CHECK(list.item(0).integer() == 1);
  CHECK(list.item(1).real() == 2.5);
  CHECK(list.item(2).is(Kind::none));
  CHECK(list.item(3).boolean());
  CHECK(got.value.entry("big").is(Kind::big_integer));
  CHECK(got.value.entry("big").str() == "1180591620717411303424");
  CHECK(got.value.entry("tuple").item(0).text() == "x");
  CHECK(got.value.entry("f").is(Kind::function));
  CHECK(got.value.entry("t").as_class().qualified() == "driver.Point");
  int elements = 0;
  got.value.entry("set").each_element([&](View) { return ++elements < 1; });
  CHECK(elements == 1);  // it stops where it is told to

  const View point = got.value.entry("point");
  CHECK(point.is(Kind::object));
  CHECK(point.type().name() == "Point");
  CHECK(point.type().is("object"));
  CHECK(point.type().defined().line == 2);
  CHECK(point.created().line == 15);
  std::string names;
  point.each_attribute([&](Name n, View) { names += std::string(n.text) + " "; });
  CHECK(names == "x name ");
  const Name x = r.machine->name("x"), twice = r.machine->name("twice");
  CHECK(point.attribute(x).integer() == 3);
  CHECK(point.attribute(twice).is(Kind::absent));  // not in its own dictionary
  const auto read = r.machine->read([&] {
    CHECK(point.get(twice).integer() == 6);
    CHECK(point.get(r.machine->name("kinds")).integer() == 2);
    CHECK(point.get(r.machine->name("none")).is(Kind::absent));
    CHECK(point.repr() == "Point!");
  });
  CHECK(read.end == End::returned);
  const auto bad = r.machine->read([&] { (void)point.get(r.machine->name("bad")); });
  CHECK(bad.end == End::raised);
  CHECK(bad.error == "ValueError: no");
}

TEST_CASE("integers lead back to the request and to literals") {
  const Ran r("def build(request):\n    return request['tp'] * 128 + request['c']['heads']\n");
  const auto got = r.build([](Machine& m) {
    return m.dict({{"tp", m.number("tp", 8, Origin::Kind::deployment)},
                   {"c", m.json(R"({"heads": 5})", "config.json", Origin::Kind::config_field)}});
  });
  REQUIRE(got.end == End::returned);
  CHECK(got.value.integer() == 1029);
  const auto sum = r.machine->origin(got.value.origin());
  CHECK(sum.kind == Origin::Kind::operation);
  CHECK(sum.text == "+");
  CHECK(sum.line == 2);
  const auto product = r.machine->origin(sum.inputs[0]);
  CHECK(product.text == "*");
  CHECK(product.value == 1024);
  const auto tp = r.machine->origin(product.inputs[0]);
  CHECK(tp.kind == Origin::Kind::deployment);
  CHECK(tp.text == "tp");
  CHECK(tp.value == 8);
  const auto literal = r.machine->origin(product.inputs[1]);
  CHECK(literal.kind == Origin::Kind::literal);
  CHECK(literal.value == 128);
  const auto heads = r.machine->origin(sum.inputs[1]);
  CHECK(heads.kind == Origin::Kind::config_field);
  CHECK(heads.text == "heads");
  CHECK(heads.file == "config.json");
}

TEST_CASE("what the driver raises is a result with its traceback") {
  const Ran r("def deeper():\n    raise KeyError('gone')\ndef build(request):\n    deeper()\n");
  const auto got = r.build();
  CHECK(got.end == End::raised);
  CHECK(got.error_type == "KeyError");
  CHECK(got.error == "'gone'");
  REQUIRE(got.where.size() == 2);
  CHECK(got.where[0].find("driver.py:4 build") != std::string::npos);
  CHECK(got.where[1].find("driver.py:2 deeper") != std::string::npos);
  CHECK(got.value.is(Kind::exception));
  CHECK(got.value.traceback() == got.where);
}

TEST_CASE("a driver that is not there") {
  const Ran r("x = 1\n");
  CHECK_THROWS_AS(r.build(), Error);
  const auto none = r.machine->run("no_driver", "build", [](Machine& m) { return m.dict({}); });
  CHECK(none.end == End::raised);
  CHECK(none.error_type == "ModuleNotFoundError");
}

TEST_CASE("bounds end a run, and code cannot catch them") {
  const std::string loop =
      "def build(request):\n    try:\n        while True: pass\n    except BaseException:\n"
      "        return 1\n";
  const Ran steps(loop, {100'000, 64 << 20, 30});
  auto got = steps.build();
  CHECK(got.end == End::limit);
  CHECK(got.error_type == "LimitError");
  CHECK(got.error.find("driver.py:3") != std::string::npos);
  CHECK(got.error.find("step") != std::string::npos);
  const Ran seconds(loop, {100'000'000'000, 64 << 20, 0.05});
  got = seconds.build();
  CHECK(got.end == End::limit);
  CHECK(got.error.find("time limit") != std::string::npos);
  const Ran memory("def build(request):\n    return [' ' * 1000000 for _ in range(1000)]\n",
                   {50'000'000, 64 << 20, 30});
  got = memory.build();
  CHECK(got.end == End::limit);
  CHECK(got.error.find("64 MB of memory") != std::string::npos);
}

TEST_CASE("a branch on an unknown counts as false and is recorded") {
  const Ran r(
      "import torch\ndef build(request):\n    if torch.empty(2)[0] > 0:\n        return 1\n"
      "    return 2\n");
  const auto got = r.build();
  REQUIRE(got.end == End::returned);
  CHECK(got.value.integer() == 2);
  CHECK(r.machine->unknowns() > 0);
  const auto assumed = r.machine->assumptions();
  REQUIRE(assumed.size() == 1);
  CHECK(assumed[0].place.line == 3);
  CHECK(assumed[0].condition == "if torch.empty(2)[0] > 0:");
  CHECK(assumed[0].reason == "torch.Tensor.item");
}

TEST_CASE("one machine sees nothing of another") {
  const std::string text =
      "seen = []\ndef build(request):\n    seen.append(1)\n    return len(seen)\n";
  const Ran r(text);
  CHECK(r.build().value.integer() == 1);
  CHECK(r.build().value.integer() == 2);  // the same machine goes on
  const Ran other(text);
  CHECK(other.build().value.integer() == 1);
}
