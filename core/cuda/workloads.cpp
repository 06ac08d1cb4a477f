// Sizes by the names of axes; index tensors by the names of inputs. Pages are a random permutation,
// so that no kernel passes that reads them in order.
#include "core/cuda/workloads.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>

#include <kdex/error.h>

#include "core/base/files.h"
#include "core/cuda/cubin_cache.h"

namespace kdex::cuda {

namespace {

std::optional<std::int64_t> constant(const Definition& d, const std::string& name) {
  for (const auto& a : d.axes)
    if (a.name == name) return a.value;
  return std::nullopt;
}
bool has_var(const Definition& d, const std::string& name) {
  return std::any_of(d.axes.begin(), d.axes.end(),
                     [&](const Axis& a) { return a.name == name && !a.value; });
}
const TensorSpec* input(const Definition& d, const std::string& name) {
  for (const auto& t : d.inputs)
    if (t.name == name) return &t;
  return nullptr;
}

HostTensor int_tensor(const std::vector<std::int64_t>& values) {
  HostTensor t{
      "int32", {static_cast<std::int64_t>(values.size())}, std::string(values.size() * 4, '\0')};
  for (std::size_t i = 0; i < values.size(); ++i)
    set_value(t.bytes.data(), "int32", static_cast<std::int64_t>(i),
              static_cast<double>(values[i]));
  return t;
}

/// One sequence: queries and keys (keys >= queries).
struct Sequence {
  std::int64_t q, kv;
};
struct Batch {
  std::string what;
  std::vector<Sequence> sequences;
};

std::vector<Batch> batches(bool decode, std::int64_t page, Random& random) {
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
  }
  return out;
}

std::string uuid_of(const Definition& d, std::size_t index, std::uint64_t seed) {
  const std::string h = CubinCache::key_of("workload 2\n" + d.op_type + "\n" + d.name + "\n" +
                                           std::to_string(index) + "\n" + std::to_string(seed));
  return h.substr(0, 8) + "-" + h.substr(8, 4) + "-4" + h.substr(13, 3) + "-a" + h.substr(17, 3) +
         "-" + h.substr(20, 12);
}

double scalar_value(const Definition& d, const std::string& name) {
  if (name == "sm_scale") {
    // MLA's logits are scaled by the width before absorption: 128 without the rotary part in every
    // model so far.
    auto width = constant(d, "head_dim");
    if (!width) width = constant(d, "qk_dim");
    if (!width) width = 128 + constant(d, "head_dim_kpe").value_or(0);
    return static_cast<float>(1.0 / std::sqrt(static_cast<double>(*width)));
  }
  // Of a quantized cache: such that a kernel which leaves one out is wrong.
  if (name == "ckv_scale") return 0.75;
  if (name == "kpe_scale") return 1.25;
  if (name == "routed_scaling_factor") return 2.5;
  if (name == "alpha" &&
      d.op_type == "gemm_fp4")  // random FP4 operands with their scales are of about 2.6 each
    return static_cast<float>(0.03 / std::sqrt(static_cast<double>(
                                         std::max<std::int64_t>(1, constant(d, "K").value_or(1)))));
  if (name == "local_expert_offset") {
    const auto all = constant(d, "num_experts").value_or(0),
               here = constant(d, "num_local_experts")
                          .value_or(constant(d, "num_weight_rows").value_or(0));
    return static_cast<double>(here > 0 && all > here ? (all - here) / 2 / here * here : 0);
  }
  if (auto axis = constant(d, name)) return static_cast<double>(*axis);
  return 1;
}

std::vector<std::int64_t> shape_of(const Definition& d, const Workload& w, const TensorSpec& t) {
  std::vector<std::int64_t> s;
  for (const auto& axis : *t.shape) {
    if (auto c = constant(d, axis))
      s.push_back(*c);
    else if (auto it = w.axes.find(axis); it != w.axes.end())
      s.push_back(it->second);
    else
      throw Error("no rule gives a size for the axis " + axis, d.name);
  }
  return s;
}

/// What plain random data would make meaningless: ids of experts, scales, and tokens where the
/// weights have no scales. Sizes are those at which a wrong result shows, as FlashInfer-Bench
/// compares with an absolute tolerance of 0.01 too: activations of about a half, weights of about
/// one over the root of what is summed, outputs of 0.02 to 0.5.
bool fill_known(const Definition& d, const TensorSpec& t, HostTensor& h, Random& random) {
  auto root = [&](const char* axis) {
    return std::sqrt(static_cast<double>(std::max<std::int64_t>(1, constant(d, axis).value_or(1))));
  };
  auto allocate = [&] {
    const std::uint64_t bytes = tensor_bytes(h.dtype, h.shape, d.name + ": " + t.name);
    if (bytes > std::uint64_t{1} << 30)
      throw Error("a stored tensor of over 1 GiB", d.name + ": " + t.name);
    h.bytes.resize(bytes);
  };
  if (t.name == "topk_ids") {
    allocate();
    const std::int64_t experts = constant(d, "num_experts")
                                     .value_or(constant(d, "num_local_experts").value_or(1)),
                       k = h.shape.empty() ? 0 : h.shape.back();
    if (k > experts || experts > 1 << 20)
      throw Error(
          std::to_string(k) + " of " + std::to_string(experts) + " experts cannot be chosen",
          d.name + ": topk_ids");
    const bool packed =
        input(d, "topk_weights") == nullptr;  // the weight's bfloat16 in the low half
    std::vector<std::int64_t> ids(static_cast<std::size_t>(experts));
    std::iota(ids.begin(), ids.end(), 0);
    for (std::int64_t i = 0, n = h.elements(); i < n; ++i) {
      const auto j = static_cast<std::size_t>(i % k);
      std::swap(ids[j], ids[j + static_cast<std::size_t>(random.below(experts - i % k))]);
      std::int64_t v = ids[j];
      if (packed) {
        std::uint16_t weight = 0;
        set_value(&weight, "bfloat16", 0, 0.05 + random.uniform() / static_cast<double>(k));
        v = v << 16 | weight;
      }
      set_value(h.bytes.data(), h.dtype, i, static_cast<double>(v));
    }
    return true;
  }
  // FP4 values with their scales are about 2.6 times as large as FP8's.
  const bool fp4 =
      input(d, "hidden_states") != nullptr && input(d, "hidden_states")->dtype == "int8";
  double least = 0, most = 0;
  const std::string scaled = t.name.ends_with("_scale") ? t.name.substr(0, t.name.size() - 6) : "";
  if (t.name == "topk_weights") {
    most = 2.0 / static_cast<double>(std::max<std::int64_t>(1, constant(d, "top_k").value_or(1)));
  } else if (t.name == "hidden_states" && d.op_type == "moe" &&
             (t.dtype == "bfloat16" || t.dtype == "float16")) {
    allocate();
    fill_random(h.bytes.data(), h.dtype, h.elements(), random.next());
    for (std::int64_t i = 0, n = h.elements(); i < n; ++i)
      set_value(h.bytes.data(), h.dtype, i,
                value_at(h.bytes.data(), h.dtype, i) * 0.15 / root("hidden_size"));
    return true;
  } else if (t.dtype != "float32" || t.name.find("scale") == std::string::npos) {
    return false;
  } else if (const TensorSpec* of = input(d, scaled);
             of != nullptr && of->shape && !of->shape->empty()) {
    const bool weight = std::all_of(of->shape->begin(), of->shape->end(),
                                    [&](const std::string& axis) { return !has_var(d, axis); });
    least = weight ? 0.5 / root(of->shape->back().c_str()) : 0.25;
    most = 3 * least;
  } else if (t.name == "ckv_scale_arr") {
    least = 0.5, most = 1.5;
  } else if (t.name.starts_with("output1_")) {
    least = (fp4 ? 0.022 : 0.15) / root("hidden_size"), most = 3 * least;
  } else if (t.name.starts_with("output2_")) {
    least = (fp4 ? 0.4 : 1.0) / root("intermediate_size"), most = 3 * least;
  } else {
    least = 0.01, most = 0.04;
  }
  allocate();
  for (std::int64_t i = 0, n = h.elements(); i < n; ++i)
    set_value(h.bytes.data(), h.dtype, i, least + (most - least) * random.uniform());
  return true;
}

/// Throws where an index tensor leads out of the tensors that it indexes, which a kernel does not
/// look at.
void check_indices(const Definition& d, const Workload& w) {
  const std::string where = d.name + ": workload " + w.uuid;
  auto size = [&](const char* axis) {
    auto c = constant(d, axis);
    auto it = w.axes.find(axis);
    return c ? *c : it != w.axes.end() ? it->second : -1;
  };
  for (const auto& [name, in] : w.inputs) {
    if (in.kind != WorkloadInput::Kind::stored || !in.tensor.dtype.starts_with("int")) continue;
    std::int64_t least = 0, most = -1;
    const bool indptr = name.ends_with("_indptr");
    if (indptr)
      most = name == "qo_indptr"            ? size("total_q")
             : has_var(d, "num_kv_indices") ? size("num_kv_indices")
                                            : size("total_kv");
    else if (name == "kv_indices")
      most = size("num_pages") - 1;
    else if (name == "kv_last_page_len")
      least = 1, most = size("page_size");
    else
      continue;
    std::int64_t before = 0;
    for (std::int64_t i = 0, n = in.tensor.elements(); i < n; ++i) {
      const auto v =
          static_cast<std::int64_t>(value_at(in.tensor.bytes.data(), in.tensor.dtype, i));
      if (v < least || (most >= 0 && v > most) ||
          (indptr && (v < before || (i == 0 && v != 0) || (i + 1 == n && most >= 0 && v != most))))
        throw Error(name + "[" + std::to_string(i) + "] is " + std::to_string(v) +
                        (indptr       ? ", not ascending from 0 to "
                         : least == 1 ? ", not from 1 to "
                                      : ", not from 0 to ") +
                        std::to_string(most),
                    where);
      before = v;
    }
  }
}

}  // namespace

