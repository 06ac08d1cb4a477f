// Forms: what they write of generated parameters is read back as the same parameters; what they
// refuse, and how patterns are written and read.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <set>

#include <kdex/form_check.h>
#include <kdex/form_definition.h>

#include "core/base/files.h"
#include "core/definition/tags.h"
#include "core/plugin/loader.h"

using namespace kdex;

namespace {

const LoadedPlugins& families() {
  static const LoadedPlugins loaded = load_plugins({KDEX_TEST_PLUGINS});
  return loaded;
}

/// A value of any kind that a form may be asked for; nothing where it may be left out.
std::optional<ParamValue> generated(const Param& p, std::mt19937& random) {
  auto one_of = [&](auto... values) {
    const std::vector list{values...};
    return list[random() % list.size()];
  };
  if (p.may_be_absent && random() % 4 == 0) return std::nullopt;
  switch (p.kind) {
    case Param::Kind::size:
      return ParamValue(Dim{128 * one_of(1, 2, 3, 8, 57), 5, "a rule"});
    case Param::Kind::integer:
      return ParamValue(one_of(1, 2, 8, 64));
    case Param::Kind::real:
      return ParamValue(one_of(1e-6, 1e-5, 0.5, 30.0));
    case Param::Kind::boolean:
      return ParamValue(random() % 2 == 0);
    case Param::Kind::choice:
      return ParamValue(p.choices[random() % p.choices.size()]);
    case Param::Kind::dtype:
      return ParamValue(one_of("bfloat16", "float16"));
    case Param::Kind::text:
      return ParamValue(one_of("llama-3.1-8b", "qwen3-8b"));
  }
  return std::nullopt;
}

Form small_form() {
  Form f;
  f.id = "small";
  f.op_type = "small";
  f.name = {"small_w{width}", {"_cap{cap}", [](const Params& p) { return p.real("cap") > 0; }}};
  f.params = {form::size("width"), form::real("cap", 0.0), form::flag("biased"),
              form::dtype("dtype"), form::model()};
  f.tags = {"status:unverified", "model:{model}", "bias:{biased:yes|no}"};
  f.axes = {form::var("rows"), form::constant("width"),
            form::derived(
                "half", "width", [](std::int64_t w) { return w / 2; }, "width / 2")};
  f.inputs = {form::tensor("x", {"rows", "width"}, "{dtype}"),
              form::tensor("b", {"width"}, "{dtype}").optional([](const Params& p) {
                return p.flag("biased");
              })};
  f.outputs = {form::tensor("y", {"rows", "half"}, "{dtype}")};
  f.reference = "CAP = 0.0  # kdex:constant\n\ndef run(x):\n    return x\n";
  f.constants = {{"CAP", "{cap}"}};
  return f;
}
const Params kSmall{{"width", 64}, {"dtype", "bfloat16"}, {"biased", true}, {"model", "m"}};

}  // namespace

TEST_CASE("what a form writes is read back as the same parameters") {
  std::mt19937 random(7);
  int forms = 0;
  for (const auto& family : families().families)
    for (const auto& f : family.family->forms()) {
      ++forms;
      for (int i = 0; i < 200; ++i) {
        Params p;
        for (const auto& param : f.params)
          if (auto v = generated(param, random)) p.set(param.name, *v);
        const Definition d = write(f, p);
        const Reading r = read(f, d);
        INFO(family.info.name << " " << f.id << " " << d.name << ": " << r.why);
        REQUIRE(r.ok);
        const Params asked = complete(f, p);
        for (const auto& [name, value] : asked.values()) {
          INFO(name << " " << value.python());
          if (f.param(name)->from) continue;  // what a name says of it depends on others
          REQUIRE(r.params.find(name) != nullptr);
          CHECK(*r.params.find(name) == value);
        }
        const Definition again = write(f, r.params);
        CHECK(again.name == d.name);
        CHECK(again.tags == d.tags);
        CHECK(again.description == d.description);
        CHECK(again.reference == d.reference);
        CHECK(r.params.further_tags.empty());
      }
    }
  CHECK(forms > 0);
}

