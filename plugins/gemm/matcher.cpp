// Finds matrix products with a weight: linear layers of every kind, router gates, the vocabulary
// projection. Recognizes them by class, parameters and quantization method only.
#include "gemm.h"

namespace kdex_gemm {
namespace sdk = kdex::sdk;

namespace {

bool starts(std::string_view s, std::string_view with) { return s.substr(0, with.size()) == with; }

bool is_half(std::string_view dtype) { return dtype == "bfloat16" || dtype == "float16"; }

/// A module that holds the bare weight of a router and multiplies by it itself (DeepSeek's
/// MoEGate).
bool is_bare_gate(const kdex::Module& m) {
  for (const auto& q : m.mro) {
    auto name = sdk::last_part(q);
    if (name.ends_with("Gate") || name.ends_with("Router")) return true;
  }
  return false;
}

/// The quantization method's class; "" where there is none or it says unquantized.
std::string quantization(const kdex::Module& m) {
  auto name = sdk::last_part(sdk::text(m.attr("quant_method")));
  return starts(name, "Unquantized") ? "" : name;
}

struct Reading {
  std::optional<Linear> linear;
  std::string why_not;
};

Reading read_weights(const kdex::Module& m, std::size_t index) {
  const auto* w = m.param("weight");
  const std::string method = quantization(m);
  // compressed-tensors' name of an NVFP4 weight; its scheme says whether the inputs are quantized,
  // too
  if (w == nullptr && m.param("weight_global_scale") != nullptr &&
      m.param("input_global_scale") != nullptr &&
      sdk::text(m.attr("scheme")).find("A16") == std::string::npos)
    w = m.param("weight_packed");
  if (w == nullptr) {
    for (const auto& p : m.params)
      if (starts(p.name, "qweight") || p.name.find("packed") != std::string::npos)
        return {{},
                "its weight is stored as " + p.name + " (" +
                    (method.empty() ? "no method named" : method) +
                    "); no form for this quantization"};
    return {{}, m.params.empty() ? "" : "it has no parameter named weight"};
  }
  if (w->shape.size() != 2)
    return {{},
            "its weight has " + std::to_string(w->shape.size()) +
                " dimensions: it is not run as a matrix product"};
  auto n = sdk::dim(&w->shape[0]), k = sdk::dim(&w->shape[1]);
  if (!n || !k || n->value <= 0 || k->value <= 0)
    return {{}, "the shape of its weight is not known"};
  Linear l{index, *n, *k, Weights::half, w->dtype, m.param("bias") != nullptr, ""};
  const std::string params = sdk::text(m.attr("params_dtype"));
  if (is_half(w->dtype) && method.empty()) return {l, ""};
  if (w->dtype == "float32" && method.empty()) {
    l.weights = Weights::single;
    return {l, ""};
  }
  l.dtype = is_half(params) ? params : "bfloat16";
  if (w->dtype == "float8_e4m3fn") {
    const auto* s = m.param("weight_scale_inv");
    if (s == nullptr) s = m.param("weight_scale");
    if (s != nullptr && s->dtype == "uint8")
      return {{}, "its FP8 scales are bytes of an exponent (MXFP8); no form for this quantization"};
    if (s != nullptr && s->shape.size() == 2 && s->dtype == "float32") {
      auto rows = sdk::dim(&s->shape[0]), columns = sdk::dim(&s->shape[1]);
      if (rows && columns && columns->value == (l.k.value + 127) / 128 &&
          rows->value >= (l.n.value + 127) / 128 && rows->value < l.n.value) {
        l.weights = Weights::fp8_block;
        return {l, ""};
      }
      if (!columns || columns->value != 1)
        return {{}, "its FP8 scales are not of 128 x 128 blocks; no form for this quantization"};
    }
    if (s != nullptr) {
      bool per_tensor = s->shape.empty() ||
                        (s->shape.size() == 1 &&
                         !(s->shape[0].is_int() && s->shape[0].i == l.n.value && l.n.value > 1));
      if (per_tensor && l.k.value % 128 == 0) {
        l.weights = Weights::fp8_tensor;
        return {l, ""};
      }
      return {{},
              per_tensor ? "its K is no multiple of 128, which the per-tensor FP8 form needs"
                         : "its FP8 scales are per channel; no form for this quantization"};
    }
    return {{}, "FP8 weight without scales that are known here (" + method + ")"};
  }
  if (w->dtype == "uint8") {
    if (const auto* s = m.param("weight_scale"); s != nullptr && s->dtype == "float8_e4m3fn" &&
                                                 s->shape.size() == 2 && s->shape[1].is_int() &&
                                                 s->shape[1].i * 8 == l.k.value) {
      l.k = {2 * l.k.value, l.k.origin, "2 * the bytes of a row"};
      l.weights = Weights::nvfp4;
      return {l, ""};
    }
    return {
        {},
        "4-bit weight of another kind than NVFP4 (" + method + "); no form for this quantization"};
  }
  if (is_half(w->dtype))
    return {{},
            "it is quantized after loading by " + method +
                "; what it becomes is not decided by the constructor"};
  return {{}, "its weight is " + w->dtype + " (" + method + "); no form for this quantization"};
}

/// The attribute of a module above that holds this weight beside those of its neighbours in a list,
/// "" where there is none: such experts run as one kernel.
std::string stack_of(const kdex::ModuleTree& tree, const kdex::Module& m, const Linear& l) {
  bool listed = false;
  for (const kdex::Module* at = &m; at->parent >= 0;) {
    const auto leaf = sdk::last_part(at->path);
    listed =
        listed || (!leaf.empty() && leaf.find_first_not_of("0123456789") == std::string_view::npos);
    at = &tree.modules[static_cast<std::size_t>(at->parent)];
    if (!listed) continue;
    for (const auto& [name, v] : at->attrs)
      if (v.kind == kdex::Value::Kind::tensor && v.items.size() == 3 && v.items[0].i > 1 &&
          v.items[1].i == l.n.value && v.items[2].i == l.k.value)
        return name;
  }
  return "";
}

/// The vocabulary projection where it shares the embedding's weight and so is no module of its own.
std::optional<std::size_t> tied_lm_head(const kdex::ModuleTree& tree) {
  bool logits = false;
  std::optional<std::size_t> best;
  std::int64_t rows = 0;
  for (std::size_t i = 0; i < tree.modules.size(); ++i) {
    const auto& m = tree.modules[i];
    if (m.is_a("ParallelLMHead")) return std::nullopt;
    const auto leaf = sdk::last_part(m.path);
    if (leaf == "lm_head" && m.param("weight") != nullptr) return std::nullopt;
    if (m.is_a("LogitsProcessor")) logits = true;
    if (!m.is_a("VocabParallelEmbedding") && !m.is_a("Embedding")) continue;
    const auto* w = m.param("weight");
    if (w == nullptr || w->shape.size() != 2 || !w->shape[0].is_int()) continue;
    if (w->shape[0].i > rows) {
      rows = w->shape[0].i;
      best = i;
    }
  }
  return logits ? best : std::nullopt;
}

}  // namespace

Found find_linears(const kdex::ModuleTree& tree, bool include_quantized) {
  Found out;
  for (std::size_t i = 0; i < tree.modules.size(); ++i) {
    const auto& m = tree.modules[i];
    const bool head = m.is_a("ParallelLMHead");
    const bool linear = m.is_a("LinearBase") || m.is_a("Linear");
    if (!head && !linear && !(is_bare_gate(m) && m.param("weight") != nullptr)) continue;
    auto reading = read_weights(m, i);
    if (!reading.linear) {
      if (!reading.why_not.empty())
        out.notes.add(m, reading.why_not + "; no definition was written");
      continue;
    }
    out.claimed.push_back(i);
    if (const auto stack = stack_of(tree, m, *reading.linear); !stack.empty()) {
      out.notes.add(m, "its weight lies in " + stack +
                           " of the block above, which runs as one kernel of experts");
      continue;
    }
    const bool quantized =
        reading.linear->weights != Weights::half && reading.linear->weights != Weights::single;
    if (quantized && !include_quantized) continue;
    if (reading.linear->weights == Weights::nvfp4)
      if (auto it = tree.resolved.find("chosen_fp4_gemm_runner_backend");
          it != tree.resolved.end() && sdk::text(&it->second) == "marlin")
        out.notes.add(
            m,
            "the engine runs it by Marlin on this platform, which quantizes its weight only; the "
            "form quantizes the activations, too");
    if (m.is_a("MoEGate") && reading.linear->weights == Weights::half)
      out.notes.add(m, "its logits are float32; the dataset's form gives float16");
    out.linears.push_back(std::move(*reading.linear));
  }
  if (auto i = tied_lm_head(tree)) {
    const auto* w = tree.modules[*i].param("weight");
    auto n = sdk::dim(&w->shape[0]), k = sdk::dim(&w->shape[1]);
    if (n && k && is_half(w->dtype))
      out.linears.push_back(
          {*i, *n, *k, Weights::half, w->dtype, false, "as the tied vocabulary projection"});
  }
  for (const auto& m : tree.modules)
    if (m.is_a("RadixAttention") && m.parent >= 0) {
      const auto& block = tree.modules[static_cast<std::size_t>(m.parent)];
      if (sdk::size_dim(block, "kv_lora_rank"))
        out.notes.add(
            block,
            "absorbed latent attention multiplies q and the output by halves of kv_b_proj, batched "
            "over heads; the dataset has no form for a batched product");
    }
  return out;
}

}  // namespace kdex_gemm