std::string workloads_file(const Definition& d) {
  return "workloads/" + d.op_type + "/" + d.name + ".jsonl";
}
std::string workload_blob(const Definition& d, const Workload& w) {
  return "blob/workloads/" + d.op_type + "/" + d.name + "/" + d.name + "_" + w.uuid +
         ".safetensors";
}

std::vector<Workload> make_workloads(const Definition& d, std::uint64_t seed) {
  std::vector<Workload> out;
  Random random(seed ^ 0x6b64657800000000ull ^
                std::stoull(CubinCache::key_of(d.name).substr(0, 15), nullptr, 16));
  auto finish = [&](Workload w, std::map<std::string, HostTensor> known) {
    w.uuid = uuid_of(d, out.size(), seed);
    for (const auto& a : d.axes)
      if (!a.value && !w.axes.contains(a.name)) {
        if (a.name == "ckv_scale_groups") {  // divide a latent's width
          constexpr std::int64_t kGroups[] = {1, 4, 2, 32, 8, 16};
          w.axes[a.name] = std::gcd(constant(d, "head_dim_ckv").value_or(1),
                                    kGroups[out.size() % std::size(kGroups)]);
          continue;
        }
        // Blocks of a constant axis: K_div_block is K / 128, rounded up.
        const auto at = a.name.find("_div_block");
        auto whole = at == std::string::npos ? std::nullopt : constant(d, a.name.substr(0, at));
        if (!whole) throw Error("no rule gives a size for the axis " + a.name, d.name);
        w.axes[a.name] = (*whole + 127) / 128;
      }
    for (const auto& t : d.inputs) {
      WorkloadInput in;
      if (!t.shape) {
        in.kind = WorkloadInput::Kind::scalar;
        in.number = scalar_value(d, t.name);
      } else if (auto it = known.find(t.name); it != known.end()) {
        in.kind = WorkloadInput::Kind::stored;
        in.tensor = std::move(it->second);
        if (in.tensor.shape != shape_of(d, w, t))
          throw Error("the axes of " + t.name + " do not fit its rule", d.name);
      } else if (in.tensor = {t.dtype, shape_of(d, w, t), ""};
                 fill_known(d, t, in.tensor, random)) {
        in.kind = WorkloadInput::Kind::stored;
      } else if (t.dtype.starts_with("int")) {
        if (t.dtype != "int8")
          throw Error("no rule fills the index tensor " + t.name,
                      d.name);  // int8: packed values, any byte
      }
      w.inputs.emplace_back(t.name, std::move(in));
    }
    out.push_back(std::move(w));
  };

  const bool indexed = input(d, "kv_indptr") != nullptr;
  if (!indexed) {
    std::string axis;
    std::vector<std::int64_t> sizes;
    if (has_var(d, "seq_len"))
      axis = "seq_len", sizes = {1, 7, 33, 128, 512, 1024};
    else if (has_var(d, "M"))
      axis = "M", sizes = {1, 7, 16, 64, 129, 1024, 8192};
    else if (has_var(d, "batch_size"))
      axis = "batch_size", sizes = {1, 7, 64, 1000, 4096, 16384};
    else
      throw Error("none of its variable axes is M, batch_size or seq_len", d.name);
    for (auto n : sizes) {
      Workload w;
      w.what = std::to_string(n) + " rows";
      w.axes[axis] = n;
      finish(std::move(w), {});
    }
    return out;
  }
  const bool decode = input(d, "qo_indptr") == nullptr, paged = input(d, "kv_indices") != nullptr;
  const std::int64_t page = paged ? constant(d, "page_size").value_or(1) : 1;
  if (page < 1 || page > 1 << 20)
    throw Error(
        "page_size " + std::to_string(page) + " is not from 1 to " + std::to_string(1 << 20),
        d.name);
  const bool last = input(d, "kv_last_page_len") != nullptr;
  for (auto& b : batches(decode, page, random)) {
    // Without kv_last_page_len every page is full.
    if (paged && page > 1 && !last)
      for (auto& s : b.sequences) s.kv = (s.kv + page - 1) / page * page;
    std::vector<std::int64_t> qo = {0}, kv = {0}, lengths, indices;
    for (const auto& s : b.sequences) {
      qo.push_back(qo.back() + s.q);
      kv.push_back(kv.back() + (s.kv + page - 1) / page);
      lengths.push_back((s.kv - 1) % page + 1);
    }
    Workload w;
    w.what = b.what;
    const auto count = static_cast<std::int64_t>(b.sequences.size());
    std::map<std::string, HostTensor> known;
    auto axis = [&](const char* name, std::int64_t value) {
      if (has_var(d, name)) w.axes[name] = value;
    };
    axis("batch_size", count);
    axis("len_indptr", count + 1);
    axis("total_q", qo.back());
    axis("total_kv", kv.back());
    known["kv_indptr"] = int_tensor(kv);
    if (!decode) known["qo_indptr"] = int_tensor(qo);
    if (paged) {
      const std::int64_t pages = kv.back() + 3;  // some belong to nobody
      for (std::int64_t i = 0; i < pages; ++i) indices.push_back(i);
      for (std::int64_t i = pages - 1; i > 0; --i)
        std::swap(indices[static_cast<std::size_t>(i)],
                  indices[static_cast<std::size_t>(random.below(i + 1))]);
      indices.resize(static_cast<std::size_t>(kv.back()));
      known["kv_indices"] = int_tensor(indices);
      axis("num_pages", pages);
      axis("num_kv_indices", kv.back());
      if (last) known["kv_last_page_len"] = int_tensor(lengths);
    }
    finish(std::move(w), std::move(known));
  }
  return out;
}