TEST_CASE("one name, one thing; what is written is read back; all is described") {
  for (const char* dialect : {"official", "fi_trace"}) {
    std::vector<const Form*> forms;
    for (const auto& family : families().families)
      for (const auto& f : family.family->forms())
        if (f.dialect.empty() || f.dialect == dialect) forms.push_back(&f);
    CHECK(forms.size() > 15);
    for (const auto& line : check_forms(forms)) FAIL_CHECK(dialect << ": " << line);
  }
}

TEST_CASE("forms that share a name are found, with what differs") {
  Form f = small_form(), other = small_form();
  f.description = other.description = {"Half of a row."};
  for (auto* form : {&f, &other}) {
    for (auto& a : form->axes) a.description = "An axis.";
    for (auto* list : {&form->inputs, &form->outputs})
      for (auto& t : *list) t.description = "A tensor.";
  }
  f.name = other.name = {"small_w{width}_cap{cap}_{biased:b|n}_{dtype}"};
  CHECK(check_forms(std::vector{f}) == std::vector<std::string>{});
  other.id = "other";
  other.outputs[0].description = "Another tensor.";
  CHECK(check_forms(std::vector<const Form*>{&f, &other})
            .at(0)
            .find("other is also form small's; they differ in output y") != std::string::npos);
  f.name = {"small_w{width}_cap{cap}_{dtype}"};
  f.axes[0].description = "";
  const auto lines = check_forms(std::vector<const Form*>{&f});
  REQUIRE(lines.size() >= 2);
  CHECK(lines[0] == "form small: the axis rows has no description");
  CHECK(lines[1].find("of form small stands for two definitions; they differ in") !=
        std::string::npos);
  CHECK(lines[1].find("input b") != std::string::npos);
}

TEST_CASE("only what says where a kernel was met differs between findings of one name") {
  for (const auto& family : families().families)
    for (const auto& f : family.family->forms())
      for (const auto& t : f.tags) {
        if (!form_detail::says_where_met(f, t)) continue;
        for (const auto& name : t.text.params()) {
          INFO(f.id << " " << name);
          for (const auto& part : f.name)
            for (const auto& used : part.text.params()) CHECK(used != name);
        }
      }
}

TEST_CASE("descriptions are sentences") {
  for (const auto& family : families().families)
    for (const auto& f : family.family->forms()) {
      INFO(family.info.name << " " << f.id);
      for (const auto& a : f.axes) CHECK_MESSAGE(a.description.size() > 5, a.name);
      for (const auto* list : {&f.inputs, &f.outputs})
        for (const auto& t : *list) CHECK_MESSAGE(t.description.ends_with('.'), t.name);
    }
}

TEST_CASE("the ids of a family's forms differ") {
  for (const auto& family : families().families) {
    std::set<std::string> ids;
    for (const auto& f : family.family->forms()) CHECK(ids.insert(f.id).second);
  }
}

TEST_CASE("a constant axis has its parameter's origin and rule") {
  const Form f = small_form();
  Params p = kSmall;
  p.set("width", Dim{64, 9, "from there"});
  const Definition d = write(f, p);
  CHECK(d.axes.at(1).origin == 9);
  CHECK(d.axes.at(1).rule == "from there");
  CHECK(d.axes.at(2).value == 32);
  CHECK(d.axes.at(2).origin == 9);
  CHECK(d.axes.at(2).rule == "width / 2");
}

TEST_CASE("parameters that do not fit a form are named") {
  const Form f = small_form();
  Params p = kSmall;
  CHECK(write(f, p).name == "small_w64");
  CHECK_THROWS_WITH_AS(write(f, {{"width", 64}}),
                       doctest::Contains("the parameter 'dtype' is missing"), Error);
  p.set("wide", 3);
  CHECK_THROWS_WITH_AS(write(f, p), doctest::Contains("there is no parameter 'wide'"), Error);
  p = kSmall;
  p.set("width", "64");
  CHECK_THROWS_WITH_AS(write(f, p), doctest::Contains("of another kind"), Error);
}

