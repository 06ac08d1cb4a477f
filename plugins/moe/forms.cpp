// The forms of mixtures of experts. One for each way in which the experts' weights are stored,
// their tokens are routed and the dialect says it; Kind names them.
#include <cmath>

#include "moe.h"
#include "references.h"

namespace kdex_moe {
namespace sdk = kdex::sdk;
namespace form = kdex::form;
namespace ref = kdex_reference;
using kdex::Form;
using kdex::FormAxis;
using kdex::FormTensor;
using kdex::Params;
using kdex::Part;
using kdex::Text;

namespace {

/// The parameter that counts the experts held here, and its axis.
const char* rows_param(const Kind& k) {
  return k.one_rank || k.weights == Weights::fp8_tensor ? "num_experts" : "rows";
}
const char* rows_axis(const Kind& k) {
  return k.shared                           ? "num_weight_rows"
         : k.weights == Weights::fp8_tensor ? "num_experts"
                                            : "num_local_experts";
}

// --- names and other texts ---

bool is_gelu(const Params& p) { return p.text("activation") != "silu"; }
bool has_other_dtype(const Params& p) { return p.text("dtype") != "bfloat16"; }
bool has_groups(const Params& p) { return p.integer("n_group") > 1; }
bool has_no_groups(const Params& p) { return !has_groups(p); }

constexpr const char* kGroups = "_ng{n_group}_kg{topk_group}";
constexpr const char* kSizes = "_h{hidden_size}_i{intermediate_size}";

/// Whether a name says FlashInfer's words of the routing.
bool has_own_words(const Kind& k) {
  return k.weights == Weights::nvfp4 || (k.fi_trace && k.weights != Weights::fp8_tensor);
}

/// What a name says of a routing by the logits alone; the dataset says renorm, FlashInfer
/// renormalize.
std::string routing_label(const Params& p, bool fi_words) {
  const std::string& routing = p.text("routing");
  if (routing != "renorm") return routing + "_routing";
  if (!fi_words) return "renorm";
  return p.flag("naive") ? "renormalize_naive_routing" : "renormalize_routing";
}

const char* storage_word(Weights w) {
  return w == Weights::fp8_block ? "fp8_block_scale" : "fp4_block_scale";
}

/// Whether the routing is not the one that the per-tensor names leave out: llama4's where a token
/// has one expert, else renorm.
bool has_named_routing(const Params& p) {
  return p.text("routing") != (p.integer("top_k") == 1 ? "llama4" : "renorm");
}

/// Whether the layer has another number of experts than a name says that gives the rank's alone: in
/// public names 32 are a rank's share of 256, other numbers are all.
bool has_named_experts(const Params& p) {
  const std::int64_t rows = p.integer("rows");
  return p.integer("num_experts") != (rows == 32 ? 256 : rows);
}

template <bool is_float>
bool has_other_logits(const Params& p) {
  return p.text("logits_dtype") != (is_float ? "float32" : "bfloat16");
}

bool has_other_half(const Params& p) { return p.text("dtype") != "float16" && has_other_dtype(p); }

/// Whether another rank has experts of the layer that this one does not hold.
bool is_share(const Params& p) {
  const std::int64_t shared = p.has("shared") ? p.integer("shared") : 0;
  return p.has("num_experts") && p.integer("rows") - shared != p.integer("num_experts");
}

/// "16of128": a rank's share of the experts sees the logits of all. FlashInfer's names and those of
/// the grouped routing leave it out where has_named_experts does.
std::vector<Part> name_of(const Kind& k) {
  std::vector<Part> n;
  if (k.weights == Weights::fp8_tensor) {
    n = {"trtllm_fp8_per_tensor_scale_moe_topk{top_k}_e{num_experts}",
         kSizes,
         {[](const Params& p) { return "_" + routing_label(p, false); }, has_named_routing}};
  } else {
    if (k.weights == Weights::half)
      n = {{"moe_fp16_", [](const Params& p) { return p.text("dtype") == "float16"; }},
           {"moe_bf16_", [](const Params& p) { return p.text("dtype") != "float16"; }}};
    else
      n = {Text(std::string("moe_") + storage_word(k.weights) + "_")};
    const bool fp4 = k.weights == Weights::nvfp4;
    if (k.shared) {
      n.emplace_back("ds_shared_experts_s{shared}_e{rows}_topk{top_k}");
      if (k.fi_trace && fp4)
        n.insert(n.end(), {kSizes, "_act3", kGroups});
      else
        n.insert(n.end(), {kGroups, kSizes});
      n.push_back({"_of{num_experts}", is_share});
    } else if (k.router == Router::deepseek) {
      n.emplace_back("ds_routing_topk{top_k}");
      if (!fp4) n.emplace_back(kGroups);
      n.emplace_back("_e{rows}");
      n.push_back({"of{num_experts}", has_named_experts});
      n.emplace_back(kSizes);
      if (fp4) n.emplace_back(kGroups);
    } else {
      if (k.router == Router::given)
        n.emplace_back("routed");
      else
        n.emplace_back([fi = has_own_words(k)](const Params& p) { return routing_label(p, fi); });
      n.emplace_back(Text(std::string("_topk{top_k}_e{") + rows_param(k) + "}"));
      if (!k.one_rank) n.push_back({"of{num_experts}", k.fi_trace ? has_named_experts : is_share});
      n.emplace_back(kSizes);
    }
  }
  n.push_back({"_{activation}", is_gelu});
  n.push_back({"_{dtype}", k.weights == Weights::half ? has_other_half : has_other_dtype});
  if (k.router != Router::given)
    n.push_back({"_logits_{logits_dtype}",
                 k.has_float_logits() ? has_other_logits<true> : has_other_logits<false>});
  // The form of one rank has this name, too.
  if (k.weights == Weights::fp8_block && k.router == Router::logits && !k.fi_trace && !k.one_rank)
    n.push_back({"_ep", [](const Params& p) { return !is_share(p); }});
  return n;
}

std::vector<Part> tags_of(const Kind& k) {
  std::vector<Part> t = {"status:unverified", "model:{model}", "tp:{tp}", "ep:{ep}"};
  const std::string api =
      std::string("fi_api:flashinfer.fused_moe.") + (k.fi_trace ? "core." : "") + "trtllm_";
  switch (k.weights) {
    case Weights::fp8_block:
      t.emplace_back("quantization:float8_e4m3fn");
      t.emplace_back(Text(api + "fp8_block_scale_moe"));
      break;
    case Weights::fp8_tensor:
      t.emplace_back("quantization:float8_e4m3fn");
      t.emplace_back(Text(api + "fp8_per_tensor_scale_moe"));
      break;
    case Weights::nvfp4:
      t.emplace_back("quantization:nvfp4");
      t.emplace_back(Text(api + "fp4_block_scale_moe"));
      break;
    case Weights::half:
      break;
  }
  if (k.router == Router::given) t.emplace_back("routing:pre-computed");
  return t;
}

/// N of "... of N experts a token" in a description, else those of the rank.
std::optional<kdex::ParamValue> experts_said(const kdex::Definition& d) {
  const std::string_view text = d.description;
  const auto end = text.find(" experts a token");
  if (end == std::string_view::npos) {
    for (const auto& a : d.axes)
      if (a.name == "num_local_experts" && a.value) return kdex::ParamValue(*a.value);
    return std::nullopt;
  }
  const auto start = text.rfind(' ', end - 1);
  return form::size("").parse(text.substr(start + 1, end - start - 1));
}

/// The integer behind `word` in a name ("topk" of "..._topk8_e32..."), where a reference lacks its
/// constant.
std::function<std::optional<kdex::ParamValue>(const kdex::Definition&)> named(const char* word) {
  return [word](const kdex::Definition& d) -> std::optional<kdex::ParamValue> {
    const std::string_view name = d.name;
    const auto at = name.find(word);
    if (at == std::string_view::npos) return std::nullopt;
    auto text = name.substr(at + std::string_view(word).size());
    return form::size("").parse(text.substr(0, text.find_first_not_of("0123456789")));
  };
}

/// The routing that a name says, else the one that the per-tensor names leave out.
std::optional<kdex::ParamValue> routing_said(const kdex::Definition& d) {
  const std::string_view name = d.name;
  for (const auto& [words, routing] : {std::pair{"_sigmoid_renorm_routing", "sigmoid_renorm"},
                                       {"_sigmoid_routing", "sigmoid"},
                                       {"_default_routing", "default"},
                                       {"_llama4_routing", "llama4"},
                                       {"_renorm", "renorm"}})
    if (name.find(words) != std::string_view::npos) return kdex::ParamValue(routing);
  if (name.find("_per_tensor_scale_moe_topk") == std::string_view::npos) return std::nullopt;
  return kdex::ParamValue(name.find("_topk1_") != std::string_view::npos ? "llama4" : "renorm");
}

// --- parameters ---

std::vector<kdex::Param> params_of(const Kind& k) {
  kdex::Param activation = form::choice("activation", {"silu", "gelu", "gelu_tanh"}, "silu");
  activation.from = [](const kdex::Definition& d) -> std::optional<kdex::ParamValue> {
    for (const char* a : {"gelu_tanh", "gelu"})
      if (d.name.find(std::string("_") + a) != std::string::npos) return kdex::ParamValue(a);
    return std::nullopt;
  };
  kdex::Param top_k = form::size("top_k");
  top_k.from = named("_topk");
  std::vector<kdex::Param> p = {
      std::move(top_k),       form::size("hidden_size"), form::size("intermediate_size"),
      form::dtype("dtype"),   std::move(activation),     form::model(),
      form::deployment("tp"), form::deployment("ep")};
  // Routed experts of all ranks; experts that this rank holds, shared ones included.
  if (!k.one_rank && k.weights != Weights::fp8_tensor) p.push_back(form::size("rows"));
  kdex::Param all = form::size("num_experts");
  if (k.router == Router::given) {
    all.from = experts_said;
  }
  p.push_back(std::move(all));
  if (k.shared) p.push_back(form::size("shared"));
  if (k.router == Router::deepseek) {
    for (const auto& [name, word] : {std::pair{"n_group", "_ng"}, {"topk_group", "_kg"}}) {
      p.push_back(form::size(name));
      p.back().from = named(word);
    }
  }
  if (k.router != Router::given)
    p.push_back(form::dtype("logits_dtype", k.has_float_logits() ? "float32" : "bfloat16"));
  if (k.router == Router::logits) {
    p.push_back(
        form::choice("routing", {"renorm", "default", "sigmoid", "sigmoid_renorm", "llama4"}));
    p.back().from = routing_said;
    if (has_own_words(k)) {  // renorm that the engine names softmax, top-k, normalize
      kdex::Param naive = form::flag("naive");
      naive.from = [](const kdex::Definition& d) {
        return kdex::ParamValue(d.name.find("naive_routing") != std::string::npos);
      };
      p.push_back(std::move(naive));
    }
  }
  return p;
}

// --- axes ---

std::int64_t blocks(std::int64_t n) { return (n + 127) / 128; }

void add_block_axes(std::vector<FormAxis>& a, Weights w) {
  const char *hidden = "hidden_size", *inter = "intermediate_size";
  if (w == Weights::fp8_block) {
    a.push_back(form::derived("num_hidden_blocks", hidden, blocks, "hidden_size / 128, rounded up",
                              "Blocks of 128 along hidden_size."));
    a.push_back(form::derived("num_intermediate_blocks", inter, blocks,
                              "intermediate_size / 128, rounded up",
                              "Blocks of 128 along intermediate_size."));
    a.push_back(form::derived(
        "num_gemm1_out_blocks", inter, [](std::int64_t n) { return blocks(2 * n); },
        "2 * intermediate_size / 128, rounded up", "Blocks of 128 along gemm1_out_size."));
  }
  if (w == Weights::nvfp4) {
    const auto half = [](std::int64_t n) { return n / 2; };
    const auto scales = [](std::int64_t n) { return n / 16; };
    a.push_back(form::derived("num_packed_hidden", hidden, half, "hidden_size / 2",
                              "Bytes of hidden_size FP4 values, two a byte."));
    a.push_back(form::derived("num_fp4_hidden_blocks", hidden, scales, "hidden_size / 16",
                              "Blocks of 16 along hidden_size that share a scale."));
    a.push_back(form::derived("num_packed_intermediate", inter, half, "intermediate_size / 2",
                              "Bytes of intermediate_size FP4 values, two a byte."));
    a.push_back(form::derived("num_fp4_intermediate_blocks", inter, scales,
                              "intermediate_size / 16",
                              "Blocks of 16 along intermediate_size that share a scale."));
  }
}

std::vector<FormAxis> axes_of(const Kind& k) {
  std::vector<FormAxis> a = {form::var("seq_len", "Tokens.")};
  if (k.shared) {
    a.push_back(form::constant_of("num_fused_shared_experts", "shared",
                                  "Experts that every token takes, last among the rows."));
    a.push_back(
        form::constant_of("num_weight_rows", "rows", "Experts of one rank, shared ones last."));
  }
  if (!k.one_rank && k.router != Router::given)
    a.push_back(form::constant("num_experts", "Routed experts of all ranks."));
  if (!k.shared && k.weights != Weights::fp8_tensor)
    a.push_back(form::constant_of("num_local_experts", rows_param(k), "Experts of one rank."));
  a.push_back(form::constant("hidden_size", "Width of the residual stream."));
  a.push_back(form::constant("intermediate_size", "Width of an expert on one rank."));
  a.push_back(form::derived(
      "gemm1_out_size", "intermediate_size", [](std::int64_t n) { return 2 * n; },
      "2 * intermediate_size", "Rows of the first product: up half, then gate half."));
  a.push_back(form::constant("top_k", "Routed experts of a token."));
  if (k.is_dataset_ds()) a.back().when = has_no_groups;
  if (k.router == Router::deepseek && (k.fi_trace || k.shared)) {
    a.push_back(form::constant("n_group", "Groups of experts that the router chooses from."));
    a.push_back(form::constant("topk_group", "Groups that a token keeps."));
    if (k.fi_trace && k.weights == Weights::nvfp4)
      a.push_back(form::fixed("activation_type", 3, "Swiglu in FlashInfer's numbering",
                              "The activation between the products, by FlashInfer's number."));
  }
  add_block_axes(a, k.weights);
  return a;
}

// --- inputs, and what their workloads hold ---
// Sizes are those at which a wrong result shows, as FlashInfer-Bench compares with an absolute
// tolerance of 0.01 too: activations of about a half, weights of about one over the root of what is
// summed, outputs of 0.02 to 0.5.

double root(const Params& p, const char* size) {
  return std::sqrt(static_cast<double>(std::max<std::int64_t>(1, p.integer(size))));
}
/// From `least` over the root of a size to three times that.
kdex::Fill over_root(double least, const char* size) {
  return sdk::uniform([=](const Params& p) { return least / root(p, size); },
                      [=](const Params& p) { return 3 * (least / root(p, size)); });
}
std::function<double(const Params&)> value_of(const char* param) {
  return [param](const Params& p) { return static_cast<double>(p.integer(param)); };
}

void add_routing(std::vector<FormTensor>& in, const Kind& k) {
  if (k.router == Router::given) {
    in.push_back(form::tensor("topk_ids", {"seq_len", "top_k"}, "int32",
                              "Global numbers of the chosen experts."));
    in.push_back(form::tensor("topk_weights", {"seq_len", "top_k"}, "float32",
                              "Factors of the chosen experts' outputs.")
                     .filled(sdk::uniform([](const Params&) { return 0.0; },
                                          [](const Params& p) {
                                            return 2.0 / static_cast<double>(std::max<std::int64_t>(
                                                             1, p.integer("top_k")));
                                          })));
    return;
  }
  const char* seen = k.one_rank ? "num_local_experts" : "num_experts";
  in.push_back(form::tensor("routing_logits", {"seq_len", seen}, "{logits_dtype}",
                            "The router's logits, a row a token."));
  if (k.has_float_logits())
    in.push_back(form::tensor("routing_bias", {seen}, "bfloat16",
                              "Added to the scores for the choice, not to the weights."));
}

constexpr const char* kGemm1 = "First product of each expert: the up rows, then the gate rows.";
constexpr const char* kGemm2 = "Second product of each expert, back to hidden_size.";
constexpr const char* kOutput1 =
    "Factor of each expert's up half: scales of input and weight over that of gemm2's input.";
constexpr const char* kOutput1Gate =
    "Factor of each expert's gate half before the activation: scales of input and weight.";
constexpr const char* kOutput2 =
    "Factor of each expert's output: scales of gemm2's input and weight.";
constexpr const char* kSameAxis = "The value of the axis of this name.";

void add_half(std::vector<FormTensor>& in, const Kind& k) {
  const char* held = rows_axis(k);
  in.push_back(form::tensor("hidden_states", {"seq_len", "hidden_size"}, "{dtype}",
                            "Activations, a row a token.")
                   .filled(sdk::normal([](double v, const Params& p) {
                     return v * 0.15 / root(p, "hidden_size");
                   })));
  in.push_back(
      form::tensor("gemm1_weights", {held, "gemm1_out_size", "hidden_size"}, "{dtype}", kGemm1));
  in.push_back(
      form::tensor("gemm2_weights", {held, "hidden_size", "intermediate_size"}, "{dtype}", kGemm2));
}

void add_fp8_block(std::vector<FormTensor>& in, const Kind& k) {
  const char *held = rows_axis(k), *fp8 = "float8_e4m3fn";
  in.push_back(form::tensor("hidden_states", {"seq_len", "hidden_size"}, fp8,
                            "Quantized activations, a row a token."));
  in.push_back(
      form::tensor("hidden_states_scale", {"num_hidden_blocks", "seq_len"}, "float32",
                   "Factors of hidden_states: one for 128 values of a token, block first, token "
                   "last.")
          .filled(sdk::uniform([](const Params&) { return 0.25; },
                               [](const Params&) { return 0.75; })));
  in.push_back(form::tensor("gemm1_weights", {held, "gemm1_out_size", "hidden_size"}, fp8, kGemm1));
  in.push_back(form::tensor("gemm1_weights_scale",
                            {held, "num_gemm1_out_blocks", "num_hidden_blocks"}, "float32",
                            "Factors of gemm1_weights: one for a block of 128 x 128.")
                   .filled(over_root(0.5, "hidden_size")));
  if (k.is_own_fp8() && k.router == Router::deepseek) {
    in.push_back(form::tensor("gemm1_alpha", {held}, "float32",
                              "Factor inside the activation's sigmoid; 1 where unused."));
    in.push_back(
        form::tensor("gemm1_beta", {held}, "float32", "Added to the linear half; 0 where unused."));
    in.push_back(form::tensor("gemm1_clamp_limit", {held}, "float32",
                              "Limit of both halves; infinite where unused."));
  }
  in.push_back(
      form::tensor("gemm2_weights", {held, "hidden_size", "intermediate_size"}, fp8, kGemm2));
  in.push_back(form::tensor("gemm2_weights_scale",
                            {held, "num_hidden_blocks", "num_intermediate_blocks"}, "float32",
                            "Factors of gemm2_weights: one for a block of 128 x 128.")
                   .filled(over_root(0.5, "intermediate_size")));
}

void add_fp8_tensor(std::vector<FormTensor>& in, const Kind& k) {
  const char *held = rows_axis(k), *fp8 = "float8_e4m3fn";
  in.push_back(form::tensor("hidden_states", {"seq_len", "hidden_size"}, fp8,
                            "Quantized activations, a row a token."));
  in.push_back(form::tensor("gemm1_weights", {held, "gemm1_out_size", "hidden_size"}, fp8, kGemm1));
  in.push_back(form::tensor("output1_scales_scalar", {held}, "float32", kOutput1)
                   .filled(over_root(0.15, "hidden_size")));
  in.push_back(form::tensor("output1_scales_gate_scalar", {held}, "float32", kOutput1Gate)
                   .filled(over_root(0.15, "hidden_size")));
  in.push_back(
      form::tensor("gemm2_weights", {held, "hidden_size", "intermediate_size"}, fp8, kGemm2));
  in.push_back(form::tensor("output2_scales_scalar", {held}, "float32", kOutput2)
                   .filled(over_root(1.0, "intermediate_size")));
}

/// FP4 values with their scales are about 2.6 times as large as FP8's.
void add_nvfp4(std::vector<FormTensor>& in, const Kind& k) {
  const char *held = rows_axis(k), *fp8 = "float8_e4m3fn";
  const char* bytes = "int8";  // FlashInfer-Bench 0.1.2 knows no unsigned type
  in.push_back(form::tensor("hidden_states", {"seq_len", "num_packed_hidden"}, bytes,
                            "FP4 activations, two values in a byte, the earlier in the low half."));
  in.push_back(form::tensor("hidden_states_scale", {"seq_len", "num_fp4_hidden_blocks"}, fp8,
                            "Factors of hidden_states: one for 16 values of a token."));
  in.push_back(form::tensor("gemm1_weights", {held, "gemm1_out_size", "num_packed_hidden"}, bytes,
                            std::string(kGemm1) + " FP4, packed as hidden_states."));
  in.push_back(form::tensor("gemm1_weights_scale",
                            {held, "gemm1_out_size", "num_fp4_hidden_blocks"}, fp8,
                            "Factors of gemm1_weights: one for 16 values of a row."));
  in.push_back(form::tensor("gemm2_weights", {held, "hidden_size", "num_packed_intermediate"},
                            bytes, std::string(kGemm2) + " FP4, packed as hidden_states."));
  in.push_back(form::tensor("gemm2_weights_scale",
                            {held, "hidden_size", "num_fp4_intermediate_blocks"}, fp8,
                            "Factors of gemm2_weights: one for 16 values of a row."));
  in.push_back(form::tensor("output1_scale_scalar", {held}, "float32", kOutput1)
                   .filled(over_root(0.022, "hidden_size")));
  in.push_back(form::tensor("output1_scale_gate_scalar", {held}, "float32", kOutput1Gate)
                   .filled(over_root(0.022, "hidden_size")));
  in.push_back(form::tensor("output2_scale_scalar", {held}, "float32", kOutput2)
                   .filled(over_root(0.4, "intermediate_size")));
}

std::vector<FormTensor> inputs_of(const Kind& k) {
  std::vector<FormTensor> in;
  if (k.is_own_fp8() && k.shared)
    in.push_back(
        form::scalar("num_fused_shared_experts", "int32", kSameAxis).valued(value_of("shared")));
  add_routing(in, k);
  switch (k.weights) {
    case Weights::half:
      add_half(in, k);
      break;
    case Weights::fp8_block:
      add_fp8_block(in, k);
      break;
    case Weights::fp8_tensor:
      add_fp8_tensor(in, k);
      break;
    case Weights::nvfp4:
      add_nvfp4(in, k);
      break;
  }
  if (k.is_own_fp8()) {
    in.push_back(form::scalar("top_k", "int32", kSameAxis).valued(value_of("top_k")));
    if (k.router == Router::deepseek)
      for (const char* s : {"n_group", "topk_group"})
        in.push_back(form::scalar(s, "int32", kSameAxis).valued(value_of(s)));
  }
  if (!k.one_rank && k.weights != Weights::fp8_tensor)
    in.push_back(
        form::scalar("local_expert_offset", "int32", "Global number of this rank's first expert.")
            .valued([](const Params& p) { return static_cast<double>(first_expert(p)); }));
  if (k.has_float_logits())
    in.push_back(
        form::scalar("routed_scaling_factor", "float32", "Factor of the routed experts' weights.")
            .valued([](const Params&) { return 2.5; }));
  return in;
}

// --- reference ---

std::vector<kdex::FormConstant> constants_of(const Kind& k) {
  std::vector<kdex::FormConstant> c = {{"OUT_DTYPE", "torch.{dtype}"}};
  if (k.router != Router::given) c.push_back({"TOP_K", "{top_k}"});
  if (k.router == Router::deepseek) {
    c.push_back({"N_GROUP", "{n_group}"});
    c.push_back({"TOPK_GROUP", "{topk_group}"});
  }
  if (k.router == Router::logits) c.push_back({"ROUTING", "\"{routing}\""});
  if (k.weights != Weights::fp8_tensor) c.push_back({"SHARED", k.shared ? "{shared}" : "0"});
  if (k.weights != Weights::nvfp4)
    c.push_back({"WEIGHT_ON_INPUT", k.router == Router::logits
                                        ? Text([](const Params& p) -> std::string {
                                            return p.text("routing") == "llama4" ? "True" : "False";
                                          })
                                        : Text("False")});
  const bool fixed_activation = k.weights == Weights::nvfp4 || k.weights == Weights::fp8_tensor ||
                                (k.is_own_fp8() && k.router == Router::deepseek);
  if (!fixed_activation) c.push_back({"ACTIVATION", "\"{activation}\""});
  return c;
}

// --- the forms ---

Form experts(const std::string& id, const Kind& k, std::string_view reference) {
  Form f;
  f.id = id;
  f.dialect = k.fi_trace ? "fi_trace" : "official";
  f.op_type = "moe";
  f.name = name_of(k);
  f.key_order = {"name",   "description", "op_type",     "tags",     "axes",
                 "inputs", "outputs",     "constraints", "reference"};
  f.params = params_of(k);
  f.tags = tags_of(k);
  const std::string rows = rows_param(k);
  f.description = {"Mixture of experts of one rank: {top_k} of {num_experts} experts a token, ",
                   Text("{" + rows + "} held here"),
                   k.shared ? ", {shared} of them shared by all tokens" : "",
                   ". The first half of gemm1's rows is multiplied by the activated second half."};
  f.covers = {"num_experts",
              "num_local_experts",
              "num_shared_experts",
              "num_routed_experts",
              "top_k",
              "hidden_size",
              "intermediate_size",
              "gate_up",
              "down",
              "gate_up_scales",
              "gate_up_block_scales",
              "dtype",
              "method",
              "quantized",
              "weight_only",
              "bias",
              "activation",
              "gated",
              "activation_changes",
              "scaling_factor",
              "weights_on_input",
              "router",
              "routing_method",
              "routing_function",
              "scoring",
              "grouped_scoring",
              "grouped",
              "renormalize",
              "routing_bias",
              "routing_bias_rows",
              "n_group",
              "topk_group"};
  f.axes = axes_of(k);
  if (!k.fi_trace && k.weights != Weights::nvfp4)
    for (const char* c :
         {"gemm1_weights.shape[1] == 2 * intermediate_size",
          "gemm2_weights.shape[1] == hidden_size", "gemm2_weights.shape[2] == intermediate_size"})
      f.constraints.push_back(k.is_dataset_ds() ? Part(c, has_no_groups) : Part(c));
  f.inputs = inputs_of(k);
  f.outputs = {form::tensor("output", {"seq_len", "hidden_size"}, "{dtype}",
                            "Sum of the chosen experts' weighted outputs, a row a token.")};
  f.reference = reference;
  f.constants = constants_of(k);
  f.workloads = workloads(k);
  f.unread = [k](const Params& p, const kdex::CallInputs& in) { return unread(k, p, in); };
  f.plan = [k](const Params& p, const kdex::Chip& chip, const kdex::Tuning& tuning) {
    return plan(p, k, chip, tuning);
  };
  return f;
}

struct Declared {
  const char* id;
  Kind kind;
  std::string_view reference;
};

/// {weights, router, shared experts, one rank holds all, FlashInfer's own}
const std::vector<Declared>& declared() {
  using W = Weights;
  using R = Router;
  static const std::vector<Declared> all = {
      {"half", {W::half, R::logits}, ref::half_simple},
      {"half_ds", {W::half, R::deepseek}, ref::half_ds},
      {"half_ds_shared", {W::half, R::deepseek, true}, ref::half_ds},
      {"half_routed", {W::half, R::given}, ref::half_routed},
      {"fp8_block", {W::fp8_block, R::logits, false, true}, ref::fp8_block_simple},
      {"fp8_block_ep", {W::fp8_block, R::logits}, ref::fp8_block_simple_ep},
      {"fp8_block_ds", {W::fp8_block, R::deepseek}, ref::fp8_block_ds_ep},
      {"fp8_block_ds_shared", {W::fp8_block, R::deepseek, true}, ref::fp8_block_ds_ep},
      {"fp8_block_routed", {W::fp8_block, R::given}, ref::fp8_block_routed_ep},
      {"fp8_tensor", {W::fp8_tensor, R::logits}, ref::fp8_tensor},
      {"nvfp4", {W::nvfp4, R::logits}, ref::nvfp4_simple},
      {"nvfp4_ds", {W::nvfp4, R::deepseek}, ref::nvfp4_ds},
      {"nvfp4_ds_shared", {W::nvfp4, R::deepseek, true}, ref::nvfp4_ds},
      {"fi_half", {W::half, R::logits, false, false, true}, ref::half_simple},
      {"fi_half_ds", {W::half, R::deepseek, false, false, true}, ref::half_ds},
      {"fi_half_ds_shared", {W::half, R::deepseek, true, false, true}, ref::half_ds},
      {"fi_half_routed", {W::half, R::given, false, false, true}, ref::half_routed},
      {"fi_fp8_block",
       {W::fp8_block, R::logits, false, false, true},
       ref::fi_trace_fp8_block_simple},
      {"fi_fp8_block_ds",
       {W::fp8_block, R::deepseek, false, false, true},
       ref::fi_trace_fp8_block_ds_clamped},
      {"fi_fp8_block_ds_shared",
       {W::fp8_block, R::deepseek, true, false, true},
       ref::fi_trace_fp8_block_ds_clamped_shared},
      {"fi_fp8_block_routed",
       {W::fp8_block, R::given, false, false, true},
       ref::fp8_block_routed_ep},
      {"fi_fp8_tensor", {W::fp8_tensor, R::logits, false, false, true}, ref::fp8_tensor},
      {"fi_nvfp4", {W::nvfp4, R::logits, false, false, true}, ref::nvfp4_simple},
      {"fi_nvfp4_ds", {W::nvfp4, R::deepseek, false, false, true}, ref::nvfp4_ds},
      {"fi_nvfp4_ds_shared", {W::nvfp4, R::deepseek, true, false, true}, ref::nvfp4_ds},
  };
  return all;
}

}  // namespace

const std::vector<Form>& forms() {
  static const std::vector<Form> all = [] {
    std::vector<Form> out;
    for (const auto& d : declared()) out.push_back(experts(d.id, d.kind, d.reference));
    return out;
  }();
  return all;
}

const Form* form_of(const Kind& kind) {
  const auto& all = declared();
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].kind == kind) return &forms()[i];
  return nullptr;
}

}  // namespace kdex_moe