nlohmann::ordered_json workload_json(const Definition& d, const Workload& w,
                                     const std::string& blob) {
  nlohmann::ordered_json axes = nlohmann::ordered_json::object(),
                         inputs = nlohmann::ordered_json::object();
  for (const auto& a : d.axes)
    if (!a.value) axes[a.name] = w.axes.at(a.name);
  for (const auto& [name, in] : w.inputs) {
    const TensorSpec* t = input(d, name);
    if (in.kind == WorkloadInput::Kind::random)
      inputs[name] = {{"type", "random"}};
    else if (in.kind == WorkloadInput::Kind::stored)
      inputs[name] = {{"type", "safetensors"}, {"path", blob}, {"tensor_key", name}};
    else if (t != nullptr && (t->dtype.starts_with("float") || t->dtype == "bfloat16"))
      inputs[name] = {{"type", "scalar"}, {"value", in.number}};
    else if (t != nullptr && t->dtype == "bool")
      inputs[name] = {{"type", "scalar"}, {"value", in.number != 0}};
    else
      inputs[name] = {{"type", "scalar"}, {"value", static_cast<std::int64_t>(in.number)}};
  }
  return {{"definition", d.name},
          {"workload", {{"uuid", w.uuid}, {"axes", axes}, {"inputs", inputs}}},
          {"solution", nullptr},
          {"evaluation", nullptr}};
}

