// The quantization family: finds FP8 quantization of activations among the kernel calls, by role
// and operands.
#include <kdex/launches.h>
#include <kdex/roles.h>

#include "quantization.h"

namespace kdex_quantization {
namespace sdk = kdex::sdk;

namespace {

/// What a call reads, and the values and scales that it writes; null where it has no such operand.
struct Operands {
  const kdex::Operand *input = nullptr, *values = nullptr, *scales = nullptr;

  explicit Operands(const kdex::KernelCall& call)
      : input(sdk::operand(call, "input")),
        values(sdk::operand(call, "output_q")),
        scales(sdk::operand(call, "output_s")) {}
  bool are_there() const { return input != nullptr && values != nullptr && scales != nullptr; }
};

/// Why no form expresses the call, "" where one does.
std::string differs(const kdex::KernelCall& call) {
  const Operands o(call);
  if (!o.are_there()) return call.function + " does not tell its input, values and scales apart";
  const std::string more = sdk::given_beside(call, {"input", "output_q", "output_s", "result"});
  if (!more.empty()) return call.function + " is given " + more + ", too";
  if (o.values->dtype != "fp8e4m3") return "its values become " + o.values->dtype;
  if (o.scales->dtype != "f32") return "its scales are packed as " + o.scales->dtype;
  if (o.input->shape != o.values->shape) return "it activates its input, too";
  const auto &x = o.input->shape, &s = o.scales->shape;
  if (x.size() != 2 || s.size() != 2 || s[0] != x[0] || s[1] < 1 || x[1] % s[1] != 0)
    return "its scales are not [tokens, groups]";
  return x[1] / s[1] < 16 || x[1] / s[1] > 256 ? "a scale is of a whole token or tensor" : "";
}

}  // namespace

class QuantizationFamily : public kdex::Family {
 public:
  kdex::FamilyInfo info() const override {
    return {"quantization",
            "0.1.0",
            "FP8 quantization of activations, with a scale for each group of a token",
            {"quantization"}};
  }

  const std::vector<kdex::Form>& forms() const override { return kdex_quantization::forms(); }

  kdex::FamilyResult match(const kdex::ModelView& view) const override {
    kdex::FamilyResult result;
    sdk::Notes notes;
    const sdk::Launches launches(view);
    for (const auto at : launches.where([](const kdex::Step&, const kdex::KernelCall& call) {
           return sdk::Launches::has_role(call, {"quantization"});
         })) {
      const kdex::KernelCall& call = launches[at];
      const auto modules = launches.modules_of(call);
      // That of what experts read and hand on is part of the experts.
      if (modules.empty() || view.tree.modules[modules.front()].role == kdex::role::experts)
        continue;
      const kdex::Module& m = view.tree.modules[modules.front()];
      if (const std::string why = differs(call); !why.empty()) {
        notes.add(call.path, "no form of its quantization: " + why);
        continue;
      }
      const Operands o(call);
      const std::int64_t width = o.input->shape[1];
      // The module is the product's, and accounted for by its family: the call alone is rested on.
      result.matches.push_back(sdk::match({}, call.path, &forms()[0],
                                          {{"K", sdk::sized_beside(view.tree, m, width)},
                                           {"group_size", kdex::Dim{width / o.scales->shape[1]}},
                                           {"dtype", sdk::long_dtype(o.input->dtype)},
                                           {"model", sdk::model_name(view.checkpoint)},
                                           {"tp", view.deployment.tp}}));
      result.matches.back().calls = {at};
    }
    result.notes = notes.take();
    return result;
  }
};

}  // namespace kdex_quantization

KDEX_FAMILY(kdex_quantization::QuantizationFamily)
