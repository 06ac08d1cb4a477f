// One function a family; samples are rows of the output, each worked out on its own.
#include "core/cuda/reference.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <set>
#include <thread>

#include <kdex/error.h>
#include <kdex/kernel_authoring.h>

namespace kdex::cuda {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// A tensor as doubles; one table for the types of 8 and 16 bits.
class Values {
 public:
  explicit Values(const HostTensor& t)
      : dtype_(t.dtype), data_(t.bytes.data()), bytes_(dtype_bytes(t.dtype)) {
    if (bytes_ > 2 || dtype_ == "bfloat16") return;
    table_.resize(bytes_ == 1 ? 256 : 65536);
    for (std::size_t i = 0; i < table_.size(); ++i) {
      const std::uint16_t bits = static_cast<std::uint16_t>(i);
      table_[i] = value_at(&bits, dtype_, 0);  // little-endian: the low byte comes first
    }
  }
  double operator[](std::int64_t i) const {
    if (table_.size() == 256) return table_[static_cast<unsigned char>(data_[i])];
    if (!table_.empty())
      return table_[static_cast<unsigned char>(data_[2 * i]) |
                    static_cast<unsigned char>(data_[2 * i + 1]) << 8];
    return value_at(data_, dtype_, i);
  }

 private:
  std::string dtype_;
  const char* data_;
  std::size_t bytes_;
  std::vector<double> table_;
};

const HostTensor& tensor(const CallInputs& in, const std::string& name) {
  auto it = in.tensors.find(name);
  if (it == in.tensors.end()) throw Error("unknown input '" + name + "'", "reference");
  return *it->second;
}
double scalar(const CallInputs& in, const std::string& name) {
  auto it = in.scalars.find(name);
  if (it == in.scalars.end()) throw Error("unknown scalar '" + name + "'", "reference");
  return it->second;
}

/// `most` of 0 .. count-1: the first, the last, then random ones; ascending.
std::vector<std::int64_t> pick(std::int64_t count, std::int64_t most, Random& random) {
  std::set<std::int64_t> out;
  if (count <= most)
    for (std::int64_t i = 0; i < count; ++i) out.insert(i);
  else {
    out.insert(0), out.insert(count - 1);
    while (static_cast<std::int64_t>(out.size()) < most) out.insert(random.below(count));
  }
  return {out.begin(), out.end()};
}

void in_parallel(std::int64_t count, int threads, const std::function<void(std::int64_t)>& work) {
  std::atomic<std::int64_t> next{0};
  auto run = [&] {
    for (std::int64_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::thread> others;
  for (int t = 1; t < std::min<std::int64_t>(threads, count); ++t) others.emplace_back(run);
  run();
  for (auto& t : others) t.join();
}

/// Rows `rows` of an output with `width` elements each.
Expected rows_of(const std::string& output, const std::vector<std::int64_t>& rows,
                 std::int64_t width) {
  Expected e{output, {}, {}};
  for (auto r : rows)
    for (std::int64_t i = 0; i < width; ++i) e.elements.push_back(r * width + i);
  e.values.resize(e.elements.size());
  return e;
}

std::vector<Expected> rmsnorm(const Definition& d, const CallInputs& in, Random& random,
                              int threads) {
  const HostTensor& x = tensor(in, "hidden_states");
  const std::int64_t rows = x.shape[0], width = x.shape[1];
  const Values xs(x), ws(tensor(in, "weight"));
  const HostTensor* r = in.tensors.contains("residual") ? in.tensors.at("residual") : nullptr;
  const Values rs(r ? *r : x);
  const double eps = sdk::reference_number(d, "EPS").value(),
               offset = sdk::reference_number(d, "WEIGHT_OFFSET").value_or(0);
  auto chosen = pick(rows, 256, random);
  Expected e = rows_of(d.outputs[0].name, chosen, width);
  in_parallel(static_cast<std::int64_t>(chosen.size()), threads, [&](std::int64_t k) {
    const std::int64_t at = chosen[static_cast<std::size_t>(k)] * width;
    double sum = 0;
    auto value = [&](std::int64_t i) { return xs[at + i] + (r ? rs[at + i] : 0); };
    for (std::int64_t i = 0; i < width; ++i) sum += value(i) * value(i);
    const double scale = 1 / std::sqrt(sum / static_cast<double>(width) + eps);
    for (std::int64_t i = 0; i < width; ++i)
      e.values[static_cast<std::size_t>(k * width + i)] = value(i) * scale * (ws[i] + offset);
  });
  return {e};
}

std::vector<Expected> gemm(const Definition& d, const CallInputs& in, Random& random, int threads) {
  const HostTensor &a = tensor(in, "A"), &b = tensor(in, "B");
  const bool columns = sdk::input(d, "B")->shape->front() == "K";  // B is [K, N]
  const std::int64_t m = a.shape[0], k = a.shape[1], n = b.shape[columns ? 1 : 0],
                     step = columns ? n : 1;
  const Values as(a), bs(b);
  auto rows = pick(m, 96, random), chosen = pick(n, 384, random);
  Expected e{d.outputs[0].name, {}, {}};
  for (auto r : rows)
    for (auto c : chosen) e.elements.push_back(r * n + c);
  e.values.resize(e.elements.size());
  std::vector<std::vector<double>> left(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::int64_t x = 0; x < k; ++x) left[i].push_back(as[rows[i] * k + x]);
  in_parallel(static_cast<std::int64_t>(chosen.size()), threads, [&](std::int64_t j) {
    std::vector<double> right;
    const std::int64_t at = chosen[static_cast<std::size_t>(j)] * (columns ? 1 : k);
    for (std::int64_t x = 0; x < k; ++x) right.push_back(bs[at + x * step]);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      double sum = 0;
      for (std::int64_t x = 0; x < k; ++x)
        sum += left[i][static_cast<std::size_t>(x)] * right[static_cast<std::size_t>(x)];
      e.values[i * chosen.size() + static_cast<std::size_t>(j)] = sum;
    }
  });
  return {e};
}

std::vector<Expected> attention(const Definition& d, const CallInputs& in, Random& random,
                                int threads) {
  const bool mla = d.op_type == "mla_paged", paged = in.tensors.contains("kv_indices"),
             prefill = in.tensors.contains("qo_indptr");
  const HostTensor &q = tensor(in, mla ? "q_nope" : "q"),
                   &k = tensor(in, mla     ? "ckv_cache"
                                   : paged ? "k_cache"
                                           : "k"),
                   &v = tensor(in, mla     ? "ckv_cache"
                                   : paged ? "v_cache"
                                           : "v");
  const HostTensor &q2 = mla ? tensor(in, "q_pe") : q, &k2 = mla ? tensor(in, "kpe_cache") : k;
  const Values qs(q), ks(k), vs(v), q2s(q2), k2s(k2), kv(tensor(in, "kv_indptr"));
  const std::int64_t heads = q.shape[1], kv_heads = mla ? 1 : k.shape[k.shape.size() - 2],
                     width = q.shape[2], out_width = v.shape.back(), rope = mla ? q2.shape[2] : 0;
  const std::int64_t page = paged ? k.shape[1] : 1,
                     sequences = tensor(in, "kv_indptr").shape[0] - 1;
  std::unique_ptr<Values> qo, indices, last;
  if (prefill) qo = std::make_unique<Values>(tensor(in, "qo_indptr"));
  if (paged) indices = std::make_unique<Values>(tensor(in, "kv_indices"));
  if (in.tensors.contains("kv_last_page_len"))
    last = std::make_unique<Values>(tensor(in, "kv_last_page_len"));
  const double scale = scalar(in, "sm_scale"),
               cap = sdk::reference_number(d, "LOGIT_CAP").value_or(0);
  const auto window =
      static_cast<std::int64_t>(sdk::reference_number(d, "WINDOW_LEFT").value_or(-1));

  // A quantized latent cache: a factor of all latents, one of each group of a latent's values, one
  // of all rotary parts.
  auto factor = [&](const char* name) {
    return mla && in.scalars.contains(name) ? scalar(in, name) : 1.0;
  };
  const double latent = factor("ckv_scale"), rotary = factor("kpe_scale");
  std::vector<double> by_group;
  std::int64_t groups = 1;
  if (mla && in.tensors.contains("ckv_scale_arr")) {
    const HostTensor& t = tensor(in, "ckv_scale_arr");
    groups = t.shape.back();
    if (groups < 1 || width % groups != 0)
      throw Error(std::to_string(width) + " values of a latent are no multiple of " +
                      std::to_string(groups) + " groups",
                  d.name);
    const Values values(t);
    for (std::int64_t i = 0, n = t.elements(); i < n; ++i) by_group.push_back(values[i]);
  }
  // Value i of the latent or key at `at`, of the value there.
  auto scaled = [&](double x, std::int64_t at, std::int64_t i) {
    return x * latent *
           (by_group.empty()
                ? 1.0
                : by_group[static_cast<std::size_t>(at * groups + i / (width / groups))]);
  };

  struct Row {
    std::int64_t sequence, query, nq, head, at;
  };
  std::vector<Row> rows;
  for (auto s : pick(sequences, 40, random)) {
    const std::int64_t begin = prefill ? static_cast<std::int64_t>((*qo)[s]) : s,
                       nq = prefill ? static_cast<std::int64_t>((*qo)[s + 1]) - begin : 1;
    for (auto query : pick(nq, 6, random))
      for (auto h : pick(heads, 5, random))
        rows.push_back({s, query, nq, h, (begin + query) * heads + h});
  }
  Expected out{"output", {}, {}}, lse{"lse", {}, {}};
  for (const auto& r : rows) {
    for (std::int64_t i = 0; i < out_width; ++i) out.elements.push_back(r.at * out_width + i);
    lse.elements.push_back(r.at);
  }
  out.values.resize(out.elements.size());
  lse.values.resize(lse.elements.size());
  in_parallel(static_cast<std::int64_t>(rows.size()), threads, [&](std::int64_t index) {
    const Row& r = rows[static_cast<std::size_t>(index)];
    const std::int64_t first = static_cast<std::int64_t>(kv[r.sequence]),
                       count = static_cast<std::int64_t>(kv[r.sequence + 1]) - first;
    std::int64_t nk = count * page;
    if (last && count > 0) nk = (count - 1) * page + static_cast<std::int64_t>((*last)[r.sequence]);
    const std::int64_t visible = prefill ? std::min(nk, r.query + 1 + nk - r.nq) : nk;
    const std::int64_t from = window < 0 ? 0 : std::max<std::int64_t>(0, visible - 1 - window);
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
    double top = -kInfinity;
    for (std::int64_t j = from; j < visible; ++j) {
      const std::int64_t at = place(j);
      double dot = 0;
      for (std::int64_t i = 0; i < width; ++i)
        dot += query[static_cast<std::size_t>(i)] * scaled(ks[at * width + i], at, i);
      for (std::int64_t i = 0; i < rope; ++i)
        dot += query2[static_cast<std::size_t>(i)] * rotary * k2s[at * rope + i];
      z.push_back(cap > 0 ? cap * std::tanh(dot * scale / cap) : dot * scale);
      top = std::max(top, z.back());
    }
    double sum = 0;
    std::vector<double> o(static_cast<std::size_t>(out_width), 0.0);
    for (std::int64_t j = from; j < visible; ++j) {
      const double p = std::exp(z[static_cast<std::size_t>(j - from)] - top);
      sum += p;
      const std::int64_t at = place(j);
      for (std::int64_t i = 0; i < out_width; ++i)
        o[static_cast<std::size_t>(i)] += p * scaled(vs[at * out_width + i], at, i);
    }
    for (std::int64_t i = 0; i < out_width; ++i)
      out.values[static_cast<std::size_t>(index * out_width + i)] =
          visible > 0 ? o[static_cast<std::size_t>(i)] / sum : 0;
    lse.values[static_cast<std::size_t>(index)] =
        visible > 0 ? (top + std::log(sum)) / std::log(2.0) : -kInfinity;
  });
  return {out, lse};
}

}  // namespace

std::string why_no_reference(const Definition& d) {
  if (d.op_type == "rmsnorm")
    return sdk::reference_number(d, "EPS") && d.outputs.size() == 1
               ? ""
               : "the reference has no line EPS = number, or gives a residual";
  if (d.op_type == "gemm" || d.op_type == "gemm_bf16" || d.op_type == "gemm_fp16" ||
      d.op_type == "gemm_fp32") {
    const auto* b = sdk::input(d, "B");
    const std::vector<std::string> rows = {"N", "K"}, columns = {"K", "N"};
    return b && b->shape && (*b->shape == rows || *b->shape == columns)
               ? ""
               : "B is neither [N, K] nor [K, N]";
  }
  if (d.op_type == "gqa_paged" || d.op_type == "gqa_ragged" || d.op_type == "mla_paged" ||
      d.op_type == "mla_ragged")
    return "";
  return "op type " + d.op_type + " has no native formula";
}

std::vector<Expected> reference_samples(const Definition& d, const CallInputs& in,
                                        std::uint64_t seed, int threads) {
  if (std::string why = why_no_reference(d); !why.empty()) throw Error(why, d.name);
  Random random(seed);
  if (d.op_type == "rmsnorm") return rmsnorm(d, in, random, threads);
  if (d.op_type.starts_with("gemm")) return gemm(d, in, random, threads);
  return attention(d, in, random, threads);
}

namespace {

/// Any NaN in bits of type T, where `largest` is the largest pattern without its sign that is none.
template <typename T>
bool above(const std::string& bytes, T largest) {
  constexpr T kSign = static_cast<T>(T{1} << (sizeof(T) * 8 - 1));
  bool found = false;
  for (std::size_t i = 0; i + sizeof(T) <= bytes.size(); i += sizeof(T)) {
    T bits;
    std::memcpy(&bits, bytes.data() + i, sizeof(T));
    found |= static_cast<T>(bits & static_cast<T>(~kSign)) > largest;
  }
  return found;
}
bool has_nan(const HostTensor& t) {
  if (t.dtype == "bfloat16") return above<std::uint16_t>(t.bytes, 0x7f80);
  if (t.dtype == "float16") return above<std::uint16_t>(t.bytes, 0x7c00);
  if (t.dtype == "float32") return above<std::uint32_t>(t.bytes, 0x7f800000);
  if (t.dtype == "float8_e4m3fn") return above<std::uint8_t>(t.bytes, 0x7e);
  if (t.dtype == "float8_e5m2") return above<std::uint8_t>(t.bytes, 0x7c);
  return false;
}

}  // namespace

Deviation compare(const HostTensor& got, const Expected& want) {
  Deviation out;
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < want.elements.size(); ++i) {
    const double g = value_at(got.bytes.data(), got.dtype, want.elements[i]), w = want.values[i];
    ++out.compared;
    if (std::isinf(w) && g == w) continue;
    if (!std::isfinite(g)) {
      out.finite = false;
      continue;
    }
    difference += (g - w) * (g - w);
    size += w * w;
    out.max_absolute = std::max(out.max_absolute, std::abs(g - w));
    out.max_relative = std::max(out.max_relative, std::abs(g - w) / (std::abs(w) + 1e-8));
  }
  if (out.finite && has_nan(got)) out.finite = false;
  out.frobenius = size > 0 ? std::sqrt(difference / size) : std::sqrt(difference);
  return out;
}

}  // namespace kdex::cuda