Workload workload_from_json(const Definition& d, const nlohmann::ordered_json& j,
                            const std::string& dataset) {
  Workload w;
  std::string where = d.name + ": a workload";
  try {
    w.uuid = j.at("uuid").get<std::string>();
    where = d.name + ": workload " + w.uuid;
    for (const auto& [k, v] : j.at("axes").items()) {
      if (!has_var(d, k)) throw Error("'" + k + "' is not a variable axis", where);
      if (!v.is_number_integer() ||
          (v.is_number_unsigned() && v.get<std::uint64_t>() > std::uint64_t{1} << 40) ||
          v.get<std::int64_t>() < 1)
        throw Error("the axis " + k + " must be an integer from 1 to 2^40, not " + v.dump(), where);
      w.axes[k] = v.get<std::int64_t>();
    }
    for (const auto& a : d.axes)
      if (!a.value && !w.axes.contains(a.name))
        throw Error("the axis " + a.name + " is missing", where);
    std::map<std::string, std::string> files;
    for (const auto& t : d.inputs) {
      if (!j.at("inputs").contains(t.name))
        throw Error("the input " + t.name + " is missing", where);
      const auto& in = j.at("inputs").at(t.name);
      WorkloadInput x;
      const std::string type = in.at("type");
      if ((type == "scalar") == t.shape.has_value())
        throw Error("the input " + t.name + (t.shape ? " is a tensor" : " is a scalar") +
                        ", not of type '" + type + "'",
                    where);
      if (type == "scalar") {
        x.kind = WorkloadInput::Kind::scalar;
        const auto& v = in.at("value");
        if (!v.is_number() && !v.is_boolean())
          throw Error("the scalar " + t.name + " must be a number", where);
        x.number = v.is_boolean() ? v.get<bool>() : v.get<double>();
        if (!t.dtype.starts_with("float") && t.dtype != "bfloat16" &&
            !(std::abs(x.number) <= 2147483647.0 && x.number == std::floor(x.number)))
          throw Error("the scalar " + t.name + " must be a 32-bit integer, not " + v.dump(), where);
      } else if (type == "safetensors") {
        x.kind = WorkloadInput::Kind::stored;
        const std::string path = in.at("path");
        auto [it, fresh] = files.try_emplace(path);
        if (fresh)
          it->second =
              read_file(path.starts_with("/") ? path : dataset + "/" + path, std::size_t{4} << 30);
        x.tensor = from_safetensors(it->second, in.at("tensor_key"), path);
        if (x.tensor.dtype != t.dtype || x.tensor.shape != shape_of(d, w, t))
          throw Error("the tensor of " + t.name + " in " + path + " has another type or shape",
                      where);
      } else if (type != "random") {
        throw Error("the input " + t.name + " has the unknown type '" + type + "'", where);
      }
      w.inputs.emplace_back(t.name, std::move(x));
    }
  } catch (const nlohmann::json::exception& e) {
    throw Error(std::string("is damaged: ") + e.what(), where);
  }
  check_indices(d, w);
  return w;
}

}  // namespace kdex::cuda
