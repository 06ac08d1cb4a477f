// Finds layers of routed experts and what routes to them, by role and facts.
#include <kdex/roles.h>

#include "moe.h"

namespace kdex_moe {
namespace sdk = kdex::sdk;
namespace role = kdex::role;
using kdex::Module;
using kdex::Value;

namespace {

bool dims_are(const Value* tensor, std::size_t rank) {
  return tensor != nullptr && tensor->items.size() == rank;
}

/// What the weights are, or why no form fits.
std::string read_weights(const Module& m, Experts& e) {
  const auto *w13 = m.fact("gate_up"), *w2 = m.fact("down");
  const auto method = sdk::text(m.fact("method"));
  if (!dims_are(w13, 3) || !dims_are(w2, 3))
    return "its weights are not stored as w13_weight and w2_weight (" +
           (method.empty() ? "no method named" : method) + "); no form for this quantization";
  const auto& dtype = w13->s;
  const auto params = sdk::text(m.fact("dtype"));
  const auto *scales = m.fact("gate_up_scales"), *block = m.fact("gate_up_block_scales");
  e.dtype = dtype == "bfloat16" || dtype == "float16" ? dtype
            : params == "float16"                     ? "float16"
                                                      : "bfloat16";
  if (dtype == "bfloat16" || dtype == "float16") {
    if (sdk::is_true(m.fact("quantized")))
      return "it is quantized after loading by " + method +
             "; what it becomes is not decided by the constructor";
    e.weights = Weights::half;
  } else if (dtype == "float8_e4m3fn") {
    if (block != nullptr && block->s == "uint8")
      return "its FP8 scales are bytes of an exponent (MXFP8); no form for this quantization";
    if (dims_are(block, 3) && block->s == "float32" &&
        !(block->items[2].is_int() && block->items[2].i == 1)) {
      auto blocks = sdk::dim(&block->items[2]);
      if (!blocks || blocks->value != (e.hidden_size.value + 127) / 128)
        return "its FP8 scales are not of 128 x 128 blocks; no form for this quantization";
      e.weights = Weights::fp8_block;
    } else if (scales != nullptr) {
      bool per_tensor =
          scales->items.size() == 1 ||
          (scales->items.size() == 2 && scales->items[1].is_int() && scales->items[1].i <= 2);
      if (!per_tensor) return "its FP8 scales are per channel; no form for this quantization";
      e.weights = Weights::fp8_tensor;
    } else {
      return "FP8 experts without scales that are known here (" + method + ")";
    }
  } else if (dtype == "uint8" && scales != nullptr && scales->s == "float8_e4m3fn") {
    e.weights = Weights::nvfp4;
    if (sdk::is_true(m.fact("weight_only")))
      return "the engine runs it by Marlin on this platform, which leaves the activations in 16 "
             "bits; the form quantizes them";
  } else {
    return "its weights are " + dtype + " (" + method + "); no form for this quantization";
  }
  return "";
}

/// Reads the routing from the facts of the experts, or of the block that stacks them itself.
void read_routing(const Module& m, Experts& e, sdk::Notes& notes) {
  const std::string type = sdk::text(m.fact("routing_method"));
  e.naive = type == "RenormalizeNaive";
  if (m.fact("router") == nullptr) {
    e.routing = Routing::precomputed;
    notes.add(
        m,
        "no top-k module stands beside these experts: how tokens are routed is not known; the form "
        "with routing computed before was written");
    return;
  }
  const bool grouped = sdk::is_true(m.fact("grouped"));
  const bool renormalize = sdk::is_true(m.fact("renormalize"));
  const bool bias = m.fact("routing_bias") != nullptr;
  const auto score = sdk::text(m.fact("scoring"));
  const auto group = sdk::dim(m.fact("n_group")), kept = sdk::dim(m.fact("topk_group"));
  if (const auto* function = m.fact("routing_function")) {
    if (type == "Llama4") {
      e.routing = Routing::llama4;
      return;
    }
    e.routing = Routing::precomputed;
    notes.add(m, "its routing is a function of the model's own (" + sdk::text(function) +
                     "): the form with routing computed before was written");
    return;
  }
  const bool sigmoid = sdk::text(m.fact("grouped_scoring")) == "sigmoid";
  if (auto rows = sdk::dim(m.fact("routing_bias_rows"));
      rows && rows->value != e.num_experts.value) {
    e.routing = Routing::precomputed;
    notes.add(m, "its router weighs " + std::to_string(rows->value) + " experts of " +
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
std::optional<Experts> stacked_experts(const Module& m, std::size_t index) {
  const auto stacks = stacks_of(m);
  if (stacks.size() != 2) return std::nullopt;
  const auto size = [&](std::size_t which, std::size_t at) {
    return sdk::dim(&(*stacks[which].shape)[at]);
  };
  const auto rows = size(0, 0), doubled = size(0, 1), hidden = size(0, 2);
  const auto rows2 = size(1, 0), hidden2 = size(1, 1), inter = size(1, 2),
             k = sdk::dim(m.fact("top_k"));
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

/// What the activation is, where a form has it; else why no form fits.
std::string read_activation(const Module& m, Experts& e) {
  if (auto a = sdk::text(m.fact("activation")); !a.empty()) e.activation = a;
  if (e.activation != "silu" && e.activation != "gelu" && e.activation != "gelu_tanh")
    return "its activation is " + e.activation;
  if (const Value* g = m.fact("gated");
      g != nullptr && g->kind == Value::Kind::boolean && g->i == 0)
    return "its experts have no gate";
  if (const Value* changes = m.fact("activation_changes"))
    for (const auto& [name, number] : changes->attrs)
      return "its activation is changed by " + name + " = " +
             sdk::python_float(*sdk::real(&number));
  if (sdk::is_true(m.fact("bias"))) return "its experts have biases";
  if (e.activation != "silu" && (e.weights == Weights::fp8_tensor || e.weights == Weights::nvfp4))
    return "its activation is " + e.activation;
  return "";
}

/// The sizes of a layer of experts; empty where one of them is not known.
std::optional<Experts> read_sizes(const Module& m, std::size_t index) {
  auto experts = sdk::size_dim(m.fact("num_experts")),
       local = sdk::size_dim(m.fact("num_local_experts")),
       hidden = sdk::size_dim(m.fact("hidden_size")),
       inter = sdk::size_dim(m.fact("intermediate_size")), k = sdk::size_dim(m.fact("top_k"));
  if (!experts || !local || !hidden || !inter || !k) return std::nullopt;
  Experts e;
  e.module = index;
  e.num_experts = *experts;
  e.rows = *local;
  e.top_k = *k;
  e.hidden_size = *hidden;
  e.intermediate_size = *inter;
  if (auto shared = sdk::size_dim(m.fact("num_shared_experts"))) {
    // The engine counts shared experts as experts and as chosen ones; the router does not see them.
    const char* less = "less the fused shared experts";
    e.shared = *shared;
    if (auto routed = sdk::size_dim(m.fact("num_routed_experts")))
      e.num_experts = *routed;
    else
      e.num_experts = {e.num_experts.value - shared->value, e.num_experts.origin, less};
    e.top_k = {e.top_k.value - shared->value, e.top_k.origin, less};
  }
  return e;
}

}  // namespace

Found find_experts(const kdex::ModelView& view) {
  Found out;
  const auto& tree = view.tree;
  const auto claim = [&](std::size_t own, const Value* module) {
    if (module != nullptr && module->i != static_cast<std::int64_t>(own))
      out.claimed.push_back(static_cast<std::size_t>(module->i));
  };
  for (std::size_t i = 0; i < tree.modules.size(); ++i) {
    const auto& m = tree.modules[i];
    if (m.role != role::experts) {
      if (m.role == role::router || m.fact("router") == nullptr) continue;
      if (auto e = stacked_experts(m, i)) {
        out.claimed.push_back(i);
        claim(i, m.fact("router"));
        read_routing(m, *e, out.notes);
        out.experts.push_back(std::move(*e));
      }
      continue;
    }
    auto sizes = read_sizes(m, i);
    if (!sizes) {
      out.notes.add(m, "the sizes of these experts are not known; no definition was written");
      continue;
    }
    Experts& e = *sizes;
    std::string why = read_weights(m, e);
    if (why.empty()) why = read_activation(m, e);
    if (!why.empty()) {
      out.notes.add(m, why + "; no definition was written");
      continue;
    }
    const auto claim_all = [&] {
      out.claimed.push_back(i);
      claim(i, m.fact("method_module"));
      claim(i, m.fact("router"));
    };
    if (e.weights != Weights::half && !view.include_quantized) {
      claim_all();
      continue;
    }
    read_routing(m, e, out.notes);
    if (sdk::is_true(m.fact("weights_on_input")) != (e.routing == Routing::llama4)) {
      out.notes.add(m,
                    "whether routing weights scale the experts' inputs is not as in the form of "
                    "this routing; no definition was written");
      continue;
    }
    claim_all();
    if (e.shared.value > 0 && e.routing != Routing::deepseek &&
        e.rows.value == e.num_experts.value + e.shared.value) {
      out.notes.add(
          m,
          "fused shared experts stand beside a routing whose form has none: the form with routing "
          "computed before was written");
      e.routing = Routing::precomputed;
      e.num_experts = *sdk::size_dim(m.fact("num_experts"));
      e.top_k = *sdk::size_dim(m.fact("top_k"));
      e.shared = {};
    }
    if (e.routing != Routing::deepseek)
      if (auto f = sdk::real(m.fact("scaling_factor")); f && *f != 1.0)
        out.notes.add(m, "its output is scaled by " + sdk::python_float(*f) +
                             ", which this form leaves to the caller");
    out.experts.push_back(std::move(e));
  }
  return out;
}

}  // namespace kdex_moe
