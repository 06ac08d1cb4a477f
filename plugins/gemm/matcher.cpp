// Finds matrix products with a weight: linear layers of every kind, router gates, the vocabulary
// projection. Recognizes them by role; what a weight is, by its facts only.
#include <kdex/roles.h>

#include "gemm.h"

namespace kdex_gemm {
namespace sdk = kdex::sdk;
namespace role = kdex::role;

namespace {

bool is_half(std::string_view dtype) { return dtype == "bfloat16" || dtype == "float16"; }

/// A tensor's dimension; empty where the tensor or the dimension is not known.
std::optional<sdk::Dim> dim_of(const kdex::Value* tensor, std::size_t at) {
  return tensor != nullptr && at < tensor->items.size() ? sdk::dim(&tensor->items[at])
                                                        : std::nullopt;
}

struct Reading {
  std::optional<Linear> linear;
  std::string why_not;
};

/// The form of an FP8 weight with these scales, or why there is none.
Reading read_fp8(Linear l, const kdex::Value* s, const std::string& method) {
  if (s == nullptr) return {{}, "FP8 weight without scales that are known here (" + method + ")"};
  if (s->s == "uint8")
    return {{}, "its FP8 scales are bytes of an exponent (MXFP8); no form for this quantization"};
  if (s->items.size() == 2 && s->s == "float32") {
    auto rows = dim_of(s, 0), columns = dim_of(s, 1);
    if (rows && columns && columns->value == (l.k.value + 127) / 128 &&
        rows->value >= (l.n.value + 127) / 128 && rows->value < l.n.value) {
      l.weights = Weights::fp8_block;
      return {l, ""};
    }
    if (!columns || columns->value != 1)
      return {{}, "its FP8 scales are not of 128 x 128 blocks; no form for this quantization"};
  }
  bool per_tensor =
      s->items.empty() || (s->items.size() == 1 &&
                           !(s->items[0].is_int() && s->items[0].i == l.n.value && l.n.value > 1));
  if (per_tensor && l.k.value % 128 == 0) {
    l.weights = Weights::fp8_tensor;
    return {l, ""};
  }
  return {{},
          per_tensor ? "its K is no multiple of 128, which the per-tensor FP8 form needs"
                     : "its FP8 scales are per channel; no form for this quantization"};
}

Reading read_weights(const kdex::Module& m, std::size_t index) {
  const auto* w = m.fact("weight");
  const std::string method = sdk::is_true(m.fact("quantized")) ? sdk::text(m.fact("method")) : "";
  if (w == nullptr) {
    if (const auto* stored = m.fact("stored_as"); stored != nullptr && !stored->items.empty())
      return {{},
              "its weight is stored as " + stored->items[0].s + " (" +
                  (method.empty() ? "no method named" : method) +
                  "); no form for this quantization"};
    return {{}, m.params.empty() ? "" : "it has no parameter named weight"};
  }
  if (w->items.size() != 2)
    return {{},
            "its weight has " + std::to_string(w->items.size()) +
                " dimensions: it is not run as a matrix product"};
  auto n = dim_of(w, 0), k = dim_of(w, 1);
  if (!n || !k || n->value <= 0 || k->value <= 0)
    return {{}, "the shape of its weight is not known"};
  Linear l{index, *n, *k, Weights::half, w->s, sdk::is_true(m.fact("bias")), "", ""};
  const std::string params = sdk::text(m.fact("dtype"));
  if (is_half(w->s) && method.empty()) return {l, ""};
  if (w->s == "float32" && method.empty()) {
    l.weights = Weights::single;
    return {l, ""};
  }
  l.dtype = is_half(params) ? params : "bfloat16";
  if (w->s == "float8_e4m3fn") return read_fp8(l, m.fact("scales"), method);
  if (w->s == "uint8") {
    if (const auto* s = m.fact("scales"); s != nullptr && s->s == "float8_e4m3fn" &&
                                          s->items.size() == 2 && s->items[1].is_int() &&
                                          s->items[1].i * 8 == l.k.value) {
      l.k = {2 * l.k.value, l.k.origin, "2 * the bytes of a row"};
      l.weights = Weights::nvfp4;
      return {l, ""};
    }
    return {
        {},
        "4-bit weight of another kind than NVFP4 (" + method + "); no form for this quantization"};
  }
  if (is_half(w->s))
    return {{},
            "it is quantized after loading by " + method +
                "; what it becomes is not decided by the constructor"};
  return {{}, "its weight is " + w->s + " (" + method + "); no form for this quantization"};
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
    if (m.role == role::head) return std::nullopt;
    if (m.param("weight") != nullptr && sdk::last_part(m.path) == "lm_head") return std::nullopt;
    if (m.role == role::logits) logits = true;
    if (m.role != role::embedding) continue;
    const auto* w = m.fact("weight");
    if (w == nullptr || w->items.size() != 2 || !w->items[0].is_int()) continue;
    if (w->items[0].i > rows) {
      rows = w->items[0].i;
      best = i;
    }
  }
  return logits ? best : std::nullopt;
}

}  // namespace

Found find_linears(const kdex::ModuleTree& tree, bool include_quantized, bool fi_trace) {
  Found out;
  for (std::size_t i = 0; i < tree.modules.size(); ++i) {
    const auto& m = tree.modules[i];
    if (m.role != role::linear && m.role != role::head && m.role != role::gate) continue;
    auto reading = read_weights(m, i);
    if (!reading.linear) {
      if (!reading.why_not.empty())
        out.notes.add(m, reading.why_not + "; no definition was written");
      continue;
    }
    if (sdk::text(m.fact("use")) == "weight") {
      out.notes.add(m, "the layer is never called, its weight is used otherwise (" +
                           sdk::text(m.fact("use_place")) + "); no definition was written");
      continue;
    }
    if (reading.linear->weights == Weights::nvfp4 && sdk::is_true(m.fact("weight_only"))) {
      out.notes.add(
          m,
          "the engine runs it by Marlin on this platform, which leaves the activations in "
          "16 bits; the form quantizes them, so no definition was written");
      continue;
    }
    const bool half = reading.linear->weights == Weights::half;
    if (half && sdk::text(m.fact("output_dtype")) == "float32") {
      if (fi_trace) {
        out.notes.add(m,
                      "its logits are float32, FlashInfer's form gives the activations' dtype; no "
                      "definition was written");
        continue;
      }
      reading.linear->output = "float32";
      out.notes.add(m, "its logits are float32; the dataset's form gives float16");
    }
    out.claimed.push_back(i);
    if (const auto stack = stack_of(tree, m, *reading.linear); !stack.empty()) {
      out.notes.add(m, "its weight lies in " + stack +
                           " of the block above, which runs as one kernel of experts");
      continue;
    }
    if (!half && reading.linear->weights != Weights::single && !include_quantized) continue;
    out.linears.push_back(std::move(*reading.linear));
  }
  if (auto i = tied_lm_head(tree)) {
    const auto* w = tree.modules[*i].fact("weight");
    auto n = dim_of(w, 0), k = dim_of(w, 1);
    if (n && k && is_half(w->s))
      out.linears.push_back(
          {*i, *n, *k, Weights::half, w->s, false, "", "as the tied vocabulary projection"});
  }
  for (const auto& m : tree.modules)
    if (m.role == role::latent_attention && m.parent >= 0)
      out.notes.add(
          tree.modules[static_cast<std::size_t>(m.parent)],
          "absorbed latent attention multiplies q and the output by halves of kv_b_proj, batched "
          "over heads; the dataset has no form for a batched product");
  return out;
}

}  // namespace kdex_gemm
