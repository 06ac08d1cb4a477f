// The family my_family: a start for your own. It finds SiluAndMul modules and writes one definition
// for each width, with workloads and a CUDA kernel. Replace the class, the form and the kernel.
#include <cmath>

#include <kdex/authoring.h>
#include <kdex/kernel_authoring.h>

#include "kernels.h"
#include "references.h"

namespace form = kdex::form;
namespace sdk = kdex::sdk;

namespace {

/// How the kernel in my_family.cu is launched.
kdex::KernelPlan plan(const kdex::Params& p, const kdex::Chip&, const kdex::Tuning&) {
  const auto dtype = sdk::dtype_constant(p.text("dtype"));
  if (!dtype) return sdk::no_kernel("my_family: the tensors must be bfloat16 or float16");
  const std::int64_t width = p.integer("intermediate_size");
  kdex::KernelPlan plan;
  plan.available = true;
  plan.summary = "256 threads for 1024 elements";
  plan.units.push_back({"my_family.cu",
                        std::string(kdex_kernels::my_family),
                        {{"KDEX_DTYPE", *dtype}, {"WIDTH", sdk::text(width)}},
                        {"my_family"}});
  kdex::KernelLaunch launch;
  launch.entry = "my_family";
  launch.grid = {kdex::Expr::named("num_tokens"), kdex::ceil_div(width, 1024), 1};
  launch.block = 256;
  launch.arguments = {sdk::tensor_argument("gate_up"), sdk::tensor_argument("output")};
  plan.launches.push_back(std::move(launch));
  return plan;
}

/// The same in float64, for some rows: what `kdex kernels verify` compares with.
std::vector<kdex::Expected> formula(const kdex::Params& p, const kdex::CallInputs& in,
                                    kdex::Random& random, int threads) {
  const kdex::HostTensor& x = in.tensor("gate_up");
  const std::int64_t width = p.integer("intermediate_size");
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

/// What the kernel is: everything but where it is found.
kdex::Form activation() {
  kdex::Form f;
  f.id = "activation";
  f.op_type = "my_family";
  f.name = {"my_family_i{intermediate_size}",
            {"_{dtype}", [](const kdex::Params& p) { return p.text("dtype") != "bfloat16"; }}};
  f.params = {form::size("intermediate_size"), form::dtype("dtype"), form::model()};
  f.tags = {"status:unverified", "model:{model}"};
  f.description = {"SiLU of the first half times the second half."};
  f.axes = {form::var("num_tokens", "Tokens of the batch."),
            form::constant("intermediate_size", "Width of each half."),
            form::derived(
                "gate_up_size", "intermediate_size", [](std::int64_t n) { return 2 * n; },
                "2 * intermediate_size", "Width of both halves.")};
  f.inputs = {form::tensor("gate_up", {"num_tokens", "gate_up_size"}, "{dtype}",
                           "The gate half, then the half that it multiplies.")};
  f.outputs = {form::tensor("output", {"num_tokens", "intermediate_size"}, "{dtype}",
                            "The product of the halves, a row a token.")};
  f.reference = kdex_reference::my_family;
  f.workloads = sdk::rows("num_tokens", {1, 7, 64, 1000, 8192});
  f.formula = formula;
  f.plan = plan;
  return f;
}

class Family : public kdex::Family {
 public:
  kdex::FamilyInfo info() const override {
    return {"my_family", "0.1.0", "gated activation (a start for your own family)", {"my_family"}};
  }

  const std::vector<kdex::Form>& forms() const override {
    static const std::vector<kdex::Form> all = {activation()};
    return all;
  }

  kdex::FamilyResult match(const kdex::ModelView& view) const override {
    kdex::FamilyResult result;
    sdk::Notes notes;
    const auto& modules = view.tree.modules;
    const auto children = sdk::children_of(view.tree);
    for (std::size_t i = 0; i < modules.size(); ++i) {
      if (!modules[i].is_a("SiluAndMul") || modules[i].parent < 0) continue;
      // The width is the input size of the row-parallel linear beside it.
      std::optional<kdex::Dim> width;
      for (auto sibling : children[static_cast<std::size_t>(modules[i].parent)])
        if (modules[sibling].is_a("RowParallelLinear"))
          width = sdk::size_dim(modules[sibling], "input_size_per_partition");
      if (!width) {
        notes.add(modules[i], "no row-parallel linear with a known width stands beside it");
        continue;
      }
      result.matches.push_back(
          sdk::match({i}, sdk::path_pattern(modules[i].path), &forms()[0],
                     {{"intermediate_size", *width},
                      {"dtype", view.tree.dtype.empty() ? "bfloat16" : view.tree.dtype},
                      {"model", sdk::model_name(view.checkpoint)}}));
      result.claimed.push_back(i);
    }
    result.notes = notes.take();
    return result;
  }
};

}  // namespace

KDEX_FAMILY(Family)