TEST_CASE("a definition that is another form's says in what") {
  const Form f = small_form();
  const Definition good = write(f, kSmall);
  auto why = [&](auto change) {
    Definition d = good;
    change(d);
    const Reading r = read(f, d);
    CHECK_FALSE(r.ok);
    return r.why;
  };
  CHECK(why([](Definition& d) { d.op_type = "other"; }) == "the op type is other");
  CHECK(why([](Definition& d) { d.axes[2].value = 31; }) ==
        "the axis half is 31, not 32 (width / 2)");
  CHECK(why([](Definition& d) { d.axes[1].value.reset(); }) == "the axis width is not constant");
  CHECK(why([](Definition& d) { d.axes.push_back({"more"}); }) == "the axis more is unknown");
  CHECK(why([](Definition& d) { d.inputs[1].dtype = "float16"; }) ==
        "the dtype of the input b is float16 where dtype is bfloat16");
  CHECK(why([](Definition& d) { d.inputs.pop_back(); }) == "there is no input b");
  CHECK(why([](Definition& d) {
          d.inputs[0].shape = {{"width", "rows"}};
        }) == "the input x is [width, rows], not [rows, width]");
  CHECK(why([](Definition& d) { d.outputs.clear(); }) == "there is no output y");
  CHECK(why([](Definition& d) { d.reference = "CAP = much\n"; }) ==
        "the reference's constant CAP is 'much', which this form does not take");
}

TEST_CASE("a reference of another author is read by its lines, and defaults stand for the rest") {
  const Form f = small_form();
  Definition d = write(f, kSmall);
  d.reference = "def run(x):\n    CAP = 2.5  # of the model\n    return x\n";
  d.description = "Somebody's own.";
  CHECK(read(f, d).params.real("cap") == 2.5);
  d.reference = "def run(x):\n    return x\n";
  CHECK(read(f, d).params.real("cap") == 0);
}

TEST_CASE("tags that the form does not write stay, behind those of their key") {
  const Form f = small_form();
  Definition d = write(f, kSmall);
  d.tags = {"status:unverified", "model:m", "model:second", "bias:yes", "tp:8"};
  const Reading r = read(f, d);
  REQUIRE(r.ok);
  CHECK(r.params.text("model") == "m");
  CHECK(write(f, r.params).tags == d.tags);
}

TEST_CASE("findings of one kernel have the same tags in any order") {
  const Form f = small_form();
  auto met = [&](const char* model) {
    Params p = kSmall;
    p.set("model", model);
    return write(f, p);
  };
  CHECK(met("b").met == std::vector<std::string>{"model:b"});
  const std::vector<std::string> wanted = {"status:unverified", "model:a", "model:b", "model:c",
                                           "bias:yes"};
  std::vector<const char*> order = {"a", "b", "c"};
  do {
    Definition d = met(order[0]);
    CHECK(join_tags(d, met(order[1])));
    CHECK(join_tags(d, met(order[2])));
    CHECK_FALSE(join_tags(d, met(order[2])));
    CHECK(d.tags == wanted);
    CHECK(write(f, read(f, d).params).tags == wanted);
  } while (std::next_permutation(order.begin(), order.end()));
  Definition d = met("a"), other = met("a");
  other.tags = {"status:other", "model:a", "tp:16", "tp:8", "bias:yes"};
  other.met = {"tp:16", "tp:8"};
  join_tags(d, other);
  CHECK(d.tags ==
        std::vector<std::string>{"status:unverified", "model:a", "tp:8", "tp:16", "bias:yes"});
}

