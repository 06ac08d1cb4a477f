// The definitions of RMS normalization: names, axes, tensors, tags and reference.
#include "classes.h"
#include "references.h"
#include "rmsnorm.h"

namespace kdex_rmsnorm {
namespace sdk = kdex::sdk;

namespace {

double unsuffixed_eps(std::int64_t width) {
  for (const auto& d : dataset_eps)
    if (d.hidden_size == width) return d.eps;
  return default_eps;
}

}  // namespace

kdex::Definition define(const Norm& norm, bool fused, const kdex::ModelView& view) {
  const std::string dtype = view.tree.dtype.empty() ? "bfloat16" : view.tree.dtype;
  const std::string weight_dtype = norm.weight_dtype.empty() ? dtype : norm.weight_dtype;
  const bool fi_trace = view.dialect == "fi_trace";
  const std::string kernel =
      std::string(norm.gemma ? "gemma_" : "") + (fused ? "fused_add_rmsnorm" : "rmsnorm");

  kdex::Definition d;
  d.name = kernel + "_h" + std::to_string(norm.hidden_size.value);
  if (norm.eps != (norm.gemma ? default_eps : unsuffixed_eps(norm.hidden_size.value)))
    d.name += "_eps" + sdk::python_float(norm.eps);
  d.name += sdk::dtype_suffix(dtype);
  if (weight_dtype != dtype) d.name += "_weight_" + weight_dtype;
  d.op_type = "rmsnorm";
  d.tags = {"status:unverified", sdk::model_tag(view.checkpoint),
            "fi_api:flashinfer.norm." + kernel};
  if (fused) d.tags.push_back("fused");
  d.description =
      std::string(fused ? "Residual add, then root-mean-square" : "Root-mean-square") +
      " normalization of rows of " + std::to_string(norm.hidden_size.value) + " elements, eps " +
      sdk::python_float(norm.eps) +
      (norm.gemma ? ", scaled by one plus the weight (Gemma)." : ", scaled by the weight.");
  d.axes = {sdk::var_axis("batch_size", "Rows: tokens, or tokens times heads for a norm of heads."),
            sdk::const_axis("hidden_size", norm.hidden_size, "Elements of a row.")};
  d.inputs.push_back(sdk::tensor("hidden_states", {"batch_size", "hidden_size"}, dtype));
  if (fused) d.inputs.push_back(sdk::tensor("residual", {"batch_size", "hidden_size"}, dtype));
  d.inputs.push_back(sdk::tensor("weight", {"hidden_size"}, weight_dtype));
  d.outputs.push_back(sdk::tensor("output", {"batch_size", "hidden_size"}, dtype));
  std::string_view source = fused ? kdex_reference::fused_add_rmsnorm : kdex_reference::rmsnorm;
  if (fused && fi_trace) {
    // A name may not be both input and output; FlashInfer's own form says residual for both.
    d.outputs.push_back(sdk::tensor("residual_out", {"batch_size", "hidden_size"}, dtype));
    source = kdex_reference::fused_add_rmsnorm_residual;
  }
  d.reference = sdk::fill_reference(source, {{"EPS", sdk::python_float(norm.eps)},
                                             {"WEIGHT_OFFSET", norm.gemma ? "1.0" : "0.0"}});
  return d;
}

}  // namespace kdex_rmsnorm
