// What functions mention: attributes, how they are used, calls with their keywords.
#include <doctest/doctest.h>

#include <algorithm>

#include "core/source/mentions.h"

using namespace kdex::source;
using Use = Mention::Use;

namespace {

const char* text = R"(
from a.b import C
class Layer(Base):
    def __init__(self):
        self.gate = C()
    def forward(self, x):
        from pkg.kernels import mm
        if hasattr(self.gate, "bias") or self.norm is None:
            del self.old
        y = torch.mm(x, self.gate.weight.t(), out_dtype=torch.float32)
        return self.attn(y, sinks=self.sinks, **self.more), getattr(self, "scale")
@register("fast")
def make(runner):
    def inner():
        return runner.limit
    return inner
)";

const FunctionText& function(const std::vector<FunctionText>& all, const char* name) {
  const auto at =
      std::find_if(all.begin(), all.end(), [&](const auto& f) { return f.name == name; });
  REQUIRE(at != all.end());
  return *at;
}

std::vector<Mention> of(const FunctionText& f, const char* attribute) {
  std::vector<Mention> out;
  for (const auto& m : f.mentions)
    if (m.attribute == attribute) out.push_back(m);
  return out;
}

}  // namespace

TEST_CASE("functions know their class, their decorators and what they import") {
  const auto all = functions_of(text);
  const auto& forward = function(all, "forward");
  CHECK(forward.class_name == "Layer");
  CHECK(forward.imports == std::vector<std::string>{"pkg.kernels"});
  const auto& make = function(all, "make");
  CHECK(make.class_name.empty());
  REQUIRE(make.decorators.size() == 1);
  CHECK(make.decorators[0].find("\"fast\"") != std::string::npos);
  CHECK(of(make, "limit").size() == 1);  // what lies within belongs to the function
  CHECK(make.names.contains("runner"));
}

TEST_CASE("an attribute is called, handed on, looked through, set, deleted or asked about") {
  const auto all = functions_of(text);
  const auto& forward = function(all, "forward");
  CHECK(of(function(all, "__init__"), "gate").at(0).use == Use::stored);
  const auto gate = of(forward, "gate");
  REQUIRE(gate.size() == 2);
  CHECK(gate[0].use == Use::tested);
  CHECK(gate[1].use == Use::through);
  CHECK(gate[1].next == "weight");
  CHECK(gate[1].argument_of == "torch.mm");
  CHECK(gate[1].out_dtype == "torch.float32");
  CHECK(gate[1].object == "self");
  CHECK(of(forward, "norm").at(0).use == Use::tested);
  CHECK(of(forward, "old").at(0).use == Use::deleted);
  CHECK(of(forward, "sinks").at(0).use == Use::value);
  CHECK(of(forward, "scale").at(0).use == Use::value);
  const auto attn = of(forward, "attn");
  REQUIRE(attn.size() == 1);
  CHECK(attn[0].use == Use::called);
  REQUIRE(attn[0].keywords.size() == 2);
  CHECK(attn[0].keywords[0] == std::pair<std::string, std::string>{"sinks", "self.sinks"});
  CHECK(attn[0].keywords[1] == std::pair<std::string, std::string>{"**", "self.more"});
}

TEST_CASE("a text that does not parse has no functions") {
  CHECK(functions_of("def f(:\n").empty());
}

TEST_CASE("a branch of a question about self, and what an argument is converted to") {
  const auto all = functions_of(R"(
class Block:
    def forward(self, x):
        if self.need_fp32:
            y = torch.matmul(x.float(), self.gate.weight.t().to(torch.float32))
        elif x is None:
            y = self.gate(x)
        else:
            y = self.gate(x.to(torch.float16))
        if not self.shared:
            return self.down(y)
        return self.up(y)
)");
  const auto& forward = function(all, "forward");
  const auto gate = of(forward, "gate");
  REQUIRE(gate.size() == 3);
  using Branches = std::vector<std::pair<std::string, bool>>;
  CHECK(gate[0].if_self == Branches{{"need_fp32", true}});
  CHECK(gate[0].argument_of == "torch.matmul");
  CHECK(gate[0].out_dtype == "torch.float32");
  CHECK(gate[1].if_self == Branches{{"need_fp32", false}});
  CHECK(gate[2].if_self == Branches{{"need_fp32", false}});
  CHECK(gate[2].out_dtype.empty());
  CHECK(of(forward, "down").at(0).if_self == Branches{{"shared", false}});
  CHECK(of(forward, "up").at(0).if_self.empty());
}
