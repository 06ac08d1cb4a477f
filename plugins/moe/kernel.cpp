// Which CUDA kernel computes a definition of this family: none so far.
#include "core/plugin/kernel_authoring.h"
#include "moe.h"

namespace kdex_moe {

kdex::KernelPlan plan(const kdex::Definition& d, const std::string&) {
  if (!d.op_type.starts_with("moe")) return {};
  return kdex::sdk::no_kernel("moe: there is no kernel for this form yet");
}

}  // namespace kdex_moe
