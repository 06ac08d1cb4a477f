// export-aiter-shapes: aiter's model_shapes.json, which its model benchmark reads: model, kernel,
// shapes at tp 1 with the size that tensor parallelism divides; and such a file held against what
// is run.
#include <map>
#include <nlohmann/json.hpp>

#include <kdex/error.h>

#include "exporters/shared/table_stage.h"

namespace kdex::exporters {
namespace {

using Json = nlohmann::ordered_json;

/// What each of the file's kernels is, and the sizes that tell its shapes apart.
struct Section {
  const char* name;
  Kind kind;
  std::vector<std::string> sizes;
};

const std::vector<std::string> kProduct = {"N", "K"}, kBatched = {"B", "N", "K"},
                               kExperts = {"E", "Dim1", "Dim2", "TopK"},
                               kHeads = {"hq", "hkv", "dqk", "dv"};

const std::vector<Section>& sections() {
  static const std::vector<Section> all = {
      {"gemm_", Kind::product, kProduct},        {"batched_gemm_", Kind::batched_product, kBatched},
      {"moe_op_gemm_", Kind::experts, kExperts}, {"rmsnorm", Kind::norm, {"N"}},
      {"fused_rms_", Kind::norm, {"N"}},         {"rope", Kind::rotary, {"head_dim"}},
      {"mha", Kind::attention, kHeads},          {"unified_attention", Kind::attention, kHeads},
      {"mla", Kind::latent_attention, kHeads},
  };
  return all;
}

const Section* section_named(const std::string& name) {
  for (const auto& s : sections())
    if (name.starts_with(s.name)) return &s;
  return nullptr;
}

/// The file's kernel that computes one; "" where it has none for these values.
std::string kernel_name(const Kernel& k) {
  static const std::map<std::string, std::string> products = {
      {"bfloat16", "gemm_a16w16"},
      {"float16", "gemm_a16w16"},
      {"fp8_block", "gemm_a8w8_blockscale"},
      {"fp8_tensor", "gemm_a8w8_per_token_scale"}};
  static const std::map<std::string, std::string> experts = {
      {"fp8_block", "moe_op_gemm_a8w8_blockscale"}, {"fp8_tensor", "moe_op_gemm_a8w8"}};
  const auto found = [&](const std::map<std::string, std::string>& names) {
    const auto it = names.find(k.values);
    return it == names.end() ? std::string() : it->second;
  };
  switch (k.kind) {
    case Kind::product:
      return found(products);
    case Kind::batched_product:
      return "";
    case Kind::experts:
      return found(experts);
    case Kind::norm:
      return "rmsnorm";
    case Kind::rotary:
      return "rope";
    case Kind::attention:
      return k.paged ? "unified_attention" : "mha";
    case Kind::latent_attention:
      return k.prefill ? "" : "mla";
  }
  return "";
}

/// The sizes in the file's words.
Sizes file_sizes(const Kernel& k) {
  switch (k.kind) {
    case Kind::experts:
      // Routed ones, without those that share every token; both halves of gate and up.
      return {{"E", k.size("E") - k.size("shared")},
              {"Dim1", k.size("hidden")},
              {"Dim2", k.size("gate_up")},
              {"TopK", k.size("top_k")}};
    case Kind::rotary:
      return {{"head_dim", k.size("head_dim")}};
    default:
      return k.sizes;
  }
}

/// The heads that a rotary embedding turns: those of an attention of the same checkpoint.
const Kernel* attention_beside(const std::vector<Kernel>& kernels, const Kernel& rotary) {
  for (const auto& k : kernels)
    if ((k.kind == Kind::attention || k.kind == Kind::latent_attention) &&
        k.checkpoint == rotary.checkpoint && k.deployment == rotary.deployment)
      return &k;
  return nullptr;
}

Json shape_of(const Kernel& k, const std::vector<Kernel>& kernels) {
  Json out = Json::object();
  if (const Kernel* a = k.kind == Kind::rotary ? attention_beside(kernels, k) : nullptr) {
    out["num_heads"] = a->size("hq");
    out["num_kv_heads"] = a->size("hkv");
  }
  for (const auto& [name, value] : file_sizes(k)) out[name] = value;
  if (k.kind == Kind::product) out["TP_dim"] = k.split.empty() ? Json() : Json(k.split);
  if (k.kind == Kind::rotary) {
    out["two_inputs"] = "true";
    out["positions"] = "true";
    out["rotate_style"] = k.neighbours ? "gptj" : "neox";
  }
  if (k.sinks) out["sink"] = true;
  return out;
}

class AiterShapes : public TableStage {
 protected:
  std::string form() const override { return "aiter-shapes"; }
  std::string summary() const override {
    return "write aiter's model_shapes.json: shapes at tp 1 by model and kernel";
  }
  void write(const StageContext&, const std::vector<Kernel>& kernels,
             StageResult& result) const override {
    Json out = Json::object();
    std::vector<Kernel> others;
    bool sharded = false;
    for (const auto& k : kernels) {
      if (k.tp != 1) {
        sharded = true;
        continue;
      }
      const std::string name = kernel_name(k);
      if (name.empty()) {
        others.push_back(k);
        continue;
      }
      Json& shapes = out[k.checkpoint][name];
      Json shape = shape_of(k, kernels);
      if (std::find(shapes.begin(), shapes.end(), shape) == shapes.end())
        shapes.push_back(std::move(shape));
    }
    if (out.empty() && sharded)
      result.errors.push_back("the form has shapes of tp 1; no deployment of the dataset is");
    if (!others.empty())
      result.notes.push_back(left_out(others, "for which this file has no kernel"));
    if (!out.empty())
      result.files.push_back({"exports/aiter/model_shapes.json", out.dump(4) + "\n"});
  }

  bool reads() const override { return true; }
  bool of_whole_model() const override { return true; }
  Table read(const std::string& path, const StageContext& context) const override {
    const Json all = Json::parse(text_of_file(path), nullptr, false);
    if (!all.is_object()) throw Error("expected an object of models", path);
    std::vector<std::string> names;
    for (const auto& [name, kernels] : all.items()) names.push_back(name);
    Table out;
    out.name = part_for(names, context.options.text("part"),
                        context.models.empty() ? "" : context.models[0].checkpoint.name);
    if (!all[out.name].is_object()) throw Error("expected an object of kernels", path);
    for (const auto& [kernel, shapes] : all[out.name].items()) {
      const Section* section = section_named(kernel);
      if (section == nullptr || !shapes.is_array()) continue;
      for (const auto& shape : shapes) add_row(out.rows, row_of(*section, kernel, shape, path));
    }
    return out;
  }
  std::vector<Row> rows(const std::vector<Kernel>& kernels, const StageContext&) const override {
    std::vector<Row> out;
    for (const auto& k : kernels) {
      Row row = product_row(k);
      row.sizes = file_sizes(k);
      add_row(out, std::move(row));
    }
    return out;
  }

 private:
  static Row row_of(const Section& section, const std::string& kernel, const Json& shape,
                    const std::string& path) {
    Row row{.kind = section.kind, .section = kernel};
    for (const auto& name : section.sizes) {
      const auto it = shape.find(name);
      if (it == shape.end() || !it->is_number_integer())
        throw Error("expected the number '" + name + "' in a shape of " + kernel, path);
      row.sizes.emplace_back(name, it->get<std::int64_t>());
    }
    return row;
  }
};

}  // namespace
}  // namespace kdex::exporters

KDEX_STAGE(kdex::exporters::AiterShapes)
