// Tensors that workloads keep in files: whether a safetensors file has one, of the right shape.
// Reads the file's header only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kdex {

/// What is wrong with the tensor `key` of <dataset>/<path>, in the words of FlashInfer-Bench's
/// validator; "" where nothing is. `shape`: what it must have; unset: any.
std::string blob_problem(const std::string& dataset, const std::string& path,
                         const std::string& key,
                         const std::optional<std::vector<std::int64_t>>& shape);

}  // namespace kdex
