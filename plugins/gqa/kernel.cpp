// The CUDA kernel of grouped-query attention (kernels/gqa.cu): parts over splits of the keys, then a merge.
#include "core/plugin/kernel_authoring.h"
#include "gqa.h"

namespace kdex_gqa {
namespace sdk = kdex::sdk;

kdex::KernelPlan plan(const kdex::Definition& d, const std::string& arch) {
  if (d.op_type != "gqa_paged" && d.op_type != "gqa_ragged") return {};
  const bool paged = d.op_type == "gqa_paged", prefill = sdk::input(d, "qo_indptr") != nullptr;
  const bool last = sdk::input(d, "kv_last_page_len") != nullptr;
  auto hq = sdk::const_value(d, "num_qo_heads"), hkv = sdk::const_value(d, "num_kv_heads"),
       width = sdk::const_value(d, "head_dim"), page = sdk::const_value(d, "page_size");
  const auto *q = sdk::input(d, "q"), *k = sdk::input(d, paged ? "k_cache" : "k"), *v = sdk::input(d, paged ? "v_cache" : "v");
  const auto* lse = sdk::output(d, "lse");
  if (!hq || !hkv || !width || (paged && !page) || !q || !k || !v || !sdk::output(d, "output") || !lse ||
      !sdk::input(d, "kv_indptr") || !sdk::input(d, "sm_scale") || (paged && !sdk::input(d, "kv_indices")))
    return sdk::no_kernel("gqa: tensors or axes of the form are missing");
  auto dtype = sdk::dtype_constant(q->dtype);
  if (!dtype || k->dtype != q->dtype || v->dtype != q->dtype)
    return sdk::no_kernel("gqa: q, k and v must be all bfloat16 or all float16");
  if (*width % 64 != 0 || *width > 256 || *width == 0)
    return sdk::no_kernel("gqa: head_dim " + sdk::text(*width) + " is not 64, 128, 192 or 256");
  if (*hkv <= 0 || *hq % *hkv != 0)
    return sdk::no_kernel("gqa: num_qo_heads " + sdk::text(*hq) + " is not a multiple of num_kv_heads " + sdk::text(*hkv));
  if (paged && (*page <= 0 || (*page & (*page - 1)) != 0))
    return sdk::no_kernel("gqa: page_size " + sdk::text(*page) + " is not a power of two");
  if (sdk::reference_number(d, "WINDOW_LEFT").value_or(-1) >= 0)
    return sdk::no_kernel("gqa: the kernel takes no sliding window");
  if (sdk::reference_number(d, "LOGIT_CAP").value_or(0) > 0) return sdk::no_kernel("gqa: the kernel caps no logits");

  kdex::KernelPlan p;
  p.available = true;
  const std::string rows = prefill ? "total_q" : "batch_size";
  p.units.push_back({"gqa.cu",
                     "",
                     {{"KDEX_DTYPE", *dtype},
                      {"KDEX_ARCH", sdk::arch_constant(arch)},
                      {"HQ", sdk::text(*hq)},
                      {"HKV", sdk::text(*hkv)},
                      {"D", sdk::text(*width)},
                      {"PAGE", paged ? sdk::text(*page) : "0"},
                      {"PREFILL", prefill ? "1" : "0"},
                      {"LAST", last ? "1" : "0"}},
                     {"gqa_partial", "gqa_merge"}});
  const std::int64_t block_rows = prefill ? 64 : 16, ratio = *hq / *hkv;
  p.values = {{"sequences", "max(1, len_indptr - 1)"},
              {"row_blocks", "ceil_div(" + rows + (prefill ? "" : " / max(1, batch_size)") + " * " + sdk::text(ratio) + ", " +
                                 sdk::text(block_rows) + ")"},
              {"keys", paged ? "num_kv_indices * page_size / sequences" : "total_kv / sequences"},
              // Enough blocks for two a multiprocessor, and 256 keys a block at least.
              {"splits", prefill ? "1" : "max(1, min(min(32, ceil_div(keys, 256)), ceil_div(4 * sms, sequences * num_kv_heads)))"}};
  p.summary = prefill ? "mma.sync, 64 rows a block" : "mma.sync, keys split over blocks, merged";
  p.buffers = {{"part_out", "splits * " + rows + " * num_qo_heads * head_dim * 4", false},
               {"part_lse", "splits * " + rows + " * num_qo_heads * 4", false}};
  kdex::KernelLaunch part;
  part.entry = "gqa_partial";
  part.when = rows + " > 0";
  part.grid = {"row_blocks", "sequences * num_kv_heads", "splits"};
  part.block = "128";
  auto tensor_or_null = [&](bool there, const char* name) {
    return there ? sdk::tensor_argument(name) : sdk::null_argument();
  };
  part.arguments = {sdk::tensor_argument("q"),
                    sdk::tensor_argument(k->name),
                    sdk::tensor_argument(v->name),
                    tensor_or_null(prefill, "qo_indptr"),
                    sdk::tensor_argument("kv_indptr"),
                    tensor_or_null(paged, "kv_indices"),
                    tensor_or_null(last, "kv_last_page_len"),
                    sdk::scalar_argument("sm_scale"),
                    sdk::tensor_argument("part_out"),
                    sdk::tensor_argument("part_lse"),
                    sdk::int_argument(rows),
                    sdk::int_argument("splits")};
  p.launches.push_back(std::move(part));
  kdex::KernelLaunch merge;
  merge.entry = "gqa_merge";
  merge.when = rows + " > 0";
  merge.grid[0] = rows + " * num_qo_heads";
  merge.block = "64";
  merge.arguments = {sdk::tensor_argument("part_out"), sdk::tensor_argument("part_lse"), sdk::tensor_argument("output"),
                     sdk::tensor_argument("lse"), sdk::int_argument(rows + " * num_qo_heads"), sdk::int_argument("splits")};
  p.launches.push_back(std::move(merge));
  return p;
}

}  // namespace kdex_gqa
