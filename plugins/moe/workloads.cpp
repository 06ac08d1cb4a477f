// Workloads of experts: how many tokens, and how they spread over the experts. A router's logits
// are drawn so that its choice is balanced, skewed or all on as few experts as there can be; where
// the choice is an input, it is made of such logits. Knows no kernel.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "moe.h"

namespace kdex_moe {
using kdex::HostTensor;
using kdex::Params;
using kdex::Random;

namespace {

enum class Spread { balanced, skewed, worst };

const char* words(Spread s) {
  return s == Spread::balanced ? "balanced routing"
         : s == Spread::skewed ? "skewed routing, popular experts with two to three times the mean"
                               : "worst routing, all tokens on the same experts";
}

/// The experts of all ranks, those of this one among them, and how many a token takes.
struct Layer {
  std::int64_t experts, first, here, top_k;
};

/// Standard normal.
double normal(Random& random) {
  const double u = std::max(random.uniform(), 1e-12), v = random.uniform();
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * 3.14159265358979323846 * v);
}

/// `count` different numbers below `n`.
std::vector<std::int64_t> distinct(std::int64_t n, std::int64_t count, Random& random) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(n));
  std::iota(all.begin(), all.end(), 0);
  count = std::min(n, count);
  for (std::int64_t i = 0; i < count; ++i)
    std::swap(all[static_cast<std::size_t>(i)],
              all[static_cast<std::size_t>(i + random.below(n - i))]);
  all.resize(static_cast<std::size_t>(count));
  return all;
}

/// What is added to an expert's logits for every token. With skewed routing the shares of the
/// experts have a Gini coefficient of 0.20 to 0.30 (64 to 256 experts, 6 to 8 a token; the most
/// popular 2 to 3 times the mean): as text is routed by trained models, 0.105 to somewhat above
/// 0.24 for five architectures (Ma et al., arXiv:2605.20982, 2026, on WikiText and other text).
std::vector<double> popularity(const Layer& l, Spread s, Random& random) {
  std::vector<double> out(static_cast<std::size_t>(l.experts), 0);
  if (s == Spread::skewed)
    for (auto& x : out) x = 0.22 * normal(random);
  if (s == Spread::worst)
    for (const auto e : distinct(l.here, l.top_k, random))
      out[static_cast<std::size_t>(l.first + e)] = 8;
  return out;
}

/// Logits of `tokens` tokens: normal beside the popularity. The first token takes an expert that is
/// held here, so that there is something to compute.
std::vector<double> logits_of(const Layer& l, std::int64_t tokens, Spread s, Random& random) {
  const auto bias = popularity(l, s, random);
  std::vector<double> out;
  out.reserve(static_cast<std::size_t>(tokens * l.experts));
  for (std::int64_t t = 0; t < tokens; ++t)
    for (const double b : bias) out.push_back(b + normal(random));
  if (s != Spread::worst && l.here > 0)
    out[static_cast<std::size_t>(l.first + random.below(l.here))] = 8;
  return out;
}

HostTensor tensor_of(const std::string& dtype, std::vector<std::int64_t> shape,
                     const std::function<double(std::int64_t)>& value) {
  HostTensor t{dtype, std::move(shape), ""};
  t.bytes.resize(kdex::tensor_bytes(t.dtype, t.shape, "a routing tensor"));
  for (std::int64_t i = 0, n = t.elements(); i < n; ++i)
    kdex::set_value(t.bytes.data(), t.dtype, i, value(i));
  return t;
}

/// The top_k greatest logits of each token, the greatest first.
HostTensor choice_of(const Layer& l, std::int64_t tokens, const std::vector<double>& logits) {
  std::vector<std::int64_t> ids;
  std::vector<std::int64_t> order(static_cast<std::size_t>(l.experts));
  for (std::int64_t t = 0; t < tokens; ++t) {
    const double* row = logits.data() + t * l.experts;
    std::iota(order.begin(), order.end(), 0);
    std::partial_sort(order.begin(), order.begin() + l.top_k, order.end(),
                      [&](std::int64_t a, std::int64_t b) { return row[a] > row[b]; });
    ids.insert(ids.end(), order.begin(), order.begin() + l.top_k);
  }
  return tensor_of("int32", {tokens, l.top_k}, [&](std::int64_t i) {
    return static_cast<double>(ids[static_cast<std::size_t>(i)]);
  });
}

Layer layer_of(const Kind& k, const Params& p) {
  Layer l{};
  l.top_k = p.integer("top_k");
  const std::int64_t shared = k.shared ? p.integer("shared") : 0;
  l.here = p.integer(p.has("rows") ? "rows" : "num_experts") - shared;
  l.experts = std::max(p.has("num_experts") ? p.integer("num_experts") : l.here, l.here);
  l.first = first_expert(p);
  if (l.top_k < 1 || l.top_k > l.experts || l.experts > 1 << 20)
    throw kdex::Error(std::to_string(l.top_k) + " of " + std::to_string(l.experts) +
                      " experts cannot be chosen");
  return l;
}

kdex::WorkloadCase case_of(const Kind& k, const Params& p, std::int64_t tokens, Spread s,
                           Random& random) {
  const Layer l = layer_of(k, p);
  kdex::WorkloadCase w;
  w.what = std::to_string(tokens) + " tokens, " + words(s);
  w.axes = {{"seq_len", tokens}};
  const auto logits = logits_of(l, tokens, s, random);
  if (k.router == Router::given) {
    w.tensors["topk_ids"] = choice_of(l, tokens, logits);
    return w;
  }
  w.tensors["routing_logits"] =
      tensor_of(p.text("logits_dtype"), {tokens, l.experts},
                [&](std::int64_t i) { return logits[static_cast<std::size_t>(i)]; });
  // A trained bias evens the experts' shares out; the scores that it is added to are of 0 to 1.
  if (k.has_float_logits())
    w.tensors["routing_bias"] = tensor_of(
        "bfloat16", {l.experts}, [&](std::int64_t) { return 0.005 * (2 * random.uniform() - 1); });
  return w;
}

}  // namespace

std::int64_t first_expert(const Params& p) {
  const std::int64_t all = p.has("num_experts") ? p.integer("num_experts") : 0,
                     here = p.has("rows") ? p.integer("rows") : all;
  return here > 0 && all > here ? (all - here) / 2 / here * here : 0;
}

kdex::Workloads workloads(const Kind& kind) {
  return {[kind](const Params& p, Random& random, const kdex::EmitWorkload& emit) {
            using enum Spread;
            for (const auto& [tokens, spread] : {std::pair{1, balanced},
                                                 {7, skewed},
                                                 {33, balanced},
                                                 {128, skewed},
                                                 {512, balanced},
                                                 {1024, balanced},
                                                 {1024, skewed},
                                                 {1024, worst}})
              emit(case_of(kind, p, tokens, spread, random));
          },
          [kind](const Params& p, const kdex::WorkloadSizes& sizes, Random& random,
                 const kdex::EmitWorkload& emit) {
            for (const auto tokens : sizes.of("seq_len"))
              for (const auto spread : {Spread::balanced, Spread::skewed, Spread::worst})
                emit(case_of(kind, p, tokens, spread, random));
          }};
}

}  // namespace kdex_moe
