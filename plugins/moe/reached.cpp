// Which experts a call's tokens take, by the routing's formula: so that a bandwidth counts the
// weights that were read. Knows no kernel.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "moe.h"

namespace kdex_moe {
using kdex::HostTensor;
using kdex::Params;

namespace {

double at(const HostTensor& t, std::int64_t i) {
  return kdex::value_at(t.bytes.data(), t.dtype, i);
}

/// Closes all groups but those with the greatest sums of their two best scores.
void close_groups(std::vector<double>& scores, std::int64_t groups, std::int64_t kept) {
  const auto size = static_cast<std::int64_t>(scores.size()) / groups;
  std::vector<std::pair<double, std::int64_t>> sums;
  for (std::int64_t g = 0; g < groups; ++g) {
    const auto begin = scores.begin() + g * size;
    std::vector<double> best(begin, begin + size);
    std::partial_sort(best.begin(), best.begin() + std::min<std::int64_t>(2, size), best.end(),
                      std::greater<>());
    sums.emplace_back(-(best[0] + (size > 1 ? best[1] : 0)), g);
  }
  std::sort(sums.begin(), sums.end());
  for (std::int64_t i = kept; i < groups; ++i) {
    const auto begin = scores.begin() + sums[static_cast<std::size_t>(i)].second * size;
    std::fill(begin, begin + size, -1e30);
  }
}

/// The experts that token `t` takes, of all ranks'.
std::vector<std::int64_t> chosen(const Kind& k, const Params& p, const kdex::CallInputs& in,
                                 std::int64_t t) {
  const std::int64_t top_k = p.integer("top_k");
  std::vector<std::int64_t> out;
  if (k.router == Router::given) {
    const HostTensor& ids = in.tensor("topk_ids");
    for (std::int64_t i = 0; i < top_k; ++i)
      out.push_back(static_cast<std::int64_t>(at(ids, t * top_k + i)));
    return out;
  }
  const HostTensor& logits = in.tensor("routing_logits");
  const std::int64_t experts = logits.shape.at(1);
  std::vector<double> scores;
  for (std::int64_t e = 0; e < experts; ++e) scores.push_back(at(logits, t * experts + e));
  if (k.router == Router::deepseek) {
    const HostTensor& bias = in.tensor("routing_bias");
    for (std::int64_t e = 0; e < experts; ++e) {
      auto& s = scores[static_cast<std::size_t>(e)];
      s = 1 / (1 + std::exp(-s)) + at(bias, e);
    }
    if (p.integer("n_group") > 1)
      close_groups(scores, p.integer("n_group"), p.integer("topk_group"));
  }
  out.resize(static_cast<std::size_t>(experts));
  std::iota(out.begin(), out.end(), 0);
  std::partial_sort(out.begin(), out.begin() + std::min(top_k, experts), out.end(),
                    [&](std::int64_t a, std::int64_t b) {
                      return scores[static_cast<std::size_t>(a)] >
                             scores[static_cast<std::size_t>(b)];
                    });
  out.resize(static_cast<std::size_t>(std::min(top_k, experts)));
  return out;
}

}  // namespace

double unread(const Kind& k, const Params& p, const kdex::CallInputs& in) {
  const HostTensor& tokens = in.tensor(k.router == Router::given ? "topk_ids" : "routing_logits");
  if (tokens.bytes.empty()) return 0;
  const std::int64_t rows = p.integer(p.has("rows") ? "rows" : "num_experts"),
                     routed = rows - (k.shared ? p.integer("shared") : 0);
  const auto offset = in.scalars.find("local_expert_offset");
  const std::int64_t first =
      offset == in.scalars.end() ? 0 : static_cast<std::int64_t>(offset->second);
  std::set<std::int64_t> reached;
  for (std::int64_t t = 0; t < tokens.shape.at(0); ++t)
    for (const auto e : chosen(k, p, in, t))
      if (e >= first && e < first + routed) reached.insert(e);
  double weights = 0;
  for (const auto& [name, t] : in.tensors)
    if (name.starts_with("gemm1_weights") || name.starts_with("gemm2_weights"))
      weights += static_cast<double>(kdex::tensor_bytes(t->dtype, t->shape, name));
  return weights * static_cast<double>(routed - static_cast<std::int64_t>(reached.size())) /
         static_cast<double>(rows);
}

}  // namespace kdex_moe
