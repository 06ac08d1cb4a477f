// Matches held against the calls of a model's steps, and what is said of the steps.
#include <doctest/doctest.h>

#include "core/pipeline/launched.h"
#include "tests/operand.h"

namespace {

using kdex::CallPlace;
using kdex::CallTrace;
using kdex::KernelCall;
using kdex::Match;
using kdex::operand;

kdex::Module module_at(const char* path) {
  kdex::Module m;
  m.path = path;
  return m;
}

KernelCall call(const char* function, const char* role, const char* path, std::int64_t count,
                std::vector<kdex::Operand> operands = {}) {
  KernelCall c;
  c.function = function, c.role = role, c.path = path, c.count = count;
  c.kind = "library";
  c.operands = std::move(operands);
  return c;
}

/// Two layers: a product whose weight is read, a norm that nothing runs, experts of two functions.
struct Model {
  kdex::ModuleTree tree;
  kdex::Checkpoint checkpoint;
  kdex::Deployment deployment;
  std::vector<CallTrace> steps;

  Model() {
    for (const char* path : {"layers.0.up", "layers.1.up", "layers.0.norm", "layers.0.experts",
                             "vision.blocks.0.norm"})
      tree.modules.push_back(module_at(path));
    CallTrace step;
    step.ok = true;
    step.step.batch = 4;
    step.calls = {
        call("lib.mm", "product", "layers.*", 2,
             {operand("a", "bf16", {4, 8}, ""), operand("b", "bf16", {8, 16}, "layers.*.up.weight"),
              operand("result", "bf16", {4, 16}, "")}),
        call("lib.align", "experts_align", "layers.*.experts", 1),
        call("lib.grouped", "experts_product", "layers.*.experts", 2),
        call("lib.rope", "rope", "layers.*.rotary", 2, {operand("q", "bf16", {4, 8}, "")}),
    };
    KernelCall marker = call("Attention.forward", "", "layers.*.norm", 2);
    marker.kind = "attention";
    step.calls.push_back(marker);
    steps.push_back(std::move(step));
  }
  kdex::ModelView view() const {
    kdex::ModelView v{tree, checkpoint, deployment};
    v.steps = &steps;
    return v;
  }
};

Match match_of(std::size_t module) {
  Match m;
  m.modules = {module};
  return m;
}

TEST_CASE("calls tell their modules, and sizes where they come from") {
  Model model;
  for (const char* path : {"layers.1.rotary", "layers.0.rotary", "layers.12.rotary"})
    model.tree.modules.push_back(module_at(path));
  const auto number = [](std::int64_t n, kdex::OriginId origin) {
    kdex::Value v;
    v.kind = kdex::Value::Kind::integer;
    v.i = n, v.origin = origin;
    return v;
  };
  using Kind = kdex::Origin::Kind;
  const auto origin = [](Kind kind, const char* text, std::vector<kdex::OriginId> inputs = {}) {
    kdex::Origin o;
    o.kind = kind, o.text = text, o.inputs = std::move(inputs);
    o.file = kind == Kind::config_field ? "config.json" : "layers.py";
    return o;
  };
  // 3: a product of field 1; 4: another field of the same number; 7 and 8: one field over two
  // settings; 9 and 10: two literals; 12: field 1 over a setting of 1
  model.tree.origins = {{},
                        origin(Kind::config_field, "width"),
                        origin(Kind::config_field, "head_dim"),
                        origin(Kind::operation, "*", {1}),
                        origin(Kind::config_field, "v_head_dim"),
                        origin(Kind::deployment, "tp"),
                        origin(Kind::deployment, "ep"),
                        origin(Kind::operation, "//", {1, 5}),
                        origin(Kind::operation, "//", {1, 6}),
                        origin(Kind::literal, "3"),
                        origin(Kind::literal, "3")};
  model.tree.origins[10].line = 7;
  model.tree.origins.push_back(origin(Kind::deployment, "tp"));
  model.tree.origins[11].has_value = true, model.tree.origins[11].value = 1;
  model.tree.origins.push_back(origin(Kind::operation, "//", {1, 11}));
  model.tree.modules[0].attrs = {{"rows", number(8, 0)},     {"width", number(8, 1)},
                                 {"part", number(8, 3)},     {"part_of_one", number(8, 12)},
                                 {"head_dim", number(4, 2)}, {"v_head", number(4, 4)},
                                 {"of_tp", number(2, 7)},    {"of_ep", number(2, 8)},
                                 {"three", number(3, 9)},    {"also_three", number(3, 10)}};
  const kdex::ModelView view = model.view();
  const kdex::sdk::Launches launches(view);
  KernelCall rope = model.steps[0].calls[3];
  CHECK(launches.modules_of(rope) == std::vector<std::size_t>{5, 6, 7});
  rope.layers = "0-1";
  CHECK(launches.modules_of(rope) == std::vector<std::size_t>{5, 6});
  rope.layers = "3,10-12";
  CHECK(launches.modules_of(rope) == std::vector<std::size_t>{7});
  CHECK(kdex::sdk::operand(rope, "q")->shape[1] == 8);
  CHECK(kdex::sdk::operand(rope, "k") == nullptr);
  rope.arguments = {{"style", "neox"}};
  CHECK(kdex::sdk::argument(rope, "style") == "neox");
  CHECK(kdex::sdk::argument(rope, "eps").empty());
  CHECK(kdex::sdk::given_beside(rope, {"q", "style"}).empty());
  CHECK(kdex::sdk::given_beside(rope, {"q"}) == "argument style = neox");
  CHECK(kdex::sdk::given_beside(rope, {"style"}) == "operand q bf16[4,8]");
  CHECK(kdex::sdk::long_dtype("bf16") == "bfloat16");
  CHECK(kdex::sdk::long_dtype("float8_e5m2") == "float8_e5m2");
  const auto sized = [&](std::int64_t n) {
    return kdex::sdk::sized_beside(view.tree, view.tree.modules[0], n);
  };
  CHECK(sized(8).origin == 1);
  CHECK(sized(8).rule.empty());
  CHECK(sized(9).origin == 0);
  CHECK(sized(4).origin == 0);  // two fields have this number: neither is named
  CHECK(sized(4).rule.starts_with("the operands"));
  CHECK(sized(2).origin == 0);  // of one field, but of two settings
  CHECK(sized(3).origin == 0);  // two literals
}

}  // namespace