TEST_CASE("patterns") {
  const Params p{{"n", 8}, {"eps", 1e-6}, {"on", true}};
  CHECK(Text("a{n}_b{eps}").write(p) == "a8_b1e-06");
  CHECK(Text("{on:yes|}").write(p) == "yes");
  CHECK(Text("x{n}").read("x12") == "12");
  CHECK_FALSE(Text("x{n}").read("y12"));
  CHECK_FALSE(Text("{n}{eps}").is_readable());
  CHECK_THROWS_AS(Text("{n"), Error);
  CHECK_THROWS_AS(Text("{unset}").write(p), Error);
}

namespace {

/// The code of a C++ file without its // comments, and the contents of its string literals.
struct Code {
  std::string code;
  std::vector<std::string> literals;
};
Code code_of(const std::string& text) {
  Code out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, "//") == 0) {
      i = text.find('\n', i);
      if (i == std::string::npos) break;
    } else if (text[i] == '"') {
      std::string literal;
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\') ++i;
        literal += text[i];
      }
      out.literals.push_back(std::move(literal));
      out.code += "\"\"";
      continue;
    }
    out.code += text[i];
  }
  return out;
}

bool is_word_part(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

/// Whether a word of `text` is `name` or starts with it and an underscore.
bool mentions(const std::string& text, const std::string& name) {
  for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if ((at == 0 || !is_word_part(text[at - 1])) &&
        (end == text.size() || text[end] == '_' || !is_word_part(text[end])))
      return true;
  }
  return false;
}

}  // namespace

TEST_CASE("core and the SDK name no family, and no op type, axis or tensor of a form") {
  namespace fs = std::filesystem;
  std::set<std::string> families_and_ops, parts;
  for (const auto& family : families().families) {
    families_and_ops.insert(family.info.name);
    for (const auto& op : family.info.op_types) families_and_ops.insert(op);
    for (const auto& f : family.family->forms()) {
      for (const auto& a : f.axes) parts.insert(a.name);
      for (const auto* list : {&f.inputs, &f.outputs})
        for (const auto& t : *list) parts.insert(t.name);
    }
  }
  REQUIRE(parts.size() > 30);
  // Roles of modules and a fact of models, whose words families share.
  for (const char* word : {"activation", "quantization", "rotary"}) families_and_ops.erase(word);
  // Axes and tensors that are also a deployment's setting, a configuration's field, an option, a
  // plain word of JSON, a parameter of functions and of every layer of torch and the number of
  // sequences that somebody asks workloads for; letters mean nothing.
  for (const char* word :
       {"page_size", "hidden_size", "out", "input", "output", "weight", "batch_size"})
    parts.erase(word);
  std::erase_if(parts, [](const std::string& p) { return p.size() < 3; });
  // Examples in what `--help` and errors print; and the shapes of layers without a definition and
  // what calls cost, whose words are those of a role's facts (kdex/roles.h), which axes share; and
  // the sizes of a step, as the driver names them.
  const std::set<std::string> examples = {"core/cli/command.cpp",      "core/cli/kernels_plan.cpp",
                                          "core/pipeline/options.cpp", "core/report/unmatched.cpp",
                                          "core/model/cost.cpp",       "core/model/regimes.cpp"};
  int files = 0;
  const fs::path root = KDEX_TEST_ROOT;
  for (const char* folder : {"core", "include"})
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string name = fs::relative(entry.path(), root).generic_string();
      if ((!name.ends_with(".cpp") && !name.ends_with(".h")) || examples.contains(name)) continue;
      ++files;
      const Code code = code_of(read_file(entry.path().string()));
      for (const auto& word : families_and_ops) {
        CHECK_MESSAGE(!mentions(code.code, word), name << " names " << word);
        for (const auto& literal : code.literals)
          CHECK_MESSAGE(!mentions(literal, word), name << " names " << word << ": " << literal);
      }
      for (const auto& literal : code.literals)
        CHECK_MESSAGE(!parts.contains(literal), name << " names " << literal);
    }
  CHECK(files > 100);
}
