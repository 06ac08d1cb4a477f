// Ints that stand for several: what a program does with them, and for which of them one run does.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/python/machine.h"
#include "core/python/sources.h"
#include "tests/scratch.h"

namespace {

namespace fs = std::filesystem;
using kdex::Origin;
using kdex::py::Machine;
using kdex::py::View;

using Places = std::vector<std::size_t>;

/// A driver whose build(request) ends in `expression`, of `p`, the request's choice.
class Program {
 public:
  explicit Program(const std::string& expression) {
    folder_.write("drive.py", "def build(request):\n    p = request['p']\n    return {'v': " +
                                  expression + "}\n");
  }

  /// Runs it with 1, 16 and 64, and calls `f` with the machine and the value.
  template <class F>
  void run(const F& f) const {
    kdex::py::Sources sources({folder_.at.string()}, {}, "");
    const kdex::py::Host host;
    Machine machine(sources, host, {1'000'000, std::int64_t{64} << 20, 30});
    const Machine::Result r = machine.run("drive", "build", [](Machine& m) {
      return m.dict({{"p", m.choice("p", {1, 16, 64}, Origin::Kind::deployment)}});
    });
    CAPTURE(r.error);
    REQUIRE(r.end == Machine::Result::End::returned);
    f(machine, r.value);
  }

  Places places() const {
    Places out;
    run([&](Machine& m, View) { out = m.undecided(); });
    return out;
  }

 private:
  kdex::ScratchFolder folder_;
};

Places places(const std::string& expression) { return Program(expression).places(); }

const Places all{0, 1, 2}, first{0};

}  // namespace

TEST_CASE("what moves a number about decides nothing") {
  CHECK(places("p") == all);
  CHECK(places("[p, {'a': (p,)}]") == all);
  CHECK(places("(lambda x, *, y=p: y)(1)") == all);
  CHECK(places("isinstance(p, int) and type(p) is int") == all);
  CHECK(places("p is not None and p != None and not isinstance(p, bool)") == all);
}

TEST_CASE("a question keeps those that answer as the first does") {
  CHECK(places("p > 0") == all);
  CHECK(places("p == 1") == first);
  CHECK(places("p == 64") == Places{0, 1});
  CHECK(places("p < 17") == Places{0, 1});
  CHECK(places("64 > p") == Places{0, 1});
  CHECK(places("p in (32, 64)") == Places{0, 1});
  CHECK(places("p in (2, 4)") == all);
  CHECK(places("p is 64") == Places{0, 1});
  CHECK(places("p == 'x'") == all);
  CHECK(places("1 if p else 0") == all);
  CHECK(places("1 if p - 16 else 0") == Places{0, 2});
  CHECK(places("p < 1.5") == first);
  CHECK(places("p == p") == all);
  CHECK(places("(p, 2) == (64, 2)") == Places{0, 1});
}

TEST_CASE("arithmetic gives a number for each, or one where they agree") {
  CHECK(places("8192 % p == 0") == all);
  CHECK(places("(8192 + p - 1) // p * p == 8192") == all);
  CHECK(places("(100 + p - 1) // p * p == 100") == first);
  CHECK(places("p * 2 > 100") == Places{0, 1});
  CHECK(places("sum([p, 2]) > 0") == all);
  CHECK(places("divmod(p, 3)") == all);
  CHECK(places("-(-p // 7)") == first);  // negation reads it
}

TEST_CASE("whatever else reads it decides for the first") {
  for (const char* reads :
       {"str(p)", "f'{p}'",   "'%d' % p",       "hash(p)",   "{p: 1}", "range(p)",     "'x' * p",
        "int(p)", "float(p)", "[0, 1][p]",      "max(p, 8)", "p / 2",  "p ** 2",       "p & 1",
        "bin(p)", "p.real",   "sorted([p, 3])", "repr([p])", "abs(p)", "p.__index__()"}) {
    CAPTURE(std::string(reads));
    CHECK(places(reads) == first);
  }
}

TEST_CASE("the run is the first one's") {
  Program("str(p) + str(p * 3)").run([](Machine&, View v) { CHECK(v.entry("v").text() == "13"); });
  Program("p == 64").run([](Machine&, View v) { CHECK_FALSE(v.entry("v").boolean()); });
}

TEST_CASE("a view decides unless a place is shown") {
  Program("p * 2").run([](Machine& m, View v) {
    for (const std::size_t place : all)
      m.showing(place, [&] {
        const View shown = v.entry("v");
        CHECK(shown.is(View::Kind::integer));
        CHECK(shown.integer() == std::vector<int>{2, 32, 128}[place]);
        CHECK(m.is_choice(shown.origin()));
        CHECK(m.origin(shown.origin()).value == shown.integer());
      });
    CHECK(m.undecided() == all);
    CHECK(v.entry("v").integer() == 2);
    CHECK(m.undecided() == first);
  });
}
