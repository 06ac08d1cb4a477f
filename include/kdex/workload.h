// Workloads of a form: sizes of its variable axes, and the tensors whose content matters (indices,
// scales). Recipes for what many kernels share: rows of one axis, sequences with packed or paged
// keys. Tensors and axes are the caller's; no form is known here.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <numeric>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <kdex/error.h>
#include <kdex/params.h>
#include <kdex/tensor.h>

namespace kdex {

/// One workload before it has its random tensors.
struct WorkloadCase {
  std::string what;                           ///< for people: "8 sequences, ragged"
  std::map<std::string, std::int64_t> axes;   ///< variable axes; those with a size rule may lack
  std::map<std::string, HostTensor> tensors;  ///< inputs that the case itself decides
};

/// Sizes that somebody asks for, in place of a form's own.
struct WorkloadSizes {
  std::map<std::string, std::vector<std::int64_t>> axes;  ///< by variable axis
  std::vector<std::int64_t> lengths;                      ///< keys of every sequence of a batch
  std::int64_t queries = 0;                               ///< of every sequence; 0: as many as keys
  struct Request {
    std::int64_t queries, keys;  ///< queries 0: as the member above says
  };
  std::vector<Request> requests;  ///< sequences as they were served, in place of `lengths`

  const std::vector<std::int64_t>& of(const std::string& axis) const {
    static const std::vector<std::int64_t> none;
    const auto it = axes.find(axis);
    return it == axes.end() ? none : it->second;
  }
};

/// Takes a case. Its random inputs are drawn when it is given.
using EmitWorkload = std::function<void(WorkloadCase)>;

/// Gives the cases of a form one after the other: its own, in ascending size, at least five, or
/// those of sizes that are asked for (none where they are of other axes). The same parameters and
/// the same state of `random`, the same cases. May throw kdex::Error where a parameter allows no
/// workload.
class Workloads {
 public:
  using Own = std::function<void(const Params& params, Random& random, const EmitWorkload& emit)>;
  using Asked = std::function<void(const Params& params, const WorkloadSizes& sizes, Random& random,
                                   const EmitWorkload& emit)>;
  Workloads() = default;
  template <class F>
  requires std::is_invocable_v<F, const Params&, Random&, const EmitWorkload&> Workloads(F own)
      : own_(std::move(own)) {}
  Workloads(Own own, Asked asked) : own_(std::move(own)), asked_(std::move(asked)) {}

  explicit operator bool() const { return own_ != nullptr; }
  void operator()(const Params& params, Random& random, const EmitWorkload& emit) const {
    own_(params, random, emit);
  }
  void operator()(const Params& params, const WorkloadSizes& sizes, Random& random,
                  const EmitWorkload& emit) const {
    if (asked_) asked_(params, sizes, random, emit);
  }

