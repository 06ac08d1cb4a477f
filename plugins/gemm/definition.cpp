// The definitions of matrix products: names, axes, tensors, tags, reference.
#include "gemm.h"
#include "references.h"

namespace kdex_gemm {
namespace sdk = kdex::sdk;
using sdk::const_axis;
using sdk::scalar;
using sdk::tensor;
using sdk::var_axis;

namespace {

std::string short_name(std::string_view dtype) {
  return dtype == "bfloat16" ? "bf16" : dtype == "float16" ? "fp16" : "fp32";
}

}  // namespace

kdex::Definition define(const Linear& l, bool per_rank, const kdex::ModelView& view) {
  const bool fi_trace = view.dialect == "fi_trace";
  const std::string n = std::to_string(l.n.value), k = std::to_string(l.k.value);
  kdex::Definition d;
  d.tags = {"status:unverified", sdk::model_tag(view.checkpoint),
            "tp:" + std::to_string(per_rank ? view.deployment.tp : 1), "dtype:" + l.dtype,
            std::string("bias:") + (l.bias ? "yes" : "no")};
  d.axes = {var_axis("M", "Rows: tokens of the batch."), const_axis("N", l.n, "Outputs."),
            const_axis("K", l.k, "Inputs.")};
  const auto floats = [&](const std::string& dtype, bool transposed) {
    d.inputs = {tensor("A", {"M", "K"}, dtype),
                transposed ? tensor("B", {"K", "N"}, dtype, "The weight transposed.")
                           : tensor("B", {"N", "K"}, dtype, "The weight as torch stores it.")};
    d.outputs = {tensor("C", {"M", "N"}, dtype)};
    d.reference = std::string(transposed ? kdex_reference::gemm_kn : kdex_reference::gemm);
  };
  const auto quantized = [&](const char* kind, const char* api) {
    d.op_type = kind;
    d.tags.push_back(api);
  };
  const auto out_dtype = [&](std::string_view source) {
    d.reference = sdk::fill_reference(source, {{"OUT_DTYPE", "torch." + l.dtype}});
  };
  switch (l.weights) {
    case Weights::half:
      if (fi_trace) {
        d.op_type = "gemm_" + short_name(l.dtype);
        d.name = d.op_type + "_N" + n + "_K" + k;
        d.tags.push_back("fi_api:flashinfer.gemm.gemm_base.mm_" + short_name(l.dtype));
        floats(l.dtype, true);
      } else {
        d.op_type = "gemm";
        d.name = "gemm_n" + n + "_k" + k;
        floats("float16", false);
      }
      d.description = "Product of activations with the weight of a linear layer, " + n +
                      " outputs from " + k + " inputs.";
      break;
    case Weights::single:
      d.op_type = fi_trace ? "gemm_fp32" : "gemm";
      d.name = fi_trace ? "gemm_fp32_N" + n + "_K" + k : "gemm_fp32_n" + n + "_k" + k;
      floats("float32", fi_trace);
      d.description =
          "Product of activations with a float32 weight, " + n + " outputs from " + k + " inputs.";
      break;
    case Weights::fp8_block:
      quantized("gemm_fp8", "fi_api:flashinfer.gemm.gemm_base.gemm_fp8_nt_groupwise");
      d.tags.push_back("quantization:float8_e4m3fn");
      d.name = "gemm_fp8_nt_groupwise_n" + n + "_k" + k;
      d.description =
          "Product of FP8 activations (scales of 1 x 128) with an FP8 weight (scales of 128 x "
          "128), " +
          n + " outputs from " + k + " inputs.";
      d.axes.push_back(var_axis("K_div_block", "K / 128, rounded up."));
      d.axes.push_back(var_axis("N_div_block", "N / 128, rounded up."));
      d.inputs = {tensor("a", {"M", "K"}, "float8_e4m3fn"),
                  tensor("b", {"N", "K"}, "float8_e4m3fn"),
                  tensor("a_scale", {"M", "K_div_block"}, "float32"),
                  tensor("b_scale", {"N_div_block", "K_div_block"}, "float32")};
      d.outputs = {tensor("out", {"M", "N"}, l.dtype)};
      out_dtype(kdex_reference::gemm_fp8_block);
      break;
    case Weights::fp8_tensor:
      quantized("gemm_fp8", "fi_api:flashinfer.gemm.gemm_base.mm_fp8");
      d.tags.push_back("quantization:float8_e4m3fn");
      d.name = "gemm_fp8_N" + n + "_K" + k;
      d.description = "Product of FP8 activations with an FP8 weight, one scale a tensor, " + n +
                      " outputs from " + k + " inputs.";
      d.axes.push_back(const_axis("K_div_block_size", {l.k.value / 128, l.k.origin, "K / 128"}));
      d.axes.push_back(
          const_axis("block_size", {128, 0, "the block of K in this form's layout of the weight"}));
      d.inputs = {tensor("A", {"M", "K"}, "float8_e4m3fn"),
                  tensor("B", {"K_div_block_size", "N", "block_size"}, "float8_e4m3fn",
                         "The weight in blocks of K."),
                  scalar("alpha", "float32", "Product of the scales of A and of B.")};
      d.outputs = {tensor("C", {"M", "N"}, l.dtype)};
      out_dtype(kdex_reference::gemm_fp8_tensor);
      break;
    case Weights::nvfp4: {
      const std::string bytes = "int8";  // FlashInfer-Bench 0.1.2 knows no unsigned type
      quantized("gemm_fp4", "fi_api:flashinfer.gemm.gemm_base.mm_fp4");
      d.tags.push_back("quantization:nvfp4");
      d.name = "gemm_fp4_N" + n + "_K" + k + "_block_size16";
      d.description = "Product of NVFP4 activations with an NVFP4 weight, " + n + " outputs from " +
                      k + " inputs.";
      d.axes.push_back(const_axis("block_size", {16, 0, "the block of NVFP4"},
                                  "Values of K that share a scale."));
      d.axes.push_back(const_axis("K_packed", {l.k.value / 2, l.k.origin, "K / 2"},
                                  "Bytes of a row: two values each."));
      d.axes.push_back(const_axis("K_div_block_size", {l.k.value / 16, l.k.origin, "K / 16"}));
      d.inputs = {tensor("A", {"M", "K_packed"}, bytes),
                  tensor("B", {"K_packed", "N"}, bytes),
                  tensor("a_descale", {"M", "K_div_block_size"}, "float8_e4m3fn"),
                  tensor("b_descale", {"K_div_block_size", "N"}, "float8_e4m3fn"),
                  scalar("alpha", "float32", "Product of the float32 scales of A and of B."),
                  scalar("block_size", "int32")};
      d.outputs = {tensor("C", {"M", "N"}, l.dtype)};
      out_dtype(kdex_reference::gemm_nvfp4);
      break;
    }
  }
  return d;
}

}  // namespace kdex_gemm
