// Facts that the family rests on: the eps of the dataset's definitions. Data only.
#pragma once

namespace kdex_rmsnorm {

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
