// Origins in the machine: a small program's values, and the chains that they carry.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "core/python/machine.h"
#include "core/python/sources.h"
#include "tests/scratch.h"

namespace {

namespace fs = std::filesystem;
using kdex::Origin;
using kdex::py::Machine;
using kdex::py::View;

const char* const kDriver = R"(
import sample


def build(request):
    return sample.build(request)
)";

// The places that the test names are lines of this text, the first is line 1.
const char* const kSample = R"(PADDING = 64
BLOCK = 0x80
import enum


class Kind(enum.Enum):
    WIDE = 1_024


class Context:
    depth = 7

    def __init__(self):
        self.width = 48


TABLE = {"rows": 96}


def pad(n, to=PADDING):
    return (n + to - 1) // to * to


def keyword(*, scale=0.5):
    return scale


def counted():
    n = 0
    for _ in range(5):
        n += 1
    return n


def build(request):
    config, tp = request["config"], request["tp"]
    context = Context()
    return {
        "literal": 12,
        "negative": -3,
        "shift": 1 << 20,
        "power": 2**10,
        "hex": BLOCK,
        "truth": True,
        "enum": Kind.WIDE.value,
        "class": context.depth,
        "attribute": context.width,
        "entry": TABLE["rows"],
        "default": pad(100),
        "keyword": keyword(),
        "sum": sum([config["a"], config["b"], tp]),
        "max": max(config["a"], 3, config["b"]),
        "whole": int(config["a"] * keyword()),
        "unknown": len("four"),
        "unknown_and_literal": len("four") + 1,
        "unknown_and_field": len("four") + config["a"],
        "counted": counted(),
        "config": config["nested"]["c"],
        "tp": tp,
        "length": len({int(k): v for k, v in config["names"].items()}),
        "length_of_part": len([n for n in config["names"].values() if n != "y"]),
        "cached": split(config["a"], 2),
        "cached_again": split(5, 2),
        "cached_for_tp": split(5, tp - 6),
        "cached_tuple": both(config["a"], config["a"])[0],
        "cached_unclear": both(config["a"], 5)[0],
        "cached_other": both(config["a"], 5)[1],
    }


import functools


@functools.lru_cache
def split(n, parts):
    return n // parts


@functools.lru_cache(maxsize=None)
def both(x, y):
    return x + y, PADDING
)";

/// The sample in a folder of its own, run once.
class Sample {
 public:
  Sample()
      : sources_((write(), overlay()), {(folder_.at / "root").string()}, ""),
        machine_(sources_, host_, {10'000'000, 1 << 28, 60}) {
    result_ = machine_.run("driver", "build", [](Machine& m) {
      return m.dict(
          {{"tp", m.number("tp", 8, Origin::Kind::deployment)},
           {"config",
            m.json(
                R"({"a": 5, "b": 9, "nested": {"c": 11}, "names": {"0": "x", "1": "y", "2": "z"}})",
                "config.json", Origin::Kind::config_field)}});
    });
  }

  View value(const char* name) const {
    REQUIRE(result_.end == Machine::Result::End::returned);
    return result_.value.entry(name);
  }
  /// "+ 13 (config a 5, 8@sample.py:3:1)": the chain without its places but for literals'.
  std::string chain(const char* name) const { return chain(value(name).origin()); }

 private:
  void write() const {
    folder_.write("driver/driver.py", kDriver);
    folder_.write("root/sample.py", kSample);
  }
  std::vector<std::string> overlay() const {
    auto folders = kdex::py::overlay_folders(".");
    folders.push_back((folder_.at / "driver").string());
    return folders;
  }
  std::string chain(std::uint32_t index) const {
    if (index == 0) return "not recorded";
    const Origin o = machine_.origin(index);
    std::string out = o.text;
    if (o.kind == Origin::Kind::none) out = "not recorded " + std::to_string(o.value);
    if (o.kind == Origin::Kind::literal)
      out += "@" + std::to_string(o.line) + ":" + std::to_string(o.column);
    if (o.kind == Origin::Kind::config_field) out = "config " + out;
    if (o.kind == Origin::Kind::deployment) out = "setting " + out;
    std::string inputs;
    for (const auto input : o.inputs) inputs += (inputs.empty() ? "" : ", ") + chain(input);
    return inputs.empty() ? out : out + "(" + inputs + ")";
  }

