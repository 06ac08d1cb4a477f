// exporters/shared/kernels.h.
#include "exporters/shared/kernels.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <sstream>

namespace kdex::exporters {
namespace {

bool has_tag(const Definition& d, std::string_view tag) {
  return std::find(d.tags.begin(), d.tags.end(), tag) != d.tags.end();
}

/// "bfloat16" of "dtype:bfloat16"; "" where there is no such tag.
std::string tag_value(const Definition& d, const std::string& key) {
  for (const auto& t : d.tags)
    if (t.starts_with(key + ":")) return t.substr(key.size() + 1);
  return "";
}

const Axis* axis_of(const Definition& d, std::string_view name) {
  for (const auto& a : d.axes)
    if (a.name == name) return &a;
  return nullptr;
}

/// 0 where the definition has no such axis, or its size varies.
std::int64_t constant(const Definition& d, std::string_view name) {
  const Axis* a = axis_of(d, name);
  return a == nullptr ? 0 : a->value.value_or(0);
}

const TensorSpec* input_of(const Definition& d, std::string_view name) {
  for (const auto& t : d.inputs)
    if (t.name == name) return &t;
  return nullptr;
}

/// The whole number of a line "NAME = 8" of the reference: what the form has as a constant.
std::int64_t reference_constant(const Definition& d, std::string_view name) {
  std::istringstream lines(d.reference);
  const std::string begin = std::string(name) + " = ";
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(begin)) continue;
    std::int64_t n = 0;
    std::from_chars(line.data() + begin.size(), line.data() + line.size(), n);
    return n;
  }
  return 0;
}

/// The tensor parallel size that an origin leads back to; 0 where it leads to none.
std::int64_t tp_in(const std::vector<Origin>& origins, OriginId id, std::set<OriginId>& seen) {
  if (id == 0 || id >= origins.size() || !seen.insert(id).second) return 0;
  const Origin& o = origins[id];
  if (o.kind == Origin::Kind::deployment && o.text == "tp" && o.has_value) return o.value;
  for (const OriginId input : o.inputs)
    if (const std::int64_t tp = tp_in(origins, input, seen); tp != 0) return tp;
  return 0;
}

/// The tensor parallel size that an axis was divided by; 0 where it is not.
std::int64_t divided_by(const StageDefinition& d, std::string_view axis) {
  const Axis* a = axis_of(d.definition, axis);
  std::set<OriginId> seen;
  return a == nullptr ? 0 : tp_in(d.origins, a->origin, seen);
}

/// Sets the size that tensor parallelism divides, the first of these axes that it does.
void set_split(Kernel& k, const StageDefinition& d,
               std::initializer_list<std::pair<const char*, const char*>> axes) {
  for (const auto& [axis, size] : axes)
    if (const std::int64_t tp = divided_by(d, axis); tp != 0 && k.split.empty())
      k.split = size, k.tp = static_cast<int>(tp);
}

/// What the weight's values are: by the quantization that the tags name and the scales beside it.
std::string values_of(const Definition& d, const std::string& weight) {
  const std::string quantization = tag_value(d, "quantization");
  if (quantization == "nvfp4") return quantization;
  const TensorSpec* t = input_of(d, weight);
  const std::string dtype = t == nullptr ? "" : t->dtype;
  if (dtype.starts_with("float8")) {
    for (const auto& input : d.inputs)
      if (input.name.find("scale") != std::string::npos && input.shape && input.shape->size() >= 2)
        return "fp8_block";
    return "fp8_tensor";
  }
  // The public form has 16-bit layers in float16; what the layer has is in the tags.
  const std::string layer = tag_value(d, "dtype");
  return layer.empty() ? dtype : layer;
}

using Found = std::optional<Kernel>;

