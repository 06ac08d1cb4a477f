// The parser: constructs convert, names resolve, trees survive the cache, errors have a place.
#include <doctest/doctest.h>

#include "core/source/ast.h"
#include "core/source/syntax.h"

using namespace kdex::source;

TEST_CASE("valid modules pass and errors have a line") {
  CHECK_FALSE(check_python("def run(a, *, b=1):\n    return a @ b\n"));
  const auto e = check_python("x = 1\ndef f(:\n    pass\n");
  REQUIRE(e);
  CHECK(e->line == 2);
  CHECK(check_python("return 1\n"));
  CHECK(check_python("def f(a, a): pass\n"));
}

TEST_CASE("constraints are expressions, not statements") {
  CHECK_FALSE(check_expression("len_indptr == batch_size + 1"));
  CHECK_FALSE(check_expression("num_kv_indices == kv_indptr[-1].item()"));
  CHECK(check_expression("a = b"));
  CHECK(check_expression("a =="));
  CHECK(check_expression(""));
  CHECK(check_expression("import os"));
}

TEST_CASE("a top-level def run is found, other things of that name are not") {
  CHECK(parameters_of_def("import torch\ndef run(x, /, y=1, *z, w=2, **k):\n    return x\n",
                          "run") == std::vector<std::string>{"x", "y", "w", "*z", "**k"});
  CHECK(parameters_of_def("def run(): pass\n", "run")->empty());
  CHECK_FALSE(parameters_of_def("async def run(x):\n    return x\n", "run"));
  CHECK_FALSE(parameters_of_def("run = lambda x: x\n", "run"));
  CHECK_FALSE(parameters_of_def("class A:\n    def run(self): pass\n", "run"));
}

TEST_CASE("names resolve to locals, cells, closures and globals") {
  SyntaxError e;
  const auto a =
      parse("g = 1\ndef f(x):\n    y = x\n    def h():\n        return y + g\n    return h\n", e);
  REQUIRE(a);
  REQUIRE(a->scope_store.size() == 3);
  const Scope& f = a->scope_store[1];
  CHECK(f.nargs == 1);
  CHECK(a->extra(f.cells)[0] == 1);  // y is captured
  CHECK(a->extra(a->scope_store[2].frees)[0] == 1);
  int globals = 0, frees = 0;
  for (const Node& n : a->node_store)
    if (n.kind == N::name) {
      globals += n.op == static_cast<int>(Where::global);
      frees += n.op == static_cast<int>(Where::free_);
    }
  CHECK(frees == 1);
  CHECK(globals >= 3);  // g (bound and read) and f
}

TEST_CASE("a tree survives the cache; a truncated or changed one is refused") {
  SyntaxError e;
  const auto a =
      parse("class A(B, metaclass=C):\n    'doc'\n    def m(self): return super().m()\n", e);
  REQUIRE(a);
  const std::string bytes(a->bytes);
  const auto b = view(bytes, nullptr);
  REQUIRE(b);
  CHECK(b->node_store.size() == a->node_store.size());
  CHECK(b->str(b->scope_store[1].name) == "A");
  const std::string shorter = bytes.substr(0, bytes.size() - 1);
  CHECK_FALSE(view(shorter, nullptr));
  std::string changed = bytes;
  changed[bytes.size() / 2] = static_cast<char>(changed[bytes.size() / 2] ^ 1);
  CHECK_FALSE(view(changed, nullptr));
  CHECK_FALSE(view("", nullptr));
}

TEST_CASE("deep nesting is an error, not a crash") {
  std::string deep(100000, '(');
  deep += "1" + std::string(100000, ')');
  CHECK(check_python(deep));
  std::string minus(50000, '-');
  CHECK(check_python(minus + "1\n"));
}
