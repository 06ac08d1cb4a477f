// The texts of CUDA kernels and the headers that they include. Knows no kernel and no family.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace kdex::cuda {

/// Texts of .cu and .cuh files by their path below the kernels' folder: "gemm/tma.cu",
/// "device/copy.cuh".
using KernelTexts = std::map<std::string, std::string>;

/// Every .cu and .cuh below `folder`. Throws kdex::Error where there is none.
KernelTexts read_kernels(const std::string& folder);

/// The headers that `text`, the file `path`, includes with quotes, directly or through others: each
/// once, before those that include it. A name is looked up beside the file that includes it; files
/// that are not among `texts` are left out.
std::vector<std::string> included_headers(const KernelTexts& texts, const std::string& path,
                                          const std::string& text);

}  // namespace kdex::cuda
