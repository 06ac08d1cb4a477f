// The CUDA kernel of RMS normalization: one group of threads holds a row in registers
// (kernels/rmsnorm).
#include <algorithm>

#include <kdex/kernel_authoring.h>

#include "rmsnorm.h"

namespace kdex_rmsnorm {
namespace sdk = kdex::sdk;

kdex::KernelPlan plan(const kdex::Params& params, bool fused, bool residual_out,
                      const kdex::Chip& chip, const kdex::Tuning& tuning) {
  const std::int64_t hidden = params.integer("hidden_size");
  const double eps = params.real("eps");
  const auto dtype = sdk::dtype_constant(params.text("dtype"));
  const bool float_weight = params.text("weight_dtype") == "float32";
  if (!dtype || (params.text("weight_dtype") != params.text("dtype") && !float_weight))
    return sdk::no_kernel(
        "rmsnorm: rows must be bfloat16 or float16, the weight of their dtype or float32");
  if (hidden <= 0) return sdk::no_kernel("rmsnorm: hidden_size is 0");
  if (hidden > 65536)
    return sdk::no_kernel("rmsnorm: hidden_size " + sdk::text(hidden) +
                          " is over 65536 (registers)");
  if (!(eps > 0)) return sdk::no_kernel("rmsnorm: eps must be greater than 0");

  // A group is the power of two of threads that leaves each at most two vectors (1024 at most),
  // which are of 16 bytes where rows are aligned to that; where there is a multiprocessor a row,
  // one vector a thread.
  const std::int64_t vectors = hidden / (hidden % 8 == 0   ? 8
                                         : hidden % 4 == 0 ? 4
                                         : hidden % 2 == 0 ? 2
                                                           : 1);
  std::int64_t many = 8, few = 0;
  while (many < 1024 && many * 2 < vectors) many *= 2;
  if (vectors >= 128 && vectors <= 1024) few = (vectors + 31) / 32 * 32;
  if (const auto group = tuning.number("THREADS_PER_ROW"))
    many = std::max<std::int64_t>(1, *group), few = 0;
  kdex::KernelPlan p;
  p.available = true;
  p.programmatic_launch = chip.is_hopper();
  p.summary =
      sdk::text(many) + " threads a row" + (few ? ", " + sdk::text(few) + " for few rows" : "");
  const kdex::Expr batch_size = kdex::axis("batch_size");
  auto add = [&](std::int64_t group, const kdex::BoolExpr& when) {
    const std::int64_t threads = std::max<std::int64_t>(128, group);
    sdk::Constants constants = {{"KDEX_DTYPE", *dtype},
                                {"HIDDEN_SIZE", sdk::text(hidden)},
                                {"EPS", sdk::python_float(eps)},
                                {"FUSED_ADD", fused ? "1" : "0"},
                                {"GEMMA", params.flag("gemma") ? "1" : "0"},
                                {"RESIDUAL_OUTPUT", residual_out ? "1" : "0"},
                                {"THREADS_PER_ROW", sdk::text(group)}};
    if (float_weight) constants.emplace_back("FLOAT_WEIGHT", "1");
    auto& l = sdk::add_launch(
        p, sdk::add_unit(p, "rmsnorm/rmsnorm.cu", "rmsnorm", std::move(constants)), when);
    l.grid[0] = ceil_div(batch_size, threads / group);
    l.block = threads;
    l.arguments = {sdk::tensor_argument("hidden_states"),
                   fused ? sdk::tensor_argument("residual") : sdk::null_argument(),
                   sdk::tensor_argument("weight"), sdk::tensor_argument("output")};
    if (residual_out) l.arguments.push_back(sdk::tensor_argument("residual_out"));
    l.arguments.push_back(sdk::int_argument(batch_size));
  };
  if (few) add(few, batch_size <= kdex::device_sms());
  add(many, few ? batch_size > kdex::device_sms() : kdex::BoolExpr());
  return p;
}

}  // namespace kdex_rmsnorm
