// The kernels of grouped-query attention (kernels/gqa). Decode: KV splits, then a combine. Prefill:
// one pass over a sequence's keys for each block of query rows. A head of a multiple of 16 up to
// 256 has kernels of its own (in prefill without wgmma: 64, 128, 192 and 256); every other size up
// to 512 takes one that shares a row's columns among the warps (384 and 512 another for prefill on
// sm_90a). A cache of e4m3 has a kernel of its own in decode; the others take it as 16 bits, which
// a launch before them makes.
#include <cmath>
#include <limits>

#include <kdex/authoring.h>

#include "gqa.h"
#include "plugins/shared/attention_plan.h"

namespace kdex_gqa {
namespace sdk = kdex::sdk;

kdex::KernelPlan plan(const kdex::Params& params, const Kind& kind, const kdex::Chip& chip,
                      const kdex::Tuning& tuning) {
  const std::int64_t hq = params.integer("num_qo_heads"), hkv = params.integer("num_kv_heads"),
                     width = params.integer("head_dim"),
                     page = kind.paged ? params.integer("page_size") : 0;
  if (!sdk::dtype_constant(params.text("dtype")))
    return sdk::no_kernel("gqa: q, k and v must be all bfloat16 or all float16");
  if (width > 512 || width <= 0)
    return sdk::no_kernel("gqa: head_dim " + sdk::text(width) + " is not 1 to 512");
  if (hkv <= 0 || hq % hkv != 0)
    return sdk::no_kernel("gqa: num_qo_heads " + sdk::text(hq) +
                          " is not a multiple of num_kv_heads " + sdk::text(hkv));
  if (kind.paged && (page <= 0 || (page & (page - 1)) != 0))
    return sdk::no_kernel("gqa: page_size " + sdk::text(page) + " is not a power of two");
  const std::int64_t window = params.integer("window_left");
  const double cap = params.real("logit_cap");
  if (window > std::numeric_limits<std::int32_t>::max() || !std::isfinite(cap))
    return sdk::no_kernel("gqa: no kernel takes this window or cap of the logits");

  kdex_shared::Attention a;
  a.dtype = params.text("dtype");
  a.qo_heads = hq, a.kv_heads = hkv, a.qk_dim = width, a.vo_dim = width;
  a.page = page;
  a.prefill = kind.prefill;
  a.last_page_len = kind.last_page;
  a.window_left = std::max<std::int64_t>(window, -1);
  if (cap > 0) a.logit_cap = sdk::python_float(cap);
  if (kind.sinks) {
    const std::string& dtype = params.text("sinks_dtype");
    const auto constant = kdex_shared::sinks_constant(dtype);
    if (!constant) return sdk::no_kernel("gqa: no kernel takes sinks of " + dtype);
    a.sinks = *constant;
  }
  a.fp8_cache = kind.fp8_cache, a.fp8_queries = kind.fp8_queries;
  if (kind.paged) a.k = "k_cache", a.v = "v_cache";
  kdex::KernelPlan p;
  p.available = true;
  p.programmatic_launch = chip.is_hopper();
  kdex_shared::AttentionPlanner(p, a, chip, tuning).add();
  return p;
}

}  // namespace kdex_gqa
