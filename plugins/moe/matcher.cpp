// Finds layers of routed experts and what routes to them. Sizes come from the experts' own
// attributes, the routing from the top-k module beside them.
#include "moe.h"

namespace kdex_moe {
namespace sdk = kdex::sdk;
using kdex::Module;
using kdex::Value;

namespace {

bool is_set(const Value* v) {
  return v != nullptr && v->kind != Value::Kind::none && v->kind != Value::Kind::unknown;
}

/// Reads a setting of the top-k module: of its topk_config, else its own.
struct TopK {
  const Module* module = nullptr;
  const Value* get(std::string_view name) const {
    if (module == nullptr) return nullptr;
    if (const Value* c = module->attr("topk_config"); c != nullptr)
      if (const Value* v = c->attr(name)) return v;
    return module->attr(name);
  }
};

std::string number_of(const kdex::Parameter* p) { return p == nullptr ? "" : p->dtype; }

bool dims_are(const kdex::Parameter* p, std::size_t rank) {
  return p != nullptr && p->shape.size() == rank;
}

/// What the weights are, or why no form fits.
std::string read_weights(const Module& m, Experts& e, sdk::Notes& notes) {
  const auto* w13 = m.param("w13_weight");
  const auto* w2 = m.param("w2_weight");
  // compressed-tensors' names of NVFP4 weights; the scheme says whether the inputs are quantized,
  // too
  if (w13 == nullptr && w2 == nullptr && m.param("w13_weight_global_scale") != nullptr &&
      m.param("w13_input_global_scale") != nullptr &&
      sdk::text(m.attr("scheme")).find("A16") == std::string::npos)
    w13 = m.param("w13_weight_packed"), w2 = m.param("w2_weight_packed");
  const auto method = sdk::last_part(sdk::text(m.attr("quant_method")));
  if (!dims_are(w13, 3) || !dims_are(w2, 3))
    return "its weights are not stored as w13_weight and w2_weight (" +
           (method.empty() ? "no method named" : method) + "); no form for this quantization";
  const bool plain = method.empty() || method.rfind("Unquantized", 0) == 0;
  const auto& dtype = w13->dtype;
  const std::string params = sdk::text(m.attr("params_dtype"));
  e.dtype = dtype == "bfloat16" || dtype == "float16" ? dtype
            : params == "float16"                     ? "float16"
                                                      : "bfloat16";
  if (dtype == "bfloat16" || dtype == "float16") {
    if (!plain)
      return "it is quantized after loading by " + method +
             "; what it becomes is not decided by the constructor";
    e.weights = Weights::half;
  } else if (dtype == "float8_e4m3fn") {
    const auto* block = m.param("w13_weight_scale_inv");
    if (block == nullptr && dims_are(m.param("w13_weight_scale"), 3))
      block = m.param("w13_weight_scale");
    if (block != nullptr && block->dtype == "uint8")
      return "its FP8 scales are bytes of an exponent (MXFP8); no form for this quantization";
    if (dims_are(block, 3) && block->dtype == "float32" &&
        !(block->shape[2].is_int() && block->shape[2].i == 1)) {
      auto blocks = sdk::dim(&block->shape[2]);
      if (!blocks || blocks->value != (e.hidden_size.value + 127) / 128)
        return "its FP8 scales are not of 128 x 128 blocks; no form for this quantization";
      e.weights = Weights::fp8_block;
    } else if (const auto* scale = m.param("w13_weight_scale"); scale != nullptr) {
      bool per_tensor =
          scale->shape.size() == 1 ||
          (scale->shape.size() == 2 && scale->shape[1].is_int() && scale->shape[1].i <= 2);
      if (!per_tensor) return "its FP8 scales are per channel; no form for this quantization";
      e.weights = Weights::fp8_tensor;
    } else {
      return "FP8 experts without scales that are known here (" + method + ")";
    }
  } else if (dtype == "uint8" && number_of(m.param("w13_weight_scale")) == "float8_e4m3fn") {
    e.weights = Weights::nvfp4;
    if (const auto* method_of = m.attr("quant_method");
        method_of != nullptr &&
        sdk::last_part(sdk::text(method_of->attr("_moe_runner_backend"))) == "MARLIN")
      notes.add(m,
                "the engine runs it by Marlin on this platform, which quantizes its weights only; "
                "the form "
                "quantizes the activations, too");
  } else {
    return "its weights are " + dtype + " (" + method + "); no form for this quantization";
  }
  return "";
}

void read_routing(const Module& m, const TopK& topk, Experts& e, sdk::Notes& notes) {
  std::string type = sdk::last_part(sdk::text(m.attr("routing_method_type")));
  if (type.empty()) type = sdk::last_part(sdk::text(topk.get("routing_method_type")));
  e.naive = type == "RenormalizeNaive";
  if (topk.module == nullptr) {
    e.routing = Routing::precomputed;
    notes.add(
        m,
        "no top-k module stands beside these experts: how tokens are routed is not known; the form "
        "with routing computed before was written");
    return;
  }
  const bool grouped =
      topk.get("use_grouped_topk") != nullptr && topk.get("use_grouped_topk")->is_true();
  const bool renormalize = topk.get("renormalize") != nullptr && topk.get("renormalize")->is_true();
  const auto* weighed =
      topk.module->param("correction_bias");  // a parameter where a layer keeps it itself
  const bool bias = weighed != nullptr || is_set(topk.get("correction_bias"));
  auto score = sdk::text(topk.get("scoring_func"));
  // Before release 0.5.6 there is no such field: without groups and a bias it is the softmax
  // (fused_topk).
  if (score.empty() && topk.get("scoring_func") == nullptr && topk.get("renormalize") != nullptr &&
      !grouped && !bias)
    score = "softmax";
  const auto group = sdk::dim(topk.get("num_expert_group")),
             kept = sdk::dim(topk.get("topk_group"));
  if (is_set(topk.get("custom_routing_function"))) {
    if (type == "Llama4") {
      e.routing = Routing::llama4;
      return;
    }
    e.routing = Routing::precomputed;
    notes.add(m, "its routing is a function of the model's own (" +
                     sdk::text(topk.get("custom_routing_function")) +
                     "): the form with routing computed before was written");
    return;
  }
  // With groups and a bias the engine takes the sigmoid whatever scoring_func says
  // (sglang/srt/layers/moe/topk.py, biased_grouped_topk); before release 0.5.15 the field was left
  // at its default there.
  const bool sigmoid = score == "sigmoid" || (grouped && (score == "softmax" || score.empty()));
  if (weighed != nullptr && weighed->shape.size() == 1 && weighed->shape[0].is_int() &&
      weighed->shape[0].i != e.num_experts.value) {
    e.routing = Routing::precomputed;
    notes.add(m, "its router weighs " + std::to_string(weighed->shape[0].i) + " experts of " +
                     std::to_string(e.num_experts.value) +
                     ": the others are copies of the shared one; no form for this routing");
    return;
  }
  if (sigmoid && bias && renormalize && (!grouped || (group && kept))) {
    e.routing = Routing::deepseek;
    if (grouped && group->value > 0 && kept->value > 0) e.n_group = *group, e.topk_group = *kept;
    return;
  }
  if (!grouped && !bias && score == "softmax") {
    e.routing = renormalize ? Routing::renorm : Routing::plain_softmax;
    return;
  }
  if (!grouped && !bias && score == "sigmoid") {
    e.routing = renormalize ? Routing::sigmoid_renorm : Routing::sigmoid;
    return;
  }
  e.routing = Routing::precomputed;
  notes.add(m, std::string("its routing (") + score + (grouped ? ", grouped" : "") +
                   (bias ? ", biased" : "") + (renormalize ? ", normalized" : "") +
                   ") is none of the forms': the form with routing computed before was written");
}

/// A tensor of rank 3 in 16 bits that a module has as a parameter or as a plain attribute.
struct Stack {
  const kdex::Rows<Value>* shape;
  std::string dtype;
};

std::vector<Stack> stacks_of(const Module& m) {
  std::vector<Stack> out;
  const auto add = [&](const kdex::Rows<Value>& shape, const std::string& dtype) {
    if (shape.size() == 3 && (dtype == "bfloat16" || dtype == "float16"))
      out.push_back({&shape, dtype});
  };
  for (const auto& p : m.params) add(p.shape, p.dtype);
  for (const auto& [name, v] : m.attrs)
    if (v.kind == Value::Kind::tensor) add(v.items, v.s);
  return out;
}

/// Experts of a block without a class of their own: a top-k module beside two stacks [E, 2 I, H]
/// and [E, H, I].
std::optional<Experts> stacked_experts(const Module& m, std::size_t index, const TopK& topk) {
  const auto stacks = stacks_of(m);
  if (stacks.size() != 2) return std::nullopt;
  const auto size = [&](std::size_t which, std::size_t at) {
    return sdk::dim(&(*stacks[which].shape)[at]);
  };
  const auto rows = size(0, 0), doubled = size(0, 1), hidden = size(0, 2);
  const auto rows2 = size(1, 0), hidden2 = size(1, 1), inter = size(1, 2),
             k = sdk::dim(topk.get("top_k"));
  if (!rows || !doubled || !hidden || !rows2 || !hidden2 || !inter || !k || rows->value <= 0 ||
      inter->value <= 0 || k->value <= 0 || rows->value != rows2->value ||
      hidden->value != hidden2->value || doubled->value != 2 * inter->value)
    return std::nullopt;
  Experts e;
  e.module = index;
  e.num_experts = e.rows = *rows;
  e.top_k = *k;
  e.hidden_size = *hidden;
  e.intermediate_size = *inter;
  e.dtype = stacks[0].dtype;
  return e;
}

}  // namespace

Found find_experts(const kdex::ModelView& view) {
  Found out;
  const auto& tree = view.tree;
  const auto children = sdk::children_of(tree);
  for (std::size_t i = 0; i < tree.modules.size(); ++i) {
    const auto& m = tree.modules[i];
    if (!m.is_a("FusedMoE") && !m.is_a("EPMoE")) {
      TopK topk;
      for (auto c : children[i])
        if (tree.modules[c].is_a("TopK")) topk.module = &tree.modules[c];
      if (topk.module == nullptr) continue;
      if (auto e = stacked_experts(m, i, topk)) {
        out.claimed.push_back(i);
        out.claimed.push_back(static_cast<std::size_t>(topk.module - tree.modules.data()));
        read_routing(m, topk, *e, out.notes);
        out.experts.push_back(std::move(*e));
      }
      continue;
    }
    Experts e;
    e.module = i;
    TopK topk;
    if (m.parent >= 0)
      for (auto c : children[static_cast<std::size_t>(m.parent)])
        if (tree.modules[c].is_a("TopK")) topk.module = &tree.modules[c];
    // Before release 0.4.9 the experts hold the settings of the routing themselves.
    const bool own_topk = topk.module == nullptr && m.attr("renormalize") != nullptr;
    if (own_topk) topk.module = &m;
    auto experts = sdk::size_dim(m, "num_experts"), local = sdk::size_dim(m, "num_local_experts");
    auto hidden = sdk::size_dim(m, "hidden_size"),
         inter = sdk::size_dim(m, "intermediate_size_per_partition");
    auto k = sdk::size_dim(m, "top_k");
    if (!k) k = sdk::dim(topk.get("top_k"));
    const auto shape = [&](const char* name, std::size_t at) -> std::optional<sdk::Dim> {
      const auto* p = m.param(name);
      if (!dims_are(p, 3) || p->dtype == "uint8") return std::nullopt;
      return sdk::dim(&p->shape[at]);
    };
    if (!local) local = shape("w13_weight", 0);
    if (!hidden) hidden = shape("w13_weight", 2);
    if (!inter) inter = shape("w2_weight", 2);
    if (!experts || !local || !hidden || !inter || !k) {
      out.notes.add(m, "the sizes of these experts are not known; no definition was written");
      continue;
    }
    auto shared = sdk::dim(m, "num_fused_shared_experts").value_or(sdk::Dim{});
    if (shared.value == 0)
      shared = sdk::dim(topk.get("num_fused_shared_experts")).value_or(sdk::Dim{});
    e.num_experts = *experts;
    e.rows = *local;
    e.top_k = *k;
    e.hidden_size = *hidden;
    e.intermediate_size = *inter;
    if (shared.value > 0) {
      // The engine counts shared experts as experts and as chosen ones; the router does not see
      // them.
      const char* less = "less the fused shared experts";
      e.shared = shared;
      if (auto routed = sdk::size_dim(m, "_num_global_routed"))
        e.num_experts = *routed;
      else
        e.num_experts = {e.num_experts.value - shared.value, e.num_experts.origin, less};
      e.top_k = {e.top_k.value - shared.value, e.top_k.origin, less};
    }
    std::string why = read_weights(m, e, out.notes);
    const Value* runner = m.attr("moe_runner_config");
    const auto setting = [&](const char* name) {
      return runner == nullptr ? m.attr(name) : runner->attr(name);
    };
    if (auto a = sdk::text(setting("activation")); !a.empty()) e.activation = a;
    if (why.empty() && e.activation != "silu" && e.activation != "gelu" &&
        e.activation != "gelu_tanh")
      why = "its activation is " + e.activation;
    if (const Value* g = setting("is_gated");
        why.empty() && g != nullptr && g->kind == Value::Kind::boolean && g->i == 0)
      why = "its experts have no gate";
    for (const char* clamp :
         {"gemm1_alpha", "gemm1_clamp_limit", "swiglu_limit", "activation_alpha"})
      if (why.empty() && sdk::real(setting(clamp)))
        why = "its activation is changed by " + std::string(clamp) + " = " +
              sdk::python_float(*sdk::real(setting(clamp)));
    if (why.empty() && (sdk::is_true(m, "with_bias") || m.param("w13_weight_bias") != nullptr))
      why = "its experts have biases";
    if (why.empty() && e.activation != "silu" &&
        (e.weights == Weights::fp8_tensor || e.weights == Weights::nvfp4))
      why = "its activation is " + e.activation;
    if (!why.empty()) {
      out.notes.add(m, why + "; no definition was written");
      continue;
    }
    out.claimed.push_back(i);
    // An unquantized layer's method is a module of its own; it holds nothing.
    for (auto c : children[i])
      if (sdk::last_part(tree.modules[c].path) == "quant_method") out.claimed.push_back(c);
    if (topk.module != nullptr && !own_topk)
      out.claimed.push_back(static_cast<std::size_t>(topk.module - tree.modules.data()));
    if (e.weights != Weights::half && !view.include_quantized) continue;
    read_routing(m, topk, e, out.notes);
    if (e.shared.value > 0 && e.routing != Routing::deepseek &&
        e.rows.value == e.num_experts.value + e.shared.value) {
      out.notes.add(
          m,
          "fused shared experts stand beside a routing whose form has none: the form with routing "
          "computed before was written");
      e.routing = Routing::precomputed;
      e.num_experts = *experts;
      e.top_k = *k;
      e.shared = {};
    }
    if (e.routing != Routing::deepseek)
      if (auto f = sdk::real(setting("routed_scaling_factor")); f && *f != 1.0)
        out.notes.add(m, "its output is scaled by " + sdk::python_float(*f) +
                             ", which this form leaves to the caller");
    out.experts.push_back(std::move(e));
  }
  return out;
}

}  // namespace kdex_moe
