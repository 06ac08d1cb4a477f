// Tensors as safetensors files.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <kdex/tensor.h>

namespace kdex::cuda {

using kdex::dtype_bytes;
using kdex::fill_random;
using kdex::HostTensor;
using kdex::Random;
using kdex::set_value;
using kdex::tensor_bytes;
using kdex::value_at;

/// Bytes of a safetensors file with these tensors, in this order.
std::string to_safetensors(const std::vector<std::pair<std::string, HostTensor>>& tensors);
/// One tensor of such a file. Throws kdex::Error where the file is none or lacks the key.
HostTensor from_safetensors(const std::string& bytes, const std::string& key,
                            const std::string& where);

}  // namespace kdex::cuda
