// Facts that the family rests on: which of the engine's classes compute which normalization, and
// the eps of the dataset's definitions. Data only.
#pragma once

#include <string_view>

namespace kdex_rmsnorm {

enum class Formula {
  plain,        // y = x / rms(x) * w
  gemma,        // y = x / rms(x) * (1 + w)
  scale_shift,  // by the attribute scale_shift: 0 -> plain, 1 -> gemma
  other,        // an RMS normalization with more to it: named in a note
};

struct NormClass {
  std::string_view name;    // bare class name
  std::string_view module;  // its module ends with this; "" for any
  Formula formula;
  bool residual;            // its layers take a residual in the model's blocks
  std::string_view remark;  // what `other` adds
};

// Looked up along the MRO, the nearest class first. sglang/srt/layers/layernorm.py holds RMSNorm
// (:458), GemmaRMSNorm (:1103), Gemma3RMSNorm (:1314), Gemma4RMSNorm (:1391) and
// RMSNormWithoutScale (:1477) of release 0.5.23; Gemma-4's blocks add the residual beside the norm
// (models/gemma4_causal.py:723).
inline constexpr NormClass norm_classes[] = {
    {"GemmaRMSNorm", "layers.layernorm", Formula::gemma, true, ""},
    {"Gemma3RMSNorm", "layers.layernorm", Formula::gemma, true, ""},
    {"Gemma4RMSNorm", "layers.layernorm", Formula::scale_shift, true, ""},
    {"Gemma3nRMSNorm", "", Formula::plain, false, ""},
    {"Glm4vRMSNorm", "", Formula::plain, false, ""},
    {"RMSNormWithoutScale", "layers.layernorm", Formula::plain, false, ""},
    {"RMSNorm", "layers.layernorm", Formula::plain, true, ""},
    {"RMSNorm", "torch.nn.modules.normalization", Formula::plain, false, ""},
    {"RMSNorm", "models.dots_vlm_vit", Formula::plain, false, ""},
    {"RMSNorm", "inkling_common.norm", Formula::plain, false, ""},
    {"Mistral3RMSNorm", "", Formula::plain, false, ""},
    {"RMSNorm", "layernorm_gated", Formula::other, false, "it multiplies by an activated gate"},
    {"FusedRMSNormGated", "", Formula::other, false, "it multiplies by an activated gate"},
    {"Mixer2RMSNormGated", "", Formula::other, false, "it multiplies by an activated gate"},
    {"GigaChat35GatedRMSNorm", "", Formula::other, false, "it multiplies by a gate"},
    {"GroupedGemmaRMSNorm", "", Formula::other, false, "it normalizes groups of a row"},
    {"XllmGroupRMSNorm", "", Formula::other, false, "it normalizes groups of a row"},
    {"Qwen4ExpPLEGroupedNorm", "", Formula::other, false, "it normalizes groups of a row"},
    {"MultiHeadRMSNorm", "", Formula::other, false, "it has a weight row for each head"},
};

/// The eps of the public dataset's definition of a width; its name carries no eps. The second row
/// holds widths of models that the dataset's tags name (Llama-3.1-70B, Mixtral-8x22B) and of no
/// other of its models; the third those that public models have with this eps only (gpt-oss,
/// Mistral Large, Llama-3.1-405B).
struct DatasetEps {
  int hidden_size;
  double eps;
};
inline constexpr DatasetEps dataset_eps[] = {
    {128, 1e-6},  {1536, 1e-6}, {3072, 1e-6}, {4096, 1e-5}, {5120, 1e-6},  {5376, 1e-6},
    {7168, 1e-6}, {8192, 1e-5}, {6144, 1e-5}, {2880, 1e-5}, {12288, 1e-5}, {16384, 1e-5},
};
/// The eps whose definition goes without a suffix where the dataset has no definition of the width.
inline constexpr double default_eps = 1e-6;

}  // namespace kdex_rmsnorm
