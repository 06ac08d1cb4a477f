// The CUDA kernel of RMS normalization: one group of threads holds a row in registers
// (kernels/rmsnorm.cu).
#include <kdex/kernel_authoring.h>

#include "rmsnorm.h"

namespace kdex_rmsnorm {
namespace sdk = kdex::sdk;

kdex::KernelPlan plan(const kdex::Definition& d, const kdex::Chip& chip,
                      const kdex::Tuning& tuning) {
  (void)tuning;
  if (d.op_type != "rmsnorm") return {};
  auto hidden = sdk::const_value(d, "hidden_size");
  const auto *x = sdk::input(d, "hidden_states"), *residual = sdk::input(d, "residual"),
             *w = sdk::input(d, "weight");
  if (!hidden || x == nullptr || w == nullptr || d.outputs.empty())
    return sdk::no_kernel(
        "rmsnorm: the tensors hidden_states, weight and the axis hidden_size are wanted");
  const kdex::TensorSpec* sum = residual && d.outputs.size() == 2 ? &d.outputs[1] : nullptr;
  if (d.outputs.size() > 1 && !sum)
    return sdk::no_kernel("rmsnorm: the second output is not known");
  auto dtype = sdk::dtype_constant(x->dtype);
  if (!dtype || w->dtype != x->dtype || d.outputs[0].dtype != x->dtype ||
      (residual && residual->dtype != x->dtype))
    return sdk::no_kernel("rmsnorm: all tensors must be bfloat16 or all float16");
  if (*hidden <= 0) return sdk::no_kernel("rmsnorm: hidden_size is 0");
  if (*hidden > 65536)
    return sdk::no_kernel("rmsnorm: hidden_size " + sdk::text(*hidden) +
                          " is over 65536 (registers)");
  auto eps = sdk::reference_number(d, "EPS");
  if (!eps || !(*eps > 0)) return sdk::no_kernel("rmsnorm: the reference has no line EPS = number");
  const std::string offset = sdk::reference_constant(d, "WEIGHT_OFFSET");
  const bool gemma = offset == "1.0" || offset == "1";

  // A group is the power of two of threads that leaves each at most two vectors (1024 at most),
  // which are of 16 bytes where rows are aligned to that; where there is a multiprocessor a row,
  // one vector a thread.
  const std::int64_t vectors = *hidden / (*hidden % 8 == 0   ? 8
                                          : *hidden % 4 == 0 ? 4
                                          : *hidden % 2 == 0 ? 2
                                                             : 1);
  std::int64_t many = 8, few = 0;
  while (many < 1024 && many * 2 < vectors) many *= 2;
  if (vectors >= 128 && vectors <= 1024) few = (vectors + 31) / 32 * 32;
  kdex::KernelPlan p;
  p.available = true;
  p.early = chip.is_hopper();
  p.summary =
      sdk::text(many) + " threads a row" + (few ? ", " + sdk::text(few) + " for few rows" : "");
  auto add = [&](std::int64_t group, const std::string& when) {
    const std::int64_t threads = group < 128 ? 128 : group;
    p.units.push_back({"rmsnorm.cu",
                       "",
                       {{"KDEX_DTYPE", *dtype},
                        {"KDEX_ARCH", sdk::arch_constant(chip)},
                        {"HIDDEN", sdk::text(*hidden)},
                        {"EPS", sdk::reference_constant(d, "EPS")},
                        {"FUSED", residual ? "1" : "0"},
                        {"GEMMA", gemma ? "1" : "0"},
                        {"RESIDUAL", sum ? "1" : "0"},
                        {"GROUP", sdk::text(group)}},
                       {"rmsnorm"}});
    kdex::KernelLaunch launch;
    launch.unit = p.units.size() - 1;
    launch.entry = "rmsnorm";
    launch.when = when;
    launch.grid[0] = "ceil_div(batch_size, " + sdk::text(threads / group) + ")";
    launch.block = sdk::text(threads);
    launch.arguments = {sdk::tensor_argument("hidden_states"),
                        residual ? sdk::tensor_argument("residual") : sdk::null_argument(),
                        sdk::tensor_argument("weight"), sdk::tensor_argument(d.outputs[0].name)};
    if (sum) launch.arguments.push_back(sdk::tensor_argument(sum->name));
    launch.arguments.push_back(sdk::int_argument("batch_size"));
    p.launches.push_back(std::move(launch));
  };
  if (few) add(few, "batch_size <= sms");
  add(many, few ? "batch_size > sms" : "");
  return p;
}

}  // namespace kdex_rmsnorm
