// Softmax attention over sequences in float64, for samples of query rows: the formula that the
// families of grouped-query and latent attention share. Names of inputs are the caller's.
#pragma once

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <kdex/formula.h>

namespace kdex_shared {

/// The inputs of one form; an empty name: the form has none.
struct FormulaInputs {
  std::string q, k, v;         ///< [rows, heads, width]; caches [pages, page, (heads,) width]
  std::string q_rope, k_rope;  ///< parts of queries and keys that are added to the logit; with
                               ///< them all heads read one key, which is the value too
  std::string query_offsets;   ///< first query row of each sequence; empty: one query each
  std::string key_offsets;     ///< first key of each sequence, or first entry in page_numbers
  std::string page_numbers;    ///< pages of all sequences; empty: keys are packed
  std::string last_page;       ///< tokens in each sequence's last page; empty: pages are full
  std::string scale;           ///< scalar: factor of the logits
  std::string key_scale, rope_scale;  ///< scalars: factors of a quantized cache
  std::string group_scale;            ///< factors of groups of a key's values
  std::string value_scale;            ///< scalar: of the values; empty: the keys' factors
  std::string sinks;                  ///< a logit of each head that has no value
};

/// Samples of "output" and "lse" (base 2). `window_left`: keys before the query's own that it sees,
/// -1: all; `logit_cap`: a tanh caps the logits at it, 0: none. Over 100 lines: it is one formula,
/// most of whose lines read the operands that its loops share.
inline std::vector<kdex::Expected> attention(const FormulaInputs& n, std::int64_t window_left,
                                             double logit_cap, const kdex::CallInputs& in,
                                             kdex::Random& random, int threads) {
  namespace sdk = kdex::sdk;
  using kdex::Expected;
  using kdex::HostTensor;
  using sdk::Values;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const bool latent = !n.q_rope.empty(), paged = !n.page_numbers.empty(),
             prefill = !n.query_offsets.empty();
  const HostTensor &q = in.tensor(n.q), &k = in.tensor(n.k), &v = in.tensor(n.v);
  const HostTensor &q2 = latent ? in.tensor(n.q_rope) : q, &k2 = latent ? in.tensor(n.k_rope) : k;
  const Values qs(q), ks(k), vs(v), q2s(q2), k2s(k2), kv(in.tensor(n.key_offsets));
  const std::int64_t heads = q.shape[1], kv_heads = latent ? 1 : k.shape[k.shape.size() - 2],
                     width = q.shape[2], out_width = v.shape.back(),
                     rope = latent ? q2.shape[2] : 0;
  const std::int64_t page = paged ? k.shape[1] : 1,
                     sequences = in.tensor(n.key_offsets).shape[0] - 1;
  std::unique_ptr<Values> qo, indices, last;
  if (prefill) qo = std::make_unique<Values>(in.tensor(n.query_offsets));
  if (paged) indices = std::make_unique<Values>(in.tensor(n.page_numbers));
  if (!n.last_page.empty()) last = std::make_unique<Values>(in.tensor(n.last_page));
  const double scale = in.scalar(n.scale);
  const double key_factor = n.key_scale.empty() ? 1.0 : in.scalar(n.key_scale),
               rope_factor = n.rope_scale.empty() ? 1.0 : in.scalar(n.rope_scale),
               value_factor = n.value_scale.empty() ? key_factor : in.scalar(n.value_scale);
  std::unique_ptr<Values> sinks;
  if (!n.sinks.empty()) sinks = std::make_unique<Values>(in.tensor(n.sinks));
  std::vector<double> by_group;
  std::int64_t groups = 1;
  if (!n.group_scale.empty()) {
    const HostTensor& t = in.tensor(n.group_scale);
    groups = t.shape.back();
    if (groups < 1 || width % groups != 0)
      throw kdex::Error(std::to_string(width) + " values of a key are no multiple of " +
                            std::to_string(groups) + " groups",
                        n.group_scale);
    const Values values(t);
    for (std::int64_t i = 0, all = t.elements(); i < all; ++i) by_group.push_back(values[i]);
  }
  // Value i of the key at `at`, of the number that is stored there.
  auto scaled = [&](double x, double factor, std::int64_t at, std::int64_t i) {
    return x * factor *
           (by_group.empty()
                ? 1.0
                : by_group[static_cast<std::size_t>(at * groups + i / (width / groups))]);
  };

  struct Row {
    std::int64_t sequence, query, nq, head, at;
  };
  std::vector<Row> rows;
  for (auto s : sdk::pick(sequences, 40, random)) {
    const std::int64_t begin = prefill ? static_cast<std::int64_t>((*qo)[s]) : s,
                       nq = prefill ? static_cast<std::int64_t>((*qo)[s + 1]) - begin : 1;
    for (auto query : sdk::pick(nq, 6, random))
      for (auto h : sdk::pick(heads, 5, random))
        rows.push_back({s, query, nq, h, (begin + query) * heads + h});
  }
  Expected out{"output", {}, {}}, lse{"lse", {}, {}};
  for (const auto& r : rows) {
    for (std::int64_t i = 0; i < out_width; ++i) out.elements.push_back(r.at * out_width + i);
    lse.elements.push_back(r.at);
  }
  out.values.resize(out.elements.size());
  lse.values.resize(lse.elements.size());
  sdk::in_parallel(static_cast<std::int64_t>(rows.size()), threads, [&](std::int64_t index) {
    const Row& r = rows[static_cast<std::size_t>(index)];
    const std::int64_t first = static_cast<std::int64_t>(kv[r.sequence]),
                       count = static_cast<std::int64_t>(kv[r.sequence + 1]) - first;
    std::int64_t nk = count * page;
    if (last && count > 0) nk = (count - 1) * page + static_cast<std::int64_t>((*last)[r.sequence]);
    const std::int64_t visible = prefill ? std::min(nk, r.query + 1 + nk - r.nq) : nk;
    const std::int64_t from =
        window_left < 0 ? 0 : std::max<std::int64_t>(0, visible - 1 - window_left);
    const std::int64_t head = r.head / (heads / kv_heads);
    auto place = [&](std::int64_t j) {
      const std::int64_t row =
          paged ? static_cast<std::int64_t>((*indices)[first + j / page]) * page + j % page
                : first + j;
      return row * kv_heads + head;
    };
    std::vector<double> query, query2, z;
    for (std::int64_t i = 0; i < width; ++i) query.push_back(qs[r.at * width + i]);
    for (std::int64_t i = 0; i < rope; ++i) query2.push_back(q2s[r.at * rope + i]);
    const double sink = sinks ? (*sinks)[r.head] : -kInfinity;
    double top = sink;
    for (std::int64_t j = from; j < visible; ++j) {
      const std::int64_t at = place(j);
      double dot = 0;
      for (std::int64_t i = 0; i < width; ++i)
        dot += query[static_cast<std::size_t>(i)] * scaled(ks[at * width + i], key_factor, at, i);
      for (std::int64_t i = 0; i < rope; ++i)
        dot += query2[static_cast<std::size_t>(i)] * rope_factor * k2s[at * rope + i];
      z.push_back(logit_cap > 0 ? logit_cap * std::tanh(dot * scale / logit_cap) : dot * scale);
      top = std::max(top, z.back());
    }
    double sum = sinks ? std::exp(sink - top) : 0;
    std::vector<double> o(static_cast<std::size_t>(out_width), 0.0);
    for (std::int64_t j = from; j < visible; ++j) {
      const double p = std::exp(z[static_cast<std::size_t>(j - from)] - top);
      sum += p;
      const std::int64_t at = place(j);
      for (std::int64_t i = 0; i < out_width; ++i)
        o[static_cast<std::size_t>(i)] += p * scaled(vs[at * out_width + i], value_factor, at, i);
    }
    for (std::int64_t i = 0; i < out_width; ++i)
      out.values[static_cast<std::size_t>(index * out_width + i)] =
          sum > 0 ? o[static_cast<std::size_t>(i)] / sum : 0;
    lse.values[static_cast<std::size_t>(index)] =
        sum > 0 ? (top + std::log(sum)) / std::log(2.0) : -kInfinity;
  });
  return {out, lse};
}

}  // namespace kdex_shared
