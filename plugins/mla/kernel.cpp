// Which CUDA kernel computes a definition of this family: none so far.
#include "core/plugin/kernel_authoring.h"
#include "mla.h"

namespace kdex_mla {

kdex::KernelPlan plan(const kdex::Definition& d, const std::string&) {
  if (!d.op_type.starts_with("mla")) return {};
  return kdex::sdk::no_kernel("mla: there is no kernel for this form yet");
}

}  // namespace kdex_mla
