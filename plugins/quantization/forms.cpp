// The form of FP8 quantization in groups: what stands before a product with scales in blocks.
#include <algorithm>
#include <cmath>

#include <kdex/kernel_authoring.h>

#include "quantization.h"
#include "references.h"

namespace kdex_quantization {
namespace sdk = kdex::sdk;
namespace form = kdex::form;
using kdex::Form;
using kdex::Params;

namespace {

/// The nearest e4m3 value, of ties the even one.
double rounded_e4m3(double x) {
  const double magnitude = std::min(std::abs(x), 448.0);
  const int exponent = std::max(magnitude > 0 ? std::ilogb(magnitude) : -6, -6);
  const double unit = std::ldexp(1.0, exponent - 3);
  return std::copysign(std::min(std::nearbyint(magnitude / unit) * unit, 448.0), x);
}

std::vector<kdex::Expected> formula(const Params& p, const kdex::CallInputs& in,
                                    kdex::Random& random, int threads) {
  const kdex::HostTensor& x = in.tensor("input");
  const std::int64_t width = p.integer("K"), group = p.integer("group_size"),
                     groups = width / group;
  const sdk::Values values(x);
  const auto rows = sdk::pick(x.shape[0], 256, random);
  kdex::Expected quantized = sdk::rows_of("output_q", rows, width),
                 scales = sdk::rows_of("output_s", rows, groups);
  sdk::in_parallel(static_cast<std::int64_t>(rows.size()), threads, [&](std::int64_t k) {
    for (std::int64_t g = 0; g < groups; ++g) {
      const std::int64_t first = rows[static_cast<std::size_t>(k)] * width + g * group;
      double largest = 1e-10;
      for (std::int64_t i = 0; i < group; ++i)
        largest = std::max(largest, std::abs(values[first + i]));
      scales.values[static_cast<std::size_t>(k * groups + g)] = largest / 448;
      for (std::int64_t i = 0; i < group; ++i)
        quantized.values[static_cast<std::size_t>(k * width + g * group + i)] =
            rounded_e4m3(values[first + i] * (448 / largest));
    }
  });
  return {quantized, scales};
}

kdex::KernelPlan plan(const Params& params, const kdex::Chip& chip, const kdex::Tuning& tuning) {
  const std::int64_t width = params.integer("K"), group = params.integer("group_size");
  const auto dtype = sdk::dtype_constant(params.text("dtype"));
  if (!dtype) return sdk::no_kernel("quantization: rows must be bfloat16 or float16");
  if (group != 16 && group != 32 && group != 64 && group != 128 && group != 256)
    return sdk::no_kernel("quantization: group_size " + sdk::text(group) +
                          " is none of 16, 32, 64, 128 and 256");
  if (width % group != 0) return sdk::no_kernel("quantization: K is not a multiple of group_size");
  const std::int64_t vectors = width / 8;
  std::int64_t threads = 64;
  while (threads < 256 && threads < vectors) threads *= 2;
  threads = std::clamp<std::int64_t>(tuning.number_or("THREADS", threads) / 32 * 32, 32, 1024);
  kdex::KernelPlan p;
  p.available = true;
  p.programmatic_launch = chip.is_hopper();
  p.summary = sdk::text(group / 8) + " threads a group";
  auto& l = sdk::add_launch(
      p,
      sdk::add_unit(p, "quantization/per_token_group_quant_fp8.cu", "per_token_group_quant_fp8",
                    {{"KDEX_DTYPE", *dtype},
                     {"WIDTH", sdk::text(width)},
                     {"GROUP_SIZE", sdk::text(group)},
                     {"THREADS", sdk::text(threads)}}),
      {});
  l.grid[0] = kdex::axis("M") * kdex::ceil_div(vectors, threads);
  l.block = threads;
  l.arguments = {sdk::tensor_argument("input"), sdk::tensor_argument("output_q"),
                 sdk::tensor_argument("output_s")};
  return p;
}

/// Features that share a scale, as the call's operands have them.
kdex::FormAxis group_size() {
  kdex::FormAxis a = form::var("group_size", "Features that share a scale.");
  a.variable = false, a.rule = "the operands: features of a token over its scales";
  a.value = [](const Params& p) { return p.integer("group_size"); };
  return a;
}

/// Groups of a row.
kdex::FormAxis groups() {
  kdex::FormAxis a = form::var("num_groups", "Groups of a token, each with a scale.");
  a.variable = false, a.param = "K", a.rule = "K / group_size";
  a.value = [](const Params& p) {
    return p.integer("K") / std::max<std::int64_t>(1, p.integer("group_size"));
  };
  return a;
}

Form per_token_group() {
  Form f;
  f.id = "per_token_group_quant_fp8";
  f.op_type = "quantization";
  f.name = {"per_token_group_quant_fp8_k{K}_g{group_size}",
            {"_{dtype}", [](const Params& p) { return p.text("dtype") != "bfloat16"; }}};
  f.params = {form::size("K"), form::integer("group_size"), form::dtype("dtype"), form::model(),
              form::deployment("tp")};
  f.tags = {"status:unverified", "model:{model}", "tp:{tp}", "quantization:float8_e4m3fn"};
  f.description = {
      "FP8 (e4m3) values of activations of {K} features, with a float32 scale for each "
      "{group_size} of a token."};
  f.axes = {form::var("M", "Tokens of the batch."), form::constant("K", "Features of a token."),
            group_size(), groups()};
  f.inputs = {form::tensor("input", {"M", "K"}, "{dtype}", "Activations, a row a token.")};
  f.outputs = {
      form::tensor("output_q", {"M", "K"}, "float8_e4m3fn", "The values over their group's scale."),
      form::tensor("output_s", {"M", "num_groups"}, "float32",
                   "What a group's values are multiplied by to have the input again.")
          .within(1e-5)};
  f.reference = kdex_reference::per_token_group_quant_fp8;
  f.constants = {{"GROUP_SIZE", "{group_size}"}};
  f.workloads = sdk::rows("M", {1, 7, 64, 1000, 8192});
  f.tolerance = 1e-2;
  f.formula = formula;
  f.plan = plan;
  return f;
}

}  // namespace

const std::vector<Form>& forms() {
  static const std::vector<Form> all = {per_token_group()};
  return all;
}

}  // namespace kdex_quantization