TEST_CASE("a function without a role is what its operands allow") {
  Model model;
  auto& calls = model.steps[0].calls;
  const auto reads = [&](std::vector<kdex::Operand> operands) {
    calls = {call("lib.unknown", "", "layers.*", 2, std::move(operands))};
    return !kdex::sdk::Launches(model.view())
                .reading(model.tree.modules[0], {"product", "norm"})
                .empty();
  };
  const auto input = operand("x", "bf16", {4, 8}, ""), output = operand("y", "bf16", {4, 16}, ""),
             scalar = operand("alpha", "f32", {1}, ""),
             weight = operand("w", "bf16", {16, 8}, "layers.*.up.weight"),
             row = operand("w", "bf16", {8}, "layers.*.up.weight"),
             other = operand("z", "bf16", {8}, "layers.*.norm.weight");
  CHECK(reads({input, weight, output}));
  CHECK(reads({input, weight, output, scalar}));
  CHECK(reads({input, row, input}));
  CHECK(reads({input, input, input, row}));
  CHECK(!reads({input, weight, input}));          // something else than 16 values comes out
  CHECK(!reads({input, weight, output, other}));  // another module's parameter is read, too
  CHECK(!reads({input, row, output}));            // no normalization
  CHECK(!reads({input, input, input, input, row}));
  const auto square = operand("w", "bf16", {8, 8}, "layers.*.up.weight");
  CHECK(!reads({input, square}));
  CHECK(reads({input, square, input}));
  CHECK(reads({operand("w13", "bf16", {4, 32, 8}, "layers.*.up.w13"), input}));
  CHECK(!reads({input, row, operand("k", "bf16", {64, 8}, "kv_pool.k.*")}));
}

TEST_CASE("a match without calls of its own rests on those that its modules run or feed") {
  const Model model;
  const auto view = model.view();
  kdex::Launched launched(view);
  CHECK(launched.takes(match_of(0)));   // its weight is read elsewhere
  CHECK(launched.takes(match_of(1)));   // the other layer's is the same pattern
  CHECK(!launched.takes(match_of(2)));  // the marker of an attention is no launch
  CHECK(launched.takes(match_of(3)));
  CHECK(launched.modes(match_of(0)) == std::vector<std::string>{"decode"});
  CHECK(launched.modes(match_of(2)).empty());
}

TEST_CASE("calls that a family names are believed, also that there are none") {
  const Model model;
  const auto view = model.view();
  kdex::Launched launched(view);
  Match none = match_of(0), rope = match_of(2);
  none.calls.emplace();
  rope.calls = {CallPlace{0, 3}};
  CHECK(!launched.takes(none));
  CHECK(launched.takes(rope));
}

