// The activation family: finds gated activations among the kernel calls, by role and operands.
#include <kdex/launches.h>
#include <kdex/roles.h>

#include "activation.h"

namespace kdex_activation {
namespace sdk = kdex::sdk;

namespace {

/// The tensor that a call reads and the one that it writes: the first two.
struct Operands {
  const kdex::Operand *input = nullptr, *output = nullptr;

  explicit Operands(const kdex::KernelCall& call) {
    if (call.operands.size() < 2) return;
    input = &call.operands[0], output = &call.operands[1];
  }
  bool is_gated() const {
    if (output == nullptr || input->dtype != output->dtype || input->shape.size() != 2 ||
        output->shape.size() != 2)
      return false;
    return input->shape[0] == output->shape[0] && input->shape[1] == 2 * output->shape[1];
  }
};

/// What the call says that it computes, else the module.
std::string function_of(const kdex::KernelCall& call, const kdex::Module& m) {
  const std::string said = sdk::argument(call, "activation");
  return said.empty() ? sdk::text(m.fact("activation")) : said;
}

}  // namespace

class ActivationFamily : public kdex::Family {
 public:
  kdex::FamilyInfo info() const override {
    return {"activation",
            "0.1.0",
            "Gated activations: SiLU or GELU of one half of a row times the other",
            {"activation"}};
  }

  const std::vector<kdex::Form>& forms() const override { return kdex_activation::forms(); }

  kdex::FamilyResult match(const kdex::ModelView& view) const override {
    kdex::FamilyResult result;
    sdk::Notes notes;
    const sdk::Launches launches(view);
    const auto functions = forms()[0].param("function")->choices;
    for (const auto at : launches.where([](const kdex::Step&, const kdex::KernelCall& call) {
           return sdk::Launches::has_role(call, {"activation"});
         })) {
      const kdex::KernelCall& call = launches[at];
      const auto modules = launches.modules_of(call);
      // The activation between two products of experts is part of the experts.
      if (modules.empty() || view.tree.modules[modules.front()].role == kdex::role::experts)
        continue;
      const kdex::Module& m = view.tree.modules[modules.front()];
      const Operands operands(call);
      const std::string function = function_of(call, m);
      if (!operands.is_gated()) {
        notes.add(m, "its activation is not from [tokens, 2 n] to [tokens, n]");
      } else if (std::find(functions.begin(), functions.end(), function) == functions.end()) {
        notes.add(m, "its activation is " + (function.empty() ? "not known" : function));
      } else if (const std::string more = sdk::given_beside(
                     call, {operands.input->name, operands.output->name, "result", "activation"});
                 !more.empty()) {
        notes.add(m, "no form of its activation: " + call.function + " is given " + more + ", too");
      } else {
        result.matches.push_back(
            sdk::match(m.role == kdex::role::activation ? modules : std::vector<std::size_t>{},
                       call.path, &forms()[0],
                       {{"hidden_size", sdk::sized_beside(view.tree, m, operands.input->shape[1])},
                        {"function", function},
                        {"dtype", sdk::long_dtype(operands.input->dtype)},
                        {"model", sdk::model_name(view.checkpoint)},
                        {"tp", view.deployment.tp}}));
        result.matches.back().calls = {at};
      }
    }
    result.notes = notes.take();
    return result;
  }
};

}  // namespace kdex_activation

KDEX_FAMILY(kdex_activation::ActivationFamily)
