// The families' kernel plans as JSON, for plans_agree.py: stdin is a list of {definition, arch,
// axes}; for each it prints the launches that are made at those sizes.
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include <kdex/error.h>

#include "core/cuda/expression.h"
#include "core/definition/json.h"
#include "core/pipeline/kernels.h"

using namespace kdex;
using Json = nlohmann::ordered_json;

int main() try {
  const LoadedFamilies loaded = load_families({KDEX_TEST_PLUGINS});
  const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  Json out = Json::array();
  for (const auto& wanted : parse_json(text, "stdin")) {
    std::string family;
    const KernelPlan plan =
        plan_kernel(loaded.families, definition_from_json(wanted["definition"].dump(), "stdin"),
                    wanted["arch"].get<std::string>(), family);
    Json launches = Json::array();
    if (plan.available) {
      cuda::Names names{{"sms", 132}};
      for (const auto& [name, value] : wanted["axes"].items())
        names[name] = value.get<std::int64_t>();
      names = cuda::with_values(plan, names);
      for (const auto& l : plan.launches) {
        if (!l.when.empty() && cuda::evaluate(l.when, names) == 0) continue;
        Json constants = Json::object(), grid = Json::array();
        for (const auto& [name, value] : plan.units[l.unit].constants) constants[name] = value;
        for (const auto& g : l.grid) grid.push_back(cuda::evaluate(g, names));
        launches.push_back({{"file", plan.units[l.unit].file},
                            {"entry", l.entry},
                            {"constants", constants},
                            {"grid", grid},
                            {"block", cuda::evaluate(l.block, names)},
                            {"shared", cuda::evaluate(l.shared, names)},
                            {"arguments", l.arguments.size()}});
      }
    }
    out.push_back({{"why_not", plan.why_not}, {"launches", launches}});
  }
  std::cout << out.dump() << "\n";
} catch (const Error& e) {
  std::cerr << e.what() << "\n";
  return 1;
}
