// export-model-configs: the model_configs.json of Triton's and aiter's kernel benchmarks: sizes of
// whole models, from the config fields that the definitions' sizes come from.
#include <nlohmann/json.hpp>

#include "exporters/shared/table_stage.h"

namespace kdex::exporters {
namespace {

using Json = nlohmann::ordered_json;

/// The file's key, and the config fields that it may stand for, the first that is there.
const std::vector<std::pair<std::string, std::vector<std::string>>>& fields() {
  static const std::vector<std::pair<std::string, std::vector<std::string>>> all = {
      {"num_attention_heads", {"num_attention_heads"}},
      {"num_key_value_heads", {"num_key_value_heads"}},
      {"head_dim", {"head_dim"}},
      {"hidden_size", {"hidden_size"}},
      {"intermediate_size", {"intermediate_size"}},
      {"moe_intermediate_size", {"moe_intermediate_size"}},
      {"vocab_size", {"vocab_size"}},
      {"num_expert", {"n_routed_experts", "num_experts", "num_local_experts"}},
      {"top_k", {"num_experts_per_tok", "top_k_experts"}},
  };
  return all;
}

/// A field of the config itself, or of its part for text.
const std::int64_t* field_of(const Sizes& config, const std::string& name) {
  for (const auto& begin : {std::string(), std::string("text_config.")})
    for (const auto& [key, value] : config)
      if (key == begin + name) return &value;
  return nullptr;
}

class ModelConfigs : public TableStage {
 protected:
  std::string form() const override { return "model-configs"; }
  std::string summary() const override {
    return "write the model_configs.json of Triton's kernel benchmarks: sizes of whole models";
  }
  void write(const StageContext& context, const std::vector<Kernel>& kernels,
             StageResult& result) const override {
    Json out = Json::object();
    for (const auto& checkpoint : checkpoints_of(kernels)) {
      const Sizes config = config_of(context, checkpoint);
      Json sizes = Json::object();
      for (const auto& [key, names] : fields())
        for (const auto& name : names) {
          const std::int64_t* value = field_of(config, name);
          if (value != nullptr && !sizes.contains(key)) sizes[key] = *value;
        }
      const auto slash = checkpoint.rfind('/');
      const std::string owner = slash == std::string::npos ? "" : checkpoint.substr(0, slash);
      if (!sizes.empty())
        out[owner.empty() ? checkpoint : owner]
           [slash == std::string::npos ? "default" : checkpoint.substr(slash + 1)] = sizes;
    }
    if (out.empty())
      result.errors.push_back("no size of the dataset leads back to a config field");
    else
      result.files.push_back({"exports/model-configs/model_configs.json", out.dump(2) + "\n"});
  }
};

}  // namespace
}  // namespace kdex::exporters

KDEX_STAGE(kdex::exporters::ModelConfigs)
