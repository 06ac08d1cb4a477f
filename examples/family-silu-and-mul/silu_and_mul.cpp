// A kernel family that starts from kernel calls: SiLU and product, wherever a step launches it.
#include <cmath>

#include <kdex/authoring.h>
#include <kdex/kernel_authoring.h>
#include <kdex/launches.h>
#include <kdex/roles.h>

#include "kernels.h"
#include "references.h"

namespace form = kdex::form;
namespace sdk = kdex::sdk;

namespace {

kdex::KernelPlan plan(const kdex::Params& p, const kdex::Chip&, const kdex::Tuning&) {
  const auto dtype = sdk::dtype_constant(p.text("dtype"));
  if (!dtype) return sdk::no_kernel("silu_and_mul: the tensors must be bfloat16 or float16");
  const std::int64_t width = p.integer("width");
  kdex::KernelPlan plan;
  plan.available = true;
  plan.summary = "256 threads for 1024 elements";
  plan.units.push_back({"silu_and_mul.cu",
                        std::string(kdex_kernels::silu_and_mul),
                        {{"KDEX_DTYPE", *dtype}, {"WIDTH", sdk::text(width)}},
                        {"silu_and_mul"}});
  kdex::KernelLaunch launch;
  launch.entry = "silu_and_mul";
  launch.grid = {kdex::Expr::named("num_tokens"), kdex::ceil_div(width, 1024), 1};
  launch.block = 256;
  launch.arguments = {sdk::tensor_argument("input"), sdk::tensor_argument("output")};
  plan.launches.push_back(std::move(launch));
  return plan;
}

std::vector<kdex::Expected> formula(const kdex::Params& p, const kdex::CallInputs& in,
                                    kdex::Random& random, int threads) {
  const kdex::HostTensor& x = in.tensor("input");
  const std::int64_t width = p.integer("width");
  const sdk::Values values(x);
  const auto rows = sdk::pick(x.shape[0], 256, random);
  kdex::Expected e = sdk::rows_of("output", rows, width);
  sdk::in_parallel(static_cast<std::int64_t>(rows.size()), threads, [&](std::int64_t k) {
    const std::int64_t first = rows[static_cast<std::size_t>(k)] * 2 * width;
    for (std::int64_t i = 0; i < width; ++i) {
      const double gate = values[first + i];
      e.values[static_cast<std::size_t>(k * width + i)] =
          gate / (1 + std::exp(-gate)) * values[first + width + i];
    }
  });
  return {e};
}

kdex::Form silu_and_mul() {
  kdex::Form f;
  f.id = "silu_and_mul";
  f.op_type = "silu_and_mul";
  f.name = {"silu_and_mul_w{width}",
            {"_{dtype}", [](const kdex::Params& p) { return p.text("dtype") != "bfloat16"; }}};
  f.params = {form::size("width"), form::dtype("dtype"), form::model()};
  f.tags = {"status:unverified", "model:{model}"};
  f.description = {"SiLU of the first half of each row times its second half."};
  f.axes = {form::var("num_tokens", "Tokens of the batch."),
            form::constant("width", "Width of each half."),
            form::derived(
                "gate_up_width", "width", [](std::int64_t n) { return 2 * n; }, "2 * width",
                "Width of both halves.")};
  f.inputs = {form::tensor("input", {"num_tokens", "gate_up_width"}, "{dtype}",
                           "The half that SiLU is taken of, then the half that it multiplies.")};
  f.outputs = {form::tensor("output", {"num_tokens", "width"}, "{dtype}", "Their product.")};
  f.covers = {"activation"};
  f.reference = kdex_reference::silu_and_mul;
  f.workloads = sdk::rows("num_tokens", {1, 7, 64, 1000, 8192});
  f.formula = formula;
  f.plan = plan;
  return f;
}

// [operands]
/// What a call reads and what it writes: one tensor [tokens, 2 n] and one [tokens, n].
struct Operands {
  const kdex::Operand *input = nullptr, *output = nullptr;

  explicit Operands(const kdex::KernelCall& call) {
    for (const auto& o : call.operands) (input == nullptr ? input : output) = &o;
  }
  bool fit() const {
    return output != nullptr && input->dtype == output->dtype && input->shape.size() == 2 &&
           output->shape.size() == 2 && input->shape[0] == output->shape[0] &&
           input->shape[1] == 2 * output->shape[1] && input->strides.empty();
  }
};
// [operands]

// [family]
class SiluAndMulFamily : public kdex::Family {
 public:
  kdex::FamilyInfo info() const override {
    return {"silu_and_mul", "0.1.0", "SiLU and product, from the kernel calls", {"silu_and_mul"}};
  }

  const std::vector<kdex::Form>& forms() const override {
    static const std::vector<kdex::Form> all = {silu_and_mul()};
    return all;
  }

  kdex::FamilyResult match(const kdex::ModelView& view) const override {
    kdex::FamilyResult result;
    sdk::Notes notes;
    const sdk::Launches launches(view);
    const auto is_activation = [](const kdex::Step&, const kdex::KernelCall& call) {
      return sdk::Launches::has_role(call, {"activation"});
    };
    for (const auto at : launches.where(is_activation)) {
      const kdex::KernelCall& call = launches[at];
      const auto modules = launches.modules_of(call);
      if (modules.empty()) continue;
      const kdex::Module& m = view.tree.modules[modules.front()];
      if (m.role != kdex::role::activation || sdk::text(m.fact("activation")) != "silu") continue;
      const Operands operands(call);
      if (!operands.fit()) {
        notes.add(m, "its operands are not [tokens, 2 n] and [tokens, n], in one piece");
        continue;
      }
      result.matches.push_back(
          sdk::match(modules, call.path, &forms()[0],
                     {{"width", sdk::sized_beside(view.tree, m, operands.output->shape[1])},
                      {"dtype", sdk::long_dtype(operands.output->dtype)},
                      {"model", sdk::model_name(view.checkpoint)}}));
      result.matches.back().calls = {at};
    }
    result.notes = notes.take();
    return result;
  }
};
// [family]

}  // namespace

KDEX_FAMILY(SiluAndMulFamily)