 private:
  Own own_;
  Asked asked_;
};

/// Writes the content of an input: `tensor` has its dtype, its shape and bytes to write.
using Fill = std::function<void(const Params& params, HostTensor& tensor, Random& random)>;

/// What an index tensor must hold, so that no kernel reads outside of the tensors it indexes.
struct IndexRule {
  enum class Kind {
    none,
    into,     ///< each from 0 to the size of `axis` minus one
    count,    ///< each from 1 to the size of `axis`
    offsets,  ///< ascending from 0 to the size of `axis`
  };
  Kind kind = Kind::none;
  std::string axis;
};

namespace sdk {

/// Workloads of `sizes` rows: everything else has one size.
///   .workloads = sdk::rows("num_tokens", {1, 7, 64, 1000, 8192})
inline Workloads rows(std::string axis, std::vector<std::int64_t> sizes) {
  const auto give = [axis](const std::vector<std::int64_t>& all, const EmitWorkload& emit) {
    for (auto n : all) emit({std::to_string(n) + " rows", {{axis, n}}, {}});
  };
  return {[give, sizes = std::move(sizes)](const Params&, Random&, const EmitWorkload& emit) {
            give(sizes, emit);
          },
          [give, axis](const Params&, const WorkloadSizes& asked, Random&,
                       const EmitWorkload& emit) { give(asked.of(axis), emit); }};
}

/// Names of the axes and inputs of attention over sequences; an empty one is not in the form.
struct SequenceNames {
  std::string sequences;      ///< axis: number of sequences
  std::string offsets;        ///< axis: number of sequences plus one
  std::string queries, keys;  ///< axes: query rows and packed keys of all sequences
  std::string pages;          ///< axis: pages of the cache
  std::string used_pages;     ///< axis: pages that the sequences use
  std::string page_size;      ///< parameter: tokens of a page; empty: keys are packed
  std::string query_offsets;  ///< input: first query row of each sequence; empty: one query each
  std::string key_offsets;   ///< input: first key, or first entry in page_numbers, of each sequence
  std::string page_numbers;  ///< input: pages of all sequences
  std::string last_page;     ///< input: tokens in each sequence's last page; empty: pages are full
};

namespace sequences_detail {

/// One sequence: queries and keys (keys >= queries).
struct Sequence {
  std::int64_t q, kv;
};
struct Batch {
  std::string what;
  std::vector<Sequence> sequences;
};

inline std::vector<Batch> batches(bool decode, std::int64_t page, Random& random) {
  auto ragged = [&](int count, std::int64_t most_q, std::int64_t most_kv) {
    std::vector<Sequence> s;
    for (int i = 0; i < count; ++i) {
      const std::int64_t q = decode ? 1 : 1 + random.below(most_q);
      s.push_back({q, q + random.below(std::max<std::int64_t>(1, most_kv - q))});
    }
    return s;
  };
  // Around the ends of pages; for page size 1 around 16.
  const std::int64_t p = page > 1 ? page : 16;
  std::vector<Batch> out;
  out.push_back({"one sequence of one key", {{1, 1}}});
  if (decode) {
    out.push_back(
        {"page boundaries", {{1, p}, {1, p + 1}, {1, p - 1}, {1, 2 * p}, {1, 2 * p + 1}, {1, 1}}});
    out.push_back({"7 ragged sequences", ragged(7, 1, 700)});
    out.push_back({"one long sequence", {{1, 8191}}});
    out.push_back({"64 sequences of 2048 keys", std::vector<Sequence>(64, {1, 2048})});
    out.push_back({"128 ragged sequences", ragged(128, 1, 1500)});
  } else {
    out.push_back(
        {"page boundaries, with and without a prefix",
         {{p, p}, {1, p + 1}, {p - 1, 3 * p - 1}, {3, 2 * p}, {p + 1, 2 * p + 1}, {1, 1}}});
    out.push_back({"5 ragged sequences with prefixes", ragged(5, 150, 500)});
    out.push_back({"one sequence of 1024", {{1024, 1024}}});
    out.push_back({"4 sequences of 256 after 1000", std::vector<Sequence>(4, {256, 1256})});
    out.push_back({"32 ragged sequences", ragged(32, 60, 400)});
    std::vector<Sequence> drafts;  // a speculative step: drafted tokens behind what was served
    for (int i = 0; i < 24; ++i) {
      const std::int64_t q = 4 + random.below(5);
      drafts.push_back({q, q + 500 + random.below(3000)});
    }
    out.push_back({"24 requests that verify 4 to 8 drafted tokens", drafts});
  }
  return out;
}

/// Batches of the sizes that are asked for: each number of sequences with each length, or with the
/// first of the requests, over again where there are fewer.
inline std::vector<Batch> asked_batches(bool decode, const std::vector<std::int64_t>& counts,
                                        const WorkloadSizes& sizes) {
  const auto one = [&](std::int64_t queries, std::int64_t keys) {
    const std::int64_t q = decode        ? 1
                           : queries > 0 ? queries
                                         : (sizes.queries > 0 ? sizes.queries : keys);
    return Sequence{std::min(q, keys), keys};
  };
  std::vector<Batch> out;
  if (!sizes.requests.empty()) {
    std::vector<std::int64_t> all = counts;
    if (all.empty()) all.push_back(static_cast<std::int64_t>(sizes.requests.size()));
    for (const auto n : all) {
      Batch b{std::to_string(n) + " requests as served", {}};
      for (std::int64_t i = 0; i < n; ++i) {
        const auto& r = sizes.requests[static_cast<std::size_t>(i) % sizes.requests.size()];
        b.sequences.push_back(one(r.queries, r.keys));
      }
      out.push_back(std::move(b));
    }
    return out;
  }
  for (const auto n : counts)
    for (const auto length : sizes.lengths) {
      const Sequence s = one(0, length);
      std::string what = std::to_string(n) + " sequences of " + std::to_string(length) + " keys";
      if (!decode && s.q != s.kv) what += ", " + std::to_string(s.q) + " queries each";
      out.push_back({std::move(what), std::vector<Sequence>(static_cast<std::size_t>(n), s)});
    }
  return out;
}

inline HostTensor int32_tensor(const std::vector<std::int64_t>& values) {
  HostTensor t{
      "int32", {static_cast<std::int64_t>(values.size())}, std::string(values.size() * 4, '\0')};
  for (std::size_t i = 0; i < values.size(); ++i)
    set_value(t.bytes.data(), "int32", static_cast<std::int64_t>(i),
              static_cast<double>(values[i]));
  return t;
}

}  // namespace sequences_detail

namespace sequences_detail {

/// The workload of a batch: offsets, and pages as a random permutation.
inline WorkloadCase case_of(const SequenceNames& n, Batch b, std::int64_t page, Random& random) {
  const bool decode = n.query_offsets.empty(), paged = !n.page_size.empty(),
             last = !n.last_page.empty();
  // Without the lengths of last pages every page is full.
  if (paged && page > 1 && !last)
    for (auto& s : b.sequences) s.kv = (s.kv + page - 1) / page * page;
  std::vector<std::int64_t> qo = {0}, kv = {0}, lengths, indices;
  for (const auto& s : b.sequences) {
    qo.push_back(qo.back() + s.q);
    kv.push_back(kv.back() + (s.kv + page - 1) / page);
    lengths.push_back((s.kv - 1) % page + 1);
  }
  WorkloadCase w;
  w.what = b.what;
  const auto count = static_cast<std::int64_t>(b.sequences.size());
  auto axis = [&](const std::string& name, std::int64_t value) {
    if (!name.empty()) w.axes[name] = value;
  };
  axis(n.sequences, count);
  axis(n.offsets, count + 1);
  axis(n.queries, qo.back());
  axis(n.keys, kv.back());
  w.tensors[n.key_offsets] = int32_tensor(kv);
  if (!decode) w.tensors[n.query_offsets] = int32_tensor(qo);
  if (!paged) return w;
  const std::int64_t pages = kv.back() + 3;  // some belong to nobody
  for (std::int64_t i = 0; i < pages; ++i) indices.push_back(i);
  for (std::int64_t i = pages - 1; i > 0; --i)
    std::swap(indices[static_cast<std::size_t>(i)],
              indices[static_cast<std::size_t>(random.below(i + 1))]);
  indices.resize(static_cast<std::size_t>(kv.back()));
  w.tensors[n.page_numbers] = int32_tensor(indices);
  axis(n.pages, pages);
  axis(n.used_pages, kv.back());
  if (last) w.tensors[n.last_page] = int32_tensor(lengths);
  return w;
}

/// Throws kdex::Error for one that no cache has.
inline std::int64_t page_size(const SequenceNames& n, const Params& params) {
  const std::int64_t page = n.page_size.empty() ? 1 : params.integer(n.page_size);
  if (page < 1 || page > 1 << 20)
    throw Error("page_size " + std::to_string(page) + " is not from 1 to " +
                std::to_string(1 << 20));
  return page;
}

}  // namespace sequences_detail

/// Workloads of attention over sequences: one key, ends of pages, ragged lengths with prefixes,
/// one long sequence, many, in prefill also a speculative step. Pages are a random permutation, so
/// that no kernel passes that reads them in order, and some belong to no sequence. Index tensors
/// are int32. Asked for are numbers of sequences (as names.asked)
/// with lengths or requests.
inline Workloads sequences(const SequenceNames& names) {
  using namespace sequences_detail;
  const bool decode = names.query_offsets.empty();
  return {[n = names, decode](const Params& params, Random& random, const EmitWorkload& emit) {
            const std::int64_t page = page_size(n, params);
            for (auto& b : batches(decode, page, random))
              emit(case_of(n, std::move(b), page, random));
          },
          [n = names, decode](const Params& params, const WorkloadSizes& sizes, Random& random,
                              const EmitWorkload& emit) {
            const std::int64_t page = page_size(n, params);
            const auto& counts = sizes.of(n.sequences.empty() ? "batch_size" : n.sequences);
            for (auto& b : asked_batches(decode, counts, sizes))
              emit(case_of(n, std::move(b), page, random));
          }};
}

/// Uniform from `least(params)` to `most(params)`: scales and weights.
inline Fill uniform(std::function<double(const Params&)> least,
                    std::function<double(const Params&)> most) {
  return [least = std::move(least), most = std::move(most)](const Params& p, HostTensor& t,
                                                            Random& random) {
    const double from = least(p), to = most(p);
    for (std::int64_t i = 0, n = t.elements(); i < n; ++i)
      set_value(t.bytes.data(), t.dtype, i, from + (to - from) * random.uniform());
  };
}

/// What random tensors hold, each value through `f`.
inline Fill normal(std::function<double(double, const Params&)> f) {
  return [f = std::move(f)](const Params& p, HostTensor& t, Random& random) {
    fill_random(t.bytes.data(), t.dtype, t.elements(), random.next());
    for (std::int64_t i = 0, n = t.elements(); i < n; ++i)
      set_value(t.bytes.data(), t.dtype, i, f(value_at(t.bytes.data(), t.dtype, i), p));
  };
}

}  // namespace sdk
}  // namespace kdex
