// The definitions of mixtures of experts: names, axes, tensors, constraints, tags, reference.
#include "moe.h"
#include "references.h"

namespace kdex_moe {
namespace sdk = kdex::sdk;
using sdk::const_axis;
using sdk::Dim;
using sdk::scalar;
using sdk::tensor;
using sdk::var_axis;

namespace {

std::string str(std::int64_t n) { return std::to_string(n); }

/// What a name says of the routing; the official dataset says renorm, FlashInfer renormalize.
std::string routing_name(const Experts& e, bool fi_trace) {
  switch (e.routing) {
    case Routing::deepseek:
      return "ds_routing";
    case Routing::renorm:
      return !fi_trace ? "renorm" : e.naive ? "renormalize_naive_routing" : "renormalize_routing";
    case Routing::plain_softmax:
      return "default_routing";
    case Routing::sigmoid:
      return "sigmoid_routing";
    case Routing::sigmoid_renorm:
      return "sigmoid_renorm_routing";
    case Routing::llama4:
      return "llama4_routing";
    case Routing::precomputed:
      return "routed";
  }
  return "";
}

/// FlashInfer's number of the gated SiLU (its ActivationType.Swiglu).
constexpr std::int64_t swiglu = 3;

const char* routing_constant(Routing r) {
  switch (r) {
    case Routing::plain_softmax:
      return "\"default\"";
    case Routing::sigmoid:
      return "\"sigmoid\"";
    case Routing::sigmoid_renorm:
      return "\"sigmoid_renorm\"";
    case Routing::llama4:
      return "\"llama4\"";
    default:
      return "\"renorm\"";
  }
}

}  // namespace

std::optional<kdex::Definition> define(const Experts& e, const kdex::ModelView& view) {
  const bool fi_trace = view.dialect == "fi_trace";
  const bool ds = e.routing == Routing::deepseek, routed = e.routing == Routing::precomputed;
  const bool all_local = e.rows.value - e.shared.value == e.num_experts.value;
  const bool fp8 = e.weights == Weights::fp8_block, fp4 = e.weights == Weights::nvfp4,
             tensor8 = e.weights == Weights::fp8_tensor;
  if (routed && (fp4 || tensor8)) return std::nullopt;
  if (tensor8 && (ds || e.shared.value > 0 || !all_local)) return std::nullopt;
  if (e.shared.value > 0 && !ds) return std::nullopt;
  // The dataset's FP8 form for routing by the logits has the experts of one rank only.
  const bool ep1_form = !fi_trace && fp8 && !ds && !routed && all_local;
  const bool fi_fp8 = fi_trace && fp8 && !routed;

  kdex::Definition d;
  d.op_type = "moe";
  const std::string sizes = "_h" + str(e.hidden_size.value) + "_i" + str(e.intermediate_size.value);
  const std::string groups = "_ng" + str(e.n_group.value) + "_kg" + str(e.topk_group.value);
  const std::string topk = "_topk" + str(e.top_k.value);
  std::string count = "_e" + str(e.rows.value);
  if (tensor8) {
    d.name = "trtllm_fp8_per_tensor_scale_moe" + topk + "_e" + str(e.num_experts.value) + sizes;
    if (e.routing != Routing::renorm && e.routing != Routing::llama4)
      d.name += "_" + routing_name(e, fi_trace);
  } else {
    const std::string kind = fp8                    ? "fp8_block_scale"
                             : fp4                  ? "fp4_block_scale"
                             : e.dtype == "float16" ? "fp16"
                                                    : "bf16";
    d.name = "moe_" + kind + "_";
    if (e.shared.value > 0) {
      d.name += "ds_shared_experts_s" + str(e.shared.value) + "_e" + str(e.rows.value) + topk;
      d.name += fi_trace && fp4 ? sizes + "_act" + str(swiglu) + groups : groups + sizes;
      if (!all_local) d.name += "_of" + str(e.num_experts.value);
    } else if (ds) {
      d.name += routing_name(e, fi_trace) + topk + (fp4 ? "" : groups) + count + sizes +
                (fp4 ? groups : "");
    } else {
      // A rank's share of the experts sees the logits of all: the official names do not say of how
      // many.
      if (!all_local && !fi_trace) count += "of" + str(e.num_experts.value);
      d.name += routing_name(e, fi_trace || fp4) + topk + count + sizes;
    }
  }
  if (e.activation != "silu") d.name += "_" + e.activation;
  if (e.dtype != "bfloat16" && e.weights != Weights::half) d.name += "_" + e.dtype;

  d.tags = {"status:unverified", sdk::model_tag(view.checkpoint), "tp:" + str(view.deployment.tp),
            "ep:" + str(view.deployment.ep)};
  if (fp8 || tensor8) d.tags.push_back("quantization:float8_e4m3fn");
  if (fp4) d.tags.push_back("quantization:nvfp4");
  const std::string prefix =
      std::string("fi_api:flashinfer.fused_moe.") + (fi_trace ? "core." : "");
  if (fp8) d.tags.push_back(prefix + "trtllm_fp8_block_scale_moe");
  if (tensor8) d.tags.push_back(prefix + "trtllm_fp8_per_tensor_scale_moe");
  if (fp4) d.tags.push_back(prefix + "trtllm_fp4_block_scale_moe");
  if (routed) d.tags.push_back("routing:pre-computed");
  d.description =
      "Mixture of experts of one rank: " + str(e.top_k.value) + " of " + str(e.num_experts.value) +
      " experts a token, " + str(e.rows.value) + " held here" +
      (e.shared.value > 0 ? ", " + str(e.shared.value) + " of them shared by all tokens" : "") +
      ". The first half of gemm1's rows is multiplied by the activated second half.";

  // Axes.
  const std::string held = e.shared.value > 0 ? "num_weight_rows"
                           : tensor8          ? "num_experts"
                                              : "num_local_experts";
  const std::string seen = ep1_form ? "num_local_experts" : "num_experts";
  d.axes.push_back(var_axis("seq_len", "Tokens."));
  if (e.shared.value > 0) {
    d.axes.push_back(const_axis("num_fused_shared_experts", e.shared));
    d.axes.push_back(
        const_axis("num_weight_rows", e.rows, "Experts of one rank, shared ones last."));
  }
  if (!ep1_form && !routed)
    d.axes.push_back(const_axis("num_experts", e.num_experts, "Routed experts of all ranks."));
  if (e.shared.value == 0 && !tensor8)
    d.axes.push_back(const_axis("num_local_experts", e.rows, "Experts of one rank."));
  const auto derived = [&](const char* name, std::int64_t value, const Dim& from,
                           const char* rule) {
    d.axes.push_back(const_axis(name, {value, from.origin, rule}));
  };
  d.axes.push_back(const_axis("hidden_size", e.hidden_size));
  d.axes.push_back(
      const_axis("intermediate_size", e.intermediate_size, "Width of an expert on one rank."));
  derived("gemm1_out_size", 2 * e.intermediate_size.value, e.intermediate_size,
          "2 * intermediate_size");
  // The dataset's grouped form names neither top_k nor constraints; its ungrouped one has both.
  const bool dataset_grouped = !fi_trace && fp8 && ds && e.n_group.value > 1 && e.shared.value == 0;
  if (!dataset_grouped)
    d.axes.push_back(const_axis("top_k", e.top_k, "Routed experts of a token."));
  if ((fi_trace || e.shared.value > 0) && ds && !routed) {
    d.axes.push_back(const_axis("n_group", e.n_group));
    d.axes.push_back(const_axis("topk_group", e.topk_group));
  }
  if (fi_trace && fp4 && ds)
    d.axes.push_back(
        const_axis("activation_type", {swiglu, 0, "Swiglu in FlashInfer's numbering"}));
  const auto blocks = [](std::int64_t n) { return (n + 127) / 128; };
  if (fp8) {
    derived("num_hidden_blocks", blocks(e.hidden_size.value), e.hidden_size,
            "hidden_size / 128, rounded up");
    derived("num_intermediate_blocks", blocks(e.intermediate_size.value), e.intermediate_size,
            "intermediate_size / 128, rounded up");
    derived("num_gemm1_out_blocks", blocks(2 * e.intermediate_size.value), e.intermediate_size,
            "2 * intermediate_size / 128, rounded up");
  }
  if (fp4) {
    derived("num_packed_hidden", e.hidden_size.value / 2, e.hidden_size, "hidden_size / 2");
    derived("num_fp4_hidden_blocks", e.hidden_size.value / 16, e.hidden_size, "hidden_size / 16");
    derived("num_packed_intermediate", e.intermediate_size.value / 2, e.intermediate_size,
            "intermediate_size / 2");
    derived("num_fp4_intermediate_blocks", e.intermediate_size.value / 16, e.intermediate_size,
            "intermediate_size / 16");
  }
  if (!fi_trace && !dataset_grouped && !fp4)
    d.constraints = {"gemm1_weights.shape[1] == 2 * intermediate_size",
                     "gemm2_weights.shape[1] == hidden_size",
                     "gemm2_weights.shape[2] == intermediate_size"};

  // Inputs.
  const std::string bytes = "int8";  // FlashInfer-Bench 0.1.2 knows no unsigned type
  auto& in = d.inputs;
  if (fi_fp8 && e.shared.value > 0) in.push_back(scalar("num_fused_shared_experts", "int32"));
  if (routed) {
    in.push_back(
        tensor("topk_ids", {"seq_len", "top_k"}, "int32", "Global numbers of the chosen experts."));
    in.push_back(tensor("topk_weights", {"seq_len", "top_k"}, "float32"));
  } else {
    in.push_back(
        tensor("routing_logits", {"seq_len", seen}, ds || fi_fp8 ? "float32" : "bfloat16"));
    if (ds || fi_fp8) in.push_back(tensor("routing_bias", {seen}, "bfloat16"));
  }
  if (fp8 || tensor8) {
    in.push_back(tensor("hidden_states", {"seq_len", "hidden_size"}, "float8_e4m3fn"));
    if (fp8)
      in.push_back(tensor("hidden_states_scale", {"num_hidden_blocks", "seq_len"}, "float32",
                          "Block first, token last."));
    in.push_back(tensor("gemm1_weights", {held, "gemm1_out_size", "hidden_size"}, "float8_e4m3fn"));
    if (fp8)
      in.push_back(tensor("gemm1_weights_scale",
                          {held, "num_gemm1_out_blocks", "num_hidden_blocks"}, "float32"));
    if (fi_fp8 && ds) {
      in.push_back(tensor("gemm1_alpha", {held}, "float32",
                          "Factor inside the activation's sigmoid; 1 where unused."));
      in.push_back(
          tensor("gemm1_beta", {held}, "float32", "Added to the linear half; 0 where unused."));
      in.push_back(tensor("gemm1_clamp_limit", {held}, "float32",
                          "Limit of both halves; infinite where unused."));
    }
    if (tensor8) {
      in.push_back(tensor("output1_scales_scalar", {held}, "float32"));
      in.push_back(tensor("output1_scales_gate_scalar", {held}, "float32"));
    }
    in.push_back(
        tensor("gemm2_weights", {held, "hidden_size", "intermediate_size"}, "float8_e4m3fn"));
    if (fp8)
      in.push_back(tensor("gemm2_weights_scale",
                          {held, "num_hidden_blocks", "num_intermediate_blocks"}, "float32"));
    if (tensor8) in.push_back(tensor("output2_scales_scalar", {held}, "float32"));
  } else if (fp4) {
    in.push_back(tensor("hidden_states", {"seq_len", "num_packed_hidden"}, bytes,
                        "Two values in a byte, the earlier in the low half."));
    in.push_back(
        tensor("hidden_states_scale", {"seq_len", "num_fp4_hidden_blocks"}, "float8_e4m3fn"));
    in.push_back(tensor("gemm1_weights", {held, "gemm1_out_size", "num_packed_hidden"}, bytes));
    in.push_back(tensor("gemm1_weights_scale", {held, "gemm1_out_size", "num_fp4_hidden_blocks"},
                        "float8_e4m3fn"));
    in.push_back(tensor("gemm2_weights", {held, "hidden_size", "num_packed_intermediate"}, bytes));
    in.push_back(tensor("gemm2_weights_scale", {held, "hidden_size", "num_fp4_intermediate_blocks"},
                        "float8_e4m3fn"));
    for (const char* s :
         {"output1_scale_scalar", "output1_scale_gate_scalar", "output2_scale_scalar"})
      in.push_back(tensor(s, {held}, "float32"));
  } else {
    in.push_back(tensor("hidden_states", {"seq_len", "hidden_size"}, e.dtype));
    in.push_back(tensor("gemm1_weights", {held, "gemm1_out_size", "hidden_size"}, e.dtype));
    in.push_back(tensor("gemm2_weights", {held, "hidden_size", "intermediate_size"}, e.dtype));
  }
  if (fi_fp8) {
    in.push_back(scalar("top_k", "int32"));
    if (ds) in.push_back(scalar("n_group", "int32"));
    if (ds) in.push_back(scalar("topk_group", "int32"));
  }
  if (!ep1_form && !tensor8)
    in.push_back(
        scalar("local_expert_offset", "int32", "Global number of this rank's first expert."));
  if (ds || fi_fp8) in.push_back(scalar("routed_scaling_factor", "float32"));
  d.outputs = {tensor("output", {"seq_len", "hidden_size"}, e.dtype)};

  // Reference.
  namespace ref = kdex_reference;
  std::string_view source;
  if (tensor8)
    source = ref::fp8_tensor;
  else if (fi_fp8)
    source = !ds                  ? ref::fi_trace_fp8_block_simple
             : e.shared.value > 0 ? ref::fi_trace_fp8_block_ds_shared
                                  : ref::fi_trace_fp8_block_ds;
  else if (fp8)
    source = ds         ? ref::fp8_block_ds
             : routed   ? ref::fp8_block_routed
             : ep1_form ? ref::fp8_block_simple
                        : ref::fp8_block_simple_ep;
  else if (fp4)
    source = ds ? ref::nvfp4_ds : ref::nvfp4_simple;
  else
    source = ds ? ref::half_ds : routed ? ref::half_routed : ref::half_simple;
  std::map<std::string, std::string> values{{"OUT_DTYPE", "torch." + e.dtype}};
  if (!routed) values["TOP_K"] = str(e.top_k.value);
  if (ds) {
    values["N_GROUP"] = str(e.n_group.value);
    values["TOPK_GROUP"] = str(e.topk_group.value);
  } else if (!routed) {
    values["ROUTING"] = routing_constant(e.routing);
  }
  if (!tensor8) values["SHARED"] = str(e.shared.value);
  if (!fp4) values["WEIGHT_ON_INPUT"] = e.routing == Routing::llama4 ? "True" : "False";
  if (!fp4 && !tensor8 && !(fi_fp8 && ds)) values["ACTIVATION"] = sdk::python_string(e.activation);
  d.reference = sdk::fill_reference(source, values);
  return d;
}

}  // namespace kdex_moe