  kdex::ScratchFolder folder_;
  kdex::py::Host host_;
  kdex::py::Sources sources_;
  Machine machine_;
  Machine::Result result_;
};

}  // namespace

TEST_CASE("a literal's origin is its own place") {
  const Sample s;
  CHECK(s.chain("literal") == "'literal'(12@39:20)");
  CHECK(s.chain("negative") == "'negative'(-(3@40:22))");
  CHECK(s.chain("shift") == "'shift'(<<(1@41:18, 20@41:23))");
  CHECK(s.chain("power") == "'power'(**(2@42:18, 10@42:21))");
  CHECK(s.chain("truth") == "'truth'(True@44:18)");
  CHECK(s.value("truth").boolean());
}

TEST_CASE("a value keeps the names that it came through") {
  const Sample s;
  CHECK(s.chain("hex") == "'hex'(BLOCK(128@2:9))");
  CHECK(s.chain("enum") == "'enum'(Kind.WIDE(1024@7:12))");
  CHECK(s.chain("class") == "'class'(Context.depth(7@11:13))");
  CHECK(s.chain("attribute") == "'attribute'(width of Context(48@14:22))");
  CHECK(s.chain("entry") == "'entry'('rows'(96@17:18))");
  CHECK(s.chain("keyword") == "'keyword'(scale of keyword(0.5@24:22))");
  const std::string to = "to of pad(PADDING(64@1:11))";
  CHECK(s.chain("default") ==
        "'default'(*(//(-(+(100@49:24, " + to + "), 1@21:22), " + to + "), " + to + "))");
  CHECK(s.value("default").integer() == 128);
}

TEST_CASE("arithmetic keeps all operands") {
  const Sample s;
  CHECK(s.chain("sum") == "'sum'(sum(sum(config a, config b), setting tp))");
  CHECK(s.value("sum").integer() == 22);
  CHECK(s.chain("max") == "'max'(max(max(config a, 3@52:33), config b))");
  CHECK(s.chain("whole") == "'whole'(int(*(config a, scale of keyword(0.5@24:22))))");
  CHECK(s.value("whole").integer() == 2);
}

TEST_CASE("what the machine does not know is not recorded") {
  const Sample s;
  CHECK(s.chain("unknown") == "not recorded");
  CHECK(s.chain("unknown_and_literal") == "not recorded");
  CHECK(s.chain("unknown_and_field") == "'unknown_and_field'(+(not recorded 4, config a))");
  CHECK(s.chain("config") == "'config'(config nested.c)");
  CHECK(s.chain("tp") == "'tp'(setting tp)");
  CHECK(s.value("counted").integer() == 5);
}

TEST_CASE("a length leads back to the field that is counted whole") {
  const Sample s;
  CHECK(s.value("length").integer() == 3);
  CHECK(s.chain("length") == "'length'(len(config names))");
  CHECK(s.value("length_of_part").integer() == 2);
  CHECK(s.chain("length_of_part") == "not recorded");
}

TEST_CASE("what a cache gives again leads back to the operands of this call") {
  const Sample s;
  const auto origin = [&](const char* name) {  // without the name of the result's entry
    const std::string chain = s.chain(name);
    return chain.substr(chain.find('(') + 1, chain.size() - chain.find('(') - 2);
  };
  CHECK(origin("cached") == "//(config a, 2@62:38)");
  CHECK(origin("cached_again") == "//(5@63:31, 2@63:34)");
  CHECK(origin("cached_for_tp") == "//(5@64:32, -(setting tp, 6@64:40))");
  CHECK(origin("cached_tuple") == "+(config a, config a)");
  // both operands were config["a"]: which of the two each is now cannot be told
  CHECK(origin("cached_unclear") == "+(not recorded 5, not recorded 5)");
  CHECK(origin("cached_other") == "PADDING(64@1:11)");
}