Found product(const StageDefinition& s) {
  const Definition& d = s.definition;
  const std::int64_t n = constant(d, "N"), k = constant(d, "K");
  const std::int64_t batch = constant(d, "batch_size");
  if (n == 0 || k == 0) return {};
  Kernel out;
  out.kind = batch > 0 ? Kind::batched_product : Kind::product;
  if (batch > 0) out.sizes = {{"B", batch}};
  out.sizes.emplace_back("N", n);
  out.sizes.emplace_back("K", k);
  set_split(out, s, {{"batch_size", "B"}, {"N", "N"}, {"K", "K"}});
  out.values = values_of(d, input_of(d, "b") != nullptr ? "b" : "B");
  return out;
}

Found experts(const StageDefinition& s) {
  const Definition& d = s.definition;
  const std::int64_t rows = constant(d, "num_weight_rows");
  const std::int64_t held = rows > 0 ? rows : constant(d, "num_local_experts");
  const std::int64_t all = constant(d, "num_experts");
  const std::int64_t shared = constant(d, "num_fused_shared_experts");
  const std::int64_t top_k = constant(d, "top_k");
  Kernel out;
  out.kind = Kind::experts;
  out.sizes = {{"E", held},
               {"experts", all > 0 ? all : held},
               {"hidden", constant(d, "hidden_size")},
               {"intermediate", constant(d, "intermediate_size")},
               {"gate_up", constant(d, "gemm1_out_size")},
               {"top_k", top_k > 0 ? top_k : reference_constant(d, "TOP_K")},
               {"shared", shared}};
  set_split(out, s, {{"intermediate_size", "intermediate"}});
  out.values = values_of(d, "gemm1_weights");
  return out;
}

Found norm(const StageDefinition& s) {
  Kernel out;
  out.kind = Kind::norm;
  out.sizes = {{"N", constant(s.definition, "hidden_size")}};
  out.values = s.definition.inputs.empty() ? "" : s.definition.inputs[0].dtype;
  out.residual = input_of(s.definition, "residual") != nullptr;
  return out;
}

Found rotary(const StageDefinition& s) {
  Kernel out;
  out.kind = Kind::rotary;
  out.sizes = {{"head_dim", constant(s.definition, "head_size")},
               {"rotary_dim", constant(s.definition, "rotary_dim")}};
  out.neighbours = s.definition.name.find("gptj") != std::string::npos;
  return out;
}

Found attention(const StageDefinition& s) {
  const Definition& d = s.definition;
  Kernel out;
  out.kind = Kind::attention;
  out.paged = axis_of(d, "page_size") != nullptr;
  out.prefill = has_tag(d, "stage:prefill");
  out.sinks = input_of(d, "sinks") != nullptr || input_of(d, "sink") != nullptr;
  const std::int64_t latent = constant(d, "head_dim_ckv");
  const std::int64_t head = constant(d, "head_dim");
  if (latent > 0) {
    out.kind = Kind::latent_attention;
    out.sizes = {{"hq", constant(d, "num_qo_heads")},
                 {"hkv", 1},
                 {"dqk", latent + constant(d, "head_dim_kpe")},
                 {"dv", latent}};
  } else {
    out.sizes = {{"hq", constant(d, "num_qo_heads")},
                 {"hkv", constant(d, "num_kv_heads")},
                 {"dqk", head > 0 ? head : constant(d, "qk_dim")},
                 {"dv", head > 0 ? head : constant(d, "vo_dim")}};
  }
  set_split(out, s, {{"num_qo_heads", "hq"}});
  for (const auto& t : d.inputs)
    if (t.name == "k_cache" || t.name == "ckv_cache" || t.name == "k") out.values = t.dtype;
  return out;
}

/// By op type, as the public dataset has them.
Found kernel_of(const StageDefinition& s) {
  static const std::vector<std::pair<std::string, Found (*)(const StageDefinition&)>> readers = {
      {"gemm", product}, {"bmm", product},    {"moe", experts},    {"rmsnorm", norm},
      {"rope", rotary},  {"gqa_", attention}, {"mla_", attention},
  };
  for (const auto& [begin, read] : readers)
    if (s.definition.op_type.starts_with(begin)) return read(s);
  return {};
}