TEST_CASE("where a step failed or none ran, nothing is left out") {
  Model model;
  model.steps.emplace_back();
  const auto failed = model.view();
  CHECK(kdex::Launched(failed).takes(match_of(2)));
  model.steps.back().refused = true;  // the engine runs no such step
  CHECK(!kdex::Launched(failed).takes(match_of(2)));
  kdex::ModelView unknown = failed;
  unknown.steps = nullptr;
  CHECK(kdex::Launched(unknown).takes(match_of(2)));
  CHECK(kdex::Launched(unknown).coverage().empty());
}

TEST_CASE("a definition's stages are those of the steps that launch it") {
  kdex::Definition d;
  d.tags = {"a", "stage:decode", "b"};
  kdex::Launched::set_stages(d, {});
  CHECK(d.tags == std::vector<std::string>{"a", "stage:decode", "b"});
  kdex::Launched::set_stages(d, {"spec-verify", "extend", "extend-graph"});
  CHECK(d.tags == std::vector<std::string>{"a", "stage:prefill", "stage:verify", "b"});
  kdex::Launched::set_stages(d, {"decode-eager"});
  CHECK(d.tags == std::vector<std::string>{"a", "stage:decode", "b"});
  d.tags = {"a"};
  kdex::Launched::set_stages(d, {"decode"});
  CHECK(d.tags == std::vector<std::string>{"a"});
}

TEST_CASE("attention over drafts is of one query, causal, or under a mask") {
  Model model;
  auto attend = [&](const char* mode, std::int64_t queries, std::vector<kdex::Operand> more,
                    const char* causal) {
    CallTrace step;
    step.ok = true;
    step.step.mode = mode, step.step.queries = queries;
    more.push_back(operand("k", "bf16", {99, 1, 8}, "draft_kv_pool.k_buffer.*"));
    step.calls = {call("lib.attend", "attention", "layers.*.norm", 1, std::move(more))};
    step.calls[0].arguments = {{"causal", causal}};
    model.steps.push_back(std::move(step));
  };
  attend("spec-draft", 4, {}, "True");
  attend("spec-verify", 4, {}, "True");
  attend("spec-verify", 4, {operand("mask", "bool", {9}, "")}, "True");
  attend("spec-draft-extend", 4, {}, "False");
  attend("spec-prefill", 1, {}, "False");
  const auto view = model.view();
  const kdex::sdk::Launches launches(view);
  const auto& m = model.tree.modules[2];
  using Places = std::vector<CallPlace>;
  CHECK(launches.attention(m, false, true) == Places{{1, 0}});
  CHECK(launches.attention(m, true, true) == Places{{2, 0}, {5, 0}});
  CHECK(launches.masked_attention(m) == Places{{3, 0}, {4, 0}});
  CHECK(launches.attention(m, true, false).empty());
  kdex::sdk::Notes notes;
  kdex::sdk::note_masked_attention(view, m, notes);
  const auto said = notes.take();
  REQUIRE(said.size() == 2);
  CHECK(
      said[0].text.starts_with("spec-verify launches lib.attend on mask bool[9], k bf16[99,1,8]:"));
}

TEST_CASE("a part of the model that no step enters is not held against them") {
  const Model model;
  const auto view = model.view();
  CHECK(kdex::Launched(view).takes(match_of(4)));
}

TEST_CASE("a step's launches are whole definitions, parts of one, or have none") {
  Model model;
  model.steps[0].unknown.push_back({"lib.nobody_knows", 1, {}});
  const auto view = model.view();
  kdex::Launched launched(view);
  launched.takes(match_of(0));
  launched.takes(match_of(3));
  const auto steps = launched.coverage();
  REQUIRE(steps.size() == 1);
  CHECK(steps[0].sizes == "4 requests of 1009 tokens");
  CHECK(steps[0].all.launches == 7);
  CHECK(steps[0].whole.launches == 2);
  CHECK(steps[0].whole.flops == 2 * 2 * 4 * 8 * 16);
  CHECK(steps[0].whole.bytes == 2 * 2 * (4 * 8 + 8 * 16 + 4 * 16));
  CHECK(steps[0].part.launches == 3);
  REQUIRE(steps[0].without.size() == 1);
  CHECK(steps[0].without[0].function == "lib.rope");
  CHECK(steps[0].without[0].sums.launches == 2);
  CHECK(steps[0].unknown == std::vector<std::string>{"lib.nobody_knows"});
}
