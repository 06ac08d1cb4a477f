// The form of a gated activation: a function of one half of a row times the other half.
#include <cmath>
#include <numbers>

#include <kdex/kernel_authoring.h>

#include "activation.h"
#include "references.h"

namespace kdex_activation {
namespace sdk = kdex::sdk;
namespace form = kdex::form;
using kdex::Form;
using kdex::Params;

namespace {

const std::vector<std::string> functions = {"silu", "gelu", "gelu_tanh"};

double activated(const std::string& function, double x) {
  if (function == "silu") return x / (1 + std::exp(-x));
  if (function == "gelu") return x / 2 * (1 + std::erf(x / std::numbers::sqrt2));
  return x / 2 * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
}

std::vector<kdex::Expected> formula(const Params& p, const kdex::CallInputs& in,
                                    kdex::Random& random, int threads) {
  const kdex::HostTensor& x = in.tensor("input");
  const std::int64_t width = p.integer("hidden_size") / 2;
  const sdk::Values values(x);
  const auto rows = sdk::pick(x.shape[0], 256, random);
  kdex::Expected e = sdk::rows_of("output", rows, width);
  sdk::in_parallel(static_cast<std::int64_t>(rows.size()), threads, [&](std::int64_t k) {
    const std::int64_t first = rows[static_cast<std::size_t>(k)] * 2 * width;
    for (std::int64_t i = 0; i < width; ++i)
      e.values[static_cast<std::size_t>(k * width + i)] =
          activated(p.text("function"), values[first + i]) * values[first + width + i];
  });
  return {e};
}

kdex::KernelPlan plan(const Params& params, const kdex::Chip& chip, const kdex::Tuning& tuning) {
  const std::int64_t width = params.integer("hidden_size") / 2;
  const auto dtype = sdk::dtype_constant(params.text("dtype"));
  if (!dtype) return sdk::no_kernel("activation: rows must be bfloat16 or float16");
  if (params.integer("hidden_size") % 2 != 0)
    return sdk::no_kernel("activation: hidden_size is odd");
  const std::int64_t vectors = width / (width % 8 == 0   ? 8
                                        : width % 4 == 0 ? 4
                                        : width % 2      ? 1
                                                         : 2);
  std::int64_t threads = 64;
  while (threads < 256 && threads < vectors) threads *= 2;
  threads = std::clamp<std::int64_t>(tuning.number_or("THREADS", threads), 32, 1024);
  const auto function = std::find(functions.begin(), functions.end(), params.text("function"));
  kdex::KernelPlan p;
  p.available = true;
  p.programmatic_launch = chip.is_hopper();
  p.summary = sdk::text(threads) + " threads, a vector each";
  auto& l = sdk::add_launch(p,
                            sdk::add_unit(p, "activation/act_and_mul.cu", "act_and_mul",
                                          {{"KDEX_DTYPE", *dtype},
                                           {"WIDTH", sdk::text(width)},
                                           {"FUNCTION", sdk::text(function - functions.begin())},
                                           {"THREADS", sdk::text(threads)}}),
                            {});
  l.grid[0] = kdex::axis("num_tokens") * kdex::ceil_div(vectors, threads);
  l.block = threads;
  l.arguments = {sdk::tensor_argument("input"), sdk::tensor_argument("output")};
  return p;
}

Form act_and_mul() {
  Form f;
  f.id = "act_and_mul";
  f.op_type = "activation";
  f.name = {"{function}_and_mul_h{hidden_size}",
            {"_{dtype}", [](const Params& p) { return p.text("dtype") != "bfloat16"; }}};
  f.params = {form::size("hidden_size"), form::choice("function", functions), form::dtype("dtype"),
              form::model(), form::deployment("tp")};
  f.tags = {"status:unverified", "model:{model}", "tp:{tp}",
            "fi_api:flashinfer.activation.{function}_and_mul", "fused"};
  f.description = {"Gated activation: {function} of the first half of each row times the second."};
  f.axes = {form::var("num_tokens", "Tokens of the batch."),
            form::constant("hidden_size", "Width of both halves."),
            form::derived(
                "hidden_div_2", "hidden_size", [](std::int64_t n) { return n / 2; },
                "hidden_size / 2", "Width of each half.")};
  f.inputs = {form::tensor("input", {"num_tokens", "hidden_size"}, "{dtype}",
                           "The half that is activated, then the half that it multiplies.")};
  f.outputs = {form::tensor("output", {"num_tokens", "hidden_div_2"}, "{dtype}",
                            "The product of the halves, a row a token.")};
  f.covers = {"activation"};
  f.reference = kdex_reference::act_and_mul;
  f.constants = {{"FUNCTION", "\"{function}\""}};
  f.workloads = sdk::rows("num_tokens", {1, 7, 64, 1000, 8192});
  f.formula = formula;
  f.plan = plan;
  return f;
}

}  // namespace

const std::vector<Form>& forms() {
  static const std::vector<Form> all = {act_and_mul()};
  return all;
}

}  // namespace kdex_activation