/// "tp8 ep8 ps64" without the page size.
std::string without_pages(const std::string& deployment) {
  std::istringstream words(deployment);
  std::string out;
  for (std::string word; words >> word;) {
    const bool pages = word.size() > 2 && word.starts_with("ps") &&
                       word.find_first_not_of("0123456789", 2) == std::string::npos;
    if (!pages) out += (out.empty() ? "" : " ") + word;
  }
  return out;
}

int tp_of(const std::string& deployment) {
  int tp = 1;
  if (deployment.starts_with("tp"))
    std::from_chars(deployment.data() + 2, deployment.data() + deployment.size(), tp);
  return tp;
}

/// What no step launches, as "checkpoint deployment definition".
std::set<std::string> idle_of(const StageContext& context) {
  std::set<std::string> idle, busy;
  for (const auto& m : context.models) {
    std::set<std::string> here;
    const std::string place = m.record.checkpoint + " " + without_pages(m.record.deployment) + " ";
    for (const auto& [name, what] : m.record.not_launched) here.insert(name);
    for (const auto& name : m.record.definitions)
      (here.contains(name) ? idle : busy).insert(place + name);
  }
  for (const auto& key : busy) idle.erase(key);
  return idle;
}

/// A batched product whose batch no origin explains: one that has a `tp`-th of it elsewhere.
void find_batch_split(std::vector<Kernel>& kernels) {
  for (auto& k : kernels) {
    if (k.kind != Kind::batched_product || !k.split.empty()) continue;
    for (const auto& other : kernels)
      if (other.kind == k.kind && other.checkpoint == k.checkpoint && other.tp != k.tp &&
          other.size("B") * other.tp == k.size("B") * k.tp && other.size("N") == k.size("N") &&
          other.size("K") == k.size("K"))
        k.split = "B";
  }
}

}  // namespace

std::int64_t Kernel::size(std::string_view name) const {
  for (const auto& [key, value] : sizes)
    if (key == name) return value;
  return 0;
}

std::vector<Kernel> kernels_of(const StageContext& context, std::size_t* others) {
  std::vector<Kernel> out;
  const std::set<std::string> idle = idle_of(context);
  for (const auto& d : context.definitions) {
    const Found kernel = kernel_of(d);
    if (!kernel) {
      if (others != nullptr) ++*others;
      continue;
    }
    std::set<std::string> seen;
    for (const auto& met : d.met) {
      Kernel k = *kernel;
      k.definition = &d;
      k.checkpoint = met.checkpoint;
      k.deployment = without_pages(met.deployment);
      const std::string place = k.checkpoint + " " + k.deployment;
      const int tp = tp_of(k.deployment);
      // A weight may be written as it is at tp 1, whatever the deployment.
      if (!k.split.empty() && k.tp != tp) k.deployment = "tp" + std::to_string(k.tp);
      if (k.split.empty()) k.tp = tp;
      if (!seen.insert(k.checkpoint + " " + k.deployment).second) continue;
      k.launched = !idle.contains(place + " " + d.definition.name);
      out.push_back(std::move(k));
    }
  }
  find_batch_split(out);
  return out;
}

Sizes config_of(const StageContext& context, const std::string& checkpoint) {
  std::map<std::string, std::int64_t> found;
  for (const auto& d : context.definitions) {
    if (d.first_met.checkpoint != checkpoint) continue;  // the origins are of another
    for (const auto& o : d.origins)
      if (o.kind == Origin::Kind::config_field && o.has_value) found.emplace(o.text, o.value);
  }
  return {found.begin(), found.end()};
}

std::vector<std::string> checkpoints_of(const std::vector<Kernel>& kernels) {
  std::vector<std::string> out;
  for (const auto& k : kernels)
    if (std::find(out.begin(), out.end(), k.checkpoint) == out.end()) out.push_back(k.checkpoint);
  return out;
}

std::string text_of(const Sizes& sizes) {
  std::string out;
  for (const auto& [name, value] : sizes)
    out += (out.empty() ? "" : " ") + name + "=" + std::to_string(value);
  return out;
}

}  // namespace kdex::exporters
