// The generic part of workloads: identity, JSON, files, bounds. What a workload holds is the
// form's.
#include "core/cuda/workloads.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
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
const FormTensor* input(const Form& form, const std::string& name) {
  for (const auto& t : form.inputs)
    if (t.name == name) return &t;
  return nullptr;
}

/// `which`: its number among the form's own, or what it is.
std::string uuid_of(const Definition& d, const std::string& which, std::uint64_t seed) {
  const std::string h = CubinCache::key_of("workload 3\n" + d.op_type + "\n" + d.name + "\n" +
                                           which + "\n" + std::to_string(seed));
  return h.substr(0, 8) + "-" + h.substr(8, 4) + "-4" + h.substr(13, 3) + "-a" + h.substr(17, 3) +
         "-" + h.substr(20, 12);
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

/// Fills an input that the case does not decide; false where random data will do.
bool fill(const Form& form, const Params& params, const TensorSpec& t, const std::string& where,
          HostTensor& h, Random& random) {
  const FormTensor* of = input(form, t.name);
  if (of == nullptr || !of->fill) return false;
  const std::uint64_t bytes = tensor_bytes(h.dtype, h.shape, where);
  if (bytes > std::uint64_t{1} << 30) throw Error("a stored tensor of over 1 GiB", where);
  h.bytes.resize(bytes);
  try {
    of->fill(params, h, random);
  } catch (const Error& e) {
    throw Error(e.what_happened, where);
  }
  return true;
}

/// Throws where an index leaves what the form says of its tensor, which a kernel does not look at.
void check_index(const IndexRule& rule, const HostTensor& t, std::int64_t size,
                 const std::string& name, const std::string& where) {
  const bool offsets = rule.kind == IndexRule::Kind::offsets;
  const std::int64_t least = rule.kind == IndexRule::Kind::count ? 1 : 0,
                     most = rule.kind == IndexRule::Kind::into ? size - 1 : size;
  std::int64_t before = 0;
  for (std::int64_t i = 0, n = t.elements(); i < n; ++i) {
    const auto v = static_cast<std::int64_t>(value_at(t.bytes.data(), t.dtype, i));
    if (v < least || (most >= 0 && v > most) ||
        (offsets && (v < before || (i == 0 && v != 0) || (i + 1 == n && most >= 0 && v != most))))
      throw Error(name + "[" + std::to_string(i) + "] is " + std::to_string(v) +
                      (offsets      ? ", not ascending from 0 to "
                       : least == 1 ? ", not from 1 to "
                                    : ", not from 0 to ") +
                      std::to_string(most),
                  where);
    before = v;
  }
}

void check_indices(const Definition& d, const Form& form, const Workload& w) {
  for (const auto& [name, in] : w.inputs) {
    const FormTensor* t = input(form, name);
    if (t == nullptr || t->index.kind == IndexRule::Kind::none ||
        in.kind != WorkloadInput::Kind::stored || !in.tensor.dtype.starts_with("int"))
      continue;
    const auto fixed = constant(d, t->index.axis);
    const auto it = w.axes.find(t->index.axis);
    check_index(t->index, in.tensor,
                fixed                ? *fixed
                : it != w.axes.end() ? it->second
                                     : -1,
                name, d.name + ": workload " + w.uuid);
  }
}

/// Makes workloads of a form's cases, in their order.
class Maker {
 public:
  Maker(const Definition& d, const Form& form, const Params& params, std::uint64_t seed,
        const WorkloadSizes* sizes)
      : d_(d),
        form_(form),
        params_(params),
        seed_(seed),
        sizes_(sizes),
        random_(seed ^ 0x6b64657800000000ull ^
                std::stoull(CubinCache::key_of(d.name).substr(0, 15), nullptr, 16)) {}

  std::vector<Workload> run() {
    if (!form_.workloads) throw Error("its form has no workloads", d_.name);
    const auto take = [this](WorkloadCase c) { add(std::move(c)); };
    try {
      if (sizes_ != nullptr)
        form_.workloads(params_, *sizes_, random_, take);
      else
        form_.workloads(params_, random_, take);
    } catch (const Error& e) {
      if (!e.where.empty()) throw;
      throw Error(e.what_happened, d_.name);
    }
    return std::move(out_);
  }

 private:
  void add(WorkloadCase c) {
    Workload w;
    w.what = std::move(c.what);
    w.axes = std::move(c.axes);
    w.uuid = uuid_of(d_, sizes_ ? asked_text(w) : std::to_string(out_.size()), seed_);
    for (const auto& [name, size] : w.axes)
      if (!has_var(d_, name)) throw Error("'" + name + "' is not a variable axis", d_.name);
    for (const auto& a : d_.axes)
      if (!a.value && !w.axes.contains(a.name)) w.axes[a.name] = size_of(a.name);
    for (const auto& t : d_.inputs) w.inputs.emplace_back(t.name, input_of(t, w, c));
    out_.push_back(std::move(w));
  }
  static std::string asked_text(const Workload& w) {
    std::string text = "asked: " + w.what;
    for (const auto& [name, size] : w.axes) text += " " + name + "=" + std::to_string(size);
    return text;
  }
  std::int64_t size_of(const std::string& axis) const {
    for (const auto& a : form_.axes)
      if (a.name == axis && a.size) return a.size(params_, out_.size());
    throw Error("no rule gives a size for the axis " + axis, d_.name);
  }
  WorkloadInput input_of(const TensorSpec& t, const Workload& w, WorkloadCase& c) {
    WorkloadInput in;
    if (!t.shape) {
      const FormTensor* of = input(form_, t.name);
      in.kind = WorkloadInput::Kind::scalar;
      in.number = of != nullptr && of->value ? of->value(params_) : 1;
    } else if (auto it = c.tensors.find(t.name); it != c.tensors.end()) {
      in.kind = WorkloadInput::Kind::stored;
      in.tensor = std::move(it->second);
      if (in.tensor.shape != shape_of(d_, w, t) || in.tensor.dtype != t.dtype)
        throw Error("the workload's " + t.name + " has another dtype or shape", d_.name);
    } else if (in.tensor = {t.dtype, shape_of(d_, w, t), ""};
               fill(form_, params_, t, d_.name + ": " + t.name, in.tensor, random_)) {
      in.kind = WorkloadInput::Kind::stored;
    } else if (t.dtype.starts_with("int") && t.dtype != "int8") {  // int8: packed values, any byte
      throw Error("no rule fills the index tensor " + t.name, d_.name);
    }
    return in;
  }

  const Definition& d_;
  const Form& form_;
  const Params& params_;
  std::uint64_t seed_;
  const WorkloadSizes* sizes_;
  Random random_;
  std::vector<Workload> out_;
};

}  // namespace

std::string workload_uuid(const Definition& d, std::size_t index, std::uint64_t seed) {
  return uuid_of(d, std::to_string(index), seed);
}
std::string workloads_file(const Definition& d) {
  return "workloads/" + d.op_type + "/" + d.name + ".jsonl";
}
std::string workload_blob(const Definition& d, const Workload& w) {
  return "blob/workloads/" + d.op_type + "/" + d.name + "/" + d.name + "_" + w.uuid +
         ".safetensors";
}

std::vector<Workload> make_workloads(const Definition& d, const Form& form, const Params& params,
                                     std::uint64_t seed, const WorkloadSizes* sizes) {
  return Maker(d, form, params, seed, sizes).run();
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
  nlohmann::ordered_json line = {
      {"definition", d.name},
      {"workload", {{"uuid", w.uuid}, {"axes", axes}, {"inputs", inputs}}},
      {"solution", nullptr},
      {"evaluation", nullptr}};
  if (!w.what.empty()) line["description"] = w.what;
  return line;
}

Workload workload_from_json(const Definition& d, const Form& form, const nlohmann::ordered_json& j,
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
  check_indices(d, form, w);
  return w;
}

}  // namespace kdex::cuda
