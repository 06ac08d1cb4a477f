// The forms of matrix products: one dtype in the dataset's and in FlashInfer's layout of the
// weight, FP8 with scales in blocks or one a tensor, NVFP4.
#include <cmath>

#include "gemm.h"
#include "references.h"

namespace kdex_gemm {
namespace sdk = kdex::sdk;
namespace form = kdex::form;
using kdex::Form;
using kdex::Params;

namespace {

/// Samples of C = A B; `columns`: B is [K, N], else [N, K].
std::vector<kdex::Expected> product(bool columns, const kdex::CallInputs& in, kdex::Random& random,
                                    int threads) {
  const kdex::HostTensor &a = in.tensor("A"), &b = in.tensor("B");
  const std::int64_t m = a.shape[0], k = a.shape[1], n = b.shape[columns ? 1 : 0],
                     step = columns ? n : 1;
  const sdk::Values as(a), bs(b);
  auto rows = sdk::pick(m, 96, random), chosen = sdk::pick(n, 384, random);
  kdex::Expected e{"C", {}, {}};
  for (auto r : rows)
    for (auto c : chosen) e.elements.push_back(r * n + c);
  e.values.resize(e.elements.size());
  std::vector<std::vector<double>> left(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::int64_t x = 0; x < k; ++x) left[i].push_back(as[rows[i] * k + x]);
  sdk::in_parallel(static_cast<std::int64_t>(chosen.size()), threads, [&](std::int64_t j) {
    std::vector<double> right;
    const std::int64_t at = chosen[static_cast<std::size_t>(j)] * (columns ? 1 : k);
    for (std::int64_t x = 0; x < k; ++x) right.push_back(bs[at + x * step]);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      double sum = 0;
      for (std::int64_t x = 0; x < k; ++x)
        sum += left[i][static_cast<std::size_t>(x)] * right[static_cast<std::size_t>(x)];
      e.values[i * chosen.size() + static_cast<std::size_t>(j)] = sum;
    }
  });
  return {e};
}

/// What all forms share. The layer's own dtype and whether it has a bias are in the tags.
Form gemm(const char* id, const char* dialect, const char* op_type) {
  Form f;
  f.id = id;
  f.dialect = dialect;
  f.op_type = op_type;
  f.params = {form::size("N"),
              form::size("K"),
              form::model(),
              form::deployment("tp"),
              form::may_be_absent(form::dtype("dtype")),
              form::may_be_absent(form::flag("bias"))};
  f.tags = {"status:unverified", "model:{model}", "tp:{tp}", "dtype:{dtype}", "bias:{bias:yes|no}"};
  f.axes = {form::var("M", "Tokens of the batch."),
            form::constant("N", "Output features: rows of the weight."),
            form::constant("K", "Input features, which the product sums.")};
  f.covers = {"weight", "stored_as", "scales",      "bias",        "dtype",
              "method", "quantized", "weight_only", "output_dtype"};
  f.workloads = sdk::rows("M", {1, 7, 16, 64, 129, 1024, 8192});
  return f;
}

bool is_single(const Params& p) { return p.text("storage") == "float32"; }
bool is_half(const Params& p) { return !is_single(p); }
bool is_bfloat16(const Params& p) { return p.text("storage") == "bfloat16"; }
bool is_other_output(const Params& p) { return p.text("dtype") != "bfloat16"; }

/// Operands of one dtype. `columns`: B is [K, N].
void add_operands(Form& f, bool columns, const kdex::Text& dtype) {
  f.description = {{"Product of activations with the weight of a linear layer", is_half},
                   {"Product of activations with a float32 weight", is_single},
                   ", {N} outputs from {K} inputs."};
  f.inputs = {form::tensor("A", {"M", "K"}, dtype, "Activations, a row a token."),
              columns ? form::tensor("B", {"K", "N"}, dtype,
                                     "The weight transposed: a column an output feature.")
                      : form::tensor("B", {"N", "K"}, dtype,
                                     "The weight as torch stores it: a row an output feature.")};
  f.outputs = {form::tensor("C", {"M", "N"}, dtype, "The product A B^T, a row a token.")};
  f.reference = columns ? kdex_reference::gemm_kn : kdex_reference::gemm;
  f.formula = [columns](const Params&, const kdex::CallInputs& in, kdex::Random& random,
                        int threads) { return product(columns, in, random, threads); };
  f.plan = [columns](const Params& p, const kdex::Chip& chip, const kdex::Tuning& tuning) {
    return plan(p, columns, chip, tuning);
  };
}

/// The dataset's form has every 16-bit layer in float16; a router's dtype of logits is in the tags.
Form by_rows() {
  Form f = gemm("gemm", "official", "gemm");
  f.name = {"gemm_", {"fp32_", is_single}, {"bf16_", is_bfloat16}, "n{N}_k{K}"};
  f.params.push_back(form::may_be_absent(form::dtype("output")));
  f.tags.emplace_back(kdex::Text("output:{output}"));
  f.params.push_back(form::choice("storage", {"float16", "bfloat16", "float32"}, "float16"));
  add_operands(f, false, "{storage}");
  return f;
}

/// FlashInfer's form; `short_name` of the dtype in names.
Form by_columns(const char* op_type, const char* dtype, const std::string& short_name) {
  Form f = gemm(op_type, "fi_trace", op_type);
  f.name = {kdex::Text("gemm_" + short_name + "_N{N}_K{K}")};
  f.params.push_back(form::choice("storage", {dtype}, dtype));
  if (std::string_view(dtype) != "float32")
    f.tags.emplace_back(kdex::Text("fi_api:flashinfer.gemm.gemm_base.mm_" + short_name));
  add_operands(f, true, "{storage}");
  return f;
}

/// What the quantized forms share: the output has the activations' dtype.
Form quantized(const char* id, const char* op_type, const char* api, const char* quantization) {
  Form f = gemm(id, "", op_type);
  for (auto& p : f.params)
    if (p.name == "dtype") p.may_be_absent = false;
  f.tags.emplace_back(kdex::Text(std::string("fi_api:flashinfer.gemm.gemm_base.") + api));
  f.tags.emplace_back(kdex::Text(std::string("quantization:") + quantization));
  f.constants = {{"OUT_DTYPE", "torch.{dtype}"}};
  return f;
}

/// K / 128 or N / 128, rounded up: scales of a block.
kdex::FormAxis blocks_of(const std::string& axis) {
  return form::var(axis + "_div_block",
                   "Blocks of 128 along " + axis + ": " + axis + " / 128, rounded up.")
      .sized([axis](const Params& p, std::size_t) { return (p.integer(axis) + 127) / 128; });
}

/// FP8 values times these scales are of the size of activations: about a half, and of weights: one
/// over the root of what is summed.
kdex::Fill activation_scales() {
  return sdk::uniform([](const Params&) { return 0.25; }, [](const Params&) { return 0.75; });
}
double weight_scale(const Params& p) {
  return 0.5 / std::sqrt(static_cast<double>(std::max<std::int64_t>(1, p.integer("K"))));
}
kdex::Fill weight_scales() {
  return sdk::uniform(weight_scale, [](const Params& p) { return 3 * weight_scale(p); });
}

Form fp8_block() {
  Form f = quantized("gemm_fp8_block", "gemm_fp8", "gemm_fp8_nt_groupwise", "float8_e4m3fn");
  f.name = {"gemm_fp8_nt_groupwise_n{N}_k{K}", {"_{dtype}", is_other_output}};
  f.description = {
      "Product of FP8 activations (scales of 1 x 128) with an FP8 weight (scales of "
      "128 x 128), {N} outputs from {K} inputs."};
  f.axes.push_back(blocks_of("K"));
  f.axes.push_back(blocks_of("N"));
  f.inputs = {
      form::tensor("a", {"M", "K"}, "float8_e4m3fn", "Quantized activations, a row a token."),
      form::tensor("b", {"N", "K"}, "float8_e4m3fn",
                   "The quantized weight, a row an output feature."),
      form::tensor("a_scale", {"M", "K_div_block"}, "float32",
                   "Factors of a: one for 128 values of a token.")
          .filled(activation_scales()),
      form::tensor("b_scale", {"N_div_block", "K_div_block"}, "float32",
                   "Factors of b: one for a block of 128 x 128.")
          .filled(weight_scales())};
  f.outputs = {form::tensor("out", {"M", "N"}, "{dtype}", "The scaled product, a row a token.")};
  f.reference = kdex_reference::gemm_fp8_block;
  f.plan = [](const Params& p, const kdex::Chip& chip, const kdex::Tuning& tuning) {
    return plan_fp8(p, true, chip, tuning);
  };
  return f;
}

/// Random e4m3 values are of about one: products of activations of a half and weights of one over
/// the root of what is summed.
double fp8_alpha(const Params& p) { return static_cast<float>(0.5 * weight_scale(p)); }

Form fp8_tensor() {
  Form f = quantized("gemm_fp8_tensor", "gemm_fp8", "mm_fp8", "float8_e4m3fn");
  f.name = {"gemm_fp8_N{N}_K{K}", {"_{dtype}", is_other_output}};
  f.description = {
      "Product of FP8 activations with an FP8 weight, one scale a tensor, {N} outputs "
      "from {K} inputs."};
  f.axes.push_back(form::derived(
      "K_div_block_size", "K", [](std::int64_t k) { return k / 128; }, "K / 128",
      "Blocks of K in the layout of the weight."));
  f.axes.push_back(form::fixed("block_size", 128,
                               "the block of K in this form's layout of the weight",
                               "Values of K in a block of the weight's layout."));
  f.inputs = {
      form::tensor("A", {"M", "K"}, "float8_e4m3fn", "Quantized activations, a row a token."),
      form::tensor("B", {"K_div_block_size", "N", "block_size"}, "float8_e4m3fn",
                   "The quantized weight in blocks of K, each [N, block_size]."),
      form::scalar("alpha", "float32", "Product of the scales of A and of B.").valued(fp8_alpha)};
  f.outputs = {form::tensor("C", {"M", "N"}, "{dtype}", "The scaled product, a row a token.")};
  f.reference = kdex_reference::gemm_fp8_tensor;
  f.plan = [](const Params& p, const kdex::Chip& chip, const kdex::Tuning& tuning) {
    return plan_fp8(p, false, chip, tuning);
  };
  return f;
}

/// Random FP4 operands with their scales are of about 2.6 each.
double fp4_alpha(const Params& p) {
  return static_cast<float>(
      0.03 / std::sqrt(static_cast<double>(std::max<std::int64_t>(1, p.integer("K")))));
}

Form nvfp4() {
  const char* bytes = "int8";  // FlashInfer-Bench 0.1.2 knows no unsigned type
  Form f = quantized("gemm_nvfp4", "gemm_fp4", "mm_fp4", "nvfp4");
  f.name = {"gemm_fp4_N{N}_K{K}_block_size16", {"_{dtype}", is_other_output}};
  f.description = {
      "Product of NVFP4 activations with an NVFP4 weight, {N} outputs from {K} inputs."};
  f.axes.push_back(
      form::fixed("block_size", 16, "the block of NVFP4", "Values of K that share a scale."));
  f.axes.push_back(form::derived(
      "K_packed", "K", [](std::int64_t k) { return k / 2; }, "K / 2",
      "Bytes of a row of K: two FP4 values each."));
  f.axes.push_back(form::derived(
      "K_div_block_size", "K", [](std::int64_t k) { return k / 16; }, "K / 16",
      "Blocks of K that share a scale."));
  f.inputs = {form::tensor("A", {"M", "K_packed"}, bytes,
                           "FP4 activations, the earlier value in a byte's low half."),
              form::tensor("B", {"K_packed", "N"}, bytes,
                           "The FP4 weight transposed, packed along K as A is."),
              form::tensor("a_descale", {"M", "K_div_block_size"}, "float8_e4m3fn",
                           "Factors of A: one for 16 values of a token."),
              form::tensor("b_descale", {"K_div_block_size", "N"}, "float8_e4m3fn",
                           "Factors of B: one for 16 values of an output feature."),
              form::scalar("alpha", "float32", "Product of the float32 scales of A and of B.")
                  .valued(fp4_alpha),
              form::scalar("block_size", "int32", "Values of K that share a scale: 16.")
                  .valued([](const Params&) { return 16.0; })};
  f.outputs = {form::tensor("C", {"M", "N"}, "{dtype}", "The scaled product, a row a token.")};
  f.reference = kdex_reference::gemm_nvfp4;
  f.plan = plan_fp4;
  return f;
}

}  // namespace

const std::vector<Form>& forms() {
  static const std::vector<Form> all = {by_rows(),
                                        by_columns("gemm_bf16", "bfloat16", "bf16"),
                                        by_columns("gemm_fp16", "float16", "fp16"),
                                        by_columns("gemm_fp32", "float32", "fp32"),
                                        fp8_block(),
                                        fp8_tensor(),
                                        nvfp4(),
                                        batched(false),
                                        batched(true)};
  return all;
}

const Form* form_of(Weights weights, std::string_view dtype, bool fi_trace) {
  const char* id = "gemm";
  switch (weights) {
    case Weights::half:
      if (fi_trace) id = dtype == "bfloat16" ? "gemm_bf16" : "gemm_fp16";
      break;
    case Weights::single:
      if (fi_trace) id = "gemm_fp32";
      break;
    case Weights::fp8_block:
      id = "gemm_fp8_block";
      break;
    case Weights::fp8_tensor:
      id = "gemm_fp8_tensor";
      break;
    case Weights::nvfp4:
      id = "gemm_nvfp4";
      break;
  }
  return sdk::find_form(forms(), id);
}

}  // namespace kdex_gemm
